package drift

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

const prefix = "urn:pulumi:prod::bookmark-manager::bookmark-manager:x:X$"

func urnOf(typ, name string) string { return prefix + typ + "::" + name }

func object(typ, name string, properties map[string]any) *cloud.Object {
	return &cloud.Object{
		Key:     cloud.Key{Type: typ, Account: "111122223333", Region: "ap-northeast-1", ID: name},
		URN:     urnOf(typ, name),
		Inputs:  cloud.Properties(resource.NewPropertyMapFromMap(properties)),
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(properties)),
	}
}

func fixtureOf(t *testing.T, objects ...*cloud.Object) *harness.Fixture {
	t.Helper()
	f := &harness.Fixture{Rehearsal: &run.Rehearsal{Work: &workspace.Workspace{Dir: t.TempDir()}}}
	require.NoError(t, f.ByHand(func(tx *cloud.Tx) error {
		for _, o := range objects {
			if err := tx.Create(o); err != nil {
				return err
			}
		}
		return nil
	}))
	return f
}

func one(answer Answer, change func(*Hand)) []Case {
	return []Case{{Name: "it", Answer: answer, Why: "because", Change: change}}
}

func TestAHandChangesWhatIsThere(t *testing.T) {
	f := fixtureOf(t,
		object(catalog.MetricAlarm, "cpu", map[string]any{
			"threshold": 80,
			"version":   1,
			"rules":     []any{map[string]any{"action": "block"}},
			"tags":      map[string]any{"a": "b"},
		}),
		object(catalog.Record, "www", nil), object(catalog.SecurityGroup, "db", nil))
	results, err := change(f, one(Repaired, func(h *Hand) {
		h.Set(catalog.MetricAlarm, "cpu", "threshold", 99)
		h.Set(catalog.MetricAlarm, "cpu", "rules[0].action", "count")
		h.Count(catalog.MetricAlarm, "cpu", "version")
		h.Untag(catalog.MetricAlarm, "cpu", "a")
		h.Delete(catalog.Record, "www")
		h.Add(catalog.IngressRule, "sgr-1", catalog.SecurityGroup, "db", "securityGroupId",
			map[string]any{"fromPort": 1})
	}))
	require.NoError(t, err)
	assert.Equal(t,
		[]string{urnOf(catalog.MetricAlarm, "cpu"), urnOf(catalog.SecurityGroup, "db"), urnOf(catalog.Record, "www")},
		results[0].URNs)
	objects, err := f.Objects()
	require.NoError(t, err)
	after := harness.ByURN(objects)
	assert.Len(t, after, 2, "what was added belongs to nobody's state")
	want := map[string]any{
		"threshold": 99.0,
		"version":   1.0,
		"rules":     []any{map[string]any{"action": "count"}},
		"tags":      map[string]any{},
	}
	assert.Equal(t, want, resource.PropertyMap(after[urnOf(catalog.MetricAlarm, "cpu")].Inputs).Mappable())
	want["version"] = 2.0
	assert.Equal(t, want, resource.PropertyMap(after[urnOf(catalog.MetricAlarm, "cpu")].Outputs).Mappable())
}

