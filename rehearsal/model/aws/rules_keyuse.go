package aws

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// keyUse is what AWS does with a customer's key when something is created, or deleted again. The
// key's policy must allow it.
type keyUse struct {
	rule string
	typ  string
	when provider.When
	why  string
	// keys are the ids or ARNs of the keys that the object names.
	keys func(provider.Values) []string
	// service asks KMS, as "rds.{region}": in its own name, or in the name of the caller, with
	// kms:ViaService.
	service string
	itself  bool
	actions []string
	code    string // of the refusal
}

func keyIn(property string) func(provider.Values) []string {
	return func(v provider.Values) []string { return []string{v.Text(property)} }
}

func repositoryKeys(v provider.Values) []string {
	var keys []string
	for _, encryption := range v.Objects("encryptionConfigurations") {
		keys = append(keys, encryption.Text("kmsKey"))
	}
	return keys
}

func parameterKeys(v provider.Values) []string {
	if v.Text("type") != "SecureString" {
		return nil
	}
	return []string{v.Text("keyId")}
}

var keyUses = []keyUse{
	{
		rule: "a repository's key lets ECR in", typ: repositoryType, when: provider.OnCreate,
		why:  "ECR encryption-at-rest: CreateRepository describes the key and makes grants in the caller's name",
		keys: repositoryKeys, service: "ecr.{region}", code: "KmsException",
		actions: []string{"kms:DescribeKey", "kms:CreateGrant"},
	},
	{
		rule: "a repository's key lets ECR out", typ: repositoryType, when: provider.OnDelete,
		why:  "aws/containers-roadmap#1152: DeleteRepository retires the grants in the caller's name",
		keys: repositoryKeys, service: "ecr.{region}", code: "KmsException",
		actions: []string{"kms:RetireGrant"},
	},
	{
		rule: "a vault's key lets AWS Backup in", typ: vaultType, when: provider.OnCreate,
		why:  "AWS Backup create-a-vault, required permissions: they are the caller's",
		keys: keyIn("kmsKeyArn"), service: "backup.{region}", code: "InsufficientPrivilegesException",
		actions: []string{
			"kms:DescribeKey", "kms:CreateGrant", "kms:RetireGrant", "kms:GenerateDataKey", "kms:Decrypt",
		},
	},
	{
		rule: "a cluster's key lets RDS in", typ: clusterType, when: provider.OnCreate,
		why:  "RDS Overview.Encryption.Keys: RDS uses the key and makes grants in the caller's name",
		keys: keyIn("kmsKeyId"), service: "rds.{region}", code: "KMSKeyNotAccessibleFault",
		actions: []string{"kms:DescribeKey", "kms:CreateGrant", "kms:GenerateDataKey", "kms:Decrypt"},
	},
	{
		rule: "a parameter's key lets Systems Manager in", typ: parameterType, when: provider.OnWrite,
		why:  "KMS services-parameter-store: PutParameter encrypts a SecureString in the caller's name",
		keys: parameterKeys, service: "ssm.{region}", code: "AccessDeniedException",
		actions: []string{"kms:Encrypt", "kms:Decrypt"},
	},
	{
		rule: "a log group's key lets CloudWatch Logs in", typ: logGroupType, when: provider.OnWrite,
		why:  "CloudWatch Logs encrypt-log-data-kms: the key's policy names the service of the region",
		keys: keyIn("kmsKeyId"), service: "logs.{region}", itself: true, code: "AccessDeniedException",
		actions: []string{
			"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey",
		},
	},
	{
		rule: "a signing key lets Route 53 in", typ: signingKeyType, when: provider.OnCreate,
		why:  "Route 53 dns-configuring-dnssec-cmk-requirements: the key's policy names the service",
		keys: keyIn("keyManagementServiceArn"), service: "dnssec-route53", itself: true, code: "InvalidKMSArn",
		actions: []string{"kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"},
	},
}

// keyUseRules ask the key's policy alone, and of its conditions kms:ViaService alone: who the
// caller is, and what its own policies say, is not here.
func keyUseRules() []provider.Rule {
	var rules []provider.Rule
	for _, use := range keyUses {
		rules = append(rules, provider.Rule{
			Name: use.rule, Types: []string{use.typ}, When: use.when, Why: use.why,
			Check: func(r *provider.Request) error {
				object := r.Inputs
				if r.Action == provider.OnDelete {
					object = provider.Values(r.Old.Outputs)
				}
				for _, name := range use.keys(object) {
					if key := usedKey(r, name); key != nil {
						if err := use.check(r, key); err != nil {
							return err
						}
					}
				}
				return nil
			},
		})
	}
	return rules
}

// usedKey is nil for a key that is not there: another rule refuses that.
func usedKey(r *provider.Request, idOrARN string) *cloud.Object {
	if key := r.ByARN(idOrARN); key != nil && key.Type == keyType {
		return key
	}
	return findKey(r, idOrARN)
}

func (u keyUse) check(r *provider.Request, key *cloud.Object) error {
	service := strings.ReplaceAll(u.service, "{region}", r.Region) + ".amazonaws.com"
	for _, action := range u.actions {
		if !keyAllows(key, service, u.itself, action) {
			asks := "through " + service
			if u.itself {
				asks = "by " + service
			}
			return fmt.Errorf("%s: %s on resource %s %s: no resource-based policy allows the %s action",
				u.code, action, key.ARN, asks, action)
		}
	}
	return nil
}

// keyAllows tells whether a statement of the key's policy allows an action to the service itself,
// or to the account's principals through it.
func keyAllows(key *cloud.Object, service string, itself bool, action string) bool {
	var document struct {
		Statement []struct {
			Effect            string
			Principal, Action any
			Condition         map[string]map[string]any
		}
	}
	if err := json.Unmarshal([]byte(key.Text("policy")), &document); err != nil {
		return false // the rule about the key's document refuses it
	}
	for _, statement := range document.Statement {
		covers := func(pattern string) bool {
			ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(action))
			return ok && err == nil
		}
		if statement.Effect != "Allow" || !slices.ContainsFunc(texts(statement.Action), covers) {
			continue
		}
		principals, _ := statement.Principal.(map[string]any)
		if itself && slices.Contains(texts(principals["Service"]), service) {
			return true
		}
		ofAccount := func(arn string) bool { return arn == "*" || arn == "arn:aws:iam::"+key.Account+":root" }
		account := slices.Contains(texts(statement.Principal), "*") || slices.ContainsFunc(texts(principals["AWS"]), ofAccount)
		via := statement.Condition["StringEquals"]["kms:ViaService"]
		if !itself && account && (via == nil || slices.Contains(texts(via), service)) {
			return true
		}
	}
	return false
}
