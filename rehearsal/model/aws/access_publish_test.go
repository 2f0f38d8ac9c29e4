package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tells are an alarm, an event target and a vault's notices that tell a topic, by who publishes
// then.
var tells = map[string]func(w *world, topic string) error{
	"cloudwatch.amazonaws.com": func(w *world, topic string) error { return w.alarm(in{"alarmActions": []any{topic}}) },
	"events.amazonaws.com": func(w *world, topic string) error {
		return failed(w.try(eventTargetType, "findings", in{"rule": w.rule(false).id, "arn": topic}))
	},
	"backup.amazonaws.com": func(w *world, topic string) error { return w.notices(topic) },
}

// TestPublishersNeedTheTopicAndItsKey has, for each publisher that is wired to a topic, what its
// policy and its key must say, and the conditions that a publisher does not meet.
func TestPublishersNeedTheTopicAndItsKey(t *testing.T) {
	t.Parallel()
	const (
		noPublish = "because no resource-based policy allows the sns:Publish action"
		noKey     = "because no resource-based policy allows the kms:GenerateDataKey action"
		sameHouse = `"StringEquals":{"aws:SourceAccount":"123456789012"}`
	)
	for service, tell := range tells {
		for name, test := range map[string]struct {
			topic, key string // who is let in, and for the key on which condition
			condition  string
			want       string
		}{
			"both let it in":                    {service, service, "", ""},
			"the topic is for another service":  {"other.amazonaws.com", service, "", noPublish},
			"the key is for another service":    {service, "other.amazonaws.com", "", noKey},
			"the key asks for a source account": {service, service, sameHouse, noKey},
			"the key is AWS's own": {service, "alias/aws/sns", "",
				"is encrypted with AWS's own key, which lets no other service in"},
			"the topic is not encrypted": {service, "", "", ""},
		} {
			t.Run(service+", "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				inputs := in{}
				switch {
				case strings.HasPrefix(test.key, "alias/"):
					inputs["kmsMasterKeyId"] = test.key
				case test.key != "":
					inputs["kmsMasterKeyId"] = w.make(keyType, "told", in{"policy": letsIn(test.key, test.condition)}).
						text("arn")
				}
				topic := w.make(topicType, "told", inputs)
				w.make(topicPolicyType, "told", in{"arn": topic.id, "policy": mayPublish(topic.id, test.topic)})
				err := tell(w, topic.id)
				if test.want == "" {
					require.NoError(t, err)
					return
				}
				assert.ErrorContains(t, err, test.want)
			})
		}
	}
}

// A new topic lets the alarms of its account publish, and no other service.
func TestTheDefaultPolicyOfATopic(t *testing.T) {
	t.Parallel()
	for service, tell := range tells {
		w := newWorld(t)
		err := tell(w, w.make(topicType, "told", nil).id)
		if service == "cloudwatch.amazonaws.com" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, "because no resource-based policy allows the sns:Publish action", service)
	}
}

// The conditions of a topic's policy that a service's own page shows hold, and others do not.
func TestConditionsOfATopic(t *testing.T) {
	t.Parallel()
	account := `"StringEquals":{"aws:SourceAccount":"123456789012"}`
	for _, test := range []struct {
		service, condition string
		allowed            bool
	}{
		{"cloudwatch.amazonaws.com",
			`"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:*"}`, true},
		{"cloudwatch.amazonaws.com",
			`"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:ap-northeast-1:444455556666:alarm:*"}`, false},
		{"cloudwatch.amazonaws.com", account, false},
		{"events.amazonaws.com", account, false},
		{"events.amazonaws.com", `"ArnLike":{"aws:SourceArn":"arn:aws:events:*:*:rule/*"}`, false},
		{"backup.amazonaws.com", account, false},
	} {
		w := newWorld(t)
		topic := w.make(topicType, "told", nil)
		policy := strings.Replace(mayPublish(topic.id, test.service), `"Action"`,
			`"Condition":{`+test.condition+`},"Action"`, 1)
		w.make(topicPolicyType, "told", in{"arn": topic.id, "policy": policy})
		err := tells[test.service](w, topic.id)
		if test.allowed {
			assert.NoError(t, err, "%s on %s", test.service, test.condition)
			continue
		}
		assert.ErrorContains(t, err, "its condition", "%s on %s", test.service, test.condition)
	}
}
