// Package delivery makes what lets GitHub's workflows work on the account without a long-lived key:
// trust in GitHub's tokens, a role that previews, one that deploys and one that pushes images, each
// for the jobs of one repository in one environment.
//
// A boundary limits what a deploy, and every role that it makes, may do. It cannot change these
// roles, the boundary, the state's bucket and its key, and it cannot delete what holds data.
package delivery

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Type is part of every child's URN; changing it replaces the roles.
const Type = "bookmark-manager:delivery:Delivery"

// The last parts of the roles' names. They are fixed: workflows assume the roles by name.
const (
	deployRole  = "deploy"
	previewRole = "preview"
	pushRole    = "push"
)

// DeliveryArgs are the roles' configuration and wiring.
type DeliveryArgs struct {
	Config Config
	identity.Stack
	// BoundaryArn is the policy of Boundary. Required.
	BoundaryArn pulumi.StringInput
	// RepositoryArns are the image repositories by service. Required unless off.
	RepositoryArns map[string]pulumi.StringInput
	// DataKeyArn is the key that encrypts the stack's parameters. Required unless off.
	DataKeyArn pulumi.StringInput
	// AssetsArn is the assets bucket, and PagePath where the maintenance page is in it, with a
	// slash in front. Required unless off.
	AssetsArn pulumi.StringInput
	PagePath  string
}

func (a *DeliveryArgs) validate() error {
	if err := a.Check(); err != nil {
		return err
	}
	if a.BoundaryArn == nil {
		return errors.New("BoundaryArn is required")
	}
	if a.Config.Provider != Off && len(a.RepositoryArns) == 0 {
		return errors.New("RepositoryArns are required")
	}
	if a.Config.Provider != Off && (a.DataKeyArn == nil || a.AssetsArn == nil || !strings.HasPrefix(a.PagePath, "/")) {
		return errors.New("DataKeyArn, AssetsArn and PagePath are required")
	}
	invalid := []error{a.Config.Validate().Err()}
	for _, role := range []string{deployRole, previewRole, pushRole} {
		invalid = append(invalid, names.Check(names.Role, a.Environment.Name(role)))
	}
	return errors.Join(invalid...)
}

// Delivery is the account's trust in GitHub's workflows. Its ARNs are unset when it is off.
type Delivery struct {
	pulumi.ResourceState

	DeployRoleArn  pulumi.StringOutput
	PreviewRoleArn pulumi.StringOutput
	PushRoleArn    pulumi.StringOutput
}

// NewDelivery registers nothing when args are invalid.
func NewDelivery(
	ctx *pulumi.Context, name string, args *DeliveryArgs, opts ...pulumi.ResourceOption,
) (*Delivery, error) {
	if args == nil {
		return nil, fmt.Errorf("delivery %q: args are required", name)
	}
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("delivery %q: %w", name, err)
	}
	d := &Delivery{}
	base, err := component.Register(ctx, "delivery", Type, name, d, opts...)
	if err != nil {
		return nil, err
	}
	outputs := pulumi.Map{}
	if args.Config.Provider != Off {
		if err := d.roles(ctx, name, args); err != nil {
			return nil, err
		}
		outputs = pulumi.Map{
			"deployRoleArn": d.DeployRoleArn, "previewRoleArn": d.PreviewRoleArn, "pushRoleArn": d.PushRoleArn,
		}
	}
	return d, base.Outputs(outputs)
}

// grant is one role: which jobs may take it, and what it may do.
type grant struct {
	role, repository string
	environments     []string
	hours            int
	document         policy.Document // inline; nil for a role that has the boundary itself as its policy
	arn              *pulumi.StringOutput
}

