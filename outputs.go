package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/delivery"
)

// output is one entry of the stack's contract with what stands outside the program. Pipelines and people read these and
// nothing else.
type output struct {
	name   string
	secret bool
	reader string // who reads it, and what for
	value  pulumi.Input
}

// outputs is the whole contract. Without a delegated zone there are only the name servers to delegate it to.
func (s *system) outputs() []output {
	all := []output{
		{"nameServers", false, "the registrar: what the domain must point at", s.zone.NameServers},
	}
	if s.records == nil {
		return all
	}
	repositories, tasks := pulumi.StringMap{}, pulumi.StringMap{}
	services := pulumi.StringArray{}
	for _, name := range s.config.Services.Names() {
		repositories[name] = s.registry.URLs[name]
		if service := s.services[name]; service.Deployed {
			services = append(services, pulumi.String(service.Name))
			tasks[name] = service.TaskDefinitionArn
		}
	}
	all = append(all,
		output{"siteUrl", false, "release workflow: the health check through the public name", pulumi.String(s.config.siteURL())},
		output{"natPublicIps", false, "third parties: allow lists of what the tasks call", byName(s.network.NatPublicIPs)},
		output{"clusterName", false, "release workflow and operators: the ECS cluster", s.cluster.Name},
		output{"serviceNames", false, "release workflow: which services to wait for", services},
		output{"taskDefinitionArns", false, "operators: the revision that each service runs", tasks},
		output{"repositoryUrls", false, "the application's workflow: where to push each service's image", repositories},
		output{"distributionId", false, "release workflow and operators: invalidating cached paths", s.distribution.ID},
		output{"assetsBucket", false, "operators: where static files can be uploaded", s.buckets.AssetsName},
		output{"dashboardName", false, "operators: the CloudWatch dashboard", s.observability.DashboardName},
		output{"athenaWorkgroup", false, "operators: where the saved queries are", s.observability.WorkgroupName},
		output{"alarmTopicArn", false, "operators: what alarms are sent to", s.notifications.TopicArn},
		output{"backupsBucket", false, "operators: where dumps go", s.buckets.BackupsName},
		output{"databaseCluster", false, "operators and the snapshot script: the active Aurora cluster", s.aurora.ClusterIdentifier},
		output{"atlasCluster", false, "operators and the snapshot script: the Atlas cluster", s.atlas.ClusterName},
	)
	if s.migration != nil && s.migration.Deployed {
		all = append(all,
			output{"migrationTaskDefinition", false, "release workflow: what to run before the services change", s.migration.TaskDefinitionArn},
			output{"migrationNetwork", false, "release workflow: where to run it", s.migration.NetworkConfiguration},
		)
	}
	if s.sentry != nil {
		all = append(all, output{"sentryDsns", false, "the application's workflow: NEXT_PUBLIC_SENTRY_DSN of the web build, which is in every browser", byName(s.sentry.DSNs)},
			output{"sentryProjects", false, "release workflow: Sentry releases and source maps", byName(s.sentry.Projects)})
	}
	if s.config.Delivery.Provider != delivery.Off {
		all = append(all,
			output{"deployRoleArn", false, "GitHub: the role of the deploy environment's jobs", s.delivery.DeployRoleArn},
			output{"previewRoleArn", false, "GitHub: the role of the preview and plan environments' jobs", s.delivery.PreviewRoleArn},
			output{"pushRoleArn", false, "GitHub: the role of the application's release jobs", s.delivery.PushRoleArn},
		)
	}
	return all
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
