package observability

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/costexplorer"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/guardduty"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/notice"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// GuardsType is part of every child's URN; changing it replaces the guards.
const GuardsType = "bookmark-manager:observability:Guards"

// GuardsConfig is what watches over the account: section "guards". Each guard is one per account. A
// stack that creates or adopts one also sends what it finds to the stack's topics.
type GuardsConfig struct {
	// GuardDuty finds signs of an intrusion.
	GuardDuty Mode `json:"guardDuty"`
	// CloudTrail records who did what with the account, for all regions, into a bucket of its own.
	CloudTrail Mode `json:"cloudTrail"`
	// CostAnomalies finds spending that is out of the ordinary for a service.
	CostAnomalies Mode `json:"costAnomalies"`
	// CostAnomalyMonitorArn is the monitor to adopt. Required with costAnomalies adopt, refused
	// otherwise.
	CostAnomalyMonitorArn AnomalyMonitorARN `json:"costAnomalyMonitorArn" settings:"optional"`
	// CostAnomalyUSD is the least total impact that is worth a message.
	CostAnomalyUSD float64 `json:"costAnomalyUsd" range:">0.." unit:"US dollars" default:"20"`
	// FindingSeverity is the least severity of a GuardDuty finding that is worth a message; 4 is
	// medium.
	FindingSeverity float64 `json:"findingSeverity" range:"1..8.9" default:"4"`
	// TrailRetentionDays is how long CloudTrail's records are kept.
	TrailRetentionDays int `json:"trailRetentionDays" range:"90..3653" unit:"days" default:"365"`
}

// AnomalyMonitorARN is the ARN of a monitor of cost anomalies.
type AnomalyMonitorARN string

