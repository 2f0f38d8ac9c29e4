package aws

import (
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// idOf stands for an object's id among the parts of what an import calls it.
const idOf = "{id}"

// importedBy is what an import calls an object whose type has no import by its id: properties, and
// what stands between them. The forms are those of the provider's documentation, under "Import" of
// each resource: https://registry.terraform.io/providers/hashicorp/aws/6.34.0/docs
func importedBy(parts ...string) func(*cloud.Object) string {
	return func(o *cloud.Object) string {
		var name strings.Builder
		for i, part := range parts {
			switch {
			case i%2 == 1:
				name.WriteString(part)
			case part == idOf:
				name.WriteString(o.ID)
			default:
				name.WriteString(textOf(o, part))
			}
		}
		return name.String()
	}
}

// textOf is an output of an object; empty where it has none.
func textOf(o *cloud.Object, property string) string {
	value := o.Outputs[resource.PropertyKey(property)]
	if !value.IsString() {
		return ""
	}
	return value.StringValue()
}
