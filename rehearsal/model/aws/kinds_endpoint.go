package aws

import (
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// gatewayPrefixLists are the services that have gateway endpoints, with the prefix lists of their
// addresses.
var gatewayPrefixLists = map[string]map[string]string{
	"ap-northeast-1": {"s3": "pl-61a54008", "dynamodb": "pl-78a54011"},
	"ap-northeast-3": {"s3": "pl-a4a540cd", "dynamodb": "pl-a2a540cb"},
	"ap-southeast-1": {"s3": "pl-6fa54006", "dynamodb": "pl-67a5400e"},
	"eu-west-1":      {"s3": "pl-6da54004", "dynamodb": "pl-6fa54006"},
	"us-east-1":      {"s3": "pl-63a5400a", "dynamodb": "pl-02cd2c6b"},
	"us-west-2":      {"s3": "pl-68a54001", "dynamodb": "pl-00a54069"},
}

// allowAll is the policy of an endpoint that is made without one.
const allowAll = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}`

func computeEndpoint(r *provider.Request, o *provider.Outputs) {
	o.Set("state", "available")
	o.Set("requesterManaged", false)
	o.Default("policy", func() any { return allowAll })
	o.Default("serviceRegion", func() any { return r.Region })
	if o.Text("vpcEndpointType") == "Gateway" {
		o.Set("prefixListId", gatewayPrefixLists[r.Region][serviceOf(o.Values, r.Region)])
		o.Once("cidrBlocks", func() any { return []any{"52.219.0.0/20", "3.5.152.0/21"} })
		return
	}
	o.Default("securityGroupIds", func() any { return []any{defaultGroup(r, o.Text("vpcId"))} })
	o.Set("dnsEntries", endpointNames(r, o))
	var interfaces []any
	for _, subnet := range o.Texts("subnetIds") {
		interfaces = append(interfaces, endpointInterface(o, subnet))
	}
	o.Set("networkInterfaceIds", interfaces)
}

// serviceOf returns the part of com.amazonaws.REGION.SERVICE that follows the region.
func serviceOf(inputs provider.Values, region string) string {
	return strings.TrimPrefix(inputs.Text("serviceName"), "com.amazonaws."+region+".")
}

func defaultGroup(r *provider.Request, vpc string) string {
	for _, group := range r.Where(securityGroupType, "vpcId", vpc) {
		if group.Part {
			return group.ID
		}
	}
	return ""
}

func endpointInterface(o *provider.Outputs, subnet string) string {
	return provider.StableID("eni-", 17, o.Text("id"), subnet)
}

// endpointNames are the endpoint's names: for all zones, for each zone, and the service's own.
func endpointNames(r *provider.Request, o *provider.Outputs) []any {
	suffix := fmt.Sprintf("%s.%s.vpce.amazonaws.com", serviceOf(o.Values, r.Region), r.Region)
	host := o.Text("id") + "-" + provider.StableID("", 8, o.Text("id"))
	entry := func(name, zoneID string) any { return map[string]any{"dnsName": name, "hostedZoneId": zoneID} }
	regional := "Z" + strings.ToUpper(provider.StableID("", 13, "vpce", r.Region))
	names := []any{entry(host+"."+suffix, regional)}
	for _, id := range o.Texts("subnetIds") {
		if subnet := r.Find(subnetType, id); subnet != nil {
			names = append(names, entry(host+"-"+subnet.Text("availabilityZone")+"."+suffix, regional))
		}
	}
	if o.Is("privateDnsEnabled", false) {
		names = append(names,
			entry(privateName(o.Values, r.Region), "Z"+strings.ToUpper(provider.StableID("", 13, o.Text("id")))))
	}
	return names
}

// privateName is the public name of a service that private DNS takes over: ecr.api is called
// api.ecr.
func privateName(inputs provider.Values, region string) string {
	parts := strings.Split(serviceOf(inputs, region), ".")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, ".") + "." + region + ".amazonaws.com"
}

func endpointParts(r *provider.Request, o *provider.Outputs) []provider.Part {
	if o.Text("vpcEndpointType") == "Gateway" {
		return nil
	}
	var groups []any
	for _, group := range o.Texts("securityGroupIds") {
		groups = append(groups, group)
	}
	var parts []provider.Part
	for _, id := range o.Texts("subnetIds") {
		subnet := r.Find(subnetType, id)
		if subnet == nil {
			continue
		}
		eni := endpointInterface(o, id)
		parts = append(parts, provider.Part{
			Type: networkInterfaceType,
			ID:   eni,
			Name: eni,
			Outputs: map[string]any{
				"id":          eni,
				"vpcId":       o.Text("vpcId"),
				"subnetId":    id,
				"groupIds":    groups,
				"privateIp":   keptAddress(r, eni, subnet),
				"publicIp":    "",
				"description": "VPC Endpoint Interface " + o.Text("id"),
			},
		})
	}
	return parts
}

// keptAddress is the address that an interface has already, or a free one of its subnet.
func keptAddress(r *provider.Request, eni string, subnet *cloud.Object) string {
	if old := r.Find(networkInterfaceType, eni); old != nil {
		return old.Text("privateIp")
	}
	return hostAddress(r, subnet)
}
