package aws

import (
	"fmt"
	"net/mail"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// topicRules are about topics, their subscribers and EventBridge's rules.
var topicRules = []provider.Rule{
	{
		Name:  "one topic a name",
		Types: []string{topicType},
		When:  provider.OnCreate,
		Why:   "SNS CreateTopic returns the topic that another resource manages, or refuses other attributes",
		Check: func(r *provider.Request) error {
			arn := "arn:aws:sns:" + r.Region + ":" + r.Account + ":" + r.Inputs.Text("name")
			if topic := r.Find(topicType, arn); topic != nil && !r.Itself(topic) {
				return fmt.Errorf("InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists "+
					"with different attributes: %s", arn)
			}
			return nil
		},
	},
	{
		Name:  "a topic's key of its region",
		Types: []string{topicType},
		When:  provider.OnWrite,
		Why:   "SNS encrypts with a key of the topic's region: KMSNotFoundException when the first message comes",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("kmsMasterKeyId")
			if !strings.HasPrefix(arn, "arn:aws:kms:") {
				return nil
			}
			if key := r.ByARN(arn); r.Missing(key) || key != nil && (key.Type != keyType || key.Region != r.Region) {
				return fmt.Errorf("KMSNotFoundException: The key %s does not exist in %s", arn, r.Region)
			}
			return nil
		},
	},
	{
		Name:  "document of a topic policy",
		Types: []string{topicPolicyType},
		When:  provider.OnCheck,
		Why:   "SNS SetTopicAttributes: Invalid parameter: Policy Error",
		Check: func(r *provider.Request) error {
			return policyDocument(r.Inputs, "policy", resourcePolicy)
		},
	},
	{
		Name:  "a policy of a known topic",
		Types: []string{topicPolicyType},
		When:  provider.OnWrite,
		Why:   "SNS SetTopicAttributes: NotFound",
		Check: references("arn", topicType, "NotFound: Topic does not exist: %s"),
	},
	{
		Name:  "a subscription of a known topic",
		Types: []string{topicSubscriptionType},
		When:  provider.OnWrite,
		Why:   "SNS Subscribe: NotFound",
		Check: references("topic", topicType, "NotFound: Topic does not exist: %s"),
	},
	{
		Name:  "protocol of a subscription",
		Types: []string{topicSubscriptionType},
		When:  provider.OnCheck,
		Why:   "SNS Subscribe: Protocol and the form of its Endpoint",
		Check: func(r *provider.Request) error {
			protocol, endpoint := r.Inputs.Text("protocol"), r.Inputs.Text("endpoint")
			_, err := mail.ParseAddress(endpoint)
			wrong := protocol == "email" && err != nil ||
				strings.HasPrefix(protocol, "http") && !strings.HasPrefix(endpoint, protocol+"://")
			if endpoint != "" && wrong {
				return fmt.Errorf("InvalidParameter: Invalid parameter: Endpoint must match the specified protocol %s",
					protocol)
			}
			return nil
		},
	},
	{
		Name:  "a Slack channel with a known role",
		Types: []string{slackType},
		When:  provider.OnWrite,
		Why:   "AWS Chatbot CreateSlackChannelConfiguration: InvalidRequestException",
		Check: roleThat("iamRoleArn", "chatbot.amazonaws.com",
			"InvalidRequestException: The role %s does not exist or does not trust %s"),
	},
	{
		Name:  "an event rule has a pattern or a schedule",
		Types: []string{eventRuleType},
		When:  provider.OnCheck,
		Why:   "EventBridge PutRule: ValidationException",
		Check: func(r *provider.Request) error {
			if !r.Inputs.Has("eventPattern") && !r.Inputs.Has("scheduleExpression") {
				return fmt.Errorf("one of [eventPattern scheduleExpression] must be specified")
			}
			return jsonObject(r.Inputs, "eventPattern",
				"InvalidEventPatternException: Event pattern is not valid. Reason: %w")
		},
	},
	{
		Name:  "a target of a known event rule",
		Types: []string{eventTargetType},
		When:  provider.OnWrite,
		Why:   "EventBridge PutTargets: ResourceNotFoundException",
		Check: references("rule", eventRuleType,
			"ResourceNotFoundException: Rule %s does not exist on EventBus default."),
	},
	{
		Name:  "an event target in its rule's region",
		Types: []string{eventTargetType},
		When:  provider.OnWrite,
		Why:   "EventBridge: targets other than event buses are in the region of the rule",
		Check: func(r *provider.Request) error {
			parts := strings.Split(r.Inputs.Text("arn"), ":")
			if len(parts) > 3 && parts[2] != "events" && parts[3] != r.Region {
				return fmt.Errorf("ValidationException: Provided Arn is not in correct format: %s is in %s, the "+
					"rule is in %s", r.Inputs.Text("arn"), parts[3], r.Region)
			}
			return nil
		},
	},
	{
		Name:  "an event target that lets EventBridge publish",
		Types: []string{eventTargetType},
		When:  provider.OnWrite,
		Why: "EventBridge takes any target: events that it may not deliver are counted as FailedInvocations and " +
			"dropped",
		Check: func(r *provider.Request) error {
			topic := r.Inputs.Text("arn")
			if !strings.HasPrefix(topic, "arn:aws:sns:") {
				return nil
			}
			rule := "arn:aws:events:" + r.Region + ":" + r.Account + ":rule/" + r.Inputs.Text("rule")
			if err := publishes(r, topic, "events.amazonaws.com", rule); err != nil {
				return fmt.Errorf("FailedInvocations: EventBridge may not publish to %s\n%w", topic, err)
			}
			return nil
		},
	},
	{
		Name:  "an event rule with targets stays",
		Types: []string{eventRuleType},
		When:  provider.OnDelete,
		Why:   "EventBridge DeleteRule: ValidationException",
		Check: func(r *provider.Request) error {
			if !provider.Values(r.Old.Inputs).Is("forceDestroy", false) &&
				len(r.Where(eventTargetType, "rule", r.Old.ID)) > 0 {
				return fmt.Errorf("ValidationException: Rule can't be deleted since it has targets.")
			}
			return nil
		},
	},
}