func TestAHandThatMissesIsAnError(t *testing.T) {
	f := fixtureOf(t, object(catalog.MetricAlarm, "cpu", map[string]any{"threshold": 80}))
	for want, by := range map[string]func(*Hand){
		"find memory of type":                    func(h *Hand) { h.Delete(catalog.MetricAlarm, "memory") },
		"change threshold of cpu: it is 80":      func(h *Hand) { h.Set(catalog.MetricAlarm, "cpu", "threshold", 80) },
		"change list[3].x of cpu: there is no":   func(h *Hand) { h.Set(catalog.MetricAlarm, "cpu", "list[3].x", 1) },
		"raise name of cpu: it is no number":     func(h *Hand) { h.Count(catalog.MetricAlarm, "cpu", "name") },
		"take tag x off cpu: it has none":        func(h *Hand) { h.Untag(catalog.MetricAlarm, "cpu", "x") },
		"and they could not be told apart":       nil,
		`it: find nothing of type aws:ec2/vpc:V`: func(h *Hand) { h.Untag(catalog.VPC, "nothing", "x") },
	} {
		cases := one(Repaired, by)
		if by == nil {
			same := func(h *Hand) { h.Delete(catalog.MetricAlarm, "cpu") }
			cases = []Case{
				{
					Name:   "a",
					Answer: Repaired,
					Change: func(h *Hand) { h.Set(catalog.MetricAlarm, "cpu", "threshold", 1) },
				},
				{Name: "b", Answer: Repaired, Change: same},
			}
		}
		_, err := change(f, cases)
		assert.ErrorContains(t, err, want)
	}
	objects, err := f.Objects()
	require.NoError(t, err)
	after := harness.ByURN(objects)
	assert.Len(t, after, 1, "nothing is changed by half")
}

const preview = `{"steps": [{"op": "same", "urn": "a"}, {"op": "refresh", "urn": "a"}, {"op": "update", "urn": ` +
	`"b"}, {"op": "delete", "urn": "c"}, {"op": "create", "urn": "c"}]}`

func TestOperationsAreThoseThatChangeSomething(t *testing.T) {
	planned, err := operations([]byte(preview))
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{"b": {"update"}, "c": {"delete", "create"}}, planned)
	_, err = operations([]byte("no preview"))
	assert.ErrorContains(t, err, "read the preview")
}

func TestAnAnswerOtherThanTheRightOneIsAnError(t *testing.T) {
	planned := map[string][]string{"b": {"update"}}
	for name, c := range map[string]struct {
		answer Answer
		urn    string
		want   string
	}{
		"repaired and planned":         {Repaired, "b", ""},
		"repaired and not planned":     {Repaired, "a", "no refresh has seen it"},
		"left alone and not planned":   {Owned, "a", ""},
		"left alone and still planned": {Owned, "b", "the preview plans update, and it should be left alone: because"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Result{Case: Case{Name: "it", Answer: c.answer, Why: "because"}, URNs: []string{c.urn}}
			err := r.judge(planned)
			if c.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
	mine := []Result{{Case: Case{Answer: Repaired}, URNs: []string{"b"}}}
	rolled := "x$" + catalog.ECSService + "::web"
	require.NoError(t, unexpected(map[string][]string{"b": {"update"}, rolled: {"update"}}, mine))
	require.ErrorContains(t, unexpected(map[string][]string{"c": {"delete"}}, mine), "delete c")
	require.ErrorContains(t, unexpected(planned, []Result{{Case: Case{Answer: Unseen}, URNs: []string{"b"}}}),
		"update b",
		"what cannot be seen is not planned either")
}

func TestTheCloudIsComparedWithWhatItShouldBe(t *testing.T) {
	at := func(value any) map[string]*cloud.Object {
		o := object(catalog.MetricAlarm, "cpu", map[string]any{"threshold": value})
		return map[string]*cloud.Object{o.URN: o}
	}
	repaired := []Result{{Case: Case{Answer: Repaired}, URNs: []string{urnOf(catalog.MetricAlarm, "cpu")}}}
	owned := []Result{{Case: Case{Answer: Owned}, URNs: []string{urnOf(catalog.MetricAlarm, "cpu")}}}
	require.NoError(t, compare(at(80), at(99), at(80), repaired))
	require.ErrorContains(t, compare(at(80), at(99), at(99), repaired),
		"has other inputs after the repair than it should")
	require.NoError(t, compare(at(80), at(99), at(99), owned))
	require.ErrorContains(t, compare(at(80), at(99), at(80), owned), "has other inputs")
	require.ErrorContains(t, compare(at(80), at(99), nil, repaired), "is not there again")
}
