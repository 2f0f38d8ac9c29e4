package aws

import (
	"errors"
	"fmt"
	"strings"
)

// replaced is an error with what differs from run to run under a name.
func replaced(err error, random, name string) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.ReplaceAll(err.Error(), random, name))
}

func behavior(more in) in {
	return with(in{
		"targetOriginId":       "alb",
		"viewerProtocolPolicy": "redirect-to-https",
		"allowedMethods":       []any{"GET", "HEAD", "POST"},
		"cachedMethods":        []any{"GET", "HEAD"},
		"cachePolicyId":        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
	}, more)
}

func origin(more in) in {
	return with(in{
		"originId": "alb", "domainName": "origin.example.com", "customOriginConfig": in{
			"httpPort":             80,
			"httpsPort":            443,
			"originProtocolPolicy": "https-only",
			"originSslProtocols":   []any{"TLSv1.2"},
		},
	}, more)
}

// distribution are inputs that AWS takes, for www.example.com.
func distribution(certificate object, more in) in {
	return with(in{
		"enabled":              true,
		"aliases":              []any{"www.example.com"},
		"origins":              []any{origin(nil)},
		"defaultCacheBehavior": behavior(nil),
		"restrictions":         in{"geoRestriction": in{"restrictionType": "none"}},
		"viewerCertificate": in{
			"acmCertificateArn":      certificate.text("arn"),
			"sslSupportMethod":       "sni-only",
			"minimumProtocolVersion": "TLSv1.2_2021",
		},
	}, more)
}

// distribute asks for the site's distribution with some inputs changed.
func (w *world) distribute(more in) error {
	return failed(w.try(distributionType, "site", distribution(w.certified("example.com", "www.example.com"), more)))
}

// served is a distribution with one behaviour changed.
func (w *world) served(more in) error {
	return w.distribute(in{"defaultCacheBehavior": behavior(more)})
}

func behaviors(n int) []any {
	var all []any
	for i := range n {
		all = append(all, behavior(in{"pathPattern": fmt.Sprintf("/%d/*", i)}))
	}
	return all
}

func cacheKey(most float64, headers, items any, gzip bool) in {
	header := in{"headerBehavior": headers}
	if items != nil {
		header["headers"] = in{"items": items}
	}
	return in{"minTtl": 0, "defaultTtl": 0, "maxTtl": most, "parametersInCacheKeyAndForwardedToOrigin": in{
		"headersConfig":            header,
		"cookiesConfig":            in{"cookieBehavior": "none"},
		"queryStringsConfig":       in{"queryStringBehavior": "none"},
		"enableAcceptEncodingGzip": gzip,
	}}
}

func (w *world) logBucket() object {
	return w.make(bucketType, "logs", in{"bucket": "logs-123456789012"})
}

func bucketPolicyOf(principal, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal +
		`,"Action":["s3:GetObject","s3:PutObject"],"Resource":"*"` + condition + `}]}`
}

