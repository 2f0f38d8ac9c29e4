package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Sizes of policies, without white space: IAM and STS quotas.
const (
	trustPolicySize   = 2048
	inlinePolicySize  = 10240 // all inline policies of a role together
	managedPolicySize = 6144
	policiesPerRole   = 10
)

// managedPolicies are policies of AWS's own that the model knows, without arn:aws:iam::aws:policy/.
var managedPolicies = []string{
	"AdministratorAccess", "AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy", "CloudWatchReadOnlyAccess",
	"ReadOnlyAccess", "SecurityAudit",
	"service-role/AmazonECSTaskExecutionRolePolicy", "service-role/AmazonRDSEnhancedMonitoringRole",
	"service-role/AWSBackupServiceRolePolicyForBackup", "service-role/AWSBackupServiceRolePolicyForRestores",
	"service-role/AWSConfigRole", "service-role/AWSLambdaBasicExecutionRole", "service-role/AWS_ConfigRole",
}

// iamRules are about roles and policies.
var iamRules = []provider.Rule{
	{
		Name:  "one role a name",
		Types: []string{roleType},
		When:  provider.OnCreate,
		Why:   "IAM CreateRole: EntityAlreadyExists",
		Check: func(r *provider.Request) error {
			if role := r.Find(roleType, r.Inputs.Text("name")); role != nil && !r.Itself(role) {
				return fmt.Errorf("EntityAlreadyExists: Role with name %s already exists.", role.ID)
			}
			return nil
		},
	},
	{
		Name:  "a role's boundary is a known policy",
		Types: []string{roleType},
		When:  provider.OnWrite,
		Why:   "IAM CreateRole, PutRolePermissionsBoundary: NoSuchEntity",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("permissionsBoundary")
			if policy := r.ByARN(arn); arn != "" && (r.Missing(policy) || policy != nil && policy.Type != policyType) {
				return fmt.Errorf("NoSuchEntity: Scope ARN: %s does not exist or is not attachable.", arn)
			}
			return nil
		},
	},
	{
		Name:  "address of an identity provider",
		Types: []string{identityProviderType},
		When:  provider.OnCheck,
		Why:   "IAM CreateOpenIDConnectProvider: Url must begin with https://",
		Check: func(r *provider.Request) error {
			if address := r.Inputs.Text("url"); address != "" && !strings.HasPrefix(address, "https://") {
				return fmt.Errorf("ValidationError: Invalid Open ID Connect Provider URL: %s, want https://", address)
			}
			return nil
		},
	},
	{
		Name:  "one identity provider an address",
		Types: []string{identityProviderType},
		When:  provider.OnCreate,
		Why:   "IAM CreateOpenIDConnectProvider: EntityAlreadyExists",
		Check: func(r *provider.Request) error {
			for _, other := range r.Others(identityProviderType) {
				if address := r.Inputs.Text("url"); address != "" && other.Text("url") == address {
					return fmt.Errorf("EntityAlreadyExists: Provider with url %s already exists.", address)
				}
			}
			return nil
		},
	},
	{
		Name:  "trust policy of a role",
		Types: []string{roleType},
		When:  provider.OnCheck,
		Why:   "IAM CreateRole: MalformedPolicyDocument",
		Check: func(r *provider.Request) error {
			return policyDocument(r.Inputs, "assumeRolePolicy", trustPolicy)
		},
	},
	{
		Name:  "size of a trust policy",
		Types: []string{roleType},
		When:  provider.OnCheck,
		Why:   "IAM quotas: role trust policy length",
		Check: func(r *provider.Request) error {
			if size := policySize(r.Inputs.Text("assumeRolePolicy")); size > trustPolicySize {
				return fmt.Errorf("LimitExceeded: Cannot exceed quota for ACLSizePerRole: %d, the policy has %d",
					trustPolicySize, size)
			}
			return nil
		},
	},
	{
		Name:  "document of a policy",
		Types: []string{rolePolicyType, policyType},
		When:  provider.OnCheck,
		Why:   "IAM PutRolePolicy, CreatePolicy: MalformedPolicyDocument",
		Check: func(r *provider.Request) error {
			return policyDocument(r.Inputs, "policy", identityPolicy)
		},
	},
	{
		Name:  "size of a managed policy",
		Types: []string{policyType},
		When:  provider.OnCheck,
		Why:   "IAM quotas: managed policy length",
		Check: func(r *provider.Request) error {
			if size := policySize(r.Inputs.Text("policy")); size > managedPolicySize {
				return fmt.Errorf("LimitExceeded: Cannot exceed quota for PolicySize: %d, the policy has %d",
					managedPolicySize, size)
			}
			return nil
		},
	},
	{
		Name:  "size of a role's inline policies",
		Types: []string{rolePolicyType},
		When:  provider.OnWrite,
		Why:   "IAM quotas: role inline policy length, of all together",
		Check: func(r *provider.Request) error {
			role, size := r.Inputs.Text("role"), policySize(r.Inputs.Text("policy"))
			for _, other := range r.Others(rolePolicyType) {
				if role != "" && other.Text("role") == role {
					size += policySize(other.Text("policy"))
				}
			}
			if size > inlinePolicySize {
				return fmt.Errorf("LimitExceeded: Maximum policy size of %d bytes exceeded for role %s: %d",
					inlinePolicySize, role, size)
			}
			return nil
		},
	},
	{
		Name:  "a policy of a known role",
		Types: []string{rolePolicyType, policyAttachmentType},
		When:  provider.OnWrite,
		Why:   "IAM error codes: NoSuchEntity",
		Check: references("role", roleType, "NoSuchEntity: The role with name %s cannot be found."),
	},
	{
		Name:  "one inline policy a role and name",
		Types: []string{rolePolicyType},
		When:  provider.OnCreate,
		Why:   "IAM PutRolePolicy would write over the policy that another resource manages",
		Check: func(r *provider.Request) error {
			id := r.Inputs.Text("role") + ":" + r.Inputs.Text("name")
			if policy := r.Find(rolePolicyType, id); policy != nil && !r.Itself(policy) {
				return fmt.Errorf("EntityAlreadyExists: Role policy %s already exists.", id)
			}
			return nil
		},
	},
	{
		Name:  "one managed policy a name",
		Types: []string{policyType},
		When:  provider.OnCreate,
		Why:   "IAM CreatePolicy: EntityAlreadyExists",
		Check: func(r *provider.Request) error {
			for _, other := range r.Others(policyType) {
				if name := r.Inputs.Text("name"); name != "" && other.Name == name {
					return fmt.Errorf("EntityAlreadyExists: A policy called %s already exists. Duplicate names are "+
						"not allowed.", name)
				}
			}
			return nil
		},
	},
	{
		Name:  "a known policy is attached",
		Types: []string{policyAttachmentType},
		When:  provider.OnWrite,
		Why:   "IAM AttachRolePolicy: NoSuchEntity",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("policyArn")
			if name, own := strings.CutPrefix(arn, "arn:aws:iam::aws:policy/"); own {
				if !slices.Contains(managedPolicies, name) {
					return fmt.Errorf("NoSuchEntity: Policy %s does not exist or is not attachable: of AWS's "+
						"policies the model knows %s", arn, strings.Join(managedPolicies, ", "))
				}
				return nil
			}
			if policy := r.ByARN(arn); arn != "" && (r.Missing(policy) || policy != nil && policy.Type != policyType) {
				return fmt.Errorf("NoSuchEntity: Policy %s does not exist or is not attachable.", arn)
			}
			return nil
		},
	},
	{
		Name:  "ten managed policies a role",
		Types: []string{policyAttachmentType},
		When:  provider.OnCreate,
		Why:   "IAM quotas: managed policies attached to a role",
		Check: func(r *provider.Request) error {
			role, attached := r.Inputs.Text("role"), 0
			for _, other := range r.Others(policyAttachmentType) {
				if other.Text("role") == role {
					attached++
				}
			}
			if role != "" && attached >= policiesPerRole {
				return fmt.Errorf("LimitExceeded: Cannot exceed quota for PoliciesPerRole: %d", policiesPerRole)
			}
			return nil
		},
	},
	{
		Name:  "a role with policies stays",
		Types: []string{roleType},
		When:  provider.OnDelete,
		Why:   "IAM DeleteRole: DeleteConflict",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Inputs).Is("forceDetachPolicies", false) {
				return nil
			}
			if len(r.Where(policyAttachmentType, "role", r.Old.ID)) > 0 {
				return fmt.Errorf("DeleteConflict: Cannot delete entity, must detach all policies first.")
			}
			if len(r.Where(rolePolicyType, "role", r.Old.ID)) > 0 {
				return fmt.Errorf("DeleteConflict: Cannot delete entity, must delete policies first.")
			}
			return nil
		},
	},
	{
		Name:  "an attached policy stays",
		Types: []string{policyType},
		When:  provider.OnDelete,
		Why:   "IAM DeletePolicy: DeleteConflict",
		Check: func(r *provider.Request) error {
			if len(r.Where(policyAttachmentType, "policyArn", r.Old.ARN)) > 0 {
				return fmt.Errorf("DeleteConflict: Cannot delete a policy attached to entities.")
			}
			return nil
		},
	},
}

