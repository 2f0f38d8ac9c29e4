package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// newStream sends requests to a path of each rule of the load balancer, with the header that
// CloudFront sends.
func newStream(objects []*cloud.Object) harness.Stream {
	var s harness.Stream
	for _, rule := range objects {
		if rule.Type != traffic.RuleType {
			continue
		}
		request := traffic.Request{Headers: map[string]string{}}
		for _, condition := range provider.Values(rule.Outputs).Objects("conditions") {
			if paths := condition.Object("pathPattern").Texts("values"); len(paths) > 0 {
				request.Path = strings.ReplaceAll(paths[0], "*", "some/page")
			}
			if header := condition.Object("httpHeader"); len(header.Texts("values")) > 0 {
				request.Headers[header.Text("httpHeaderName")] = header.Texts("values")[0]
			}
		}
		s.Requests = append(s.Requests, request)
	}
	return s
}

// scaled are the types whose writes change a scalable target.
var scaled = []string{catalog.ScalingTarget, catalog.ScalingPolicy, catalog.ScheduledAction}

// inTurn fails when two writes to one scalable target overlap: Application Auto Scaling refuses the
// second with ConcurrentUpdateException. objects are those before and after the operation.
func inTurn(timeline []engine.Event, objects ...[]*cloud.Object) error {
	targets := map[string]string{} // the service that is scaled, by the URN of what is written
	for _, some := range objects {
		for _, o := range some {
			if slices.Contains(scaled, o.Type) {
				targets[o.URN] = o.Text("resourceId")
			}
		}
	}
	writing := map[string]string{} // what is being written, by its target
	for _, event := range timeline {
		target := targets[event.URN]
		other := writing[target]
		switch {
		case target == "" || event.Op == "replace":
		case event.Done:
			delete(writing, target)
		case other != "":
			return fmt.Errorf("ConcurrentUpdateException: %s is written while %s is", event.URN, other)
		default:
			writing[target] = event.URN
		}
	}
	return nil
}
