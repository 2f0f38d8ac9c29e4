package delivery

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

func prodBoundary() *BoundaryArgs {
	return &BoundaryArgs{
		Stack: recorder.Production, Regions: []string{"ap-northeast-1", "ap-northeast-3", "us-east-1"},
		BackupRole: "arn:aws:iam::111122223333:role/bookmark-manager/production/backups-role-*",
	}
}

func buildBoundary(args *BoundaryArgs) (*recorder.Recorder, error) {
	r := recorder.New()
	err := r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		_, err := NewBoundary(ctx, "boundary", args, opts...)
		return err
	}, "aws")
	return r, err
}

// document is the JSON that a resource was given.
func document(t *testing.T, r *recorder.Recorder, typ, name, input string) string {
	t.Helper()
	got, ok := r.Get(typ, name)
	require.True(t, ok, "%s %s", typ, name)
	return got.Input(input).(string)
}

const boundaryServices = `{"Sid":"Services","Effect":"Allow","Action":["acm:*","application-autoscaling:*","athena:*",
	"backup:*","backup-storage:*","budgets:*","ce:*","chatbot:*","cloudfront:*","cloudtrail:*","cloudwatch:*","ec2:*",
	"ecr:*","ecs:*","elasticloadbalancing:*","events:*","firehose:*","glue:*","guardduty:*","kms:*","logs:*","rds:*",
	"route53:*","s3:*","scheduler:*","servicediscovery:*","sns:*","sqs:*","ssm:*","ssmmessages:*","tag:*","wafv2:*",
	 "xray:*"],"Resource":["*"]}`

const boundaryRoles = `{"Sid":"ReadIdentities","Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":["*"]},
	{"Sid":"GrantUnderTheBoundary","Effect":"Allow","Action":["iam:AttachRolePolicy","iam:CreateRole",
	 "iam:DeleteRolePolicy","iam:DetachRolePolicy","iam:PutRolePermissionsBoundary","iam:PutRolePolicy"],
	 "Resource":["arn:aws:iam::111122223333:role/bookmark-manager/production/*",
	  "arn:aws:iam::111122223333:role/bookmark-manager-production-*"],
	 "Condition":{"StringEquals":{"iam:PermissionsBoundary":["arn:aws:iam::111122223333:policy/bookmark-manager-production-boundary"]}}},
	{"Sid":"KeepRoles","Effect":"Allow","Action":["iam:DeleteRole","iam:TagRole","iam:UntagRole",
	 "iam:UpdateAssumeRolePolicy","iam:UpdateRole","iam:UpdateRoleDescription"],
	 "Resource":["arn:aws:iam::111122223333:role/bookmark-manager/production/*",
	  "arn:aws:iam::111122223333:role/bookmark-manager-production-*"]},
	{"Sid":"HandRolesToServices","Effect":"Allow","Action":["iam:PassRole"],
	 "Resource":["arn:aws:iam::111122223333:role/bookmark-manager/production/*",
	  "arn:aws:iam::111122223333:role/bookmark-manager-production-*"],
	 "Condition":{"StringEquals":{"iam:PassedToService":["backup.amazonaws.com","chatbot.amazonaws.com",
	 "ecs-tasks.amazonaws.com","ecs.amazonaws.com","firehose.amazonaws.com","logs.amazonaws.com",
	  "monitoring.rds.amazonaws.com","scheduler.amazonaws.com","vpc-flow-logs.amazonaws.com"]}}},
	{"Sid":"RolesOfServices","Effect":"Allow","Action":["iam:CreateServiceLinkedRole"],
	 "Resource":["arn:aws:iam::111122223333:role/aws-service-role/*"]}`

