package picture

import (
	"cmp"
	"slices"
)

// The columns of the picture, in pixels: services beside, the VPC, and what is outside of AWS.
// Arrows run in the gutters between them.
const (
	width      = 1000.0
	margin     = 12.0
	pad        = 12.0
	besideX    = margin + pad
	besideW    = 156.0
	vpcX       = besideX + besideW + 62
	vpcW       = 486.0
	awsRight   = vpcX + vpcW + pad
	externalX  = awsRight + 98
	externalW  = width - margin - pad - externalX
	columns    = 3 // of the VPC
	gutter     = 24.0
	columnW    = (vpcW - 4*pad - (columns-1)*gutter) / columns
	top        = 62.0 // under the title
	usersH     = 28.0
	frameTitle = 24.0
	rowGap     = 20.0 // an arrow and its label fit between
	boxGap     = 10.0
)

type rect struct{ x, y, w, h float64 }

func (r rect) right() float64  { return r.x + r.w }
func (r rect) bottom() float64 { return r.y + r.h }
func (r rect) midX() float64   { return r.x + r.w/2 }
func (r rect) midY() float64   { return r.y + r.h/2 }

// layout is where everything is drawn.
type layout struct {
	picture *Picture
	boxes   map[string]rect
	frames  []frame
	height  float64
}

// frame is an area with a title.
type frame struct {
	rect
	class, title, note string
}

func columnX(column int) float64 { return vpcX + 2*pad + float64(column)*(columnW+gutter) }

// boxHeight is what a box's text needs at a width.
func boxHeight(b Box, w float64) float64 {
	lines := 0
	for _, fact := range b.Facts {
		lines += len(wrap(fact, w-2*textPad))
	}
	return 26 + float64(lines)*lineStep + 6
}

const textPad = 9.0

// lay sets the edge, the tiers of the VPC under it, and both sides.
func lay(p *Picture) *layout {
	l := &layout{picture: p, boxes: map[string]rect{}}
	l.boxes[users] = rect{columnX(1), top, columnW, usersH}
	awsTop := top + usersH + 34
	y := l.row(l.in(atEdge), []int{1, 2}, awsTop+frameTitle+6)
	vpcTop := y + 40
	y = l.tier("public", inPublic, vpcTop+frameTitle+4, func(y float64) float64 {
		into := []int{1, 2}
		if len(l.in(inFront)) > 0 {
			into = []int{2, 0} // CloudFront's arrow comes down the second column to the load balancer
		}
		return l.row(l.in(inPublic), into, y)
	})
	y = l.tier("private", inPrivate, y+rowGap+12, func(y float64) float64 {
		if front := l.in(inFront); len(front) > 0 {
			y = l.row(front, []int{1}, y) + rowGap + 12
		}
		if inside := l.in(inCluster); len(inside) > 0 || l.picture.Frames[inCluster].ID != "" {
			clusterTop := y
			y = l.rows(inside, y+frameTitle+rowGap)
			box := p.Frames[inCluster]
			l.frames = append(l.frames, frame{rect{vpcX + pad + 4, clusterTop, vpcW - 2*pad - 8, y + 10 - clusterTop},
				"cluster", box.Title, resources(box.Count)})
			l.boxes[tasks] = l.frames[len(l.frames)-1].rect
			y += 10 + rowGap + 18
		}
		return l.row(l.in(inPrivate), []int{0, 2}, y)
	})
	y = l.tier("data", inDatabase, y+rowGap+12, func(y float64) float64 {
		for _, box := range l.in(inDatabase) {
			w := 2*columnW + gutter
			l.boxes[box.ID] = rect{columnX(0) + (columnW+gutter)/2, y, w, boxHeight(box, w)}
			y = l.boxes[box.ID].bottom() + boxGap
		}
		return y - boxGap
	})
	vpcBottom := y + pad
	bottom := max(vpcBottom+pad, l.stack(awsTop+frameTitle+6, 0)+pad)
	l.stack(awsTop+frameTitle+6, bottom-pad)
	outside := l.beyond(vpcTop)
	l.frames = append(l.frames, frame{rect{margin, awsTop, awsRight - margin, bottom - awsTop}, "aws", "AWS", ""})
	if len(l.in(external)) > 0 {
		l.frames = append(l.frames, frame{outside, "external", "External services", ""})
	}
	if vpc := p.Frames[inVPC]; vpc.ID != "" {
		title := joined(append([]string{vpc.Title}, vpc.Facts...))
		l.frames = append(l.frames,
			frame{rect{vpcX, vpcTop, vpcW, vpcBottom - vpcTop}, "vpc", title, resources(vpc.Count)})
	}
	// the outer ones under the inner ones
	slices.SortStableFunc(l.frames, func(a, b frame) int { return cmp.Compare(b.w*b.h, a.w*a.h) })
	l.height = bottom + margin + 26
	return l
}

