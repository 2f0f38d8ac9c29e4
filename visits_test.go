package main

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// onTheWay are the types that the way of a request depends on.
var onTheWay = []string{
	"aws:cloudfront/cachePolicy:CachePolicy", "aws:cloudfront/distribution:Distribution",
	"aws:cloudfront/function:Function",
	"aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule", "aws:lb/targetGroup:TargetGroup",
	"aws:wafv2/ipSet:IpSet",
	"aws:wafv2/webAcl:WebAcl", "bookmark-manager:compute:Service", "bookmark-manager:edge:EdgeDistribution",
}

// stateOf is a registration as the plan of a stack has it before anything is deployed, nothing
// hidden.
func stateOf(one recorder.Resource) *plan.State {
	parent := tokens.Type("")
	if above := resource.URN(one.Parent); above.IsValid() && above.Type() != resource.RootStackType {
		parent = above.QualifiedType()
	}
	inputs, _ := recorder.Plain(resource.NewProperty(one.Inputs)).(map[string]any)
	return &plan.State{
		URN:    string(resource.NewURN(recorder.Stack, recorder.Project, parent, tokens.Type(one.Type), one.Name)),
		Type:   one.Type,
		Custom: one.Custom,
		Parent: one.Parent,
		Inputs: inputs,
	}
}

// planned are registrations as the plan of a deployed stack has them, nothing hidden.
func planned(r *recorder.Recorder, types []string) *plan.Preview {
	preview := &plan.Preview{}
	for _, one := range r.All() {
		if !slices.Contains(types, one.Type) {
			continue
		}
		state := stateOf(one)
		if one.Custom {
			state.ID = one.Name + "-id"
			state.Outputs = map[string]any{}
			for _, property := range []resource.PropertyKey{"arn", "domainName"} {
				if value, ok := one.Outputs[property]; ok {
					state.Outputs[string(property)] = recorder.Plain(value)
				}
			}
		}
		preview.Steps = append(preview.Steps, plan.Step{Op: "same", URN: state.URN, OldState: state, NewState: state})
	}
	preview.ChangeSummary = map[string]int{"same": len(preview.Steps)}
	return preview
}

// internal/visit and firewalltest judge production by this file: they compile no provider's SDK.
func TestTheRecordedWayOfRequestsIsCurrent(t *testing.T) {
	r, err := run(t, stacktest.Read(t, "prod").Released(t))
	require.NoError(t, err)
	recorded, err := json.MarshalIndent(planned(r, onTheWay), "", " ")
	require.NoError(t, err)
	golden(t, "prod.way.json", string(recorded)+"\n")
}
