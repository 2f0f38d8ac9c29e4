package aws

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const (
	clusterType            = "aws:rds/cluster:Cluster"
	clusterInstanceType    = "aws:rds/clusterInstance:ClusterInstance"
	clusterParametersType  = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	databaseSubnetsType    = "aws:rds/subnetGroup:SubnetGroup"
	globalClusterType      = "aws:rds/globalCluster:GlobalCluster"
	eventSubscriptionType  = "aws:rds/eventSubscription:EventSubscription"
	clusterSnapshotType    = "aws:rds/clusterSnapshot:ClusterSnapshot"
	auroraPostgres         = "aurora-postgresql"
	capitalsAndDigits      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	lowerCaseAndDigits     = "abcdefghijklmnopqrstuvwxyz0123456789"
	databasePort           = 5432.0
	defaultParameterPrefix = "default."
)

// auroraVersions are the versions of Aurora PostgreSQL that can be created, oldest first.
var auroraVersions = []string{"16.8", "16.9", "16.10", "17.4", "17.5", "17.6", "17.7", "17.9", "17.10", "18.3", "18.4"}

// databaseKinds are Aurora clusters and what belongs to them.
var databaseKinds = map[string]*provider.Kind{
	clusterType: {
		ID:     "{clusterIdentifier}",
		ARN:    "arn:aws:rds:{region}:{account}:cluster:{clusterIdentifier}",
		Naming: provider.Naming{Property: "clusterIdentifier", Max: 63, Lower: true},
		Defaults: map[string]any{
			"engineMode":             "provisioned",
			"port":                   databasePort,
			"backupRetentionPeriod":  1.0,
			"copyTagsToSnapshot":     false,
			"deletionProtection":     false,
			"skipFinalSnapshot":      false,
			"storageEncrypted":       false,
			"deleteAutomatedBackups": true,
			"databaseInsightsMode":   "standard",
			"networkType":            "IPV4",
		},
		Compute:   computeCluster,
		Shown:     slices.Sorted(maps.Keys(notRestored)),
		Absent:    []string{"masterUserSecrets"},
		WriteOnly: []string{"masterPassword"},
		Owned:     clusterParts,
		Remains:   finalSnapshot,
	},
	clusterInstanceType: {
		ID:     "{identifier}",
		ARN:    "arn:aws:rds:{region}:{account}:db:{identifier}",
		Naming: provider.Naming{Property: "identifier", Max: 63, Lower: true},
		Defaults: map[string]any{
			"autoMinorVersionUpgrade": true,
			"publiclyAccessible":      false,
			"promotionTier":           0.0,
			"monitoringInterval":      0.0,
		},
		Compute: computeInstance,
		Owned:   instanceParts,
	},
	clusterParametersType: {
		ID:       "{name}",
		ARN:      "arn:aws:rds:{region}:{account}:cluster-pg:{name}",
		Naming:   provider.Naming{Property: "name", Max: 255, Lower: true},
		Defaults: map[string]any{"description": "Managed by Pulumi"},
	},
	eventSubscriptionType: {
		ID:       "{name}",
		ARN:      "arn:aws:rds:{region}:{account}:es:{name}",
		Naming:   provider.Naming{Property: "name", Max: 255, Lower: true},
		Defaults: map[string]any{"enabled": true},
		Compute:  func(r *provider.Request, o *provider.Outputs) { o.Set("customerAwsId", r.Account) },
	},
	databaseSubnetsType: {
		ID:       "{name}",
		ARN:      "arn:aws:rds:{region}:{account}:subgrp:{name}",
		Naming:   provider.Naming{Property: "name", Max: 255, Lower: true},
		Defaults: map[string]any{"description": "Managed by Pulumi"},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Set("supportedNetworkTypes", []any{"IPV4"})
			o.Set("vpcId", "")
			for _, id := range o.Texts("subnetIds") {
				if subnet := r.Find(subnetType, id); subnet != nil {
					o.Set("vpcId", subnet.Text("vpcId"))
				}
			}
		},
	},
	globalClusterType: {
		ID:       "{globalClusterIdentifier}",
		ARN:      "arn:aws:rds::{account}:global-cluster:{globalClusterIdentifier}",
		Scope:    provider.Global,
		Defaults: map[string]any{"deletionProtection": false, "forceDestroy": false},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Once("globalClusterResourceId", func() any {
				return "cluster-" + provider.Random(lowerCaseAndDigits, 16)
			})
			o.Once("endpoint", func() any {
				return o.Text("globalClusterIdentifier") + ".global-" + provider.Random(lowerCaseAndDigits, 12) +
					".global.rds.amazonaws.com"
			})
			o.Set("globalClusterMembers", []any{})
			if source := r.ByARN(o.Text("sourceDbClusterIdentifier")); source != nil {
				o.Default("engine", func() any { return source.Text("engine") })
				o.Default("engineVersion", func() any { return source.Text("engineVersionActual") })
				o.Default("storageEncrypted", func() any {
					return provider.Values(source.Outputs).Is("storageEncrypted", false)
				})
			}
			o.Set("engineVersionActual", o.Text("engineVersion"))
		},
	},
}

