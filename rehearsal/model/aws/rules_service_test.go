package aws

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// host is all that a service needs: a rule that leads to its target group, a cluster with capacity,
// a task definition.
type host struct {
	front
	cluster, definition object
}

func (w *world) host(containers ...in) host {
	w.t.Helper()
	h := host{front: w.front()}
	w.make(listenerRuleType, "web", h.rule(nil))
	h.cluster = w.make(ecsClusterType, "main", in{"name": "main"})
	w.make(ecsCapacityType, "main", in{"clusterName": "main", "capacityProviders": []any{"FARGATE"}})
	if len(containers) == 0 {
		containers = []in{box("web",
			in{"portMappings": []in{{"containerPort": 3000, "hostPort": 3000, "name": "http"}}})}
	}
	h.definition = w.make(taskDefinitionType, "web", w.task(nil, containers...))
	return h
}

func (h host) service(more in) in {
	return merged(in{
		"name":                       "web",
		"cluster":                    h.cluster.id,
		"taskDefinition":             h.definition.text("arn"),
		"desiredCount":               2,
		"capacityProviderStrategies": []any{in{"capacityProvider": "FARGATE", "weight": 100}},
		"networkConfiguration":       in{"subnets": []any{h.private.id, h.other.id}},
		"loadBalancers": []any{in{
			"targetGroupArn": h.group.id,
			"containerName":  "web",
			"containerPort":  3000,
		}},
	}, more)
}

// serviceIn is a service in a zone of another region.
func (w *world) serviceIn(zone string) error {
	w.t.Helper()
	there := w.other("us-west-1", account, nil)
	vpc := there.make(vpcType, "main", in{"cidrBlock": "10.0.0.0/16"})
	subnet := there.make(subnetType, "private",
		in{"vpcId": vpc.id, "cidrBlock": "10.0.11.0/24", "availabilityZone": zone})
	cluster := there.make(ecsClusterType, "main", in{"name": "main"})
	there.make(ecsCapacityType, "main", in{"clusterName": "main", "capacityProviders": []any{"FARGATE"}})
	definition := there.make(taskDefinitionType, "web", there.task(nil, box("web", nil)))
	err := failed(there.try(ecsServiceType, "web", in{
		"name": "web", "cluster": cluster.id, "taskDefinition": definition.text("arn"), "desiredCount": 1,
		"capacityProviderStrategies": []any{in{"capacityProvider": "FARGATE", "weight": 100}},
		"networkConfiguration":       in{"subnets": []any{subnet.id}},
	}))
	if err == nil {
		return nil
	}
	return errors.New(strings.ReplaceAll(err.Error(), subnet.id, "SUBNET"))
}

func weighted(weight int) in {
	return in{"capacityProviderStrategies": []any{in{"capacityProvider": "FARGATE", "weight": weight}}}
}

func (w *world) tryService(more in) error {
	w.t.Helper()
	return failed(w.try(ecsServiceType, "web", w.host().service(more)))
}

// serviceOf is a service of one container with this image and these secrets.
func (w *world) serviceOf(image string, secrets ...in) error {
	w.t.Helper()
	return w.start(started{image: image, secrets: secrets})
}

func (w *world) push(repository string) string {
	w.t.Helper()
	digest, err := Push(w.cloud, account, tokyo, repository, "v1")
	require.NoError(w.t, err)
	return digest
}

func connected(namespace, port string) in {
	return in{"serviceConnectConfiguration": in{"enabled": true, "namespace": namespace, "services": []any{
		in{"portName": port, "discoveryName": "api", "clientAlias": []any{in{"port": 3000}}},
	}}}
}

const ourECR = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/"

