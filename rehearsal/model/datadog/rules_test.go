package datadog

import (
	"context"
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	pt "github.com/bookmark-manager/infrastructure/rehearsal/model/providertest"
)

type in = pt.In

var config = in{"validate": "false"}

const rate = "sum(last_5m):sum:trace.express.request.errors{env:production}.as_count() / " +
	"sum:trace.express.request.hits{env:production}.as_count()"

func monitor(more in) in {
	return pt.With(in{
		"name":              "api error rate",
		"type":              "query alert",
		"query":             rate + " > 0.05",
		"message":           "look at the traces @slack-alerts",
		"monitorThresholds": in{"critical": "0.05", "warning": "0.03"},
		"onMissingData":     "default",
		"priority":          "1",
	}, more)
}

func try(w *pt.World, typ string, inputs in) error { return pt.Failed(w.Try(typ, "thing", inputs)) }

func objective(more in) in {
	return pt.With(in{
		"name":       "api availability",
		"type":       "metric",
		"thresholds": []any{in{"timeframe": "30d", "target": 99.9}},
		"query": in{
			"numerator":   "sum:hits{*}.as_count() - sum:errors{*}.as_count()",
			"denominator": "sum:hits{*}.as_count()",
		},
	}, more)
}

// latency is an indicator of an objective by time slices.
func latency(more in) in {
	return in{"timeSlice": pt.With(in{
		"comparator": "<=", "threshold": 0.5, "queryIntervalSeconds": 300,
		"query": in{
			"formula": in{"formulaExpression": "latency"},
			"queries": []any{in{"metricQuery": in{
				"name":  "latency",
				"query": "p95:trace.express.request{env:production}",
			}}},
		},
	}, more)}
}

// burning watches an objective.
func burning(id, threshold string) in {
	return monitor(in{
		"type":              "slo alert",
		"query":             `burn_rate("` + id + `").over("30d").long_window("1h").short_window("5m") > ` + threshold,
		"monitorThresholds": in{"critical": threshold},
		"onMissingData":     nil,
	})
}

func check(more in) in {
	return pt.With(in{
		"name": "home", "type": "api", "subtype": "http", "status": "live", "locations": []any{"aws:ap-northeast-1"},
		"requestDefinition": in{"method": "GET", "url": "https://www.example.com/"}, "message": "look @slack-alerts",
		"assertions":  []any{in{"type": "statusCode", "operator": "is", "target": "200"}},
		"optionsList": in{"tickEvery": 300},
	}, more)
}

func dashboard(text string) in { return in{"dashboard": text} }

func account(more in) in {
	return pt.With(in{
		"awsAccountId":    pt.Account,
		"awsPartition":    "aws",
		"authConfig":      in{"awsAuthConfigRole": in{"roleName": "datadog"}},
		"awsRegions":      in{},
		"logsConfig":      in{"lambdaForwarder": in{}},
		"metricsConfig":   in{"namespaceFilters": in{}},
		"resourcesConfig": in{},
		"tracesConfig":    in{"xrayServices": in{}},
	}, more)
}