const boundaryDenials = `{"Sid":"NotTheDeliveryRoles","Effect":"Deny","NotAction":["iam:Get*","iam:List*"],"Resource":[
	 "arn:aws:iam::111122223333:role/bookmark-manager-production-bootstrap",
	 "arn:aws:iam::111122223333:role/bookmark-manager-production-deploy",
	  "arn:aws:iam::111122223333:role/bookmark-manager-production-preview",
	  "arn:aws:iam::111122223333:role/bookmark-manager-production-push"]},
	{"Sid":"NotTheStateBucket","Effect":"Deny","Action":["s3:DeleteBucket","s3:DeleteBucketPolicy",
	 "s3:DeleteObjectVersion","s3:PutBucketAcl","s3:PutBucketOwnershipControls","s3:PutBucketPolicy",
	 "s3:PutBucketPublicAccessBlock","s3:PutBucketVersioning","s3:PutEncryptionConfiguration",
	  "s3:PutLifecycleConfiguration","s3:PutReplicationConfiguration"],
	 "Resource":["arn:aws:s3:::bookmark-manager-state-111122223333-*",
	  "arn:aws:s3:::bookmark-manager-state-111122223333-*/*"]},
	{"Sid":"NotTheStateKey","Effect":"Deny","Action":["kms:CreateGrant","kms:DeleteAlias","kms:DisableKey",
	 "kms:DisableKeyRotation","kms:PutKeyPolicy","kms:ScheduleKeyDeletion","kms:UpdateAlias"],
	  "Resource":["arn:aws:kms:*:111122223333:key/*"],
	 "Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/bookmark-manager-state"]}}},
	{"Sid":"NotTheStateKeysAlias","Effect":"Deny","Action":["kms:CreateAlias","kms:DeleteAlias","kms:UpdateAlias"],
	 "Resource":["arn:aws:kms:*:111122223333:alias/bookmark-manager-state"]},
	{"Sid":"NotInOtherRegions","Effect":"Deny","NotAction":["chatbot:*"],"Resource":["*"],
	 "Condition":{"StringNotEquals":{"aws:RequestedRegion":["ap-northeast-1","ap-northeast-3","us-east-1"]}}}`

const boundaryData = `{"Sid":"NotTheData","Effect":"Deny","Action":["backup:DeleteBackupVault",
	"backup:DeleteBackupVaultLockConfiguration","backup:DeleteRecoveryPoint","ecr:DeleteRepository","kms:DisableKey",
	"kms:ScheduleKeyDeletion","rds:DeleteGlobalCluster","route53:DeleteHostedZone","s3:BypassGovernanceRetention",
	 "s3:DeleteBucket"],"Resource":["*"]},
	{"Sid":"NotTheDatabases","Effect":"Deny",
	 "Action":["rds:DeleteDBCluster","rds:DeleteDBClusterAutomatedBackup","rds:DeleteDBClusterSnapshot"],
	 "NotResource":["arn:aws:rds:*:111122223333:cluster-snapshot:awsbackup:*",
	 "arn:aws:rds:*:111122223333:cluster-auto-backup:*","arn:aws:rds:*:111122223333:cluster:awsbackup-restore-test-*"]},
	{"Sid":"NotWhatIsAWSBackups","Effect":"Deny",
	 "Action":["rds:DeleteDBCluster","rds:DeleteDBClusterAutomatedBackup","rds:DeleteDBClusterSnapshot"],
	 "Resource":["arn:aws:rds:*:111122223333:cluster-snapshot:awsbackup:*",
	 "arn:aws:rds:*:111122223333:cluster-auto-backup:*","arn:aws:rds:*:111122223333:cluster:awsbackup-restore-test-*"],
	 "Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/bookmark-manager/production/backups-role-*"]}}}`

// othersGuards is the denial of the guards but for those of the given part.
func othersGuards(resources string) string {
	return `{"Sid":"NotTheGuardsOfOthers","Effect":"Deny","Action":["ce:DeleteAnomalyMonitor","ce:UpdateAnomalyMonitor",
	 "cloudtrail:Delete*","cloudtrail:Deregister*","cloudtrail:Put*","cloudtrail:Stop*","cloudtrail:Update*",
	 "guardduty:ArchiveFindings","guardduty:CreateFilter","guardduty:Delete*","guardduty:Disable*",
	 "guardduty:Disassociate*","guardduty:Stop*","guardduty:Update*"],` + resources + `}`
}

func statements(all ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(all, ",") + `]}`
}

func TestBoundaryDocument(t *testing.T) {
	allowed := []string{boundaryServices, boundaryRoles, boundaryDenials}
	const trail = "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/bookmark-manager-production-account"
	const detectors = "arn:aws:guardduty:ap-northeast-1:111122223333:detector/*"
	const secret = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:stripe-a1B2c3"
	const monitors = "arn:aws:ce::111122223333:anomalymonitor/*"
	for sentence, one := range map[string]struct {
		disposable      bool
		guards, secrets []string
		want            string
	}{
		"a deploy cannot delete what holds data": {
			false, nil, nil, statements(append(allowed, othersGuards(`"Resource":["*"]`), boundaryData)...),
		},
		"a deploy may change the guards that the stack makes": {
			false, []string{trail, detectors, monitors}, nil, statements(append(allowed, othersGuards(
				`"NotResource":["`+strings.Join([]string{trail, detectors, monitors}, `","`)+`"]`), boundaryData)...),
		},
		"a disposable stack comes down on its own": {
			true, nil, nil, statements(append(allowed, othersGuards(`"Resource":["*"]`))...),
		},
		"tasks start with the secrets that the configuration names, and no others": {
			true, nil, []string{secret}, statements(boundaryServices,
				`{"Sid":"ReadSecrets","Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":["`+secret+
					`"]}`,
				boundaryRoles, boundaryDenials, othersGuards(`"Resource":["*"]`)),
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			args := prodBoundary()
			args.Disposable, args.Guards, args.Secrets = one.disposable, one.guards, one.secrets
			r, err := buildBoundary(args)
			require.NoError(t, err)
			assert.Equal(t, []string{"aws:iam/policy:Policy boundary", BoundaryType + " boundary"}, r.Keys())
			got := document(t, r, "aws:iam/policy:Policy", "boundary", "policy")
			assert.JSONEq(t, one.want, got)
			assert.LessOrEqual(t, policySize(got), maxManagedPolicy)
		})
	}
}

