package iam

import (
	"fmt"
	"strings"
)

// pattern is a text with wildcards: * for any characters, ? for one.
type pattern struct {
	text string
	wild bool
}

func newPattern(text string) pattern {
	return pattern{text: text, wild: strings.ContainsAny(text, "*?")}
}

func (p pattern) matches(text string) bool {
	if !p.wild {
		return p.text == text
	}
	return glob(p.text, text)
}

// The characters that stand for * and ? themselves, from ${*} and ${?}. No policy can hold them
// otherwise: IAM refuses control characters.
const (
	literalStar     = '\x01'
	literalQuestion = '\x02'
)

// glob goes back to the last * when what follows it does not fit.
func glob(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && same(pattern[p], text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

func same(pattern, text byte) bool {
	switch pattern {
	case '?':
		return true
	case literalStar:
		return text == '*'
	case literalQuestion:
		return text == '?'
	}
	return pattern == text
}

// arnParts is how many fields an ARN has: arn, partition, service, region, account, resource. The
// last may contain colons.
const arnParts = 6

// matchesARN compares field by field: a wildcard never reaches into the next one. A pattern with
// fewer fields ends in wildcards, as IAM completes it.
func matchesARN(pattern, arn string) bool {
	if pattern == "*" {
		return true
	}
	if arn == "*" {
		return false // an action that knows no resources is allowed on * alone
	}
	wanted, given := strings.SplitN(pattern, ":", arnParts), strings.SplitN(arn, ":", arnParts)
	if len(given) != arnParts {
		return glob(pattern, arn)
	}
	for i, field := range given {
		if i < len(wanted) && !glob(wanted[i], field) {
			return false
		}
	}
	return true
}

// expand puts the values of the request in the place of variables such as ${aws:PrincipalArn}. ok
// is false when the request has no single value for one that has no default: then what the variable
// is in matches nothing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (d *Document) expand(text string, context Context) (expanded string, ok bool, err error) {
	if !d.variables || !strings.Contains(text, "${") {
		return text, true, nil
	}
	var b strings.Builder
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			break
		}
		variable, next, closed := strings.Cut(after, "}")
		if !closed {
			return "", false, fmt.Errorf("the variable in %q is not closed", text)
		}
		switch variable {
		case "*":
			b.WriteByte(literalStar)
		case "?":
			b.WriteByte(literalQuestion)
		case "$":
			b.WriteByte('$')
		default:
			value, ok, err := variableValue(variable, context)
			if err != nil || !ok {
				return "", false, err
			}
			b.WriteString(value)
		}
		rest = next
	}
	return b.String(), true, nil
}

// variableValue is the value of a variable, which may carry a default: ${aws:PrincipalTag/team,
// 'company'}.
func variableValue(variable string, context Context) (string, bool, error) {
	name, fallback, hasFallback := strings.Cut(variable, ",")
	name = strings.TrimSpace(name)
	if _, err := lookupKey(name); err != nil {
		return "", false, err
	}
	values, err := context.values(name)
	if err != nil {
		return "", false, err
	}
	if len(values) == 1 {
		return escape(values[0]), true, nil
	}
	if hasFallback {
		return strings.Trim(strings.TrimSpace(fallback), "'"), true, nil
	}
	return "", false, nil
}

// escape keeps wildcards in a value from being taken for wildcards of the policy.
func escape(value string) string {
	return strings.NewReplacer("*", string(literalStar), "?", string(literalQuestion)).Replace(value)
}
