package aws

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnknownTypeIsRefusedInTheProvidersWords(t *testing.T) {
	_, err := newWorld(t).check("aws:ec2/vpcs:Vpcs", "main", in{})
	require.EqualError(t, err, "unrecognized resource type (aws:ec2/vpcs:Vpcs): aws:ec2/vpcs:Vpcs")
}

func TestInputsAreCheckedAgainstTheSchema(t *testing.T) {
	w := newWorld(t)
	_, err := w.check(vpcType, "main", in{"cidrBlok": "10.0.0.0/16", "enableDnsSupport": "maybe"})
	require.EqualError(t, err,
		"cidrBlok: unknown property, did you mean \"cidrBlock\"?\nenableDnsSupport: expected boolean, got string "+
			"\"maybe\"")
	_, err = w.check(subnetType, "a", in{"cidrBlock": "10.0.1.0/24"})
	require.EqualError(t, err, "vpcId: missing required property")
}

func TestAutoNames(t *testing.T) {
	w := newWorld(t)
	const targetGroup = "aws:lb/targetGroup:TargetGroup"

	t.Run("the logical name and seven digits, the same for the same seed", func(t *testing.T) {
		first, err := w.check(targetGroup, "web", in{})
		require.NoError(t, err)
		again, err := w.check(targetGroup, "web", in{})
		require.NoError(t, err)
		assert.Regexp(t, `^web-[0-9a-f]{7}$`, first["name"].StringValue())
		assert.Equal(t, first, again)
		assert.Equal(t, resource.NewPropertyValue([]any{"name"}), first["__defaults"])
	})
	t.Run("a name that is too long is refused", func(t *testing.T) {
		_, err := w.check(targetGroup, "bookmark-manager-production-web", in{})
		require.EqualError(t, err,
			"name: name 'bookmark-manager-production-web-' plus 7 random chars is longer than maximum length 32: "+
				"shorten the resource's name in the program")
	})
	t.Run("the user's name stays as it is", func(t *testing.T) {
		named, err := w.check(targetGroup, "web", in{"name": "bookmark-web"})
		require.NoError(t, err)
		assert.Equal(t, resource.PropertyMap{
			"name":       resource.NewProperty("bookmark-web"),
			"__defaults": resource.NewPropertyValue([]any{}),
		}, named)
	})
	t.Run("a prefix takes the place of the auto-name", func(t *testing.T) {
		o := w.make(roleType, "role", in{"namePrefix": "app-", "assumeRolePolicy": trust})
		assert.Regexp(t, `^app-[0-9a-f]{26}$`, o.text("name"))
		assert.Equal(t, o.text("name"), o.id)
	})
	t.Run("a bucket's is lower-case, and names the property bucket", func(t *testing.T) {
		o := w.make(bucketType, "Assets", in{})
		assert.Regexp(t, `^assets-[0-9a-f]{7}$`, o.text("bucket"))
	})
	t.Run("a required name is not made up", func(t *testing.T) {
		_, err := w.check("aws:lambda/function:Function", "tidy", in{"role": unknown})
		require.EqualError(t, err, "name: missing required property")
	})
	t.Run("an update keeps the name", func(t *testing.T) {
		o := w.make(logGroupType, "flow", in{"retentionInDays": 30})
		assert.Equal(t, plugin.DiffResult{
			Changes:      plugin.DiffSome,
			ChangedKeys:  []resource.PropertyKey{"retentionInDays"},
			DetailedDiff: map[string]plugin.PropertyDiff{"retentionInDays": {Kind: plugin.DiffUpdate, InputDiff: true}},
		}, w.diff(o, in{"retentionInDays": 60}))
	})
}

