package atlas

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	pt "github.com/bookmark-manager/infrastructure/rehearsal/model/providertest"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/sdkdoc"
)

func linked(more in) in {
	return given(in{"privateLinkId": pt.Unknown, "endpointServiceId": pt.Unknown, "providerName": "AWS"}, more)
}

func window(more in) in { return given(in{"dayOfWeek": 1, "hourOfDay": 0}, more) }

func metric(operator string) in {
	return alert(in{
		"eventType":             "OUTSIDE_METRIC_THRESHOLD",
		"metricThresholdConfig": in{"metricName": "CONNECTIONS", "operator": operator, "threshold": 100},
	})
}

func notified(typ string) in {
	return alert(in{"notifications": []any{in{"typeName": typ, "roles": []any{"GROUP_OWNER"}}}})
}

func hourly(every int) in {
	return schedule(in{"policyItemHourly": in{
		"frequencyInterval": every,
		"retentionUnit":     "days",
		"retentionValue":    2,
	}})
}

var verdicts = map[string]pt.Verdict{
	"a cluster without regions": pt.Says(
		clusterType, cluster(in{"replicationSpecs": []any{in{"zoneName": "Tokyo"}}}),
		"replicationSpecs[0].regionConfigs: missing required property of AdvancedClusterReplicationSpec", cluster(nil),
	),
	"the type of a cluster": pt.Says(
		clusterType, cluster(in{"clusterType": "REPLICA_SET"}),
		`clusterType: expected one of ["GEOSHARDED" "REPLICASET" "SHARDED"], got string "REPLICA_SET"`, cluster(nil),
	),
	"the cloud of a region": pt.Says(
		clusterType, cluster(placed(in{"providerName": "aws"}, nil)),
		`replicationSpecs[0].regionConfigs[0].providerName: expected one of ["AWS" "AZURE" "FLEX" "GCP" "TENANT"], `+
			`got string "aws"`, cluster(nil),
	),
	"the oldest protocol of a cluster": pt.Says(
		clusterType, cluster(in{"advancedConfiguration": in{"minimumEnabledTlsProtocol": "TLS1.2"}}),
		`advancedConfiguration.minimumEnabledTlsProtocol: expected one of ["TLS1_0" "TLS1_1" "TLS1_2" "TLS1_3"], `+
			`got string "TLS1.2"`,
		cluster(in{"advancedConfiguration": in{"minimumEnabledTlsProtocol": "TLS1_2"}}),
	),
	"the hour of a schedule": pt.Says(
		scheduleType, schedule(in{"referenceHourOfDay": 24}), "referenceHourOfDay: expected 0 to 23, got number 24",
		schedule(in{"referenceHourOfDay": 0}),
	),
	"the minute of a schedule": pt.Says(
		scheduleType, schedule(in{"referenceMinuteOfHour": 60}),
		"referenceMinuteOfHour: expected 0 to 59, got number 60", schedule(in{"referenceMinuteOfHour": 59}),
	),
	"how often a snapshot is taken": pt.Says(
		scheduleType, hourly(5), "policyItemHourly.frequencyInterval: expected one of [1 12 2 4 6 8], got number 5",
		hourly(4),
	),
	"how an alert is sent": pt.Says(
		alertType, notified("TEAMS"),
		`notifications[0].typeName: expected one of ["DATADOG" "EMAIL" "GROUP" "MICROSOFT_TEAMS" "OPS_GENIE" "ORG" `+
			`"PAGER_DUTY" "SLACK" "SMS" "TEAM" "USER" "VICTOR_OPS" "WEBHOOK"], got string "TEAMS"`,
		notified("ORG"),
	),
	"how an alert compares": pt.Says(
		alertType, metric("ABOVE"),
		`metricThresholdConfig.operator: expected one of ["GREATER_THAN" "LESS_THAN"], got string "ABOVE"`,
		metric("GREATER_THAN"),
	),
	"the cloud of a link": pt.Says(
		linkType, given(in{"providerName": "Amazon", "region": "ap-northeast-1"}, nil),
		`providerName: expected one of ["AWS" "AZURE" "GCP"], got string "Amazon"`,
		given(in{"providerName": "AWS", "region": "ap-northeast-1"}, nil),
	),
	"the cloud of a link's endpoint": pt.Says(
		linkServiceType, linked(in{"providerName": "aws"}),
		`providerName: expected one of ["AWS" "AZURE" "GCP"], got string "aws"`, linked(nil),
	),
	"the kind of a user": pt.Says(
		userType, user(in{"awsIamType": "role"}),
		`awsIamType: expected one of ["NONE" "ROLE" "USER"], got string "role"`, user(in{"awsIamType": "NONE"}),
	),
	"what a user is for": pt.Says(
		userType, user(in{"scopes": []any{in{"name": "c", "type": "DATABASE"}}}),
		`scopes[0].type: expected one of ["CLUSTER" "DATA_LAKE"], got string "DATABASE"`,
		user(in{"scopes": []any{in{"name": "c", "type": "CLUSTER"}}}),
	),
	"the day of a maintenance window": pt.Says(
		maintenanceType, window(in{"dayOfWeek": 8}), "dayOfWeek: expected 1 to 7, got number 8",
		window(in{"dayOfWeek": 7}),
	),
	"the hour of a maintenance window": pt.Says(
		maintenanceType, window(in{"hourOfDay": 24}), "hourOfDay: expected 0 to 23, got number 24",
		window(in{"hourOfDay": 23}),
	),
}

