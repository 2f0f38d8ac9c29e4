package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Create makes an object in the cloud. A preview asks the rules and leaves what the cloud computes
// unknown.
func (p *Provider) Create(_ context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	res, kind, err := p.lookup(string(req.Type))
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	r := p.request(OnCreate, req.URN, string(req.Type), req.Properties)
	r.Preview = req.Preview
	if req.Preview {
		err := p.cloud.View(func(tx *cloud.Tx) error { r.tx = tx; return r.askRules() })
		if err != nil {
			return plugin.CreateResponse{}, fmt.Errorf("create %s: %w", req.URN.Name(), err)
		}
		return plugin.CreateResponse{Properties: p.expected(r, res, kind, req.Properties)}, nil
	}
	var made *cloud.Object
	err = p.cloud.Update(func(tx *cloud.Tx) error {
		r.tx = tx
		if err := errors.Join(r.reach(), r.askRules()); err != nil {
			return err
		}
		if made, err = p.make(r, res, kind); err != nil {
			return err
		}
		return r.authorise(Creating, made)
	})
	if err != nil {
		return plugin.CreateResponse{}, fmt.Errorf("create %s: %w", req.URN.Name(), err)
	}
	return plugin.CreateResponse{ID: resource.ID(made.ID), Properties: marked(res, made.Outputs)}, nil
}

func (p *Provider) make(r *Request, res *schema.Resource, kind *Kind) (*cloud.Object, error) {
	if kind.Adopt != nil {
		adopted, err := kind.Adopt.Find(r)
		if err != nil {
			return nil, err
		}
		return adopted, p.write(r, res, kind, adopted)
	}
	o := &cloud.Object{URN: string(r.URN), Creator: r.Account}
	outputs, err := p.compute(r, res, kind, o)
	if err != nil {
		return nil, err
	}
	put := r.tx.Create
	if there, err := r.tx.Get(o.Key); err != nil {
		return nil, err
	} else if kind.Put && there != nil {
		put = r.tx.Replace
	}
	if err := put(o); err != nil {
		return nil, err
	}
	return o, p.writeParts(r, kind, outputs, o)
}

// write gives an object that is there its new inputs, outputs and parts.
func (p *Provider) write(r *Request, res *schema.Resource, kind *Kind, o *cloud.Object) error {
	o.URN = string(r.URN)
	outputs, err := p.compute(r, res, kind, o)
	if err != nil {
		return err
	}
	if err := r.tx.Replace(o); err != nil {
		return err
	}
	return p.writeParts(r, kind, outputs, o)
}

// compute fills in the object: its id and ARN when it is new, its name, inputs and outputs.
func (p *Provider) compute(r *Request, res *schema.Resource, kind *Kind, o *cloud.Object) (*Outputs, error) {
	outputs := &Outputs{Values: Values{}, old: Values(o.Outputs)}
	for key, value := range r.Inputs {
		if !resource.IsInternalPropertyKey(key) {
			outputs.Values[key] = value
		}
	}
	for name, value := range kind.Defaults {
		outputs.Default(name, func() any { return value })
	}
	// What is not sent stays as it is, and no read returns it: an import knows no password.
	for _, name := range kind.WriteOnly {
		if !outputs.Has(name) && outputs.old.Has(name) {
			r.Inputs[resource.PropertyKey(name)] = outputs.old.get(name)
			outputs.Values[resource.PropertyKey(name)] = outputs.old.get(name)
		}
	}
	if n := naming(kind, res); n.Property != "" {
		p.prefixName(outputs, n.Property)
		o.Name = outputs.Text(n.Property)
	}
	if err := p.identify(r, kind, o, outputs); err != nil {
		return nil, err
	}
	if res.Outputs["tagsAll"] != nil {
		outputs.Values["tagsAll"], _ = p.tagsAll(r.Inputs)
	}
	if res.Outputs["ownerId"] != nil {
		outputs.Set("ownerId", r.Account)
	}
	if kind.Compute != nil {
		kind.Compute(r, outputs)
	}
	if r.err != nil {
		return nil, r.err
	}
	for name := range res.Outputs {
		if _, set := outputs.Values[resource.PropertyKey(name)]; !set && !slices.Contains(kind.Absent, name) {
			return nil, fmt.Errorf("the model does not compute %q of %s: set it in the type's Kind, or list it "+
				"there as absent", name, r.Type)
		}
	}
	o.Inputs, o.Outputs = cloud.Properties(r.Inputs), cloud.Properties(maps.Clone(outputs.Values))
	delete(o.Outputs, "id") // the engine keeps it beside the outputs
	return outputs, nil
}

