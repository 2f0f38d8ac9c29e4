package observability

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/chatbot"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// NotificationsType is part of every child's URN; changing it replaces the topics, and every e-mail
// address confirms again.
const NotificationsType = "bookmark-manager:observability:Notifications"

// NotificationsConfig is who is notified of alarms: section "notifications". One subscriber is
// required: otherwise alarms reach nobody.
type NotificationsConfig struct {
	// Emails are addresses. Each must confirm its subscription by the link in the mail that AWS
	// sends, once for each topic.
	Emails []string `json:"emails" settings:"optional,unique" format:"email"`
	// Slack is a channel. Its workspace must have been authorized in the console of Amazon Q
	// Developer in chat applications before.
	Slack *Slack `json:"slack"`
	// PagerDuty sends to the URL in the secret key "pagerDutyUrl".
	PagerDuty bool `json:"pagerDuty"`
}

// Slack is a channel that Amazon Q Developer in chat applications (AWS Chatbot) posts to. Its
// console must have been authorized for the workspace before: AWS has no API for that.
type Slack struct {
	// WorkspaceID is the workspace's id, such as T0123ABCD.
	WorkspaceID string `json:"workspaceId" pattern:"^T[0-9A-Z]{8,}$" want:"a workspace's id: T and capitals or digits"`
	// ChannelID is the channel's id, such as C0123ABCD.
	ChannelID string `json:"channelId" pattern:"^[CG][0-9A-Z]{8,}$" want:"a channel's id: C or G and capitals or digits"`
}

// Validate reports every problem of the section.
func (c NotificationsConfig) Validate() settings.Problems {
	p := settings.Check(c)
	p.Want(len(c.Emails) > 0 || c.Slack != nil || c.PagerDuty, "", "no subscriber",
		"an address in emails, slack, or pagerDuty: otherwise alarms reach nobody")
	return p
}

// NotificationsArgs adds the wiring.
type NotificationsArgs struct {
	Config NotificationsConfig
	identity.Stack
	// KeyArn encrypts the region's topic. Its policy must let CloudWatch and EventBridge use
	// it. Required.
	KeyArn pulumi.StringInput
	// UsEast1 is the AWS provider of us-east-1. Required.
	UsEast1 pulumi.ProviderResource
	// PagerDutyURL is the integration's URL, a secret. Required with Config.PagerDuty.
	PagerDutyURL pulumi.StringInput
}

func (a *NotificationsArgs) check() error {
	if err := a.Check(); err != nil {
		return err
	}
	switch {
	case a.KeyArn == nil || a.UsEast1 == nil:
		return errors.New("KeyArn and UsEast1 are required")
	case a.Config.PagerDuty && a.PagerDutyURL == nil:
		return errors.New("PagerDutyURL is required with pagerDuty; set it with: pulumi config set --secret " +
			"bookmark-manager:pagerDutyUrl URL")
	}
	return a.Config.Validate().Err()
}

// Notifications are the topics that alarms, budgets and findings are published to, with their
// subscribers: one topic in the region and one in us-east-1, since an alarm publishes to its own
// region alone.
type Notifications struct {
	pulumi.ResourceState

	TopicArn        pulumi.StringOutput // of the region
	UsEast1TopicArn pulumi.StringOutput // of us-east-1
}

