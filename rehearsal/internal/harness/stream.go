package harness

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// What every second brings, to each of the paths: quick requests, and one that takes as long as
// CloudFront waits.
const (
	quickRequests = 4
	slowSeconds   = 30
)

const (
	// StartSeconds is how long a task takes until it answers.
	StartSeconds = 40
	// Patience is how many seconds a deployment may take, an hour.
	Patience = 3600
)

// Stream is a steady stream of requests: each of them is sent every second, several times quickly
// and once slowly.
type Stream struct{ Requests []traffic.Request }

// Counts are what became of the requests of an operation.
type Counts struct {
	Sent, Failed int
	Seconds      int      // on the model's clock, until everything was steady
	Why          []string // what failed, each reason once
}

// Add adds what became of the requests of another operation.
func (c *Counts) Add(other Counts) {
	c.Sent, c.Failed, c.Seconds = c.Sent+other.Sent, c.Failed+other.Failed, c.Seconds+other.Seconds
	for _, why := range other.Why {
		c.because(why)
	}
}

func (c *Counts) because(why string) {
	if !slices.Contains(c.Why, why) {
		c.Why = append(c.Why, why)
	}
}

func (c *Counts) answered(answer traffic.Answer) {
	if answer.Status != 200 {
		c.Failed++
		c.because(fmt.Sprintf("%d, %s", answer.Status, answer.Why))
	}
}

// followed are the types that traffic depends on.
var followed = []string{
	traffic.ServiceType, traffic.RuleType, traffic.ListenerType, traffic.GroupType, traffic.BalancerType,
	traffic.IngressType, traffic.EgressType, traffic.DistributionType, traffic.VPCOriginType,
}

func follow(objects []*cloud.Object) []*cloud.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o *cloud.Object) bool {
		return !slices.Contains(followed, o.Type)
	})
}

// Replay goes through an operation again under the stream. A second passes at the beginning, with
// each event that writes what traffic depends on, with each second until a deployment is steady,
// and in the end until every request is answered. While a distribution changes, some edges have it
// as it was and some as it will be: if it moves to another load balancer, requests come to both.
func (s Stream) Replay(before, after []*cloud.Object, timeline []engine.Event) Counts {
	before, after = follow(before), follow(after)
	w, will := traffic.New(before, StartSeconds), ByURN(after)
	reached := []string{w.Reached()}
	var c Counts
	s.second(w, reached, &c)
	for _, e := range Effects(before, after, timeline) {
		if !e.Writes {
			continue
		}
		if e.Gone != nil {
			w.Remove(e.Gone.Key)
		}
		if e.Put != nil {
			w.Put(e.Put)
		}
		if next := will[e.URN]; next != nil && next.Type == traffic.DistributionType {
			w.Put(next)
			reached = append(reached, w.Reached())
			if e.Done {
				reached = reached[len(reached)-1:]
			}
		}
		if e.Deployed != nil {
			for range Patience {
				if w.Steady(e.Deployed.Key) {
					break
				}
				s.second(w, reached, &c)
			}
		}
		s.second(w, reached, &c)
	}
	for range slowSeconds + 1 { // what was begun ends
		s.second(w, reached, &c)
	}
	c.Seconds = w.Now
	return c
}

// second sends what a second brings, to the load balancers that CloudFront reaches in turn.
func (s Stream) second(w *traffic.World, reached []string, c *Counts) {
	for _, request := range s.Requests {
		for i := range quickRequests + 1 {
			request.Balancer = reached[i%len(reached)]
			if i == quickRequests {
				request.Seconds = slowSeconds
			}
			c.Sent++
			if answer, done := w.Send(request); done {
				c.answered(answer)
			}
		}
	}
	for _, answer := range w.Tick() {
		c.answered(answer)
	}
}
