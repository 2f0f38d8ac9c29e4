package aws

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// The objects that time has in a cloud, which are no resources of the program: the clock, and the
// versions of Aurora that came out while it moved.
const (
	clockType   = "aws:index/clock:Clock"
	releaseType = "aws:rds/engineRelease:EngineRelease"
)

var clockKey = cloud.Key{Type: clockType, ID: "now"}

// Now is the time in a cloud: the machine's until the clock is moved.
func Now(tx *cloud.Tx) (time.Time, error) {
	clock, err := tx.Get(clockKey)
	if err != nil {
		return time.Time{}, err
	}
	return shown(clock)
}

// shown is the time on a clock, which is nil until it is moved.
func shown(clock *cloud.Object) (time.Time, error) {
	if clock == nil {
		return time.Now().UTC().Truncate(time.Hour), nil
	}
	now, err := time.Parse(time.RFC3339, clock.Text("now"))
	if err != nil {
		return time.Time{}, fmt.Errorf("read the clock of the cloud: %w", err)
	}
	return now, nil
}

// Passed is what the clouds of an account did while time passed.
type Passed struct {
	// Upgrades are the clusters that another version was put on, as "CLUSTER FROM -> TO".
	Upgrades []string
	// Backups and Copies are the recovery points that were made, Expired those that AWS Backup has
	// deleted after their time, and Restores the restores that it tried.
	Backups, Copies, Expired, Restores int
	// Renewed are the certificates that ACM has renewed, and Rotated the keys with new material.
	Renewed, Rotated int
	// Wrong is what did not come to a good end, with the reason: jobs, renewals, recovery points
	// that stay as EXPIRED, days without a backup.
	Wrong []string
}

func (p *Passed) wrong(at time.Time, format string, args ...any) {
	p.Wrong = append(p.Wrong, at.UTC().Format("2006-01-02 15:04")+" "+fmt.Sprintf(format, args...))
}

// Release lets a version of Aurora PostgreSQL come out.
func Release(tx *cloud.Tx, version string) error {
	return tx.Create(&cloud.Object{Key: cloud.Key{Type: releaseType, ID: version}, Name: version})
}

// newestMinor is the newest version of a version's major one.
func newestMinor(tx *cloud.Tx, version string) (string, error) {
	released, err := tx.OfType(releaseType)
	if err != nil {
		return "", err
	}
	newest := version
	for _, one := range offered(released) {
		if major(one) == major(version) && older(newest, one) {
			newest = one
		}
	}
	return newest, nil
}

// Advance moves the clock of an account by days, and does what AWS does by itself meanwhile: it
// applies what waits for a maintenance window and upgrades minor versions in it, makes, copies and
// expires recovery points, tries restores, renews certificates and rotates keys.
func Advance(c *cloud.Cloud, account string, days int) (*Passed, error) {
	p, err := provider.New(Definition(), c, account)
	if err != nil {
		return nil, err
	}
	passed := &Passed{}
	return passed, c.Update(func(tx *cloud.Tx) error {
		from, err := Now(tx)
		if err != nil {
			return err
		}
		to := from.AddDate(0, 0, days)
		for _, pass := range []func(*cloud.Tx, *provider.Provider, time.Time, time.Time, *Passed) error{
			maintain, backUp, renew, rotate,
		} {
			if err := pass(tx, p, from, to, passed); err != nil {
				return err
			}
		}
		clock := &cloud.Object{
			Key:     clockKey,
			Outputs: cloud.Properties{"now": resource.NewProperty(to.Format(time.RFC3339))},
		}
		if there, err := tx.Get(clockKey); err != nil || there == nil {
			if err != nil {
				return err
			}
			return tx.Create(clock)
		}
		return tx.Replace(clock)
	})
}

// maintain is what RDS does in the maintenance windows of clusters. A window that passes twice
// finds nothing new the second time, so each cluster is maintained once when it has a window
// between two times.
func maintain(tx *cloud.Tx, _ *provider.Provider, from, to time.Time, passed *Passed) error {
	clusters, err := tx.OfType(clusterType)
	if err != nil {
		return err
	}
	for _, cluster := range clusters {
		if lost, err := Lost(tx, cluster.Region); err != nil || lost {
			if err != nil {
				return err
			}
			continue
		}
		opens, err := nextWindow(cluster.Text("preferredMaintenanceWindow"), from)
		if err != nil {
			return fmt.Errorf("maintain cluster %s: %w", cluster.ID, err)
		}
		if !opens.Before(to) {
			continue
		}
		before := cluster.Text("engineVersionActual")
		if _, err := applyPending(tx, cluster); err != nil {
			return err
		}
		if err := upgradeMinor(tx, cluster); err != nil {
			return err
		}
		if after := cluster.Text("engineVersionActual"); after != before {
			passed.Upgrades = append(passed.Upgrades, cluster.ID+" "+before+" -> "+after)
		}
	}
	return nil
}

