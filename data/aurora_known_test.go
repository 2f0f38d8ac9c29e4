package data

import (
	"errors"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	recoveryPoint = "arn:aws:rds:" + recorder.Region + ":" + recorder.Account + ":cluster-snapshot:awsbackup:job-1"
	snapshotKey   = "arn:aws:kms:" + recorder.Region + ":" + recorder.Account + ":key/1"
)

// rdsWorld is what RDS and KMS say when they are asked.
type rdsWorld struct {
	clusters []string
	running  string // what each of them runs
	versions []string
	snapshot map[string]any // nil: there is none
	keyState string
	asked    []string
	wanted   map[string]any // what the snapshot was asked for by
}

func newRDSWorld() *rdsWorld {
	return &rdsWorld{
		running:  "17.7",
		versions: []string{"17.7", "17.9", "18.3"},
		keyState: "Enabled",
		snapshot: map[string]any{
			"status":           "available",
			"engine":           auroraEngine,
			"engineVersion":    "17.7",
			"storageEncrypted": true,
			"kmsKeyId":         snapshotKey,
		},
	}
}

// answers lets a program ask RDS and KMS.
func (w *rdsWorld) answers(r *recorder.Recorder) *recorder.Recorder {
	answer := func(token string, answer func(resource.PropertyMap) (map[string]any, error)) {
		r.Answer(token, func(args resource.PropertyMap) (resource.PropertyMap, error) {
			w.asked = append(w.asked, token)
			found, err := answer(args)
			return resource.NewPropertyMapFromMap(found), err
		})
	}
	answer("aws:rds/getClusters:getClusters", func(resource.PropertyMap) (map[string]any, error) {
		var all []any
		for _, one := range w.clusters {
			all = append(all, one)
		}
		return map[string]any{"clusterIdentifiers": all}, nil
	})
	answer("aws:rds/getCluster:getCluster", func(resource.PropertyMap) (map[string]any, error) {
		return map[string]any{"engineVersion": w.running}, nil
	})
	answer("aws:rds/getEngineVersion:getEngineVersion", func(args resource.PropertyMap) (map[string]any, error) {
		if !slices.Contains(w.versions, args["version"].StringValue()) {
			return nil, errors.New("no RDS Engine Version found")
		}
		return map[string]any{}, nil
	})
	answer("aws:rds/getClusterSnapshot:getClusterSnapshot", func(args resource.PropertyMap) (map[string]any, error) {
		if w.wanted = args.Mappable(); w.snapshot == nil {
			return nil, errors.New("no results")
		}
		return w.snapshot, nil
	})
	answer("aws:kms/getKey:getKey", func(resource.PropertyMap) (map[string]any, error) {
		if w.keyState == "" {
			return nil, errors.New("NotFoundException")
		}
		return map[string]any{"keyState": w.keyState}, nil
	})
	return r
}

func (w *rdsWorld) build(change func(*AuroraArgs)) error {
	r := w.answers(recorder.New())
	args := auroraArgs()
	change(args)
	return r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		_, err := NewAuroraCluster(ctx, "aurora", args, opts...)
		if err != nil && len(r.OfType(rdsCluster)) > 0 {
			return errors.New("a cluster is registered before the refusal")
		}
		return err
	}, "aws", "random")
}

func restoring(snapshot string) func(*AuroraArgs) {
	return func(a *AuroraArgs) {
		a.Config.Clusters = map[string]AuroraClusterConfig{
			"main": {Restore: &AuroraRestoreConfig{Snapshot: snapshot, EngineVersion: "17.7"}},
		}
	}
}

func TestNothingIsAskedOfRDSWithoutARestoreOrAnUpgrade(t *testing.T) {
	w := newRDSWorld()
	require.NoError(t, w.build(func(*AuroraArgs) {}))
	assert.Empty(t, w.asked)
}

func TestASnapshotIsLookedAtBeforeItIsRestored(t *testing.T) {
	for want, change := range map[string]func(*rdsWorld){
		"": func(*rdsWorld) {},
		`find the snapshot in ap-northeast-1; set aurora.clusters.main.restore.snapshot to one`: func(w *rdsWorld) {
			w.snapshot = nil
		},
		`the snapshot is "creating", want available`: func(w *rdsWorld) {
			w.snapshot["status"] = "creating"
		},
		`the snapshot is of engine "aurora-mysql", want aurora-postgresql`: func(w *rdsWorld) {
			w.snapshot["engine"] = "aurora-mysql"
		},
		`is of version "17.9", and aurora.clusters.main.restore.engineVersion is "17.7"`: func(w *rdsWorld) {
			w.snapshot["engineVersion"] = "17.9"
		},
		`key/1 that the snapshot is under is in state "PendingDeletion", want Enabled`: func(w *rdsWorld) {
			w.keyState = "PendingDeletion"
		},
		`look at the key ` + snapshotKey: func(w *rdsWorld) { w.keyState = "" },
	} {
		w := newRDSWorld()
		change(w)
		err := w.build(restoring(recoveryPoint))
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, `restore cluster main of aurora "aurora" from `+recoveryPoint)
		assert.ErrorContains(t, err, want)
	}
	w := newRDSWorld()
	w.clusters, w.snapshot = []string{"bookmark-manager-production-aurora"}, nil
	assert.NoError(t, w.build(restoring(recoveryPoint)), "a cluster that is made needs its snapshot no more")
}

