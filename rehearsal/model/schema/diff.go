package schema

import (
	"sort"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Diff compares old and new inputs property by property. The keys are property paths, as
// rules[0].name; a kind says whether the value is added, deleted or updated, and whether that
// replaces the resource: it does when the property, or one that it is part of, says so. An unknown
// new value counts as a change.
func (p Properties) Diff(old, new resource.PropertyMap) map[string]plugin.PropertyDiff {
	d := differ{changes: map[string]plugin.PropertyDiff{}}
	d.object(old, new, p, "", false)
	return d.changes
}

type differ struct {
	changes map[string]plugin.PropertyDiff
}

func (d *differ) object(old, new resource.PropertyMap, known Properties, path string, replace bool) {
	keys := map[resource.PropertyKey]bool{}
	for key := range old {
		keys[key] = true
	}
	for key := range new {
		keys[key] = true
	}
	for key := range keys {
		if resource.IsInternalPropertyKey(key) {
			continue
		}
		typ, replaceHere := &Type{Kind: Any}, replace
		if property := known[string(key)]; property != nil {
			typ, replaceHere = property.Type, replace || property.Replace
		}
		d.value(old[key], new[key], typ, join(path, string(key)), replaceHere, unordered[string(key)])
	}
}

func (d *differ) value(old, new resource.PropertyValue, t *Type, path string, replace, anyOrder bool) {
	old, new = unwrap(old), unwrap(new)
	switch {
	case old.IsNull() && new.IsNull():
	case old.IsNull():
		d.change(path, plugin.DiffAdd, replace)
	case new.IsNull():
		d.change(path, plugin.DiffDelete, replace)
	case new.IsComputed():
		d.change(path, plugin.DiffUpdate, replace)
	case t.Kind == Object && old.IsObject() && new.IsObject():
		d.object(old.ObjectValue(), new.ObjectValue(), t.Object.Properties, path, replace)
	case t.Kind == Map && old.IsObject() && new.IsObject():
		element := &Property{Type: t.Element}
		known := Properties{}
		for _, m := range []resource.PropertyMap{old.ObjectValue(), new.ObjectValue()} {
			for key := range m {
				known[string(key)] = element
			}
		}
		d.object(old.ObjectValue(), new.ObjectValue(), known, path, replace)
	case t.Kind == List && old.IsArray() && new.IsArray():
		before, after := old.ArrayValue(), new.ArrayValue()
		if anyOrder {
			before, after = sorted(before), sorted(after)
		}
		for i := range max(len(before), len(after)) {
			d.value(at(before, i), at(after, i), t.Element, path+"["+strconv.Itoa(i)+"]", replace, false)
		}
	case !same(old, new, t.Kind):
		d.change(path, plugin.DiffUpdate, replace)
	}
}

func (d *differ) change(path string, kind plugin.DiffKind, replace bool) {
	if replace {
		kind = kind.AsReplace()
	}
	d.changes[path] = plugin.PropertyDiff{Kind: kind, InputDiff: true}
}

// unordered are the list properties, on whatever type, that are sets to the provider: their order
// makes no difference.
var unordered = map[string]bool{
	"aliases":                 true,
	"allowedMethods":          true,
	"availabilityZones":       true,
	"cachedMethods":           true,
	"clientIdLists":           true,
	"requiresCompatibilities": true,
	"routeTableIds":           true,
	"securityGroupIds":        true,
	"securityGroups":          true,
	"subjectAlternativeNames": true,
	"subnetIds":               true,
	"subnets":                 true,
	"validationRecordFqdns":   true,
	"vpcSecurityGroupIds":     true,
}

// sorted puts a list of strings into one order. Unknown elements come last.
func sorted(list []resource.PropertyValue) []resource.PropertyValue {
	out := make([]resource.PropertyValue, len(list))
	for i, v := range list {
		out[i] = unwrap(v)
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].IsString() && out[j].IsString() {
			return out[i].StringValue() < out[j].StringValue()
		}
		return out[i].IsString() && !out[j].IsString()
	})
	return out
}

func at(list []resource.PropertyValue, i int) resource.PropertyValue {
	if i < len(list) {
		return list[i]
	}
	return resource.NewNullProperty()
}

// same compares as the provider does after it has converted both sides to the property's type.
func same(a, b resource.PropertyValue, kind Kind) bool {
	switch kind {
	case Integer, Number:
		x, okX := number(a)
		y, okY := number(b)
		return okX && okY && x == y
	case Boolean, String:
		x, okX := text(a)
		y, okY := text(b)
		return okX && okY && x == y
	}
	return a.DeepEquals(b)
}

func text(v resource.PropertyValue) (string, bool) {
	switch {
	case v.IsString():
		return v.StringValue(), true
	case v.IsBool():
		return strconv.FormatBool(v.BoolValue()), true
	case v.IsNumber():
		return strconv.FormatFloat(v.NumberValue(), 'f', -1, 64), true
	}
	return "", false
}

// unwrap takes a value out of its secret or output; an unknown output becomes a computed value.
func unwrap(v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsSecret():
		return unwrap(v.SecretValue().Element)
	case v.IsOutput() && !v.OutputValue().Known:
		return resource.MakeComputed(resource.NewProperty(""))
	case v.IsOutput():
		return unwrap(v.OutputValue().Element)
	}
	return v
}
