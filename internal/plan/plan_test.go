package plan

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// recorded reads a preview that the Pulumi CLI printed for a small stack: a bucket and a log group
// with fixed names, and an auto-named role.
func recorded(t *testing.T, name string) *Preview {
	t.Helper()
	file, err := os.Open("testdata/" + name + ".json")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	p, err := Read(file)
	require.NoError(t, err)
	return p
}

const (
	prefix = "urn:pulumi:prod::bookmark-manager::"
	inside = prefix + "bookmark-manager:data:Buckets$"
	bucket = inside + "aws:s3/bucketV2:BucketV2::buckets-assets"
	group  = inside + "aws:cloudwatch/logGroup:LogGroup::web"
	role   = inside + "aws:iam/role:Role::flow-logs"
)

func TestJudgeRecordedPreviews(t *testing.T) {
	for name, want := range map[string][]Finding{
		"no-change":        nil,
		"updated":          nil,
		"moved-with-alias": nil,
		"refreshed":        nil,
		"replaced": {
			{group, "is replaced, because of name", "it loses its log lines"},
			{bucket, "is replaced, because of bucket", "it loses the objects in it"},
		},
		"deleted": {{bucket, "is deleted", "it loses the objects in it"}},
		"moved": {{
			role, "changes its URN without an alias, to " + prefix + "aws:iam/role:Role::flow-logs",
			`it is deleted and created again; add pulumi.Aliases with the old URN to "flow-logs"`,
		}},
		"renamed": {{
			role, "changes its URN without an alias, to " + inside + "aws:iam/role:Role::flows",
			`it is deleted and created again; add pulumi.Aliases with the old URN to "flows"`,
		}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, want, Judge(recorded(t, name))) })
	}
}

// step is a step as the CLI prints it, cut to what is judged.
func step(op, typ, name string, inputs map[string]any) Step {
	state := &State{Type: typ, Custom: strings.Contains(typ, "/") || strings.Contains(typ, "index"), Inputs: inputs}
	one := Step{Op: op, URN: prefix + typ + "::" + name}
	if op != "create" {
		one.OldState = state
	}
	if op != "delete" {
		one.NewState = state
	}
	return one
}

func whats(findings []Finding) []string {
	var all []string
	for _, one := range findings {
		all = append(all, short(one.URN)+" "+one.What)
	}
	return all
}

// A lock that is to hold for a shorter time changes in place.
func TestALockThatIsShortened(t *testing.T) {
	lock := func(mode string, days int) *State {
		return &State{Type: catalog.BucketObjectLock, Custom: true, Inputs: map[string]any{"rule": map[string]any{
			"defaultRetention": map[string]any{"mode": mode, "days": float64(days)},
		}}}
	}
	for _, c := range []struct {
		before, after *State
		want          []string
	}{
		{lock("GOVERNANCE", 30), lock("GOVERNANCE", 60), nil},
		{lock("GOVERNANCE", 30), lock("COMPLIANCE", 30), nil},
		{lock("GOVERNANCE", 30), lock("GOVERNANCE", 7), []string{"x holds new objects for 7 days in the place of 30"}},
		{lock("COMPLIANCE", 30), lock("GOVERNANCE", 30),
			[]string{"x can be lifted by those with s3:BypassGovernanceRetention"}},
		{lock("COMPLIANCE", 30), &State{Type: catalog.BucketObjectLock, Custom: true},
			[]string{"x holds new objects for 0 days in the place of 30"}},
	} {
		p := &Preview{Steps: []Step{{Op: "update", URN: prefix + "x", OldState: c.before, NewState: c.after}}}
		assert.Equal(t, c.want, whats(Judge(p)))
	}
	gone := step("delete", catalog.BucketObjectLock, "backups", nil)
	assert.Len(t, Judge(&Preview{Steps: []Step{gone}}), 1)
}

