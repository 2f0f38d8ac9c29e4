package settings

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

type zone struct {
	Name  string `json:"name" settings:"optional"`
	Index int    `json:"index" settings:"optional"`
}

type section struct {
	CIDR    string            `json:"cidr" settings:"optional"`
	Size    float64           `json:"size" settings:"optional"`
	Enabled bool              `json:"enabled"`
	Zones   []zone            `json:"zones" settings:"optional"`
	Named   map[string]zone   `json:"named" settings:"optional"`
	Tags    map[string]string `json:"tags" settings:"optional"`
	Nested  *zone             `json:"nested"`
}

func TestDecodeTakesWhatFits(t *testing.T) {
	var got section
	problems := Decode(`{"cidr":"10.0.0.0/16","size":0.5,"enabled":true,"zones":[{"name":"a","index":1}],
		"named":{"b":{"index":2}},"tags":{"k":"v"},"nested":{"name":"n"}}`, &got)
	assert.Empty(t, problems)
	assert.Equal(t, section{
		CIDR:    "10.0.0.0/16",
		Size:    0.5,
		Enabled: true,
		Zones:   []zone{{"a", 1}},
		Named:   map[string]zone{"b": {Index: 2}},
		Tags:    map[string]string{"k": "v"},
		Nested:  &zone{Name: "n"},
	}, got)
}

func TestDecodeReportsEveryProblem(t *testing.T) {
	for name, c := range map[string]struct{ raw, want string }{
		"an unknown key names the nearest": {
			`{"cird":"x"}`, `cird: unknown key "cird"; did you mean "cidr"?`},
		"an unknown key like no other": {
			`{"colour":"x"}`,
			`colour: unknown key "colour"; there are cidr, enabled, named, nested, size, tags, zones`},
		"keys are case sensitive": {
			`{"CIDR":"x"}`, `CIDR: unknown key "CIDR"; did you mean "cidr"?`},
		"an unknown key deep in a list": {
			`{"zones":[{"name":"a"},{"nmae":"b"}]}`, `zones[1].nmae: unknown key "nmae"; did you mean "name"?`},
		"an unknown key in a map's entry": {
			`{"named":{"web":{"port":1}}}`, `named.web.port: unknown key "port"; there are index, name`},
		"a number is no string":      {`{"cidr":12}`, `cidr: found 12, want a string (quote it)`},
		"a string is no number":      {`{"size":"1"}`, `size: found "1", want a number`},
		"a fraction is no integer":   {`{"zones":[{"index":1.5}]}`, `zones[0].index: found 1.5, want a whole number`},
		"a string is no boolean":     {`{"enabled":"true"}`, `enabled: found "true", want true or false`},
		"an object is no list":       {`{"zones":{"name":"a"}}`, `zones: found {"name":"a"}, want a list`},
		"a list is no object":        {`{"nested":[]}`, `nested: found [], want an object`},
		"a scalar is no section":     {`"10.0.0.0/16"`, `: found "10.0.0.0/16", want an object`},
		"a tag must be a string too": {`{"tags":{"k":1}}`, `tags.k: found 1, want a string (quote it)`},
		"two mistakes are two lines": {`{"size":"1","enabled":3}`,
			"enabled: found 3, want true or false\nsize: found \"1\", want a number"},
	} {
		t.Run(name, func(t *testing.T) {
			var got section
			assert.EqualError(t, Decode(c.raw, &got).Err(), c.want)
		})
	}
}

func TestDecodeKeepsWhatIsRightBesideWhatIsWrong(t *testing.T) {
	var got section
	assert.Len(t, Decode(`{"cidr":"10.0.0.0/16","size":"1"}`, &got), 1)
	assert.Equal(t, "10.0.0.0/16", got.CIDR)
}

func TestDecodeRefusesBrokenJSON(t *testing.T) {
	for _, raw := range []string{"", "{", `{} {}`, "null"} {
		var got section
		assert.NotEmpty(t, Decode(raw, &got), raw)
	}
}

func TestProblemsExceptDropsFollowUps(t *testing.T) {
	var known, all Problems
	known.Add("zones[1].name", 1, "a string")
	all.Add("zones[1].name", nil, "a zone's name")
	all.Add("zones[1].name.x", nil, "whatever")
	all.Add("zones[1].names", nil, "another key")
	assert.Equal(t, "zones[1].names", all.Except(known)[0].Path)
	assert.Len(t, all.Except(known), 1)
}

func TestPaths(t *testing.T) {
	var p, part Problems
	part.Add("", "x", "a thing")
	part.Add("name", nil, "a name")
	part.Add("[0]", 1, "two")
	p.Under("network.zones", part)
	assert.EqualError(t, p.Err(), "network.zones: found \"x\", want a thing\n"+
		"network.zones.name: found nothing, want a name\nnetwork.zones[0]: found 1, want two")
	assert.Equal(t, `services["a.b"]`, Key("services", "a.b"))
	assert.Equal(t, "services.web", Key("services", "web"))
	assert.NoError(t, Problems{}.Err())
}
