package iam

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Asked is a request that was decided, as it is written down: with it and the documents it can be
// decided again.
type Asked struct {
	Role      string  `json:"role,omitempty"`     // the ARN of the role that asked
	Service   string  `json:"service,omitempty"`  // the service that asked
	Provider  string  `json:"provider,omitempty"` // the identity provider whose token's holder asked
	Root      bool    `json:"root,omitempty"`
	Account   string  `json:"account"` // of who asked
	Action    string  `json:"action"`
	Resource  string  `json:"resource"`
	Owner     string  `json:"owner,omitempty"` // of the resource
	Context   Context `json:"context"`
	Mandatory bool    `json:"mandatory,omitempty"`
	Grants    []Grant `json:"grants,omitempty"`
	// The documents, by Key.
	Identity []string `json:"identity,omitempty"`
	Boundary string   `json:"boundary,omitempty"`
	Policy   string   `json:"policy,omitempty"` // of the resource
	Refused  string   `json:"refused,omitempty"`
}

// Kept is a document as it is written down.
type Kept struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
	Text string `json:"text"`
}

// Key names an attached document by its content.
func (a Attached) Key() string {
	sum := sha256.Sum256([]byte(string(a.Document.Kind) + "\x00" + a.Name + "\x00" + a.Document.Text))
	return hex.EncodeToString(sum[:8])
}

// NewAsked is a request and its documents as they are written down. err is the verdict on it.
func NewAsked(r Request, d Documents, err error) (Asked, map[string]Kept) {
	a := Asked{
		Role:      r.Principal.Role,
		Service:   r.Principal.Service,
		Provider:  r.Principal.Provider,
		Root:      r.Principal.Root,
		Account:   r.Principal.Account,
		Action:    r.Action,
		Resource:  r.Resource,
		Owner:     r.Owner,
		Context:   r.Context,
		Mandatory: d.Mandatory,
		Grants:    d.Grants,
	}
	documents := map[string]Kept{}
	keep := func(one Attached) string {
		key := one.Key()
		documents[key] = Kept{one.Document.Kind, one.Name, one.Document.Text}
		return key
	}
	for _, one := range d.Identity {
		a.Identity = append(a.Identity, keep(one))
	}
	if d.Boundary != nil {
		a.Boundary = keep(*d.Boundary)
	}
	if d.Resource != nil {
		a.Policy = keep(*d.Resource)
	}
	if err != nil {
		a.Refused = err.Error()
	}
	return a, documents
}

// Again decides a request that was written down, with documents that may differ from those it was
// decided by.
func (a Asked) Again(documents map[string]Kept) error {
	r := Request{
		Action:   a.Action,
		Resource: a.Resource,
		Owner:    a.Owner,
		Context:  a.Context,
	}
	switch {
	case a.Service != "":
		r.Principal = Principal{Service: a.Service}
	case a.Provider != "":
		r.Principal = Principal{Provider: a.Provider}
	case a.Root:
		r.Principal = Principal{Account: a.Account, Root: true}
	default:
		var err error
		if r.Principal, err = RoleSession(a.Role, "again"); err != nil {
			return err
		}
	}
	d := Documents{Mandatory: a.Mandatory, Grants: a.Grants}
	attach := func(key string) (Attached, error) {
		kept, ok := documents[key]
		if !ok {
			return Attached{}, fmt.Errorf("decide %s again: document %s was not written down", a.Action, key)
		}
		document, err := Parse(kept.Kind, kept.Text)
		return Attached{kept.Name, document}, err
	}
	for _, key := range a.Identity {
		one, err := attach(key)
		if err != nil {
			return err
		}
		d.Identity = append(d.Identity, one)
	}
	for _, part := range []struct {
		key  string
		into **Attached
	}{{a.Boundary, &d.Boundary}, {a.Policy, &d.Resource}} {
		if part.key == "" {
			continue
		}
		one, err := attach(part.key)
		if err != nil {
			return err
		}
		*part.into = &one
	}
	return Decide(r, d)
}
