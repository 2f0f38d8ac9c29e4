package aws

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	noTopic   = "arn:aws:sns:ap-northeast-1:123456789012:none"
	noRole    = "arn:aws:iam::123456789012:role/none"
	noStream  = "arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/none"
	noMonitor = "arn:aws:ce::123456789012:anomalymonitor/none"
)

// with returns a copy of inputs, changed by more; nil takes an input away.
func (w *world) with(inputs, more in) in {
	all := maps.Clone(inputs)
	maps.Copy(all, more)
	return all
}

// trust makes a role that a service may take, and that may do anything.
func (w *world) trust(name, service string) string { return w.trusted(name, service, may) }

// trusted makes a role that a service may take, with one statement.
func (w *world) trusted(name, service, statement string) string {
	role := w.make(roleType, name, in{
		"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["` +
			service + `"]},"Action":"sts:AssumeRole"}]}`,
	})
	w.make(rolePolicyType, name,
		in{"role": role.id, "name": "own", "policy": `{"Version":"2012-10-17","Statement":[` + statement + `]}`})
	return role.text("arn")
}

// but is a statement of all actions but one.
func but(action string) string {
	return `{"Effect":"Allow","NotAction":"` + action + `","Resource":"*"}`
}

// topic makes a topic that a service may publish to.
func (w *world) topic(name, service string) string {
	topic := w.make(topicType, name, in{})
	w.make(topicPolicyType, name, in{"arn": topic.id, "policy": mayPublish(topic.id, service)})
	return topic.id
}

// named is such a topic without a random end of its name.
func (w *world) named(name, service string) string {
	topic := w.make(topicType, name, in{"name": name})
	w.make(topicPolicyType, name, in{"arn": topic.id, "policy": mayPublish(topic.id, service)})
	return topic.id
}

