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
	"github.com/bookmark-manager/infrastructure/internal/visit"
)

// onTheWay are the types that the way of a request depends on.
var onTheWay = []string{
	"aws:cloudfront/cachePolicy:CachePolicy", "aws:cloudfront/distribution:Distribution",
	"aws:cloudfront/function:Function",
	"aws:lb/listener:Listener", "aws:lb/loadBalancer:LoadBalancer", "aws:lb/listenerRule:ListenerRule",
	"aws:lb/targetGroup:TargetGroup",
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

// A service with hosts answers under these, and the others under all names; what the distribution
// keeps by its path is the same under each.
func TestRequestsForAServiceAtANameOfItsOwn(t *testing.T) {
	f := stacktest.Read(t, "prod").Released(t)
	f.Set(t, "services", "web.hosts", []any{"admin.example.com"})
	f.Set(t, "services", "web.priority", 50)
	f.Set(t, "services", "api.paths", []any{"/*"})
	r, err := run(t, f)
	require.NoError(t, err)
	site, err := visit.Read(planned(r, onTheWay).Resources())
	require.NoError(t, err)
	for address, want := range map[string]string{
		"https://admin.example.com/":                    "web",
		"https://admin.example.com/api/users":           "web",
		"https://www.example.com/":                      "api",
		"https://admin.example.com/_next/image?url=a":   "api",
		"https://admin.example.com/_next/static/app.js": "",
		"https://other.example.com/":                    "",
	} {
		request, err := visit.NewRequest("GET", address, nil, nil)
		require.NoError(t, err)
		way, err := site.Follow(request)
		require.NoError(t, err)
		service := ""
		if way.Listener != nil {
			service = way.Listener.Service
		}
		require.Equal(t, want, service, address)
	}
}

// While CloudFront moves from one load balancer to the other, the stack has both, and requests come
// to the one that the distribution uses, whether the plan hides its origins or not.
func TestRequestsComeToTheLoadBalancerThatCloudFrontUses(t *testing.T) {
	for scheme, want := range map[string]string{
		"internet-facing": "api-rule to api-tg", "internal": "api-internal-rule to api-in",
	} {
		f := stacktest.Read(t, "prod").Released(t)
		f.Set(t, "compute", "loadBalancer.scheme", scheme)
		f.Set(t, "compute", "loadBalancer.moving", true)
		r, err := run(t, f)
		require.NoError(t, err)
		for _, hidden := range []bool{false, true} {
			resources := planned(r, onTheWay).Resources()
			for i := range resources {
				if hidden {
					hide(&resources[i], scheme)
				}
			}
			site, err := visit.Read(resources)
			require.NoError(t, err)
			request, err := visit.NewRequest("GET", "https://www.example.com/api/live",
				[]string{"Connection: Upgrade", "Upgrade: websocket"}, nil)
			require.NoError(t, err)
			require.NoError(t, request.Speak("HTTP/1.1"))
			v, err := site.Follow(request)
			require.NoError(t, err)
			require.NotNil(t, v.Listener)
			require.Len(t, v.Listener.Targets, 1)
			require.Equal(t, want, v.Listener.Rule+" to "+v.Listener.Targets[0].Group)
			socket := v.Origin.Headers.Get("Upgrade") == "websocket"
			require.Equal(t, scheme == "internet-facing", socket, "VPC origins carry no WebSockets")
		}
	}
}

// hide hides a distribution's origins, as the plan of a deployed stack does, and leaves what their
// component says of them.
func hide(state *plan.State, scheme string) {
	switch state.Type {
	case "aws:cloudfront/distribution:Distribution":
		state.Inputs["origins"] = plan.Secret
	case "bookmark-manager:edge:EdgeDistribution":
		state.Outputs = map[string]any{"originDomains": map[string]any{
			"load-balancer": "origin.example.com", "assets": "assets.s3.ap-northeast-1.amazonaws.com",
		}}
		if scheme == "internal" {
			state.Outputs["vpcOrigin"] = "load-balancer"
		}
	}
}
