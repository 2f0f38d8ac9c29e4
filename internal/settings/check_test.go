package settings

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type colour string

func (colour) Rule() Rule { return Set[colour]("red", "green") }

type code string

func (code) Rule() Rule {
	return Rule{
		Pattern: regexp.MustCompile(`^[a-z]+$`),
		Valid:   func(text string) bool { return text != "xx" },
		Want:    "a code",
	}
}

type part struct {
	Low  int `json:"low" range:"0..9"`
	High int `json:"high" range:"0..9"`
}

// Validate makes a reason of its own.
func (p part) Validate() Problems {
	problems := Check(p)
	problems.Want(p.Low <= p.High, "low", p.Low, "high (%d) or less", p.High)
	return problems
}

// rich has a field for each tag.
type rich struct {
	Days     int             `json:"days" range:"1..35" unit:"days"`
	Rotation int             `json:"rotation" range:"1.." hint:"raise it to rotate"`
	Share    float64         `json:"share" range:">0..<1"`
	Half     float64         `json:"half" range:"0..8" step:"0.5"`
	Seconds  int             `json:"seconds" enum:"1,5" unit:"seconds"`
	Name     string          `json:"name" length:"1..4"`
	Version  string          `json:"version" pattern:"^[0-9]+$" want:"a version, such as \"17\""`
	Mail     string          `json:"mail" settings:"optional" format:"email"`
	Colour   colour          `json:"colour"`
	Narrow   colour          `json:"narrow" enum:"red"`
	Codes    []code          `json:"codes" settings:"unique" items:"1..2"`
	Parts    []entry         `json:"parts" items:"1.." unit:"parts" hint:"for a reason"`
	Named    map[code]colour `json:"named" items:"1.."`
	Texts    map[string]part `json:"texts" settings:"optional" keys:"^[a-z]+$" keywant:"a lower-case name"`
	Wait     int             `json:"wait" settings:"optional" range:"5..60"`
	Limit    int             `json:"limit" range:"5..60" default:"30"`
	Part     part            `json:"part"`
	More     *part           `json:"more"`
	Switch   bool            `json:"switch"`
}

type entry struct {
	ID int `json:"id" settings:"unique"`
}

func good() rich {
	return rich{
		Days:     1,
		Rotation: 1,
		Share:    0.5,
		Half:     1.5,
		Seconds:  5,
		Name:     "a",
		Version:  "1",
		Colour:   "red",
		Narrow:   "red",
		Codes:    []code{"a"},
		Parts:    []entry{{1}, {2}},
		Named:    map[code]colour{"a": "red"},
		Part:     part{1, 2},
	}
}

func TestCheckTakesWhatTheTagsAllow(t *testing.T) {
	assert.Empty(t, Check(good()))
}

