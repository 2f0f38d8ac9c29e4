package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/delivery"
	"github.com/bookmark-manager/infrastructure/edge"
)

// makeBoundary comes before everything that makes a role: each role of the stack is put under it.
func makeBoundary(st *stack) (*delivery.Boundary, error) {
	boundary, err := delivery.NewBoundary(st.ctx, "boundary", &delivery.BoundaryArgs{
		Stack:      st.config.Identity,
		Regions:    st.config.Regions(),
		Guards:     st.config.Guards.Own(st.config.Identity),
		Secrets:    st.config.Services.ManagedSecrets(),
		BackupRole: data.BackupRole(st.config.Identity, backupsName),
	}, st.providers.all())
	if err != nil {
		return nil, err
	}
	if err := st.ctx.RegisterStackTransformation(boundary.Bound); err != nil {
		return nil, fmt.Errorf("put the stack's roles under their boundary: %w", err)
	}
	return boundary, nil
}

func makeDelivery(
	st *stack, boundary *delivery.Boundary, keys *data.Keys, buckets *data.Buckets, registry *compute.Registry,
) (*delivery.Delivery, error) {
	args := &delivery.DeliveryArgs{
		Stack:          st.config.Identity,
		Config:         st.config.Delivery,
		BoundaryArn:    boundary.Arn,
		RepositoryArns: map[string]pulumi.StringInput{},
		DataKeyArn:     keys.DataArn,
		AssetsArn:      buckets.AssetsArn,
		PagePath:       edge.MaintenancePath,
	}
	for service, arn := range registry.Arns {
		args.RepositoryArns[service] = arn
	}
	return delivery.NewDelivery(st.ctx, "delivery", args, st.providers.all())
}