type policyUse int

const (
	trustPolicy    policyUse = iota // on a role: principals, no resources
	identityPolicy                  // of a role: resources, no principals
	resourcePolicy                  // on a key, bucket, topic or repository: both
)

// policyDocument checks the grammar of an IAM policy as far as IAM does when it is stored.
func policyDocument(inputs provider.Values, property string, use policyUse) error {
	text := inputs.Text(property)
	if text == "" {
		return nil
	}
	var document struct {
		Version   string
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return fmt.Errorf("MalformedPolicyDocument: This policy contains invalid Json: %w", err)
	}
	if !slices.Contains([]string{"2012-10-17", "2008-10-17"}, document.Version) {
		return fmt.Errorf("MalformedPolicyDocument: The policy must contain a valid version string: got %q, want "+
			"2012-10-17", document.Version)
	}
	var statements []map[string]json.RawMessage
	if err := json.Unmarshal(document.Statement, &statements); err != nil {
		var one map[string]json.RawMessage
		if err := json.Unmarshal(document.Statement, &one); err != nil {
			return fmt.Errorf("MalformedPolicyDocument: Syntax errors in policy: Statement: %w", err)
		}
		statements = append(statements, one)
	}
	if len(statements) == 0 {
		return fmt.Errorf("MalformedPolicyDocument: Syntax errors in policy: Statement is empty")
	}
	for i, statement := range statements {
		if err := policyStatement(statement, use); err != nil {
			return fmt.Errorf("%w: %s, statement %d", err, property, i)
		}
	}
	// What the model would not understand when the document is asked must not get that far.
	if _, err := iam.Parse(policyKinds[use], text); err != nil {
		return fmt.Errorf("%s: %w", property, err)
	}
	return nil
}

