package main

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/delivery"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/network"
	"github.com/bookmark-manager/infrastructure/observability"
)

// output is one entry of the stack's contract with what stands outside the program. Pipelines and
// people read these and nothing else.
type output struct {
	name   string
	secret bool
	reader string // who reads it, and what for
	value  pulumi.Input
}

func zoneOutputs(st *stack, zone *edge.Zone) []output {
	all := []output{
		{"nameServers", false, "the registrar: what the domain must point at", zone.NameServers},
	}
	if st.config.Edge.HostedZone().DNSSEC {
		all = append(all,
			output{"dsRecord", false, "the registrar: what makes the zone's signatures count", zone.DSRecord})
	}
	return all
}

func siteOutputs(st *stack, front *front, loadBalancer *compute.LoadBalancer) []output {
	all := []output{
		{"siteUrl", false, "release workflow: the health check through the public name",
			pulumi.String(st.config.SiteURL())},
		{"distributionId", false, "release workflow and operators: invalidating cached paths", front.distributionID},
	}
	if st.config.Edge.Standby != nil {
		all = append(all, output{"originTarget", false, "operators: edge.records.secondary of the distribution's stack",
			pulumi.StringMap{"dnsName": loadBalancer.DNSName, "zoneId": loadBalancer.ZoneID}})
	}
	return all
}

func networkOutputs(net *network.Network) []output {
	return []output{
		{"natPublicIps", false, "third parties: allow lists of what the tasks call", byName(net.NatPublicIPs)},
	}
}

func bucketOutputs(buckets *data.Buckets) []output {
	return []output{
		{"assetsBucket", false, "release workflow: where the web's static files go", buckets.AssetsName},
		{"backupsBucket", false, "operators: where dumps go", buckets.BackupsName},
	}
}

func databaseOutputs(db databases) []output {
	return []output{
		{"databaseCluster", false, "operators and the snapshot script: the active Aurora cluster",
			db.aurora.ClusterIdentifier},
		{"atlasCluster", false, "operators and the snapshot script: the Atlas cluster", db.atlas.ClusterName},
	}
}

func serviceOutputs(
	cluster *compute.Cluster, registry *compute.Registry, services map[string]*compute.Service,
) []output {
	tasks, running := pulumi.StringMap{}, pulumi.StringArray{}
	for _, name := range slices.Sorted(maps.Keys(services)) {
		if service := services[name]; service.Deployed {
			running = append(running, pulumi.String(service.Name))
			tasks[name] = service.TaskDefinitionArn
			if service.CanaryName != "" {
				running = append(running, pulumi.String(service.CanaryName))
				tasks[name+compute.CanarySuffix] = service.CanaryTaskDefinitionArn
			}
		}
	}
	return []output{
		{"clusterName", false, "release workflow and operators: the ECS cluster", cluster.Name},
		{"serviceNames", false, "release workflow: which services to wait for, canaries among them", running},
		{"taskDefinitionArns", false, "operators: the revision that each service and canary runs", tasks},
		{"repositoryUrls", false, "the application's workflow: where to push each service's image",
			byName(registry.URLs)},
	}
}

// migrationOutputs are there once the migration has an image.
func migrationOutputs(migration *compute.Migration) []output {
	if migration == nil || !migration.Deployed {
		return nil
	}
	return []output{
		{"migrationTaskDefinition", false, "release workflow: what to run before the services change",
			migration.TaskDefinitionArn},
		{"migrationNetwork", false, "release workflow: where to run it", migration.NetworkConfiguration},
	}
}

// dumpOutputs are there once the dump has an image.
func dumpOutputs(dump *compute.Dump) []output {
	if dump == nil || !dump.Deployed {
		return nil
	}
	return []output{
		{"dumpTaskDefinition", false, "operators: what to run for a dump at once", dump.TaskDefinitionArn},
		{"dumpNetwork", false, "operators: where to run it", dump.NetworkConfiguration},
	}
}

func observabilityOutputs(notifications *observability.Notifications, watch *observability.Observability) []output {
	return []output{
		{"dashboardName", false, "operators: the CloudWatch dashboard", watch.DashboardName},
		{"athenaWorkgroup", false, "operators: where the saved queries are", watch.WorkgroupName},
		{"alarmTopicArn", false, "operators: what alarms are sent to", notifications.TopicArn},
	}
}

// sentryOutputs are none when Sentry is off.
func sentryOutputs(sentry *observability.Sentry) []output {
	if sentry == nil {
		return nil
	}
	return []output{
		{"sentryDsns", false,
			"the application's workflow: NEXT_PUBLIC_SENTRY_DSN of the web build, which is in every browser",
			byName(sentry.DSNs)},
		{"sentryProjects", false, "release workflow: Sentry releases and source maps", byName(sentry.Projects)},
	}
}

// deliveryOutputs are none when delivery is off.
func deliveryOutputs(st *stack, pipelines *delivery.Delivery) []output {
	if st.config.Delivery.Provider == delivery.Off {
		return nil
	}
	return []output{
		{"deployRoleArn", false, "GitHub: the role of the deploy environment's jobs", pipelines.DeployRoleArn},
		{"previewRoleArn", false, "GitHub: the role of the preview and plan environments' jobs",
			pipelines.PreviewRoleArn},
		{"pushRoleArn", false, "GitHub: the role of the application's release jobs", pipelines.PushRoleArn},
	}
}

func byName(outputs map[string]pulumi.StringOutput) pulumi.StringMap {
	all := pulumi.StringMap{}
	for key, output := range outputs {
		all[key] = output
	}
	return all
}

func export(ctx *pulumi.Context, all []output) {
	for _, one := range all {
		if one.secret {
			ctx.Export(one.name, pulumi.ToSecret(one.value))
			continue
		}
		ctx.Export(one.name, one.value)
	}
}