// NewNotifications registers nothing when args are invalid.
func NewNotifications(
	ctx *pulumi.Context, name string, args *NotificationsArgs, opts ...pulumi.ResourceOption,
) (*Notifications, error) {
	if args == nil {
		return nil, fmt.Errorf("notifications %q: args are required", name)
	}
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("notifications %q: %w", name, err)
	}
	n := &Notifications{}
	base, err := component.Register(ctx, "notifications", NotificationsType, name, n, opts...)
	if err != nil {
		return nil, err
	}
	key, err := kms.NewKey(ctx, base.Child("global"), &kms.KeyArgs{
		Description:          pulumi.String(string(args.Environment) + " notifications in " + names.UsEast1),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(keyWindow(args.Disposable)),
		Policy:               globalKeyPolicy(args).JSON(),
	}, base.Parent(), pulumi.Provider(args.UsEast1))
	if err != nil {
		return nil, base.Wrap("create", "key", err)
	}
	if n.TopicArn, err = args.topic(ctx, n, base.Child("region"), args.Region, args.KeyArn, nil); err != nil {
		return nil, base.Wrap("create", "topic", err)
	}
	if n.UsEast1TopicArn, err = args.topic(ctx, n, base.Child("global"), names.UsEast1, key.Arn,
		args.UsEast1); err != nil {
		return nil, base.Wrap("create", "topic in "+names.UsEast1, err)
	}
	if err := args.slack(ctx, n, name); err != nil {
		return nil, base.Wrap("create", "Slack channel", err)
	}
	return n, base.Outputs(pulumi.Map{"topicArn": n.TopicArn, "globalTopicArn": n.UsEast1TopicArn})
}

func keyWindow(disposable bool) int {
	if disposable {
		return 7
	}
	return 30
}

