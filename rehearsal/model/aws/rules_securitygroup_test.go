package aws

import "fmt"

// ingress asks for a rule that lets a range in on 443, changed by more.
func (w *world) ingress(group, name string, more in) error {
	inputs := in{"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
	for key, value := range more {
		inputs[key] = value
	}
	return failed(w.try(ingressRuleType, name, inputs))
}

var anywhere = in{"cidrIpv4": "0.0.0.0/0"}

var securityGroupPairs = map[string]pair{
	"a security group is in a VPC": {
		want:    "VPCIdNotSpecified: No default VPC for this user: set vpcId",
		refuses: func(w *world) error { return failed(w.try(securityGroupType, "web", in{})) },
		passes: func(w *world) error {
			return failed(w.try(securityGroupType, "web", in{"vpcId": w.network().vpc.id}))
		},
	},
	"one security group a name": {
		want: "InvalidGroup.Duplicate: The security group 'web' already exists for VPC 'vpc-*'",
		refuses: func(w *world) error {
			vpc := w.network().vpc.id
			w.make(securityGroupType, "first", in{"vpcId": vpc, "name": "web"})
			return plain(failed(w.try(securityGroupType, "second", in{"vpcId": vpc, "name": "web"})))
		},
		passes: func(w *world) error {
			w.make(securityGroupType, "first", in{"vpcId": w.network().vpc.id, "name": "web"})
			twin := w.make(vpcType, "twin", in{"cidrBlock": "10.1.0.0/16"})
			return failed(w.try(securityGroupType, "second", in{"vpcId": twin.id, "name": "web"}))
		},
	},
	"a rule on a known group": {
		want:    "InvalidGroup.NotFound: The security group 'sg-none' does not exist",
		refuses: func(w *world) error { return w.ingress("sg-none", "in", anywhere) },
		passes:  func(w *world) error { return w.ingress(w.group(w.network().vpc.id, "web").id, "in", anywhere) },
	},
	"a rule about a known group": {
		want: "InvalidGroup.NotFound: The security group 'sg-none' does not exist",
		refuses: func(w *world) error {
			return w.ingress(w.group(w.network().vpc.id, "web").id, "in", in{"referencedSecurityGroupId": "sg-none"})
		},
		passes: func(w *world) error {
			vpc := w.network().vpc.id
			return w.ingress(w.group(vpc, "web").id, "in", in{"referencedSecurityGroupId": w.group(vpc, "alb").id})
		},
	},
	"a rule about a group of its VPC": {
		want: "InvalidGroup.NotFound: You have specified two resources that belong to different networks: sg-* " +
			"and sg-*",
		refuses: func(w *world) error {
			twin := w.make(vpcType, "twin", in{"cidrBlock": "10.1.0.0/16"})
			return plain(w.ingress(w.group(w.network().vpc.id, "web").id, "in",
				in{"referencedSecurityGroupId": w.group(twin.id, "alb").id}))
		},
		passes: func(w *world) error {
			vpc := w.network().vpc.id
			return w.ingress(w.group(vpc, "web").id, "in", in{"referencedSecurityGroupId": w.group(vpc, "alb").id})
		},
	},
	"a rule about a known prefix list": {
		want: "InvalidPrefixListID.NotFound: The prefix list ID 'pl-3b927c52' does not exist",
		refuses: func(w *world) error {
			return w.ingress(w.group(w.network().vpc.id, "alb").id, "in", in{"prefixListId": "pl-3b927c52"})
		},
		passes: func(w *world) error {
			return w.ingress(w.group(w.network().vpc.id, "alb").id, "in", in{"prefixListId": "pl-58a04531"})
		},
	},
	"a rule has one peer": {
		want: "one of [cidrIpv4 cidrIpv6 prefixListId referencedSecurityGroupId] must be specified, got [cidrIpv4 " +
			"referencedSecurityGroupId]",
		refuses: func(w *world) error {
			return w.ingress("sg-none", "in", in{"cidrIpv4": "0.0.0.0/0", "referencedSecurityGroupId": unknown})
		},
		passes: func(w *world) error { return w.ingress(w.group(w.network().vpc.id, "web").id, "in", anywhere) },
	},
	"a rule's range is a range": {
		want: "InvalidParameterValue: CIDR block 10.0.1.5/24 is malformed",
		refuses: func(w *world) error {
			return w.ingress(w.group(w.network().vpc.id, "web").id, "in", in{"cidrIpv4": "10.0.1.5/24"})
		},
		passes: func(w *world) error {
			return w.ingress(w.group(w.network().vpc.id, "web").id, "in", in{"cidrIpv6": "::/0"})
		},
	},
	"a rule has ports": {
		want: "InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
		refuses: func(w *world) error {
			return w.ingress(w.group(w.network().vpc.id, "web").id, "in", in{"cidrIpv4": "0.0.0.0/0", "toPort": nil})
		},
		passes: func(w *world) error {
			return w.ingress(w.group(w.network().vpc.id, "web").id, "in", in{
				"cidrIpv4":   "0.0.0.0/0",
				"ipProtocol": "-1",
				"fromPort":   nil,
				"toPort":     nil,
			})
		},
	},
	"no rule twice": {
		want: `InvalidPermission.Duplicate: the specified rule "peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ` +
			`ALLOW" already exists`,
		refuses: func(w *world) error {
			web := w.group(w.network().vpc.id, "web").id
			if err := w.ingress(web, "first", anywhere); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			return w.ingress(web, "second", anywhere)
		},
		passes: func(w *world) error {
			web := w.group(w.network().vpc.id, "web").id
			if err := w.ingress(web, "first", anywhere); err != nil {
				return err
			}
			return w.ingress(web, "second", in{"cidrIpv4": "0.0.0.0/0", "fromPort": 80, "toPort": 80})
		},
	},
	"sixty rules a group and direction": {
		want: "RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached: " +
			"sg-* would have 110, a prefix list counted by its size, of 60",
		refuses: func(w *world) error {
			alb := w.group(w.network().vpc.id, "alb").id
			if err := w.ingress(alb, "https", in{"prefixListId": "pl-58a04531"}); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			return plain(w.ingress(alb, "http", in{"prefixListId": "pl-58a04531", "fromPort": 80, "toPort": 80}))
		},
		passes: func(w *world) error {
			alb := w.group(w.network().vpc.id, "alb").id
			if err := w.ingress(alb, "https", in{"prefixListId": "pl-58a04531"}); err != nil {
				return err
			}
			for port := range 5 {
				if err := w.ingress(alb, fmt.Sprint("port", port),
					in{"cidrIpv4": "10.0.0.0/16", "fromPort": port, "toPort": port}); err != nil {
					return err
				}
			}
			return nil
		},
	},
	"a security group in use stays": {
		want: "DependencyViolation: resource sg-* has a dependent object: sgr-*",
		refuses: func(w *world) error {
			vpc := w.network().vpc.id
			web, alb := w.group(vpc, "web"), w.group(vpc, "alb")
			if err := w.ingress(web.id, "in", in{"referencedSecurityGroupId": alb.id}); err != nil {
				return fmt.Errorf("the rule: %w", err)
			}
			return plain(w.delete(alb))
		},
		passes: func(w *world) error {
			vpc := w.network().vpc.id
			web, alb := w.group(vpc, "web"), w.group(vpc, "alb")
			if err := w.ingress(web.id, "in", in{"referencedSecurityGroupId": alb.id}); err != nil {
				return err
			}
			return w.delete(web)
		},
	},
}
