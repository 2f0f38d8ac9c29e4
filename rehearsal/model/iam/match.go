package iam

import (
	"fmt"
	"strings"
)

// match is how a statement and a request compare.
type match struct {
	reach reach  // through what it names the caller; bySession for an identity policy, which needs no principal
	near  int    // how far it came before something did not fit, to tell the closest statement
	miss  string // what did not fit; empty for a statement that fits
}

// compare matches a statement with a request. Only a statement that is about the action and the
// resource has its conditions evaluated, so that a key without a known value stops no other
// request.
func (s *Statement) compare(d *Document, r *Request) (match, error) {
	m := match{reach: bySession}
	named := false
	for _, action := range s.actions {
		named = named || action.matches(r.lowerAction)
	}
	if named == s.notActions {
		m.miss = "it is not about the action"
		return m, nil
	}
	m.near++
	if s.principals != nil {
		m.reach = s.principals.names(r.Principal)
		switch {
		case s.notPrincipals && s.principals.spares(r.Principal):
			m.reach = notNamed
		case s.notPrincipals:
			m.reach = byAll
		}
		if m.reach == notNamed {
			m.miss = "it is not about who asks"
			return m, nil
		}
		m.near++
	}
	fits, err := s.aboutResource(d, r)
	if err != nil {
		return m, err
	}
	if !fits {
		m.miss = "it is not about the resource: " + s.resourceText()
		return m, nil
	}
	m.near++
	for i := range s.conditions {
		c := &s.conditions[i]
		holds, err := c.holds(d, r.Context)
		if err != nil {
			return m, err
		}
		if !holds {
			given := "the request has none"
			if values := r.Context[strings.ToLower(c.key)]; len(values) > 0 {
				given = "the request has " + strings.Join(values, ", ")
			}
			m.miss = fmt.Sprintf("its condition %s on %s wants %s, and %s", c.operator, c.key,
				strings.Join(c.values, " or "), given)
			return m, nil
		}
		m.near++
	}
	return m, nil
}

func (s *Statement) aboutResource(d *Document, r *Request) (bool, error) {
	if s.resources == nil {
		return true, nil // a trust policy
	}
	named := false
	for _, resource := range s.resources {
		expanded, ok, err := d.expand(resource, r.Context)
		if err != nil {
			return false, err
		}
		named = named || ok && matchesARN(expanded, r.Resource)
	}
	return named != s.notResources, nil
}

func (s *Statement) resourceText() string {
	word := "Resource"
	if s.notResources {
		word = "NotResource"
	}
	return word + " is " + strings.Join(s.resources, ", ")
}
