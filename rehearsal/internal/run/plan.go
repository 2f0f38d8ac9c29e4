package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
)

// Plan writes the plan of a stack to a file, as `pulumi preview --json` prints it with every step.
// deployed says whether the stack is deployed first: its plan then shows what the clouds computed,
// and no change. Otherwise it is a new stack's. With Options.Kept it is that of the stack that an
// earlier run kept.
func Plan(ctx context.Context, o Options, c *console.Console, deployed bool, path string) (err error) {
	begin := Start
	if o.Kept {
		begin = Resume
	}
	r, err := begin(ctx, o, c)
	if r == nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(ctx)) }()
	if err != nil {
		return err
	}
	switch {
	case o.Kept: // it is up, and has images
	case deployed:
		err = r.ComeUp(ctx)
	default:
		err = r.NameImages(ctx)
	}
	if err != nil {
		return err
	}
	raw, err := r.Preview(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return fmt.Errorf("write the plan of %s: %w", r.Stack, err)
	}
	c.Line("Plan of %s: %s", r.Stack, path)
	return nil
}

// Preview is the plan of the stack as JSON, with every step. One that fails has the reasons among
// its diagnostics, and is returned beside the error.
func (r *Rehearsal) Preview(ctx context.Context) ([]byte, error) {
	raw, err := r.Engine.Output(ctx, "preview", "--json", "--show-sames", "--show-replacement-steps")
	if err != nil {
		return raw, errors.Join(fmt.Errorf("preview %s: %w%s", r.Stack, err, refusals(raw)), r.pluginErrors())
	}
	return raw, nil
}

// refusals are the errors in a plan that failed: with --json the CLI says nothing of them
// elsewhere. They are empty for what is no plan.
func refusals(plan []byte) string {
	var said struct {
		Diagnostics []struct{ Severity, Message string }
	}
	if err := json.Unmarshal(plan, &said); err != nil {
		return ""
	}
	var lines strings.Builder
	for _, one := range said.Diagnostics {
		if one.Severity == "error" {
			lines.WriteString("\n" + strings.TrimSpace(one.Message))
		}
	}
	return lines.String()
}
