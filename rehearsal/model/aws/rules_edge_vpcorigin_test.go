package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// behind is an internal load balancer that CloudFront can reach: its VPC has an internet gateway,
// and its group admits CloudFront's prefix list on a port.
func (w *world) behind(port int) object {
	w.t.Helper()
	n := w.network()
	w.make(internetGatewayType, "internet", in{"vpcId": n.vpc.id})
	group := w.group(n.vpc.id, "alb")
	w.make(ingressRuleType, "in", in{
		"securityGroupId": group.id, "ipProtocol": "tcp", "fromPort": port, "toPort": port,
		"prefixListId": OriginFacing(tokyo),
	})
	return w.make(loadBalancerType, "alb", in{
		"internal": true, "subnets": []any{n.private.id, n.other.id}, "securityGroups": []any{group.id},
	})
}

// vpcOrigin are the inputs of a VPC origin, with some of its configuration changed.
func vpcOrigin(balancer string, more in) in {
	return in{"vpcOriginEndpointConfig": with(in{
		"name": "site", "arn": balancer, "httpPort": 80, "httpsPort": 443, "originProtocolPolicy": "https-only",
		"originSslProtocols": in{"items": []any{"TLSv1.2"}, "quantity": 1},
	}, more)}
}

func (w *world) vpcOrigin(more in) error {
	return failed(w.try(vpcOriginType, "site", vpcOrigin(w.behind(443).id, more)))
}

// through are the origins of a distribution that uses a VPC origin.
func through(id string) in {
	return in{"origins": []any{origin(in{"customOriginConfig": nil, "vpcOriginConfig": in{"vpcOriginId": id}})}}
}

// inUse is a VPC origin that a distribution uses.
func (w *world) inUse() (used object, balancer string) {
	w.t.Helper()
	balancer = w.behind(443).id
	used = w.make(vpcOriginType, "site", vpcOrigin(balancer, nil))
	require.NoError(w.t, w.distribute(through(used.id)))
	return used, balancer
}

