package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
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
	*search
	// alike says whether a plan makes no difference to the base.
	alike  func(base, plan []byte) (bool, error)
	chosen Chosen
}

// Choices changes the settings of a stack, as Previews does, and keeps those that make a
// difference, each with a plan of its own. Texts that the schema leaves free are names and no
// choices, and of a list from an enumeration every element is taken out. Changes share a preview
// for as long as it makes no difference. only keeps the changes whose path begins with it.
func Choices(
	ctx context.Context, f *harness.Fixture, schemaPath, only string, alike func(base, plan []byte) (bool, error),
) (*Chosen, error) {
	schema, err := readSchema(schemaPath)
	if err != nil {
		return nil, err
	}
	s, err := newSearch(f, schema.choices, only)
	if err != nil {
		return nil, err
	}
	c := &chooser{search: s, alike: alike}
	if c.chosen.Base, err = f.Preview(ctx); err != nil {
		return nil, err
	}
	if err := s.run(ctx, "Choices", c.look); err != nil {
		return nil, err
	}
	c.chosen.Previews = s.previews
	return &c.chosen, nil
}

// choices are the changes of settings that are no names.
func (s *schema) choices(project string, config map[string]any) []Change {
	g := &generator{schema: s, seen: map[string]bool{}, choices: true}
	g.sections(project, config)
	return g.all
}

// look previews changes together. They are told of when they make no difference; one that is alone
// is a choice, or is refused.
func (c *chooser) look(ctx context.Context, batch []Change) (untold []Change, said string, err error) {
	c.progress.Note(fmt.Sprintf("%d previews", c.previews))
	raw, previewErr := c.Preview(ctx)
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	var read preview
	if err := json.Unmarshal(raw, &read); err != nil {
		return nil, "", errors.Join(previewErr, fmt.Errorf("read the preview: %w", err))
	}
	if said := read.errors(); said != "" {
		if len(batch) > 1 {
			return batch, said, nil
		}
		line, named := refusal(batch[0], said)
		if !named {
			line, _, _ = strings.Cut(said, "\n")
		}
		c.chosen.Choices = append(c.chosen.Choices, Choice{Change: batch[0], Refused: line})
		return nil, "", nil
	}
	if previewErr != nil {
		return nil, "", previewErr
	}
	alike, err := c.alike(c.chosen.Base, raw)
	switch {
	case err != nil:
		return nil, "", err
	case alike:
		c.chosen.Alike += len(batch)
		return nil, "", nil
	case len(batch) == 1:
		c.chosen.Choices = append(c.chosen.Choices, Choice{Change: batch[0], Plan: raw})
		return nil, "", nil
	}
	return batch, "", nil
}
