package network

import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

// The recipe of CONTRIBUTING.md for a resource of a new type makes one. Its name stands here for
// the SDK that is trimmed to what the project names: the test that follows the recipe compiles with
// it.
var _ = ec2.NewVpcDhcpOptions
