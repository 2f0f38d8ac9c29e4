package catalog

// The types that code asks for by name.
const (
	NamedQuery          = "aws:athena/namedQuery:NamedQuery"
	Workgroup           = "aws:athena/workgroup:Workgroup"
	Budget              = "aws:budgets/budget:Budget"
	AnomalySubscription = "aws:costexplorer/anomalySubscription:AnomalySubscription"
	Trail               = "aws:cloudtrail/trail:Trail"
	CompositeAlarm      = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	Dashboard           = "aws:cloudwatch/dashboard:Dashboard"
	LogGroup            = "aws:cloudwatch/logGroup:LogGroup"
	MetricFilter        = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
	SubscriptionFilter  = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
	MetricAlarm         = "aws:cloudwatch/metricAlarm:MetricAlarm"
	QueryDefinition     = "aws:cloudwatch/queryDefinition:QueryDefinition"
	EventRule           = "aws:cloudwatch/eventRule:EventRule"
	EventTarget         = "aws:cloudwatch/eventTarget:EventTarget"
	Detector            = "aws:guardduty/detector:Detector"
	DeliveryStream      = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
	Topic               = "aws:sns/topic:Topic"
	TopicPolicy         = "aws:sns/topicPolicy:TopicPolicy"
	TopicSubscription   = "aws:sns/topicSubscription:TopicSubscription"
)

var watchRows = []Row{
	{Type: NamedQuery, Free: "a query costs when it runs, with its workgroup"},
	{Type: Workgroup, Priced: true, ARN: arnOf("athena", `workgroup/(.+)`)},
	{Type: Budget, Free: "budgets without actions are free"},
	{Type: "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
		Free: "free; the topics are priced with their subscriptions"},
	{Type: Trail, Free: "an account's first copy of management events is free; its bucket is priced"},
	{Type: CompositeAlarm, Priced: true},
	{Type: Dashboard, Priced: true},
	{Type: EventRule, Free: ownEvents},
	{Type: EventTarget, Free: ownEvents},
	{
		Type:      LogGroup,
		Priced:    true,
		Lost:      "its log lines",
		HoldsData: true,
		ARN:       arnOf("logs", `log-group:(.+?)(?::\*)?`),
		Drawn:     WithCloudWatch,
	},
	{Type: MetricFilter, Priced: true},
	{Type: "aws:cloudwatch/logResourcePolicy:LogResourcePolicy", Free: access},
	{Type: SubscriptionFilter, Priced: true},
	{Type: MetricAlarm, Priced: true, ARN: arnOf("cloudwatch", `alarm:(.+)`), Drawn: WithCloudWatch},
	{Type: QueryDefinition, Priced: true},
	{Type: "aws:costexplorer/anomalyMonitor:AnomalyMonitor", Free: anomalies},
	{Type: AnomalySubscription, Free: anomalies},
	{Type: "aws:glue/catalogDatabase:CatalogDatabase", Free: glueCatalog,
		ARN: arnOf("glue", `database/(.+)`).by(func(m []string) string { return m[2] + ":" + m[3] })},
	{Type: "aws:glue/catalogTable:CatalogTable", Free: glueCatalog},
	{Type: Detector, Priced: true},
	{
		Type: DeliveryStream,
		Free: "what it takes in is priced with the subscriptions of the log groups",
		ARN:  wholeARN("firehose", `deliverystream/.+`),
	},
	{
		Type: Topic,
		Free: "the first million messages are free; deliveries are priced with the subscriptions",
		Lost: "the subscriptions that people confirmed",
		ARN:  wholeARN("sns", `[^:]+`),
	},
	{Type: TopicPolicy, Free: access},
	{Type: TopicSubscription, Priced: true},
}
