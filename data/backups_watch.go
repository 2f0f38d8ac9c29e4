package data

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/notice"
)

// auroraBackups is what AWS Backup calls Aurora in the region's settings and in restore tests.
const auroraBackups = "Aurora"

// optIn lets AWS Backup back up Aurora in the region, or sees to it that somebody else has.
func (b *backupsBuilder) optIn() error {
	switch b.args.Config.OptIn {
	case Create:
		// The setting is a list of all types, and AWS has more of them from year to year: those
		// that are not named here are left as they are, and read back as a difference that is none.
		made, err := backup.NewRegionSettings(b.Ctx, b.Child("opt-in"), &backup.RegionSettingsArgs{
			ResourceTypeOptInPreference: pulumi.BoolMap{auroraBackups: pulumi.Bool(true)},
		}, b.Parent(), pulumi.IgnoreChanges([]string{"resourceTypeOptInPreference"}))
		if err != nil {
			return b.Wrap("create", "opt-in of the region", err)
		}
		b.ready = append(b.ready, made)
	case Adopt:
		found, err := backup.GetRegionSettings(b.Ctx, b.Child("opt-in"), pulumi.ID(b.args.Region), nil, b.Parent())
		if err != nil {
			return b.Wrap("read", "opt-in of the region", err)
		}
		b.databases = pulumi.All(b.args.Databases, found.ResourceTypeOptInPreference).ApplyT(func(
			all []any,
		) ([]string, error) {
			return all[0].([]string), optedIn(b.args.Region, all[1].(map[string]bool))
		}).(pulumi.StringArrayOutput)
	case Off:
	}
	return nil
}

// optedIn refuses a region in which AWS Backup may not back up Aurora.
func optedIn(region string, types map[string]bool) error {
	if types[auroraBackups] {
		return nil
	}
	return fmt.Errorf("adopt the opt-in of region %s: AWS Backup is not opted in for Aurora there, and no backup "+
		"would run; set "+
		"backups.optIn to create, or run: aws backup update-region-settings --region %s "+
		"--resource-type-opt-in-preference Aurora=true",
		region, region)
}

// failedJobs are the jobs that did not come to a good end. Events of restores have their state in
// "status", the others in "state". The pattern takes the jobs of every stack in the account and
// region: matching on a field that some events lack would miss jobs of this stack. A vault's
// notifications no longer report failures: their event of a completed job comes each day, whatever
// the result of the job. AWS Backup's reason is not in the message: not every event has one.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
func failedJobs() notice.Rule {
	return notice.Rule{
		Description: "Jobs of AWS Backup that did not come to a good end",
		Pattern: notice.Pattern{
			Source:     []string{"aws.backup"},
			DetailType: []string{"Backup Job State Change", "Copy Job State Change", "Restore Job State Change"},
			Detail: map[string]any{"$or": []any{
				map[string]any{"state": []any{"ABORTED", "EXPIRED", "FAILED", "PARTIAL"}},
				map[string]any{"status": []any{"ABORTED", "FAILED"}},
			}},
		},
		Notice: notice.Notice{
			Title:   "A job of AWS Backup did not come to a good end.",
			Text:    "<kind>: <state><status>. It is one of <resource>.",
			First:   "list the jobs, as the runbook says: each has its reason.",
			Section: "failed-backups",
			Paths: map[string]string{
				"kind":     "$.detail-type",
				"state":    "$.detail.state",
				"status":   "$.detail.status",
				"resource": "$.detail.resourceArn",
			},
		},
	}
}

// failures notifies the topic of each job that failed.
func (b *backupsBuilder) failures() error {
	sender := notice.Sender{Environment: b.args.Environment.Name(), RunbookBase: b.args.RunbookBase}
	return b.Wrap("tell of", "failed jobs",
		sender.Make(b.Ctx, b.Child("failed-jobs"), failedJobs(), b.args.NotificationTopicArn, b.Parent()))
}
