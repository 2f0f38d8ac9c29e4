package datadog

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	pt "github.com/bookmark-manager/infrastructure/rehearsal/model/providertest"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/sdkdoc"
)

func sliced(more in) in {
	return objective(in{"type": "time_slice", "query": nil, "sliSpecification": latency(more)})
}

func ticking(more in) in { return check(in{"optionsList": pt.With(in{"tickEvery": 300}, more)}) }

var verdicts = map[string]pt.Verdict{
	"the type of a monitor": pt.Says(
		monitorType, monitor(in{"type": "alert"}),
		`type: expected one of ["audit alert" "ci-pipelines alert" "ci-tests alert" "composite" "cost alert" `+
			`"data-quality alert" "database-monitoring alert" `+
			`"error-tracking alert" "event alert" "event-v2 alert" "log alert" "metric alert" "network-path alert" `+
			`"network-performance alert" "process alert" `+
			`"query alert" "rum alert" "service check" "slo alert" "synthetics alert" "trace-analytics alert"], got `+
			`string "alert"`, monitor(nil),
	),
	"missing data of a monitor": pt.Says(
		monitorType, monitor(in{"onMissingData": "showNoData"}),
		`onMissingData: expected one of ["default" "resolve" "show_and_notify_no_data" "show_no_data"], got string `+
			`"showNoData"`, monitor(in{"onMissingData": "show_no_data"}),
	),
	"the priority of a monitor": pt.Says(
		monitorType, monitor(in{"priority": "P1"}), `priority: expected one of ["1" "2" "3" "4" "5"], got string "P1"`,
		monitor(in{"priority": 1}),
	),
	"when a monitor notifies again": pt.Says(
		monitorType, monitor(in{"renotifyStatuses": []any{"alert", "no_data"}}),
		`renotifyStatuses[1]: expected one of ["alert" "no data" "warn"], got string "no_data"`,
		monitor(in{"renotifyStatuses": []any{"alert", "no data"}}),
	),
	"what a monitor shows": pt.Says(
		monitorType, monitor(in{"notificationPresetName": "hide"}),
		`notificationPresetName: expected one of ["hide_all" "hide_handles" "hide_handles_and_footer" "hide_query" `+
			`"hide_query_and_handles" "show_all" "show_only_snapshot"], got string "hide"`,
		monitor(in{"notificationPresetName": "hide_query"}),
	),
	"the type of an objective": pt.Says(
		objectiveType, objective(in{"type": "timeSlice"}),
		`type: expected one of ["metric" "monitor" "time_slice"], got string "timeSlice"`, objective(nil),
	),
	"the time of an objective": pt.Says(
		objectiveType, objective(in{"thresholds": []any{in{"timeframe": "1d", "target": 99}}}),
		`thresholds[0].timeframe: expected one of ["30d" "7d" "90d" "custom"], got string "1d"`, objective(nil),
	),
	"how a slice of time compares": pt.Says(
		objectiveType, sliced(in{"comparator": "=<"}),
		`sliSpecification.timeSlice.comparator: expected one of ["<" "<=" ">" ">="], got string "=<"`, sliced(nil),
	),
	"how long a slice of time is": pt.Says(
		objectiveType, sliced(in{"queryIntervalSeconds": 120}),
		"sliSpecification.timeSlice.queryIntervalSeconds: expected one of [300 60], got number 120",
		sliced(in{"queryIntervalSeconds": 60}),
	),
	"a check from nowhere": pt.Says(checkType, check(in{"locations": nil}), "locations: missing required property",
		check(nil)),
	"the status of a check": pt.Says(
		checkType, check(in{"status": "on"}), `status: expected one of ["live" "paused"], got string "on"`,
		check(in{"status": "paused"}),
	),
	"the subtype of a check": pt.Says(
		checkType, check(in{"subtype": "https"}),
		`subtype: expected one of ["dns" "grpc" "http" "icmp" "multi" "ssl" "tcp" "udp" "websocket"], got string `+
			`"https"`, check(nil),
	),
	"how often a check runs": pt.Says(checkType, ticking(in{"tickEvery": 10}),
		"optionsList.tickEvery: expected 30 to 604800, got number 10", ticking(nil)),
	"the priority of a check": pt.Says(checkType, ticking(in{"monitorPriority": 0}),
		"optionsList.monitorPriority: expected 1 to 5, got number 0", ticking(in{"monitorPriority": 5})),
	"an AWS account's number": pt.Says(accountType, account(in{"awsAccountId": "12345678901"}),
		`awsAccountId: expected to match ^[0-9]{12}$, got string "12345678901"`, account(nil)),
	"an AWS account's partition": pt.Says(
		accountType, account(in{"awsPartition": "AWS"}),
		`awsPartition: expected one of ["aws" "aws-cn" "aws-us-gov"], got string "AWS"`, account(nil),
	),
}

func TestWhatTheProviderSays(t *testing.T) { pt.Verdicts(t, Definition, config, verdicts) }

func TestWhatIsReplaced(t *testing.T) {
	w := pt.New(t, Definition(), config)
	assert.Equal(t, []string{}, w.Replaced(checkType, check(nil), check(in{"type": "browser"})),
		"in place, whatever Datadog makes of it")
	assert.Equal(t, []string{"type"}, w.Replaced(monitorType, monitor(nil), monitor(in{"type": "metric alert"})))
	assert.Equal(t, []string{"type"}, w.Replaced(objectiveType, objective(nil), objective(in{"type": "monitor"})))
}

var sdk = sdkdoc.SDK{
	Project: "../../..",
	Module:  "github.com/pulumi/pulumi-datadog/sdk/v4",
	Folder:  "go/datadog",
	Index:   "index",
}

func TestDocumentedValuesAreChecked(t *testing.T) {
	s, err := parse()
	require.NoError(t, err)
	sdkdoc.Check(t, s, sdk, sdkdoc.Exceptions{})
}

func TestWhatIsDeprecated(t *testing.T) {
	s, err := parse()
	require.NoError(t, err)
	assert.Equal(t, sdkdoc.Deprecated(t, s, sdk), schema.Deprecated(s))
}
