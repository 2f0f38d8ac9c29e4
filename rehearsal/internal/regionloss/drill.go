// Package regionloss loses the region of a stack that is up and backed up, and takes the steps of
// docs/operations.md as they stand there: the stack comes up in the recovery region under the same
// public names, and comes home again. State and secrets are in the regions too: what is in the lost
// one answers nothing.
package regionloss

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/kms"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/loopback"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Taken is the result of one way.
type Taken struct {
	Name  string
	Steps int
	// Lost is how old the data is that the way ends with.
	Lost time.Duration
	// Chain is the longest chain of waits.
	Chain time.Duration
}

// Result is what came of the drill.
type Result struct {
	Ways []Taken
	Took time.Duration
}

// maxSteps is how many steps a person may be asked for on a way.
const maxSteps = 12

// rto is how long a way may take.
const rto = 4 * time.Hour

type drill struct {
	*harness.Fixture
	ctx      context.Context
	names    Names
	cloud    *cloud.Cloud
	root     string // the repository
	document string // docs/operations.md
	folder   string
	shell    *shell
	lostAt   time.Time // when the region was lost
	closedAt time.Time // when the site was closed, for the way home
}

// Scenario is a loss and what is done about it.
type Scenario struct {
	Name  string
	Title string
	// before brings the stack to what it must be before the loss; nil for nothing.
	before func(*drill) error
	run    func(*drill) ([]Taken, error)
}

// journey is what a loss of the region asks for: the way to the recovery region, and the way home.
type journey struct {
	// first is tried before anything is done; nil for nothing.
	first      func(*drill) error
	away, home Way
	// lost is how old the data is that the way away ends with. The way home loses none.
	lost func(*drill) (time.Duration, error)
}

var (
	fromCopies = journey{
		first: (*drill).refuseAnOldCopy,
		away:  Away,
		home:  Home,
		lost:  (*drill).lostAway,
	}
	fromGlobal = journey{away: AwayGlobal, home: HomeGlobal, lost: (*drill).lostAwayGlobal}
)

// Scenarios are all of them, each from the stack that was deployed.
var Scenarios = []Scenario{
	{Name: "copies", Title: "The region is lost: back from the copies of each day", run: fromCopies.take},
	{
		Name:   "global",
		Title:  "The region is lost: back from the global database",
		before: (*drill).makeGlobal,
		run:    fromGlobal.take,
	},
	{Name: "standby", Title: "The tasks die: a standby takes over", run: (*drill).byStandby},
}

// Rehearse goes through some scenarios. The stack is up, in a workspace of its own; root is the
// repository.
func Rehearse(ctx context.Context, f *harness.Fixture, root string, scenarios []Scenario) (*Result, error) {
	start := time.Now()
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	result := &Result{}
	for _, one := range scenarios {
		if err := f.Back(); err != nil {
			return nil, err
		}
		f.Console.Heading("%s", one.Title)
		taken, err := (&drill{Fixture: f, ctx: ctx, root: root}).scenario(one)
		if err != nil {
			return nil, fmt.Errorf("rehearse %q: %w", one.Name, err)
		}
		result.Ways = append(result.Ways, taken...)
	}
	result.Took = time.Since(start)
	return result, nil
}

func (d *drill) scenario(one Scenario) (taken []Taken, err error) {
	if d.cloud, err = d.Cloud(); err != nil {
		return nil, err
	}
	if d.names, err = d.readNames(); err != nil {
		return nil, err
	}
	if one.before != nil {
		if err := one.before(d); err != nil {
			return nil, err
		}
	}
	server, err := d.prepare()
	if server != nil {
		defer func() { err = errors.Join(err, server.Close()) }()
	}
	if err != nil {
		return nil, err
	}
	return one.run(d)
}

// take loses the region, takes the way away, finds the region again, and takes the way home.
func (j journey) take(d *drill) ([]Taken, error) {
	if err := d.loseRegion(); err != nil {
		return nil, err
	}
	if j.first != nil {
		if err := j.first(d); err != nil {
			return nil, err
		}
	}
	away, err := d.take(j.away)
	if err != nil {
		return nil, err
	}
	if away.Lost, err = j.lost(d); err != nil {
		return nil, err
	}
	if err := d.servedFrom(d.names.Away); err != nil {
		return nil, err
	}
	if err := d.regain(); err != nil {
		return nil, err
	}
	home, err := d.take(j.home)
	if err != nil {
		return nil, err
	}
	if home.Lost, err = d.lostHome(); err != nil {
		return nil, err
	}
	return []Taken{away, home}, d.atHome()
}