func TestJudge(t *testing.T) {
	fixed := map[string]any{"name": "bookmark-manager-production-web", "__defaults": []any{}}
	auto := map[string]any{"name": "web-1234567", "__defaults": []any{"name"}}
	for sentence, one := range map[string]struct {
		steps []Step
		want  []string
	}{
		"a service with a fixed name": {[]Step{step("replace", "aws:ecs/service:Service", "web", fixed)},
			[]string{"aws:ecs/service:Service::web is replaced"}},
		"a service that is auto-named": {[]Step{step("replace", "aws:ecs/service:Service", "web", auto)}, nil},
		"a log group, whatever its name": {[]Step{step("delete", "aws:cloudwatch/logGroup:LogGroup", "web", auto)},
			[]string{"aws:cloudwatch/logGroup:LogGroup::web is deleted"}},
		"a task definition, at each release": {[]Step{step("replace", "aws:ecs/taskDefinition:TaskDefinition", "web",
			fixed)}, nil},
		"a bucket that only changes": {[]Step{step("update", "aws:s3/bucketV2:BucketV2", "assets", fixed)}, nil},
		"a database that comes":      {[]Step{step("create", "aws:rds/cluster:Cluster", "aurora", fixed)}, nil},
		"a password that is rotated": {[]Step{
			step("create", "random:index/randomPassword:RandomPassword", "password-3", map[string]any{"length": 40.0}),
			step("delete", "random:index/randomPassword:RandomPassword", "password-1", map[string]any{"length": 40.0}),
		}, nil},
		"one role goes and another comes": {[]Step{
			step("create", "aws:iam/role:Role", "a", map[string]any{"path": "/a/"}),
			step("delete", "aws:iam/role:Role", "b", map[string]any{"path": "/b/"}),
		}, nil},
		"two resources cannot both become the same one": {[]Step{
			step("create", "aws:iam/role:Role", "new", auto), step("delete", "aws:iam/role:Role", "a", auto),
			step("delete", "aws:iam/role:Role", "b", auto),
		}, []string{"aws:iam/role:Role::a changes its URN without an alias, to " + prefix + "aws:iam/role:Role::new"}},
		"a component has nothing in the cloud": {[]Step{
			step("create", "bookmark-manager:data:Buckets", "a", nil),
			step("delete", "bookmark-manager:data:Buckets", "b", nil),
		}, nil},
	} {
		t.Run(sentence, func(t *testing.T) { assert.Equal(t, one.want, whats(Judge(&Preview{Steps: one.steps}))) })
	}
}

func TestARetainedResourceLeavesTheStack(t *testing.T) {
	gone := step("delete", "aws:kms/key:Key", "data", nil)
	gone.OldState.RetainOnDelete = true
	assert.Equal(t,
		[]Finding{{gone.URN, "leaves the stack", "it is kept in the cloud, and nothing manages it any more"}},
		Judge(&Preview{Steps: []Step{gone}}))
}

