// Package notice makes the rules of EventBridge that tell people of what AWS reports by itself, and
// the messages that they send to the stack's topics.
//
// Amazon Q Developer in chat applications, which posts the topics to Slack, drops every message
// that is neither an event of a service that it knows nor its own object of a custom notification,
// and says nothing of it. So each message is such an object. E-mail shows the object as it is.
//
// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
package notice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Notice is what people are told of an event. In Title and Text <name> stands for the value at the
// path of that name. EventBridge puts it in as it is, so it must be one that has no quotation
// marks, such as an ARN or a state. A Text that is one <name> alone becomes a string of JSON of its
// own, with whatever is in it: that is how to pass on the words of a service. Its path must be in
// every event of the pattern, and lead to a string. What is at a path with a wildcard is a list,
// which is put between other words without its quotation marks.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
type Notice struct {
	Title   string            // what has happened, as a sentence
	Text    string            // what there is to know of it
	First   string            // what to do first, as a sentence
	Section string            // of the runbook, its fragment
	Paths   map[string]string // in the event, by name
}

// Pattern selects events of EventBridge.
type Pattern struct {
	Source     []string       `json:"source,omitempty"`
	DetailType []string       `json:"detail-type"`
	Resources  []any          `json:"resources,omitempty"`
	Detail     map[string]any `json:"detail,omitempty"`
}

// Rule tells a topic of the events of a pattern.
type Rule struct {
	Description string // of the pattern
	Pattern     Pattern
	Notice      Notice
}

// Sender is what all messages of a stack have in common.
type Sender struct {
	Environment string // begins the title
	RunbookBase string // the runbook's page, without a fragment
}

// Make makes a rule and its target under one name. An error says which of the two.
func (s Sender) Make(
	ctx *pulumi.Context, name string, r Rule, topic pulumi.StringInput, opts ...pulumi.ResourceOption,
) error {
	pattern, err := json.Marshal(r.Pattern)
	if err != nil {
		return fmt.Errorf("write the pattern of rule %q: %w", name, err)
	}
	template, err := s.template(r.Notice)
	if err != nil {
		return fmt.Errorf("write the message of rule %q: %w", name, err)
	}
	made, err := cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{
		Description: pulumi.String(r.Description), EventPattern: pulumi.String(pattern),
	}, opts...)
	if err != nil {
		return fmt.Errorf("create rule %q: %w", name, err)
	}
	if _, err := cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{
		Rule: made.Name,
		Arn:  topic,
		InputTransformer: cloudwatch.EventTargetInputTransformerArgs{
			InputPaths: pulumi.ToStringMap(r.Notice.Paths), InputTemplate: pulumi.String(template),
		},
	}, opts...); err != nil {
		return fmt.Errorf("create target of rule %q: %w", name, err)
	}
	return nil
}

// notification is Amazon Q Developer's object.
type notification struct {
	Version string  `json:"version"`
	Source  string  `json:"source"`
	Content content `json:"content"`
}

type content struct {
	Title       string   `json:"title"`
	Description string   `json:"description"`
	NextSteps   []string `json:"nextSteps"`
}

var (
	variable = regexp.MustCompile(`<([a-z]+)>`)
	alone    = regexp.MustCompile(`^<[a-z]+>$`)
)

// template is the message of a notice, with names to fill in.
func (s Sender) template(n Notice) (string, error) {
	if n.Title == "" || n.Text == "" || n.First == "" || n.Section == "" {
		return "", fmt.Errorf("the notice %+v lacks a title, a text, a first step or a section", n)
	}
	for _, used := range variable.FindAllStringSubmatch(n.Title+n.Text, -1) {
		if n.Paths[used[1]] == "" {
			return "", fmt.Errorf("the notice %q uses <%s>, which has no path", n.Title, used[1])
		}
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false) // which would hide the <names> from EventBridge
	if err := encoder.Encode(notification{"1.0", "custom", content{
		Title:       s.Environment + ": " + n.Title,
		Description: n.Text,
		NextSteps:   []string{"First: " + n.First, "Runbook: " + s.RunbookBase + "#" + n.Section},
	}}); err != nil {
		return "", err
	}
	template := strings.TrimSpace(written.String())
	if alone.MatchString(n.Text) {
		return strings.Replace(template, `"description":"`+n.Text+`"`, `"description":`+n.Text, 1), nil
	}
	return template, nil
}
