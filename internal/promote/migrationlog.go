package promote

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// logLines is how many of the last lines of a migration that failed are shown.
const logLines = 15

// lastWords are the last lines that a migration task has written: what the database or Prisma says
// is among them. When they cannot be read, the failure is reported without them.
func (p *promotion) lastWords(ctx context.Context, definition, task string) string {
	group, stream, err := p.logStream(ctx, definition, task)
	if err != nil {
		return fmt.Sprintf("what it wrote could not be read: %v", err)
	}
	var found struct {
		Events []struct {
			Message string `json:"message"`
		} `json:"events"`
	}
	if err := p.Read(ctx, &found, "aws", "logs", "get-log-events", "--log-group-name", group, "--log-stream-name",
		stream,
		"--limit", fmt.Sprint(logLines), "--output", "json"); err != nil {
		return fmt.Sprintf("what it wrote could not be read: %v", err)
	}
	lines := []string{"its last log lines, in log group " + group + ":"}
	for _, event := range found.Events {
		lines = append(lines, "  "+withoutSecrets(event.Message))
	}
	return strings.Join(lines, "\n")
}

// logStream is where the migration's container writes.
func (p *promotion) logStream(ctx context.Context, definition, task string) (group, stream string, err error) {
	var found struct {
		TaskDefinition struct {
			Containers []struct {
				Name string `json:"name"`
				Log  struct {
					Options map[string]string `json:"options"`
				} `json:"logConfiguration"`
			} `json:"containerDefinitions"`
		} `json:"taskDefinition"`
	}
	if err := p.Read(ctx, &found, "aws", "ecs", "describe-task-definition", "--task-definition", definition,
		"--output", "json"); err != nil {
		return "", "", err
	}
	for _, one := range found.TaskDefinition.Containers {
		group, prefix := one.Log.Options["awslogs-group"], one.Log.Options["awslogs-stream-prefix"]
		if one.Name == migrationContainer && group != "" && prefix != "" {
			return group, prefix + "/" + one.Name + "/" + task[strings.LastIndex(task, "/")+1:], nil
		}
	}
	return "", "", fmt.Errorf("look for the log of %s: container %q writes to none", definition, migrationContainer)
}

// secretParts are what may be secret in a line: who logs in and how, in an address; a password of a
// statement, plain or hashed; a value that is called a password.
var secretParts = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`([a-z][a-z0-9+.-]*://)[^\s/]*@`), "${1}***@"},
	{regexp.MustCompile(`SCRAM-SHA-256\$[A-Za-z0-9+/=:$]+`), "***"},
	{regexp.MustCompile(`(?i)(password['"]?\s*[:=]?\s*)('[^']*'|"[^"]*")`), "${1}***"},
	{regexp.MustCompile(`(?i)(password=)[^\s&]+`), "${1}***"},
}

// withoutSecrets is a line that may go into the log of a workflow, which more people can read than
// the migration's own.
func withoutSecrets(line string) string {
	for _, one := range secretParts {
		line = one.pattern.ReplaceAllString(line, one.instead)
	}
	return line
}
