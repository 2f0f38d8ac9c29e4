package edge

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const typeHealthCheck = "aws:route53/healthCheck:HealthCheck"

func buildRecords(t *testing.T, change func(*RecordsArgs)) (*recorder.Recorder, *Records, error) {
	t.Helper()
	var records *Records
	r, err := recorded(t, func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
		args := &RecordsArgs{
			Config:                 RecordsConfig{HealthCheck: validConfig().Records.HealthCheck, Mail: MailElsewhere},
			Domain:                 "example.com",
			Apex:                   ApexRedirect,
			Stack:                  recorder.Production,
			ZoneID:                 pulumi.String("ZONE"),
			DistributionDomainName: pulumi.String("d.cloudfront.net"),
			DistributionZoneID:     pulumi.String("ZCLOUDFRONT"),
			LoadBalancerDNSName:    pulumi.String("alb.elb.amazonaws.com"),
			LoadBalancerZoneID:     pulumi.String("ZALB"),
		}
		if change != nil {
			change(args)
		}
		var err error
		records, err = NewRecords(ctx, "records", args, opts...)
		return err
	})
	return r, records, err
}

// inputs are the inputs of every record, by logical name.
func recordInputs(r *recorder.Recorder) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, one := range r.OfType(typeRecord) {
		inputs := map[string]any{}
		for key := range one.Inputs {
			inputs[string(key)] = one.Input(string(key))
		}
		all[one.Name] = inputs
	}
	return all
}

func viewerRecord(name, kind string) map[string]any {
	return map[string]any{
		"zoneId": "ZONE",
		"name":   name,
		"type":   kind,
		"aliases": []any{map[string]any{
			"name":                 "d.cloudfront.net",
			"zoneId":               "ZCLOUDFRONT",
			"evaluateTargetHealth": false,
		}},
	}
}

func plainRecord(name, kind string, values ...any) map[string]any {
	return map[string]any{"zoneId": "ZONE", "name": name, "type": kind, "ttl": 3600.0, "records": values}
}

func originRecord(role, identifier, name, zone string) map[string]any {
	return map[string]any{
		"zoneId": "ZONE", "name": "origin.example.com", "type": "A", "setIdentifier": identifier,
		"failoverRoutingPolicies": []any{map[string]any{"type": role}},
		"aliases":                 []any{map[string]any{"name": name, "zoneId": zone, "evaluateTargetHealth": true}},
	}
}

// withoutOwnLook is a record whose load balancer's target groups Route 53 does not look at, with
// the health check that it follows, if any.
func withoutOwnLook(record map[string]any, healthCheck string) map[string]any {
	record["aliases"].([]any)[0].(map[string]any)["evaluateTargetHealth"] = false
	if healthCheck != "" {
		record["healthCheckId"] = healthCheck
	}
	return record
}

var originTargets = map[string]OriginTarget{
	"api": {
		LoadBalancerArnSuffix: pulumi.String("app/alb/1"),
		TargetGroupArnSuffix:  pulumi.String("targetgroup/api/1"),
	},
	"web": {
		LoadBalancerArnSuffix: pulumi.String("app/alb/1"),
		TargetGroupArnSuffix:  pulumi.String("targetgroup/web/1"),
	},
}