var pairs = map[string]pt.Pair{
	"one way to treat missing data": {
		Want: `Conflicting configuration arguments. "onMissingData": conflicts with notifyNoData`,
		Refuses: func(w *pt.World) error {
			if try(w, monitorType, monitor(in{"noDataTimeframe": 10})) == nil {
				return nil
			}
			return try(w, monitorType, monitor(in{"notifyNoData": false}))
		},
		Passes: func(w *pt.World) error {
			return try(w, monitorType, monitor(in{"onMissingData": nil, "notifyNoData": true, "noDataTimeframe": 10}))
		},
	},
	"one indicator an objective": {
		Want: `Conflicting configuration arguments. "query": conflicts with sliSpecification`,
		Refuses: func(w *pt.World) error {
			return try(w, objectiveType, objective(in{"sliSpecification": latency(nil)}))
		},
		Passes: func(w *pt.World) error {
			return try(w, objectiveType,
				objective(in{"type": "time_slice", "query": nil, "sliSpecification": latency(nil)}))
		},
	},
	"an AWS account is entered one way": {
		Want: `Conflicting configuration arguments. "authConfig.awsAuthConfigRole": conflicts with ` +
			`authConfig.awsAuthConfigKeys`,
		Refuses: func(w *pt.World) error {
			return try(w, accountType, account(in{"authConfig": in{
				"awsAuthConfigRole": in{"roleName": "datadog"},
				"awsAuthConfigKeys": in{"accessKeyId": "AKIAIOSFODNN7EXAMPLE"},
			}}))
		},
		Passes: func(w *pt.World) error { return try(w, accountType, account(nil)) },
	},
	"regions of an AWS account": {
		Want: `Conflicting configuration arguments. "awsRegions.includeAll": conflicts with awsRegions.includeOnlies`,
		Refuses: func(w *pt.World) error {
			return try(w, accountType,
				account(in{"awsRegions": in{"includeAll": false, "includeOnlies": []any{"ap-northeast-1"}}}))
		},
		Passes: func(w *pt.World) error {
			return try(w, accountType, account(in{"awsRegions": in{"includeOnlies": []any{"ap-northeast-1"}}}))
		},
	},
	"namespaces of an AWS account": {
		Want: `Conflicting configuration arguments. "metricsConfig.namespaceFilters.includeOnlies": conflicts with ` +
			`metricsConfig.namespaceFilters.excludeOnlies`,
		Refuses: func(w *pt.World) error {
			return try(w, accountType, account(in{"metricsConfig": in{"namespaceFilters": in{
				"includeOnlies": []any{"AWS/ECS"},
				"excludeOnlies": []any{"AWS/SQS"},
			}}}))
		},
		Passes: func(w *pt.World) error {
			return try(w, accountType,
				account(in{"metricsConfig": in{"namespaceFilters": in{"excludeOnlies": []any{"AWS/SQS"}}}}))
		},
	},
	"traced services of an AWS account": {
		Want: `Conflicting configuration arguments. "tracesConfig.xrayServices.includeAll": conflicts with ` +
			`tracesConfig.xrayServices.includeOnlies`,
		Refuses: func(w *pt.World) error {
			return try(w, accountType, account(in{"tracesConfig": in{"xrayServices": in{
				"includeAll":    true,
				"includeOnlies": []any{"AppSync"},
			}}}))
		},
		Passes: func(w *pt.World) error {
			return try(w, accountType, account(in{"tracesConfig": in{"xrayServices": in{"includeAll": true}}}))
		},
	},
	"a monitor's threshold is its query's": {
		Want: "400 Bad Request: The value provided for parameter 'thresholds' is invalid: Alert threshold (0.1) " +
			"does not match that used in the query (0.05).",
		Refuses: func(w *pt.World) error {
			return try(w, monitorType, monitor(in{"monitorThresholds": in{"critical": "0.1"}}))
		},
		Passes: func(w *pt.World) error { return try(w, monitorType, monitor(nil)) },
	},
	"a warning comes before the alert": {
		Want: "400 Bad Request: The value provided for parameter 'thresholds' is invalid: Warning threshold (0.06) " +
			"must come before the alert threshold (0.05).",
		Refuses: func(w *pt.World) error {
			return try(w, monitorType, monitor(in{"monitorThresholds": in{"critical": "0.05", "warning": "0.06"}}))
		},
		Passes: func(w *pt.World) error {
			return try(w, monitorType, monitor(in{
				"query":             "sum(last_5m):sum:hits{*} < 1",
				"monitorThresholds": in{"critical": "1", "warning": "5"},
			}))
		},
	},
	"query of a monitor": {
		Want: `400 Bad Request: The value provided for parameter 'query' is invalid: unbalanced "{}"`,
		Refuses: func(w *pt.World) error {
			return try(w, monitorType, monitor(in{"query": "sum(last_5m):sum:hits{env:production > 0.05"}))
		},
		Passes: func(w *pt.World) error { return try(w, monitorType, monitor(nil)) },
	},
	"a default of zero has its own missing data": {
		Want: "400 Bad Request: The value provided for parameter 'on_missing_data' is invalid: show_no_data cannot " +
			"be used with default_zero()",
		Refuses: func(w *pt.World) error {
			return try(w, monitorType,
				monitor(in{"query": "sum(last_5m):default_zero(sum:hits{*}) > 0.05", "onMissingData": "show_no_data"}))
		},
		Passes: func(w *pt.World) error {
			return try(w, monitorType, monitor(in{"query": "sum(last_5m):default_zero(sum:hits{*}) > 0.05"}))
		},
	},
	"a monitor of a known objective": {
		Want:    "404 Not Found: SLO not found: none",
		Refuses: func(w *pt.World) error { return try(w, monitorType, burning("none", "14.4")) },
		Passes: func(w *pt.World) error {
			return try(w, monitorType, burning(w.Make(objectiveType, "availability", objective(nil)).ID, "14.4"))
		},
	},
	"a burn rate that can be reached": {
		Want: "400 Bad Request: The value provided for parameter 'thresholds' is invalid: a target of 90 % burns at " +
			"a rate of 10 at most, got 14.4",
		Refuses: func(w *pt.World) error {
			made := w.Make(objectiveType, "availability",
				objective(in{"thresholds": []any{in{"timeframe": "30d", "target": 90}}}))
			return try(w, monitorType, burning(made.ID, "14.4"))
		},
		Passes: func(w *pt.World) error {
			made := w.Make(objectiveType, "availability",
				objective(in{"thresholds": []any{in{"timeframe": "30d", "target": 90}}}))
			return try(w, monitorType, burning(made.ID, "6"))
		},
	},
	"a monitor notifies somebody": {
		Want: `nobody is notified: the message has no @handle: "look at ops@example.com"`,
		Refuses: func(w *pt.World) error {
			return try(w, monitorType, monitor(in{"message": "look at ops@example.com"}))
		},
		Passes: func(w *pt.World) error {
			return try(w, monitorType, monitor(in{"message": "look\n@ops@example.com"}))
		},
	},
	"an objective has what its type needs": {
		Want:    "400 Bad Request: Invalid payload: an SLO of type time_slice needs sliSpecification",
		Refuses: func(w *pt.World) error { return try(w, objectiveType, objective(in{"type": "time_slice"})) },
		Passes:  func(w *pt.World) error { return try(w, objectiveType, objective(nil)) },
	},
	"thresholds of an objective": {
		Want: "400 Bad Request: Invalid payload: 'target' must be greater than 0 and less than 100, got 100",
		Refuses: func(w *pt.World) error {
			return try(w, objectiveType, objective(in{"thresholds": []any{in{"timeframe": "30d", "target": 100}}}))
		},
		Passes: func(w *pt.World) error {
			return try(w, objectiveType, objective(in{"thresholds": []any{in{
				"timeframe": "30d",
				"target":    99,
				"warning":   99.5,
			}, in{"timeframe": "7d", "target": 99}}}))
		},
	},
	"an objective that is shown or watched stays": {
		Want: "409 Conflict: the SLO is referenced by a monitor",
		Refuses: func(w *pt.World) error {
			made := w.Make(objectiveType, "availability", objective(nil))
			w.Make(monitorType, "burn", burning(made.ID, "6"))
			return w.Remove(made)
		},
		Passes: func(w *pt.World) error {
			made := w.Make(objectiveType, "availability", objective(nil))
			burn := w.Make(monitorType, "burn", burning(made.ID, "6"))
			if err := w.Remove(burn); err != nil {
				return err
			}
			return w.Remove(made)
		},
	},
	"where a check runs": {
		Want:    "400 Bad Request: Invalid location: Tokyo",
		Refuses: func(w *pt.World) error { return try(w, checkType, check(in{"locations": []any{"Tokyo"}})) },
		Passes:  func(w *pt.World) error { return try(w, checkType, check(in{"locations": []any{"pl:office-0a1b"}})) },
	},
	"what a check asks and wants": {
		Want: "400 Bad Request: an assertion on responseTime cannot have the operator is",
		Refuses: func(w *pt.World) error {
			return try(w, checkType,
				check(in{"assertions": []any{in{"type": "responseTime", "operator": "is", "target": "5000"}}}))
		},
		Passes: func(w *pt.World) error {
			return try(w, checkType,
				check(in{"assertions": []any{in{"type": "responseTime", "operator": "lessThan", "target": "5000"}}}))
		},
	},
	"body of a dashboard": {
		Want: "400 Bad Request: Invalid dashboard: a timeseries widget has no layout, which its dashboard's " +
			"layout needs",
		Refuses: func(w *pt.World) error {
			return try(w, dashboardType, dashboard(`{"title":"a","layout_type":"ordered","reflow_type":"fixed",`+
				`"widgets":[{"definition":{"type":"timeseries"}}]}`))
		},
		Passes: func(w *pt.World) error {
			return try(w, dashboardType, dashboard(`{"title":"a","layout_type":"ordered","reflow_type":"auto",`+
				`"widgets":[{"definition":{"type":"group","widgets":[`+
				`{"definition":{"type":"timeseries","requests":[{"queries":[{"data_source":"metrics","name":"a",`+
				`"query":"sum:hits{*}"}]}]}}]}}]}`))
		},
	},
	"a dashboard of known objectives": {
		Want: "400 Bad Request: Invalid dashboard: SLO none does not exist",
		Refuses: func(w *pt.World) error {
			return try(w, dashboardType, dashboard(`{"title":"a","layout_type":"ordered","widgets":[{"definition":{`+
				`"type":"slo","slo_id":"none"}}]}`))
		},
		Passes: func(w *pt.World) error {
			made := w.Make(objectiveType, "availability", objective(nil))
			return try(w, dashboardType, dashboard(`{"title":"a","layout_type":"ordered","widgets":[{"definition":{`+
				`"type":"slo","slo_id":"`+made.ID+`"}}]}`))
		},
	},
	"an AWS account is integrated once": {
		Want: "409 Conflict: An AWS integration for account 123456789012 already exists",
		Refuses: func(w *pt.World) error {
			w.Make(accountType, "first", account(nil))
			return try(w, accountType, account(nil))
		},
		Passes: func(w *pt.World) error {
			w.Make(accountType, "first", account(nil))
			return try(w, accountType, account(in{"awsAccountId": "999999999999"}))
		},
	},
	"parts of an AWS account's integration": {
		Want:    "Block tracesConfig must be configured",
		Refuses: func(w *pt.World) error { return try(w, accountType, account(in{"tracesConfig": nil})) },
		Passes: func(w *pt.World) error {
			return w.Preview(accountType, "account", account(in{"authConfig": pt.Unknown}))
		},
	},
}

