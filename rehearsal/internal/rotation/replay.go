package rotation

import (
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// moment is the clouds between two events of an operation, with the tasks that may be running then:
// those that the deploys started, and those that autoscaling may have started in between, which go
// on running. They outlive the operation.
type moment struct {
	*harness.Moment
	after string // the event before it
	// sent are the values of the origin header that CloudFront's edges may send: those before the
	// operation reach the load balancer until every edge has the new configuration.
	sent []string
}

// newMoment is the moment before the first operation. What no resource manages has no part in it.
func newMoment(objects []*cloud.Object) *moment {
	m := &moment{Moment: harness.NewMoment(managed(objects)), after: "the beginning"}
	m.Know(objects)
	return m
}

func managed(objects []*cloud.Object) []*cloud.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o *cloud.Object) bool { return o.URN == "" })
}

// replay goes through an operation again, event by event, until the clouds are what they were after
// it.
func (m *moment) replay(after []*cloud.Object, timeline []engine.Event, visit func(*moment) error) error {
	before := slices.Collect(maps.Values(m.Objects))
	m.Know(after)
	after = managed(after)
	m.after, m.sent = "the beginning", nil
	if err := m.step(visit); err != nil {
		return err
	}
	for _, e := range harness.Effects(before, after, timeline) {
		if !e.Done && !e.Deploys {
			continue // a step that begins does nothing yet
		}
		m.Apply(e)
		m.after = e.Op + " " + e.URN
		if err := m.step(visit); err != nil {
			return err
		}
	}
	m.Become(after)
	return nil
}

func (m *moment) step(visit func(*moment) error) error {
	if err := m.scale(); err != nil {
		return err
	}
	for _, value := range m.sentHeaders() {
		if !slices.Contains(m.sent, value) {
			m.sent = append(m.sent, value)
		}
	}
	return visit(m)
}

// scale lets autoscaling start a task of each service, if it would read something else than those
// that run.
func (m *moment) scale() error {
	for _, service := range m.OfType(catalog.ECSService) {
		task, err := m.Start(service)
		if err != nil {
			return err
		}
		same := func(other harness.Task) bool { return maps.Equal(task.Values, other.Values) }
		if !slices.ContainsFunc(m.TasksOf(service), same) {
			m.Run(task)
		}
	}
	return nil
}

// sentHeaders are the values of the secret header that distributions send to their origins.
func (m *moment) sentHeaders() []string {
	var sent []string
	for _, distribution := range m.OfType(catalog.Distribution) {
		for _, origin := range objectsOf(distribution, "origins") {
			for _, header := range origin.Objects("customHeaders") {
				if header.Text("name") == names.OriginHeader {
					sent = append(sent, header.Text("value"))
				}
			}
		}
	}
	return sent
}
