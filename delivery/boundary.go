package delivery

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// BoundaryType is part of every child's URN; changing it replaces the boundary.
const BoundaryType = "bookmark-manager:delivery:Boundary"

// BoundaryArgs are the boundary's wiring; it has no configuration.
type BoundaryArgs struct {
	identity.Stack
	// Regions are all regions that the stack has anything in, us-east-1 included. Required.
	Regions []string
	// BackupRole is the ARN of the role that AWS Backup acts as, or a pattern of it: the one role
	// that may delete recovery points, and the clusters of restores that AWS Backup has tried.
	// Required.
	BackupRole string
	// Secrets are the ARNs of the secrets of Secrets Manager that tasks start with. Default none.
	Secrets []string
	// Guards are the guards of the account that the stack itself makes, by ARNs or patterns. A
	// deploy may switch off no others. Optional.
	Guards []string
}

// Boundary is what a deploy may do, and the most that any role of the stack may do. It is one
// document for both: a deploy that could make a role without limits, and hand it to a task, would
// have no limits itself.
type Boundary struct {
	pulumi.ResourceState

	// Arn is the policy.
	Arn pulumi.StringOutput

	rolePath string
}

// NewBoundary registers nothing when args are invalid. Register Bound as a transformation of the
// stack before anything that makes a role.
func NewBoundary(
	ctx *pulumi.Context, name string, args *BoundaryArgs, opts ...pulumi.ResourceOption,
) (*Boundary, error) {
	if args == nil || len(args.Regions) == 0 {
		return nil, fmt.Errorf("boundary %q: Regions are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("boundary %q: %w", name, err)
	}
	if !slices.Contains(args.Regions, names.UsEast1) {
		return nil, fmt.Errorf("boundary %q: Regions are %v, want %s among them: IAM, CloudFront and Route 53 "+
			"are there", name, args.Regions, names.UsEast1)
	}
	if args.BackupRole == "" {
		return nil, fmt.Errorf("boundary %q: BackupRole is required", name)
	}
	b := &Boundary{rolePath: rolePath(args.Environment)}
	base, err := component.Register(ctx, "boundary", BoundaryType, name, b, opts...)
	if err != nil {
		return nil, err
	}
	made, err := iam.NewPolicy(ctx, name, &iam.PolicyArgs{
		Name:        pulumi.String(boundaryName(args.Environment)),
		Description: pulumi.String("What a deploy may do, and the most that a role of the stack may do"),
		Policy:      within(maxManagedPolicy, args.document().JSON()),
	}, base.Parent())
	if err != nil {
		return nil, base.Wrap("create", "policy", err)
	}
	b.Arn = made.Arn
	return b, base.Outputs(pulumi.Map{"arn": b.Arn})
}

// Bound puts every role that has no boundary yet under this one, and a role without a fixed name
// into the stack's path, so that policies can tell the stack's roles from the account's others. It
// is a transformation for the whole stack.
func (b *Boundary) Bound(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	given, ok := args.Props.(*iam.RoleArgs)
	if !ok || given == nil {
		return nil
	}
	role := *given
	if role.PermissionsBoundary == nil {
		role.PermissionsBoundary = b.Arn
	}
	if role.Path == nil && role.Name == nil {
		role.Path = pulumi.String(b.rolePath)
	}
	return &pulumi.ResourceTransformationResult{Props: &role, Opts: args.Opts}
}

func boundaryName(environment names.Environment) string { return environment.Name("boundary") }

func rolePath(environment names.Environment) string { return environment.Path() + "/" }

// Sizes of policies without white space, which IAM does not count.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxManagedPolicy = 6144
	maxInlinePolicy  = 10240
	maxTrustPolicy   = 2048
)

// within refuses a document that IAM would refuse for its size, before anything is deployed.
func within(limit int, document pulumi.StringOutput) pulumi.StringOutput {
	return document.ApplyT(func(text string) (string, error) {
		if size := policySize(text); size > limit {
			return "", fmt.Errorf("a policy has %d characters, and IAM takes %d: %.60s", size, limit, text)
		}
		return text, nil
	}).(pulumi.StringOutput)
}

