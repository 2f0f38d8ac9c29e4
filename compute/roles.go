package compute

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// trustTasks lets ECS hand a role to tasks of this account and region, and to nothing that another
// account runs.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
func trustTasks(region, account string) policy.Document {
	return policy.AssumedBy("ecs-tasks.amazonaws.com", pulumi.String(account),
		pulumi.String(fmt.Sprintf("arn:aws:ecs:%s:%s:*", region, account)))
}

// startup is what ECS itself needs to start a task.
type startup struct {
	region        string
	repositoryArn pulumi.StringInput
	logGroupArn   pulumi.StringInput
	repositories  []string     // of sidecars, by ARN
	cached        *CachedImage // nil unless the agent's image is kept in the account's registry
	secrets       map[string]Secret
	secretsKeyArn pulumi.StringInput // nil without secrets
	managed       ManagedSecrets
}

// document is the execution role's policy: pull the task's images, write the one log group, read
// exactly the parameters and secrets that the task names.
func (s startup) document() policy.Document {
	doc := policy.Document{
		{
			Sid:     "Login",
			Effect:  policy.Allow,
			Actions: []string{"ecr:GetAuthorizationToken"},
			// The token is the registry's: the action knows no resource.
			Resources: pulumi.StringArray{pulumi.String("*")},
		},
		{
			Sid:       "Pull",
			Effect:    policy.Allow,
			Actions:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resources: append(pulumi.StringArray{s.repositoryArn}, pulumi.ToStringArray(s.repositories)...),
		},
		{
			Sid:       "Logs",
			Effect:    policy.Allow,
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", s.logGroupArn)},
		},
	}
	if s.cached != nil {
		doc = append(doc, policy.Statement{
			// ecr:BatchImportUpstreamImage lets ECR fetch the image when it is pulled for the first
			// time.
			Sid:    "PullCached",
			Effect: policy.Allow,
			Actions: []string{
				"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage",
				"ecr:GetDownloadUrlForLayer",
			},
			Resources: pulumi.StringArray{s.cached.Arn},
		})
	}
	doc = append(doc, s.managed.statements(s.region)...)
	if len(s.secrets) == 0 {
		return doc
	}
	var arns pulumi.StringArray
	for _, name := range slices.Sorted(maps.Keys(s.secrets)) {
		arns = append(arns, s.secrets[name].ARN)
	}
	return append(doc,
		policy.Statement{
			Sid:       "Parameters",
			Effect:    policy.Allow,
			Actions:   []string{"ssm:GetParameters"},
			Resources: arns,
		},
		policy.Statement{
			Sid:       "Decrypt",
			Effect:    policy.Allow,
			Actions:   []string{"kms:Decrypt"},
			Resources: pulumi.StringArray{s.secretsKeyArn},
			// Parameter Store binds each value to its parameter's ARN.
			// https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
			Conditions: []policy.Condition{
				policy.Equals("kms:ViaService", pulumi.String(fmt.Sprintf("ssm.%s.amazonaws.com", s.region))),
				{Operator: "StringEquals", Key: "kms:EncryptionContext:PARAMETER_ARN", Values: arns},
			},
		})
}

// runtime is what the application itself may do in AWS.
type runtime struct {
	region, account string
	exec            bool
	execLogGroupArn pulumi.StringInput
	assets          AssetsAccess
	assetsArn       pulumi.StringInput
	assetsKeyArn    pulumi.StringInput // nil for a bucket without a key of its own
	queues          policy.Document
	permissions     []Permission
}

// document is the task role's policy; empty when the application may do nothing.
func (r runtime) document() policy.Document {
	doc := slices.Clone(r.queues)
	for i, one := range r.permissions {
		doc = append(doc, policy.Statement{
			Sid:       fmt.Sprintf("Permission%d", i+1),
			Effect:    policy.Allow,
			Actions:   one.Actions,
			Resources: pulumi.ToStringArray(one.Resources),
		})
	}
	if r.exec {
		doc = append(doc,
			policy.Statement{
				Sid:    "ExecChannels",
				Effect: policy.Allow,
				Actions: []string{
					"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
					"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
				},
				// Channels have no ARN: the actions know no resource.
				Resources: pulumi.StringArray{pulumi.String("*")},
			},
			policy.Statement{
				Sid:     "ExecFindLog",
				Effect:  policy.Allow,
				Actions: []string{"logs:DescribeLogGroups"},
				Resources: pulumi.StringArray{pulumi.String(fmt.Sprintf("arn:aws:logs:%s:%s:log-group:*", r.region,
					r.account))},
			},
			policy.Statement{
				Sid:       "ExecTranscript",
				Effect:    policy.Allow,
				Actions:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
				Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", r.execLogGroupArn)},
			})
	}
	objects := map[AssetsAccess][]string{
		AssetsRead: {"s3:GetObject"},
		// An upload in parts that fails is taken back, or its parts stay and are paid for.
		AssetsReadWrite: {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
	}[r.assets]
	if len(objects) == 0 {
		return doc
	}
	doc = append(doc, policy.Statement{
		Sid:       "Assets",
		Effect:    policy.Allow,
		Actions:   objects,
		Resources: pulumi.StringArray{pulumi.Sprintf("%s/*", r.assetsArn)},
	}, policy.Statement{
		// Without it S3 answers 403 for an object that does not exist, and not 404.
		// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
		Sid:       "AssetsFind",
		Effect:    policy.Allow,
		Actions:   []string{"s3:ListBucket"},
		Resources: pulumi.StringArray{r.assetsArn},
	})
	if r.assetsKeyArn == nil {
		return doc
	}
	uses := []string{"kms:Decrypt"}
	if r.assets == AssetsReadWrite {
		uses = append(uses, "kms:GenerateDataKey")
	}
	return append(doc, policy.Statement{
		Sid:       "AssetsKey",
		Effect:    policy.Allow,
		Actions:   uses,
		Resources: pulumi.StringArray{r.assetsKeyArn},
		Conditions: []policy.Condition{policy.Equals("kms:ViaService",
			pulumi.String(fmt.Sprintf("s3.%s.amazonaws.com", r.region)))},
	})
}

// roles are the two roles of a task, and what must exist before a task can use them.
type roles struct {
	execution, task *iam.Role
	policies        []pulumi.Resource
}

func newRoles(
	ctx *pulumi.Context, name string, trust, execution, task policy.Document, opts ...pulumi.ResourceOption,
) (*roles, error) {
	r := &roles{}
	for _, one := range []struct {
		part        string
		description string
		role        **iam.Role
		policy      policy.Document
	}{
		{"execution", "ECS starts tasks with it", &r.execution, execution},
		{"task", "the application runs with it", &r.task, task},
	} {
		role, err := iam.NewRole(ctx, name+"-"+one.part, &iam.RoleArgs{
			Description:      pulumi.String(fmt.Sprintf("%s: %s", name, one.description)),
			AssumeRolePolicy: trust.JSON(),
		}, opts...)
		if err != nil {
			return nil, fmt.Errorf("create %s role of %q: %w", one.part, name, err)
		}
		*one.role = role
		if len(one.policy) == 0 {
			continue
		}
		attached, err := iam.NewRolePolicy(ctx, name+"-"+one.part, &iam.RolePolicyArgs{
			Role:   role.ID(),
			Policy: one.policy.JSON(),
		}, opts...)
		if err != nil {
			return nil, fmt.Errorf("create policy of the %s role of %q: %w", one.part, name, err)
		}
		r.policies = append(r.policies, attached)
	}
	return r, nil
}
