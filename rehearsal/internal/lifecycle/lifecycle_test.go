package lifecycle

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
)

const project = "bookmark-manager"

func theSchema(t *testing.T) *schema {
	t.Helper()
	s, err := readSchema("../../../config.schema.json")
	require.NoError(t, err)
	return s
}

func stackConfig(t *testing.T, stack string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("../../../Pulumi." + stack + ".yaml")
	require.NoError(t, err)
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &file))
	return file.Config
}

// admitted checks a value against what the generator knows of a schema, at every depth.
func (s *schema) admitted(n *node, value any) bool {
	n = s.resolve(n)
	switch v := value.(type) {
	case map[string]any:
		for _, key := range n.Required {
			if _, has := v[key]; !has {
				return false
			}
		}
		for key, one := range v {
			child := n.Properties[key]
			if child == nil {
				child = n.Additional
			}
			if child == nil || !s.admitted(child, one) {
				return false
			}
		}
		return true
	case []any:
		for _, one := range v {
			if !s.admitted(n.Items, one) {
				return false
			}
		}
		return len(v) >= n.MinItems && (n.MaxItems == nil || len(v) <= *n.MaxItems)
	}
	raw, _ := json.Marshal(value)
	for _, one := range n.Enum {
		other, _ := json.Marshal(one)
		if string(raw) == string(other) {
			return true
		}
	}
	switch v := value.(type) {
	case string:
		return len(n.Enum) == 0 && n.is("string") && regexp.MustCompile(n.Pattern).MatchString(v)
	case bool:
		return n.is("boolean")
	case int:
		return len(n.Enum) == 0 && n.within(float64(v))
	case float64:
		return len(n.Enum) == 0 && n.within(v)
	}
	return false
}

func (n *node) within(v float64) bool {
	return (n.Minimum == nil || v >= *n.Minimum) && (n.Maximum == nil || v <= *n.Maximum)
}

func TestEveryChangeIsOneThatTheSchemaAdmits(t *testing.T) {
	s := theSchema(t)
	for _, stack := range []string{"prod", "staging"} {
		config := stackConfig(t, stack)
		changes := s.changes(project, config)
		assert.Greater(t, len(changes), 350, stack)
		for _, change := range changes {
			changed, _ := stackfile.Clone(config).(map[string]any)
			require.NoError(t, change.Apply(changed), change.String())
			assert.NotEqual(t, config, changed, "%s changes nothing", change)
			assert.True(t, s.admitted(s.config.Properties[change.Section], changed[change.Section]),
				"%s: the schema refuses it", change)
		}
	}
}

// Whatever the stack has is changed, in one entry of each map and list at least.
func TestNoSettingIsLeftOut(t *testing.T) {
	s := theSchema(t)
	config := stackConfig(t, "prod")
	changed := map[string]bool{}
	for _, change := range s.changes(project, config) {
		changed[entries.ReplaceAllString(change.Path, "[*]")] = true
	}
	for _, path := range []string{
		"network.nat", "network.zones[*].index", "network.endpoints[*]", "aurora.minAcu",
		"aurora.instances[*].promotionTier", "aurora.global",
		"aurora.clusters.main.retire", "atlas.computeScaling", "edge.webAcl.rate.limit", "edge.zone.dnssec",
		"backups.copy", "services.api.scaling.max",
		"services.web.calls", "services.api.canary", "guards.guardDuty", "datadog.services.api.errorRate.critical",
		"parameters.jwtRotation",
	} {
		assert.True(t, changed[path], path)
	}
	assert.False(t, changed[account], "whose stack it is is no setting of its life")
}

