package settings

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// WithDefaults is a configuration in which every key that was left out has the default of its tag.
func WithDefaults[T any](config T) T {
	filled := reflect.ValueOf(&config).Elem()
	fillDefaults(filled, ShapeOf(filled.Type()))
	return config
}

// fillDefaults changes nothing that v shares with others: maps, lists and parts behind pointers are
// copied first.
func fillDefaults(v reflect.Value, shape *Shape) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			part := reflect.New(v.Type().Elem())
			part.Elem().Set(v.Elem())
			fillDefaults(part.Elem(), shape)
			v.Set(part)
		}
	case reflect.Struct:
		for _, field := range shape.Fields {
			value := v.Field(field.index)
			if field.Default != "" && isEmpty(value) {
				setDefault(value, field.Default)
			}
			fillDefaults(value, field.Shape)
		}
	case reflect.Slice:
		if v.IsNil() || shape.Elem.Fields == nil {
			return
		}
		list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(list, v)
		for i := range list.Len() {
			fillDefaults(list.Index(i), shape.Elem)
		}
		v.Set(list)
	case reflect.Map:
		if v.IsNil() || shape.Elem.Fields == nil {
			return
		}
		all := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, value := range v.Seq2() {
			entry := reflect.New(v.Type().Elem()).Elem()
			entry.Set(value)
			fillDefaults(entry, shape.Elem)
			all.SetMapIndex(key, entry)
		}
		v.Set(all)
	}
}

func setDefault(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return
	case reflect.Int:
		if number, err := strconv.Atoi(text); err == nil {
			v.SetInt(int64(number))
			return
		}
	case reflect.Float64:
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			v.SetFloat(number)
			return
		}
	case reflect.Slice:
		entries := strings.Split(text, ",")
		v.Set(reflect.MakeSlice(v.Type(), len(entries), len(entries)))
		for i, entry := range entries {
			setDefault(v.Index(i), entry)
		}
		return
	}
	panic(fmt.Sprintf("settings: %s cannot have the default %q", v.Type(), text))
}
