// Package atlas models the MongoDB Atlas provider and Atlas itself: what the program uses of them.
//
// The facts about types are in schema.json, taken from the SDK. An organization is one for all
// stacks, so that its objects have no account and no region. What Atlas refuses is in rules.go;
// each rule has a pair in its test, a request that it refuses and one that it lets pass.
package atlas

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Version is the plugin that belongs to the SDK in the program's go.mod.
const Version = "3.30.0"

const (
	clusterType     = "mongodbatlas:index/advancedCluster:AdvancedCluster"
	scheduleType    = "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"
	accessType      = "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList"
	linkType        = "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint"
	linkServiceType = "mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService"
	userType        = "mongodbatlas:index/databaseUser:DatabaseUser"
	auditingType    = "mongodbatlas:index/auditing:Auditing"
	alertType       = "mongodbatlas:index/alertConfiguration:AlertConfiguration"
	maintenanceType = "mongodbatlas:index/maintenanceWindow:MaintenanceWindow"
	// snapshotsType is no resource of the program: the snapshots that a deleted cluster leaves
	// behind.
	snapshotsType = "mongodbatlas:index/cloudBackupSnapshot:CloudBackupSnapshot"
	// vpcEndpointType is AWS's, in the same cloud.
	vpcEndpointType = "aws:ec2/vpcEndpoint:VpcEndpoint"

	getCluster = "mongodbatlas:index/getAdvancedCluster:getAdvancedCluster"
)

//go:embed schema.json
var facts []byte

//go:embed values.json
var values []byte

var parse = sync.OnceValues(func() (*schema.Schema, error) { return schema.Parse(facts, values) })

// New starts a provider on a cloud. account is the AWS account of the caller, which Atlas does not
// ask for.
func New(c *cloud.Cloud, account string) (*provider.Provider, error) {
	return provider.New(Definition(), c, account)
}

// Definition puts the tables together.
func Definition() provider.Definition {
	return provider.Definition{
		Name:    "mongodbatlas",
		Version: Version,
		Schema:  parse,
		Kinds:   kinds,
		Unlisted: func(*schema.Resource) *provider.Kind {
			return &provider.Kind{ID: "{hex24}", Scope: provider.Worldwide}
		},
		Rules:       Rules(),
		Functions:   map[string]func(*provider.Request) (map[string]any, error){getCluster: lookUpCluster},
		Config:      configProperties(),
		CheckConfig: checkConfig,
		Settings:    func(provider.Values) provider.Settings { return provider.Settings{} },
	}
}

func configProperties() schema.Properties {
	properties := schema.Properties{
		"isMongodbGovCloud": {Type: &schema.Type{Kind: schema.Boolean}},
	}
	for _, name := range []string{"baseUrl", "privateKey", "publicKey", "realmBaseUrl", "region"} {
		properties[name] = &schema.Property{
			Type:   &schema.Type{Kind: schema.String},
			Secret: name == "privateKey" || name == "publicKey",
		}
	}
	return properties
}

// checkConfig refuses a provider without its keys.
func checkConfig(inputs provider.Values, _ string) []schema.Problem {
	if inputs.Has("publicKey") && inputs.Has("privateKey") {
		return nil
	}
	return []schema.Problem{{
		Property: "publicKey",
		Reason:   "either Atlas Programmatic API Keys or AWS Secrets Manager attributes must be set",
	}}
}

