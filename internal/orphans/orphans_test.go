package orphans

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// exported is a state with two AWS providers, a VPC, a NAT gateway, whose ARN no output has, and a
// pending creation.
const exported = `{"deployment": {
	"resources": [
		{"urn": "urn:tokyo", "type": "pulumi:providers:aws", "id": "p1",
			"inputs": {"region": "ap-northeast-1",
			 "defaultTags": "{\"tags\":{\"Stack\":\"prod\",\"Project\":\"bookmark-manager\"}}"}},
		{"urn": "urn:recovery", "type": "pulumi:providers:aws", "id": "p2",
			"inputs": {"region": "ap-northeast-3",
			 "defaultTags": "{\"tags\":{\"Stack\":\"prod\",\"Project\":\"bookmark-manager\"}}"}},
		{"urn": "urn:vpc", "type": "aws:ec2/vpc:Vpc", "id": "vpc-1",
		 "outputs": {"arn": "arn:aws:ec2:ap-northeast-1:111122223333:vpc/vpc-1"}},
		{"urn": "urn:nat", "type": "aws:ec2/natGateway:NatGateway", "id": "nat-1", "outputs": {}}
	],
	"pending_operations": [
		{"type": "creating", "resource": {"urn": "urn:subnet", "type": "aws:ec2/subnet:Subnet"}},
		{"type": "deleting", "resource": {"urn": "urn:old", "type": "aws:ec2/subnet:Subnet"}}
	]
}}`

// clean is the same without the pending creation.
var clean = strings.Replace(exported, `"creating"`, `"updating"`, 1)

// world puts stand-ins for pulumi and aws on PATH. inAccount are the ARNs by region; without a
// region it is an answer that is no JSON.
func world(t *testing.T, state string, inAccount map[string][]string) (calls string) {
	t.Helper()
	bin, folder := t.TempDir(), t.TempDir()
	calls = filepath.Join(folder, "calls")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "state"), []byte(state), 0o600))
	for region, arns := range inAccount {
		var answer []string
		for _, arn := range arns {
			answer = append(answer, `{"ResourceARN": "`+arn+`", "Tags": []}`)
		}
		require.NoError(t, os.WriteFile(filepath.Join(folder, region),
			[]byte(`{"ResourceTagMappingList": [`+strings.Join(answer, ",")+`]}`), 0o600))
	}
	for name, body := range map[string]string{
		"pulumi": `cat "` + folder + `/state"`,
		"aws":    `cat "` + folder + `/$4" 2>/dev/null || { echo "no credentials" >&2; exit 255; }`,
	} {
		script := "#!/bin/sh\necho \"" + name + " $*\" >>\"" + calls + "\"\n" + body + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return calls
}

func called(t *testing.T, args ...string) (code int, out, problems string) {
	t.Helper()
	var o, p bytes.Buffer
	code = command.Run(t.Context(), Command(), args, nil, &o, &p)
	return code, o.String(), p.String()
}