func mayPublish(topic, service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["` + service +
		`"]},"Action":["sns:Publish"],"Resource":["` + topic + `"]}]}`
}

func goodAlarm() in {
	return in{
		"name":               "cpu",
		"comparisonOperator": "GreaterThanThreshold",
		"evaluationPeriods":  2,
		"period":             300,
		"threshold":          80,
		"statistic":          "Average",
		"namespace":          "AWS/ECS",
		"metricName":         "CPUUtilization",
		"treatMissingData":   "notBreaching",
	}
}

func mathAlarm(expression string, metric in) in {
	return in{
		"name":               "rate",
		"comparisonOperator": "GreaterThanThreshold",
		"evaluationPeriods":  1,
		"threshold":          5,
		"metricQueries": []any{
			in{"id": "result", "expression": expression, "returnData": true},
			metric,
		},
	}
}

func requests(more in) in {
	query := in{
		"id":         "requests",
		"returnData": false,
		"metric":     in{"metricName": "RequestCount", "namespace": "AWS/ApplicationELB", "period": 300, "stat": "Sum"},
	}
	maps.Copy(query, more)
	return query
}

func (w *world) alarm(more in) error {
	return failed(w.try(alarmType, "alarm", w.with(goodAlarm(), more)))
}

func (w *world) composite(rule string) error {
	return failed(w.try(compositeType, "down", in{"alarmName": "down", "alarmRule": rule}))
}

func (w *world) dashboard(body string) error {
	return failed(w.try(dashboardType, "dashboard", in{"dashboardName": "all", "dashboardBody": body}))
}

var metricAlarmPairs = map[string]pair{
	"an extended statistic": {
		want:    "invalid extendedStatistic p101",
		refuses: func(w *world) error { return w.alarm(in{"statistic": nil, "extendedStatistic": "p101"}) },
		passes:  func(w *world) error { return w.alarm(in{"statistic": nil, "extendedStatistic": "p95"}) },
	},
	"an alarm watches a metric or queries": {
		want:    "one of [metricName metricQueries] must be specified, got []",
		refuses: func(w *world) error { return w.alarm(in{"metricName": nil}) },
		passes:  func(w *world) error { return w.alarm(nil) },
	},
	"an alarm on a metric has a statistic": {
		want:    "ValidationError: Exactly one of statistic and extended statistic must be given",
		refuses: func(w *world) error { return w.alarm(in{"extendedStatistic": "p95"}) },
		passes:  func(w *world) error { return w.alarm(nil) },
	},
	"queries of an alarm": {
		want: "ValidationError: Error in expression 'result': Undefined metric or expression id errors",
		refuses: func(w *world) error {
			return failed(w.try(alarmType, "rate", mathAlarm("IF(requests>20,100*errors/requests,0)", requests(nil))))
		},
		passes: func(w *world) error {
			return failed(w.try(alarmType, "rate", mathAlarm("IF(FILL(requests,0)>20,requests,0)", requests(nil))))
		},
	},
	"period of an alarm": {
		want: "ValidationError: Metrics cannot be checked across more than a day (EvaluationPeriods * Period " +
			"must be <= 86400).",
		refuses: func(w *world) error { return w.alarm(in{"period": 3000, "evaluationPeriods": 29}) },
		passes: func(w *world) error {
			if err := w.alarm(in{"period": 3600, "evaluationPeriods": 169}); err == nil {
				return errors.New("more than a week passed")
			}
			return w.alarm(in{"period": 3600, "evaluationPeriods": 168})
		},
	},
	"description of an alarm": {
		want:    "expected length of alarmDescription to be in the range (0 - 1024), got 1025",
		refuses: func(w *world) error { return w.alarm(in{"alarmDescription": long(1025)}) },
		passes:  func(w *world) error { return w.alarm(in{"alarmDescription": long(1024)}) },
	},
	"one alarm a name": {
		want: "ResourceAlreadyExists: there is an alarm with the name cpu",
		refuses: func(w *world) error {
			w.make(alarmType, "first", goodAlarm())
			return w.alarm(nil)
		},
		passes: func(w *world) error {
			w.other("us-east-1", account, nil).make(alarmType, "first", goodAlarm())
			return w.alarm(nil)
		},
	},
	"actions of an alarm's region": {
		want: "ValidationError: Invalid region us-east-1 specified. Only ap-northeast-1 is supported.",
		refuses: func(w *world) error {
			topic := w.other("us-east-1", account, nil).make(topicType, "alarms", in{})
			return w.alarm(in{"alarmActions": []any{topic.id}})
		},
		passes: func(w *world) error { return w.alarm(in{"okActions": []any{w.make(topicType, "alarms", in{}).id}}) },
	},
	"an alarm notifies a topic that allows it": {
		want:    "NotFound: Failed to execute action " + noTopic + ". Received error: Topic does not exist",
		refuses: func(w *world) error { return w.alarm(in{"alarmActions": []any{noTopic}}) },
		passes: func(w *world) error {
			_, err := w.preview(alarmType, "alarm", w.with(goodAlarm(), in{"alarmActions": []any{unknown}}))
			return err
		},
	},
	"parts of a composite alarm": {
		want:    "ValidationError: AlarmRule: the alarm cpu does not exist in ap-northeast-1",
		refuses: func(w *world) error { return w.composite(`ALARM("cpu")`) },
		passes: func(w *world) error {
			w.make(alarmType, "cpu", goodAlarm())
			return w.composite(`ALARM("cpu") AND NOT OK(cpu)`)
		},
	},
	"length of a composite alarm's rule": {
		want: "ValidationError: AlarmRule must not have more than 100 alarms, got 101",
		refuses: func(w *world) error {
			w.make(alarmType, "cpu", goodAlarm())
			return w.composite(`ALARM("cpu")` + strings.Repeat(` OR ALARM("cpu")`, 100))
		},
		passes: func(w *world) error {
			w.make(alarmType, "cpu", goodAlarm())
			return w.composite(`ALARM("cpu")` + strings.Repeat(` OR ALARM("cpu")`, 99))
		},
	},
	"suppressor of a composite alarm": {
		want: "ValidationError: ActionsSuppressor: the alarm down does not exist in ap-northeast-1",
		refuses: func(w *world) error {
			w.make(alarmType, "cpu", goodAlarm())
			return failed(w.try(compositeType, "all", suppressed("down")))
		},
		passes: func(w *world) error {
			w.make(alarmType, "cpu", goodAlarm())
			return failed(w.try(compositeType, "all", suppressed("cpu")))
		},
	},
	"body of a dashboard": {
		want: "InvalidParameterInput: The dashboard body is invalid: /widgets/0/properties: Should have " +
			"property region",
		refuses: func(w *world) error {
			return w.dashboard(`{"widgets":[{"type":"metric","properties":{"metrics":[["AWS/ECS"]]}}]}`)
		},
		passes: func(w *world) error {
			return w.dashboard(`{"widgets":[{"type":"metric","x":12,"width":12,"properties":{"metrics":[["AWS/` +
				`ECS"]],"region":"us-east-1"}},{"type":"text","properties":{"markdown":"#"}}]}`)
		},
	},
}

func elevenExpressions() []any {
	var all []any
	for _, id := range "abcdefghijk" {
		all = append(all, in{"id": string(id), "expression": "requests", "returnData": false})
	}
	return all
}

func suppressed(by string) in {
	return in{
		"alarmName": "all", "alarmRule": `ALARM("cpu")`,
		"actionsSuppressor": in{"alarm": by, "waitPeriod": 60, "extensionPeriod": 60},
	}
}

func long(n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = 'x'
	}
	return string(text)
}

