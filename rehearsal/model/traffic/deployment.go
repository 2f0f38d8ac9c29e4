package traffic

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// state is where a task stands with the load balancer.
type state int

const (
	starting state = iota // its container does not run yet, and it is no target
	initial               // a target that has not passed its health check
	healthy
	draining // no target any more; it answers what it has begun
	stopped
)

// task is one of a service, with its one target.
type task struct {
	service        cloud.Key
	definition     string
	groups         []string // ARNs of the target groups; none for a task behind no load balancer
	port           int
	securityGroups []string
	started        int // the second
	ready          int // the second in which its container answers
	passed         int // the second in which it has passed enough health checks
	ends           int // the second in which it stops, while it drains
	state          state
}

func (t *task) name() string {
	return "a task of " + t.definition[strings.LastIndex(t.definition, "/")+1:]
}

func (t *task) answers(now int) bool { return t.state != stopped && t.ready <= now }

// deployment takes a service from the tasks that it has to those of its definition.
type deployment struct {
	service *cloud.Object
	old     []*task
}

func desired(service *cloud.Object) int { return number(values(service), "desiredCount") }

// start starts a task of a service in a second.
func (w *World) start(service *cloud.Object, at int) *task {
	v := values(service)
	t := &task{
		service:        service.Key,
		definition:     v.Text("taskDefinition"),
		started:        at,
		ready:          at + w.StartSeconds,
		securityGroups: v.Object("networkConfiguration").Texts("securityGroups"),
	}
	t.passed = t.ready
	for _, balancer := range v.Objects("loadBalancers") {
		arn := balancer.Text("targetGroupArn")
		t.groups, t.port = append(t.groups, arn), number(balancer, "containerPort")
		if group := w.objects[w.groupKey(arn)]; group != nil {
			check := values(group).Object("healthCheck")
			t.passed = max(t.passed, t.ready+number(check, "interval")*number(check, "healthyThreshold"))
		}
	}
	return t
}

// deploy begins a deployment. What is under way is the old side of it.
func (w *World) deploy(service *cloud.Object) {
	d := &deployment{service: service}
	for _, one := range w.tasks {
		if one.service == service.Key && one.state != draining && one.state != stopped {
			d.old = append(d.old, one)
		}
	}
	w.deployments[service.Key] = d
}

// GroupsOf are the target groups of a service, by ARN.
func (w *World) GroupsOf(service *cloud.Object) (all []string) {
	for _, balancer := range values(service).Objects("loadBalancers") {
		all = append(all, balancer.Text("targetGroupArn"))
	}
	return all
}

// Steady says whether no deployment of a service is under way.
func (w *World) Steady(service cloud.Key) bool { return w.deployments[service] == nil }

// Tick lets a second pass, and returns what has been answered in it.
func (w *World) Tick() []Answer {
	w.Now++
	for _, one := range w.tasks {
		switch {
		case one.state == starting && one.ready <= w.Now:
			one.state = initial // ECS registers the target when its container runs
		case one.state == initial && one.passed <= w.Now && w.checked(one):
			one.state = healthy
		case one.state == draining && one.ends <= w.Now:
			one.state = stopped
		}
	}
	for _, service := range w.ofType(ServiceType) {
		if d := w.deployments[service.Key]; d != nil && w.advance(d) {
			delete(w.deployments, service.Key)
		}
	}
	answers := w.finish()
	w.tasks = slices.DeleteFunc(w.tasks, func(t *task) bool { return t.state == stopped })
	return answers
}

// checked says whether the health checks of a target reach it. A task behind no load balancer has
// none.
func (w *World) checked(t *task) bool {
	return len(t.groups) == 0 || w.reaches(t, "")
}

// advance takes a deployment a step further: as many tasks more as maximumPercent lets it start, as
// many fewer of the old ones as minimumHealthyPercent lets it end. It reports whether the service
// is steady.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
func (w *World) advance(d *deployment) bool {
	v, want := values(d.service), desired(d.service)
	most := max(want*number(v, "deploymentMaximumPercent")/100, 1)
	least := (want*number(v, "deploymentMinimumHealthyPercent") + 99) / 100
	old := slices.DeleteFunc(slices.Clone(d.old), func(t *task) bool {
		return t.state == draining || t.state == stopped
	})
	fresh, well := 0, 0
	for _, one := range w.tasks {
		if one.service != d.service.Key || one.state == draining || one.state == stopped {
			continue
		}
		if one.state == healthy {
			well++
		}
		if !slices.Contains(old, one) {
			fresh++
		}
	}
	for ; fresh < want && len(old)+fresh < most; fresh++ {
		w.tasks = append(w.tasks, w.start(d.service, w.Now))
	}
	for _, one := range old {
		if one.state != healthy {
			w.drain(one)
		} else if well > least {
			w.drain(one)
			well--
		}
	}
	remaining := slices.ContainsFunc(d.old, func(t *task) bool { return t.state != draining && t.state != stopped })
	return !remaining && well >= want
}

// drain takes a task out of its group. ECS stops it when the group's time for open requests is
// over.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
func (w *World) drain(t *task) {
	t.state, t.ends = draining, w.Now
	for _, arn := range t.groups {
		if group := w.objects[w.groupKey(arn)]; group != nil {
			t.ends = max(t.ends, w.Now+number(values(group), "deregistrationDelay"))
		}
	}
}
