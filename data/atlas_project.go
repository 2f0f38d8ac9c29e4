package data

import (
	"encoding/json"

	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// atlasAlert is one alert of the cluster.
type atlasAlert struct {
	name      string // of the resource
	event     string
	metric    string // for OUTSIDE_METRIC_THRESHOLD
	threshold int    // 0 for an event without one
	matcher   string // the field that ties the alert to this cluster
}

// The fields of an alert's matcher.
const (
	matchHost    = "HOSTNAME"
	matchCluster = "CLUSTER_NAME"
)

// atlasAlerts is the table of alerts.
// https://www.mongodb.com/docs/atlas/reference/alert-conditions/
func atlasAlerts(config AtlasAlertsConfig) []atlasAlert {
	return []atlasAlert{
		{
			name:      "connections",
			event:     "OUTSIDE_METRIC_THRESHOLD",
			metric:    "CONNECTIONS_PERCENT",
			threshold: config.ConnectionsPercent,
			matcher:   matchHost,
		},
		{
			name:      "cpu",
			event:     "OUTSIDE_METRIC_THRESHOLD",
			metric:    "NORMALIZED_SYSTEM_CPU_USER",
			threshold: config.CPUPercent,
			matcher:   matchHost,
		},
		{
			name:      "disk",
			event:     "OUTSIDE_METRIC_THRESHOLD",
			metric:    "DISK_PARTITION_SPACE_USED_DATA",
			threshold: config.DiskPercent,
			matcher:   matchHost,
		},
		{name: "host-down", event: "HOST_DOWN", matcher: matchHost},
		{name: "no-primary", event: "NO_PRIMARY", matcher: matchCluster},
		{
			name:      "oplog-window",
			event:     "REPLICATION_OPLOG_WINDOW_RUNNING_OUT",
			threshold: config.OplogHours,
			matcher:   matchCluster,
		},
		{name: "oplog-behind", event: "CPS_OPLOG_BEHIND", matcher: matchCluster},
		{name: "snapshot-failed", event: "CPS_SNAPSHOT_FAILED", matcher: matchCluster},
	}
}

// alertIntervalMinutes is how often an alert that goes on is sent again.
const alertIntervalMinutes = 60

func (b *atlasBuilder) alerts() error {
	for _, alert := range atlasAlerts(b.args.Config.Alerts) {
		args := &mongodbatlas.AlertConfigurationArgs{
			ProjectId: b.project,
			EventType: pulumi.String(alert.event),
			// Atlas leaves an alert off unless it is told otherwise.
			Enabled:       pulumi.Bool(true),
			Matchers:      mongodbatlas.AlertConfigurationMatcherArray{b.matcher(alert.matcher)},
			Notifications: b.notifications(),
		}
		switch {
		case alert.metric != "":
			args.MetricThresholdConfig = mongodbatlas.AlertConfigurationMetricThresholdConfigArgs{
				MetricName: pulumi.String(alert.metric),
				Operator:   pulumi.String("GREATER_THAN"),
				Threshold:  pulumi.Float64(alert.threshold),
				Units:      pulumi.String("RAW"),
				Mode:       pulumi.String("AVERAGE"),
			}
		case alert.threshold != 0:
			args.ThresholdConfig = mongodbatlas.AlertConfigurationThresholdConfigArgs{
				Operator:  pulumi.String("LESS_THAN"),
				Threshold: pulumi.Float64(alert.threshold),
				Units:     pulumi.String("HOURS"),
			}
		}
		if _, err := mongodbatlas.NewAlertConfiguration(b.Ctx, b.Child("alert-"+alert.name), args,
			b.Parent()); err != nil {
			return b.Wrap("create", "alert "+alert.name, err)
		}
	}
	return nil
}

// matcher keeps the alerts of stacks that share a project apart. Host names begin with the
// cluster's name, in lower case.
func (b *atlasBuilder) matcher(field string) mongodbatlas.AlertConfigurationMatcherArgs {
	name, operator := b.args.Config.Cluster(b.args.Environment), "EQUALS"
	if field == matchHost {
		name, operator = atlasHost(name)+"-", "STARTS_WITH"
	}
	return mongodbatlas.AlertConfigurationMatcherArgs{
		FieldName: pulumi.String(field), Operator: pulumi.String(operator), Value: pulumi.String(name),
	}
}

func (b *atlasBuilder) notifications() mongodbatlas.AlertConfigurationNotificationArray {
	emails := b.args.Config.Alerts.Emails
	if len(emails) == 0 {
		return mongodbatlas.AlertConfigurationNotificationArray{mongodbatlas.AlertConfigurationNotificationArgs{
			TypeName:     pulumi.String("GROUP"),
			Roles:        pulumi.ToStringArray([]string{"GROUP_OWNER"}),
			EmailEnabled: pulumi.Bool(true),
			IntervalMin:  pulumi.Int(alertIntervalMinutes),
			DelayMin:     pulumi.Int(0),
		}}
	}
	var all mongodbatlas.AlertConfigurationNotificationArray
	for _, email := range emails {
		all = append(all, mongodbatlas.AlertConfigurationNotificationArgs{
			TypeName:     pulumi.String("EMAIL"),
			EmailAddress: pulumi.String(email),
			IntervalMin:  pulumi.Int(alertIntervalMinutes),
			DelayMin:     pulumi.Int(0),
		})
	}
	return all
}

// auditFilter is what the audit log records: failed log-ins, and every change of users, roles and
// collections.
// https://www.mongodb.com/docs/manual/tutorial/configure-audit-filters/
type auditFilter struct {
	Or []auditCondition `json:"$or"`
}

type auditCondition struct {
	Type   auditTypes     `json:"atype"`
	Result *auditNotEqual `json:"result,omitempty"`
}

type auditTypes struct {
	In []string `json:"$in"`
}

type auditNotEqual struct {
	NotEqual int `json:"$ne"`
}

func (b *atlasBuilder) auditing() error {
	switch b.args.Config.Auditing.Ownership {
	case Create:
		filter, err := json.Marshal(auditFilter{Or: []auditCondition{
			{Type: auditTypes{[]string{"authenticate"}}, Result: &auditNotEqual{0}},
			{Type: auditTypes{[]string{
				"createRole", "createUser", "dropAllRolesFromDatabase", "dropAllUsersFromDatabase", "dropCollection",
				"dropDatabase",
				"dropRole", "dropUser", "grantPrivilegesToRole", "grantRolesToRole", "grantRolesToUser",
				"revokePrivilegesFromRole",
				"revokeRolesFromRole", "revokeRolesFromUser", "updateRole", "updateUser",
			}}},
		}})
		if err != nil {
			return b.Wrap("build", "audit filter", err)
		}
		if _, err := mongodbatlas.NewAuditing(b.Ctx, b.Child("auditing"), &mongodbatlas.AuditingArgs{
			ProjectId:                 b.project,
			Enabled:                   pulumi.Bool(true),
			AuditFilter:               pulumi.String(filter),
			AuditAuthorizationSuccess: pulumi.Bool(false),
		}, b.Parent()); err != nil {
			return b.Wrap("create", "auditing", err)
		}
	case Off:
	case Adopt:
		if _, err := mongodbatlas.GetAuditing(b.Ctx, b.Child("auditing"), pulumi.ID(b.args.Config.ProjectID), nil,
			b.Parent()); err != nil {
			return b.Wrap("read", "auditing", err)
		}
	}
	return nil
}

func (b *atlasBuilder) maintenance() error {
	window := b.args.Config.Maintenance
	switch window.Ownership {
	case Create:
		if _, err := mongodbatlas.NewMaintenanceWindow(b.Ctx, b.Child("maintenance"),
			&mongodbatlas.MaintenanceWindowArgs{
				ProjectId: b.project, DayOfWeek: pulumi.Int(window.DayOfWeek), HourOfDay: pulumi.Int(window.Hour),
				// The provider would change another project in place, and the old project's window
				// with it.
			}, b.Parent(), pulumi.ReplaceOnChanges([]string{"projectId"})); err != nil {
			return b.Wrap("create", "maintenance window", err)
		}
	case Off:
	case Adopt:
		if _, err := mongodbatlas.GetMaintenanceWindow(b.Ctx, b.Child("maintenance"),
			pulumi.ID(b.args.Config.ProjectID), nil, b.Parent()); err != nil {
			return b.Wrap("read", "maintenance window", err)
		}
	}
	return nil
}
