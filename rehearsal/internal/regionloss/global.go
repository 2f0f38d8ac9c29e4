package regionloss

import (
	"fmt"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// replicationLag is how far the copy of a global database is behind.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html:
// typically under a second
const replicationLag = time.Second

// makeGlobal deploys a global database.
func (d *drill) makeGlobal() error {
	at, err := d.Place()
	if err != nil {
		return err
	}
	if err := d.ByHand(func(tx *cloud.Tx) error { return harness.RecoveryNetwork(tx, at) }); err != nil {
		return err
	}
	if err := d.Edit(map[string]any{"aurora.global": harness.GlobalDatabase()}); err != nil {
		return err
	}
	defer d.AsFirst()()
	_, err = d.Up(d.ctx, "global database", "Up: with a global database")
	return err
}

// lostAwayGlobal is how far the copy was behind when the region was lost: the cluster was restored
// from a snapshot of the copy that was taken after the loss.
func (d *drill) lostAwayGlobal() (time.Duration, error) {
	snapshot, made, err := d.restoredFrom(d.names.Away, "bookmark-manager-"+d.names.To+"-aurora")
	if err != nil {
		return 0, err
	}
	of := snapshot.Text("resourceArn")
	if want := ":cluster:bookmark-manager-" + d.names.Environment + "-aurora-secondary"; !strings.HasSuffix(of, want) {
		return 0, fmt.Errorf("the database was restored from a snapshot of %s, want one of the global database's copy",
			of)
	}
	if made.Before(d.lostAt) {
		return 0, fmt.Errorf("the snapshot of the copy is of %s, before the loss at %s", made, d.lostAt)
	}
	return replicationLag, d.atlasRestored(d.names.Environment, d.names.To)
}