// kinds are what Atlas computes.
var kinds = map[string]*provider.Kind{
	clusterType: {
		ID:     "{projectId}-{name}",
		Scope:  provider.Worldwide,
		Naming: provider.Naming{Property: "name", Max: 64},
		Defaults: map[string]any{
			"backupEnabled":                    false,
			"pitEnabled":                       false,
			"terminationProtectionEnabled":     false,
			"paused":                           false,
			"versionReleaseSystem":             "LTS",
			"rootCertType":                     "ISRGROOTX1",
			"encryptionAtRestProvider":         "NONE",
			"redactClientLogData":              false,
			"globalClusterSelfManagedSharding": false,
			"replicaSetScalingStrategy":        "WORKLOAD_TYPE",
		},
		Compute: computeCluster,
		// Of sharded clusters only.
		Absent:  []string{"configServerType"},
		Filled:  []string{"replicationSpecs"},
		Remains: retainedSnapshots,
	},
	scheduleType: {
		ID: "{projectId}-{clusterName}", Scope: provider.Worldwide,
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Once("idPolicy", func() any { return provider.Random(hexadecimal, 24) })
			o.Once("nextSnapshot", func() any { return time.Now().UTC().Add(time.Hour).Format(time.RFC3339) })
			o.Set("clusterId", "")
			if cluster := findCluster(r, o.Text("clusterName")); cluster != nil {
				o.Set("clusterId", cluster.Text("clusterId"))
			}
		},
	},
	accessType: {
		ID:    "{projectId}-{hex24}",
		Scope: provider.Worldwide,
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			if address := o.Text("ipAddress"); address != "" {
				o.Set("cidrBlock", address+"/32")
			}
		},
	},
	linkType: {
		ID:    "{hex24}",
		Scope: provider.Worldwide,
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("privateLinkId", o.Text("id"))
			o.Once("endpointServiceName", func() any {
				return "com.amazonaws.vpce." + o.Text("region") + ".vpce-svc-" + provider.Random(hexadecimal, 17)
			})
			o.Set("regionName", atlasRegion(o.Text("region")))
			o.Set("status", "AVAILABLE")
		},
		Absent: []string{
			"endpointGroupNames", "errorMessage", "interfaceEndpoints", "privateEndpoints", "privateLinkServiceName",
			"privateLinkServiceResourceId",
			"serviceAttachmentNames",
		},
	},
	linkServiceType: {
		ID:    "{projectId}-{privateLinkId}-{endpointServiceId}",
		Scope: provider.Worldwide,
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("awsConnectionStatus", "AVAILABLE")
			o.Set("deleteRequested", false)
			o.Set("interfaceEndpointId", o.Text("endpointServiceId"))
		},
		Absent: []string{
			"azureStatus", "endpointGroupName", "errorMessage", "gcpStatus", "privateEndpointConnectionName",
			"privateEndpointResourceId",
		},
	},
	userType: {
		ID:        "{projectId}-{username}-{authDatabaseName}",
		Scope:     provider.Worldwide,
		WriteOnly: []string{"password"},
		Defaults: map[string]any{
			"awsIamType":   "NONE",
			"ldapAuthType": "NONE",
			"oidcAuthType": "NONE",
			"x509Type":     "NONE",
		},
	},
	// There is one of these in a project.
	auditingType: {
		ID:    "{projectId}",
		Scope: provider.Worldwide,
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("configurationType", "FILTER_JSON")
		},
	},
	maintenanceType: {
		ID:       "{projectId}",
		Scope:    provider.Worldwide,
		Defaults: map[string]any{"hourOfDay": 0.0, "autoDeferOnceEnabled": false},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Once("numberOfDeferrals", func() any { return 0.0 })
		},
	},
	alertType: {
		ID:       "{projectId}-{hex24}",
		Scope:    provider.Worldwide,
		Defaults: map[string]any{"enabled": false},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			now := func() any { return time.Now().UTC().Format(time.RFC3339) }
			o.Once("alertConfigurationId", func() any { return provider.Random(hexadecimal, 24) })
			o.Once("created", now)
			o.Set("updated", now())
		},
	},
}

const hexadecimal = "0123456789abcdef"

// atlasRegion is Atlas's name for a region of AWS; it takes both.
func atlasRegion(region string) string { return strings.ToUpper(strings.ReplaceAll(region, "-", "_")) }

// hostLength is how much of a cluster's name is in its host names.
const hostLength = 23

// hostPart is the part of a cluster's name that its host names begin with.
func hostPart(name string) string { return strings.ToLower(name[:min(len(name), hostLength)]) }

