package aws

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// keyRules are about KMS keys and their aliases.
var keyRules = []provider.Rule{
	{
		Name:  "an alias of a known key",
		Types: []string{aliasType},
		When:  provider.OnWrite,
		Why:   "KMS CreateAlias: NotFoundException",
		Check: func(r *provider.Request) error {
			if key := r.Inputs.Text("targetKeyId"); key != "" && r.Missing(findKey(r, key)) {
				return fmt.Errorf("NotFoundException: Key '%s' does not exist", key)
			}
			return nil
		},
	},
	{
		Name:  "one alias a name",
		Types: []string{aliasType},
		When:  provider.OnCreate,
		Why:   "KMS CreateAlias: AlreadyExistsException",
		Check: func(r *provider.Request) error {
			if alias := r.Find(aliasType, r.Inputs.Text("name")); alias != nil && !r.Itself(alias) {
				return fmt.Errorf("AlreadyExistsException: An alias with the name %s already exists", alias.ARN)
			}
			return nil
		},
	},
	{
		Name:  "document of a key policy",
		Types: []string{keyType},
		When:  provider.OnCheck,
		Why:   "KMS CreateKey: MalformedPolicyDocumentException",
		Check: func(r *provider.Request) error {
			return policyDocument(r.Inputs, "policy", resourcePolicy)
		},
	},
}