// take takes the steps of a way, one after the other.
func (d *drill) take(way Way) (Taken, error) {
	steps, err := way.plan(d.document)
	if err != nil {
		return Taken{}, err
	}
	taken := Taken{Name: way.Name, Steps: len(steps), Chain: chain(steps)}
	if taken.Steps > maxSteps || taken.Chain >= rto {
		return Taken{}, fmt.Errorf("take the way %s: it has %d steps and waits for %s, want at most %d and less "+
			"than %s",
			way.Name, taken.Steps, taken.Chain, maxSteps, rto)
	}
	for i, one := range steps {
		d.Console.Heading("The way %s, step %d of %d: %s", way.Name, i+1, len(steps), one.Title())
		d.shell.begin(fmt.Sprintf("%s %d", way.Name, i+1))
		if err := d.do(one); err != nil {
			return Taken{}, fmt.Errorf("the way %s, step %d, %q: %w", way.Name, i+1, one.Title(), err)
		}
	}
	return taken, nil
}

// do types the commands of a step, and looks at what they have done.
func (d *drill) do(one step) error {
	for _, command := range one.Commands {
		if err := d.typed(d.names.of(command)); err != nil {
			return err
		}
	}
	if one.after == nil {
		return nil
	}
	return one.after(d)
}

// typed runs a command of the runbook as a person does.
func (d *drill) typed(command string) error {
	command, err := d.shell.fill(command)
	if err != nil {
		return err
	}
	d.Console.Line("$ %s", command)
	return d.shell.run(d.ctx, command)
}

func (d *drill) now() (now time.Time, err error) {
	err = d.cloud.View(func(tx *cloud.Tx) (err error) { now, err = aws.Now(tx); return err })
	return now, err
}

// prepare gives the stack what it has on AWS: its state in a bucket of its region, and its secrets
// under a key of KMS with a replica in the recovery region.
func (d *drill) prepare() (server *loopback.Server, err error) {
	raw, err := os.ReadFile(filepath.Join(d.root, "docs", "operations.md"))
	if err != nil {
		return nil, fmt.Errorf("read the runbook: %w", err)
	}
	d.document = string(raw)
	d.folder = filepath.Join(d.Work.Dir, "region-loss")
	if err := os.RemoveAll(d.folder); err != nil {
		return nil, fmt.Errorf("empty the folder of the drill: %w", err)
	}
	if server, err = kms.Start(d.cloud, d.names.Account); err != nil {
		return nil, err
	}
	if d.shell, err = d.newShell(server.URL); err != nil {
		return server, err
	}
	// The rehearsal keeps state and secrets in files of its own: they move to where a real stack
	// has them.
	if err := os.CopyFS(d.bucket(d.names.Home), os.DirFS(filepath.Join(d.Work.Dir, "backend"))); err != nil {
		return server, fmt.Errorf("move the state of %s into its bucket: %w", d.Stack, err)
	}
	if err := d.replicateKey(); err != nil {
		return server, err
	}
	d.Console.Heading("State and secrets of %s: a bucket and a key of %s", d.Stack, d.names.Home)
	d.shell.begin("before")
	for _, command := range []string{
		"pulumi login '" + d.state(d.names.Home) + "'",
		fmt.Sprintf("pulumi stack change-secrets-provider 'awskms://alias/bookmark-manager-state?region=%s' --stack %s",
			d.names.Home, d.Stack),
		// The workflow of a release has put the static files into the bucket.
		d.names.of("scripts/release static --service web --version " + commit + " --repository 111122223333.dkr.ecr." +
			"ap-northeast-1.amazonaws.com/bookmark-manager-production-web --bucket " +
			"bookmark-manager-production-assets-111122223333"),
	} {
		if err := d.shell.run(d.ctx, command); err != nil {
			return server, err
		}
	}
	return server, d.commitAll()
}

// stateAlias is the state's key, as foundation names it.
const stateAlias = "alias/bookmark-manager-state"

// replicateKey makes the replica of the state's key for a stack that had no copies when its account
// was made ready.
func (d *drill) replicateKey() error {
	home := aws.Keys{Account: d.names.Account, Region: d.names.Home}
	away := aws.Keys{Account: d.names.Account, Region: d.names.Away}
	return d.cloud.Update(func(tx *cloud.Tx) error {
		if _, err := away.Find(tx, stateAlias); !errors.Is(err, aws.ErrNoKey) {
			return err
		}
		replica, err := home.Replicate(tx, stateAlias, away.Region)
		if err != nil {
			return err
		}
		return away.Name(tx, stateAlias, replica.ID)
	})
}

// state is where Pulumi keeps its state in a region.
func (d *drill) state(region string) string {
	return fmt.Sprintf("s3://%s?region=%s", filepath.Base(d.bucket(region)), region)
}

// bucket is the folder that is the bucket of Pulumi's state in a region.
func (d *drill) bucket(region string) string {
	return filepath.Join(d.folder, buckets, "bookmark-manager-state-"+d.names.Account+"-"+region)
}
