package data

import (
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/notice"
)

// databaseEvents are RDS's events that people should know of: something is lost, or is about to be.
// What a deploy, a rotation or an upgrade of the stack's own brings about is none of them:
// configuration changes, restarts, and the steps of an instance's maintenance.
//
// RDS can also send its events to the topic itself, without a rule. Slack would not show those:
// they are neither events of EventBridge nor notifications in the form of package notice.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html
var databaseEvents = []struct {
	key, detailType, what string
	resource              string // of an ARN, before the identifier
	categories            []any
}{
	{
		"db-cluster", "RDS DB Cluster Event", "the database", "cluster",
		[]any{"failover", "failure", "global-failover", "maintenance"},
	},
	{
		"db-instance", "RDS DB Instance Event", "an instance of the database", "db",
		[]any{"failover", "failure", "low storage", "recovery"},
	},
}

// events tells the topic of what RDS reports of the stack's clusters and their instances.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-cloud-watch-events.html
func (b *auroraBuilder) events() error {
	sender := notice.Sender{Environment: b.args.Environment.Name(), RunbookBase: b.args.RunbookBase}
	for _, one := range databaseEvents {
		var sources []any
		for _, identifier := range b.identifiers[one.resource] {
			sources = append(sources, strings.Join(
				[]string{"arn:aws:rds", b.args.Region, b.args.AccountID, one.resource, identifier}, ":"))
		}
		if err := sender.Make(b.Ctx, b.Child(one.key+"-events"), notice.Rule{
			Description: "What RDS reports of " + one.what,
			Pattern: notice.Pattern{
				Source:     []string{"aws.rds"},
				DetailType: []string{one.detailType},
				Resources:  sources,
				Detail:     map[string]any{"EventCategories": one.categories},
			},
			Notice: notice.Notice{
				Title:   "RDS reports of " + one.what + " <source>.",
				Text:    "<message>",
				First:   "see whether the database answers, and which instance is the writer.",
				Section: "database-events",
				Paths:   map[string]string{"source": "$.resources[0]", "message": "$.detail.Message"},
			},
		}, b.args.NotificationTopicArn, b.Parent()); err != nil {
			return b.Wrap("tell of", "events of "+one.key, err)
		}
	}
	return nil
}
