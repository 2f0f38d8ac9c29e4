package edge

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/sdk/wafv2"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// BotsConfig is AWS's Bot Control, which costs by the month and by the request. It also knows bots
// that mean well, such as those of search engines, and lets through the ones that it can verify.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-bot.html
type BotsConfig struct {
	// Mode is what becomes of bots. Begin with count: scripts that use the API are bots too.
	Mode GroupMode `json:"mode" enum:"block,count"`
	// Level is common, which knows bots by what they say of themselves, or targeted, which also
	// watches how clients behave and costs ten times as much for a request.
	Level string `json:"level" enum:"common,targeted"`
}

// AccountTakeoverConfig is AWS's account takeover prevention, which costs by the month and by the
// sign-in. It compares names and passwords with lists of stolen ones, and counts sign-ins that
// fail.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-atp.html
type AccountTakeoverConfig struct {
	// Mode is what becomes of sign-ins that look stolen.
	Mode GroupMode `json:"mode" enum:"block,count"`
	// LoginPath is where people sign in, such as /api/auth/login. The group looks at POST requests
	// for it and for what begins like it.
	LoginPath SignInPath `json:"loginPath"`
	// Payload is how the sign-in is sent: json or form.
	Payload string `json:"payload" enum:"json,form"`
	// UsernameField holds the name: a JSON pointer such as /email, or a form's field such as email.
	UsernameField string `json:"usernameField" length:"1..512"`
	// PasswordField holds the password, written like UsernameField.
	PasswordField string `json:"passwordField" length:"1..512"`
	// SuccessCodes are the statuses of a sign-in that succeeds.
	SuccessCodes []int `json:"successCodes" settings:"unique" items:"1..10" range:"200..599"`
	// FailureCodes are the statuses of one that fails.
	FailureCodes []int `json:"failureCodes" settings:"unique" items:"1..10" range:"200..599"`
}

func (c AccountTakeoverConfig) validate() settings.Problems {
	var p settings.Problems
	for _, field := range []struct{ path, value string }{
		{"usernameField", c.UsernameField}, {"passwordField", c.PasswordField},
	} {
		p.Want(strings.HasPrefix(field.value, "/") == (c.Payload == "json"), "accountTakeover."+field.path, field.value,
			"a JSON pointer such as /email with payload json, the name of a field with payload form")
	}
	for i, code := range c.FailureCodes {
		for _, success := range c.SuccessCodes {
			p.Want(code != success, at("accountTakeover.failureCodes", i), code, "a status that is not in successCodes")
		}
	}
	return p
}

// paidRules are those of AWS's groups that cost extra. They come last, so that what an earlier rule
// stops is not paid for.
func (c WebACLConfig) paidRules() []rule {
	var all []rule
	if takeover := c.AccountTakeover; takeover != nil {
		all = append(all, rule{
			name:     "account-takeover",
			priority: priorityTakeover,
			action:   takeover.Mode.of(),
			statement: inGroup{
				group:  managedGroup{name: "AWSManagedRulesATPRuleSet", capacity: 50},
				config: &wafv2.ManagedRuleGroupConfig{AwsManagedRulesAtpRuleSet: takeover.args()},
			},
		})
	}
	if bots := c.Bots; bots != nil {
		all = append(all, rule{
			name:     "bots",
			priority: priorityBots,
			action:   bots.Mode.of(),
			statement: inGroup{
				group: managedGroup{name: "AWSManagedRulesBotControlRuleSet", capacity: 50},
				config: &wafv2.ManagedRuleGroupConfig{AwsManagedRulesBotControlRuleSet: &wafv2.BotControlRuleSet{
					InspectionLevel: pulumi.String(strings.ToUpper(bots.Level)),
				}},
			},
		})
	}
	return all
}

// of is the action of a rule that holds a whole group.
func (m GroupMode) of() action {
	if m == GroupCount {
		return overrideCount
	}
	return overrideNone
}

func (c AccountTakeoverConfig) args() *wafv2.AtpRuleSet {
	payload := map[string]string{"json": "JSON", "form": "FORM_ENCODED"}[c.Payload]
	return &wafv2.AtpRuleSet{
		LoginPath: pulumi.String(c.LoginPath),
		RequestInspection: &wafv2.RequestInspection{
			PayloadType:   pulumi.String(payload),
			UsernameField: &wafv2.Identifier{Identifier: pulumi.String(c.UsernameField)},
			PasswordField: &wafv2.Identifier{Identifier: pulumi.String(c.PasswordField)},
		},
		ResponseInspection: &wafv2.ResponseInspection{StatusCode: &wafv2.StatusCodes{
			SuccessCodes: pulumi.ToIntArray(c.SuccessCodes),
			FailureCodes: pulumi.ToIntArray(c.FailureCodes),
		}},
	}
}

// loggingFilter keeps what a rule has counted, stopped or challenged. Without one every request is
// logged, and paid for.
func (c WebACLConfig) loggingFilter() *wafv2.LoggingFilter {
	if c.Logs != "matched" {
		return nil
	}
	var actions wafv2.FilterConditions
	for _, one := range []string{"BLOCK", "COUNT", "EXCLUDED_AS_COUNT", "CAPTCHA", "CHALLENGE"} {
		actions = append(actions, wafv2.FilterCondition{
			ActionCondition: &wafv2.ActionCondition{Action: pulumi.String(one)},
		})
	}
	return &wafv2.LoggingFilter{
		DefaultBehavior: pulumi.String("DROP"),
		Filters: wafv2.FilterArray{{
			Behavior: pulumi.String("KEEP"), Requirement: pulumi.String("MEETS_ANY"), Conditions: actions,
		}},
	}
}
