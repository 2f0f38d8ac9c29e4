package data

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	s3Bucket     = "aws:s3/bucketV2:BucketV2"
	s3Policy     = "aws:s3/bucketPolicy:BucketPolicy"
	s3Logging    = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	s3Lifecycle  = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	s3Encryption = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	s3Block      = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	s3Owner      = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	s3Lock       = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
	s3Versioning = "aws:s3/bucketVersioningV2:BucketVersioningV2"
)

func bucketsArgs() *BucketsArgs {
	return &BucketsArgs{
		Config: BucketsConfig{
			Assets:  AssetsBucketConfig{SupersededDays: 30, NoncurrentDays: 14},
			Logs:    LogsBucketConfig{ExpireDays: 90},
			Backups: BackupsBucketConfig{ExpireDays: 365, NoncurrentDays: 60},
		},
		Stack:      recorder.Production,
		DataKeyArn: text("arn:data-key"),
	}
}

func buildBuckets(change func(*BucketsArgs)) (*recorder.Recorder, *Buckets, error) {
	args := bucketsArgs()
	if change != nil {
		change(args)
	}
	var buckets *Buckets
	r, err := run(func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) (err error) {
		buckets, err = NewBuckets(ctx, "buckets", args, opts...)
		return err
	})
	return r, buckets, err
}

func TestBuckets(t *testing.T) {
	r, _, err := buildBuckets(nil)
	require.NoError(t, err)
	underTheComponent(t, r, BucketsType)
	assert.Equal(t, []string{
		"BucketLifecycleConfigurationV2 assets", "BucketLifecycleConfigurationV2 backups",
		"BucketLifecycleConfigurationV2 logs",
		"BucketLoggingV2 assets", "BucketLoggingV2 backups",
		"BucketOwnershipControls assets", "BucketOwnershipControls backups", "BucketOwnershipControls logs",
		"BucketPolicy backups", "BucketPolicy logs",
		"BucketPublicAccessBlock assets", "BucketPublicAccessBlock backups", "BucketPublicAccessBlock logs",
		"BucketServerSideEncryptionConfigurationV2 assets", "BucketServerSideEncryptionConfigurationV2 backups",
		"BucketServerSideEncryptionConfigurationV2 logs",
		"BucketV2 assets", "BucketV2 backups", "BucketV2 logs", "BucketVersioningV2 assets",
		"BucketVersioningV2 backups",
	}, children(r, "buckets"))
	for _, role := range []string{"assets", "logs", "backups"} {
		assert.Equal(t, "bookmark-manager-production-"+role+"-111122223333",
			get(t, r, s3Bucket, "buckets-"+role).Input("bucket"))
		block := get(t, r, s3Block, "buckets-"+role)
		for _, way := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls",
			"restrictPublicBuckets"} {
			assert.Equal(t, true, block.Input(way), role+" "+way)
		}
		assert.Equal(t, "BucketOwnerEnforced", get(t, r, s3Owner, "buckets-"+role).Input("rule.objectOwnership"))
	}
	for _, role := range []string{"assets", "backups"} {
		assert.Equal(t, "Enabled", get(t, r, s3Versioning, "buckets-"+role).Input("versioningConfiguration.status"))
		assert.Equal(t, "s3/"+role+"/", get(t, r, s3Logging, "buckets-"+role).Input("targetPrefix"))
		assert.Contains(t, waitsFor(t, r, s3Logging, "buckets-"+role), s3Policy+" buckets-logs",
			"logs are let in before they come")
	}
}

func TestBucketEncryption(t *testing.T) {
	r, _, err := buildBuckets(nil)
	require.NoError(t, err)
	own := []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}}}
	assert.Equal(t, own, get(t, r, s3Encryption, "buckets-assets").Input("rules"))
	assert.Equal(t, own, get(t, r, s3Encryption, "buckets-logs").Input("rules"))
	assert.Equal(t, []any{map[string]any{
		"applyServerSideEncryptionByDefault": map[string]any{
			"sseAlgorithm":   "aws:kms",
			"kmsMasterKeyId": "arn:data-key",
		},
		"bucketKeyEnabled": true,
	}}, get(t, r, s3Encryption, "buckets-backups").Input("rules"))
}

