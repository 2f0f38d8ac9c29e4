package iam

import (
	"fmt"
	"strings"
)

// The kinds of policies, as AWS calls them in a refusal.
const (
	identityPolicy = "identity-based policy"
	boundaryPolicy = "permissions boundary"
	sessionPolicy  = "session policy"
	resourcePolicy = "resource-based policy"
	trustPolicy    = "role trust policy"
)

// Refusal is a request that AWS does not allow. Its text is AWS's, and after it what came closest.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
type Refusal struct {
	Request Request
	Kind    string // the kind of policy that decides
	Denied  bool   // a statement denies it; otherwise none allows it
	// Document and Statement are what denies, or what came closest to allowing it, and Reason what
	// it misses. They can be empty.
	Document, Statement, Reason string
}

// codes are the error codes of services that do not say AccessDeniedException.
var codes = map[string]string{
	"acm":                  "AccessDeniedException",
	"autoscaling":          "AccessDenied",
	"cloudfront":           "AccessDenied",
	"cloudwatch":           "AccessDenied",
	"ec2":                  "UnauthorizedOperation",
	"elasticloadbalancing": "AccessDenied",
	"iam":                  "AccessDenied",
	"rds":                  "AccessDenied",
	"route53":              "AccessDenied",
	"s3":                   "AccessDenied",
	"sns":                  "AuthorizationError",
	"sts":                  "AccessDenied",
}

// Error is AWS's words, and on a line of its own what came closest.
func (e *Refusal) Error() string {
	var b strings.Builder
	r := e.Request
	service, _, _ := strings.Cut(r.Action, ":")
	code := codes[service]
	if code == "" {
		code = "AccessDeniedException"
	}
	fmt.Fprintf(&b, "%s: User: %s is not authorized to perform: %s", code, r.Principal, r.Action)
	if r.Resource != "*" {
		fmt.Fprintf(&b, " on resource: %s", r.Resource)
	}
	kind := e.Kind
	if kind == resourcePolicy && service == "sts" {
		kind = trustPolicy
	}
	if e.Denied {
		article := "a"
		if kind == identityPolicy {
			article = "an"
		}
		fmt.Fprintf(&b, " with an explicit deny in %s %s", article, kind)
	} else {
		fmt.Fprintf(&b, " because no %s allows the %s action", kind, r.Action)
	}
	switch {
	case e.Denied:
		fmt.Fprintf(&b, "\n(statement %s of %s denies it)", e.Statement, e.Document)
	case e.Document != "":
		fmt.Fprintf(&b, "\n(closest is statement %s of %s: %s)", e.Statement, e.Document, e.Reason)
	default:
		b.WriteString("\n(no statement there is about the action)")
	}
	return b.String()
}
