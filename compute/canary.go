package compute

import "github.com/bookmark-manager/infrastructure/internal/settings"

// CanaryConfig runs a second version of a service beside the first and sends it a share of the
// requests, by weighted forwarding to a second target group. Its requests begin when its tasks are
// steady: a version that never starts fails the deploy and gets none. Weight 0 is the green side of
// a blue/green deployment: the version runs, and 100 moves every request.
//
// A promotion takes three deploys, each an edit of the stack's configuration, so that what the
// state holds is what runs: Weight 100, then Image and Version of the service itself set to the
// canary's, then the canary taken out. Taken out in the second step, its clients would get the
// first version again until the new one has replaced it. From Weight 100 on the first version has
// no load and is scaled in to its least number of tasks, unless its capacity is held, which
// docs/operations.md says how to do: the last step gives it every request at once.
//
// CodeDeploy would move the target groups and the task definition behind Pulumi's back, has no
// circuit breaker, and ECS takes no Service Connect with its deployment controller, which is how
// services call each other here.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-types.html
//
// Services that call this one inside the VPC reach the first version only.
type CanaryConfig struct {
	// Image is the digest in the service's repository.
	Image Digest `json:"image"`
	// Version is what the image was built from.
	Version Version `json:"version"`
	// Weight is the share of requests. 0 runs the version without any, 100 gives it all.
	Weight int `json:"weight" range:"0..100" unit:"percent"`
	// Tasks is how many tasks run it; they are not scaled, and are at least the canary's share, by
	// weight, of the service's scaling.min.
	Tasks int `json:"tasks" range:"1..100"`
	// StickySeconds keeps a client with the version it got first. Without it each request is routed
	// independently, which breaks pages that load scripts of their own version. Required when the
	// service has stickySeconds: a client cannot stay with a task without staying with its version.
	StickySeconds int `json:"stickySeconds" settings:"optional" range:"1..604800" unit:"seconds"`
}

// validate checks the canary together with its service.
func (c *CanaryConfig) validate(beside ServiceConfig) settings.Problems {
	var p settings.Problems
	if c == nil {
		return p
	}
	p.Want(beside.Image != "" && len(beside.Paths) > 0, "canary", c,
		"nothing: a canary needs a service with an image and paths")
	least := roundedUp(c.Weight*beside.Scaling.Min, 100)
	p.WantBeside("canary.weight", c.Tasks >= least, "canary.tasks", c.Tasks,
		"%d or more: it gets %d percent of the requests, and scaling.min has %d tasks for all", least, c.Weight,
		beside.Scaling.Min)
	// The load balancer refuses a group that binds clients behind a rule that does not.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
	p.WantBeside("stickySeconds", beside.StickySeconds == 0 || c.StickySeconds > 0, "canary.stickySeconds",
		c.StickySeconds,
		"a number of seconds, as the service has stickySeconds (%d)", beside.StickySeconds)
	return p
}

// variant is a version of a service: the one that everybody gets, with an empty suffix, or its
// canary.
type variant struct {
	suffix         string
	image, version string
}

// streamPrefix begins the names of the variant's log streams.
func (v variant) streamPrefix() string {
	if v.suffix == "" {
		return "ecs"
	}
	return "canary"
}

// primary is the version that everybody gets.
func (c ServiceConfig) primary() variant {
	return variant{image: string(c.Image), version: string(c.Version)}
}

// variants lists what runs of a service: nothing without an image.
func (c ServiceConfig) variants() []variant {
	if c.Image == "" {
		return nil
	}
	all := []variant{c.primary()}
	if c.Canary != nil {
		all = append(all,
			variant{suffix: CanarySuffix, image: string(c.Canary.Image), version: string(c.Canary.Version)})
	}
	return all
}
