package compliance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// order is that in which verdicts are printed: what needs attention last, where a terminal shows
// it.
var order = []Verdict{Pass, NotApplicable, Excepted, Hidden, Unknown, Fail}

// group is the results of one control that have the same verdict for the same reason.
type group struct {
	Result
	resources []string
}

func (r Report) groups(verdict Verdict) []group {
	var groups []group
	for _, one := range r {
		if one.Verdict != verdict {
			continue
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.Control == one.Control && g.Reason == one.Reason })
		if i < 0 {
			groups = append(groups, group{Result: one})
			i = len(groups) - 1
		}
		if one.URN != "" {
			groups[i].resources = append(groups[i].resources, one.Resource())
		}
	}
	return groups
}

// Summary is one line: how many results have each verdict.
func (r Report) Summary() string {
	parts := []string{fmt.Sprintf("%d controls", len(Controls))}
	for _, verdict := range order {
		if n := r.Count(verdict); n > 0 || verdict == Pass || verdict == Fail {
			parts = append(parts, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	return strings.Join(parts, ", ")
}

// Text is the report for a terminal: a line for each control, verdict and reason, with the
// resources that it is about, and the summary last.
func (r Report) Text(stack string) string {
	var out strings.Builder
	for _, verdict := range order {
		for _, g := range r.groups(verdict) {
			fmt.Fprintf(&out, "%-14s  %-14s  %-8s  %s", verdict, g.Control, g.Severity, g.Title)
			for _, part := range []string{strings.Join(g.resources, ", "), g.Reason} {
				if part != "" {
					out.WriteString(": " + part)
				}
			}
			out.WriteString("\n")
		}
	}
	fmt.Fprintf(&out, "%s: %s\n", stack, r.Summary())
	return out.String()
}

// Markdown is the report as a section of a comment or a page: what needs attention, then the rest
// folded.
func (r Report) Markdown(stack string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "## %s: %s\n\n", stack, r.Summary())
	table := func(verdicts ...Verdict) {
		out.WriteString("| verdict | control | severity | title | resources | reason |\n| --- | --- | --- | --- | " +
			"--- | --- |\n")
		for _, verdict := range verdicts {
			for _, g := range r.groups(verdict) {
				fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", verdict, g.Control, g.Severity, g.Title,
					strings.Join(g.resources, ", "),
					strings.ReplaceAll(g.Reason, "|", `\|`))
			}
		}
	}
	if r.Failures() > 0 {
		table(Fail, Unknown, Hidden)
		out.WriteString("\n")
	}
	out.WriteString("<details><summary>The rest</summary>\n\n")
	table(Excepted, NotApplicable, Pass)
	out.WriteString("\n</details>\n")
	return out.String()
}

// JSON is the report as a JSON list of results, for other programs.
func (r Report) JSON(string) string {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err) // strings always encode
	}
	return string(raw) + "\n"
}
