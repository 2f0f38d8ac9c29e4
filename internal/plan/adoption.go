package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// notReplaced begins the engine's warning in a preview that an object is to be replaced which is
// still imported by its id. In an up it is an error, halfway through.
const notReplaced = "previously-imported resources that still specify an ID may not be replaced"

// isImported is what a plan does that imports.
const isImported = "is imported"

// imported finds what an import would lose: another object taken in the place of one that the stack
// has, which is then deleted, and an object that is replaced although it is imported. Any other
// import belongs into a plain `pulumi up`: scripts/deploy deploys the database first, and Pulumi
// 3.259 then imports what it was not told to deploy as well, before what that depends on is made.
func imported(p *Preview) []Finding {
	warned, replaced := map[string]bool{}, map[string]bool{}
	for _, one := range p.Diagnostics {
		warned[one.URN] = warned[one.URN] || strings.Contains(one.Message, notReplaced)
	}
	for _, step := range p.changes() {
		replaced[step.URN] = replaced[step.URN] || step.Op == opReplace
	}
	imports := p.imports()
	var findings []Finding
	for _, step := range p.changes() {
		switch {
		case step.Op == opImportReplacement:
			findings = append(findings, Finding{step.URN, "is imported in the place of another object",
				"the object that the stack has is deleted; write the id back that the entry of section adopted had"})
		case step.Op == opReplace && (imports[step.URN] || warned[step.URN]):
			findings = append(findings, Finding{step.URN, howReplaced(step),
				"the deploy would stop there, halfway: add the property to ignoreChanges of its entry in section " +
					"adopted, or " +
					"set it to what is there"})
		case step.Op == opImport && !replaced[step.URN]:
			findings = append(findings, Finding{step.URN, isImported,
				"scripts/deploy deploys the database first, and Pulumi would import this with it and leave a " +
					"state that " +
					"it refuses to read: run pulumi up once, in stage take for an adoption"})
		}
	}
	return findings
}

// imports are the URNs of what the plan imports.
func (p *Preview) imports() map[string]bool {
	urns := map[string]bool{}
	for _, step := range p.Steps {
		urns[step.URN] = urns[step.URN] || step.Op == opImport
	}
	return urns
}

// neverCreated are the types of which an adoption must create no resource: their objects are
// imported, or their names exist already.
var neverCreated = []string{
	catalog.RDSCluster, catalog.RDSClusterInstance, catalog.AtlasCluster, catalog.ECSCluster, catalog.ECSService,
	catalog.Bucket,
	catalog.Repository, catalog.Zone, catalog.Distribution, catalog.LoadBalancer, catalog.VPC,
}

// JudgeStage is Judge for a stage of an adoption, in which less may happen. In take objects are
// only imported, tags aside, and replacements are created. In move nothing is imported, and
// nothing is replaced or deleted but task definitions. In close only the security group rules that
// admit the former tasks are deleted.
func JudgeStage(p *Preview, stage adopted.Stage) []Finding {
	findings := Judge(p)
	if stage == adopted.Take {
		findings = slices.DeleteFunc(findings, func(one Finding) bool { return one.What == isImported })
	}
	known := map[string]bool{}
	for _, one := range findings {
		known[one.URN] = true
	}
	imports := p.imports()
	for _, step := range p.changes() {
		if what := refusedIn(stage, step, imports[step.URN]); what != "" && !known[step.URN] && step.state().Custom {
			known[step.URN] = true
			findings = append(findings, Finding{step.URN, what,
				fmt.Sprintf("stage %s of an adoption leaves it alone; see docs/adoption.md", stage)})
		}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return strings.Compare(a.URN, b.URN) })
	return findings
}

// refusedIn says what a step does that a stage does not do; empty for a step that is as it should
// be.
func refusedIn(stage adopted.Stage, step Step, imports bool) string {
	rule := step.Type() == catalog.IngressRule || step.Type() == catalog.EgressRule
	switch step.Op {
	case opCreate:
		if slices.Contains(neverCreated, step.Type()) && !imports {
			return "is created again"
		}
	case opUpdate:
		if stage == adopted.Take && !step.tagsAlone() {
			return "is updated: " + strings.Join(step.changed(), ", ")
		}
	case opReplace:
		if stage == adopted.Take || step.Type() != catalog.TaskDefinition {
			return howReplaced(step)
		}
	case opDelete:
		if stage != adopted.Close || !rule {
			return "is deleted"
		}
	}
	return ""
}

// tagsAlone says whether an update changes tags and nothing else.
func (s Step) tagsAlone() bool {
	changed := s.changed()
	for _, property := range changed {
		if first, _, _ := strings.Cut(property, "."); first != "tags" && first != "tagsAll" &&
			!strings.HasPrefix(property, "tags[") && !strings.HasPrefix(property, "tagsAll[") {
			return false
		}
	}
	return len(changed) > 0
}

// changed are the properties that a step changes, sorted. Of an update that follows an import the
// engine's plan has them as reasons alone.
func (s Step) changed() []string {
	if len(s.DetailedDiff) > 0 {
		return slices.Sorted(maps.Keys(s.DetailedDiff))
	}
	return slices.Sorted(slices.Values(s.DiffReasons))
}

// howReplaced says that a step replaces its resource, and why.
func howReplaced(step Step) string {
	if len(step.ReplaceReasons) == 0 {
		return "is replaced"
	}
	return "is replaced, because of " + strings.Join(slices.Sorted(slices.Values(step.ReplaceReasons)), ", ")
}
