// Package lifecycle takes a stack that is up through changed settings: every setting one at a time
// in previews, and the large changes of its life for real.
package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
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
	*search
	outcomes []Outcome
}

// Previews changes every setting of the stack, one at a time, to another value that the schema
// admits, and previews it. Changes of different sections share a preview; whatever is found in one
// that is shared is tracked down to its change in previews of its own. only keeps the changes whose
// path begins with it.
func Previews(
	ctx context.Context, f *harness.Fixture, schemaPath, only string,
) (outcomes []Outcome, previews int, err error) {
	schema, err := readSchema(schemaPath)
	if err != nil {
		return nil, 0, err
	}
	s, err := newSearch(f, schema.changes, only)
	if err != nil {
		return nil, 0, err
	}
	p := &previewer{search: s}
	err = s.run(ctx, "Previews", p.look)
	slices.SortFunc(p.outcomes, func(a, b Outcome) int { return strings.Compare(a.String(), b.String()) })
	return p.outcomes, s.previews, err
}

// look previews changes together, and notes the outcome of those that it tells of.
func (p *previewer) look(ctx context.Context, batch []Change) (untold []Change, said string, err error) {
	p.progress.Note(fmt.Sprintf("%d of %d settings, %d previews", len(p.outcomes), len(p.changes), p.previews))
	verdict, said, err := p.verdict(ctx)
	switch {
	case err != nil:
		return nil, "", err
	case verdict == Planned:
		for _, change := range batch {
			p.outcomes = append(p.outcomes, Outcome{change, Planned, ""})
		}
		return nil, "", nil
	case len(batch) == 1:
		p.note(alone(batch[0], verdict, said))
		return nil, "", nil
	case verdict == Refused:
		return p.namedByPlace(batch, said), said, nil
	}
	return batch, said, nil
}

// namedByPlace notes the changes whose own place a refusal names, and returns the others. What
// names a change in passing may be about another one.
func (p *previewer) namedByPlace(batch []Change, said string) (others []Change) {
	for _, change := range batch {
		if line, named := ownPlace.find(change, said); named {
			p.note(Outcome{change, Refused, line})
		} else {
			others = append(others, change)
		}
	}
	return others
}

// alone is the outcome of a change that was previewed by itself: a refusal must name it, and a
// cloud may refuse what is foreseen.
func alone(change Change, verdict Verdict, said string) Outcome {
	if verdict == Wrong && foreseen(change, said) {
		verdict = Foreseen
	}
	if verdict != Refused {
		return Outcome{change, verdict, said}
	}
	line, named := refusal(change, said)
	if !named {
		return Outcome{change, Wrong, "the refusal does not name the setting: " + said}
	}
	return Outcome{change, Refused, line}
}

// note prints an outcome that is no plain plan: a long run tells what it finds as it goes.
func (p *previewer) note(o Outcome) {
	first, _, _ := strings.Cut(o.Detail, "\n")
	p.Console.Line("   %s: %s", o, o.Verdict)
	p.Console.Line("      %s", first)
	p.outcomes = append(p.outcomes, o)
}