func TestCheckReportsWhatTheTagsDoNotAllow(t *testing.T) {
	for want, change := range map[string]func(*rich){
		"days: found 36, want 1 to 35 (days)":                   func(r *rich) { r.Days = 36 },
		"days: found 0, want 1 to 35 (days)":                    func(r *rich) { r.Days = 0 },
		"rotation: found 0, want 1 or more; raise it to rotate": func(r *rich) { r.Rotation = 0 },
		"share: found 1, want more than 0 and less than 1":      func(r *rich) { r.Share = 1 },
		"half: found 0.3, want 0 to 8, in steps of 0.5":         func(r *rich) { r.Half = 0.3 },
		"seconds: found 2, want one of [1 5] (seconds)":         func(r *rich) { r.Seconds = 2 },
		`name: found "abcde", want 1 to 4 characters`: func(r *rich) {
			r.Name = "abcde"
		},
		"name: found nothing, want 1 to 4 characters": func(r *rich) { r.Name = "" },
		`version: found "x", want a version, such as "17"`: func(r *rich) {
			r.Version = "x"
		},
		`mail: found "A <a@b.c>", want an e-mail address alone`: func(r *rich) {
			r.Mail = "A <a@b.c>"
		},
		`colour: found "blue", want one of "red", "green"`: func(r *rich) {
			r.Colour = "blue"
		},
		`narrow: found "green", want one of "red"`: func(r *rich) {
			r.Narrow = "green"
		},
		"codes: found 0, want 1 to 2, each a code": func(r *rich) { r.Codes = nil },
		`codes[1]: found "xx", want a code`: func(r *rich) {
			r.Codes = []code{"a", "xx"}
		},
		`codes[1]: found "a", want each value once; codes[0] is the same`: func(r *rich) {
			r.Codes = []code{"a", "a"}
		},
		"parts: found 0, want 1 or more parts: for a reason": func(r *rich) { r.Parts = nil },
		"parts[1].id: found 1, want one that no other has; parts[0].id is the same": func(r *rich) {
			r.Parts[1].ID = 1
		},
		`named: found 0, want 1 or more, each one of "red", "green"`: func(r *rich) { r.Named = nil },
		`named.X: found "X", want a code`: func(r *rich) {
			r.Named["X"] = "red"
		},
		`named.b: found "blue", want one of "red", "green"`: func(r *rich) {
			r.Named["b"] = "blue"
		},
		`texts.A: found "A", want a lower-case name`: func(r *rich) {
			r.Texts = map[string]part{"A": {}}
		},
		"texts.a.low: found 2, want high (1) or less": func(r *rich) {
			r.Texts = map[string]part{"a": {2, 1}}
		},
		"wait: found 4, want 5 to 60":   func(r *rich) { r.Wait = 4 },
		"limit: found 61, want 5 to 60": func(r *rich) { r.Limit = 61 },
		"part.low: found 2, want high (1) or less": func(r *rich) {
			r.Part = part{2, 1}
		},
		// one line for one value
		"part.low: found 12, want 0 to 9": func(r *rich) {
			r.Part = part{12, 1}
		},
		"more.high: found -1, want 0 to 9\nmore.low: found 0, want high (-1) or less": func(r *rich) {
			r.More = &part{0, -1}
		},
	} {
		t.Run(want, func(t *testing.T) {
			r := good()
			change(&r)
			assert.EqualError(t, Check(r).Err(), want)
		})
	}
}

func TestSectionTellsWhatIsMissingFromWhatIsEmpty(t *testing.T) {
	type section struct {
		Name  string `json:"name" length:"1.."`
		Least int    `json:"least" range:"0..9"`
		Part  part   `json:"part"`
	}
	for raw, want := range map[string]string{
		`{"name":"a","least":0,"part":{"low":0,"high":0}}`: "",
		`{"name":"","least":0,"part":{"low":0,"high":0}}`:  `name: found "", want 1 or more characters`,
		`{"least":10,"part":{"low":0,"high":0}}`: "least: found 10, want 0 to 9\nname: found nothing, " +
			"want 1 or more characters",
		`{"name":"a"}`: "least: found nothing, want 0 to 9\npart.high: found nothing, want 0 to 9\npart.low: found " +
			"nothing, want 0 to 9",
		`{"name":"a","least":null,"part":{"low":0}}`: "least: found nothing, want 0 to 9\npart.high: found nothing, " +
			"want 0 to 9",
	} {
		_, problems := Section(raw, func(s section) Problems { return Check(s) })
		if want == "" {
			assert.NoError(t, problems.Err(), raw)
		} else {
			assert.EqualError(t, problems.Err(), want, raw)
		}
	}
}

func TestDefaultsFillWhatIsLeftOut(t *testing.T) {
	type inner struct {
		Status int `json:"status" default:"200"`
	}
	type outer struct {
		Words  string           `json:"words" default:"a b"`
		Share  float64          `json:"share" default:"0.5"`
		Levels []float64        `json:"levels" default:"80,100"`
		Checks map[string]inner `json:"checks" settings:"optional"`
		List   []inner          `json:"list" settings:"optional"`
		Part   *inner           `json:"part"`
	}
	given := outer{Share: 2, Checks: map[string]inner{"a": {}, "b": {404}}, List: []inner{{}}, Part: &inner{}}
	assert.Equal(t, outer{
		Words:  "a b",
		Share:  2,
		Levels: []float64{80, 100},
		Checks: map[string]inner{"a": {200}, "b": {404}},
		List:   []inner{{200}},
		Part:   &inner{200},
	}, WithDefaults(given))
	assert.Equal(t, outer{Share: 2, Checks: map[string]inner{"a": {}, "b": {404}}, List: []inner{{}}, Part: &inner{}},
		given, "the original is changed")
}

