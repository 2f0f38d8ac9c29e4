package observability

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	topicType        = "aws:sns/topic:Topic"
	topicPolicyType  = "aws:sns/topicPolicy:TopicPolicy"
	subscriptionType = "aws:sns/topicSubscription:TopicSubscription"
)

func everySubscriber() *NotificationsArgs {
	return &NotificationsArgs{
		Config: NotificationsConfig{
			Emails:    []string{"ops@example.com"},
			Slack:     &Slack{WorkspaceID: "T0123ABCD", ChannelID: "C0123ABCD"},
			PagerDuty: true,
		},
		Stack:        recorder.Production,
		KeyArn:       pulumi.String("arn:aws:kms:ap-northeast-1:111122223333:key/region"),
		PagerDutyURL: pulumi.String("https://events.pagerduty.com/integration/abc/enqueue"),
	}
}

func buildNotifications(change func(*NotificationsArgs)) (*recorder.Recorder, *Notifications, error) {
	args := everySubscriber()
	var made *Notifications
	r, err := inComponent(func(
		ctx *pulumi.Context, global pulumi.ProviderResource, opts ...pulumi.ResourceOption,
	) (err error) {
		args.UsEast1 = global
		if change != nil {
			change(args)
		}
		made, err = NewNotifications(ctx, "notifications", args, opts...)
		return err
	}, "aws")
	return r, made, err
}

func TestNotificationsChildren(t *testing.T) {
	r, _, err := buildNotifications(nil)
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{
		NotificationsType: {"notifications"},
		"aws:kms/key:Key": {"global"},
		topicType:         {"global", "region"},
		topicPolicyType:   {"global", "region"},
		subscriptionType: {"global-email-ops@example.com", "global-pagerduty", "region-email-ops@example.com",
			"region-pagerduty"},
		"aws:iam/role:Role": {"slack"},
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment":               {"slack"},
		"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {"slack"},
	}, listed(t, r, NotificationsType, "notifications-"))
	for _, one := range r.All() {
		if one.Custom {
			assert.Equal(t, strings.HasPrefix(one.Name, "notifications-global"), isGlobal(one), one.Key())
		}
	}
}

func TestTopicsAreEncryptedWithKeysThatPublishersMayUse(t *testing.T) {
	r, _, err := buildNotifications(nil)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:kms:ap-northeast-1:111122223333:key/region",
		get(t, r, topicType, "notifications-region").Input("kmsMasterKeyId"))
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:notifications-global",
		get(t, r, topicType, "notifications-global").Input("kmsMasterKeyId"))
	key := get(t, r, "aws:kms/key:Key", "notifications-global")
	assert.Equal(t, true, key.Input("enableKeyRotation"))
	assert.Equal(t, 30.0, key.Input("deletionWindowInDays"))
	sameJSON(t, `{"Version": "2012-10-17", "Statement": [
		{"Sid": "AccountDecidesByIAM", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]},
		 "Action": ["kms:*"], "Resource": ["*"]},
		{"Sid": "Publish", "Effect": "Allow", "Principal": {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com",
			"costalerts.amazonaws.com", "events.amazonaws.com"]}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
			 "Resource": ["*"]}
	]}`, key.Input("policy"), "key policy")
}

func TestTopicPolicies(t *testing.T) {
	refuse := `{"Sid": "RefusePlainHTTP", "Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ["sns:Publish"],
	 "Resource": ["%TOPIC"],
		"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}`
	alarms := func(region string) string {
		return `{"Sid": "Alarms", "Effect": "Allow", "Principal": {"Service": ["cloudwatch.amazonaws.com"]},
		 "Action": ["sns:Publish"], "Resource": ["%TOPIC"],
			"Condition": {"ArnLike": {"aws:SourceArn": ["arn:aws:cloudwatch:` + region + `:111122223333:alarm:*"]}}}`
	}
	budgets := `{"Sid": "Budgets", "Effect": "Allow", "Principal": {"Service": ["budgets.amazonaws.com"]},
	 "Action": ["sns:Publish"], "Resource": ["%TOPIC"],
		"Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]},
		 "ArnLike": {"aws:SourceArn": ["arn:aws:budgets::111122223333:*"]}}}`
	anomalies := `{"Sid": "CostAnomalies", "Effect": "Allow", "Principal": {"Service": ["costalerts.amazonaws.com"]},
	 "Action": ["sns:Publish"], "Resource": ["%TOPIC"],
		"Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}}`
	events := `{"Sid": "Events", "Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com"]}, "Action": ` +
		`["sns:Publish"], "Resource": ["%TOPIC"]}`
	for name, c := range map[string]struct {
		topic string
		want  []string
	}{
		"the region's topic takes alarms and events": {"region",
			[]string{refuse, alarms("ap-northeast-1"), events}},
		"the topic of us-east-1 takes budgets and anomalies too": {"global",
			[]string{refuse, alarms("us-east-1"), budgets, anomalies, events}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildNotifications(nil)
			require.NoError(t, err)
			want := document(c.want...)
			sameJSON(t, replaceTopic(want, "arn:aws:test:ap-northeast-1:111122223333:notifications-"+c.topic),
				get(t, r, topicPolicyType, "notifications-"+c.topic).Input("policy"), name)
		})
	}
}

