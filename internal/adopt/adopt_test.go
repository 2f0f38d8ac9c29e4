package adopt

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	stateFile = "testdata/terraform.tfstate"
	showFile  = "testdata/show.json"
)

// production is the committed stack file of production.
func production(t *testing.T) *Stack {
	t.Helper()
	raw, err := os.ReadFile("../../Pulumi.prod.yaml")
	require.NoError(t, err)
	stack, err := ReadStack(raw)
	require.NoError(t, err)
	return stack
}

// original is the state of the original design, with the objects at Atlas, Datadog and Sentry that
// its emulator could not make.
func original(t *testing.T) []State {
	t.Helper()
	states, err := ReadFiles([]string{stateFile})
	require.NoError(t, err)
	return append(states, State{File: "external.tfstate", Instances: []Instance{
		{Type: "mongodbatlas_cluster", Address: "mongodbatlas_cluster.main", Values: map[string]any{
			"id": "Y2x1c3Rlcg==", "project_id": "0123456789abcdef01234567", "name": "bookmark-manager-production",
			"cloud_backup": true}},
		{Type: "datadog_monitor", Address: "datadog_monitor.api_error_rate", Values: map[string]any{
			"id": "12345", "type": "metric alert",
			"query": "sum(last_5m):sum:trace.express.request.errors{service:bookmark-api} > 10"}},
		{Type: "sentry_project", Address: "sentry_project.api", Values: map[string]any{
			"id": "bookmark-manager-production-api", "organization": "bookmark-manager",
			"slug": "bookmark-manager-production-api"}},
		{Type: "random_password", Address: "random_password.aurora_password", Values: map[string]any{
			"id": "none", "result": "Kx7mPq2vRt9wLs4nZc6bHd8f"}},
	}})
}

func written(t *testing.T, a *Adoption) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, a.Write(&text))
	return text.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name + ".golden"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "go test ./internal/adopt -update rewrites it")
}

// The original design's production is adopted whole: each object has a place, and nothing that
// holds data is created again.
func TestEveryObjectOfTheOriginalDesignHasAPlace(t *testing.T) {
	states := original(t)
	a := Match(production(t), states, Accepted{})
	require.Empty(t, a.Refusals)
	placed := map[string]Fate{}
	for _, row := range a.Rows {
		if row.Fate != Created {
			placed[row.Address] = row.Fate
		}
	}
	count := map[Fate]int{}
	for _, state := range states {
		for _, one := range state.Instances {
			fate, ok := placed[one.Address]
			assert.True(t, ok, one.Address)
			count[fate]++
		}
	}
	assert.Len(t, states[0].Instances, 74)
	assert.Equal(t, map[Fate]int{Adopted: 61, LeftToTerraform: 17}, count)
	for _, row := range a.of(Created) {
		typ, _, _ := strings.Cut(row.Resource, " ")
		known, _ := catalog.Find(typ)
		assert.True(t, !known.HoldsData || typ == catalog.LogGroup ||
			row.Resource == catalog.SentryProject+" sentry-web", row.Resource)
	}
	patch, err := a.Patch()
	require.NoError(t, err)
	golden(t, "report", written(t, a))
	golden(t, "patch", string(patch))
	golden(t, "release", string(a.Release()))
}

func TestTheTwoFormatsSayTheSame(t *testing.T) {
	stack := production(t)
	var patches []string
	for _, file := range []string{stateFile, showFile} {
		states, err := ReadFiles([]string{file})
		require.NoError(t, err)
		a := Match(stack, states, Accepted{})
		patch, err := a.Patch()
		require.NoError(t, err)
		patches = append(patches, strings.ReplaceAll(written(t, a)+string(patch), file, ""))
	}
	assert.Equal(t, patches[0], patches[1])
}

// Modules and states that are cut up otherwise change addresses and files, and nothing else.
func TestAddressesDoNotMatter(t *testing.T) {
	states := original(t)
	want := Match(production(t), states, Accepted{})
	var moved []State
	for i, one := range slices.Backward(states[0].Instances) {
		one.Address, one.File = "module.x["+string(rune('a'+i%20))+"]."+one.Address, "part"
		moved = append(moved, State{File: "part", Instances: []Instance{one}})
	}
	got := Match(production(t), append(moved, states[1]), Accepted{})
	require.Empty(t, got.Refusals)
	assert.Equal(t, want.Config, got.Config)
	assert.ElementsMatch(t, want.Settings, got.Settings)
}

