package rotation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// taskReads is the value of a variable in the running tasks that have it, which must be the same in
// all.
func taskReads(variable string) func(*rotator) (string, error) {
	return func(d *rotator) (string, error) {
		value := ""
		for _, task := range d.now.Tasks() {
			switch read := task.Values[variable]; {
			case read == "" || read == value:
			case value != "":
				return "", fmt.Errorf("tasks of %s run with different values of %s after the deploy",
					task.Service.Name, variable)
			default:
				value = read
			}
		}
		if value == "" {
			return "", fmt.Errorf("no task has %s", variable)
		}
		return value, nil
	}
}

func logsIn(url string, users map[string]string) (bool, error) {
	user, password, err := credentials(url)
	if err != nil {
		return false, err
	}
	return admits(users[user], password)
}

func (d *rotator) headerInUse() (string, error) {
	sent := d.now.sentHeaders()
	if len(sent) != 1 {
		return "", fmt.Errorf("found %d values of %s in the distribution, want one", len(sent), names.OriginHeader)
	}
	return sent[0], nil
}

func (d *rotator) headerWorks(value string) (bool, error) {
	return slices.ContainsFunc(d.now.OfType(catalog.ListenerRule), func(rule *cloud.Object) bool {
		return slices.Contains(headersOf(rule), value)
	}), nil
}

func (d *rotator) keyWorks(key string) (bool, error) {
	for _, task := range d.now.Tasks() {
		for _, variable := range []string{"JWT_SECRET", "JWT_SECRET_PREVIOUS", "JWT_SECRET_NEXT"} {
			if task.Values[variable] == key {
				return true, nil
			}
		}
	}
	return false, nil
}

func (d *rotator) ownersURL() (string, error) {
	for _, parameter := range d.now.OfType(catalog.Parameter) {
		if strings.HasSuffix(parameter.Name, "/MASTER_DATABASE_URL") {
			return parameter.Text("value"), nil
		}
	}
	return "", errors.New("there is no parameter MASTER_DATABASE_URL")
}

func (d *rotator) ownerLogsIn(url string) (bool, error) {
	owners := map[string]string{}
	for _, cluster := range d.now.OfType(catalog.RDSCluster) {
		owners[cluster.Text("masterUsername")] = cluster.Text("masterPassword")
	}
	return logsIn(url, owners)
}

// ownerMayLogIn is what the migration task needs when it starts.
func (d *rotator) ownerMayLogIn(url string) error {
	ok, err := d.ownerLogsIn(url)
	if err == nil && !ok {
		err = errors.New("the migration task cannot log in as the database's owner")
	}
	return err
}

func (d *rotator) atlasLogsIn(uri string) (bool, error) {
	users := map[string]string{}
	for _, user := range d.now.OfType(harness.AtlasUser) {
		users[user.Text("username")] = user.Text("password")
	}
	return logsIn(uri, users)
}
