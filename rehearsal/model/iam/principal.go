package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Principal is who asks. Exactly one of Role, Service, Provider and Root is set.
type Principal struct {
	Account string // of a role and of the root user, 12 digits
	Role    string // the ARN of an IAM role that is taken
	Session string // the ARN of the session in which it is taken: arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION
	Service string // an AWS service that acts for itself, such as logs.eu-west-1.amazonaws.com

	Provider string // the ARN of an identity provider, for whoever has its token
	Root     bool   // the account's root user
}

// RoleSession is the principal of a role that is taken in a session of this name.
func RoleSession(role, session string) (Principal, error) {
	fields := strings.SplitN(role, ":", arnParts)
	if len(fields) != arnParts || fields[2] != "iam" || !strings.HasPrefix(fields[5], "role/") {
		return Principal{}, fmt.Errorf("%q is not the ARN of a role: want arn:aws:iam::ACCOUNT:role/NAME", role)
	}
	name := fields[5][strings.LastIndex(fields[5], "/")+1:]
	return Principal{
		Account: fields[4], Role: role,
		Session: fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", fields[1], fields[4], name, session),
	}, nil
}

// String is how refusals call who asks.
func (p Principal) String() string {
	switch {
	case p.Service != "":
		return p.Service
	case p.Provider != "":
		return p.Provider
	case p.Root:
		return rootARN(p.Account)
	}
	return p.Session
}

func rootARN(account string) string { return "arn:aws:iam::" + account + ":root" }

// reach is through what a policy's principal names who asks. More direct comes later.
type reach int

const (
	notNamed  reach = iota
	byAccount       // the account, which leaves it to the account's own policies
	byAll           // everybody
	byRole          // the role
	bySession       // the session, the service or the identity provider itself
)

// principals are who a statement is about.
type principals struct {
	all       bool
	aws       []string
	services  []string
	federated []string
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

func parsePrincipals(raw json.RawMessage) (*principals, error) {
	var everybody string
	if json.Unmarshal(raw, &everybody) == nil {
		if everybody != "*" {
			return nil, fmt.Errorf("Principal is %q, want * or an object", everybody)
		}
		return &principals{all: true}, nil
	}
	var kinds map[string]texts
	if err := json.Unmarshal(raw, &kinds); err != nil {
		return nil, fmt.Errorf("read Principal: %w", err)
	}
	p := &principals{}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		switch kind {
		case "AWS":
			p.aws = kinds[kind]
		case "Service":
			p.services = kinds[kind]
		case "Federated":
			p.federated = kinds[kind]
		default:
			return nil, fmt.Errorf("the model does not know principals of kind %q: it knows AWS, Federated and "+
				"Service", kind)
		}
	}
	for i, one := range p.aws {
		switch {
		case one == "*":
			p.all = true
		case accountID.MatchString(one):
			p.aws[i] = rootARN(one)
		case strings.ContainsAny(one, "*?"):
			return nil, fmt.Errorf("principal %q has wildcards, and a principal is * or whole", one)
		case !strings.HasPrefix(one, "arn:") && !strings.HasPrefix(one, "AROA") && !strings.HasPrefix(one, "AIDA"):
			return nil, fmt.Errorf("principal %q is no ARN and no account", one)
		}
	}
	return p, nil
}

// names tells through what the statement names who asks.
func (p *principals) names(who Principal) reach {
	switch {
	case who.Service != "" && slices.Contains(p.services, who.Service):
		return bySession
	case who.Provider != "" && slices.Contains(p.federated, who.Provider):
		return bySession
	case who.Session != "" && slices.Contains(p.aws, who.Session):
		return bySession
	case who.Role != "" && slices.Contains(p.aws, who.Role):
		return byRole
	case p.all:
		return byAll
	case who.Account != "" && slices.Contains(p.aws, rootARN(who.Account)):
		return byAccount
	}
	return notNamed
}

// spares reports whether a NotPrincipal leaves who asks out. A session is spared only where it, its
// role and its account are all named.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (p *principals) spares(who Principal) bool {
	switch {
	case p.all:
		return true
	case who.Service != "":
		return slices.Contains(p.services, who.Service)
	case who.Provider != "":
		return slices.Contains(p.federated, who.Provider)
	}
	for _, name := range []string{who.Session, who.Role, rootARN(who.Account)} {
		if name != "" && !slices.Contains(p.aws, name) {
			return false
		}
	}
	return true
}
