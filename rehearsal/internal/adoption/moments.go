package adoption

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// The variables by which tasks log in, and sign the tokens of people's sessions.
const (
	databaseVariable = "DATABASE_URL"
	databasePort     = 5432
	tokenParameter   = "/bookmark-manager/production/JWT_SECRET"
)

// moment is the cloud between two events of an operation, with the tasks that run then. The tasks
// of a service that is updated run until its update ends, beside the new ones.
type moment struct {
	objects map[cloud.Key]*cloud.Object
	tasks   map[cloud.Key][]task // by service
	token   string               // what tokens were signed with when the operation began
}

// task is what a task took with it when it started.
type task struct {
	service     string
	groups      []string
	databaseURL string
}

// moments goes through an operation again, and holds each moment of it to this: running tasks reach
// the database and log in there, the key that tokens were signed with is still the one, and
// CloudFront trusts the load balancer. That a role of the application's is there when its tasks
// start is what the rotation's drill shows.
func moments(before, after []*cloud.Object, timeline []engine.Event) error {
	m := moment{objects: map[cloud.Key]*cloud.Object{}, tasks: map[cloud.Key][]task{}}
	was, is := map[string]*cloud.Object{}, map[string]*cloud.Object{}
	for _, o := range before {
		m.objects[o.Key], was[o.URN] = o, o
	}
	for _, o := range after {
		is[o.URN] = o
		// A revision of a task definition is there before a service names it, whatever becomes of
		// it.
		if o.Type == catalog.TaskDefinition {
			m.objects[o.Key] = o
		}
	}
	for key, o := range m.objects {
		if o.Type == catalog.ECSService {
			if err := m.start(key); err != nil {
				return err
			}
		}
		if o.Name == tokenParameter || o.ID == tokenParameter {
			m.token = o.Text("value")
		}
	}
	if err := m.check(); err != nil {
		return fmt.Errorf("at the beginning: %w", err)
	}
	began := map[cloud.Key]int{}
	for _, event := range timeline {
		changed := is[event.URN]
		switch {
		case event.URN == "" || changed == nil && was[event.URN] == nil:
			continue
		case changed != nil && changed.Type == catalog.ECSService && event.Op != "import" && !event.Done:
			began[changed.Key] = len(m.tasks[changed.Key])
			m.objects[changed.Key] = changed // ECS starts tasks of the new definition from now on
			if err := m.start(changed.Key); err != nil {
				return err
			}
		case !event.Done || event.Op == "import":
			continue
		case changed == nil || event.Op == "delete":
			delete(m.objects, was[event.URN].Key)
		case changed.Type == catalog.ECSService:
			m.tasks[changed.Key] = slices.Clone(m.tasks[changed.Key][began[changed.Key]:])
		default:
			m.objects[changed.Key] = changed
		}
		if err := m.check(); err != nil {
			return fmt.Errorf("after %s %s: %w", event.Op, event.URN, err)
		}
	}
	return nil
}

// start starts a task of a service.
func (m *moment) start(service cloud.Key) error {
	values := provider.Values(m.objects[service].Outputs)
	one := task{service: values.Text("name"), groups: values.Object("networkConfiguration").Texts("securityGroups")}
	for _, o := range m.objects {
		if o.Type != catalog.TaskDefinition || o.ARN != values.Text("taskDefinition") {
			continue
		}
		var containers []struct {
			Secrets []struct{ Name, ValueFrom string }
		}
		if err := json.Unmarshal([]byte(o.Text("containerDefinitions")), &containers); err != nil {
			return fmt.Errorf("read the containers of %s: %w", o, err)
		}
		for _, container := range containers {
			for _, secret := range container.Secrets {
				if secret.Name == databaseVariable {
					one.databaseURL = m.parameter(secret.ValueFrom)
				}
			}
		}
		m.tasks[service] = append(m.tasks[service], one)
		return nil
	}
	return fmt.Errorf("start a task of %s: there is no task definition %s", one.service, values.Text("taskDefinition"))
}

// parameter is the value of a parameter, by its name or its ARN.
func (m *moment) parameter(from string) string {
	for _, o := range m.objects {
		if o.Type == catalog.Parameter && (o.ARN == from || o.ID == from) {
			return o.Text("value")
		}
	}
	return ""
}

func (m *moment) check() error {
	if token := m.parameter(tokenParameter); token != m.token || token == "" {
		return fmt.Errorf("sessions end: %s has another value than before", tokenParameter)
	}
	if err := m.trusted(); err != nil {
		return err
	}
	for _, o := range m.objects {
		if o.Type != catalog.RDSCluster {
			continue
		}
		for _, tasks := range m.tasks {
			for _, one := range tasks {
				if err := m.admits(o, one); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// admits says whether the database lets a task in.
func (m *moment) admits(database *cloud.Object, one task) error {
	if one.databaseURL == "" {
		return nil // it has no business there
	}
	to, err := url.Parse(one.databaseURL)
	if err != nil {
		return fmt.Errorf("the %s of a task of %s is no URL", databaseVariable, one.service)
	}
	if password, _ := to.User.Password(); to.User.Username() == database.Text("masterUsername") &&
		password != database.Text("masterPassword") {
		return fmt.Errorf("a task of %s cannot log in: the owner has another password", one.service)
	}
	if to.Hostname() != database.Text("endpoint") {
		return fmt.Errorf("a task of %s asks %s, and the database is %s", one.service, to.Hostname(),
			database.Text("endpoint"))
	}
	groups := provider.Values(database.Outputs).Texts("vpcSecurityGroupIds")
	for _, o := range m.objects {
		v := provider.Values(o.Outputs)
		if o.Type == catalog.IngressRule && slices.Contains(groups, v.Text("securityGroupId")) &&
			slices.Contains(one.groups, v.Text("referencedSecurityGroupId")) && covers(v, databasePort) {
			return nil
		}
	}
	return fmt.Errorf("a task of %s in %v cannot reach the database in %v", one.service, one.groups, groups)
}

func covers(rule provider.Values, port float64) bool {
	from, _ := rule.Number("fromPort")
	to, _ := rule.Number("toPort")
	return from <= port && port <= to
}
