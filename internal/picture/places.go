package picture

import (
	"cmp"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// place is the area of the picture that a box or frame is in.
type place int

// The areas, as they follow each other from the edge inwards, then those beside.
const (
	atEdge place = iota
	inPublic
	inFront // in the private subnets, before the cluster
	inCluster
	inPrivate
	inDatabase
	beside   // AWS services outside of the VPC
	external // services outside of AWS
	inVPC    // only its frame
)

// spot is where a resource is drawn.
type spot struct {
	id    string
	kind  string // what the facts and arrows go by
	title string
	place place
	order int // among the boxes of the area
	frame bool
}

func compareSpots(a, b spot) int {
	return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.order, b.order), cmp.Compare(a.id, b.id))
}

// The kinds of boxes that facts and arrows are about.
const (
	dns, cdn, waf, balancer, nat, service, migration, endpoints, privateLink, aurora = "dns", "cdn", "waf", "balancer",
		"nat", "service",
		"migration", "endpoints", "privatelink", "aurora"
	buckets, registry, parameters, watch, notifications, keys, backups = "buckets", "registry", "parameters",
		"cloudwatch", "notifications",
		"keys", "backups"
	delivery                                      = "delivery"
	atlas, datadog, sentry                        = "atlas", "datadog", "sentry"
	vpcFrame, publicFrame, privateFrame, dataTier = "vpc", "public", "private", "database"
	clusterFrame, queues                          = "cluster", "queues"
)

// byComponent says where a component's resources are drawn. One that is not listed gets a box of
// its own.
var byComponent = map[string]spot{
	"edge:Certificates":           {id: dns, title: "Route 53, ACM", place: beside, order: 1},
	"edge:Records":                {id: dns, title: "Route 53, ACM", place: beside, order: 1},
	"edge:Standby":                {id: dns, title: "Route 53, ACM", place: beside, order: 1},
	"edge:Zone":                   {id: dns, title: "Route 53, ACM", place: beside, order: 1},
	"edge:EdgeDistribution":       {id: cdn, title: "CloudFront", place: atEdge, order: 1},
	"edge:MaintenancePage":        {id: cdn, title: "CloudFront", place: atEdge, order: 1},
	"edge:OriginSecret":           {id: cdn, title: "CloudFront", place: atEdge, order: 1},
	"edge:WebACL":                 {id: waf, title: "AWS WAF", place: atEdge, order: 2},
	"compute:LoadBalancer":        {id: balancer, title: "Load balancer", place: inPublic, order: 1},
	"compute:Cluster":             {id: clusterFrame, title: "ECS on Fargate", place: inCluster, frame: true},
	"compute:Registry":            {id: registry, title: "ECR", place: beside, order: 3},
	"compute:Queues":              {id: queues, title: "SQS", place: beside, order: 4},
	"data:AuroraCluster":          {id: aurora, title: "Aurora", place: inDatabase},
	"data:Buckets":                {id: buckets, title: "S3", place: beside, order: 2},
	"data:Parameters":             {id: parameters, title: "Parameter Store", place: beside, order: 4},
	"data:Keys":                   {id: keys, title: "KMS", place: beside, order: 7},
	"data:Backups":                {id: backups, title: "AWS Backup", place: beside, order: 9},
	"delivery:Boundary":           {id: delivery, title: "IAM for GitHub", place: beside, order: 8},
	"delivery:Delivery":           {id: delivery, title: "IAM for GitHub", place: beside, order: 8},
	"observability:Observability": {id: watch, title: "CloudWatch", place: beside, order: 5},
	"observability:Notifications": {id: notifications, title: "SNS, Budgets", place: beside, order: 6},
	"observability:Budget":        {id: notifications, title: "SNS, Budgets", place: beside, order: 6},
	"observability:Guards":        {id: notifications, title: "SNS, Budgets", place: beside, order: 6},
	"observability:Datadog":       {id: datadog, title: "Datadog", place: external, order: 1},
	"observability:DatadogKey":    {id: datadog, title: "Datadog", place: external, order: 1},
	"observability:Sentry":        {id: sentry, title: "Sentry", place: external, order: 2},
	"data:AtlasCluster":           {id: atlas, title: "MongoDB Atlas", place: external, order: 3},
	"network:Network":             {id: vpcFrame, title: "VPC", place: inVPC, frame: true},
}

