package harness

import (
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Effect is what an event of an operation did to the clouds. Most events have none: a step that
// only begins, a resource that is nowhere but in the state, an import of what is there already.
type Effect struct {
	engine.Event
	// Known says that the event is about an object of the clouds, one of before or one of after.
	Known bool
	// Writes says that the event is the beginning or the end of a creation, a change or a deletion
	// in the clouds, one that was done.
	Writes bool
	Put    *cloud.Object // what is there from now on; nil for nothing
	Gone   *cloud.Object // what is no longer there; nil for nothing
	// Deploys says that ECS begins to deploy a service, the one that is Put: old and new tasks run
	// side by side from now on. Deployed is the service whose deployment has ended; nil for none.
	Deploys  bool
	Deployed *cloud.Object
}

// Effects go through an operation again, event by event. Each resource changes once in an
// operation, so what the clouds were in between follows from what they were before and after it,
// and from the order of the engine's events. A change is there when its step ends. Only the
// deployment of a service begins with its step; the step ends when it is steady, since the program
// waits for that.
//
// The drills do with them what they are about: the rollout's and the adoption's send requests each
// second (Stream), the rotation's and the adoption's hold the tasks that run to what they need
// (Moment).
func Effects(before, after []*cloud.Object, timeline []engine.Event) []Effect {
	was, is := ByURN(before), ByURN(after)
	effects := make([]Effect, 0, len(timeline))
	for _, event := range timeline {
		old, now := was[event.URN], is[event.URN]
		e := Effect{Event: event, Known: old != nil || now != nil}
		switch event.Op {
		case "create", "create-replacement", "update":
			service := now != nil && now.Type == catalog.ECSService
			e.Writes = now != nil
			switch {
			case service && event.Done:
				e.Deployed = now
			case service:
				e.Put, e.Deploys = now, true
			case event.Done:
				e.Put = now
			}
		case "delete", "delete-replaced":
			e.Writes = e.Known
			if event.Done {
				e.Gone = old
			}
		}
		effects = append(effects, e)
	}
	return effects
}
