package adoption

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/rollout"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// Traffic is what became of the requests of a stage.
type Traffic struct {
	Sent, Failed, Seconds int
	Why                   []string
}

// paths are one of each service.
var paths = []string{"/some/page", "/api/bookmarks"}

// traffic goes through a stage again under a stream of requests. Until the distribution sends the
// secret header none of them has it; while the edges learn of it some have; and from the stage
// close on all of them do.
func (d *drill) traffic(stage adopted.Stage, before, after []*cloud.Object, timeline []engine.Event) (Traffic, error) {
	var headers []map[string]string
	if stage != adopted.Close {
		headers = append(headers, nil)
	}
	if stage != adopted.Take {
		sent := sentHeader(after)
		if len(sent) == 0 {
			return Traffic{}, fmt.Errorf("the distribution sends no secret header after stage %s", stage)
		}
		headers = append(headers, sent)
	}
	var requests []traffic.Request
	for _, path := range paths {
		for _, with := range headers {
			requests = append(requests, traffic.Request{Path: path, Headers: with})
		}
	}
	counts := rollout.Stream{Requests: requests}.Replay(before, after, timeline)
	t := Traffic{Sent: counts.Sent, Failed: counts.Failed, Seconds: counts.Seconds, Why: counts.Why}
	if t.Failed > 0 {
		return t, fmt.Errorf("%d of %d requests failed: %v", t.Failed, t.Sent, t.Why)
	}
	return t, nil
}

// sentHeader is the secret header that the distribution sends to its origins.
func sentHeader(objects []*cloud.Object) map[string]string {
	sent := map[string]string{}
	for _, o := range objects {
		if o.Type != "aws:cloudfront/distribution:Distribution" {
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
