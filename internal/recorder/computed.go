package recorder

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// Account and Region stand in for what a cloud would answer.
const (
	Account = "111122223333"
	Region  = "ap-northeast-1"
)

// computed adds to the inputs what the provider would have filled in. Mocks run no provider: an
// output that is missing here is empty in a test, and a list that the program indexes would panic.
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
	case catalog.VPC:
		text("defaultSecurityGroupId", "sg-default")
		text("defaultRouteTableId", "rtb-default")
		text("defaultNetworkAclId", "acl-default")
	case catalog.EIP:
		text("publicIp", "203.0.113.7")
	case catalog.VPCEndpoint:
		text("prefixListId", "pl-%s", name)
	case catalog.LoadBalancer:
		text("arnSuffix", "app/%s/50dc6c495c0c9188", name)
		text("dnsName", "%s.%s.elb.amazonaws.com", name, Region)
		text("zoneId", "Z14GRHDCWA56QT")
	case catalog.TargetGroup:
		text("arnSuffix", "targetgroup/%s/73e2d6bc24d8a067", name)
	case catalog.Repository:
		text("repositoryUrl", "%s.dkr.ecr.%s.amazonaws.com/%s", Account, Region, state["name"].V)
	case catalog.Certificate:
		state["domainValidationOptions"] = validationOptions(state)
	case catalog.Zone:
		text("zoneId", "Z%s", name)
		if _, given := inputs["name"]; !given { // one that is read
			state["name"] = resource.NewStringProperty("example.com")
		}
		state["nameServers"] = resource.NewArrayProperty([]resource.PropertyValue{
			resource.NewStringProperty("ns-1.awsdns-01.org"), resource.NewStringProperty("ns-2.awsdns-02.com"),
		})
	case catalog.Record:
		state["fqdn"] = state["name"]
	case catalog.KeySigningKey:
		text("dsRecord", "12345 13 2 ABCDEF")
	case catalog.Distribution:
		text("domainName", "d111111abcdef8.cloudfront.net")
		text("hostedZoneId", "Z2FDTNDATAQYW2")
	case catalog.Key:
		text("keyId", "key-%s", name)
	case catalog.Bucket:
		text("bucketRegionalDomainName", "%s.s3.%s.amazonaws.com", state["bucket"].V, Region)
	case catalog.TaskDefinition:
		text("arnWithoutRevision", "arn:aws:test:%s:%s:family-%s", Region, Account, name)
	case catalog.Queue:
		text("url", "https://sqs.%s.amazonaws.com/%s/%s", Region, Account, state["name"].V)
	case catalog.RDSCluster:
		text("endpoint", "%s.cluster-abc.%s.rds.amazonaws.com", state["clusterIdentifier"].V, Region)
		text("readerEndpoint", "%s.cluster-ro-abc.%s.rds.amazonaws.com", state["clusterIdentifier"].V, Region)
		state["engineVersionActual"] = state["engineVersion"]
	case catalog.BackupRegionSettings:
		if _, given := inputs["resourceTypeOptInPreference"]; !given { // those that are read
			state["resourceTypeOptInPreference"] = resource.NewObjectProperty(resource.PropertyMap{
				"Aurora": resource.NewBoolProperty(true),
			})
		}
	case catalog.Parameter:
		state["version"] = resource.NewNumberProperty(1)
	case catalog.DatadogAccount:
		state["authConfig"] = resource.NewObjectProperty(resource.PropertyMap{
			"awsAuthConfigRole": resource.NewObjectProperty(
				resource.PropertyMap{"externalId": resource.MakeSecret(resource.NewStringProperty("external-id"))}),
		})
	case catalog.DatadogAPIKey:
		state["key"] = resource.MakeSecret(resource.NewStringProperty("generated-" + name))
	case catalog.DatadogDashboard:
		text("url", "/dashboard/abc-def-ghi")
	case catalog.SentryKey:
		text("dsnPublic", "https://%s@o1.ingest.sentry.io/2", name)
		text("dsnCsp", "https://o1.ingest.sentry.io/api/2/csp-report/?sentry_key=%s", name)
	case catalog.AtlasCluster:
		state["connectionStrings"] = resource.NewArrayProperty([]resource.PropertyValue{resource.NewObjectProperty(
			resource.PropertyMap{
				"standardSrv": resource.NewStringProperty(fmt.Sprintf("mongodb+srv://%s.abc12.mongodb.net",
					state["name"].V)),
			},
		)})
		specs := state["replicationSpecs"].ArrayValue()[0].ObjectValue().Copy()
		specs["zoneId"] = resource.NewStringProperty("zone-1")
		state["replicationSpecs"] = resource.NewArrayProperty([]resource.PropertyValue{resource.NewObjectProperty(
			specs,
		)})
	case catalog.AtlasPrivateLink:
		text("privateLinkId", "link-%s", name)
		text("endpointServiceName", "com.amazonaws.vpce.%s.vpce-svc-0123456789abcdef0", Region)
	case catalog.RandomID:
		text("hex", "0a1b2c3d")
	case catalog.RandomPassword:
		state["result"] = resource.MakeSecret(resource.NewStringProperty("generated-" + name))
	}
	return state
}

// validationOptions lists an option for each domain of a certificate, the last domain first: ACM
// returns them in no order.
func validationOptions(certificate resource.PropertyMap) resource.PropertyValue {
	domains := append([]resource.PropertyValue{certificate["domainName"]},
		certificate["subjectAlternativeNames"].ArrayValue()...)
	slices.Reverse(domains)
	options := make([]resource.PropertyValue, len(domains))
	for i, domain := range domains {
		options[i] = resource.NewObjectProperty(resource.PropertyMap{
			"domainName":         domain,
			"resourceRecordName": resource.NewStringProperty("_acm." + domain.StringValue()),
			"resourceRecordType": resource.NewStringProperty("CNAME"),
			"resourceRecordValue": resource.NewStringProperty("_proof." + domain.StringValue() +
				".acm-validations.aws"),
		})
	}
	return resource.NewArrayProperty(options)
}