// A canary's group, which may be empty, is not among those that are looked at; a service that has
// no targets registered is as ill as one without healthy ones, and so is a region without metrics.
func TestTheOriginIsAsWellAsItsServices(t *testing.T) {
	r, _, err := buildRecords(t, func(a *RecordsArgs) {
		a.Config.Secondary = &SecondaryConfig{
			DNSName: "standby-1.ap-northeast-3.elb.amazonaws.com",
			ZoneID:  "Z5LXEXXYW11ES",
		}
		a.Targets = originTargets
	})
	require.NoError(t, err)
	for service, group := range map[string]string{"api": "targetgroup/api/1", "web": "targetgroup/web/1"} {
		alarm := one(t, r, "aws:cloudwatch/metricAlarm:MetricAlarm", "records-origin-"+service)
		for property, want := range map[string]any{
			"name": "bookmark-manager-production-" + service + "-gone", "namespace": "AWS/ApplicationELB",
			"metricName": "HealthyHostCount", "statistic": "Maximum", "period": 60.0, "evaluationPeriods": 3.0,
			"comparisonOperator": "LessThanThreshold", "threshold": 1.0, "treatMissingData": "breaching",
			"dimensions": map[string]any{"LoadBalancer": "app/alb/1", "TargetGroup": group},
		} {
			assert.Equal(t, want, alarm.Input(property), property)
		}
		check := one(t, r, typeHealthCheck, "records-origin-"+service)
		for property, want := range map[string]any{
			"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmRegion": "ap-northeast-1",
			"cloudwatchAlarmName":          "bookmark-manager-production-" + service + "-gone",
			"insufficientDataHealthStatus": "Unhealthy",
		} {
			assert.Equal(t, want, check.Input(property), property)
		}
	}
	origin := one(t, r, typeHealthCheck, "records-origin")
	assert.Equal(t, "CALCULATED", origin.Input("type"))
	assert.Equal(t, []any{"records-origin-api-id", "records-origin-web-id"}, origin.Input("childHealthchecks"))
	assert.Equal(t, 2.0, origin.Input("childHealthThreshold"), "each of them must be well")
}

func TestRecords(t *testing.T) {
	all := map[string]map[string]any{
		"records-www-a":          viewerRecord("www.example.com", "A"),
		"records-www-aaaa":       viewerRecord("www.example.com", "AAAA"),
		"records-www-https":      viewerRecord("www.example.com", "HTTPS"),
		"records-apex-https":     viewerRecord("example.com", "HTTPS"),
		"records-apex-a":         viewerRecord("example.com", "A"),
		"records-apex-aaaa":      viewerRecord("example.com", "AAAA"),
		"records-origin-primary": originRecord("PRIMARY", "primary", "alb.elb.amazonaws.com", "ZALB"),
	}
	for name, c := range map[string]struct {
		change func(*RecordsArgs)
		want   func(map[string]map[string]any)
	}{
		"apex and www, one region": {},
		"no apex": {
			func(a *RecordsArgs) { a.Apex = ApexNone },
			func(want map[string]map[string]any) {
				delete(want, "records-apex-a")
				delete(want, "records-apex-aaaa")
				delete(want, "records-apex-https")
			},
		},
		"a further name": {
			func(a *RecordsArgs) { a.Hosts = []Domain{"admin.example.com"} },
			func(want map[string]map[string]any) {
				for name, kind := range map[string]string{"a": "A", "aaaa": "AAAA", "https": "HTTPS"} {
					want["records-admin.example.com-"+name] = viewerRecord("admin.example.com", kind)
				}
			},
		},
		"only Amazon and another may issue certificates": {
			func(a *RecordsArgs) {
				a.Config.CertificateAuthorities = []CertificateAuthority{"letsencrypt.org", "amazon.com"}
			},
			func(want map[string]map[string]any) {
				want["records-caa"] = plainRecord("example.com", "CAA", `0 issue "amazon.com"`,
					`0 issue "letsencrypt.org"`)
			},
		},
		"a domain without mail": {
			func(a *RecordsArgs) { a.Config.Mail = MailNone },
			func(want map[string]map[string]any) {
				for key, name := range map[string]string{
					"apex":   "example.com",
					"www":    "www.example.com",
					"origin": "origin.example.com",
				} {
					want["records-"+key+"-mx"] = plainRecord(name, "MX", "0 .")
					want["records-"+key+"-spf"] = plainRecord(name, "TXT", "v=spf1 -all")
				}
				want["records-dmarc"] = plainRecord("_dmarc.example.com", "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s")
				want["records-dkim"] = plainRecord("*._domainkey.example.com", "TXT", "v=DKIM1; p=")
			},
		},
		"a second region takes over": {
			func(a *RecordsArgs) {
				a.Config.Secondary = &SecondaryConfig{
					DNSName: "standby-1.ap-northeast-3.elb.amazonaws.com",
					ZoneID:  "Z5LXEXXYW11ES",
				}
			},
			func(want map[string]map[string]any) {
				want["records-origin-secondary"] = withoutOwnLook(originRecord("SECONDARY", "secondary",
					"standby-1.ap-northeast-3.elb.amazonaws.com", "Z5LXEXXYW11ES"), "")
				want["records-origin-primary"] = withoutOwnLook(originRecord("PRIMARY", "primary",
					"alb.elb.amazonaws.com", "ZALB"), "")
			},
		},
		"it takes over when a service has no healthy target": {
			func(a *RecordsArgs) {
				a.Config.Secondary = &SecondaryConfig{
					DNSName: "standby-1.ap-northeast-3.elb.amazonaws.com",
					ZoneID:  "Z5LXEXXYW11ES",
				}
				a.Targets = originTargets
			},
			func(want map[string]map[string]any) {
				want["records-origin-secondary"] = withoutOwnLook(originRecord("SECONDARY", "secondary",
					"standby-1.ap-northeast-3.elb.amazonaws.com", "Z5LXEXXYW11ES"), "")
				want["records-origin-primary"] = withoutOwnLook(originRecord("PRIMARY", "primary",
					"alb.elb.amazonaws.com", "ZALB"), "records-origin-id")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildRecords(t, c.change)
			require.NoError(t, err)
			want := map[string]map[string]any{}
			for key, inputs := range all {
				want[key] = inputs
			}
			if c.want != nil {
				c.want(want)
			}
			assert.Equal(t, want, recordInputs(r))
			assert.Empty(t, r.Orphans())
		})
	}
}

