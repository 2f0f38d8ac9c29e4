package provider

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

var unknown = resource.MakeComputed(resource.NewProperty(""))

// expected are the outputs of a creation in a preview: what the cloud computes is unknown.
func (p *Provider) expected(
	r *Request, res *schema.Resource, kind *Kind, inputs resource.PropertyMap,
) resource.PropertyMap {
	outputs := resource.PropertyMap{}
	for key, value := range inputs {
		if !resource.IsInternalPropertyKey(key) {
			outputs[key] = value
		}
	}
	for name, value := range kind.Defaults {
		if !r.Inputs.Has(name) {
			outputs[resource.PropertyKey(name)] = resource.NewPropertyValue(value)
		}
	}
	for name := range res.Outputs {
		if !slices.Contains(kind.Absent, name) {
			outputs[resource.PropertyKey(name)] = unknown
		}
	}
	for _, name := range kind.Filled {
		outputs[resource.PropertyKey(name)] = unknown
	}
	if res.Outputs["tagsAll"] != nil {
		if all, known := p.tagsAll(r.Inputs); known {
			outputs["tagsAll"] = all
		}
	}
	return marked(res, cloud.Properties(outputs))
}

// afterUpdate are the outputs of an update in a preview: the old ones under the new inputs.
func (p *Provider) afterUpdate(
	r *Request, res *schema.Resource, kind *Kind, req plugin.UpdateRequest,
) resource.PropertyMap {
	outputs := req.OldOutputs.Copy()
	for key := range res.Inputs {
		if _, had := req.OldInputs[resource.PropertyKey(key)]; had {
			delete(outputs, resource.PropertyKey(key))
		}
	}
	for key, value := range req.NewInputs {
		if !resource.IsInternalPropertyKey(key) {
			outputs[key] = value
		}
	}
	for _, name := range kind.Filled {
		key := resource.PropertyKey(name)
		outputs[key] = unknown
		if req.OldInputs[key].DeepEquals(req.NewInputs[key]) {
			outputs[key] = req.OldOutputs[key]
		}
	}
	if res.Outputs["tagsAll"] != nil {
		all, known := p.tagsAll(r.Inputs)
		if !known {
			all = unknown
		}
		outputs["tagsAll"] = all
	}
	return marked(res, cloud.Properties(outputs))
}

// tagsAll puts a resource's tags over the provider's default tags. It reports false while a tag is
// unknown.
func (p *Provider) tagsAll(inputs Values) (resource.PropertyValue, bool) {
	if inputs.Unknown("tags") {
		return resource.PropertyValue{}, false
	}
	all := resource.PropertyMap{}
	for key, value := range p.settings.Tags {
		all[resource.PropertyKey(key)] = resource.NewProperty(value)
	}
	for key, value := range inputs.TextMap("tags") {
		all[resource.PropertyKey(key)] = resource.NewProperty(value)
	}
	return resource.NewProperty(all), true
}

// marked wraps what the provider itself knows to be secret.
func marked(res *schema.Resource, properties cloud.Properties) resource.PropertyMap {
	out := make(resource.PropertyMap, len(properties))
	for key, value := range properties {
		property := res.Inputs[string(key)]
		if property == nil {
			property = res.Outputs[string(key)]
		}
		if property != nil {
			value = secretive(property, value)
		}
		out[key] = value
	}
	return out
}

// secretive wraps what a property's type marks as secret, at any depth.
func secretive(property *schema.Property, value resource.PropertyValue) resource.PropertyValue {
	switch t := property.Type; {
	case value.IsSecret() || value.IsNull():
		return value
	case property.Secret:
		return resource.MakeSecret(value)
	case t.Kind == schema.List && value.IsArray():
		list := make([]resource.PropertyValue, len(value.ArrayValue()))
		for i, element := range value.ArrayValue() {
			list[i] = secretive(&schema.Property{Type: t.Element}, element)
		}
		return resource.NewProperty(list)
	case t.Kind == schema.Object && value.IsObject():
		object := resource.PropertyMap{}
		for key, inner := range value.ObjectValue() {
			if of := t.Object.Properties[string(key)]; of != nil {
				inner = secretive(of, inner)
			}
			object[key] = inner
		}
		return resource.NewProperty(object)
	}
	return value
}

// decodeConfig reads a provider's inputs: Pulumi passes lists and objects as JSON text.
func decodeConfig(inputs resource.PropertyMap, known schema.Properties) resource.PropertyMap {
	out := resource.PropertyMap{}
	for key, value := range inputs {
		out[key] = value
		if known[string(key)] == nil || !value.IsString() {
			continue
		}
		text := value.StringValue()
		if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "{") {
			continue
		}
		var decoded any
		// Text that is no JSON stays text, and the check of the inputs names its type.
		if err := json.Unmarshal([]byte(text), &decoded); err == nil {
			out[key] = resource.NewPropertyValue(decoded)
		}
	}
	// The engine adds the plugin's version to every provider.
	delete(out, "version")
	return out
}
