package adoption

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// The variables by which tasks log in, and sign the tokens of people's sessions.
const (
	databaseVariable = "DATABASE_URL"
	ownerVariable    = "MASTER_DATABASE_URL"
	databasePort     = 5432
	tokenParameter   = "/bookmark-manager/production/JWT_SECRET"
)

// moment is the cloud between two events of an operation, with the tasks that run then. The tasks
// of a service that is updated run until its update ends, beside the new ones.
type moment struct {
	objects map[cloud.Key]*cloud.Object
	tasks   map[cloud.Key][]task // by service
	token   string               // what tokens were signed with when the operation began
	// migrated says that the migration has made the application's own role.
	migrated bool
	logIns   int
}

// task is what a task took with it when it started.
type task struct {
	service     string
	groups      []string
	databaseURL string
}

// moments goes through an operation again, and holds each moment of it to this: running tasks, and
// one more of each service that autoscaling may start right then, reach the database and log in
// there, the key that tokens were signed with is still the one, and CloudFront trusts the load
// balancer. What the password of the application's own role is, the rotation's drill shows. It
// returns how often a task logged in.
func moments(before, after []*cloud.Object, timeline []engine.Event, migrated bool) (logIns int, err error) {
	m := moment{objects: map[cloud.Key]*cloud.Object{}, tasks: map[cloud.Key][]task{}, migrated: migrated}
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
			first, err := m.start(key)
			if err != nil {
				return 0, err
			}
			m.tasks[key] = []task{first}
		}
		if o.Name == tokenParameter || o.ID == tokenParameter {
			m.token = o.Text("value")
		}
	}
	if err := m.check(); err != nil {
		return 0, fmt.Errorf("at the beginning: %w", err)
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
			fresh, err := m.start(changed.Key)
			if err != nil {
				return m.logIns, err
			}
			m.tasks[changed.Key] = append(m.tasks[changed.Key], fresh)
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
			return m.logIns, fmt.Errorf("after %s %s: %w", event.Op, event.URN, err)
		}
	}
	if m.logIns == 0 {
		return 0, errors.New("no task has logged in to the database: there is no database, or no task that uses it")
	}
	return m.logIns, nil
}

// start is a task of a service that starts now.
func (m *moment) start(service cloud.Key) (task, error) {
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
			return one, fmt.Errorf("read the containers of %s: %w", o, err)
		}
		for _, container := range containers {
			for _, secret := range container.Secrets {
				value := m.parameter(secret.ValueFrom)
				if value == "" {
					return one, fmt.Errorf("start a task of %s: %s has no value", one.service, secret.ValueFrom)
				}
				if secret.Name == databaseVariable {
					one.databaseURL = value
				}
			}
		}
		return one, nil
	}
	return one, fmt.Errorf("start a task of %s: there is no task definition %s", one.service,
		values.Text("taskDefinition"))
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
	var running []task
	for service, tasks := range m.tasks {
		another, err := m.start(service)
		if err != nil {
			return err
		}
		running = append(append(running, tasks...), another)
	}
	for _, o := range m.objects {
		if o.Type != catalog.RDSCluster {
			continue
		}
		for _, one := range running {
			if err := m.admits(o, one); err != nil {
				return err
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
	password, _ := to.User.Password()
	switch owner := to.User.Username() == database.Text("masterUsername"); {
	case owner && password != database.Text("masterPassword"):
		return fmt.Errorf("a task of %s cannot log in: the owner has another password", one.service)
	case !owner && !m.migrated:
		return fmt.Errorf("a task of %s cannot log in: no migration has made the role %s yet", one.service,
			to.User.Username())
	}
	if to.Hostname() != database.Text("endpoint") {
		return fmt.Errorf("a task of %s asks %s, and the database is %s", one.service, to.Hostname(),
			database.Text("endpoint"))
	}
	m.logIns++
	return m.reaches(one, provider.Values(database.Outputs).Texts("vpcSecurityGroupIds"))
}

// reaches is nil if the groups of a task let it out to the database, and those of the database let
// it in.
func (m *moment) reaches(one task, groups []string) error {
	var in, out bool
	for _, o := range m.objects {
		v := provider.Values(o.Outputs)
		group, peer := v.Text("securityGroupId"), v.Text("referencedSecurityGroupId")
		switch {
		case o.Type == catalog.IngressRule && slices.Contains(groups, group) && slices.Contains(one.groups, peer):
			in = in || covers(v, databasePort)
		case o.Type == catalog.EgressRule && slices.Contains(one.groups, group) &&
			(slices.Contains(groups, peer) || v.Text("cidrIpv4") == "0.0.0.0/0"):
			out = out || covers(v, databasePort)
		}
	}
	switch {
	case !in:
		return fmt.Errorf("a task of %s in %v cannot reach the database in %v", one.service, one.groups, groups)
	case !out:
		return fmt.Errorf("nothing lets a task of %s in %v out to the database in %v", one.service, one.groups, groups)
	}
	return nil
}

func covers(rule provider.Values, port float64) bool {
	if rule.Text("ipProtocol") == "-1" {
		return true
	}
	from, _ := rule.Number("fromPort")
	to, _ := rule.Number("toPort")
	return from <= port && port <= to
}

// ownerMigrates is nil if the migration task, started now, logs in as the database's owner.
func ownerMigrates(objects []*cloud.Object) error {
	var url, password string
	for _, o := range objects {
		switch {
		case o.Type == catalog.Parameter && strings.HasSuffix(o.ID, "/"+ownerVariable):
			url = o.Text("value")
		case o.Type == catalog.RDSCluster:
			password = o.Text("masterPassword")
		}
	}
	if password == "" || !strings.Contains(url, ":"+password+"@") {
		return fmt.Errorf("the migration task cannot log in: %s has not the password of the database's owner",
			ownerVariable)
	}
	return nil
}
