package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Recovery takes the steps of docs/operations.md after an operation that failed or was killed.
type Recovery struct {
	*Fixture
	// Remains are the URNs of what the operation leaves in the clouds on purpose: the former
	// objects of what a destroy retains. None for a deploy.
	Remains []string
	Steps   Steps
}

// Steps counts what was done by hand.
type Steps struct {
	Cancelled int `json:"cancelled"` // pulumi cancel, for the lock of a killed run
	Refreshed int `json:"refreshed"` // pulumi refresh --clear-pending-creates
	Deleted   int `json:"deleted"`   // objects that the state had lost and that were deleted
	Imported  int `json:"imported"`  // objects that the state had lost and that were imported
}

// Repair takes the steps, and says whether the operation must be run again for them.
func (r *Recovery) Repair(ctx context.Context, killed bool) (again bool, err error) {
	if killed {
		if err := r.Engine.Command(ctx, "cancel", "--yes"); err != nil {
			return false, err
		}
		r.Steps.Cancelled++
	}
	state, err := r.ReadState(ctx)
	if err != nil {
		return false, err
	}
	orphans, err := r.orphans(state)
	if err != nil {
		return false, err
	}
	if err := r.clearPending(ctx, state); err != nil {
		return false, err
	}
	var imports []*cloud.Object
	for _, o := range orphans {
		// One that the state has another object for was repeated: the state's is in use, and this
		// one never was.
		if row, _ := catalog.Find(o.Type); row.HoldsData && state.ByURN[o.URN].URN == "" {
			imports = append(imports, o)
			continue
		}
		if err := r.deleteByHand(o); err != nil {
			return false, err
		}
		r.Steps.Deleted++
	}
	if len(imports) == 0 {
		return false, nil
	}
	r.Steps.Imported += len(imports)
	return true, r.importByHand(ctx, imports)
}

// clearPending forgets the creations that were under way when the deploy was killed. The next run
// forgets changes and deletions by itself.
func (r *Recovery) clearPending(ctx context.Context, state *State) error {
	creates := func(op apitype.OperationV2) bool { return op.Type == apitype.OperationTypeCreating }
	if !slices.ContainsFunc(state.Pending, creates) {
		return nil
	}
	r.Steps.Refreshed++
	return r.Engine.Command(ctx, "refresh", "--yes", "--skip-preview", "--clear-pending-creates")
}

// deleteByHand takes an object out of the cloud, as its user would in the console.
func (r *Recovery) deleteByHand(o *cloud.Object) error {
	if err := r.ByHand(func(tx *cloud.Tx) error { return tx.Delete(o.Key) }); err != nil {
		return fmt.Errorf("delete what the state has lost: %w", err)
	}
	return nil
}

// importByHand brings objects back into the state: a preview writes the file of what is to be
// created, and the ids are put in.
func (r *Recovery) importByHand(ctx context.Context, objects []*cloud.Object) error {
	path := filepath.Join(r.Work.Dir, "import.json")
	if err := r.Engine.Command(ctx, "preview", "--import-file", path); err != nil {
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
		name := LogicalName(o.URN)
		i := slices.IndexFunc(file.Resources, func(one map[string]any) bool {
			return one["type"] == o.Type && (one["name"] == name || one["logicalName"] == name)
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
	return r.Engine.Command(ctx, "import", "--file", path, "--yes", "--skip-preview", "--generate-code=false",
		"--protect=false")
}

// orphans are the objects that a resource of the stack made and that its state does not have,
// oldest first. What came along with another object, and a resource only takes over, is none.
func (r *Recovery) orphans(state *State) ([]*cloud.Object, error) {
	objects, err := r.Managed()
	if err != nil {
		return nil, err
	}
	var orphans []*cloud.Object
	for _, o := range objects {
		if !o.Part && string(state.ByURN[o.URN].ID) != o.ID && !slices.Contains(r.Remains, o.URN) {
			orphans = append(orphans, o)
		}
	}
	return orphans, nil
}
