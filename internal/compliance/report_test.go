package compliance

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/compliance.md")

// short is a stack with a cluster that fails some controls.
func short() stackOf { return aurora(in{"port": 5432.0, "storageEncrypted": true}, "za") }

func find(t *testing.T, report Report, control string) Result {
	t.Helper()
	i := slices.IndexFunc(report, func(r Result) bool { return r.Control == control })
	require.GreaterOrEqual(t, i, 0, control)
	return report[i]
}

func TestEvaluate(t *testing.T) {
	report, err := Evaluate(short(),
		[]Exception{{Control: "RDS.23", Resource: "c*", Reason: "the port hides nothing here"}})
	require.NoError(t, err)
	const urn = "urn:pulumi:prod::bookmark-manager::aws:rds/cluster:Cluster::c"
	assert.Equal(t, Result{
		Control:  "RDS.23",
		Title:    "Databases listen on a port other than the engine's default",
		Severity: Low,
		URN:      urn,
		Verdict:  Excepted,
		Reason:   "the port hides nothing here",
	}, find(t, report, "RDS.23"))
	assert.Equal(t,
		Result{Control: "RDS.27", Title: "Clusters are encrypted", Severity: Medium, URN: urn, Verdict: Pass},
		find(t, report, "RDS.27"))
	assert.Equal(t, Result{
		Control:  "S3.8",
		CIS:      "2.1.4",
		Title:    "Buckets block public access",
		Severity: High,
		Verdict:  NotApplicable,
		Reason:   "no S3 bucket",
	}, find(t, report, "S3.8"))
	assert.Equal(t, report.Count(Fail), report.Failures())
	assert.Equal(t, 1, report.Count(Excepted))
}

func TestAnExceptionCoversWhatItNamesAlone(t *testing.T) {
	failed := Result{
		Control: "ECS.5",
		URN:     "urn:pulumi:prod::p::aws:ecs/taskDefinition:TaskDefinition::api",
		Part:    "datadog-agent",
		Verdict: Fail,
	}
	hidden := Result{Control: "ECS.5", URN: failed.URN, Part: failed.Part, Verdict: Hidden}
	for sentence, one := range map[string]struct {
		exception Exception
		result    Result
		want      bool
	}{
		"the container":                   {Exception{Control: "ECS.5", Resource: "api/datadog-agent"}, failed, true},
		"that container of any task":      {Exception{Control: "ECS.5", Resource: "*/datadog-agent"}, failed, true},
		"the task is not its containers":  {Exception{Control: "ECS.5", Resource: "*"}, failed, false},
		"another control":                 {Exception{Control: "ECS.4", Resource: "api/datadog-agent"}, failed, false},
		"another container":               {Exception{Control: "ECS.5", Resource: "api/api"}, failed, false},
		"a failure is not what is hidden": {Exception{Control: "ECS.5", Resource: "*/*"}, hidden, false},
		"what is hidden": {Exception{Control: "ECS.5", Resource: "*/*", Verdict: Hidden}, hidden,
			true},
		"what is hidden is not a failure": {Exception{Control: "ECS.5", Resource: "*/*", Verdict: Hidden}, failed,
			false},
		"what is unknown is never covered": {Exception{Control: "ECS.5", Resource: "*/*"},
			Result{Control: "ECS.5", URN: failed.URN, Part: "a", Verdict: Unknown}, false},
	} {
		assert.Equal(t, one.want, one.exception.covers(one.result), sentence)
	}
}

func TestAnExceptionThatMatchesNothingIsAnError(t *testing.T) {
	report, err := Evaluate(short(), []Exception{{Control: "RDS.27", Resource: "c", Reason: "it is encrypted by now"}})
	require.ErrorIs(t, err, ErrStale)
	assert.ErrorContains(t, err, `RDS.27 on "c"`)
	assert.NotEmpty(t, report)
}

func TestAnExceptionForWhatIsNotKnownYetIsNotStale(t *testing.T) {
	report, err := Evaluate(aurora(in{"port": plan.Unknown}),
		[]Exception{{Control: "RDS.23", Resource: "c", Reason: "the port hides nothing here"}})
	require.NoError(t, err)
	assert.Equal(t, Unknown, find(t, report, "RDS.23").Verdict)
}

