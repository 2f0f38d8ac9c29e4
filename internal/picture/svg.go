package picture

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// style follows the viewer's colour scheme. The picture has a ground of its own, so that it is
// legible on whatever page shows it.
const style = `
  svg { --ground: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --box: #ffffff; --tint: #f6f8fa; --flow: #0969da; --uses: #8250df; --warm: #bc4c00; --green: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d; --box: #161b22; --tint: #12171e; --flow: #4493f8; --uses: #ab7df8; --warm: #db6d28; --green: #3fb950; }
  }
  text { font-family: -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: var(--ink); }
  .ground { fill: var(--ground); stroke: var(--line); }
  .title { font-size: 17px; font-weight: 600; }
  .name { font-size: 13px; font-weight: 600; }
  .fact, .note, .count { font-size: 11.5px; fill: var(--soft); }
  .count { font-size: 10.5px; }
  .box { fill: var(--box); stroke: var(--line); }
  .frame { fill: none; stroke: var(--line); stroke-width: 1.2; }
  .aws { stroke: var(--warm); }
  .vpc { stroke: var(--green); }
  .public, .private, .data { fill: var(--tint); stroke-dasharray: 4 3; }
  .cluster { fill: var(--ground); stroke: var(--warm); stroke-width: 1; }
  .external { stroke-dasharray: 4 3; }
  .arrow { fill: none; stroke-width: 1.5; stroke: var(--flow); marker-end: url(#flow); }
  .uses { stroke: var(--uses); stroke-dasharray: 5 3; marker-end: url(#uses); }
  .label { font-size: 10.5px; fill: var(--flow); paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
  .label.used { fill: var(--uses); }
  #flow path { fill: var(--flow); }
  #uses path { fill: var(--uses); }
`

// SVG is the picture as a document of its own, legible in light and dark pages.
func (p *Picture) SVG() []byte {
	l := lay(p)
	out := &strings.Builder{}
	name := html.EscapeString(p.Title)
	fmt.Fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\" role=\"img\" "+
			"aria-labelledby=\"title desc\">\n",
		px(width), px(l.height), px(width), px(l.height))
	fmt.Fprintf(out, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s</style>\n", name,
		html.EscapeString(p.Description()), style)
	for _, kind := range []string{"flow", "uses"} {
		fmt.Fprintf(out, "<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" "+
			"markerHeight=\"6\" orient=\"auto\">"+
			"<path d=\"M0 0 8 4 0 8z\"/></marker>\n", kind)
	}
	fmt.Fprintf(out, "<rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"%s\" height=\"%s\" rx=\"8\"/>\n", px(width-1),
		px(l.height-1))
	text(out, "title", margin+4, 28, "start", p.Title)
	text(out, "note", margin+4, 47, "start", p.Subtitle)
	for _, one := range l.frames {
		fmt.Fprintf(out, "<rect class=\"frame %s\" %s rx=\"6\"/>\n", one.class, area(one.rect))
		text(out, "name", one.x+10, one.y+17, "start", one.title)
		switch one.class { // beside the arrows that cross the title's line
		case "data":
			text(out, "note", one.x+20+textWidth(one.title, titleSize), one.y+17, "start", one.note)
		case "private":
			text(out, "note", one.right()-pad-natSide-12, one.y+17, "end", one.note)
		default:
			text(out, "note", one.right()-10, one.y+17, "end", one.note)
		}
	}
	paths := l.paths()
	for _, one := range paths {
		drawPath(out, one)
	}
	fmt.Fprintf(out, "<rect class=\"box\" %s rx=\"%s\"/>\n", area(l.boxes[users]), px(usersH/2))
	text(out, "name", l.boxes[users].midX(), l.boxes[users].midY()+4.5, "middle", "Users")
	for _, box := range p.Boxes {
		drawBox(out, box, l.boxes[box.ID])
	}
	for _, one := range paths {
		if one.Label != "" {
			class := "label"
			if one.Uses {
				class = "label used"
			}
			what, who, _ := strings.Cut(one.Label, " (")
			text(out, class, one.label.x, one.label.y, one.anchor, what)
			if who != "" { // under the arrow: the gutter is not wide enough for both
				text(out, class, one.label.x, one.label.y+lineStep+2, one.anchor, "("+who)
			}
		}
	}
	legend(out, l.height-16)
	out.WriteString("</svg>\n")
	return []byte(out.String())
}

// Description says the picture in words, for those who cannot see it.
func (p *Picture) Description() string {
	var parts []string
	for _, box := range p.Boxes {
		parts = append(parts, box.Title+": "+joined(box.Facts))
	}
	return p.Subtitle + ". " + strings.Join(parts, "; ") + "."
}

func joined(facts []string) string { return strings.Join(facts, ", ") }

func drawBox(out *strings.Builder, box Box, r rect) {
	fmt.Fprintf(out, "<g><title>%s: %s</title>\n", html.EscapeString(box.Title), resources(box.Count))
	fmt.Fprintf(out, "<rect class=\"box\" %s rx=\"5\"/>\n", area(r))
	text(out, "name", r.x+textPad, r.y+18, "start", box.Title)
	text(out, "count", r.right()-textPad, r.y+17, "end", strconv.Itoa(box.Count))
	y := r.y + 35
	for _, fact := range box.Facts {
		for _, line := range wrap(fact, r.w-2*textPad) {
			if room := r.w - 2*textPad; textWidth(line, factSize) > room { // one long word
				fmt.Fprintf(out,
					"<text class=\"fact\" x=\"%s\" y=\"%s\" textLength=\"%s\" "+
						"lengthAdjust=\"spacingAndGlyphs\">%s</text>\n",
					px(r.x+textPad), px(y), px(room), html.EscapeString(line))
			} else {
				text(out, "fact", r.x+textPad, y, "start", line)
			}
			y += lineStep
		}
	}
	out.WriteString("</g>\n")
}

func drawPath(out *strings.Builder, one path) {
	class := "arrow"
	if one.Uses {
		class = "arrow uses"
	}
	var steps []string
	for _, at := range one.points {
		steps = append(steps, px(at.x)+","+px(at.y))
	}
	fmt.Fprintf(out, "<polyline class=\"%s\" points=\"%s\"/>\n", class, strings.Join(steps, " "))
}

func legend(out *strings.Builder, y float64) {
	x := margin + 4
	for _, one := range []struct{ class, text string }{
		{"arrow", "traffic, with the TCP ports that the security groups let through"},
		{"arrow uses", "other dependencies of the plan"},
	} {
		fmt.Fprintf(out, "<polyline class=\"%s\" points=\"%s,%s %s,%s\"/>\n", one.class, px(x), px(y-4), px(x+30),
			px(y-4))
		text(out, "note", x+37, y, "start", one.text)
		x += 37 + textWidth(one.text, factSize) + 24
	}
	text(out, "note", width-margin-4, y, "end", "numbers in boxes: resources")
}

func text(out *strings.Builder, class string, x, y float64, anchor, content string) {
	if content == "" {
		return
	}
	fmt.Fprintf(out, "<text class=\"%s\" x=\"%s\" y=\"%s\"", class, px(x), px(y))
	if anchor != "start" {
		fmt.Fprintf(out, " text-anchor=\"%s\"", anchor)
	}
	fmt.Fprintf(out, ">%s</text>\n", html.EscapeString(content))
}

func area(r rect) string {
	return fmt.Sprintf("x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"", px(r.x), px(r.y), px(r.w), px(r.h))
}

// px is a length with at most one digit behind the point, the same on every machine.
func px(v float64) string { return strconv.FormatFloat(float64(int(v*10+0.5))/10, 'f', -1, 64) }
