package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/drill"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/runbook"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// statesOf are the resources of a stack as its plan has them, with what feeds them and its
// providers of AWS.
func statesOf(t testing.TB, r *recorder.Recorder) []plan.State {
	t.Helper()
	resources := r.All()
	for _, name := range []string{"aws", "aws-us-east-1", "aws-recovery"} {
		if provider, ok := r.Get("pulumi:providers:aws", name); ok {
			resources = append(resources, provider)
		}
	}
	var all []plan.State
	for _, one := range resources {
		state := stateOf(one)
		state.Provider, state.PropertyDependencies = one.Provider, one.Feeding
		state.Dependencies = slices.Concat(slices.Collect(maps.Values(one.Feeding))...)
		all = append(all, *state)
	}
	return all
}

// drilled is what the alarms of a stack do in their drill.
func drilled(t testing.TB, stack string, r *recorder.Recorder) *drill.Report {
	t.Helper()
	read, err := drill.Of(stack, statesOf(t, r))
	require.NoError(t, err)
	report, err := read.Run()
	require.NoError(t, err)
	return report
}

// alarmsPage introduces docs/alarms.md.
const alarmsPage = `# Alarms

What each alarm of CloudWatch does, each rule that passes on what AWS reports, and each monitor ` +
	`and check of Datadog, in a week in
which all is well and in incidents. ` + "`make alarms`" +
	` works it out from the stack's plan, offline, with the evaluation as AWS and Datadog
document it; ` + "`infra alarm NAME`" +
	` prints what to do about an alarm. The messages are those to the topics of the stack: Datadog's go to
` + "`datadog.notify`" +
	`, each monitor's by itself. The load, the failures, the two minutes until CloudWatch has data ` +
	`and the one until Datadog
has are assumptions of the drill (internal/drill). This page is written by
` + "`go test . -run TestTheAlarmsAreProven -update`" + `, and a test holds it current.
`

// No alarm goes on in a week in which all is well, each does in its incident, and one incident is
// one message. docs/alarms.md says so.
func TestTheAlarmsAreProven(t *testing.T) {
	page := alarmsPage
	for _, stack := range stacks {
		r, err := run(t, stacktest.Read(t, stack).Released(t))
		require.NoError(t, err)
		report := drilled(t, stack, r)
		for _, problem := range report.Problems {
			t.Error(problem)
		}
		page += "\n" + report.Markdown()
	}
	golden(t, "../docs/alarms.md", page)
}

// No stack file has a queue: its alarms are proven on one that is given to production.
func TestTheAlarmsOfAQueueAreProven(t *testing.T) {
	f := stacktest.Read(t, "prod").Released(t)
	f.Set(t, "services", "api.queue", map[string]any{
		"visibilitySeconds": 120, "retentionDays": 4, "maxReceives": 5, "messagesPerTask": 100, "oldestSeconds": 600,
	})
	r, err := run(t, f)
	require.NoError(t, err)
	drilled, err := drill.Of("prod", statesOf(t, r))
	require.NoError(t, err)
	report, err := drilled.Run(drill.AllIsWell, "backlog-api", "dead-letters-api")
	require.NoError(t, err)
	assert.Empty(t, report.Problems)
	page := report.Markdown()
	for _, alarm := range []string{"api-messages-late", "api-dead-letters"} {
		assert.Contains(t, page, alarm)
		section, err := runbook.Find(read(t, "docs/operations.md"), alarm)
		require.NoError(t, err)
		assert.Equal(t, "messages-waiting", section.Fragment())
		assert.Contains(t, section.Text, "\nOver when ")
	}
}

// No stack file has dumps: their alarm is proven on production with them.
func TestTheAlarmOfDumpsIsProven(t *testing.T) {
	f := stacktest.Read(t, "prod").Released(t)
	f.Set(t, "compute", "dump", dumps())
	r, err := run(t, f)
	require.NoError(t, err)
	drilled, err := drill.Of("prod", statesOf(t, r))
	require.NoError(t, err)
	report, err := drilled.Run(drill.AllIsWell, "no-dump")
	require.NoError(t, err)
	assert.Empty(t, report.Problems)
	assert.Contains(t, report.Markdown(), "dump-missing")
	section, err := runbook.Find(read(t, "docs/operations.md"), "dump-missing")
	require.NoError(t, err)
	assert.Equal(t, "missing-dumps", section.Fragment())
	assert.Contains(t, section.Text, "\nOver when ")
}

