package regionloss

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/quoting"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/atlas"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// backedUp is how many days the stack has been up, and backed up, when its region is lost.
const backedUp = 3

// objective is the most that copies of each day may lose: a day, and the time of backup and copy.
const objective = 26 * time.Hour

// loseRegion lets days go by and takes the region away, with the bucket of the state. It wants to
// see it gone.
func (d *drill) loseRegion() error {
	if err := d.backUp(); err != nil {
		return err
	}
	var err error
	if d.lostAt, err = d.now(); err != nil {
		return err
	}
	d.shell.begin("check")
	if err := d.shell.run(d.ctx, "infra recovery check --stack "+d.Stack); err != nil {
		return err
	}
	d.Console.Heading("The region %s is lost, with the state and the key of %s", d.names.Home, d.Stack)
	if err := aws.Lose(d.cloud, d.names.Home); err != nil {
		return err
	}
	// S3 has copied the state to the recovery region's bucket, where the new stack's will be too.
	if err := os.CopyFS(d.bucket(d.names.Away), os.DirFS(d.bucket(d.names.Home))); err != nil {
		return fmt.Errorf("copy the state as S3 does: %w", err)
	}
	if err := os.Rename(d.bucket(d.names.Home), d.bucket(d.names.Home)+".lost"); err != nil {
		return fmt.Errorf("take the state's bucket away: %w", err)
	}
	d.shell.begin("lost")
	for _, command := range []string{
		"pulumi login '" + d.state(d.names.Home) + "'",
		"pulumi config get bookmark-manager:atlasPublicKey --stack " + d.Stack,
		"aws rds describe-db-clusters --db-cluster-identifier bookmark-manager-" + d.names.Environment + "-aurora",
		"curl -fsS https://www." + d.names.Domain + "/api/health",
	} {
		if d.shell.run(d.ctx, command) == nil {
			return fmt.Errorf("the region is lost, and this went through: %s", command)
		}
	}
	return nil
}

// refuseAnOldCopy wants the runbook to stop before anything is made when the copy is older than it
// may be.
func (d *drill) refuseAnOldCopy() error {
	d.Console.Heading("A copy that is too old is refused before anything is made")
	d.shell.begin("an old copy")
	if d.shell.run(d.ctx, "infra recovery file --stack "+d.Stack+" --to "+d.names.To+" --within 1m") == nil {
		return errors.New("a copy that is older than it may be was taken")
	}
	if !strings.Contains(d.shell.printed.String(), "--within") {
		return fmt.Errorf("an old copy was refused for another reason:\n%s", tail(d.shell.printed.String(), 5))
	}
	if _, err := os.Stat(filepath.Join(d.Work.Project(), "Pulumi."+d.names.To+".yaml")); err == nil {
		return errors.New("the file of the other stack was written all the same")
	}
	return nil
}

// recoveryPoint is the type of what AWS Backup restores from.
const recoveryPoint = "aws:backup/recoveryPoint:RecoveryPoint"

// servedFrom is nil when a region answers the public name's requests, and the distribution takes
// its files from a bucket there.
func (d *drill) servedFrom(region string) error {
	all, err := d.cloud.List()
	if err != nil {
		return err
	}
	if err := d.requests(all, region, "https://www."+d.names.Domain); err != nil {
		return err
	}
	s := site{all}
	distribution, err := s.distribution("www." + d.names.Domain)
	if err != nil {
		return err
	}
	files := ""
	for _, one := range provider.Values(distribution.Inputs).Objects("origins") {
		if one.Text("originId") == "assets" {
			files = one.Text("domainName")
		}
	}
	for _, bucket := range s.in(catalog.Bucket, "") {
		if bucket.Text("bucketRegionalDomainName") == files && bucket.Text("region") == region {
			d.Console.Line("its files come from %s", files)
			return s.connected(region)
		}
	}
	return fmt.Errorf("the distribution takes its files from %q, which is no bucket of %s", files, region)
}

// connected is nil when each connection string of a region leads to the cluster that was restored
// there last.
func (s site) connected(region string) error {
	var last *cloud.Object
	for _, cluster := range s.in(catalog.RDSCluster, region) {
		if provider.Values(cluster.Inputs).Text("globalClusterIdentifier") == "" &&
			(last == nil || cluster.Seq > last.Seq) {
			last = cluster
		}
	}
	if last == nil {
		return fmt.Errorf("%s has no cluster", region)
	}
	strung := 0
	for _, parameter := range s.in(catalog.Parameter, region) {
		value := parameter.Text("value")
		if !strings.Contains(value, ".rds.amazonaws.com") {
			continue
		}
		strung++
		if !strings.Contains(value, last.Text("endpoint")) && !strings.Contains(value, last.Text("readerEndpoint")) {
			return fmt.Errorf("parameter %s leads to another database than %s", parameter.ID, last.ID)
		}
	}
	if strung == 0 {
		return fmt.Errorf("no parameter of %s has a connection string", region)
	}
	return nil
}

// restoredFrom is the snapshot that a cluster was made from.
func (d *drill) restoredFrom(region, id string) (*cloud.Object, time.Time, error) {
	all, err := d.cloud.List()
	if err != nil {
		return nil, time.Time{}, err
	}
	var from string
	for _, o := range all {
		if o.Type == catalog.RDSCluster && o.Region == region && o.ID == id {
			from = provider.Values(o.Inputs).Text("snapshotIdentifier")
		}
	}
	for _, o := range all {
		if (o.Type == harness.ClusterSnapshot || o.Type == recoveryPoint) && from != "" &&
			(o.ARN == from || o.ID == from && o.Region == region) {
			made, err := time.Parse(time.RFC3339, o.Text("created"))
			return o, made, err
		}
	}
	return nil, time.Time{}, fmt.Errorf("cluster %s of %s was restored from %q, which is no snapshot", id, region, from)
}

