package wafv2

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// IpSet is a list of addresses.
type IpSet struct {
	pulumi.CustomResourceState

	Arn pulumi.StringOutput `pulumi:"arn"`
}

// IpSetArgs require IpAddressVersion, IPV4 or IPV6, and Scope.
type IpSetArgs struct {
	Addresses        pulumi.StringArrayInput `pulumi:"addresses"`
	IpAddressVersion pulumi.StringInput      `pulumi:"ipAddressVersion"`
	Scope            pulumi.StringInput      `pulumi:"scope"`
}

func (IpSetArgs) ElementType() reflect.Type { return sdk.Plain[IpSetArgs]() }

// NewIpSet registers one.
func NewIpSet(ctx *pulumi.Context, name string, args *IpSetArgs, opts ...pulumi.ResourceOption) (*IpSet, error) {
	made := &IpSet{}
	return made, ctx.RegisterResource(catalog.WebACLIPSet, name, args, made, sdk.Versioned(version, opts)...)
}
