package adoption

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
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

// moment is the clouds between two events of an operation, with the tasks that the deploys started.
// One more that autoscaling may start is tried at each of them, and not kept. (The rotation's drill
// keeps it: what such a task has read is changed once more there while it runs.)
type moment struct {
	*harness.Moment
	token string // what tokens were signed with when the operation began
	// migrated says that the migration has made the application's own role.
	migrated bool
	logIns   int
}

// moments goes through an operation again, and holds each moment of it to this: running tasks, and
// one more of each service that autoscaling may start right then, reach the database and log in
// there, the key that tokens were signed with is still the one, and CloudFront trusts the load
// balancer. What the password of the application's own role is, the rotation's drill shows. It
// returns how often a task logged in.
func moments(before, after []*cloud.Object, timeline []engine.Event, migrated bool) (logIns int, err error) {
	m := moment{Moment: harness.NewMoment(before), migrated: migrated}
	m.Know(after)
	m.token = m.Parameter(tokenParameter)
	for _, service := range m.OfType(catalog.ECSService) {
		if err := m.run(service); err != nil {
			return 0, err
		}
	}
	if err := m.check(); err != nil {
		return 0, fmt.Errorf("at the beginning: %w", err)
	}
	for _, e := range harness.Effects(before, after, timeline) {
		if !e.Known || e.Op == "import" || !e.Done && !e.Deploys {
			continue // an import changes nothing, and neither does a step that begins
		}
		m.Apply(e)
		if e.Deploys {
			if err := m.run(e.Put); err != nil {
				return m.logIns, err
			}
		}
		if err := m.check(); err != nil {
			return m.logIns, fmt.Errorf("after %s %s: %w", e.Op, e.URN, err)
		}
	}
	if m.logIns == 0 {
		return 0, errors.New("no task has logged in to the database: there is no database, or no task that uses it")
	}
	return m.logIns, nil
}

// run starts a task of a service, which goes on.
func (m *moment) run(service *cloud.Object) error {
	task, err := m.Start(service)
	if err != nil {
		return err
	}
	m.Run(task)
	return nil
}

func (m *moment) check() error {
	if token := m.Parameter(tokenParameter); token != m.token || token == "" {
		return fmt.Errorf("sessions end: %s has another value than before", tokenParameter)
	}
	if err := m.trusted(); err != nil {
		return err
	}
	running := m.Tasks()
	for _, service := range m.OfType(catalog.ECSService) {
		another, err := m.Start(service)
		if err != nil {
			return err
		}
		running = append(running, another)
	}
	for _, database := range m.OfType(catalog.RDSCluster) {
		for _, one := range running {
			if err := m.admits(database, one); err != nil {
				return err
			}
		}
	}
	return nil
}

// admits says whether the database lets a task in.
func (m *moment) admits(database *cloud.Object, one harness.Task) error {
	databaseURL, service := one.Values[databaseVariable], one.Service.Name
	if databaseURL == "" {
		return nil // it has no business there
	}
	to, err := url.Parse(databaseURL)
	if err != nil {
		return fmt.Errorf("the %s of a task of %s is no URL", databaseVariable, service)
	}
	password, _ := to.User.Password()
	switch owner := to.User.Username() == database.Text("masterUsername"); {
	case owner && password != database.Text("masterPassword"):
		return fmt.Errorf("a task of %s cannot log in: the owner has another password", service)
	case !owner && !m.migrated:
		return fmt.Errorf("a task of %s cannot log in: no migration has made the role %s yet", service,
			to.User.Username())
	}
	if to.Hostname() != database.Text("endpoint") {
		return fmt.Errorf("a task of %s asks %s, and the database is %s", service, to.Hostname(),
			database.Text("endpoint"))
	}
	m.logIns++
	return m.reaches(one, provider.Values(database.Outputs).Texts("vpcSecurityGroupIds"))
}

// reaches is nil if the groups of a task let it out to the database, and those of the database let
// it in.
func (m *moment) reaches(one harness.Task, groups []string) error {
	var in, out bool
	for _, o := range m.Objects {
		v := provider.Values(o.Outputs)
		group, peer := v.Text("securityGroupId"), v.Text("referencedSecurityGroupId")
		switch {
		case o.Type == catalog.IngressRule && slices.Contains(groups, group) && slices.Contains(one.Groups, peer):
			in = in || covers(v, databasePort)
		case o.Type == catalog.EgressRule && slices.Contains(one.Groups, group) &&
			(slices.Contains(groups, peer) || v.Text("cidrIpv4") == "0.0.0.0/0"):
			out = out || covers(v, databasePort)
		}
	}
	switch {
	case !in:
		return fmt.Errorf("a task of %s in %v cannot reach the database in %v", one.Service.Name, one.Groups, groups)
	case !out:
		return fmt.Errorf("nothing lets a task of %s in %v out to the database in %v", one.Service.Name, one.Groups,
			groups)
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
