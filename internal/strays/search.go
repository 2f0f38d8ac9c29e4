package strays

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/tools"
)

// rule is a rule of a security group, as EC2 describes it.
type rule struct {
	SecurityGroupRuleID string `json:"SecurityGroupRuleId"`
	GroupID             string `json:"GroupId"`
	IsEgress            bool
	IPProtocol          string `json:"IpProtocol"`
	FromPort, ToPort    int
	CidrIpv4, CidrIpv6  string
	PrefixListID        string `json:"PrefixListId"`
	ReferencedGroupInfo struct {
		GroupID string `json:"GroupId"`
	}
	Description string
}

// search lists the rules of the stack's groups that its state does not know, in EC2's order.
func search(ctx context.Context, run tools.Tools, stack string) ([]rule, error) {
	// Without --show-secrets the state comes with its secrets encrypted.
	var state struct {
		Deployment struct {
			Resources []struct{ Type, ID string }
		}
	}
	if err := run.Read(ctx, &state, "pulumi", "stack", "export", "--stack", stack); err != nil {
		return nil, err
	}
	var groups []string
	known := map[string]bool{}
	for _, r := range state.Deployment.Resources {
		switch r.Type {
		case catalog.SecurityGroup, catalog.DefaultSecurityGroup:
			groups = append(groups, r.ID)
		case catalog.IngressRule, catalog.EgressRule:
			known[r.ID] = true
		}
	}
	if len(groups) == 0 {
		return nil, nil
	}
	slices.Sort(groups)
	var answer struct{ SecurityGroupRules []rule }
	if err := run.Read(ctx, &answer, "aws", "ec2", "describe-security-group-rules",
		"--filters", "Name=group-id,Values="+strings.Join(slices.Compact(groups), ","), "--output", "json"); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(answer.SecurityGroupRules, func(r rule) bool { return known[r.SecurityGroupRuleID] }), nil
}

// String is the rule in one line: group, rule, direction, protocol, ports, from or to where,
// description.
func (r rule) String() string {
	direction, ports := "in", strconv.Itoa(r.FromPort)
	if r.IsEgress {
		direction = "out"
	}
	if r.ToPort != r.FromPort {
		ports += "-" + strconv.Itoa(r.ToPort)
	}
	peer := cmp.Or(r.CidrIpv4, r.CidrIpv6, r.PrefixListID, r.ReferencedGroupInfo.GroupID)
	return strings.TrimRight(strings.Join([]string{
		r.GroupID, r.SecurityGroupRuleID, direction, r.IPProtocol, ports, peer, r.Description,
	}, " "), " ")
}
