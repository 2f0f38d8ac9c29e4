package cost

import "github.com/bookmark-manager/infrastructure/internal/catalog"

// atlasCluster reads size, region and number of nodes from the plan. The price is by node, of a
// third of the three-node cluster that Atlas lists.
func atlasCluster(e *estimator, r resource) {
	for _, node := range atlasNodes(r) {
		e.chargeIn(node.region, atlas, r, "nodes of "+node.size+", hours", "atlas."+node.size+".nodeHour",
			node.count*hoursPerMonth)
		if node.disk > 10 {
			e.chargeIn(node.region, atlas, r, "disk beyond the 10 GB of each node", "atlas.diskGB",
				(node.disk-10)*node.count)
		}
		e.chargeIn(node.region, atlas, r, "data out, within the region", "atlas.transferGB", e.want("atlas.transferGB"))
	}
}

type atlasNode struct {
	region, size string
	count, disk  float64
}

func atlasNodes(r resource) []atlasNode {
	var all []atlasNode
	for _, replication := range r.objects("replicationSpecs") {
		for _, config := range replication.At("regionConfigs").List() {
			specs := config.At("electableSpecs")
			region, size := config.At("regionName").Text(), specs.At("instanceSize").Text()
			count, ok := specs.At("nodeCount").Number()
			if !ok || region == "" || size == "" {
				r.e.problem("%s (%s): the plan does not say the region, size and number of its nodes", r.Name(), r.Type)
				continue
			}
			disk, _ := specs.At("diskSizeGb").Number()
			all = append(all, atlasNode{"atlas-" + region, size, count, disk})
		}
	}
	if len(all) == 0 {
		r.e.problem("%s (%s): it has no nodes that the plan knows", r.Name(), r.Type)
	}
	return all
}

// atlasBackups are snapshots, those copied to another region, and the log for restores to any point
// in time.
func atlasBackups(e *estimator, r resource) {
	snapshots := e.want("atlas.snapshotGB")
	e.charge(atlas, r, "snapshots", "atlas.snapshotGB", snapshots)
	if copies := len(r.list("copySettings")); copies > 0 {
		e.charge(atlas, r, "snapshots copied to another region", "atlas.snapshotGB", snapshots*float64(copies))
	}
	for _, cluster := range e.of(catalog.AtlasCluster) {
		if cluster.on("pitEnabled") {
			e.charge(atlas, r, "log of continuous backup", "atlas.continuousGB", e.want("atlas.continuousGB"))
		}
	}
}

// atlasEndpoint is Atlas's own side of PrivateLink: one endpoint for each node of the cluster.
func atlasEndpoint(e *estimator, r resource) {
	for _, cluster := range e.of(catalog.AtlasCluster) {
		for _, node := range atlasNodes(cluster) {
			e.charge(atlas, r, "private endpoint, hours for each node", "atlas.privateEndpointHour",
				node.count*hoursPerMonth)
		}
	}
}

// atlasAuditing raises the price of the project's clusters by a part.
func atlasAuditing(e *estimator, r resource) {
	if !r.on("enabled") {
		return
	}
	var clusters float64
	for _, cluster := range e.of(catalog.AtlasCluster) {
		for _, node := range atlasNodes(cluster) {
			price, err := e.prices.find("atlas."+node.size+".nodeHour", node.region)
			if err != nil {
				e.problem("%s (%s): %w", r.Name(), r.Type, err)
			}
			clusters += price.USD * node.count * hoursPerMonth
		}
	}
	e.charge(atlas, r, "auditing, a part of the clusters' price", "atlas.auditing", clusters)
}

// syntheticTest runs from each location at its interval.
func syntheticTest(e *estimator, r resource) {
	if kind := r.text("type"); kind != "api" {
		e.problem("%s (%s): its type is %q, and only api is priced", r.Name(), r.Type, kind)
	}
	if r.textOr("status", "live") != "live" {
		return
	}
	seconds, ok := r.Input("optionsList.tickEvery").Number()
	if !ok || seconds <= 0 {
		e.problem("%s (%s): the plan does not say how often it runs", r.Name(), r.Type)
		return
	}
	runs := hoursPerMonth * 3600 / seconds * float64(len(r.list("locations")))
	e.charge(datadog, r, "runs of API tests", "datadog.apiTestThousand", runs/1000)
}

// datadogAccount is what Datadog's reading of CloudWatch costs on AWS's bill.
func datadogAccount(e *estimator, r resource) {
	metrics := e.want("datadog.cloudwatchMetricsThousand")
	e.charge(watch, r, "metrics that Datadog reads from CloudWatch", "cloudwatch.readMetricThousand", metrics)
}

// sentryPlan is paid once for an organisation, so a second stack in it has none. It is counted with
// the first project.
func sentryPlan(e *estimator, r resource) {
	if e.first(r) {
		e.charge(sentry, r, "Team plan", "sentry.teamPlan", e.want("sentry.teamPlans"))
	}
}
