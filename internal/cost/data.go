package cost

import "github.com/bookmark-manager/infrastructure/internal/catalog"

// database is an Aurora cluster: storage, I/O and backups. Its instances bring the capacity.
func database(e *estimator, r resource) {
	if kind := r.textOr("storageType", "aurora"); kind != "aurora" && kind != "" {
		e.problem("%s (%s): its storageType is %q, and only Aurora Standard is priced", r.Name(), r.Type, kind)
	}
	stored := e.want("aurora.storedGB")
	e.charge(aurora, r, "storage", "aurora.storedGB", stored)
	e.charge(aurora, r, "I/O requests", "aurora.ioMillion", e.want("aurora.ioMillion"))
	// Backups are free up to the size of the database.
	backup := e.want("aurora.backupGB")
	e.charge(aurora, r, "automatic backups beyond the size of the database", "aurora.backupGB",
		backup-min(backup, stored))
}

// databaseInstance runs all the time, at its cluster's least capacity or above.
func databaseInstance(e *estimator, r resource) {
	if class := r.text("instanceClass"); class != "db.serverless" {
		e.problem("%s (%s): its instanceClass is %q, and only db.serverless is priced", r.Name(), r.Type, class)
		return
	}
	clusters := r.needs(catalog.RDSCluster)
	if len(clusters) != 1 {
		e.problem("%s (%s): it depends on %d clusters in the plan, want 1", r.Name(), r.Type, len(clusters))
		return
	}
	lowest := clusters[0].Input("serverlessv2ScalingConfiguration.minCapacity")
	highest := clusters[0].Input("serverlessv2ScalingConfiguration.maxCapacity")
	least, ok := lowest.Number()
	most, also := highest.Number()
	average := e.want("aurora.averageAcu")
	if !ok || !also || average < least || average > most {
		e.outOfBounds("the usage entry aurora.averageAcu is %g, want the cluster's %v to %v", average, lowest, highest)
	}
	e.charge(aurora, r, "capacity, ACU hours", "aurora.acuHour", average*hoursPerMonth)
	const kept = "performanceInsightsRetentionPeriod"
	if r.on("performanceInsightsEnabled") && r.Inputs[kept] != nil && r.number(kept) > 7 {
		e.charge(aurora, r, "Performance Insights beyond 7 days, ACUs", "aurora.insightsAcu", average)
	}
	if r.Inputs["monitoringInterval"] != nil && r.number("monitoringInterval") > 0 {
		e.charge(logs, r, "enhanced monitoring, ingested", "logs.ingestedGB", e.want("aurora.monitoringGB"))
	}
}

// bucket has its usage under its own name.
func bucket(e *estimator, r resource) {
	of := "bucket." + r.Name()
	e.charge(buckets, r, "storage", "s3.storedGB", e.want(of+".storedGB"))
	e.charge(buckets, r, "PUT, COPY, POST, LIST", "s3.writeThousand", e.want(of+".writesThousand"))
	e.charge(buckets, r, "GET and others", "s3.readThousand", e.want(of+".readsThousand"))
}

// parameter is free in the standard tier.
func parameter(e *estimator, r resource) {
	tier, quantity := r.textOr("tier", "Standard"), 0.0
	switch tier {
	case "Standard":
	case "Advanced":
		quantity = 1
	default:
		e.problem("%s (%s): its tier is %q, and only Standard and Advanced are priced", r.Name(), r.Type, tier)
	}
	e.charge(parameters, r, "parameters of the advanced tier", "ssm.advancedParameter", quantity)
}

// key costs the same again for its first and its second rotation. An account's requests are counted
// with its first key.
func key(e *estimator, r resource) {
	versions := 1.0
	if r.on("enableKeyRotation") {
		versions += e.want("kms.rotations")
	}
	e.charge(keys, r, "key, and its first two rotations", "kms.key", versions)
	if e.first(r) {
		e.charge(keys, r, "requests", "kms.requestThousand", e.want("kms.requestsThousand"))
	}
}

// vault holds recovery points in its own region. Those that a plan copies into another region's
// vault are charged with the plan.
func vault(e *estimator, r resource) {
	for _, plan := range e.of(catalog.BackupPlan) {
		if plan.region() == r.region() {
			e.charge(backups, r, "storage of Aurora's recovery points", "backup.auroraGB",
				e.want("vault."+r.Name()+".storedGB"))
		}
	}
}

// backupPlan copies recovery points into vaults of other regions. A copy of an Aurora snapshot is
// always a full one, so each takes the size of the database, on the way and for as long as it is
// kept.
func backupPlan(e *estimator, r resource) {
	var targets []resource
	for _, one := range r.needs(catalog.BackupVault) {
		if one.region() != r.region() {
			targets = append(targets, one)
		}
	}
	for _, rule := range r.objects("rules") {
		copies := rule.At("copyActions").List()
		if len(copies) == 0 {
			continue
		}
		if len(copies) != 1 || len(targets) != 1 {
			e.problem("%s (%s): a rule copies to %d places, and the plan depends on %d vaults of other regions, "+
				"want 1 of both",
				r.Name(), r.Type, len(copies), len(targets))
			continue
		}
		runs, err := runsPerMonth(rule.At("schedule").Text(), int(e.want("schedule.year")))
		if err != nil {
			e.problem("%s (%s): %w", r.Name(), r.Type, err)
			continue
		}
		days, ok := copies[0].At("lifecycle.deleteAfter").Number()
		if !ok {
			e.problem("%s (%s): a rule keeps its copies for ever, so what they take has no bound: set deleteAfter",
				r.Name(), r.Type)
		}
		size := e.want("aurora.storedGB")
		e.charge(backups, r, "full copies on their way to "+targets[0].region(), "transfer.regionGB", runs*size)
		e.chargeIn(targets[0].region(), backups, r, "storage of full copies in "+targets[0].region(),
			"backup.auroraGB", runs*days/daysPerMonth*size)
	}
}

// restorePlan tries a restore of one database each time. The restored cluster has no instance, and
// its storage for an hour is cents.
func restorePlan(e *estimator, r resource) {
	runs, err := runsPerMonth(r.text("scheduleExpression"), int(e.want("schedule.year")))
	if err != nil {
		e.problem("%s (%s): %w", r.Name(), r.Type, err)
		return
	}
	e.charge(backups, r, "restores that are tried", "backup.restoreTest", runs)
}

func repository(e *estimator, r resource) {
	e.charge(registry, r, "images", "ecr.storedGB", e.want("repository."+r.Name()+".storedGB"))
}