func TestWhatTheStateDoesNotHaveIsListedWithAdvice(t *testing.T) {
	calls := world(t, exported, map[string][]string{
		"ap-northeast-1": {
			"arn:aws:ec2:ap-northeast-1:111122223333:vpc/vpc-1",
			"arn:aws:ec2:ap-northeast-1:111122223333:natgateway/nat-1",
			"arn:aws:ec2:ap-northeast-1:111122223333:vpc/vpc-2",
			"arn:aws:rds:ap-northeast-1:111122223333:cluster:bookmark-manager-production-aurora",
			"arn:aws:rds:ap-northeast-1:111122223333:cluster-snapshot:final",
			"arn:aws:ecs:ap-northeast-1:111122223333:task/cluster/1",
			"arn:aws:dax:ap-northeast-1:111122223333:cache/bookmarks",
		},
		"ap-northeast-3": {},
		"us-east-1":      {"arn:aws:cloudfront::111122223333:distribution/E1"},
	})
	code, out, problems := called(t, "--stack", "prod")
	assert.Equal(t, command.Failed, code, problems)
	assert.Equal(t, []string{
		"With the stack's tags and not in its state: 4",
		"  arn:aws:cloudfront::111122223333:distribution/E1  aws:cloudfront/distribution:Distribution  delete it, " +
			"or import it with the id E1",
		"  arn:aws:dax:ap-northeast-1:111122223333:cache/bookmarks  unknown type  look at it: import it with its " +
			"id, or delete it",
		"  arn:aws:ec2:ap-northeast-1:111122223333:vpc/vpc-2  aws:ec2/vpc:Vpc  delete it, or import it with the " +
			"id vpc-2",
		"  arn:aws:rds:ap-northeast-1:111122223333:cluster:bookmark-manager-production-aurora  " +
			"aws:rds/cluster:Cluster  may hold data: import it with the id bookmark-manager-production-aurora",
		"Creations that are pending in the state: 1. Deal with what is listed above, then: pulumi refresh " +
			"--clear-pending-creates",
		"  urn:subnet",
		"Left out, made by AWS from the stack's resources: 1 ECS tasks",
		"Left out, made by AWS from the stack's resources: 1 database snapshots",
	}, squeezed(out))
	raw, err := os.ReadFile(calls)
	require.NoError(t, err)
	const get = "aws resourcegroupstaggingapi get-resources --region %s --output json --tag-filters " +
		"Key=Project,Values=bookmark-manager Key=Stack,Values=prod"
	assert.Equal(t, []string{
		"pulumi stack export --stack prod",
		strings.Replace(get, "%s", "ap-northeast-1", 1), strings.Replace(get, "%s", "ap-northeast-3", 1),
		strings.Replace(get, "%s", "us-east-1", 1),
	}, strings.Split(strings.TrimSpace(string(raw)), "\n"))
}

// squeezed are the lines with each gap of a table as two spaces.
func squeezed(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		indent := ""
		if strings.HasPrefix(line, "  ") {
			indent = "  "
		}
		cells := strings.FieldsFunc(strings.ReplaceAll(strings.TrimSpace(line), "  ", "\t"), func(r rune) bool {
			return r == '\t'
		})
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		lines = append(lines, indent+strings.Join(cells, "  "))
	}
	return lines
}

func TestNothingIsFoundInAnAccountThatIsTheState(t *testing.T) {
	world(t, clean, map[string][]string{
		"ap-northeast-1": {"arn:aws:ec2:ap-northeast-1:111122223333:vpc/vpc-1"}, "ap-northeast-3": {}, "us-east-1": {},
	})
	code, out, problems := called(t, "--stack", "prod")
	assert.Equal(t, command.OK, code, problems)
	assert.Equal(t, "Nothing has the stack's tags that is not in its state.\n", out)
}

func TestAPendingCreationAloneIsFound(t *testing.T) {
	world(t, exported, map[string][]string{"ap-northeast-1": {}, "ap-northeast-3": {}, "us-east-1": {}})
	code, out, _ := called(t, "--stack", "prod")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, out, "  urn:subnet\n")
}

func TestWithoutAnAnswerThereIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		state string
		args  []string
		want  string
	}{
		"no stack": {clean, nil,
			"read the flag --stack: it is missing, want the name of a stack, such as prod (orphans --help lists " +
				"the flags)"},
		"a word too many": {clean, []string{"--stack", "prod", "now"}, `found "now", want flags only`},
		"a state of nothing": {`{"deployment": {}}`, []string{"--stack", "prod"},
			"find the AWS providers of stack prod: its state has none"},
		"an account that is not": {clean, []string{"--stack", "prod"}, "no credentials"},
		"a provider without tags": {
			`{"deployment": {"resources": [{"urn": "urn:tokyo", "type": "pulumi:providers:aws", "inputs": ` +
				`{"region": "ap-northeast-1"}}]}}`,
			[]string{"--stack", "prod"},
			`read the provider urn:tokyo of stack prod: found region "ap-northeast-1" and default tags ""`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			world(t, c.state, nil)
			code, out, problems := called(t, c.args...)
			assert.Equal(t, command.Usage, code, out)
			assert.Contains(t, problems, c.want)
		})
	}
}

func TestHelpSaysWhatItDoes(t *testing.T) {
	code, out, _ := called(t, "--help")
	assert.Equal(t, command.OK, code)
	assert.Contains(t, out, "orphans --stack NAME")
	assert.Contains(t, out, "Exit codes:")
}
