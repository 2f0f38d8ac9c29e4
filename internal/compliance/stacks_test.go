package compliance

import (
	"encoding/json"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

type in = map[string]any
type all = []any

// made is a deployed resource, whose id is its name and "-id".
func made(typ, name string, inputs in) plan.State {
	return plan.State{
		URN:     "urn:pulumi:prod::bookmark-manager::" + typ + "::" + name,
		Type:    typ,
		ID:      name + "-id",
		Custom:  true,
		Inputs:  inputs,
		Outputs: in{"arn": "arn:aws:test:::" + name},
	}
}

// stackOf is the resources of a stack.
type stackOf = []plan.State

func object(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func document(statements ...any) string {
	return object(in{"Version": "2012-10-17", "Statement": statements})
}

func allow(more in) in {
	statement := in{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
	for key, v := range more {
		statement[key] = v
	}
	return statement
}

func one(typ string, inputs in) stackOf { return stackOf{made(typ, "it", inputs)} }

func cdn(inputs in) stackOf { return one(distributions[0], inputs) }

func task(container in) stackOf {
	container["name"] = "web"
	return one(catalog.TaskDefinition, in{"containerDefinitions": object(all{container})})
}

func origin(more in) in {
	o := in{"originId": "o", "domainName": "b.s3.eu-west-1.amazonaws.com"}
	for key, v := range more {
		o[key] = v
	}
	return o
}

func aBucket(more ...plan.State) stackOf {
	return append(stackOf{made(catalog.Bucket, "b",
		in{"bucket": "b", "bucketRegionalDomainName": "b.s3.eu-west-1.amazonaws.com"})}, more...)
}

func withPolicy(statements ...any) stackOf {
	return aBucket(made(catalog.BucketPolicy, "p", in{"bucket": "b", "policy": document(statements...)}))
}

var everybody = allow(in{"Principal": "*", "Action": "s3:*"})

func denyHTTP(v string) in {
	return in{
		"Effect":    "Deny",
		"Principal": in{"AWS": all{"*"}},
		"Action":    all{"s3:*"},
		"Resource":  "*",
		"Condition": in{"Bool": in{"aws:SecureTransport": all{v}}},
	}
}

func aVPC(more ...plan.State) stackOf {
	return append(stackOf{made(vpcs[0], "v", in{"defaultNetworkAclId": "acl-1"})}, more...)
}

func vpcEndpoint(service string) stackOf {
	return aVPC(made("aws:ec2/vpcEndpoint:VpcEndpoint", "e",
		in{"vpcId": "v-id", "serviceName": "com.amazonaws.eu-west-1." + service}))
}

func defaultACL(rules ...any) stackOf {
	return aVPC(made("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", "n",
		in{"defaultNetworkAclId": "acl-1", "ingress": rules}))
}

func ingress(from, to float64, more in) stackOf {
	rule := in{"ipProtocol": "tcp", "fromPort": from, "toPort": to, "cidrIpv4": "0.0.0.0/0"}
	for key, v := range more {
		rule[key] = v
	}
	return one(catalog.IngressRule, rule)
}

// twoSubnets are subnets in two zones, with their routes to a NAT gateway in the first.
func twoSubnets(otherZone, gateway string) stackOf {
	return stackOf{
		made(catalog.Subnet, "a", in{"availabilityZone": "za", "mapPublicIpOnLaunch": false}),
		made(catalog.Subnet, "b", in{"availabilityZone": otherZone}),
		made("aws:ec2/routeTableAssociation:RouteTableAssociation", "b",
			in{"subnetId": "b-id", "routeTableId": "t-id"}),
		made("aws:ec2/route:Route", "r", in{
			"routeTableId": "t-id",
			gateway:        map[string]string{"natGatewayId": "n-id", "gatewayId": "igw-1"}[gateway],
		}),
		made("aws:ec2/natGateway:NatGateway", "n", in{"subnetId": "a-id"}),
	}
}

func aurora(inputs in, zones ...string) stackOf {
	s := stackOf{made(clusters[0], "c", inputs)}
	for _, zone := range zones {
		s = append(s, made(catalog.RDSClusterInstance, "i-"+zone,
			in{"clusterIdentifier": "c-id", "availabilityZone": zone, "dbSubnetGroupName": "g"}))
	}
	return s
}

func instanceIn(gateway string) stackOf {
	return slices.Concat(twoSubnets("zb", gateway), aurora(in{}, "zb"),
		stackOf{made("aws:rds/subnetGroup:SubnetGroup", "g", in{"name": "g", "subnetIds": all{"a-id", "b-id"}})})
}

func subscription(source string, categories ...any) stackOf {
	return one(subscriptions[0], in{"sourceType": source, "enabled": true, "eventCategories": categories})
}

func policyOf(typ string, more in) stackOf { return one(typ, in{"policy": document(allow(more))}) }

// sample is a stack that passes a control, and stacks that fail it, by why.
