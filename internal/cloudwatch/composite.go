package cloudwatch

import (
	"fmt"
	"regexp"
	"slices"
)

// Composite is a composite alarm.
type Composite struct {
	Name string
	Rule string
	// Suppressor is an alarm that keeps the actions back while it is in state ALARM. Empty: none.
	Suppressor string
	// Wait is how many seconds the actions wait for the suppressor to go into ALARM, Extension how
	// many they wait after it has left it.
	Wait, Extension int
}

// CompositeEvaluator evaluates a composite alarm, minute by minute.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
type CompositeEvaluator struct {
	alarm Composite
	rule  rule
	state State

	lastNotified State // the state that the actions were last taken for
	suppressed   bool  // the suppressor is in ALARM
	changed      int   // the minute since when the state is what it is
	released     int   // the minute in which the suppressor left ALARM
}

// NewCompositeEvaluator checks an alarm. It begins in state OK, for which no actions are due.
func NewCompositeEvaluator(a Composite) (*CompositeEvaluator, error) {
	parsed, err := parseRule(a.Rule)
	if err != nil {
		return nil, fmt.Errorf("read the rule of alarm %s: %w", a.Name, err)
	}
	const never = -1 << 30
	return &CompositeEvaluator{
		alarm:        a,
		rule:         parsed,
		state:        OK,
		lastNotified: OK,
		changed:      never,
		released:     never,
	}, nil
}

// Children are the alarms of the rule, and the suppressor: what must be evaluated before.
func (e *CompositeEvaluator) Children() []string {
	children := e.rule.alarms()
	if e.alarm.Suppressor != "" {
		children = append(children, e.alarm.Suppressor)
	}
	slices.Sort(children)
	return slices.Compact(children)
}

// Evaluate is the state at the end of a minute, by those of its children. acts is the state that
// the alarm's actions are taken for in this minute, and empty when none are.
func (e *CompositeEvaluator) Evaluate(minute int, of func(alarm string) State) (state, acts State) {
	if next := stateOf(e.rule.holds(of)); next != e.state {
		e.state, e.changed = next, minute
	}
	if e.alarm.Suppressor != "" {
		suppressed := of(e.alarm.Suppressor) == InALARM
		if e.suppressed && !suppressed {
			e.released = minute
		}
		e.suppressed = suppressed
		// Only what goes into ALARM waits for the suppressor. What leaves it waits for no longer
		// than the extension.
		waiting := e.state == InALARM && minute < e.changed+e.alarm.Wait/60
		if suppressed || waiting || minute < e.released+e.alarm.Extension/60 {
			return e.state, ""
		}
	}
	if e.state == e.lastNotified {
		return e.state, ""
	}
	e.lastNotified = e.state
	return e.state, e.state
}

func stateOf(holds bool) State {
	if holds {
		return InALARM
	}
	return OK
}

// rule is a parsed rule of a composite alarm.
type rule interface {
	holds(of func(alarm string) State) bool
	alarms() []string
}

type isIn struct {
	alarm string
	state State
}

func (i isIn) holds(of func(string) State) bool { return of(i.alarm) == i.state }
func (i isIn) alarms() []string                 { return []string{i.alarm} }

type not struct{ of rule }

func (n not) holds(of func(string) State) bool { return !n.of.holds(of) }
func (n not) alarms() []string                 { return n.of.alarms() }

type joined struct {
	and         bool
	left, right rule
}

func (j joined) holds(of func(string) State) bool {
	if j.and {
		return j.left.holds(of) && j.right.holds(of)
	}
	return j.left.holds(of) || j.right.holds(of)
}
func (j joined) alarms() []string { return append(j.left.alarms(), j.right.alarms()...) }

var ruleToken = regexp.MustCompile(`^\s*(ALARM|OK|INSUFFICIENT_DATA|AND|OR|NOT|[()]|"[^"]+"|[^\s()"]+)`)

// parseRule reads a rule. AND goes before OR, as AWS documents.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
func parseRule(text string) (rule, error) {
	p := &ruleParser{rest: text}
	p.next()
	parsed, err := p.either()
	if err == nil && p.token != "" {
		err = fmt.Errorf("found %q, want AND, OR or the end", p.token+p.rest)
	}
	return parsed, err
}

type ruleParser struct{ token, rest string }

func (p *ruleParser) next() {
	match := ruleToken.FindStringSubmatch(p.rest)
	if match == nil {
		p.token = ""
		return
	}
	p.token, p.rest = match[1], p.rest[len(match[0]):]
}

func (p *ruleParser) either() (rule, error) { return p.chain("OR", p.both) }

func (p *ruleParser) both() (rule, error) { return p.chain("AND", p.one) }

func (p *ruleParser) chain(word string, part func() (rule, error)) (rule, error) {
	left, err := part()
	for err == nil && p.token == word {
		p.next()
		var right rule
		right, err = part()
		left = joined{word == "AND", left, right}
	}
	return left, err
}

func (p *ruleParser) one() (rule, error) {
	found := p.token
	p.next()
	switch found {
	case "NOT":
		of, err := p.one()
		return not{of}, err
	case "(":
		inner, err := p.either()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case string(InALARM), string(OK), string(InsufficientData):
		if err := p.expect("("); err != nil {
			return nil, err
		}
		name := p.token
		if len(name) > 1 && name[0] == '"' {
			name = name[1 : len(name)-1]
		}
		p.next()
		return isIn{name, State(found)}, p.expect(")")
	default:
		return nil, fmt.Errorf("found %q, want ALARM, OK, INSUFFICIENT_DATA, NOT or a parenthesis", found+p.rest)
	}
}

func (p *ruleParser) expect(want string) error {
	if p.token != want {
		return fmt.Errorf("found %q, want %q", p.token+p.rest, want)
	}
	p.next()
	return nil
}
