package aws

import (
	"testing"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatRDSComputes(t *testing.T) {
	w := newWorld(t)
	d := w.database(nil)
	assert.Equal(t, "arn:aws:rds:ap-northeast-1:123456789012:cluster:db", d.cluster.text("arn"))
	assert.Regexp(t, `^db\.cluster-c[0-9a-f]{11}\.ap-northeast-1\.rds\.amazonaws\.com$`, d.cluster.text("endpoint"))
	assert.Regexp(t, `^db\.cluster-ro-c[0-9a-f]{11}\.ap-northeast-1\.rds\.amazonaws\.com$`,
		d.cluster.text("readerEndpoint"))
	assert.Regexp(t, `^cluster-[0-9A-Z]{26}$`, d.cluster.text("clusterResourceId"))
	assert.Equal(t, "17.7", d.cluster.text("engineVersionActual"), "a major version means its default, not its newest")
	assert.Equal(t, "17", d.cluster.text("engineVersion"))
	assert.True(t, d.cluster.outputs["masterPassword"].IsSecret())
	assert.Equal(t, d.network.vpc.id, d.subnets.text("vpcId"))

	one := w.make(clusterInstanceType, "one", instanceOf(d, nil))
	two := w.make(clusterInstanceType, "two",
		instanceOf(d, in{"identifier": "db-2", "availabilityZone": "ap-northeast-1a"}))
	assert.True(t, one.outputs["writer"].BoolValue())
	assert.False(t, two.outputs["writer"].BoolValue())
	assert.Equal(t, "17.7", one.text("engineVersionActual"))
	assert.ErrorContains(t, w.delete(d.network.other), "DependencyViolation",
		"an instance has an interface in its subnet")
	assert.ErrorContains(t, w.delete(d.guard), "DependencyViolation", "and in its cluster's security group")
	require.NoError(t, w.delete(one))
	assert.NoError(t, w.delete(w.make(subnetType, "free", in{"vpcId": d.network.vpc.id, "cidrBlock": "10.0.13.0/24"})))
}

func TestAMajorVersionKeepsTheMinorOne(t *testing.T) {
	w := newWorld(t)
	pinned := w.make(clusterType, "db", aurora(in{"engineVersion": "17.7"}))
	assert.Equal(t, "17.7", pinned.text("engineVersionActual"))
	loosened, err := w.update(pinned, aurora(nil))
	require.NoError(t, err)
	assert.Equal(t, "17.7", loosened.text("engineVersionActual"))
	upgraded, err := w.update(loosened,
		aurora(in{"engineVersion": "18", "allowMajorVersionUpgrade": true, "applyImmediately": true}))
	require.NoError(t, err)
	assert.Equal(t, "18.3", upgraded.text("engineVersionActual"))
}

// upgradedByAWS is what happens in a maintenance window.
func (w *world) upgradedByAWS(cluster object, version string) {
	w.t.Helper()
	require.NoError(w.t, w.cloud.Update(func(tx *cloud.Tx) error {
		return UpgradeMinorVersion(tx, account, tokyo, cluster.id, version)
	}))
}

func TestAMinorUpgradeBehindPulumisBack(t *testing.T) {
	kept := func(more in) in { return aurora(merged(in{"engineVersion": "17.7"}, more)) }
	days := func(days int) in { return in{"engineVersion": "17.7", "backupRetentionPeriod": days} }
	refresh := func(w *world, o object) object {
		read := w.read(o)
		return object{o.typ, o.name, o.id, read.Inputs, read.Outputs}
	}
	t.Run("a full version that is ignored afterwards is never sent again", func(t *testing.T) {
		w := newWorld(t)
		cluster := w.make(clusterType, "db", kept(nil))
		w.upgradedByAWS(cluster, "17.9")
		for i, refreshed := range []bool{false, false, true} {
			if refreshed {
				w.upgradedByAWS(cluster, "17.10")
				cluster = refresh(w, cluster)
			}
			changed, err := w.update(cluster, aurora(days(i+2)), "engineVersion")
			require.NoError(t, err)
			cluster = changed
		}
		assert.Equal(t, "17.10", cluster.text("engineVersionActual"))
		assert.Equal(t, "17.10", cluster.text("engineVersion"), "as the provider reads it")
	})
	t.Run("one that is not ignored is, once the state knows of the upgrade", func(t *testing.T) {
		w := newWorld(t)
		cluster := w.make(clusterType, "db", kept(nil))
		w.upgradedByAWS(cluster, "17.9")
		changed, err := w.update(cluster, aurora(days(2)))
		require.NoError(t, err, "the state says that 17.7 runs")
		_, err = w.update(changed, aurora(days(3)))
		assert.ErrorContains(t, err, "Cannot upgrade aurora-postgresql from 17.9 to 17.7")
		assert.Contains(t, w.diff(refresh(w, cluster), kept(nil)).ChangedKeys, resource.PropertyKey("engineVersion"),
			"a preview after a refresh shows it")
	})
	t.Run("a major version alone is sent with every change but those that are not RDS's", func(t *testing.T) {
		w := newWorld(t)
		cluster := w.make(clusterType, "db", aurora(nil))
		w.upgradedByAWS(cluster, "17.9")
		_, err := w.update(refresh(w, cluster), aurora(in{"backupRetentionPeriod": 2}), "engineVersion")
		require.ErrorContains(t, err, "Cannot upgrade aurora-postgresql from 17.9 to 17.7", "to ignore it is too late")
		_, err = w.update(cluster, aurora(in{"tags": in{"Team": "data"}, "allowMajorVersionUpgrade": true}))
		require.NoError(t, err)
		// The full version that runs, sent once, mends it.
		mended, err := w.update(cluster,
			aurora(in{"engineVersion": "17.9", "allowMajorVersionUpgrade": true, "applyImmediately": true}))
		require.NoError(t, err)
		w.upgradedByAWS(cluster, "17.10")
		_, err = w.update(mended, aurora(in{"engineVersion": "17.9", "backupRetentionPeriod": 2}), "engineVersion")
		assert.NoError(t, err)
	})
	t.Run("AWS upgrades no major version, and goes back to none", func(t *testing.T) {
		w := newWorld(t)
		cluster := w.make(clusterType, "db", kept(nil))
		for _, version := range []string{"18.3", "17.5"} {
			assert.ErrorContains(t, w.cloud.Update(func(tx *cloud.Tx) error {
				return UpgradeMinorVersion(tx, account, tokyo, cluster.id, version)
			}), "is no minor upgrade")
		}
	})
}

func TestEncryptionReplacesTheCluster(t *testing.T) {
	w := newWorld(t)
	plain := w.make(clusterType, "db", aurora(nil))
	assert.Equal(t, []resource.PropertyKey{"storageEncrypted"},
		w.diff(plain, aurora(in{"storageEncrypted": true})).ReplaceKeys)
}

func TestAFinalSnapshotStays(t *testing.T) {
	w := newWorld(t)
	final := aurora(in{"skipFinalSnapshot": false, "finalSnapshotIdentifier": "db-final-1"})
	require.NoError(t, w.delete(w.make(clusterType, "db", final)))
	left, err := w.cloud.List()
	require.NoError(t, err)
	require.Len(t, left, 1)
	assert.Equal(t, clusterSnapshotType, left[0].Type)
	assert.Equal(t, "db-final-1", left[0].ID)
	assert.Equal(t, cloud.Retained, left[0].State)
	require.NoError(t, w.aurora(in{"snapshotIdentifier": "db-final-1"}), "a cluster can be restored from it")
}

// RDS tells no password: a read gives back what the state has, whatever the cluster's is by now.
func TestThePasswordOfAClusterIsNeverRead(t *testing.T) {
	w := newWorld(t)
	cluster := w.make(clusterType, "db", aurora(nil))
	require.NoError(t, w.cloud.Update(func(tx *cloud.Tx) error {
		o, err := tx.Get(cloud.Key{Type: clusterType, Account: account, Region: "ap-northeast-1", ID: cluster.id})
		require.NoError(t, err)
		for _, properties := range []cloud.Properties{o.Inputs, o.Outputs} {
			properties["masterPassword"], properties["deletionProtection"] = resource.NewProperty("by hand"),
				resource.NewProperty(true)
		}
		return tx.Replace(o)
	}))
	read := w.read(cluster)
	assert.Equal(t, "abcdefgh", read.Inputs["masterPassword"].StringValue())
	assert.True(t,
		read.Outputs["masterPassword"].IsSecret() || read.Outputs["masterPassword"].StringValue() == "abcdefgh")
	assert.True(t, read.Inputs["deletionProtection"].BoolValue(), "what is told is read")

	imported := cluster
	imported.inputs, imported.outputs = nil, nil
	assert.NotContains(t, w.read(imported).Inputs, resource.PropertyKey("masterPassword"),
		"a state that does not know it is told nothing")
}

// What a restore does not bring, the next preview shows, without a refresh, and the next update
// sends.
func TestARestoredClusterWantsOneMoreUpdate(t *testing.T) {
	for name, from := range map[string]in{
		"snapshot": {"snapshotIdentifier": "final-1"},
		"a point in time": {"restoreToPointInTime": in{
			"sourceClusterIdentifier": "old",
			"useLatestRestorableTime": true,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.snapshotUnder(w.make(keyType, "key", in{}))
			w.make(clusterType, "old", aurora(in{"clusterIdentifier": "old"}))
			wanted := aurora(merged(from, in{
				"performanceInsightsEnabled":         true,
				"performanceInsightsRetentionPeriod": 7,
				"databaseInsightsMode":               "standard",
				"backupRetentionPeriod":              3,
			}))
			restored := w.make(clusterType, "db", wanted)
			assert.False(t, restored.outputs["performanceInsightsEnabled"].BoolValue())
			assert.Equal(t, []resource.PropertyKey{"performanceInsightsEnabled", "performanceInsightsRetentionPeriod"},
				w.diff(restored, wanted).ChangedKeys)
			updated, err := w.update(restored, wanted)
			require.NoError(t, err)
			assert.True(t, updated.outputs["performanceInsightsEnabled"].BoolValue())
			assert.Empty(t, w.diff(updated, wanted).ChangedKeys)
		})
	}
}