func TestHowASnapshotIsAskedFor(t *testing.T) {
	const shared = "arn:aws:rds:" + recorder.Region + ":999988887777:cluster-snapshot:theirs"
	for snapshot, want := range map[string]map[string]any{
		"by-hand":     {"dbClusterSnapshotIdentifier": "by-hand"},
		"rds:daily-1": {"dbClusterSnapshotIdentifier": "rds:daily-1", "snapshotType": "automated"},
		recoveryPoint: {"dbClusterSnapshotIdentifier": "awsbackup:job-1", "snapshotType": "awsbackup"},
		shared:        {"dbClusterSnapshotIdentifier": shared, "includeShared": true},
	} {
		w := newRDSWorld()
		require.NoError(t, w.build(restoring(snapshot)), snapshot)
		assert.Equal(t, want, w.wanted, snapshot)
	}
	for snapshot, want := range map[string]string{
		"arn:aws:rds:ap-northeast-3:" + recorder.Account + ":cluster-snapshot:x":  "the snapshot is in ap-northeast-3, want one in " + recorder.Region,
		"arn:aws:rds:" + recorder.Region + ":" + recorder.Account + ":snapshot:x": "an ARN that is no cluster snapshot's",
		"arn:aws:backup:" + recorder.Region + ":" + recorder.Account + ":recovery-point:x": "want arn:aws:rds:" +
			recorder.Region,
	} {
		assert.ErrorContains(t, newRDSWorld().build(restoring(snapshot)), want)
	}
	w := newRDSWorld()
	w.keyState, w.snapshot["kmsKeyId"] = "", "arn:aws:kms:"+recorder.Region+":999988887777:key/1"
	assert.NoError(t, w.build(restoring(shared)), "a key of another account need not let itself be looked at")
}

func TestAnUpgradeIsToAVersionThatRDSOffers(t *testing.T) {
	upgrade := func(version EngineVersion) func(*AuroraArgs) {
		return func(a *AuroraArgs) {
			a.Config.EngineVersion, a.Config.AllowMajorVersionUpgrade, a.Config.ApplyImmediately = version, true, true
		}
	}
	require.NoError(t, newRDSWorld().build(upgrade("18.3")))
	w := newRDSWorld()
	w.clusters, w.running = []string{"bookmark-manager-production-aurora"}, "17.9"
	require.NoError(t, w.build(upgrade("18.3")))
	require.ErrorContains(t, w.build(upgrade("17.7")),
		`take cluster bookmark-manager-production-aurora of aurora "aurora" to another version: `+
			`aurora.engineVersion is "17.7", which is older than the "17.9" that the cluster runs`)
	assert.ErrorContains(t, newRDSWorld().build(upgrade("18.2")),
		`find version 18.2 of Aurora PostgreSQL, which aurora.engineVersion of aurora "aurora" asks for: RDS offers `+
			`none in ap-northeast-1`)
}

func TestWhatAClusterMayBecome(t *testing.T) {
	for _, c := range []struct {
		configured, running EngineVersion
		leave               bool
		want                string
	}{
		{"17.7", "17.7", false, ""},
		{"17.7", "17.10", false, ""}, // AWS has gone on, and the version is not sent
		{"17.10", "17.9", true, ""},
		{"18.3", "17.10", true, ""},
		{"17.9", "17.10", true,
			`aurora.engineVersion is "17.9", which is older than the "17.10" that the cluster runs`},
		{"17.10", "18.3", true, `is older than the "18.3"`},
		{"18.3", "17.10", false,
			"set aurora.allowMajorVersionUpgrade to true until the upgrade is done, or aurora.engineVersion to a " +
				"version of major 17"},
		{"16.9", "17.10", false, "or aurora.engineVersion to a version of major 17"},
	} {
		err := AuroraConfig{EngineVersion: c.configured, AllowMajorVersionUpgrade: c.leave}.checkUpgrade(c.running)
		if c.want == "" {
			assert.NoError(t, err, c)
			continue
		}
		assert.ErrorContains(t, err, c.want, c)
	}
}