// byPlace are the spots that the catalogue gives to types wherever they are made.
var byPlace = map[catalog.Place]spot{
	catalog.WithCloudWatch:  {id: watch, title: "CloudWatch", place: beside, order: 5},
	catalog.WithNATGateways: {id: nat, title: "NAT gateways", place: inPublic, order: 2},
	catalog.WithEndpoints:   {id: endpoints, title: "VPC endpoints", place: inPrivate, order: 1},
}

const componentPrefix = "bookmark-manager:"

// find says where a resource is drawn.
func (d *drawing) find(one plan.State) spot {
	component, inside := d.inv.Component(one)
	typ := strings.TrimPrefix(component.Type, componentPrefix)
	row, _ := catalog.Find(one.Type)
	at, known := byPlace[row.Drawn]
	switch {
	case row.Drawn == catalog.WithEndpoints && typ == "data:AtlasCluster":
		at = spot{id: privateLink, title: "PrivateLink", place: inPrivate, order: 2}
	case row.Drawn == catalog.WithTier:
		at = tier(d.inv.Name(one))
	case known:
	case !inside:
		at = spot{id: "stack", title: "Other resources", place: beside, order: 8}
	case typ == "compute:LoadBalancer" && d.isInternal(component):
		at = spot{
			id: "internal " + balancer, kind: balancer, title: "Internal load balancer", place: inFront, order: 1,
		}
	case typ == "compute:Service":
		at = spot{id: "service " + component.Name(), kind: service, title: component.Name(), place: inCluster, order: 2}
	case typ == "compute:Migration":
		at = spot{id: migration, title: component.Name() + " task", place: inCluster, order: 1}
	case typ == "compute:Dump":
		at = spot{
			id: "task " + component.Name(), kind: migration, title: component.Name() + " task", place: inCluster, order: 1,
		}
	default:
		if at, known = byComponent[typ]; !known {
			at = spot{id: "component " + component.Name(), title: component.Name(), place: beside, order: 8}
		}
	}
	if at.kind == "" {
		at.kind = at.id
	}
	return at
}

// isInternal says whether the load balancer of a component has no public addresses.
func (d *drawing) isInternal(component plan.State) bool {
	for _, one := range d.inv.OfType(catalog.LoadBalancer) {
		if one.Parent == component.URN && one.Input("internal").Raw() == true {
			return true
		}
	}
	return false
}

// tier is the frame of a subnet, from its name: tier and zone.
func tier(name string) spot {
	switch kind, _, _ := strings.Cut(name, "-"); kind {
	case "public":
		return spot{id: publicFrame, title: "Public subnets", place: inPublic, frame: true}
	case "private":
		return spot{id: privateFrame, title: "Private subnets", place: inPrivate, frame: true}
	case "database":
		return spot{id: dataTier, title: "Database subnets", place: inDatabase, frame: true}
	default:
		return spot{id: vpcFrame, title: "VPC", place: inVPC, frame: true}
	}
}

// ofType are the resources of a box that have a type.
func (d *drawing) ofType(id, typ string) []plan.State {
	var found []plan.State
	for _, one := range d.held[id] {
		if one.Type == typ {
			found = append(found, one)
		}
	}
	return found
}

// groupOwner is the box that a security group stands before: the one whose resources carry it. A
// task that is started by hand is in no resource of the plan, so its group is known by its name.
func (d *drawing) groupOwner(urn string) (string, bool) {
	var group plan.State
	for _, one := range d.inv.OfType(catalog.SecurityGroup) {
		if one.URN == urn {
			group = one
		}
	}
	for _, one := range d.inv.Resources() {
		if strings.Contains(one.Type, "securityGroup") {
			continue
		}
		for _, used := range d.inv.Uses(one) {
			if used.URN == urn {
				return d.find(one).id, true
			}
		}
	}
	name, ok := strings.CutPrefix(d.inv.Name(group), "task-")
	if !ok {
		return "", false
	}
	for _, id := range []string{name, "service " + name} {
		if _, there := d.spots[id]; there {
			return id, true
		}
	}
	return "", false
}
