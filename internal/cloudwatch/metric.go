package cloudwatch

// metric is one that an alarm watches, with all that it was sent so far. The values of all minutes
// lie in one slice, so that a window over some of them is a part of it.
type metric struct {
	id, name  string
	aggregate func([]Value) float64
	fewest    float64 // samples

	first  int // the first minute that was asked for
	values []Value
	begins []int // where the values of each minute from there on begin, and where those of the last end
}

// between are the values from one minute to another, inclusive. It must not be asked for minutes
// before the first one that it was asked for.
func (m *metric) between(ask func(metric string, minute int) []Value, from, to int) []Value {
	if to < from {
		return nil
	}
	if m.begins == nil {
		m.first, m.begins = from, []int{0}
	}
	for minute := m.first + len(m.begins) - 1; minute <= to; minute++ {
		m.values = append(m.values, ask(m.name, minute)...)
		m.begins = append(m.begins, len(m.values))
	}
	return m.values[m.begins[from-m.first]:m.begins[to-m.first+1]]
}
