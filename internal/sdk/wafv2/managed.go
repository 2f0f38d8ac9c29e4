package wafv2

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// ManagedRuleGroupConfig is the configuration of a group of AWS; each element names one group.
type ManagedRuleGroupConfig struct {
	AwsManagedRulesAtpRuleSet        *AtpRuleSet        `pulumi:"awsManagedRulesAtpRuleSet"`
	AwsManagedRulesBotControlRuleSet *BotControlRuleSet `pulumi:"awsManagedRulesBotControlRuleSet"`
}

func (ManagedRuleGroupConfig) ElementType() reflect.Type { return sdk.Plain[ManagedRuleGroupConfig]() }

// ManagedRuleGroupConfigArray lists them.
type ManagedRuleGroupConfigArray []ManagedRuleGroupConfig

func (ManagedRuleGroupConfigArray) ElementType() reflect.Type { return sdk.PlainList() }

// BotControlRuleSet says how closely AWS's group against bots looks: COMMON or TARGETED.
type BotControlRuleSet struct {
	InspectionLevel pulumi.StringInput `pulumi:"inspectionLevel"`
}

func (BotControlRuleSet) ElementType() reflect.Type { return sdk.Plain[BotControlRuleSet]() }

// AtpRuleSet says where people sign in, for AWS's group against account takeover.
type AtpRuleSet struct {
	LoginPath          pulumi.StringInput  `pulumi:"loginPath"`
	RequestInspection  *RequestInspection  `pulumi:"requestInspection"`
	ResponseInspection *ResponseInspection `pulumi:"responseInspection"`
}

func (AtpRuleSet) ElementType() reflect.Type { return sdk.Plain[AtpRuleSet]() }

// RequestInspection says where a sign-in has its name and password. PayloadType is JSON or
// FORM_ENCODED.
type RequestInspection struct {
	PasswordField *Identifier        `pulumi:"passwordField"`
	PayloadType   pulumi.StringInput `pulumi:"payloadType"`
	UsernameField *Identifier        `pulumi:"usernameField"`
}

func (RequestInspection) ElementType() reflect.Type { return sdk.Plain[RequestInspection]() }

// Identifier is a field of a form, or a JSON pointer.
type Identifier struct {
	Identifier pulumi.StringInput `pulumi:"identifier"`
}

func (Identifier) ElementType() reflect.Type { return sdk.Plain[Identifier]() }

// ResponseInspection says how a sign-in that fails differs from one that succeeds.
type ResponseInspection struct {
	StatusCode *StatusCodes `pulumi:"statusCode"`
}

func (ResponseInspection) ElementType() reflect.Type { return sdk.Plain[ResponseInspection]() }

// StatusCodes are those of sign-ins.
type StatusCodes struct {
	FailureCodes pulumi.IntArrayInput `pulumi:"failureCodes"`
	SuccessCodes pulumi.IntArrayInput `pulumi:"successCodes"`
}

func (StatusCodes) ElementType() reflect.Type { return sdk.Plain[StatusCodes]() }
