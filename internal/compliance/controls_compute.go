package compliance

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

var (
	loadBalancers   = []string{catalog.LoadBalancer}
	listeners       = []string{catalog.Listener}
	targetGroups    = []string{catalog.TargetGroup}
	services        = []string{catalog.ECSService}
	taskDefinitions = []string{catalog.TaskDefinition}
	repositories    = []string{catalog.Repository}
)

// tlsPolicies are those that ELB.17 recommends: TLS 1.2 or later, without ciphers in CBC mode.
var tlsPolicies = []string{
	"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
	"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-3-2021-06",
	"ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
	"ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
}

// application is whether a load balancer is an application load balancer, as it is by default.
func application(r *resource) bool {
	kind := r.at("loadBalancerType").text()
	return kind == "" || kind == "application"
}

// encryptedListener is whether a listener speaks TLS.
var encryptedListener = is("protocol", "HTTPS", "TLS")

var balancerControls = []Control{
	{
		ID:       "ELB.1",
		Title:    "HTTP listeners redirect to HTTPS",
		Severity: Medium,
		Types:    listeners,
		About:    "HTTP listener",
		applies:  is("protocol", "HTTP"),
		check:    redirects,
	},
	{
		ID:       "ELB.4",
		Title:    "Application load balancers drop invalid headers",
		Severity: Medium,
		Types:    loadBalancers,
		About:    "application load balancer",
		applies:  application,
		check:    wantsTrue("dropInvalidHeaderFields"),
	},
	{
		ID:       "ELB.5",
		Title:    "Load balancers log requests",
		Severity: Medium,
		Types:    loadBalancers,
		About:    "application load balancer",
		applies:  application,
		check:    wantsTrue("accessLogs.enabled"),
	},
	{
		ID:       "ELB.6",
		Title:    "Load balancers are protected from deletion",
		Severity: Medium,
		Types:    loadBalancers,
		About:    "load balancer",
		check:    wantsTrue("enableDeletionProtection"),
	},
	{
		ID:       "ELB.12",
		Title:    "Application load balancers guard against request smuggling",
		Severity: Medium,
		Types:    loadBalancers,
		About:    "application load balancer",
		applies:  application,
		check:    wantsOneOf("desyncMitigationMode", "defensive", "defensive", "strictest"),
	},
	{
		ID:       "ELB.13",
		Title:    "Load balancers span two zones",
		Severity: Medium,
		Types:    loadBalancers,
		About:    "load balancer",
		check:    func(s *stack, r *resource) string { return twoZones(s, r, r.at("subnets").texts()) },
	},
	{
		ID:       "ELB.17",
		Title:    "Listeners use a recommended security policy",
		Severity: Medium,
		Types:    listeners,
		About:    "TLS listener",
		applies:  encryptedListener,
		check:    wantsOneOf("sslPolicy", "ELBSecurityPolicy-2016-08", tlsPolicies...),
	},
	{
		ID:       "ELB.18",
		Title:    "Listeners use a protocol that encrypts",
		Severity: Medium,
		Types:    listeners,
		About:    "listener",
		check:    wantsOneOf("protocol", "HTTP", "HTTPS", "TLS"),
	},
	{
		ID:       "ELB.21",
		Title:    "Health checks of target groups use a protocol that encrypts",
		Severity: Medium,
		Types:    targetGroups,
		About:    "target group",
		check:    wantsOneOf("healthCheck.protocol", "HTTP", "HTTPS"),
	},
	{
		ID:       "ELB.22",
		Title:    "Target groups use a protocol that encrypts",
		Severity: Medium,
		Types:    targetGroups,
		About:    "target group",
		check:    wantsOneOf("protocol", "", "HTTPS", "TLS"),
	},
}

func redirects(_ *stack, r *resource) string {
	for _, action := range r.at("defaultActions").list() {
		if action.at("type").text() == "redirect" && action.at("redirect.protocol").text() == "HTTPS" {
			return ""
		}
	}
	return "no default action redirects to HTTPS"
}

