package edge

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	typeZone        = "aws:route53/zone:Zone"
	typeKey         = "aws:kms/key:Key"
	typeSigningKey  = "aws:route53/keySigningKey:KeySigningKey"
	typeSigning     = "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"
	typeLogGroup    = "aws:cloudwatch/logGroup:LogGroup"
	typeLogPolicy   = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
	typeQueryLog    = "aws:route53/queryLog:QueryLog"
	queryLogSubject = "aws:route53/queryLog:QueryLog zone-queries"
)

func buildZone(t *testing.T, change func(*ZoneArgs)) (*recorder.Recorder, *Zone, error) {
	t.Helper()
	var zone *Zone
	r, err := recorded(t,
		func(ctx *pulumi.Context, usEast1 pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
			args := &ZoneArgs{Config: validConfig().Zone, Stack: recorder.Production, UsEast1: usEast1}
			if change != nil {
				change(args)
			}
			var err error
			zone, err = NewZone(ctx, "zone", args, opts...)
			return err
		})
	return r, zone, err
}

func TestZoneIsSignedAndLogged(t *testing.T) {
	r, zone, err := buildZone(t, nil)
	require.NoError(t, err)
	assertSameKeys(t, r,
		typeLogGroup+" zone-queries",
		typeLogPolicy+" zone-queries",
		typeKey+" zone-dnssec",
		typeSigning+" zone-dnssec",
		typeSigningKey+" zone-dnssec",
		queryLogSubject,
		typeZone+" zone-zone",
		ZoneType+" zone",
	)
	assert.Equal(t, map[string]string{
		typeLogGroup + " zone-queries":  "us-east-1",
		typeLogPolicy + " zone-queries": "us-east-1",
		typeKey + " zone-dnssec":        "us-east-1",
		typeSigning + " zone-dnssec":    "aws",
		typeSigningKey + " zone-dnssec": "aws",
		queryLogSubject:                 "aws",
		typeZone + " zone-zone":         "aws",
	}, providers(r))

	made := one(t, r, typeZone, "zone-zone")
	assert.Equal(t, "example.com", made.Input("name"))
	assert.Equal(t, "Zzone-zone", value[string](t, zone.ZoneID))
	assert.Equal(t, []string{"ns-1.awsdns-01.org", "ns-2.awsdns-02.com"}, value[[]string](t, zone.NameServers))
	assert.Equal(t, "12345 13 2 ABCDEF", value[string](t, zone.DSRecord))
	assert.Equal(t, "/aws/route53/example.com", value[string](t, zone.QueryLogGroupName))

	key := one(t, r, typeKey, "zone-dnssec")
	assert.Equal(t, "ECC_NIST_P256", key.Input("customerMasterKeySpec"))
	assert.Equal(t, "SIGN_VERIFY", key.Input("keyUsage"))
	assert.Equal(t, parse(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"AccountAdministersKey","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},
		 "Action":["kms:*"],"Resource":["*"]},
		{"Sid":"Route53SignsZone","Effect":"Allow","Principal":{"Service":["dnssec-route53.amazonaws.com"]},
		 "Action":["kms:DescribeKey","kms:GetPublicKey","kms:Sign"],"Resource":["*"],
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},
		  "ArnLike":{"aws:SourceArn":["arn:aws:route53:::hostedzone/*"]}}},
		{"Sid":"Route53GrantsItself","Effect":"Allow","Principal":{"Service":["dnssec-route53.amazonaws.com"]},
		 "Action":["kms:CreateGrant"],"Resource":["*"],
		 "Condition":{"Bool":{"kms:GrantIsForAWSResource":["true"]},"StringEquals":{"aws:SourceAccount":["111122223333"]},
		  "ArnLike":{"aws:SourceArn":["arn:aws:route53:::hostedzone/*"]}}}]}`), document(t, key, "policy"))
	signing := one(t, r, typeSigningKey, "zone-dnssec")
	assert.Regexp(t, `^[A-Za-z0-9_]{3,128}$`, signing.Input("name"))

	assert.Equal(t, parse(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":["route53.amazonaws.com"]},"Action":["logs:CreateLogStream",
		 "logs:PutLogEvents"],
		 "Resource":["arn:aws:test:ap-northeast-1:111122223333:zone-queries:*"],
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},
		  "ArnLike":{"aws:SourceArn":["arn:aws:test:ap-northeast-1:111122223333:zone-zone"]}}}]}`),
		document(t, one(t, r, typeLogPolicy, "zone-queries"), "policyDocument"))
	assert.Equal(t, 30.0, one(t, r, typeLogGroup, "zone-queries").Input("retentionInDays"))
	log := one(t, r, typeQueryLog, "zone-queries")
	assert.Contains(t, log.DependsOn, "urn:pulumi:test::bookmark-manager::"+ZoneType+"$"+typeLogPolicy+"::zone-queries",
		"Route53 refuses a log group that it may not write to")
}

