package aws

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

var securityGroupKinds = map[string]*provider.Kind{
	securityGroupType: {
		ID:       "sg-{hex17}",
		ARN:      "arn:aws:ec2:{region}:{account}:security-group/{id}",
		Defaults: map[string]any{"description": "Managed by Pulumi", "revokeRulesOnDelete": false},
	},
	defaultSecurityGroupType: {
		Adopt: &provider.Adoption{Type: securityGroupType, Find: func(r *provider.Request) (*cloud.Object, error) {
			vpc := r.Inputs.Text("vpcId")
			if group := r.Find(securityGroupType, defaultGroup(r, vpc)); group != nil {
				return group, nil
			}
			return nil, fmt.Errorf("InvalidGroup.NotFound: The default security group of VPC '%s' does not exist", vpc)
		}},
		Defaults: map[string]any{"revokeRulesOnDelete": false},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Once("name", func() any { return "default" })
			o.Once("description", func() any { return "default VPC security group" })
		},
		Absent: []string{"namePrefix"},
	},
	ingressRuleType: ruleKind(),
	egressRuleType:  ruleKind(),
	"aws:ec2/securityGroupRule:SecurityGroupRule": {
		ID:       "sgrule-{hex10}",
		Within:   &provider.Containment{Type: securityGroupType, Property: "securityGroupId"},
		Defaults: map[string]any{"self": false},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("securityGroupRuleId", provider.StableID("sgr-", 17, o.Text("id")))
		},
	},
}

func ruleKind() *provider.Kind {
	return &provider.Kind{
		ID:     "sgr-{hex17}",
		ARN:    "arn:aws:ec2:{region}:{account}:security-group-rule/{id}",
		Within: &provider.Containment{Type: securityGroupType, Property: "securityGroupId"},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("securityGroupRuleId", o.Text("id"))
		},
	}
}
