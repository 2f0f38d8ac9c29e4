package compliance

import (
	"slices"
	"strings"
)

// statements are those of a policy document, which is a JSON string.
func statements(document value) []value { return document.parsed().at("Statement").list() }

func allows(statement value) bool { return statement.at("Effect").text() == "Allow" }

// permits says whether a statement's actions include one, such as "kms:Decrypt".
func permits(statement value, action string) bool {
	if excluded := statement.at("NotAction").texts(); len(excluded) > 0 {
		return !slices.ContainsFunc(excluded, func(pattern string) bool { return matches(pattern, action) })
	}
	return slices.ContainsFunc(statement.at("Action").texts(), func(pattern string) bool {
		return matches(pattern, action)
	})
}

// matches says whether an IAM pattern matches a name: * is any run of characters, ? is any one, and
// case does not count.
func matches(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			rest := strings.TrimLeft(pattern, "*")
			for i := range len(name) + 1 {
				if matches(rest, name[i:]) {
					return true
				}
			}
			return false
		case name == "" || pattern[0] != '?' && pattern[0] != name[0]:
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	return name == ""
}

// public says whether a statement lets everybody in: any principal, or any but some, and no
// condition that narrows who that is.
func public(statement value) bool {
	if !allows(statement) || narrowed(statement) {
		return false
	}
	if statement.at("NotPrincipal").present() {
		return true
	}
	principal := statement.at("Principal")
	if _, kinds := principal.read().(map[string]any); !kinds {
		return slices.Contains(principal.texts(), "*")
	}
	return slices.Contains(principal.at("AWS").texts(), "*")
}

// callers are the condition keys, in lower case, that say who calls or on whose behalf.
var callers = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn",
	"aws:sourceorgid", "aws:sourceowner",
	"aws:sourcevpc", "aws:sourcevpce", "kms:calleraccount",
}

// narrowed says whether a condition holds the caller to certain values. A set operator such as
// ForAnyValue does not count, nor one that passes when the key is missing, nor a pattern that
// matches everything.
func narrowed(statement value) bool {
	operators, _ := statement.at("Condition").read().(map[string]any)
	for operator := range operators {
		if !slices.Contains([]string{"StringEquals", "StringLike", "ArnEquals", "ArnLike"}, operator) {
			continue
		}
		condition := statement.at("Condition." + operator)
		keys, _ := condition.read().(map[string]any)
		for key := range keys {
			if slices.Contains(callers, strings.ToLower(key)) &&
				!slices.ContainsFunc(condition.key(key).texts(), anything) {
				return true
			}
		}
	}
	return false
}

func anything(pattern string) bool { return strings.Trim(pattern, "*:?") == "" }

// refusesPlainHTTP says whether a policy denies an action to everybody who calls without TLS.
func refusesPlainHTTP(document value, action string) bool {
	return slices.ContainsFunc(statements(document), func(statement value) bool {
		everybody := slices.Contains(statement.at("Principal").texts(), "*") ||
			slices.Contains(statement.at("Principal.AWS").texts(), "*")
		transport := statement.at("Condition.Bool")
		keys, _ := transport.read().(map[string]any)
		plain := false
		for key := range keys {
			insecure := transport.key(key).list()
			plain = plain || strings.EqualFold(key, "aws:SecureTransport") && len(insecure) == 1 && !insecure[0].yes()
		}
		return statement.at("Effect").text() == "Deny" && everybody && plain && permits(statement, action)
	})
}

// decryptsEverything says whether a statement lets its principals decrypt with any key of an
// account: by action and by resource.
func decryptsEverything(statement value) bool {
	if !allows(statement) || !permits(statement, "kms:Decrypt") && !permits(statement, "kms:ReEncryptFrom") {
		return false
	}
	return statement.at("NotResource").present() ||
		slices.ContainsFunc(statement.at("Resource").texts(), func(resource string) bool {
			return strings.Trim(resource, "*") == "" ||
				strings.HasPrefix(resource, "arn:aws:kms:") && strings.HasSuffix(resource, ":key/*")
		})
}