// A release calls these beside pulumi: internal/promote.
func TestADeployMayDoWhatAReleaseCalls(t *testing.T) {
	allowed, _ := grants(t, statements(boundaryServices))
	for _, action := range []string{
		"ecs:DescribeServices", "ecs:DescribeTasks", "ecs:RunTask", "ecs:UpdateService",
		"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScheduledActions",
		"application-autoscaling:RegisterScalableTarget", "ecr:ListImages", "ecr:BatchGetImage", "ecr:PutImage",
		"ecr:BatchDeleteImage",
	} {
		assert.True(t, granted(allowed, action), action)
		assert.NotContains(t, boundaryDenials+boundaryData, action)
	}
}

func TestBoundaryHasAFixedName(t *testing.T) {
	r, err := buildBoundary(prodBoundary())
	require.NoError(t, err)
	made, _ := r.Get("aws:iam/policy:Policy", "boundary")
	assert.Equal(t, "bookmark-manager-production-boundary", made.Input("name"),
		"the boundary names itself in its own conditions")
}

func TestBoundaryRefusesBadArgsBeforeRegistering(t *testing.T) {
	for want, change := range map[string]func(*BoundaryArgs){
		"BackupRole is required": func(a *BoundaryArgs) { a.BackupRole = "" },
		"Regions are required":   func(a *BoundaryArgs) { a.Regions = nil },
		`Regions are [ap-northeast-1], want us-east-1 among them`: func(a *BoundaryArgs) {
			a.Regions = []string{"ap-northeast-1"}
		},
		`boundary "boundary": Environment, Region and AccountID are`: func(a *BoundaryArgs) { a.AccountID = "" },
	} {
		args := prodBoundary()
		change(args)
		r, err := buildBoundary(args)
		require.ErrorContains(t, err, want)
		assert.Empty(t, r.All())
	}
	r, err := buildBoundary(nil)
	require.ErrorContains(t, err, "are required")
	assert.Empty(t, r.All())
}

// Regions are the one part of the document that has no bound.
func TestBoundaryRefusesADocumentThatIsTooLong(t *testing.T) {
	args := prodBoundary()
	for range 400 {
		args.Regions = append(args.Regions, "ap-northeast-1")
	}
	_, err := buildBoundary(args)
	require.ErrorContains(t, err, "and IAM takes 6144")
}

func TestEveryRoleIsBound(t *testing.T) {
	r := recorder.New()
	require.NoError(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		boundary, err := NewBoundary(ctx, "boundary", prodBoundary(), opts...)
		if err != nil {
			return err
		}
		if err := ctx.RegisterStackTransformation(boundary.Bound); err != nil {
			return err
		}
		for name, args := range map[string]*iam.RoleArgs{
			"auto": {AssumeRolePolicy: pulumi.String("{}")},
			"named": {
				AssumeRolePolicy: pulumi.String("{}"),
				Name:             pulumi.String("bookmark-manager-production-datadog"),
			},
			"own": {
				AssumeRolePolicy:    pulumi.String("{}"),
				PermissionsBoundary: pulumi.String("arn:own"),
				Path:                pulumi.String("/own/"),
			},
		} {
			if _, err := iam.NewRole(ctx, name, args, opts...); err != nil {
				return err
			}
		}
		return nil
	}, "aws"))
	const bound = "arn:aws:test:ap-northeast-1:111122223333:boundary"
	for name, want := range map[string][]any{
		"auto":  {bound, "/bookmark-manager/production/"},
		"named": {bound, nil},
		"own":   {"arn:own", "/own/"},
	} {
		role, _ := r.Get("aws:iam/role:Role", name)
		assert.Equal(t, want, []any{role.Input("permissionsBoundary"), role.Input("path")}, name)
	}
	made, _ := r.Get("aws:iam/policy:Policy", "boundary")
	assert.Nil(t, made.Input("path"), "only roles are changed")
}