// upgradeMinor upgrades a cluster when all of its instances let RDS do so.
func upgradeMinor(tx *cloud.Tx, cluster *cloud.Object) error {
	instances, err := tx.OfType(clusterInstanceType)
	if err != nil {
		return err
	}
	some := false
	for _, instance := range instances {
		if instance.Text("clusterIdentifier") != cluster.ID || instance.Region != cluster.Region ||
			instance.Account != cluster.Account {
			continue
		}
		if !provider.Values(instance.Outputs).Is("autoMinorVersionUpgrade", true) {
			return nil
		}
		some = true
	}
	running := cluster.Text("engineVersionActual")
	newest, err := newestMinor(tx, running)
	if err != nil || !some || newest == running {
		return err
	}
	if err := UpgradeMinorVersion(tx, cluster.Account, cluster.Region, cluster.ID, newest); err != nil {
		return err
	}
	upgraded, err := tx.Get(cluster.Key)
	if err == nil {
		*cluster = *upgraded
	}
	return err
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// nextWindow is when a weekly window such as "sun:19:30-sun:20:30", in UTC, opens after a time. RDS
// chooses one for a cluster that names none; here that is Sunday's midnight.
func nextWindow(window string, after time.Time) (time.Time, error) {
	opens, _, _ := strings.Cut(window, "-")
	if opens == "" {
		opens = "sun:00:00"
	}
	name, clock, _ := strings.Cut(opens, ":")
	day := slices.Index(weekdays, strings.ToLower(name))
	at, err := time.Parse("15:04", clock)
	if day < 0 || err != nil {
		return time.Time{}, fmt.Errorf("read the window %q: want one such as sun:19:30-sun:20:30", window)
	}
	after = after.UTC()
	midnight := time.Date(after.Year(), after.Month(), after.Day(), 0, 0, 0, 0, time.UTC)
	ahead := (day - int(after.Weekday()) + 7) % 7
	next := midnight.AddDate(0, 0, ahead).Add(time.Duration(at.Hour())*time.Hour +
		time.Duration(at.Minute())*time.Minute)
	if next.Before(after) {
		next = next.AddDate(0, 0, 7)
	}
	return next, nil
}

// A public certificate of ACM is good for 198 days since February 2026, and renewed 45 days before
// its end, or 60: reports differ, and the later day leaves less time.
const (
	certificateDays = 198
	renewalDays     = 45
)

// renew is what ACM does with certificates: it renews those whose validation records are still in
// public DNS.
func renew(tx *cloud.Tx, p *provider.Provider, from, to time.Time, passed *Passed) error {
	certificates, err := tx.OfType(certificateType)
	if err != nil {
		return err
	}
	for _, certificate := range certificates {
		due, err := recurring(tx, certificate, from, to, certificateDays-renewalDays)
		if err != nil {
			return err
		}
		for _, at := range due {
			r := p.Itself(tx, certificate.Region)
			if record := notIssued(r, certificate); record != "" {
				passed.wrong(at, "certificate %s is not renewed: no record %s in public DNS", certificate.ARN, record)
			} else {
				passed.Renewed++
			}
			if r.Err() != nil {
				return r.Err()
			}
		}
	}
	return nil
}

// rotate is what KMS does with keys whose rotation is on: their ids, and all that names them, stay.
func rotate(tx *cloud.Tx, _ *provider.Provider, from, to time.Time, passed *Passed) error {
	keys, err := tx.OfType(keyType)
	if err != nil {
		return err
	}
	for _, key := range keys {
		of := provider.Values(key.Outputs)
		if key.State != cloud.Active || !of.Is("enableKeyRotation", false) {
			continue
		}
		period, given := of.Number("rotationPeriodInDays")
		if !given {
			period = 365
		}
		due, err := recurring(tx, key, from, to, int(period))
		if err != nil {
			return err
		}
		passed.Rotated += len(due)
	}
	return nil
}

// recurringType records when a recurring action, such as the rotation of a key, was last done to an
// object.
const recurringType = "aws:index/recurring:Recurring"

// recurring are the times, between from and to, at which an action is due that recurs for an object
// at an interval of days, counted from when the clock was first moved while the object existed.
func recurring(tx *cloud.Tx, of *cloud.Object, from, to time.Time, days int) ([]time.Time, error) {
	key := cloud.Key{Type: recurringType, ID: of.Key.String()}
	known, err := tx.Get(key)
	if err != nil {
		return nil, err
	}
	last, put := from, tx.Create
	if known != nil {
		put = tx.Replace
		if last, err = time.Parse(time.RFC3339, known.Text("last")); err != nil {
			return nil, fmt.Errorf("read when something last happened to %s: %w", of, err)
		}
	}
	var due []time.Time
	for next := last.AddDate(0, 0, days); next.Before(to); next = next.AddDate(0, 0, days) {
		due, last = append(due, next), next
	}
	return due, put(&cloud.Object{
		Key: key, Owner: &of.Key, Outputs: cloud.Properties{"last": resource.NewProperty(last.Format(time.RFC3339))},
	})
}
