package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// updated is a step that updates some properties.
func updated(typ, name string, properties ...string) Step {
	one := step("update", typ, name, nil)
	one.DetailedDiff = map[string]PropertyDiff{}
	for _, property := range properties {
		one.DetailedDiff[property] = PropertyDiff{Kind: "update"}
	}
	return one
}

// reasoned is an update that follows an import: the engine gives the properties as reasons alone.
func reasoned(typ, name string, properties ...string) Step {
	one := step("update", typ, name, nil)
	one.DiffReasons = properties
	return one
}

func because(one Step, reasons ...string) Step {
	one.ReplaceReasons = reasons
	return one
}

// An import that takes another object's place deletes that object, and one that the engine would
// replace stops a deploy halfway.
func TestImportsThatLoseSomething(t *testing.T) {
	subnet := catalog.Subnet
	for name, c := range map[string]struct {
		preview Preview
		want    []string
	}{
		"an import": {Preview{Steps: []Step{step("import", subnet, "a", nil)}}, []string{"a is imported"}},
		"an import that is updated after": {Preview{Steps: []Step{step("import", subnet, "a", nil), updated(subnet,
			"a", "tags.Name")}}, []string{"a is imported"}},
		"another object": {
			Preview{Steps: []Step{step("import-replacement", subnet, "a", nil), step("replace", subnet, "a", nil)}},
			[]string{"a is imported in the place of another object"},
		},
		"an import that is replaced after": {
			Preview{Steps: []Step{step("import", subnet, "a", nil), because(step("replace", subnet, "a", nil),
				"cidrBlock")}},
			[]string{"a is replaced, because of cidrBlock"},
		},
		"one that was imported before, and is replaced": {
			Preview{
				Steps: []Step{because(step("replace", subnet, "a", nil), "cidrBlock")},
				Diagnostics: []Diagnostic{{URN: prefix + subnet + "::a", Severity: "warning", Message: notReplaced +
					"; please remove"}},
			},
			[]string{"a is replaced, because of cidrBlock"},
		},
		"one that was never imported, and is replaced": {Preview{Steps: []Step{step("replace", subnet, "a", nil)}},
			nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, one := range Judge(&c.preview) {
				got = append(got, Step{URN: one.URN}.Name()+" "+one.What)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestJudgeStage(t *testing.T) {
	for name, c := range map[string]struct {
		step  Step
		found map[adopted.Stage]string // what is found in a stage; nothing in the others
	}{
		"an import": {step("import", catalog.RDSCluster, "x", nil),
			map[adopted.Stage]string{adopted.Move: "is imported", adopted.Close: "is imported"}},
		"a new role": {step("create", "aws:iam/role:Role", "x", nil), nil},
		"a new database": {step("create", catalog.RDSCluster, "x", nil),
			map[adopted.Stage]string{adopted.Take: "is created again", adopted.Move: "is created again",
				adopted.Close: "is created again"}},
		"a new repository": {step("create", catalog.Repository, "x", nil),
			map[adopted.Stage]string{adopted.Take: "is created again", adopted.Move: "is created again",
				adopted.Close: "is created again"}},
		"tags": {updated(catalog.VPC, "x", "tags.Name", "tagsAll"), nil},
		"an update": {updated(catalog.Listener, "x", "defaultActions[0].type", "tags.Name"),
			map[adopted.Stage]string{adopted.Take: "is updated: defaultActions[0].type, tags.Name"}},
		"tags after an import": {reasoned(catalog.VPC, "x", "tagsAll"), nil},
		"an update after an import": {reasoned(catalog.VPC, "x", "tagsAll", "cidrBlock"),
			map[adopted.Stage]string{adopted.Take: "is updated: cidrBlock, tagsAll"}},
		"an update without its properties": {step("update", catalog.Listener, "x", nil),
			map[adopted.Stage]string{adopted.Take: "is updated: "}},
		"a new revision": {because(step("replace", catalog.TaskDefinition, "x", nil), "containerDefinitions"),
			map[adopted.Stage]string{adopted.Take: "is replaced, because of containerDefinitions"}},
		"a replacement": {because(step("replace", catalog.Subnet, "x", nil), "cidrBlock"), map[adopted.Stage]string{
			adopted.Take: "is replaced, because of cidrBlock", adopted.Move: "is replaced, because of cidrBlock",
			adopted.Close: "is replaced, because of cidrBlock"}},
		"a rule that goes": {step("delete", catalog.IngressRule, "x", nil),
			map[adopted.Stage]string{adopted.Take: "is deleted", adopted.Move: "is deleted"}},
		"a role that goes": {step("delete", "aws:iam/role:Role", "x", nil), map[adopted.Stage]string{
			adopted.Take: "is deleted", adopted.Move: "is deleted", adopted.Close: "is deleted"}},
	} {
		for _, stage := range []adopted.Stage{adopted.Take, adopted.Move, adopted.Close} {
			t.Run(name+" in "+string(stage), func(t *testing.T) {
				findings := JudgeStage(&Preview{Steps: []Step{c.step}}, stage)
				if c.found[stage] == "" {
					assert.Empty(t, findings)
					return
				}
				if assert.Len(t, findings, 1) {
					assert.Equal(t, c.found[stage], findings[0].What)
				}
			})
		}
	}
}
