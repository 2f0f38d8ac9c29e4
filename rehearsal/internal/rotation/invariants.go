package rotation

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

func objectsOf(o *cloud.Object, property string) []provider.Values {
	return provider.Values(o.Outputs).Objects(property)
}

// invariant is what must hold at every moment.
type invariant func(*moment) error

// accepted: each rule of the load balancer takes each header that CloudFront may send.
func accepted(m *moment) error {
	if len(m.sent) == 0 {
		return fmt.Errorf("no distribution sends %s", names.OriginHeader)
	}
	for _, rule := range m.OfType(catalog.ListenerRule) {
		taken := headersOf(rule)
		for _, value := range m.sent {
			if !slices.Contains(taken, value) {
				return fmt.Errorf("%s refuses a request that CloudFront sends", rule.URN)
			}
		}
	}
	return nil
}

func headersOf(rule *cloud.Object) []string {
	var taken []string
	for _, condition := range objectsOf(rule, "conditions") {
		if header := condition.Object("httpHeader"); header.Text("httpHeaderName") == names.OriginHeader {
			taken = append(taken, header.Texts("values")...)
		}
	}
	return taken
}

// verified: each task accepts what each other task signs. A service without JWT_SECRET has no part
// in it.
func verified(m *moment) error {
	var keys []map[string]string
	for _, task := range m.Tasks() {
		if task.Values["JWT_SECRET"] != "" {
			keys = append(keys, task.Values)
		}
	}
	if len(keys) == 0 {
		return fmt.Errorf("no task has JWT_SECRET")
	}
	for _, signs := range keys {
		for _, verifies := range keys {
			known := []string{verifies["JWT_SECRET"], verifies["JWT_SECRET_PREVIOUS"], verifies["JWT_SECRET_NEXT"]}
			if !slices.Contains(known, signs["JWT_SECRET"]) {
				return fmt.Errorf("a task refuses the token that another one has signed")
			}
		}
	}
	return nil
}

// credentials are the user and the password in a connection string.
func credentials(text string) (user, password string, err error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return "", "", fmt.Errorf("read a connection string: it is no URL")
	}
	password, _ = parsed.User.Password()
	return parsed.User.Username(), password, nil
}

// atlasAdmits: each task's user of MONGODB_URI is there, with its password.
func atlasAdmits(m *moment) error {
	users := map[string]string{}
	for _, user := range m.OfType(harness.AtlasUser) {
		users[user.Text("username")] = user.Text("password")
	}
	return m.logins("MONGODB_URI", users)
}

// databaseAdmits: each task's role of DATABASE_URL is there, with its password. roles are those
// that the migration task has made.
func databaseAdmits(roles map[string]string) invariant {
	return func(m *moment) error { return m.logins("DATABASE_URL", roles) }
}

// logins holds the connection string of each task that has one to the users that are there, by
// name.
func (m *moment) logins(variable string, users map[string]string) error {
	found := false
	for _, task := range m.Tasks() {
		if task.Values[variable] == "" {
			continue
		}
		found = true
		user, password, err := credentials(task.Values[variable])
		if err != nil {
			return err
		}
		admitted, err := admits(users[user], password)
		if err != nil {
			return err
		}
		if !admitted {
			return fmt.Errorf("a task of %s cannot log in with its %s: user %s is not there, or has another password",
				task.Service.Name, variable, user)
		}
	}
	if !found {
		return fmt.Errorf("no task has %s", variable)
	}
	return nil
}

// ownerIsApart: no service's task knows the database's owner.
func ownerIsApart(m *moment) error {
	for _, task := range m.Tasks() {
		if task.Values["MASTER_DATABASE_URL"] != "" {
			return fmt.Errorf("a task of %s has MASTER_DATABASE_URL", task.Service.Name)
		}
	}
	return nil
}
