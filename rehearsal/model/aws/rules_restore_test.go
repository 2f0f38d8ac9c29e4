package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// snapshot is one of the account.
func (w *world) snapshot(name, region string) string {
	w.t.Helper()
	arn := "arn:aws:rds:" + region + ":" + account + ":cluster-snapshot:" + name
	require.NoError(w.t, w.cloud.Update(func(tx *cloud.Tx) error {
		return tx.Create(&cloud.Object{
			Key:     cloud.Key{Type: clusterSnapshotType, Account: account, Region: region, ID: name},
			Name:    name,
			ARN:     arn,
			State:   cloud.Retained,
			Creator: account,
		})
	}))
	return arn
}

var restorePairs = map[string]pair{
	"a restore from a snapshot of the region": {
		want: "DBClusterSnapshotNotFoundFault: DBClusterSnapshot not found: " +
			"arn:aws:rds:ap-northeast-3:123456789012:cluster-snapshot:away",
		refuses: func(w *world) error {
			if w.aurora(in{
				"snapshotIdentifier": w.make(clusterType, "other", aurora(in{"clusterIdentifier": "other"})).text(
					"arn",
				),
			}) == nil {
				return nil
			}
			return w.aurora(in{"snapshotIdentifier": w.snapshot("away", "ap-northeast-3")})
		},
		passes: func(w *world) error {
			final := aurora(in{"skipFinalSnapshot": false, "finalSnapshotIdentifier": "final-1"})
			if err := w.delete(w.make(clusterType, "db", final)); err != nil {
				return err
			}
			return w.aurora(in{
				"snapshotIdentifier": "arn:aws:rds:ap-northeast-1:123456789012:cluster-snapshot:final-1",
			})
		},
	},
}

func TestARegionThatIsLostAnswersNothing(t *testing.T) {
	w := newWorld(t)
	key := w.make(keyType, "key", in{})
	require.NoError(t, Lose(w.cloud, tokyo))
	_, err := w.try(keyType, "another", in{})
	require.ErrorContains(t, err, `Post "https://sts.ap-northeast-1.amazonaws.com/": dial tcp: i/o timeout`)
	require.ErrorContains(t, w.delete(key), "i/o timeout")
	_, err = w.update(key, in{"description": "changed"})
	require.ErrorContains(t, err, "i/o timeout")
	elsewhere := w.other("ap-northeast-3", account, nil)
	elsewhere.make(keyType, "key", in{})
	require.NoError(t, Regain(w.cloud, tokyo))
	assert.NoError(t, w.delete(key), "what was there is there again")
}