var cdnPairs = map[string]pair{
	"a distribution's certificate": {
		want: "InvalidViewerCertificate: The certificate that is attached to your distribution doesn't cover the " +
			"alternate domain name (CNAME) that you're trying to add: shop.example.com",
		refuses: func(w *world) error {
			elsewhere := w.make(certificateType, "tokyo", in{"domainName": "www.example.com"})
			pending := w.global().make(certificateType, "pending", in{"domainName": "www.example.com"})
			for _, certificate := range []object{elsewhere, pending} {
				if failed(w.try(distributionType, "site", distribution(certificate, nil))) == nil {
					return nil
				}
			}
			return w.distribute(in{"aliases": []any{"www.example.com", "shop.example.com"}})
		},
		passes: func(w *world) error { return w.distribute(in{"aliases": []any{"www.example.com", "example.com"}}) },
	},
	"a distribution's web ACL": {
		want: "InvalidWebACLId: Web ACL is not accessible by the requester: " +
			"arn:aws:wafv2:ap-northeast-1:123456789012:global/webacl/none/1",
		refuses: func(w *world) error {
			regional := w.make(webACLType, "regional", webACL(in{"scope": "REGIONAL"}))
			if w.distribute(in{"webAclId": regional.text("arn")}) == nil {
				return nil
			}
			return newWorld(w.t).distribute(in{
				"webAclId": "arn:aws:wafv2:ap-northeast-1:123456789012:global/webacl/none/1",
			})
		},
		passes: func(w *world) error {
			return w.distribute(in{"webAclId": w.global().make(webACLType, "site", webACL(nil)).text("arn")})
		},
	},
	"an alias of one distribution": {
		want: "CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated with a different " +
			"resource: www.example.com",
		refuses: func(w *world) error {
			certificate := w.certified("www.example.com")
			w.make(distributionType, "first", distribution(certificate, nil))
			return failed(w.try(distributionType, "second", distribution(certificate, nil)))
		},
		passes: func(w *world) error {
			certificate := w.certified("example.com", "www.example.com")
			w.make(distributionType, "first", distribution(certificate, nil))
			return failed(w.try(distributionType, "second",
				distribution(certificate, in{"aliases": []any{"example.com"}})))
		},
	},
	"behaviours of known origins": {
		want:    "NoSuchOrigin: One or more of your origins or origin groups do not exist: nlb",
		refuses: func(w *world) error { return w.served(in{"targetOriginId": "nlb"}) },
		passes:  func(w *world) error { return w.served(nil) },
	},
	"an origin group serves reads": {
		want: "InvalidArgument: The parameter AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a " +
			"cached behavior associated with an origin group",
		refuses: func(w *world) error { return w.grouped("GET", "HEAD", "POST") },
		passes:  func(w *world) error { return w.grouped("GET", "HEAD") },
	},
	"one behaviour a path": {
		want: "InvalidArgument: The parameter PathPattern contains a duplicate: /api/*",
		refuses: func(w *world) error {
			return w.distribute(in{"orderedCacheBehaviors": []any{behavior(in{"pathPattern": "/api/*"}),
				behavior(in{"pathPattern": "/api/*"})}})
		},
		passes: func(w *world) error {
			return w.distribute(in{"orderedCacheBehaviors": []any{behavior(in{"pathPattern": "/api/*"}),
				behavior(in{"pathPattern": "/assets/*"})}})
		},
	},
	"behaviours of a distribution": {
		want: "TooManyCacheBehaviors: Your request contains more CacheBehaviors than are allowed per distribution: " +
			"76, of 75",
		refuses: func(w *world) error { return w.distribute(in{"orderedCacheBehaviors": behaviors(75)}) },
		passes:  func(w *world) error { return w.distribute(in{"orderedCacheBehaviors": behaviors(74)}) },
	},
	"a page of an error has a status": {
		want: "InvalidArgument: Your request must specify both ResponsePagePath and ResponseCode together or none " +
			"of them",
		refuses: func(w *world) error {
			if newWorld(w.t).distribute(in{"customErrorResponses": []any{in{"errorCode": 418}}}) == nil {
				return nil
			}
			return w.distribute(in{"customErrorResponses": []any{in{
				"errorCode":        502,
				"responsePagePath": "/down.html",
			}}})
		},
		passes: func(w *world) error {
			return w.distribute(in{"customErrorResponses": []any{
				in{"errorCode": 404, "errorCachingMinTtl": 0},
				in{"errorCode": 502, "responseCode": 502, "responsePagePath": "/down.html"},
			}})
		},
	},
	"behaviours with known policies": {
		want: "NoSuchResponseHeadersPolicy: The specified response headers policy does not exist",
		refuses: func(w *world) error {
			for _, property := range []string{"cachePolicyId", "originRequestPolicyId"} {
				if newWorld(w.t).served(in{property: "00000000-0000-0000-0000-000000000000"}) == nil {
					return nil
				}
			}
			return w.served(in{"responseHeadersPolicyId": "00000000-0000-0000-0000-000000000000"})
		},
		passes: func(w *world) error {
			own := w.make(cachePolicyType, "static", cacheKey(86400, "none", nil, true))
			return w.served(in{
				"cachePolicyId":         own.id,
				"originRequestPolicyId": "216adef6-5c7f-47e2-b989-5492eafa07d3",
			})
		},
	},
	"behaviours with published functions": {
		want: "InvalidFunctionAssociation: The function ARN specified in the association does not exist or is not " +
			"published: arn:aws:cloudfront::123456789012:function/none",
		refuses: func(w *world) error {
			draft := w.make(functionType, "draft", in{"code": "x", "runtime": "cloudfront-js-2.0", "publish": false})
			if newWorld(w.t).served(viewerFunction(draft.text("arn"))) == nil {
				return nil
			}
			return w.served(viewerFunction("arn:aws:cloudfront::123456789012:function/none"))
		},
		passes: func(w *world) error {
			return w.served(viewerFunction(w.make(functionType, "redirect",
				in{"code": "x", "runtime": "cloudfront-js-2.0"}).
				text("arn")))
		},
	},
	"origins with access of their kind": {
		want: "InvalidArgument: Illegal configuration: The origin type and OAC origin type differ",
		refuses: func(w *world) error {
			if newWorld(w.t).distribute(in{"origins": []any{origin(in{
				"customOriginConfig":    nil,
				"originAccessControlId": "E404",
			})}}) == nil {
				return nil
			}
			return w.distribute(in{"origins": []any{origin(in{"originAccessControlId": w.access().id})}})
		},
		passes: func(w *world) error {
			return w.distribute(in{"origins": []any{origin(in{
				"customOriginConfig":    nil,
				"originAccessControlId": w.access().id,
			})}})
		},
	},
	"a policy in use stays": {
		want: "CachePolicyInUse: The cache policy is attached to one or more cache behaviors",
		refuses: func(w *world) error {
			own := w.make(cachePolicyType, "static", cacheKey(86400, "none", nil, true))
			if w.served(in{"cachePolicyId": own.id}) != nil {
				return nil
			}
			return w.delete(own)
		},
		passes: func(w *world) error {
			return w.delete(w.make(cachePolicyType, "static", cacheKey(86400, "none", nil, true)))
		},
	},
	"a function in use stays": {
		want: "FunctionInUse: Cannot delete the function, it is in use by one or more distributions: redirect",
		refuses: func(w *world) error {
			function := w.make(functionType, "redirect",
				in{"name": "redirect", "code": "x", "runtime": "cloudfront-js-2.0"})
			if w.served(viewerFunction(function.text("arn"))) != nil {
				return nil
			}
			return w.delete(function)
		},
		passes: func(w *world) error {
			return w.delete(w.make(functionType, "redirect", in{"code": "x", "runtime": "cloudfront-js-2.0"}))
		},
	},
	"access to an origin in use stays": {
		want: "OriginAccessControlInUse: The origin access control is in use: ACCESS",
		refuses: func(w *world) error {
			access := w.access()
			if w.distribute(in{"origins": []any{origin(in{
				"customOriginConfig":    nil,
				"originAccessControlId": access.id,
			})}}) != nil {
				return nil
			}
			return replaced(w.delete(access), access.id, "ACCESS")
		},
		passes: func(w *world) error { return w.delete(w.access()) },
	},
	"lifetimes and key of a cache policy": {
		want: "InvalidArgument: The parameter EnableAcceptEncodingGzip is invalid for policy with caching disabled",
		refuses: func(w *world) error {
			for _, bad := range []in{
				cacheKey(0, "whitelist", []any{"Authorization"}, false),
				cacheKey(60, "none", []any{"Authorization"}, false),
				cacheKey(60, "whitelist", nil, false),
				cacheKey(60, "whitelist", []any{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}, false),
				with(cacheKey(60, "none", nil, false), in{"minTtl": 61}),
			} {
				if failed(w.try(cachePolicyType, "policy", bad)) == nil {
					return nil
				}
			}
			return failed(w.try(cachePolicyType, "policy", cacheKey(0, "none", nil, true)))
		},
		passes: func(w *world) error {
			return failed(w.try(cachePolicyType, "policy", cacheKey(60, "whitelist", []any{"Authorization"}, true)))
		},
	},
	"headers that a policy may add": {
		want: "InvalidArgument: The parameter CustomHeaders contains X-Amz-Cf-Id that is not allowed.",
		refuses: func(w *world) error {
			if w.adds("Strict-Transport-Security") == nil ||
				w.adds("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k") == nil {
				return nil
			}
			return w.adds("X-Amz-Cf-Id")
		},
		passes: func(w *world) error { return w.adds("Permissions-Policy", "Content-Security-Policy-Report-Only") },
	},
	"size of a function": {
		want: "FunctionSizeLimitExceeded: The function exceeds the maximum size: 10241 bytes, of 10240",
		refuses: func(w *world) error {
			return failed(w.try(functionType, "viewer",
				in{"name": "viewer", "code": strings.Repeat("x", 10241), "runtime": "cloudfront-js-2.0"}))
		},
		passes: func(w *world) error {
			return failed(w.try(functionType, "viewer",
				in{"name": "viewer", "code": strings.Repeat("x", 10240), "runtime": "cloudfront-js-2.0"}))
		},
	},
	"metrics of a known distribution": {
		want:    "NoSuchDistribution: The specified distribution does not exist: E404",
		refuses: func(w *world) error { return failed(w.try(extraMetricsType, "metrics", extraMetrics("E404"))) },
		passes: func(w *world) error {
			made := w.make(distributionType, "site", distribution(w.certified("www.example.com"), nil))
			return failed(w.try(extraMetricsType, "metrics", extraMetrics(made.id)))
		},
	},
	"logs of a distribution are ordered in us-east-1": {
		want: "ValidationException: Delivery sources of CloudFront must be created in us-east-1, not ap-northeast-1",
		refuses: func(w *world) error {
			if failed(w.global().try(deliverySourceType, "logs",
				in{
					"logType":     "ACCESS_LOGS",
					"resourceArn": "arn:aws:cloudfront::123456789012:distribution/E404",
				})) == nil {
				return nil
			}
			made := w.make(distributionType, "site", distribution(w.certified("www.example.com"), nil))
			return failed(w.try(deliverySourceType, "logs",
				in{"logType": "ACCESS_LOGS", "resourceArn": made.text("arn")}))
		},
		passes: func(w *world) error {
			made := w.make(distributionType, "site", distribution(w.certified("www.example.com"), nil))
			return failed(w.global().try(deliverySourceType, "logs",
				in{"logType": "ACCESS_LOGS", "resourceArn": made.text("arn")}))
		},
	},
	"a delivery between known ends": {
		want: "ResourceNotFoundException: Delivery source none was not found",
		refuses: func(w *world) error {
			source := w.make(deliverySourceType, "logs",
				in{"logType": "ACCESS_LOGS", "resourceArn": "arn:aws:bedrock:x"})
			if failed(w.try(deliveryType, "logs",
				in{"deliverySourceName": source.id, "deliveryDestinationArn": "arn:aws:logs:none"})) == nil {
				return nil
			}
			return failed(w.try(deliveryType, "logs", in{
				"deliverySourceName": "none",
				"deliveryDestinationArn": w.target(bucketPolicyOf(`{"Service":"delivery.logs.amazonaws.com"}`, "")).
					text("arn"),
			}))
		},
		passes: func(w *world) error {
			return w.deliver(bucketPolicyOf(`{"Service":"delivery.logs.amazonaws.com"}`, ""))
		},
	},
	"logs go to a bucket that takes them": {
		want: "AccessDeniedException: CloudWatch Logs may not write to arn:aws:s3:::logs-123456789012/cloudfront",
		refuses: func(w *world) error {
			return w.deliver(bucketPolicyOf(`{"Service":"cloudfront.amazonaws.com"}`, ""))
		},
		passes: func(w *world) error {
			return w.deliver(bucketPolicyOf(`{"Service":"delivery.logs.amazonaws.com"}`, ""))
		},
	},
	"a policy of a known bucket": {
		want: "NoSuchBucket: The specified bucket does not exist: none",
		refuses: func(w *world) error {
			return failed(w.try(bucketPolicyType, "policy", in{"bucket": "none", "policy": bucketPolicyOf(`"*"`, "")}))
		},
		passes: func(w *world) error {
			return failed(w.try(bucketPolicyType, "policy",
				in{"bucket": w.logBucket().id, "policy": bucketPolicyOf(`"*"`, "")}))
		},
	},
	"document of a bucket policy": {
		want: "MalformedPolicyDocument: Missing required field Principal: policy, statement 0",
		refuses: func(w *world) error {
			return failed(w.try(bucketPolicyType, "policy", in{"bucket": w.logBucket().id, "policy": allow}))
		},
		passes: func(w *world) error {
			return failed(w.try(bucketPolicyType, "policy",
				in{"bucket": w.logBucket().id, "policy": bucketPolicyOf(`"*"`, "")}))
		},
	},
	"a public policy of a closed bucket": {
		want: "AccessDenied: User is not authorized to perform: s3:PutBucketPolicy on resource: " +
			"\"arn:aws:s3:::logs-123456789012\" because public policies are blocked by the BlockPublicPolicy block " +
			"public access setting",
		refuses: func(w *world) error {
			bucket := w.closedBucket()
			for _, principal := range []string{`"*"`, `{"AWS":"*"}`} {
				if failed(w.try(bucketPolicyType, "policy",
					in{"bucket": bucket.id, "policy": bucketPolicyOf(principal, "")})) == nil {
					return nil
				}
			}
			return failed(w.try(bucketPolicyType, "policy",
				in{"bucket": bucket.id, "policy": bucketPolicyOf(`{"AWS":["*"]}`, "")}))
		},
		passes: func(w *world) error {
			return failed(w.try(bucketPolicyType, "policy", in{
				"bucket": w.closedBucket().id,
				"policy": bucketPolicyOf(`{"AWS":["*"]}`,
					`,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`),
			}))
		},
	},
	"one policy a bucket": {
		want: "the bucket logs-123456789012 has a policy already, which this one would overwrite",
		refuses: func(w *world) error {
			bucket := w.logBucket()
			w.make(bucketPolicyType, "first", in{"bucket": bucket.id, "policy": bucketPolicyOf(`"*"`, "")})
			return failed(w.try(bucketPolicyType, "second",
				in{"bucket": bucket.id, "policy": bucketPolicyOf(`"*"`, "")}))
		},
		passes: func(w *world) error {
			bucket := w.logBucket()
			first := w.make(bucketPolicyType, "first", in{"bucket": bucket.id, "policy": bucketPolicyOf(`"*"`, "")})
			_, err := w.update(first, in{"bucket": bucket.id, "policy": bucketPolicyOf(`{"AWS":"*"}`, "")})
			return err
		},
	},
}

