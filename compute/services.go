package compute

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Services are a stack's services by name: section "services".
type Services map[string]ServiceConfig

// Rule implements settings.Ruled. A name's length is checked against all the names that are derived
// from it.
func (Services) Rule() settings.Rule {
	return settings.Rule{
		Items: settings.AtLeast(1), Want: "one service or more",
		Keys: &settings.Rule{
			Pattern: regexp.MustCompile(`^[a-z][a-z0-9-]*[a-z0-9]$`),
			Length:  settings.AtMost(24),
			Want: "a name of 2 to 24 lower-case letters, digits and hyphens that begins with a letter and ends " +
				"with no hyphen",
		},
	}
}

const (
	// autoNaming is what Pulumi adds to a logical name: a hyphen and seven hexadecimal digits.
	autoNaming = "-1234567"
	// CanarySuffix ends the names of what a canary has; no service's name may end so.
	CanarySuffix = "-canary"
	// MigrationName is what the migration task is called in names; no service may have it.
	MigrationName = "migration"
	// DumpName is what the task of the dump is called in names; no service may have it.
	DumpName = "dump"
	// execName is what the log of Exec sessions is called; no service may have it.
	execName = "exec"
)

// Names lists the services, sorted.
func (s Services) Names() []string { return slices.Sorted(maps.Keys(s)) }

// Callers lists the services that call a service, sorted.
func (s Services) Callers(name string) []string {
	var callers []string
	for _, caller := range s.Names() {
		if slices.Contains(s[caller].Calls, name) {
			callers = append(callers, caller)
		}
	}
	return callers
}