func resources(n int) string { return joined(count(n, "resource")) }

func (l *layout) in(at place) []Box {
	var found []Box
	for _, box := range l.picture.Boxes {
		if box.place == at {
			found = append(found, box)
		}
	}
	return found
}

// row sets boxes side by side into the columns given, equally high, and returns where they end.
// More boxes than columns begin another row.
func (l *layout) row(boxes []Box, into []int, y float64) float64 {
	for len(boxes) > 0 {
		n := min(len(boxes), len(into))
		h := 0.0
		for _, box := range boxes[:n] {
			h = max(h, boxHeight(box, columnW))
		}
		for i, box := range boxes[:n] {
			l.boxes[box.ID] = rect{columnX(into[i]), y, columnW, h} //nolint:gosec // n is at most len(into)
		}
		boxes = boxes[n:]
		y += h
		if len(boxes) > 0 {
			y += rowGap + 8
		}
	}
	return y
}

func (l *layout) rows(boxes []Box, y float64) float64 {
	all := make([]int, columns)
	for i := range all {
		all[i] = i
	}
	return l.row(boxes, all, y)
}

// tier draws the frame of a tier's subnets around what fill sets into it, and returns where it
// ends.
func (l *layout) tier(class string, at place, y float64, fill func(y float64) float64) float64 {
	box := l.picture.Frames[at]
	if box.ID == "" && len(l.in(at)) == 0 && (at != inPrivate || len(l.in(inCluster)) == 0) {
		return y
	}
	bottom := fill(y+frameTitle+4) + 10
	note := ""
	if len(box.Facts) > 0 {
		note = joined(box.Facts)
	}
	l.frames = append(l.frames, frame{rect{vpcX + pad, y, vpcW - 2*pad, bottom - y}, class, box.Title, note})
	return bottom
}

// stack places what is outside of the VPC one under another, spread as far as a bottom that is
// below, and returns where it ends.
func (l *layout) stack(y, bottom float64) float64 {
	boxes, total := l.in(beside), 0.0
	for _, box := range boxes {
		total += boxHeight(box, besideW)
	}
	gap := boxGap
	if len(boxes) > 1 {
		gap = max(gap, (bottom-y-total)/float64(len(boxes)-1))
	}
	for _, box := range boxes {
		h := boxHeight(box, besideW)
		l.boxes[box.ID] = rect{besideX, y, besideW, h}
		y += h + gap
	}
	return y - gap
}

// beyond sets the external services beside what reaches them, and returns the area of their frame.
func (l *layout) beyond(top float64) rect {
	y := top + frameTitle + 6
	for _, box := range l.in(external) {
		h := boxHeight(box, externalW)
		if link, ok := l.boxes[privateLink]; ok && box.ID == atlas {
			y = max(y, link.midY()-h/2)
		} else if cluster, ok := l.boxes[tasks]; ok && box.ID == sentry {
			y = max(y, cluster.y)
		}
		l.boxes[box.ID] = rect{externalX, y, externalW, h}
		y += h + rowGap
	}
	return rect{externalX - pad, top, externalW + 2*pad, y - rowGap + pad - top}
}
