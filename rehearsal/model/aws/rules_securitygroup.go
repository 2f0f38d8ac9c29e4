package aws

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

var groupRuleTypes = []string{ingressRuleType, egressRuleType}

// peers are the properties that say whom a rule lets in or out.
var peers = []string{"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}

// rulesPerGroup is AWS's quota for each direction.
const rulesPerGroup = 60

var securityGroupRules = []provider.Rule{
	{
		Name:  "a security group is in a VPC",
		Types: []string{securityGroupType},
		When:  provider.OnCheck,
		Why:   "EC2 error codes: VPCIdNotSpecified; the model's account has no default VPC",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("vpcId") {
				return nil
			}
			return fmt.Errorf("VPCIdNotSpecified: No default VPC for this user: set vpcId")
		},
	},
	{
		Name:  "one security group a name",
		Types: []string{securityGroupType},
		When:  provider.OnCreate,
		Why:   "EC2 error codes: InvalidGroup.Duplicate",
		Check: func(r *provider.Request) error {
			name, vpc := r.Inputs.Text("name"), r.Inputs.Text("vpcId")
			for _, other := range r.Others(securityGroupType) {
				if name != "" && other.Name == name && vpc != "" && other.Text("vpcId") == vpc {
					return fmt.Errorf("InvalidGroup.Duplicate: The security group '%s' already exists for VPC '%s'",
						name, vpc)
				}
			}
			return nil
		},
	},
	{
		Name:  "a rule on a known group",
		Types: groupRuleTypes,
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidGroup.NotFound",
		Check: references("securityGroupId", securityGroupType,
			"InvalidGroup.NotFound: The security group '%s' does not exist"),
	},
	{
		Name:  "a rule about a known group",
		Types: groupRuleTypes,
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidGroup.NotFound",
		Check: references("referencedSecurityGroupId", securityGroupType,
			"InvalidGroup.NotFound: The security group '%s' does not exist"),
	},
	{
		Name:  "a rule about a group of its VPC",
		Types: groupRuleTypes,
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidGroup.NotFound",
		Check: func(r *provider.Request) error {
			own, other := r.Find(securityGroupType, r.Inputs.Text("securityGroupId")),
				r.Find(securityGroupType, r.Inputs.Text("referencedSecurityGroupId"))
			if own != nil && other != nil && own.Text("vpcId") != other.Text("vpcId") {
				return fmt.Errorf("InvalidGroup.NotFound: You have specified two resources that belong to different "+
					"networks: %s and %s", own.ID, other.ID)
			}
			return nil
		},
	},
	{
		Name:  "a rule about a known prefix list",
		Types: groupRuleTypes,
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidPrefixListID.NotFound",
		Check: func(r *provider.Request) error {
			id := r.Inputs.Text("prefixListId")
			if id == "" || r.Preview || prefixListWeight(r, id) > 0 {
				return nil
			}
			return fmt.Errorf("InvalidPrefixListID.NotFound: The prefix list ID '%s' does not exist", id)
		},
	},
	{
		Name:  "a rule has one peer",
		Types: groupRuleTypes,
		When:  provider.OnCheck,
		Why:   "the provider: ExactlyOneOf on the peers",
		Check: exactlyOne(peers...),
	},
	{
		Name:  "a rule's range is a range",
		Types: groupRuleTypes,
		When:  provider.OnCheck,
		Why:   "EC2 AuthorizeSecurityGroupIngress: InvalidParameterValue",
		Check: func(r *provider.Request) error {
			for _, property := range []string{"cidrIpv4", "cidrIpv6"} {
				text := r.Inputs.Text(property)
				if text == "" {
					continue
				}
				prefix, err := netip.ParsePrefix(text)
				if err != nil || prefix.Addr().Is4() != (property == "cidrIpv4") || prefix.Masked() != prefix {
					return fmt.Errorf("InvalidParameterValue: CIDR block %s is malformed", text)
				}
			}
			return nil
		},
	},
	{
		Name:  "a rule has ports",
		Types: groupRuleTypes,
		When:  provider.OnCheck,
		Why:   "EC2 AuthorizeSecurityGroupIngress: InvalidParameterValue",
		Check: portsOfRule,
	},
	{
		Name:  "no rule twice",
		Types: groupRuleTypes,
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidPermission.Duplicate",
		Check: func(r *provider.Request) error {
			if r.Inputs.Unknown(append([]string{"securityGroupId"}, peers...)...) {
				return nil
			}
			own := permission(r.Inputs)
			for _, other := range r.Others(r.Type) {
				if other.Text("securityGroupId") == r.Inputs.Text("securityGroupId") &&
					permission(provider.Values(other.Inputs)) == own {
					return fmt.Errorf("InvalidPermission.Duplicate: the specified rule %q already exists", own)
				}
			}
			return nil
		},
	},
	{
		Name:  "sixty rules a group and direction",
		Types: groupRuleTypes,
		When:  provider.OnWrite,
		Why:   "VPC quotas: inbound or outbound rules per security group; a prefix list counts as its maximum entries",
		Check: func(r *provider.Request) error {
			group := r.Inputs.Text("securityGroupId")
			if group == "" {
				return nil
			}
			total := ruleWeight(r, r.Inputs)
			for _, other := range r.Others(r.Type) {
				if other.Text("securityGroupId") == group {
					total += ruleWeight(r, provider.Values(other.Inputs))
				}
			}
			if total > rulesPerGroup {
				return fmt.Errorf("RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security "+
					"group has been reached: %s would have %d, a prefix list counted by its size, of %d", group, total,
					rulesPerGroup)
			}
			return nil
		},
	},
	{
		Name:  "a security group in use stays",
		Types: []string{securityGroupType},
		When:  provider.OnDelete,
		Why:   "EC2 error codes: DependencyViolation",
		Check: func(r *provider.Request) error {
			if user := groupUser(r, r.Old.ID); user != nil {
				return fmt.Errorf("DependencyViolation: resource %s has a dependent object: %s", r.Old.ID, user.ID)
			}
			return nil
		},
	},
}

