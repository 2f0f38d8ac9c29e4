package aws

// rdsEvents subscribes to the events of a cluster, changed by more.
func (w *world) rdsEvents(more in) error {
	return failed(w.try(eventSubscriptionType, "events", altered(in{
		"name": "events", "sourceType": "db-cluster", "sourceIds": []any{w.database(nil).cluster.id},
		"eventCategories": []any{"failover"}, "snsTopic": w.topic("ours", "events.rds.amazonaws.com"),
	}, more)))
}

var eventPairs = map[string]pair{
	"categories of an event source": {
		want: "SubscriptionCategoryNotFound: Could not find category low storage of source type db-cluster: want " +
			"one of " +
			"configuration change, creation, deletion, failover, failure, global-failover, maintenance, migration, " +
			"notification, serverless",
		refuses: func(w *world) error { return w.rdsEvents(in{"eventCategories": []any{"low storage"}}) },
		passes:  func(w *world) error { return w.rdsEvents(nil) },
	},
	"sources of a type": {
		want:    "InvalidParameterCombination: A SourceType must be specified with SourceIds",
		refuses: func(w *world) error { return w.rdsEvents(in{"sourceType": nil}) },
		passes:  func(w *world) error { return w.rdsEvents(in{"sourceType": nil, "sourceIds": nil}) },
	},
	"events of known sources": {
		want:    "SourceNotFound: Could not find source: none",
		refuses: func(w *world) error { return w.rdsEvents(in{"sourceIds": []any{"none"}}) },
		passes:  func(w *world) error { return w.rdsEvents(nil) },
	},
	"RDS may publish to the topic of its events": {
		want: "SNSNoAuthorization: You do not have permission to publish to the SNS topic ARN " +
			"arn:aws:sns:ap-northeast-1:123456789012:theirs",
		refuses: func(w *world) error {
			w.make(topicType, "theirs", in{"name": "theirs"})
			return w.rdsEvents(in{"snsTopic": "arn:aws:sns:ap-northeast-1:123456789012:theirs"})
		},
		passes: func(w *world) error { return w.rdsEvents(nil) },
	},
}
