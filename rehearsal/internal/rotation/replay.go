package rotation

import (
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// moment is the cloud between two events of an operation, with the tasks that may be running then.
type moment struct {
	world
	after string // the event before it
	// tasks are by the URN of their service. While a service is updated its old tasks and its new
	// ones run side by side, and at any time autoscaling may start another.
	tasks map[string][]values
	// sent are the values of the origin header that CloudFront's edges may send: those before the
	// operation reach the load balancer until every edge has the new configuration.
	sent []string
}

// replay goes through an operation again, event by event, until the cloud is what it was after it.
// Each resource changes once in an operation, so what the cloud was in between follows from the
// order of the events.
func (m *moment) replay(after world, timeline []engine.Event, visit func(moment) error) error {
	maps.Copy(m.definitions, after.definitions)
	m.after, m.sent = "the beginning", nil
	began := map[string]int{} // how many tasks of a service were there when its update began
	if err := m.step(visit); err != nil {
		return err
	}
	for _, event := range timeline {
		if !m.apply(event, after.objects[event.URN], began) {
			continue
		}
		m.after = event.Op + " " + event.URN
		if err := m.step(visit); err != nil {
			return err
		}
	}
	m.objects = after.objects
	return nil
}

// apply is what an event does to the cloud. changed is its resource after the operation. It reports
// false for an event that does nothing.
func (m *moment) apply(event engine.Event, changed *cloud.Object, began map[string]int) bool {
	updated := event.Op == "update" && changed != nil && changed.Type == serviceType
	switch {
	case updated && event.Done:
		m.tasks[event.URN] = slices.Clone(m.tasks[event.URN][began[event.URN]:])
	case updated:
		began[event.URN] = len(m.tasks[event.URN])
		m.objects[event.URN] = changed // ECS starts tasks of the new definition from now on
	case !event.Done:
		return false
	case changed == nil:
		delete(m.objects, event.URN)
	case event.Op != "delete-replaced" && event.Op != "discard-replaced":
		m.objects[event.URN] = changed
	}
	return true
}

func (m *moment) step(visit func(moment) error) error {
	if err := m.scale(); err != nil {
		return err
	}
	for _, value := range sentHeaders(m.world) {
		if !slices.Contains(m.sent, value) {
			m.sent = append(m.sent, value)
		}
	}
	return visit(*m)
}

// scale lets autoscaling start a task of each service, if it would read something else than those
// that run.
func (m *moment) scale() error {
	for _, service := range m.ofType(serviceType) {
		task, err := m.task(service)
		if err != nil {
			return err
		}
		same := func(other values) bool { return maps.Equal(task, other) }
		if !slices.ContainsFunc(m.tasks[service.URN], same) {
			m.tasks[service.URN] = append(m.tasks[service.URN], task)
		}
	}
	return nil
}

// sentHeaders are the values of the secret header that distributions send to their origins.
func sentHeaders(w world) []string {
	var sent []string
	for _, distribution := range w.ofType(distributionType) {
		for _, origin := range objectsOf(distribution, "origins") {
			for _, header := range origin.Objects("customHeaders") {
				if header.Text("name") == originHeader {
					sent = append(sent, header.Text("value"))
				}
			}
		}
	}
	return sent
}

// everyTask calls check for each task that may be running.
func (m moment) everyTask(check func(service *cloud.Object, task values) error) error {
	for _, urn := range slices.Sorted(maps.Keys(m.tasks)) {
		for _, task := range m.tasks[urn] {
			if err := check(m.objects[urn], task); err != nil {
				return err
			}
		}
	}
	return nil
}