func TestTextsThatFitAPattern(t *testing.T) {
	for pattern, want := range map[string]string{
		"^[A-Z][A-Z0-9_]{0,99}$": "A",
		"^https?://":             "http://",
		"^sha256:[0-9a-f]{4}$":   "sha256:aaaa",
		"^(one|two)+$":           "one",
		"^T[A-Z0-9]+$":           "TA",
	} {
		got, ok := fitting(&node{Pattern: pattern})
		assert.True(t, ok, pattern)
		assert.Equal(t, want, got)
	}
	_, ok := fitting(&node{})
	assert.False(t, ok, "any text is no example")
	for text, want := range map[string]string{
		"ap-northeast-1a": "ap-northeast-1b",
		"pl-9":            "pl-8",
		"/*":              "",
		"z":               "y",
	} {
		pattern := "^[^x]*$"
		got, ok := neighbour(&node{Pattern: pattern}, text)
		assert.Equal(t, want != "", ok, text)
		assert.Equal(t, want, got)
	}
	got, ok := neighbour(&node{Pattern: `^\d\d:00$`}, "18:00")
	assert.True(t, ok)
	assert.Equal(t, "19:00", got, "a letter further left, when the last is fixed")
}

func TestNumbersAreTheNextOfTheirRange(t *testing.T) {
	limit := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		n           node
		value, want float64
	}{
		{node{Type: "integer"}, 3, 4},
		{node{Type: "integer", Maximum: limit(3)}, 3, 2},
		{node{Type: "number", Maximum: limit(1)}, 0.5, 0.75},
		{node{Enum: []any{1.0, 3.0, 7.0}}, 7, 1},
	} {
		got, ok := c.n.next(c.value)
		assert.True(t, ok)
		assert.InDelta(t, c.want, got, 0.001)
	}
	_, ok := (&node{Type: "integer", Minimum: limit(5), Maximum: limit(5)}).next(5)
	assert.False(t, ok)
}

func change(path string) Change {
	return Change{Path: path, Edit: stackfile.Edit{Section: project + ":" + strings.Split(path, ".")[0]}}
}

func TestARefusalBelongsToTheSettingThatItNames(t *testing.T) {
	const report = `the configuration of stack "staging" is not usable, and nothing was deployed:
  bookmark-manager:aurora.instances[0].zoneIndex: found 9, want the index of a zone in network.zones: one of [1 2]
  bookmark-manager:edge.distribution.originKeepaliveSeconds: found 60, want compute.loadBalancer.idleTimeoutSeconds (59) or less
  bookmark-manager:services.web.datadog: found true, want false, or datadog.enabled true
  bookmark-manager:notifications: found "no subscriber", want an address in emails
  bookmark-manager:network.zones[0].name: found "ap-northeast-1a", want a zone of region ap-northeast-2
  bookmark-manager:OPENAI_API_KEY: found nothing, want a secret
  bookmark-manager:aurora.applyImmediately: found nothing, want true with allowMajorVersionUpgrade: an upgrade waits`
	for path, want := range map[string]string{
		"aurora.instances[0].zoneIndex":            "zoneIndex: found 9",
		"aurora.instances":                         "zoneIndex: found 9", // something in it
		"edge.distribution.originKeepaliveSeconds": "originKeepaliveSeconds",
		"compute.loadBalancer.idleTimeoutSeconds":  "originKeepaliveSeconds", // what it contradicts
		"datadog.enabled":                          "services.web.datadog",
		"notifications.emails":                     "no subscriber", // the section as a whole
		// the section is left out in its own lines
		"aurora.allowMajorVersionUpgrade":             "aurora.applyImmediately",
		"compute.allowMajorVersionUpgrade":            "",
		"services.web.cpu":                            "", // its neighbour is refused
		"aurora.instances[1].zoneIndex":               "",
		"aurora.insta":                                "",
		"compute.loadBalancer.idleTimeoutSecondsElse": "",
	} {
		line, ok := refusal(change(path), report)
		assert.Equal(t, want != "", ok, path)
		assert.Contains(t, line, want, path)
	}
	cpu := change("services.api.migration.cpu")
	cpu.Value = 512
	line, ok := refusal(cpu,
		"nothing was deployed:\n  bookmark-manager:services.api.migration.memory: found 512, want 1024 to 4096 MiB "+
			"in steps of 1024 with cpu 512")
	assert.True(t, ok, "the setting beside it says what does not go with it")
	assert.Contains(t, line, "migration.memory")
	gone := change("services.api")
	gone.Remove = true
	_, ok = refusal(gone,
		"nothing was deployed:\n  bookmark-manager:services.web.calls[0]: found \"api\", want another service")
	assert.True(t, ok)
	region := change("aws.region")
	region.Value = "ap-northeast-2"
	line, ok = refusal(region, report)
	assert.True(t, ok)
	assert.Contains(t, line, "want a zone of region ap-northeast-2")
	secrets := change("parameters.secrets")
	secrets.Value = []any{"OPENAI_API_KEY"}
	_, ok = refusal(secrets, report)
	assert.True(t, ok)
}

