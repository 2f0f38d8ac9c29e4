package verdicts

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// Row is what was said of one case. An empty verdict means that the program was taken.
type Row struct {
	Case     string
	Preview  Verdict `yaml:"modelPreview,omitempty"`    // the model's, in a preview
	Up       Verdict `yaml:"modelUp,omitempty"`         // the model's, in an up
	Provider Verdict `yaml:"providerPreview,omitempty"` // the real provider's, in a preview
}

// String is the row as a line: who refuses the case, and when.
func (r Row) String() string {
	return fmt.Sprintf("%s: the model's preview %s it, the provider's %s it, the model's up %s it", r.Case,
		where(r.Preview, "takes"), where(r.Provider, "takes"), where(r.Up, "takes"))
}

//go:embed recorded.yaml
var recordedYAML []byte

// Recorded are the verdicts of the last run that had the AWS plugin, by the case's name.
func Recorded() (map[string]Row, error) {
	var rows []Row
	if err := yaml.Unmarshal(recordedYAML, &rows); err != nil {
		return nil, fmt.Errorf("read recorded.yaml: %w", err)
	}
	byCase := map[string]Row{}
	for _, row := range rows {
		byCase[row.Case] = row
	}
	return byCase, nil
}

// Judge asks the model about every case, and the plugin too unless it is nil: then the recorded
// verdicts stand for its own. said is called for each case. A corrected program that is refused is
// an error.
func Judge(ctx context.Context, table *Table, p *Plugin, said func(Row)) ([]Row, error) {
	recorded, err := Recorded()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "verdicts")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the model's clouds: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // nothing in it matters
	judge := &judge{table: table, dir: dir}
	if p != nil {
		judge.installed = &program{
			table:   table,
			preview: true,
			made:    map[string]made{},
			in:      func(region, _ string) (Provider, error) { return p.In(ctx, region) },
		}
	}
	var rows []Row
	for _, c := range table.Cases {
		row, err := judge.row(ctx, c, recorded[c.Name].Provider)
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
		said(row)
	}
	return rows, nil
}

type judge struct {
	table     *Table
	dir       string
	installed *program // nil without a plugin
}

func (j *judge) row(ctx context.Context, c Case, recorded Verdict) (row Row, err error) {
	row = Row{Case: c.Name, Provider: recorded}
	if row.Preview, err = j.ask(ctx, c, func() (*program, error) { return j.model(true) }); err != nil {
		return row, fmt.Errorf("the model's preview: %w", err)
	}
	if row.Up, err = j.ask(ctx, c, func() (*program, error) { return j.model(false) }); err != nil {
		return row, fmt.Errorf("the model's up: %w", err)
	}
	if j.installed == nil {
		return row, nil
	}
	if row.Provider, err = j.ask(ctx, c, func() (*program, error) { return j.installed, nil }); err != nil {
		return row, fmt.Errorf("the AWS plugin's preview: %w", err)
	}
	return row, nil
}

// ask returns the verdict on a case, after it has seen that the corrected one is taken.
func (j *judge) ask(ctx context.Context, c Case, fresh func() (*program, error)) (Verdict, error) {
	p, err := fresh()
	if err != nil {
		return "", err
	}
	corrected, err := p.run(ctx, c.corrected())
	if err != nil {
		return "", err
	}
	if corrected != "" {
		return "", fmt.Errorf("case %q: the corrected program is refused: %s", c.Name, corrected)
	}
	if p, err = fresh(); err != nil {
		return "", err
	}
	return p.run(ctx, c)
}

func (j *judge) model(preview bool) (*program, error) {
	in, err := modelled(j.dir)
	return &program{
		table:   j.table,
		preview: preview,
		made:    map[string]made{},
		in:      in,
	}, err
}

// Compare says what is wrong with the verdicts: the model takes what AWS refuses, or takes in a
// preview what the provider refuses there, or a verdict is not the recorded one.
func Compare(rows []Row) error {
	recorded, err := Recorded()
	if err != nil {
		return err
	}
	var errs []error
	for _, row := range rows {
		if row.Up == "" {
			errs = append(errs, fmt.Errorf("%s: the model takes it, and AWS refuses it", row.Case))
		}
		if row.Provider != "" && row.Preview == "" {
			errs = append(errs, fmt.Errorf("%s: the model's preview takes it, and the provider's refuses it: %s",
				row.Case, row.Provider))
		}
		before := recorded[row.Case]
		for _, verdict := range []struct {
			whose       string
			now, before Verdict
		}{
			{"the model's preview", row.Preview, before.Preview},
			{"the model's up", row.Up, before.Up},
			{"the AWS plugin's preview", row.Provider, before.Provider},
		} {
			if verdict.now != verdict.before {
				errs = append(errs,
					fmt.Errorf("%s: %s says %q, recorded is %q", row.Case, verdict.whose, verdict.now, verdict.before))
			}
		}
	}
	if len(rows) != len(recorded) {
		errs = append(errs, fmt.Errorf("there are %d cases, and %d are recorded", len(rows), len(recorded)))
	}
	return errors.Join(errs...)
}

// The files that Write writes, under the project's folder.
var (
	recordedFile = filepath.Join("rehearsal", "internal", "verdicts", "recorded.yaml")
	pageFile     = filepath.Join("docs", "model.md")
)

// Write records the verdicts, and writes the page about them.
func Write(project string, table *Table, rows []Row) error {
	recorded, err := yaml.Marshal(rows)
	if err != nil {
		return fmt.Errorf("record the verdicts: %w", err)
	}
	for file, content := range map[string][]byte{
		recordedFile: append([]byte("# What `make verdicts UPDATE=1` last heard. An empty verdict, which is left "+
			"out, means that the\n# program was taken.\n"), recorded...),
		pageFile: []byte(Page(table, rows)),
	} {
		if err := os.WriteFile(filepath.Join(project, file), content, 0o644); err != nil {
			return fmt.Errorf("record the verdicts: %w", err)
		}
	}
	return nil
}
