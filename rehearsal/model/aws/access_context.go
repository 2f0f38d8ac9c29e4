package aws

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// endpoints are the regions that requests to global services go to.
var endpoints = map[string]string{
	"budgets":    "us-east-1",
	"ce":         "us-east-1",
	"chatbot":    "us-east-2",
	"cloudfront": "us-east-1",
	"iam":        "us-east-1",
	"route53":    "us-east-1",
}

// ownerOf is the account that a resource belongs to; empty for a resource that nobody has. Where
// its ARN does not say, as those of buckets and of hosted zones, it is the account of the object.
func ownerOf(r *provider.Request, arn string) string {
	if owner := iam.OwnerOf(arn); owner != "" || !strings.HasPrefix(arn, "arn:") {
		return owner
	}
	if bucket, object, ok := strings.Cut(strings.TrimPrefix(arn, "arn:aws:s3:::"), "/"); ok && object != "" &&
		strings.HasPrefix(arn, "arn:aws:s3:::") {
		arn = "arn:aws:s3:::" + bucket
	}
	o := r.ByARN(arn)
	switch {
	case o == nil:
		return ""
	case o.Account != "":
		return o.Account
	}
	return o.Creator // buckets have names of the whole world, and an owner all the same
}

// globalContext has the condition keys that AWS fills in for every request, whoever makes it.
// account is the caller's; for a service principal it is the account on whose behalf it calls.
func globalContext(r *provider.Request, account string, p iamPermission) iam.Context {
	now := time.Now().UTC()
	service, _, _ := strings.Cut(p.action, ":")
	region := r.Region
	if global := endpoints[service]; global != "" {
		region = global
	}
	context := iam.Context{}
	context.Set("aws:CurrentTime", now.Format(time.RFC3339))
	context.Set("aws:EpochTime", strconv.FormatInt(now.Unix(), 10))
	context.Set("aws:RequestedRegion", region)
	context.Set("aws:SecureTransport", "true")
	context.Set("aws:SourceIp", iam.Untold)
	if owner := ownerOf(r, p.resource); owner != "" {
		context.Set("aws:ResourceAccount", owner)
	}
	if service == "kms" {
		addKeyContext(context, r, account, p.resource)
	}
	return context
}

// servicePrincipalContext is the request context of a service principal.
func servicePrincipalContext(r *provider.Request, service string, p iamPermission) iam.Context {
	context := globalContext(r, r.Account, p)
	context.Set("aws:PrincipalIsAWSService", "true")
	context.Set("aws:PrincipalServiceName", service)
	for name, values := range p.keys {
		context.Set(name, values...)
	}
	return context
}

// sourceKeys are the keys against the confused deputy: the account, and the ARN of the resource, on
// whose behalf a service principal calls. An empty source is none.
func sourceKeys(r *provider.Request, source string) map[string][]string {
	keys := map[string][]string{"aws:SourceAccount": {r.Account}}
	if source != "" {
		keys["aws:SourceArn"] = []string{source}
	}
	return keys
}

// context is the request context of a role's session, or of the root user.
func (c *caller) context(r *provider.Request, p iamPermission) iam.Context {
	context := globalContext(r, c.account, p)
	context.Set("aws:PrincipalAccount", c.account)
	context.Set("aws:PrincipalIsAWSService", "false")
	context.Set("aws:ViaAWSService", "false")
	if c.principal.Root {
		context.Set("aws:PrincipalArn", c.principal.String())
		context.Set("aws:PrincipalType", "Account")
	} else {
		context.Set("aws:PrincipalArn", c.principal.Role)
		context.Set("aws:PrincipalType", "AssumedRole")
		context.Set("aws:userid", c.unique+":"+c.session)
	}
	for name, value := range c.tags {
		context.Set("aws:PrincipalTag/"+name, value)
	}
	if about := r.ByARN(p.resource); about != nil && !p.creating {
		for name, value := range tags(about) {
			context.Set("aws:ResourceTag/"+name, value)
		}
	}
	for name, values := range p.keys {
		context.Set(name, values...)
	}
	return context
}

// operationKeys are the keys of the calls of an operation: the tags that it sends, and what IAM
// adds for the role that it changes.
func operationKeys(
	r *provider.Request, operation provider.Operation, o *cloud.Object, action string,
) map[string][]string {
	keys := map[string][]string{}
	given := map[string]string{}
	if operation == provider.Creating || operation == provider.Updating {
		given = tagsOf(r)
	}
	for name, value := range given {
		keys["aws:RequestTag/"+name] = []string{value}
	}
	keys["aws:TagKeys"] = slices.Sorted(maps.Keys(given))
	if strings.HasPrefix(action, "iam:") {
		addRoleContext(keys, r, o)
	}
	return keys
}

// addRoleContext adds the boundary of the role that is made or changed, and the policy that is
// attached to it.
func addRoleContext(keys map[string][]string, r *provider.Request, o *cloud.Object) {
	if o == nil {
		return
	}
	role := o
	if o.Type == rolePolicyType || o.Type == policyAttachmentType {
		role = r.Find(roleType, o.Text("role"))
	}
	if role != nil && role.Type == roleType {
		if boundary := role.Text("permissionsBoundary"); boundary != "" {
			keys["iam:PermissionsBoundary"] = []string{boundary}
		}
	}
	if o.Type == policyAttachmentType {
		keys["iam:PolicyARN"] = []string{o.Text("policyArn")}
	}
}

// addKeyContext adds what KMS knows of the key.
func addKeyContext(context iam.Context, r *provider.Request, account, arn string) {
	context.Set("kms:CallerAccount", account)
	if key := r.ByARN(arn); key != nil && key.Type == keyType {
		context.Set("kms:ResourceAliases", aliasesOf(r, key)...)
		context.Set("kms:KeyOrigin", "AWS_KMS")
	}
}
