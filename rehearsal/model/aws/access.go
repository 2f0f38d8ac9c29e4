package aws

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Root asks as the account's root user, whom IAM's own policies do not limit.
const Root = "root"

// sessionName is how the rehearsal calls the sessions in which it takes roles.
const sessionName = "rehearsal"

// access decides every request of a provider for one caller.
type access struct {
	account string
	role    string // the role's name; Root for the root user
}

// authorise asks for all that an operation does: the actions of its calls, the roles that it hands
// over, and what services do in the caller's name. o is the object, as it is made or changed; nil
// for a look-up.
func (a *access) authorise(r *provider.Request, operation provider.Operation, o *cloud.Object) error {
	c, err := a.caller(r)
	if err != nil {
		return err
	}
	actions, err := actionsFor(r, operation)
	if err != nil {
		return err
	}
	var asked []question
	for _, action := range actions {
		about, err := targets(r, action, o)
		if err != nil {
			return err
		}
		for _, target := range about {
			asked = append(asked, question{action: action, resource: target})
		}
	}
	if operation != provider.LookingUp {
		asked = append(asked, roleQuestions(r, operation)...)
		asked = append(asked, linkedRoleQuestions(r, operation)...)
		keys, err := keyQuestions(r, operation, o)
		if err != nil {
			return err
		}
		asked = append(asked, keys...)
	}
	var refused []error
	for _, q := range asked {
		keys := operationContext(r, operation, o, q.action)
		maps.Copy(keys, q.context)
		q.context = keys
		q.anew = operation == provider.Creating && o != nil && q.resource == o.ARN
		err := c.ask(r, q)
		var refusal *iam.Refusal
		switch {
		case errors.As(err, &refusal):
			refused = append(refused, err)
		case err != nil:
			return err
		}
	}
	return errors.Join(refused...)
}

// question is one action on one resource, with what AWS fills in for it beside what every request
// has.
type question struct {
	action, resource string
	context          map[string][]string
	anew             bool // the resource is what the request makes: it has no tags yet
}

// caller is who asks, with the documents that speak about all requests.
type caller struct {
	account   string
	session   string // its name
	principal iam.Principal
	documents iam.Documents
	tags      map[string]string
	unique    string
}

func (a *access) caller(r *provider.Request) (*caller, error) {
	if a.role == Root {
		return &caller{account: a.account, principal: iam.Principal{Account: a.account, Root: true}}, nil
	}
	role, err := findRole(r, a.account, a.role)
	if err != nil {
		return nil, err
	}
	return takes(r, role, sessionName)
}

// takes is who has taken a role in a session.
func takes(r *provider.Request, role *cloud.Object, session string) (*caller, error) {
	c := &caller{account: role.Account, session: session, tags: tags(role), unique: role.Text("uniqueId")}
	var err error
	if c.principal, err = iam.RoleSession(role.ARN, session); err != nil {
		return nil, err
	}
	c.documents, err = roleDocuments(r, role)
	return c, err
}

// ask decides one question.
func (c *caller) ask(r *provider.Request, q question) error {
	documents := c.documents
	var err error
	if documents.Resource, documents.Mandatory, err = resourcePolicyOf(r, q); err != nil {
		return err
	}
	documents.Grants = grantsOf(r, q.resource)
	return decide(iam.Request{
		Principal: c.principal,
		Action:    q.action,
		Resource:  q.resource,
		Owner:     ownerOf(r, q.resource),
		Context:   c.context(r, q),
	}, documents)
}

// ErrNoRole says that a role that the rehearsal should take does not exist.
var ErrNoRole = errors.New("the role does not exist")

func findRole(r *provider.Request, account, name string) (*cloud.Object, error) {
	var names []string
	for _, role := range r.Everywhere(roleType) {
		if role.Account != account {
			continue
		}
		if role.ID == name || role.ARN == name {
			return role, nil
		}
		names = append(names, role.ID)
	}
	return nil, fmt.Errorf("ask as role %q in account %s: %w: there are %s", name, account, ErrNoRole,
		strings.Join(names, ", "))
}
