package aws

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// publishers say, by the service that publishes to topics in its own name, which of the keys
// aws:SourceAccount and aws:SourceArn a topic's policy may ask for: those that the service's own
// page shows. A policy that asks for another is refused here, since on AWS its messages would be
// dropped without a word. For the key of an encrypted topic the pages show no conditions, and for
// EventBridge SNS's page says that none are supported.
//
//   - https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
//   - backup: https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-notifications.html
//   - budgets: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
//   - cloudwatch: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
//   - costalerts: https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
//   - events: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
//   - events.rds:
//     https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.GrantingPermissions.html
var publishers = map[string]struct {
	account, source bool
	// byDefault is set where the policy that SNS gives a new topic lets the service in.
	byDefault bool
}{
	"backup.amazonaws.com":     {},
	"budgets.amazonaws.com":    {account: true, source: true},
	"cloudwatch.amazonaws.com": {source: true, byDefault: true},
	"costalerts.amazonaws.com": {account: true},
	"events.amazonaws.com":     {},
	"events.rds.amazonaws.com": {account: true, source: true},
}

// publishes is nil if a service may publish to a topic, in any region, on behalf of a source: the
// topic's policy lets it, and the policy of the key that the topic is encrypted with. In a preview
// nothing is known of them.
func publishes(r *provider.Request, topic, service, source string) error {
	sends, known := publishers[service]
	switch {
	case !known:
		return fmt.Errorf("the model does not know what %s sends when it publishes to a topic: add it to publishers",
			service)
	case r.Preview:
		return nil
	}
	found := r.ByARN(topic)
	if found == nil || found.Type != topicType {
		return fmt.Errorf("the topic %s does not exist", topic)
	}
	keys := sourceKeys(r, source)
	if !sends.account {
		delete(keys, "aws:SourceAccount")
	}
	if !sends.source {
		delete(keys, "aws:SourceArn")
	}
	publish := iamPermission{action: "sns:Publish", resource: topic, keys: keys}
	policy, _, err := resourcePolicyOf(r, publish)
	if err != nil {
		return err
	}
	if policy != nil || !sends.byDefault {
		if err := serviceHas(r, service, publish); err != nil {
			return err
		}
	}
	name := found.Text("kmsMasterKeyId")
	if name == "" {
		return nil
	}
	key, err := keyARN(r, name)
	switch {
	case err != nil:
		return err
	case key == "":
		return fmt.Errorf("the topic %s is encrypted with AWS's own key, which lets no other service in", topic)
	}
	for _, action := range []string{"kms:GenerateDataKey", "kms:Decrypt"} {
		if err := serviceHas(r, service, iamPermission{action: action, resource: key}); err != nil {
			return err
		}
	}
	return nil
}
