package aws

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/internal/awscron"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// recoveryPointType is no resource of the program: what AWS Backup keeps in a vault. Its outputs
// are backupVaultName, resourceArn, roleArn, created, deleteAfter (days), status, and the engine,
// engineVersion and kmsKeyId of the snapshot that it is.
const recoveryPointType = "aws:backup/recoveryPoint:RecoveryPoint"

// job is something that AWS Backup does at a time.
type job struct {
	at time.Time
	do func() error
}

// backUp is what AWS Backup does between two times, in its order: backups with their copies,
// restores that are tried, and each day the end of recovery points whose time is over.
func backUp(tx *cloud.Tx, p *provider.Provider, from, to time.Time, passed *Passed) error {
	b := &backupService{tx: tx, provider: p, passed: passed}
	var jobs []job
	for _, schedule := range []func(from, to time.Time) ([]job, error){b.backups, b.restores, b.expiries} {
		more, err := schedule(from, to)
		if err != nil {
			return err
		}
		jobs = append(jobs, more...)
	}
	slices.SortStableFunc(jobs, func(one, other job) int { return one.at.Compare(other.at) })
	for _, one := range jobs {
		if err := one.do(); err != nil {
			return err
		}
	}
	return nil
}

type backupService struct {
	tx       *cloud.Tx
	provider *provider.Provider
	passed   *Passed
}

// times are those of a schedule, in its zone.
func times(schedule, zone string, from, to time.Time) ([]time.Time, error) {
	where := time.UTC
	if zone != "" {
		var err error
		if where, err = time.LoadLocation(zone); err != nil {
			return nil, fmt.Errorf("read the time zone %q of a schedule: %w", zone, err)
		}
	}
	return awscron.Matches(schedule, from.In(where), to.In(where))
}

// backups are the jobs of the plans: one for each resource of each selection.
func (b *backupService) backups(from, to time.Time) ([]job, error) {
	plans, err := b.tx.OfType(backupPlanType)
	if err != nil {
		return nil, err
	}
	selections, err := b.tx.OfType(backupSelectionType)
	if err != nil {
		return nil, err
	}
	var jobs []job
	for _, plan := range plans {
		if lost, err := Lost(b.tx, plan.Region); err != nil || lost {
			if err != nil {
				return nil, err
			}
			continue
		}
		for _, rule := range provider.Values(plan.Inputs).Objects("rules") {
			due, err := times(rule.Text("schedule"), rule.Text("scheduleExpressionTimezone"), from, to)
			if err != nil {
				return nil, err
			}
			for _, selection := range selections {
				if selection.Text("planId") != plan.ID {
					continue
				}
				for _, arn := range provider.Values(selection.Inputs).Texts("resources") {
					for _, at := range due {
						jobs = append(jobs, job{at, func() error {
							return b.backUp(at, plan.Region, rule, arn, selection.Text("iamRoleArn"))
						}})
					}
				}
			}
		}
	}
	return jobs, nil
}

// backUp makes one recovery point, and its copies.
func (b *backupService) backUp(at time.Time, region string, rule provider.Values, arn, role string) error {
	r := b.provider.Itself(b.tx, region)
	if settings := r.Find(backupSettingsType, region); settings == nil ||
		!provider.Values(settings.Outputs).Object("resourceTypeOptInPreference").Is("Aurora", false) {
		b.passed.wrong(at, "no backup of %s: the region %s has not opted in for Aurora", arn, region)
		return r.Err()
	}
	point, why := b.point(r, at, rule.Text("targetVaultName"), arn, role, rule.Object("lifecycle"))
	if why != nil {
		b.passed.wrong(at, "the backup of %s fails: %v", arn, why)
		return r.Err()
	}
	if err := b.tx.Create(point); err != nil {
		return err
	}
	b.passed.Backups++
	for _, action := range rule.Objects("copyActions") {
		destination := action.Text("destinationVaultArn")
		parts := strings.Split(destination, ":")
		there := b.provider.Itself(b.tx, parts[3])
		if why := b.mayCopy(r, there, role, rule.Text("targetVaultName"), destination); why != nil {
			b.passed.wrong(at, "the copy of %s to %s fails: %v", arn, destination, why)
			continue
		}
		copied, why := b.point(there, at, parts[len(parts)-1], arn, role, action.Object("lifecycle"))
		if why != nil {
			b.passed.wrong(at, "the copy of %s to %s fails: %v", arn, destination, why)
			continue
		}
		if err := b.tx.Create(copied); err != nil {
			return err
		}
		b.passed.Copies++
	}
	return r.Err()
}

