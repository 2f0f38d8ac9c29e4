package recorder

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Account and Region stand in for what a cloud would answer.
const (
	Account = "111122223333"
	Region  = "ap-northeast-1"
)

// computed adds to the inputs what the provider would have filled in. Mocks run no provider: an output that is missing here
// is empty in a test, and a list that the program indexes would panic.
func computed(typ, name string, inputs resource.PropertyMap) resource.PropertyMap {
	state := inputs.Copy()
	text := func(property, format string, args ...any) {
		key := resource.PropertyKey(property)
		if _, given := state[key]; !given {
			state[key] = resource.NewStringProperty(fmt.Sprintf(format, args...))
		}
	}
	text("arn", "arn:aws:test:%s:%s:%s", Region, Account, name)
	text("name", "%s-1234567", name)
	switch typ {
	case "aws:ec2/vpc:Vpc":
		text("defaultSecurityGroupId", "sg-default")
		text("defaultRouteTableId", "rtb-default")
		text("defaultNetworkAclId", "acl-default")
	case "aws:ec2/eip:Eip":
		text("publicIp", "203.0.113.7")
	case "aws:ec2/vpcEndpoint:VpcEndpoint":
		text("prefixListId", "pl-%s", name)
	case "random:index/randomPassword:RandomPassword":
		state["result"] = resource.MakeSecret(resource.NewStringProperty("generated-" + name))
	}
	return state
}