func (d *Delivery) roles(ctx *pulumi.Context, name string, args *DeliveryArgs) error {
	options := []pulumi.ResourceOption{pulumi.Parent(d)}
	if args.Config.Provider == Create {
		// AWS checks GitHub's certificate against its own list of authorities; a thumbprint would
		// have no effect.
		provider, err := iam.NewOpenIdConnectProvider(ctx, name+"-github", &iam.OpenIdConnectProviderArgs{
			Url:           pulumi.String("https://" + foundation.Issuer),
			ClientIdLists: pulumi.StringArray{pulumi.String(foundation.Audience)},
		}, pulumi.Parent(d))
		if err != nil {
			return fmt.Errorf("create identity provider of delivery %q: %w", name, err)
		}
		options = append(options, pulumi.DependsOn([]pulumi.Resource{provider}))
	}
	config := args.Config
	for _, one := range []grant{
		{deployRole, string(config.Repository), settings.Strings([]Environment{config.DeployEnvironment}),
			config.SessionHours, nil, &d.DeployRoleArn},
		{previewRole, string(config.Repository),
			settings.Strings([]Environment{config.PreviewEnvironment, config.PlanEnvironment}), 1, args.previews(),
			&d.PreviewRoleArn},
		{pushRole, string(config.ApplicationRepository), settings.Strings([]Environment{config.ReleaseEnvironment}), 1,
			args.pushes(), &d.PushRoleArn},
	} {
		role, err := iam.NewRole(ctx, name+"-"+one.role, &iam.RoleArgs{
			Name: pulumi.String(args.Environment.Name(one.role)),
			Description: pulumi.String("For GitHub's jobs of " + one.repository + " in " +
				strings.Join(one.environments, ", ")),
			AssumeRolePolicy:    within(maxTrustPolicy, one.trust(args.AccountID).JSON()),
			MaxSessionDuration:  pulumi.Int(one.hours * secondsPerHour),
			PermissionsBoundary: args.BoundaryArn.ToStringOutput(),
		}, options...)
		if err != nil {
			return fmt.Errorf("create %s role of delivery %q: %w", one.role, name, err)
		}
		if one.document == nil {
			_, err = iam.NewRolePolicyAttachment(ctx, name+"-"+one.role, &iam.RolePolicyAttachmentArgs{
				Role: role.Name, PolicyArn: args.BoundaryArn,
			}, pulumi.Parent(d))
		} else {
			_, err = iam.NewRolePolicy(ctx, name+"-"+one.role, &iam.RolePolicyArgs{
				Role: role.Name, Policy: within(maxInlinePolicy, one.document.JSON()),
			}, pulumi.Parent(d))
		}
		if err != nil {
			return fmt.Errorf("create policy of %s role of delivery %q: %w", one.role, name, err)
		}
		*one.arn = role.Arn
	}
	return nil
}

const secondsPerHour = 3600

// trust names the jobs exactly. A pattern such as repo:owner/* would let every branch of every
// repository in.
func (g grant) trust(account string) policy.Document {
	var subjects pulumi.StringArray
	for _, environment := range g.environments {
		subjects = append(subjects, pulumi.String(foundation.Subject(g.repository, environment)))
	}
	return policy.Document{{
		Effect:     policy.Allow,
		Principals: map[string][]string{policy.Federated: {foundation.ProviderArn(account)}},
		Actions:    []string{"sts:AssumeRoleWithWebIdentity"},
		Conditions: []policy.Condition{
			policy.Equals(foundation.Issuer+":aud", pulumi.String(foundation.Audience)),
			policy.Equals(foundation.Issuer+":sub", subjects...),
		},
	}}
}

// pushes is what a release may do: push to the stack's image repositories, see what is there, and
// add static files. Which of them go is decided by promotions, with the deploy role: what was
// pushed and never promoted must not expire what runs.
func (a *DeliveryArgs) pushes() policy.Document {
	var repositories pulumi.StringArray
	for _, service := range slices.Sorted(maps.Keys(a.RepositoryArns)) {
		repositories = append(repositories, a.RepositoryArns[service])
	}
	return policy.Document{
		{
			// AWS takes no narrower resource for this.
			Sid:       "LogIn",
			Effect:    policy.Allow,
			Actions:   []string{"ecr:GetAuthorizationToken"},
			Resources: everything(),
		},
		{
			Sid:    "Push",
			Effect: policy.Allow,
			Actions: []string{
				"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
				"ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
			},
			Resources: repositories,
		},
		{
			// A release adds the web's static files before it is approved. It may not overwrite
			// those that the stack serves: the policy allows only requests with If-None-Match,
			// which S3 refuses when the key exists.
			// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
			Sid:       "AddStaticFiles",
			Effect:    policy.Allow,
			Actions:   []string{"s3:PutObject"},
			Resources: pulumi.StringArray{pulumi.Sprintf("%s/%s*", a.AssetsArn, names.StaticFiles)},
			Conditions: []policy.Condition{{
				Operator: "Null",
				Key:      "s3:if-none-match",
				Values:   pulumi.StringArray{pulumi.String("false")},
			}},
		},
	}
}
