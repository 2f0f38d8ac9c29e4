// Package lifecycle takes a stack that is up through changed settings: every setting one at a time
// in previews, and the large changes of its life for real.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// Verdict is what a changed setting leads to.
type Verdict string

// The verdicts.
const (
	Planned   Verdict = "planned"       // a plan that loses nothing
	Guarded   Verdict = "guard stops"   // a plan that loses something, and the guard says so
	Refused   Verdict = "refused"       // the program names the setting and says what it wants
	Protected Verdict = "pulumi stops"  // the plan would delete or replace what Pulumi protects
	Foreseen  Verdict = "cloud refuses" // what decides is in the cloud, and docs/reliability.md says so
	Wrong     Verdict = "WRONG"         // anything else
)

// Outcome is what became of a change.
type Outcome struct {
	Change
	Verdict Verdict
	Detail  string // the findings, the refusal, or what is wrong
}

// previewer tries changes on a stack that is up.
type previewer struct {
	*run.Rehearsal
	base     map[string]any // the stack file
	project  string
	outcomes []Outcome
	previews int
	progress *console.Progress
	total    int
}

// Previews changes every setting of the stack, one at a time, to another value that the schema
// admits, and previews it. Changes of different sections share a preview; whatever is found in one
// that is shared is tracked down to its change in previews of its own. only keeps the changes whose
// path begins with it.
func Previews(
	ctx context.Context, r *run.Rehearsal, schemaPath, only string,
) (outcomes []Outcome, previews int, err error) {
	s, err := readSchema(schemaPath)
	if err != nil {
		return nil, 0, err
	}
	p := &previewer{Rehearsal: r, project: r.Work.Files.Project}
	raw, err := r.StackYAML()
	if err != nil {
		return nil, 0, err
	}
	if err := yaml.Unmarshal(raw, &p.base); err != nil {
		return nil, 0, fmt.Errorf("read the stack file: %w", err)
	}
	var changes []Change
	for _, change := range s.changes(p.project, p.config(p.base)) {
		if strings.HasPrefix(change.Path, only) {
			changes = append(changes, change)
		}
	}
	r.Console.Heading("Previews of %s: %d changed settings", r.Stack, len(changes))
	p.progress, p.total = r.Console.Progress("previewing"), len(changes)
	defer func() { err = errors.Join(err, r.WriteStackYAML(raw)) }()
	for _, batch := range batches(changes) {
		if err := p.try(ctx, batch); err != nil {
			return p.outcomes, p.previews, err
		}
	}
	p.progress.Done()
	slices.SortFunc(p.outcomes, func(a, b Outcome) int { return strings.Compare(a.String(), b.String()) })
	return p.outcomes, p.previews, nil
}

func (p *previewer) config(file map[string]any) map[string]any {
	config, _ := file["config"].(map[string]any)
	return config
}

// apart are sections of parts that have little to do with each other. Elsewhere two changes of one
// section are not made together: one could make up for the other.
var apart = []string{"services", "edge", "compute", "datadog", "observability"}

// batches puts one change of each section, or of each part of one, into each preview.
func batches(changes []Change) [][]Change {
	byPart := map[string][]Change{}
	var parts []string
	for _, change := range changes {
		part := change.Section
		if _, name, _ := strings.Cut(part, ":"); slices.Contains(apart, name) {
			part += fmt.Sprint(change.Steps[:min(len(change.Steps), 2)]...)
		}
		if byPart[part] == nil {
			parts = append(parts, part)
		}
		byPart[part] = append(byPart[part], change)
	}
	var all [][]Change
	for i := 0; ; i++ {
		var batch []Change
		for _, part := range parts {
			if i < len(byPart[part]) {
				batch = append(batch, byPart[part][i])
			}
		}
		if len(batch) == 0 {
			return all
		}
		all = append(all, batch)
	}
}

// try previews changes together. A preview that fails or that loses something is tried again in
// parts, down to one change each.
func (p *previewer) try(ctx context.Context, batch []Change) error {
	if len(batch) == 0 {
		return nil
	}
	if err := p.apply(batch); err != nil {
		return err
	}
	p.previews++
	p.progress.Note(fmt.Sprintf("%d of %d settings, %d previews", len(p.outcomes), p.total, p.previews))
	verdict, detail, err := p.judge(ctx)
	if err != nil {
		return err
	}
	switch {
	case verdict == Planned:
		for _, change := range batch {
			p.outcomes = append(p.outcomes, Outcome{change, Planned, ""})
		}
		return nil
	case len(batch) == 1:
		p.settle(batch[0], verdict, detail)
		return nil
	case verdict == Refused:
		if rest := p.apart(batch, detail); len(rest) < len(batch) {
			return p.try(ctx, rest)
		}
	}
	suspects, others := split(batch, detail)
	if err := p.try(ctx, suspects); err != nil {
		return err
	}
	return p.try(ctx, others)
}

// apply writes the stack file with changes in it.
func (p *previewer) apply(batch []Change) error {
	file, _ := stackfile.Clone(p.base).(map[string]any)
	for _, change := range batch {
		if err := change.Apply(p.config(file)); err != nil {
			return err
		}
	}
	raw, err := yaml.Marshal(file)
	if err != nil {
		return fmt.Errorf("write the stack file: %w", err)
	}
	return p.WriteStackYAML(raw)
}

