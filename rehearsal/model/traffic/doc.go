// Package traffic is what a load balancer and the services behind it do in time: rules share
// requests out to target groups, a target group has targets that are registered, healthy and
// draining, and a deployment of an ECS service starts tasks and ends others step by step. Its clock
// counts seconds.
//
// The other packages of the model know what a cloud consists of; this one knows what runs in it. It
// reads their objects and changes none.
package traffic

import (
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// The types that traffic depends on.
const (
	ServiceType    = "aws:ecs/service:Service"
	DefinitionType = "aws:ecs/taskDefinition:TaskDefinition"
	RuleType       = "aws:lb/listenerRule:ListenerRule"
	ListenerType   = "aws:lb/listener:Listener"
	GroupType      = "aws:lb/targetGroup:TargetGroup"
	BalancerType   = "aws:lb/loadBalancer:LoadBalancer"
	// DistributionType and VPCOriginType say which load balancer visitors' requests come to.
	DistributionType = "aws:cloudfront/distribution:Distribution"
	VPCOriginType    = "aws:cloudfront/vpcOrigin:VpcOrigin"
	IngressType      = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	EgressType       = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

// World is the load balancer, its rules and groups, the services and their tasks at one second.
type World struct {
	// Now is the second, from the beginning.
	Now int
	// StartSeconds is how long a task takes from its start until its container answers.
	StartSeconds int

	objects     map[cloud.Key]*cloud.Object
	tasks       []*task
	deployments map[cloud.Key]*deployment
	pending     []*request
	draws       int // among groups, and
	turns       int // among targets: they spread requests evenly
}

// New is a world of these objects in which every service is steady.
func New(objects []*cloud.Object, startSeconds int) *World {
	w := &World{
		StartSeconds: startSeconds,
		objects:      map[cloud.Key]*cloud.Object{},
		deployments:  map[cloud.Key]*deployment{},
	}
	for _, o := range objects {
		w.objects[o.Key] = o
	}
	for _, service := range w.ofType(ServiceType) {
		for range desired(service) {
			w.tasks = append(w.tasks, w.start(service, -startSeconds))
		}
	}
	for _, one := range w.tasks {
		one.state = healthy
	}
	return w
}

// Put adds an object, or puts it in the place of the one with its key. It starts a deployment of a
// service.
func (w *World) Put(o *cloud.Object) {
	w.objects[o.Key] = o
	if o.Type == ServiceType {
		w.deploy(o)
	}
}

// Remove takes an object out. The tasks of a service end with it.
func (w *World) Remove(key cloud.Key) {
	delete(w.objects, key)
	delete(w.deployments, key)
	for _, one := range w.tasks {
		if one.service == key && one.state != draining {
			w.drain(one)
		}
	}
}

// ofType are the objects of a type, sorted by their ids.
func (w *World) ofType(typ string) []*cloud.Object {
	keys := slices.SortedFunc(maps.Keys(w.objects), func(a, b cloud.Key) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	var found []*cloud.Object
	for _, key := range keys {
		if key.Type == typ {
			found = append(found, w.objects[key])
		}
	}
	return found
}

func values(o *cloud.Object) provider.Values { return provider.Values(o.Outputs) }

func number(v provider.Values, property string) int {
	n, _ := v.Number(property)
	return int(n)
}