func TestNeedAndRefuseSpeakOfKeys(t *testing.T) {
	assert.EqualError(t, Need(rich{}, "with a reason", "wait").Err(),
		"wait: found 0, want 5 to 60; it is required with a reason")
	assert.Empty(t, Need(good(), "with a reason", "days"))
	assert.EqualError(t, Refuse(rich{Wait: 7}, "without a reason", "wait", "mail").Err(),
		"wait: found 7, want nothing without a reason")
	assert.Panics(t, func() { _ = Need(rich{}, "ever", "wiat") })
}

func TestAMistakeInATagIsNotPassedOver(t *testing.T) {
	for _, tag := range []string{
		`rnage:"1..2"`, `range:"1"`, `range:"a..b"`, `pattern:"("`, `settings:"requierd"`, `format:"mail"`,
		`range:1..2`, `step:"x"`,
	} {
		assert.Panics(t, func() { new(Rule).read(tagsOf(tag)) }, tag)
	}
	assert.Panics(t, func() {
		ShapeOf(reflect.TypeFor[struct {
			Name string
		}]())
	}, "a field without a key")
	assert.Panics(t, func() {
		ShapeOf(reflect.TypeFor[struct {
			Size int `json:"size" enum:"small"`
		}]())
	}, "a number among words")
}

func TestSchemaSaysWhatTheTagsSay(t *testing.T) {
	docs := func(t reflect.Type, field string) string { return strings.TrimSpace(t.Name() + " " + field) }
	schema := ShapeOf(reflect.TypeFor[rich]()).Schema(docs)
	assert.Equal(t, []string{
		"days", "rotation", "share", "half", "seconds", "name", "version", "colour", "narrow", "codes", "parts",
		"named", "part",
	}, schema.Required)
	assert.Equal(t, false, schema.Additional)
	for key, want := range map[string]string{
		"days":   `{"type":"integer","description":"rich Days In days.","minimum":1,"maximum":35}`,
		"share":  `{"type":"number","description":"rich Share","exclusiveMinimum":0,"exclusiveMaximum":1}`,
		"half":   `{"type":"number","description":"rich Half","minimum":0,"maximum":8,"multipleOf":0.5}`,
		"narrow": `{"description":"rich Narrow","enum":["red"]}`,
		"wait": `{"type":"integer","description":"rich ` +
			`Wait","minimum":0,"maximum":60,"not":{"exclusiveMinimum":0,"exclusiveMaximum":5}}`,
		"limit": `{"type":"integer","description":"rich Limit","default":30,"minimum":0,"maximum":60,` +
			`"not":{"exclusiveMinimum":0,"exclusiveMaximum":5}}`,
		"codes": `{"type":"array","description":"rich ` +
			`Codes","minItems":1,"maxItems":2,"uniqueItems":true,"items":{"type":"string","pattern":"^[a-z]+$"}}`,
		"named": `{"type":"object","description":"rich ` +
			`Named","minProperties":1,"propertyNames":{"pattern":"^[a-z]+$"},` +
			`"additionalProperties":{"enum":["red","green"]}}`,
		"parts": `{"type":"array","description":"rich ` +
			`Parts","minItems":1,"items":{"type":"object","description":"entry","required":["id"],` +
			`"properties":{"id":{"type":"integer","description":"entry ID"}},"additionalProperties":false}}`,
	} {
		for _, property := range schema.Properties {
			if property.Key == key {
				assert.JSONEq(t, want, toJSON(t, property.Schema), key)
			}
		}
	}
}

func toJSON(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return string(raw)
}
