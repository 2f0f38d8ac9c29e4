package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func replaceAll(text, old, word string) string { return strings.ReplaceAll(text, old, word) }

func (w *world) metricFilter(group string, transformation in) error {
	return failed(w.try(metricFilterType, "errors",
		in{"logGroupName": group, "pattern": "?ERROR", "metricTransformation": transformation}))
}

// stream makes inputs of a delivery stream for which everything is there.
func (w *world) stream() in {
	role := w.trust("delivery", "firehose.amazonaws.com")
	return in{"destination": "http_endpoint", "httpEndpointConfiguration": in{
		"url": "https://aws-kinesis-http-intake.logs.ap1.datadoghq.com/v1/input", "roleArn": role, "bufferingSize": 4,
		"s3Configuration": in{"bucketArn": w.make(bucketType, "logs", in{}).text("arn"), "roleArn": role},
	}}
}

// endpoint changes a stream's configuration of its endpoint.
func (w *world) delivery(more in) error {
	inputs := w.stream()
	inputs["httpEndpointConfiguration"] = w.with(inputs["httpEndpointConfiguration"].(in), more)
	return failed(w.try(firehoseType, "delivery", inputs))
}

// subscription filter inputs for which everything is there.
func (w *world) subscribed() in {
	return in{
		"logGroup":       w.make(logGroupType, "web", in{"name": "/ecs/web"}).id,
		"filterPattern":  "",
		"destinationArn": w.make(firehoseType, "delivery", w.stream()).id,
		"roleArn":        w.trust("subscriptions", "logs.amazonaws.com"),
	}
}

func (w *world) subscribe(name string, inputs, more in) error {
	return failed(w.try(subscriptionFilterType, name, w.with(inputs, more)))
}

func (w *world) workgroup(more in) object {
	return w.make(workgroupType, "logs", w.with(in{"name": "logs"}, more))
}

func (w *world) query(group string) error {
	return failed(w.try(namedQueryType, "slowest", in{"database": "logs", "query": "SELECT 1", "workgroup": group}))
}

