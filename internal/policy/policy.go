// Package policy holds IAM policy documents as Go types, so that a document is built once, from
// typed parts, and a test can compare it whole.
package policy

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Effect is what a statement does.
type Effect string

// The two effects that IAM knows.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// The kinds of principals, as IAM spells them.
const (
	AWS       = "AWS"
	Service   = "Service"
	Federated = "Federated"
)

// Document is an IAM policy of version 2012-10-17.
type Document []Statement

// Statement is one statement of a document. Empty fields are left out.
type Statement struct {
	Sid        string
	Effect     Effect              // required
	Principals map[string][]string // by kind; {"AWS": {"*"}} is everybody
	// a principal of kind AWS that is known only after a deploy, beside those in Principals
	PrincipalARN pulumi.StringInput
	Actions      []string
	NotActions   []string
	Resources    pulumi.StringArray
	NotResources pulumi.StringArray
	Conditions   []Condition // all must hold; no two may have the same operator and key
}

// Condition is one operator, key and its values.
type Condition struct {
	Operator string // such as "StringEquals"
	Key      string // such as "aws:SourceAccount"
	Values   pulumi.StringArray
}

// Equals is a condition that a key has one of the values.
func Equals(key string, values ...pulumi.StringInput) Condition {
	return Condition{Operator: "StringEquals", Key: key, Values: values}
}

// Like is a condition that a key matches one of the patterns.
func Like(key string, patterns ...pulumi.StringInput) Condition {
	return Condition{Operator: "StringLike", Key: key, Values: patterns}
}

// ArnLike is a condition that an ARN matches one of the patterns.
func ArnLike(key string, patterns ...pulumi.StringInput) Condition {
	return Condition{Operator: "ArnLike", Key: key, Values: patterns}
}

// JSON is the document as JSON with its keys sorted, and single values as lists of one, the form
// IAM also returns. When check refuses a statement, the output fails, and with it the registration
// of the resource that takes the document.
func (d Document) JSON() pulumi.StringOutput {
	statements := make(pulumi.Array, len(d))
	for i, statement := range d {
		if err := statement.check(); err != nil {
			return pulumi.String("").ToStringOutput().ApplyT(func(string) (string, error) {
				return "", fmt.Errorf("write statement %d (%s) of a policy: %w", i, statement.Sid, err)
			}).(pulumi.StringOutput)
		}
		statements[i] = statement.value()
	}
	return pulumi.JSONMarshal(pulumi.Map{"Version": pulumi.String("2012-10-17"), "Statement": statements})
}

// check refuses two conditions of one operator and key: a document has one list of values for both,
// and any of them would do.
func (s Statement) check() error {
	type pair struct{ operator, key string }
	seen := map[pair]bool{}
	for _, condition := range s.Conditions {
		one := pair{condition.Operator, condition.Key}
		if seen[one] {
			return fmt.Errorf("two conditions %s of %s, want one with all of its values, or two statements",
				one.operator, one.key)
		}
		seen[one] = true
	}
	return nil
}

// principal is the statement's Principal element; empty in an identity-based policy, which has
// none.
func (s Statement) principal() pulumi.Map {
	principals := pulumi.Map{}
	for kind, values := range s.Principals {
		principals[kind] = pulumi.ToStringArray(values)
	}
	if s.PrincipalARN == nil {
		return principals
	}
	if others := s.Principals[AWS]; len(others) > 0 {
		principals[AWS] = append(pulumi.ToStringArray(others), s.PrincipalARN)
	} else {
		principals[AWS] = s.PrincipalARN
	}
	return principals
}

func (s Statement) value() pulumi.Map {
	out := pulumi.Map{"Effect": pulumi.String(s.Effect)}
	if s.Sid != "" {
		out["Sid"] = pulumi.String(s.Sid)
	}
	if principals := s.principal(); len(principals) > 0 {
		out["Principal"] = principals
	}
	for key, values := range map[string][]string{"Action": s.Actions, "NotAction": s.NotActions} {
		if len(values) > 0 {
			out[key] = pulumi.ToStringArray(values)
		}
	}
	for key, values := range map[string]pulumi.StringArray{"Resource": s.Resources, "NotResource": s.NotResources} {
		if len(values) > 0 {
			out[key] = values
		}
	}
	if len(s.Conditions) > 0 {
		conditions := map[string]pulumi.Map{}
		for _, condition := range s.Conditions {
			if conditions[condition.Operator] == nil {
				conditions[condition.Operator] = pulumi.Map{}
			}
			conditions[condition.Operator][condition.Key] = condition.Values
		}
		all := pulumi.Map{}
		for operator, keys := range conditions {
			all[operator] = keys
		}
		out["Condition"] = all
	}
	return out
}

// AssumedBy is the trust policy that lets an AWS service assume a role on behalf of this account
// only. sourceARN is a pattern of the resources that the service acts for; nil leaves it out, for
// services that do not send it.
func AssumedBy(service string, account pulumi.StringInput, sourceARN pulumi.StringInput) Document {
	conditions := []Condition{Equals("aws:SourceAccount", account)}
	if sourceARN != nil {
		conditions = append(conditions, ArnLike("aws:SourceArn", sourceARN))
	}
	return Document{{
		Effect:     Allow,
		Principals: map[string][]string{Service: {service}},
		Actions:    []string{"sts:AssumeRole"},
		Conditions: conditions,
	}}
}