func TestReadExceptions(t *testing.T) {
	read := func(text string) ([]Exception, error) { return ReadExceptions(strings.NewReader(text), "prod") }
	const good = "- {control: S3.8, resource: buckets-*, reason: a reason that is long enough"
	got, err := read(good + "}\n" + good + ", stacks: [staging]}\n" + good +
		", stacks: [staging, prod], verdict: hidden}")
	require.NoError(t, err)
	assert.Equal(t, []Exception{
		{Control: "S3.8", Resource: "buckets-*", Reason: "a reason that is long enough"},
		{
			Control:  "S3.8",
			Resource: "buckets-*",
			Reason:   "a reason that is long enough",
			Stacks:   []string{"staging", "prod"},
			Verdict:  Hidden,
		},
	}, got)
	got, err = read("")
	require.NoError(t, err)
	assert.Empty(t, got)
	for text, want := range map[string]string{
		"- {control: S3.800, resource: x, reason: a reason that is long enough}": `[0].control is "S3.800", ` +
			"want the id of a control",
		good + "}\n- {control: S3.8, resource: '[', reason: a reason that is long enough}":    `[1].resource is "["`,
		"- {control: S3.8, reason: a reason that is long enough}":                             `[0].resource is ""`,
		"- {control: S3.8, resource: x, reason: later}":                                       `[0].reason is "later", want a sentence`,
		"- {control: S3.8, resource: x, reason: a reason that is long enough, verdict: pass}": `[0].verdict is "pass", want fail or hidden`,
		"- {contrl: S3.8}": "field contrl not found",
		"control: S3.8":    "cannot unmarshal",
	} {
		_, err := read(text)
		assert.ErrorContains(t, err, want)
	}
	_, err = read("- {control: S3.800, resource: x}")
	assert.ErrorContains(t, err, "control is")
	assert.ErrorContains(t, err, "reason is", "all problems at once")
}

func TestText(t *testing.T) {
	report := Report{
		{
			Control:  "S3.8",
			Title:    "Buckets block public access",
			Severity: High,
			URN:      "urn:pulumi:prod::p::t::a",
			Verdict:  Pass,
		},
		{
			Control:  "S3.8",
			Title:    "Buckets block public access",
			Severity: High,
			URN:      "urn:pulumi:prod::p::t::b",
			Verdict:  Fail,
			Reason:   "it has none",
		},
		{
			Control:  "S3.8",
			Title:    "Buckets block public access",
			Severity: High,
			URN:      "urn:pulumi:prod::p::t::c",
			Verdict:  Pass,
		},
		{
			Control:  "ECS.5",
			Title:    "Containers have a read-only root",
			Severity: High,
			URN:      "urn:pulumi:prod::p::t::d",
			Part:     "web",
			Verdict:  Excepted,
			Reason:   "why | not",
		},
		{
			Control:  "IAM.2",
			Title:    "Users have no policies",
			Severity: Low,
			Verdict:  NotApplicable,
			Reason:   "no IAM user",
		},
	}
	summary := fmt.Sprintf("prod: %d controls, 2 pass, 1 not applicable, 1 excepted, 1 fail\n", len(Controls))
	assert.Equal(t, ""+
		"pass            S3.8            high      Buckets block public access: a, c\n"+
		"not applicable  IAM.2           low       Users have no policies: no IAM user\n"+
		"excepted        ECS.5           high      Containers have a read-only root: d/web: why | not\n"+
		"fail            S3.8            high      Buckets block public access: b: it has none\n"+summary,
		report.Text("prod"))
	markdown := report.Markdown("prod")
	assert.True(t, strings.HasPrefix(markdown, "## "+summary), markdown)
	assert.Contains(t, markdown, "| fail | S3.8 | high | Buckets block public access | b | it has none |\n\n<details>")
	assert.Contains(t, markdown, `| excepted | ECS.5 | high | Containers have a read-only root | d/web | why \| not |`)
	assert.NotContains(t, report[:1].Markdown("prod"), "| fail |")
	var decoded Report
	require.NoError(t, json.Unmarshal([]byte(report.JSON("prod")), &decoded))
	assert.Equal(t, report, decoded)
}

func TestAContainerDefinitionThatCannotBeReadIsUnknown(t *testing.T) {
	for sentence, inputs := range map[string]in{
		"not JSON":     {"containerDefinitions": "[{"},
		"no container": {"containerDefinitions": "[]"},
		"not there":    {},
		"not known":    {"containerDefinitions": plan.Unknown},
	} {
		report, err := Evaluate(one(catalog.TaskDefinition, inputs), nil)
		require.NoError(t, err)
		for _, control := range []string{"ECS.4", "ECS.5", "ECS.8", "ECS.9", "ECS.20"} {
			assert.Equal(t, Unknown, find(t, report, control).Verdict, sentence+" "+control)
		}
	}
}

