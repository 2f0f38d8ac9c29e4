package data

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// BucketsType is part of every child's URN; changing it replaces the buckets.
const BucketsType = "bookmark-manager:data:Buckets"

// BucketsArgs are the buckets' configuration and wiring.
type BucketsArgs struct {
	Config BucketsConfig
	identity.Stack
	// DataKeyArn encrypts the backup bucket. Required.
	DataKeyArn pulumi.StringInput
	// DumpDays is the age at which what the dump task has put below Dumps is deleted. Default 0: as
	// everything else in the bucket.
	DumpDays int
}

// Buckets are the stack's three buckets: private, encrypted, owner-enforced. What uses a name that
// is given here waits for the bucket's access rules.
type Buckets struct {
	pulumi.ResourceState

	// AssetsName and AssetsArn are for the one bucket policy that is not made here:
	// EdgeDistribution writes it, since it names the distribution.
	AssetsName pulumi.StringOutput
	AssetsArn  pulumi.StringOutput
	// AssetsDomainName is the regional domain name, CloudFront's origin.
	AssetsDomainName pulumi.StringOutput
	// LogsName is there once the bucket's policy lets load balancers and CloudFront write.
	LogsName    pulumi.StringOutput
	LogsArn     pulumi.StringOutput
	BackupsName pulumi.StringOutput
	BackupsArn  pulumi.StringOutput
}

// NewBuckets registers nothing when args are invalid.
func NewBuckets(ctx *pulumi.Context, name string, args *BucketsArgs, opts ...pulumi.ResourceOption) (*Buckets, error) {
	if args == nil || args.DataKeyArn == nil {
		return nil, fmt.Errorf("buckets %q: DataKeyArn is required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("buckets %q: %w", name, err)
	}
	if err := args.Config.Validate(args.Disposable).Err(); err != nil {
		return nil, fmt.Errorf("buckets %q: %w", name, err)
	}
	specs := bucketSpecs(args)
	for _, spec := range specs {
		if err := names.Check(names.Bucket, spec.bucketName(args)); err != nil {
			return nil, fmt.Errorf("name %s bucket of buckets %q: %w", spec.role, name, err)
		}
	}
	buckets := &Buckets{}
	base, err := component.Register(ctx, "buckets", BucketsType, name, buckets, opts...)
	if err != nil {
		return nil, err
	}
	made := map[string]*bucket{}
	for _, spec := range specs {
		one, err := newBucket(base, spec, args)
		if err != nil {
			return nil, err
		}
		made[spec.role] = one
	}
	assets, logs, backups := made[assetsRole], made[logsRole], made[backupsRole]
	for _, spec := range specs {
		if !spec.holdsData {
			continue
		}
		// Who reads and writes the objects is on record, since tasks reach them without passing
		// CloudFront.
		if _, err := s3.NewBucketLoggingV2(ctx, base.Child(spec.role), &s3.BucketLoggingV2Args{
			Bucket:       made[spec.role].name,
			TargetBucket: logs.name,
			TargetPrefix: pulumi.String(BucketLogs + "/" + spec.role + "/"),
		}, base.Parent()); err != nil {
			return nil, base.Wrap("create", "access logging of "+spec.role+" bucket", err)
		}
	}
	buckets.AssetsName, buckets.AssetsArn, buckets.AssetsDomainName = assets.name, assets.arn, assets.domainName
	buckets.LogsName, buckets.LogsArn = logs.name, logs.arn
	buckets.BackupsName, buckets.BackupsArn = backups.name, backups.arn
	return buckets, base.Outputs(pulumi.Map{
		"assetsName": buckets.AssetsName, "logsName": buckets.LogsName, "backupsName": buckets.BackupsName,
	})
}

// The roles of the buckets, which are part of their names.
const (
	assetsRole  = "assets"
	logsRole    = "logs"
	backupsRole = "backups"
)

// bucketSpec is what sets one bucket apart from the others.
type bucketSpec struct {
	role      string
	holdsData bool               // protected, its objects keep their versions, and requests for them are logged
	keyArn    pulumi.StringInput // nil for keys that S3 owns
	rules     []lifecycleRule
	lock      *ObjectLockConfig                            // nil for none
	policy    func(arn pulumi.StringInput) policy.Document // nil when another component writes it
}

// Dumps is the folder of the backup bucket that the dump task writes to.
const Dumps = "dumps"

func bucketSpecs(args *BucketsArgs) []bucketSpec {
	config := args.Config
	backups := []lifecycleRule{{
		id:             "old-backups",
		expireDays:     config.Backups.ExpireDays,
		noncurrentDays: config.Backups.NoncurrentDays,
	}}
	if args.DumpDays > 0 {
		backups = append(backups, lifecycleRule{id: "old-dumps", prefix: Dumps + "/", expireDays: args.DumpDays})
	}
	return []bucketSpec{
		{
			// Keys of S3's own: the files are public anyway, and with a KMS key its policy would
			// have to name the distribution, which in turn needs the bucket.
			role: assetsRole, holdsData: true,
			rules: []lifecycleRule{
				{
					id:         "superseded-files",
					prefix:     names.StaticFiles,
					tag:        names.SupersededTag,
					expireDays: config.Assets.SupersededDays,
				},
				{id: "noncurrent-versions", noncurrentDays: config.Assets.NoncurrentDays},
			},
		},
		{
			// Keys of S3's own: a load balancer cannot deliver its logs to a bucket with a KMS key.
			role:  logsRole,
			rules: []lifecycleRule{{id: "old-logs", expireDays: config.Logs.ExpireDays}},
			policy: func(arn pulumi.StringInput) policy.Document {
				return logDelivery(arn, args)
			},
		},
		{
			role:      backupsRole,
			holdsData: true,
			keyArn:    args.DataKeyArn,
			lock:      config.Backups.ObjectLock,
			rules:     backups,
			policy:    func(arn pulumi.StringInput) policy.Document { return policy.Document{tlsOnly(arn)} },
		},
	}
}

// bucketName is the given one or carries the account id, since bucket names are shared by everybody
// on AWS, and leaves the region out for length's sake.
func (s bucketSpec) bucketName(args *BucketsArgs) string {
	if given := args.Config.name(s.role); given != "" {
		return string(given)
	}
	return args.Environment.Name(s.role, args.AccountID)
}

// bucket is what the other components need of a bucket.
type bucket struct {
	name, arn, domainName pulumi.StringOutput
}

func newBucket(base component.Component, spec bucketSpec, args *BucketsArgs) (*bucket, error) {
	ctx, name, child := base.Ctx, base.Child(spec.role), base.Parent()
	wrap := func(thing string, err error) error { return base.Wrap("create", thing+" of "+spec.role+" bucket", err) }
	made, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{
		Bucket: pulumi.String(spec.bucketName(args)),
		// A bucket that holds something is not deleted: destroy stops there, unless this says to
		// empty it.
		ForceDestroy: pulumi.Bool(!args.Protect()),
	}, child, pulumi.Protect(spec.holdsData && args.Protect()))
	if err != nil {
		return nil, wrap("bucket", err)
	}
	closed, err := s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                made.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, child)
	if err != nil {
		return nil, wrap("public access block", err)
	}
	// S3 refuses changes of a bucket's access rules that come at the same time, so they come one
	// after another.
	owned, err := s3.NewBucketOwnershipControls(ctx, name, &s3.BucketOwnershipControlsArgs{
		Bucket: closed.Bucket,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, child)
	if err != nil {
		return nil, wrap("ownership controls", err)
	}
	if err := encrypt(ctx, name, made.ID(), spec.keyArn, child); err != nil {
		return nil, wrap("encryption", err)
	}
	lifecycle := []pulumi.ResourceOption{child}
	if spec.holdsData {
		versioning, err := s3.NewBucketVersioningV2(ctx, name, &s3.BucketVersioningV2Args{
			Bucket:                  made.ID(),
			VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
		}, child)
		if err != nil {
			return nil, wrap("versioning", err)
		}
		// Rules about noncurrent versions, and Object Lock, want versioning to be on.
		versioned := pulumi.DependsOn([]pulumi.Resource{versioning})
		lifecycle = append(lifecycle, versioned)
		if err := lock(ctx, name, made.ID(), spec.lock, child, versioned); err != nil {
			return nil, wrap("object lock", err)
		}
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(ctx, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: made.ID(), Rules: lifecycleRules(spec.rules),
	}, lifecycle...); err != nil {
		return nil, wrap("lifecycle", err)
	}
	result := &bucket{name: owned.Bucket, arn: made.Arn, domainName: made.BucketRegionalDomainName}
	if spec.policy != nil {
		written, err := s3.NewBucketPolicy(ctx, name, &s3.BucketPolicyArgs{
			Bucket: owned.Bucket, Policy: spec.policy(made.Arn).JSON(),
		}, child)
		if err != nil {
			return nil, wrap("policy", err)
		}
		// Whoever uses the name or the ARN comes after the policy, which lets log deliveries in.
		result.name, result.arn = written.Bucket, pulumi.Sprintf("arn:aws:s3:::%s", written.Bucket)
	}
	return result, nil
}

