package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// removedTag is the default tag that a deploy is to add again: see providers.go.
const removedTag = "ManagedBy"

// updatable are the resources that can be changed in place.
func (d *drill) updatable() ([]apitype.ResourceV3, error) {
	types := map[string]bool{}
	for _, r := range d.whole {
		can, err := model.Updates(providerOf(r), string(r.Type))
		if err != nil {
			return nil, err
		}
		types[string(r.Type)] = can
	}
	return d.sorted(func(r apitype.ResourceV3) bool { return types[string(r.Type)] }), nil
}

// makeOlder saves a workspace in which a deploy changes every resource that can be changed in
// place. State and cloud lose one of the providers' default tags, which the program then adds. What
// has no tags counts as not ready yet: the engine updates it with the inputs that it has.
func (d *drill) makeOlder(ctx context.Context, updatable []apitype.ResourceV3) error {
	if err := d.Work.Restore(savedDeployed); err != nil {
		return err
	}
	raw, err := d.Engine.Output(ctx, "stack", "export")
	if err != nil {
		return err
	}
	var exported map[string]any
	if err := json.Unmarshal(raw, &exported); err != nil {
		return fmt.Errorf("read the exported stack: %w", err)
	}
	waiting := map[string]bool{}
	for _, r := range updatable {
		waiting[string(r.URN)] = true
	}
	deployment, _ := exported["deployment"].(map[string]any)
	resources, _ := deployment["resources"].([]any)
	for _, one := range resources {
		r, _ := one.(map[string]any)
		urn, _ := r["urn"].(string)
		tagged, err := untag(r)
		if err != nil {
			return fmt.Errorf("take a tag from %s: %w", urn, err)
		}
		if waiting[urn] && !tagged {
			r["initErrors"] = []string{"timeout while waiting for state to become 'available'"}
		}
	}
	path := filepath.Join(d.Work.Dir, "older.json")
	if raw, err = json.Marshal(exported); err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the older state: %w", err)
	}
	if err := d.Engine.Command(ctx, "stack", "import", "--file", path); err != nil {
		return err
	}
	if err := d.untagObjects(); err != nil {
		return err
	}
	return d.Work.Save(savedOlder)
}

// untag takes the tag out of a resource of the state, and says whether it was there. A provider has
// its default tags as JSON.
func untag(r map[string]any) (bool, error) {
	if typ, _ := r["type"].(string); strings.HasPrefix(typ, "pulumi:providers:") {
		for _, properties := range []string{"inputs", "outputs"} {
			values, _ := r[properties].(map[string]any)
			text, ok := values["defaultTags"].(string)
			if !ok {
				continue
			}
			var defaults struct {
				Tags map[string]any `json:"tags"`
			}
			if err := json.Unmarshal([]byte(text), &defaults); err != nil {
				return false, err
			}
			delete(defaults.Tags, removedTag)
			raw, err := json.Marshal(defaults)
			if err != nil {
				return false, err
			}
			values["defaultTags"] = string(raw)
		}
		return false, nil
	}
	outputs, _ := r["outputs"].(map[string]any)
	tags, _ := outputs["tagsAll"].(map[string]any)
	_, tagged := tags[removedTag]
	delete(tags, removedTag)
	return tagged, nil
}

// untagObjects takes the tag out of the cloud.
func (d *drill) untagObjects() error {
	objects, err := d.Managed()
	if err != nil {
		return err
	}
	return d.ByHand(func(tx *cloud.Tx) error {
		for _, o := range objects {
			tags := o.Outputs["tagsAll"]
			if !tags.IsObject() {
				continue
			}
			delete(tags.ObjectValue(), resource.PropertyKey(removedTag))
			if err := tx.Replace(o); err != nil {
				return err
			}
		}
		return nil
	})
}
