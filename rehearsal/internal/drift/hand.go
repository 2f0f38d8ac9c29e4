package drift

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Hand changes the model's cloud behind Pulumi's back, as somebody in a console does. It keeps its
// first error.
type Hand struct {
	tx *cloud.Tx
	// touched are the URNs of what was changed or deleted.
	touched map[string]bool
	err     error
}

// find returns the object of a type whose resource has this logical name.
func (h *Hand) find(typ, name string) *cloud.Object {
	if h.err != nil {
		return nil
	}
	all, err := h.tx.OfType(typ)
	if err != nil {
		h.err = err
		return nil
	}
	for _, o := range all {
		if strings.HasSuffix(o.URN, "::"+name) {
			h.touched[o.URN] = true
			return o
		}
	}
	h.err = fmt.Errorf("find %s of type %s: it is not in the model's cloud", name, typ)
	return nil
}

// Set gives a property another value. path is as in "rules[1].action".
func (h *Hand) Set(typ, name, path string, value any) {
	o := h.find(typ, name)
	if o == nil {
		return
	}
	at, err := resource.ParsePropertyPath(path)
	if err != nil {
		h.err = fmt.Errorf("read the path %q: %w", path, err)
		return
	}
	wanted := resource.NewPropertyValue(value)
	for _, properties := range []cloud.Properties{o.Inputs, o.Outputs} {
		whole := resource.NewProperty(resource.PropertyMap(properties))
		if before, ok := at.Get(whole); ok && before.DeepEquals(wanted) {
			h.err = fmt.Errorf("change %s of %s: it is %v already", path, name, value)
			return
		}
		if !at.Set(whole, wanted) {
			h.err = fmt.Errorf("change %s of %s: there is no such property", path, name)
			return
		}
	}
	h.err = h.tx.Replace(o)
}

// Count raises a computed number by one.
func (h *Hand) Count(typ, name, output string) {
	o := h.find(typ, name)
	if o == nil {
		return
	}
	key := resource.PropertyKey(output)
	if !o.Outputs[key].IsNumber() {
		h.err = fmt.Errorf("raise %s of %s: it is no number", output, name)
		return
	}
	o.Outputs[key] = resource.NewProperty(o.Outputs[key].NumberValue() + 1)
	h.err = h.tx.Replace(o)
}

// Untag takes a tag away, wherever it comes from.
func (h *Hand) Untag(typ, name, tag string) {
	o := h.find(typ, name)
	if o == nil {
		return
	}
	found := false
	for _, tags := range []resource.PropertyValue{o.Inputs["tags"], o.Outputs["tags"], o.Outputs["tagsAll"]} {
		if tags.IsObject() && tags.ObjectValue().HasValue(resource.PropertyKey(tag)) {
			delete(tags.ObjectValue(), resource.PropertyKey(tag))
			found = true
		}
	}
	if !found {
		h.err = fmt.Errorf("take tag %s off %s: it has none", tag, name)
		return
	}
	h.err = h.tx.Replace(o)
}

// Delete takes an object away.
func (h *Hand) Delete(typ, name string) {
	if o := h.find(typ, name); o != nil {
		h.err = h.tx.Delete(o.Key)
	}
}

// Add makes an object that belongs to another one, which a property of it names.
func (h *Hand) Add(typ, id, ownerType, ownerName, property string, inputs map[string]any) {
	owner := h.find(ownerType, ownerName)
	if owner == nil {
		return
	}
	inputs[property] = owner.ID
	key := owner.Key
	key.Type, key.ID = typ, id
	properties := cloud.Properties(resource.NewPropertyMapFromMap(inputs))
	h.err = h.tx.Create(&cloud.Object{
		Key:     key,
		Creator: owner.Creator,
		Owner:   &owner.Key,
		Inputs:  properties,
		Outputs: properties,
	})
}
