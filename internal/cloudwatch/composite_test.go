package cloudwatch

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRulesOfCompositeAlarms(t *testing.T) {
	states := map[string]State{"a": InALARM, "b": OK, "c": InsufficientData, "d e": InALARM}
	for text, want := range map[string]State{
		`ALARM("a")`:                           InALARM,
		`ALARM(a) AND ALARM("d e")`:            InALARM,
		`ALARM("b") OR OK("b")`:                InALARM,
		`INSUFFICIENT_DATA("c")`:               InALARM,
		`NOT ALARM("a")`:                       OK,
		`ALARM("a") OR ALARM(b) AND ALARM(b)`:  InALARM,
		`(ALARM("a") OR ALARM(b)) AND OK("c")`: OK,
		`NOT (ALARM("b") OR ALARM("c"))`:       InALARM,
	} {
		e, err := NewCompositeEvaluator(Composite{Name: "x", Rule: text})
		require.NoError(t, err, text)
		state, _ := e.Evaluate(0, func(name string) State { return states[name] })
		assert.Equal(t, want, state, text)
	}
	for text, want := range map[string]string{
		"":                 "want ALARM",
		"ALARM(a":          `want ")"`,
		"ALARM a":          `want "("`,
		"ALARM(a) OK(b)":   "want AND, OR or the end",
		"a":                `found "a"`,
		"ALARM(a) AND AND": `found "AND"`,
	} {
		_, err := NewCompositeEvaluator(Composite{Name: "x", Rule: text})
		require.ErrorContains(t, err, want, text)
	}
}

func TestChildrenAreNamedOnce(t *testing.T) {
	e, err := NewCompositeEvaluator(Composite{Rule: "ALARM(b) OR ALARM(a) OR NOT OK(b)", Suppressor: "s"})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "s"}, e.Children())
}

// acted are the actions of a composite alarm over one child, minute by minute: A for ALARM, O for
// OK, a dot for none. In the states of child and suppressor an A is ALARM.
func acted(t *testing.T, wait, extension int, child, suppressor string) string {
	t.Helper()
	e, err := NewCompositeEvaluator(Composite{
		Name:       "x",
		Rule:       "ALARM(child)",
		Suppressor: "suppressor",
		Wait:       wait * 60,
		Extension:  extension * 60,
	})
	require.NoError(t, err)
	var all strings.Builder
	for minute := range len(child) {
		_, acts := e.Evaluate(minute, func(name string) State {
			return stateOf(map[string]string{"child": child, "suppressor": suppressor}[name][minute] == 'A')
		})
		all.WriteString((string(acts) + ".")[:1])
	}
	return all.String()
}

// The documentation's figures tell of these moments in words: the wait period, the suppressor in
// ALARM, and the extension period.
func TestSuppressorsKeepActionsBack(t *testing.T) {
	for what, c := range map[string]struct{ child, suppressor, want string }{
		"no suppression: after the wait": {
			"..AAAAAAA....",
			".............",
			"....A....O...",
		},
		"the suppressor comes within the wait": {
			"..AAAAAA.....",
			"...AAAAAA....",
			".............",
		},
		"the suppressor comes too late": {
			"..AAAAAAAA....",
			".....AAAAA....",
			"....A........O",
		},
		"the alarm outlives suppressor and extension": {
			"..AAAAAAAAAA..",
			"..AAA.........",
			"........A...O.",
		},
		"the alarm ends within the extension": {
			"..AAAAA.......",
			"..AAA.........",
			"..............",
		},
		"a short alarm ends within the wait": {
			"..A......",
			".........",
			".........",
		},
	} {
		assert.Equal(t, c.want, acted(t, 2, 3, c.child, c.suppressor), what)
	}
}

func TestWithoutASuppressorActionsAreTakenAtOnce(t *testing.T) {
	e, err := NewCompositeEvaluator(Composite{Name: "x", Rule: "ALARM(child)"})
	require.NoError(t, err)
	var all []State
	for minute, state := range []State{OK, InALARM, InALARM, OK} {
		_, acts := e.Evaluate(minute, func(string) State { return state })
		all = append(all, acts)
	}
	assert.Equal(t, []State{"", InALARM, "", OK}, all)
}
