package cloud

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Key names an object: no two have the same.
type Key struct {
	Type    string `json:"type"`              // Pulumi's type token
	Account string `json:"account,omitempty"` // empty where the name is global, as with S3 buckets
	Region  string `json:"region,omitempty"`  // empty for what has no region, as IAM
	ID      string `json:"id"`                // the provider's id
}

func (k Key) bytes() []byte {
	return []byte(strings.Join([]string{k.Type, k.Account, k.Region, k.ID}, "\x00"))
}

// String gives the type, id and region, for messages.
func (k Key) String() string {
	if k.Region == "" {
		return fmt.Sprintf("%s %q", k.Type, k.ID)
	}
	return fmt.Sprintf("%s %q in %s", k.Type, k.ID, k.Region)
}

// State tells a usable object from one that AWS keeps after its deletion.
type State string

// The states of an object.
const (
	Active State = ""
	// PendingDeletion is a KMS key in its waiting period: it cannot be used, and its ARN is taken.
	PendingDeletion State = "pending deletion"
	// Retained is what a deletion leaves behind on purpose: final snapshots, recovery points.
	Retained State = "retained"
)

// Object is one thing in the cloud.
type Object struct {
	Key
	Seq  uint64 `json:"seq"`            // order of creation
	Name string `json:"name,omitempty"` // what a user calls it
	ARN  string `json:"arn,omitempty"`  //
	// the Pulumi resource that manages it; empty for what came along with another object
	URN   string `json:"urn,omitempty"`
	State State  `json:"state,omitempty"` //
	Owner *Key   `json:"owner,omitempty"` // the object that it lives and dies with
	// Part tells what came along with the owner from what a resource of its own put there.
	Part    bool   `json:"part,omitempty"`
	Creator string `json:"creator,omitempty"` // the account
	// Inputs and Outputs are plain values, without secrets' wrapping and without unknowns.
	Inputs  Properties `json:"inputs,omitempty"`
	Outputs Properties `json:"outputs,omitempty"`
}

// String describes the object without its properties.
func (o *Object) String() string {
	s := o.Key.String()
	if o.Name != "" && o.Name != o.ID {
		s += fmt.Sprintf(" (%s)", o.Name)
	}
	if o.State != Active {
		s += ", " + string(o.State)
	}
	return s
}

// Text returns a string property: the output, else the input, else "".
func (o *Object) Text(property string) string {
	for _, from := range []Properties{o.Outputs, o.Inputs} {
		if v, ok := from[resource.PropertyKey(property)]; ok && v.IsString() {
			return v.StringValue()
		}
	}
	return ""
}

// Properties is a property map that is written as plain JSON.
type Properties resource.PropertyMap

// MarshalJSON writes the values without Pulumi's wrapping. Unknown values are refused: a cloud has
// none.
func (p Properties) MarshalJSON() ([]byte, error) {
	plain := Plain(resource.NewProperty(resource.PropertyMap(p)))
	if plain.ContainsUnknowns() {
		return nil, fmt.Errorf("the properties hold unknown values")
	}
	return json.Marshal(plain.ObjectValue().Mappable())
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Properties) UnmarshalJSON(raw []byte) error {
	var values map[string]any
	if err := json.Unmarshal(raw, &values); err != nil {
		return err
	}
	*p = Properties(resource.NewPropertyMapFromMap(values))
	return nil
}

// Plain takes secrets and outputs out of their wrapping, at every depth, and keeps of an asset what
// identifies its content. Unknown values stay unknown.
func Plain(v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsSecret():
		return Plain(v.SecretValue().Element)
	case v.IsOutput():
		if !v.OutputValue().Known {
			return resource.MakeComputed(resource.NewProperty(""))
		}
		return Plain(v.OutputValue().Element)
	case v.IsAsset():
		return resource.NewProperty(resource.PropertyMap{"assetHash": resource.NewProperty(v.AssetValue().Hash)})
	case v.IsArchive():
		return resource.NewProperty(resource.PropertyMap{"archiveHash": resource.NewProperty(v.ArchiveValue().Hash)})
	case v.IsArray():
		plain := make([]resource.PropertyValue, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			plain[i] = Plain(e)
		}
		return resource.NewProperty(plain)
	case v.IsObject():
		return resource.NewProperty(PlainMap(v.ObjectValue()))
	default:
		return v
	}
}

// PlainMap is Plain for each property of a map.
func PlainMap(m resource.PropertyMap) resource.PropertyMap {
	plain := make(resource.PropertyMap, len(m))
	for k, v := range m {
		plain[k] = Plain(v)
	}
	return plain
}
