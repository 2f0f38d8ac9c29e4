package aws

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// global is the same account's provider of us-east-1.
func (w *world) global() *world { return w.other(globalRegion, account, nil) }

// zone is one that the registrar points at.
func (w *world) zone() object {
	zone := w.make(zoneType, "zone", in{"name": "example.com"})
	w.delegate(zone)
	return zone
}

func (w *world) delegate(zone object) {
	w.t.Helper()
	var servers []string
	for _, server := range zone.outputs["nameServers"].ArrayValue() {
		servers = append(servers, server.StringValue())
	}
	require.NoError(w.t, Delegate(w.cloud, zone.text("name"), servers))
}

// again is a second zone of the same name, which the registrar does not point at.
func (w *world) again() object { return w.make(zoneType, "again", in{"name": "example.com"}) }

// with is inputs with some changed; nil takes one away.
func with(base, more in) in {
	all := maps.Clone(base)
	maps.Copy(all, more)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// record asks for a record of the zone.
func (w *world) record(name string, zone object, more in) error {
	return failed(w.try(recordType, name, with(in{
		"zoneId":  zone.id,
		"name":    "www.example.com",
		"type":    "A",
		"ttl":     60,
		"records": []any{"192.0.2.1"},
	}, more)))
}

func failover(role, identifier string) in {
	return in{"setIdentifier": identifier, "failoverRoutingPolicies": []any{in{"type": role}}}
}

// certified makes a certificate in us-east-1 with the records that it asks for.
func (w *world) certified(domain string, names ...any) object {
	g := w.global()
	certificate := g.make(certificateType, "site",
		in{"domainName": domain, "subjectAlternativeNames": names, "validationMethod": "DNS"})
	w.validate(certificate)
	return certificate
}

func (w *world) validate(certificate object) { w.validateIn(w.zone(), certificate) }

func (w *world) validateIn(zone, certificate object) {
	for _, option := range certificate.outputs["domainValidationOptions"].ArrayValue() {
		o := option.ObjectValue()
		w.make(recordType, o["domainName"].StringValue(), in{
			"zoneId":  zone.id,
			"name":    o["resourceRecordName"].StringValue(),
			"type":    o["resourceRecordType"].StringValue(),
			"ttl":     60,
			"records": []any{o["resourceRecordValue"].StringValue()},
		})
	}
}

// writesLogs lets a service write to the log groups of the world's region.
func (w *world) writesLogs(service string) {
	w.make(logPolicyType, "logs", in{
		"policyName": "logs",
		"policyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["` +
			service + `"]},"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}`,
	})
}

func (w *world) signingKey(spec string) object {
	return w.make(keyType, "dnssec", in{
		"customerMasterKeySpec": spec, "keyUsage": "SIGN_VERIFY", "policy": letsIn("dnssec-route53.amazonaws.com", ""),
	})
}

// signs makes a key-signing key of a zone.
func (w *world) signs(key object) error {
	zone := w.make(zoneType, "zone", in{"name": "example.com"})
	return failed(w.try(signingKeyType, "ksk",
		in{"hostedZoneId": zone.id, "keyManagementServiceArn": key.text("arn"), "name": "key"}))
}

// letsIn is the policy of a key that a service may use, on a condition.
func letsIn(service, condition string) string {
	return `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"},` +
		`{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"kms:*","Resource":"*","Condition":{` +
		condition + `}}]}`
}

var dnsPairs = map[string]pair{
	"a zone with records stays": {
		want: "HostedZoneNotEmpty: The specified hosted zone contains non-required resource record sets and so " +
			"cannot be deleted",
		refuses: func(w *world) error {
			zone := w.zone()
			if err := w.record("www", zone, nil); err != nil {
				return nil
			}
			return w.delete(zone)
		},
		passes: func(w *world) error {
			zone := w.make(zoneType, "zone", in{"name": "example.com", "forceDestroy": true})
			if err := w.record("www", zone, nil); err != nil {
				return err
			}
			return w.delete(zone)
		},
	},
	"a record of one kind": {
		want: "one of [aliases records] must be specified, got []",
		refuses: func(w *world) error {
			return w.record("www", w.zone(), in{"records": nil, "ttl": nil})
		},
		passes: func(w *world) error { return w.record("www", w.zone(), nil) },
	},
	"a record with values lives for a time": {
		want: "InvalidInput: Invalid XML ; Expected exactly one of [AliasTarget, all of [TTL, and " +
			"ResourceRecords]], but found none in Change with [Action=CREATE, Name=www.example.com, Type=A]",
		refuses: func(w *world) error { return w.record("www", w.zone(), in{"ttl": nil}) },
		passes: func(w *world) error {
			return w.record("www", w.zone(), in{
				"ttl":     nil,
				"records": nil,
				"aliases": []any{in{"name": "alb.example.net", "zoneId": "Z1", "evaluateTargetHealth": true}},
			})
		},
	},
	"a failover record has an identifier": {
		want: `"failover_routing_policy": all of failover_routing_policy,set_identifier must be specified`,
		refuses: func(w *world) error {
			return w.record("www", w.zone(), with(failover("PRIMARY", ""), in{"setIdentifier": nil}))
		},
		passes: func(w *world) error { return w.record("www", w.zone(), failover("PRIMARY", "a")) },
	},
	"a record in a known zone": {
		want:    "NoSuchHostedZone: No hosted zone found with ID: Z404",
		refuses: func(w *world) error { return w.record("www", object{id: "Z404"}, nil) },
		passes:  func(w *world) error { return w.record("www", w.zone(), in{"name": "www"}) },
	},
	"a record in its zone": {
		want:    "InvalidChangeBatch: [RRSet with DNS name notexample.com. is not permitted in zone example.com.]",
		refuses: func(w *world) error { return w.record("other", w.zone(), in{"name": "notexample.com"}) },
		passes:  func(w *world) error { return w.record("apex", w.zone(), in{"name": "example.com."}) },
	},
	"one record a name and type": {
		want: "InvalidChangeBatch: [Tried to create resource record set [name='www.example.com.', type='A'] but it " +
			"already exists]",
		refuses: func(w *world) error {
			zone := w.zone()
			if err := w.record("first", zone, nil); err != nil {
				return nil
			}
			return w.record("second", zone, in{"name": "WWW.example.com."})
		},
		passes: func(w *world) error {
			zone := w.zone()
			if err := w.record("first", zone, nil); err != nil {
				return err
			}
			if err := w.record("second", zone, in{"type": "AAAA", "records": []any{"2001:db8::1"}}); err != nil {
				return err
			}
			return w.record("third", zone, in{"records": []any{"192.0.2.3"}, "allowOverwrite": true})
		},
	},
	"no CNAME record at the apex": {
		want: "InvalidChangeBatch: [RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone " +
			"example.com.]",
		refuses: func(w *world) error {
			zone := w.zone()
			for _, name := range []string{"", "Example.com."} {
				if w.record("site", zone,
					in{"name": name, "type": "CNAME", "records": []any{"d111111abcdef8.cloudfront.net"}}) == nil {
					return nil
				}
			}
			return w.record("site", zone,
				in{"name": "example.com", "type": "CNAME", "records": []any{"d111111abcdef8.cloudfront.net"}})
		},
		passes: func(w *world) error {
			return w.record("site", w.zone(),
				in{"name": "www.example.com", "type": "CNAME", "records": []any{"d111111abcdef8.cloudfront.net"}})
		},
	},
	"a CNAME record alone": {
		want: "InvalidChangeBatch: [RRSet of type CNAME with DNS name www.example.com. is not permitted as it " +
			"conflicts with other records with the same DNS name]",
		refuses: func(w *world) error {
			zone := w.zone()
			if err := w.record("first", zone, nil); err != nil {
				return nil
			}
			return w.record("second", zone, in{"type": "CNAME", "records": []any{"example.net"}})
		},
		passes: func(w *world) error {
			zone := w.zone()
			if err := w.record("first", zone, nil); err != nil {
				return err
			}
			return w.record("second", zone,
				in{"name": "docs.example.com", "type": "CNAME", "records": []any{"example.net"}})
		},
	},
	"records of one name are of one routing": {
		want: "InvalidChangeBatch: [RRSet with DNS name www.example.com., type A, SetIdentifier a cannot be created " +
			"as other RRSets exist with the same name and type and another routing policy]",
		refuses: func(w *world) error {
			zone := w.zone()
			if err := w.record("first", zone, nil); err != nil {
				return nil
			}
			return w.record("second", zone, failover("PRIMARY", "a"))
		},
		passes: func(w *world) error {
			zone := w.zone()
			if err := w.record("first", zone, failover("PRIMARY", "a")); err != nil {
				return err
			}
			return w.record("second", zone, failover("SECONDARY", "b"))
		},
	},
	"one failover record a role": {
		want: "InvalidChangeBatch: [RRSet with DNS name www.example.com., type A, SetIdentifier b cannot be created " +
			"as a failover PRIMARY RRSet with the same name and type already exists]",
		refuses: func(w *world) error {
			zone := w.zone()
			if err := w.record("first", zone, failover("PRIMARY", "a")); err != nil {
				return nil
			}
			return w.record("second", zone, failover("PRIMARY", "b"))
		},
		passes: func(w *world) error {
			zone := w.zone()
			if err := w.record("first", zone, failover("PRIMARY", "a")); err != nil {
				return err
			}
			return w.record("second", zone, with(failover("PRIMARY", "a"), in{"name": "origin.example.com"}))
		},
	},
	"an alias of a distribution": {
		want: "InvalidChangeBatch: [Tried to create an alias that targets d1.cloudfront.net., type A in zone " +
			"ZOTHER, but the alias target name does not lie within the target zone]",
		refuses: func(w *world) error {
			alias := func(zone string, health bool) in {
				return in{
					"ttl":     nil,
					"records": nil,
					"aliases": []any{in{"name": "d1.cloudfront.net", "zoneId": zone, "evaluateTargetHealth": health}},
				}
			}
			if w.record("www", w.zone(), alias(cloudFrontZone, true)) == nil {
				return nil
			}
			return w.record("www", object{id: "Z1"}, alias("ZOTHER", false))
		},
		passes: func(w *world) error {
			return w.record("www", w.zone(), in{
				"ttl":     nil,
				"records": nil,
				"aliases": []any{in{
					"name":                 "d1.cloudfront.net",
					"zoneId":               cloudFrontZone,
					"evaluateTargetHealth": false,
				}},
			})
		},
	},
	"regions of a health check": {
		want: "InvalidInput: Invalid parameter : regions must have at least 3 values, got 2",
		refuses: func(w *world) error {
			return failed(w.try(healthCheckType, "site",
				in{"type": "HTTPS", "fqdn": "www.example.com", "regions": []any{"us-east-1", "eu-west-1"}}))
		},
		passes: func(w *world) error {
			return failed(w.try(healthCheckType, "site", in{
				"type": "HTTPS", "fqdn": "www.example.com", "requestInterval": 30, "failureThreshold": 3,
				"regions": []any{"us-east-1", "eu-west-1", "us-west-2"},
			}))
		},
	},
	"name of a key-signing key": {
		want: "InvalidKeySigningKeyName: The key-signing key name that you specified isn't a valid name: zone-key",
		refuses: func(w *world) error {
			key := w.global().signingKey("ECC_NIST_P256")
			return failed(w.try(signingKeyType, "key",
				in{"name": "zone-key", "hostedZoneId": w.zone().id, "keyManagementServiceArn": key.text("arn")}))
		},
		passes: func(w *world) error {
			key := w.global().signingKey("ECC_NIST_P256")
			return failed(w.try(signingKeyType, "key",
				in{"name": "zone_key", "hostedZoneId": w.zone().id, "keyManagementServiceArn": key.text("arn")}))
		},
	},
	"key of a key-signing key": {
		want: "InvalidKMSArn: The KeyManagementServiceArn that you specified isn't valid to use with DNSSEC " +
			"signing: arn:aws:kms:us-east-1:123456789012:key/none",
		refuses: func(w *world) error {
			zone := w.zone()
			for _, key := range []object{w.signingKey("ECC_NIST_P256"), w.global().signingKey("RSA_2048")} {
				if failed(w.try(signingKeyType, "key",
					in{
						"name":                    "zone_key",
						"hostedZoneId":            zone.id,
						"keyManagementServiceArn": key.text("arn"),
					})) == nil {
					return nil
				}
			}
			return failed(w.try(signingKeyType, "key", in{
				"name":                    "zone_key",
				"hostedZoneId":            zone.id,
				"keyManagementServiceArn": "arn:aws:kms:us-east-1:123456789012:key/none",
			}))
		},
		passes: func(w *world) error {
			key := w.global().signingKey("ECC_NIST_P256")
			return failed(w.try(signingKeyType, "key",
				in{"name": "zone_key", "hostedZoneId": w.zone().id, "keyManagementServiceArn": key.text("arn")}))
		},
	},
	"the key of a key-signing key lets Route 53 sign": {
		want: "InvalidKMSArn: The KeyManagementServiceArn that you specified isn't valid to use with DNSSEC " +
			"signing: KEY",
		refuses: func(w *world) error {
			key := w.global().make(keyType, "dnssec", in{
				"customerMasterKeySpec": "ECC_NIST_P256", "keyUsage": "SIGN_VERIFY",
				"policy": letsIn("dnssec-route53.amazonaws.com", `"StringEquals":{"aws:SourceAccount":"210987654321"}`),
			})
			return worded(w.signs(key), key.text("arn"), "KEY")
		},
		passes: func(w *world) error { return w.signs(w.global().signingKey("ECC_NIST_P256")) },
	},
	"a signed zone has a key": {
		want: "KeySigningKeyWithActiveStatusNotFound: A key-signing key (KSK) with ACTIVE status wasn't found for " +
			"hosted zone Z1",
		refuses: func(w *world) error {
			return failed(w.try(zoneSigningType, "signing", in{"hostedZoneId": "Z1"}))
		},
		passes: func(w *world) error { return failed(w.signed()) },
	},
	"the key of a signed zone stays": {
		want: "KeySigningKeyInUse: The key-signing key (KSK) that you specified can't be deactivated because it's " +
			"the only KSK for a currently-enabled DNSSEC: Z1",
		refuses: func(w *world) error {
			key, err := w.signedZone("Z1")
			if err != nil {
				return nil
			}
			return w.delete(key)
		},
		passes: func(w *world) error {
			signing, err := w.signed()
			if err != nil {
				return err
			}
			return w.delete(signing)
		},
	},
	"a query log to a log group that takes it": {
		want: "InsufficientCloudWatchLogsResourcePolicy: Amazon Route 53 doesn't have the permissions required to " +
			"create log streams and send query logs to log streams: " +
			"arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com",
		refuses: func(w *world) error {
			zone, here := w.zone(), w.make(logGroupType, "here", in{"name": "/aws/route53/here"})
			if failed(w.try(queryLogType, "queries",
				in{"zoneId": zone.id, "cloudwatchLogGroupArn": here.text("arn")})) == nil {
				return nil
			}
			group := w.global().make(logGroupType, "queries", in{"name": "/aws/route53/example.com"})
			return failed(w.try(queryLogType, "queries",
				in{"zoneId": zone.id, "cloudwatchLogGroupArn": group.text("arn")}))
		},
		passes: func(w *world) error {
			group := w.global().make(logGroupType, "queries", in{"name": "/aws/route53/example.com"})
			w.global().writesLogs("route53.amazonaws.com")
			return failed(w.try(queryLogType, "queries",
				in{"zoneId": w.zone().id, "cloudwatchLogGroupArn": group.text("arn")}))
		},
	},
	"a certificate is validated by its records": {
		want: "ResourceNotFoundException: Could not find certificate " +
			"arn:aws:acm:us-east-1:123456789012:certificate/none in ap-northeast-1",
		refuses: func(w *world) error {
			here := w.make(certificateType, "here", in{"domainName": "example.com", "validationMethod": "DNS"})
			for _, arn := range []string{here.text("arn"),
				w.global().make(certificateType, "there", in{"domainName": "example.com"}).text("arn")} {
				if failed(w.try(validationType, "site", in{"certificateArn": arn})) == nil {
					return nil
				}
			}
			w.zone()
			w.validateIn(w.again(), here) // its records are in a zone that nobody is led to
			if failed(w.try(validationType, "site", in{"certificateArn": here.text("arn")})) == nil {
				return nil
			}
			return failed(w.try(validationType, "site",
				in{"certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/none"}))
		},
		passes: func(w *world) error {
			// One record serves the certificates of both regions.
			here := w.make(certificateType, "here", in{"domainName": "example.com", "validationMethod": "DNS"})
			there := w.certified("example.com")
			if err := failed(w.global().try(validationType, "there",
				in{"certificateArn": there.text("arn")})); err != nil {
				return err
			}
			return failed(w.try(validationType, "here", in{"certificateArn": here.text("arn")}))
		},
	},
	"a certificate in use stays": {
		want: "ResourceInUseException: Certificate CERTIFICATE in account 123456789012 is in use",
		refuses: func(w *world) error {
			certificate := w.certified("www.example.com")
			w.make(distributionType, "site", distribution(certificate, nil))
			return replaced(w.global().delete(certificate), certificate.text("arn"), "CERTIFICATE")
		},
		passes: func(w *world) error { return w.global().delete(w.certified("www.example.com")) },
	},
}

// signed makes a zone with a key and switches signing on.
func (w *world) signed() (object, error) {
	zone := w.zone()
	if _, err := w.signedZone(zone.id); err != nil {
		return object{}, err
	}
	return object{zoneSigningType, "signing", zone.id, nil, nil}, nil
}

func (w *world) signedZone(zone string) (object, error) {
	kms := w.global().signingKey("ECC_NIST_P256")
	key, err := w.try(signingKeyType, "key",
		in{"name": "zone_key", "hostedZoneId": zone, "keyManagementServiceArn": kms.text("arn")})
	if err != nil {
		return object{}, err
	}
	return key, failed(w.try(zoneSigningType, "signing", in{"hostedZoneId": zone}))
}

func TestARecordThatIsThereIsWrittenOver(t *testing.T) {
	w := newWorld(t)
	inputs := in{
		"zoneId":  w.zone().id,
		"name":    "_acm.example.com",
		"type":    "CNAME",
		"ttl":     60,
		"records": []any{"old.example.com"},
	}
	before := w.make(recordType, "before", inputs)
	w.make(recordType, "after", altered(inputs, in{
		"name": "_ACM.example.com.", "records": []any{"new.example.com"}, "allowOverwrite": true,
	}))
	assert.Equal(t, inputs["zoneId"].(string)+"__acm.example.com_CNAME", before.id)
	assert.Equal(t, []any{"new.example.com"}, w.read(before).Outputs["records"].Mappable(),
		"a name with a dot at its end is the same name")
}
