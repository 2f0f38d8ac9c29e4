// Package docs holds the documents to what is there: each command that they tell people to run must
// exist, and each path and setting that they name.
package docs

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const root = ".."

// documents are all that the repository tells its readers.
func documents(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	all := []string{"README.md", "CONTRIBUTING.md"}
	for _, page := range pages {
		all = append(all, "docs/"+page)
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	return string(raw)
}

var (
	fence  = regexp.MustCompile("(?ms)^[ ]*```(\\w*)\n(.*?)^[ ]*```")
	inline = regexp.MustCompile("`([^`\n]+)`")
)

// commands are the lines of a document that a person would type: those of its blocks without a
// language, joined where they go on, and those in the text.
func commands(text string) []string {
	var all []string
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		if block[1] == "" {
			joined := regexp.MustCompile(`\\\n\s*`).ReplaceAllString(block[2], "")
			all = append(all, strings.Split(joined, "\n")...)
		}
	}
	outside := fence.ReplaceAllString(text, "")
	for _, line := range regexp.MustCompile(`(?m)^    (\S.*)$`).FindAllStringSubmatch(outside, -1) {
		all = append(all, line[1])
	}
	for _, one := range inline.FindAllStringSubmatch(outside, -1) {
		all = append(all, one[1])
	}
	var lines []string
	for _, line := range all {
		line = regexp.MustCompile(`^\w+=\$\(`).ReplaceAllString(strings.TrimSpace(line), "")
		line, _, _ = strings.Cut(line, "  #")
		if line != "" {
			lines = append(lines, line)
		}
		// A command within a command.
		for _, nested := range regexp.MustCompile(`"\$\(([^)]*)\)"`).FindAllStringSubmatch(line, -1) {
			lines = append(lines, nested[1])
		}
	}
	return lines
}

// known are the operations of other people's programs that the documents use, each looked up in the
// program itself: Pulumi 3.259, the AWS CLI's botocore 1.43, the Atlas CLI's and GitHub CLI's
// manuals.
var known = map[string][]string{
	"pulumi": {
		"cancel", "config rm", "config set", "destroy", "import", "login", "plugin install", "preview", "refresh",
		"stack change-secrets-provider",
		"stack export", "stack import", "stack output", "stack select", "state delete", "state unprotect", "up",
	},
	"aws": {
		"acm describe-certificate", "application-autoscaling register-scalable-target",
		"backup describe-region-settings", "backup list-backup-jobs", "backup list-backup-vaults",
		"backup list-copy-jobs", "backup list-recovery-points-by-backup-vault", "backup list-restore-jobs",
		"ce get-cost-and-usage", "cloudtrail lookup-events", "cloudwatch describe-alarms",
		"ec2 describe-availability-zones", "ec2 revoke-security-group-ingress", "ecr describe-images",
		"ecr get-login-password",
		"ecs describe-services", "ecs describe-tasks", "ecs list-tasks", "ecs run-task", "ecs stop-task",
		"ecs update-service",
		"elbv2 describe-target-groups", "elbv2 describe-target-health", "elbv2 modify-listener", "elbv2 modify-rule",
		"firehose put-record", "guardduty get-findings", "guardduty list-detectors", "guardduty list-findings",
		"kms create-key", "kms update-alias",
		"logs delete-log-group", "logs filter-log-events",
		"rds create-db-cluster-snapshot", "rds describe-db-cluster-snapshots", "rds describe-db-clusters",
		"rds describe-db-engine-versions", "rds describe-events", "rds failover-db-cluster", "rds modify-db-cluster",
		"rds modify-global-cluster", "rds remove-from-global-cluster",
		"route53 change-resource-record-sets", "route53 get-dnssec",
		"s3 cp", "s3 ls", "s3api list-buckets", "sqs get-queue-url", "sqs receive-message",
		"sqs start-message-move-task",
		"ssm start-session",
	},
	"atlas": {"backups restores list", "backups restores start automated", "backups restores start pointInTime",
		"backups restores watch", "backups snapshots list"},
	"gh":  {"api", "workflow disable", "workflow enable", "workflow run"},
	"git": {"commit", "pull", "push"},
	// Terraform 1.11.
	"terraform": {"apply", "destroy", "plan", "show", "state pull", "state push", "state rm"},
	"dig":       {"+dnssec", "+short"},
}

// prismaOptions are those of the two commands that a migration runs, as Prisma 7.10.1 lists them
// itself.
var prismaOptions = map[string][]string{
	"db execute": {"--stdin", "--file", "--config", "--help"}, "migrate deploy": {"--schema", "--config", "--help"},
}

