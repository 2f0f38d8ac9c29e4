package network

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// interfaceEndpoints are the configured endpoints that need a network interface in each zone,
// sorted.
func (c Config) interfaceEndpoints() []string {
	var services []string
	for _, service := range c.Endpoints {
		if service != S3Endpoint {
			services = append(services, string(service))
		}
	}
	slices.Sort(services)
	return services
}

// endpoints makes the gateway endpoint. ECR keeps image layers in S3, so that it must be on the
// private route tables.
func (b *builder) endpoints() error {
	if !slices.Contains(b.args.Config.Endpoints, S3Endpoint) {
		return nil
	}
	var tables pulumi.StringArray
	for _, zone := range b.args.Config.byIndex() {
		tables = append(tables, b.tables[zone.Name].ID())
	}
	var err error
	b.s3, err = ec2.NewVpcEndpoint(b.Ctx, b.Child("endpoint-s3"), &ec2.VpcEndpointArgs{
		VpcId:           b.vpcResource.ID(),
		ServiceName:     b.serviceName(string(S3Endpoint)),
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   tables,
		Tags:            b.tags("s3"),
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "gateway endpoint s3", err)
	}
	b.ready(b.s3)
	return nil
}

// interfaceEndpoints makes the others, in a group that admits HTTPS from the tasks.
func (b *builder) interfaceEndpoints() error {
	for _, service := range b.args.Config.interfaceEndpoints() {
		endpoint, err := ec2.NewVpcEndpoint(b.Ctx, b.Child("endpoint-"+service), &ec2.VpcEndpointArgs{
			VpcId:             b.vpcResource.ID(),
			ServiceName:       b.serviceName(service),
			VpcEndpointType:   pulumi.String("Interface"),
			SubnetIds:         b.network.PrivateSubnetIDs,
			SecurityGroupIds:  pulumi.StringArray{b.groups[groupEndpoints].ID()},
			PrivateDnsEnabled: pulumi.Bool(true),
			Tags:              b.tags(service),
		}, b.Parent())
		if err != nil {
			return b.Wrap("create", "interface endpoint "+service, err)
		}
		b.ready(endpoint)
	}
	return nil
}

func (b *builder) serviceName(service string) pulumi.String {
	return pulumi.String("com.amazonaws." + b.args.Region + "." + service)
}
