package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// auroraDefaults are what RDS takes a major version alone for. The default is not the newest: AWS
// moves it long after a minor version is out.
var auroraDefaults = map[string]string{"16": "16.9", "17": "17.7", "18": "18.3"}

// offered are the versions that RDS offers by now: the table's, and those that came out since.
func offered(released []*cloud.Object) []string {
	all := slices.Clone(auroraVersions)
	for _, one := range released {
		all = append(all, one.ID)
	}
	return all
}

// resolveVersion is the version that RDS takes a wanted one for, or "" when there is none.
func resolveVersion(r *provider.Request, wanted string) string {
	if slices.Contains(offered(r.Everywhere(releaseType)), wanted) {
		return wanted
	}
	return auroraDefaults[wanted]
}

// notModified are the inputs whose change the provider does not send to ModifyDBCluster.
var notModified = []resource.PropertyKey{
	"allowMajorVersionUpgrade", "deleteAutomatedBackups", "finalSnapshotIdentifier", "globalClusterIdentifier",
	"iamRoles",
	"replicationSourceIdentifier", "skipFinalSnapshot", "tags",
}

// sentVersion is the engine version that an update sends, or "" when it sends none: the column
// "sent" of the table at EngineVersion in package data. The provider sends it when it changes, and
// with every other change while engineVersion and engineVersionActual in the state are not the same
// text. So a major version alone, such as "17", is always sent.
// https://github.com/hashicorp/terraform-provider-aws, resourceClusterUpdate
func sentVersion(r *provider.Request) string {
	planned := r.Given.Text("engineVersion")
	if planned == "" || slices.Contains(r.Ignored, "engineVersion") {
		planned = r.State.Text("engineVersion")
	}
	switch {
	case planned != r.State.Text("engineVersion"):
		return planned
	case planned != r.State.Text("engineVersionActual") && modifiesCluster(r):
		return planned
	}
	return ""
}

func modifiesCluster(r *provider.Request) bool {
	before := provider.Values(r.Old.Inputs)
	for _, values := range []provider.Values{before, r.Given} {
		for key := range values {
			sent := !resource.IsInternalPropertyKey(key) && !slices.Contains(notModified, key)
			if sent && !before[key].DeepEquals(r.Given[key]) {
				return true
			}
		}
	}
	return false
}

// runningAfter is the version that a cluster runs once the request is done: another one waits for
// the maintenance window unless it is to be applied at once.
func runningAfter(r *provider.Request) string {
	if r.Old != nil && !r.Inputs.Is("applyImmediately", false) {
		return r.Old.Text("engineVersionActual")
	}
	return runningInTheEnd(r)
}

// runningInTheEnd is the version that a cluster runs once the request is done and the maintenance
// window has passed: the column "result" of the table.
func runningInTheEnd(r *provider.Request) string {
	if r.Old == nil {
		if wanted := r.Inputs.Text("engineVersion"); wanted != "" {
			return resolveVersion(r, wanted)
		}
		return resolveVersion(r, "17")
	}
	if asked := sentVersion(r); asked != "" {
		return resolveVersion(r, asked)
	}
	return r.Old.Text("engineVersionActual")
}

// setEngineVersion sets both versions of a cluster as the provider reads them.
func setEngineVersion(r *provider.Request, o *provider.Outputs) {
	known := r.Inputs.Text("engineVersion")
	if r.Old != nil && (known == "" || slices.Contains(r.Ignored, "engineVersion")) {
		known = r.State.Text("engineVersion")
	}
	running := runningAfter(r)
	if running != runningInTheEnd(r) && r.Old.Text("dbClusterParameterGroupName") != "" {
		// The parameter group waits with the version, and is read as the one before it.
		o.Set("dbClusterParameterGroupName", r.Old.Text("dbClusterParameterGroupName"))
		r.Inputs["dbClusterParameterGroupName"] = o.Values["dbClusterParameterGroupName"]
	}
	o.Set("engineVersionActual", running)
	o.Set("engineVersion", versionInState(known, running))
	if r.Inputs.Has("engineVersion") {
		r.Inputs["engineVersion"] = o.Values["engineVersion"] // a refresh takes the inputs from what is read
	}
}

// versionInState is the engine version that the provider reads into the state: it keeps the state's
// when that is a prefix of the one that runs.
// https://github.com/hashicorp/terraform-provider-aws, compareActualEngineVersion
func versionInState(known, running string) string {
	if known != "" && strings.HasPrefix(running, known+".") {
		return known
	}
	return running
}

// UpgradeMinorVersion is what AWS does to a cluster in its maintenance window, behind Pulumi's
// back.
func UpgradeMinorVersion(tx *cloud.Tx, account, region, cluster, version string) error {
	o, err := tx.Get(cloud.Key{
		Type:    clusterType,
		Account: account,
		Region:  region,
		ID:      cluster,
	})
	if err != nil {
		return err
	}
	if o == nil {
		return fmt.Errorf("upgrade cluster %s in %s: there is none", cluster, region)
	}
	if running := o.Text("engineVersionActual"); major(running) != major(version) || older(version, running) {
		return fmt.Errorf("upgrade cluster %s from %s to %s: that is no minor upgrade", cluster, running, version)
	}
	for _, properties := range []cloud.Properties{o.Inputs, o.Outputs} {
		if known, ok := properties["engineVersion"]; ok {
			properties["engineVersion"] = resource.NewProperty(versionInState(known.StringValue(), version))
		}
	}
	o.Outputs["engineVersionActual"] = resource.NewProperty(version)
	if err := tx.Replace(o); err != nil {
		return err
	}
	instances, err := tx.OfType(clusterInstanceType)
	if err != nil {
		return err
	}
	for _, instance := range instances {
		if instance.Account != account || instance.Region != region || instance.Text("clusterIdentifier") != cluster {
			continue
		}
		instance.Outputs["engineVersionActual"] = resource.NewProperty(version)
		if err := tx.Replace(instance); err != nil {
			return err
		}
	}
	return nil
}

func major(version string) string {
	first, _, _ := strings.Cut(version, ".")
	return first
}

// older compares versions by their numbers.
func older(version, than string) bool {
	numbers := func(text string) []int {
		var all []int
		for part := range strings.SplitSeq(text, ".") {
			n, err := strconv.Atoi(part)
			if err != nil {
				return nil
			}
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(version), numbers(than)) < 0
}
