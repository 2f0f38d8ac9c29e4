package aws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const (
	bucketAccessType      = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	bucketOwnershipType   = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	bucketEncryptionType  = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	bucketReplicationType = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
	bucketVersioningType  = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	bucketLifecycleType   = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	bucketLockType        = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
	bucketLoggingType     = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	parameterType         = "aws:ssm/parameter:Parameter"
	vaultType             = "aws:backup/vault:Vault"
	vaultLockType         = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
	vaultPolicyType       = "aws:backup/vaultPolicy:VaultPolicy"
	vaultNoticesType      = "aws:backup/vaultNotifications:VaultNotifications"
	backupPlanType        = "aws:backup/plan:Plan"
	backupSelectionType   = "aws:backup/selection:Selection"
	backupSettingsType    = "aws:backup/regionSettings:RegionSettings"
	restorePlanType       = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
	restoreSelectionType  = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
)

// bucketParts are the settings of a bucket that are resources of their own; policies are the
// edge's.
var bucketParts = []string{bucketAccessType, bucketOwnershipType, bucketEncryptionType, bucketVersioningType,
	bucketLifecycleType, bucketLockType, bucketLoggingType}

// vaultParts are the settings of a backup vault that are resources of their own.
var vaultParts = []string{vaultLockType, vaultPolicyType, vaultNoticesType}

// dataKinds are the settings of buckets, parameters and backups.
var dataKinds = withParts(map[string]*provider.Kind{
	parameterType: {
		ID: "{name}",
		// The program's names all begin with a slash, which AWS does not double.
		ARN:      "arn:aws:ssm:{region}:{account}:parameter{name}",
		Defaults: map[string]any{"dataType": "text", "tier": "Standard"},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Set("version", parameterVersion(r))
			o.Set("hasValueWo", false)
		},
	},
	vaultType: {
		ID:       "{name}",
		ARN:      "arn:aws:backup:{region}:{account}:backup-vault:{name}",
		Naming:   provider.Naming{Property: "name", Max: 50},
		Defaults: map[string]any{"forceDestroy": false},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Default("kmsKeyArn", func() any {
				return "arn:aws:kms:" + r.Region + ":" + r.Account + ":key/" + provider.UUID()
			})
			o.Set("recoveryPoints", 0.0)
		},
	},
	backupPlanType: {
		ID:     "{uuid}",
		ARN:    "arn:aws:backup:{region}:{account}:backup-plan:{id}",
		Naming: provider.Naming{Property: "name", Max: 50},
		// Every change of a plan makes a new version.
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("version", provider.Random("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 48))
		},
	},
	backupSelectionType: {ID: "{uuid}", Naming: provider.Naming{Property: "name", Max: 50}},
	backupSettingsType: {
		ID:       "{region}",
		Put:      true,
		Standing: map[string]any{"resourceTypeOptInPreference": map[string]any{"Aurora": false}},
		// The provider forgets the settings of a region, and they stay as they are.
		Remains: func(_ *provider.Request, deleted *cloud.Object) []*cloud.Object {
			stays := *deleted
			stays.State = cloud.Retained
			return []*cloud.Object{&stays}
		},
	},
	restorePlanType: {
		ID: "{name}", ARN: "arn:aws:backup:{region}:{account}:restore-testing-plan:{name}-{uuid}",
		Naming: provider.Naming{Property: "name", Max: 50},
	},
	restoreSelectionType: {
		ID: "{name}:{restoreTestingPlanName}", Naming: provider.Naming{Property: "name", Max: 50},
		Within: &provider.Containment{Type: restorePlanType, Property: "restoreTestingPlanName"},
	},
})

func withParts(kinds map[string]*provider.Kind) map[string]*provider.Kind {
	for _, typ := range bucketParts {
		kinds[typ] = &provider.Kind{
			ID:     "{bucket}",
			Scope:  provider.Worldwide,
			Within: &provider.Containment{Type: bucketType, Property: "bucket"},
		}
	}
	for _, typ := range vaultParts {
		kinds[typ] = &provider.Kind{
			ID:     "{backupVaultName}",
			Put:    true,
			Within: &provider.Containment{Type: vaultType, Property: "backupVaultName"},
			Compute: func(r *provider.Request, o *provider.Outputs) {
				o.Set("backupVaultArn",
					"arn:aws:backup:"+r.Region+":"+r.Account+":backup-vault:"+o.Text("backupVaultName"))
			},
		}
	}
	kinds[vaultLockType].Owned = lockEnd
	return kinds
}

// parameterVersion counts what PutParameter has overwritten; tags are put apart.
func parameterVersion(r *provider.Request) float64 {
	if r.Old == nil {
		return 1
	}
	version, _ := provider.Values(r.Old.Outputs).Number("version")
	for _, property := range []resource.PropertyKey{"value", "insecureValue", "type", "keyId", "description", "tier",
		"allowedPattern"} {
		if !r.Old.Inputs[property].DeepEquals(r.Inputs[property]) {
			return version + 1
		}
	}
	return version
}