func TestNoSecretIsWritten(t *testing.T) {
	a := Match(production(t), original(t), Accepted{})
	patch, err := a.Patch()
	require.NoError(t, err)
	text := written(t, a) + string(patch) + string(a.Release())
	secrets := map[string]string{}
	for _, one := range a.Secrets {
		secrets[one.Key] = one.value
		assert.NotContains(t, text, one.value)
	}
	assert.Equal(t, map[string]string{
		MasterPasswordKey: "Kx7mPq2vRt9wLs4nZc6bHd8f", JWTSecretKey: "jwt-secret-of-the-terraform-production-0123",
	}, secrets)
	printed, err := json.Marshal(a)
	require.NoError(t, err)
	for _, value := range secrets {
		assert.NotContains(t, string(printed), value)
	}
}

func TestRefusesWhatIsNoState(t *testing.T) {
	whole, err := os.ReadFile(stateFile)
	require.NoError(t, err)
	for name, c := range map[string]struct{ raw, want string }{
		"nothing": {"", "it is empty"},
		"what people read": {"# aws_vpc.main:\nresource \"aws_vpc\" \"main\" {",
			"it is not JSON, such as what `terraform show` prints for people"},
		"another JSON":        {`{"hello": 1}`, "it has neither version nor format_version"},
		"a list":              {`[1]`, "it is not JSON"},
		"a plan":              {`{"format_version": "1.2", "planned_values": {}, "values": {}}`, "it is a plan"},
		"an old state":        {`{"version": 3, "modules": []}`, "its version is 3, want 4"},
		"a state to come":     {`{"version": 5, "resources": []}`, "its version is 5, want 4"},
		"a show to come":      {`{"format_version": "2.0", "values": {}}`, "its format_version is 2.0, want 1.x"},
		"cut off":             {string(whole[:len(whole)/2]), "it ends in the middle"},
		"cut off at its end":  {strings.TrimRight(string(whole), "}\n"), "it ends in the middle"},
		"two in one":          {string(whole) + string(whole), "something follows the state"},
		"a version in quotes": {`{"version": "four"}`, "want what `terraform state pull`"},
		"wrong parts":         {`{"version": 4, "resources": {}}`, "cannot unmarshal object"},
		"without attributes": {`{"version": 4, "resources": [{"mode": "managed", "type": "aws_vpc", "name": ` +
			`"main", "instances": [{"attributes_flat": {}}]}]}`, "aws_vpc.main has no attributes"},
		"no object": {`{"version": 4, "resources": []}`, "it manages nothing"},
		"hidden values": {strings.Replace(string(whole), "jwt-secret-of-the-terraform-production-0123",
			"(sensitive value)", 1),
			`aws_ssm_parameter.jwt.value is hidden, it reads "(sensitive value)"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read("f", []byte(c.raw))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestRefusesTwoVersionsOfOneState(t *testing.T) {
	raw, err := os.ReadFile(stateFile)
	require.NoError(t, err)
	older := t.TempDir() + "/older.tfstate"
	require.NoError(t, os.WriteFile(older, bytes.Replace(raw, []byte(`"serial": 89`), []byte(`"serial": 80`), 1),
		0o600))
	_, err = ReadFiles([]string{stateFile, older})
	require.ErrorContains(t, err,
		"older.tfstate (serial 80) and "+stateFile+" (serial 89) are the same state at two times")
	_, err = ReadFiles([]string{"none"})
	require.ErrorContains(t, err, "read a Terraform state: open none")
}

// What the script releases and what it says that Terraform will destroy are together what Terraform
// has, each in one of the two: nothing adopted is left to a `terraform destroy`.
func TestTheReleaseIsExact(t *testing.T) {
	states := with(original(t), "aws_codestarnotifications_notification_rule", map[string]any{"id": "rule"})
	states[0].Instances[0].Address = "module.it's.aws_acm_certificate.cdn"
	states[0].Instances[1].Address = `module.x["it's"].` + states[0].Instances[1].Address
	a := Match(production(t), states, Accepted{})
	require.Empty(t, a.Refusals)
	fates := map[string]Fate{}
	for _, row := range a.Rows {
		fates[row.Address] = row.Fate
	}
	released, left := map[string]bool{}, map[string]bool{}
	for _, line := range strings.Split(string(a.Release()), "\n") {
		if quoted, ok := strings.CutPrefix(line, "terraform state rm '"); ok {
			released[strings.ReplaceAll(strings.TrimSuffix(quoted, "'"), `'\''`, "'")] = true
		}
		if address, ok := strings.CutPrefix(line, "#   "); ok {
			left[address] = true
		}
	}
	for _, state := range states {
		for _, one := range state.Instances {
			beside := fates[one.Address] == LeftToTerraform
			assert.Equal(t, beside, left[one.Address], "%s is to be destroyed", one.Address)
			assert.Equal(t, !beside, released[one.Address], "%s is to be released", one.Address)
			delete(left, one.Address)
			delete(released, one.Address)
		}
	}
	assert.Empty(t, released)
	assert.Empty(t, left)
}
