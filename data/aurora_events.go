package data

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// databaseEvents are the events of clusters and instances that people should know of. Without a
// subscription RDS notifies nobody of them.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html
var databaseEvents = map[string][]string{
	"db-cluster": {"failover", "failure", "global-failover", "maintenance", "notification"},
	"db-instance": {
		"availability", "configuration change", "failover", "failure", "low storage", "maintenance", "notification",
		"recovery",
	},
}

// events sends to the topic what RDS reports of the stack's clusters and their instances.
func (b *auroraBuilder) events() error {
	for _, source := range slices.Sorted(maps.Keys(databaseEvents)) {
		if _, err := rds.NewEventSubscription(b.Ctx, b.Child(source+"-events"), &rds.EventSubscriptionArgs{
			SourceType:      pulumi.String(source),
			SourceIds:       b.sources[source],
			EventCategories: pulumi.ToStringArray(databaseEvents[source]),
			SnsTopic:        b.args.NotificationTopicArn,
		}, b.Parent()); err != nil {
			return b.Wrap("subscribe to", "events of "+source, err)
		}
	}
	return nil
}
