package adopt

import (
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

// ServiceAlarms and Alarms are the ends of the names of the program's alarms: of each service,
// after its name, and of the rest. Those in us-east-1 are left out.
var (
	ServiceAlarms = []string{"cpu-high", "memory-high", "tasks-missing", "unhealthy-targets", "error-lines"}
	Alarms        = []string{
		"alb-5xx-rate-high", "alb-latency-high", "aurora-capacity-high", "aurora-connections-high",
		"aurora-deadlocks", "aurora-memory-low",
		"aurora-replica-lag-high",
	}
)

func (m *matcher) watch() {
	m.topics()
	keys := slices.Clone(Alarms)
	for _, service := range slices.Sorted(maps.Keys(m.stack.Services)) {
		for _, end := range ServiceAlarms {
			keys = append(keys, service+"-"+end)
		}
	}
	for _, one := range m.of("aws_cloudwatch_metric_alarm") {
		key, ours := strings.CutPrefix(one.Text("alarm_name"), m.stack.Environment.Name()+"-")
		if ours && slices.Contains(keys, key) && region(one) == m.stack.Region {
			m.importAs(one, catalog.MetricAlarm, "observability-"+key, one.Text("alarm_name"), nil)
			continue
		}
		m.leaveToTerraform(one, "the program's alarms have names of their own")
	}
	for _, one := range m.of("aws_cloudwatch_composite_alarm", "aws_cloudwatch_dashboard",
		"aws_cloudwatch_log_metric_filter",
		"aws_cloudwatch_query_definition", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target",
		"aws_budgets_budget") {
		m.leaveToTerraform(one, "the program makes its own")
	}
}

// topics are the one of each region that alarms go to, with who has confirmed a subscription.
func (m *matcher) topics() {
	topics := map[string]string{}
	for _, place := range []struct{ name, region string }{{"region", m.stack.Region}, {"global", names.UsEast1}} {
		name := "notifications-" + place.name
		m.expect("", catalog.Topic, name)
		for _, email := range m.stack.Emails {
			m.expect("sends a request to confirm it", catalog.TopicSubscription, name+"-email-"+email)
		}
		var found []Instance
		for _, one := range m.of("aws_sns_topic") {
			if region(one) == place.region && m.alarmed(one) {
				found = append(found, one)
			}
		}
		if one, ok := m.only("topic of alarms in "+place.region, found); ok {
			if one.Bool("fifo_topic") {
				m.refuse(one.Address+".fifo_topic",
					"found true, want false: another value replaces the topic, and alarms publish to no such topic")
			}
			topics[one.Text("arn")] = name
			m.importAs(one, catalog.Topic, name, one.Text("arn"), generatedName)
		}
	}
	for _, one := range m.of("aws_sns_topic_policy") {
		if name, ok := topics[one.Text("arn")]; ok {
			m.importAs(one, catalog.TopicPolicy, name, one.Text("arn"), nil)
		}
	}
	emails := slices.Clone(m.stack.Emails)
	for _, one := range m.of("aws_sns_topic_subscription") {
		name, ours := topics[one.Text("topic_arn")]
		switch {
		case !ours:
			continue
		case one.Text("protocol") != "email":
			m.leaveToTerraform(one, "it stays subscribed until it is dropped")
		case one.Bool("pending_confirmation"):
			m.leaveToTerraform(one,
				"it was never confirmed, and such a one cannot be imported; another request is sent")
		default:
			if !slices.Contains(emails, one.Text("endpoint")) {
				emails = append(emails, one.Text("endpoint"))
			}
			m.importAs(one, catalog.TopicSubscription, name+"-email-"+one.Text("endpoint"), one.Text("arn"), nil)
		}
	}
	if len(emails) > len(m.stack.Emails) {
		m.requireSetting("notifications", []string{"emails"}, emails, "they are notified of alarms today")
	}
}

// alarmed says whether an alarm goes to a topic, or nothing else is known of the state's topics.
func (m *matcher) alarmed(topic Instance) bool {
	used := false
	for _, one := range m.all {
		if one.Type != "aws_cloudwatch_metric_alarm" {
			continue
		}
		for _, action := range append(one.Texts("alarm_actions"), one.Texts("ok_actions")...) {
			used = used || region(one) == region(topic)
			if action == topic.Text("arn") {
				return true
			}
		}
	}
	return !used
}

// external are MongoDB Atlas, Datadog and Sentry.
func (m *matcher) external() {
	m.expect("", catalog.AtlasCluster, "atlas-cluster")
	for _, one := range m.of("mongodbatlas_cluster", "mongodbatlas_advanced_cluster") {
		if project := one.Text("project_id"); project != m.stack.Project {
			m.refuse(one.Address+".project_id",
				"found %q, want %q, the stack's (atlas.projectId): another one replaces the cluster; set it",
				project, m.stack.Project)
		}
		if !one.Bool("cloud_backup") && !one.Bool("provider_backup_enabled") && !one.Bool("backup_enabled") {
			m.refuse(one.Address+".cloud_backup", "found false, want true: Atlas takes no schedule of backups for a "+
				"cluster that has none, which stage take makes, and there is no snapshot to go back to; switch it on "+
				"with Terraform first")
		}
		m.requireSetting("atlas", []string{"clusterName"}, one.Text("name"), "a cluster's name replaces it")
		m.requireSetting("atlas", []string{"access"}, "nat",
			"running tasks reach Atlas by the NAT gateway; change it once the adoption is closed")
		m.importAs(one, catalog.AtlasCluster, "atlas-cluster", one.Text("project_id")+"-"+one.Text("name"), nil)
	}
	for _, one := range m.of("mongodbatlas_database_user", "mongodbatlas_project_ip_access_list") {
		m.leaveToTerraform(one, "running tasks use it; the program's own stands beside it")
	}
	for _, service := range slices.Sorted(maps.Keys(m.stack.Services)) {
		if m.stack.Datadog {
			m.expect("", catalog.DatadogMonitor, "datadog-"+service+"-error-rate")
		}
		if m.stack.Sentry != "" {
			m.expect("", catalog.SentryProject, "sentry-"+service)
		}
	}
	m.monitors()
	for _, one := range m.of("sentry_project") {
		service, ok := m.stack.service(one.Text("slug"))
		if !ok || one.Text("organization") != m.stack.Sentry {
			continue
		}
		m.requireSetting("sentry", []string{"team", "mode"}, "adopt", "the project's team is there already")
		m.importAs(one, catalog.SentryProject, "sentry-"+service, one.Text("organization")+"/"+one.Text("slug"), nil)
	}
}

// monitors imports a monitor of a service's errors.
func (m *matcher) monitors() {
	for _, one := range m.of("datadog_monitor") {
		for _, service := range slices.Sorted(maps.Keys(m.stack.Services)) {
			query, resource := one.Text("query"), catalog.DatadogMonitor+" datadog-"+service+"-error-rate"
			if m.stack.Datadog && strings.Contains(query, "errors") && strings.Contains(query, service) &&
				m.result.Config.Resources[resource].ID == "" {
				m.importAs(one, catalog.DatadogMonitor, "datadog-"+service+"-error-rate", one.ID(),
					map[string]string{"type": "another type replaces the monitor, and its history is lost"})
				break
			}
		}
	}
	for _, one := range m.of("datadog_monitor", "datadog_dashboard", "datadog_dashboard_json",
		"datadog_synthetics_test",
		"datadog_service_level_objective") {
		m.leaveToTerraform(one, "the program makes its own")
	}
}

// access are roles and policies. The program creates its own for each service.
func (m *matcher) access() {
	for _, one := range slices.Clone(m.undecided) {
		switch {
		case one.Type == "aws_iam_openid_connect_provider":
			m.requireSetting("delivery", []string{"provider"}, "adopt", "an account has one provider for GitHub")
			m.unmanage(one, "the account's, and not the stack's")
		case strings.HasPrefix(one.Type, "aws_iam_"):
			m.leaveToTerraform(one, "its path replaces it: the program has roles for each service")
		}
	}
}
