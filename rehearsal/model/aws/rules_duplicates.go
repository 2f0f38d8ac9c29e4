package aws

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// duplicateRules refuse what is there already, for types whose ids AWS chooses. A repeated request
// would make a second object otherwise, or silently be one with the first: what AWS lets pass as
// the same object is refused here too, since one of the two resources would lose it.
var duplicateRules = []provider.Rule{
	{
		Name:  "one cache policy a name",
		Types: []string{cachePolicyType},
		When:  provider.OnCreate,
		Why:   "CloudFront CreateCachePolicy: CachePolicyAlreadyExists",
		Check: only(cachePolicyType, "CachePolicyAlreadyExists: A cache policy with this name already exists", "name"),
	},
	{
		Name:  "one origin request policy a name",
		Types: []string{requestPolicyType},
		When:  provider.OnCreate,
		Why:   "CloudFront CreateOriginRequestPolicy: OriginRequestPolicyAlreadyExists",
		Check: only(requestPolicyType,
			"OriginRequestPolicyAlreadyExists: An origin request policy with this name already exists", "name"),
	},
	{
		Name:  "one response headers policy a name",
		Types: []string{headersPolicyType},
		When:  provider.OnCreate,
		Why:   "CloudFront CreateResponseHeadersPolicy: ResponseHeadersPolicyAlreadyExists",
		Check: only(headersPolicyType,
			"ResponseHeadersPolicyAlreadyExists: A response headers policy with this name already exists", "name"),
	},
	{
		Name:  "one origin access control a name",
		Types: []string{originAccessType},
		When:  provider.OnCreate,
		Why:   "CloudFront CreateOriginAccessControl: OriginAccessControlAlreadyExists",
		Check: only(originAccessType,
			"OriginAccessControlAlreadyExists: An origin access control with this name already exists", "name"),
	},
	{
		Name:  "one web ACL a name",
		Types: []string{webACLType},
		When:  provider.OnCreate,
		Why:   "WAF CreateWebACL: WAFDuplicateItemException",
		Check: only(webACLType, wafDuplicate, "name", "scope"),
	},
	{
		Name:  "one IP set a name",
		Types: []string{ipSetType},
		When:  provider.OnCreate,
		Why:   "WAF CreateIPSet: WAFDuplicateItemException",
		Check: only(ipSetType, wafDuplicate, "name", "scope"),
	},
	{
		Name:  "one query log a zone",
		Types: []string{queryLogType},
		When:  provider.OnCreate,
		Why:   "Route 53 CreateQueryLoggingConfig: QueryLoggingConfigAlreadyExists",
		Check: only(queryLogType,
			"QueryLoggingConfigAlreadyExists: A configuration already exists for this hosted zone.", "zoneId"),
	},
	{
		Name:  "one delivery from a source to a destination",
		Types: []string{deliveryType},
		When:  provider.OnCreate,
		Why:   "CloudWatch Logs CreateDelivery: ConflictException",
		Check: only(deliveryType, "ConflictException: Delivery already exists", "deliverySourceName",
			"deliveryDestinationArn"),
	},
	{
		Name:  "one subscription filter a name",
		Types: []string{subscriptionFilterType},
		When:  provider.OnCreate,
		Why:   "CloudWatch Logs PutSubscriptionFilter overwrites the filter with this name",
		Check: only(subscriptionFilterType,
			"the log group has a filter of this name already, which this one would overwrite", "logGroup", "name"),
	},
	{
		Name:  "one subscription an endpoint",
		Types: []string{topicSubscriptionType},
		When:  provider.OnCreate,
		Why:   "SNS Subscribe returns the subscription that is there",
		Check: only(topicSubscriptionType, "the endpoint is subscribed to the topic already", "topic", "protocol",
			"endpoint"),
	},
	{
		Name:  "one attachment of a policy",
		Types: []string{policyAttachmentType},
		When:  provider.OnCreate,
		Why:   "IAM AttachRolePolicy succeeds for a policy that is attached already",
		Check: only(policyAttachmentType, "the role has the policy already, and the two attachments would be one",
			"role", "policyArn"),
	},
}

const wafDuplicate = "WAFDuplicateItemException: AWS WAF couldn't perform the operation because some resource in " +
	"your request is a duplicate of an existing one."

// only refuses an object with the same known values of the properties as another one has.
func only(typ, refusal string, properties ...string) func(*provider.Request) error {
	return func(r *provider.Request) error {
		for _, other := range r.Others(typ) {
			same := true
			for _, property := range properties {
				value := r.Inputs.Text(property)
				same = same && value != "" && other.Text(property) == value
			}
			if same {
				return fmt.Errorf("%s", refusal)
			}
		}
		return nil
	}
}