func TestOtherQueriesThatAnAlarmCannotHave(t *testing.T) {
	for want, queries := range map[string][]any{
		"The value \"Result\" for Id is not matching": {in{"id": "Result", "expression": "1", "returnData": true}},
		"is used twice":             {requests(in{"returnData": true}), requests(nil)},
		"should return data, got 0": {requests(nil)},
		"should return data, got 2": {requests(in{"returnData": true}),
			in{"id": "more", "expression": "requests", "returnData": true}},
		"either an expression or a metric": {requests(in{
			"returnData": true,
			"expression": "1",
		})},
		"up to 10 metrics and up to 10 expressions, got 1 and 11": append([]any{requests(in{"returnData": true})},
			elevenExpressions()...),
	} {
		err := failed(newWorld(t).try(alarmType, "rate", in{
			"name":               "rate",
			"comparisonOperator": "GreaterThanThreshold",
			"evaluationPeriods":  1,
			"threshold":          5,
			"metricQueries":      queries,
		}))
		assert.ErrorContains(t, err, want)
	}
	w := newWorld(t)
	assert.ErrorContains(t, w.alarm(in{"period": 90}), "Period must be 10, 20, 30 or a multiple of 60, got 90")
	assert.ErrorContains(t, w.alarm(in{"datapointsToAlarm": 3}), "got 3 of 2")
	assert.ErrorContains(t, w.alarm(in{"statistic": nil, "extendedStatistic": "p101"}),
		"invalid extendedStatistic p101")
	assert.ErrorContains(t, w.composite("TRUE"), "must contain at least one alarm")
}

func TestOtherBodiesThatADashboardCannotHave(t *testing.T) {
	for body, want := range map[string]string{
		`{`:             "must be a valid JSON object",
		`{"widget":[]}`: "Should have property widgets",
		`{"widgets":[{"type":"graph",
		 "properties":{}}]}`: "/widgets/0/type: Should match one of the widget types: graph",
		`{"widgets":[{"type":"text","x":20,"width":6,"properties":{"markdown":""}}]}`: "Should fit the 24 columns",
		`{"widgets":[{"type":"alarm",
		 "properties":{"alarm":[]}}]}`: "Should have property alarms",
		`{"widgets":[{"type":"metric","properties":{"metrics":[],
		 "region":"ap-northeast-1"}}]}`: "Should NOT have fewer than 1 items",
	} {
		assert.ErrorContains(t, newWorld(t).dashboard(body), want)
	}
}