func TestWhatTheProviderSays(t *testing.T) { pt.Verdicts(t, Definition, config, verdicts) }

// A change of what names an object at Atlas replaces it, unless the provider does not know better.
func TestWhatIsReplaced(t *testing.T) {
	w := pt.New(t, Definition(), config)
	for name, change := range map[string]struct {
		typ           string
		before, after in
		want          []string
	}{
		"the project of a cluster": {clusterType, cluster(nil),
			cluster(in{"projectId": "ffffffffffffffffffffffff"}), []string{"projectId"}},
		"the size of a cluster": {clusterType, cluster(nil),
			cluster(placed(nil, in{"instanceSize": "M20"})), []string{}},
		"the name of a user": {userType, user(nil), user(in{"username": "other"}),
			[]string{"username"}},
		"the authentication database of a user": {userType, user(nil), user(in{"authDatabaseName": "$external"}),
			[]string{}},
		"the project of a maintenance window": {maintenanceType, window(nil),
			window(in{"projectId": "ffffffffffffffffffffffff"}), []string{}},
		"the project of Google's endpoint": {linkServiceType,
			linked(in{"privateLinkId": "p", "endpointServiceId": "e", "gcpProjectId": "a"}),
			linked(in{"privateLinkId": "p", "endpointServiceId": "e", "gcpProjectId": "b"}), []string{"gcpProjectId"}},
		"the region of a link": {linkType, given(in{"providerName": "AWS", "region": "a"}, nil),
			given(in{"providerName": "AWS", "region": "b"}, nil), []string{"region"}},
		"the address of an entry in the access list": {accessType, given(in{"cidrBlock": "10.0.0.0/16"}, nil),
			given(in{"cidrBlock": "10.1.0.0/16"}, nil), []string{"cidrBlock"}},
	} {
		assert.Equal(t, change.want, w.Replaced(change.typ, change.before, change.after), name)
	}
}

// What the provider marks as secret is so in the state, however deep it is.
func TestTheSecretsOfANotification(t *testing.T) {
	w := pt.New(t, Definition(), config)
	secrets := in{}
	s, err := parse()
	require.NoError(t, err)
	for name, property := range s.Owners()["AlertConfigurationNotification"] {
		if property.Secret {
			secrets[name] = "hunter2"
		}
	}
	require.ElementsMatch(t, []string{
		"apiToken", "datadogApiKey", "microsoftTeamsWebhookUrl", "opsGenieApiKey", "serviceKey", "victorOpsApiKey",
		"victorOpsRoutingKey", "webhookSecret", "webhookUrl",
	}, slices.Collect(maps.Keys(secrets)))
	made := w.Make(alertType, "a", alert(in{"notifications": []any{pt.With(in{"typeName": "WEBHOOK"}, secrets)}}))
	notification := made.Outputs["notifications"].ArrayValue()[0].ObjectValue()
	for name := range secrets {
		assert.True(t, notification[pt.Key(name)].IsSecret(), name)
	}
	assert.False(t, notification["typeName"].IsSecret())
}

var sdk = sdkdoc.SDK{
	Project: "../../..",
	Module:  "github.com/pulumi/pulumi-mongodbatlas/sdk/v3",
	Folder:  "go/mongodbatlas",
	Index:   "index",
}

func TestDocumentedValuesAreChecked(t *testing.T) {
	s, err := parse()
	require.NoError(t, err)
	sdkdoc.Check(t, s, sdk, sdkdoc.Exceptions{Open: map[string]string{
		"roles of AlertConfigurationNotification": "the values are those of typeName",
	}})
}

func TestWhatIsDeprecated(t *testing.T) {
	s, err := parse()
	require.NoError(t, err)
	deprecated := schema.Deprecated(s)
	assert.Len(t, deprecated, 6)
	assert.Equal(t, sdkdoc.Deprecated(t, s, sdk), deprecated)
}
