package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

const (
	prefix = "urn:pulumi:prod::bookmark-manager::"
	stack  = prefix + "pulumi:pulumi:Stack::bookmark-manager-prod"
	owner  = prefix + "bookmark-manager:network:Network::network"
)

// state is a resource in the component "network", or a component in the stack.
func state(typ, name string, inputs map[string]any, from map[string][]string) plan.State {
	one := plan.State{
		URN:                  prefix + typ + "::" + name,
		Type:                 typ,
		Custom:               typ != "bookmark-manager:network:Network",
		Parent:               owner,
		Inputs:               inputs,
		PropertyDependencies: from,
	}
	if !one.Custom {
		one.Parent = stack
	}
	return one
}

func group(name string) plan.State { return state(catalog.SecurityGroup, "network-"+name, nil, nil) }

func rule(typ, name string, inputs map[string]any, own string, other ...string) plan.State {
	from := map[string][]string{"securityGroupId": {prefix + catalog.SecurityGroup + "::network-" + own}}
	for _, one := range other {
		from["referencedSecurityGroupId"] = append(from["referencedSecurityGroupId"],
			prefix+catalog.SecurityGroup+"::network-"+one)
	}
	return state(typ, "network-"+name, inputs, from)
}

func tcp(from, to float64) map[string]any {
	return map[string]any{"ipProtocol": "tcp", "fromPort": from, "toPort": to}
}

func with(inputs map[string]any, name string, value any) map[string]any {
	inputs[name] = value
	return inputs
}

// small is a network of a balancer, a service and its database.
func small() []plan.State {
	return []plan.State{
		{URN: stack, Type: stackType},
		state("bookmark-manager:network:Network", "network", nil, nil),
		group("alb"),
		group("task"),
		group("database"),
		rule(catalog.IngressRule, "alb-in-443-cloudfront", with(tcp(443, 443), "prefixListId", "pl-1"), "alb"),
		rule(catalog.EgressRule, "alb-out-3000-task", tcp(3000, 3000), "alb", "task"),
		rule(catalog.IngressRule, "task-in-3000-alb", tcp(3000, 3000), "task", "alb"),
		rule(catalog.EgressRule, "task-out-5432-database", tcp(5432, 5433), "task", "database"),
		rule(catalog.EgressRule, "task-out-0-internet", map[string]any{"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
			"task"),
		rule(catalog.EgressRule, "task-out-53-resolver",
			with(with(tcp(53, 53), "ipProtocol", "udp"), "cidrIpv4", "10.0.0.2/32"), "task"),
		{URN: prefix + "pulumi:providers:aws::aws", Type: "pulumi:providers:aws", Custom: true, Parent: stack},
		{
			URN:    prefix + "random:index/randomId:RandomId::loose",
			Type:   "random:index/randomId:RandomId",
			Custom: true,
			Parent: stack,
		},
	}
}

func TestFlows(t *testing.T) {
	flows, err := New(small()).Flows()
	require.NoError(t, err)
	type seen struct {
		from, to, ports string
		open            bool
	}
	var got []seen
	for _, one := range flows {
		got = append(got, seen{one.From.Name, one.To.Name, one.Ports, one.Open()})
	}
	assert.Equal(t, []seen{
		{"alb", "task", "3000", true},
		{"cloudfront (prefix list pl-1)", "alb", "443", true},
		{"task", "0.0.0.0/0", "all", true},
		{"task", "10.0.0.2/32", "53/udp", true},
		{"task", "database", "5432-5433", false}, // the database has no rule for it
	}, got)
}

func TestFlowsRefuseARuleWithoutEnds(t *testing.T) {
	for want, one := range map[string]plan.State{
		`rule "network-x": its securityGroupId comes from 0 resources, want one`: state(catalog.IngressRule,
			"network-x", tcp(1, 1), nil),
		`rule "network-y": it names no group of the stack`: rule(catalog.IngressRule, "y", tcp(1, 1), "task"),
	} {
		_, err := New(append(small(), one)).Flows()
		assert.ErrorContains(t, err, want)
	}
}

func TestWhatBelongsWhere(t *testing.T) {
	inv := New(small())
	assert.Len(t, inv.Resources(), 10, "neither the stack, nor its component, nor its provider")
	assert.Len(t, inv.Providers(), 1)
	require.Len(t, inv.Components(), 1)
	assert.Len(t, inv.In(inv.Components()[0]), 9)
	loose := inv.OfType("random:index/randomId:RandomId")[0]
	_, inside := inv.Component(loose)
	assert.False(t, inside)
	assert.Equal(t, "loose", inv.Name(loose))
	assert.Equal(t, "alb", inv.Name(inv.OfType(catalog.SecurityGroup)[0]), "without its component's name")
}

func TestSourcesAreNamedOnce(t *testing.T) {
	alb, task := prefix+catalog.SecurityGroup+"::network-alb", prefix+catalog.SecurityGroup+"::network-task"
	one := state("aws:lb/loadBalancer:LoadBalancer", "network-lb", nil,
		map[string][]string{"a": {task, alb, task}, "b": {alb, "urn:gone"}})
	inv := New(append(small(), one))
	var names []string
	for _, used := range inv.Feeding(one, "a") {
		names = append(names, used.Name())
	}
	assert.Equal(t, []string{"network-alb", "network-task"}, names)
	assert.Len(t, inv.Uses(one), 2)
}
