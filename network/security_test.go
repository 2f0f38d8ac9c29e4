package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// reach describes every rule that was registered as "group direction ports peer", sorted.
func reach(r *recorder.Recorder) []string {
	var all []string
	for typ, side := range map[string]string{
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "<-",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   "->",
	} {
		for _, one := range r.OfType(typ) {
			var peer any
			for _, input := range []string{"cidrIpv4", "prefixListId", "referencedSecurityGroupId"} {
				if value := one.Input(input); value != nil {
					peer = value
				}
			}
			ports := fmt.Sprint(one.Input("fromPort"))
			if to := fmt.Sprint(one.Input("toPort")); to != ports {
				ports += "-" + to
			}
			all = append(all, fmt.Sprintf("%v %s %s %v", one.Input("securityGroupId"), side, ports, peer))
		}
	}
	slices.Sort(all)
	return all
}

func TestWhoMayReachWhomInProd(t *testing.T) {
	assert.Equal(t, []string{
		"network-alb-http-id <- 80 pl-58a04531",
		"network-alb-https-id -> 3000 network-task-web-id",
		"network-alb-https-id -> 3001 network-task-api-id",
		"network-alb-https-id <- 443 pl-58a04531",
		"network-database-id <- 5432 network-task-api-id",
		"network-database-id <- 5432 network-task-migration-id",
		"network-endpoints-id <- 443 network-task-api-id",
		"network-endpoints-id <- 443 network-task-migration-id",
		"network-endpoints-id <- 443 network-task-web-id",
		"network-task-api-id -> 27015-27017 0.0.0.0/0",
		"network-task-api-id -> 443 0.0.0.0/0",
		"network-task-api-id -> 443 network-endpoints-id",
		"network-task-api-id -> 5432 network-database-id",
		"network-task-api-id <- 3001 network-alb-https-id",
		"network-task-api-id <- 3001 network-task-web-id",
		"network-task-migration-id -> 443 0.0.0.0/0",
		"network-task-migration-id -> 443 network-endpoints-id",
		"network-task-migration-id -> 5432 network-database-id",
		"network-task-web-id -> 3001 network-task-api-id",
		"network-task-web-id -> 443 0.0.0.0/0",
		"network-task-web-id -> 443 network-endpoints-id",
		"network-task-web-id <- 3000 network-alb-https-id",
	}, reach(mustBuild(t, nil)))
}

func TestWithoutNatOnlyEndpointsAreReached(t *testing.T) {
	assert.Equal(t, []string{
		"network-alb-http-id <- 80 0.0.0.0/0",
		"network-alb-https-id -> 3001 network-task-api-id",
		"network-alb-https-id <- 443 0.0.0.0/0",
		"network-atlas-id <- 1024-65535 network-task-api-id",
		"network-endpoints-id <- 443 network-task-api-id",
		"network-task-api-id -> 1024-65535 network-atlas-id",
		"network-task-api-id -> 443 network-endpoints-id",
		"network-task-api-id -> 443 pl-network-endpoint-s3",
		"network-task-api-id <- 3001 network-alb-https-id",
	}, reach(mustBuild(t, func(a *NetworkArgs) {
		a.Config.Nat, a.Config.Endpoints = NatNone, TaskEndpoints
		a.Config.Ingress.Source, a.CloudFrontPrefixListID, a.AtlasPrivateLink = FromInternet, nil, true
		a.Workloads = []Workload{{Name: "api", Port: 3001, LoadBalanced: true, Atlas: true}}
	})))
}

func TestAWorkloadReachesItsOtherDestinations(t *testing.T) {
	to := Egress{netip.MustParsePrefix("203.0.113.10/32"), 587}
	one := topology{nat: true, workloads: []Workload{{Name: "web", Egress: []Egress{to}}, {Name: "api"}}}
	require.NoError(t, one.validate().Err())
	assert.Contains(t, one.rules(), rule{"task-web", egress, 587, 587, "203.0.113.10/32"})
	assert.NotContains(t, one.rules(), rule{"task-api", egress, 587, 587, "203.0.113.10/32"})
	assert.Equal(t, "task-web-out-587-203.0.113.10-32", rule{"task-web", egress, 587, 587, "203.0.113.10/32"}.name())
	one.nat = false
	assert.ErrorContains(t, one.validate().Err(),
		"web.egress[0].to: found \"203.0.113.10/32\", want an address inside the VPC")
	one.workloads[0].Egress[0].To = netip.MustParsePrefix("10.8.0.0/16")
	assert.NoError(t, one.validate().Err(), "a network next to this one")
	one.nat, one.workloads[0].Egress[0] = true, Egress{netip.MustParsePrefix(anywhere), 443}
	assert.ErrorContains(t, one.validate().Err(), "want nothing: HTTPS is reached anyway")
}