// Order lists the services so that each comes after those it calls: a Service Connect client sees
// only the endpoints that existed when its task started. It is an error when services call each
// other in a circle.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
func (s Services) Order() ([]string, error) {
	var order, path []string
	var visit func(name string) error
	visit = func(name string) error {
		if slices.Contains(order, name) {
			return nil
		}
		if i := slices.Index(path, name); i >= 0 {
			return fmt.Errorf("call cycle %s", strings.Join(append(path[i:], name), " -> "))
		}
		path = append(path, name)
		for _, callee := range slices.Sorted(slices.Values(s[name].Calls)) {
			if err := visit(callee); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		order = append(order, name)
		return nil
	}
	for _, name := range s.Names() {
		if err := visit(name); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// Migration returns the name of the service whose image migrates the database; false when there is
// none.
func (s Services) Migration() (string, bool) {
	for _, name := range s.Names() {
		if s[name].Migration != nil {
			return name, true
		}
	}
	return "", false
}

// Validate reports every problem of the section: of each service and of the services with each
// other. shared is section "compute".
func (s Services) Validate(shared Config) settings.Problems {
	p := settings.Check(s)
	for _, name := range s.Names() {
		c := s[name]
		at := settings.Key("", name)
		if err := checkName(name, c); err != nil {
			p.Add(at, name, "%v", err)
		}
		p.Under(at, c.validateSidecars(name))
		p = append(p, s.validateCalls(name)...)
		p = append(p, s.validateQueues(name)...)
		p.Under(at, c.validateSpell(shared.Schedule))
		p.WantBeside("compute.cluster.insights", c.Queue == nil || shared.Cluster.Insights != InsightsDisabled,
			at+".queue", c.Queue,
			"nothing, or compute.cluster.insights enabled or enhanced, which counts the tasks that the messages are "+
				"shared among")
		p.Want(!c.Datadog || shared.Agent != nil, at+".datadog", c.Datadog,
			"false, or the agent's image and size in compute.agent")
		p.Want(c.Scaling.Quiet == nil || shared.Schedule != nil, at+".scaling.quiet", c.Scaling.Quiet,
			"nothing, or the hours in compute.schedule")
		if _, ok := fargateSizeOf(int(c.CPU)); ok && (!c.Datadog || shared.Agent != nil) {
			p.Under(at, c.budget(shared.Agent, s.connected(name)).validate(c))
		}
	}
	if _, err := s.Order(); err != nil {
		p.Say("", "%v", err)
	}
	p = append(p, s.validateRules()...)
	p = append(p, s.validateTaskNames()...)
	p = append(p, s.validateQuotas(settings.WithDefaults(shared.LoadBalancer))...)
	p = append(p, s.validateHosts()...)
	p = append(p, s.validateMigration()...)
	return p
}

// connected says whether a service is part of Service Connect.
func (s Services) connected(name string) bool {
	return len(s[name].Calls) > 0 || len(s.Callers(name)) > 0
}

// checkName refuses a name that does not fit into every name derived from it.
func checkName(name string, c ServiceConfig) error {
	if slices.Contains([]string{MigrationName, DumpName, execName}, name) || strings.HasSuffix(name, CanarySuffix) {
		return fmt.Errorf("another name: %q, %q, %q and names that end in %q are taken", MigrationName, DumpName,
			execName, CanarySuffix)
	}
	if err := names.Check(names.Service, name); err != nil {
		return err
	}
	group := targetGroupName(name, variant{}, InternetFacing)
	if c.Canary != nil {
		group = targetGroupName(name, variant{suffix: CanarySuffix}, InternetFacing)
	}
	if len(c.Paths) == 0 {
		return nil
	}
	return names.Check(names.LoadBalancer, group+autoNaming)
}

func (s Services) validateCalls(name string) settings.Problems {
	var p settings.Problems
	for i, callee := range s[name].Calls {
		at := fmt.Sprintf("%s.calls[%d]", settings.Key("", name), i)
		target, ok := s[callee]
		p.Want(ok && callee != name, at, callee, "another service, one of %v", s.Names())
		p.WantBeside(settings.Key("", callee)+".port", !ok || target.Port != 0, at, callee,
			"a service that listens on a port")
	}
	return p
}

// Queued says whether any service has a queue.
func (s Services) Queued() bool { return len(s.withQueues()) > 0 }

// withQueues lists the services that have a queue, sorted.
func (s Services) withQueues() []string {
	return slices.DeleteFunc(s.Names(), func(name string) bool { return s[name].Queue == nil })
}

// validateQueues checks whom a service sends to, and that no queue has the name of another one's
// dead letters.
func (s Services) validateQueues(name string) settings.Problems {
	var p settings.Problems
	at := settings.Key("", name)
	for i, receiver := range s[name].Sends {
		target, ok := s[receiver]
		p.Want(ok, fmt.Sprintf("%s.sends[%d]", at, i), receiver, "a service with a queue, one of %v", s.withQueues())
		p.WantBeside(settings.Key("", receiver)+".queue", !ok || target.Queue != nil,
			fmt.Sprintf("%s.sends[%d]", at, i), receiver,
			"a service with a queue, one of %v", s.withQueues())
	}
	if other, dead := strings.CutSuffix(name, deadSuffix); dead && s[name].Queue != nil {
		p.WantBeside(settings.Key("", other)+".queue", s[other].Queue == nil, at+".queue", s[name].Queue,
			"nothing, or another name of the service: the dead letters of %q are in a queue of this name", other)
	}
	return p
}

// validateRules refuses two rules with one priority, and paths that never get a request.
func (s Services) validateRules() settings.Problems {
	var p settings.Problems
	taken := map[int]string{}
	all := s.Names()
	for _, name := range all {
		for i := range s[name].listenerRules() {
			priority := s[name].Priority + i
			other, twice := taken[priority]
			p.Want(!twice, settings.Key("", name)+".priority", s[name].Priority,
				"a number that leaves %d to no other service; %q has it", priority, other)
			taken[priority] = name
		}
	}
	for _, later := range all {
		for i, path := range s[later].Paths {
			for _, earlier := range all {
				for j, catching := range s[earlier].Paths {
					before := s[earlier].Priority < s[later].Priority || (earlier == later && j < i)
					p.Want(!before || !s[earlier].hides(s[later]) || !catches(catching, path),
						fmt.Sprintf("%s.paths[%d]", settings.Key("", later), i), path,
						"a path that %q of service %q does not catch first; give this service a lower priority number",
						catching, earlier)
				}
			}
		}
	}
	return p
}

func (s Services) validateMigration() settings.Problems {
	var p settings.Problems
	first, _ := s.Migration()
	for _, name := range s.Names() {
		p.Want(s[name].Migration == nil || name == first, settings.Key("", name)+".migration", s[name].Migration,
			"nothing: service %q migrates the database", first)
	}
	return p
}

// Answering is the name of the service that the load balancer sends a path of the site itself to,
// and empty when it is none's.
func (s Services) Answering(path string) string {
	answers := ""
	for _, name := range s.Names() {
		better := answers == "" || s[name].Priority < s[answers].Priority
		if better && len(s[name].Hosts) == 0 && slices.ContainsFunc(s[name].Paths, func(p PathPattern) bool {
			return catches(p, PathPattern(path))
		}) {
			answers = name
		}
	}
	return answers
}
