package faults

import (
	"context"
	"errors"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const urn = "urn:pulumi:prod::shop::aws:ec2/vpc:Vpc::main"

// model is a provider that counts what it is asked, and refuses the second creation if it is told
// to.
type model struct {
	plugin.UnimplementedProvider
	done   []Operation
	unique bool
}

func (m *model) Create(context.Context, plugin.CreateRequest) (plugin.CreateResponse, error) {
	if m.unique && len(m.done) > 0 {
		return plugin.CreateResponse{}, errors.New("it exists already")
	}
	m.done = append(m.done, Create)
	return plugin.CreateResponse{
		ID:         "vpc-1",
		Properties: resource.PropertyMap{"cidrBlock": resource.NewProperty("10.0.0.0/16")},
	}, nil
}

func (m *model) Update(context.Context, plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	m.done = append(m.done, Update)
	return plugin.UpdateResponse{}, nil
}

func (m *model) Delete(context.Context, plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	m.done = append(m.done, Delete)
	return plugin.DeleteResponse{}, nil
}

// faulty is a model under a plan, in which a crash and a kill only note that they happened.
func faulty(t *testing.T, m *model, plan *Plan) (p *provider, ended *[]string) {
	t.Helper()
	if plan.dir == "" {
		require.NoError(t, plan.Write(t.TempDir()+"/plan"))
	}
	p, err := wrap("aws", m, plan)
	require.NoError(t, err)
	ended = &[]string{}
	p.crash = func() { *ended = append(*ended, "crash") }
	p.kill = func() error { *ended = append(*ended, "kill"); return nil }
	return p, ended
}

func ask(p *provider, operation Operation) error {
	var err error
	switch operation {
	case Create:
		_, err = p.Create(context.Background(), plugin.CreateRequest{URN: urn})
	case Update:
		_, err = p.Update(context.Background(), plugin.UpdateRequest{URN: urn, ID: "vpc-1"})
	case Delete:
		_, err = p.Delete(context.Background(), plugin.DeleteRequest{URN: urn})
	}
	return err
}

func TestEachKindFailsOnceAndDoesToTheCloudWhatItSays(t *testing.T) {
	for _, operation := range Operations {
		for _, kind := range Kinds(operation, "aws") {
			t.Run(string(operation)+" "+string(kind), func(t *testing.T) {
				m, plan := &model{unique: operation == Create}, &Plan{Faults: []Fault{{operation, urn, kind}}}
				p, ended := faulty(t, m, plan)
				require.Error(t, ask(p, operation))
				assert.Equal(t, kind.done(), len(m.done) == 1, "the cloud has done it: %v", m.done)
				assert.Equal(t, kind.IsCrash(), len(*ended) == 1)
				met, err := plan.Met()
				require.NoError(t, err)
				assert.Equal(t, plan.Faults, met)

				m.done = nil
				p, _ = faulty(t, m, plan) // another process, after a crash
				require.NoError(t, ask(p, operation))
				assert.Equal(t, []Operation{operation}, m.done)
			})
		}
	}
}

func TestTheFaultsOfOneResourceAreNotAnothers(t *testing.T) {
	m := &model{}
	p, _ := faulty(t, m, &Plan{Faults: []Fault{{Create, urn + "-other", Throttled}, {Delete, urn, Throttled}}})
	require.NoError(t, ask(p, Create))
	require.NoError(t, ask(p, Update))
	require.ErrorContains(t, ask(p, Delete), "delete main: exceeded maximum number of attempts, 25")
}

func TestAPreviewMeetsNoFault(t *testing.T) {
	plan := &Plan{Faults: []Fault{{Create, urn, Throttled}, {Update, urn, Throttled}}}
	p, _ := faulty(t, &model{}, plan)
	_, err := p.Create(context.Background(), plugin.CreateRequest{URN: urn, Preview: true})
	require.NoError(t, err)
	_, err = p.Update(context.Background(), plugin.UpdateRequest{URN: urn, Preview: true})
	require.NoError(t, err)
	met, err := plan.Met()
	require.NoError(t, err)
	assert.Empty(t, met)
}

func TestARepeatedCreationIsWhatTheTypeMakesOfIt(t *testing.T) {
	m := &model{}
	p, _ := faulty(t, m, &Plan{Faults: []Fault{{Create, urn, Repeated}}})
	require.NoError(t, ask(p, Create), "AWS makes a second one of what has no name")
	assert.Equal(t, []Operation{Create, Create}, m.done)

	p, _ = faulty(t, &model{unique: true}, &Plan{Faults: []Fault{{Create, urn, Repeated}}})
	require.EqualError(t, ask(p, Create), "it exists already")
}

func TestWhatIsNotReadyComesWithItsIDAndProperties(t *testing.T) {
	p, _ := faulty(t, &model{}, &Plan{Faults: []Fault{{Create, urn, NotReady}}})
	err := ask(p, Create)
	require.Error(t, err)
	details := rpcerror.Convert(err).Details()
	require.Len(t, details, 1)
	half, ok := details[0].(*pulumirpc.ErrorResourceInitFailed)
	require.True(t, ok)
	assert.Equal(t, "vpc-1", half.GetId())
	assert.Equal(t, map[string]any{"cidrBlock": "10.0.0.0/16"}, half.GetProperties().AsMap())
	assert.Equal(t,
		[]string{"timeout while waiting for state to become 'available' (last state: 'pending', timeout: 10m0s)"},
		half.GetReasons())
}

func TestAFaultWaitsForAnOperationThatTheCloudTakes(t *testing.T) {
	m, plan := &model{unique: true, done: []Operation{Create}}, &Plan{Faults: []Fault{{Create, urn, Lost}}}
	p, _ := faulty(t, m, plan)
	require.EqualError(t, ask(p, Create), "it exists already")
	m.done = nil
	require.ErrorContains(t, ask(p, Create), "Client.Timeout exceeded while awaiting headers")
}

func TestAllIsKilledAtAnOperation(t *testing.T) {
	m, plan := &model{}, &Plan{KillAt: 2}
	p, ended := faulty(t, m, plan)
	require.NoError(t, ask(p, Create))
	assert.Empty(t, *ended)
	require.NoError(t, ask(p, Update))
	assert.Equal(t, []string{"kill"}, *ended)
	done, err := plan.Done()
	require.NoError(t, err)
	assert.Equal(t, 2, done)
}

func TestWithoutAPlanTheProviderIsWhatItWas(t *testing.T) {
	m := &model{}
	t.Setenv(DirEnv, "")
	p, err := Wrap("aws", m)
	require.NoError(t, err)
	assert.Same(t, m, p)

	t.Setenv(DirEnv, t.TempDir())
	_, err = Wrap("aws", m)
	require.ErrorContains(t, err, "read the plan of faults")
}

func TestEachRefusalHasTheWordsOfItsService(t *testing.T) {
	for _, typ := range []string{"aws:ec2/vpc:Vpc", "aws:iam/role:Role", "aws:s3/bucketV2:BucketV2",
		"aws:sns/topic:Topic"} {
		for _, operation := range Operations {
			for _, kind := range []Kind{Throttled, Unavailable, Dependency, Lost, NotReady} {
				assert.NotContains(t, refusal("aws", operation, typ, kind).Error(), "StatusCode: 0", "%s %s %s", typ,
					operation, kind)
			}
		}
	}
	for _, name := range []string{"mongodbatlas", "datadog", "sentry"} {
		for _, operation := range Operations {
			for _, kind := range []Kind{Throttled, Unavailable, Dependency} {
				assert.Regexp(t, `^(POST|PUT|DELETE) https://\S+: (HTTP )?[45]\d\d`,
					refusal(name, operation, name+":index/x:X", kind).Error())
			}
		}
	}
	assert.ErrorContains(t, refusal("aws", Delete, "aws:ec2/vpc:Vpc", Dependency), "api error DependencyViolation: ")
	assert.ErrorContains(t, refusal("aws", Delete, "aws:iam/role:Role", Dependency), "api error DeleteConflict: ")
	assert.ErrorContains(t, refusal("aws", Create, "aws:s3/bucketV2:BucketV2", Throttled), "api error SlowDown: ")
	assert.ErrorContains(t, refusal("mongodbatlas", Create, "mongodbatlas:index/x:X", Throttled),
		"HTTP 429 Too Many Requests")
}

func TestARandomValueHasNoServiceThatFails(t *testing.T) {
	for _, operation := range Operations {
		for _, kind := range Kinds(operation, "random") {
			assert.True(t, kind.IsCrash(), kind)
		}
	}
}
