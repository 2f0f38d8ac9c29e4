package aws

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// managed are the documents of AWS's own policies, by the last part of their names.
//
//go:embed managed
var managedFiles embed.FS

// managedDocument is the document of a policy of AWS's.
func managedDocument(arn string) (string, error) {
	raw, err := managedFiles.ReadFile("managed/" + path.Base(arn) + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the model does not have the document of %s: add it to the folder managed", arn)
	}
	if err != nil {
		return "", fmt.Errorf("read the document of %s: %w", arn, err)
	}
	var file struct {
		Arn      string
		Document json.RawMessage
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return "", fmt.Errorf("read the document of %s: %w", arn, err)
	}
	if file.Arn != arn {
		return "", fmt.Errorf("the model has the document of %s, and not of %s", file.Arn, arn)
	}
	return string(file.Document), nil
}

// attach parses a document of a kind and gives it a name.
func attach(kind iam.Kind, name, text string) (iam.Attached, error) {
	document, err := iam.Parse(kind, text)
	if err != nil {
		return iam.Attached{}, fmt.Errorf("%s: %w", name, err)
	}
	return iam.Attached{Name: name, Document: document}, nil
}

// roleDocuments are a role's identity-based policies, inline and managed, and its permissions
// boundary.
func roleDocuments(r *provider.Request, role *cloud.Object) (d iam.Documents, err error) {
	add := func(name, text string) {
		attached, attachErr := attach(iam.OfIdentity, name, text)
		err = errors.Join(err, attachErr)
		d.Identity = append(d.Identity, attached)
	}
	for _, inline := range r.Everywhere(rolePolicyType) {
		if inline.Account == role.Account && inline.Text("role") == role.ID {
			add("policy "+inline.Text("name")+" of role "+role.ID, inline.Text("policy"))
		}
	}
	for _, attachment := range r.Everywhere(policyAttachmentType) {
		if attachment.Account == role.Account && attachment.Text("role") == role.ID {
			name, text, policyErr := policyText(r, attachment.Text("policyArn"))
			if policyErr != nil {
				return d, policyErr
			}
			add(name, text)
		}
	}
	if arn := role.Text("permissionsBoundary"); arn != "" {
		name, text, policyErr := policyText(r, arn)
		if policyErr != nil {
			return d, policyErr
		}
		boundary, attachErr := attach(iam.OfIdentity, name, text)
		d.Boundary, err = &boundary, errors.Join(err, attachErr)
	}
	return d, err
}

// policyText is the document of a managed policy, AWS's or the account's.
func policyText(r *provider.Request, arn string) (name, text string, err error) {
	if strings.HasPrefix(arn, "arn:aws:iam::aws:policy/") {
		text, err = managedDocument(arn)
		return "policy " + path.Base(arn), text, err
	}
	policy := r.ByARN(arn)
	if policy == nil {
		return "", "", fmt.Errorf("read the policy %s: it does not exist", arn)
	}
	return "policy " + policy.Name, policy.Text("policy"), nil
}

// resourcePolicyOf is the resource-based policy of a permission's resource, and whether it must
// allow.
func resourcePolicyOf(r *provider.Request, p iamPermission) (*iam.Attached, bool, error) {
	service, _, _ := strings.Cut(p.action, ":")
	if service == "kms" {
		return keyPolicyOf(r, p)
	}
	one, known := resourcePolicies[service]
	if !known {
		return nil, false, nil
	}
	value := one.value(p.resource)
	if value == "" {
		return nil, false, nil
	}
	for _, o := range r.Everywhere(one.typ) {
		if o.Text(one.property) == value && inPlace(o, p.resource) {
			attached, err := attach(one.kind, one.name+value, o.Text("policy"))
			return &attached, false, err
		}
	}
	return nil, false, nil
}

// resourcePolicies are the types of resource-based policies, by service: the type, its property
// that names the resource, and how an ARN names that resource.
var resourcePolicies = map[string]struct {
	typ, property string
	kind          iam.Kind
	name          string // before the value, as refusals call the policy
	value         func(arn string) string
}{
	"backup": {vaultPolicyType, "backupVaultName", iam.OfResource, "the policy of vault ", behind(":backup-vault:")},
	"ecr": {repositoryPolicyType, "repository", iam.OfRepository, "the policy of repository ",
		behind(":repository/")},
	"s3": {bucketPolicyType, "bucket", iam.OfResource, "the policy of bucket ", func(arn string) string {
		bucket, _, _ := strings.Cut(strings.TrimPrefix(arn, "arn:aws:s3:::"), "/")
		return bucket
	}},
	"sns": {topicPolicyType, "arn", iam.OfResource, "the policy of topic ", func(arn string) string { return arn }},
}

func behind(mark string) func(arn string) string {
	return func(arn string) string {
		_, name, _ := strings.Cut(arn, mark)
		return name
	}
}

// inPlace reports whether an object is in the account and region that an ARN names, as far as it
// names them.
func inPlace(o *cloud.Object, arn string) bool {
	const region, account, parts = 3, 4, 6
	fields := strings.SplitN(arn, ":", parts)
	if len(fields) < parts {
		return true
	}
	return (fields[account] == "" || o.Account == fields[account]) &&
		(fields[region] == "" || o.Region == fields[region])
}

// keyPolicyOf is the policy of a key, which must allow; none for what is about no key, as
// kms:ListAliases, and none for retiring a grant, which key policies have no say in.
// https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
func keyPolicyOf(r *provider.Request, p iamPermission) (*iam.Attached, bool, error) {
	key := r.ByARN(p.resource)
	switch {
	case !strings.Contains(p.resource, ":key/"):
		return nil, false, nil
	case key == nil || key.Type != keyType:
		return nil, false, fmt.Errorf("NotFoundException: Key '%s' does not exist", p.resource)
	case p.action == "kms:RetireGrant":
		return nil, false, nil
	}
	attached, err := attach(iam.OfResource, "the policy of key "+keyName(r, key), key.Text("policy"))
	return &attached, true, err
}

// keyName is how messages call a key: by an alias, else by its id.
func keyName(r *provider.Request, key *cloud.Object) string {
	if names := aliasesOf(r, key); len(names) > 0 {
		return names[0]
	}
	return key.ID
}

func aliasesOf(r *provider.Request, key *cloud.Object) []string {
	var names []string
	for _, alias := range r.Everywhere(aliasType) {
		target := alias.Text("targetKeyId")
		if alias.Account == key.Account && alias.Region == key.Region && (target == key.ID || target == key.ARN) {
			names = append(names, alias.Name)
		}
	}
	return names
}

// grantsOf are the grants of a key that resources made.
func grantsOf(r *provider.Request, arn string) []iam.Grant {
	if !strings.HasPrefix(arn, "arn:aws:kms:") {
		return nil
	}
	var grants []iam.Grant
	for _, o := range r.Everywhere(grantType) {
		inputs := provider.Values(o.Inputs)
		if id := inputs.Text("keyId"); id != arn && !strings.HasSuffix(arn, ":key/"+id) {
			continue
		}
		grant := iam.Grant{Key: arn, Grantee: inputs.Text("granteePrincipal"), Operations: inputs.Texts("operations")}
		for _, constraint := range inputs.Objects("constraints") {
			if equals := constraint.TextMap("encryptionContextEquals"); len(equals) > 0 {
				grant.ContextEquals = equals
			}
			if subset := constraint.TextMap("encryptionContextSubset"); len(subset) > 0 {
				grant.ContextSubset = subset
			}
		}
		grants = append(grants, grant)
	}
	return grants
}
