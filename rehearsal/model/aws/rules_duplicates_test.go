package aws

// twice makes a pair of objects: the second is refused when it is made of the same inputs, and
// passes when some of them are others.
func twice(want, typ string, place func(*world) *world, inputs func(*world) in, others in) pair {
	first := func(w *world) (*world, in) {
		made := inputs(w)
		w = place(w)
		w.make(typ, "first", made)
		return w, made
	}
	return pair{
		want: want,
		refuses: func(w *world) error {
			w, made := first(w)
			return failed(w.try(typ, "second", made))
		},
		passes: func(w *world) error {
			w, made := first(w)
			return failed(w.try(typ, "second", with(made, others)))
		},
	}
}

func here(w *world) *world   { return w }
func global(w *world) *world { return w.global() }

// always gives inputs that need nothing made before.
func always(inputs in) func(*world) in { return func(*world) in { return inputs } }

var another = in{"name": "another"}

var duplicatePairs = map[string]pair{
	"one cache policy a name": twice("CachePolicyAlreadyExists: A cache policy with this name already exists",
		cachePolicyType, here,
		always(with(cacheKey(60, "none", nil, true), in{"name": "static"})), another),
	"one origin request policy a name": twice(
		"OriginRequestPolicyAlreadyExists: An origin request policy with this name already exists", requestPolicyType,
		here,
		always(in{
			"name":               "viewer",
			"cookiesConfig":      in{"cookieBehavior": "all"},
			"headersConfig":      in{"headerBehavior": "allViewer"},
			"queryStringsConfig": in{"queryStringBehavior": "all"},
		}), another),
	"one response headers policy a name": twice(
		"ResponseHeadersPolicyAlreadyExists: A response headers policy with this name already exists",
		headersPolicyType, here,
		always(in{"name": "security", "securityHeadersConfig": in{"contentTypeOptions": in{"override": true}}}),
		another),
	"one origin access control a name": twice(
		"OriginAccessControlAlreadyExists: An origin access control with this name already exists", originAccessType,
		here,
		always(in{
			"name":                          "assets",
			"originAccessControlOriginType": "s3",
			"signingBehavior":               "always",
			"signingProtocol":               "sigv4",
		}), another),
	"one web ACL a name": twice(wafDuplicate, webACLType, global, always(webACL(in{"name": "site"})), another),
	"one IP set a name": twice(wafDuplicate, ipSetType, global,
		always(in{"name": "deny", "scope": "CLOUDFRONT", "ipAddressVersion": "IPV4"}), in{"scope": "REGIONAL"}),
	"one query log a zone": {
		want:    "QueryLoggingConfigAlreadyExists: A configuration already exists for this hosted zone.",
		refuses: func(w *world) error { zone := w.zone().id; return w.logQueries(zone, zone) },
		passes: func(w *world) error {
			return w.logQueries(w.zone().id, w.make(zoneType, "other", in{"name": "example.org"}).id)
		},
	},
	"one delivery from a source to a destination": {
		want: "ConflictException: Delivery already exists",
		refuses: func(w *world) error {
			source := w.make(deliverySourceType, "logs",
				in{"logType": "ACCESS_LOGS", "resourceArn": "arn:aws:bedrock:x"})
			delivery := in{
				"deliverySourceName":     source.id,
				"deliveryDestinationArn": w.target(deliveryPolicy).text("arn"),
			}
			w.make(deliveryType, "first", delivery)
			return failed(w.try(deliveryType, "second", delivery))
		},
		passes: func(w *world) error { return w.deliver(deliveryPolicy) },
	},
	"one subscription filter a name": twice(
		"the log group has a filter of this name already, which this one would overwrite", subscriptionFilterType, here,
		func(w *world) in { return with(w.subscribed(), in{"name": "datadog"}) }, another),
	"one subscription an endpoint": twice("the endpoint is subscribed to the topic already", topicSubscriptionType,
		here,
		func(w *world) in {
			return in{"topic": w.make(topicType, "alarms", in{}).id, "protocol": "email", "endpoint": "ops@example.com"}
		}, in{"endpoint": "dev@example.com"}),
	"one attachment of a policy": twice("the role has the policy already, and the two attachments would be one",
		policyAttachmentType, here,
		func(w *world) in {
			return in{"role": w.make(roleType, "tasks", in{"assumeRolePolicy": trust}).id, "policyArn": taskExecution}
		}, in{"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
}

var deliveryPolicy = bucketPolicyOf(`{"Service":"delivery.logs.amazonaws.com"}`, "")

// logQueries logs the queries of two zones, and returns what the second answers.
func (w *world) logQueries(first, second string) error {
	group := w.global().make(logGroupType, "queries", in{"name": "/aws/route53/example.com"}).text("arn")
	w.global().writesLogs("route53.amazonaws.com")
	w.make(queryLogType, "first", in{"zoneId": first, "cloudwatchLogGroupArn": group})
	return failed(w.try(queryLogType, "second", in{"zoneId": second, "cloudwatchLogGroupArn": group}))
}
