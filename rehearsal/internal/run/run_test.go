package run

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

func TestTheSummaryIsShort(t *testing.T) {
	s := &Summary{Stack: "prod", Workspace: "/state/prod"}
	s.add("preview", &engine.Result{Took: 1234 * time.Millisecond, Counts: map[string]int{"create": 67}}, nil)
	s.add("second preview",
		&engine.Result{Took: 800 * time.Millisecond, Counts: map[string]int{"same": 66, "update": 1}},
		errors.New("changes"))
	s.SecondPreview = &SecondPreview{Changed: 1}
	s.Resources = map[string]int{"network": 60, "data": 7}
	s.Remaining = &[]Object{
		{Type: "aws:kms/key:Key", Name: "data", Region: "ap-northeast-1", State: "pending deletion"},
		{Type: "aws:iam/role:Role", Name: "left"},
	}
	var out bytes.Buffer
	s.print(console.Plain(&out))
	assert.Equal(t, `
== Summary of the rehearsal of prod
   preview         ok      1.2s  67 create
   second preview  FAILED  0.8s  66 same, 1 update
Changes in the second preview: 1
Resources by package, 67 together:
   data     7
   network  60
What outlives destroy:
   aws:kms/key:Key    data  ap-northeast-1  pending deletion
   aws:iam/role:Role  left  global
Logs, state and the model's cloud: /state/prod
`, out.String())
}

func TestARunThatEndsBeforeItsFirstStepHasNoSummary(t *testing.T) {
	var out bytes.Buffer
	(&Summary{Stack: "prod"}).print(console.Plain(&out))
	assert.Empty(t, out.String())
}

func TestAFailureNamesEachChangeOfTheSecondPreview(t *testing.T) {
	cause := errors.New("second preview of prod")
	err := explainChanges(&engine.Result{Changes: []engine.Change{
		{Op: "update", URN: "urn:a", Diffs: []string{"tags", "name"}},
		{Op: "delete", URN: "urn:b"},
	}}, cause)
	require.ErrorIs(t, err, cause)
	assert.EqualError(t, err, `second preview of prod
The second preview shows changes, where the same program on the same stack must show none:
   update urn:a: tags, name
   delete urn:b`)
	assert.Equal(t, cause, explainChanges(&engine.Result{}, cause), "a preview that fails for another reason")
}

func TestStacksAreTheFilesOfTheProject(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	path, err := Options{Project: dir, Stack: "prod"}.stackFile()
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "Pulumi.prod.yaml"), path)

	path, err = Options{Project: dir, Stack: "prod", ConfigFile: "/other.yaml"}.stackFile()
	require.NoError(t, err)
	assert.Equal(t, "/other.yaml", path)

	_, err = Options{Project: dir, Stack: "test"}.stackFile()
	var usage *UsageError
	require.ErrorAs(t, err, &usage)
	assert.ErrorContains(t, err, "the stacks are prod, staging")
}

func TestTheCloudIsListedByName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.db")
	c, err := cloud.Open(path)
	require.NoError(t, err)
	require.NoError(t, c.Update(func(tx *cloud.Tx) error {
		return errors.Join(
			tx.Create(&cloud.Object{
				Key:   cloud.Key{Type: "aws:kms/key:Key", Account: "111122223333", Region: "us-east-1", ID: "1234"},
				State: cloud.PendingDeletion,
			}),
			tx.Create(&cloud.Object{Key: cloud.Key{Type: "aws:s3/bucket:Bucket", ID: "assets-1"}, Name: "assets"}),
		)
	}))
	objects, err := List(path)
	require.NoError(t, err)
	assert.Equal(t, []Object{
		{Type: "aws:kms/key:Key", Name: "1234", Region: "us-east-1", State: "pending deletion"},
		{Type: "aws:s3/bucket:Bucket", Name: "assets"},
	}, objects)
}

func TestAMissingCloudIsNotMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.db")
	_, err := List(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.NoFileExists(t, path)
}

func TestAPlanThatFailsSaysWhy(t *testing.T) {
	assert.Equal(t, "\nNoSuchBucket: assets\nand one more",
		refusals([]byte(`{"diagnostics":[{"severity":"error","message":"NoSuchBucket: `+
			`assets\n"},{"severity":"info","message":"hello"},{"severity":"error","message":"and one more"}]}`)))
	assert.Empty(t, refusals([]byte("error: no stack")))
}
