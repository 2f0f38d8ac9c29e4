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
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
)

// search finds out of many changes, with few previews, which of them lead to what is found.
type search struct {
	*harness.Fixture
	file     []byte         // the stack file
	base     map[string]any // the same, decoded
	project  string
	changes  []Change
	previews int
	progress *console.Progress
}

// judge previews the stack with some changes in its file, notes what that tells, and returns the
// changes that it tells nothing of yet, with what the preview said. Of a change that is previewed
// alone it always tells.
type judge func(ctx context.Context, batch []Change) (untold []Change, said string, err error)

// newSearch is a search among the changes that a list has for the stack's configuration, of the
// settings whose path begins with only.
func newSearch(
	f *harness.Fixture, list func(project string, config map[string]any) []Change, only string,
) (*search, error) {
	s := &search{Fixture: f, project: f.Work.Files.Project}
	var err error
	if s.file, err = f.StackYAML(); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(s.file, &s.base); err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	for _, change := range list(s.project, configOf(s.base)) {
		if strings.HasPrefix(change.Path, only) {
			s.changes = append(s.changes, change)
		}
	}
	return s, nil
}

func configOf(file map[string]any) map[string]any {
	config, _ := file["config"].(map[string]any)
	return config
}

// run searches batch by batch under a heading, and leaves the stack file as it was.
func (s *search) run(ctx context.Context, heading string, look judge) (err error) {
	s.Console.Heading("%s of %s: %d changed settings", heading, s.Stack, len(s.changes))
	s.progress = s.Console.Progress("previewing")
	defer s.progress.Done()
	defer func() { err = errors.Join(err, s.WriteStackYAML(s.file)) }()
	for _, batch := range batches(s.changes) {
		if err := s.narrow(ctx, batch, look); err != nil {
			return err
		}
	}
	return nil
}

// narrow previews a batch of changes, and follows what is found to the change that it is about:
//
//  1. All changes of the batch are made together and previewed once.
//  2. What the preview tells settles some of them: all, when nothing is found; one that is alone,
//     whatever is found; and, in a refusal by the program, each change whose own place a line
//     names.
//  3. When that settles some of several, the rest is previewed again together: the program reports
//     everything at once, so that nobody's line hides another one's.
//  4. When it settles none, the batch is parted in two, and each part is narrowed: the changes of
//     the sections that the finding speaks of, and the others; where that parts nothing, halves.
//
// A batch in which nothing is found takes one preview, and a finding in one of n changes about
// twice the logarithm of n.
func (s *search) narrow(ctx context.Context, batch []Change, look judge) error {
	if len(batch) == 0 {
		return nil
	}
	if err := s.apply(batch); err != nil {
		return err
	}
	s.previews++
	untold, said, err := look(ctx, batch)
	if err != nil {
		return err
	}
	if len(untold) < len(batch) {
		return s.narrow(ctx, untold, look)
	}
	first, second := part(batch, said)
	if err := s.narrow(ctx, first, look); err != nil {
		return err
	}
	return s.narrow(ctx, second, look)
}

// apply writes the stack file with changes in it.
func (s *search) apply(batch []Change) error {
	file, _ := stackfile.Clone(s.base).(map[string]any)
	for _, change := range batch {
		if err := change.Apply(configOf(file)); err != nil {
			return err
		}
	}
	raw, err := yaml.Marshal(file)
	if err != nil {
		return fmt.Errorf("write the stack file: %w", err)
	}
	return s.WriteStackYAML(raw)
}

// manyParts are the sections whose parts have little to do with each other. Of other sections two
// changes are not made together: one could make up for the other.
var manyParts = []string{"services", "edge", "compute", "datadog", "observability"}

// batches puts one change of each section, or of each part of one, into each preview.
func batches(changes []Change) [][]Change {
	byPart := map[string][]Change{}
	var parts []string
	for _, change := range changes {
		part := change.Section
		if _, name, _ := strings.Cut(part, ":"); slices.Contains(manyParts, name) {
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

// part parts a batch into the changes of sections that a finding speaks of, and the others; into
// halves if that parts nothing.
func part(batch []Change, said string) (suspects, others []Change) {
	for _, change := range batch {
		if speaksOfSection(said, change.Section) {
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