// twoZones looks up the zones of subnets.
func twoZones(s *stack, r *resource, subnets []string) string {
	var zones []string
	for _, one := range s.of(r, catalog.Subnet) {
		if zone := one.at("availabilityZone").text(); slices.Contains(subnets, one.state.ID) &&
			!slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	if len(zones) < 2 {
		return "it is in fewer than two zones: " + strings.Join(zones, ", ")
	}
	return ""
}

var containerControls = []Control{
	{
		ID:       "ECS.1",
		Title:    "Tasks in host networking mode run with a user of their own",
		Severity: High,
		Types:    taskDefinitions,
		About:    "task definition in host mode",
		applies:  is("networkMode", "host"),
		check: func(s *stack, r *resource) string {
			for _, container := range containers(r) {
				if nonRoot(s, container) != "" && !container.at("privileged").yes() {
					return "the container " + container.part + " may run as root in the host's network"
				}
			}
			return ""
		},
	},
	{
		ID:       "ECS.2",
		Title:    "Services give tasks no public address",
		Severity: High,
		Types:    services,
		About:    "ECS service",
		check:    wantsFalse("networkConfiguration.assignPublicIp"),
	},
	{
		ID:       "ECS.3",
		Title:    "Tasks do not share the host's processes",
		Severity: High,
		Types:    taskDefinitions,
		About:    "task definition",
		check: func(_ *stack, r *resource) string {
			if r.at("pidMode").text() == "host" {
				return "pidMode is host"
			}
			return ""
		},
	},
	{
		ID:       "ECS.4",
		Title:    "Containers are not privileged",
		Severity: High,
		Types:    taskDefinitions,
		About:    "task definition",
		parts:    containers,
		check:    wantsFalse("privileged"),
	},
	{
		ID:       "ECS.5",
		Title:    "Containers have a read-only root file system",
		Severity: High,
		Types:    taskDefinitions,
		About:    "task definition",
		parts:    containers,
		check:    wantsTrue("readonlyRootFilesystem"),
	},
	{
		ID:       "ECS.8",
		Title:    "Containers get no secret as plain environment",
		Severity: High,
		Types:    taskDefinitions,
		About:    "task definition",
		parts:    containers,
		check:    noSecretsInEnvironment,
	},
	{
		ID:       "ECS.9",
		Title:    "Containers log",
		Severity: High,
		Types:    taskDefinitions,
		About:    "task definition",
		parts:    containers,
		check:    wantsSet("logConfiguration.logDriver"),
	},
	{
		ID:       "ECS.10",
		Title:    "Services run on the latest Fargate platform",
		Severity: Medium,
		Types:    services,
		About:    "ECS service",
		check:    wantsOneOf("platformVersion", "LATEST", "LATEST", "1.4.0"),
	},
	{
		ID:       "ECS.12",
		Title:    "Clusters have Container Insights",
		Severity: Medium,
		Types:    []string{catalog.ECSCluster},
		About:    "ECS cluster",
		check: func(_ *stack, r *resource) string {
			for _, setting := range r.at("settings").list() {
				if setting.at("name").text() == "containerInsights" &&
					slices.Contains([]string{"enabled", "enhanced"}, setting.at("value").text()) {
					return ""
				}
			}
			return "containerInsights is not enabled"
		},
	},
	{
		ID:       "ECS.18",
		Title:    "Tasks encrypt the way to EFS volumes",
		Severity: Medium,
		Types:    taskDefinitions,
		About:    "task definition with an EFS volume",
		applies:  func(r *resource) bool { return len(fileSystems(r)) > 0 },
		check: func(_ *stack, r *resource) string {
			for _, one := range fileSystems(r) {
				if one.at("transitEncryption").text() != "ENABLED" {
					return one.path() + ".transitEncryption is not ENABLED"
				}
			}
			return ""
		},
	},
	{
		ID:       "ECS.20",
		Title:    "Containers run as a user other than root",
		Severity: Medium,
		Types:    taskDefinitions,
		About:    "task definition",
		parts:    containers,
		check:    nonRoot,
	},
	{
		ID:       "ECR.1",
		Title:    "Repositories scan images",
		Severity: High,
		Types:    repositories,
		About:    "ECR repository",
		check:    wantsTrue("imageScanningConfiguration.scanOnPush"),
	},
	{
		ID:       "ECR.2",
		Title:    "Repositories have immutable tags",
		Severity: Medium,
		Types:    repositories,
		About:    "ECR repository",
		check:    wantsOneOf("imageTagMutability", "MUTABLE", "IMMUTABLE"),
	},
	{
		ID:       "ECR.3",
		Title:    "Repositories have a lifecycle policy",
		Severity: Medium,
		Types:    repositories,
		About:    "ECR repository",
		check:    wantsReferrer(catalog.RepositoryLifecycle, "repository", "lifecycle policy"),
	},
}

func fileSystems(r *resource) []value {
	var all []value
	for _, volume := range r.at("volumes").list() {
		if one := volume.at("efsVolumeConfiguration"); one.present() {
			all = append(all, one)
		}
	}
	return all
}
