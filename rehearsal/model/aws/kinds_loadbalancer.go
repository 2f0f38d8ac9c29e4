package aws

import (
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const (
	loadBalancerType = "aws:lb/loadBalancer:LoadBalancer"
	targetGroupType  = "aws:lb/targetGroup:TargetGroup"
	listenerType     = "aws:lb/listener:Listener"
	listenerRuleType = "aws:lb/listenerRule:ListenerRule"
)

const elbARN = "arn:aws:elasticloadbalancing:{region}:{account}:"

// loadBalancerKinds are application load balancers. A listener's ARN ends like its load balancer's,
// a rule's like its listener's.
var loadBalancerKinds = map[string]*provider.Kind{
	loadBalancerType: {
		ID:     "{arn}",
		ARN:    elbARN + "loadbalancer/app/{name}/{hex16}",
		Naming: provider.Naming{Property: "name", Max: 32},
		Defaults: map[string]any{
			"loadBalancerType":         "application",
			"internal":                 false,
			"idleTimeout":              60.0,
			"enableHttp2":              true,
			"enableDeletionProtection": false,
			"dropInvalidHeaderFields":  false,
			"desyncMitigationMode":     "defensive",
			"ipAddressType":            "ipv4",
			"enableZonalShift":         false,
			"preserveHostHeader":       false,
			"xffHeaderProcessingMode":  "append",
			"clientKeepAlive":          3600.0,
		},
		Compute: computeLoadBalancer,
		Owned:   loadBalancerInterfaces,
	},
	targetGroupType: {
		ID:     "{arn}",
		ARN:    elbARN + "targetgroup/{name}/{hex16}",
		Naming: provider.Naming{Property: "name", Max: 32},
		Defaults: map[string]any{
			"targetType":                    "instance",
			"deregistrationDelay":           "300",
			"slowStart":                     0.0,
			"protocolVersion":               "HTTP1",
			"ipAddressType":                 "ipv4",
			"loadBalancingAlgorithmType":    "round_robin",
			"loadBalancingCrossZoneEnabled": "use_load_balancer_configuration",
		},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			_, suffix, _ := strings.Cut(o.Text("arn"), ":targetgroup/")
			o.Set("arnSuffix", "targetgroup/"+suffix)
			// Rules that use it come later; AWS would show them at the next refresh.
			o.Once("loadBalancerArns", func() any { return []any{} })
		},
	},
	listenerType: {
		ID:  "{arn}",
		ARN: elbARN + "listener/{of}/{hex16}",
		Terms: func(_ *provider.Request, o *provider.Outputs) map[string]string {
			return map[string]string{"of": after(o.Text("loadBalancerArn"), ":loadbalancer/")}
		},
		Within:   &provider.Containment{Type: loadBalancerType, Property: "loadBalancerArn"},
		Defaults: map[string]any{"protocol": "HTTP"},
	},
	listenerRuleType: {
		ID:  "{arn}",
		ARN: elbARN + "listener-rule/{of}/{hex16}",
		Terms: func(_ *provider.Request, o *provider.Outputs) map[string]string {
			return map[string]string{"of": after(o.Text("listenerArn"), ":listener/")}
		},
		Within: &provider.Containment{Type: listenerType, Property: "listenerArn"},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Default("priority", func() any {
				last := 0.0
				for _, other := range r.Where(listenerRuleType, "listenerArn", o.Text("listenerArn")) {
					if priority, _ := provider.Values(other.Outputs).Number("priority"); priority > last {
						last = priority
					}
				}
				return last + 1
			})
		},
	},
}

// elbZoneIDs are the hosted zones of application load balancers, by region.
// https://docs.aws.amazon.com/general/latest/gr/elb.html
var elbZoneIDs = map[string]string{
	"ap-northeast-1": "Z14GRHDCWA56QT",
	"ap-northeast-3": "Z5LXEXXYW11ES",
	"ap-southeast-1": "Z1LMS91P8CMLE5",
	"eu-west-1":      "Z32O12XQLNTSW2",
	"us-east-1":      "Z35SXDOTRQ7X7K",
	"us-west-2":      "Z1H1FL5HABSF5",
}

func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

func computeLoadBalancer(r *provider.Request, o *provider.Outputs) {
	o.Set("arnSuffix", after(o.Text("arn"), ":loadbalancer/"))
	o.Once("dnsName", func() any {
		return o.Text("name") + "-" + provider.Random("123456789", 10) + "." + r.Region + ".elb.amazonaws.com"
	})
	o.Set("zoneId", elbZoneIDs[r.Region])
	o.Set("vpcId", "")
	for _, id := range o.Texts("subnets") {
		if subnet := r.Find(subnetType, id); subnet != nil {
			o.Set("vpcId", subnet.Text("vpcId"))
		}
	}
}

func loadBalancerInterfaces(r *provider.Request, o *provider.Outputs) []provider.Part {
	var groups []any
	for _, group := range o.Texts("securityGroups") {
		groups = append(groups, group)
	}
	var parts []provider.Part
	for _, id := range o.Texts("subnets") {
		subnet := r.Find(subnetType, id)
		if subnet == nil {
			continue // a rule refuses the load balancer
		}
		eni := provider.StableID("eni-", 17, o.Text("arn"), id)
		parts = append(parts, provider.Part{
			Type: networkInterfaceType,
			ID:   eni,
			Name: eni,
			Outputs: map[string]any{
				"id": eni, "vpcId": subnet.Text("vpcId"), "subnetId": id, "groupIds": groups,
				"privateIp": keptAddress(r, eni, subnet), "publicIp": "", "description": "ELB " + o.Text("arnSuffix"),
			},
		})
	}
	return parts
}
