package catalog

// The types that code asks for by name.
const (
	BackupPlan              = "aws:backup/plan:Plan"
	BackupRegionSettings    = "aws:backup/regionSettings:RegionSettings"
	BackupVault             = "aws:backup/vault:Vault"
	RestorePlan             = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
	Key                     = "aws:kms/key:Key"
	RDSCluster              = "aws:rds/cluster:Cluster"
	RDSClusterInstance      = "aws:rds/clusterInstance:ClusterInstance"
	RDSSubnetGroup          = "aws:rds/subnetGroup:SubnetGroup"
	RDSEventSubscription    = "aws:rds/eventSubscription:EventSubscription"
	BucketEncryption        = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	BucketLifecycle         = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	BucketLogging           = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	BucketObjectLock        = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
	BucketOwnershipControls = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	BucketPolicy            = "aws:s3/bucketPolicy:BucketPolicy"
	BucketPublicAccessBlock = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	Bucket                  = "aws:s3/bucketV2:BucketV2"
	BucketVersioning        = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	Parameter               = "aws:ssm/parameter:Parameter"
)

var dataRows = []Row{
	{Type: BackupPlan, Priced: true, ARN: arnOf("backup", `backup-plan:(.+)`)},
	{Type: "aws:backup/selection:Selection", Free: partOfAnother},
	{
		Type:      BackupVault,
		Priced:    true,
		Lost:      "the recovery points in it",
		HoldsData: true,
		ARN:       arnOf("backup", `backup-vault:(.+)`),
	},
	{Type: "aws:backup/vaultLockConfiguration:VaultLockConfiguration", Free: partOfAnother,
		Lost: "the lock that keeps recovery points from being deleted"},
	{Type: "aws:backup/vaultNotifications:VaultNotifications", Free: partOfAnother},
	{Type: BackupRegionSettings, Free: "a setting of the account"},
	{Type: RestorePlan, Priced: true, ARN: arnOf("backup", `restore-testing-plan:(.+)-[0-9a-f-]{36}`)},
	{Type: "aws:backup/restoreTestingSelection:RestoreTestingSelection", Free: partOfAnother},
	{Type: RDSEventSubscription, Free: partOfAnother, ARN: arnOf("rds", `es:(.+)`)},
	{Type: "aws:kms/alias:Alias", Free: partOfAnother},
	{Type: Key, Priced: true, Lost: "everything that it encrypts", HoldsData: true, ARN: arnOf("kms", `key/(.+)`)},
	{Type: RDSCluster, Priced: true, Lost: "the database", HoldsData: true, ARN: arnOf("rds", `cluster:(.+)`)},
	{
		Type:      RDSClusterInstance,
		Priced:    true,
		Lost:      "an instance of the database, until the new one is up",
		FixedName: "identifier",
		ARN:       arnOf("rds", `db:(.+)`),
	},
	{Type: "aws:rds/clusterParameterGroup:ClusterParameterGroup", Free: partOfAnother,
		ARN: arnOf("rds", `cluster-pg:(.+)`)},
	{
		Type:      "aws:rds/globalCluster:GlobalCluster",
		Unpriced:  "a write that is copied to the other region has a price, and no usage counts them",
		Lost:      "the copy of the database in the other region",
		HoldsData: true,
		ARN:       arnOf("rds", `global-cluster:(.+)`),
	},
	{Type: "aws:rds/instance:Instance", Unpriced: notMade, Lost: "the database"},
	{Type: RDSSubnetGroup, Free: partOfAnother, ARN: arnOf("rds", `subgrp:(.+)`)},
	{Type: "aws:s3/bucket:Bucket", Unpriced: notMade, Lost: "the objects in it"},
	{Type: BucketLifecycle, Free: partOfAnother},
	{Type: BucketLogging, Free: "S3 delivers its access logs for nothing; the bucket that takes them is priced"},
	{Type: BucketObjectLock, Free: "versions that stay longer are within the bucket's storage",
		Lost: "the lock that keeps new dumps from being deleted early"},
	{Type: "aws:s3/bucketObjectv2:BucketObjectv2", Free: "a few kilobytes, within the bucket's storage"},
	{Type: BucketOwnershipControls, Free: partOfAnother},
	{Type: BucketPolicy, Free: access},
	{Type: BucketPublicAccessBlock, Free: access},
	{Type: BucketEncryption, Free: partOfAnother},
	{Type: Bucket, Priced: true, Lost: "the objects in it", HoldsData: true, ARN: arnOf("s3", `([^/]+)`)},
	{Type: BucketVersioning, Free: "older versions are within the bucket's storage"},
	{
		Type:      Parameter,
		Priced:    true,
		Lost:      "a value that tasks read when they start",
		FixedName: "name",
		ARN:       arnOf("ssm", `parameter(/.+)`),
	},
}
