package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fingerprint is equal for two previews that plan the same: the same operations on the same
// resources with the same inputs. What differs in every preview, such as a random value, is left
// out. It is 64 hexadecimal digits.
func Fingerprint(p *Preview) (string, error) {
	type part struct {
		Op, URN string
		Reasons []string
		Diff    map[string]PropertyDiff
		Inputs  map[string]any
	}
	parts := []part{}
	for _, step := range p.changes() {
		one := part{
			Op:      step.Op,
			URN:     step.URN,
			Reasons: slices.Sorted(slices.Values(step.ReplaceReasons)),
			Diff:    step.DetailedDiff,
		}
		if step.NewState != nil {
			one.Inputs = step.NewState.chosen()
		}
		parts = append(parts, one)
	}
	raw, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("take fingerprint of the plan: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// maxRows keeps a comment under the 65,536 characters that GitHub takes.
const maxRows = 150

// Summary is one line: how many resources each operation concerns.
func Summary(p *Preview) string {
	counts := map[string]int{}
	for _, step := range p.changes() {
		counts[step.Op]++
	}
	if len(counts) == 0 {
		return "nothing changes"
	}
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d to %s", counts[op], op))
	}
	return strings.Join(parts, ", ")
}

// Markdown is the plan as a section of a comment: findings first, then notes, then every change.
func Markdown(title string, p *Preview, findings []Finding) string {
	var out strings.Builder
	fmt.Fprintf(&out, "## %s: %s\n\n", title, Summary(p))
	for _, one := range findings {
		fmt.Fprintf(&out, "- :stop_sign: %s %s: %s.\n", code(short(one.URN)), one.What, one.Why)
	}
	notes := Notes(p)
	for _, note := range notes {
		fmt.Fprintf(&out, "- :information_source: %s.\n", note)
	}
	if len(findings)+len(notes) > 0 {
		out.WriteString("\n")
	}
	changes := p.changes()
	if len(changes) == 0 {
		return out.String()
	}
	out.WriteString("<details><summary>Every change</summary>\n\n| operation | resource | properties |\n| --- | --- " +
		"| --- |\n")
	for _, step := range changes[:min(len(changes), maxRows)] {
		fmt.Fprintf(&out, "| %s | %s | %s |\n", step.Op, code(short(step.URN)), strings.Join(properties(step), ", "))
	}
	if more := len(changes) - maxRows; more > 0 {
		fmt.Fprintf(&out, "| … | and %d more | |\n", more)
	}
	out.WriteString("\n</details>\n")
	return out.String()
}

// Text is the plan for a terminal.
func Text(title string, p *Preview, findings []Finding) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", title, Summary(p))
	for _, step := range p.changes() {
		fmt.Fprintf(&out, "  %-8s %s", step.Op, short(step.URN))
		if changed := properties(step); len(changed) > 0 {
			fmt.Fprintf(&out, " (%s)", strings.Join(changed, ", "))
		}
		out.WriteString("\n")
	}
	for _, note := range Notes(p) {
		fmt.Fprintf(&out, "note: %s\n", note)
	}
	for _, one := range findings {
		fmt.Fprintf(&out, "STOP: %s\n", one)
	}
	return out.String()
}

// properties are the names of what differs. Values stay out: some are secret, and most are long.
func properties(step Step) []string {
	if step.Op != opUpdate && step.Op != opReplace {
		return nil
	}
	if len(step.DetailedDiff) > 0 {
		return slices.Sorted(maps.Keys(step.DetailedDiff))
	}
	return slices.Sorted(slices.Values(step.DiffReasons)) // a provider need not say more
}

// short is a URN without its stack and project.
func short(urn string) string {
	parts := strings.SplitN(urn, "::", 3)
	return parts[len(parts)-1]
}

// code is text in Markdown that shows as it is, inside a table too.
func code(text string) string {
	return "`" + strings.NewReplacer("`", "'", "|", `\|`, "\n", " ").Replace(text) + "`"
}
