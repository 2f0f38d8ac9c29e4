package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Resources returns the stack's resources, from its exported state. Secrets in them stay encrypted.
func (e *Engine) Resources(ctx context.Context) ([]apitype.ResourceV3, error) {
	raw, err := e.Output(ctx, "stack", "export")
	if err != nil {
		return nil, err
	}
	var untyped apitype.UntypedDeployment
	if err := json.Unmarshal(raw, &untyped); err != nil {
		return nil, fmt.Errorf("read the exported stack: %w", err)
	}
	var deployment apitype.DeploymentV3
	if err := json.Unmarshal(untyped.Deployment, &deployment); err != nil {
		return nil, fmt.Errorf("read the deployment of the exported stack: %w", err)
	}
	return deployment.Resources, nil
}

// CountByPackage counts the resources that a provider manages by the package of the component that
// they hang under: `project:network:Network` counts for network. What hangs under no component
// counts for its provider. Components, the stack and the providers themselves are not counted.
func CountByPackage(project string, resources []apitype.ResourceV3) map[string]int {
	byURN := map[resource.URN]apitype.ResourceV3{}
	for _, r := range resources {
		byURN[r.URN] = r
	}
	counts := map[string]int{}
	for _, r := range resources {
		if r.Custom && !strings.HasPrefix(string(r.Type), "pulumi:") {
			counts[packageOf(project, r, byURN)]++
		}
	}
	return counts
}

// packageOf follows the parents up to the first component of the project.
func packageOf(project string, r apitype.ResourceV3, byURN map[resource.URN]apitype.ResourceV3) string {
	for at, ok := r, true; ok; at, ok = byURN[at.Parent] {
		if parts := strings.Split(string(at.Type), ":"); !at.Custom && parts[0] == project {
			return parts[1]
		}
	}
	return strings.Split(string(r.Type), ":")[0] + " (provider)"
}
