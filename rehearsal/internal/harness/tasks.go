package harness

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Moment is the clouds between two events of an operation, with the tasks that may be running then.
// It is keyed by the clouds' own keys: what is adopted is there before a resource has it, and what
// is replaced is there twice for a while.
type Moment struct {
	Objects map[cloud.Key]*cloud.Object
	// definitions are the task definitions of before and after the operation, by their ARN: a
	// revision is there before a service names it, and ECS keeps those that it has run.
	definitions map[string]*cloud.Object
	tasks       map[cloud.Key][]Task // by service
	old         map[cloud.Key]int    // how many tasks were there when the service's deployment began
}

// Task is what a task took with it when it started; it never reads its parameters again.
type Task struct {
	Service *cloud.Object
	Values  map[string]string // of all its containers, by variable
	Groups  []string          // its security groups
}

// NewMoment is the moment before an operation. Nothing runs in it yet: see Run.
func NewMoment(objects []*cloud.Object) *Moment {
	m := &Moment{definitions: map[string]*cloud.Object{}, tasks: map[cloud.Key][]Task{}, old: map[cloud.Key]int{}}
	m.Become(objects)
	m.Know(objects)
	return m
}

// Become makes the clouds these objects, as they are after an operation.
func (m *Moment) Become(objects []*cloud.Object) {
	m.Objects = map[cloud.Key]*cloud.Object{}
	for _, o := range objects {
		m.Objects[o.Key] = o
	}
}

// Know adds the task definitions that are there after an operation.
func (m *Moment) Know(after []*cloud.Object) {
	for _, o := range after {
		if o.Type == catalog.TaskDefinition {
			m.definitions[o.ARN] = o
		}
	}
}

// Apply is what an event does. When the deployment of a service ends, so do the tasks that ran when
// it began.
func (m *Moment) Apply(e Effect) {
	switch {
	case e.Deployed != nil:
		service := e.Deployed.Key
		m.tasks[service] = slices.Clone(m.tasks[service][m.old[service]:])
	case e.Put != nil:
		if e.Deploys {
			m.old[e.Put.Key] = len(m.tasks[e.Put.Key])
		}
		m.Objects[e.Put.Key] = e.Put
	case e.Gone != nil:
		delete(m.Objects, e.Gone.Key)
		delete(m.tasks, e.Gone.Key)
	}
}

// Run adds a task to those that run.
func (m *Moment) Run(t Task) { m.tasks[t.Service.Key] = append(m.tasks[t.Service.Key], t) }

// Tasks are those that run, service by service.
func (m *Moment) Tasks() []Task {
	var all []Task
	for _, service := range slices.SortedFunc(maps.Keys(m.tasks), byID) {
		all = append(all, m.tasks[service]...)
	}
	return all
}

// TasksOf are those of a service.
func (m *Moment) TasksOf(service *cloud.Object) []Task { return m.tasks[service.Key] }

// OfType are the objects of a type, by their ids.
func (m *Moment) OfType(typ string) []*cloud.Object {
	var found []*cloud.Object
	for _, key := range slices.SortedFunc(maps.Keys(m.Objects), byID) {
		if key.Type == typ {
			found = append(found, m.Objects[key])
		}
	}
	return found
}

func byID(a, b cloud.Key) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Region, b.Region))
}

// Start is a task of a service that starts now, from the definition that the service has.
func (m *Moment) Start(service *cloud.Object) (Task, error) {
	task := Task{
		Service: service,
		Values:  map[string]string{},
		Groups:  provider.Values(service.Outputs).Object("networkConfiguration").Texts("securityGroups"),
	}
	definition := m.definitions[service.Text("taskDefinition")]
	if definition == nil {
		return task, fmt.Errorf("start a task of %s: there is no task definition %s", service.Name,
			service.Text("taskDefinition"))
	}
	containers, err := Containers(definition)
	if err != nil {
		return task, err
	}
	for _, one := range containers {
		read, err := m.Read(one)
		if err != nil {
			return task, fmt.Errorf("start a task of %s: %w", service.Name, err)
		}
		maps.Copy(task.Values, read)
	}
	return task, nil
}

// Container is what of a container definition says how it starts.
type Container struct {
	Name        string   `json:"name"`
	EntryPoint  []string `json:"entryPoint"`
	Command     []string `json:"command"`
	Environment []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"environment"`
	Secrets []struct {
		Name      string `json:"name"`
		ValueFrom string `json:"valueFrom"`
	} `json:"secrets"`
}

// Containers are those of a task definition.
func Containers(definition *cloud.Object) ([]Container, error) {
	var all []Container
	if err := json.Unmarshal([]byte(definition.Text("containerDefinitions")), &all); err != nil {
		return nil, fmt.Errorf("read the containers of %s: %w", definition, err)
	}
	return all, nil
}

// Read is the environment of a container that starts now, with the parameters as they are.
func (m *Moment) Read(c Container) (map[string]string, error) {
	values := map[string]string{}
	for _, one := range c.Environment {
		values[one.Name] = one.Value
	}
	for _, one := range c.Secrets {
		value := m.Parameter(one.ValueFrom)
		if value == "" {
			return nil, fmt.Errorf("parameter %s is not there, or has no value", one.ValueFrom)
		}
		values[one.Name] = value
	}
	return values, nil
}

// Parameter is the value of a parameter, by its name or its ARN; empty for one that is not there.
func (m *Moment) Parameter(from string) string {
	for key, o := range m.Objects {
		if key.Type == catalog.Parameter && (o.ARN == from || o.ID == from) {
			return o.Text("value")
		}
	}
	return ""
}
