package picture

type point struct{ x, y float64 }

// path is an arrow as it is drawn: its corners, and where its label stands.
type path struct {
	Arrow
	points []point
	label  point
	anchor string // start, middle or end: which part of the label is at its point
}

// paths routes every arrow along the gutters, in right angles.
func (l *layout) paths() []path {
	var all []path
	for _, one := range l.picture.Arrows {
		from, there := l.boxes[one.From]
		to, known := l.boxes[one.To]
		if one.To == internet {
			to, known = rect{externalX - pad, from.y, 1, from.h}, true
		}
		if !there || !known {
			continue
		}
		all = append(all, l.route(one, from, to))
	}
	return all
}

func (l *layout) route(one Arrow, from, to rect) path {
	switch {
	case one.From == users && one.To == dns:
		return path{one, []point{{from.x, from.midY()}, {to.midX(), from.midY()}, {to.midX(), to.y}},
			point{from.x - 10, from.midY() - 5}, "end"}
	case one.From == tasks && to.right() < vpcX:
		return aside(one, point{from.x, from.midY()}, vpcX-besideGutter/2, point{to.right(), to.midY()})
	case one.From == tasks && to.x > awsRight:
		return aside(one, point{from.right(), from.midY()}, awsRight+rightTrunk, point{to.x, to.midY()})
	case one.From == tasks && to.bottom() < from.y:
		x := to.right() - natSide
		return path{one, []point{{x, from.y}, {x, to.bottom()}}, point{x - 6, to.bottom() + 26}, "end"}
	case one.From == tasks:
		x := to.x + 22
		return path{one, []point{{x, from.bottom()}, {x, to.y}}, point{x + 5, (from.bottom() + to.y) / 2}, "start"}
	case to.right() < vpcX && from.x >= vpcX: // from the edge to a service beside
		x := from.x + 24
		turn := from.bottom() + 20
		return path{one, []point{
			{x, from.bottom()},
			{x, turn},
			{vpcX - 16, turn},
			{vpcX - 16, to.midY() - 10},
			{to.right(), to.midY() - 10},
		},
			point{to.right() + 6, to.midY() - 15}, "start"}
	case from.right() < vpcX && to.right() < vpcX: // one beside to the next
		return down(one, from, to)
	case to.x >= from.right() && (level(from, to) || to.x > awsRight || from.right() < vpcX):
		y := overlap(from, to)
		return path{one, []point{{from.right(), y}, {to.x, y}}, point{(from.right() + to.x) / 2, y - 5}, "middle"}
	case from.x >= to.right() && level(from, to):
		y := overlap(from, to)
		return path{one, []point{{from.x, y}, {to.right(), y}}, point{(from.x + to.right()) / 2, y - 5}, "middle"}
	case from.midX() == to.midX():
		return down(one, from, to)
	default:
		return l.bent(one, from, to)
	}
}

const (
	besideGutter = vpcX - besideX - besideW
	rightTrunk   = 10.0
	natSide      = 14.0 // from the right of the NAT gateways to the arrow that comes up to them
)

// level says whether two boxes stand at one height.
func level(a, b rect) bool { return a.y < b.bottom() && b.y < a.bottom() }

// overlap is a height at which both boxes can be met, or the middle of where the arrow ends.
func overlap(from, to rect) float64 {
	low, high := max(from.y, to.y), min(from.bottom(), to.bottom())
	if low < high {
		return (low + high) / 2
	}
	return to.midY()
}

// aside leaves the cluster for a trunk in the gutter, and the trunk for its box.
func aside(one Arrow, from point, trunk float64, to point) path {
	label := point{min(trunk, to.x) + 6, to.y - 5}
	return path{one, []point{from, {trunk, from.y}, {trunk, to.y}, to}, label, "start"}
}

func down(one Arrow, from, to rect) path {
	x := from.midX()
	return path{one, []point{{x, from.bottom()}, {x, to.y}}, point{x - 6, to.y - 10}, "end"}
}

// bent goes down to a channel between two rows, along it, and down to where it ends. Arrows to one
// box keep apart by where they come from.
func (l *layout) bent(one Arrow, from, to rect) path {
	start, end, channel := from.midX()+14, to.midX(), to.y-14
	side, anchor := 6.0, "start"
	if _, wide := l.boxes[tasks]; wide && to.w > columnW {
		// To the database: through the gutter before the last column, which the row between leaves
		// free.
		gap := columnX(columns-1) - gutter/2
		channel = l.boxes[tasks].bottom() + 12
		end, side, anchor = gap-5, -6, "end"
		start = from.x + 3*from.w/4
		if from.x > gap {
			start, end, side, anchor = from.x+from.w/4, gap+5, 6, "start"
		}
	}
	return path{one, []point{{start, from.bottom()}, {start, channel}, {end, channel}, {end, to.y}},
		point{end + side, to.y - 6}, anchor}
}