// Who chooses all that there is to choose has alarms, rules and monitors that the committed stacks
// lack. One without an incident fails here, and so does a metric that the drill does not know.
func TestTheAlarmsOfEveryChoiceAreProven(t *testing.T) {
	f := stacktest.ReadEveryKey(t).Released(t)
	delete(f, "bookmark-manager:awsEndpoint") // with which no provider has the account
	for _, guard := range []string{"guardDuty", "cloudTrail", "costAnomalies"} {
		f.Set(t, "guards", guard, "create")
	}
	r := zonesAre(atlasAnswers(recorder.New()), "ap-northeast-1a apne1-az4", "ap-northeast-1c apne1-az1")
	require.NoError(t, r.Run(deploy, f, f.SecretKeys()...))
	for _, problem := range drilled(t, "every", r).Problems {
		t.Error(problem)
	}
}

// Where the load balancer and the health check of the site ask for different paths, what the one
// finds says nothing of the other: no alarm keeps another silent then.
func TestAHealthCheckOfAnotherPathKeepsNoAlarmSilent(t *testing.T) {
	f := stacktest.Read(t, "prod").Released(t)
	f.Set(t, "edge", "records.healthCheck.path", "/api/status")
	r, err := run(t, f)
	require.NoError(t, err)
	made, err := drill.Of("prod", statesOf(t, r))
	require.NoError(t, err)
	report, err := made.Run("health-api")
	require.NoError(t, err)
	assert.Empty(t, report.Problems)
	require.Len(t, report.Incidents, 1)
	assert.Equal(t, []string{"application-trouble"}, report.Incidents[0].Messages)
	assert.NotContains(t, report.Markdown(), "health-check-unanswered")
}

// What is wrong with an alarm must be found, and by name.
func TestTheDrillFindsAlarmsThatAreNoGood(t *testing.T) {
	r, err := run(t, stacktest.Read(t, "staging").Released(t))
	require.NoError(t, err)
	resources := statesOf(t, r)
	type change struct {
		alarm, property string
		value           any
		in, want        string
	}
	// Alarms do not see each other: those that the week shows are changed together, each once.
	var rounds [][]change
	for _, c := range []change{
		{"api-cpu-high", "threshold", 99.0, "cpu-api", "alarm api-cpu-high stays silent in incident cpu-api"},
		{"api-cpu-high", "threshold", 20.0, drill.AllIsWell,
			"alarm api-cpu-high goes on in a week in which all is well"},
		{"api-cpu-high", "treatMissingData", "breaching", drill.AllIsWell,
			"alarm api-cpu-high goes on in a week in which all is well"},
		{"api-error-lines", "evaluationPeriods", 4.0, "crash-api",
			"alarm api-error-lines goes on after 18 minutes of incident crash-api, and says within 7"},
		{"site-health", "threshold", 0.0, "no-targets", "alarm site-health stays silent in incident no-targets"},
		{"health-check-unanswered", "evaluationPeriods", 2.0, drill.AllIsWell,
			"alarm health-check-unanswered goes on in a week in which all is well and metrics come up to 4 " +
				"minutes later"},
		{"site-health", "evaluationPeriods", 3.0, drill.AllIsWell,
			"alarm site-health goes on in a week in which all is well and metrics come up to 4 minutes later"},
		{"application-trouble", "actionsSuppressor", map[string]any{
			"alarm": "bookmark-manager-staging-health-check-unanswered", "waitPeriod": 60.0, "extensionPeriod": 1200.0,
		}, "unhealthy", "incident unhealthy is 2 messages, want one"},
		{"aurora-memory-low", "threshold", 1.0, "capacity",
			"alarm aurora-memory-low stays silent in incident capacity"},
		{"alb-certificate-expires", "threshold", 80.0, drill.AllIsWell,
			"alarm alb-certificate-expires goes on in a week in which all is well"},
		{"alb-5xx-rate-high", "alarmDescription", "Many.", "no-targets",
			"alarm alb-5xx-rate-high: its description does not say within"},
		{"waf-blocked-high", "comparisonOperator", "LessThanThreshold", drill.AllIsWell,
			"alarm waf-blocked-high goes on in a week"},
		{"datadog-web-latency", "query",
			"percentile(last_10m):p95:trace.next.request{env:staging,service:bookmark-manager-site} > 4",
			"slow", "alarm datadog-web-latency stays silent in incident slow"},
		{"datadog-web-availability", "thresholds", []any{map[string]any{"timeframe": "30d", "target": 99.99}},
			drill.AllIsWell, "alarm datadog-web-availability-slow-burn goes on in a week in which all is well"},
		{"datadog-check-home", "message", "open it @somebody", drill.AllIsWell,
			"alarm datadog-check-home goes on in a week in which all is well, at Monday"},
		{"task-stopped", "inputTransformer",
			map[string]any{"inputTemplate": `"A task has stopped: <why>"`,
				"inputPaths": map[string]any{"why": "$.detail.stoppedReason"}},
			"image", "in incident image the message of rule task-stopped is lost: it is no custom notification"},
		{"task-out-of-memory", "inputTransformer", nil, "memory-kill",
			"in incident memory-kill the message of rule task-out-of-memory is lost: it is no custom notification"},
		{"site-down", "alarmRule", `ALARM("bookmark-manager-staging-waf-blocked-high")`, "flood",
			"incident flood is 2 messages, want one"},
	} {
		round := slices.IndexFunc(rounds, func(round []change) bool {
			return c.in == drill.AllIsWell && round[0].in == c.in &&
				!slices.ContainsFunc(round, func(other change) bool { return other.alarm == c.alarm })
		})
		if round < 0 {
			rounds = append(rounds, []change{c})
			continue
		}
		rounds[round] = append(rounds[round], c)
	}
	for _, round := range rounds {
		changed := slices.Clone(resources)
		for i, one := range changed {
			for _, c := range round {
				if one.Name() != "observability-"+c.alarm && one.Name() != c.alarm {
					continue
				}
				one.Inputs = maps.Clone(one.Inputs)
				one.Inputs[c.property] = c.value
				if c.property == "evaluationPeriods" {
					one.Inputs["datapointsToAlarm"] = c.value
				}
				changed[i] = one
			}
		}
		read, err := drill.Of("staging", changed)
		require.NoError(t, err)
		report, err := read.Run(round[0].in)
		require.NoError(t, err)
		for _, c := range round {
			assert.ErrorContains(t, report.Err(), c.want, "%s %s", c.alarm, c.property)
		}
	}
}

