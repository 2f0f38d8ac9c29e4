package atlas

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// What Atlas has, as far as the program may use it.
// https://www.mongodb.com/docs/atlas/reference/amazon-aws/
var (
	versions = []string{"7.0", "8.0"}
	regions  = []string{
		"AF_SOUTH_1", "AP_EAST_1", "AP_NORTHEAST_1", "AP_NORTHEAST_2", "AP_NORTHEAST_3", "AP_SOUTH_1", "AP_SOUTH_2",
		"AP_SOUTHEAST_1", "AP_SOUTHEAST_2",
		"AP_SOUTHEAST_3", "AP_SOUTHEAST_4", "CA_CENTRAL_1", "CA_WEST_1", "EU_CENTRAL_1", "EU_CENTRAL_2", "EU_NORTH_1",
		"EU_SOUTH_1", "EU_SOUTH_2", "EU_WEST_1",
		"EU_WEST_2", "EU_WEST_3", "IL_CENTRAL_1", "ME_CENTRAL_1", "ME_SOUTH_1", "SA_EAST_1", "US_EAST_1", "US_EAST_2",
		"US_WEST_1", "US_WEST_2",
	}
	// diskOf is the largest disk of a tier, in GB.
	diskOf = map[string]float64{
		"M10":  128,
		"M20":  256,
		"M30":  512,
		"M40":  1024,
		"M50":  4096,
		"M60":  4096,
		"M80":  4096,
		"M140": 4096,
		"M200": 4096,
		"M300": 4096,
		"M400": 4096,
		"M700": 4096,
	}
	builtInRoles = []string{
		"atlasAdmin", "backup", "clusterMonitor", "dbAdmin", "dbAdminAnyDatabase", "enableSharding", "read",
		"readAnyDatabase", "readWrite",
		"readWriteAnyDatabase",
	}
	events = []string{
		"CLUSTER_MONGOS_IS_MISSING", "CPS_OPLOG_BEHIND", "CPS_RESTORE_FAILED", "CPS_SNAPSHOT_FAILED", "HOST_DOWN",
		"NO_PRIMARY",
		"OUTSIDE_METRIC_THRESHOLD", "PRIMARY_ELECTED", "REPLICATION_OPLOG_WINDOW_RUNNING_OUT",
	}
	matcherFields = []string{"CLUSTER_NAME", "HOSTNAME", "HOSTNAME_AND_PORT", "PORT", "REPLICA_SET_NAME",
		"SHARD_NAME", "TYPE_NAME"}
	matcherCompares = []string{"CONTAINS", "ENDS_WITH", "EQUALS", "NOT_CONTAINS", "NOT_EQUALS", "REGEX", "STARTS_WITH"}

	projectForm = regexp.MustCompile(`^[0-9a-f]{24}$`)
	clusterForm = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]{0,62}[0-9A-Za-z])?$`)
)

// Rules are what Atlas and its provider refuse.
func Rules() []provider.Rule {
	return slices.Concat(projectRules, clusterRules, backupRules, accessRules, alertRules)
}

// projectRules are about the project that everything is in.
var projectRules = []provider.Rule{
	{
		Name: "the id of a project",
		Types: []string{
			clusterType, scheduleType, accessType, linkType, linkServiceType, userType, auditingType, alertType,
			maintenanceType,
		},
		When: provider.OnCheck,
		Why:  "Atlas Administration API: groupId is 24 hexadecimal digits",
		Check: func(r *provider.Request) error {
			if id := r.Inputs.Text("projectId"); id != "" && !projectForm.MatchString(id) {
				return fmt.Errorf("INVALID_GROUP_ID: An invalid group ID %s was specified", id)
			}
			return nil
		},
	},
	{
		Name:  "a maintenance window stays in its project",
		Types: []string{maintenanceType},
		When:  provider.OnUpdate,
		Why: "the provider changes another projectId in place, at the address of the old project: the new one " +
			"gets no window, and nothing says so",
		Check: func(r *provider.Request) error {
			if before := r.Old.Text("projectId"); r.Inputs.Text("projectId") != "" &&
				before != r.Inputs.Text("projectId") {
				return fmt.Errorf("the maintenance window of project %s would be changed in place of that of "+
					"project %s: replace it", before, r.Inputs.Text("projectId"))
			}
			return nil
		},
	},
	{
		Name:  "one auditing and one maintenance window a project",
		Types: []string{auditingType, maintenanceType},
		When:  provider.OnCreate,
		Why: "Atlas keeps one for each project and would overwrite another stack's without a word, so the " +
			"rehearsal refuses it",
		Check: func(r *provider.Request) error {
			if found := r.Find(r.Type, r.Inputs.Text("projectId")); found != nil && !r.Itself(found) {
				return fmt.Errorf("CONFLICT: project %s has this already, as %s: adopt it", found.ID, found.URN)
			}
			return nil
		},
	},
}

// clusterRules are about clusters.
var clusterRules = []provider.Rule{
	{
		Name:  "the name of a cluster",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why: "Atlas Administration API: 1 to 64 letters, digits and hyphens; the first 23 must not end in a " +
			"hyphen, for the host names' sake",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("name")
			if name == "" || clusterForm.MatchString(name) && !strings.HasSuffix(hostPart(name), "-") {
				return nil
			}
			return fmt.Errorf("INVALID_ATTRIBUTE: Invalid attribute name specified: %s has %d characters; want 1 to "+
				"64 letters, digits and hyphens, no hyphen at either end nor as the 23rd", name, len(name))
		},
	},
	{
		Name:  "one cluster a host name",
		Types: []string{clusterType},
		When:  provider.OnCreate,
		Why: "Atlas Administration API: DUPLICATE_CLUSTER_NAME; the first 23 characters must be unique in the " +
			"project",
		Check: func(r *provider.Request) error {
			for _, other := range r.Others(clusterType) {
				if other.Text("projectId") == r.Inputs.Text("projectId") &&
					hostPart(other.Name) == hostPart(r.Inputs.Text("name")) {
					return fmt.Errorf("DUPLICATE_CLUSTER_NAME: A cluster whose name begins with %s is already "+
						"present in group %s", hostPart(other.Name), other.Text("projectId"))
				}
			}
			return nil
		},
	},
	{
		Name:  "a version of MongoDB",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why:   "Atlas Administration API: mongoDBMajorVersion",
		Check: func(r *provider.Request) error {
			if version := r.Inputs.Text("mongoDbMajorVersion"); version != "" && !slices.Contains(versions, version) {
				return fmt.Errorf("INVALID_ENUM_VALUE: An invalid enumeration value %s was specified for "+
					"mongoDBMajorVersion: want one of %v", version, versions)
			}
			return nil
		},
	},
	{
		Name:  "where and how large a cluster is",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why:   "Atlas Administration API: regionName, instanceSize, diskSizeGB, nodeCount, priority",
		Check: placement,
	},
	{
		Name:  "what Atlas has chosen is not sent back",
		Types: []string{clusterType},
		When:  provider.OnUpdate,
		Why: "the provider sends a cluster's specification whole, what is ignored in it as the state has it: to " +
			"another disk or tier than " +
			"Atlas has chosen since",
		Check: func(r *provider.Request) error {
			sent, is := resource.NewProperty(resource.PropertyMap(r.Inputs)),
				resource.NewProperty(resource.PropertyMap(r.Old.Outputs))
			for _, ignored := range r.Ignored {
				path, err := resource.ParsePropertyPath(ignored)
				if err != nil {
					return fmt.Errorf("read the ignored property %s: %w", ignored, err)
				}
				asked, has := path.Get(sent)
				chosen, known := path.Get(is)
				if has && known && !asked.DeepEquals(chosen) {
					return fmt.Errorf("the update of cluster %s would set %s from %v back to %v, which is ignored "+
						"and as the state has it: refresh first",
						r.Old.Name, ignored, chosen.V, asked.V)
				}
			}
			return nil
		},
	},
	{
		Name:  "point in time needs backups",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why:   "Atlas Administration API: pitEnabled",
		Check: func(r *provider.Request) error {
			if r.Inputs.Is("pitEnabled", false) && !r.Inputs.Is("backupEnabled", false) {
				return fmt.Errorf("INVALID_ATTRIBUTE: Invalid attribute pitEnabled specified: continuous backup " +
					"needs backupEnabled")
			}
			return nil
		},
	},
	{
		Name:  "a protected cluster stays",
		Types: []string{clusterType},
		When:  provider.OnDelete,
		Why:   "Atlas Administration API: CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Outputs).Is("terminationProtectionEnabled", false) {
				return fmt.Errorf("CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED: Cluster %s cannot "+
					"be terminated: termination protection is enabled", r.Old.Name)
			}
			return nil
		},
	},
}

func placement(r *provider.Request) error {
	invalid := func(attribute string, found any, want string) error {
		return fmt.Errorf("INVALID_ATTRIBUTE: Invalid attribute %s specified: %v, want %s", attribute, found, want)
	}
	for _, spec := range r.Inputs.Objects("replicationSpecs") {
		nodes := 0.0
		for _, region := range spec.Objects("regionConfigs") {
			size, electable := region.Object("electableSpecs").Text("instanceSize"), region.Object("electableSpecs")
			disk, hasDisk := electable.Number("diskSizeGb")
			priority, hasPriority := region.Number("priority")
			count, _ := electable.Number("nodeCount")
			nodes += count
			name := region.Text("regionName")
			switch {
			case name != "" && !slices.Contains(regions, name):
				return invalid("regionName", name, fmt.Sprintf("one of %v", regions))
			case size != "" && diskOf[size] == 0:
				return invalid("instanceSize", size, "M10 to M700")
			case hasDisk && size != "" && (disk < 10 || disk > diskOf[size]):
				return invalid("diskSizeGB", disk, fmt.Sprintf("10 to %g for %s", diskOf[size], size))
			case hasPriority && (priority < 0 || priority > 7):
				return invalid("priority", priority, "0 to 7")
			}
		}
		if !spec.Unknown("regionConfigs") && !slices.Contains([]float64{3, 5, 7}, nodes) {
			return invalid("nodeCount", nodes, "3, 5 or 7 electable nodes")
		}
	}
	return nil
}

// backupRules are about the schedule of snapshots.
var backupRules = []provider.Rule{
	{
		Name:  "a schedule of a cluster with backups",
		Types: []string{scheduleType},
		When:  provider.OnWrite,
		Why:   "Atlas Administration API: BACKUP_CONFIG_NOT_FOUND",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("clusterName")
			cluster := findCluster(r, name)
			if name == "" || cluster == nil && !r.Missing(cluster) {
				return nil
			}
			if cluster == nil || !provider.Values(cluster.Outputs).Is("backupEnabled", false) {
				return fmt.Errorf("BACKUP_CONFIG_NOT_FOUND: No backup config exists for cluster %s in group %s", name,
					r.Inputs.Text("projectId"))
			}
			return nil
		},
	},
	{
		Name:  "retention of snapshots",
		Types: []string{scheduleType},
		When:  provider.OnCheck,
		Why: "Manage backup policies: less frequent snapshots stay at least as long, hourly ones as long as the " +
			"restore window",
		Check: func(r *provider.Request) error {
			hourly, daily := r.Inputs.Object("policyItemHourly"), r.Inputs.Object("policyItemDaily")
			short, hasShort := hourly.Number("retentionValue")
			long, hasLong := daily.Number("retentionValue")
			window, hasWindow := r.Inputs.Number("restoreWindowDays")
			switch {
			case hasShort && hasLong && short > long:
				return fmt.Errorf("INVALID_ATTRIBUTE: Invalid attribute retentionValue specified: daily snapshots "+
					"stay %g days, less than hourly ones with %g", long, short)
			case hasWindow && hasShort && window > short:
				return fmt.Errorf("INVALID_ATTRIBUTE: Invalid attribute restoreWindowDays specified: %g, more than "+
					"hourly snapshots stay with %g", window, short)
			}
			return nil
		},
	},
	{
		Name:  "copies in another region",
		Types: []string{scheduleType},
		When:  provider.OnCheck,
		Why:   "Atlas Administration API: copySettings",
		Check: func(r *provider.Request) error {
			for _, settings := range r.Inputs.Objects("copySettings") {
				if name := settings.Text("regionName"); name != "" && !slices.Contains(regions, name) {
					return fmt.Errorf("INVALID_ATTRIBUTE: Invalid attribute regionName specified: %s, want one of %v",
						name, regions)
				}
				if !settings.Has("zoneId") {
					return fmt.Errorf("INVALID_ATTRIBUTE: Invalid attribute zoneId specified: a copy says of which " +
						"zone it is")
				}
			}
			return nil
		},
	},
}