func viewerFunction(arn string) in {
	return in{"functionAssociations": []any{in{"eventType": "viewer-request", "functionArn": arn}}}
}

func extraMetrics(distribution string) in {
	return in{"distributionId": distribution, "monitoringSubscription": in{
		"realtimeMetricsSubscriptionConfig": in{"realtimeMetricsSubscriptionStatus": "Enabled"},
	}}
}

// grouped asks for a distribution whose default behaviour goes to an origin group.
func (w *world) grouped(methods ...any) error {
	return w.distribute(in{
		"origins": []any{origin(nil), origin(in{"originId": "standby"})},
		"originGroups": []any{in{
			"originId":         "both",
			"failoverCriteria": in{"statusCodes": []any{502}},
			"members":          []any{in{"originId": "alb"}, in{"originId": "standby"}},
		}},
		"defaultCacheBehavior": behavior(in{"targetOriginId": "both", "allowedMethods": methods}),
	})
}

func (w *world) access() object {
	return w.make(originAccessType, "assets",
		in{"originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4"})
}

func (w *world) closedBucket() object {
	bucket := w.logBucket()
	w.make(bucketAccessType, "closed", in{"bucket": bucket.id, "blockPublicPolicy": true})
	return bucket
}

// target is a log bucket with a policy, as a destination of deliveries.
func (w *world) target(policy string) object {
	bucket := w.logBucket()
	w.make(bucketPolicyType, "logs", in{"bucket": bucket.id, "policy": policy})
	return w.make(deliveryTargetType, "logs",
		in{"deliveryDestinationConfiguration": in{"destinationResourceArn": bucket.text("arn") + "/cloudfront"}})
}

func (w *world) deliver(policy string) error {
	source := w.make(deliverySourceType, "logs", in{"logType": "ACCESS_LOGS", "resourceArn": "arn:aws:bedrock:x"})
	return failed(w.try(deliveryType, "logs",
		in{"deliverySourceName": source.id, "deliveryDestinationArn": w.target(policy).text("arn")}))
}

// adds asks for a policy that adds headers.
func (w *world) adds(names ...string) error {
	var items []any
	for _, name := range names {
		items = append(items, in{"header": name, "value": "a", "override": true})
	}
	return failed(w.try(headersPolicyType, "headers", in{"customHeadersConfig": in{"items": items}}))
}