var policyKinds = map[policyUse]iam.Kind{
	trustPolicy:    iam.OfTrust,
	identityPolicy: iam.OfIdentity,
	resourcePolicy: iam.OfResource,
}

func policyStatement(statement map[string]json.RawMessage, use policyUse) error {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return statement[name] != nil })
	}
	switch effect := string(statement["Effect"]); {
	case effect != `"Allow"` && effect != `"Deny"`:
		return fmt.Errorf("MalformedPolicyDocument: Invalid effect: %s", effect)
	case !has("Action", "NotAction"):
		return fmt.Errorf("MalformedPolicyDocument: Policy statement must contain actions.")
	case use == trustPolicy && has("Resource", "NotResource"):
		return fmt.Errorf("MalformedPolicyDocument: Has prohibited field Resource")
	case use != identityPolicy && !has("Principal", "NotPrincipal"):
		return fmt.Errorf("MalformedPolicyDocument: Missing required field Principal")
	case use == identityPolicy && has("Principal", "NotPrincipal"):
		return fmt.Errorf("MalformedPolicyDocument: Policy document should not specify a principal.")
	case use != trustPolicy && !has("Resource", "NotResource"):
		return fmt.Errorf("MalformedPolicyDocument: Policy statement must contain resources.")
	}
	for name := range statement {
		if !slices.Contains([]string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal",
			"NotPrincipal", "Condition"}, name) {
			return fmt.Errorf("MalformedPolicyDocument: Syntax errors in policy: unknown element %q", name)
		}
	}
	return nil
}

// policySize counts as IAM does: white space is free.
func policySize(text string) int {
	size := 0
	for _, c := range text {
		if !unicode.IsSpace(c) {
			size++
		}
	}
	return size
}