var logProcessingPairs = map[string]pair{
	"length of a filter pattern": {
		want: "expected length of filterPattern to be in the range (0 - 1024)",
		refuses: func(w *world) error {
			return w.subscribe("lines", w.subscribed(), in{"filterPattern": strings.Repeat("x", 1025)})
		},
		passes: func(w *world) error {
			return w.subscribe("lines", w.subscribed(), in{"filterPattern": strings.Repeat("x", 1024)})
		},
	},
	"quotes of a filter pattern": {
		want: `InvalidParameterException: Invalid filter pattern: -"GET /api/health`,
		refuses: func(w *world) error {
			return w.subscribe("lines", w.subscribed(), in{"filterPattern": `-"GET /api/health`})
		},
		passes: func(w *world) error {
			return w.subscribe("lines", w.subscribed(), in{"filterPattern": `-"GET /api/health"`})
		},
	},
	"a metric filter of a known log group": {
		want: "ResourceNotFoundException: The specified log group does not exist: none",
		refuses: func(w *world) error {
			return w.metricFilter("none", in{"name": "errors", "namespace": "app", "value": "1"})
		},
		passes: func(w *world) error {
			return w.metricFilter(w.make(logGroupType, "web", in{}).id,
				in{"name": "errors", "namespace": "app", "value": "1"})
		},
	},
	"a metric filter has dimensions or a default": {
		want: "InvalidParameterException: Invalid metric transformation: dimensions and default value are mutually " +
			"exclusive properties.",
		refuses: func(w *world) error {
			return w.metricFilter("web", in{
				"name":         "errors",
				"namespace":    "app",
				"value":        "1",
				"defaultValue": "0",
				"dimensions":   in{"service": "$.service"},
			})
		},
		passes: func(w *world) error {
			return w.metricFilter(w.make(logGroupType, "web", in{}).id, in{
				"name":         "errors",
				"namespace":    "app",
				"value":        "1",
				"defaultValue": "0",
			})
		},
	},
	"a subscription of a known log group": {
		want:    "ResourceNotFoundException: The specified log group does not exist: none",
		refuses: func(w *world) error { return w.subscribe("web", w.subscribed(), in{"logGroup": "none"}) },
		passes:  func(w *world) error { return w.subscribe("web", w.subscribed(), nil) },
	},
	"two subscriptions a log group": {
		want: "LimitExceededException: Resource limit exceeded.",
		refuses: func(w *world) error {
			inputs := w.subscribed()
			for _, name := range []string{"first", "second"} {
				w.make(subscriptionFilterType, name, inputs)
			}
			return w.subscribe("third", inputs, nil)
		},
		passes: func(w *world) error {
			inputs := w.subscribed()
			w.make(subscriptionFilterType, "first", inputs)
			return w.subscribe("second", inputs, nil)
		},
	},
	"a subscription to a known stream": {
		want: "InvalidParameterException: Could not deliver test message to specified Firehose stream. Check if " +
			"the given Firehose stream is in ACTIVE state.",
		refuses: func(w *world) error { return w.subscribe("web", w.subscribed(), in{"destinationArn": noStream}) },
		passes:  func(w *world) error { return w.subscribe("web", w.subscribed(), nil) },
	},
	"a subscription's role": {
		want: "InvalidParameterException: Could not assume the role ROLE on behalf of logs.amazonaws.com. Check if " +
			"the role's trust policy allows it.",
		refuses: func(w *world) error {
			role := w.trust("other", "firehose.amazonaws.com")
			return worded(w.subscribe("web", w.subscribed(), in{"roleArn": role}), role, "ROLE")
		},
		passes: func(w *world) error { return w.subscribe("web", w.subscribed(), nil) },
	},
	"name of a saved query": {
		want: "invalid value for name (cannot contain a colon or asterisk and cannot start or end with a slash): " +
			"web: errors",
		refuses: func(w *world) error {
			return failed(w.try(insightsQueryType, "errors",
				in{"name": "web: errors", "queryString": "fields @message"}))
		},
		passes: func(w *world) error {
			return failed(w.try(insightsQueryType, "errors",
				in{"name": "production/web errors", "queryString": "fields @message"}))
		},
	},
	"a saved query of known log groups": {
		want: "ResourceNotFoundException: The specified log group does not exist: none",
		refuses: func(w *world) error {
			return failed(w.try(insightsQueryType, "errors",
				in{"name": "errors", "queryString": "fields @message", "logGroupNames": []any{"none"}}))
		},
		passes: func(w *world) error {
			group := w.make(logGroupType, "web", in{}).id
			return failed(w.try(insightsQueryType, "errors",
				in{"name": "errors", "queryString": "fields @message", "logGroupNames": []any{group}}))
		},
	},
	"a stream has its destination's configuration": {
		want: "when destination is 'http_endpoint', httpEndpointConfiguration is required",
		refuses: func(w *world) error {
			return failed(w.try(firehoseType, "delivery", in{"destination": "http_endpoint"}))
		},
		passes: func(w *world) error { return w.delivery(nil) },
	},
	"a stream's role": {
		want: "InvalidArgumentException: Firehose is unable to assume role " + noRole +
			". Please check the role provided: it must trust firehose.amazonaws.com.",
		refuses: func(w *world) error { return w.delivery(in{"roleArn": noRole}) },
		passes:  func(w *world) error { return w.delivery(nil) },
	},
	"a stream's bucket": {
		want: "InvalidArgumentException: The bucket arn:aws:s3:::none does not exist",
		refuses: func(w *world) error {
			return w.delivery(in{"s3Configuration": in{
				"bucketArn": "arn:aws:s3:::none",
				"roleArn":   w.trust("role", "firehose.amazonaws.com"),
			}})
		},
		passes: func(w *world) error { return w.delivery(nil) },
	},
	"names in the Glue catalog": {
		want:    "invalid value for name (only lower-case letters, digits, hyphens and underscores): Logs",
		refuses: func(w *world) error { return failed(w.try(glueDatabaseType, "logs", in{"name": "Logs"})) },
		passes:  func(w *world) error { return failed(w.try(glueDatabaseType, "logs", in{"name": "logs_1"})) },
	},
	"one Glue database a name": {
		want: "AlreadyExistsException: Database already exists: logs",
		refuses: func(w *world) error {
			w.make(glueDatabaseType, "first", in{"name": "logs"})
			return failed(w.try(glueDatabaseType, "second", in{"name": "logs"}))
		},
		passes: func(w *world) error {
			w.make(glueDatabaseType, "first", in{"name": "logs"})
			return failed(w.try(glueDatabaseType, "second", in{"name": "more"}))
		},
	},
	"a table of a known database": {
		want: "EntityNotFoundException: Database none not found.",
		refuses: func(w *world) error {
			return failed(w.try(glueTableType, "alb", in{"name": "alb", "databaseName": "none"}))
		},
		passes: func(w *world) error {
			w.make(glueDatabaseType, "logs", in{"name": "logs"})
			return failed(w.try(glueTableType, "alb", in{"name": "alb", "databaseName": "logs"}))
		},
	},
	"one workgroup a name": {
		want: "InvalidRequestException: WorkGroup logs is already created",
		refuses: func(w *world) error {
			w.workgroup(nil)
			return failed(w.try(workgroupType, "again", in{"name": "logs"}))
		},
		passes: func(w *world) error {
			w.workgroup(nil)
			return failed(w.try(workgroupType, "again", in{"name": "more"}))
		},
	},
	"limit of a workgroup": {
		want: "expected configuration.bytesScannedCutoffPerQuery to be at least (10485760), got 1024",
		refuses: func(w *world) error {
			return failed(w.try(workgroupType, "logs", in{"configuration": in{"bytesScannedCutoffPerQuery": 1024}}))
		},
		passes: func(w *world) error {
			return failed(w.try(workgroupType, "logs", in{"configuration": in{"bytesScannedCutoffPerQuery": 10 << 20}}))
		},
	},
	"a workgroup with queries stays": {
		want: "InvalidRequestException: WorkGroup logs is not empty",
		refuses: func(w *world) error {
			group := w.workgroup(nil)
			w.make(namedQueryType, "slowest", in{"database": "logs", "query": "SELECT 1", "workgroup": group.id})
			return w.delete(group)
		},
		passes: func(w *world) error {
			group := w.workgroup(in{"forceDestroy": true})
			w.make(namedQueryType, "slowest", in{"database": "logs", "query": "SELECT 1", "workgroup": group.id})
			return w.delete(group)
		},
	},
	"a named query of a known workgroup": {
		want:    "InvalidRequestException: WorkGroup none is not found.",
		refuses: func(w *world) error { return w.query("none") },
		passes:  func(w *world) error { return w.query(w.workgroup(nil).id) },
	},
}

func TestOtherStreamsThatFirehoseRefuses(t *testing.T) {
	assert.ErrorContains(t, newWorld(t).delivery(in{"url": "http://example.com"}),
		`httpEndpointConfiguration.url: expected to match ^https://.*$, got string "http://example.com"`)
	assert.ErrorContains(t, newWorld(t).delivery(in{"bufferingSize": 0}),
		"httpEndpointConfiguration.bufferingSize: expected 1 to 100, got number 0")
}

func TestWhatIsMadeOfALogGroupGoesWithIt(t *testing.T) {
	w := newWorld(t)
	group := w.make(logGroupType, "web", in{})
	filter := w.make(metricFilterType, "errors", in{
		"logGroupName":         group.id,
		"pattern":              "?ERROR",
		"metricTransformation": in{"name": "errors", "namespace": "app", "value": "1"},
	})
	assert.NoError(t, w.delete(group))
	assert.Empty(t, w.read(filter).ID)
}
