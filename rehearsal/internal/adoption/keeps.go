package adoption

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lifecycle"
)

// withoutKeeps takes every property that the adoption keeps out of the stack file. Each of their
// objects must then be named: by the guard, which says what would be replaced, or by a provider
// that refuses the plan. This is how the drill knows that the model sees what the keeping prevents.
func (d *drill) withoutKeeps(ctx context.Context) error {
	d.Console.Heading("Without the properties that the adoption keeps: each of their objects is named")
	named, changed := map[string]string{}, map[string]bool{}
	for {
		raw, failed := d.bare(ctx, named)
		if failed == nil {
			preview, err := plan.Read(bytes.NewReader(raw))
			if err != nil {
				return err
			}
			for _, finding := range plan.JudgeStage(preview, adopted.Close) {
				named[key(finding.URN)] = finding.What
			}
			for _, step := range preview.Steps {
				if step.Op == "update" && named[key(step.URN)] == "" {
					changed[key(step.URN)] = true
				}
			}
			break
		}
		if more := refusals(raw, named); more == 0 {
			return fmt.Errorf("preview without what is kept: %w", failed)
		}
	}
	for _, key := range d.found.Config.Keys() {
		if len(d.found.Config.Resources[key].Keep) == 0 {
			continue
		}
		d.result.Keeps.Kept++
		switch {
		case named[key] != "":
			d.result.Keeps.Refused++
			d.Console.Line("   %s: %s", key, named[key])
		case changed[key]:
			d.result.Keeps.Changed++
			d.Console.Line("   %s: is updated", key)
		default:
			d.Console.Line("   %s: nothing, in the model", key)
		}
	}
	if d.result.Keeps.Refused == 0 {
		return errors.New("nothing is refused without what the adoption keeps: the model does not see what that " +
			"prevents")
	}
	return nil
}

// bare previews the stack without what is kept, but for objects that a preview has named already.
func (d *drill) bare(ctx context.Context, named map[string]string) (raw []byte, err error) {
	resources := map[string]any{}
	for key, one := range d.found.Config.Resources {
		entry := map[string]any{"id": one.ID}
		if one.Hold != "" {
			entry["hold"] = string(one.Hold)
		}
		if named[key] != "" && len(one.Keep) > 0 {
			entry["keep"] = one.Keep
		}
		resources[key] = entry
	}
	if err := lifecycle.Edit(d.Rehearsal, map[string]any{"adopted.resources": resources}); err != nil {
		return nil, err
	}
	return d.Preview(ctx)
}

// refusals adds what the errors of a failed plan say of their resources, and returns how many it
// has added.
func refusals(raw []byte, named map[string]string) (added int) {
	var said struct {
		Diagnostics []struct{ URN, Severity, Message string }
	}
	if json.Unmarshal(raw, &said) != nil {
		return 0
	}
	for _, one := range said.Diagnostics {
		if one.Severity == "error" && one.URN != "" && named[key(one.URN)] == "" {
			named[key(one.URN)] = "the preview fails: " + strings.TrimSpace(one.Message)
			added++
		}
	}
	return added
}

// key is a resource's type and name, as section adopted has them.
func key(urn string) string {
	typ, name := "", urn[strings.LastIndex(urn, "::")+len("::"):]
	if parts := strings.Split(urn, "::"); len(parts) >= 3 {
		typ = parts[2][strings.LastIndex(parts[2], "$")+1:]
	}
	return typ + " " + name
}
