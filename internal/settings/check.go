package settings

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
)

// Check reports what the tags of a configuration's fields do not allow, at every depth. A part that
// has a Validate method of its own is asked by that; the configuration itself is not, so that its
// Validate begins with Check.
func Check(config any) Problems {
	var p Problems
	v := reflect.ValueOf(config)
	p.check("", v, ShapeOf(v.Type()))
	return p
}

// part checks a field or an entry.
func (p *Problems) part(path string, v reflect.Value, shape *Shape) {
	if part, ok := v.Interface().(interface{ Validate() Problems }); ok {
		p.Under(path, part.Validate())
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	p.check(path, v, shape)
}

func (p *Problems) check(path string, v reflect.Value, shape *Shape) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range shape.Fields {
			if value := v.Field(field.index); !field.Optional || !isEmpty(value) {
				p.part(Key(path, field.Key), value, field.Shape)
			}
		}
	case reflect.Slice:
		p.checkItems(path, v, shape)
		for i := range v.Len() {
			p.part(at(path, i), v.Index(i), shape.Elem)
		}
		p.checkTwins(path, v, shape)
	case reflect.Map:
		p.checkItems(path, v, shape)
		for _, key := range sortedKeys(v) {
			if rule := shape.Rule.Keys; rule != nil && !rule.allows(key) {
				p.rule(Key(path, key), reflect.ValueOf(key), rule.want(reflect.String))
			}
			p.part(Key(path, key), v.MapIndex(reflect.ValueOf(key).Convert(v.Type().Key())), shape.Elem)
		}
	default:
		if !shape.Rule.allows(scalar(v)) {
			p.rule(path, v, shape.Want())
		}
	}
}

func (p *Problems) checkItems(path string, v reflect.Value, shape *Shape) {
	if !shape.Rule.Items.holds(float64(v.Len())) {
		p.rule(path, reflect.ValueOf(v.Len()), shape.wantItems())
	}
}

// checkTwins looks for entries of a list that are the same where they must not be.
func (p *Problems) checkTwins(path string, list reflect.Value, shape *Shape) {
	if shape.Rule.Unique {
		first := map[any]int{}
		for i := range list.Len() {
			value := list.Index(i).Interface()
			if earlier, twice := first[value]; twice {
				p.rule(at(path, i), list.Index(i), fmt.Sprintf("each value once; %s is the same", at(path, earlier)))
				continue
			}
			first[value] = i
		}
	}
	for _, field := range shape.Elem.Fields {
		if !field.Shape.Rule.Unique || field.Shape.Elem != nil {
			continue
		}
		first := map[any]int{}
		for i := range list.Len() {
			value := list.Index(i).Field(field.index)
			if earlier, twice := first[value.Interface()]; twice && !isEmpty(value) {
				p.rule(Key(at(path, i), field.Key), value,
					fmt.Sprintf("one that no other has; %s is the same", Key(at(path, earlier), field.Key)))
				continue
			}
			first[value.Interface()] = i
		}
	}
}

func sortedKeys(m reflect.Value) []string {
	var keys []string
	for key := range m.Seq() {
		keys = append(keys, key.String())
	}
	slices.Sort(keys)
	return keys
}

// isEmpty says whether a value is one that was left out.
func isEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

// orNothing is a value as Add takes it: nil for an empty text, list, map or part, which is one that
// was left out.
func orNothing(v reflect.Value) any {
	if isEmpty(v) && (v.Kind() == reflect.String || !isScalar(v.Type())) {
		return nil
	}
	return v.Interface()
}

func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// rule records that a value is not what its tags allow. The reasons that others have against the
// same value are left out of the report.
func (p *Problems) rule(path string, found reflect.Value, want string) {
	p.Add(path, orNothing(found), "%s", want)
	(*p)[len(*p)-1].rule = true
}

// WantOf says in words what a key of a configuration may be; of a list or map, what each of its
// entries may be where tags describe them.
func WantOf(config any, key string) string {
	shape := ShapeOf(reflect.TypeOf(config)).mustField(key).Shape
	if shape.Elem != nil && shape.Rule.Want == "" {
		return shape.Elem.Want()
	}
	return shape.Want()
}

// Need reports the optional keys of a configuration that are left out although something else makes
// them required.
func Need(config any, because string, keys ...string) Problems {
	var p Problems
	for field, value := range fieldsOf(config, keys) {
		if isEmpty(value) {
			p.Add(field.Key, orNothing(value), "%s; it is required %s", field.Shape.Want(), because)
		}
	}
	return p
}

// Refuse reports the keys of a configuration that are given although something else makes them
// void.
func Refuse(config any, because string, keys ...string) Problems {
	var p Problems
	for field, value := range fieldsOf(config, keys) {
		p.Want(isEmpty(value), field.Key, value.Interface(), "nothing %s", because)
	}
	return p
}

// fieldsOf are the fields with these keys, and their values.
func fieldsOf(config any, keys []string) iter.Seq2[Field, reflect.Value] {
	v := reflect.ValueOf(config)
	shape := ShapeOf(v.Type())
	return func(yield func(Field, reflect.Value) bool) {
		for _, key := range keys {
			if field := shape.mustField(key); !yield(field, v.Field(field.index)) {
				return
			}
		}
	}
}
