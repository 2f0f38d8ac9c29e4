package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestValuesAreReadAlongTheirPath(t *testing.T) {
	one := State{Inputs: map[string]any{
		"name": "web", "count": 3.0, "large": 3435973836.8, "port": "5432", "on": true, "off": "false", "none": nil,
		"rules":  []any{map[string]any{"a.b": 1.0}, Unknown, []any{"x"}},
		"later":  Unknown,
		"list":   unknowns[3],
		"joined": "arn:" + Unknown + ":x",
		"hidden": Secret,
	}}
	assert.Equal(t, "web", one.Input("name").Text())
	assert.Equal(t, "rules[0].a.b", one.Input("rules[0]").Property("a.b").Path)
	assert.InDelta(t, 1, one.Input("rules[0]").Property("a.b").Raw(), 0)
	assert.Equal(t, "x", one.Input("rules[2][0]").Text())
	for path, want := range map[string]string{
		"name":              "web",
		"count":             "3",
		"large":             "3435973836.8",
		"on":                "true",
		"none":              "",
		"absent.deep[7].er": "",
		"hidden":            "a secret",
		"later":             "known when deployed",
		"joined":            "arn:known when deployed:x",
		"rules[9]":          "",
	} {
		assert.Equal(t, want, one.Input(path).String(), path)
	}
	for path, want := range map[string]float64{"count": 3, "port": 5432} {
		number, ok := one.Input(path).Number()
		assert.True(t, ok, path)
		assert.InDelta(t, want, number, 0, path)
	}
	for path, want := range map[string][2]bool{
		"on":     {true, true},
		"off":    {false, true},
		"name":   {false, false},
		"none":   {false, false},
		"hidden": {false, false},
	} {
		value, ok := one.Input(path).Bool()
		assert.Equal(t, want, [2]bool{value, ok}, path)
	}
	assert.Len(t, one.Input("rules").List(), 3)
	assert.True(t, one.Input("rules").List()[1].Unknown())
	assert.Nil(t, one.Input("name").List())
	assert.Equal(t, map[string]any{"a.b": 1.0}, one.Input("rules[0]").Object())
}

func TestAPartOfWhatCannotBeReadIsTheWhole(t *testing.T) {
	one := State{Inputs: map[string]any{
		"later":  Unknown,
		"list":   unknowns[3],
		"hidden": Secret,
		"rules":  []any{Unknown},
	}}
	for path, want := range map[string]string{
		"later.deep.er": "later", "list[3].name": "list", "hidden.x[0]": "hidden", "rules[0].name": "rules[0]",
	} {
		got := one.Input(path)
		assert.Equal(t, want, got.Path, path)
		assert.False(t, got.Known(), path)
		assert.False(t, got.Present(), path)
		assert.Nil(t, got.Raw(), path)
		assert.Empty(t, got.Text(), path)
		_, ok := got.Number()
		assert.False(t, ok, path)
	}
	assert.True(t, one.Input("absent.deep").Known(), "what is absent is known not to be there")
	assert.True(t, one.Input("hidden").Hidden())
}