// identify gives a new object its id and ARN, in the order that the templates need.
func (p *Provider) identify(r *Request, kind *Kind, o *cloud.Object, outputs *Outputs) error {
	if o.ID != "" {
		outputs.Set("id", o.ID)
		if o.ARN != "" {
			outputs.Set("arn", o.ARN)
		}
		return nil
	}
	if kind.Terms != nil {
		outputs.terms = kind.Terms(r, outputs)
	}
	templates := []struct {
		property, template string
	}{{"id", kind.ID}, {"arn", kind.ARN}}
	if kind.ID == "{arn}" {
		slices.Reverse(templates)
	}
	for _, t := range templates {
		if t.template == "" {
			continue
		}
		value, err := outputs.Expand(r, t.template)
		if err != nil {
			return err
		}
		outputs.Set(t.property, value)
	}
	if outputs.Text("id") == "" {
		return fmt.Errorf("the model makes no id for %s: its Kind needs an ID", r.Type)
	}
	if kind.Within != nil {
		owner := p.key(kind.Within.Type, outputs.Text(kind.Within.Property))
		o.Owner = &owner
	}
	o.Key = p.key(r.Type, outputs.Text("id"))
	if kind.ARN != "" { // an input of that name is another object's, as that of a topic's policy
		o.ARN = outputs.Text("arn")
	}
	return nil
}

// prefixName makes the name of an object whose user gave a prefix only, as the real provider does.
func (p *Provider) prefixName(outputs *Outputs, property string) {
	for _, prefix := range []string{"namePrefix", property + "Prefix"} {
		if outputs.Has(prefix) {
			outputs.Default(property, func() any { return outputs.Text(prefix) + Random("0123456789abcdef", 26) })
		}
	}
}

// writeParts makes the parts of an object match what its kind says now. A part that a resource has
// adopted is that resource's.
func (p *Provider) writeParts(r *Request, kind *Kind, outputs *Outputs, o *cloud.Object) error {
	if kind.Owned == nil {
		return nil
	}
	before, err := r.tx.OwnedBy(o.Key)
	if err != nil {
		return err
	}
	gone := map[cloud.Key]*cloud.Object{}
	for _, part := range before {
		if part.Part {
			gone[part.Key] = part
		}
	}
	for _, part := range kind.Owned(r, outputs) {
		written := &cloud.Object{
			Key:     p.key(part.Type, part.ID),
			Name:    part.Name,
			ARN:     part.ARN,
			Owner:   &o.Key,
			Creator: r.Account,
			Part:    true,
			Outputs: cloud.Properties(resource.NewPropertyMapFromMap(part.Outputs)),
		}
		old := gone[written.Key]
		delete(gone, written.Key)
		switch {
		case old == nil:
			err = r.tx.Create(written)
		case old.URN == "":
			err = r.tx.Replace(written)
		}
		if err != nil {
			return err
		}
	}
	for key := range gone {
		if err := r.tx.Delete(key); err != nil {
			return err
		}
	}
	return r.err
}

// Read returns the object as the cloud has it now, or nothing when it does not exist.
func (p *Provider) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	res, kind, err := p.lookup(string(req.Type))
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	var found *cloud.Object
	r := p.request(0, req.URN, string(req.Type), req.Inputs)
	find := p.present
	if len(req.Inputs) == 0 && len(req.State) == 0 && kind.Import != nil {
		find = p.named // the engine imports with an id alone
	}
	err = p.cloud.View(func(tx *cloud.Tx) error {
		r.tx = tx
		if err := r.reach(); err != nil {
			return err
		}
		if found, err = find(tx, kind, r.Type, string(req.ID)); err != nil || found == nil {
			return err
		}
		r.Old = found
		return r.authorise(Reading, found)
	})
	if err != nil {
		return plugin.ReadResponse{}, fmt.Errorf("read %s: %w", req.URN.Name(), err)
	}
	if found == nil {
		return plugin.ReadResponse{}, nil
	}
	for _, name := range kind.WriteOnly {
		keepWriteOnly(found.Inputs, req.Inputs, name)
		keepWriteOnly(found.Outputs, req.State, name)
	}
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{
		ID:      resource.ID(found.ID),
		Inputs:  resource.PropertyMap(found.Inputs),
		Outputs: marked(res, found.Outputs),
	}}, nil
}

// keepWriteOnly gives a property the value that the state has, or none.
func keepWriteOnly(properties cloud.Properties, state resource.PropertyMap, name string) {
	key := resource.PropertyKey(name)
	delete(properties, key)
	if value, ok := state[key]; ok {
		properties[key] = cloud.Plain(value)
	}
}

