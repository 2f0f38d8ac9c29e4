package catalog

// The types that code asks for by name.
const (
	ScalingPolicy       = "aws:appautoscaling/policy:Policy"
	ScheduledAction     = "aws:appautoscaling/scheduledAction:ScheduledAction"
	ScalingTarget       = "aws:appautoscaling/target:Target"
	RepositoryLifecycle = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
	CacheRule           = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
	Repository          = "aws:ecr/repository:Repository"
	ECSCluster          = "aws:ecs/cluster:Cluster"
	ECSService          = "aws:ecs/service:Service"
	TaskDefinition      = "aws:ecs/taskDefinition:TaskDefinition"
	Listener            = "aws:lb/listener:Listener"
	ListenerRule        = "aws:lb/listenerRule:ListenerRule"
	LoadBalancer        = "aws:lb/loadBalancer:LoadBalancer"
	TargetGroup         = "aws:lb/targetGroup:TargetGroup"
	Queue               = "aws:sqs/queue:Queue"
	Schedule            = "aws:scheduler/schedule:Schedule"
	ScheduleGroup       = "aws:scheduler/scheduleGroup:ScheduleGroup"
)

var computeRows = []Row{
	{Type: ScalingPolicy, Priced: true},
	{Type: ScheduledAction, Free: scaling},
	{Type: ScalingTarget, Free: scaling},
	{Type: CacheRule, Free: "ECR is billed for the images that it keeps"},
	{Type: RepositoryLifecycle, Free: partOfAnother},
	{
		Type:      Repository,
		Priced:    true,
		Lost:      "the images, those that run now included",
		HoldsData: true,
		ARN:       arnOf("ecr", `repository/(.+)`),
	},
	{
		Type:      ECSCluster,
		Priced:    true,
		Lost:      "every service in it",
		FixedName: "name",
		ARN:       arnOf("ecs", `cluster/(.+)`),
	},
	{Type: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", Free: partOfAnother},
	{
		Type:      ECSService,
		Priced:    true,
		Lost:      "all of its tasks, until the new service is steady",
		FixedName: "name",
		ARN:       arnOf("ecs", `service/(.+)`),
	},
	{Type: TaskDefinition, Priced: true},
	{Type: Listener, Free: partOfAnother, ARN: wholeARN("elasticloadbalancing", `listener/.+`)},
	{Type: ListenerRule, Free: partOfAnother,
		ARN: wholeARN("elasticloadbalancing", `listener-rule/.+`)},
	{Type: LoadBalancer, Priced: true, ARN: wholeARN("elasticloadbalancing", `loadbalancer/.+`)},
	{Type: TargetGroup, Free: partOfAnother, ARN: wholeARN("elasticloadbalancing", `targetgroup/.+`)},
	{Type: Queue, Priced: true, Lost: "the messages in it", HoldsData: true, ARN: arnOf("sqs", `([^:]+)`).by(queueURL)},
	{Type: Schedule, Priced: true},
	{Type: ScheduleGroup, Free: "EventBridge Scheduler is billed for starts",
		ARN: arnOf("scheduler", `schedule-group/(.+)`)},
	{Type: "aws:servicediscovery/httpNamespace:HttpNamespace",
		Free: "Service Connect's use of Cloud Map is free", ARN: arnOf("servicediscovery", `namespace/(.+)`)},
}

// queueURL is what a queue is imported by.
func queueURL(match []string) string {
	return "https://sqs." + match[1] + ".amazonaws.com/" + match[2] + "/" + match[3]
}
