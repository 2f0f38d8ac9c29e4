package regionloss

import (
	"errors"
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// byStandby makes a standby, and lets it take over from tasks that die and from a region that is
// lost. What a deploy or a canary does to the load balancer must send nobody there.
func (d *drill) byStandby() ([]Taken, error) {
	if err := d.backUp(); err != nil {
		return nil, err
	}
	inAdvance, err := d.take(ToStandBy)
	if err != nil {
		return nil, err
	}
	_, made, err := d.restoredFrom(d.names.Away, "bookmark-manager-"+d.names.To+"-aurora")
	if err != nil {
		return nil, err
	}
	now, err := d.now()
	if err != nil {
		return nil, err
	}
	takesOver := Taken{Name: "a standby takes over", Lost: now.Sub(made), Chain: sum(takeOver)}
	if err := d.answeredFrom(d.names.Home, "both are well"); err != nil {
		return nil, err
	}
	if err := d.answeredWhileDeployed(); err != nil {
		return nil, err
	}
	home := d.names.Home
	for _, one := range []struct {
		what       string
		begin, end func(*cloud.Cloud, string) error
	}{
		{"the tasks of " + home + " answer nothing", aws.Sicken, aws.Cure},
		{home + " is lost", aws.Lose, aws.Regain},
	} {
		if err := one.begin(d.cloud, home); err != nil {
			return nil, err
		}
		if err := d.answeredFrom(d.names.Away, one.what); err != nil {
			return nil, err
		}
		if err := one.end(d.cloud, home); err != nil {
			return nil, err
		}
		if err := d.answeredFrom(home, "and are well again"); err != nil {
			return nil, err
		}
	}
	return []Taken{inAdvance, takesOver}, nil
}

// paths are of each rule of the load balancer one.
var paths = []string{"/", "/api/health", "/api/bookmarks"}

// answeredFrom is nil when every request is answered from a region.
func (d *drill) answeredFrom(region, what string) error {
	all, err := d.cloud.List()
	if err != nil {
		return err
	}
	return d.requests(all, region, what)
}

func (d *drill) requests(all []*cloud.Object, region, what string) error {
	for _, path := range paths {
		from, err := Ask(all, "https://www."+d.names.Domain+path)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if from != region {
			return fmt.Errorf("%s: %s is answered from %s, want %s", what, path, from, region)
		}
	}
	d.Console.Line("%s: every request is answered from %s", what, region)
	return nil
}

// answeredWhileDeployed is nil when requests go on being answered from home while each service is
// replaced, second by second, and beside a target group that is empty, as a canary's is before its
// first task and after its last.
func (d *drill) answeredWhileDeployed() error {
	all, err := d.cloud.List()
	if err != nil {
		return err
	}
	s := site{all}
	groups := s.in(traffic.GroupType, d.names.Home)
	if len(groups) == 0 {
		return errors.New("the home region has no target group")
	}
	empty := *groups[0]
	empty.ID, empty.ARN = empty.ID+"-canary", empty.ARN+"-canary"
	if err := d.requests(append(all, &empty), d.names.Home, "with the empty target group of a canary"); err != nil {
		return err
	}
	for _, service := range s.in(traffic.ServiceType, d.names.Home) {
		if err := neverGone(s.traffic(d.names.Home), service); err != nil {
			return err
		}
	}
	d.Console.Line("each service is replaced: its target group always has a healthy target")
	return nil
}

// neverGone is nil when a service's target group has a healthy target in each second in which the
// service is replaced.
func neverGone(w *traffic.World, service *cloud.Object) error {
	w.StartSeconds = harness.StartSeconds
	w.Put(service)
	for range harness.Patience {
		w.Tick()
		for _, group := range w.GroupsOf(service) {
			if count, _ := w.HealthyTargets(group); count == 0 {
				return fmt.Errorf("second %d of a deployment of %s: its target group has no healthy target", w.Now,
					service.Name)
			}
		}
		if w.Steady(service.Key) {
			return nil
		}
	}
	return fmt.Errorf("a deployment of %s does not end in %d seconds", service.Name, harness.Patience)
}

// backUp lets days go by, in which the stack is backed up and the backups are copied.
func (d *drill) backUp() error {
	passed, err := d.Pass(backedUp)
	if err == nil && passed.Copies == 0 {
		err = fmt.Errorf("no copy in %d days", backedUp)
	}
	if err != nil {
		return fmt.Errorf("back %s up: %w", d.Stack, err)
	}
	return nil
}