func TestSubscribers(t *testing.T) {
	r, _, err := buildNotifications(nil)
	require.NoError(t, err)
	mail := get(t, r, subscriptionType, "notifications-region-email-ops@example.com")
	assert.Equal(t, "email", mail.Input("protocol"))
	assert.Equal(t, "ops@example.com", mail.Input("endpoint"))
	pager := get(t, r, subscriptionType, "notifications-region-pagerduty")
	assert.Equal(t, "https", pager.Input("protocol"))
	assert.True(t, pager.IsSecret("endpoint"), "the URL holds the integration's key")
	slack := get(t, r, "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", "notifications-slack")
	assert.Equal(t, []any{
		"arn:aws:test:ap-northeast-1:111122223333:notifications-region",
		"arn:aws:test:ap-northeast-1:111122223333:notifications-global",
	}, slack.Input("snsTopicArns"))
	assert.Equal(t, []any{"arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"}, slack.Input("guardrailPolicyArns"))
	sameJSON(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
	 "Principal": {"Service": ["chatbot.amazonaws.com"]}, "Action": ["sts:AssumeRole"],
		"Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}}]}`,
		get(t, r, "aws:iam/role:Role", "notifications-slack").Input("assumeRolePolicy"), "role")
}

func TestNotificationsWithEmailAlone(t *testing.T) {
	r, _, err := buildNotifications(func(a *NotificationsArgs) {
		a.Config = NotificationsConfig{Emails: []string{"a@example.com", "b@example.com"}}
		a.PagerDutyURL, a.Disposable = nil, true
	})
	require.NoError(t, err)
	all := listed(t, r, NotificationsType, "notifications-")
	assert.Equal(t, []string{"global-email-a@example.com", "global-email-b@example.com", "region-email-a@example.com",
		"region-email-b@example.com"}, all[subscriptionType])
	assert.NotContains(t, all, "aws:iam/role:Role")
	assert.Equal(t, 7.0, get(t, r, "aws:kms/key:Key", "notifications-global").Input("deletionWindowInDays"))
}

func TestNotificationsRefuse(t *testing.T) {
	for want, change := range map[string]func(*NotificationsArgs){
		"Environment, Region and AccountID are required": func(a *NotificationsArgs) { a.AccountID = "" },
		"KeyArn and UsEast1 are required":                func(a *NotificationsArgs) { a.KeyArn = nil },
		"pulumi config set --secret":                     func(a *NotificationsArgs) { a.PagerDutyURL = nil },
		`found "no subscriber", want an address in emails`: func(a *NotificationsArgs) {
			a.Config = NotificationsConfig{}
		},
		"want an e-mail address alone": func(a *NotificationsArgs) {
			a.Config.Emails = []string{"Ops <ops@example.com>"}
		},
		`emails[1]: found "ops@example.com", want each`: func(a *NotificationsArgs) {
			a.Config.Emails = []string{"ops@example.com", "ops@example.com"}
		},
		`slack.workspaceId: found "workspace"`: func(a *NotificationsArgs) { a.Config.Slack.WorkspaceID = "workspace" },
		`slack.channelId: found nothing`:       func(a *NotificationsArgs) { a.Config.Slack.ChannelID = "" },
	} {
		t.Run(want, func(t *testing.T) {
			r, _, err := buildNotifications(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
	r, err := inComponent(func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
		_, err := NewNotifications(ctx, "notifications", nil, opts...)
		return err
	}, "aws")
	require.ErrorContains(t, err, "args are required")
	assert.Empty(t, r.All())
}
