package aws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const changeBatch = "InvalidChangeBatch: [%s]"

var signingKeyName = regexp.MustCompile(`^[0-9A-Za-z_]{3,128}$`)

// dnsRules are about Route53 and ACM.
var dnsRules = []provider.Rule{
	{
		Name:  "a zone with records stays",
		Types: []string{zoneType},
		When:  provider.OnDelete,
		Why:   "Route53 DeleteHostedZone: HostedZoneNotEmpty",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Inputs).Is("forceDestroy", false) ||
				len(r.Where(recordType, "zoneId", r.Old.ID)) == 0 {
				return nil
			}
			return fmt.Errorf("HostedZoneNotEmpty: The specified hosted zone contains non-required resource record " +
				"sets and so cannot be deleted")
		},
	},
	{
		Name:  "a record of one kind",
		Types: []string{recordType},
		When:  provider.OnCheck,
		Why:   "the provider: ExactlyOneOf",
		Check: exactlyOne("aliases", "records"),
	},
	{
		Name:  "a record with values lives for a time",
		Types: []string{recordType},
		When:  provider.OnCheck,
		Why:   "Route53 ChangeResourceRecordSets: InvalidInput",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("records") && !r.Inputs.Has("ttl") {
				return fmt.Errorf("InvalidInput: Invalid XML ; Expected exactly one of [AliasTarget, all of [TTL, "+
					"and ResourceRecords]], but found none in Change with [Action=CREATE, Name=%s, Type=%s]",
					r.Inputs.Text("name"), r.Inputs.Text("type"))
			}
			return nil
		},
	},
	{
		Name:  "a failover record has an identifier",
		Types: []string{recordType},
		When:  provider.OnCheck,
		Why:   "the provider: RequiredWith setIdentifier",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("failoverRoutingPolicies") && !r.Inputs.Has("setIdentifier") {
				return fmt.Errorf(`"failover_routing_policy": all of failover_routing_policy,set_identifier must be ` +
					`specified`)
			}
			return nil
		},
	},
	{
		Name:  "a record in a known zone",
		Types: []string{recordType},
		When:  provider.OnWrite,
		Why:   "Route53 ChangeResourceRecordSets: NoSuchHostedZone",
		Check: references("zoneId", zoneType, "NoSuchHostedZone: No hosted zone found with ID: %s"),
	},
	{
		Name:  "a record in its zone",
		Types: []string{recordType},
		When:  provider.OnWrite,
		Why: "Route53 ChangeResourceRecordSets: InvalidChangeBatch; the provider completes a name that does not " +
			"end like the zone's",
		Check: func(r *provider.Request) error {
			name, zone := recordName(r, r.Inputs)
			if zone == nil || r.Inputs.Unknown("name") {
				return nil
			}
			domain := strings.TrimSuffix(zone.Text("name"), ".")
			if name != domain && !strings.HasSuffix(name, "."+domain) {
				return fmt.Errorf(changeBatch,
					fmt.Sprintf("RRSet with DNS name %s. is not permitted in zone %s.", name, domain))
			}
			return nil
		},
	},
	{
		Name:  "one record a name and type",
		Types: []string{recordType},
		When:  provider.OnWrite,
		Why:   "Route53 ChangeResourceRecordSets: InvalidChangeBatch",
		Check: func(r *provider.Request) error {
			if r.Inputs.Is("allowOverwrite", false) {
				return nil
			}
			return eachNamesake(r, func(name string, other *cloud.Object) error {
				same := other.Text("type") == r.Inputs.Text("type")
				if !same || other.Text("setIdentifier") != r.Inputs.Text("setIdentifier") {
					return nil
				}
				return fmt.Errorf(changeBatch, fmt.Sprintf("Tried to create resource record set [name='%s.', "+
					"type='%s'] but it already exists", name, other.Text("type")))
			})
		},
	},
	{
		Name:  "no CNAME record at the apex",
		Types: []string{recordType},
		When:  provider.OnWrite,
		Why: "Route53 ChangeResourceRecordSets: InvalidChangeBatch; the zone's own name has its NS and SOA " +
			"records, and a CNAME record is alone",
		Check: func(r *provider.Request) error {
			name, zone := recordName(r, r.Inputs)
			if zone == nil || r.Inputs.Unknown("name") || r.Inputs.Text("type") != "CNAME" ||
				name != strings.TrimSuffix(zone.Text("name"), ".") {
				return nil
			}
			return fmt.Errorf(changeBatch,
				fmt.Sprintf("RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s.", name, name))
		},
	},
	{
		Name:  "a CNAME record alone",
		Types: []string{recordType},
		When:  provider.OnWrite,
		Why:   "Route53 ChangeResourceRecordSets: InvalidChangeBatch",
		Check: func(r *provider.Request) error {
			return eachNamesake(r, func(name string, other *cloud.Object) error {
				one, two := r.Inputs.Text("type"), other.Text("type")
				if one == two || (one != "CNAME" && two != "CNAME") {
					return nil
				}
				return fmt.Errorf(changeBatch, fmt.Sprintf("RRSet of type %s with DNS name %s. is not permitted as "+
					"it conflicts with other records with the same DNS name", one, name))
			})
		},
	},
	{
		Name:  "records of one name are of one routing",
		Types: []string{recordType},
		When:  provider.OnWrite,
		Why:   "Route53 ChangeResourceRecordSets: InvalidChangeBatch",
		Check: func(r *provider.Request) error {
			return eachNamesake(r, func(name string, other *cloud.Object) error {
				one, two := r.Inputs.Text("setIdentifier"), other.Text("setIdentifier")
				if other.Text("type") != r.Inputs.Text("type") || (one == "") == (two == "") {
					return nil
				}
				return fmt.Errorf(changeBatch, fmt.Sprintf("RRSet with DNS name %s., type %s, SetIdentifier %s "+
					"cannot be created as other RRSets exist with the same name and type and another routing policy",
					name, other.Text("type"), one))
			})
		},
	},
	{
		Name:  "one failover record a role",
		Types: []string{recordType},
		When:  provider.OnWrite,
		Why:   "Route53 ChangeResourceRecordSets: InvalidChangeBatch",
		Check: func(r *provider.Request) error {
			role := failoverRole(r.Inputs)
			return eachNamesake(r, func(name string, other *cloud.Object) error {
				if r.Inputs.Is("allowOverwrite", false) &&
					other.Text("setIdentifier") == r.Inputs.Text("setIdentifier") {
					return nil // it is written over
				}
				if role == "" || other.Text("type") != r.Inputs.Text("type") ||
					failoverRole(provider.Values(other.Inputs)) != role {
					return nil
				}
				return fmt.Errorf(changeBatch, fmt.Sprintf("RRSet with DNS name %s., type %s, SetIdentifier %s "+
					"cannot be created as a failover %s RRSet with the same name and type already exists",
					name, other.Text("type"), r.Inputs.Text("setIdentifier"), role))
			})
		},
	},
	{
		Name:  "an alias of a distribution",
		Types: []string{recordType},
		When:  provider.OnCheck,
		Why: "Route53 AliasTarget: the zone of CloudFront's names is Z2FDTNDATAQYW2, and EvaluateTargetHealth " +
			"must be false",
		Check: func(r *provider.Request) error {
			for _, alias := range r.Inputs.Objects("aliases") {
				ours := strings.HasSuffix(strings.TrimSuffix(alias.Text("name"), "."), ".cloudfront.net")
				switch {
				case ours && !alias.Unknown("zoneId") && alias.Text("zoneId") != cloudFrontZone:
					return fmt.Errorf(changeBatch, fmt.Sprintf("Tried to create an alias that targets %s., type %s "+
						"in zone %s, but the alias target name does not lie within the target zone",
						alias.Text("name"), r.Inputs.Text("type"), alias.Text("zoneId")))
				case alias.Text("zoneId") == cloudFrontZone && alias.Is("evaluateTargetHealth", false):
					return fmt.Errorf("InvalidInput: EvaluateTargetHealth cannot be true for an alias that targets " +
						"a CloudFront distribution")
				}
			}
			return nil
		},
	},
	{
		Name:  "regions of a health check",
		Types: []string{healthCheckType},
		When:  provider.OnCheck,
		Why:   "Route53 HealthCheckConfig: Regions",
		Check: func(r *provider.Request) error {
			if regions := r.Inputs.Texts("regions"); r.Inputs.Has("regions") && !r.Inputs.Unknown("regions") &&
				len(regions) < 3 {
				return fmt.Errorf("InvalidInput: Invalid parameter : regions must have at least 3 values, got %d",
					len(regions))
			}
			return nil
		},
	},
	{
		Name:  "name of a key-signing key",
		Types: []string{signingKeyType},
		When:  provider.OnCheck,
		Why:   "Route53 CreateKeySigningKey: InvalidKeySigningKeyName, letters, digits and underscores",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("name"); name != "" && !signingKeyName.MatchString(name) {
				return fmt.Errorf("InvalidKeySigningKeyName: The key-signing key name that you specified isn't a "+
					"valid name: %s", name)
			}
			return nil
		},
	},
	{
		Name:  "key of a key-signing key",
		Types: []string{signingKeyType},
		When:  provider.OnWrite,
		Why:   "Route53 CreateKeySigningKey: InvalidKMSArn; a key of us-east-1, ECC_NIST_P256, that signs",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("keyManagementServiceArn")
			key := r.ByARN(arn)
			good := key != nil && key.Region == globalRegion && key.Text("customerMasterKeySpec") == "ECC_NIST_P256" &&
				key.Text("keyUsage") == "SIGN_VERIFY"
			if arn != "" && !good && (key != nil || r.Missing(key)) {
				return fmt.Errorf("InvalidKMSArn: The KeyManagementServiceArn that you specified isn't valid to use "+
					"with DNSSEC signing: %s", arn)
			}
			return nil
		},
	},
	{
		Name:  "the key of a key-signing key lets Route 53 sign",
		Types: []string{signingKeyType},
		When:  provider.OnWrite,
		Why: "Route53 CreateKeySigningKey: InvalidKMSArn; " +
			"docs.aws.amazon.com/Route53/latest/DeveloperGuide/" +
			"access-control-managing-permissions.html#KMS-key-policy-for-DNSSEC",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("keyManagementServiceArn")
			key := r.ByARN(arn)
			if key == nil || r.Preview {
				return nil // another rule's
			}
			zone := "arn:aws:route53:::hostedzone/" + r.Inputs.Text("hostedZoneId")
			for _, action := range []string{"kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"} {
				if err := serviceMay(r, dnssec, action, arn, zone, nil); err != nil {
					return fmt.Errorf("InvalidKMSArn: The KeyManagementServiceArn that you specified isn't valid to "+
						"use with DNSSEC signing: %s\n%w", arn, err)
				}
			}
			if err := serviceMay(r, dnssec, "kms:CreateGrant", arn, zone,
				map[string]string{"kms:GrantIsForAWSResource": "true"}); err != nil {
				return fmt.Errorf("InvalidKMSArn: The KeyManagementServiceArn that you specified isn't valid to use "+
					"with DNSSEC signing: %s\n%w", arn, err)
			}
			return nil
		},
	},
	{
		Name:  "a signed zone has a key",
		Types: []string{zoneSigningType},
		When:  provider.OnCreate,
		Why:   "Route53 EnableHostedZoneDNSSEC: KeySigningKeyWithActiveStatusNotFound",
		Check: func(r *provider.Request) error {
			zone := r.Inputs.Text("hostedZoneId")
			if zone == "" || r.Preview || len(r.Where(signingKeyType, "hostedZoneId", zone)) > 0 {
				return nil
			}
			return fmt.Errorf("KeySigningKeyWithActiveStatusNotFound: A key-signing key (KSK) with ACTIVE status "+
				"wasn't found for hosted zone %s", zone)
		},
	},
	{
		Name:  "the key of a signed zone stays",
		Types: []string{signingKeyType},
		When:  provider.OnDelete,
		Why:   "Route53 DeactivateKeySigningKey: KeySigningKeyInUse",
		Check: func(r *provider.Request) error {
			if zone := r.Old.Text("hostedZoneId"); len(r.Where(zoneSigningType, "hostedZoneId", zone)) > 0 {
				return fmt.Errorf("KeySigningKeyInUse: The key-signing key (KSK) that you specified can't be "+
					"deactivated because it's the only KSK for a currently-enabled DNSSEC: %s", zone)
			}
			return nil
		},
	},
	{
		Name:  "a query log to a log group that takes it",
		Types: []string{queryLogType},
		When:  provider.OnCreate,
		Why: "Route53 CreateQueryLoggingConfig: NoSuchCloudWatchLogsLogGroup, " +
			"InsufficientCloudWatchLogsResourcePolicy; the group is in us-east-1",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("cloudwatchLogGroupArn")
			group := r.ByARN(arn)
			switch {
			case arn == "":
				return nil
			case r.Missing(group) || group != nil && (group.Type != logGroupType || group.Region != globalRegion):
				return fmt.Errorf("NoSuchCloudWatchLogsLogGroup: The CloudWatch Logs log group does not exist in "+
					"us-east-1: %s", arn)
			case group == nil || r.Preview:
				return nil
			}
			if err := mayWriteLogs(r, group, "route53.amazonaws.com",
				"arn:aws:route53:::hostedzone/"+r.Inputs.Text("zoneId")); err != nil {
				return fmt.Errorf("InsufficientCloudWatchLogsResourcePolicy: Amazon Route 53 doesn't have the "+
					"permissions required to create log streams and send query logs to log streams: %s\n%w", arn, err)
			}
			return nil
		},
	},
	{
		Name:  "a certificate is validated by its records",
		Types: []string{validationType},
		When:  provider.OnCreate,
		Why: "ACM: a certificate waits in PENDING_VALIDATION until its records are in public DNS, which takes a " +
			"delegated zone; the provider gives up after 75 minutes",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("certificateArn")
			certificate := r.ByARN(arn)
			switch {
			case arn == "" || r.Preview:
				return nil
			case certificate == nil || certificate.Region != r.Region:
				return fmt.Errorf("ResourceNotFoundException: Could not find certificate %s in %s", arn, r.Region)
			}
			if missing := notIssued(r, certificate); missing != "" {
				return fmt.Errorf("waiting for ACM Certificate (%s) to be issued: timeout while waiting for state "+
					"to become 'ISSUED' (last state: 'PENDING_VALIDATION', timeout: 1h15m0s): no record %s in "+
					"public DNS: is it there, and does the registrar point at its zone?", arn, missing)
			}
			return nil
		},
	},
	{
		Name:  "a certificate in use stays",
		Types: []string{certificateType},
		When:  provider.OnDelete,
		Why:   "ACM DeleteCertificate: ResourceInUseException",
		Check: func(r *provider.Request) error {
			for _, distribution := range r.Everywhere(distributionType) {
				if provider.Values(distribution.Inputs).Object("viewerCertificate").Text(
					"acmCertificateArn",
				) == r.Old.ARN {
					return fmt.Errorf("ResourceInUseException: Certificate %s in account %s is in use", r.Old.ARN,
						r.Account)
				}
			}
			return nil
		},
	},
}

