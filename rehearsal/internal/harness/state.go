package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// State is the stack's state, as an operation has left it.
type State struct {
	ByURN   map[string]apitype.ResourceV3 // what the providers manage
	Pending []apitype.OperationV2         // operations that were under way when the CLI was killed
	Half    []string                      // the URNs of what was not ready in time, or waits for its deletion
	Size    int                           // resources, with components, providers and the stack itself
}

// ReadState reads the stack's state, with its secrets in plain text. It stays in memory.
func (f *Fixture) ReadState(ctx context.Context) (*State, error) {
	raw, err := f.Engine.Output(ctx, "stack", "export", "--show-secrets")
	if err != nil {
		return nil, err
	}
	var exported struct {
		Deployment apitype.DeploymentV3 `json:"deployment"`
	}
	if err := json.Unmarshal(raw, &exported); err != nil {
		return nil, fmt.Errorf("read the exported stack: %w", err)
	}
	s := &State{
		ByURN:   map[string]apitype.ResourceV3{},
		Pending: exported.Deployment.PendingOperations,
		Size:    len(exported.Deployment.Resources),
	}
	for _, r := range exported.Deployment.Resources {
		if len(r.InitErrors) > 0 || r.Delete {
			s.Half = append(s.Half, string(r.URN))
		}
		if r.Custom && !r.Delete && !strings.HasPrefix(string(r.Type), "pulumi:") {
			s.ByURN[string(r.URN)] = r
		}
	}
	return s, nil
}