func computeCluster(r *provider.Request, o *provider.Outputs) {
	o.Once("clusterResourceId", func() any { return "cluster-" + provider.Random(capitalsAndDigits, 26) })
	host := "cluster-" + provider.StableID("c", 11, o.Text("clusterResourceId"))
	domain := "." + r.Region + ".rds.amazonaws.com"
	o.Set("endpoint", o.Text("clusterIdentifier")+"."+host+domain)
	o.Set("readerEndpoint", o.Text("clusterIdentifier")+"."+strings.Replace(host, "cluster-", "cluster-ro-", 1)+domain)
	o.Set("hostedZoneId", "Z"+strings.ToUpper(provider.StableID("", 13, "rds", r.Region)))
	o.Once("caCertificateValidTill", func() any { return "2061-05-21T20:33:10Z" })
	o.Set("upgradeRolloutOrder", "second")
	o.Default("availabilityZones", func() any {
		var names []any
		for _, name := range zoneNames(r.Region)[:3] {
			names = append(names, name)
		}
		return names
	})
	setEngineVersion(r, o)
	if r.Old == nil && (r.Inputs.Has("snapshotIdentifier") || r.Inputs.Has("restoreToPointInTime")) {
		for name, value := range notRestored {
			o.Set(name, value)
			if r.Inputs.Has(name) {
				// a refresh takes the inputs from what is read
				r.Inputs[resource.PropertyKey(name)] = o.Values[resource.PropertyKey(name)]
			}
		}
	}
}

// notRestored are the settings that the provider sends to CreateDBCluster and to neither of the
// restores, with what the cluster has without them. The provider sends IAM authentication with a
// point in time, and not with a snapshot; here with neither.
// https://github.com/hashicorp/terraform-provider-aws, resourceClusterCreate
var notRestored = map[string]any{
	"databaseInsightsMode": "standard", "performanceInsightsEnabled": false, "performanceInsightsKmsKeyId": "",
	"performanceInsightsRetentionPeriod": 0.0, "iamDatabaseAuthenticationEnabled": false,
}

// finalSnapshot is what RDS keeps of a cluster that was not told to skip it.
func finalSnapshot(r *provider.Request, deleted *cloud.Object) []*cloud.Object {
	last := provider.Values(deleted.Outputs)
	name := last.Text("finalSnapshotIdentifier")
	if last.Is("skipFinalSnapshot", false) || name == "" {
		return nil
	}
	return []*cloud.Object{{
		Key: cloud.Key{
			Type:    clusterSnapshotType,
			Account: r.Account,
			Region:  r.Region,
			ID:      name,
		},
		Name:    name,
		ARN:     "arn:aws:rds:" + r.Region + ":" + r.Account + ":cluster-snapshot:" + name,
		State:   cloud.Retained,
		Creator: r.Account,
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(map[string]any{
			"engine":        last.Text("engine"),
			"engineVersion": last.Text("engineVersionActual"),
			"kmsKeyId":      last.Text("kmsKeyId"),
			"resourceArn":   deleted.ARN,
		})),
	}}
}

func computeInstance(r *provider.Request, o *provider.Outputs) {
	o.Once("dbiResourceId", func() any { return "db-" + provider.Random(capitalsAndDigits, 26) })
	o.Set("endpoint", o.Text("identifier")+"."+provider.StableID("c", 11, o.Text("clusterIdentifier"))+"."+r.Region+
		".rds.amazonaws.com")
	o.Set("networkType", "IPV4")
	o.Once("writer", func() any {
		return len(r.Where(clusterInstanceType, "clusterIdentifier", o.Text("clusterIdentifier"))) == 0
	})
	cluster := r.Find(clusterType, o.Text("clusterIdentifier"))
	if cluster == nil {
		return // a rule refuses the instance
	}
	of := provider.Values(cluster.Outputs)
	o.Set("engineVersionActual", of.Text("engineVersionActual"))
	o.Set("kmsKeyId", of.Text("kmsKeyId"))
	o.Set("storageEncrypted", of.Is("storageEncrypted", false))
	o.Set("port", databasePort)
	o.Default("dbSubnetGroupName", func() any { return of.Text("dbSubnetGroupName") })
	o.Default("availabilityZone", func() any {
		for zone := range subnetsByZone(r, o.Text("dbSubnetGroupName")) {
			return zone
		}
		return ""
	})
}

// subnetsByZone are the subnets of a group.
func subnetsByZone(r *provider.Request, group string) map[string]*cloud.Object {
	all := map[string]*cloud.Object{}
	found := r.Find(databaseSubnetsType, group)
	if found == nil {
		return all
	}
	for _, id := range provider.Values(found.Outputs).Texts("subnetIds") {
		if subnet := r.Find(subnetType, id); subnet != nil {
			all[subnet.Text("availabilityZone")] = subnet
		}
	}
	return all
}

// instanceParts is the interface of an instance, which keeps its subnet and security groups in use.
func instanceParts(r *provider.Request, o *provider.Outputs) []provider.Part {
	subnet := subnetsByZone(r, o.Text("dbSubnetGroupName"))[o.Text("availabilityZone")]
	cluster := r.Find(clusterType, o.Text("clusterIdentifier"))
	if subnet == nil || cluster == nil {
		return nil
	}
	var groups []any
	for _, group := range provider.Values(cluster.Outputs).Texts("vpcSecurityGroupIds") {
		groups = append(groups, group)
	}
	eni := provider.StableID("eni-", 17, o.Text("dbiResourceId"))
	return []provider.Part{{
		Type: networkInterfaceType,
		ID:   eni,
		Name: eni,
		Outputs: map[string]any{
			"id": eni, "vpcId": subnet.Text("vpcId"), "subnetId": subnet.ID, "groupIds": groups,
			"privateIp": keptAddress(r, eni, subnet), "publicIp": "", "description": "RDSNetworkInterface",
		},
	}}
}
