package iam

import (
	"fmt"
	"strings"
)

// key is what the model knows of a condition key.
type key struct {
	// as AWS documents it; a name that ends in / or : is followed by a part that the policy
	// chooses, as a tag's key
	name  string
	multi bool // a request can have several values: a condition wants ForAllValues or ForAnyValue
}

// keys are those that requests of the model carry where AWS fills them in. Another key is an error:
// the model does not know whether AWS would fill it in.
//
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
//   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
//   - https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
//   - https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
var keys = []key{
	{name: "aws:CalledVia", multi: true},
	{name: "aws:CurrentTime"},
	{name: "aws:EpochTime"},
	{name: "aws:PrincipalAccount"},
	{name: "aws:PrincipalArn"},
	{name: "aws:PrincipalIsAWSService"},
	{name: "aws:PrincipalServiceName"},
	{name: "aws:PrincipalTag/"},
	{name: "aws:PrincipalType"},
	{name: "aws:RequestTag/"},
	{name: "aws:RequestedRegion"},
	{name: "aws:ResourceAccount"},
	{name: "aws:ResourceTag/"},
	{name: "aws:SecureTransport"},
	{name: "aws:SourceAccount"},
	{name: "aws:SourceArn"},
	{name: "aws:SourceIp"},
	{name: "aws:TagKeys", multi: true},
	{name: "aws:ViaAWSService"},
	{name: "aws:userid"},
	{name: "ec2:CreateAction"},
	{name: "ecs:CreateAction"},
	{name: "ecs:cluster"},
	{name: "eks:accessScope"},
	{name: "eks:policyArn"},
	{name: "iam:AWSServiceName"},
	{name: "iam:PassedToService"},
	{name: "iam:PermissionsBoundary"},
	{name: "iam:PolicyARN"},
	{name: "kms:CallerAccount"},
	{name: "kms:EncryptionContext:"},
	{name: "kms:EncryptionContextKeys", multi: true},
	{name: "kms:GrantIsForAWSResource"},
	{name: "kms:GrantOperations", multi: true},
	{name: "kms:KeyOrigin"},
	{name: "kms:ResourceAliases", multi: true},
	{name: "kms:ViaService"},
	{name: "s3:if-none-match"},
	{name: "s3:x-amz-acl"},
	{name: "sts:ExternalId"},
	{name: "token.actions.githubusercontent.com:aud"},
	{name: "token.actions.githubusercontent.com:sub"},
}

// exact are the keys by their name, and open those whose end the policy chooses; both in lower
// case, since names of keys have no case.
var exact, open = func() (map[string]key, []key) {
	all, prefixes := map[string]key{}, []key{}
	for _, k := range keys {
		k.name = strings.ToLower(k.name)
		if strings.HasSuffix(k.name, "/") || strings.HasSuffix(k.name, ":") {
			prefixes = append(prefixes, k)
			continue
		}
		all[k.name] = k
	}
	return all, prefixes
}()

// lookupKey finds what is known of a key.
func lookupKey(name string) (key, error) {
	lower := strings.ToLower(name)
	if k, ok := exact[lower]; ok {
		return k, nil
	}
	for _, k := range open {
		if len(lower) > len(k.name) && strings.HasPrefix(lower, k.name) {
			return k, nil
		}
	}
	return key{}, fmt.Errorf("the model does not know the condition key %q: it fills in %s", name, knownKeys())
}

func knownKeys() string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return strings.Join(names, ", ")
}

// Context are the values of a request's condition keys. Use Set: names have no case.
type Context map[string][]string

// Set gives a key its values, and takes it away without any.
func (c Context) Set(name string, values ...string) {
	if len(values) == 0 {
		delete(c, strings.ToLower(name))
		return
	}
	c[strings.ToLower(name)] = values
}

// Untold marks a key that AWS would fill in with a value that the model does not know. A document
// with a condition on it cannot be judged.
const Untold = "\x00"

// values are the values of a key, none if the request does not have it.
func (c Context) values(name string) ([]string, error) {
	values := c[strings.ToLower(name)]
	for _, value := range values {
		if value == Untold {
			return nil, fmt.Errorf("the model cannot tell what %s is for this request", name)
		}
	}
	return values, nil
}