// present finds the object of a resource, or nil.
func (p *Provider) present(tx *cloud.Tx, kind *Kind, typ, id string) (*cloud.Object, error) {
	if kind.Adopt != nil {
		typ = kind.Adopt.Type
	}
	o, err := tx.Get(p.key(typ, id))
	switch {
	case o != nil && o.State == cloud.PendingDeletion:
		return nil, err
	case o == nil && err == nil && kind.Standing != nil:
		properties := cloud.Properties(resource.NewPropertyMapFromMap(kind.Standing))
		return &cloud.Object{Key: p.key(typ, id), Inputs: properties, Outputs: maps.Clone(properties)}, nil
	}
	return o, err
}

// named finds the object of a resource by what an import calls it, or nil.
func (p *Provider) named(tx *cloud.Tx, kind *Kind, typ, name string) (*cloud.Object, error) {
	all, err := tx.OfType(typ)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.State != cloud.PendingDeletion && p.key(typ, o.ID) == o.Key && kind.Import(o) == name {
			return o, nil
		}
	}
	return nil, nil
}

// Update changes an object in place.
func (p *Provider) Update(_ context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	res, kind, err := p.lookup(string(req.Type))
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	r := p.request(OnUpdate, req.URN, string(req.Type), req.NewInputs)
	r.Preview, r.State, r.Ignored = req.Preview, Values(cloud.PlainMap(req.OldOutputs)), req.IgnoreChanges
	var updated resource.PropertyMap
	change := func(tx *cloud.Tx) error {
		r.tx = tx
		if r.Old, err = p.present(tx, kind, r.Type, string(req.ID)); err != nil {
			return err
		}
		if r.Old == nil {
			return fmt.Errorf("%s %q does not exist: it was deleted outside of Pulumi, run pulumi refresh", r.Type,
				req.ID)
		}
		if !req.Preview {
			if err := r.reach(); err != nil {
				return err
			}
		}
		if err := r.askRules(); err != nil {
			return err
		}
		if req.Preview {
			updated = p.afterUpdate(r, res, kind, req)
			return nil
		}
		after := *r.Old
		if err := p.write(r, res, kind, &after); err != nil {
			return err
		}
		if err := r.authorise(Updating, &after); err != nil {
			return err
		}
		updated = marked(res, after.Outputs)
		return nil
	}
	if req.Preview {
		err = p.cloud.View(change)
	} else {
		err = p.cloud.Update(change)
	}
	if err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("update %s: %w", req.URN.Name(), err)
	}
	return plugin.UpdateResponse{Properties: updated}, nil
}

// Delete takes an object out of the cloud, unless something still uses it. An object that does not
// exist is no error, as with the real provider.
func (p *Provider) Delete(_ context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	_, kind, err := p.lookup(string(req.Type))
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	r := p.request(OnDelete, req.URN, string(req.Type), req.Inputs)
	err = p.cloud.Update(func(tx *cloud.Tx) error {
		r.tx = tx
		if err := r.reach(); err != nil {
			return err
		}
		if r.Old, err = p.present(tx, kind, r.Type, string(req.ID)); err != nil || r.Old == nil {
			return err
		}
		if err := r.askRules(); err != nil {
			return err
		}
		if err := r.authorise(Deleting, r.Old); err != nil {
			return err
		}
		if kind.Adopt != nil {
			released := *r.Old
			released.URN = ""
			return tx.Replace(&released)
		}
		return p.remove(r, kind)
	})
	if err != nil {
		return plugin.DeleteResponse{}, fmt.Errorf("delete %s: %w", req.URN.Name(), err)
	}
	return plugin.DeleteResponse{}, nil
}

func (p *Provider) remove(r *Request, kind *Kind) error {
	if err := r.tx.Delete(r.Old.Key); err != nil {
		return err
	}
	if kind.Remains == nil {
		return nil
	}
	for _, o := range kind.Remains(r, r.Old) {
		o.URN = ""
		if o.State == cloud.Active {
			return fmt.Errorf("delete %s: what remains needs a state that says why", o)
		}
		if err := r.tx.Create(o); err != nil {
			return err
		}
	}
	return r.err
}

// reach is nil when the request's region answers.
func (r *Request) reach() error {
	if r.provider.def.Reach == nil {
		return nil
	}
	return r.provider.def.Reach(r.tx, r.Region)
}

// askRules asks every rule of the request's type and action, and joins the refusals.
func (r *Request) askRules() error {
	var refusals []error
	for _, rule := range r.provider.rules[r.Type] {
		if rule.When&r.Action == 0 {
			continue
		}
		if err := rule.Check(r); err != nil {
			refusals = append(refusals, err)
		}
		if r.err != nil {
			return fmt.Errorf("ask rule %q: %w", rule.Name, r.err)
		}
	}
	return errors.Join(refusals...)
}