// point is a recovery point before it is made, or why it cannot be.
func (b *backupService) point(
	r *provider.Request, at time.Time, vault, arn, role string, lifecycle provider.Values,
) (*cloud.Object, error) {
	if r.Find(vaultType, vault) == nil {
		return nil, fmt.Errorf("backup vault %s does not exist in %s", vault, r.Region)
	}
	source := r.ByARN(arn)
	if source == nil {
		return nil, fmt.Errorf("%s does not exist", arn)
	}
	// A recovery point of Aurora is under the database's key, and a copy of it under its vault's.
	// https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
	key := source.Text("kmsKeyId")
	if source.Region != r.Region {
		key = r.Find(vaultType, vault).Text("kmsKeyArn")
	}
	days, _ := lifecycle.Number("deleteAfter")
	if lock := r.Find(vaultLockType, vault); lock != nil {
		least, _ := provider.Values(lock.Inputs).Number("minRetentionDays")
		if days != 0 && days < least {
			return nil, fmt.Errorf("its retention of %g days is less than the %g of the vault's lock", days, least)
		}
	}
	id := fmt.Sprintf("awsbackup:job-%s-%d", at.UTC().Format("20060102t1504"), r.NextNumber())
	snapshot := "arn:aws:rds:" + r.Region + ":" + r.Account + ":cluster-snapshot:" + id
	if err := b.roleMay(r, role, "rds:CreateDBClusterSnapshot", snapshot); err != nil {
		return nil, err
	}
	return &cloud.Object{
		Key: cloud.Key{
			Type:    recoveryPointType,
			Account: r.Account,
			Region:  r.Region,
			ID:      id,
		},
		Name:    id,
		ARN:     snapshot,
		Creator: r.Account,
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(map[string]any{
			"backupVaultName": vault, "resourceArn": arn, "roleArn": role, "created": at.UTC().Format(time.RFC3339),
			"deleteAfter": days, "status": "COMPLETED",
			"engine": source.Text("engine"), "engineVersion": source.Text("engineVersionActual"), "kmsKeyId": key,
		})),
	}, nil
}

// roleMay is nil if AWS Backup may do something with a role.
func (b *backupService) roleMay(r *provider.Request, arn, action, on string) error {
	role := r.ByARN(arn)
	if role == nil {
		return fmt.Errorf("the role %s does not exist", arn)
	}
	if err := roleTrusts(r, role, "backup.amazonaws.com"); err != nil {
		return err
	}
	return roleMay(r, role, action, on, nil)
}

// mayCopy is nil if a role may copy from one vault to another, which both vaults' policies may
// deny. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
func (b *backupService) mayCopy(here, there *provider.Request, role, from, to string) error {
	source := here.Find(vaultType, from)
	if source == nil {
		return fmt.Errorf("backup vault %s does not exist in %s", from, here.Region)
	}
	if err := b.roleMay(here, role, "backup:CopyFromBackupVault", source.ARN); err != nil {
		return err
	}
	return b.roleMay(there, role, "backup:CopyIntoBackupVault", to)
}

// expiries are once a day.
func (b *backupService) expiries(from, to time.Time) ([]job, error) {
	var jobs []job
	for at := from.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1); at.Before(to); at = at.AddDate(0, 0, 1) {
		jobs = append(jobs, job{at, func() error { return b.expire(at) }})
	}
	return jobs, nil
}

// expire deletes the recovery points whose time is over, with the role that made each. One that it
// may not delete stays as EXPIRED, and is billed.
func (b *backupService) expire(at time.Time) error {
	points, err := b.tx.OfType(recoveryPointType)
	if err != nil {
		return err
	}
	for _, point := range points {
		of := provider.Values(point.Outputs)
		if lost, err := Lost(b.tx, point.Region); err != nil || lost {
			if err != nil {
				return err
			}
			continue
		}
		days, expires := of.Number("deleteAfter")
		created, err := time.Parse(time.RFC3339, of.Text("created"))
		if err != nil {
			return fmt.Errorf("read when %s was made: %w", point, err)
		}
		if !expires || days == 0 || of.Text("status") != "COMPLETED" || created.AddDate(0, 0, int(days)).After(at) {
			continue
		}
		r := b.provider.Itself(b.tx, point.Region)
		if why := b.roleMay(r, of.Text("roleArn"), "rds:DeleteDBClusterSnapshot", point.ARN); why != nil {
			b.passed.wrong(at, "recovery point %s stays as EXPIRED: %v", point.ARN, why)
			point.Outputs["status"] = resource.NewProperty("EXPIRED")
			if err := b.tx.Replace(point); err != nil {
				return err
			}
			continue
		}
		if err := b.tx.Delete(point.Key); err != nil {
			return err
		}
		b.passed.Expired++
		if r.Err() != nil {
			return r.Err()
		}
	}
	return nil
}

