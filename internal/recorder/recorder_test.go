package recorder

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type custom struct{ pulumi.CustomResourceState }

type component struct{ pulumi.ResourceState }

const kind = "aws:ec2/vpc:Vpc"

func register(ctx *pulumi.Context, name string, inputs pulumi.Map, opts ...pulumi.ResourceOption) error {
	return ctx.RegisterResource(kind, name, inputs, &custom{}, opts...)
}

func TestKeepsWhatWasRegistered(t *testing.T) {
	r := New()
	require.NoError(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		c := &component{}
		if err := ctx.RegisterComponentResource("bookmark-manager:network:Network", "network", c, opts...); err != nil {
			return err
		}
		return register(ctx, "network-vpc", pulumi.Map{
			"cidrBlock": pulumi.String("10.0.0.0/16"), "password": pulumi.ToSecret(pulumi.String("hush")),
			"list": pulumi.Array{pulumi.Map{"n": pulumi.Int(2)}},
		}, pulumi.Parent(c), pulumi.Protect(true), pulumi.IgnoreChanges([]string{"tags"}),
			pulumi.ReplaceOnChanges([]string{"list"}))
	}, "aws"))
	assert.Equal(t, []string{kind + " network-vpc", "bookmark-manager:network:Network network"}, r.Keys())
	got, ok := r.Get(kind, "network-vpc")
	require.True(t, ok)
	assert.True(t, got.Protect)
	assert.Equal(t, []string{"tags"}, got.IgnoreChanges)
	assert.Equal(t, []string{"list"}, got.Replaced)
	assert.Equal(t, "bookmark-manager:network:Network", string(resource.URN(got.Parent).Type()))
	assert.Contains(t, got.Provider, "pulumi:providers:aws::aws")
	assert.Equal(t, "10.0.0.0/16", got.Input("cidrBlock"))
	assert.Equal(t, 2.0, got.Input("list[0].n"))
	assert.Nil(t, got.Input("list[1].n"))
	assert.Equal(t, "hush", got.Input("password"))
	assert.True(t, got.IsSecret("password"))
	assert.False(t, got.IsSecret("cidrBlock"))
	assert.Empty(t, r.Orphans())
}

func TestRefusesANameRegisteredTwice(t *testing.T) {
	assert.ErrorContains(t, New().Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		c := &component{}
		if err := ctx.RegisterComponentResource("t:t:T", "c", c, opts...); err != nil {
			return err
		}
		if err := register(ctx, "vpc", nil, pulumi.Parent(c)); err != nil {
			return err
		}
		return register(ctx, "vpc", nil, pulumi.Parent(c))
	}, "aws"), "aws:ec2/vpc:Vpc vpc is registered twice")
}

func TestRefusesAResourceWithoutAProvider(t *testing.T) {
	assert.ErrorContains(t, New().Run(func(ctx *pulumi.Context) error { return register(ctx, "vpc", nil) }, nil),
		"aws:ec2/vpc:Vpc vpc has no explicit provider")
}

func TestFindsOrphans(t *testing.T) {
	r := New()
	require.NoError(t, r.Run(func(ctx *pulumi.Context) error {
		p, err := Provider(ctx, "aws", "aws")
		if err != nil {
			return err
		}
		return register(ctx, "vpc", nil, pulumi.Provider(p))
	}, nil))
	assert.Equal(t, []string{kind + " vpc"}, r.Orphans())
}

func TestRefusesLookUps(t *testing.T) {
	const token = "aws:index/getRegion:getRegion"
	lookUp := func(r *Recorder, explicit bool) error {
		return r.Run(func(ctx *pulumi.Context) error {
			var opts []pulumi.InvokeOption
			if explicit {
				p, err := Provider(ctx, "aws", "aws")
				if err != nil {
					return err
				}
				opts = append(opts, pulumi.Provider(p))
			}
			var out struct {
				Name string `pulumi:"name"`
			}
			if err := ctx.Invoke(token, nil, &out, opts...); err != nil {
				return err
			}
			assert.Equal(t, "eu", out.Name)
			return nil
		}, nil)
	}
	assert.ErrorContains(t, lookUp(New(), false), "has no explicit provider")
	assert.ErrorContains(t, lookUp(New(), true), "unexpected look-up "+token)
	r := New()
	r.Answer(token, func(resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.PropertyMap{"name": resource.NewStringProperty("eu")}, nil
	})
	assert.NoError(t, lookUp(r, true))
}
