package aws

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const (
	ecsClusterType      = "aws:ecs/cluster:Cluster"
	ecsCapacityType     = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	ecsServiceType      = "aws:ecs/service:Service"
	taskDefinitionType  = "aws:ecs/taskDefinition:TaskDefinition"
	repositoryType      = "aws:ecr/repository:Repository"
	cacheRuleType       = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
	imageLifecycleType  = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
	scalingTargetType   = "aws:appautoscaling/target:Target"
	scalingPolicyType   = "aws:appautoscaling/policy:Policy"
	scheduledActionType = "aws:appautoscaling/scheduledAction:ScheduledAction"
	namespaceType       = "aws:servicediscovery/httpNamespace:HttpNamespace"
)

// imageType is no resource of the program: images are pushed, see Push. Their outputs are
// repository, digest, tags and pushed, a number that grows with each push.
const imageType = "aws:ecr/image:Image"

// inactive is a task definition that was deregistered: ECS keeps it, and starts nothing with it.
const inactive cloud.State = "inactive"

// computeKinds are clusters, services and their tasks, images and scaling.
var computeKinds = map[string]*provider.Kind{
	ecsClusterType: {
		ID:     "{arn}",
		ARN:    "arn:aws:ecs:{region}:{account}:cluster/{name}",
		Naming: provider.Naming{Property: "name", Max: 255},
		Import: importedBy("name"),
	},
	ecsCapacityType: {
		ID: "{clusterName}",
	},
	taskDefinitionType: {
		// The real id is the family, which all revisions share; the model's cloud has one object an
		// id.
		ID:       "{arn}",
		ARN:      "arn:aws:ecs:{region}:{account}:task-definition/{family}:{revision}",
		Terms:    nextRevision,
		Defaults: map[string]any{"skipDestroy": false, "trackLatest": false, "enableFaultInjection": false},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			family, revision, _ := strings.Cut(o.Text("arn"), "/"+o.Text("family")+":")
			o.Set("arnWithoutRevision", family+"/"+o.Text("family"))
			number, err := strconv.ParseFloat(revision, 64)
			if err != nil {
				panic(err) // the ARN is the template's above
			}
			o.Set("revision", number)
		},
		Remains: oldRevision,
	},
	ecsServiceType: {
		ID:  "{arn}",
		ARN: "arn:aws:ecs:{region}:{account}:service/{cluster name}/{name}",
		Terms: func(_ *provider.Request, o *provider.Outputs) map[string]string {
			return map[string]string{"cluster name": clusterName(o.Values)}
		},
		Defaults: map[string]any{
			"deploymentMaximumPercent":        200.0,
			"deploymentMinimumHealthyPercent": 100.0,
			"schedulingStrategy":              "REPLICA",
			"enableEcsManagedTags":            false,
			"enableExecuteCommand":            false,
			"waitForSteadyState":              false,
			"platformVersion":                 "LATEST",
			"availabilityZoneRebalancing":     "DISABLED",
		},
		Owned: taskInterfaces,
		Import: func(o *cloud.Object) string {
			return clusterName(provider.Values(o.Outputs)) + "/" + textOf(o, "name")
		},
	},
	repositoryType: {
		ID:       "{name}",
		ARN:      "arn:aws:ecr:{region}:{account}:repository/{name}",
		Naming:   provider.Naming{Property: "name", Max: 256, Lower: true},
		Defaults: map[string]any{"imageTagMutability": "MUTABLE", "forceDelete": false},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Set("registryId", r.Account)
			o.Set("repositoryUrl", registry(r.Account, r.Region)+"/"+o.Text("name"))
		},
	},
	cacheRuleType: {
		ID:      "{ecrRepositoryPrefix}",
		Compute: func(r *provider.Request, o *provider.Outputs) { o.Set("registryId", r.Account) },
	},
	repositoryPolicyType: {
		ID:      "{repository}",
		Put:     true,
		Within:  &provider.Containment{Type: repositoryType, Property: "repository"},
		Compute: func(r *provider.Request, o *provider.Outputs) { o.Set("registryId", r.Account) },
	},
	imageLifecycleType: {
		ID:      "{repository}",
		Put:     true,
		Within:  &provider.Containment{Type: repositoryType, Property: "repository"},
		Compute: func(r *provider.Request, o *provider.Outputs) { o.Set("registryId", r.Account) },
	},
	scalingTargetType: {
		ID:     "{resourceId}",
		ARN:    "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{hex20}",
		Import: importedBy("serviceNamespace", "/", "resourceId", "/", "scalableDimension"),
	},
	scalingPolicyType: {
		ID: "{resourceId}/{name}",
		ARN: "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{uuid}:resource/{serviceNamespace}/{" +
			"resourceId}:policyName/{name}",
		Naming:   provider.Naming{Property: "name", Max: 256},
		Within:   &provider.Containment{Type: scalingTargetType, Property: "resourceId"},
		Defaults: map[string]any{"policyType": "StepScaling"},
		Compute:  computeScalingPolicy,
		Import:   importedBy("serviceNamespace", "/", "resourceId", "/", "scalableDimension", "/", "name"),
	},
	scheduledActionType: {
		ID: "{name}-{serviceNamespace}-{resourceId}",
		ARN: "arn:aws:autoscaling:{region}:{account}:scheduledAction:{uuid}:resource/{serviceNamespace}/{" +
			"resourceId}:scheduledActionName/{name}",
		Naming:   provider.Naming{Property: "name", Max: 256},
		Within:   &provider.Containment{Type: scalingTargetType, Property: "resourceId"},
		Defaults: map[string]any{"timezone": "UTC"},
	},
	namespaceType: {
		ID:      "ns-{hex16}",
		ARN:     "arn:aws:servicediscovery:{region}:{account}:namespace/{id}",
		Naming:  provider.Naming{Property: "name", Max: 1024},
		Compute: func(_ *provider.Request, o *provider.Outputs) { o.Set("httpName", o.Text("name")) },
	},
}