func TestZoneAloneHasNothingElse(t *testing.T) {
	r, _, err := buildZone(t, func(a *ZoneArgs) { a.Config.DNSSEC, a.Config.QueryLogs = false, nil })
	require.NoError(t, err)
	assertSameKeys(t, r, typeZone+" zone-zone", ZoneType+" zone")
}

func TestZoneIsProtectedUntilTeardown(t *testing.T) {
	for name, c := range map[string]struct {
		disposable, teardown bool
		protected            bool
		deletionDays         float64
	}{
		"by default":                {protected: true, deletionDays: 30},
		"not when disposable":       {disposable: true, deletionDays: 7},
		"not while being torn down": {teardown: true, deletionDays: 30},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildZone(t, func(a *ZoneArgs) { a.Disposable, a.Teardown = c.disposable, c.teardown })
			require.NoError(t, err)
			var protected []string
			for _, one := range r.All() {
				if one.Protect {
					protected = append(protected, one.Key())
				}
			}
			if c.protected {
				assert.Equal(t, []string{typeKey + " zone-dnssec", typeZone + " zone-zone"}, protected)
			} else {
				assert.Empty(t, protected)
			}
			assert.Equal(t, !c.protected, one(t, r, typeZone, "zone-zone").Input("forceDestroy"))
			assert.Equal(t, c.deletionDays, one(t, r, typeKey, "zone-dnssec").Input("deletionWindowInDays"))
		})
	}
}

func TestZoneIsAdoptedByID(t *testing.T) {
	adopted := func(name Domain) func(*ZoneArgs) {
		return func(a *ZoneArgs) { a.Config = ZoneConfig{Name: name, ID: "Z0123456789ABCDEFGHIJ", Delegated: true} }
	}
	r, zone, err := buildZone(t, adopted("example.com"))
	require.NoError(t, err)
	assertSameKeys(t, r, typeZone+" zone-zone", ZoneType+" zone")
	assert.Equal(t, "Z0123456789ABCDEFGHIJ", one(t, r, typeZone, "zone-zone").ID, "read, not made")
	assert.Equal(t, "Zzone-zone", value[string](t, zone.ZoneID))
	assert.Len(t, value[[]string](t, zone.NameServers), 2)

	_, _, err = buildZone(t, adopted("example.org"))
	assert.ErrorContains(t, err, "it is of example.com, but zone.name is example.org")
}

func TestZoneRefuses(t *testing.T) {
	for want, change := range map[string]func(*ZoneArgs){
		"UsEast1 is required":                     func(a *ZoneArgs) { a.UsEast1 = nil },
		`name: found nothing, want a domain name`: func(a *ZoneArgs) { a.Config.Name = "" },
		"dnssec: found true, want false for an adopted zone": func(a *ZoneArgs) {
			a.Config.ID = "Z0123456789ABCDEFGHIJ"
		},
	} {
		r, _, err := buildZone(t, change)
		require.ErrorContains(t, err, want)
		assert.Empty(t, r.Keys())
	}
}
