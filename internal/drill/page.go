package drill

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Markdown is the report as a page: the incidents, and a matrix with a row for each alarm, a column
// for each incident, and the minutes after which the alarm went on.
func (r *Report) Markdown() string {
	var page strings.Builder
	fmt.Fprintf(&page, "## %s\n\n%s\n\n", r.Stack.Name, r.week())
	page.WriteString("| | incident | messages | what goes wrong |\n| --- | --- | --- | --- |\n")
	for i, one := range r.Incidents {
		fmt.Fprintf(&page, "| %d | `%s` | %s | %s |\n", i+1, one.Name,
			listed(slices.Concat(one.Messages, one.Reports)), one.What)
	}
	page.WriteString("\nMinutes until an alarm is on; **bold** where the incident is the alarm's own.\n\n| alarm " +
		"| says |")
	for i := range r.Incidents {
		fmt.Fprintf(&page, " %d |", i+1)
	}
	page.WriteString("\n|" + strings.Repeat(" --- |", len(r.Incidents)+2) + "\n")
	for _, row := range r.rows() {
		fmt.Fprintf(&page, "| `%s` | %s |", row.name, row.says)
		for _, one := range r.Incidents {
			fmt.Fprintf(&page, " %s|", cell(one, row.name))
		}
		page.WriteString("\n")
	}
	return page.String()
}

func (r *Report) week() string {
	if wrong := len(r.Week.On); wrong > 0 {
		return fmt.Sprintf("**%d alarms go on in a week in which all is well.**", wrong)
	}
	text := fmt.Sprintf("In a week in which all is well none of its %d alarms, rules and monitors goes on", len(r.rows()))
	if len(r.Week.Reports) > 0 {
		return text + ", but that AWS tells of the minor upgrade itself: " + listed(r.Week.Reports) + "."
	}
	return text + "."
}

type row struct{ name, says string }

// rows are the alarms by name, with what their descriptions promise.
func (r *Report) rows() []row {
	var all []row
	for name, description := range r.descriptions() {
		says := "at once" // as rules, and composite alarms with the first of theirs
		if r.isMonitor(name) {
			says = ""
		}
		if within, err := promised(description); err == nil {
			says = strconv.Itoa(within)
		}
		all = append(all, row{name, says})
	}
	slices.SortFunc(all, func(a, b row) int { return strings.Compare(a.name, b.name) })
	return all
}

func cell(one Tried, name string) string {
	minute, on := one.On[name]
	switch {
	case !on:
		return ""
	case slices.Contains(one.Own, name):
		return fmt.Sprintf("**%d** ", minute)
	default:
		return fmt.Sprintf("%d ", minute)
	}
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return "`" + strings.Join(names, "`, `") + "`"
}