func TestReplacement(t *testing.T) {
	w := newWorld(t)
	vpc := w.network().vpc.id
	for name, test := range map[string]struct {
		typ         string
		old, new    in
		replaces    []resource.PropertyKey
		deleteFirst bool
	}{
		"an auto-named group is made before the old one goes": {
			securityGroupType, in{"vpcId": vpc, "description": "a"}, in{"vpcId": vpc, "description": "b"},
			[]resource.PropertyKey{"description"}, false,
		},
		"a group whose name stays goes first": {
			securityGroupType, in{"vpcId": vpc, "name": "web", "description": "a"},
			in{"vpcId": vpc, "name": "web", "description": "b"}, []resource.PropertyKey{"description"}, true,
		},
		"a group with a new name is made before the old one goes": {
			securityGroupType, in{"vpcId": vpc, "name": "api"}, in{"vpcId": vpc, "name": "api2"},
			[]resource.PropertyKey{"name"}, false,
		},
		"an unknown value of such a property replaces": {
			securityGroupType, in{"vpcId": vpc, "name": "jobs"}, in{"vpcId": unknown, "name": "jobs"},
			[]resource.PropertyKey{"vpcId"}, true,
		},
		"tags are changed in place": {
			securityGroupType, in{"vpcId": vpc, "name": "tagged"},
			in{"vpcId": vpc, "name": "tagged", "tags": in{"Name": "x"}}, nil, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			diff := w.diff(w.make(test.typ, name[:9], test.old), test.new)
			assert.Equal(t, plugin.DiffSome, diff.Changes)
			assert.Equal(t, test.replaces, diff.ReplaceKeys)
			assert.Equal(t, test.deleteFirst, diff.DeleteBeforeReplace)
		})
	}
	t.Run("the order of a set is no change", func(t *testing.T) {
		n := w.network2()
		endpoint := w.make(endpointType, "ssm", in{
			"vpcId": n.vpc.id, "serviceName": "com.amazonaws.ap-northeast-1.ssm", "vpcEndpointType": "Interface",
			"subnetIds": []any{n.private.id, n.other.id},
		})
		diff := w.diff(endpoint, in{
			"vpcId": n.vpc.id, "serviceName": "com.amazonaws.ap-northeast-1.ssm", "vpcEndpointType": "Interface",
			"subnetIds": []any{n.other.id, n.private.id},
		})
		assert.Equal(t, plugin.DiffResult{Changes: plugin.DiffNone}, diff)
	})
}

// network2 is a second network beside the first.
func (w *world) network2() network {
	w.t.Helper()
	n := network{vpc: w.make(vpcType, "second", in{"cidrBlock": "10.2.0.0/16", "enableDnsHostnames": true})}
	n.private = w.make(subnetType, "second-a",
		in{"vpcId": n.vpc.id, "cidrBlock": "10.2.1.0/24", "availabilityZone": "ap-northeast-1a"})
	n.other = w.make(subnetType, "second-c",
		in{"vpcId": n.vpc.id, "cidrBlock": "10.2.2.0/24", "availabilityZone": "ap-northeast-1c"})
	return n
}

func TestWhatAWSComputes(t *testing.T) {
	w := newWorld(t).other(tokyo, account, in{"Project": "bookmark-manager", "Name": "default"})
	n := w.network()
	gateway, address, nat := w.nat(n)
	role := w.role()
	group := w.group(n.vpc.id, "web")
	table := w.make(routeTableType, "private", in{"vpcId": n.vpc.id})
	s3 := w.make(endpointType, "s3",
		in{"vpcId": n.vpc.id, "serviceName": "com.amazonaws.ap-northeast-1.s3", "routeTableIds": []any{table.id}})
	dkr := w.make(endpointType, "dkr", in{
		"vpcId":             n.vpc.id,
		"serviceName":       "com.amazonaws.ap-northeast-1.ecr.dkr",
		"vpcEndpointType":   "Interface",
		"privateDnsEnabled": true,
		"subnetIds":         []any{n.private.id, n.other.id},
		"securityGroupIds":  []any{group.id},
	})
	logs := w.make(logGroupType, "flow", in{"name": "/vpc/flow"})
	bucket := w.make(bucketType, "assets", in{"bucket": "assets-123456789012"})
	named := w.make(eipType, "named", in{"tags": in{"Name": "own"}})

	for name, test := range map[string]struct {
		o        object
		property string
		want     string // a regular expression
	}{
		"a VPC's ARN":           {n.vpc, "arn", "arn:aws:ec2:ap-northeast-1:123456789012:vpc/" + n.vpc.id},
		"a VPC's default group": {n.vpc, "defaultSecurityGroupId", "sg-[0-9a-f]{17}"},
		"a VPC's main table":    {n.vpc, "mainRouteTableId", "rtb-[0-9a-f]{17}"},
		"a VPC's default ACL":   {n.vpc, "defaultNetworkAclId", "acl-[0-9a-f]{17}"},
		"a VPC's owner":         {n.vpc, "ownerId", account},
		"a subnet's zone id":    {n.other, "availabilityZoneId", "apne1-az1"},
		"a gateway's ARN": {gateway, "arn",
			"arn:aws:ec2:ap-northeast-1:123456789012:internet-gateway/" + gateway.id},
		"an address": {address, "publicIp", `203\.0\.113\.1`},
		"an address's name": {address, "publicDns",
			`ec2-203-0-113-1\.ap-northeast-1\.compute\.amazonaws\.com`},
		"a NAT gateway's address":         {nat, "publicIp", `203\.0\.113\.1`},
		"a NAT gateway's private address": {nat, "privateIp", `10\.0\.1\.4`},
		"a NAT gateway's interface":       {nat, "networkInterfaceId", "eni-[0-9a-f]{17}"},
		"a gateway endpoint's list":       {s3, "prefixListId", "pl-61a54008"},
		"a log group's ARN": {logs, "arn",
			"arn:aws:logs:ap-northeast-1:123456789012:log-group:/vpc/flow"},
		"a role's ARN":   {role, "arn", "arn:aws:iam::123456789012:role/flow-[0-9a-f]{7}"},
		"a role's id":    {role, "uniqueId", "AROA[A-Z2-7]{17}"},
		"a bucket's ARN": {bucket, "arn", "arn:aws:s3:::assets-123456789012"},
		"a bucket's name": {bucket, "bucketRegionalDomainName",
			`assets-123456789012\.s3\.ap-northeast-1\.amazonaws\.com`},
		"a bucket's zone": {bucket, "hostedZoneId", "Z2M4EHUR26P7ZW"},
	} {
		assert.Regexp(t, regexp.MustCompile("^"+test.want+"$"), test.o.text(test.property), name)
	}

	assert.Equal(t, in{"Project": "bookmark-manager", "Name": "own"}, named.outputs["tagsAll"].Mappable(),
		"a resource's tags win over the provider's")
	assert.Equal(t, in{"Project": "bookmark-manager", "Name": "default"}, address.outputs["tagsAll"].Mappable())

	var names []string
	for _, entry := range dkr.outputs["dnsEntries"].ArrayValue() {
		names = append(names, entry.ObjectValue()["dnsName"].StringValue())
	}
	host := dkr.id + "-" + names[0][len(dkr.id)+1:len(dkr.id)+9]
	assert.Equal(t, []string{
		host + ".ecr.dkr.ap-northeast-1.vpce.amazonaws.com",
		host + "-ap-northeast-1a.ecr.dkr.ap-northeast-1.vpce.amazonaws.com",
		host + "-ap-northeast-1c.ecr.dkr.ap-northeast-1.vpce.amazonaws.com",
		"dkr.ecr.ap-northeast-1.amazonaws.com",
	}, names)
	assert.Len(t, dkr.outputs["networkInterfaceIds"].ArrayValue(), 2)
}

