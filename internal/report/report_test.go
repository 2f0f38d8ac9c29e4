package report

import (
	"bytes"
	"errors"
	"html"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/cost"
	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// recorded is a preview that the Pulumi CLI printed for a small stack: a bucket, a log group and a
// role in a component.
func recorded(t *testing.T, name string) *plan.Preview {
	t.Helper()
	file, err := os.Open("../plan/testdata/" + name + ".json")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	p, err := plan.Read(file)
	require.NoError(t, err)
	return p
}

func write(t *testing.T, p *plan.Preview, v Verdicts) string {
	t.Helper()
	if v.Cost == nil {
		v.Cost = &cost.Result{}
	}
	page, err := Of("prod", p, v)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, page.Write(&out))
	return out.String()
}

func TestEveryResourceIsOnThePageOnce(t *testing.T) {
	p := recorded(t, "no-change")
	page := write(t, p, Verdicts{})
	resources := 0
	for _, one := range p.Resources() {
		if one.Custom {
			resources++
			assert.Equal(t, 1, strings.Count(page, `data-urn="`+html.EscapeString(one.URN)+`"`), one.URN)
		}
	}
	assert.Equal(t, 4, resources)
	assert.Equal(t, resources, strings.Count(page, "data-urn="))
}

func TestFindingsOfTheGuardAreOnThePage(t *testing.T) {
	page := write(t, recorded(t, "replaced"), Verdicts{})
	assert.Contains(t, page, "The plan: 3 to replace.")
	assert.Equal(t, 2, strings.Count(page, `class="finding"`))
	assert.Contains(t, page, "is replaced, because of bucket: it loses the objects in it.")
	assert.Contains(t, write(t, recorded(t, "no-change"), Verdicts{}), "replaces, deletes or moves nothing")
}

// custom is a preview of resources that are in no component.
func custom(resources ...plan.State) *plan.Preview {
	p := &plan.Preview{}
	for i := range resources {
		resources[i].Custom = true
		resources[i].URN = "urn:pulumi:prod::bookmark-manager::" + resources[i].Type + "::" + resources[i].URN
		p.Steps = append(p.Steps, plan.Step{Op: "create", URN: resources[i].URN, NewState: &resources[i]})
	}
	return p
}

func TestNothingOfThePlanIsMarkup(t *testing.T) {
	page := write(t, custom(plan.State{URN: `<script>alert("urn")</script>`, Type: "aws:x/y:Z", Inputs: map[string]any{
		"<img src=x>": "</code><script>alert(1)</script>",
		"document":    `{"a": "<script>alert(2)</script>"}`,
	}}), Verdicts{Stale: errors.New("<b>stale</b>")})
	assert.NotContains(t, page, "<script")
	assert.NotContains(t, page, "<img src=x>")
	assert.NotContains(t, page, "<b>")
	assert.Contains(t, page, "&lt;script&gt;alert(2)")
}

func TestThePageAsksForNothingElse(t *testing.T) {
	page := write(t, recorded(t, "no-change"), Verdicts{})
	assert.NotRegexp(t, `(?:src|href)="(?:[^#d]|d[^a])`, page, "only anchors and data")
	assert.NotContains(t, page, "@import")
	assert.NotContains(t, page, "url(")
	assert.Contains(t, page, "default-src 'none'")
}

func TestSettings(t *testing.T) {
	for sentence, one := range map[string]struct {
		value any
		want  Setting
	}{
		"text":                  {"17", Setting{Text: "17"}},
		"a number":              {5432.0, Setting{Text: "5432"}},
		"a large number":        {3435973836.8, Setting{Text: "3435973836.8"}},
		"a switch":              {true, Setting{Text: "true"}},
		"a secret":              {"[secret]", Setting{Secret: true}},
		"what is not known yet": {plan.Unknown, Setting{Text: "known when deployed"}},
		"a list": {[]any{"a", plan.Unknown},
			Setting{Text: "[\n  \"a\",\n  \"known when deployed\"\n]", Long: true}},
		"a document in text":       {`{"b":1}`, Setting{Text: "{\n  \"b\": 1\n}", Long: true}},
		"text that begins like it": {"[x", Setting{Text: "[x"}},
		"a script":                 {"a\nb", Setting{Text: "a\nb", Long: true}},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := settingOf("name", one.value)
			require.NoError(t, err)
			one.want.Name = "name"
			assert.Equal(t, one.want, got)
		})
	}
}

