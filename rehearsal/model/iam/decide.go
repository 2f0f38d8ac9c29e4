package iam

import (
	"fmt"
	"slices"
	"strings"
)

// Request is one question: may who asks do this.
type Request struct {
	Principal Principal
	Action    string // such as kms:CreateGrant
	Resource  string // an ARN, or * for an action that AWS asks no resource for
	// Owner is the account that the resource belongs to; empty for the account of who asks. An ARN
	// may not say it, as that of a bucket: OwnerOf takes it from those that do.
	Owner   string
	Context Context

	lowerAction string
}

// Attached is a document with the name that refusals call it by, such as "policy
// bookmark-manager-staging-boundary".
type Attached struct {
	Name     string
	Document *Document
}

// Grant is a grant of a KMS key.
type Grant struct {
	Key        string // ARN
	Grantee    string // the ARN of a role, or the name of a service
	Operations []string
	// ContextEquals is the whole encryption context that an operation must have, and ContextSubset
	// what must be among it; nil for any. They limit the operations that take such a context.
	// https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
	ContextEquals, ContextSubset map[string]string
}

// Documents are all that speak about a request.
type Documents struct {
	Identity []Attached
	Boundary *Attached // nil: none
	Session  []Attached
	Resource *Attached // the policy of the resource, or the trust of a role; nil: none
	Grants   []Grant
	// Mandatory is set where the resource's policy must allow, or leave it to the account: KMS
	// keys, and roles that are taken.
	Mandatory bool
}

// Decide returns nil for a request that is allowed, a *Refusal for one that is not, and another
// error for one that cannot be judged.
func Decide(r Request, d Documents) error {
	r.lowerAction = strings.ToLower(r.Action)
	e := evaluation{request: &r}
	for _, part := range []struct {
		kind      string
		documents []Attached
	}{
		{identityPolicy, d.Identity},
		{boundaryPolicy, list(d.Boundary)},
		{sessionPolicy, d.Session},
		{resourcePolicy, list(d.Resource)},
	} {
		if err := e.read(part.kind, part.documents); err != nil {
			return err
		}
	}
	if e.denied != nil {
		return e.denied
	}
	resource := e.allowed[resourcePolicy]
	if r.Principal.Role == "" && !r.Principal.Root {
		if resource != notNamed || r.granted(d.Grants) {
			return nil
		}
		return e.refuse(resourcePolicy)
	}
	if d.Mandatory && r.granted(d.Grants) {
		return nil
	}
	if r.Owner != "" && r.Owner != r.Principal.Account || d.Mandatory {
		if resource == notNamed {
			return e.refuse(resourcePolicy)
		}
	}
	foreign := r.Owner != "" && r.Owner != r.Principal.Account
	if !foreign && resource == bySession {
		return nil // the session itself is named: what is not allowed elsewhere does not limit it
	}
	itself := !foreign && (resource == byRole || resource == byAll)
	if !itself && e.allowed[identityPolicy] == notNamed && !r.Principal.Root {
		return e.refuse(identityPolicy)
	}
	if d.Boundary != nil && e.allowed[boundaryPolicy] == notNamed {
		return e.refuse(boundaryPolicy)
	}
	if len(d.Session) > 0 && e.allowed[sessionPolicy] == notNamed {
		return e.refuse(sessionPolicy)
	}
	return nil
}

func list(one *Attached) []Attached {
	if one == nil {
		return nil
	}
	return []Attached{*one}
}

// evaluation is what the documents say about a request.
type evaluation struct {
	request *Request
	allowed map[string]reach // by the kind of policy, the most direct
	denied  *Refusal
	closest map[string]*closest // by the kind of policy, among the statements that allow
}

type closest struct {
	near             int
	document, reason string
	sid              string
}

func (e *evaluation) read(kind string, documents []Attached) error {
	for _, attached := range documents {
		for i := range attached.Document.Statements {
			s := &attached.Document.Statements[i]
			m, err := s.compare(attached.Document, e.request)
			if err != nil {
				return fmt.Errorf("judge %s of %s on %s by statement %s of %s: %w", e.request.Action,
					e.request.Principal, e.request.Resource,
					label(s.Sid, i), attached.Name, err)
			}
			switch {
			case m.miss != "" && !s.Deny:
				e.note(kind, &closest{
					near:     m.near,
					document: attached.Name,
					sid:      label(s.Sid, i),
					reason:   m.miss,
				})
			case m.miss == "" && s.Deny && e.denied == nil:
				e.denied = &Refusal{
					Request:   *e.request,
					Kind:      kind,
					Denied:    true,
					Document:  attached.Name,
					Statement: label(s.Sid, i),
				}
			case m.miss == "" && !s.Deny:
				if e.allowed == nil {
					e.allowed = map[string]reach{}
				}
				e.allowed[kind] = max(e.allowed[kind], m.reach)
			}
		}
	}
	return nil
}

func (e *evaluation) note(kind string, c *closest) {
	if e.closest == nil {
		e.closest = map[string]*closest{}
	}
	if best := e.closest[kind]; c.near > 0 && (best == nil || c.near > best.near) {
		e.closest[kind] = c
	}
}

func (e *evaluation) refuse(kind string) error {
	r := &Refusal{Request: *e.request, Kind: kind}
	if c := e.closest[kind]; c != nil {
		r.Document, r.Statement, r.Reason = c.document, c.sid, c.reason
	}
	return r
}

// granted reports whether a grant allows the operation.
func (r *Request) granted(grants []Grant) bool {
	_, operation, _ := strings.Cut(r.Action, ":")
	who := r.Principal.Role
	if r.Principal.Service != "" {
		who = r.Principal.Service
	}
	return slices.ContainsFunc(grants, func(g Grant) bool {
		if g.Key != r.Resource || g.Grantee != who || !slices.Contains(g.Operations, operation) {
			return false
		}
		return !slices.Contains(cryptographic, operation) || r.Context.within(g)
	})
}

// cryptographic are the operations that take an encryption context.
var cryptographic = []string{
	"Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
	"GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
}

// within reports whether the encryption context of a request fits what a grant wants.
func (c Context) within(g Grant) bool {
	const prefix = "kms:encryptioncontext:"
	for _, wanted := range []map[string]string{g.ContextEquals, g.ContextSubset} {
		for key, value := range wanted {
			if !slices.Contains(c[prefix+strings.ToLower(key)], value) {
				return false
			}
		}
	}
	if g.ContextEquals == nil {
		return true
	}
	given := 0
	for name := range c {
		if strings.HasPrefix(name, prefix) {
			given++
		}
	}
	return given == len(g.ContextEquals)
}

// OwnerOf is the account in an ARN; empty where the ARN has none, as that of a bucket.
func OwnerOf(arn string) string {
	fields := strings.SplitN(arn, ":", arnParts)
	if len(fields) == arnParts && accountID.MatchString(fields[4]) {
		return fields[4]
	}
	return ""
}