// topic makes an encrypted topic with its policy and its subscribers. A nil provider is the
// component's own.
func (a *NotificationsArgs) topic(
	ctx *pulumi.Context, n *Notifications, name, region string, key pulumi.StringInput,
	provider pulumi.ProviderResource,
) (pulumi.StringOutput, error) {
	opts := []pulumi.ResourceOption{pulumi.Parent(n)}
	if provider != nil {
		opts = append(opts, pulumi.Provider(provider))
	}
	topic, err := sns.NewTopic(ctx, name, &sns.TopicArgs{KmsMasterKeyId: key}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	written, err := sns.NewTopicPolicy(ctx, name, &sns.TopicPolicyArgs{
		Arn:    topic.Arn,
		Policy: a.topicPolicy(region, topic.Arn).JSON(),
	}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	for _, address := range a.Config.Emails {
		if _, err := sns.NewTopicSubscription(ctx, name+"-email-"+address, &sns.TopicSubscriptionArgs{
			Topic: topic.Arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(address),
		}, opts...); err != nil {
			return pulumi.StringOutput{}, err
		}
	}
	if a.Config.PagerDuty {
		if _, err := sns.NewTopicSubscription(ctx, name+"-pagerduty", &sns.TopicSubscriptionArgs{
			Topic:                topic.Arn,
			Protocol:             pulumi.String("https"),
			EndpointAutoConfirms: pulumi.Bool(true),
			Endpoint:             pulumi.ToSecret(a.PagerDutyURL).(pulumi.StringOutput),
		}, opts...); err != nil {
			return pulumi.StringOutput{}, err
		}
	}
	// What publishes takes the ARN from here, so that it starts after the policy stands.
	return pulumi.All(topic.Arn, written.ID()).ApplyT(func(all []any) string {
		return all[0].(string)
	}).(pulumi.StringOutput), nil
}

// publisher is an AWS service that publishes to a topic. Its account and its source are conditions
// where the service's own page shows them for a topic's policy, and empty where it shows none: a
// condition on a key that the service does not send would stop its messages.
type publisher struct {
	sid, service string
	account      string
	source       string // pattern of the ARN it acts for
}

// publishers are the services that publish in a region.
//
//   - cloudwatch: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
//   - budgets: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
//   - costalerts: https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
//   - events:
//     https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
func (a *NotificationsArgs) publishers(region string) []publisher {
	all := []publisher{{
		sid:     "Alarms",
		service: "cloudwatch.amazonaws.com",
		source:  fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:*", region, a.AccountID),
	}}
	if region == names.UsEast1 {
		all = append(all,
			publisher{
				sid:     "Budgets",
				service: "budgets.amazonaws.com",
				account: a.AccountID,
				source:  fmt.Sprintf("arn:aws:budgets::%s:*", a.AccountID),
			},
			publisher{sid: "CostAnomalies", service: "costalerts.amazonaws.com", account: a.AccountID},
		)
	}
	return append(all, publisher{sid: "Events", service: "events.amazonaws.com"})
}

func (p publisher) conditions() []policy.Condition {
	var all []policy.Condition
	if p.account != "" {
		all = append(all, policy.Equals("aws:SourceAccount", pulumi.String(p.account)))
	}
	if p.source != "" {
		all = append(all, policy.ArnLike("aws:SourceArn", pulumi.String(p.source)))
	}
	return all
}

func (a *NotificationsArgs) topicPolicy(region string, topic pulumi.StringInput) policy.Document {
	document := policy.Document{{
		Sid:        "RefusePlainHTTP",
		Effect:     policy.Deny,
		Principals: map[string][]string{policy.AWS: {"*"}},
		Actions:    []string{"sns:Publish"},
		Resources:  pulumi.StringArray{topic},
		Conditions: []policy.Condition{{
			Operator: "Bool",
			Key:      "aws:SecureTransport",
			Values:   pulumi.StringArray{pulumi.String("false")},
		}},
	}}
	for _, p := range a.publishers(region) {
		document = append(document, policy.Statement{
			Sid:        p.sid,
			Effect:     policy.Allow,
			Principals: map[string][]string{policy.Service: {p.service}},
			Actions:    []string{"sns:Publish"},
			Resources:  pulumi.StringArray{topic},
			Conditions: p.conditions(),
		})
	}
	return document
}

// globalKeyPolicy lets the publishers encrypt what they publish: the key that AWS keeps for SNS
// cannot be given to them. It has no conditions, as that of the region's topic has none: a
// condition that AWS's pages do not show for a topic's key could stop a service's messages.
func globalKeyPolicy(a *NotificationsArgs) policy.Document {
	anyKey := pulumi.StringArray{pulumi.String("*")} // in a key's policy: this key
	var services []string
	for _, p := range a.publishers(names.UsEast1) {
		services = append(services, p.service)
	}
	return policy.Document{
		{
			Sid:        "AccountDecidesByIAM",
			Effect:     policy.Allow,
			Principals: map[string][]string{policy.AWS: {"arn:aws:iam::" + a.AccountID + ":root"}},
			Actions:    []string{"kms:*"},
			Resources:  anyKey,
		},
		{
			Sid:        "Publish",
			Effect:     policy.Allow,
			Principals: map[string][]string{policy.Service: services},
			Actions:    []string{"kms:Decrypt", "kms:GenerateDataKey*"},
			Resources:  anyKey,
		},
	}
}

// slack posts both topics to a channel, with a role that can show alarms and their graphs and
// nothing else.
func (a *NotificationsArgs) slack(ctx *pulumi.Context, n *Notifications, name string) error {
	if a.Config.Slack == nil {
		return nil
	}
	const guardrail = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"
	role, err := iam.NewRole(ctx, name+"-slack", &iam.RoleArgs{
		AssumeRolePolicy: policy.AssumedBy("chatbot.amazonaws.com", pulumi.String(a.AccountID), nil).JSON(),
	}, pulumi.Parent(n))
	if err != nil {
		return err
	}
	attached, err := iam.NewRolePolicyAttachment(ctx, name+"-slack", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(guardrail),
	}, pulumi.Parent(n))
	if err != nil {
		return err
	}
	_, err = chatbot.NewSlackChannelConfiguration(ctx, name+"-slack", &chatbot.SlackChannelConfigurationArgs{
		ConfigurationName:   pulumi.String(a.Environment.Name("alarms")),
		IamRoleArn:          role.Arn,
		SlackTeamId:         pulumi.String(a.Config.Slack.WorkspaceID),
		SlackChannelId:      pulumi.String(a.Config.Slack.ChannelID),
		SnsTopicArns:        pulumi.StringArray{n.TopicArn, n.UsEast1TopicArn},
		GuardrailPolicyArns: pulumi.StringArray{pulumi.String(guardrail)},
	}, pulumi.Parent(n), pulumi.DependsOn([]pulumi.Resource{attached}))
	return err
}
