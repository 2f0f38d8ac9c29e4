package regionloss

import (
	"fmt"
	"regexp"
	"strings"
)

// Step is one thing that a person does, as the runbook has it.
type Step struct {
	// Do says what is done.
	Do string
	// Commands are what is typed, one after the other. One that goes on behind a backslash has all
	// of its lines.
	Commands []string
}

// Title is the first sentence of what is done.
func (s Step) Title() string {
	title, _, _ := strings.Cut(s.Do, ". ")
	return strings.TrimSuffix(title, ".")
}

const (
	fence = "```"
	// indent is that of a step's commands, which are a part of its item.
	indent = "   "
)

var item = regexp.MustCompile(`^([0-9]+)\. (.+)$`)

// Runbook are the numbered steps below a heading of a document, to the next heading. It refuses
// steps that are not numbered from 1, and those without a command.
func Runbook(document, heading string) ([]Step, error) {
	_, section, found := strings.Cut(document, "\n"+heading+"\n")
	if !found {
		return nil, fmt.Errorf("read the runbook: there is no heading %q", heading)
	}
	var steps []Step
	var typing, goesOn bool
	for _, line := range strings.Split(section, "\n") {
		if strings.HasPrefix(line, "#") && !typing {
			break
		}
		numbered := item.FindStringSubmatch(line)
		inItem := strings.HasPrefix(line, indent)
		text := strings.TrimPrefix(line, indent)
		switch {
		case numbered != nil && !typing:
			if want := fmt.Sprint(len(steps) + 1); numbered[1] != want {
				return nil, fmt.Errorf("read %q: found step %s, want %s", heading, numbered[1], want)
			}
			steps = append(steps, Step{Do: numbered[2]})
		case len(steps) == 0 || line == "":
		case inItem && text == fence:
			typing, goesOn = !typing, false
		case typing:
			steps[len(steps)-1].typed(text, goesOn)
			goesOn = strings.HasSuffix(text, `\`)
		case inItem:
			steps[len(steps)-1].Do += " " + text
		}
	}
	for i, step := range steps {
		if len(step.Commands) == 0 {
			return nil, fmt.Errorf("read %q: step %d has no command: a person could not do it", heading, i+1)
		}
	}
	if len(steps) == 0 || typing {
		return nil, fmt.Errorf("read %q: found %d steps, want some, each of whose commands end", heading, len(steps))
	}
	return steps, nil
}

// typed adds a line of commands.
func (s *Step) typed(line string, goesOn bool) {
	if goesOn {
		s.Commands[len(s.Commands)-1] += "\n" + line
		return
	}
	s.Commands = append(s.Commands, line)
}

// Names are what the commands are about.
type Names struct {
	Stack, Environment string // the stack whose region is lost
	To                 string // the stack that takes its place, and its environment
	Account            string
	Home, Away         string // regions
	Project            string // of MongoDB Atlas
	Domain             string
}

// production is what the document is written for.
var production = Names{
	Stack:       "prod",
	Environment: "production",
	To:          "recovery",
	Account:     "111122223333",
	Home:        "ap-northeast-1",
	Away:        "ap-northeast-3",
	Project:     "0123456789abcdef01234567",
	Domain:      "example.com",
}

var stackName = regexp.MustCompile(`\b` + production.Stack + `\b`)

// of is a command of the document as it is typed for the stack of these names.
func (n Names) of(command string) string {
	command = strings.NewReplacer(
		"-"+production.Environment, "-"+n.Environment, "-"+production.To, "-"+n.To, production.Account, n.Account,
		production.Home, n.Home, production.Away, n.Away, production.Project, n.Project,
		"www."+production.Domain, "www."+n.Domain,
	).Replace(command)
	return stackName.ReplaceAllString(command, n.Stack)
}