var topicPairs = map[string]pair{
	"one topic a name": {
		want: "InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with different " +
			"attributes: arn:aws:sns:ap-northeast-1:123456789012:alarms",
		refuses: func(w *world) error {
			w.make(topicType, "first", in{"name": "alarms"})
			return failed(w.try(topicType, "second", in{"name": "alarms"}))
		},
		passes: func(w *world) error {
			w.make(topicType, "first", in{"name": "alarms"})
			return failed(w.other("us-east-1", account, nil).try(topicType, "second", in{"name": "alarms"}))
		},
	},
	"a topic's key of its region": {
		want: "KMSNotFoundException: The key KEY does not exist in ap-northeast-1",
		refuses: func(w *world) error {
			key := w.other("us-east-1", account, nil).make(keyType, "alarms", in{}).text("arn")
			return worded(failed(w.try(topicType, "alarms", in{"kmsMasterKeyId": key})), key, "KEY")
		},
		passes: func(w *world) error {
			return failed(w.try(topicType, "alarms", in{"kmsMasterKeyId": w.make(keyType, "alarms", in{}).text("arn")}))
		},
	},
	"document of a topic policy": {
		want: "MalformedPolicyDocument: Missing required field Principal: policy, statement 0",
		refuses: func(w *world) error {
			return failed(w.try(topicPolicyType, "alarms", in{
				"arn": unknown,
				"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:Publish",` +
					`"Resource":"*"}]}`,
			}))
		},
		passes: func(w *world) error {
			topic := w.make(topicType, "alarms", in{}).id
			return failed(w.try(topicPolicyType, "alarms",
				in{"arn": topic, "policy": mayPublish(topic, "cloudwatch.amazonaws.com")}))
		},
	},
	"a policy of a known topic": {
		want: "NotFound: Topic does not exist: " + noTopic,
		refuses: func(w *world) error {
			return failed(w.try(topicPolicyType, "alarms",
				in{"arn": noTopic, "policy": mayPublish(noTopic, "cloudwatch.amazonaws.com")}))
		},
		passes: func(w *world) error {
			_, err := w.preview(topicPolicyType, "alarms", in{"arn": unknown, "policy": unknown})
			return err
		},
	},
	"a subscription of a known topic": {
		want: "NotFound: Topic does not exist: " + noTopic,
		refuses: func(w *world) error {
			return failed(w.try(topicSubscriptionType, "mail",
				in{"topic": noTopic, "protocol": "email", "endpoint": "ops@example.com"}))
		},
		passes: func(w *world) error { return w.subscription("email", "ops@example.com") },
	},
	"protocol of a subscription": {
		want:    "InvalidParameter: Invalid parameter: Endpoint must match the specified protocol https",
		refuses: func(w *world) error { return w.subscription("https", "http://example.com") },
		passes: func(w *world) error {
			return w.subscription("https", "https://events.pagerduty.com/integration/a/enqueue")
		},
	},
	"a Slack channel with a known role": {
		want: "InvalidRequestException: The role " + noRole +
			" does not exist or does not trust chatbot.amazonaws.com",
		refuses: func(w *world) error { return w.channel(noRole) },
		passes:  func(w *world) error { return w.channel(w.trust("slack", "chatbot.amazonaws.com")) },
	},
	"an event rule has a pattern or a schedule": {
		want:    "one of [eventPattern scheduleExpression] must be specified",
		refuses: func(w *world) error { return failed(w.try(eventRuleType, "findings", in{})) },
		passes: func(w *world) error {
			return failed(w.try(eventRuleType, "findings", in{"eventPattern": `{"source":["aws.guardduty"]}`}))
		},
	},
	"a target of a known event rule": {
		want: "ResourceNotFoundException: Rule none does not exist on EventBus default.",
		refuses: func(w *world) error {
			return failed(w.try(eventTargetType, "findings",
				in{"rule": "none", "arn": w.topic("findings", "events.amazonaws.com")}))
		},
		passes: func(w *world) error {
			return failed(w.try(eventTargetType, "findings",
				in{"rule": w.rule(false).id, "arn": w.topic("findings", "events.amazonaws.com")}))
		},
	},
	"an event target that lets EventBridge publish": {
		want: "FailedInvocations: EventBridge may not publish to " + noTopic + "\nthe topic " + noTopic +
			" does not exist",
		refuses: func(w *world) error {
			return failed(w.try(eventTargetType, "findings", in{"rule": w.rule(false).id, "arn": noTopic}))
		},
		passes: func(w *world) error {
			return failed(w.try(eventTargetType, "findings",
				in{"rule": w.rule(false).id, "arn": w.topic("findings", "events.amazonaws.com")}))
		},
	},
	"an event target in its rule's region": {
		want: "ValidationException: Provided Arn is not in correct format: " +
			"arn:aws:sns:us-east-1:123456789012:alarms is in us-east-1, the rule is in ap-northeast-1",
		refuses: func(w *world) error {
			return failed(w.try(eventTargetType, "findings", in{
				"rule": w.rule(false).id,
				"arn":  w.other("us-east-1", account, nil).named("alarms", "events.amazonaws.com"),
			}))
		},
		passes: func(w *world) error {
			return failed(w.try(eventTargetType, "findings",
				in{"rule": w.rule(false).id, "arn": "arn:aws:events:us-east-1:123456789012:event-bus/default"}))
		},
	},
	"an event rule with targets stays": {
		want: "ValidationException: Rule can't be deleted since it has targets.",
		refuses: func(w *world) error {
			rule := w.rule(false)
			w.make(eventTargetType, "findings", in{"rule": rule.id, "arn": w.topic("findings", "events.amazonaws.com")})
			return w.delete(rule)
		},
		passes: func(w *world) error {
			rule := w.rule(true)
			w.make(eventTargetType, "findings", in{"rule": rule.id, "arn": w.topic("findings", "events.amazonaws.com")})
			return w.delete(rule)
		},
	},
}

// worded writes a generated value as a word, so that a test can name the whole error.
func worded(err error, generated, word string) error {
	if err == nil {
		return nil
	}
	return errors.New(replaceAll(err.Error(), generated, word))
}

func (w *world) subscription(protocol, endpoint string) error {
	return failed(w.try(topicSubscriptionType, "ops",
		in{"topic": w.make(topicType, "alarms", in{}).id, "protocol": protocol, "endpoint": endpoint}))
}

func (w *world) channel(role string) error {
	return failed(w.try(slackType, "alarms", in{
		"configurationName": "alarms",
		"iamRoleArn":        role,
		"slackChannelId":    "C1",
		"slackTeamId":       "T1",
	}))
}

func (w *world) rule(force bool) object {
	return w.make(eventRuleType, "findings", in{"eventPattern": `{"source":["aws.guardduty"]}`, "forceDestroy": force})
}

func TestSubscriptionsByMailWaitForConfirmation(t *testing.T) {
	w := newWorld(t)
	topic := w.make(topicType, "alarms", in{})
	mail := w.make(topicSubscriptionType, "mail",
		in{"topic": topic.id, "protocol": "email", "endpoint": "ops@example.com"})
	pager := w.make(topicSubscriptionType, "pager",
		in{"topic": topic.id, "protocol": "https", "endpoint": "https://example.com"})
	assert.Equal(t, resource.NewProperty(true), mail.outputs["pendingConfirmation"])
	assert.Equal(t, resource.NewProperty(false), pager.outputs["pendingConfirmation"])
	assert.Regexp(t, `^arn:aws:sns:ap-northeast-1:123456789012:alarms-\w{7}:[0-9a-f-]{36}$`, mail.id)
}

// TestATopicOutlivesItsPolicy: the two have the same ARN, and only one of them is the topic.
func TestATopicOutlivesItsPolicy(t *testing.T) {
	w := newWorld(t)
	topic := w.make(topicType, "alarms", in{})
	written := w.make(topicPolicyType, "alarms",
		in{"arn": topic.id, "policy": mayPublish(topic.id, "cloudwatch.amazonaws.com")})
	require.NoError(t, w.alarm(in{"alarmActions": []any{topic.id}}))
	require.NoError(t, w.delete(written))
	require.NoError(t, w.alarm(in{"name": "again", "alarmActions": []any{topic.id}}))
	require.NoError(t, w.delete(topic))
	require.Error(t, w.alarm(in{"name": "third", "alarmActions": []any{topic.id}}))
}
