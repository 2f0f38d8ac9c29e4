package plan

// rule says what is lost when a resource of a type is replaced or deleted.
type rule struct {
	loses string
	// name is the input with the fixed name, for a type that is watched only when it has one: Pulumi replaces such a resource by deleting it
	// first. Empty: the type is always watched.
	name string
}

// rules are the types whose replacement or deletion must not go unseen.
var rules = map[string]rule{
	"aws:backup/vault:Vault":                                   {loses: "the recovery points in it"},
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration": {loses: "the promise that nobody deletes recovery points"},
	"aws:cloudfront/distribution:Distribution":                 {loses: "the site: its domain can be moved to another distribution only when it is free"},
	"aws:cloudwatch/logGroup:LogGroup":                         {loses: "its log lines"},
	"aws:ecr/repository:Repository":                            {loses: "the images, those that run now included"},
	"aws:ecs/cluster:Cluster":                                  {loses: "every service in it", name: "name"},
	"aws:ecs/service:Service":                                  {loses: "all of its tasks, until the new service is steady", name: "name"},
	"aws:iam/policy:Policy":                                    {loses: "what everything with this fixed name is allowed", name: "name"},
	"aws:iam/role:Role":                                        {loses: "access of whoever assumes it by its fixed name", name: "name"},
	"aws:kms/key:Key":                                          {loses: "everything that it encrypts"},
	"aws:rds/cluster:Cluster":                                  {loses: "the database"},
	"aws:rds/clusterInstance:ClusterInstance":                  {loses: "an instance of the database, until the new one is up", name: "identifier"},
	"aws:rds/globalCluster:GlobalCluster":                      {loses: "the copy of the database in the other region"},
	"aws:rds/instance:Instance":                                {loses: "the database"},
	"aws:route53/zone:Zone":                                    {loses: "the domain: a new zone has other name servers"},
	"aws:s3/bucket:Bucket":                                     {loses: "the objects in it"},
	"aws:s3/bucketV2:BucketV2":                                 {loses: "the objects in it"},
	"aws:sns/topic:Topic":                                      {loses: "the subscriptions that people confirmed"},
	"aws:ssm/parameter:Parameter":                              {loses: "a value that tasks read when they start", name: "name"},
	"mongodbatlas:index/advancedCluster:AdvancedCluster":       {loses: "the database and its backups"},
	"mongodbatlas:index/cluster:Cluster":                       {loses: "the database and its backups"},
	"mongodbatlas:index/project:Project":                       {loses: "the database in it"},
	"sentry:index/sentryKey:SentryKey":                         {loses: "reports from web pages that were built with its DSN"},
	"sentry:index/sentryProject:SentryProject":                 {loses: "its issues and their history"},
}

// redrawn are types whose resources come and go with equal inputs when a secret is rotated. That is no renaming.
var redrawn = []string{
	"random:index/randomBytes:RandomBytes", "random:index/randomId:RandomId", "random:index/randomPassword:RandomPassword",
	"random:index/randomString:RandomString", "random:index/randomUuid:RandomUuid",
}
