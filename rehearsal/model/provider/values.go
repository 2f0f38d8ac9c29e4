package provider

import (
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Values are properties without secrets' wrapping, read with the care that rules need: what is
// absent or not known yet reads as the zero value, and Unknown tells the two apart.
type Values resource.PropertyMap

func (v Values) get(name string) resource.PropertyValue { return v[resource.PropertyKey(name)] }

// Has reports whether the property is given, known or not.
func (v Values) Has(name string) bool { return !v.get(name).IsNull() }

// Unknown reports whether any of the properties holds, at some depth, a value that only the
// deployment will know.
func (v Values) Unknown(names ...string) bool {
	for _, name := range names {
		if v.get(name).ContainsUnknowns() {
			return true
		}
	}
	return false
}

// Text returns a string. Numbers and booleans are written out, as the real providers convert them.
func (v Values) Text(name string) string {
	switch p := v.get(name); {
	case p.IsString():
		return p.StringValue()
	case p.IsNumber():
		return strconv.FormatFloat(p.NumberValue(), 'f', -1, 64)
	case p.IsBool():
		return strconv.FormatBool(p.BoolValue())
	}
	return ""
}

// Number returns a number, and whether there is a known one.
func (v Values) Number(name string) (float64, bool) {
	p := v.get(name)
	if p.IsNumber() {
		return p.NumberValue(), true
	}
	if !p.IsString() {
		return 0, false
	}
	n, err := strconv.ParseFloat(p.StringValue(), 64)
	return n, err == nil
}

// Is returns a boolean, or what an absent or unknown one means.
func (v Values) Is(name string, absent bool) bool {
	switch p := v.get(name); {
	case p.IsBool():
		return p.BoolValue()
	case p.IsString():
		return p.StringValue() == "true"
	}
	return absent
}

// Texts returns the known strings of a list.
func (v Values) Texts(name string) []string {
	p := v.get(name)
	if !p.IsArray() {
		return nil
	}
	var texts []string
	for _, e := range p.ArrayValue() {
		if e.IsString() {
			texts = append(texts, e.StringValue())
		}
	}
	return texts
}

// Object returns a nested object; reading an absent one gives zero values.
func (v Values) Object(name string) Values {
	if p := v.get(name); p.IsObject() {
		return Values(p.ObjectValue())
	}
	return nil
}

// Objects returns the known objects of a list.
func (v Values) Objects(name string) []Values {
	p := v.get(name)
	if !p.IsArray() {
		return nil
	}
	var objects []Values
	for _, e := range p.ArrayValue() {
		if e.IsObject() {
			objects = append(objects, Values(e.ObjectValue()))
		}
	}
	return objects
}

// TextMap returns the known strings of a map, as tags.
func (v Values) TextMap(name string) map[string]string {
	texts := map[string]string{}
	for key := range v.Object(name) {
		if texted := v.Object(name); texted.get(string(key)).IsString() {
			texts[string(key)] = texted.Text(string(key))
		}
	}
	return texts
}
