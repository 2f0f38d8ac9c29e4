package aws

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pair shows that a rule is one: a request that it refuses, and one that it lets pass. Each gets a
// cloud of its own. Both return the error of the request in question; what they need before is made
// with make.
type pair struct {
	want    string // what the cloud answers, without "create NAME: "
	refuses func(w *world) error
	passes  func(w *world) error
}

// pairs are those of all domains, by the rule's name.
func pairs(t *testing.T) map[string]pair {
	all := map[string]pair{}
	for _, domain := range []map[string]pair{
		addressPairs, routingPairs, endpointPairs, securityGroupPairs, logPairs, iamPairs, keyPairs, bucketPairs,
		dataPairs, backupPairs,
		databasePairs, eventPairs, metricAlarmPairs, alarmMetricPairs, topicPairs, logProcessingPairs, accountPairs,
		dnsPairs, statementPairs, cdnPairs, vpcOriginPairs, wafPairs, limitPairs(),
		loadBalancerPairs, taskPairs, containerPairs, servicePairs, runningPairs, passedPairs, scalingPairs,
		registryPairs, duplicatePairs, queuePairs,
		schedulePairs, restorePairs, deploymentPairs,
	} {
		for name, p := range domain {
			require.NotContains(t, all, name, "two pairs of one name")
			all[name] = p
		}
	}
	return all
}

// becauseOf is what IAM says below the refusal of a service that may not do something; which
// statement came closest is not the rule's.
var becauseOf = regexp.MustCompile(`(?s)\n\w+: User: .*?\n\([^\n]*\)`)

func TestEveryRuleRefusesAndLetsPass(t *testing.T) {
	rules, shown := map[string]provider.Rule{}, pairs(t)
	for _, rule := range Rules() {
		require.NotContains(t, rules, rule.Name, "two rules of one name")
		rules[rule.Name] = rule
		assert.NotEmpty(t, rule.Types, rule.Name)
		assert.NotZero(t, rule.When, rule.Name)
		assert.NotEmpty(t, rule.Why, rule.Name)
	}
	require.Equal(t, slices.Sorted(maps.Keys(rules)), slices.Sorted(maps.Keys(shown)),
		"each rule has a pair, and each pair a rule")
	for name, p := range shown {
		t.Run(name, func(t *testing.T) {
			err := p.refuses(newWorld(t))
			require.Error(t, err)
			text := becauseOf.ReplaceAllString(err.Error(), "")
			_, message, prefixed := strings.Cut(text, ": ")
			for _, verb := range []string{"create ", "update ", "delete "} {
				if prefixed && strings.HasPrefix(text, verb) {
					assert.Equal(t, p.want, message)
					return
				}
			}
			assert.Equal(t, p.want, text)
		})
		t.Run(name+" lets pass", func(t *testing.T) {
			assert.NoError(t, p.passes(newWorld(t)))
		})
	}
}

// TestOnlyTheRuleRefuses takes each rule away: what it refuses must then pass, or be refused in
// other words.
func TestOnlyTheRuleRefuses(t *testing.T) {
	for name, p := range pairs(t) {
		def := Definition()
		def.Rules = slices.DeleteFunc(def.Rules, func(r provider.Rule) bool { return r.Name == name })
		w := newWorld(t)
		w.definition = &def
		w = w.other(tokyo, account, nil)
		err := p.refuses(w)
		if err != nil {
			assert.NotContains(t, err.Error(), p.want, "another rule refuses the same as %q", name)
		}
	}
}

func TestRulesNameTypesOfTheSchema(t *testing.T) {
	w := newWorld(t)
	for _, rule := range Rules() {
		for _, typ := range rule.Types {
			assert.Contains(t, w.Types(), typ, rule.Name)
		}
	}
}