func TestPreviewLeavesWhatTheCloudComputesUnknown(t *testing.T) {
	w := newWorld(t)
	outputs, err := w.preview(vpcType, "main", in{"cidrBlock": "10.0.0.0/16", "tags": in{"Name": "main"}})
	require.NoError(t, err)
	computed := resource.MakeComputed(resource.NewProperty(""))
	assert.Equal(t, resource.PropertyMap{
		"cidrBlock":                        resource.NewProperty("10.0.0.0/16"),
		"enableDnsSupport":                 resource.NewProperty(true),
		"enableDnsHostnames":               resource.NewProperty(false),
		"enableNetworkAddressUsageMetrics": resource.NewProperty(false),
		"assignGeneratedIpv6CidrBlock":     resource.NewProperty(false),
		"instanceTenancy":                  resource.NewProperty("default"),
		"tags":                             resource.NewPropertyValue(in{"Name": "main"}),
		"tagsAll":                          resource.NewPropertyValue(in{"Name": "main"}),
		"arn":                              computed,
		"defaultNetworkAclId":              computed,
		"defaultRouteTableId":              computed,
		"defaultSecurityGroupId":           computed,
		"dhcpOptionsId":                    computed,
		"mainRouteTableId":                 computed,
		"ownerId":                          computed,
	}, outputs)
	all, err := w.cloud.List()
	require.NoError(t, err)
	assert.Empty(t, all, "a preview makes nothing")
}

func TestUpdate(t *testing.T) {
	w := newWorld(t)
	vpc := w.make(vpcType, "main", in{"cidrBlock": "10.0.0.0/16"})
	after, err := w.update(vpc, in{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true})
	require.NoError(t, err)
	want := vpc.outputs.Copy()
	want["enableDnsHostnames"] = resource.NewProperty(true)
	assert.Equal(t, want, after.outputs, "ids and what else is computed once stays")
	assert.Equal(t, after.outputs, w.read(after).Outputs)

	require.NoError(t, w.delete(after))
	_, err = w.update(after, in{"cidrBlock": "10.0.0.0/16"})
	require.EqualError(t, err, fmt.Sprintf("update main: aws:ec2/vpc:Vpc %q does not exist: it was deleted outside "+
		"of Pulumi, run pulumi refresh", vpc.id))
	assert.Equal(t, plugin.ReadResponse{}, w.read(after), "what is gone reads as nothing")
	assert.NoError(t, w.delete(after), "deleting what is gone is fine")
}