// eachNamesake asks about every other record of the zone that has the request's name.
func eachNamesake(r *provider.Request, ask func(name string, other *cloud.Object) error) error {
	name, zone := recordName(r, r.Inputs)
	if zone == nil || r.Inputs.Unknown("name", "type", "setIdentifier") {
		return nil
	}
	for _, other := range r.Others(recordType) {
		if other.Text("zoneId") != zone.ID || other.Text("fqdn") != name {
			continue
		}
		if err := ask(name, other); err != nil {
			return err
		}
	}
	return nil
}

func failoverRole(v provider.Values) string {
	for _, policy := range v.Objects("failoverRoutingPolicies") {
		return policy.Text("type")
	}
	return ""
}

// notIssued is the name of a record that a certificate waits for; empty once it is issued.
func notIssued(r *provider.Request, certificate *cloud.Object) string {
	for _, option := range provider.Values(certificate.Outputs).Objects("domainValidationOptions") {
		if !published(r, option) {
			return option.Text("resourceRecordName")
		}
	}
	return ""
}

func published(r *provider.Request, option provider.Values) bool {
	for _, record := range r.List(recordType) {
		in := provider.Values(record.Inputs)
		if record.Text("fqdn") != strings.TrimSuffix(option.Text("resourceRecordName"), ".") ||
			in.Text("type") != option.Text("resourceRecordType") {
			continue
		}
		if zone := r.Find(zoneType, in.Text("zoneId")); zone == nil || !delegated(r, zone) {
			continue // ACM asks public DNS, where the record is not seen
		}
		for _, value := range in.Texts("records") {
			if strings.TrimSuffix(value, ".") == strings.TrimSuffix(option.Text("resourceRecordValue"), ".") {
				return true
			}
		}
	}
	return false
}

// dnssec is Route 53 as a principal, where it signs zones.
const dnssec = "dnssec-route53.amazonaws.com"
