// Package rollout deploys each change that may be made to a running service under a steady stream
// of requests, and counts those that fail. Of each operation it takes the cloud before and after it
// and the engine's log of events, and goes through it again, event by event and second by second,
// with the model's load balancer and ECS (package traffic) between the requests and the tasks.
package rollout

import (
	"context"
	"errors"
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
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
	harness.Counts
}

// Rehearse makes the changes on a stack that is up. The error names each one that lost a request.
func Rehearse(ctx context.Context, f *harness.Fixture, changes []Change) ([]Result, error) {
	d := &drill{Fixture: f, pushed: map[Image]string{}}
	before, err := f.Objects()
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
		file, err := f.StackYAML()
		if err != nil {
			return results, err
		}
		result, err := d.make(ctx, fmt.Sprintf("rollout, %d", i+1), change)
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		if err != nil { // the next one is made to what was there before
			problems = append(problems, fmt.Errorf("%s: %w", change.Name, err), f.WriteStackYAML(file))
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
	*harness.Fixture
	stream harness.Stream
	pushed map[Image]string // digests: a repository takes a tag once
}

// make makes a change and goes through it again.
func (d *drill) make(ctx context.Context, name string, change Change) (Result, error) {
	values, err := d.push(change.Values)
	if err != nil {
		return Result{}, err
	}
	if err := d.Edit(values); err != nil {
		return Result{}, err
	}
	before, err := d.Objects()
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
	after, err := d.Objects()
	if err != nil {
		return Result{}, err
	}
	if err := inTurn(up.Timeline, before, after); err != nil {
		return Result{}, err
	}
	return Result{Change: change, Counts: d.stream.Replay(before, after, up.Timeline)}, nil
}

// push puts the images of a change into their repositories and returns its values with their
// digests.
func (d *drill) push(values map[string]any) (map[string]any, error) {
	at, err := d.Place()
	if err != nil {
		return nil, err
	}
	c, err := d.Cloud()
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
		made, err := aws.Push(c, at.Account, at.Region, d.Repository(image.Service), image.Version)
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
