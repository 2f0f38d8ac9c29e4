package aws

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const https = 443

// reachRules are about what tasks must reach to start: security groups, routes and
// endpoints on the way to ECR, Parameter Store and CloudWatch Logs.
var reachRules = []provider.Rule{
	{
		Name:  "a task reaches what it starts from",
		Types: startsTasks,
		When:  provider.OnWrite,
		Why: "ECS stopped task errors: ResourceInitializationError, CannotPullContainerError; vpc-endpoints: " +
			"private DNS leads every " +
			"request to an endpoint that is there",
		Check: func(r *provider.Request) error {
			task, known := taskOf(r)
			if !known {
				return nil
			}
			containers, err := containersOf(task)
			if err != nil {
				return fmt.Errorf("read the containers of the task definition: %w", err)
			}
			network := placeOf(r)
			for _, subnet := range network.Texts("subnets") {
				from := taskOrigin{groups: network.Texts("securityGroups"), subnet: r.Find(subnetType, subnet)}
				from.public = network.Is("assignPublicIp", false)
				if from.subnet == nil {
					continue // another rule's
				}
				if err := from.starts(r, containers); err != nil {
					return err
				}
			}
			return nil
		},
	},
}

// taskOrigin is where a task's requests come from.
type taskOrigin struct {
	groups []string
	subnet *cloud.Object
	public bool // its interface has a public address
}

// starts is nil if a task can reach what ECS fetches before its containers run.
func (o taskOrigin) starts(r *provider.Request, containers []taskContainer) error {
	init := failedStart(r) + "ResourceInitializationError: "
	for _, c := range containers {
		needs := map[string]string{}
		if strings.HasPrefix(c.Image, registry(r.Account, r.Region)+"/") {
			const auth = "unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon " +
				"ECR: There is a connection issue " +
				"between the task and Amazon ECR. Check your task network configuration."
			needs["ecr.api"], needs["ecr.dkr"], needs["s3"] = auth, auth,
				"unable to pull the layers of "+c.Image+" from Amazon S3: i/o timeout"
		}
		for _, secret := range c.Secrets {
			if managedSecret(secret.ValueFrom) != "" {
				needs["secretsmanager"] = "unable to pull secrets or registry auth: unable to retrieve secret from " +
					"asm: The task cannot pull " +
					"secrets from AWS Secrets Manager. There is a connection issue between the task and AWS Secrets " +
					"Manager."
				continue
			}
			needs["ssm"] = "unable to pull secrets or registry auth: unable to retrieve secrets from ssm: The task " +
				"cannot pull secrets from " +
				"Systems Manager Parameter Store. There is a connection issue between the task and Parameter Store."
		}
		if c.LogConfiguration.LogDriver == "awslogs" {
			needs["logs"] = "failed to validate logger args: The task cannot find the Amazon CloudWatch log group " +
				"defined in the task definition. " +
				"There is a connection issue between the task and Amazon CloudWatch."
		}
		for _, service := range []string{"ecr.api", "ecr.dkr", "s3", "ssm", "secretsmanager", "logs"} {
			if words, needed := needs[service]; needed {
				if err := o.reaches(r, service); err != nil {
					return fmt.Errorf("%s%s\n(%s from %s: %w)", init, words, service, o.subnet.ID, err)
				}
			}
		}
	}
	return nil
}

// reaches is nil if https requests to a service of AWS get through.
func (o taskOrigin) reaches(r *provider.Request, service string) error {
	if endpoint := o.interfaceEndpoint(r, service); endpoint != nil {
		return o.reachesEndpoint(r, endpoint)
	}
	table := o.routeTable(r)
	if table == nil {
		return fmt.Errorf("the subnet has no route table")
	}
	if gateway := gatewayEndpoint(r, service, table.ID); gateway != nil {
		if o.lets(r, func(rule provider.Values) bool {
			return rule.Text("prefixListId") == gateway.Text("prefixListId") || rule.Text("cidrIpv4") == anyAddress
		}) {
			return nil
		}
		return fmt.Errorf("no security group of the task lets 443 out to the prefix list of the gateway endpoint %s",
			gateway.ID)
	}
	way := o.defaultRoute(r, table)
	if way == "" {
		return fmt.Errorf("there is no endpoint for it, and route table %s has no way to the internet", table.ID)
	}
	if strings.HasPrefix(way, "igw-") && !o.public {
		return fmt.Errorf("route table %s leads to %s, and the task has no public address", table.ID, way)
	}
	if !o.lets(r, func(rule provider.Values) bool { return rule.Text("cidrIpv4") == anyAddress }) {
		return fmt.Errorf("there is no endpoint for it, and no security group of the task lets 443 out to %s",
			anyAddress)
	}
	return nil
}

const anyAddress = "0.0.0.0/0"

// interfaceEndpoint is the interface endpoint that private DNS leads requests to a service to, or
// nil.
func (o taskOrigin) interfaceEndpoint(r *provider.Request, service string) *cloud.Object {
	for _, endpoint := range r.Where(endpointType, "vpcId", o.subnet.Text("vpcId")) {
		values := provider.Values(endpoint.Outputs)
		if endpointKind(values) == "Interface" && values.Is("privateDnsEnabled", false) &&
			serviceOf(values, r.Region) == service {
			return endpoint
		}
	}
	return nil
}

