package delivery

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

func prod() *DeliveryArgs {
	return &DeliveryArgs{
		Config: Config{
			Provider:              Adopt,
			Repository:            "bookmark-manager/infrastructure",
			ApplicationRepository: "bookmark-manager/bookmark-manager",
			DeployEnvironment:     "production",
			PreviewEnvironment:    "production-preview",
			PlanEnvironment:       "production-plan",
			ReleaseEnvironment:    "production",
			SessionHours:          2,
		},
		Stack:          recorder.Production,
		BoundaryArn:    pulumi.String("arn:boundary"),
		RepositoryArns: map[string]pulumi.StringInput{"web": pulumi.String("arn:web"), "api": pulumi.String("arn:api")},
		DataKeyArn:     pulumi.String("arn:data-key"),
		AssetsArn:      pulumi.String("arn:assets"),
		PagePath:       "/maintenance/index.html",
	}
}

func build(change func(*DeliveryArgs)) (*recorder.Recorder, error) {
	args := prod()
	if change != nil {
		change(args)
	}
	r := recorder.New()
	err := r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		_, err := NewDelivery(ctx, "delivery", args, opts...)
		return err
	}, "aws")
	return r, err
}

var adopted = []string{
	"aws:iam/role:Role delivery-deploy", "aws:iam/role:Role delivery-preview", "aws:iam/role:Role delivery-push",
	"aws:iam/rolePolicy:RolePolicy delivery-preview", "aws:iam/rolePolicy:RolePolicy delivery-push",
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment delivery-deploy", Type + " delivery",
}

func TestEveryChild(t *testing.T) {
	for mode, want := range map[Mode][]string{
		Off:    {Type + " delivery"},
		Adopt:  adopted,
		Create: append([]string{"aws:iam/openIdConnectProvider:OpenIdConnectProvider delivery-github"}, adopted...),
	} {
		r, err := build(func(a *DeliveryArgs) { a.Config.Provider = mode })
		require.NoError(t, err)
		assert.Equal(t, want, r.Keys(), mode)
		for _, one := range r.All() {
			if one.Custom {
				assert.Equal(t, Type, string(resource.URN(one.Parent).Type()), one.Key())
			}
		}
	}
}

