package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// Choice is a setting that was changed alone, with what the preview said.
type Choice struct {
	Change
	// Plan is the stack's with the change.
	Plan []byte
	// Refused is what the program says of the change, which names the setting that contradicts it.
	// Empty: there is a plan.
	Refused string
}

// Chosen are the choices of a stack that make a difference, and those that cannot be made alone.
type Chosen struct {
	// Base is the plan of the stack as its file has it.
	Base    []byte
	Choices []Choice
	// Alike is the number of changed settings that make no difference.
	Alike    int
	Previews int
}

// chooser tries the choices of a stack.
type chooser struct {
	previewer
	// alike says whether a plan makes no difference to the base.
	alike  func(base, plan []byte) (bool, error)
	chosen Chosen
}

// Choices changes the settings of a stack, as Previews does, and keeps those that make a
// difference, each with a plan of its own. Texts that the schema leaves free are names and no
// choices, and of a list from an enumeration every element is taken out. Changes share a preview
// for as long as it makes no difference. only keeps the changes whose path begins with it.
func Choices(
	ctx context.Context, r *run.Rehearsal, schemaPath, only string, alike func(base, plan []byte) (bool, error),
) (_ *Chosen, err error) {
	s, err := readSchema(schemaPath)
	if err != nil {
		return nil, err
	}
	c := &chooser{previewer: previewer{Rehearsal: r, project: r.Work.Files.Project}, alike: alike}
	raw, err := r.StackYAML()
	if err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(raw, &c.base); err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	if c.chosen.Base, err = r.Preview(ctx); err != nil {
		return nil, err
	}
	var changes []Change
	for _, change := range s.choices(c.project, c.config(c.base)) {
		if strings.HasPrefix(change.Path, only) {
			changes = append(changes, change)
		}
	}
	r.Console.Heading("Choices of %s: %d changed settings", r.Stack, len(changes))
	c.progress, c.total = r.Console.Progress("previewing"), len(changes)
	defer func() { err = errors.Join(err, r.WriteStackYAML(raw)) }()
	for _, batch := range batches(changes) {
		if err := c.try(ctx, batch); err != nil {
			return nil, err
		}
	}
	c.progress.Done()
	c.chosen.Previews = c.previews
	return &c.chosen, nil
}

// choices are the changes of settings that are no names.
func (s *schema) choices(project string, config map[string]any) []Change {
	g := &generator{schema: s, seen: map[string]bool{}, choices: true}
	g.sections(project, config)
	return g.all
}

// try previews changes together, and parts them until those that make a difference are alone.
func (c *chooser) try(ctx context.Context, batch []Change) error {
	if len(batch) == 0 {
		return nil
	}
	if err := c.apply(batch); err != nil {
		return err
	}
	c.previews++
	c.progress.Note(fmt.Sprintf("%d previews", c.previews))
	raw, previewErr := c.Preview(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var read preview
	if err := json.Unmarshal(raw, &read); err != nil {
		return errors.Join(previewErr, fmt.Errorf("read the preview: %w", err))
	}
	if said := read.errors(); said != "" {
		return c.refused(ctx, batch, said)
	}
	if previewErr != nil {
		return previewErr
	}
	alike, err := c.alike(c.chosen.Base, raw)
	switch {
	case err != nil:
		return err
	case alike:
		c.chosen.Alike += len(batch)
		return nil
	case len(batch) == 1:
		c.chosen.Choices = append(c.chosen.Choices, Choice{Change: batch[0], Plan: raw})
		return nil
	}
	return c.parts(ctx, batch[:len(batch)/2], batch[len(batch)/2:])
}

func (c *chooser) parts(ctx context.Context, first, second []Change) error {
	if err := c.try(ctx, first); err != nil {
		return err
	}
	return c.try(ctx, second)
}

// refused notes the change that a refusal is about, and tries the others.
func (c *chooser) refused(ctx context.Context, batch []Change, said string) error {
	if len(batch) > 1 {
		suspects, others := split(batch, said)
		return c.parts(ctx, suspects, others)
	}
	line, named := refusal(batch[0], said)
	if !named {
		line, _, _ = strings.Cut(said, "\n")
	}
	c.chosen.Choices = append(c.chosen.Choices, Choice{Change: batch[0], Refused: line})
	return nil
}