// lostAway is how much data the loss of the region has cost.
func (d *drill) lostAway() (time.Duration, error) {
	_, made, err := d.restoredFrom(d.names.Away, "bookmark-manager-"+d.names.To+"-aurora")
	if err != nil {
		return 0, err
	}
	lost := d.lostAt.Sub(made)
	if lost < 0 || lost > objective {
		return 0, fmt.Errorf("the copy is of %s, %s before the loss, want at most %s", made, lost, objective)
	}
	return lost, d.atlasRestored(d.names.Environment, d.names.To)
}

// atlasRestored is nil when the last restore of Atlas was of one cluster into another, and has
// ended.
func (d *drill) atlasRestored(from, to string) error {
	all, err := d.cloud.List()
	if err != nil {
		return err
	}
	last := "none"
	for _, o := range all {
		if o.Type == atlas.RestoreType {
			last = fmt.Sprintf("%s to %s, ended: %s", o.Text("from"), o.Text("to"), o.Text("ended"))
		}
	}
	if want := "bookmark-mgr-" + from + " to bookmark-mgr-" + to + ", ended: yes"; last != want {
		return fmt.Errorf("the last restore of Atlas is %q, want %q", last, want)
	}
	return nil
}

// regain brings the region back as it was, a day later.
func (d *drill) regain() error {
	if _, err := aws.Advance(d.cloud, d.names.Account, 1); err != nil {
		return err
	}
	d.Console.Heading("The region %s answers again", d.names.Home)
	if err := aws.Regain(d.cloud, d.names.Home); err != nil {
		return err
	}
	if err := os.Rename(d.bucket(d.names.Home)+".lost", d.bucket(d.names.Home)); err != nil {
		return fmt.Errorf("bring the state's bucket back: %w", err)
	}
	return d.servedFrom(d.names.Away)
}

// closed remembers when the site was closed: what was written before must come home. The origin's
// name still leads away, as the health check sees.
func (d *drill) closed() (err error) {
	if d.closedAt, err = d.now(); err != nil {
		return err
	}
	all, err := d.cloud.List()
	if err != nil {
		return err
	}
	site := "https://www." + d.names.Domain
	if from, err := Ask(all, site+"/"); err == nil {
		return fmt.Errorf("the site is closed, and %s is answered from %s", site, from)
	}
	from, err := Ask(all, site+"/api/health")
	if err == nil && from != d.names.Away {
		err = fmt.Errorf("the health check is answered from %s already, want %s", from, d.names.Away)
	}
	return err
}

// lostHome is how much the way home has cost: nothing, when the snapshot is younger than the
// closing of the site.
func (d *drill) lostHome() (time.Duration, error) {
	snapshot, made, err := d.restoredFrom(d.names.Home, "bookmark-manager-"+d.names.Environment+"-aurora-home")
	if err != nil {
		return 0, err
	}
	want := ":cluster:bookmark-manager-" + d.names.To + "-aurora"
	if !strings.HasSuffix(snapshot.Text("resourceArn"), want) {
		return 0, fmt.Errorf("the database came home from %s, want the one that took over",
			snapshot.Text("resourceArn"))
	}
	return max(0, d.closedAt.Sub(made)), d.atlasRestored(d.names.To, d.names.Environment)
}

// atHome is nil when the site is served from home, nothing of the other stack is left but what
// outlives a stack, its own stack has nothing left to do, and GitHub deploys again what was pushed.
func (d *drill) atHome() error {
	d.Console.Heading("At home")
	if err := d.servedFrom(d.names.Home); err != nil {
		return err
	}
	all, err := d.cloud.List()
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Region == d.names.Away &&
			slices.Contains([]string{catalog.RDSCluster, catalog.LoadBalancer, traffic.ServiceType}, o.Type) {
			return fmt.Errorf("%s is left in %s", o, d.names.Away)
		}
	}
	d.shell.begin("nothing left to do")
	for _, command := range []string{
		"pulumi login '" + d.state(d.names.Home) + "'",
		"pulumi preview --refresh --expect-no-changes --stack " + d.Stack,
		"git diff --exit-code origin/main -- Pulumi." + d.Stack + ".yaml",
	} {
		if err := d.shell.run(d.ctx, command); err != nil {
			return err
		}
	}
	off, err := filepath.Glob(filepath.Join(d.folder, disabled("*")))
	if err == nil && len(off) > 0 {
		err = fmt.Errorf("GitHub does not deploy: %v", off)
	}
	return err
}

// commitAll puts the project under git, with an origin to push to, as the repository is.
func (d *drill) commitAll() error {
	d.shell.begin("git")
	origin := quoting.Shell(filepath.Join(d.folder, "origin.git"))
	for _, command := range []string{
		"git init --quiet --bare " + origin,
		"git init --quiet --initial-branch main",
		"git config user.name rehearsal && git config user.email rehearsal@example.com",
		"git remote add origin " + origin,
		"git add Pulumi.yaml 'Pulumi." + d.Stack + ".yaml'",
		"git commit --quiet --message 'Before the loss'",
		"git push --quiet --set-upstream origin main",
	} {
		if err := d.shell.run(d.ctx, command); err != nil {
			return err
		}
	}
	return nil
}