func TestTheDatabaseLetsNothingOut(t *testing.T) {
	for _, r := range prod().topology().rules() {
		assert.False(t, r.group == groupDatabase && r.direction == egress, r.name())
	}
}

func TestRuleNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range prod().topology().rules() {
		assert.False(t, seen[r.name()], r.name())
		seen[r.name()] = true
	}
}

func TestThePrefixListCountsItsEntries(t *testing.T) {
	crowd := func(callers int) *NetworkArgs {
		args := prod()
		args.Workloads = nil
		for i := range callers {
			args.Workloads = append(args.Workloads, Workload{Name: fmt.Sprintf("s%d", i), Port: 3000, Database: true})
		}
		return args
	}
	assert.Empty(t, crowd(60).topology().validate())
	assert.ErrorContains(t, crowd(61).topology().validate().Err(),
		`: found "61 inbound rules of security group database", want 60 at most: fewer services that read DATABASE_URL`)
	assert.Equal(t, 55, rule{peer: peerCloudFront}.weight())
	assert.Equal(t, 1, rule{peer: peerInternet}.weight())
}

func TestTasksWithoutInterfaceEndpointsHaveNoEndpointGroup(t *testing.T) {
	r := mustBuild(t, func(a *NetworkArgs) {
		a.Config.Endpoints = []Endpoint{"s3"}
	})
	assert.NotContains(t, namesOf(r, "aws:ec2/securityGroup:SecurityGroup"), "endpoints")
}

func TestAWorkloadWaitsForItsOwnRulesAlone(t *testing.T) {
	_, n, err := build(nil)
	require.NoError(t, err)
	waits := func(resources []pulumi.Resource) []string {
		var names []string
		for _, one := range resources {
			names = append(names, strings.TrimPrefix(one.PulumiResourceName(), "network-"))
		}
		slices.Sort(names)
		return names
	}
	assert.Equal(t, []string{
		"alb-https-out-3000-task-web", "endpoints-in-443-task-web", "task-api-in-3001-task-web",
		"task-web-in-3000-alb-https",
		"task-web-out-3001-task-api", "task-web-out-443-endpoints", "task-web-out-443-internet",
	}, waits(n.WorkloadRules["web"]))
	var rules []string
	for _, name := range waits(n.Ready) {
		if strings.Contains(name, "-in-") || strings.Contains(name, "-out-") {
			rules = append(rules, name)
		}
	}
	assert.Equal(t, []string{"alb-http-in-80-cloudfront", "alb-https-in-443-cloudfront"}, rules)
}

// While an adoption moves from the former tasks to the stack's own, both answer the load
// balancer and reach the database.
func TestTheTasksOfBeforeGoOnDuringATransition(t *testing.T) {
	without := reach(mustBuild(t, func(*NetworkArgs) {}))
	with := reach(mustBuild(t, func(a *NetworkArgs) {
		a.Config.Transition = &Transition{TaskSecurityGroup: "sg-0123456789abcdef0"}
	}))
	var added []string
	for _, one := range with {
		if !slices.Contains(without, one) {
			added = append(added, one)
		}
	}
	assert.Equal(t, []string{
		"network-alb-https-id -> 3000 sg-0123456789abcdef0",
		"network-alb-https-id -> 3001 sg-0123456789abcdef0",
		"network-database-id <- 5432 sg-0123456789abcdef0",
		"network-endpoints-id <- 443 sg-0123456789abcdef0",
		"sg-0123456789abcdef0 <- 3000 network-alb-https-id",
		"sg-0123456789abcdef0 <- 3001 network-alb-https-id",
	}, added)
	assert.Len(t, with, len(without)+len(added))
}
