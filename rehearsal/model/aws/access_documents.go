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

// attach parses a document and gives it a name.
func attach(name, text string) (iam.Attached, error) {
	document, err := iam.Parse(text)
	if err != nil {
		return iam.Attached{}, fmt.Errorf("%s: %w", name, err)
	}
	return iam.Attached{Name: name, Document: document}, nil
}

// roleDocuments are what a role may do: its inline and managed policies, and its boundary.
func roleDocuments(r *provider.Request, role *cloud.Object) (d iam.Documents, err error) {
	add := func(name, text string) {
		attached, attachErr := attach(name, text)
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
		boundary, attachErr := attach(name, text)
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

// resourcePolicyOf is the policy of the resource that a question is about, and whether it must
// allow.
func resourcePolicyOf(r *provider.Request, q question) (*iam.Attached, bool, error) {
	switch service, _, _ := strings.Cut(q.action, ":"); service {
	case "kms":
		return keyPolicyOf(r, q.resource)
	case "s3":
		bucket, _, _ := strings.Cut(strings.TrimPrefix(q.resource, "arn:aws:s3:::"), "/")
		return policyOf(r, bucketPolicyType, "bucket", bucket, "the policy of bucket "+bucket)
	case "sns":
		return policyOf(r, topicPolicyType, "arn", q.resource, "the policy of topic "+q.resource)
	case "ecr":
		_, repository, _ := strings.Cut(q.resource, ":repository/")
		return policyOf(r, repositoryPolicyType, "repository", repository, "the policy of repository "+repository)
	case "backup":
		_, vault, _ := strings.Cut(q.resource, ":backup-vault:")
		return policyOf(r, vaultPolicyType, "backupVaultName", vault, "the policy of vault "+vault)
	}
	return nil, false, nil
}

// policyOf finds the object that holds the policy of another one.
func policyOf(r *provider.Request, typ, property, value, name string) (*iam.Attached, bool, error) {
	if value == "" {
		return nil, false, nil
	}
	for _, o := range r.Everywhere(typ) {
		if o.Text(property) == value {
			attached, err := attach(name, o.Text("policy"))
			return &attached, false, err
		}
	}
	return nil, false, nil
}

// keyPolicyOf is the policy of a key, which must allow; none for what is about no key, as
// kms:ListAliases.
func keyPolicyOf(r *provider.Request, arn string) (*iam.Attached, bool, error) {
	key := r.ByARN(arn)
	if key == nil || key.Type != keyType {
		return nil, false, nil
	}
	attached, err := attach("the policy of key "+keyName(r, key), key.Text("policy"))
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
			grant.Encryption = constraint.TextMap("encryptionContextEquals")
			if subset := constraint.TextMap("encryptionContextSubset"); len(subset) > 0 {
				grant.Encryption = subset
			}
		}
		grants = append(grants, grant)
	}
	return grants
}