var servicePairs = map[string]pair{
	"one cluster a name": {
		want: "the cluster main exists already",
		refuses: func(w *world) error {
			w.make(ecsClusterType, "a", in{"name": "main"})
			return failed(w.try(ecsClusterType, "b", in{"name": "main"}))
		},
		passes: func(w *world) error { return failed(w.try(ecsClusterType, "a", in{"name": "main"})) },
	},
	"a cluster with services stays": {
		want: "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active.",
		refuses: func(w *world) error {
			h := w.host()
			w.make(ecsServiceType, "web", h.service(nil))
			return w.delete(h.cluster)
		},
		passes: func(w *world) error {
			h := w.host()
			if err := w.delete(w.make(ecsServiceType, "web", h.service(nil))); err != nil {
				return err
			}
			return w.delete(h.cluster)
		},
	},
	"a cluster's log of Exec sessions": {
		want:    "InvalidParameterException: The log group /ecs/exec is not encrypted",
		refuses: func(w *world) error { return w.execCluster(in{"name": "/ecs/exec"}) },
		passes: func(w *world) error {
			return w.execCluster(in{
				"name": "/ecs/exec",
				"kmsKeyId": w.make(keyType, "logs", in{"policy": letsIn("logs.ap-northeast-1.amazonaws.com", "")}).text(
					"arn",
				),
			})
		},
	},
	"capacity of a known cluster": {
		want:    "ClusterNotFoundException: Cluster not found: none",
		refuses: func(w *world) error { return failed(w.try(ecsCapacityType, "c", in{"clusterName": "none"})) },
		passes:  func(w *world) error { w.host(); return nil },
	},
	"known capacity providers": {
		want: "InvalidParameterException: The specified capacity provider 'FARGATE-SPOT' was not found. Specify a " +
			"valid name or ARN and try again.",
		refuses: func(w *world) error {
			w.make(ecsClusterType, "main", in{"name": "main"})
			return failed(w.try(ecsCapacityType, "c",
				in{"clusterName": "main", "capacityProviders": []any{"FARGATE-SPOT"}}))
		},
		passes: func(w *world) error {
			w.make(ecsClusterType, "main", in{"name": "main"})
			return failed(w.try(ecsCapacityType, "c",
				in{"clusterName": "main", "capacityProviders": []any{"FARGATE_SPOT"}}))
		},
	},
	"a service in a known cluster": {
		want:    "ClusterNotFoundException: Cluster not found.: none",
		refuses: func(w *world) error { return w.tryService(in{"cluster": "none", "capacityProviderStrategies": nil}) },
		passes:  func(w *world) error { return w.tryService(nil) },
	},
	"one service a name": {
		want: "InvalidParameterException: Creation of service was not idempotent.",
		refuses: func(w *world) error {
			h := w.host()
			w.make(ecsServiceType, "a", h.service(nil))
			return failed(w.try(ecsServiceType, "b", h.service(nil)))
		},
		passes: func(w *world) error {
			h := w.host()
			w.make(ecsServiceType, "a", h.service(nil))
			return failed(w.try(ecsServiceType, "b", h.service(in{"name": "api"})))
		},
	},
	"a launch type or a capacity provider strategy": {
		want: "InvalidParameterException: Specifying both a launch type and capacity provider strategy is not " +
			"supported. Remove one and try again.",
		refuses: func(w *world) error { return w.tryService(in{"launchType": "FARGATE"}) },
		passes: func(w *world) error {
			return w.tryService(in{"launchType": "FARGATE", "capacityProviderStrategies": nil})
		},
	},
	"another capacity provider strategy with a deployment": {
		want: "force_new_deployment should be true when capacity_provider_strategy is being updated",
		refuses: func(w *world) error {
			h := w.host()
			return failed(w.update(w.make(ecsServiceType, "web", h.service(nil)), h.service(weighted(50))))
		},
		passes: func(w *world) error {
			h := w.host()
			service, err := w.update(w.make(ecsServiceType, "web", h.service(nil)),
				h.service(merged(weighted(50), in{"forceNewDeployment": true})))
			if err != nil {
				return err
			}
			return failed(w.update(service, h.service(merged(weighted(50), in{"desiredCount": 3}))))
		},
	},
	"capacity that the cluster has": {
		want: "InvalidParameterException: The specified capacity provider strategy cannot contain a capacity " +
			"provider that is not associated with the cluster. Associate the capacity provider with the cluster and " +
			"try again: FARGATE_SPOT",
		refuses: func(w *world) error {
			return w.tryService(in{"capacityProviderStrategies": []any{in{"capacityProvider": "FARGATE_SPOT"}}})
		},
		passes: func(w *world) error { return w.tryService(nil) },
	},
	"a known task definition": {
		want: "ClientException: TaskDefinition is inactive: " +
			"arn:aws:ecs:ap-northeast-1:123456789012:task-definition/web:1",
		refuses: func(w *world) error {
			h := w.host()
			require.NoError(w.t, w.delete(h.definition))
			return failed(w.try(ecsServiceType, "web", h.service(nil)))
		},
		passes: func(w *world) error {
			h := w.host()
			h.definition = w.make(taskDefinitionType, "kept",
				w.task(in{"skipDestroy": true}, box("web", in{"portMappings": []in{{"containerPort": 3000}}})))
			require.NoError(w.t, w.delete(h.definition))
			return failed(w.try(ecsServiceType, "web", h.service(nil)))
		},
	},
	"a load balancer leads to a container's port": {
		want: "InvalidParameterException: The container web did not have a container port 3001 defined.",
		refuses: func(w *world) error {
			h := w.host()
			return failed(w.try(ecsServiceType, "web", h.service(in{"loadBalancers": []any{
				in{"targetGroupArn": h.group.id, "containerName": "web", "containerPort": 3001},
			}})))
		},
		passes: func(w *world) error { return w.tryService(nil) },
	},
	"a target group that a listener uses": {
		want: "InvalidParameterException: The target group with targetGroupArn " + elb +
			"targetgroup/lonely/* does not have an associated load balancer.",
		refuses: func(w *world) error {
			h := w.host()
			lonely := w.make(targetGroupType, "lonely", targetGroup(h.vpc.id, in{"name": "lonely"}))
			return withARNs(failed(w.try(ecsServiceType, "web", h.service(in{"loadBalancers": []any{
				in{"targetGroupArn": lonely.id, "containerName": "web", "containerPort": 3000},
			}}))))
		},
		passes: func(w *world) error { return w.tryService(nil) },
	},
	"a service in known subnets": {
		want: "InvalidParameterException: Error retrieving subnet information for [subnet-none]: The subnet ID does " +
			"not exist",
		refuses: func(w *world) error {
			return w.tryService(in{"networkConfiguration": in{"subnets": []any{"subnet-none"}}})
		},
		passes: func(w *world) error { return w.tryService(nil) },
	},
	"tasks in zones that Fargate has": {
		want:    notSteady + "Fargate runs no tasks in zone usw1-az2 of subnet SUBNET",
		refuses: func(w *world) error { return w.serviceIn("us-west-1c") },
		passes:  func(w *world) error { return w.serviceIn("us-west-1b") },
	},
	"a service with known security groups": {
		want: "InvalidParameterException: Error retrieving security group information for [sg-none]: The security " +
			"group does not exist",
		refuses: func(w *world) error {
			h := w.host()
			return failed(w.try(ecsServiceType, "web", h.service(in{"networkConfiguration": in{
				"subnets":        []any{h.private.id},
				"securityGroups": []any{"sg-none"},
			}})))
		},
		passes: func(w *world) error {
			h := w.host()
			group := w.make(securityGroupType, "web", in{"vpcId": h.vpc.id})
			return failed(w.try(ecsServiceType, "web", h.service(in{"networkConfiguration": in{
				"subnets":        []any{h.private.id},
				"securityGroups": []any{group.id},
			}})))
		},
	},
	"security groups of a service": {
		want: "InvalidParameterException: securityGroups can have at most 5 items.",
		refuses: func(w *world) error {
			_, err := w.check(ecsServiceType, "web",
				in{"networkConfiguration": in{"subnets": []any{"subnet-1"}, "securityGroups": seven()}})
			return err
		},
		passes: func(w *world) error {
			_, err := w.check(ecsServiceType, "web",
				in{"networkConfiguration": in{"subnets": []any{"subnet-1"}, "securityGroups": seven()[:5]}})
			return err
		},
	},
	"a grace period is for a load balancer": {
		want: "InvalidParameterException: Health check grace period is only valid for services configured to use " +
			"load balancers",
		refuses: func(w *world) error {
			return w.tryService(in{"healthCheckGracePeriodSeconds": 60, "loadBalancers": nil})
		},
		passes: func(w *world) error { return w.tryService(in{"healthCheckGracePeriodSeconds": 60}) },
	},
	"rebalancing needs room": {
		want: "InvalidParameterException: Availability Zone rebalancing does not support a maximumPercent of 100 or " +
			"less: 100",
		refuses: func(w *world) error {
			return w.tryService(in{"availabilityZoneRebalancing": "ENABLED", "deploymentMaximumPercent": 100})
		},
		passes: func(w *world) error {
			return w.tryService(in{"availabilityZoneRebalancing": "ENABLED", "deploymentMaximumPercent": 200})
		},
	},
	"a known namespace": {
		want: "NamespaceNotFoundException: The namespace " +
			"arn:aws:servicediscovery:ap-northeast-1:123456789012:namespace/ns-none was not found",
		refuses: func(w *world) error {
			return w.tryService(connected("arn:aws:servicediscovery:ap-northeast-1:123456789012:namespace/ns-none",
				"http"))
		},
		passes: func(w *world) error {
			return w.tryService(connected(w.make(namespaceType, "main", nil).text("arn"), "http"))
		},
	},
	"Service Connect offers a named port": {
		want: "InvalidParameterException: The portName grpc is not the name of a port mapping in the task definition.",
		refuses: func(w *world) error {
			return w.tryService(connected(w.make(namespaceType, "main", nil).text("arn"), "grpc"))
		},
		passes: func(w *world) error {
			return w.tryService(connected(w.make(namespaceType, "main", nil).text("arn"), "http"))
		},
	},
	"one service a Service Connect name": {
		want: "InvalidParameterException: The discovery name api is already used in the namespace by service web",
		refuses: func(w *world) error {
			h, namespace := w.host(), w.make(namespaceType, "main", nil).text("arn")
			w.make(ecsServiceType, "web", h.service(connected(namespace, "http")))
			return failed(w.try(ecsServiceType, "other",
				h.service(merged(connected(namespace, "http"), in{"name": "other"}))))
		},
		passes: func(w *world) error {
			h := w.host()
			w.make(ecsServiceType, "web", h.service(connected(w.make(namespaceType, "one", nil).text("arn"), "http")))
			return failed(w.try(ecsServiceType, "other", h.service(merged(connected(w.make(namespaceType, "two", nil).
				text("arn"), "http"), in{"name": "other"}))))
		},
	},
	"an image that ECR holds": {
		want: "waiting for ECS Service to reach a steady state: tasks failed to start: CannotPullContainerError: " +
			"failed to resolve ref " + ourECR + "web@sha256:0: not found",
		refuses: func(w *world) error {
			w.make(repositoryType, "web", in{"name": "web"})
			w.push("web")
			return w.serviceOf(ourECR + "web@sha256:0")
		},
		passes: func(w *world) error {
			w.make(repositoryType, "web", in{"name": "web"})
			return w.serviceOf(ourECR + "web@" + w.push("web"))
		},
	},
	"parameters that exist": {
		want: "waiting for ECS Service to reach a steady state: tasks failed to start: ResourceInitializationError: " +
			"unable to pull secrets or registry auth: invalid ssm parameters: " +
			"arn:aws:ssm:ap-northeast-1:123456789012:parameter/none",
		refuses: func(w *world) error {
			return w.serviceOf("public.ecr.aws/x/y:1",
				in{"name": "KEY", "valueFrom": "arn:aws:ssm:ap-northeast-1:123456789012:parameter/none"})
		},
		passes: func(w *world) error {
			key := w.make(parameterType, "key", in{"name": "/key", "type": "String", "insecureValue": "x"})
			return w.serviceOf("public.ecr.aws/x/y:1", in{"name": "KEY", "valueFrom": key.text("arn")})
		},
	},
}