func TestBucketLifecycles(t *testing.T) {
	uploads := map[string]any{
		"id": "abandoned-uploads", "status": "Enabled", "filter": map[string]any{"prefix": ""},
		"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 7.0},
	}
	r, _, err := buildBuckets(nil)
	require.NoError(t, err)
	assert.Equal(t, []any{
		uploads,
		map[string]any{
			"id":         "superseded-files",
			"status":     "Enabled",
			"expiration": map[string]any{"days": 30.0},
			"filter": map[string]any{"and": map[string]any{
				"prefix": "_next/static/",
				"tags":   map[string]any{"superseded": "true"},
			}},
		},
		map[string]any{
			"id": "noncurrent-versions", "status": "Enabled", "filter": map[string]any{"prefix": ""},
			"noncurrentVersionExpiration": map[string]any{"noncurrentDays": 14.0},
		},
	}, get(t, r, s3Lifecycle, "buckets-assets").Input("rules"))
	assert.Equal(t, []any{
		uploads,
		map[string]any{
			"id":         "old-logs",
			"status":     "Enabled",
			"filter":     map[string]any{"prefix": ""},
			"expiration": map[string]any{"days": 90.0},
		},
	}, get(t, r, s3Lifecycle, "buckets-logs").Input("rules"))
	assert.Equal(t, []any{
		uploads,
		map[string]any{
			"id":                          "old-backups",
			"status":                      "Enabled",
			"filter":                      map[string]any{"prefix": ""},
			"expiration":                  map[string]any{"days": 365.0},
			"noncurrentVersionExpiration": map[string]any{"noncurrentDays": 60.0},
		},
	}, get(t, r, s3Lifecycle, "buckets-backups").Input("rules"))

	r, _, err = buildBuckets(func(a *BucketsArgs) { a.Config.Backups.ExpireDays = 0 })
	require.NoError(t, err)
	assert.Nil(t, get(t, r, s3Lifecycle, "buckets-backups").Input("rules[1].expiration"), "0 keeps dumps for good")

	r, _, err = buildBuckets(func(a *BucketsArgs) { a.DumpDays = 35 })
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"id":         "old-dumps",
		"status":     "Enabled",
		"filter":     map[string]any{"prefix": "dumps/"},
		"expiration": map[string]any{"days": 35.0},
	}, get(t, r, s3Lifecycle, "buckets-backups").Input("rules[2]"))
}