func TestEndpointKeepsItsInterfaces(t *testing.T) {
	w := newWorld(t)
	n := w.network()
	inputs := in{
		"vpcId": n.vpc.id, "serviceName": "com.amazonaws.ap-northeast-1.ssm", "vpcEndpointType": "Interface",
		"subnetIds": []any{n.private.id, n.other.id}, "securityGroupIds": []any{w.group(n.vpc.id, "first").id},
	}
	endpoint := w.make(endpointType, "ssm", inputs)
	second := w.group(n.vpc.id, "second")
	inputs["securityGroupIds"], inputs["subnetIds"] = []any{second.id}, []any{n.private.id}
	after, err := w.update(endpoint, inputs)
	require.NoError(t, err)
	assert.Equal(t, endpoint.outputs["networkInterfaceIds"].ArrayValue()[:1],
		after.outputs["networkInterfaceIds"].ArrayValue())
	assert.EqualError(t, plain(w.delete(second)),
		"delete second: DependencyViolation: resource sg-* has a dependent object: eni-*")
	assert.NoError(t, w.delete(n.other), "the subnet that the endpoint left is free")
}

func TestDefaultSecurityGroup(t *testing.T) {
	w := newWorld(t)
	n := w.network()
	group := w.make(defaultSecurityGroupType, "default", in{"vpcId": n.vpc.id})
	assert.Equal(t, n.vpc.text("defaultSecurityGroupId"), group.id, "it takes over the group that the VPC came with")
	assert.Equal(t, "default", group.text("name"))
	assert.Equal(t, group.outputs, w.read(group).Outputs)

	_, err := w.update(n.vpc, in{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true, "tags": in{"Name": "main"}})
	require.NoError(t, err)
	assert.Equal(t, group.outputs, w.read(group).Outputs, "an update of the VPC leaves it alone")

	require.NoError(t, w.delete(group))
	_, err = w.try(ingressRuleType, "still there",
		in{"securityGroupId": group.id, "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/16"})
	require.NoError(t, err, "its deletion leaves the group in place")

	_, err = w.try(defaultSecurityGroupType, "default", in{"vpcId": "vpc-none"})
	require.EqualError(t, err,
		"create default: InvalidGroup.NotFound: The default security group of VPC 'vpc-none' does not exist")
}

func TestDeletedKeyWaits(t *testing.T) {
	w := newWorld(t)
	key := w.make(keyType, "main", in{})
	require.NoError(t, w.delete(key))
	assert.Equal(t, plugin.ReadResponse{}, w.read(key))
	all, err := w.cloud.List()
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, cloud.PendingDeletion, all[0].State)
	assert.Empty(t, all[0].URN)
}

