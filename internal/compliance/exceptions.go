package compliance

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"gopkg.in/yaml.v3"
)

// Exception lets resources fail a control, or stay unjudged by it, for a written reason.
type Exception struct {
	Control string `yaml:"control"` // the id, such as "S3.8"
	// the resource as Result.Resource names it; * stands for any run of characters but a slash
	Resource string `yaml:"resource"`
	// Stacks are those that it is for. Default: every stack.
	Stacks []string `yaml:"stacks"`
	// Verdict is what it is for: Fail or Hidden. Default: Fail. An unknown value cannot be
	// excepted.
	Verdict Verdict `yaml:"verdict"`
	Reason  string  `yaml:"reason"`
}

func (e Exception) verdict() Verdict {
	if e.Verdict == "" {
		return Fail
	}
	return e.Verdict
}

func (e Exception) covers(r Result) bool {
	matched, err := path.Match(e.Resource, r.Resource())
	return err == nil && matched && e.Control == r.Control && e.verdict() == r.Verdict
}

// problems are what is wrong with an exception as it is written.
func (e Exception) problems() []string {
	var problems []string
	if !slices.ContainsFunc(Controls, func(c Control) bool { return c.ID == e.Control }) {
		problems = append(problems,
			fmt.Sprintf("control is %q, want the id of a control in docs/compliance.md", e.Control))
	}
	if _, err := path.Match(e.Resource, ""); err != nil || e.Resource == "" {
		problems = append(problems,
			fmt.Sprintf("resource is %q, want a pattern of a resource's name, such as aurora-*", e.Resource))
	}
	if v := e.verdict(); v != Fail && v != Hidden {
		problems = append(problems, fmt.Sprintf("verdict is %q, want %s or %s", v, Fail, Hidden))
	}
	if len(e.Reason) < minReason {
		problems = append(problems, fmt.Sprintf("reason is %q, want a sentence that a reviewer accepts, of %d "+
			"characters or more", e.Reason, minReason))
	}
	return problems
}

// minReason keeps "n/a" and "later" out.
const minReason = 20

// ReadExceptions reads a YAML list of exceptions and returns those for a stack. Every problem of
// the file is reported at once.
func ReadExceptions(r io.Reader, stack string) ([]Exception, error) {
	decoder := yaml.NewDecoder(r)
	decoder.KnownFields(true)
	var all, chosen []Exception
	if err := decoder.Decode(&all); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the exceptions: %w", err)
	}
	var problems []error
	for i, one := range all {
		for _, problem := range one.problems() {
			problems = append(problems, fmt.Errorf("read the exceptions: [%d].%s", i, problem))
		}
		if len(one.Stacks) == 0 || slices.Contains(one.Stacks, stack) {
			chosen = append(chosen, one)
		}
	}
	return chosen, errors.Join(problems...)
}
