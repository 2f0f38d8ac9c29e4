package emulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
)

// Report is what a rehearsal in an emulator found out.
type Report struct {
	Endpoint string    `json:"endpoint"`
	Account  string    `json:"account"`
	Planned  int       `json:"planned"` // resources of AWS that the preview would create
	Made     int       `json:"made"`    // of these, those that the state has after the up
	Findings []Finding `json:"findings,omitempty"`
	// Echoes are resources that the second preview would change: the emulator answers with other
	// values than it was given, since the same preview is empty in the model's cloud.
	Echoes []engine.Change `json:"echoes,omitempty"`
}

// Finding is one failure.
type Finding struct {
	Step string `json:"step"`
	URN  string `json:"urn"`
	Verdict
}

// consequence is what the engine and the program say when a resource has failed, beside what is
// said of that resource.
var consequence = regexp.MustCompile(
	`^(preview|update|destroy) failed\s*$|program failed:\s+waiting for RPCs: resource .+ failed to register`)

// Add judges what went wrong in a step. A provider tells of one failure in several messages: in
// those that its libraries log, and in the one that it ends with. A later step that fails at the
// same adds nothing.
func (r *Report) Add(step string, result *engine.Result) {
	said, order := map[string]string{}, []string{}
	for _, problem := range result.Problems {
		if consequence.MatchString(problem.Message) {
			continue
		}
		if said[problem.URN] == "" {
			order = append(order, problem.URN)
		}
		said[problem.URN] += problem.Message + "\n"
	}
	for _, urn := range order {
		v := Judge(said[urn])
		known := slices.ContainsFunc(r.Findings, func(f Finding) bool {
			return f.URN == urn && f.Cause == v.Cause && f.Operation == v.Operation
		})
		if !known {
			r.Findings = append(r.Findings, Finding{Step: step, URN: urn, Verdict: v})
		}
	}
}

// Compare takes what the second preview would change, of resources that were made: those that were
// not are still to be created.
func (r *Report) Compare(second *engine.Result) {
	for _, change := range second.Changes {
		if change.Op != "create" && change.Op != "read" {
			r.Echoes = append(r.Echoes, change)
		}
	}
}

// Err is nil unless something is owed to the program, or nothing was made.
func (r *Report) Err() error {
	owed := 0
	for _, finding := range r.Findings {
		if finding.Cause != Lacking {
			owed++
		}
	}
	switch {
	case owed > 0:
		return fmt.Errorf("deploy to the emulator at %s: %d failures are not the emulator's, as the list says",
			r.Endpoint, owed)
	case r.Made == 0:
		return fmt.Errorf("deploy to the emulator at %s: it made none of %d resources: this shows nothing",
			r.Endpoint, r.Planned)
	}
	return nil
}

// Print lists the findings by cause.
func (r *Report) Print(c *console.Console) {
	c.Heading("What the emulator at %s could do", r.Endpoint)
	c.Line("Account %s, by its STS. It made %d of %d resources of AWS; what waits for one that failed was not tried.",
		r.Account, r.Made, r.Planned)
	for _, cause := range Causes {
		var rows [][]string
		for _, finding := range r.Findings {
			if finding.Cause == cause {
				rows = append(rows, []string{finding.Step, Name(finding.URN), finding.Operation, finding.Why})
			}
		}
		c.Line("%s: %d", upper(string(cause)), len(rows))
		c.Table("   ", rows)
	}
	c.Line("The second preview would change what the emulator tells otherwise than it was told: %d", len(r.Echoes))
	var rows [][]string
	for _, change := range r.Echoes {
		rows = append(rows, []string{change.Op, Name(change.URN), strings.Join(change.Diffs, ", ")})
	}
	c.Table("   ", rows)
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// Name is the type and the name at the end of a URN: what a reader looks for in the program.
func Name(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return urn
	}
	types := strings.Split(parts[len(parts)-2], "$")
	return types[len(types)-1] + " " + parts[len(parts)-1]
}
