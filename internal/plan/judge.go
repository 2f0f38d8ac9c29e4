package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// Finding is a change in a plan that a person must approve.
type Finding struct {
	URN string
	// What happens, such as "is replaced".
	What string
	// Why it matters, and what to do about it.
	Why string
}

// String is the finding in one line, which begins with the resource, without stack and project.
func (f Finding) String() string { return fmt.Sprintf("%s %s: %s", short(f.URN), f.What, f.Why) }

// Judge lists what a plan would lose: what holds data or has a fixed name and is replaced or
// deleted, what an import replaces, and what is created again only because its URN changed;
// and what would fail half-way, with the rest deployed. It is in the order of URNs.
func Judge(p *Preview) []Finding {
	var findings []Finding
	for _, step := range p.changes() {
		if finding, ok := lost(step); ok {
			findings = append(findings, finding)
		}
	}
	for _, finding := range imported(p) {
		if !slices.ContainsFunc(findings, func(one Finding) bool { return one.URN == finding.URN }) {
			findings = append(findings, finding)
		}
	}
	findings = append(findings, shortened(p)...)
	findings = append(findings, moved(p)...)
	findings = append(findings, taken(p)...)
	findings = append(findings, cutOff(p)...)
	slices.SortStableFunc(findings, func(a, b Finding) int { return strings.Compare(a.URN, b.URN) })
	return findings
}

// lost judges a step that takes a resource away.
func lost(step Step) (Finding, bool) {
	if step.Op != opDelete && step.Op != opReplace {
		return Finding{}, false
	}
	old := step.state()
	row, _ := catalog.Find(old.Type)
	if row.Lost == "" || (row.FixedName != "" && !old.given(row.FixedName)) {
		return Finding{}, false
	}
	finding := Finding{URN: step.URN, Why: "it loses " + row.Lost}
	switch {
	case step.Op == opReplace:
		finding.What = howReplaced(step)
	case old.RetainOnDelete:
		finding.What, finding.Why = "leaves the stack", "it is kept in the cloud, and nothing manages it any more"
	default:
		finding.What = "is deleted"
	}
	return finding, true
}

// shortened finds locks that are to hold new objects for a shorter time, or that more people can
// lift. A backup vault's lock is replaced by such a change, and is lost.
func shortened(p *Preview) []Finding {
	var findings []Finding
	for _, step := range p.changes() {
		if step.Op != opUpdate || step.Type() != catalog.BucketObjectLock || step.OldState == nil ||
			step.NewState == nil {
			continue
		}
		before, after := lockedDays(step.OldState), lockedDays(step.NewState)
		mode := step.OldState.Input(lockRetention + "mode").Text()
		finding := Finding{URN: step.URN, Why: "it loses the lock that keeps new dumps from being deleted early"}
		switch {
		case after < before:
			finding.What = fmt.Sprintf("holds new objects for %g days in the place of %g", after, before)
		case mode == "COMPLIANCE" && step.NewState.Input(lockRetention+"mode").Text() != mode:
			finding.What = "can be lifted by those with s3:BypassGovernanceRetention"
		default:
			continue
		}
		findings = append(findings, finding)
	}
	return findings
}

const lockRetention = "rule.defaultRetention."

// lockedDays are 0 for a lock without a rule, which holds nothing.
func lockedDays(s *State) float64 {
	days, _ := s.Input(lockRetention + "days").Number()
	years, _ := s.Input(lockRetention + "years").Number()
	return days + 365*years
}

// moved finds resources that are deleted and made again under another URN. An aliased one is
// neither deleted nor made.
func moved(p *Preview) []Finding {
	var created []Step
	for _, step := range p.changes() {
		if step.Op == opCreate && step.state().Custom {
			created = append(created, step)
		}
	}
	var findings []Finding
	for _, gone := range p.changes() {
		if row, _ := catalog.Find(gone.Type()); gone.Op != opDelete || !gone.state().Custom || row.Rotates {
			continue
		}
		i := slices.IndexFunc(created, func(made Step) bool { return same(gone, made) })
		if i < 0 {
			continue
		}
		findings = append(findings, Finding{
			URN:  gone.URN,
			What: "changes its URN without an alias, to " + created[i].URN,
			Why: fmt.Sprintf("it is deleted and created again; add pulumi.Aliases with the old URN to %q",
				created[i].Name()),
		})
		created = slices.Delete(created, i, i+1)
	}
	return findings
}

// same says whether the resource that is created is the one that is deleted: under another parent,
// or under another name with all else equal.
func same(gone, made Step) bool {
	if gone.Type() != made.Type() {
		return false
	}
	return gone.Name() == made.Name() || reflect.DeepEqual(gone.state().chosen(), made.state().chosen())
}
