package adopt

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// generatedName has changes of a name ignored: the program leaves the name to Pulumi.
var generatedName = map[string]string{"name": "Pulumi would generate another one, which replaces the object"}

func (m *matcher) balancing() {
	balancer, ok := m.only("load balancer", m.of("aws_lb", "aws_alb"))
	if !ok {
		m.expect("", catalog.LoadBalancer, "load-balancer")
		return
	}
	m.refuseReplacement(balancer, "load_balancer_type", balancer.Text("load_balancer_type"), "application",
		"the services are reached over HTTP")
	m.refuseReplacement(balancer, "internal", fmt.Sprint(balancer.Bool("internal")), "false",
		"CloudFront reaches it from outside")
	m.importAs(balancer, catalog.LoadBalancer, "load-balancer", balancer.Text("arn"), generatedName)
	services := m.targetGroups()
	for _, one := range m.of("aws_lb_listener", "aws_alb_listener") {
		if one.Text("load_balancer_arn") != balancer.Text("arn") {
			continue
		}
		switch one.Int("port") {
		case 80:
			m.importAs(one, catalog.Listener, "load-balancer-http", one.Text("arn"), nil)
		case 443:
			// Until CloudFront sends the secret header, requests without it must get in. The
			// certificate must cover the name by which the distribution asks for pictures in stage
			// move.
			m.importFrozen(one, catalog.Listener, "load-balancer-https", one.Text("arn"), nil, adopted.Close,
				"defaultActions")
			m.rules(one, services)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(m.stack.Services)) {
		if len(m.stack.Services[service].Paths) > 0 {
			m.expect("", catalog.TargetGroup, service+"-tg")
			m.expect("takes requests with the secret header", catalog.ListenerRule, service+"-rule")
		}
	}
}

// targetGroups finds the group of each service, by the ECS service that registers tasks in it or
// by its port, and returns the services by their groups' ARNs.
func (m *matcher) targetGroups() map[string]string {
	services := map[string]string{}
	for _, running := range m.of("aws_ecs_service") {
		if service, ok := m.stack.service(running.Text("name")); ok {
			for _, target := range running.Blocks("load_balancer") {
				services[target.Text("target_group_arn")] = service
			}
		}
	}
	for _, group := range m.of("aws_lb_target_group", "aws_alb_target_group") {
		service, ok := services[group.Text("arn")]
		if !ok {
			continue
		}
		settings := m.stack.Services[service]
		m.refuseReplacement(group, "port", fmt.Sprint(group.Int("port")), fmt.Sprint(settings.Port),
			fmt.Sprintf("set services.%s.port to it, or replace the group with Terraform first", service))
		m.refuseReplacement(group, "protocol", group.Text("protocol"), "HTTP", "replace the group with Terraform first")
		m.refuseReplacement(group, "target_type", group.Text("target_type"), "ip",
			"tasks of Fargate register by their addresses")
		m.refuseReplacement(group, "protocol_version", cmp.Or(group.Text("protocol_version"), "HTTP1"), "HTTP1",
			"replace the group with Terraform first")
		m.importAs(group, catalog.TargetGroup, service+"-tg", group.Text("arn"), generatedName)
	}
	return services
}

// rules imports a listener's rule as the one of the service that it forwards to.
func (m *matcher) rules(listener Instance, services map[string]string) {
	for _, rule := range m.of("aws_lb_listener_rule", "aws_alb_listener_rule") {
		if rule.Text("listener_arn") != listener.Text("arn") {
			continue
		}
		service, ok := services[rule.Text("action.0.target_group_arn")]
		if name := service + "-rule"; ok && m.result.Config.Resources[catalog.ListenerRule+" "+name].ID == "" {
			m.importFrozen(rule, catalog.ListenerRule, name, rule.Text("arn"), nil, adopted.Close)
			continue
		}
		m.leaveToTerraform(rule, "the program has one rule for each service; drop it before the stage close")
	}
}

func (m *matcher) compute() {
	if cluster, ok := m.only("ECS cluster", m.of("aws_ecs_cluster")); ok {
		m.refuseReplacement(cluster, "name", cluster.Text("name"), m.stack.Environment.Name("cluster"),
			"pipelines know the cluster by this name")
		m.importAs(cluster, catalog.ECSCluster, "cluster", cluster.Text("name"), nil)
	}
	for _, one := range m.of("aws_ecs_service") {
		if service, ok := m.stack.service(one.Text("name")); ok {
			m.service(one, service)
		}
	}
	for _, one := range m.of("aws_ecs_task_definition") {
		m.leaveToTerraform(one, "a new revision of its family follows; this one is the way back")
	}
	for _, service := range slices.Sorted(maps.Keys(m.stack.Services)) {
		m.expect("", catalog.ECSService, service)
		m.expect("", catalog.ScalingTarget, service)
		m.expect("", catalog.ScalingPolicy, service+"-cpu", service+"-memory", service+"-requests")
		m.expect("", catalog.Repository, "registry-"+service)
		m.expect("", catalog.LogGroup, service)
	}
	m.scaling()
	m.repositories()
	m.logs()
}

func (m *matcher) service(one Instance, service string) {
	if controller := cmp.Or(one.Text("deployment_controller.0.type"), "ECS"); controller != "ECS" {
		m.refuse(one.Address+".deployment_controller",
			"found %q, want \"ECS\": the controller of a service cannot be changed, "+
				"and the program rolls services with ECS's own; replace the service with Terraform first", controller)
	}
	m.refuseReplacement(one, "scheduling_strategy", cmp.Or(one.Text("scheduling_strategy"), "REPLICA"), "REPLICA",
		"Fargate takes no other")
	cluster := one.Text("cluster")
	cluster = cluster[strings.LastIndex(cluster, "/")+1:]
	m.refuseReplacement(one, "cluster", cluster, m.stack.Environment.Name("cluster"),
		"the program has one cluster, of this name")
	const strategy = "the provider replaces a service that goes from a launch type to capacity providers"
	m.importAs(one, catalog.ECSService, service, cluster+"/"+one.Text("name"),
		map[string]string{"launchType": strategy, "capacityProviderStrategies": strategy})
	for _, group := range one.Texts("network_configuration.0.security_groups") {
		m.requireSetting("network", []string{"transition"}, map[string]any{"taskSecurityGroup": group},
			"while the services roll, the load balancer and the database admit the former tasks as well; take "+
				"it out for the stage close")
	}
}

// metrics are the parts of names that scaling policies have by their metrics.
var metrics = map[string]string{
	"ECSServiceAverageCPUUtilization": "cpu", "ECSServiceAverageMemoryUtilization": "memory",
	"ALBRequestCountPerTarget": "requests",
}

func (m *matcher) scaling() {
	of := func(one Instance) (service, id string, ok bool) {
		resource := one.Text("resource_id")
		service, ok = m.stack.service(resource[strings.LastIndex(resource, "/")+1:])
		ok = ok && one.Text("service_namespace") == "ecs"
		return service, "ecs/" + resource + "/" + one.Text("scalable_dimension"), ok
	}
	for _, one := range m.of("aws_appautoscaling_target") {
		if service, id, ok := of(one); ok {
			m.importAs(one, catalog.ScalingTarget, service, id, nil)
		}
	}
	for _, one := range m.of("aws_appautoscaling_policy") {
		service, id, ok := of(one)
		tracked := Instance{Values: map[string]any{"by": one.value("target_tracking_scaling_policy_configuration.0")}}
		metric := metrics[tracked.Text("by.predefined_metric_specification.0.predefined_metric_type")]
		if ok && metric != "" {
			m.importAs(one, catalog.ScalingPolicy, service+"-"+metric, id+"/"+one.Text("name"), generatedName)
		} else if ok {
			m.leaveToTerraform(one,
				"the program scales by CPU, memory and requests alone; until it is dropped it scales too")
		}
	}
	for _, one := range m.of("aws_appautoscaling_scheduled_action") {
		m.leaveToTerraform(one, "until it is dropped it changes the bounds too")
	}
}

func (m *matcher) repositories() {
	for _, one := range m.of("aws_ecr_repository") {
		service, ok := m.stack.service(one.Text("name"))
		if !ok {
			continue
		}
		m.importAs(one, catalog.Repository, "registry-"+service, one.Text("name"),
			map[string]string{"encryptionConfigurations": "another key replaces the repository, and the images " +
				"are lost"})
	}
	for _, one := range m.of("aws_ecr_lifecycle_policy") {
		if service, ok := m.stack.service(one.Text("repository")); ok {
			m.importAs(one, catalog.RepositoryLifecycle, "registry-"+service, one.Text("repository"), nil)
		}
	}
}

// logs are the services' log groups. A shorter retention deletes lines.
func (m *matcher) logs() {
	for _, one := range m.of("aws_cloudwatch_log_group") {
		if name := m.sharedLog(one.Text("name")); name != "" {
			m.importAs(one, catalog.LogGroup, name, one.Text("name"), nil)
			continue
		}
		service, ok := m.stack.service(strings.TrimPrefix(one.Text("name"), "/ecs/"))
		if !ok || !strings.HasPrefix(one.Text("name"), "/ecs/") {
			m.leaveToTerraform(one, "the program writes to groups of its own; its lines stay until it is dropped")
			continue
		}
		days, now := m.stack.Services[service].LogRetentionDays, one.Int("retention_in_days")
		switch {
		case m.accepted.ShorterLogs || now != 0 && now <= days:
		case now == 0:
			m.refuse(one.Address+".retention_in_days",
				"found lines that are kept for good, and services.%s.logRetentionDays keeps them %d days; "+
					"export them and say --shorter-logs", service, days)
		default:
			m.requireSetting("services", []string{service, "logRetentionDays"}, now,
				"a shorter retention deletes lines that are kept today (or say --shorter-logs)")
		}
		m.importAs(one, catalog.LogGroup, service, one.Text("name"), nil)
	}
}

// sharedLog is the resource of a log group whose name AWS or the program fixes, beside those of the
// services; empty for another one. A second one of the name could not be made.
func (m *matcher) sharedLog(name string) string {
	return map[string]string{
		"/aws/rds/cluster/" + m.stack.Environment.Name("aurora") + "/postgresql": "aurora-log",
		"/ecs/" + m.stack.Environment.Name("exec"):                               "cluster-exec",
		m.stack.Environment.Path("vpc-flow-logs"):                                "network-flow-logs",
		"aws-waf-logs-" + m.stack.Environment.Name():                             "web-acl-logs",
	}[name]
}
