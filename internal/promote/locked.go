package promote

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

// lockedError says that somebody else changes the stack. Nothing was deployed then.
type lockedError struct{ stack string }

func (e *lockedError) Error() string {
	return fmt.Sprintf("change %s: somebody else does at the moment, and holds its lock; wait until they have "+
		"finished, and start again. "+
		"A lock that an interrupted deploy has left is given back with: pulumi cancel --stack %[1]s", e.stack)
}

// unlocked looks for a lock where the state is, since a preview passes one by and the release would
// be committed before the deploy meets it. A state that lies elsewhere than in S3 is not looked at:
// the deploy says so then, and the commit is taken back.
func (p *promotion) unlocked(ctx context.Context) error {
	state, err := url.Parse(os.Getenv("PULUMI_BACKEND_URL"))
	if err != nil || state.Scheme != "s3" {
		return nil //nolint:nilerr // the deploy will say what is wrong with it
	}
	raw, err := p.Output(ctx, "aws", "s3api", "list-objects-v2", "--bucket", state.Host,
		"--prefix", ".pulumi/locks/organization/"+names.Project+"/"+p.stack+"/", "--query", "Contents[].Key",
		"--output", "text")
	if err != nil {
		return err
	}
	if found := strings.TrimSpace(string(raw)); found != "" && found != "None" {
		return command.Exit(exitLocked, &lockedError{p.stack})
	}
	return nil
}

// search passes on what is written, and looks for a text in it. Pulumi writes such a text in one
// piece or breaks it anywhere, so the end of what came before is kept.
type search struct {
	out   io.Writer
	text  string
	tail  []byte
	found bool
}

func (s *search) Write(piece []byte) (int, error) {
	s.tail = append(s.tail, piece...)
	s.found = s.found || bytes.Contains(s.tail, []byte(s.text))
	s.tail = append([]byte(nil), s.tail[max(0, len(s.tail)-len(s.text)):]...)
	return s.out.Write(piece)
}
