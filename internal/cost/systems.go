package cost

// The systems of the architecture, as the estimate names them.
const (
	route53       = "Route 53"
	cloudFront    = "CloudFront"
	waf           = "WAF"
	vpc           = "VPC"
	natGateways   = "NAT gateways"
	endpoints     = "VPC endpoints"
	loadBalancer  = "ALB"
	fargate       = "ECS Fargate"
	registry      = "ECR"
	aurora        = "Aurora"
	buckets       = "S3"
	parameters    = "Parameter Store"
	logs          = "CloudWatch Logs"
	watch         = "CloudWatch"
	keys          = "KMS"
	backups       = "AWS Backup"
	notifications = "SNS"
	queues        = "SQS"
	logDelivery   = "Data Firehose"
	queries       = "Athena"
	atlas         = "MongoDB Atlas"
	datadog       = "Datadog"
	sentry        = "Sentry"
)

// order is that of the architecture, from the user inwards; the services outside AWS come last.
var order = []string{
	route53, cloudFront, waf, vpc, natGateways, endpoints, loadBalancer, fargate, registry, aurora, buckets, parameters,
	logs, watch, keys, backups, notifications, queues, logDelivery, queries, atlas, datadog, sentry,
}

// outside are the systems that AWS does not bill.
var outside = []string{atlas, datadog, sentry}
