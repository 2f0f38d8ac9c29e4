package cost

import (
	"fmt"
	"math"
	"strings"
)

// OptionsMarkdown is a table of the options, which reads well on a terminal too: those that change
// a month by a dollar or more one by one, the others in a sentence, and then those that cannot be
// planned or priced, with the reason.
func OptionsMarkdown(o *Options, priced []PricedOption) string {
	var out, refused, unpriced strings.Builder
	small := 0
	out.WriteString("| setting | from -> to | USD a month | what it is | alarms that go |\n")
	out.WriteString("| --- | --- | ---: | --- | --- |\n")
	for _, one := range priced {
		switch {
		case one.Refused != "":
			fmt.Fprintf(&refused, "- `%s` (%s): %s\n", one.Setting, one.Change, one.Refused)
		case one.Unpriced != "":
			fmt.Fprintf(&unpriced, "- `%s` (%s): %s\n", one.Setting, one.Change, one.Unpriced)
		case math.Abs(one.ChangeUSD) < 1:
			small++
		default:
			mark := ""
			if !one.Verified {
				mark = "*"
			}
			fmt.Fprintf(&out, "| `%s` | %s | %s%s | %s | %s |\n", one.Setting, cell(one.Change),
				signed(one.ChangeUSD), mark, cell(one.About), strings.Join(one.Lost, ", "))
		}
	}
	fmt.Fprintf(&out, "\nAn amount with * rests on a price that no source confirmed. "+
		"%d changed settings change less than a dollar, and %d nothing.\n", small, o.Without)
	section(&out, "Cannot be priced alone:", unpriced.String())
	section(&out, "Cannot be planned alone:", refused.String())
	return out.String()
}

func section(out *strings.Builder, heading, list string) {
	if list != "" {
		out.WriteString("\n" + heading + "\n\n" + list)
	}
}

// cell is a text on one line of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