var vpcOriginPairs = map[string]pair{
	"name and protocols of a VPC origin": {
		want: "InconsistentQuantities: The value of Quantity and the size of Items don't match: 2, 1",
		refuses: func(w *world) error {
			arn := w.behind(443).id
			for _, bad := range []in{{"name": strings.Repeat("a", 65)}, {"httpsPort": 0}, {"httpPort": 65536}} {
				if failed(w.try(vpcOriginType, "site", vpcOrigin(arn, bad))) == nil {
					return nil
				}
			}
			return failed(w.try(vpcOriginType, "site",
				vpcOrigin(arn, in{"originSslProtocols": in{"items": []any{"TLSv1.2"}, "quantity": 2}})))
		},
		passes: func(w *world) error { return w.vpcOrigin(in{"name": strings.Repeat("a", 64)}) },
	},
	"one VPC origin a name": {
		want: "EntityAlreadyExists: The entity already exists. You must provide a unique entity: site",
		refuses: func(w *world) error {
			arn := w.behind(443).id
			w.make(vpcOriginType, "site", vpcOrigin(arn, nil))
			return failed(w.try(vpcOriginType, "again", vpcOrigin(arn, nil)))
		},
		passes: func(w *world) error {
			arn := w.behind(443).id
			w.make(vpcOriginType, "site", vpcOrigin(arn, nil))
			return failed(w.try(vpcOriginType, "again", vpcOrigin(arn, in{"name": "again"})))
		},
	},
	"a VPC origin of a load balancer that CloudFront can reach": {
		want: "InvalidArgument: VPC origins are not supported in Availability Zone usw1-az2 of subnet subnet-*",
		refuses: func(w *world) error {
			f := w.front() // in a VPC without an internet gateway
			for _, arn := range []string{f.balancer.id, f.group.id, elb + "loadbalancer/app/none/1"} {
				if failed(w.try(vpcOriginType, "site", vpcOrigin(arn, nil))) == nil {
					return nil
				}
			}
			west := newWorld(w.t).other("us-west-1", account, nil)
			vpc := west.make(vpcType, "main", in{"cidrBlock": "10.0.0.0/16"})
			west.make(internetGatewayType, "internet", in{"vpcId": vpc.id})
			var subnets []any
			for zone, block := range map[string]string{"us-west-1a": "10.0.1.0/24", "us-west-1c": "10.0.2.0/24"} {
				subnets = append(subnets, west.make(subnetType, zone,
					in{"vpcId": vpc.id, "cidrBlock": block, "availabilityZone": zone}).id)
			}
			balancer := west.make(loadBalancerType, "alb", in{"internal": true, "subnets": subnets})
			return plain(failed(west.try(vpcOriginType, "site", vpcOrigin(balancer.id, nil))))
		},
		passes: func(w *world) error { return w.vpcOrigin(nil) },
	},
	"a VPC origin in use is not changed": {
		want: "CannotUpdateEntityWhileInUse: " + associated,
		refuses: func(w *world) error {
			used, balancer := w.inUse()
			return failed(w.update(used, vpcOrigin(balancer, in{"httpsPort": 8443})))
		},
		passes: func(w *world) error {
			used, balancer := w.inUse()
			if err := failed(w.update(used, with(vpcOrigin(balancer, nil), in{"tags": in{"a": "b"}}))); err != nil {
				return err
			}
			free := w.make(vpcOriginType, "free", vpcOrigin(balancer, in{"name": "free"}))
			return failed(w.update(free, vpcOrigin(balancer, in{"name": "free", "httpsPort": 8443})))
		},
	},
	"a VPC origin in use stays": {
		want: "CannotDeleteEntityWhileInUse: " + associated,
		refuses: func(w *world) error {
			used, _ := w.inUse()
			return w.delete(used)
		},
		passes: func(w *world) error {
			return w.delete(w.make(vpcOriginType, "site", vpcOrigin(w.behind(443).id, nil)))
		},
	},
	"an origin is of one kind": {
		want: "InvalidArgument: The origin alb is of more than one kind: customOriginConfig, vpcOriginConfig",
		refuses: func(w *world) error {
			used := w.make(vpcOriginType, "site", vpcOrigin(w.behind(443).id, nil))
			return w.distribute(in{"origins": []any{origin(in{"vpcOriginConfig": in{"vpcOriginId": used.id}})}})
		},
		passes: func(w *world) error { return w.distribute(nil) },
	},
	"a distribution uses VPC origins that are there": {
		want:    "EntityNotFound: The specified VPC origin does not exist: vo_none",
		refuses: func(w *world) error { return w.distribute(through("vo_none")) },
		passes: func(w *world) error {
			w.inUse()
			return nil
		},
	},
	"CloudFront comes in to a load balancer by its VPC origin": {
		want: "GatewayTimeout: no security group of ALB lets CloudFront in on port 443",
		refuses: func(w *world) error {
			balancer := w.behind(80)
			used := w.make(vpcOriginType, "site", vpcOrigin(balancer.id, nil))
			return replaced(w.distribute(through(used.id)), balancer.id, "ALB")
		},
		passes: func(w *world) error {
			w.inUse()
			return nil
		},
	},
}

// A subnet with an interface of CloudFront's is in use.
func TestAVPCOriginHoldsItsSubnets(t *testing.T) {
	w := newWorld(t)
	n := w.network()
	w.make(internetGatewayType, "internet", in{"vpcId": n.vpc.id})
	balancer := w.make(loadBalancerType, "alb", in{"internal": true, "subnets": []any{n.private.id, n.other.id}})
	used := w.make(vpcOriginType, "site", vpcOrigin(balancer.id, nil))
	require.NoError(t, w.delete(balancer))
	assert.ErrorContains(t, w.delete(n.private), "DependencyViolation")
	require.NoError(t, w.delete(used))
	assert.NoError(t, w.delete(n.private))
}
