// Package rollout deploys each change that may be made to a running service under a steady stream
// of requests, and counts those that fail. Of each operation it takes the cloud before and after it
// and the engine's log of events, and goes through it again, event by event and second by second,
// with the model's load balancer and ECS (package traffic) between the requests and the tasks.
package rollout

import (
	"context"
	"errors"
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lifecycle"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Change is one that is made to a running service. Changes follow each other on one stack.
type Change struct {
	Name string
	// Values are the settings that it gives, by their paths; nil takes one out. An Image stands for
	// the digest of an image that is pushed first, of the service and version that it names.
	Values map[string]any
	// Fails says that the deploy must fail, with no request lost.
	Fails bool
	// Subset says that it is made in the short run too.
	Subset bool
}

// Image is one that has yet to be pushed, or that nobody pushes.
type Image struct {
	Service, Version string
	Missing          bool
}

// Result is what became of a change.
type Result struct {
	Change
	Sent, Failed int
	Seconds      int      // on the model's clock, until everything was steady
	Why          []string // what failed, each reason once
}

// Rehearse makes the changes on a stack that is up. The error names each one that lost a request.
func Rehearse(ctx context.Context, r *run.Rehearsal, changes []Change) ([]Result, error) {
	d := &drill{Rehearsal: r, pushed: map[Image]string{}}
	before, err := d.look()
	if err != nil {
		return nil, err
	}
	d.stream = newStream(before)
	if len(d.stream.Requests) == 0 {
		return nil, errors.New("roll out: the load balancer has no rule that requests could be sent to")
	}
	var results []Result
	var problems []error
	for i, change := range changes {
		file, err := r.StackYAML()
		if err != nil {
			return results, err
		}
		result, err := d.make(ctx, fmt.Sprintf("rollout, %d", i+1), change)
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		if err != nil { // the next one is made to what was there before
			problems = append(problems, fmt.Errorf("%s: %w", change.Name, err), r.WriteStackYAML(file))
			continue
		}
		results = append(results, result)
		if result.Failed > 0 {
			problems = append(problems,
				fmt.Errorf("%s: %d of %d requests failed: %v", change.Name, result.Failed, result.Sent, result.Why))
		}
	}
	return results, errors.Join(problems...)
}

// drill is a stack that is changed under traffic.
type drill struct {
	*run.Rehearsal
	stream Stream
	pushed map[Image]string // digests: a repository takes a tag once
}

func (d *drill) look() ([]*cloud.Object, error) {
	c, err := cloud.Open(d.Work.Cloud())
	if err != nil {
		return nil, err
	}
	return c.List()
}

// make makes a change and goes through it again.
func (d *drill) make(ctx context.Context, name string, change Change) (Result, error) {
	values, err := d.push(change.Values)
	if err != nil {
		return Result{}, err
	}
	if err := lifecycle.Edit(d.Rehearsal, values); err != nil {
		return Result{}, err
	}
	before, err := d.look()
	if err != nil {
		return Result{}, err
	}
	up, err := d.Up(ctx, name, change.Name)
	switch {
	case change.Fails && err == nil:
		return Result{}, errors.New("the deploy went through, and it must fail")
	case !change.Fails && err != nil:
		return Result{}, err
	}
	after, err := d.look()
	if err != nil {
		return Result{}, err
	}
	if err := inTurn(up.Timeline, before, after); err != nil {
		return Result{}, err
	}
	counts := d.stream.Replay(before, after, up.Timeline)
	return Result{
		Change:  change,
		Sent:    counts.Sent,
		Failed:  counts.Failed,
		Seconds: counts.Seconds,
		Why:     counts.Why,
	}, nil
}

// push puts the images of a change into their repositories and returns its values with their
// digests.
func (d *drill) push(values map[string]any) (map[string]any, error) {
	region, err := d.Region()
	if err != nil {
		return nil, err
	}
	c, err := cloud.Open(d.Work.Cloud())
	if err != nil {
		return nil, err
	}
	digest := func(image Image) (string, error) {
		if image.Missing {
			return "sha256:" + fmt.Sprintf("%064x", len(image.Version)), nil
		}
		if earlier, ok := d.pushed[image]; ok {
			return earlier, nil
		}
		repository := d.Work.Files.Project + "-" + d.Work.Files.Environment + "-" + image.Service
		made, err := aws.Push(c, d.Work.Files.Account, region, repository, image.Version)
		d.pushed[image] = made
		return made, err
	}
	pushed := map[string]any{}
	for path, value := range values {
		switch v := value.(type) {
		case Image:
			if pushed[path], err = digest(v); err != nil {
				return nil, err
			}
		case map[string]any:
			filled := map[string]any{}
			for key, one := range v {
				filled[key] = one
				if image, ok := one.(Image); ok {
					if filled[key], err = digest(image); err != nil {
						return nil, err
					}
				}
			}
			pushed[path] = filled
		default:
			pushed[path] = value
		}
	}
	return pushed, nil
}