// In a preview that changes share, a line may name one of them in what another one did.
func TestARefusalBelongsToTheChangeOfItsPlace(t *testing.T) {
	const report = "nothing was deployed:\n  bookmark-manager:services.api.secrets[6]: found \"B\", want one of " +
		"[A]; more are named in parameters.secrets"
	for path, want := range map[string]bool{
		"services.api.secrets":    true,
		"services.api.secrets[6]": true,
		"parameters.secrets":      false,
		"services.api.secret":     false,
	} {
		_, ok := ownPlace.find(change(path), report)
		assert.Equal(t, want, ok, path)
	}
	_, ok := refusal(change("parameters.secrets"), report)
	assert.True(t, ok, "alone it is named")
}

func TestABatchHasOneChangeOfEachPart(t *testing.T) {
	all := []Change{change("aurora.minAcu"), change("aurora.maxAcu"), change("keys.rotationDays")}
	for _, path := range [][]any{{"web", "cpu"}, {"web", "memory"}, {"api", "cpu"}} {
		one := change("services")
		one.Steps = path
		all = append(all, one)
	}
	batches := batches(all)
	assert.Equal(t, [][]Change{{all[0], all[2], all[3], all[4], all[5]}, {all[1]}}, batches)

	suspects, others := part(batches[0],
		"urn:…:data:AuroraCluster$aws:rds/cluster:Cluster::aurora-cluster is replaced")
	assert.Equal(t, []Change{all[0]}, suspects)
	assert.Len(t, others, 4)
	suspects, others = part(batches[0], "something else")
	assert.Len(t, suspects, 2, "halves")
	assert.Len(t, others, 3)
}

func TestASettingIsNamedByWhatDoesNotGoWithoutIt(t *testing.T) {
	gone := change("services.api.paths")
	for line, want := range map[string]bool{
		"services.api.deployment.graceSeconds: found 90, want 0 for a service without paths": true,
		"services.api.version: found \"a1b2c3d\", want nothing without a paths":              true,
		// another service's
		"services.web.priority: found 100, want 0 for a service without paths":     false,
		"services.api.priority: found 100, want 0 for a service without pathsElse": false,
	} {
		_, ok := refusal(gone, "nothing was deployed:\n  bookmark-manager:"+line)
		assert.Equal(t, want, ok, line)
	}
}

func TestWhatOnlyTheCloudCanRefuse(t *testing.T) {
	for path, want := range map[string]bool{
		"network.zones[1].name":  true,
		"network.zones[1].index": false,
		"aurora.engineVersion":   false,
	} {
		assert.Equal(t, want, foreseen(change(path), "create subnet: InvalidSubnet.Conflict: The CIDR"), path)
	}
}

func TestAFailedPreviewIsTold(t *testing.T) {
	for _, one := range failures {
		assert.Equal(t, one.verdict, failed(one.example), one.example)
	}
	assert.Equal(t, Protected, failed("resource X cannot be deleted\nbecause it is protected"))
	assert.Equal(t, Wrong, failed("InvalidParameterValue: no such size"))
}

