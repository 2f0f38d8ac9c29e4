// Package sdk complements the SDKs of the providers: its packages declare the few resources that
// the program uses of an SDK which takes minutes and gigabytes to compile. The names are those of
// the SDK, so that a declaration can go by changing an import; the properties are checked against
// the provider's schema by a test of the rehearsal.
package sdk

import (
	"reflect"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// plain are the types that Plain has made: the SDK asks for one several times for each value.
var plain sync.Map

// Plain is the type that arguments resolve to: the same fields with the same tags, each open to any
// value. Pulumi's SDK reads the names of the properties from it; the types of the values are in the
// arguments themselves, where the compiler checks them.
func Plain[Args any]() reflect.Type {
	args := reflect.TypeFor[Args]()
	if made, ok := plain.Load(args); ok {
		return made.(reflect.Type)
	}
	fields := make([]reflect.StructField, args.NumField())
	for i := range fields {
		field := args.Field(i)
		fields[i] = reflect.StructField{Name: field.Name, Type: reflect.TypeFor[any](), Tag: field.Tag}
	}
	made := reflect.StructOf(fields)
	plain.Store(args, made)
	return made
}

// PlainList is the type that a list of arguments resolves to.
func PlainList() reflect.Type { return reflect.TypeFor[[]any]() }

// Versioned names the plugin's version, as an SDK does for each of its resources. An option of the
// program's own comes after it.
func Versioned(version string, opts []pulumi.ResourceOption) []pulumi.ResourceOption {
	return append([]pulumi.ResourceOption{pulumi.Version(version)}, opts...)
}