func (w *world) execCluster(group in) error {
	w.make(logGroupType, "exec", group)
	return failed(w.try(ecsClusterType, "main", in{"configuration": in{"executeCommandConfiguration": in{
		"logging":          "OVERRIDE",
		"logConfiguration": in{"cloudWatchLogGroupName": "/ecs/exec", "cloudWatchEncryptionEnabled": true},
	}}}))
}

func TestRevisionsAreNeverGivenTwice(t *testing.T) {
	w := newWorld(t)
	first := w.make(taskDefinitionType, "web", w.task(in{"skipDestroy": true}))
	second := w.make(taskDefinitionType, "web", w.task(in{"cpu": "512", "memory": "1024"}))
	assert.Equal(t, "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/web:1", first.text("arn"))
	assert.Equal(t, "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/web:2", second.text("arn"))
	assert.Equal(t, "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/web", second.text("arnWithoutRevision"))
	require.NoError(t, w.delete(first))
	require.NoError(t, w.delete(second))
	assert.Equal(t, 3.0, w.make(taskDefinitionType, "web", w.task(nil)).outputs["revision"].NumberValue())
	objects, err := w.cloud.List()
	require.NoError(t, err)
	states := map[string]cloud.State{}
	for _, o := range objects {
		states[o.ARN[strings.LastIndex(o.ARN, "/")+1:]] = o.State
	}
	assert.Equal(t, map[string]cloud.State{"web:1": cloud.Retained, "web:2": inactive, "web:3": cloud.Active}, states)
}