func registry(account, region string) string {
	return account + ".dkr.ecr." + region + ".amazonaws.com"
}

// clusterName is the name of a service's cluster, which is given by its name or ARN.
func clusterName(service provider.Values) string {
	name := service.Text("cluster")
	return name[strings.LastIndex(name, "/")+1:]
}

// nextRevision counts every revision that a family ever had: ECS gives no number twice.
func nextRevision(r *provider.Request, o *provider.Outputs) map[string]string {
	last := 0.0
	for _, earlier := range r.Where(taskDefinitionType, "family", o.Text("family")) {
		if number, _ := provider.Values(earlier.Outputs).Number("revision"); number > last {
			last = number
		}
	}
	return map[string]string{"revision": strconv.Itoa(int(last) + 1)}
}

// oldRevision is what ECS keeps of a task definition: active when the provider was told to leave
// it, else inactive.
func oldRevision(_ *provider.Request, deleted *cloud.Object) []*cloud.Object {
	kept := *deleted
	kept.State = inactive
	if provider.Values(deleted.Outputs).Is("skipDestroy", false) {
		kept.State = cloud.Retained
	}
	return []*cloud.Object{&kept}
}

// taskInterfaces are the interfaces of a service's tasks, one in each subnet at most, which keep
// subnets and security groups in use.
func taskInterfaces(r *provider.Request, o *provider.Outputs) []provider.Part {
	configuration := o.Object("networkConfiguration")
	var groups []any
	for _, group := range configuration.Texts("securityGroups") {
		groups = append(groups, group)
	}
	tasks, _ := o.Number("desiredCount")
	var parts []provider.Part
	for i, id := range configuration.Texts("subnets") {
		subnet := r.Find(subnetType, id)
		if subnet == nil || float64(i) >= tasks {
			continue
		}
		eni := provider.StableID("eni-", 17, o.Text("arn"), id)
		parts = append(parts, provider.Part{
			Type: networkInterfaceType,
			ID:   eni,
			Name: eni,
			Outputs: map[string]any{
				"id":          eni,
				"vpcId":       subnet.Text("vpcId"),
				"subnetId":    id,
				"groupIds":    groups,
				"privateIp":   keptAddress(r, eni, subnet),
				"publicIp":    "",
				"description": "arn:aws:ecs:" + r.Region + ":" + r.Account + ":attachment/" + eni,
			},
		})
	}
	return parts
}

// computeScalingPolicy makes the two alarms that a target tracking policy comes with.
func computeScalingPolicy(r *provider.Request, o *provider.Outputs) {
	o.Once("alarmArns", func() any {
		if o.Text("policyType") != "TargetTrackingScaling" {
			return []any{}
		}
		var arns []any
		for _, side := range []string{"AlarmHigh", "AlarmLow"} {
			arns = append(arns, fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:TargetTracking-%s-%s-%s", r.Region,
				r.Account, o.Text("resourceId"), side, provider.UUID()))
		}
		return arns
	})
}

// taskContainer is what the rules read of a container definition.
type taskContainer struct {
	Name         string
	Image        string
	User         string
	Memory       int
	Essential    *bool
	PortMappings []struct {
		Name          string
		ContainerPort int
		HostPort      int
		Protocol      string
		AppProtocol   string
	}
	MountPoints     []struct{ SourceVolume, ContainerPath string }
	Environment     []struct{ Name string }
	Secrets         []struct{ Name, ValueFrom string }
	DependsOn       []struct{ ContainerName, Condition string }
	LinuxParameters struct{ Capabilities struct{ Add []string } }
	HealthCheck     *struct {
		Command                                 []string
		Interval, Timeout, Retries, StartPeriod *float64
	}
	StopTimeout      *float64
	RestartPolicy    struct{ RestartAttemptPeriod *float64 }
	Privileged       bool
	LogConfiguration struct {
		LogDriver string
		Options   map[string]string
	}
}

func (c taskContainer) essential() bool { return c.Essential == nil || *c.Essential }

// containersOf reads a task definition's containers; nothing while they are not known.
func containersOf(definition provider.Values) ([]taskContainer, error) {
	text := definition.Text("containerDefinitions")
	if text == "" {
		return nil, nil
	}
	var containers []taskContainer
	err := json.Unmarshal([]byte(text), &containers)
	return containers, err
}
