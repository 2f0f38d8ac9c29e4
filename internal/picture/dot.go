package picture

import (
	"fmt"
	"strconv"
	"strings"
)

// DOT is the same picture for Graphviz, which lays it out itself.
func (p *Picture) DOT() []byte {
	out := &strings.Builder{}
	fmt.Fprintf(out,
		"digraph stack {\n  label=%s; labelloc=t; rankdir=TB; compound=true; newrank=true; nodesep=0.3; ranksep=0.5;\n",
		strconv.Quote(p.Title+"\n"+p.Subtitle))
	out.WriteString("  fontname=Helvetica; node [shape=box, style=\"rounded,filled\", fillcolor=white, " +
		"fontname=Helvetica, fontsize=11];\n" +
		"  edge [fontname=Helvetica, fontsize=10, color=\"#0969da\", fontcolor=\"#0969da\"];\n")
	fmt.Fprintf(out, "  %q [label=Users, shape=ellipse];\n", users)
	p.cluster(out, "aws", "AWS", "#bc4c00", func() {
		p.nodes(out, atEdge)
		p.nodes(out, beside)
		p.cluster(out, "vpc", joined(append([]string{p.Frames[inVPC].Title}, p.Frames[inVPC].Facts...)), "#1a7f37",
			func() {
				for _, tier := range []place{inPublic, inPrivate, inDatabase} {
					p.cluster(out, fmt.Sprint("tier", int(tier)), p.Frames[tier].Title, "#59636e", func() {
						p.nodes(out, tier)
						if tier == inPrivate {
							p.cluster(out, tasks, p.Frames[inCluster].Title, "#bc4c00", func() {
								p.nodes(out, inCluster)
							})
						}
					})
				}
			})
	})
	p.cluster(out, "external", "External services", "#59636e", func() { p.nodes(out, external) })
	fmt.Fprintf(out, "  %q [label=Internet, shape=ellipse];\n", internet)
	for _, one := range p.Arrows {
		from, attributes := one.From, []string{"label=" + strconv.Quote(one.Label)}
		if from == tasks { // Graphviz draws an arrow from a cluster as one from a node in it
			from = p.firstTask()
			attributes = append(attributes, "ltail=cluster_"+tasks)
		}
		if from == "" {
			continue
		}
		if one.Uses {
			attributes = append(attributes, "style=dashed", "color=\"#8250df\"", "fontcolor=\"#8250df\"")
		}
		fmt.Fprintf(out, "  %q -> %q [%s];\n", from, one.To, strings.Join(attributes, ", "))
	}
	out.WriteString("}\n")
	return []byte(out.String())
}

func (p *Picture) firstTask() string {
	for _, box := range p.Boxes {
		if box.place == inCluster {
			return box.ID
		}
	}
	return ""
}

func (p *Picture) cluster(out *strings.Builder, name, title, colour string, fill func()) {
	fmt.Fprintf(out, "  subgraph cluster_%s {\n  label=%q; color=%q; style=rounded;\n", name, title, colour)
	fill()
	out.WriteString("  }\n")
}

func (p *Picture) nodes(out *strings.Builder, at place) {
	for _, box := range p.Boxes {
		if box.place == at {
			fmt.Fprintf(out, "  %q [label=%s];\n", box.ID,
				strconv.Quote(strings.Join(append([]string{box.Title}, box.Facts...), "\n")))
		}
	}
}
