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

// Root makes requests as the account's root user, whom IAM's policies do not limit.
const Root = "root"

// sessionName is how the rehearsal calls the sessions in which it assumes roles.
const sessionName = "rehearsal"

// access decides every request of a provider that is configured with one role.
type access struct {
	account string
	role    string // the role's name; Root for the root user
}

// authorise decides whether the caller has every permission that an operation needs: the actions of
// its API calls, iam:PassRole for the roles that it passes, and what services do with keys in
// forward access sessions. o is the object, as it is made or changed; nil for a look-up. The error
// has every refusal.
func (a *access) authorise(r *provider.Request, operation provider.Operation, o *cloud.Object) error {
	c, err := a.caller(r)
	if err != nil {
		return err
	}
	actions, err := actionsFor(r, operation)
	if err != nil {
		return err
	}
	var needed []iamPermission
	for _, action := range actions {
		about, err := targets(r, action, o)
		if err != nil {
			return err
		}
		for _, target := range about {
			needed = append(needed, iamPermission{action: action, resource: target})
		}
	}
	if operation != provider.LookingUp {
		needed = append(needed, passRolePermissions(r, operation)...)
		needed = append(needed, linkedRolePermissions(r, operation)...)
		keys, err := keyPermissions(r, operation, o)
		if err != nil {
			return err
		}
		needed = append(needed, keys...)
	}
	var refused []error
	for _, p := range needed {
		keys := operationKeys(r, operation, o, p.action)
		maps.Copy(keys, p.keys)
		p.keys = keys
		p.creating = operation == provider.Creating && o != nil && p.resource == o.ARN
		err := c.has(r, p)
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

// iamPermission is one action on one resource. keys are the condition keys of its request context
// that not every request has.
type iamPermission struct {
	action, resource string
	keys             map[string][]string
	creating         bool // the request creates the resource, which has no tags yet
}

// caller is a session of a role, or the root user, with the identity-based policies.
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
	return assume(r, role, sessionName)
}

// assume is the caller in a session of a role.
func assume(r *provider.Request, role *cloud.Object, session string) (*caller, error) {
	c := &caller{
		account: role.Account,
		session: session,
		tags:    tags(role),
		unique:  role.Text("uniqueId"),
	}
	var err error
	if c.principal, err = iam.RoleSession(role.ARN, session); err != nil {
		return nil, err
	}
	c.documents, err = roleDocuments(r, role)
	return c, err
}

// has is nil if the caller has a permission: by its identity-based policies and its boundary, the
// resource-based policy of the resource, and the grants of a key.
func (c *caller) has(r *provider.Request, p iamPermission) error {
	documents := c.documents
	var err error
	if documents.Resource, documents.Mandatory, err = resourcePolicyOf(r, p); err != nil {
		return err
	}
	documents.Grants = grantsOf(r, p.resource)
	return decide(iam.Request{
		Principal: c.principal,
		Action:    p.action,
		Resource:  p.resource,
		Owner:     ownerOf(r, p.resource),
		Context:   c.context(r, p),
	}, documents)
}

// ErrNoRole says that a role that the rehearsal is to assume does not exist.
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
