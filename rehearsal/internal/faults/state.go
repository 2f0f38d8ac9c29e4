package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// managed is what the providers manage in the stack, by URN.
func (d *drill) managed(ctx context.Context) (map[string]apitype.ResourceV3, error) {
	s, err := d.ReadState(ctx)
	if err != nil {
		return nil, err
	}
	return s.ByURN, nil
}

// providerOf is the package of a resource's type, such as "aws".
func providerOf(r apitype.ResourceV3) string { return string(r.Type.Package()) }

// settled checks that the state and the model's cloud hold the same: nothing orphaned, nothing
// twice, nothing lost, nothing half done.
func (d *drill) settled(ctx context.Context) error {
	s, err := d.ReadState(ctx)
	if err != nil {
		return err
	}
	var problems []error
	for _, op := range s.Pending {
		problems = append(problems, fmt.Errorf("%s is still pending in the state: %s", op.Type, op.Resource.URN))
	}
	for _, urn := range s.Half {
		problems = append(problems, fmt.Errorf("half done in the state: %s", urn))
	}
	objects, err := d.Managed()
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, o := range objects {
		r, ok := s.ByURN[o.URN]
		switch {
		case !ok || string(r.ID) != o.ID:
			problems = append(problems, fmt.Errorf("in the cloud and not in the state: %s of %s", o, o.URN))
		case found[o.URN]:
			problems = append(problems, fmt.Errorf("twice in the cloud: %s of %s", o, o.URN))
		default:
			problems = append(problems, differences(r, o)...)
		}
		found[o.URN] = true
	}
	for urn, r := range s.ByURN {
		if !found[urn] && providerOf(r) != "random" { // a random value is nowhere but in the state
			problems = append(problems, fmt.Errorf("in the state and not in the cloud: %s", urn))
		}
	}
	return errors.Join(problems...)
}

// differences compares the outputs of a resource with those of its object. It names properties and
// no values, which may be secret.
func differences(r apitype.ResourceV3, o *cloud.Object) []error {
	inCloud := map[string]any{}
	raw, err := json.Marshal(o.Outputs)
	if err == nil {
		err = json.Unmarshal(raw, &inCloud)
	}
	if err != nil {
		return []error{fmt.Errorf("read the outputs of %s: %w", o, err)}
	}
	var differences []error
	inState, _ := plain(r.Outputs).(map[string]any)
	for name := range inState {
		if name == "id" || resource.IsInternalPropertyKey(resource.PropertyKey(name)) {
			continue // beside the outputs, and what the bridge keeps for itself
		}
		if !reflect.DeepEqual(inState[name], inCloud[name]) {
			differences = append(differences, fmt.Errorf("%s differs between state and cloud: %s", name, o.URN))
		}
	}
	return differences
}

// plain takes secrets and assets in an exported state out of their wrapping, in the form that the
// model's cloud keeps them in.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		switch v[resource.SigKey] {
		case resource.SecretSig:
			var secret any
			text, _ := v["plaintext"].(string)
			if json.Unmarshal([]byte(text), &secret) != nil {
				return v
			}
			return plain(secret)
		case resource.AssetSig:
			return map[string]any{"assetHash": v["hash"]}
		case resource.ArchiveSig:
			return map[string]any{"archiveHash": v["hash"]}
		}
		values := make(map[string]any, len(v))
		for key, value := range v {
			values[key] = plain(value)
		}
		return values
	case []any:
		values := make([]any, len(v))
		for i, value := range v {
			values[i] = plain(value)
		}
		return values
	default:
		return v
	}
}

// up checks that the stack is whole: it has what it has when nothing fails, the cloud has the same,
// and a preview shows no change.
func (d *drill) up(ctx context.Context) error {
	if err := d.settled(ctx); err != nil {
		return fmt.Errorf("compare state and cloud: %w", err)
	}
	managed, err := d.managed(ctx)
	if err != nil {
		return err
	}
	for urn := range d.whole {
		if _, ok := managed[urn]; !ok {
			return fmt.Errorf("compare with a deploy that did not fail: it has no %s", urn)
		}
	}
	if len(managed) != len(d.whole) {
		return fmt.Errorf("compare with a deploy that did not fail: it has %d resources, want %d", len(managed),
			len(d.whole))
	}
	result, err := d.Engine.Operation(ctx, "last preview", "preview", "--expect-no-changes")
	if err != nil {
		return fmt.Errorf("preview what is whole: %w: the log is %s", err, result.Log)
	}
	return nil
}

// gone checks that nothing is left of the stack but what outlives it on purpose.
func (d *drill) gone(ctx context.Context) error {
	s, err := d.ReadState(ctx)
	if err != nil {
		return err
	}
	if s.Size > 0 {
		return fmt.Errorf("look at what destroy left: the state still holds %d resources", s.Size)
	}
	left, err := d.inUse()
	if err != nil {
		return err
	}
	if !slices.Equal(left, d.outlives) {
		return fmt.Errorf("look at what destroy left: the cloud holds %v, want %v", left, d.outlives)
	}
	return nil
}

// inUse are the URNs whose objects are in the cloud, sorted.
func (d *drill) inUse() ([]string, error) {
	objects, err := d.Managed()
	if err != nil {
		return nil, err
	}
	var urns []string
	for _, o := range objects {
		urns = append(urns, o.URN)
	}
	slices.Sort(urns)
	return urns, nil
}

// sorted are the resources of the whole stack that are wanted, in the order of their types and
// URNs.
func (d *drill) sorted(want func(apitype.ResourceV3) bool) []apitype.ResourceV3 {
	var all []apitype.ResourceV3
	for _, r := range d.whole {
		if want(r) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b apitype.ResourceV3) int {
		if byType := strings.Compare(string(a.Type), string(b.Type)); byType != 0 {
			return byType
		}
		return strings.Compare(string(a.URN), string(b.URN))
	})
	return all
}