func TestRules(t *testing.T) { pt.Rules(t, Definition, config, pairs) }

func TestOtherThingsThatDatadogRefuses(t *testing.T) {
	w := pt.New(t, Definition(), config)
	for want, err := range map[string]error{
		"want aggregator(last_...):metric{scope} comparison threshold": try(w, monitorType,
			monitor(in{"query": "hits > 0.05"})),
		"'query' is invalid: burn_rate(none)": try(w, monitorType,
			monitor(in{"type": "slo alert", "query": "burn_rate(none) > 1", "monitorThresholds": in{"critical": "1"}})),
		"thresholds have the timeframe 7d more than once": try(w, objectiveType, objective(in{
			"thresholds": []any{in{"timeframe": "7d", "target": 99}, in{"timeframe": "7d", "target": 99.5}},
		})),
		"'warning' must be greater than the target": try(w, objectiveType,
			objective(in{"thresholds": []any{in{"timeframe": "7d", "target": 99, "warning": 98}}})),
		"config.request.url must be an HTTP URL": try(w, checkType,
			check(in{"requestDefinition": in{"url": "www.example.com"}})),
		"contains an invalid JSON": try(w, dashboardType, dashboard("{")),
		"title, layout_type (free or ordered) and widgets are required": try(w, dashboardType,
			dashboard(`{"title":"a"}`)),
		"a widget has no definition.type": try(w, dashboardType,
			dashboard(`{"title":"a","layout_type":"ordered","widgets":[{}]}`)),
		"query \"a\" is not valid: hits": try(w, dashboardType, dashboard(`{"title":"a","layout_type":"ordered",`+
			`"widgets":[{"definition":{"type":"timeseries","requests":[{"queries":[{"name":"a","query":"hits"}`+
			`]}]}}]}`)),
		"with a roleName is required": try(w, accountType,
			account(in{"authConfig": in{"awsAuthConfigRole": in{}}})),
		"onMissingdata: unknown property": try(w, monitorType, monitor(in{"onMissingdata": "default"})),
	} {
		assert.ErrorContains(t, err, want)
	}
}