// Each rule is there for lines that no earlier one knows.
func TestARuleFitsItsExample(t *testing.T) {
	for i, one := range rules {
		report := "nothing was deployed:\n  bookmark-manager:" + one.example
		for _, earlier := range rules[:i] {
			_, ok := earlier.find(one.change, report)
			assert.False(t, ok, "%s: %s", earlier.about, one.example)
		}
		said, ok := one.find(one.change, report)
		assert.True(t, ok, one.about)
		assert.Equal(t, "bookmark-manager:"+one.example, said)
	}
}

// A search tells of each change once, whatever is found in how many of them.
func TestASearchFindsTheChangesThatAreMeant(t *testing.T) {
	all := []Change{
		change("aurora.minAcu"), change("keys.rotationDays"), change("network.nat"), change("backups.copy"),
		change("atlas.nodes"),
	}
	for name, c := range map[string]struct {
		found    []string // what a preview with one of them finds
		named    []string // those of them that a shared preview names
		previews int
	}{
		"nothing":             {previews: 1},
		"one of them":         {found: []string{"keys"}, previews: 5},
		"one by its place":    {found: []string{"keys"}, named: []string{"keys"}, previews: 2},
		"all of them":         {found: []string{"aurora", "keys", "network", "backups", "atlas"}, previews: 9},
		"two, one of its own": {found: []string{"keys", "atlas"}, named: []string{"atlas"}, previews: 6},
	} {
		s := &search{Fixture: newFixture(t), base: map[string]any{"config": map[string]any{}}}
		told := map[string]int{}
		require.NoError(t,
			s.narrow(t.Context(), all, func(_ context.Context, batch []Change) ([]Change, string, error) {
				bad := slices.ContainsFunc(batch, func(one Change) bool {
					return slices.Contains(c.found, sectionOf(one))
				})
				var untold []Change
				for _, one := range batch {
					if !bad || len(batch) == 1 || slices.Contains(c.named, sectionOf(one)) {
						told[one.Path]++
					} else {
						untold = append(untold, one)
					}
				}
				return untold, "", nil
			}))
		assert.Len(t, told, len(all), name)
		for path, times := range told {
			assert.Equal(t, 1, times, "%s: %s", name, path)
		}
		assert.Equal(t, c.previews, s.previews, name)
	}
}

func sectionOf(c Change) string { return strings.TrimPrefix(c.Section, project+":") }

func newFixture(t *testing.T) *harness.Fixture {
	t.Helper()
	work := &workspace.Workspace{Dir: t.TempDir(), Stack: "test", Files: &workspace.Files{Project: project}}
	require.NoError(t, os.Mkdir(work.Project(), 0o700))
	return &harness.Fixture{Rehearsal: &run.Rehearsal{Work: work}}
}

func TestWhatIsLostIsFoundWithoutTheGuard(t *testing.T) {
	var p preview
	require.NoError(t, json.Unmarshal([]byte(`{"steps": [
		{"op": "replace", "urn": "a", "oldState": {"type": "aws:rds/cluster:Cluster"}},
		{"op": "delete-replaced", "urn": "a", "oldState": {"type": "aws:rds/cluster:Cluster"}},
		{"op": "delete", "urn": "b", "oldState": {"type": "x:y:Z", "protect": true}},
		{"op": "delete", "urn": "c", "oldState": {"type": "aws:cloudwatch/metricAlarm:MetricAlarm"}},
		{"op": "update", "urn": "d", "oldState": {"type": "aws:kms/key:Key"}}],
		"diagnostics": [{"severity": "error", "message": " bad \n"}, {"severity": "warning", "message": "hm"}]}`), &p))
	assert.Equal(t, []string{"a", "b"}, p.lost())
	assert.Equal(t, "bad", p.errors())
}

