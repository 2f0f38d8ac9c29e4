package aws

import (
	"fmt"
	"strings"
)

// front is a load balancer with a listener, and a target group that no rule uses yet.
type front struct {
	network
	balancer, listener, group object
}

func (w *world) front() front {
	w.t.Helper()
	f := front{network: w.network()}
	f.balancer = w.make(loadBalancerType, "alb", in{"internal": true, "subnets": []any{f.private.id, f.other.id}})
	f.listener = w.make(listenerType, "http", w.listenerOn(f, nil))
	f.group = w.make(targetGroupType, "web", targetGroup(f.vpc.id, nil))
	return f
}

// leadToInternet gives subnets a route to an internet gateway.
func (w *world) leadToInternet(n network, subnets ...object) {
	w.t.Helper()
	gateway := w.make(internetGatewayType, "internet", in{"vpcId": n.vpc.id})
	table := w.make(routeTableType, "public", in{"vpcId": n.vpc.id})
	w.make(routeType, "public",
		in{"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.id})
	for _, subnet := range subnets {
		w.make(routeAssociationType, subnet.name, in{"routeTableId": table.id, "subnetId": subnet.id})
	}
}

func merged(inputs in, more in) in {
	for key, value := range more {
		if value == nil {
			delete(inputs, key)
			continue
		}
		inputs[key] = value
	}
	return inputs
}

func (w *world) listenerOn(f front, more in) in {
	return merged(in{
		"loadBalancerArn": f.balancer.id,
		"port":            80,
		"protocol":        "HTTP",
		"defaultActions": []any{in{
			"type":          "fixed-response",
			"fixedResponse": in{"statusCode": "403", "contentType": "text/plain"},
		}},
	}, more)
}

func targetGroup(vpc string, more in) in {
	return merged(in{"vpcId": vpc, "port": 3000, "protocol": "HTTP", "targetType": "ip"}, more)
}

func forward(group string) []any { return []any{in{"type": "forward", "targetGroupArn": group}} }

// bound are a target group's inputs that keep a client with one target.
var bound = in{"stickiness": in{"type": "lb_cookie", "enabled": true, "cookieDuration": 60}}

// shared shares requests out to two groups. stickiness may be nil.
func shared(one, other string, stickiness in) []any {
	groups := in{"targetGroups": []any{in{"arn": one, "weight": 90}, in{"arn": other, "weight": 10}}}
	if stickiness != nil {
		groups["stickiness"] = stickiness
	}
	return []any{in{"type": "forward", "forward": groups}}
}

func paths(values ...any) []any { return []any{in{"pathPattern": in{"values": values}}} }

func (f front) rule(more in) in {
	return merged(in{
		"listenerArn": f.listener.id,
		"priority":    10,
		"actions":     forward(f.group.id),
		"conditions":  paths("/*"),
	}, more)
}

// certificate is one of a hosted zone; issued when its record is published.
func (w *world) certificate(issued bool) string {
	w.t.Helper()
	zone := w.zone()
	certificate := w.make(certificateType, "site", in{"domainName": "example.com", "validationMethod": "DNS"})
	if issued {
		option := certificate.outputs["domainValidationOptions"].ArrayValue()[0].ObjectValue()
		w.make(recordType, "validation", in{
			"zoneId":  zone.id,
			"ttl":     60,
			"type":    option["resourceRecordType"].StringValue(),
			"name":    option["resourceRecordName"].StringValue(),
			"records": []any{option["resourceRecordValue"].StringValue()},
		})
	}
	return certificate.id
}

// balancerBucket is a bucket that the region's load balancers may write below prefix.
func (w *world) balancerBucket(prefix, algorithm string) string {
	w.t.Helper()
	bucket := w.make(bucketType, "logs", in{"bucket": "the-logs"})
	w.make(bucketEncryptionType, "logs", in{"bucket": bucket.id, "rules": []any{
		in{"applyServerSideEncryptionByDefault": in{"sseAlgorithm": algorithm}},
	}})
	w.make(bucketPolicyType, "logs", in{"bucket": bucket.id, "policy": fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::582318560864:root"}`+
			`,"Action":"s3:PutObject","Resource":"arn:aws:s3:::the-logs/%s/AWSLogs/%s/*"}]}`,
		prefix, account)})
	return bucket.id
}

func (w *world) loggedBalancer(bucket, prefix string) error {
	n := w.network()
	return failed(w.try(loadBalancerType, "alb", in{
		"internal":   true,
		"subnets":    []any{n.private.id, n.other.id},
		"accessLogs": in{"enabled": true, "bucket": bucket, "prefix": prefix},
	}))
}

// withARNs replaces the random end of load balancers' ARNs.
func withARNs(err error) error {
	if err == nil {
		return nil
	}
	words := strings.Split(plain(err).Error(), "/")
	for i, word := range words {
		if len(word) >= 16 && strings.Trim(word[:16], "0123456789abcdef") == "" {
			words[i] = "*" + word[16:]
		}
	}
	return fmt.Errorf("%s", strings.Join(words, "/"))
}

func seven(parts ...any) []any {
	for len(parts) < 6 {
		parts = append(parts, fmt.Sprintf("sg-%d", len(parts)))
	}
	return parts
}

const elb = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:"

var loadBalancerPairs = map[string]pair{
	"one load balancer a name": {
		want: "DuplicateLoadBalancerName: A load balancer with the same name 'edge' exists, but with different " +
			"settings",
		refuses: func(w *world) error {
			n := w.network()
			w.make(loadBalancerType, "a",
				in{"name": "edge", "internal": true, "subnets": []any{n.private.id, n.other.id}})
			return failed(w.try(loadBalancerType, "b",
				in{"name": "edge", "internal": true, "subnets": []any{n.private.id, n.other.id}}))
		},
		passes: func(w *world) error {
			n := w.network()
			w.make(loadBalancerType, "a",
				in{"name": "edge", "internal": true, "subnets": []any{n.private.id, n.other.id}})
			return failed(w.try(loadBalancerType, "b",
				in{"internal": true, "subnets": []any{n.private.id, n.other.id}}))
		},
	},
	"a load balancer in known subnets": {
		want: "SubnetNotFound: The subnet ID 'subnet-none' does not exist",
		refuses: func(w *world) error {
			return failed(w.try(loadBalancerType, "alb",
				in{"internal": true, "subnets": []any{w.network().private.id, "subnet-none"}}))
		},
		passes: func(w *world) error { w.front(); return nil },
	},
	"a load balancer in two zones": {
		want: "InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same " +
			"Availability Zone",
		refuses: func(w *world) error {
			n := w.network()
			return failed(w.try(loadBalancerType, "alb",
				in{"internal": true, "subnets": []any{n.private.id, n.public.id}}))
		},
		passes: func(w *world) error { w.front(); return nil },
	},
	"a load balancer in public subnets": {
		want: "InvalidSubnet: Subnet subnet-* has no route to the internet gateway of VPC vpc-*",
		refuses: func(w *world) error {
			n := w.network()
			inPublic := func() error {
				return plain(failed(w.try(loadBalancerType, "alb", in{"subnets": []any{n.public.id, n.other.id}})))
			}
			if err := inPublic(); err == nil ||
				!strings.HasSuffix(err.Error(), "InvalidSubnet: VPC vpc-* has no internet gateway") {
				return err
			}
			w.leadToInternet(n, n.public)
			return inPublic()
		},
		passes: func(w *world) error {
			n := w.network()
			w.leadToInternet(n, n.public, n.other)
			return failed(w.try(loadBalancerType, "alb", in{"subnets": []any{n.public.id, n.other.id}}))
		},
	},
	"a load balancer with known security groups": {
		want: "InvalidSecurityGroup: The security group 'sg-none' does not exist",
		refuses: func(w *world) error {
			n := w.network()
			return failed(w.try(loadBalancerType, "alb",
				in{"internal": true, "subnets": []any{n.private.id, n.other.id}, "securityGroups": []any{"sg-none"}}))
		},
		passes: func(w *world) error {
			n := w.network()
			group := w.make(securityGroupType, "alb", in{"vpcId": n.vpc.id})
			return failed(w.try(loadBalancerType, "alb",
				in{"internal": true, "subnets": []any{n.private.id, n.other.id}, "securityGroups": []any{group.id}}))
		},
	},
	"security groups of a load balancer": {
		want: "SecurityGroupsPerInterfaceLimitExceeded: The maximum number of security groups per interface has " +
			"been reached: 6, of 5",
		refuses: func(w *world) error {
			_, err := w.check(loadBalancerType, "alb", in{"securityGroups": seven()})
			return err
		},
		passes: func(w *world) error {
			_, err := w.check(loadBalancerType, "alb", in{"securityGroups": seven()[:5]})
			return err
		},
	},
	"a load balancer may write its logs": {
		want:    "InvalidConfigurationRequest: Access Denied for bucket: the-logs. Please check S3bucket permission",
		refuses: func(w *world) error { return w.loggedBalancer(w.balancerBucket("alb", "AES256"), "other") },
		passes:  func(w *world) error { return w.loggedBalancer(w.balancerBucket("alb", "AES256"), "alb") },
	},
	"load balancers' logs with Amazon S3's key": {
		want: "InvalidConfigurationRequest: The bucket the-logs is encrypted with a KMS key, which load " +
			"balancers cannot write with",
		refuses: func(w *world) error { return w.loggedBalancer(w.balancerBucket("alb", "aws:kms"), "alb") },
		passes:  func(w *world) error { return w.loggedBalancer(w.balancerBucket("alb", "AES256"), "alb") },
	},
	"a protected load balancer stays": {
		want: "OperationNotPermitted: Load balancer '" + elb +
			"loadbalancer/app/edge/*' cannot be deleted because deletion protection is enabled",
		refuses: func(w *world) error {
			n := w.network()
			return withARNs(w.delete(w.make(loadBalancerType, "alb", in{
				"name":                     "edge",
				"internal":                 true,
				"subnets":                  []any{n.private.id, n.other.id},
				"enableDeletionProtection": true,
			})))
		},
		passes: func(w *world) error {
			n := w.network()
			return w.delete(w.make(loadBalancerType, "alb",
				in{"internal": true, "subnets": []any{n.private.id, n.other.id}}))
		},
	},
	"one target group a name": {
		want: "DuplicateTargetGroupName: A target group with the same name 'web' exists, but with different settings",
		refuses: func(w *world) error {
			vpc := w.network().vpc.id
			w.make(targetGroupType, "a", targetGroup(vpc, in{"name": "web"}))
			return failed(w.try(targetGroupType, "b", targetGroup(vpc, in{"name": "web"})))
		},
		passes: func(w *world) error {
			return failed(w.try(targetGroupType, "web", targetGroup(w.network().vpc.id, in{"name": "web"})))
		},
	},
	"a target group of a known VPC": {
		want:    "ValidationError: The VPC ID 'vpc-none' is not found",
		refuses: func(w *world) error { return failed(w.try(targetGroupType, "web", targetGroup("vpc-none", nil))) },
		passes: func(w *world) error {
			return failed(w.try(targetGroupType, "web", targetGroup(w.network().vpc.id, nil)))
		},
	},
	"a target group says where its targets are": {
		want: `Attribute "protocol" must be specified when "target_type" is "ip".`,
		refuses: func(w *world) error {
			return failed(w.try(targetGroupType, "web", targetGroup(w.network().vpc.id, in{"protocol": nil})))
		},
		passes: func(w *world) error { return failed(w.try(targetGroupType, "web", in{"targetType": "lambda"})) },
	},
	"health check of a target group": {
		want: "ValidationError: Health check interval must be greater than the timeout: 5 s, 5 s",
		refuses: func(w *world) error {
			return failed(w.try(targetGroupType, "web",
				targetGroup(w.network().vpc.id, in{"healthCheck": in{"interval": 5, "timeout": 5}})))
		},
		passes: func(w *world) error {
			return failed(w.try(targetGroupType, "web",
				targetGroup(w.network().vpc.id, in{"healthCheck": in{"interval": 30, "timeout": 5}})))
		},
	},
	"a target group in use stays": {
		want: "ResourceInUse: Target group '" + elb + "targetgroup/web/*' is currently in use by a listener or a rule",
		refuses: func(w *world) error {
			f := w.front()
			f.group = w.make(targetGroupType, "used", targetGroup(f.vpc.id, in{"name": "web"}))
			w.make(listenerRuleType, "web", f.rule(nil))
			return withARNs(w.delete(f.group))
		},
		passes: func(w *world) error {
			f := w.front()
			if err := w.delete(w.make(listenerRuleType, "web", f.rule(nil))); err != nil {
				return err
			}
			return w.delete(f.group)
		},
	},
	"a listener of a known load balancer": {
		want: "LoadBalancerNotFound: One or more load balancers not found: " + elb + "loadbalancer/app/none/1",
		refuses: func(w *world) error {
			return failed(w.try(listenerType, "http",
				w.listenerOn(front{}, in{"loadBalancerArn": elb + "loadbalancer/app/none/1"})))
		},
		passes: func(w *world) error { w.front(); return nil },
	},
	"one listener a port": {
		want: "DuplicateListener: A listener already exists on this port for this load balancer '" + elb +
			"loadbalancer/app/edge/*'",
		refuses: func(w *world) error {
			n := w.network()
			f := front{
				balancer: w.make(loadBalancerType, "alb",
					in{"name": "edge", "internal": true, "subnets": []any{n.private.id, n.other.id}}),
			}
			w.make(listenerType, "a", w.listenerOn(f, nil))
			return withARNs(failed(w.try(listenerType, "b", w.listenerOn(f, nil))))
		},
		passes: func(w *world) error {
			f := w.front()
			return failed(w.try(listenerType, "b", w.listenerOn(f, in{"port": 8080})))
		},
	},
	"certificates are for HTTPS": {
		want: "ValidationError: A certificate must be specified for HTTPS listeners",
		refuses: func(w *world) error {
			return failed(w.try(listenerType, "https", w.listenerOn(w.front(), in{"port": 443, "protocol": "HTTPS"})))
		},
		passes: func(w *world) error {
			return failed(w.try(listenerType, "https",
				w.listenerOn(w.front(), in{"port": 443, "protocol": "HTTPS", "certificateArn": w.certificate(true)})))
		},
	},
	"a listener with an issued certificate of the region": {
		want: "UnsupportedCertificate: The certificate 'arn:aws:acm:ap-northeast-1:123456789012:certificate/*' must " +
			"have a fully-qualified domain name, a supported signature, and a supported key size.",
		refuses: func(w *world) error {
			arn := w.certificate(false)
			err := failed(w.try(listenerType, "https",
				w.listenerOn(w.front(), in{"port": 443, "protocol": "HTTPS", "certificateArn": arn})))
			if err == nil {
				return nil
			}
			return fmt.Errorf("%s", strings.Replace(err.Error(), after(arn, "certificate/"), "*", 1))
		},
		passes: func(w *world) error {
			return failed(w.try(listenerType, "https",
				w.listenerOn(w.front(), in{"port": 443, "protocol": "HTTPS", "certificateArn": w.certificate(true)})))
		},
	},
	"a listener's security policy": {
		want: "SSLPolicyNotFound: SSL policy 'ELBSecurityPolicy-Best' not found: the model knows " +
			strings.Join(tlsPolicies, ", "),
		refuses: func(w *world) error {
			_, err := w.check(listenerType, "https", w.listenerOn(front{}, in{
				"protocol":        "HTTPS",
				"certificateArn":  "arn",
				"sslPolicy":       "ELBSecurityPolicy-Best",
				"loadBalancerArn": "arn",
			}))
			return err
		},
		passes: func(w *world) error {
			_, err := w.check(listenerType, "https", w.listenerOn(front{}, in{
				"protocol":        "HTTPS",
				"certificateArn":  "arn",
				"sslPolicy":       tlsPolicies[2],
				"loadBalancerArn": "arn",
			}))
			return err
		},
	},
	"a rule of a known listener": {
		want: "ListenerNotFound: One or more listeners not found: " + elb + "listener/app/none/1/2",
		refuses: func(w *world) error {
			return failed(w.try(listenerRuleType, "web",
				w.front().rule(in{"listenerArn": elb + "listener/app/none/1/2"})))
		},
		passes: func(w *world) error { return failed(w.try(listenerRuleType, "web", w.front().rule(nil))) },
	},
	"one rule a priority": {
		want: "PriorityInUse: Priority '10' is currently in use",
		refuses: func(w *world) error {
			f := w.front()
			w.make(listenerRuleType, "web", f.rule(nil))
			return failed(w.try(listenerRuleType, "api", f.rule(nil)))
		},
		passes: func(w *world) error {
			f := w.front()
			w.make(listenerRuleType, "web", f.rule(nil))
			return failed(w.try(listenerRuleType, "api", f.rule(in{"priority": 9})))
		},
	},
	"a rule's priority": {
		want: "expected priority to be in the range (1 - 50000), got 50001",
		refuses: func(w *world) error {
			return failed(w.try(listenerRuleType, "web", w.front().rule(in{"priority": 50001})))
		},
		passes: func(w *world) error {
			return failed(w.try(listenerRuleType, "web", w.front().rule(in{"priority": 50000})))
		},
	},
	"five values a rule": {
		want: "TooManyConditionValues: A rule can only have '5' condition values, got 6",
		refuses: func(w *world) error {
			return failed(w.try(listenerRuleType, "web", w.front().rule(in{
				"conditions": append(
					paths("/a", "/b", "/c", "/d"),
					in{"httpHeader": in{"httpHeaderName": "X-Origin", "values": []any{"new", "old"}}}),
			})))
		},
		passes: func(w *world) error {
			return failed(w.try(listenerRuleType, "web", w.front().rule(in{
				"conditions": append(
					paths("/a", "/b", "/c"),
					in{"httpHeader": in{"httpHeaderName": "X-Origin", "values": []any{"new", "old"}}}),
			})))
		},
	},
	"six wildcards a rule": {
		want: "TooManyWildcards: A rule can only have '6' wildcards in its conditions, got 7",
		refuses: func(w *world) error {
			return failed(w.try(listenerRuleType, "web", w.front().rule(in{"conditions": paths("/*/*/*/*", "/?/?/?")})))
		},
		passes: func(w *world) error {
			return failed(w.try(listenerRuleType, "web", w.front().rule(in{"conditions": paths("/*/*/*", "/?/?/?")})))
		},
	},
	"clients bound to a task are bound to its group": {
		want: "InvalidConfigurationRequest: You must enable group stickiness on a rule if you enabled target " +
			"stickiness on one of its target groups: '" + elb + "targetgroup/sticky/*'",
		refuses: func(w *world) error {
			f := w.front()
			sticky := w.make(targetGroupType, "sticky", targetGroup(f.vpc.id, merged(in{"name": "sticky"}, bound)))
			return withARNs(failed(w.try(listenerRuleType, "web",
				f.rule(in{"actions": shared(f.group.id, sticky.id, nil)}))))
		},
		passes: func(w *world) error {
			f := w.front()
			sticky := w.make(targetGroupType, "sticky", targetGroup(f.vpc.id, bound))
			w.make(listenerRuleType, "alone", f.rule(in{"priority": 9, "actions": forward(sticky.id)}))
			return failed(w.try(listenerRuleType, "web",
				f.rule(in{"actions": shared(f.group.id, sticky.id, in{"enabled": true, "duration": 60})})))
		},
	},
	"bind clients to a task behind a rule that binds them to its group": {
		want: "InvalidConfigurationRequest: This target group appears behind a rule with group stickiness disabled (" +
			elb +
			"listener-rule/app/alb-87e8974/*/*/*). You must enable group stickiness before enabling target stickiness",
		refuses: func(w *world) error {
			f := w.front()
			other := w.make(targetGroupType, "other", targetGroup(f.vpc.id, nil))
			w.make(listenerRuleType, "web", f.rule(in{"actions": shared(f.group.id, other.id, nil)}))
			return withARNs(failed(w.update(other, targetGroup(f.vpc.id, bound))))
		},
		passes: func(w *world) error {
			f := w.front()
			other := w.make(targetGroupType, "other", targetGroup(f.vpc.id, nil))
			w.make(listenerRuleType, "web",
				f.rule(in{"actions": shared(f.group.id, other.id, in{"enabled": true, "duration": 60})}))
			return failed(w.update(other, targetGroup(f.vpc.id, bound)))
		},
	},
	"a target group behind one load balancer": {
		want: "TargetGroupAssociationLimit: The following target groups cannot be associated with more than one " +
			"load balancer: GROUP",
		refuses: func(w *world) error {
			f := w.front()
			w.make(listenerRuleType, "web", f.rule(nil))
			other := f
			other.balancer = w.make(loadBalancerType, "other",
				in{"internal": true, "subnets": []any{f.private.id, f.other.id}})
			onListener := failed(w.try(listenerType, "all",
				w.listenerOn(other, in{"port": 8080, "defaultActions": forward(f.group.id)})))
			if onListener == nil {
				return nil
			}
			other.listener = w.make(listenerType, "other", w.listenerOn(other, nil))
			return replaced(failed(w.try(listenerRuleType, "again", other.rule(nil))), f.group.id, "GROUP")
		},
		passes: func(w *world) error {
			f := w.front()
			w.make(listenerRuleType, "web", f.rule(nil))
			return failed(w.try(listenerRuleType, "again", f.rule(in{"priority": 20})))
		},
	},
	"forward to known target groups": {
		want: "TargetGroupNotFound: One or more target groups not found: " + elb + "targetgroup/none/1",
		refuses: func(w *world) error {
			return failed(w.try(listenerRuleType, "web",
				w.front().rule(in{"actions": forward(elb + "targetgroup/none/1")})))
		},
		passes: func(w *world) error {
			f := w.front()
			return failed(w.try(listenerRuleType, "web", f.rule(in{"actions": []any{
				in{"type": "forward", "forward": in{"targetGroups": []any{in{"arn": f.group.id, "weight": 100}}}},
			}})))
		},
	},
}
