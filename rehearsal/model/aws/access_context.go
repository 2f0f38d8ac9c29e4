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
	"budgets": "us-east-1", "ce": "us-east-1", "chatbot": "us-east-2", "cloudfront": "us-east-1", "iam": "us-east-1", "route53": "us-east-1",
}

// context is what AWS fills in for a question.
func (c *caller) context(r *provider.Request, operation provider.Operation, q question, o *cloud.Object) iam.Context {
	now := time.Now().UTC()
	service, _, _ := strings.Cut(q.action, ":")
	region := r.Region
	if global := endpoints[service]; global != "" {
		region = global
	}
	context := iam.Context{}
	context.Set("aws:CurrentTime", now.Format(time.RFC3339))
	context.Set("aws:EpochTime", strconv.FormatInt(now.Unix(), 10))
	context.Set("aws:PrincipalAccount", c.account)
	context.Set("aws:PrincipalIsAWSService", "false")
	context.Set("aws:RequestedRegion", region)
	context.Set("aws:SecureTransport", "true")
	context.Set("aws:SourceIp", iam.Untold)
	context.Set("aws:ViaAWSService", "false")
	if owner := iam.OwnerOf(q.resource); owner != "" {
		context.Set("aws:ResourceAccount", owner)
	}
	if c.principal.Root {
		context.Set("aws:PrincipalArn", c.principal.String())
		context.Set("aws:PrincipalType", "Account")
	} else {
		context.Set("aws:PrincipalArn", c.principal.Role)
		context.Set("aws:PrincipalType", "AssumedRole")
		context.Set("aws:userid", c.unique+":"+sessionName)
	}
	for name, value := range c.tags {
		context.Set("aws:PrincipalTag/"+name, value)
	}
	given := map[string]string{}
	if operation == provider.Creating || operation == provider.Updating {
		given = tagsOf(r)
	}
	for name, value := range given {
		context.Set("aws:RequestTag/"+name, value)
	}
	context.Set("aws:TagKeys", slices.Sorted(maps.Keys(given))...)
	tagged := o
	if r.Old != nil {
		tagged = r.Old
	}
	if operation != provider.Creating {
		for name, value := range tags(tagged) {
			context.Set("aws:ResourceTag/"+name, value)
		}
	}
	switch service {
	case "iam":
		addRoleContext(context, r, o)
	case "kms":
		addKeyContext(context, r, c.account, q.resource)
	}
	for name, values := range q.context {
		context.Set(name, values...)
	}
	return context
}

// addRoleContext tells the boundary of the role that is made or changed, and the policy that is
// attached to it.
func addRoleContext(context iam.Context, r *provider.Request, o *cloud.Object) {
	if o == nil {
		return
	}
	role := o
	if o.Type == rolePolicyType || o.Type == policyAttachmentType {
		role = r.Find(roleType, o.Text("role"))
	}
	if role != nil && role.Type == roleType {
		if boundary := role.Text("permissionsBoundary"); boundary != "" {
			context.Set("iam:PermissionsBoundary", boundary)
		}
	}
	if o.Type == policyAttachmentType {
		context.Set("iam:PolicyARN", o.Text("policyArn"))
	}
}

// addKeyContext tells what KMS knows of the key.
func addKeyContext(context iam.Context, r *provider.Request, account, arn string) {
	context.Set("kms:CallerAccount", account)
	if key := r.ByARN(arn); key != nil && key.Type == keyType {
		context.Set("kms:ResourceAliases", aliasesOf(r, key)...)
		context.Set("kms:KeyOrigin", "AWS_KMS")
	}
}
