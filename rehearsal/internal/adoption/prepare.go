package adoption

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/internal/adopt"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/terraform"
)

// stateFile is the state of the original design's production, below the project.
const stateFile = "internal/adopt/testdata/terraform.tfstate"

// prepare makes the production, and has the stack file say what it must for the adoption.
func (d *drill) prepare(ctx context.Context) error {
	d.Console.Heading("The production that Terraform made")
	raw, err := d.StackYAML()
	if err != nil {
		return err
	}
	stack, err := adopt.ReadStack(raw)
	if err != nil {
		return err
	}
	c, err := d.Cloud()
	if err != nil {
		return err
	}
	state, err := os.ReadFile(filepath.Join(d.Project, stateFile))
	if err != nil {
		return fmt.Errorf("read the Terraform production: %w", err)
	}
	inside, err := terraform.Apply(ctx, c, stack.Account, state)
	if err != nil {
		return err
	}
	sections, err := harness.ReadSections(d.Work.StackFile(), d.Work.Files.Project)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(stack.Environment.Name("x"), "-x")
	outside, err := terraform.ApplyOutside(ctx, c, stack.Account, terraform.Outside{
		Project:      stack.Project,
		AtlasRegion:  names.AtlasRegion(stack.Region),
		Organization: stack.Sentry,
		Team:         base,
		Name:         base,
		DatadogAPI:   fmt.Sprintf("https://api.%s/", sections.Get("datadog.site")),
	})
	if err != nil {
		return err
	}
	d.inside = inside
	for name, production := range map[string]*terraform.Production{"aws": inside, "outside": outside} {
		path := filepath.Join(d.Work.Dir, name+".tfstate")
		if err := os.WriteFile(path, production.State, 0o600); err != nil {
			return fmt.Errorf("write the Terraform state: %w", err)
		}
		d.files = append(d.files, path)
	}
	slices.Sort(d.files)
	states, err := adopt.ReadFiles(d.files)
	if err != nil {
		return err
	}
	d.found = adopt.Match(stack, states, adopt.Accepted{})
	var report bytes.Buffer
	if err := d.found.Write(&report); err != nil {
		return err
	}
	if len(d.found.Refusals) > 0 {
		return fmt.Errorf("the production cannot be adopted:\n%s", report.String())
	}
	if err := errors.Join(d.count(states), d.remember(c, inside, outside), d.compared()); err != nil {
		return err
	}
	return d.configure(ctx, states)
}

// count holds the adoption to what Terraform has: each object has one fate.
func (d *drill) count(states []adopt.State) error {
	for _, state := range states {
		d.result.Objects += len(state.Instances)
	}
	for _, row := range d.found.Rows {
		if row.Fate == adopt.Adopted {
			d.result.Becomes++
		}
	}
	d.result.Adopted, d.result.Beside, d.result.Nobody = len(d.of(adopt.Adopted)), len(d.of(adopt.LeftToTerraform)),
		len(d.of(adopt.Unmanaged))
	if named := d.result.Adopted + d.result.Beside + d.result.Nobody; named != d.result.Objects {
		return fmt.Errorf("the report says of %d objects what becomes of them, and Terraform has %d", named,
			d.result.Objects)
	}
	d.Console.Line("%d objects: %d are adopted, as %d resources of the program, %d stay beside, %d are nobody's",
		d.result.Objects, d.result.Adopted, d.result.Becomes, d.result.Beside, d.result.Nobody)
	return nil
}

// remember keeps the objects as Terraform left them, the records and the images among them.
func (d *drill) remember(c *cloud.Cloud, productions ...*terraform.Production) error {
	all, err := c.List()
	if err != nil {
		return err
	}
	d.everything, d.images = all, map[string]string{}
	for _, o := range all {
		image := o.Part && o.Owner != nil && o.Owner.Type == catalog.Repository
		if image {
			service := strings.TrimPrefix(o.Owner.ID, d.Repository(""))
			_, d.images[service], _ = strings.Cut(o.ID, "@")
		}
		if image || o.Type == catalog.Record {
			d.standing = append(d.standing, o)
		}
	}
	if len(d.images) != 2 {
		return fmt.Errorf("found images of %d services in the repositories, want those of api and web", len(d.images))
	}
	return c.View(func(tx *cloud.Tx) error {
		for _, row := range d.found.Rows {
			if row.Fate != adopt.Adopted || row.ID == "" {
				continue
			}
			typ, _, _ := strings.Cut(row.Resource, " ")
			for _, production := range productions {
				for _, key := range production.Objects[row.Address] {
					if key.Type != typ {
						continue
					}
					o, err := tx.Get(key)
					if err != nil {
						return err
					}
					d.originals[row.Resource] = o
				}
			}
			if d.originals[row.Resource] == nil {
				return fmt.Errorf("%s becomes %s, and the cloud has no such object", row.Address, row.Resource)
			}
		}
		return nil
	})
}

// configure lays what the adoption asks for over the stack file, and sets the secrets.
func (d *drill) configure(ctx context.Context, states []adopt.State) error {
	patch, err := d.found.Patch()
	if err != nil {
		return err
	}
	raw, err := d.StackYAML()
	if err != nil {
		return err
	}
	var file, over map[string]any
	if err := errors.Join(yaml.Unmarshal(raw, &file), yaml.Unmarshal(patch, &over)); err != nil {
		return fmt.Errorf("lay the adoption over the stack file: %w", err)
	}
	if raw, err = yaml.Marshal(laid(file, over)); err != nil {
		return fmt.Errorf("lay the adoption over the stack file: %w", err)
	}
	if err := d.WriteStackYAML(raw); err != nil {
		return err
	}
	for _, state := range states {
		for _, one := range state.Instances {
			for _, secret := range d.found.Secrets {
				value := one.Text("master_password") + one.Text("value")
				if secret.Address != one.Address || value == "" {
					continue
				}
				if err := d.Engine.Command(ctx, "config", "set", "--secret",
					d.Work.Files.Project+":"+secret.Key, value); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// laid is a mapping with another one over it.
func laid(under, over map[string]any) map[string]any {
	for key, value := range over {
		below, both := under[key].(map[string]any)
		if above, ok := value.(map[string]any); ok && both {
			under[key] = laid(below, above)
			continue
		}
		under[key] = value
	}
	return under
}