func TestRefusesWhatItCannotJudge(t *testing.T) {
	for want, text := range map[string]string{
		"it is not the JSON of pulumi preview":             "Previewing update (prod)",
		"it has no steps":                                  "{}",
		"it failed:\nerror: Preview failed: resource \"ur": read(t, "failed"),
		"it leaves steps out; make it with pulumi preview": read(t, "without-flags"),
	} {
		_, err := Read(strings.NewReader(text))
		require.ErrorIs(t, err, ErrNoVerdict)
		assert.ErrorContains(t, err, want)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	require.NoError(t, err)
	return string(raw)
}

func TestResourcesAreWhatTheStackWillConsistOf(t *testing.T) {
	names := func(p *Preview) []string {
		var all []string
		for _, one := range p.Resources() {
			all = append(all, one.Name())
		}
		return all
	}
	same := recorded(t, "no-change")
	assert.Equal(t, []string{"web", "flow-logs", "buckets-assets", "buckets", "aws", "bookmark-manager-prod"},
		names(same))
	assert.Equal(t, names(same), names(recorded(t, "replaced")))
	assert.Equal(t, []string{"web", "buckets", "aws", "bookmark-manager-prod"}, names(recorded(t, "deleted")))

	var group State
	for _, one := range same.Resources() {
		if one.Name() == "web" {
			group = one
		}
	}
	assert.Contains(t, group.Outputs["arn"], ":log-group:", "what is unchanged has what the cloud computed")
	assert.NotEmpty(t, group.ID)
	assert.Contains(t, group.Parent, "::buckets")
}

func TestBeforeIsWhatTheStackConsistsOf(t *testing.T) {
	retention := func(states []State) (days any) {
		for _, one := range states {
			if one.Name() == "web" {
				days = one.Inputs["retentionInDays"]
			}
		}
		return days
	}
	for _, name := range []string{"no-change", "updated", "replaced", "deleted"} {
		var names []string
		for _, one := range recorded(t, name).Before() {
			names = append(names, one.Name())
		}
		assert.Equal(t, []string{"web", "flow-logs", "buckets-assets", "buckets", "aws", "bookmark-manager-prod"},
			names, name)
	}
	assert.InDelta(t, 30.0, retention(recorded(t, "updated").Before()), 0)
	assert.InDelta(t, 7.0, retention(recorded(t, "updated").Resources()), 0)
	anew := &Preview{Steps: []Step{step("create", "aws:iam/role:Role", "flows", nil)}}
	assert.Empty(t, anew.Before())
}

func TestFingerprint(t *testing.T) {
	of := func(p *Preview) string {
		text, err := Fingerprint(p)
		require.NoError(t, err)
		return text
	}
	renamed := func(auto, path string, reversed bool) *Preview {
		steps := []Step{
			step("create", "aws:iam/role:Role", "flows",
				map[string]any{"name": auto, "path": path, "__defaults": []any{"name"}}),
			step("delete", "aws:iam/role:Role", "flow-logs", nil),
		}
		if reversed {
			steps[0], steps[1] = steps[1], steps[0]
		}
		return &Preview{Steps: steps}
	}
	first := of(renamed("flows-1", "/", false))
	assert.Len(t, first, 64)
	assert.Equal(t, first, of(renamed("flows-2", "/", true)), "another order and another drawn name are the same plan")
	assert.NotEqual(t, first, of(renamed("flows-1", "/other/", false)), "another input is another plan")
	seen := map[string]string{}
	for _, name := range []string{"no-change", "updated", "replaced", "deleted", "moved", "renamed"} {
		print := of(recorded(t, name))
		assert.Empty(t, seen[print], name)
		seen[print] = name
	}
	assert.Equal(t, of(recorded(t, "no-change")), of(recorded(t, "moved-with-alias")), "nothing happens in either")
}

func TestMarkdown(t *testing.T) {
	p := recorded(t, "replaced")
	assert.Equal(t, "## prod: 3 to replace\n\n"+
		"- :stop_sign: `bookmark-manager:data:Buckets$aws:cloudwatch/logGroup:LogGroup::web` is replaced, because "+
		"of name: it loses its log lines.\n"+
		"- :stop_sign: `bookmark-manager:data:Buckets$aws:s3/bucketV2:BucketV2::buckets-assets` is replaced, "+
		"because of bucket: it loses the objects in it.\n\n"+
		"<details><summary>Every change</summary>\n\n| operation | resource | properties |\n| --- | --- | --- |\n"+
		"| replace | `bookmark-manager:data:Buckets$aws:cloudwatch/logGroup:LogGroup::web` | name |\n"+
		"| replace | `bookmark-manager:data:Buckets$aws:iam/role:Role::flow-logs` | path |\n"+
		"| replace | `bookmark-manager:data:Buckets$aws:s3/bucketV2:BucketV2::buckets-assets` | bucket |\n"+
		"\n</details>\n", Markdown("prod", p, Judge(p)))
	for _, name := range []string{"no-change", "refreshed"} {
		assert.Equal(t, "## prod: nothing changes\n\n", Markdown("prod", recorded(t, name), nil), name)
	}
}

func TestALongPlanFitsIntoAComment(t *testing.T) {
	var p Preview
	for i := range 1000 {
		p.Steps = append(p.Steps,
			step("create", "aws:iam/role:Role", fmt.Sprintf("role-%04d-%s", i, strings.Repeat("x", 60)), nil))
	}
	got := Markdown("prod", &p, nil)
	assert.Less(t, len(got), 65536)
	assert.Contains(t, got, "| … | and 850 more | |")
}

func TestText(t *testing.T) {
	p := recorded(t, "deleted")
	assert.Equal(t, "prod: 2 to delete\n"+
		"  delete   bookmark-manager:data:Buckets$aws:iam/role:Role::flow-logs\n"+
		"  delete   bookmark-manager:data:Buckets$aws:s3/bucketV2:BucketV2::buckets-assets\n"+
		"STOP: bookmark-manager:data:Buckets$aws:s3/bucketV2:BucketV2::buckets-assets is deleted: it loses the "+
		"objects in it\n",
		Text("prod", p, Judge(p)))
	assert.Contains(t, Text("prod", recorded(t, "updated"), nil), "LogGroup::web (retentionInDays)\n")
}

// Whatever the program protects holds data, so the guard must watch its type too.
func TestWatchesEveryTypeThatTheStacksProtect(t *testing.T) {
	for _, stack := range []string{"prod", "staging"} {
		file, err := os.Open("../../testdata/" + stack + ".resources.golden")
		require.NoError(t, err)
		lines := bufio.NewScanner(file)
		read := 0
		for lines.Scan() {
			read++
			typ, _, _ := strings.Cut(lines.Text(), " ")
			if strings.Contains(lines.Text(), "  protected") || strings.Contains(lines.Text(), "  retained") {
				row, _ := catalog.Find(typ)
				assert.NotEmpty(t, row.Lost, "%s is protected, and the guard does not watch it", typ)
			}
		}
		require.NoError(t, lines.Err())
		require.NoError(t, file.Close())
		assert.NotZero(t, read, stack)
	}
}