// restores are the jobs of the plans that try restores.
func (b *backupService) restores(from, to time.Time) ([]job, error) {
	plans, err := b.tx.OfType(restorePlanType)
	if err != nil {
		return nil, err
	}
	selections, err := b.tx.OfType(restoreSelectionType)
	if err != nil {
		return nil, err
	}
	var jobs []job
	for _, plan := range plans {
		if lost, err := Lost(b.tx, plan.Region); err != nil || lost {
			if err != nil {
				return nil, err
			}
			continue
		}
		inputs := provider.Values(plan.Inputs)
		due, err := times(inputs.Text("scheduleExpression"), inputs.Text("scheduleExpressionTimezone"), from, to)
		if err != nil {
			return nil, err
		}
		for _, selection := range selections {
			if selection.Text("restoreTestingPlanName") != plan.ID || selection.Region != plan.Region {
				continue
			}
			for _, at := range due {
				jobs = append(jobs, job{at, func() error { return b.restore(at, inputs, selection) }})
			}
		}
	}
	return jobs, nil
}

// restore tries one restore of each database that has a recovery point of late, and deletes what it
// has restored.
func (b *backupService) restore(at time.Time, plan provider.Values, selection *cloud.Object) error {
	inputs, r := provider.Values(selection.Inputs), b.provider.Itself(b.tx, selection.Region)
	points, err := b.tx.OfType(recoveryPointType)
	if err != nil {
		return err
	}
	days, given := plan.Object("recoveryPointSelection").Number("selectionWindowDays")
	if !given {
		days = 30
	}
	for _, arn := range inputs.Texts("protectedResourceArns") {
		recent := slices.ContainsFunc(points, func(point *cloud.Object) bool {
			created, err := time.Parse(time.RFC3339, point.Text("created"))
			return err == nil && point.Region == selection.Region && point.Text("resourceArn") == arn &&
				point.Text("status") == "COMPLETED" && created.After(at.AddDate(0, 0, -int(days)))
		})
		if !recent {
			continue // AWS Backup says nothing: there is nothing to try
		}
		cluster := fmt.Sprintf("arn:aws:rds:%s:%s:cluster:awsbackup-restore-test-%d", r.Region, r.Account,
			r.NextNumber())
		if why := b.roleMay(r, inputs.Text("iamRoleArn"), "rds:RestoreDBClusterFromSnapshot", cluster); why != nil {
			b.passed.wrong(at, "the restore of %s that is tried fails: %v", arn, why)
			continue
		}
		if group := inputs.Object("restoreMetadataOverrides").Text("dbSubnetGroupName"); r.Find(databaseSubnetsType,
			group) == nil {
			b.passed.wrong(at, "the restore of %s that is tried fails: DB subnet group '%s' does not exist", arn, group)
			continue
		}
		b.passed.Restores++
		if why := b.roleMay(r, inputs.Text("iamRoleArn"), "rds:DeleteDBCluster", cluster); why != nil {
			b.passed.wrong(at, "the restored cluster %s stays: %v", cluster, why)
		}
	}
	return r.Err()
}

// lockEndType is no resource of the program: when the lock of a vault closes, for good. Its output
// is closes.
const lockEndType = "aws:backup/lockEnd:LockEnd"

// lockEnd is the end of the days in which a vault's lock can be changed, counted from when it was
// made.
func lockEnd(r *provider.Request, o *provider.Outputs) []provider.Part {
	vault := o.Text("backupVaultName")
	days, closes := o.Number("changeableForDays")
	if !closes {
		return nil
	}
	at := "" // a clock that cannot be read: closed at once
	if known := r.Find(lockEndType, vault); known != nil {
		at = known.Text("closes")
	} else if now, err := nowOf(r); err == nil {
		at = now.AddDate(0, 0, int(days)).Format(time.RFC3339)
	}
	return []provider.Part{{Type: lockEndType, ID: vault, Name: vault, Outputs: map[string]any{"closes": at}}}
}

// nowOf is the time in the cloud that a request is to.
func nowOf(r *provider.Request) (time.Time, error) {
	if clock := r.Everywhere(clockType); len(clock) > 0 {
		return shown(clock[0])
	}
	return shown(nil)
}
