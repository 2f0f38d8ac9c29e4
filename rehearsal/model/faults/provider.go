package faults

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// gather is how long a plugin that is to crash waits for another request to crash with. All that
// are under way die with it, as they do with a real one, so that one crash is worth many.
const gather = 400 * time.Millisecond

// exitCrash is the exit code of a Go program that panics.
const exitCrash = 2

// provider fails where the plan says so.
type provider struct {
	plugin.Provider
	name  string // such as "aws"
	plan  *Plan
	crash func()
	kill  func() error

	mu     sync.Mutex
	faults map[string]int // places in the plan of what has not failed yet, by key
}

// Wrap returns a provider that fails as the plan in the folder of DirEnv says, or the provider as
// it is when there is none.
func Wrap(name string, p plugin.Provider) (plugin.Provider, error) {
	dir := os.Getenv(DirEnv)
	if dir == "" {
		return p, nil
	}
	plan, err := Read(dir)
	if err != nil {
		return nil, err
	}
	return wrap(name, p, plan)
}

func wrap(name string, p plugin.Provider, plan *Plan) (*provider, error) {
	engine := os.Getppid()
	w := &provider{
		Provider: p,
		name:     name,
		plan:     plan,
		faults:   map[string]int{},
		crash:    crash,
		kill:     func() error { return killTree(engine) },
	}
	for i, fault := range plan.Faults {
		switch _, err := os.Stat(plan.metFile(i)); {
		case errors.Is(err, fs.ErrNotExist):
			w.faults[key(fault.Operation, fault.URN)] = i
		case err != nil:
			return nil, fmt.Errorf("look whether a fault was met: %w", err)
		}
	}
	return w, nil
}

// crashing counts the requests that wait for this process to end.
var crashing atomic.Int64

// crash ends the process when no other request has come to crash with. It does not return.
func crash() {
	place := crashing.Add(1)
	time.Sleep(gather)
	if crashing.Load() == place {
		os.Exit(exitCrash)
	}
	select {} // the last one ends them all
}

func key(operation Operation, urn string) string { return string(operation) + " " + urn }

// Create makes the object, unless the plan has it fail.
func (p *provider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	if req.Preview {
		return p.Provider.Create(ctx, req)
	}
	var made plugin.CreateResponse
	err := p.do(request{Create, req.URN, func() error {
		var err error
		made, err = p.Provider.Create(ctx, req)
		return err
	}, func() (resource.ID, resource.PropertyMap) { return made.ID, made.Properties }})
	return made, err
}

// Update changes the object, unless the plan has it fail.
func (p *provider) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	if req.Preview {
		return p.Provider.Update(ctx, req)
	}
	var updated plugin.UpdateResponse
	err := p.do(request{Update, req.URN, func() error {
		var err error
		updated, err = p.Provider.Update(ctx, req)
		return err
	}, func() (resource.ID, resource.PropertyMap) { return req.ID, updated.Properties }})
	return updated, err
}

// Delete takes the object away, unless the plan has it fail.
func (p *provider) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	var deleted plugin.DeleteResponse
	err := p.do(request{Delete, req.URN, func() error {
		var err error
		deleted, err = p.Provider.Delete(ctx, req)
		return err
	}, nil})
	return deleted, err
}

// request is one operation of the engine's.
type request struct {
	operation Operation
	urn       resource.URN
	do        func() error
	object    func() (resource.ID, resource.PropertyMap) // as it is when it was done
}

func (p *provider) do(r request) error {
	i, fails := p.next(r)
	if !fails {
		return p.carryOut(r)
	}
	kind := p.plan.Faults[i].Kind
	if kind.done() {
		if err := p.carryOut(r); err != nil {
			return err // the fault waits for an operation that the cloud takes
		}
	}
	if err := p.meet(r, i); err != nil {
		return err
	}
	switch kind { //nolint:exhaustive // the others are refusals with a text
	case CrashBefore, CrashAfter:
		p.crash()
	case Repeated:
		// What comes of it depends on the type: a name that is taken now, or an object that is
		// there twice.
		return p.carryOut(r)
	case NotReady:
		return p.partial(r)
	}
	return fmt.Errorf("%s %s: %w", r.operation, r.urn.Name(), refusal(p.name, r.operation, string(r.urn.Type()), kind))
}

// next is the place in the plan of the fault that the request is to meet.
func (p *provider) next(r request) (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, ok := p.faults[key(r.operation, string(r.urn))]
	return i, ok
}

// meet takes the fault out of what is to come.
func (p *provider) meet(r request, i int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.faults, key(r.operation, string(r.urn)))
	return p.plan.meet(i)
}

// carryOut has the model do it, and kills the engine when its time has come.
func (p *provider) carryOut(r request) error {
	if err := r.do(); err != nil {
		return err
	}
	kill, err := p.plan.count()
	if err != nil || !kill {
		return err
	}
	return p.kill()
}

// partial is how Pulumi's bridge to Terraform answers when an object is there and did not become
// ready in time.
func (p *provider) partial(r request) error {
	id, properties := r.object()
	sent, err := plugin.MarshalProperties(properties, plugin.MarshalOptions{KeepSecrets: true})
	if err != nil {
		return fmt.Errorf("answer for the half of %s: %w", r.urn.Name(), err)
	}
	reason := refusal(p.name, r.operation, string(r.urn.Type()), NotReady).Error()
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, reason), &pulumirpc.ErrorResourceInitFailed{
		Id: string(id), Properties: sent, Reasons: []string{reason},
	})
}