func TestAServiceKeepsItsSubnetsAndGroupsInUse(t *testing.T) {
	w := newWorld(t)
	h := w.host()
	group := w.make(securityGroupType, "web", in{"vpcId": h.vpc.id})
	service := w.make(ecsServiceType, "web", h.service(in{"networkConfiguration": in{
		"subnets": []any{h.private.id, h.other.id}, "securityGroups": []any{group.id},
	}}))
	assert.Equal(t, "arn:aws:ecs:ap-northeast-1:123456789012:service/main/web", service.id)
	assert.ErrorContains(t, w.delete(group), "DependencyViolation")
	require.NoError(t, w.delete(service))
	assert.NoError(t, w.delete(group))
}

func TestLoadBalancersHaveTheirNamesInTheirARNs(t *testing.T) {
	w := newWorld(t)
	f := w.front()
	rule := w.make(listenerRuleType, "web", f.rule(in{"priority": nil}))
	suffix := f.balancer.text("arnSuffix")
	assert.Regexp(t, `^app/alb-[0-9a-f]{7}/[0-9a-f]{16}$`, suffix)
	assert.Equal(t, elb+"loadbalancer/"+suffix, f.balancer.id)
	assert.Regexp(t, `^`+elb+`listener/`+suffix+`/[0-9a-f]{16}$`, f.listener.id)
	assert.Regexp(t, `^`+elb+`listener-rule/`+suffix+`/[0-9a-f]{16}/[0-9a-f]{16}$`, rule.id)
	assert.Equal(t, 1.0, rule.outputs["priority"].NumberValue(), "the next free one")
	assert.Regexp(t, `^alb-[0-9a-f]{7}-[0-9]{10}\.ap-northeast-1\.elb\.amazonaws\.com$`, f.balancer.text("dnsName"))
	assert.Equal(t, "Z14GRHDCWA56QT", f.balancer.text("zoneId"))
	assert.Equal(t, f.vpc.id, f.balancer.text("vpcId"))
	assert.Equal(t, "targetgroup/"+after(f.group.id, ":targetgroup/"), f.group.text("arnSuffix"))
}

func TestPush(t *testing.T) {
	w := newWorld(t)
	_, err := Push(w.cloud, account, tokyo, "web", "v1")
	assert.EqualError(t, err,
		"push web:v1: RepositoryNotFoundException: The repository with name 'web' does not exist in the registry "+
			"with id '123456789012'")
	repository := w.make(repositoryType, "web",
		in{"name": "web", "imageTagMutability": "IMMUTABLE", "forceDelete": true})
	first, err := Push(w.cloud, account, tokyo, "web", "v1")
	require.NoError(t, err)
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, first)
	_, err = Push(w.cloud, account, tokyo, "web", "v1")
	assert.ErrorContains(t, err, "ImageTagAlreadyExistsException")
	second, err := Push(w.cloud, account, tokyo, "web", "v2")
	require.NoError(t, err)
	assert.NotEqual(t, first, second)
	require.NoError(t, w.delete(repository))
	objects, err := w.cloud.List()
	require.NoError(t, err)
	assert.Empty(t, objects, "a repository that is forced goes with its images")
}