// The stack files run what the runbook says, and Prisma has what they ask for: it refuses options
// that it does not know.
func TestTheMigrationsCommandsAreDocumentedAndPrismas(t *testing.T) {
	_, block, found := strings.Cut(read(t, "docs/operations.md"), "```yaml\nmigration:\n")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "```")
	var documented map[string]string
	require.NoError(t, yaml.Unmarshal([]byte(block), &documented))
	require.Len(t, documented, 2)
	migrations := 0
	for _, stack := range []string{"prod", "staging"} {
		var file struct {
			Config struct {
				Services map[string]struct{ Migration map[string]any } `yaml:"bookmark-manager:services"`
			}
		}
		require.NoError(t, yaml.Unmarshal([]byte(read(t, "Pulumi."+stack+".yaml")), &file))
		for name, service := range file.Config.Services {
			if service.Migration == nil {
				continue
			}
			migrations++
			for setting, command := range documented {
				assert.Equal(t, command, service.Migration[setting], "%s of %s in %s", setting, name, stack)
			}
		}
	}
	assert.Equal(t, 2, migrations)
	for setting, command := range documented {
		words := strings.Fields(command)
		require.Greater(t, len(words), 3, setting)
		assert.Equal(t, []string{"npx", "prisma"}, words[:2], setting)
		options, known := prismaOptions[strings.Join(words[2:4], " ")]
		require.True(t, known, command)
		for _, option := range words[4:] {
			assert.Contains(t, options, option, command)
		}
	}
	assert.Contains(t, documented["sqlCommand"], "--stdin")
}

func TestEveryCommandExists(t *testing.T) {
	seen := map[string]int{}
	for _, path := range documents(t) {
		for _, line := range commands(read(t, path)) {
			name, rest, _ := strings.Cut(line, " ")
			operations, foreign := known[name]
			switch {
			case foreign && rest != "" && !strings.HasPrefix(rest, "CLI"):
				seen[name]++
				found := slices.ContainsFunc(operations, func(one string) bool {
					return rest == one || strings.HasPrefix(rest, one+" ")
				})
				assert.True(t, found, "%s: %s", path, line)
			case strings.HasPrefix(name, "scripts/"):
				seen["scripts"]++
				checkScript(t, path, name, rest)
			case strings.HasPrefix(line, "go run ./cmd/infra "):
				seen["infra"]++
				checkInfra(t, path, strings.Fields(line)[3:])
			}
		}
	}
	for _, one := range []string{"pulumi", "aws", "atlas", "gh", "git", "scripts", "infra"} {
		assert.NotZero(t, seen[one], "the documents name no command of %s: is it read at all?", one)
	}
}

// checkScript checks that a script is there and that its source knows each flag. Those of the guard
// may stand behind scripts that call it.
func checkScript(t *testing.T, path, name, arguments string) {
	info, err := os.Stat(filepath.Join(root, name))
	if !assert.NoError(t, err, path) {
		return
	}
	assert.NotZero(t, info.Mode()&0o111, "%s cannot be run", name)
	source := read(t, name)
	if called := regexp.MustCompile(`go run \./cmd/infra (\w+) --help`).FindStringSubmatch(source); called != nil {
		source += infraHelp(t, called[1])
	}
	for _, flag := range regexp.MustCompile(`--([a-z][a-z-]*)`).FindAllStringSubmatch(arguments, -1) {
		declared := strings.Contains(source, "--"+flag[1]) || strings.Contains(source, `"`+flag[1]+`"`)
		assert.True(t, declared || flag[1] == "help", "%s: %s has no flag --%s", path, name, flag[1])
	}
}

// checkInfra checks that the project's command has the subcommand and its flags.
func checkInfra(t *testing.T, path string, words []string) {
	end := slices.IndexFunc(words, func(word string) bool { return !regexp.MustCompile(`^[a-z]+$`).MatchString(word) })
	if end < 0 {
		end = len(words)
	}
	help := infraHelp(t, words[:end]...)
	for _, word := range words {
		if strings.HasPrefix(word, "--") {
			assert.Contains(t, help, word+" ", "%s: infra %s", path, strings.Join(words, " "))
		}
	}
}

// infra is the project's command, built for the tests of this package.
var infra = sync.OnceValues(func() (string, error) {
	path := filepath.Join(root, ".rehearsal", "bin", "infra")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/infra").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build infra: %w\n%s", err, out)
	}
	return path, nil
})

