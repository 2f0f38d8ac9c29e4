package cost

import (
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// vpcTraffic is what is paid for once in a network: traffic between its zones.
func vpcTraffic(e *estimator, r resource) {
	e.charge(vpc, r, "traffic between zones, both directions", "vpc.crossZoneGB", e.want("vpc.crossZoneGB")*2)
}

// address is a public IPv4 address, in use or not.
func address(e *estimator, r resource) {
	e.charge(vpc, r, "public IPv4 address, hours", "vpc.publicIPv4Hour", hoursPerMonth)
}

// natGateway shares the traffic evenly with the other gateways of the stack.
func natGateway(e *estimator, r resource) {
	e.charge(natGateways, r, "hours", "nat.hour", hoursPerMonth)
	share := 1 / float64(len(e.of(catalog.NATGateway)))
	e.charge(natGateways, r, "data processed", "nat.processedGB", e.want("nat.processedGB")*share)
	e.charge(natGateways, r, "data out to the internet", "transfer.internetGB", e.want("nat.internetOutGB")*share)
}

// endpoint is charged per subnet when it is an interface; a gateway costs nothing, and its traffic
// is listed for what it spares the NAT gateways.
func endpoint(e *estimator, r resource) {
	traffic := e.want("endpoint." + r.Name() + ".processedGB")
	switch kind := r.textOr("vpcEndpointType", "Gateway"); kind {
	case "Gateway":
		e.charge(endpoints, r, "data processed by a gateway endpoint", "endpoint.gateway.processedGB", traffic)
	case "Interface":
		e.charge(endpoints, r, "hours in each subnet", "endpoint.interface.hour", hoursPerMonth*r.subnets("subnetIds"))
		e.charge(endpoints, r, "data processed", "endpoint.interface.processedGB", traffic)
	default:
		e.problem("%s (%s): its vpcEndpointType is %q, want Gateway or Interface", r.Name(), r.Type, kind)
	}
}

// ofAWS says whether an interface endpoint leads to a service of AWS, and not to MongoDB Atlas,
// whose service name is known only later.
func ofAWS(r resource) bool {
	name := r.Input("serviceName").Text()
	return strings.HasPrefix(name, "com.amazonaws.") && !strings.HasPrefix(name, "com.amazonaws.vpce.")
}

// balancer has a public address in each of its subnets, when it faces the internet.
func balancer(e *estimator, r resource) {
	if kind := r.textOr("loadBalancerType", "application"); kind != "application" {
		e.problem("%s (%s): its loadBalancerType is %q, and only application is priced", r.Name(), r.Type, kind)
	}
	e.charge(loadBalancer, r, "hours", "alb.hour", hoursPerMonth)
	e.charge(loadBalancer, r, "capacity units, hours", "alb.lcuHour", e.want("alb.lcu")*hoursPerMonth)
	if !r.on("internal") {
		e.charge(loadBalancer, r, "public IPv4 addresses, hours", "vpc.publicIPv4Hour",
			hoursPerMonth*r.subnets("subnets"))
	}
}
