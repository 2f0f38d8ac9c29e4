package aws

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// databaseFunctions are the look-ups of databases and of what they are restored from.
var databaseFunctions = map[string]func(*provider.Request) (map[string]any, error){
	"aws:rds/getCluster:getCluster":                 knownCluster,
	"aws:rds/getClusters:getClusters":               knownClusters,
	"aws:rds/getEngineVersion:getEngineVersion":     engineVersion,
	"aws:rds/getClusterSnapshot:getClusterSnapshot": clusterSnapshot,
	"aws:kms/getKey:getKey":                         knownKey,
}

func knownCluster(r *provider.Request) (map[string]any, error) {
	id := r.Inputs.Text("clusterIdentifier")
	cluster := r.Find(clusterType, id)
	if cluster == nil {
		return nil, fmt.Errorf("DBClusterNotFoundFault: DBCluster %s not found", id)
	}
	return map[string]any{
		"id":            id,
		"arn":           cluster.ARN,
		"engine":        cluster.Text("engine"),
		"engineVersion": cluster.Text("engineVersionActual"),
	}, nil
}

// knownClusters answers with none where there is none: RDS filters, and finds nothing wrong with
// that.
func knownClusters(r *provider.Request) (map[string]any, error) {
	var wanted []string
	for _, filter := range r.Inputs.Objects("filters") {
		if name := filter.Text("name"); name != "db-cluster-id" {
			return nil, fmt.Errorf("InvalidParameterValue: Unrecognized filter name: %s", name)
		}
		wanted = append(wanted, filter.Texts("values")...)
	}
	identifiers, arns := []any{}, []any{}
	for _, cluster := range r.List(clusterType) {
		if len(wanted) == 0 || slices.Contains(wanted, cluster.ID) {
			identifiers, arns = append(identifiers, cluster.ID), append(arns, cluster.ARN)
		}
	}
	return map[string]any{"id": r.Region, "clusterIdentifiers": identifiers, "clusterArns": arns}, nil
}

func engineVersion(r *provider.Request) (map[string]any, error) {
	engine, wanted := r.Inputs.Text("engine"), r.Inputs.Text("version")
	if engine != auroraPostgres {
		return nil, fmt.Errorf("the model knows the versions of %s alone, not of %q", auroraPostgres, engine)
	}
	version := resolveVersion(r, wanted)
	if version == "" {
		return nil, errors.New("reading RDS engine versions: couldn't find resource")
	}
	return map[string]any{
		"id": version, "engine": engine, "version": version, "versionActual": version, "status": "available",
		"parameterGroupFamily": engine + major(version),
	}, nil
}

// clusterSnapshot finds those that AWS Backup made only when it is asked for that kind, as RDS
// does.
func clusterSnapshot(r *provider.Request) (map[string]any, error) {
	wanted, kind := r.Inputs.Text("dbClusterSnapshotIdentifier"), r.Inputs.Text("snapshotType")
	typ := map[string]string{
		"":          clusterSnapshotType,
		"manual":    clusterSnapshotType,
		"awsbackup": recoveryPointType,
	}[kind]
	var found *cloud.Object
	if strings.HasPrefix(wanted, "arn:") {
		found = r.ByARN(wanted)
	} else if typ != "" {
		found = r.Find(typ, wanted)
	}
	if found == nil {
		return nil, errors.New("reading RDS cluster snapshot: Your query returned no results")
	}
	key := found.Text("kmsKeyId")
	return map[string]any{
		"id": found.ID, "dbClusterSnapshotArn": found.ARN, "status": "available", "engine": found.Text("engine"),
		"engineVersion": found.Text("engineVersion"), "kmsKeyId": key, "storageEncrypted": key != "",
	}, nil
}

// knownKey shows a key that waits for its deletion as well, as KMS does.
func knownKey(r *provider.Request) (map[string]any, error) {
	id := r.Inputs.Text("keyId")
	state, key := "Enabled", findKey(r, id)
	if key == nil {
		if key = r.Waiting(keyType, keyID(r, id)); key == nil {
			return nil, fmt.Errorf("NotFoundException: Key '%s' does not exist", id)
		}
		state = "PendingDeletion"
	} else if !provider.Values(key.Outputs).Is("isEnabled", true) {
		state = "Disabled"
	}
	return map[string]any{
		"id":       key.ID,
		"keyId":    id,
		"arn":      key.ARN,
		"keyState": state,
		"enabled":  state == "Enabled",
	}, nil
}
