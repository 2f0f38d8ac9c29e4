package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/delivery"
)

// makeBoundary comes before everything that makes a role: each role of the stack is put under it.
func (s *system) makeBoundary() (err error) {
	c := s.config
	if s.boundary, err = delivery.NewBoundary(s.ctx, "boundary", &delivery.BoundaryArgs{
		Environment: c.Environment, AccountID: c.AWS.AccountID, Regions: c.regions(), Disposable: c.Disposable || c.Teardown,
	}, s.providers.all()); err != nil {
		return err
	}
	if err := s.ctx.RegisterStackTransformation(s.boundary.Bound); err != nil {
		return fmt.Errorf("put the stack's roles under their boundary: %w", err)
	}
	return nil
}

// regions are all regions that the stack has anything in.
func (c *stackConfig) regions() []string {
	regions := map[string]bool{c.AWS.Region: true, usEast1: true}
	if recovery := c.recoveryRegion(); recovery != "" {
		regions[recovery] = true
	}
	return slices.Sorted(maps.Keys(regions))
}

func (s *system) makeDelivery() (err error) {
	c := s.config
	args := &delivery.Args{
		Config: c.Delivery, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		BoundaryArn: s.boundary.Arn, RepositoryArns: map[string]pulumi.StringInput{},
	}
	for service, arn := range s.registry.Arns {
		args.RepositoryArns[service] = arn
	}
	s.delivery, err = delivery.NewDelivery(s.ctx, "delivery", args, s.providers.all())
	return err
}
