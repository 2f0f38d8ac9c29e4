package provider

import (
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// When says at which requests a rule is asked. It has no default.
type When uint8

// The requests. A rule on values alone belongs into OnCheck: it then speaks in every preview.
// A rule that looks at the cloud belongs to the others, which run in one transaction with the
// change; previews of a create or update ask them too, with what is known by then.
const (
	OnCheck When = 1 << iota
	OnCreate
	OnUpdate
	OnDelete
	OnWrite = OnCreate | OnUpdate
)

// Operation is what a provider is asked to do, for the question whether its caller may.
type Operation string

// The operations. Previews of a change call nothing and are none of them.
const (
	Creating  Operation = "creation"
	Reading   Operation = "reading"
	Updating  Operation = "update"
	Deleting  Operation = "deletion"
	LookingUp Operation = "look-up"
)

// authorise asks for the caller's permission, where anybody asks.
func (r *Request) authorise(operation Operation, o *cloud.Object) error {
	if r.provider.def.Authorise == nil {
		return nil
	}
	err := r.provider.def.Authorise(r, operation, o)
	if r.err != nil {
		return r.err
	}
	return err
}

// Rule is one thing that the real provider or cloud refuses.
type Rule struct {
	Name  string   // unique; tests give each rule a request that it refuses and one that it lets pass
	Types []string // type tokens
	When  When
	Why   string // where the rule is from: the document, or the error that was seen
	// Check returns the refusal in the cloud's own words, code first. Values that are not known yet
	// must pass.
	Check func(*Request) error
}

// Request is what a rule or a computation sees of one request.
type Request struct {
	Action  When
	Preview bool
	URN     resource.URN
	Type    string // type token
	Account string
	Region  string
	Inputs  Values        // as checked, without secrets' wrapping; on a deletion the last ones
	Given   Values        // the inputs as they came: computations leave them alone
	Old     *cloud.Object // what is changed or deleted; nil on OnCheck and OnCreate
	State   Values        // on OnUpdate, the outputs that Pulumi's state has: the cloud may have moved on since
	Ignored []string      // on OnUpdate, the properties whose changes the resource ignores
	Tags    map[string]string

	NoAccount bool // see Settings

	provider *Provider
	tx       *cloud.Tx
	err      error
}

// Find returns the object of a type that has this id in the request's account and region (or
// everywhere, for types that have none), or nil. What waits for its deletion cannot be found.
func (r *Request) Find(typ, id string) *cloud.Object {
	o, err := r.tx.Get(r.provider.key(typ, id))
	r.note(err)
	if o == nil || o.State == cloud.PendingDeletion {
		return nil
	}
	return o
}

// Waiting returns the object of a type and id that waits for its deletion, or nil.
func (r *Request) Waiting(typ, id string) *cloud.Object {
	o, err := r.tx.Get(r.provider.key(typ, id))
	r.note(err)
	if o == nil || o.State != cloud.PendingDeletion {
		return nil
	}
	return o
}

// Missing reports whether what a rule looked for does not exist. In a preview nothing is missing:
// the same run may make it first, under a name that is known by then.
func (r *Request) Missing(o *cloud.Object) bool { return o == nil && !r.Preview }

// ByARN returns the object that has this ARN, in any region, or nil.
func (r *Request) ByARN(arn string) *cloud.Object {
	o, err := r.tx.ByARN(arn)
	r.note(err)
	if o == nil || o.State == cloud.PendingDeletion {
		return nil
	}
	return o
}

// List returns the objects of a type in the request's account and region, oldest first.
func (r *Request) List(typ string) []*cloud.Object {
	place := r.provider.key(typ, "")
	var here []*cloud.Object
	for _, o := range r.Everywhere(typ) {
		if o.Account == place.Account && o.Region == place.Region {
			here = append(here, o)
		}
	}
	return here
}

// Everywhere returns the objects of a type in every account and region, oldest first.
func (r *Request) Everywhere(typ string) []*cloud.Object {
	all, err := r.tx.OfType(typ)
	r.note(err)
	var usable []*cloud.Object
	for _, o := range all {
		if o.State != cloud.PendingDeletion {
			usable = append(usable, o)
		}
	}
	return usable
}

// Others is List without the object that the request changes. The preview of a replacement cannot
// know whether the old object is deleted by then, so the resource's own is left out there too;
// the creation itself does meet it.
func (r *Request) Others(typ string) []*cloud.Object {
	var others []*cloud.Object
	for _, o := range r.List(typ) {
		if !r.Itself(o) {
			others = append(others, o)
		}
	}
	return others
}

// Itself reports whether an object is the one that the request changes: see Others.
func (r *Request) Itself(o *cloud.Object) bool {
	return r.Old != nil && r.Old.Key == o.Key || r.Preview && o.URN == string(r.URN)
}

// Where returns the objects of a type, in the request's account and region, whose string property
// has a value.
func (r *Request) Where(typ, property, value string) []*cloud.Object {
	var found []*cloud.Object
	for _, o := range r.List(typ) {
		if o.Text(property) == value {
			found = append(found, o)
		}
	}
	return found
}

// NextNumber returns a number that the cloud has never returned before.
func (r *Request) NextNumber() uint64 {
	n, err := r.tx.NextNumber()
	r.note(err)
	return n
}

// Itself is a request that nobody makes, in a region: for what the cloud does by itself.
func (p *Provider) Itself(tx *cloud.Tx, region string) *Request {
	there := *p
	there.settings = Settings{Region: region}
	return &Request{
		Account:  p.account,
		Region:   region,
		Inputs:   Values{},
		Given:    Values{},
		provider: &there,
		tx:       tx,
	}
}

// Err is the first error of the cloud's file that a request met.
func (r *Request) Err() error { return r.err }

// note keeps the first error of the cloud's file. The provider reports it in place of the rule's
// answer.
func (r *Request) note(err error) {
	if r.err == nil {
		r.err = err
	}
}
