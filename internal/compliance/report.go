// Package compliance judges the resources of a stack by the controls of AWS Foundational Security
// Best Practices (FSBP) and the CIS AWS Foundations Benchmark that can be judged from a plan. It
// needs no account: it reads what package plan reads.
package compliance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Verdict is what a control says of a resource.
type Verdict string

// The verdicts. Fail, Unknown and Hidden are failures.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Unknown       Verdict = "unknown"        // a value that decides is computed when the stack is deployed
	Hidden        Verdict = "hidden"         // a value that decides is a secret, which a plan does not show
	Excepted      Verdict = "excepted"       // it fails or is hidden, and an exception says why that is right
	NotApplicable Verdict = "not applicable" // the stack has no resource that the control is about
)

// Severity is how much a failure matters, as Security Hub rates it.
type Severity string

// The severities, the worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Result is what one control says of one resource, or of one container of a task definition.
type Result struct {
	Control string `json:"control"` // the id, such as "S3.8"
	// the number in CIS AWS Foundations v3.0.0, if the benchmark has the control
	CIS      string   `json:"cis,omitempty"`
	Title    string   `json:"title"`
	Severity Severity `json:"severity"`
	URN      string   `json:"urn,omitempty"`  // empty when the control is not applicable
	Part     string   `json:"part,omitempty"` // the name of the container
	Verdict  Verdict  `json:"verdict"`
	Reason   string   `json:"reason,omitempty"` // what is wrong, why it is excepted or not applicable; empty for a pass
}

// Resource is the logical name of the resource, followed by a slash and the container's name if it
// is about one. Exceptions name it so.
func (r Result) Resource() string {
	name := r.URN[strings.LastIndex(r.URN, ":")+1:]
	if r.Part != "" {
		name += "/" + r.Part
	}
	return name
}

// Report is what all controls say of a stack, in the order of Controls and, within one, of URNs.
type Report []Result

// Count is the number of results with a verdict.
func (r Report) Count(verdict Verdict) int {
	n := 0
	for _, one := range r {
		if one.Verdict == verdict {
			n++
		}
	}
	return n
}

// Failures is the number of results that must not be: those that fail, and those that cannot be
// judged.
func (r Report) Failures() int { return r.Count(Fail) + r.Count(Unknown) + r.Count(Hidden) }

// ErrStale is wrapped by the error of Evaluate for an exception that is not needed.
var ErrStale = errors.New("an exception matches no result")

// Evaluate judges the resources of a stack, as plan.Preview.Resources lists them, by every control.
// The exceptions are those of this stack: one that matches nothing is an error that wraps ErrStale,
// and the report is returned beside it.
func Evaluate(resources []plan.State, exceptions []Exception) (Report, error) {
	s := &stack{resources: resources}
	var report Report
	for _, control := range Controls {
		report = append(report, control.judge(s)...)
	}
	return report, except(report, exceptions)
}

// except applies the exceptions to a report, and returns an error for those that match nothing.
func except(report Report, exceptions []Exception) error {
	var stale []error
	for _, exception := range exceptions {
		used := false
		for i := range report {
			if exception.covers(report[i]) {
				report[i].Verdict, report[i].Reason = Excepted, exception.Reason
				used = true
			}
			// Nobody can say yet whether it is needed.
			used = used || report[i].Control == exception.Control && report[i].Verdict == Unknown
		}
		if !used {
			stale = append(stale,
				fmt.Errorf("%w with the verdict %q: %s on %q: remove it, or correct its control, resource or stacks",
					ErrStale, exception.verdict(), exception.Control, exception.Resource))
		}
	}
	return errors.Join(stale...)
}

func (c Control) judge(s *stack) []Result {
	base := Result{
		Control:  c.ID,
		CIS:      c.CIS,
		Title:    c.Title,
		Severity: c.Severity,
	}
	var results []Result
	for _, state := range s.resources {
		if !slices.Contains(c.Types, state.Type) {
			continue
		}
		for _, subject := range c.subjects(state) {
			if result, ok := c.judgeOne(s, subject, base); ok {
				results = append(results, result)
			}
		}
	}
	if len(results) == 0 {
		base.Verdict, base.Reason = NotApplicable, "no "+c.About
		return []Result{base}
	}
	return results
}

// judgeOne applies the control to a resource or a container. A value that could not be read
// outweighs whatever the check made of it.
func (c Control) judgeOne(s *stack, r *resource, result Result) (Result, bool) {
	applies := c.applies == nil || c.applies(r)
	var problem string
	if applies {
		problem = c.check(s, r)
	}
	result.URN, result.Part = r.state.URN, r.part
	switch {
	case len(r.unread.unknown) > 0:
		result.Verdict = Unknown
		result.Reason = strings.Join(r.unread.unknown, ", ") +
			" is not known before a deploy: judge the plan of the deployed stack"
	case len(r.unread.hidden) > 0:
		result.Verdict, result.Reason = Hidden, strings.Join(r.unread.hidden, ", ")+" is a secret, which a plan hides"
	case !applies:
		return Result{}, false
	case problem != "":
		result.Verdict, result.Reason = Fail, problem
	default:
		result.Verdict = Pass
	}
	return result, true
}