// Rule implements settings.Ruled.
func (AnomalyMonitorARN) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^arn:aws:ce::[0-9]{12}:anomalymonitor/[0-9a-f-]+$`),
		Want:    "the monitor's ARN; list them with: aws ce get-anomaly-monitors",
	}
}

// Validate reports every problem of the section.
func (c GuardsConfig) Validate() settings.Problems {
	p := settings.Check(c)
	if c.CostAnomalies == Adopt {
		p.Under("", settings.Need(c, "with costAnomalies adopt", "costAnomalyMonitorArn"))
	} else {
		p.Under("", settings.Refuse(c, "unless costAnomalies is adopt", "costAnomalyMonitorArn"))
	}
	return p
}

// Own are the guards that the stack itself makes, by their ARNs or patterns of them. GuardDuty has
// one detector for an account and region; its id and that of a monitor are not known before they
// are made.
func (c GuardsConfig) Own(stack identity.Stack) []string {
	var own []string
	if c.CloudTrail == Create {
		own = append(own, trailArn(stack))
	}
	if c.GuardDuty == Create {
		own = append(own, "arn:aws:guardduty:"+stack.Region+":"+stack.AccountID+":detector/*")
	}
	if c.CostAnomalies == Create {
		own = append(own, "arn:aws:ce::"+stack.AccountID+":anomalymonitor/*")
	}
	return own
}

// GuardsArgs adds the wiring.
type GuardsArgs struct {
	Config GuardsConfig
	identity.Stack
	// UsEast1 is the AWS provider of us-east-1. Required.
	UsEast1 pulumi.ProviderResource
	// TopicArn and UsEast1TopicArn are the topics for findings, in the region and in us-east-1.
	// Required.
	TopicArn, UsEast1TopicArn pulumi.StringInput
	// RunbookBase is the page that messages link to, without a fragment. Required.
	RunbookBase string
}

// Guards are the account's guards and the rules that send what they find to the stack's topics.
type Guards struct {
	pulumi.ResourceState

	// TrailBucketName holds CloudTrail's records; unset unless the stack creates the trail.
	TrailBucketName pulumi.StringOutput
}

// NewGuards registers nothing when args are invalid.
func NewGuards(ctx *pulumi.Context, name string, args *GuardsArgs, opts ...pulumi.ResourceOption) (*Guards, error) {
	if args == nil {
		return nil, fmt.Errorf("guards %q: args are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("guards %q: %w", name, err)
	}
	if args.UsEast1 == nil || args.TopicArn == nil || args.UsEast1TopicArn == nil || args.RunbookBase == "" {
		return nil, fmt.Errorf("guards %q: UsEast1, TopicArn, UsEast1TopicArn and RunbookBase are required", name)
	}
	if err := args.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("guards %q: %w", name, err)
	}
	filled := *args
	filled.Config = settings.WithDefaults(args.Config)
	g := &Guards{}
	base, err := component.Register(ctx, "guards", GuardsType, name, g, opts...)
	if err != nil {
		return nil, err
	}
	b := &guardsBuilder{Component: base, args: &filled, guards: g}
	for _, build := range []struct {
		what string
		run  func() error
	}{{"GuardDuty", b.guardDuty}, {"CloudTrail", b.cloudTrail}, {"cost anomalies", b.costAnomalies}} {
		if err := build.run(); err != nil {
			return nil, fmt.Errorf("set up %s of guards %q: %w", build.what, name, err)
		}
	}
	outputs := pulumi.Map{}
	if args.Config.CloudTrail == Create {
		outputs["trailBucketName"] = g.TrailBucketName
	}
	return g, b.Outputs(outputs)
}

type guardsBuilder struct {
	component.Component
	args   *GuardsArgs
	guards *Guards
}

func (b *guardsBuilder) inUsEast1() []pulumi.ResourceOption {
	return []pulumi.ResourceOption{b.Parent(), pulumi.Provider(b.args.UsEast1)}
}

func (b *guardsBuilder) guardDuty() error {
	if b.args.Config.GuardDuty == Off {
		return nil
	}
	if b.args.Config.GuardDuty == Create {
		if _, err := guardduty.NewDetector(b.Ctx, b.Child("guardduty"), &guardduty.DetectorArgs{
			Enable:                     pulumi.Bool(true),
			FindingPublishingFrequency: pulumi.String("FIFTEEN_MINUTES"),
		}, b.Parent()); err != nil {
			return err
		}
	}
	return b.alert("guardduty-findings", findings(b.args.Config.FindingSeverity), b.args.TopicArn, b.Parent())
}

func (b *guardsBuilder) cloudTrail() error {
	if b.args.Config.CloudTrail == Off {
		return nil
	}
	if b.args.Config.CloudTrail == Create {
		bucket, ready, err := b.trailBucket()
		if err != nil {
			return err
		}
		if _, err := cloudtrail.NewTrail(b.Ctx, b.Child("trail"), &cloudtrail.TrailArgs{
			Name:                       pulumi.String(trailName(b.args.Stack)),
			S3BucketName:               bucket,
			IsMultiRegionTrail:         pulumi.Bool(true),
			IncludeGlobalServiceEvents: pulumi.Bool(true),
			EnableLogFileValidation:    pulumi.Bool(true),
		}, b.Parent(), pulumi.DependsOn(ready)); err != nil {
			return err
		}
		b.guards.TrailBucketName = bucket
	}
	// The root user signs in at the global endpoint, whose events EventBridge sees in us-east-1,
	// and only with a trail.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
	return b.alert("root-sign-in", rootSignIns(), b.args.UsEast1TopicArn, b.inUsEast1()...)
}

// alert tells a topic of the events of a rule.
func (b *guardsBuilder) alert(
	part string, rule notice.Rule, topic pulumi.StringInput, opts ...pulumi.ResourceOption,
) error {
	sender := notice.Sender{Environment: b.args.Environment.Name(), RunbookBase: b.args.RunbookBase}
	return sender.Make(b.Ctx, b.Child(part), rule, topic, opts...)
}

// findings are those of GuardDuty from a severity on.
// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
func findings(severity float64) notice.Rule {
	return notice.Rule{
		Description: fmt.Sprintf("GuardDuty findings of severity %g and more", severity),
		Pattern: notice.Pattern{
			Source:     []string{"aws.guardduty"},
			DetailType: []string{"GuardDuty Finding"},
			Detail:     map[string]any{"severity": []any{map[string]any{"numeric": []any{">=", severity}}}},
		},
		Notice: notice.Notice{
			Title:   "GuardDuty has found <type>, of severity <severity>.",
			Text:    "<description>",
			First:   "open the finding in the console: it names the resource and the address.",
			Section: sectionFindings,
			Paths: map[string]string{
				"type": "$.detail.type", "severity": "$.detail.severity", "description": "$.detail.description",
			},
		},
	}
}

// rootSignIns are those of the account's root user.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
func rootSignIns() notice.Rule {
	return notice.Rule{
		Description: "Sign-ins of the account's root user",
		Pattern: notice.Pattern{
			DetailType: []string{"AWS Console Sign In via CloudTrail"},
			Detail:     map[string]any{"userIdentity": map[string]any{"type": []any{"Root"}}},
		},
		Notice: notice.Notice{
			Title:   "Somebody has signed in as the account's root user.",
			Text:    "It was from <address>, at <time>.",
			First:   "ask who it was; if nobody says so, change the root user's password and its second factor.",
			Section: sectionFindings,
			Paths:   map[string]string{"address": "$.detail.sourceIPAddress", "time": "$.detail.eventTime"},
		},
	}
}

func (b *guardsBuilder) costAnomalies() error {
	var monitor pulumi.StringInput
	switch b.args.Config.CostAnomalies {
	case Off:
		return nil
	case Adopt:
		monitor = pulumi.String(b.args.Config.CostAnomalyMonitorArn)
	case Create:
		made, err := costexplorer.NewAnomalyMonitor(b.Ctx, b.Child("costs"), &costexplorer.AnomalyMonitorArgs{
			Name:             pulumi.String(b.args.Environment.Name("services")),
			MonitorType:      pulumi.String("DIMENSIONAL"),
			MonitorDimension: pulumi.String("SERVICE"),
		}, b.inUsEast1()...)
		if err != nil {
			return err
		}
		monitor = made.Arn
	default:
		return errors.New("unknown mode")
	}
	_, err := costexplorer.NewAnomalySubscription(b.Ctx, b.Child("costs"), &costexplorer.AnomalySubscriptionArgs{
		Name: pulumi.String(b.args.Environment.Name("cost-anomalies")),
		// A topic takes messages at once only; daily and weekly summaries are for e-mail.
		Frequency:       pulumi.String("IMMEDIATE"),
		MonitorArnLists: pulumi.StringArray{monitor},
		Subscribers: costexplorer.AnomalySubscriptionSubscriberArray{costexplorer.AnomalySubscriptionSubscriberArgs{
			Type: pulumi.String("SNS"), Address: b.args.UsEast1TopicArn,
		}},
		ThresholdExpression: costexplorer.AnomalySubscriptionThresholdExpressionArgs{
			Dimension: costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs{
				Key:          pulumi.String("ANOMALY_TOTAL_IMPACT_ABSOLUTE"),
				MatchOptions: pulumi.StringArray{pulumi.String("GREATER_THAN_OR_EQUAL")},
				Values:       pulumi.StringArray{pulumi.Sprintf("%g", b.args.Config.CostAnomalyUSD)},
			},
		},
	}, b.inUsEast1()...)
	return err
}
