package rotation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

func logicalName(o *cloud.Object) string { return o.URN[strings.LastIndex(o.URN, "::")+2:] }

// taskReads is the value of a variable in the running tasks that have it, which must be the same in
// all.
func taskReads(variable string) func(*rotator) (string, error) {
	return func(d *rotator) (string, error) {
		value := ""
		err := d.now.everyTask(func(service *cloud.Object, task values) error {
			switch read := task[variable]; {
			case read == "" || read == value:
			case value != "":
				return fmt.Errorf("tasks of %s run with different values of %s after the deploy", service.Name,
					variable)
			default:
				value = read
			}
			return nil
		})
		if err == nil && value == "" {
			err = fmt.Errorf("no task has %s", variable)
		}
		return value, err
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
	sent := sentHeaders(d.now.world)
	if len(sent) != 1 {
		return "", fmt.Errorf("found %d values of %s in the distribution, want one", len(sent), originHeader)
	}
	return sent[0], nil
}

func (d *rotator) headerWorks(value string) (bool, error) {
	return slices.ContainsFunc(d.now.ofType(ruleType), func(rule *cloud.Object) bool {
		return slices.Contains(headersOf(rule), value)
	}), nil
}

func (d *rotator) keyWorks(key string) (bool, error) {
	works := false
	err := d.now.everyTask(func(_ *cloud.Object, task values) error {
		for _, variable := range []string{"JWT_SECRET", "JWT_SECRET_PREVIOUS", "JWT_SECRET_NEXT"} {
			works = works || task[variable] == key
		}
		return nil
	})
	return works, err
}

func (d *rotator) ownersURL() (string, error) {
	for _, parameter := range d.now.ofType(parameterType) {
		if strings.HasSuffix(parameter.Name, "/MASTER_DATABASE_URL") {
			return parameter.Text("value"), nil
		}
	}
	return "", errors.New("there is no parameter MASTER_DATABASE_URL")
}

func (d *rotator) ownerLogsIn(url string) (bool, error) {
	owners := map[string]string{}
	for _, cluster := range d.now.ofType(clusterType) {
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
	for _, user := range d.now.ofType(atlasUserType) {
		users[user.Text("username")] = user.Text("password")
	}
	return logsIn(uri, users)
}
