package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Kind is what a document is for, which says what its statements must have.
type Kind string

// The kinds of documents. ECR's repositories have policies without resources, as trusts are.
const (
	OfIdentity   Kind = "identity policy"   // what a role may do, and boundaries: resources, no principals
	OfResource   Kind = "resource policy"   // of a key, bucket, topic, vault or log group: both
	OfRepository Kind = "repository policy" // principals, no resources
	OfTrust      Kind = "trust policy"      // who may take a role: principals, no resources
)

// Document is a parsed policy. Parse makes one; it is never changed afterwards.
type Document struct {
	Kind       Kind
	Text       string // as it was parsed
	Statements []Statement
	variables  bool // version 2012-10-17: ${aws:PrincipalArn} is a variable, and text in the older version
}

// Statement is one statement of a document.
type Statement struct {
	Sid  string
	Deny bool

	principals    *principals // nil in an identity policy
	notPrincipals bool
	actions       []pattern
	notActions    bool
	resources     []string // nil in a trust policy
	notResources  bool
	conditions    []condition
}

// Resources are what the document's statements are about, as they name it, patterns included.
func (d *Document) Resources() []string {
	var all []string
	for _, one := range d.Statements {
		all = append(all, one.resources...)
	}
	return all
}

// parsed holds each text once: a rehearsal asks the same few documents thousands of times.
var parsed sync.Map

type parsedKey struct {
	kind Kind
	text string
}

// Parse reads a policy document of a kind. The error names what it does not know or what the kind
// does not take, and the statement that it is in.
func Parse(kind Kind, text string) (*Document, error) {
	if known, ok := parsed.Load(parsedKey{kind, text}); ok {
		return known.(*Document), nil
	}
	document, err := parse(kind, text)
	if err != nil {
		return nil, err
	}
	parsed.Store(parsedKey{kind, text}, document)
	return document, nil
}

func parse(kind Kind, text string) (*Document, error) {
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := strict(text, &raw); err != nil {
		return nil, fmt.Errorf("read a policy document: %w", err)
	}
	d := &Document{Kind: kind, Text: text}
	switch raw.Version {
	case "2012-10-17":
		d.variables = true
	case "2008-10-17", "":
	default:
		return nil, fmt.Errorf("read a policy document: Version is %q, want 2012-10-17 or 2008-10-17", raw.Version)
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(raw.Statement, &elements); err != nil {
		elements = []json.RawMessage{raw.Statement} // one statement needs no list around it
	}
	var problems []error
	for i, element := range elements {
		s, err := d.statement(element)
		if err != nil {
			problems = append(problems, fmt.Errorf("read statement %s of a policy document: %w", label(s.Sid, i), err))
		}
		d.Statements = append(d.Statements, s)
	}
	return d, errors.Join(problems...)
}

// strict decodes JSON and refuses what the type does not have.
func strict(text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is text after the document")
	}
	return nil
}

// label is how messages call a statement: by its Sid, else by its number, from 1.
func label(sid string, index int) string {
	if sid != "" {
		return fmt.Sprintf("%q", sid)
	}
	return fmt.Sprintf("%d", index+1)
}

// texts is a JSON string or a list of them.
type texts []string

// UnmarshalJSON takes both forms, and booleans and numbers as IAM does.
func (t *texts) UnmarshalJSON(raw []byte) error {
	var many []any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if !bytes.HasPrefix(raw, []byte("[")) {
		raw = append(append([]byte("["), raw...), ']')
		decoder = json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
	}
	if err := decoder.Decode(&many); err != nil {
		return err
	}
	for _, one := range many {
		switch value := one.(type) {
		case string:
			*t = append(*t, value)
		case bool, json.Number:
			*t = append(*t, fmt.Sprint(value))
		default:
			return fmt.Errorf("found %v where a text or a list of texts belongs", one)
		}
	}
	return nil
}

// elements are what a statement can have.
type elements struct {
	Sid, Effect             string
	Principal, NotPrincipal json.RawMessage
	Action, NotAction       texts
	Resource, NotResource   texts
	Condition               map[string]map[string]texts
}

// takes refuses a statement that has what its kind of document has not, or has not what it must
// have.
func (k Kind) takes(principal, resource bool) error {
	switch k {
	case OfIdentity:
		if principal {
			return errors.New("it names a principal, and an identity policy is about whoever has it")
		}
	case OfResource, OfRepository, OfTrust:
		if !principal {
			return fmt.Errorf("it has no Principal, and a %s says whom it is about", k)
		}
	default:
		return fmt.Errorf("the model does not know policies of kind %q", k)
	}
	switch takesResource := k == OfIdentity || k == OfResource; {
	case takesResource && !resource:
		return fmt.Errorf("it has no Resource, and a statement of this kind (%s) wants one", k)
	case !takesResource && resource:
		return fmt.Errorf("it has a Resource, and a %s is about what it is on", k)
	}
	return nil
}

func (d *Document) statement(raw json.RawMessage) (s Statement, err error) {
	var e elements
	if err := strict(string(raw), &e); err != nil {
		return s, err
	}
	s.Sid = e.Sid
	switch e.Effect {
	case "Allow":
	case "Deny":
		s.Deny = true
	default:
		return s, fmt.Errorf("Effect is %q, want Allow or Deny", e.Effect)
	}
	if (e.Action == nil) == (e.NotAction == nil) {
		return s, errors.New("it wants Action or NotAction, and not both")
	}
	if e.Resource != nil && e.NotResource != nil {
		return s, errors.New("it has Resource and NotResource, want one of them")
	}
	if e.Principal != nil && e.NotPrincipal != nil {
		return s, errors.New("it has Principal and NotPrincipal, want one of them")
	}
	if err := d.Kind.takes(e.Principal != nil || e.NotPrincipal != nil,
		e.Resource != nil || e.NotResource != nil); err != nil {
		return s, err
	}
	s.notActions, s.notResources, s.notPrincipals = e.NotAction != nil, e.NotResource != nil, e.NotPrincipal != nil
	for _, action := range slices.Concat(e.Action, e.NotAction) {
		service, name, _ := strings.Cut(action, ":")
		if action != "*" && (service == "" || name == "") {
			return s, fmt.Errorf("Action %q has no service, want * or SERVICE:ACTION", action)
		}
		s.actions = append(s.actions, newPattern(strings.ToLower(action)))
	}
	s.resources = slices.Concat(e.Resource, e.NotResource)
	if principal := slices.Concat(e.Principal, e.NotPrincipal); len(principal) > 0 {
		if s.principals, err = parsePrincipals(principal); err != nil {
			return s, err
		}
	}
	for _, operator := range slices.Sorted(maps.Keys(e.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(e.Condition[operator])) {
			c, err := newCondition(operator, key, e.Condition[operator][key])
			if err != nil {
				return s, err
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return s, nil
}