// reachesEndpoint is nil if the groups of the task and of the endpoint let 443 through.
func (o taskOrigin) reachesEndpoint(r *provider.Request, endpoint *cloud.Object) error {
	groups := provider.Values(endpoint.Outputs).Texts("securityGroupIds")
	subnets := provider.Values(endpoint.Outputs).Texts("subnetIds")
	out := o.lets(r, func(rule provider.Values) bool {
		return slices.Contains(groups, rule.Text("referencedSecurityGroupId")) ||
			o.covers(r, rule.Text("cidrIpv4"), subnets...)
	})
	if !out {
		return fmt.Errorf("no security group of the task lets 443 out to the endpoint %s", endpoint.ID)
	}
	in := lets(r, ingressRuleType, groups, func(rule provider.Values) bool {
		return slices.Contains(o.groups, rule.Text("referencedSecurityGroupId")) ||
			o.covers(r, rule.Text("cidrIpv4"), o.subnet.ID)
	})
	if !in {
		return fmt.Errorf("no security group of the endpoint %s lets 443 in from the task", endpoint.ID)
	}
	return nil
}

// covers reports whether a block of addresses holds whole subnets.
func (o taskOrigin) covers(r *provider.Request, block string, subnets ...string) bool {
	outer, err := netip.ParsePrefix(block)
	if err != nil || len(subnets) == 0 {
		return false
	}
	for _, id := range subnets {
		subnet := r.Find(subnetType, id)
		if subnet == nil {
			return false
		}
		inner, err := netip.ParsePrefix(subnet.Text("cidrBlock"))
		if err != nil || outer.Bits() > inner.Bits() || !outer.Contains(inner.Addr()) {
			return false
		}
	}
	return true
}

func (o taskOrigin) lets(r *provider.Request, peer func(provider.Values) bool) bool {
	return lets(r, egressRuleType, o.groups, peer)
}

// lets reports whether a rule of one of the groups, on a side of it, lets TCP on 443 through to or
// from a peer. Rules in the group itself count as those beside it.
func lets(r *provider.Request, typ string, groups []string, peer func(provider.Values) bool) bool {
	for _, rule := range r.List(typ) {
		values := provider.Values(rule.Inputs)
		if slices.Contains(groups, values.Text("securityGroupId")) && allowsHTTPS(values) && peer(values) {
			return true
		}
	}
	side := "egress"
	if typ == ingressRuleType {
		side = "ingress"
	}
	for _, id := range groups {
		group := r.Find(securityGroupType, id)
		if group == nil {
			continue
		}
		for _, inline := range provider.Values(group.Inputs).Objects(side) {
			if allowsHTTPS(provider.Values{
				"ipProtocol": inline["protocol"],
				"fromPort":   inline["fromPort"],
				"toPort":     inline["toPort"],
			}) &&
				inlineReaches(inline, peer) {
				return true
			}
		}
	}
	return false
}

// inlineReaches asks about each peer of a rule that is part of its group.
func inlineReaches(inline provider.Values, peer func(provider.Values) bool) bool {
	for property, single := range map[string]string{
		"cidrBlocks": "cidrIpv4", "prefixListIds": "prefixListId", "securityGroups": "referencedSecurityGroupId",
	} {
		for _, one := range inline.Texts(property) {
			values := &provider.Outputs{Values: provider.Values{}}
			values.Set(single, one)
			if peer(values.Values) {
				return true
			}
		}
	}
	return false
}

func allowsHTTPS(rule provider.Values) bool {
	if rule.Text("ipProtocol") == "-1" {
		return true
	}
	from, _ := rule.Number("fromPort")
	to, _ := rule.Number("toPort")
	return rule.Text("ipProtocol") == "tcp" && from <= https && https <= to
}

// routeTable is the one that the subnet uses: its own, else the VPC's main one.
func (o taskOrigin) routeTable(r *provider.Request) *cloud.Object {
	for _, association := range r.Where(routeAssociationType, "subnetId", o.subnet.ID) {
		return r.Find(routeTableType, association.Text("routeTableId"))
	}
	if vpc := r.Find(vpcType, o.subnet.Text("vpcId")); vpc != nil {
		return r.Find(routeTableType, vpc.Text("mainRouteTableId"))
	}
	return nil
}

// defaultRoute is the gateway to the internet in a route table, or "".
func (o taskOrigin) defaultRoute(r *provider.Request, table *cloud.Object) string {
	routes := []provider.Values{}
	for _, route := range r.Where(routeType, "routeTableId", table.ID) {
		if route.Text("destinationCidrBlock") == anyAddress {
			routes = append(routes, provider.Values(route.Inputs))
		}
	}
	for _, inline := range provider.Values(table.Inputs).Objects("routes") {
		if inline.Text("cidrBlock") == anyAddress {
			routes = append(routes, inline)
		}
	}
	for _, route := range routes {
		for _, property := range []string{"natGatewayId", "gatewayId", "transitGatewayId"} {
			if id := route.Text(property); id != "" {
				return id
			}
		}
	}
	return ""
}

// gatewayEndpoint is the gateway endpoint of a service in a route table, or nil.
func gatewayEndpoint(r *provider.Request, service, table string) *cloud.Object {
	for _, endpoint := range r.List(endpointType) {
		values := provider.Values(endpoint.Outputs)
		if endpointKind(values) == "Gateway" && serviceOf(values, r.Region) == service &&
			slices.Contains(values.Texts("routeTableIds"), table) {
			return endpoint
		}
	}
	return nil
}
