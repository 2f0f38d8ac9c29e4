package aws

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *world) lookUp(token string, args in) (plugin.InvokeResponse, error) {
	return w.Invoke(context.Background(),
		plugin.InvokeRequest{Tok: tokens.ModuleMember(token), Args: resource.NewPropertyMapFromMap(args)})
}

func TestLookUps(t *testing.T) {
	w := newWorld(t)
	own := w.make(managedPrefixListType, "office", in{"name": "office", "addressFamily": "IPv4", "maxEntries": 5})
	key, gone := w.make(keyType, "key", in{}), w.make(keyType, "gone", in{})
	w.snapshotUnder(key)
	require.NoError(t, w.delete(gone))
	w.make(clusterType, "db", aurora(nil))
	for name, test := range map[string]struct {
		token string
		args  in
		want  in // among the answer
	}{
		"what a cluster runs": {
			"aws:rds/getCluster:getCluster", in{"clusterIdentifier": "db"},
			in{"engine": auroraPostgres, "engineVersion": "17.7"},
		},
		"a cluster": {
			"aws:rds/getClusters:getClusters",
			in{"filters": []any{in{"name": "db-cluster-id", "values": []any{"db", "other"}}}},
			in{"clusterIdentifiers": []any{"db"}},
		},
		"no cluster": {
			"aws:rds/getClusters:getClusters",
			in{"filters": []any{in{"name": "db-cluster-id", "values": []any{"other"}}}},
			in{"clusterIdentifiers": []any{}},
		},
		"an engine version": {
			"aws:rds/getEngineVersion:getEngineVersion", in{"engine": auroraPostgres, "version": "17.7"},
			in{"versionActual": "17.7", "parameterGroupFamily": "aurora-postgresql17"},
		},
		"a snapshot": {
			"aws:rds/getClusterSnapshot:getClusterSnapshot", in{"dbClusterSnapshotIdentifier": "final-1"},
			in{"engineVersion": "17.7", "kmsKeyId": key.text("arn"), "storageEncrypted": true, "status": "available"},
		},
		"a key": {"aws:kms/getKey:getKey", in{"keyId": key.text("arn")},
			in{"keyState": "Enabled"}},
		"a key that waits for its deletion": {"aws:kms/getKey:getKey", in{"keyId": gone.text("arn")},
			in{"keyState": "PendingDeletion"}},
		"the account": {"aws:index/getCallerIdentity:getCallerIdentity", in{},
			in{"accountId": account, "arn": "arn:aws:iam::123456789012:user/rehearsal"}},
		"the partition": {"aws:index/getPartition:getPartition", in{},
			in{"partition": "aws", "dnsSuffix": "amazonaws.com"}},
		"the region": {"aws:index/getRegion:getRegion", in{}, in{"name": tokyo}},
		"the zones": {"aws:index/getAvailabilityZones:getAvailabilityZones", in{"state": "available"}, in{
			"names":   []any{"ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"},
			"zoneIds": []any{"apne1-az4", "apne1-az1", "apne1-az2"},
			"state":   "available",
		}},
		"some of the zones": {"aws:index/getAvailabilityZones:getAvailabilityZones",
			in{"excludeNames": []any{"ap-northeast-1a"}, "excludeZoneIds": []any{"apne1-az2"}},
			in{"names": []any{"ap-northeast-1c"}}},
		"CloudFront's addresses by name": {
			"aws:ec2/getManagedPrefixList:getManagedPrefixList",
			in{"name": "com.amazonaws.global.cloudfront.origin-facing"}, in{"id": "pl-58a04531", "maxEntries": 55.0},
		},
		"CloudFront's addresses by a filter": {
			"aws:ec2/getManagedPrefixList:getManagedPrefixList", in{"filters": []any{in{
				"name":   "prefix-list-name",
				"values": []any{"com.amazonaws.global.cloudfront.origin-facing"},
			}}}, in{"id": "pl-58a04531"},
		},
		"a list of one's own": {"aws:ec2/getManagedPrefixList:getManagedPrefixList", in{"name": "office"},
			in{"id": own.id, "arn": own.text("arn"), "maxEntries": 5.0}},
		"S3's addresses": {"aws:ec2/getPrefixList:getPrefixList", in{"name": "com.amazonaws.ap-northeast-1.s3"},
			in{"id": "pl-61a54008"}},
		"who writes ALB logs": {"aws:elb/getServiceAccount:getServiceAccount", in{},
			in{"id": "582318560864", "arn": "arn:aws:iam::582318560864:root"}},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := w.lookUp(test.token, test.args)
			require.NoError(t, err)
			require.Empty(t, res.Failures)
			got := res.Properties.Mappable()
			for key, want := range test.want {
				assert.Equal(t, want, got[key], key)
			}
			known := w.Function(test.token)
			for key := range got {
				assert.Contains(t, slices.Concat(slices.Collect(maps.Keys(known.Inputs)),
					slices.Collect(maps.Keys(known.Outputs)), []string{"id"}), key, "the schema has no such property")
			}
		})
	}
}

func TestRefusedLookUps(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		region, token string
		args          in
		want          string
	}{
		"a function of no table": {tokyo, "aws:iam/getPolicyDocument:getPolicyDocument", in{},
			"the rehearsal's aws provider does not answer aws:iam/getPolicyDocument:getPolicyDocument: it knows ["},
		"an unknown list": {tokyo, "aws:ec2/getManagedPrefixList:getManagedPrefixList", in{"name": "office"},
			`look up aws:ec2/getManagedPrefixList:getManagedPrefixList: empty result: no managed prefix list of ` +
				`ap-northeast-1 matches id "" and name "office"`},
		"a version that RDS does not offer": {
			tokyo, "aws:rds/getEngineVersion:getEngineVersion", in{"engine": auroraPostgres, "version": "17.2"},
			"couldn't find resource",
		},
		"a cluster that is not there": {
			tokyo, "aws:rds/getCluster:getCluster", in{"clusterIdentifier": "none"},
			"DBClusterNotFoundFault: DBCluster none not found",
		},
		"a snapshot that is not there": {
			tokyo, "aws:rds/getClusterSnapshot:getClusterSnapshot", in{"dbClusterSnapshotIdentifier": "none"},
			"Your query returned no results",
		},
		"a key that is not there": {tokyo, "aws:kms/getKey:getKey", in{"keyId": "none"},
			"NotFoundException: Key 'none' does not exist"},
		"an unknown region": {"sa-east-1", "aws:index/getAvailabilityZones:getAvailabilityZones", in{},
			`look up aws:index/getAvailabilityZones:getAvailabilityZones: the model does not know the zones of ` +
				`region "sa-east-1"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.other(test.region, account, nil).lookUp(test.token, test.args)
			require.ErrorContains(t, err, test.want)
		})
	}
	res, err := w.lookUp("aws:index/getAvailabilityZones:getAvailabilityZones", in{"stat": "available"})
	require.NoError(t, err)
	assert.Equal(t, []plugin.CheckFailure{{Property: "stat", Reason: `stat: unknown property, did you mean "state"?`}},
		res.Failures)
}