// split parts a batch into the changes of sections that what was found speaks of, and the others;
// into halves if that parts nothing.
func split(batch []Change, detail string) (suspects, others []Change) {
	detail = strings.ToLower(detail)
	for _, change := range batch {
		_, section, _ := strings.Cut(change.Section, ":")
		if strings.Contains(detail, strings.TrimSuffix(strings.ToLower(section), "s")) {
			suspects = append(suspects, change)
		} else {
			others = append(others, change)
		}
	}
	if len(suspects) == 0 || len(others) == 0 {
		return batch[:len(batch)/2], batch[len(batch)/2:]
	}
	return suspects, others
}

// apart notes the changes whose own place a refusal names, and returns the rest. The program
// reports everything at once, so the rest is tried together; what names a change in passing may be
// about another one.
func (p *previewer) apart(batch []Change, detail string) (rest []Change) {
	for _, change := range batch {
		if line, named := place(change.Path, detail, ":.["); named {
			p.note(Outcome{change, Refused, line})
		} else {
			rest = append(rest, change)
		}
	}
	return rest
}

// settle notes the outcome of a change that was previewed by itself.
func (p *previewer) settle(change Change, verdict Verdict, detail string) {
	if verdict == Wrong && foreseen(change, detail) {
		verdict = Foreseen
	}
	if verdict != Refused {
		p.note(Outcome{change, verdict, detail})
		return
	}
	line, named := refusal(change, detail)
	if !named {
		verdict, line = Wrong, "the refusal does not name the setting: "+detail
	}
	p.note(Outcome{change, verdict, line})
}

// clouds are refusals that only the cloud can make, by the setting and the cloud's words: the stack
// file does not tell which versions a cloud has today, nor what it holds already.
var clouds = map[string]string{
	"atlas.mongoDbVersion":  "INVALID_ENUM_VALUE",
	"network.zones[*].name": "InvalidSubnet.Conflict",
}

func foreseen(change Change, detail string) bool {
	words, known := clouds[anyEntry(change.Path)]
	return known && strings.Contains(detail, words)
}

// note prints an outcome that is no plain plan: a long run tells what it finds as it goes.
func (p *previewer) note(o Outcome) {
	first, _, _ := strings.Cut(o.Detail, "\n")
	p.Console.Line("   %s: %s", o, o.Verdict)
	p.Console.Line("      %s", first)
	p.outcomes = append(p.outcomes, o)
}

// refusal finds the line of a report that names a changed setting, something in it, or the list or
// map that it is in.
func refusal(change Change, report string) (string, bool) {
	if line, ok := place(change.Path, report, ":.["); ok {
		return line, true
	}
	for line := range strings.Lines(report) {
		if line = strings.TrimSpace(line); named(line, change.Path) {
			return line, true
		}
	}
	for at := parent(change.Path); at != ""; at = parent(at) {
		if line, ok := place(at, report, ":"); ok { // what is in another part of the list or map is another setting
			return line, true
		}
	}
	if line, ok := sibling(change, report); ok {
		return line, true
	}
	// Another region is what the refusals of zones want.
	if text, ok := change.Value.(string); ok && strings.HasSuffix(change.Section, ":aws") {
		for line := range strings.Lines(report) {
			if _, wanted, found := strings.Cut(line, ", want "); found && strings.Contains(wanted, text) {
				return strings.TrimSpace(line), true
			}
		}
	}
	// A parameter that is named in a list wants a secret of that name.
	for _, name := range listed(change.Value) {
		for line := range strings.Lines(report) {
			if _, said, _ := strings.Cut(strings.TrimSpace(line), ":"); strings.HasPrefix(said, name+": ") {
				return strings.TrimSpace(line), true
			}
		}
	}
	return "", false
}

// place finds the line of a report that is about a setting's own place. ends are what may follow it
// there: a colon, or a step to what is in it.
func place(setting, report, ends string) (string, bool) {
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		_, said, _ := strings.Cut(line, ":")
		if rest, ok := strings.CutPrefix(said, setting); ok && rest != "" && strings.ContainsRune(ends, rune(rest[0])) {
			return line, true
		}
	}
	return "", false
}

// sibling finds the line of a setting beside the changed one that says what does not go with it, as
// a memory that its CPU does not have, or of one that names an entry which was taken out.
func sibling(change Change, report string) (string, bool) {
	key := change.Path[strings.LastIndexAny(change.Path, ".[")+1:]
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		_, said, _ := strings.Cut(line, ":")
		beside := strings.HasPrefix(said, parent(change.Path)+".") &&
			(strings.Contains(line, fmt.Sprintf("%s %v", key, change.Value)) || without(line, key))
		gone := change.Remove && strings.Contains(line, fmt.Sprintf("found %q", key))
		if beside || gone {
			return line, true
		}
	}
	return "", false
}

// without says whether a line is about what does not go without a setting: "without an image",
// "without paths".
func without(line, key string) bool {
	for _, article := range []string{"", "a ", "an "} {
		if strings.Contains(line+" ", " without "+article+key+" ") {
			return true
		}
	}
	return false
}

// named says whether a line speaks of a setting as what another one contradicts. A line about a
// section's own settings leaves the section out.
func named(line, setting string) bool {
	section, rest, _ := strings.Cut(setting, ".")
	if _, said, _ := strings.Cut(line, ":"); strings.HasPrefix(said, section+".") && rest != "" && spoken(line, rest) {
		return true
	}
	return spoken(line, setting)
}

// spoken says whether a line has a setting's path as a word of its own.
func spoken(line, setting string) bool {
	for _, after := range []string{" ", ")", ",", ":", ".", "["} {
		if strings.Contains(line+" ", " "+setting+after) || strings.Contains(line, "("+setting+after) {
			return true
		}
	}
	return false
}

// listed are the texts of a list.
func listed(value any) []string {
	var texts []string
	list, _ := value.([]any)
	for _, one := range list {
		if text, ok := one.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}