// TestNetworkComesAndGoes builds a whole network, as the engine would, and takes it down in
// reverse.
func TestNetworkComesAndGoes(t *testing.T) {
	w := newWorld(t)
	n := w.network()
	gateway, address, nat := w.nat(n)
	made := []object{n.vpc, n.public, n.private, n.other, gateway, address, nat}
	add := func(typ, name string, inputs in) object {
		o := w.make(typ, name, inputs)
		made = append(made, o)
		return o
	}
	public := add(routeTableType, "public", in{"vpcId": n.vpc.id})
	private := add(routeTableType, "private", in{"vpcId": n.vpc.id})
	add(routeType, "public",
		in{"routeTableId": public.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.id})
	add(routeType, "private",
		in{"routeTableId": private.id, "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": nat.id})
	add(routeAssociationType, "public-a", in{"routeTableId": public.id, "subnetId": n.public.id})
	add(routeAssociationType, "private-a", in{"routeTableId": private.id, "subnetId": n.private.id})
	add(defaultSecurityGroupType, "default", in{"vpcId": n.vpc.id})
	web, endpoints := add(securityGroupType, "web", in{"vpcId": n.vpc.id}),
		add(securityGroupType, "endpoints", in{"vpcId": n.vpc.id})
	add(ingressRuleType, "endpoints-web", in{
		"securityGroupId":           endpoints.id,
		"referencedSecurityGroupId": web.id,
		"ipProtocol":                "tcp",
		"fromPort":                  443,
		"toPort":                    443,
	})
	add(egressRuleType, "web-endpoints", in{
		"securityGroupId":           web.id,
		"referencedSecurityGroupId": endpoints.id,
		"ipProtocol":                "tcp",
		"fromPort":                  443,
		"toPort":                    443,
	})
	add(endpointType, "s3",
		in{"vpcId": n.vpc.id, "serviceName": "com.amazonaws.ap-northeast-1.s3", "routeTableIds": []any{private.id}})
	add(endpointType, "logs", in{
		"vpcId":             n.vpc.id,
		"serviceName":       "com.amazonaws.ap-northeast-1.logs",
		"vpcEndpointType":   "Interface",
		"privateDnsEnabled": true,
		"subnetIds":         []any{n.private.id, n.other.id},
		"securityGroupIds":  []any{endpoints.id},
	})
	role := add(roleType, "flow", in{"assumeRolePolicy": trust})
	add(rolePolicyType, "flow", in{"role": role.id, "policy": `{"Version":"2012-10-17","Statement":[` + may + `]}`})
	logs := add(logGroupType, "flow", in{"retentionInDays": 30})
	add(flowLogType, "flow", in{
		"vpcId":          n.vpc.id,
		"trafficType":    "ALL",
		"iamRoleArn":     role.text("arn"),
		"logDestination": logs.text("arn"),
	})

	for _, o := range made {
		assert.Equal(t, o.outputs, w.read(o).Outputs, "%s %s reads as it was made", o.typ, o.name)
		assert.Equal(t, o.inputs, w.read(o).Inputs, "%s %s", o.typ, o.name)
	}
	slices.Reverse(made)
	for _, o := range made {
		require.NoError(t, w.delete(o), "%s %s", o.typ, o.name)
	}
	left, err := w.cloud.List()
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestConcurrentProvidersMakeEachObjectOnce has providers with handles of their own, as separate
// processes have.
func TestConcurrentProvidersMakeEachObjectOnce(t *testing.T) {
	w := newWorld(t)
	vpc := w.make(vpcType, "main", in{"cidrBlock": "10.0.0.0/16"})
	const providers, subnets = 4, 8
	var wg sync.WaitGroup
	results := make(chan error, providers*subnets)
	for i := range providers {
		handle, err := cloud.Open(w.cloud.Path())
		require.NoError(t, err)
		own := (&world{t: t, cloud: handle}).other(tokyo, account, nil)
		for j := range subnets {
			wg.Go(func() {
				res, err := own.Create(context.Background(), plugin.CreateRequest{
					URN:  urn(subnetType, fmt.Sprint(i, j)),
					Type: tokens.Type(subnetType),
					Properties: resource.NewPropertyMapFromMap(in{
						"vpcId":     vpc.id,
						"cidrBlock": fmt.Sprintf("10.0.%d.0/24", j),
					}),
				})
				if err == nil && res.ID == "" {
					err = os.ErrInvalid
				}
				results <- err
			})
		}
	}
	wg.Wait()
	close(results)
	made, refused := 0, 0
	for err := range results {
		if err == nil {
			made++
			continue
		}
		require.ErrorContains(t, err, "InvalidSubnet.Conflict")
		refused++
	}
	assert.Equal(t, subnets, made)
	assert.Equal(t, (providers-1)*subnets, refused)
}

// TestPreviewForgivesWhatTheRunMakesFirst names things that the same run will have made by then.
func TestPreviewForgivesWhatTheRunMakesFirst(t *testing.T) {
	for typ, inputs := range map[string]in{
		rolePolicyType:       {"role": "later", "policy": allow},
		policyAttachmentType: {"role": "later", "policyArn": "arn:aws:iam::123456789012:policy/later"},
		logGroupType:         {"kmsKeyId": "arn:aws:kms:ap-northeast-1:123456789012:key/later"},
		aliasType:            {"name": "alias/app", "targetKeyId": "later"},
		flowLogType: {
			"vpcId":          "vpc-later",
			"trafficType":    "ALL",
			"iamRoleArn":     "arn:aws:iam::123456789012:role/later",
			"logDestination": "arn:aws:logs:ap-northeast-1:123456789012:log-group:later",
		},
		endpointType: {
			"vpcId":         "vpc-later",
			"serviceName":   "com.amazonaws.ap-northeast-1.s3",
			"routeTableIds": []any{"rtb-later"},
		},
		ingressRuleType: {"securityGroupId": "sg-later", "prefixListId": "pl-later", "ipProtocol": "-1"},
		natGatewayType:  {"subnetId": "subnet-later", "allocationId": "eipalloc-later"},
	} {
		w := newWorld(t)
		_, err := w.preview(typ, "thing", inputs)
		require.NoError(t, err, typ)
		_, err = w.try(typ, "thing", inputs)
		require.Error(t, err, "%s: the deployment itself does not", typ)
	}
}