func encrypt(
	ctx *pulumi.Context, name string, bucket pulumi.StringInput, keyArn pulumi.StringInput, child pulumi.ResourceOption,
) error {
	rule := s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
		ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
			SseAlgorithm: pulumi.String("AES256"),
		},
	}
	if keyArn != nil {
		rule = s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("aws:kms"), KmsMasterKeyId: keyArn,
			},
			// One data key for many objects: fewer calls to KMS, which are paid one by one.
			BucketKeyEnabled: pulumi.Bool(true),
		}
	}
	_, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name,
		&s3.BucketServerSideEncryptionConfigurationV2Args{
			Bucket: bucket, Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{rule},
		}, child)
	return err
}

// lock gives each new object a retention. The bucket itself must not say objectLockEnabled: that
// replaces one that was made without.
func lock(
	ctx *pulumi.Context, name string, bucket pulumi.StringInput, config *ObjectLockConfig,
	opts ...pulumi.ResourceOption,
) error {
	if config == nil {
		return nil
	}
	_, err := s3.NewBucketObjectLockConfigurationV2(ctx, name, &s3.BucketObjectLockConfigurationV2Args{
		Bucket: bucket,
		Rule: s3.BucketObjectLockConfigurationV2RuleArgs{
			DefaultRetention: s3.BucketObjectLockConfigurationV2RuleDefaultRetentionArgs{
				Mode: pulumi.String(strings.ToUpper(config.Mode)), Days: pulumi.Int(config.Days),
			},
		},
	}, opts...)
	return err
}
