package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// repair takes the steps of docs/operations.md after a deploy that failed or was killed, and says
// whether the operation must be run again for them.
func (d *drill) repair(ctx context.Context, killed bool) (again bool, err error) {
	if killed {
		if err := d.Engine.Command(ctx, "cancel", "--yes"); err != nil {
			return false, err
		}
		d.report.Steps.Cancelled++
	}
	state, err := d.state(ctx)
	if err != nil {
		return false, err
	}
	orphans, err := d.orphans(state)
	if err != nil {
		return false, err
	}
	if err := d.clearPending(ctx, state); err != nil {
		return false, err
	}
	var imports []*cloud.Object
	for _, o := range orphans {
		// One that the state has another object for was repeated: the state's is in use, and this
		// one never was.
		if row, _ := catalog.Find(o.Type); row.HoldsData && state.byURN[o.URN].URN == "" {
			imports = append(imports, o)
			continue
		}
		if err := d.deleteByHand(o); err != nil {
			return false, err
		}
		d.report.Steps.Deleted++
	}
	if len(imports) == 0 {
		return false, nil
	}
	d.report.Steps.Imported += len(imports)
	return true, d.importByHand(ctx, imports)
}

// clearPending forgets the creations that were under way when the deploy was killed. The next run
// forgets changes and deletions by itself.
func (d *drill) clearPending(ctx context.Context, state *state) error {
	creates := func(op apitype.OperationV2) bool { return op.Type == apitype.OperationTypeCreating }
	if !slices.ContainsFunc(state.pending, creates) {
		return nil
	}
	d.report.Steps.Refreshed++
	return d.Engine.Command(ctx, "refresh", "--yes", "--skip-preview", "--clear-pending-creates")
}

// deleteByHand takes an object out of the cloud, as its user would in the console.
func (d *drill) deleteByHand(o *cloud.Object) error {
	c, err := cloud.Open(d.Work.Cloud())
	if err != nil {
		return err
	}
	if err := c.Update(func(tx *cloud.Tx) error { return tx.Delete(o.Key) }); err != nil {
		return fmt.Errorf("delete what the state has lost: %w", err)
	}
	return nil
}

// importByHand brings objects back into the state: a preview writes the file of what is to be
// created, and the ids are put in.
func (d *drill) importByHand(ctx context.Context, objects []*cloud.Object) error {
	path := filepath.Join(d.Work.Dir, "import.json")
	if err := d.Engine.Command(ctx, "preview", "--import-file", path); err != nil {
		return err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read what can be imported: %w", err)
	}
	var file struct {
		NameTable map[string]string `json:"nameTable"`
		Resources []map[string]any  `json:"resources"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return fmt.Errorf("read what can be imported from %s: %w", path, err)
	}
	var wanted []map[string]any
	for _, o := range objects {
		name := o.URN[strings.LastIndex(o.URN, "::")+2:]
		i := slices.IndexFunc(file.Resources, func(r map[string]any) bool {
			return r["type"] == o.Type && (r["name"] == name || r["logicalName"] == name)
		})
		if i < 0 {
			return fmt.Errorf("import %s: the preview does not create it", o)
		}
		file.Resources[i]["id"] = model.ImportID(o)
		wanted = append(wanted, file.Resources[i])
	}
	file.Resources = wanted
	if raw, err = json.Marshal(file); err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write what is imported: %w", err)
	}
	return d.Engine.Command(ctx, "import", "--file", path, "--yes", "--skip-preview", "--generate-code=false",
		"--protect=false")
}

// orphans are the objects that a resource of the stack made and that its state does not have,
// oldest first. What came along with another object, and a resource only takes over, is none.
func (d *drill) orphans(state *state) ([]*cloud.Object, error) {
	objects, err := d.objects()
	if err != nil {
		return nil, err
	}
	var orphans []*cloud.Object
	for _, o := range objects {
		if !o.Part && string(state.byURN[o.URN].ID) != o.ID && !slices.Contains(d.leaves, o.URN) {
			orphans = append(orphans, o)
		}
	}
	return orphans, nil
}

// objects are what the stack's resources manage in the cloud, oldest first.
func (d *drill) objects() ([]*cloud.Object, error) {
	c, err := cloud.Open(d.Work.Cloud())
	if err != nil {
		return nil, err
	}
	all, err := c.List()
	if err != nil {
		return nil, fmt.Errorf("list the model's cloud: %w", err)
	}
	return slices.DeleteFunc(all, func(o *cloud.Object) bool { return o.URN == "" || o.State != cloud.Active }), nil
}
