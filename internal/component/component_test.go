package component

import (
	"errors"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

type queue struct{ pulumi.ResourceState }

const token = "bookmark-manager:test:Queue"

func TestChildrenAreNamedAfterAndUnderTheirComponent(t *testing.T) {
	r := recorder.New()
	require.NoError(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		c, err := Register(ctx, "queue", token, "jobs", &queue{}, opts...)
		if err != nil {
			return err
		}
		dead := &struct{ pulumi.CustomResourceState }{}
		if err := ctx.RegisterResource("aws:sqs/queue:Queue", c.Child("dead"), nil, dead, c.Parent()); err != nil {
			return err
		}
		return c.Outputs(pulumi.Map{})
	}, "aws"))
	dead, ok := r.Get("aws:sqs/queue:Queue", "jobs-dead")
	require.True(t, ok)
	assert.Equal(t, token, string(resource.URN(dead.Parent).Type()))
}

func TestErrorsSayWhichChildOfWhichComponent(t *testing.T) {
	c := Component{Name: "jobs", kind: "queue"}
	cause := errors.New("no access")
	assert.EqualError(t, c.Wrap("create", "policy", cause), `create policy of queue "jobs": no access`)
	assert.ErrorIs(t, c.Wrap("create", "policy", cause), cause)
	assert.NoError(t, c.Wrap("create", "policy", nil))

	r := recorder.New()
	assert.ErrorContains(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		if _, err := Register(ctx, "queue", token, "jobs", &queue{}, opts...); err != nil {
			return err
		}
		_, err := Register(ctx, "queue", token, "jobs", &queue{}, opts...)
		return err
	}, "aws"), "is registered twice")
}