func TestWhatDatadogComputes(t *testing.T) {
	w := pt.New(t, Definition(), config)
	key := w.Make(keyType, "agents", in{"name": "agents"})
	assert.True(t, key.Outputs["key"].IsSecret())
	assert.Regexp(t, "^[0-9a-f]{32}$", key.Outputs["key"].SecretValue().Element.StringValue())
	board := w.Make(dashboardType, "board", dashboard(`{"title":"a","layout_type":"ordered","widgets":[]}`))
	assert.Equal(t, "/dashboard/"+board.ID, board.Text("url"))

	made := w.Make(accountType, "account", account(nil))
	external := func(o pt.Object) string {
		return o.Outputs["authConfig"].ObjectValue()["awsAuthConfigRole"].ObjectValue()["externalId"].StringValue()
	}
	assert.Regexp(t, "^[0-9a-f]{32}$", external(made))
	changed, err := w.Change(made, account(in{"accountTags": []any{"env:production"}}))
	require.NoError(t, err)
	assert.Equal(t, external(made), external(changed), "the role's trust policy holds it")
}

func TestConfiguration(t *testing.T) {
	p, err := New(nil, "")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		inputs in
		want   []string
	}{
		"keys":          {in{"apiKey": "a", "appKey": "b", "apiUrl": "https://api.ap1.datadoghq.com/"}, nil},
		"no validation": {in{"validate": "false"}, nil},
		"a key without another": {in{"apiKey": "a"},
			[]string{"api_key and app_key or orgUUID must be set unless validate = false"}},
		"a misspelt key": {in{"apikey": "a", "validate": "false"},
			[]string{`apikey: unknown property, did you mean "apiKey"?`}},
	} {
		res, err := p.CheckConfig(context.Background(),
			plugin.CheckConfigRequest{News: resource.NewPropertyMapFromMap(maps.Clone(c.inputs))})
		require.NoError(t, err)
		var got []string
		for _, failure := range res.Failures {
			got = append(got, failure.Reason)
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestThePageOfVerdicts(t *testing.T) { pt.Page(t, Definition(), pairs, verdicts) }