func portsOfRule(r *provider.Request) error {
	if r.Inputs.Unknown("ipProtocol", "fromPort", "toPort") {
		return nil
	}
	protocol := strings.ToLower(r.Inputs.Text("ipProtocol"))
	from, hasFrom := r.Inputs.Number("fromPort")
	to, hasTo := r.Inputs.Number("toPort")
	switch {
	case !slices.Contains([]string{"tcp", "6", "udp", "17"}, protocol):
		return nil
	case !hasFrom || !hasTo:
		return fmt.Errorf("InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP/UDP.' " +
			"for portRange.")
	case from < 0 || to > 65535 || from > to:
		return fmt.Errorf("InvalidParameterValue: Invalid port range: %g to %g, want 0 to 65535, the lower one first",
			from, to)
	}
	return nil
}

// permission writes a rule as AWS's message about duplicates does.
func permission(inputs provider.Values) string {
	peer := ""
	for _, property := range peers {
		peer += inputs.Text(property)
	}
	protocol := strings.ToUpper(inputs.Text("ipProtocol"))
	if protocol == "-1" {
		return fmt.Sprintf("peer: %s, ALL, ALLOW", peer)
	}
	return fmt.Sprintf("peer: %s, %s, from port: %s, to port: %s, ALLOW", peer, protocol, inputs.Text("fromPort"),
		inputs.Text("toPort"))
}

func ruleWeight(r *provider.Request, inputs provider.Values) int {
	if weight := prefixListWeight(r, inputs.Text("prefixListId")); weight > 0 {
		return weight
	}
	return 1
}

// prefixListWeight is how many rules a prefix list counts as, or 0 if the region has no such list.
func prefixListWeight(r *provider.Request, id string) int {
	if id == "" {
		return 0
	}
	if id == originFacing[r.Region] {
		return originFacingWeight
	}
	for _, gateway := range gatewayPrefixLists[r.Region] {
		if id == gateway {
			return 1
		}
	}
	if list := r.Find(managedPrefixListType, id); list != nil {
		entries, _ := provider.Values(list.Outputs).Number("maxEntries")
		return int(entries)
	}
	return 0
}

// groupUser is what keeps a group from being deleted: an interface that has it, or another group's
// rule about it.
func groupUser(r *provider.Request, group string) *cloud.Object {
	for _, eni := range r.List(networkInterfaceType) {
		if slices.Contains(provider.Values(eni.Outputs).Texts("groupIds"), group) {
			return eni
		}
	}
	for _, typ := range groupRuleTypes {
		for _, rule := range r.Where(typ, "referencedSecurityGroupId", group) {
			if rule.Text("securityGroupId") != group {
				return rule
			}
		}
	}
	return nil
}
