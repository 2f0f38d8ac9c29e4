package catalog

// The types that code asks for by name.
const (
	Certificate            = "aws:acm/certificate:Certificate"
	CertificateValidation  = "aws:acm/certificateValidation:CertificateValidation"
	Distribution           = "aws:cloudfront/distribution:Distribution"
	EdgeFunction           = "aws:cloudfront/function:Function"
	MonitoringSubscription = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"
	LogDelivery            = "aws:cloudwatch/logDelivery:LogDelivery"
	LogDeliverySource      = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	HealthCheck            = "aws:route53/healthCheck:HealthCheck"
	KeySigningKey          = "aws:route53/keySigningKey:KeySigningKey"
	OriginAccessControl    = "aws:cloudfront/originAccessControl:OriginAccessControl"
	QueryLog               = "aws:route53/queryLog:QueryLog"
	Record                 = "aws:route53/record:Record"
	VPCOrigin              = "aws:cloudfront/vpcOrigin:VpcOrigin"
	Zone                   = "aws:route53/zone:Zone"
	WebACL                 = "aws:wafv2/webAcl:WebAcl"
	CachePolicy            = "aws:cloudfront/cachePolicy:CachePolicy"
	ResponseHeadersPolicy  = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	WebACLIPSet            = "aws:wafv2/ipSet:IpSet"
	WebACLLogging          = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
)

var edgeRows = []Row{
	{Type: Certificate, Free: "public certificates for AWS's own services are free",
		ARN: wholeARN("acm", `certificate/.+`)},
	{Type: CertificateValidation, Free: partOfAnother},
	{Type: CachePolicy, Free: partOfAnother},
	{
		Type:   Distribution,
		Priced: true,
		Lost:   "the site: its domain can be moved to another distribution only when it is free",
		ARN:    arnOf("cloudfront", `distribution/(.+)`),
	},
	{Type: EdgeFunction, Priced: true},
	{Type: MonitoringSubscription, Priced: true},
	{Type: OriginAccessControl, Free: partOfAnother},
	{Type: VPCOrigin, Free: "CloudFront takes nothing for VPC origins"},
	{Type: ResponseHeadersPolicy, Free: partOfAnother},
	{Type: LogDelivery, Free: "CloudFront's access logs reach S3 for nothing; the bucket is priced"},
	{Type: "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", Free: partOfAnother},
	{Type: LogDeliverySource, Free: partOfAnother},
	{Type: HealthCheck, Priced: true, ARN: arnOf("route53", `healthcheck/(.+)`)},
	{Type: "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec", Free: dnssec},
	{Type: KeySigningKey, Free: dnssec},
	{Type: QueryLog, Free: loggedElsewhere},
	{Type: Record, Free: partOfAnother},
	{
		Type:      Zone,
		Priced:    true,
		Lost:      "the domain: a new zone has other name servers",
		HoldsData: true,
		ARN:       arnOf("route53", `hostedzone/(.+)`),
	},
	{Type: WebACLIPSet, Free: partOfAnother,
		ARN: arnOf("wafv2", `(global|regional)/ipset/(.+)/(.+)`).by(wafID)},
	{Type: WebACL, Priced: true, ARN: arnOf("wafv2", `(global|regional)/webacl/(.+)/(.+)`).by(wafID)},
	{Type: WebACLLogging, Free: loggedElsewhere},
}