func policySize(text string) int {
	return len(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
}

// services are those that the stack is made of. IAM is not one of them: see roleStatements.
var services = []string{
	"acm", "application-autoscaling", "athena", "backup", "backup-storage", "budgets", "ce", "chatbot", "cloudfront",
	"cloudtrail", "cloudwatch",
	"ec2", "ecr", "ecs", "elasticloadbalancing", "events", "firehose", "glue", "guardduty", "kms", "logs", "rds",
	"route53", "s3", "scheduler", "servicediscovery", "sns", "sqs", "ssm", "ssmmessages", "tag", "wafv2", "xray",
}

// theData are the actions that take away what holds data, theDatabases those that take away
// databases. A workflow never has a reason to: stacks are torn down by hand.
var (
	theData = []string{
		"backup:DeleteBackupVault", "backup:DeleteBackupVaultLockConfiguration", "backup:DeleteRecoveryPoint",
		"ecr:DeleteRepository", "kms:DisableKey", "kms:ScheduleKeyDeletion", "rds:DeleteGlobalCluster",
		"route53:DeleteHostedZone", "s3:BypassGovernanceRetention", "s3:DeleteBucket",
	}
	theDatabases = []string{"rds:DeleteDBCluster", "rds:DeleteDBClusterAutomatedBackup", "rds:DeleteDBClusterSnapshot"}
)

// Cut says why the boundary would cut an action from what a role of the stack may do, whatever its
// policy says; nothing when it would not. An action may end in a star, and is cut when one that it
// stands for is.
func Cut(action string) string {
	service, _, _ := strings.Cut(action, ":")
	if !slices.Contains(services, service) {
		return fmt.Sprintf("an action of a service that the stack's boundary admits, one of %v", services)
	}
	prefix, pattern := strings.CutSuffix(strings.ToLower(action), "*")
	for _, denied := range slices.Concat(theData, theDatabases) {
		known := strings.ToLower(denied)
		if known == prefix || pattern && strings.HasPrefix(known, prefix) {
			return fmt.Sprintf("no %s: the stack's boundary lets nothing delete what holds data", denied)
		}
	}
	return ""
}

// receivers are the services that the stack's roles are handed to.
var receivers = []string{
	"backup.amazonaws.com", "chatbot.amazonaws.com", "ecs-tasks.amazonaws.com", "ecs.amazonaws.com",
	"firehose.amazonaws.com",
	"logs.amazonaws.com", "monitoring.rds.amazonaws.com", "scheduler.amazonaws.com", "vpc-flow-logs.amazonaws.com",
}

func (a *BoundaryArgs) iam(resource string) string {
	return "arn:aws:iam::" + a.AccountID + ":" + resource
}

func (a *BoundaryArgs) document() policy.Document {
	actions := make([]string, len(services))
	for i, service := range services {
		actions[i] = service + ":*"
	}
	document := policy.Document{{Sid: "Services", Effect: policy.Allow, Actions: actions, Resources: everything()}}
	if len(a.Secrets) > 0 {
		document = append(document, policy.Statement{
			Sid:       "ReadSecrets",
			Effect:    policy.Allow,
			Actions:   []string{"secretsmanager:GetSecretValue"},
			Resources: pulumi.ToStringArray(a.Secrets),
		})
	}
	document = append(document, a.roleStatements()...)
	return append(document, a.denials()...)
}

// roleStatements let a deploy manage the stack's roles, as long as they are under the boundary.
func (a *BoundaryArgs) roleStatements() policy.Document {
	own := pulumi.StringArray{
		pulumi.String(a.iam("role" + rolePath(a.Environment) + "*")),
		pulumi.String(a.iam("role/" + a.Environment.Name("*"))),
	}
	return policy.Document{
		{
			Sid:       "ReadIdentities",
			Effect:    policy.Allow,
			Actions:   []string{"iam:Get*", "iam:List*"},
			Resources: everything(),
		},
		{
			Sid:    "GrantUnderTheBoundary",
			Effect: policy.Allow,
			Actions: []string{
				"iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
				"iam:PutRolePermissionsBoundary",
				"iam:PutRolePolicy",
			},
			Resources: own,
			Conditions: []policy.Condition{policy.Equals("iam:PermissionsBoundary",
				pulumi.String(a.iam("policy/"+boundaryName(a.Environment))))},
		},
		{
			// IAM knows no condition on the boundary for these, so the names are what limits them.
			Sid:    "KeepRoles",
			Effect: policy.Allow,
			Actions: []string{
				"iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
				"iam:UpdateRoleDescription",
			},
			Resources: own,
		},
		{
			Sid:        "HandRolesToServices",
			Effect:     policy.Allow,
			Actions:    []string{"iam:PassRole"},
			Resources:  own,
			Conditions: []policy.Condition{policy.Equals("iam:PassedToService", pulumi.ToStringArray(receivers)...)},
		},
		{
			Sid:       "RolesOfServices",
			Effect:    policy.Allow,
			Actions:   []string{"iam:CreateServiceLinkedRole"},
			Resources: pulumi.StringArray{pulumi.String(a.iam("role/aws-service-role/*"))},
		},
	}
}

// denials hold whatever else a role is given.
func (a *BoundaryArgs) denials() policy.Document {
	state := "arn:aws:s3:::" + foundation.StateBucket(a.AccountID, "*")
	stateKey := policy.Condition{
		Operator: "ForAnyValue:StringEquals",
		Key:      "kms:ResourceAliases",
		Values:   pulumi.StringArray{pulumi.String(foundation.KeyAlias)},
	}
	var delivery pulumi.StringArray
	for _, role := range []string{foundation.BootstrapRole, deployRole, previewRole, pushRole} {
		delivery = append(delivery, pulumi.String(a.iam("role/"+a.Environment.Name(role))))
	}
	document := policy.Document{
		{
			// A deploy cannot change what limits it. Whoever changes these roles uses the bootstrap
			// role or an administrator's.
			Sid:        "NotTheDeliveryRoles",
			Effect:     policy.Deny,
			NotActions: []string{"iam:Get*", "iam:List*"},
			Resources:  delivery,
		},
		{
			// Pulumi writes and deletes objects, and the bucket keeps their versions.
			Sid:    "NotTheStateBucket",
			Effect: policy.Deny,
			Actions: []string{
				"s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObjectVersion", "s3:PutBucketAcl",
				"s3:PutBucketOwnershipControls",
				"s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning",
				"s3:PutEncryptionConfiguration",
				"s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration",
			},
			Resources: pulumi.StringArray{pulumi.String(state), pulumi.String(state + "/*")},
		},
		{
			Sid:    "NotTheStateKey",
			Effect: policy.Deny,
			Actions: []string{
				"kms:CreateGrant", "kms:DeleteAlias", "kms:DisableKey", "kms:DisableKeyRotation", "kms:PutKeyPolicy",
				"kms:ScheduleKeyDeletion",
				"kms:UpdateAlias",
			},
			Resources:  pulumi.StringArray{pulumi.String("arn:aws:kms:*:" + a.AccountID + ":key/*")},
			Conditions: []policy.Condition{stateKey},
		},
		{
			// Roles find the state's key by its alias, so no other key may take it.
			Sid:       "NotTheStateKeysAlias",
			Effect:    policy.Deny,
			Actions:   []string{"kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"},
			Resources: pulumi.StringArray{pulumi.String("arn:aws:kms:*:" + a.AccountID + ":" + foundation.KeyAlias)},
		},
		{
			// What is global is in us-east-1, but for Chatbot, which is where its endpoint happens
			// to be.
			Sid:        "NotInOtherRegions",
			Effect:     policy.Deny,
			NotActions: []string{"chatbot:*"},
			Resources:  everything(),
			Conditions: []policy.Condition{{
				Operator: "StringNotEquals",
				Key:      "aws:RequestedRegion",
				Values:   pulumi.ToStringArray(a.Regions),
			}},
		},
	}
	document = append(document, a.othersGuards())
	if !a.Protect() {
		return document
	}
	// What AWS Backup makes and deletes with the stack's role for it: recovery points, which would
	// stay as EXPIRED and be billed were that denied, the automated backups that it keeps for
	// continuous recovery, and the clusters of restores that it has tried.
	rds := func(resource string) pulumi.String {
		return pulumi.String("arn:aws:rds:*:" + a.AccountID + ":" + resource)
	}
	ofBackup := pulumi.StringArray{
		rds("cluster-snapshot:awsbackup:*"), rds("cluster-auto-backup:*"), rds("cluster:awsbackup-restore-test-*"),
	}
	return append(document,
		policy.Statement{
			Sid:       "NotTheData",
			Effect:    policy.Deny,
			Actions:   theData,
			Resources: everything(),
		},
		policy.Statement{
			Sid:          "NotTheDatabases",
			Effect:       policy.Deny,
			Actions:      theDatabases,
			NotResources: ofBackup,
		},
		policy.Statement{
			Sid:       "NotWhatIsAWSBackups",
			Effect:    policy.Deny,
			Actions:   theDatabases,
			Resources: ofBackup,
			Conditions: []policy.Condition{{
				Operator: "ArnNotLike",
				Key:      "aws:PrincipalArn",
				Values:   pulumi.StringArray{pulumi.String(a.BackupRole)},
			}},
		},
	)
}

// othersGuards keeps a deploy from switching off what watches over the account and is not the
// stack's own: adopted, or of others.
func (a *BoundaryArgs) othersGuards() policy.Statement {
	statement := policy.Statement{
		Sid:    "NotTheGuardsOfOthers",
		Effect: policy.Deny,
		Actions: []string{
			"ce:DeleteAnomalyMonitor", "ce:UpdateAnomalyMonitor",
			"cloudtrail:Delete*", "cloudtrail:Deregister*", "cloudtrail:Put*", "cloudtrail:Stop*", "cloudtrail:Update*",
			"guardduty:ArchiveFindings", "guardduty:CreateFilter", "guardduty:Delete*", "guardduty:Disable*",
			"guardduty:Disassociate*", "guardduty:Stop*", "guardduty:Update*",
		},
		Resources: everything(),
	}
	if len(a.Guards) > 0 {
		statement.Resources, statement.NotResources = nil, pulumi.ToStringArray(a.Guards)
	}
	return statement
}

func everything() pulumi.StringArray { return pulumi.StringArray{pulumi.String("*")} }
