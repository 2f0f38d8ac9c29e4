package delivery

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// grants are the actions that a policy allows, with or without limits on what they are done to.
func grants(t *testing.T, document string) (everywhere, limited []string) {
	t.Helper()
	var policy struct {
		Statement []struct {
			Effect           string
			Action, Resource []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(document), &policy))
	for _, statement := range policy.Statement {
		require.Equal(t, "Allow", statement.Effect)
		if slices.Equal(statement.Resource, []string{"*"}) {
			everywhere = append(everywhere, statement.Action...)
		} else {
			limited = append(limited, statement.Action...)
		}
	}
	return everywhere, limited
}

// granted says whether one of the patterns takes an action in.
func granted(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, err := path.Match(pattern, action)
		return err == nil && matched
	})
}

func previewPolicy(t *testing.T) string {
	t.Helper()
	r, err := build(nil)
	require.NoError(t, err)
	return document(t, r, "aws:iam/rolePolicy:RolePolicy", "delivery-preview", "policy")
}

// reads are the actions that the provider calls to read a resource, by its type. The model of the
// clouds holds the table, with where each entry is from, and asks for them in the rehearsal.
func reads(t *testing.T) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile("../rehearsal/model/aws/actions.json")
	require.NoError(t, err)
	var table map[string]struct{ Read struct{ Actions []string } }
	require.NoError(t, json.Unmarshal(raw, &table))
	all := map[string][]string{}
	for typ, operations := range table {
		require.NotEmpty(t, operations.Read.Actions, typ)
		all[typ] = operations.Read.Actions
	}
	return all
}

// The report of drift reads every resource. One action that is missing fails all of it.
func TestPreviewRoleMayReadEveryType(t *testing.T) {
	everywhere, limited := grants(t, previewPolicy(t))
	for typ, actions := range reads(t) {
		for _, action := range actions {
			assert.True(t, granted(append(everywhere, limited...), action), "%s is read with %s", typ, action)
		}
	}
}

func TestTheTableOfReadsHasEveryTypeOfTheStacks(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.resources.golden")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	table := reads(t)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		types := regexp.MustCompile(`(?m)^aws:\S+`).FindAllString(string(raw), -1)
		require.NotEmpty(t, types, file)
		for _, typ := range types {
			assert.Contains(t, table, typ, file)
		}
	}
}

// What looks at a stack runs with the role too.
func TestPreviewRoleMayLookAtTheStack(t *testing.T) {
	everywhere, _ := grants(t, previewPolicy(t))
	for command, action := range map[string]string{
		"infra strays": "ec2:DescribeSecurityGroupRules", "infra orphans": "tag:GetResources",
	} {
		assert.True(t, granted(everywhere, action), "%s calls %s", command, action)
	}
}

// The code of a pull request runs with the role: of what is kept in the account it gets to see the
// stack's own alone.
func TestPreviewRoleReadsContentOfTheStackAlone(t *testing.T) {
	everywhere, _ := grants(t, previewPolicy(t))
	for _, content := range []string{
		"athena:GetQueryResults", "cloudwatch:GetMetricData", "ecr:BatchGetImage", "ecr:GetAuthorizationToken",
		"ecr:GetDownloadUrlForLayer", "ec2:GetPasswordData", "ec2:GetConsoleOutput", "glue:GetConnection",
		"guardduty:GetFindings", "kms:Decrypt", "logs:GetLogEvents", "logs:GetQueryResults", "logs:StartQuery",
		"logs:FilterLogEvents", "s3:GetObject", "s3:GetObjectVersion", "secretsmanager:GetSecretValue",
		"sns:ListSubscriptions", "ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters",
		"ssm:GetParametersByPath", "ssm:GetCommandInvocation", "wafv2:GetSampledRequests",
	} {
		assert.False(t, granted(everywhere, content), content)
	}
}

// An action that is not about reading has no place in the preview role, whatever service is added
// to the list.
func TestPreviewRoleChangesNothing(t *testing.T) {
	for _, action := range descriptions {
		_, verb, _ := strings.Cut(action, ":")
		assert.Regexp(t, "^(Describe|Get|List|ViewBudget$)", verb, action)
	}
}

// What the role's own policy allows counts only as far as the boundary does too.
func TestTheBoundaryLetsThePreviewRoleRead(t *testing.T) {
	for typ, actions := range reads(t) {
		for _, action := range actions {
			service, _, _ := strings.Cut(action, ":")
			assert.True(t, service == "iam" || slices.Contains(services, service), "%s is read with %s", typ, action)
		}
	}
}
