package edge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// What WAF takes of one statement.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_ByteMatchStatement.html
// https://docs.aws.amazon.com/waf/latest/APIReference/API_RegexMatchStatement.html
const (
	maxSearchString = 200 // bytes
	maxRegexString  = 512 // characters
)

// validateScopes refuses content and exceptions that would switch a group off for a path as a
// whole, or that have no effect. It needs settings whose form is right.
func (c WebACLConfig) validateScopes() settings.Problems {
	p := c.validateOverlaps()
	p.Want(len(c.Content) <= maxContent, "content", len(c.Content), "%d kinds at most: more paths in one of them",
		maxContent)
	for _, name := range sortedKeys(c.Content) {
		p = append(p, c.validateContent(c.Content[name], settings.Key("content", string(name)))...)
	}
	for _, name := range sortedKeys(c.Exceptions) {
		p = append(p, c.validateException(c.Exceptions[name], settings.Key("exceptions", string(name)))...)
	}
	return p
}

func (c WebACLConfig) validateContent(of ContentConfig, at string) settings.Problems {
	var p settings.Problems
	p.WantBeside(at+".windowSeconds", of.Limit*c.Rate.WindowSeconds < c.Rate.Limit*of.WindowSeconds, at+".limit",
		of.Limit,
		"fewer requests in the same time than rate: %d in %d seconds", c.Rate.Limit, c.Rate.WindowSeconds)
	pattern := of.pathPattern()
	p.Want(len(pattern) <= maxRegexString, at+".paths", fmt.Sprintf("a pattern of %d characters", len(pattern)),
		"%d at most, which is what WAF takes of a regular expression: fewer or shorter paths", maxRegexString)
	for i, path := range of.Paths {
		p.Want(!c.signsIn(path.mayBeUnder), fmt.Sprintf("%s.paths[%d]", at, i), path,
			"a path that is none of webAcl.signIn.paths, in capitals or not, and none below them: passwords are "+
				"guessed "+
				"there, and every group looks at it")
	}
	for i, group := range of.Groups {
		p.Want(c.Groups.withKey(group).mode != GroupOff, fmt.Sprintf("%s.groups[%d]", at, i), group,
			"a group that is not off in webAcl.groups")
	}
	return p
}

func (c WebACLConfig) validateException(of ExceptionConfig, at string) settings.Problems {
	var p settings.Problems
	group := c.Groups.named(of.group())
	for i, rule := range of.Rules {
		p.Want(exceptableRules[rule].group == group.name, fmt.Sprintf("%s.rules[%d]", at, i), rule,
			"a rule of the same group as %s (%s); the others in an exception of their own", of.Rules[0], group.key)
	}
	p.Want(group.mode != GroupOff, at+".rules[0]", of.Rules[0],
		"a rule of a group that is not off in webAcl.groups.%s", group.key)
	most := rulesThatMayBeExcepted(group.name)
	p.Want(len(of.Rules) < most, at+".rules", of.Rules,
		"some of the group's rules: this lifts all that may be lifted; webAcl.content takes single paths out of "+
			"a group, within limits")
	for i, path := range of.Paths {
		at := fmt.Sprintf("%s.paths[%d]", at, i)
		p.Want(len(path.searched()) <= maxSearchString, at, path,
			"a path of %d bytes at most, which is what WAF compares with", maxSearchString)
		p.Want(!c.signsIn(path.mayBeUnder), at, path,
			"a path that covers none of webAcl.signIn.paths, in capitals or not, and is not below them: it would lift "+
				"the rules where passwords are guessed")
		p.Want(len(of.Rules) == most || len(c.exceptedOn(path, group.name)) < most, at, path,
			"a path on which the exceptions together leave one of the group's rules: on this one they lift all "+
				"that may "+
				"be lifted; webAcl.content takes single paths out of a group, within limits")
	}
	return p
}

// exceptedOn are the rules of a group that do not block on any request of a path, by the exceptions
// together.
func (c WebACLConfig) exceptedOn(path PathPattern, group string) []ExceptedRule {
	var all []ExceptedRule
	for _, name := range sortedKeys(c.Exceptions) {
		of := c.Exceptions[name]
		if of.group() == group &&
			slices.ContainsFunc(of.Paths, func(other PathPattern) bool { return other.covers(path) }) {
			all = append(all, of.Rules...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// searched is what WAF compares a request's path with: all of it, or its beginning.
func (a PathPattern) searched() string { return strings.TrimSuffix(string(a), "*") }

// mayBeUnder says whether a path of the pattern can be another path or lie below it. The
// application reads paths without regard to case.
func (a PathPattern) mayBeUnder(other string) bool {
	searched := strings.ToLower(a.searched())
	other = strings.ToLower(other)
	return searched == other || strings.HasPrefix(searched, other+"/") ||
		(a.folder() && strings.HasPrefix(other, searched))
}

// mayBeUnder says whether a path of c can be another path or lie below it, without regard to case.
func (c ContentPath) mayBeUnder(other string) bool {
	mine, theirs := strings.Split(strings.ToLower(string(c)), "/"), strings.Split(strings.ToLower(other), "/")
	if len(mine) < len(theirs) {
		return false
	}
	return slices.EqualFunc(mine[:len(theirs)], theirs, func(segment, other string) bool {
		return segment == other || segment == anySegment
	})
}

// overlaps says whether one path can be of both.
func (c ContentPath) overlaps(other ContentPath) bool {
	mine, theirs := strings.Split(string(c), "/"), strings.Split(string(other), "/")
	return slices.EqualFunc(mine, theirs, func(a, b string) bool {
		return a == b || a == anySegment || b == anySegment
	})
}

// validateOverlaps refuses a request that would be of two kinds: it would have the limits of both.
func (c WebACLConfig) validateOverlaps() settings.Problems {
	var p settings.Problems
	kinds := sortedKeys(c.Content)
	for k, name := range kinds {
		for _, earlier := range kinds[:k] {
			of, before := c.Content[name], c.Content[earlier]
			if !slices.ContainsFunc(of.Methods, func(method string) bool {
				return slices.Contains(before.Methods, method)
			}) {
				continue
			}
			for i, path := range of.Paths {
				for _, other := range before.Paths {
					p.Want(!path.overlaps(other), at(settings.Key("content", string(name))+".paths", i), path,
						"a path that %s of content.%s is not too, or other methods: such a request would have the "+
							"limits of both", other, earlier)
				}
			}
		}
	}
	return p
}

// signsIn says whether something holds for a path of the sign-in.
func (c WebACLConfig) signsIn(holds func(path string) bool) bool {
	return c.SignIn != nil && slices.ContainsFunc(c.SignIn.Paths, func(path SignInPath) bool {
		return holds(string(path))
	})
}

// rulesThatMayBeExcepted is how many rules of a group exceptions may name.
func rulesThatMayBeExcepted(group string) int {
	n := 0
	for _, rule := range exceptableRules {
		if rule.group == group {
			n++
		}
	}
	return n
}
