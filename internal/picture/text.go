package picture

import "strings"

// The sizes of text, in pixels.
const (
	titleSize = 13.0
	factSize  = 11.5
	lineStep  = 15.0
)

// textWidth is about as wide as a sans-serif font sets the text, on the wide side: a viewer's font
// is not known.
func textWidth(text string, size float64) float64 {
	width := 0.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("iljI.,:;'|()[]/ ft", r):
			width += 0.34
		case strings.ContainsRune("mwMW@%", r):
			width += 0.9
		case r >= 'A' && r <= 'Z':
			width += 0.7
		default:
			width += 0.58
		}
	}
	return width * size
}

// wrap breaks a fact into lines at its spaces. A longer word stays whole.
func wrap(text string, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case textWidth(line+" "+word, factSize) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
