package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// serviceRules are about clusters and ECS services. A service is refused, too, when its tasks could
// not start: the provider waits until it is steady, and fails when it never is.
var serviceRules = []provider.Rule{
	{
		Name:  "one cluster a name",
		Types: []string{ecsClusterType},
		When:  provider.OnCreate,
		Why: "ECS CreateCluster returns the cluster of that name, which another resource manages; the model does " +
			"not forgive it",
		Check: unique(ecsClusterType, "the cluster %s exists already"),
	},
	{
		Name:  "a cluster with services stays",
		Types: []string{ecsClusterType},
		When:  provider.OnDelete,
		Why:   "ECS error codes: ClusterContainsServicesException",
		Check: func(r *provider.Request) error {
			for _, service := range r.List(ecsServiceType) {
				if clusterName(provider.Values(service.Inputs)) == r.Old.Name {
					return fmt.Errorf("ClusterContainsServicesException: The Cluster cannot be deleted while " +
						"Services are active.")
				}
			}
			return nil
		},
	},
	{
		Name:  "a cluster's log of Exec sessions",
		Types: []string{ecsClusterType},
		When:  provider.OnWrite,
		Why:   "ECS: a session of ECS Exec fails when its log group does not exist, or is to be encrypted and is not",
		Check: func(r *provider.Request) error {
			logs := r.Inputs.Object("configuration").Object("executeCommandConfiguration").Object("logConfiguration")
			name := logs.Text("cloudWatchLogGroupName")
			if name == "" {
				return nil
			}
			group := r.Find(logGroupType, name)
			switch {
			case r.Missing(group):
				return fmt.Errorf("InvalidParameterException: The log group %s does not exist", name)
			case group != nil && logs.Is("cloudWatchEncryptionEnabled", false) && group.Text("kmsKeyId") == "":
				return fmt.Errorf("InvalidParameterException: The log group %s is not encrypted", name)
			}
			return nil
		},
	},
	{
		Name:  "capacity of a known cluster",
		Types: []string{ecsCapacityType},
		When:  provider.OnWrite,
		Why:   "ECS error codes: ClusterNotFoundException",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("clusterName"); name != "" && r.Missing(findCluster(r, name)) {
				return fmt.Errorf("ClusterNotFoundException: Cluster not found: %s", name)
			}
			return nil
		},
	},
	{
		Name:  "known capacity providers",
		Types: []string{ecsCapacityType},
		When:  provider.OnCheck,
		Why:   "ECS PutClusterCapacityProviders: InvalidParameterException",
		Check: func(r *provider.Request) error {
			for _, name := range r.Inputs.Texts("capacityProviders") {
				if !slices.Contains([]string{"FARGATE", "FARGATE_SPOT"}, name) {
					return fmt.Errorf("InvalidParameterException: The specified capacity provider '%s' was not "+
						"found. Specify a valid name or ARN and try again.", name)
				}
			}
			return nil
		},
	},
	{
		Name:  "a service in a known cluster",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS CreateService: ClusterNotFoundException",
		Check: func(r *provider.Request) error {
			if name := clusterName(r.Inputs); name != "" && r.Missing(findCluster(r, name)) {
				return fmt.Errorf("ClusterNotFoundException: Cluster not found.: %s", name)
			}
			return nil
		},
	},
	{
		Name:  "one service a name",
		Types: []string{ecsServiceType},
		When:  provider.OnCreate,
		Why:   "ECS CreateService: Creation of service was not idempotent",
		Check: func(r *provider.Request) error {
			for _, other := range r.Others(ecsServiceType) {
				if name := r.Inputs.Text("name"); name != "" && other.Name == name &&
					clusterName(provider.Values(other.Inputs)) == clusterName(r.Inputs) {
					return fmt.Errorf("InvalidParameterException: Creation of service was not idempotent.")
				}
			}
			return nil
		},
	},
	{
		Name:  "a launch type or a capacity provider strategy",
		Types: []string{ecsServiceType},
		When:  provider.OnCheck,
		Why:   "ECS CreateService: InvalidParameterException",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("launchType") && r.Inputs.Has("capacityProviderStrategies") {
				return fmt.Errorf("InvalidParameterException: Specifying both a launch type and capacity provider " +
					"strategy is not supported. Remove one and try again.")
			}
			return nil
		},
	},
	{
		Name:  "another capacity provider strategy with a deployment",
		Types: []string{ecsServiceType},
		When:  provider.OnUpdate,
		Why:   "the provider 6, capacityProviderStrategyCustomizeDiff: it refuses the plan; 5 replaced the service",
		Check: func(r *provider.Request) error {
			before, after := strategies(provider.Values(r.Old.Inputs)), strategies(r.Inputs)
			unknown := r.Inputs.Unknown("capacityProviderStrategies")
			if r.Inputs.Is("forceNewDeployment", false) || unknown || maps.Equal(before, after) {
				return nil
			}
			return fmt.Errorf("force_new_deployment should be true when capacity_provider_strategy is being updated")
		},
	},
	{
		Name:  "capacity that the cluster has",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS CreateService: the capacity provider must be associated with the cluster",
		Check: func(r *provider.Request) error {
			if r.Preview || clusterName(r.Inputs) == "" {
				return nil
			}
			var associated []string
			if capacity := r.Find(ecsCapacityType, clusterName(r.Inputs)); capacity != nil {
				associated = provider.Values(capacity.Inputs).Texts("capacityProviders")
			}
			for _, strategy := range r.Inputs.Objects("capacityProviderStrategies") {
				if name := strategy.Text("capacityProvider"); !slices.Contains(associated, name) {
					return fmt.Errorf(
						"InvalidParameterException: The specified capacity provider strategy cannot contain a "+
							"capacity provider that is not associated with the cluster. Associate the capacity "+
							"provider with the cluster and try again: %s", name)
				}
			}
			return nil
		},
	},
	{
		Name:  "a known task definition",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS CreateService, UpdateService: ClientException",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("taskDefinition")
			definition := r.ByARN(arn)
			switch {
			case arn == "":
				return nil
			case r.Missing(definition) || definition != nil && definition.Type != taskDefinitionType:
				return fmt.Errorf("ClientException: Unable to describe task definition: %s", arn)
			case definition != nil && definition.State == inactive:
				return fmt.Errorf("ClientException: TaskDefinition is inactive: %s", arn)
			}
			return nil
		},
	},
	{
		Name:  "a load balancer leads to a container's port",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS CreateService: InvalidParameterException",
		Check: func(r *provider.Request) error {
			return eachBalancer(r, func(balancer provider.Values, containers []taskContainer) error {
				name := balancer.Text("containerName")
				port, _ := balancer.Number("containerPort")
				i := slices.IndexFunc(containers, func(c taskContainer) bool { return c.Name == name })
				if i < 0 {
					return fmt.Errorf("InvalidParameterException: The container %s does not exist in the task "+
						"definition.", name)
				}
				for _, mapping := range containers[i].PortMappings {
					if float64(mapping.ContainerPort) == port {
						return nil
					}
				}
				return fmt.Errorf("InvalidParameterException: The container %s did not have a container port %g "+
					"defined.", name, port)
			})
		},
	},
	{
		Name:  "a target group that a listener uses",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS CreateService: the target group does not have an associated load balancer",
		Check: func(r *provider.Request) error {
			return eachBalancer(r, func(balancer provider.Values, _ []taskContainer) error {
				arn := balancer.Text("targetGroupArn")
				for _, typ := range []string{listenerType, listenerRuleType} {
					for _, user := range r.List(typ) {
						if slices.Contains(forwardsTo(provider.Values(user.Inputs)), arn) {
							return nil
						}
					}
				}
				return fmt.Errorf("InvalidParameterException: The target group with targetGroupArn %s does not have "+
					"an associated load balancer.", arn)
			})
		},
	},
	{
		Name:  "a service in known subnets",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS CreateService: InvalidParameterException",
		Check: inNetwork("subnets", subnetType,
			"InvalidParameterException: Error retrieving subnet information for [%s]: The subnet ID does not exist"),
	},
	{
		Name:  "tasks in zones that Fargate has",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS: AWS_Fargate-Regions; the words of the refusal are the model's, AWS's were not seen",
		Check: func(r *provider.Request) error {
			for _, id := range r.Inputs.Object("networkConfiguration").Texts("subnets") {
				subnet := r.Find(subnetType, id)
				if subnet != nil && slices.Contains(withoutFargate, subnet.Text("availabilityZoneId")) {
					return fmt.Errorf("%sFargate runs no tasks in zone %s of subnet %s", notSteady,
						subnet.Text("availabilityZoneId"), id)
				}
			}
			return nil
		},
	},
	{
		Name:  "a service with known security groups",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS CreateService: InvalidParameterException",
		Check: inNetwork("securityGroups", securityGroupType,
			"InvalidParameterException: Error retrieving security group information for [%s]: The security group "+
				"does not exist"),
	},
	{
		Name:  "security groups of a service",
		Types: []string{ecsServiceType},
		When:  provider.OnCheck,
		Why:   "ECS AwsVpcConfiguration: there's a limit of 5 security groups",
		Check: func(r *provider.Request) error {
			groups := r.Inputs.Object("networkConfiguration").Texts("securityGroups")
			if len(groups) > groupsPerInterface {
				return fmt.Errorf("InvalidParameterException: securityGroups can have at most %d items.",
					groupsPerInterface)
			}
			return nil
		},
	},
	{
		Name:  "a grace period is for a load balancer",
		Types: []string{ecsServiceType},
		When:  provider.OnCheck,
		Why:   "ECS CreateService: InvalidParameterException",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("healthCheckGracePeriodSeconds") && !r.Inputs.Has("loadBalancers") {
				return fmt.Errorf("InvalidParameterException: Health check grace period is only valid for services " +
					"configured to use load balancers")
			}
			return nil
		},
	},
	{
		Name:  "rebalancing needs room",
		Types: []string{ecsServiceType},
		When:  provider.OnCheck,
		Why:   "ECS service rebalancing: maximumPercent above 100",
		Check: func(r *provider.Request) error {
			if most, ok := r.Inputs.Number("deploymentMaximumPercent"); ok && most <= 100 &&
				r.Inputs.Text("availabilityZoneRebalancing") == "ENABLED" {
				return fmt.Errorf("InvalidParameterException: Availability Zone rebalancing does not support a "+
					"maximumPercent of 100 or less: %g", most)
			}
			return nil
		},
	},
	{
		Name:  "a known namespace",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS error codes: NamespaceNotFoundException",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Object("serviceConnectConfiguration").Text("namespace")
			if !strings.HasPrefix(arn, "arn:") {
				return nil
			}
			if namespace := r.ByARN(arn); r.Missing(namespace) || namespace != nil && namespace.Type != namespaceType {
				return fmt.Errorf("NamespaceNotFoundException: The namespace %s was not found", arn)
			}
			return nil
		},
	},
	{
		Name:  "Service Connect offers a named port",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS CreateService: portName must match the name of a port mapping",
		Check: func(r *provider.Request) error {
			containers, known := containersOfService(r)
			for _, offered := range r.Inputs.Object("serviceConnectConfiguration").Objects("services") {
				has := func(c taskContainer) bool {
					for _, mapping := range c.PortMappings {
						if mapping.Name == offered.Text("portName") {
							return true
						}
					}
					return false
				}
				if known && !slices.ContainsFunc(containers, has) {
					return fmt.Errorf("InvalidParameterException: The portName %s is not the name of a port mapping "+
						"in the task definition.", offered.Text("portName"))
				}
			}
			return nil
		},
	},
	{
		Name:  "one service a Service Connect name",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS ServiceConnectService: discoveryName must be unique within the namespace",
		Check: func(r *provider.Request) error {
			own := r.Inputs.Object("serviceConnectConfiguration")
			for _, other := range r.Others(ecsServiceType) {
				theirs := provider.Values(other.Inputs).Object("serviceConnectConfiguration")
				for _, offered := range own.Objects("services") {
					taken := func(v provider.Values) bool {
						return v.Text("discoveryName") == offered.Text("discoveryName")
					}
					if own.Text("namespace") != "" && own.Text("namespace") == theirs.Text("namespace") &&
						slices.ContainsFunc(theirs.Objects("services"), taken) {
						return fmt.Errorf("InvalidParameterException: The discovery name %s is already used in the "+
							"namespace by service %s", offered.Text("discoveryName"), other.Name)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "an image that ECR holds",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS stopped task errors: CannotPullContainerError",
		Check: func(r *provider.Request) error {
			containers, _ := containersOfService(r)
			for _, c := range containers {
				name, ours := strings.CutPrefix(c.Image, registry(r.Account, r.Region)+"/")
				if repository, _, _ := strings.Cut(strings.ReplaceAll(name, "@", ":"), ":"); cachedFrom(r,
					repository) != nil {
					continue // ECR fetches what it lacks
				}
				if ours && !holds(r, name) && !r.Preview {
					return fmt.Errorf("waiting for ECS Service to reach a steady state: tasks failed to start: "+
						"CannotPullContainerError: failed to resolve ref %s: not found", c.Image)
				}
			}
			return nil
		},
	},
	{
		Name:  "parameters that exist",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why:   "ECS stopped task errors: ResourceInitializationError",
		Check: func(r *provider.Request) error {
			containers, _ := containersOfService(r)
			for _, c := range containers {
				for _, secret := range c.Secrets {
					parameter := r.ByARN(secret.ValueFrom)
					if strings.HasPrefix(secret.ValueFrom, "arn:aws:ssm:") && r.Missing(parameter) {
						return fmt.Errorf("waiting for ECS Service to reach a steady state: tasks failed to start: "+
							"ResourceInitializationError: unable to pull secrets or registry auth: invalid ssm "+
							"parameters: %s", secret.ValueFrom)
					}
				}
			}
			return nil
		},
	},
}

// strategies are the base and weight of each capacity provider: to the provider the list is a set.
func strategies(service provider.Values) map[string][2]float64 {
	all := map[string][2]float64{}
	for _, one := range service.Objects("capacityProviderStrategies") {
		base, _ := one.Number("base")
		weight, _ := one.Number("weight")
		all[one.Text("capacityProvider")] = [2]float64{base, weight}
	}
	return all
}

func findCluster(r *provider.Request, name string) *cloud.Object {
	return r.Find(ecsClusterType, fmt.Sprintf("arn:aws:ecs:%s:%s:cluster/%s", r.Region, r.Account, name))
}

// inNetwork makes the rule that a list of a service's network configuration names objects that
// exist.
func inNetwork(property, typ, message string) func(*provider.Request) error {
	return func(r *provider.Request) error {
		for _, id := range r.Inputs.Object("networkConfiguration").Texts(property) {
			if r.Missing(r.Find(typ, id)) {
				return fmt.Errorf(message, id)
			}
		}
		return nil
	}
}

// containersOfService reads the containers of a service's task definition, if that is known and
// exists.
func containersOfService(r *provider.Request) ([]taskContainer, bool) {
	definition := r.ByARN(r.Inputs.Text("taskDefinition"))
	if definition == nil {
		return nil, false
	}
	containers, err := containersOf(provider.Values(definition.Inputs))
	return containers, err == nil
}

// eachBalancer asks about every target group of a service whose containers are known.
func eachBalancer(r *provider.Request, ask func(balancer provider.Values, containers []taskContainer) error) error {
	containers, known := containersOfService(r)
	if !known || r.Preview {
		return nil
	}
	for _, balancer := range r.Inputs.Objects("loadBalancers") {
		if err := ask(balancer, containers); err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether the account's ECR has an image, by digest or tag.
func holds(r *provider.Request, name string) bool {
	for _, image := range r.List(imageType) {
		if image.ID == name || image.Name == name {
			return true
		}
	}
	return false
}