func TestAlarms(t *testing.T) {
	const topic = "urn:pulumi:prod::bookmark-manager::aws:sns/topic:Topic::region"
	to := map[string][]string{"alarmActions": {topic}}
	p := custom(
		plan.State{URN: "region", Type: "aws:sns/topic:Topic"},
		plan.State{
			URN:                  "mail",
			Type:                 "aws:sns/topicSubscription:TopicSubscription",
			PropertyDependencies: map[string][]string{"topic": {topic}},
			Inputs:               map[string]any{"protocol": "email", "endpoint": "[secret]"},
		},
		plan.State{
			URN:                  "cpu",
			Type:                 "aws:cloudwatch/metricAlarm:MetricAlarm",
			PropertyDependencies: to,
			Inputs: map[string]any{
				"name":               "cpu-high",
				"namespace":          "AWS/ECS",
				"metricName":         "CPUUtilization",
				"statistic":          "Average",
				"comparisonOperator": "GreaterThanThreshold",
				"threshold":          80.0,
				"evaluationPeriods":  3.0,
				"datapointsToAlarm":  2.0,
				"period":             300.0,
			},
		},
		plan.State{URN: "rate", Type: "aws:cloudwatch/metricAlarm:MetricAlarm", Inputs: map[string]any{
			"name":               "rate-high",
			"comparisonOperator": "LessThanThreshold",
			"threshold":          5.0,
			"evaluationPeriods":  1.0,
			"metricQueries": []any{
				map[string]any{"id": "r", "expression": "a/b", "returnData": true},
				map[string]any{"id": "a", "metric": map[string]any{"metricName": "A", "period": 60.0}},
			},
		}},
		plan.State{URN: "service", Type: "aws:ecs/service:Service", PropertyDependencies: map[string][]string{
			"alarms": {"urn:pulumi:prod::bookmark-manager::aws:cloudwatch/metricAlarm:MetricAlarm::rate"}}},
		plan.State{
			URN:                  "down",
			Type:                 "aws:cloudwatch/compositeAlarm:CompositeAlarm",
			PropertyDependencies: to,
			Inputs:               map[string]any{"alarmName": "down", "alarmRule": `ALARM("x")`},
		},
		plan.State{URN: "errors", Type: "datadog:index/monitor:Monitor", Inputs: map[string]any{
			"name":              "errors",
			"query":             "sum:e > 0.05",
			"message":           "Look.\nmail a@b.c\n@slack-alerts",
			"monitorThresholds": map[string]any{"critical": "0.05", "warning": "0.03"},
		}},
		plan.State{
			URN:    "quiet",
			Type:   "datadog:index/monitor:Monitor",
			Inputs: map[string]any{"name": "quiet", "query": "q", "message": "x"},
		},
		plan.State{
			URN:  "atlas-cpu",
			Type: "mongodbatlas:index/alertConfiguration:AlertConfiguration",
			Inputs: map[string]any{
				"eventType": "OUTSIDE_METRIC_THRESHOLD",
				"metricThresholdConfig": map[string]any{
					"metricName": "CPU",
					"operator":   "GREATER_THAN",
					"threshold":  80.0,
					"units":      "RAW",
				},
				"notifications": []any{map[string]any{"typeName": "GROUP", "roles": []any{"GROUP_OWNER"}}},
			},
		},
	)
	assert.Equal(t, []Alarm{
		{"CloudWatch", "cpu-high", "Average of AWS/ECS CPUUtilization", "> 80 %, in 2 of 3 periods of 5 min",
			"topic region: email a secret"},
		{"CloudWatch", "down", "other alarms", `ALARM("x")`, "topic region: email a secret"},
		{"CloudWatch", "rate-high", "a/b", "< 5, in 1 of 1 periods of 1 min", "rolls back deployments of service"},
		{"Datadog", "errors", "sum:e > 0.05", "critical at 0.05, warning at 0.03", "@slack-alerts"},
		{"Datadog", "quiet", "q", "as the query says", "nobody"},
		{"MongoDB Atlas", "atlas-cpu", "CPU", "> 80 raw", "group group_owner"},
	}, alarmsOf(inventory.New(p.Resources())))
}