func TestAStageFailsWhenItTakesAwayWhatShouldStay(t *testing.T) {
	up := &engine.Result{Changes: []engine.Change{
		{Op: "delete", Type: "aws:ec2/natGateway:NatGateway", URN: "urn::network-nat-1c"},
		{Op: "replace", Type: "aws:ecs/taskDefinition:TaskDefinition", URN: "urn::web"},
	}}
	require.ErrorContains(t, kept(up, nil), "it takes away what should stay:\n   delete urn::network-nat-1c")
	assert.NoError(t, kept(up, []string{"network-nat-1c"}))
}

func TestVariantsBeginWithTheStackAsItIs(t *testing.T) {
	read := func(stack string) harness.Sections {
		found, err := harness.ReadSections(filepath.Join("../../..", "Pulumi."+stack+".yaml"), project)
		require.NoError(t, err)
		return found
	}
	sizes, own := read("prod"), read("staging")
	names := map[string]bool{}
	for _, variant := range Variants(sizes, own) {
		assert.False(t, names[variant.Name], variant.Name)
		names[variant.Name] = true
		s, _ := stackfile.Clone(map[string]any(read("staging"))).(map[string]any)
		for _, stage := range variant.Stages {
			if stage.Edit == nil {
				assert.True(t, stage.Quiet && (stage.Days > 0 || stage.Before != nil),
					"%s, %s changes nothing, so a time passes", variant.Name, stage.Name)
				continue
			}
			before := stackfile.Clone(s)
			stage.Edit(s)
			assert.NotEqual(t, before, any(s), "%s, %s changes nothing", variant.Name, stage.Name)
		}
		if variant.Name == "sizes of prod" || variant.Name == "three zones" {
			delete(s["services"].(map[string]any)["web"].(map[string]any), "image")
			delete(s["services"].(map[string]any)["web"].(map[string]any), "version")
			delete(s["services"].(map[string]any)["api"].(map[string]any), "image")
			delete(s["services"].(map[string]any)["api"].(map[string]any), "version")
			assert.Equal(t, map[string]any(own), s, "%s ends where it began", variant.Name)
		}
	}
}

// Continuous integration lets one season pass, with what a year has shown: the version that came
// out is in the state by then, and the next change must not ask for another one.
func TestTheSubsetIsASeasonOfTheYear(t *testing.T) {
	of := map[string][]string{}
	for _, variant := range Variants(harness.Sections{}, harness.Sections{}) {
		for _, stage := range variant.Subset().Stages {
			of[variant.Name] = append(of[variant.Name], stage.Name)
		}
	}
	assert.Equal(t, map[string][]string{"a year": {
		"backups as in production", "a minor version comes out, and a season goes by",
		"the master's password is rotated",
	}}, of)
	season := year().Subset().Stages[1]
	good := aws.Passed{Backups: 91, Copies: 91, Restores: 13, Expired: 5, Upgrades: []string{"db 17.7 -> 17.11"}}
	require.NoError(t, season.Seen(&good))
	for name, spoil := range map[string]func(*aws.Passed){
		"no upgrade":               func(p *aws.Passed) { p.Upgrades = nil },
		"a backup without a copy":  func(p *aws.Passed) { p.Copies-- },
		"no restore tried":         func(p *aws.Passed) { p.Restores = 0 },
		"a month without a backup": func(p *aws.Passed) { p.Backups, p.Copies = 60, 60 },
		"nothing expired":          func(p *aws.Passed) { p.Expired = 0 },
	} {
		bad := good
		spoil(&bad)
		assert.Error(t, season.Seen(&bad), name)
	}
	end := year().Stages[len(year().Stages)-1]
	good.Upgrades, good.Renewed, good.Rotated = nil, 2, 3
	require.NoError(t, end.Seen(&good))
	good.Rotated = 0
	assert.ErrorContains(t, end.Seen(&good), "keys rotated")
}
