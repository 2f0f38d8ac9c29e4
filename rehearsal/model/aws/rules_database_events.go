package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// eventCategories are those of the sources that a cluster has, by RDS's name of the source.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html
var eventCategories = map[string][]string{
	"db-cluster": {
		"configuration change", "creation", "deletion", "failover", "failure", "global-failover", "maintenance",
		"migration",
		"notification", "serverless",
	},
	"db-instance": {
		"availability", "backtrack", "backup", "configuration change", "creation", "deletion", "failover", "failure",
		"low storage",
		"maintenance", "notification", "read replica", "recovery", "restoration", "security", "security patching",
	},
}

// eventSources are the types that the sources are here.
var eventSources = map[string]string{"db-cluster": clusterType, "db-instance": clusterInstanceType}

// eventRules are about the subscriptions to RDS's events.
var eventRules = []provider.Rule{
	{
		Name:  "categories of an event source",
		Types: []string{eventSubscriptionType},
		When:  provider.OnCheck,
		Why:   "RDS CreateEventSubscription: SubscriptionCategoryNotFound",
		Check: func(r *provider.Request) error {
			known, ok := eventCategories[r.Inputs.Text("sourceType")]
			for _, category := range r.Inputs.Texts("eventCategories") {
				if ok && !slices.Contains(known, category) {
					return fmt.Errorf("SubscriptionCategoryNotFound: Could not find category %s of source type %s: "+
						"want one of %s",
						category, r.Inputs.Text("sourceType"), strings.Join(known, ", "))
				}
			}
			return nil
		},
	},
	{
		Name:  "sources of a type",
		Types: []string{eventSubscriptionType},
		When:  provider.OnCheck,
		Why:   "RDS CreateEventSubscription: SourceType must be given with SourceIds",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("sourceIds") && !r.Inputs.Has("sourceType") {
				return fmt.Errorf("InvalidParameterCombination: A SourceType must be specified with SourceIds")
			}
			return nil
		},
	},
	{
		Name:  "events of known sources",
		Types: []string{eventSubscriptionType},
		When:  provider.OnWrite,
		Why:   "RDS CreateEventSubscription: SourceNotFound",
		Check: func(r *provider.Request) error {
			typ, ok := eventSources[r.Inputs.Text("sourceType")]
			for _, id := range r.Inputs.Texts("sourceIds") {
				if ok && r.Missing(r.Find(typ, id)) {
					return fmt.Errorf("SourceNotFound: Could not find source: %s", id)
				}
			}
			return nil
		},
	},
	{
		Name:  "RDS may publish to the topic of its events",
		Types: []string{eventSubscriptionType},
		When:  provider.OnWrite,
		Why:   "RDS CreateEventSubscription: SNSNoAuthorization, SNSTopicArnNotFound",
		Check: func(r *provider.Request) error {
			topic := r.Inputs.Text("snsTopic")
			found := r.ByARN(topic)
			switch {
			case topic == "" || r.Preview:
				return nil
			case found == nil || found.Type != topicType:
				return fmt.Errorf("SNSTopicArnNotFound: The SNS topic %s does not exist", topic)
			}
			source := "arn:aws:rds:" + r.Region + ":" + r.Account + ":es:" + r.Inputs.Text("name")
			if err := publishes(r, topic, "events.rds.amazonaws.com", source); err != nil {
				return fmt.Errorf("SNSNoAuthorization: You do not have permission to publish to the SNS topic "+
					"ARN %s\n%w", topic, err)
			}
			return nil
		},
	},
}