// infraHelp is what `infra WORDS --help` says. A word that is no command fails.
func infraHelp(t *testing.T, words ...string) string {
	t.Helper()
	program, err := infra()
	require.NoError(t, err)
	out, err := exec.Command(program, append(words, "--help")...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "infra "+strings.Join(words, " "), "infra has no such command")
	return string(out)
}

// A setting may be named in the text, such as aurora.active, or be the argument of a command. What
// follows two colons is a part of a URN.
func TestEverySettingExists(t *testing.T) {
	var schema map[string]any
	require.NoError(t, json.Unmarshal([]byte(read(t, "config.schema.json")), &schema))
	sections := at(schema, "properties", "config", "properties")
	require.NotEmpty(t, sections)
	setting := regexp.MustCompile(`^(?:[a-z]+)(?:\.[a-zA-Z<>]+)+$`)
	argument := regexp.MustCompile(`(?:^|[^:])bookmark-manager:([a-zA-Z]+(?:\.[a-zA-Z]+)*)`)
	checked := 0
	for _, path := range documents(t) {
		text := read(t, path)
		var names []string
		for _, one := range inline.FindAllStringSubmatch(text, -1) {
			if section, _, _ := strings.Cut(one[1], "."); setting.MatchString(one[1]) &&
				sections["bookmark-manager:"+section] != nil {
				names = append(names, one[1])
			}
		}
		for _, one := range argument.FindAllStringSubmatch(text, -1) {
			if one[1] != "KEY" {
				names = append(names, one[1])
			}
		}
		for _, name := range names {
			checked++
			assert.NoError(t, resolve(schema, sections, name), path)
		}
	}
	assert.Greater(t, checked, 20)
}

// resolve follows a setting's path through the schema.
func resolve(schema, sections map[string]any, path string) error {
	parts := strings.Split(path, ".")
	node, ok := sections["bookmark-manager:"+parts[0]].(map[string]any)
	if !ok {
		return fmt.Errorf("there is no setting %q", path)
	}
	for _, part := range parts[1:] {
		node = dereference(schema, node)
		next, ok := at(node, "properties")[part].(map[string]any)
		if !ok {
			next, ok = node["additionalProperties"].(map[string]any) // a map by name
		}
		if !ok {
			return fmt.Errorf("there is no setting %q: nothing is called %q there", path, part)
		}
		node = next
	}
	return nil
}

func dereference(schema, node map[string]any) map[string]any {
	reference, ok := node["$ref"].(string)
	if !ok {
		return node
	}
	return at(schema, strings.Split(strings.TrimPrefix(reference, "#/"), "/")...)
}

func at(node map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		node, _ = node[key].(map[string]any)
	}
	return node
}

// Paths are told from other text with a slash by where they begin.
func TestEveryPathExists(t *testing.T) {
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	file := regexp.MustCompile(`^[A-Za-z.][\w.-]*(/[\w.-]+)*/?$`)
	checked := 0
	for _, path := range documents(t) {
		for _, one := range inline.FindAllStringSubmatch(read(t, path), -1) {
			top, _, below := strings.Cut(one[1], "/")
			there := slices.ContainsFunc(entries, func(entry os.DirEntry) bool { return entry.Name() == top })
			named := strings.HasSuffix(one[1], ".yaml") || strings.HasSuffix(one[1], ".go") ||
				strings.HasSuffix(one[1], ".json") || strings.HasSuffix(one[1], ".md")
			if !file.MatchString(one[1]) || (!named && (!below || !there)) {
				continue
			}
			checked++
			assert.True(t, exists(one[1]), "%s names %s", path, one[1])
		}
	}
	assert.Greater(t, checked, 10)
}

func exists(path string) bool {
	_, err := os.Stat(filepath.Join(root, path))
	return err == nil
}

// A workflow that is started by hand must exist and have the inputs.
func TestEveryWorkflowInputExists(t *testing.T) {
	checked := 0
	for _, line := range commands(read(t, "docs/operations.md")) {
		words := strings.Fields(line)
		if len(words) < 4 || strings.Join(words[:3], " ") != "gh workflow run" {
			continue
		}
		var workflow struct {
			On struct {
				Dispatch struct {
					Inputs map[string]any `yaml:"inputs"`
				} `yaml:"workflow_dispatch"`
			} `yaml:"on"`
		}
		require.NoError(t, yaml.Unmarshal([]byte(read(t, ".github/workflows/"+words[3])), &workflow))
		for i := 4; i+1 < len(words); i += 2 {
			checked++
			input, _, _ := strings.Cut(words[i+1], "=")
			assert.Contains(t, workflow.On.Dispatch.Inputs, input, line)
		}
	}
	assert.Equal(t, 3, checked)
}
