package drill

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// message is what a rule of EventBridge sends of an event: its template, filled in as EventBridge
// does it.
type message struct {
	template string
	paths    map[string]string
}

// write fills in the template. A name in a string becomes the value as it is, without escaping what
// is in it; of a list or an object the quotation marks are taken away. A name on its own becomes
// JSON. A path that leads to nothing leaves nothing.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-issues
func (m message) write(event map[string]any) (string, error) {
	var text strings.Builder
	quoted := false
	for i := 0; i < len(m.template); i++ {
		switch {
		case m.template[i] == '\\' && i+1 < len(m.template):
			text.WriteString(m.template[i : i+2])
			i++
			continue
		case m.template[i] == '"':
			quoted = !quoted
		}
		name := variable.FindString(m.template[i:])
		if name == "" {
			text.WriteByte(m.template[i])
			continue
		}
		i += len(name) - 1
		value, ok, err := at(m.paths[strings.Trim(name, "<>")], event)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		written, err := json.Marshal(value)
		if err != nil {
			return "", err
		}
		plain, isText := value.(string)
		switch {
		case !quoted:
			text.Write(written)
		case isText:
			text.WriteString(plain)
		default:
			text.WriteString(strings.ReplaceAll(string(written), `"`, ""))
		}
	}
	return text.String(), nil
}

var (
	variable = regexp.MustCompile(`^<[A-Za-z0-9_-]+>`)
	steps    = regexp.MustCompile(`\.([A-Za-z0-9_-]+)|\[([0-9]+|\*)\]`)
	path     = regexp.MustCompile(`^\$(\.[A-Za-z0-9_-]+|\[([0-9]+|\*)\])*$`)
)

// at is the value at a path, in the part of JSONPath that EventBridge takes.
func at(text string, value any) (any, bool, error) {
	if !path.MatchString(text) {
		return nil, false, fmt.Errorf("read the path %q: want one of names, numbers and * such as "+
			"$.detail.list[*].name",
			text)
	}
	found, ok := follow(steps.FindAllStringSubmatch(text, -1), value)
	return found, ok, nil
}

func follow(rest [][]string, value any) (any, bool) {
	if len(rest) == 0 {
		return value, true
	}
	name, index := rest[0][1], rest[0][2]
	if name != "" {
		object, ok := value.(map[string]any)
		if !ok || object[name] == nil {
			return nil, false
		}
		return follow(rest[1:], object[name])
	}
	list, ok := value.([]any)
	if !ok {
		return nil, false
	}
	if index == "*" {
		all := []any{}
		for _, one := range list {
			if found, ok := follow(rest[1:], one); ok {
				all = append(all, found)
			}
		}
		return all, true
	}
	if i, err := strconv.Atoi(index); err == nil && i < len(list) {
		return follow(rest[1:], list[i])
	}
	return nil, false
}

// posted says what keeps a message from being posted to Slack, or from leading to the runbook.
// Amazon Q Developer in chat applications drops what is not in its form, without a word.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
func posted(text string) error {
	var read struct {
		Version string `json:"version"`
		Source  string `json:"source"`
		Content struct {
			Title       string   `json:"title"`
			Description string   `json:"description"`
			NextSteps   []string `json:"nextSteps"`
		} `json:"content"`
	}
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return fmt.Errorf("it is no custom notification, and Slack never shows it: %w: %s", err, text)
	}
	switch {
	case read.Version != "1.0" || read.Source != "custom" || read.Content.Description == "":
		return fmt.Errorf("it is no custom notification of version 1.0 with a description, and Slack never "+
			"shows it: %s",
			text)
	case !strings.Contains(strings.Join(read.Content.NextSteps, " "), "Runbook: http"):
		return fmt.Errorf("its next steps do not lead to the runbook: %s", text)
	}
	return nil
}
