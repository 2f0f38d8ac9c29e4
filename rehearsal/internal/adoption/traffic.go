package adoption

import (
	"errors"
	"fmt"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// Passage is what became of requests and log-ins while operations went on.
type Passage struct {
	harness.Counts
	LogIns int // of tasks, one for each running task at each event
}

// paths are one of each service.
var paths = []string{"/some/page", "/api/bookmarks"}

// pass goes through an operation of a stage again, under a stream of requests and with tasks that
// log in. Until the distribution sends the secret header none of the requests has it; while the
// edges learn of it some have; and from the stage close on all of them do. migrated says that the
// migration of stage move has run.
func (p *Passage) pass(
	stage adopted.Stage, migrated bool, before, after []*cloud.Object, timeline []engine.Event,
) error {
	var headers []map[string]string
	if stage != adopted.Close {
		headers = append(headers, nil)
	}
	sent := sentHeader(after)
	switch {
	case len(sent) > 0:
		headers = append(headers, sent)
	case stage == adopted.Close:
		return errors.New("the distribution sends no secret header in stage close")
	}
	var requests []traffic.Request
	for _, path := range paths {
		for _, with := range headers {
			requests = append(requests, traffic.Request{Path: path, Headers: with})
		}
	}
	counts := harness.Stream{Requests: requests}.Replay(before, after, timeline)
	p.Counts.Add(counts)
	if counts.Failed > 0 {
		return fmt.Errorf("%d of %d requests failed: %v", counts.Failed, counts.Sent, counts.Why)
	}
	logIns, err := moments(before, after, timeline, migrated)
	p.LogIns += logIns
	return err
}

// sentHeader is the secret header that the distribution sends to its origins; empty for none.
func sentHeader(objects []*cloud.Object) map[string]string {
	sent := map[string]string{}
	for _, o := range objects {
		if o.Type != catalog.Distribution {
			continue
		}
		for _, origin := range provider.Values(o.Outputs).Objects("origins") {
			for _, header := range origin.Objects("customHeaders") {
				sent[header.Text("name")] = header.Text("value")
			}
		}
	}
	return sent
}

// add adds what another operation brought.
func (p *Passage) add(other Passage) {
	p.Counts.Add(other.Counts)
	p.LogIns += other.LogIns
}