func TestHealthCheckSeesTheSiteAsVisitorsDo(t *testing.T) {
	r, records, err := buildRecords(t, func(a *RecordsArgs) {
		a.Config.HealthCheck.Regions = []CheckerRegion{"us-west-2", "ap-northeast-1", "eu-west-1"}
	})
	require.NoError(t, err)
	check := one(t, r, typeHealthCheck, "records-site")
	for property, want := range map[string]any{
		"type": "HTTPS", "fqdn": "www.example.com", "port": 443.0, "resourcePath": "/api/health", "enableSni": true,
		"requestInterval": 30.0, "failureThreshold": 3.0, "regions": []any{"ap-northeast-1", "eu-west-1", "us-west-2"},
	} {
		assert.Equal(t, want, check.Input(property), property)
	}
	assert.Equal(t, "records-site-id", value[string](t, records.HealthCheckID))
}

// Route53 fills in the regions that are left out, and refuses an update that leaves them out again.
func TestHealthCheckNamesItsRegions(t *testing.T) {
	r, _, err := buildRecords(t, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{
		"ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1", "sa-east-1", "us-east-1", "us-west-1",
		"us-west-2",
	}, one(t, r, typeHealthCheck, "records-site").Input("regions"))
}

func TestRecordsRefuse(t *testing.T) {
	for want, change := range map[string]func(*RecordsArgs){
		"LoadBalancerZoneID are required":           func(a *RecordsArgs) { a.LoadBalancerZoneID = nil },
		"Apex (redirect or none)":                   func(a *RecordsArgs) { a.Apex = "" },
		`mail: found nothing, want one of "none"`:   func(a *RecordsArgs) { a.Config.Mail = "" },
		"healthCheck.path: found nothing":           func(a *RecordsArgs) { a.Config.HealthCheck.Path = "" },
		"secondary.zoneId: found nothing, want the": func(a *RecordsArgs) { a.Config.Secondary = &SecondaryConfig{} },
	} {
		r, _, err := buildRecords(t, change)
		require.ErrorContains(t, err, want)
		assert.Empty(t, r.Keys())
	}
}