func TestReach(t *testing.T) {
	const groups = "urn:pulumi:prod::bookmark-manager::aws:ec2/securityGroup:SecurityGroup::"
	rule := func(typ, name, own, other string) plan.State {
		return plan.State{
			URN:    name,
			Type:   typ,
			Inputs: map[string]any{"ipProtocol": "tcp", "fromPort": 5432.0, "toPort": 5432.0},
			PropertyDependencies: map[string][]string{
				"securityGroupId":           {groups + own},
				"referencedSecurityGroupId": {groups + other},
			},
		}
	}
	const in, out = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	group := func(name string) plan.State { return plan.State{URN: name, Type: catalog.SecurityGroup} }
	m, err := reachOf(inventory.New(custom(
		group("api"), group("db"), group("web"),
		rule(out, "1", "api", "db"), rule(in, "2", "db", "api"),
		rule(in, "3", "db", "web"), rule(out, "4", "web", "api"),
	).Resources()))
	require.NoError(t, err)
	assert.Equal(t, Matrix{Columns: []string{"api", "db", "web"}, Rows: []Row{
		{"api", []Cell{{}, {Open: "5432"}, {}}},
		{"db", []Cell{{}, {}, {}}},
		{"web", []Cell{{Blocked: "5432 (no inbound rule)"}, {Blocked: "5432 (no outbound rule)"}, {}}},
	}}, m)
}

func TestCost(t *testing.T) {
	got := costOf(&cost.Result{
		MonthlyUSD:    100.456,
		AWSMonthlyUSD: 90,
		UnverifiedUSD: 1,
		BudgetUSD:     80,
		Systems: []cost.System{{
			Name: "Aurora", MonthlyUSD: 73, Lines: []cost.Line{
				{
					Resource:   "aurora-cluster",
					Dimension:  "capacity",
					Quantity:   730,
					Free:       10,
					Unit:       "ACU-hours",
					PriceUSD:   0.1,
					MonthlyUSD: 72,
					Verified:   true,
				},
				{
					Resource:   "aurora-cluster",
					Dimension:  "requests",
					Quantity:   2.5,
					Unit:       "million",
					PriceUSD:   0.4,
					MonthlyUSD: 1,
				},
			},
		}},
	})
	assert.Equal(t, Cost{
		Total:      "100.46",
		AWS:        "90.00",
		Budget:     "80.00",
		Unverified: "1.00",
		OverBudget: true,
		Systems: []System{{"Aurora", "73.00", []CostLine{
			{"aurora-cluster", "capacity", "730 ACU-hours, 10 of it free", "$0.1", "72.00"},
			{"aurora-cluster", "requests", "2.5 million", "$0.4, not confirmed", "1.00"},
		}}},
	}, got)
	assert.Empty(t, costOf(&cost.Result{}).Budget)
}

func TestControlsToActOnComeFirst(t *testing.T) {
	got := controlsOf(compliance.Report{
		{Control: "A.1", Verdict: compliance.Pass, URN: "urn::x"},
		{Control: "B.2", Verdict: compliance.Pass, URN: "urn::x"},
		{Control: "B.2", Verdict: compliance.Fail, URN: "urn::y", Reason: "because"},
		{Control: "C.3", Verdict: compliance.NotApplicable, Reason: "no z"},
	}, nil)
	assert.Equal(t, []Count{{compliance.Fail, 1}, {compliance.Pass, 2}, {compliance.NotApplicable, 1}}, got.Counts)
	var order []string
	for _, one := range got.Results {
		order = append(order, one.ID+" "+string(one.Worst))
	}
	assert.Equal(t, []string{"B.2 fail", "A.1 pass", "C.3 not applicable"}, order)
	assert.Equal(t, []Result{{"x", compliance.Pass, ""}, {"y", compliance.Fail, "because"}}, got.Results[0].Results)
}