func TestRoles(t *testing.T) {
	r, err := build(nil)
	require.NoError(t, err)
	for role, want := range map[string]struct {
		subjects string
		seconds  float64
	}{
		"deploy": {`"repo:bookmark-manager/infrastructure:environment:production"`, 7200},
		"preview": {`"repo:bookmark-manager/infrastructure:environment:production-preview",
			"repo:bookmark-manager/infrastructure:environment:production-plan"`, 3600},
		"push": {`"repo:bookmark-manager/bookmark-manager:environment:production"`, 3600},
	} {
		made, ok := r.Get("aws:iam/role:Role", "delivery-"+role)
		require.True(t, ok, role)
		assert.JSONEq(t,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRoleWithWebIdentity"],
			"Principal":{"Federated":["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]},
			"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":["sts.amazonaws.com"],
			"token.actions.githubusercontent.com:sub":[`+want.subjects+`]}}}]}`,
			made.Input("assumeRolePolicy").(string))
		assert.Equal(t, "bookmark-manager-production-"+role, made.Input("name"))
		assert.Equal(t, want.seconds, made.Input("maxSessionDuration"), role)
		assert.Equal(t, "arn:boundary", made.Input("permissionsBoundary"), role)
	}
}

func TestDeployRoleHasTheBoundaryAsItsPolicy(t *testing.T) {
	r, err := build(nil)
	require.NoError(t, err)
	attached, _ := r.Get("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "delivery-deploy")
	assert.Equal(t, []any{"bookmark-manager-production-deploy", "arn:boundary"},
		[]any{attached.Input("role"), attached.Input("policyArn")})
}

func TestPushRoleAddsImagesAndStaticFilesAndNothingElse(t *testing.T) {
	r, err := build(nil)
	require.NoError(t, err)
	assert.JSONEq(t, statements(
		`{"Sid":"LogIn","Effect":"Allow","Action":["ecr:GetAuthorizationToken"],"Resource":["*"]}`,
		`{"Sid":"Push","Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage",
		 "ecr:CompleteLayerUpload","ecr:DescribeImages","ecr:GetDownloadUrlForLayer","ecr:InitiateLayerUpload",
		  "ecr:PutImage","ecr:UploadLayerPart"],
		 "Resource":["arn:api","arn:web"]}`,
		`{"Sid":"AddStaticFiles","Effect":"Allow","Action":["s3:PutObject"],"Resource":["arn:assets/_next/static/*"],
		 "Condition":{"Null":{"s3:if-none-match":["false"]}}}`,
	), document(t, r, "aws:iam/rolePolicy:RolePolicy", "delivery-push", "policy"))
}

func TestPreviewRoleReadsSettingsAndState(t *testing.T) {
	r, err := build(nil)
	require.NoError(t, err)
	got := document(t, r, "aws:iam/rolePolicy:RolePolicy", "delivery-preview", "policy")
	assert.JSONEq(t, statements(
		`{"Sid":"ReadSettings","Effect":"Allow","Resource":["*"],"Action":[
		 "acm:Describe*","acm:Get*","acm:List*","application-autoscaling:Describe*","application-autoscaling:List*",
		 "athena:GetNamedQuery","athena:GetWorkGroup","athena:List*","backup:Describe*","backup:Get*","backup:List*",
		 "budgets:Describe*","budgets:ListTagsForResource","budgets:ViewBudget",
		 "ce:Describe*","ce:GetAnomalyMonitors","ce:GetAnomalySubscriptions","ce:List*","chatbot:Describe*","chatbot:Get*",
		 "chatbot:List*","cloudfront:Describe*","cloudfront:Get*","cloudfront:List*",
		 "cloudtrail:Describe*","cloudtrail:GetEventSelectors","cloudtrail:GetTrail","cloudtrail:GetTrailStatus",
		 "cloudtrail:List*","cloudwatch:Describe*","cloudwatch:GetDashboard","cloudwatch:List*","ec2:Describe*",
		 "ec2:GetManagedPrefixListEntries","ecr:Describe*","ecr:GetLifecyclePolicy","ecr:GetRepositoryPolicy","ecr:List*",
		 "ecs:Describe*","ecs:List*","elasticloadbalancing:Describe*","events:DescribeRule","events:ListTagsForResource",
		 "events:ListTargetsByRule","firehose:Describe*","firehose:List*",
		 "glue:GetDatabase","glue:GetPartitionIndexes","glue:GetTable","glue:GetTags",
		 "guardduty:GetDetector","guardduty:ListDetectors","guardduty:ListTagsForResource",
		 "iam:Get*","iam:List*","kms:Describe*","kms:Get*","kms:List*",
		 "logs:Describe*","logs:GetDelivery*","logs:List*","rds:Describe*","rds:List*","route53:Get*","route53:List*",
		 "s3:GetAccelerateConfiguration","s3:GetBucket*","s3:GetEncryptionConfiguration","s3:GetLifecycleConfiguration",
		 "s3:GetReplicationConfiguration","s3:ListBucket","scheduler:GetSchedule","scheduler:GetScheduleGroup",
		 "scheduler:ListTagsForResource","servicediscovery:GetNamespace",
		 "servicediscovery:List*","sns:GetSubscriptionAttributes","sns:GetTopicAttributes","sns:ListTagsForResource",
		 "sqs:GetQueueAttributes","sqs:ListQueueTags",
		 "ssm:DescribeParameters","ssm:ListTagsForResource","tag:GetResources",
		 "wafv2:GetIPSet","wafv2:GetLoggingConfiguration","wafv2:GetWebACL","wafv2:List*"]}`,
		`{"Sid":"ReadStateAndPage","Effect":"Allow","Action":["s3:GetObject","s3:GetObjectTagging"],
		 "Resource":["arn:aws:s3:::bookmark-manager-state-111122223333-ap-northeast-1/*",
		 "arn:assets/maintenance/index.html"]}`,
		`{"Sid":"DecryptState","Effect":"Allow","Action":["kms:Decrypt"],
		 "Resource":["arn:aws:kms:ap-northeast-1:111122223333:key/*"],
		 "Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/bookmark-manager-state"]}}}`,
		`{"Sid":"ReadParameters","Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters"],
		 "Resource":["arn:aws:ssm:ap-northeast-1:111122223333:parameter/bookmark-manager/production/*"]}`,
		`{"Sid":"DecryptParameters","Effect":"Allow","Action":["kms:Decrypt"],"Resource":["arn:data-key"],
		 "Condition":{"StringEquals":{"kms:ViaService":["ssm.ap-northeast-1.amazonaws.com"]}}}`,
	), got)
	assert.LessOrEqual(t, policySize(got), maxInlinePolicy)
}

func TestRolesWaitForTheProvider(t *testing.T) {
	r, err := build(func(a *DeliveryArgs) { a.Config.Provider = Create })
	require.NoError(t, err)
	provider, _ := r.Get("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "delivery-github")
	assert.Equal(t, "https://token.actions.githubusercontent.com", provider.Input("url"))
	assert.Equal(t, []any{"sts.amazonaws.com"}, provider.Input("clientIdLists"))
	for _, role := range r.OfType("aws:iam/role:Role") {
		require.Len(t, role.DependsOn, 1, role.Name)
		assert.Equal(t, "delivery-github", resource.URN(role.DependsOn[0]).Name())
	}
}

func TestOutputs(t *testing.T) {
	var got []any
	require.NoError(t, recorder.New().Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		d, err := NewDelivery(ctx, "delivery", prod(), opts...)
		if err != nil {
			return err
		}
		pulumi.All(d.DeployRoleArn, d.PreviewRoleArn, d.PushRoleArn).ApplyT(func(all []any) int { got = all; return 0 })
		return nil
	}, "aws"))
	const arn = "arn:aws:test:ap-northeast-1:111122223333:delivery-"
	assert.Equal(t, []any{arn + "deploy", arn + "preview", arn + "push"}, got)
}

func TestRefusesBadArgsBeforeRegistering(t *testing.T) {
	for want, change := range map[string]func(*DeliveryArgs){
		`provider: found nothing, want one of "create", "adopt", "off"`: func(a *DeliveryArgs) {
			a.Config.Provider = ""
		},
		`provider: found "yes", want one of`: func(a *DeliveryArgs) {
			a.Config.Provider = "yes"
		},
		`repository: found "infrastructure", want owner/name`: func(a *DeliveryArgs) {
			a.Config.Repository = "infrastructure"
		},
		`repository: found "bookmark-manager/*", want owner/name`: func(a *DeliveryArgs) {
			a.Config.Repository = "bookmark-manager/*"
		},
		`applicationRepository: found nothing, want owner/name`: func(a *DeliveryArgs) {
			a.Config.ApplicationRepository = ""
		},
		`deployEnvironment: found "a:b", want a GitHub environment's name`: func(a *DeliveryArgs) {
			a.Config.DeployEnvironment = "a:b"
		},
		`previewEnvironment: found "production", want another environment than`: func(a *DeliveryArgs) {
			a.Config.PreviewEnvironment = "production"
		},
		`planEnvironment: found "production", want another environment than`: func(a *DeliveryArgs) {
			a.Config.PlanEnvironment = "production"
		},
		`previewEnvironment: found "production-plan", want another`: func(a *DeliveryArgs) {
			a.Config.PreviewEnvironment = "production-plan"
		},
		`releaseEnvironment: found nothing, want a GitHub environment's name`: func(a *DeliveryArgs) {
			a.Config.ReleaseEnvironment = ""
		},
		`sessionHours: found 13, want 1 to 12`:            func(a *DeliveryArgs) { a.Config.SessionHours = 13 },
		`BoundaryArn is required`:                         func(a *DeliveryArgs) { a.BoundaryArn = nil },
		`RepositoryArns are required`:                     func(a *DeliveryArgs) { a.RepositoryArns = nil },
		`DataKeyArn, AssetsArn and PagePath are required`: func(a *DeliveryArgs) { a.DataKeyArn = nil },
		`has 65 characters, want 1 to 64`: func(a *DeliveryArgs) {
			a.Environment = "e234567890123456789012345678901234567890"
		},
	} {
		t.Run(want, func(t *testing.T) {
			r, err := build(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
	r := recorder.New()
	require.ErrorContains(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		_, err := NewDelivery(ctx, "delivery", nil, opts...)
		return err
	}, "aws"), `delivery "delivery": args are required`)
	assert.Empty(t, r.All())
}

func TestARepositoryMayCarryGitHubsIds(t *testing.T) {
	c := prod().Config
	c.Repository = "bookmark-manager@123/infrastructure@456"
	assert.Empty(t, c.Validate())
}

func TestOffNeedsNothingElse(t *testing.T) {
	assert.Empty(t, Config{Provider: Off}.Validate())
}
