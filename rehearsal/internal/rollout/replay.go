package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// What every second brings, to each of the paths: quick requests, and one that takes as long as
// CloudFront waits.
const (
	quickRequests = 4
	slowSeconds   = 30
	// startSeconds is how long a task takes until it answers.
	startSeconds = 40
	// patience is how many seconds a deployment may take, an hour.
	patience = 3600
)

// followed are the types that traffic depends on.
var followed = []string{
	traffic.ServiceType, traffic.RuleType, traffic.ListenerType, traffic.GroupType, traffic.BalancerType,
	traffic.IngressType, traffic.EgressType,
}

// Stream is a steady stream of requests: each of them is sent every second, several times quickly
// and once slowly.
type Stream struct{ Requests []traffic.Request }

// newStream sends requests to a path of each rule of the load balancer, with the header that
// CloudFront sends.
func newStream(objects []*cloud.Object) Stream {
	var s Stream
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

// Counts are what became of the requests of an operation.
type Counts struct {
	Sent, Failed int
	Seconds      int      // on the model's clock, until everything was steady
	Why          []string // what failed, each reason once
}

func (c *Counts) add(answer traffic.Answer) {
	if answer.Status == 200 {
		return
	}
	c.Failed++
	if why := fmt.Sprintf("%d, %s", answer.Status, answer.Why); !slices.Contains(c.Why, why) {
		c.Why = append(c.Why, why)
	}
}

// Replay goes through an operation again. Each resource changes once in it, so what the cloud was
// in between follows from the order of the events. ECS starts a deployment when the change of a
// service begins; the change ends when it is steady, since the program waits for that.
func (s Stream) Replay(before, after []*cloud.Object, timeline []engine.Event) Counts {
	was, is := byURN(before), byURN(after)
	w := traffic.New(slices.Collect(follow(before)), startSeconds)
	var c Counts
	s.second(w, &c)
	for _, event := range timeline {
		old, changed := was[event.URN], is[event.URN]
		if old == nil && changed == nil {
			continue // of no type that is followed
		}
		service := changed != nil && changed.Type == traffic.ServiceType
		switch event.Op {
		case "delete", "delete-replaced":
			if event.Done && old != nil {
				w.Remove(old.Key)
			}
		case "create", "create-replacement", "update":
			if changed == nil {
				continue // it failed
			}
			if event.Done != service {
				w.Put(changed)
			}
			for range patience {
				if !event.Done || !service || w.Steady(changed.Key) {
					break
				}
				s.second(w, &c)
			}
		default:
			continue
		}
		s.second(w, &c)
	}
	for range slowSeconds + 1 { // what was begun ends
		s.second(w, &c)
	}
	c.Seconds = w.Now
	return c
}

func (s Stream) second(w *traffic.World, c *Counts) {
	for _, request := range s.Requests {
		for i := range quickRequests + 1 {
			if i == quickRequests {
				request.Seconds = slowSeconds
			}
			c.Sent++
			if answer, done := w.Send(request); done {
				c.add(answer)
			}
		}
	}
	for _, answer := range w.Tick() {
		c.add(answer)
	}
}

func follow(objects []*cloud.Object) func(yield func(*cloud.Object) bool) {
	return func(yield func(*cloud.Object) bool) {
		for _, o := range objects {
			if slices.Contains(followed, o.Type) && !yield(o) {
				return
			}
		}
	}
}

func byURN(objects []*cloud.Object) map[string]*cloud.Object {
	all := map[string]*cloud.Object{}
	for o := range follow(objects) {
		if o.URN != "" {
			all[o.URN] = o
		}
	}
	return all
}

// scaled are the types whose writes change a scalable target.
var scaled = []string{
	"aws:appautoscaling/target:Target", "aws:appautoscaling/policy:Policy",
	"aws:appautoscaling/scheduledAction:ScheduledAction",
}

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