// BenchmarkAlarms is a week of both stacks in which all is well: about a second. Each time the
// stacks are read again, since one remembers its week.
func BenchmarkAlarms(b *testing.B) {
	read := map[string][]plan.State{}
	for _, stack := range stacks {
		r, err := run(b, stacktest.Read(b, stack).Released(b))
		require.NoError(b, err)
		read[stack] = statesOf(b, r)
	}
	for b.Loop() {
		for stack, resources := range read {
			one, err := drill.Of(stack, resources)
			require.NoError(b, err)
			week, err := one.Week()
			require.NoError(b, err)
			require.Empty(b, week.On)
		}
	}
}

// Each alarm's description ends in a link to the section that infra alarm prints for its name.
func TestTheRunbookKnowsEveryAlarm(t *testing.T) {
	page := read(t, "docs/operations.md")
	fragment := regexp.MustCompile(`#([a-z-]+)$`)
	for _, stack := range stacks {
		r, err := run(t, stacktest.Read(t, stack).Released(t))
		require.NoError(t, err)
		for _, typ := range []string{catalog.MetricAlarm, catalog.CompositeAlarm} {
			for _, one := range r.OfType(typ) {
				link := fragment.FindStringSubmatch(one.Input("alarmDescription").(string))
				if link == nil {
					assert.Nil(t, one.Input("alarmActions"), "%s tells people, and links to no section", one.Name)
					continue
				}
				section, err := runbook.Find(page, strings.TrimPrefix(one.Name, "observability-"))
				require.NoError(t, err)
				assert.Equal(t, link[1], section.Fragment(), one.Name)
				assert.Contains(t, section.Text, "\nOver when ", "the section of %s does not say when it is over",
					one.Name)
			}
		}
	}
}

// What AWS reports by itself has its section of the runbook too, and infra alarm prints it.
func TestTheRunbookKnowsEveryRule(t *testing.T) {
	page := read(t, "docs/operations.md")
	f := stacktest.Read(t, "prod").Released(t)
	for _, guard := range []string{"guardDuty", "cloudTrail", "costAnomalies"} {
		f.Set(t, "guards", guard, "create")
	}
	r, err := run(t, f)
	require.NoError(t, err)
	made, err := drill.Of("prod", statesOf(t, r))
	require.NoError(t, err)
	require.NotEmpty(t, made.Rules)
	for _, rule := range made.Rules {
		section, err := runbook.Find(page, rule.Name)
		require.NoError(t, err)
		assert.Contains(t, section.Text, "\nOver when ", "the section of %s does not say when it is over", rule.Name)
	}
	link := regexp.MustCompile(`Runbook: [^"#]+#([a-z-]+)"`)
	for _, target := range r.OfType(catalog.EventTarget) {
		section, err := runbook.Find(page, strings.TrimPrefix(target.Name, "observability-"))
		require.NoError(t, err)
		template, _ := target.Input("inputTransformer.inputTemplate").(string)
		found := link.FindStringSubmatch(template)
		require.NotNil(t, found, "the message of %s links to no section", target.Name)
		assert.Equal(t, section.Fragment(), found[1], target.Name)
	}
}

// dumps are those of a stack whose dump has an image.
func dumps() map[string]any {
	return map[string]any{
		"image":            "sha256:" + strings.Repeat("d4", 32),
		"architecture":     "ARM64",
		"cpu":              256,
		"memory":           512,
		"schedule":         "cron(10 3 * * ? *)",
		"timezone":         "Asia/Tokyo",
		"retentionDays":    35,
		"passwordRotation": 1,
		"logRetentionDays": 30,
	}
}