func TestPublicStatements(t *testing.T) {
	for sentence, one := range map[string]struct {
		statement in
		want      bool
	}{
		"everybody":                    {in{"Principal": "*"}, true},
		"every account":                {in{"Principal": in{"AWS": all{"*"}}}, true},
		"everybody but one":            {in{"NotPrincipal": in{"AWS": "arn:aws:iam::111122223333:root"}}, true},
		"an account":                   {in{"Principal": in{"AWS": "arn:aws:iam::111122223333:root"}}, false},
		"a service":                    {in{"Principal": in{"Service": "cloudfront.amazonaws.com"}}, false},
		"nobody is let in by a denial": {in{"Effect": "Deny", "Principal": "*"}, false},
		"of one account": {in{
			"Principal": "*",
			"Condition": in{"StringEquals": in{"aws:SourceAccount": "1"}},
		}, false},
		"of any account": {in{
			"Principal": "*",
			"Condition": in{"StringLike": in{"aws:SourceAccount": "*"}},
		}, true},
		"of one or any ARN": {in{
			"Principal": "*",
			"Condition": in{"ArnLike": in{"aws:SourceArn": all{"arn:aws:s3:::b", "*"}}},
		}, true},
		"without a key it passes": {in{
			"Principal": "*",
			"Condition": in{"StringEqualsIfExists": in{"aws:SourceAccount": "1"}},
		}, true},
		"a condition on something else": {in{
			"Principal": "*",
			"Condition": in{"Bool": in{"aws:SecureTransport": "true"}},
		}, true},
		"one organization, another operator": {in{
			"Principal": "*",
			"Condition": in{"StringNotEquals": in{"aws:PrincipalOrgID": "o"}},
		}, true},
	} {
		statement := allow(one.statement)
		r := newResource(made("t", "n", in{"policy": document(statement)}))
		assert.Equal(t, one.want, public(statements(r.at("policy"))[0]), sentence)
	}
}

func TestMatches(t *testing.T) {
	for _, one := range [][2]string{
		{"*", "s3:GetObject"},
		{"s3:Get*", "s3:GetObject"},
		{"S3:getobject", "s3:GetObject"},
		{"s3:*Object", "s3:GetObject"},
		{"s3:?etObject", "s3:GetObject"},
	} {
		assert.True(t, matches(one[0], one[1]), one)
	}
	for _, one := range [][2]string{
		{"s3:Get", "s3:GetObject"},
		{"s3:*Objects", "s3:GetObject"},
		{"s3:GetObject?", "s3:GetObject"},
		{"", "s3:GetObject"},
		{"ec2:*", "s3:GetObject"},
	} {
		assert.False(t, matches(one[0], one[1]), one)
	}
}

// The document lists what the code judges, and what prod's golden report says.
func TestTheDocument(t *testing.T) {
	golden, err := os.ReadFile("../../testdata/prod.compliance.golden")
	require.NoError(t, err)
	controls := "| control | CIS | severity | title |\n| --- | --- | --- | --- |\n"
	for _, one := range Controls {
		id := one.ID
		if one.NotFSBP {
			id += " (not FSBP)"
		}
		controls += fmt.Sprintf("| %s | %s | %s | %s |\n", id, one.CIS, one.Severity, one.Title)
	}
	unjudged := "| control | title | why not |\n| --- | --- | --- |\n"
	for _, one := range NotJudged {
		unjudged += fmt.Sprintf("| %s | %s | %s |\n", one.ID, one.Title, one.Why)
	}
	result := regexp.MustCompile(`(?m)^pass .*\n`).ReplaceAllString(string(golden), "")
	for name, text := range map[string]string{
		"controls":   controls,
		"not judged": unjudged,
		"prod":       "```text\n" + result + "```\n",
	} {
		stacktest.Document(t, "docs/compliance.md", name, text, *update)
	}
}

func TestControlsAreNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range Controls {
		assert.False(t, seen[one.ID], one.ID)
		seen[one.ID] = true
		assert.NotEmpty(t, one.Title, one.ID)
		assert.NotEmpty(t, one.About, one.ID)
		assert.Contains(t, []Severity{Critical, High, Medium, Low}, one.Severity, one.ID)
		assert.NotEmpty(t, one.Types, one.ID)
	}
}
