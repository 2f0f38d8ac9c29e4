package atlas

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

func TestASnapshotOfOneClusterGoesIntoAnother(t *testing.T) {
	c, err := cloud.Open(filepath.Join(t.TempDir(), "cloud.db"))
	require.NoError(t, err)
	require.NoError(t, c.Update(func(tx *cloud.Tx) error {
		for _, name := range []string{"one", "other"} {
			if err := tx.Create(&cloud.Object{
				Key:  cloud.Key{Type: clusterType, ID: name},
				Name: name,
				Outputs: cloud.Properties{
					"name": resource.NewProperty(name), "projectId": resource.NewProperty("p"),
				},
			}); err != nil {
				return err
			}
		}
		return nil
	}))
	atlas := func(command string) (string, error) { return CLI(c, strings.Fields(command)) }
	listed, err := atlas("backups snapshots list one --projectId p")
	require.NoError(t, err)
	snapshot := strings.Fields(listed)[7] // behind the heads of the columns
	restore := "backups restores start automated --clusterName one --targetClusterName other --projectId p " +
		"--targetProjectId p --snapshotId "
	started, err := atlas(restore + snapshot)
	require.NoError(t, err)
	_, err = atlas("backups restores watch " + strings.Split(started, "'")[1] + " --clusterName one --projectId p")
	require.NoError(t, err)
	taken, err := atlas("backups snapshots create one --projectId p --output go-template={{.Id}}")
	require.NoError(t, err)
	_, err = atlas(restore + taken)
	require.ErrorContains(t, err, "is not complete")
	_, err = atlas("backups snapshots watch " + strings.TrimSpace(taken) + " --clusterName one --projectId p")
	require.NoError(t, err)
	_, err = atlas(restore + taken)
	require.NoError(t, err)
	for command, want := range map[string]string{
		restore + "another":                            `cluster one has no snapshot "another"`,
		"backups restores watch another":               `nothing of the id "another"`,
		"backups snapshots list none --projectId p":    `project p has no cluster "none"`,
		"backups snapshots list one --projectId other": `project other has no cluster "one"`,
		"clusters delete one":                          `does not know "clusters delete one"`,
	} {
		_, err := atlas(command)
		assert.ErrorContains(t, err, want, command)
	}
}
