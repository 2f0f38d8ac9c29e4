package edge

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func validTakeover() *AccountTakeoverConfig {
	return &AccountTakeoverConfig{
		Mode:          GroupBlock,
		LoginPath:     "/api/auth/login",
		Payload:       "json",
		UsernameField: "/email",
		PasswordField: "/password",
		SuccessCodes:  []int{200, 201},
		FailureCodes:  []int{401},
	}
}

func TestGroupsThatCostExtraComeLast(t *testing.T) {
	r, _, err := buildWebACL(t, func(a *WebACLArgs) {
		a.Config.AccountTakeover, a.Config.Bots = validTakeover(), &BotsConfig{Mode: GroupCount, Level: "common"}
	})
	require.NoError(t, err)
	rules, _ := one(t, r, typeWebACL, "waf-acl").Input("rules").([]any)
	found := map[any]map[string]any{}
	last := 0.0
	for _, raw := range rules {
		rule := raw.(map[string]any)
		found[rule["name"]] = rule
		if name := rule["name"]; name != "account-takeover" && name != "bots" {
			last = max(last, rule["priority"].(float64))
		}
	}
	for name, want := range map[string]struct{ override, group string }{
		"account-takeover": {`{"none": {}}`, `{"managedRuleGroupStatement": {
			"vendorName": "AWS", "name": "AWSManagedRulesATPRuleSet",
			"managedRuleGroupConfigs": [{"awsManagedRulesAtpRuleSet": {
				"loginPath": "/api/auth/login",
				"requestInspection": {
					"payloadType": "JSON", "usernameField": {"identifier": "/email"}, "passwordField": {"identifier": "/password"}
				},
				"responseInspection": {"statusCode": {"successCodes": [200, 201], "failureCodes": [401]}}
			}}]
		}}`},
		"bots": {`{"count": {}}`, `{"managedRuleGroupStatement": {
			"vendorName": "AWS", "name": "AWSManagedRulesBotControlRuleSet",
			"managedRuleGroupConfigs": [{"awsManagedRulesBotControlRuleSet": {"inspectionLevel": "COMMON"}}]
		}}`},
	} {
		require.Contains(t, found, any(name))
		assert.Equal(t, parse(t, want.override), found[name]["overrideAction"], name)
		assert.Equal(t, parse(t, want.group), found[name]["statement"], name)
		assert.Greater(t, found[name]["priority"], last, "%s is paid for what an earlier rule stops", name)
	}
}

func TestSignInsAreReadAsTheyAreSent(t *testing.T) {
	for want, change := range map[string]func(*AccountTakeoverConfig){
		"": func(*AccountTakeoverConfig) {},
		`accountTakeover.usernameField: found "email", want a JSON pointer`: func(c *AccountTakeoverConfig) {
			c.UsernameField = "email"
		},
		`accountTakeover.passwordField: found "/password", want a JSON pointer`: func(c *AccountTakeoverConfig) {
			c.Payload, c.UsernameField = "form", "email"
		},
		`accountTakeover.failureCodes[0]: found 200, want a status that is not in`: func(c *AccountTakeoverConfig) {
			c.FailureCodes = []int{200}
		},
		`accountTakeover.loginPath: found "login", want a path such as /api/auth/login`: func(
			c *AccountTakeoverConfig,
		) {
			c.LoginPath = "login"
		},
		`accountTakeover.mode: found "off", want one of "block", "count"`: func(c *AccountTakeoverConfig) {
			c.Mode = GroupOff
		},
		`accountTakeover.successCodes[0]: found 99, want 200 to 599`: func(c *AccountTakeoverConfig) {
			c.SuccessCodes = []int{99}
		},
		`accountTakeover.payload: found "xml", want one of "json", "form"`: func(c *AccountTakeoverConfig) {
			c.Payload = "xml"
		},
		`accountTakeover.failureCodes: found 0, want 1 to 10`: func(c *AccountTakeoverConfig) { c.FailureCodes = nil },
	} {
		c := validConfig().WebACL
		c.AccountTakeover = validTakeover()
		change(c.AccountTakeover)
		err := c.Validate().Err()
		if want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
	c := validConfig().WebACL
	c.Bots = &BotsConfig{Mode: GroupCount, Level: "strict"}
	assert.ErrorContains(t, c.Validate().Err(), `bots.level: found "strict", want one of "common", "targeted"`)
	c.Bots, c.Logs = nil, "none"
	assert.ErrorContains(t, c.Validate().Err(), `logs: found "none", want one of "all", "matched"`)
}

func TestLogsOfWhatARuleMatched(t *testing.T) {
	r, _, err := buildWebACL(t, func(a *WebACLArgs) { a.Config.Logs = "matched" })
	require.NoError(t, err)
	assert.Equal(t, parse(t, `{"defaultBehavior": "DROP", "filters": [{
		"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": [
			{"actionCondition": {"action": "BLOCK"}}, {"actionCondition": {"action": "COUNT"}},
			{"actionCondition": {"action": "EXCLUDED_AS_COUNT"}}, {"actionCondition": {"action": "CAPTCHA"}},
			{"actionCondition": {"action": "CHALLENGE"}}
		]
	}]}`), one(t, r, typeWAFLogs, "waf-logs").Input("loggingFilter"))
}