func computeCluster(_ *provider.Request, o *provider.Outputs) {
	o.Once("clusterId", func() any { return provider.Random(hexadecimal, 24) })
	o.Once("createDate", func() any { return time.Now().UTC().Format(time.RFC3339) })
	o.Set("stateName", "IDLE")
	o.Default("mongoDbMajorVersion", func() any { return versions[len(versions)-1] })
	o.Set("mongoDbVersion", o.Text("mongoDbMajorVersion")+".13")
	domain := provider.StableID("", 5, o.Text("projectId")) + ".mongodb.net"
	host := hostPart(o.Text("name"))
	var hosts []string
	for node := range 3 {
		hosts = append(hosts, fmt.Sprintf("%s-shard-00-%02d.%s:27017", host, node, domain))
	}
	o.Set("connectionStrings", []any{map[string]any{
		"private":          "",
		"privateSrv":       "",
		"privateEndpoints": []any{},
		"standard": "mongodb://" + strings.Join(hosts, ",") + "/?ssl=true&authSource=admin&replicaSet=atlas-" +
			provider.StableID("", 6, o.Text("clusterId")) + "-shard-0",
		"standardSrv": "mongodb+srv://" + host + "." + domain,
	}})
	var specs []any
	for _, spec := range o.Objects("replicationSpecs") {
		whole := resource.PropertyMap(spec).Copy()
		whole["zoneId"] = resource.NewProperty(provider.StableID("", 24, o.Text("clusterId"), "zone"))
		whole["zoneName"] = resource.NewProperty("Zone 1")
		specs = append(specs, whole.Mappable())
	}
	o.Set("replicationSpecs", specs)
}

// retainedSnapshots are what a deleted cluster leaves behind when it was told to.
func retainedSnapshots(_ *provider.Request, deleted *cloud.Object) []*cloud.Object {
	if !provider.Values(deleted.Outputs).Is("retainBackupsEnabled", false) {
		return nil
	}
	id := deleted.Text("clusterId")
	return []*cloud.Object{{
		Key:   cloud.Key{Type: snapshotsType, ID: id},
		Name:  "snapshots of " + deleted.Name,
		State: cloud.Retained,
	}}
}

// lookUpCluster answers with the cluster as it is now: other than the resource's outputs, it knows
// the private endpoints.
func lookUpCluster(r *provider.Request) (map[string]any, error) {
	project, name := r.Inputs.Text("projectId"), r.Inputs.Text("name")
	cluster := r.Find(clusterType, project+"-"+name)
	if cluster == nil {
		// The provider's look-up says nothing of a cluster that is not there.
		return map[string]any{"id": project + "-" + name, "connectionStrings": []any{}}, nil
	}
	answer := map[string]any{"id": cluster.ID}
	for property := range parsedOutputs() {
		if value, known := cluster.Outputs[resource.PropertyKey(property)]; known {
			answer[property] = value.Mappable()
		}
	}
	var endpoints []any
	for _, service := range r.List(linkServiceType) {
		if service.Text("projectId") != project {
			continue
		}
		id := service.Text("endpointServiceId")
		link := r.Find(linkType, service.Text("privateLinkId"))
		if link == nil {
			continue
		}
		host := hostPart(name) + "-pl-0." + provider.StableID("", 5, project) + ".mongodb.net"
		endpoints = append(endpoints, map[string]any{
			"connectionString":                  "mongodb://pl-0-" + host + ":1024/?ssl=true",
			"srvConnectionString":               "mongodb+srv://" + host,
			"srvShardOptimizedConnectionString": "",
			"type":                              "MONGOD",
			"endpoints": []any{map[string]any{
				"endpointId":   id,
				"providerName": "AWS",
				"region":       link.Text("regionName"),
			}},
		})
	}
	first := resource.PropertyMap(provider.Values(cluster.Outputs).Objects("connectionStrings")[0]).Mappable()
	if endpoints != nil {
		first["privateEndpoints"] = endpoints
	}
	answer["connectionStrings"] = []any{first}
	return answer, nil
}

// parsedOutputs are the look-up's outputs.
func parsedOutputs() schema.Properties {
	s, err := parse()
	if err != nil {
		panic(err) // the embedded file is part of the program, and a test parses it
	}
	return s.Functions[getCluster].Outputs
}

func findCluster(r *provider.Request, name string) *cloud.Object {
	return r.Find(clusterType, r.Inputs.Text("projectId")+"-"+name)
}