func TestBucketPolicies(t *testing.T) {
	const logs, backups = "arn:aws:test:ap-northeast-1:111122223333:buckets-logs", "arn:aws:test:ap-northeast-1:" +
		"111122223333:buckets-backups"
	r, _, err := buildBuckets(nil)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"DenyPlainHTTP","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["s3:*"],"Resource":["`+logs+`","`+
		logs+`/*"],
		 "Condition":{"Bool":{"aws:SecureTransport":["false"]}}},
		{"Sid":"LoadBalancersOfTheRegionWrite","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::582318560864:root"},
		 "Action":["s3:PutObject"],"Resource":["`+logs+`/alb/AWSLogs/111122223333/*","`+logs+
		`/alb-connection/AWSLogs/111122223333/*"]},
		{"Sid":"LoadBalancersWrite","Effect":"Allow","Principal":{"Service":["logdelivery.elasticloadbalancing.amazonaws.com"]},
		 "Action":["s3:PutObject"],"Resource":["`+logs+`/alb/AWSLogs/111122223333/*","`+logs+
		`/alb-connection/AWSLogs/111122223333/*"]},
		{"Sid":"CloudFrontWrites","Effect":"Allow","Principal":{"Service":["delivery.logs.amazonaws.com"]},
		 "Action":["s3:PutObject"],"Resource":["`+logs+`/cloudfront/*"],
		 "Condition":{"StringEquals":{"s3:x-amz-acl":["bucket-owner-full-control"],"aws:SourceAccount":["111122223333"]},
		  "ArnLike":{"aws:SourceArn":["arn:aws:logs:us-east-1:111122223333:delivery-source:*"]}}},
		{"Sid":"BucketsWrite","Effect":"Allow","Principal":{"Service":["logging.s3.amazonaws.com"]},
		 "Action":["s3:PutObject"],"Resource":["`+logs+`/s3/*"],
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},"ArnLike":{"aws:SourceArn":[
		  "arn:aws:s3:::bookmark-manager-production-assets-111122223333","arn:aws:s3:::bookmark-manager-production-backups-111122223333"]}}}]}`,
		get(t, r, s3Policy, "buckets-logs").Input("policy").(string))
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"DenyPlainHTTP","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["s3:*"],"Resource":["`+backups+`","`+
		backups+`/*"],
		 "Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`,
		get(t, r, s3Policy, "buckets-backups").Input("policy").(string))
}

// A region that AWS opened after August 2022 has no account to name, and a principal that does not
// exist makes S3 refuse the whole policy.
func TestLoadBalancersOfNewerRegionsWriteAsAService(t *testing.T) {
	for region, account := range map[string]string{
		"ap-northeast-1": "582318560864",
		"us-east-1":      "127311923021",
		"ap-south-2":     "",
		"eu-central-2":   "",
		"mx-central-1":   "",
	} {
		r, _, err := buildBuckets(func(a *BucketsArgs) { a.Region = region })
		require.NoError(t, err)
		document := get(t, r, s3Policy, "buckets-logs").Input("policy").(string)
		assert.Contains(t, document, `"Principal":{"Service":["logdelivery.elasticloadbalancing.amazonaws.com"]}`,
			region)
		if account == "" {
			assert.NotContains(t, document, "arn:aws:iam::", region)
		} else {
			assert.Contains(t, document, `"Principal":{"AWS":"arn:aws:iam::`+account+`:root"}`, region)
		}
	}
}

// A bucket's name is known to others only through the last of its access rules, so that they wait
// for it.
func TestAccessRulesComeOneAfterAnother(t *testing.T) {
	r := recorder.New()
	require.NoError(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		buckets, err := NewBuckets(ctx, "buckets", bucketsArgs(), opts...)
		if err != nil {
			return err
		}
		for role, name := range map[string]pulumi.StringOutput{
			"assets": buckets.AssetsName, "logs": buckets.LogsName, "backups": buckets.BackupsName,
		} {
			if err := ctx.RegisterResource("aws:test:Test", role, pulumi.Map{"bucket": name},
				&struct{ pulumi.CustomResourceState }{}, opts...); err != nil {
				return err
			}
		}
		return nil
	}, "aws"))
	for role, want := range map[string]string{
		"assets":  s3Owner + " buckets-assets",
		"logs":    s3Policy + " buckets-logs",
		"backups": s3Policy + " buckets-backups",
	} {
		assert.Equal(t, []string{want}, waitsFor(t, r, "aws:test:Test", role))
	}
	assert.Equal(t, []string{s3Block + " buckets-logs"}, waitsFor(t, r, s3Owner, "buckets-logs"))
	assert.Contains(t, waitsFor(t, r, s3Lifecycle, "buckets-assets"), s3Versioning+" buckets-assets")
}

func TestBucketsProtection(t *testing.T) {
	for name, c := range map[string]struct {
		disposable, teardown bool
		protected            []string
		emptied              bool
	}{
		"a stack that stays": {false, false,
			[]string{s3Bucket + " buckets-assets", s3Bucket + " buckets-backups"}, false},
		"a stack that comes down": {false, true, nil, true},
		"a throw-away stack":      {true, false, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildBuckets(func(a *BucketsArgs) { a.Disposable, a.Teardown = c.disposable, c.teardown })
			require.NoError(t, err)
			assert.Equal(t, c.protected, protected(r))
			for _, bucket := range r.OfType(s3Bucket) {
				assert.Equal(t, c.emptied, bucket.Input("forceDestroy"), bucket.Name)
			}
		})
	}
}

func TestBucketsRefuse(t *testing.T) {
	for want, change := range map[string]func(*BucketsArgs){
		"assets.supersededDays: found 0, want 1 to 3650 (days)": func(a *BucketsArgs) {
			a.Config.Assets.SupersededDays = 0
		},
		"assets.noncurrentDays: found 3651, want 1 to 3650 (days)": func(a *BucketsArgs) {
			a.Config.Assets.NoncurrentDays = 3651
		},
		"logs.expireDays: found 0, want 1 to 3650 (days)": func(a *BucketsArgs) { a.Config.Logs.ExpireDays = 0 },
		"backups.expireDays: found -1, want 0 to 3650 (days)": func(a *BucketsArgs) {
			a.Config.Backups.ExpireDays = -1
		},
		"backups.noncurrentDays: found 0, want 1 to 3650 (days)": func(a *BucketsArgs) {
			a.Config.Backups.NoncurrentDays = 0
		},
		`buckets "buckets": DataKeyArn is required`:      func(a *BucketsArgs) { a.DataKeyArn = nil },
		"Environment, Region and AccountID are required": func(a *BucketsArgs) { a.AccountID = "" },
		"has 68 characters, want 3 to 63": func(a *BucketsArgs) {
			a.Environment = names.Environment("a-name-of-thirty-one-characters")
		},
	} {
		r, _, err := buildBuckets(change)
		refused(t, r, err, want)
	}
}

// Policies and CloudFront name a bucket that was made elsewhere by the name that it has.
func TestBucketsThatWereMadeElsewhereKeepTheirNames(t *testing.T) {
	r, _, err := buildBuckets(func(a *BucketsArgs) {
		a.Config.Assets.Name, a.Config.Logs.Name, a.Config.Backups.Name = "assets-7f3a", "logs-7f3a", "backups-7f3a"
	})
	require.NoError(t, err)
	for _, role := range []string{"assets", "logs", "backups"} {
		made, ok := r.Get("aws:s3/bucketV2:BucketV2", "buckets-"+role)
		require.True(t, ok)
		assert.Equal(t, role+"-7f3a", made.Input("bucket"))
	}
	written, _ := r.Get("aws:s3/bucketPolicy:BucketPolicy", "buckets-logs")
	assert.Contains(t, written.Input("policy"), "arn:aws:s3:::assets-7f3a")
	assert.Contains(t, written.Input("policy"), "arn:aws:s3:::backups-7f3a")
	assert.NotContains(t, written.Input("policy"), "bookmark-manager-production")
	for want, change := range map[string]func(*BucketsArgs){
		`logs.name: found "same-one", want a bucket of its own: buckets.assets has it too`: func(a *BucketsArgs) {
			a.Config.Assets.Name, a.Config.Logs.Name = "same-one", "same-one"
		},
		`backups.name: found "Upper", want 3 to 63 lower-case letters`: func(a *BucketsArgs) {
			a.Config.Backups.Name = "Upper"
		},
		`backups.name: found "a.b", want`: func(a *BucketsArgs) { a.Config.Backups.Name = "a.b" },
	} {
		r, _, err := buildBuckets(change)
		refused(t, r, err, want)
	}
}

// Object Lock is a resource of its own: objectLockEnabled on the bucket replaces one that was made
// without.
func TestTheDumpsCanBeLocked(t *testing.T) {
	r, _, err := buildBuckets(func(a *BucketsArgs) {
		a.Config.Backups.ObjectLock = &ObjectLockConfig{Mode: "compliance", Days: 30}
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"bucket": "buckets-backups-id",
		"rule":   map[string]any{"defaultRetention": map[string]any{"mode": "COMPLIANCE", "days": 30.0}},
	}, inputs(get(t, r, s3Lock, "buckets-backups")))
	assert.Contains(t, waitsFor(t, r, s3Lock, "buckets-backups"), s3Versioning+" buckets-backups")
	assert.Len(t, r.OfType(s3Lock), 1)
	for _, one := range r.OfType(s3Bucket) {
		assert.Nil(t, one.Input("objectLockEnabled"), one.Name)
	}
}

func TestALockThatContradictsTheRest(t *testing.T) {
	for want, change := range map[string]func(*BucketsArgs){
		"backups.expireDays: found 20, want objectLock.days (30) or more, or 0": func(a *BucketsArgs) {
			a.Config.Backups.ExpireDays, a.Config.Backups.ObjectLock = 20,
				&ObjectLockConfig{Mode: "governance", Days: 30}
		},
		`backups.objectLock.mode: found "compliance", want governance on a disposable stack`: func(a *BucketsArgs) {
			a.Production, a.Disposable, a.Config.Backups.ObjectLock = false, true,
				&ObjectLockConfig{Mode: "compliance", Days: 30}
		},
		`backups.objectLock.mode: found "legal", want`: func(a *BucketsArgs) {
			a.Config.Backups.ObjectLock = &ObjectLockConfig{Mode: "legal", Days: 30}
		},
	} {
		r, _, err := buildBuckets(change)
		require.ErrorContains(t, err, want)
		assert.Empty(t, r.All())
	}
	_, _, err := buildBuckets(func(a *BucketsArgs) {
		a.Config.Backups.ExpireDays, a.Config.Backups.ObjectLock = 0, &ObjectLockConfig{Mode: "governance", Days: 30}
	})
	require.NoError(t, err, "dumps that stay for good")
}
