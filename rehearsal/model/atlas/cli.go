package atlas

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// RestoreType is no resource of the program: a snapshot of one cluster that is put into another
// one. Its outputs are from and to, the names of the clusters, and whether it has ended.
const RestoreType = "mongodbatlas:index/restore:Restore"

// snapshotType is a snapshot of a cluster that a person has taken. Its outputs are cluster, the
// name, and whether it is complete.
const snapshotType = "mongodbatlas:index/snapshot:Snapshot"

// What the Atlas CLI prints.
const (
	snapshotHeads = "ID\tTYPE\tSTATUS\tCREATED AT\tEXPIRES AT\n"
	started       = "Restore job '%s' successfully started\n"
)

// command is one of the CLI's, with its flags.
type command struct {
	tx    *cloud.Tx
	words []string
	flags map[string]string
}

// CLI stands in for the Atlas CLI on a cloud, with the commands that the project's runbook and
// scripts use: snapshots of a cluster, and restores of one into another cluster of the project.
// Atlas answers whatever region is lost.
func CLI(c *cloud.Cloud, args []string) (string, error) {
	words, flags := split(args)
	if len(words) < 3 {
		words = append(words, "", "", "")
	}
	do, known := map[string]func(*command) (string, error){
		"backups snapshots list":   (*command).list,
		"backups snapshots create": (*command).create,
		"backups snapshots watch":  (*command).watchSnapshot,
		"backups restores start":   (*command).start,
		"backups restores watch":   (*command).watchRestore,
	}[strings.Join(words[:3], " ")]
	if !known {
		return "", fmt.Errorf("the rehearsal's atlas does not know %q, only backups snapshots list, create and watch, "+
			"and backups restores start and watch", strings.Join(args, " "))
	}
	var out string
	err := c.Update(func(tx *cloud.Tx) (err error) {
		out, err = do(&command{tx, append(words[3:], ""), flags})
		return err
	})
	return out, err
}

// list shows the snapshots that a person has taken, and the latest that Atlas took by itself.
func (c *command) list() (string, error) {
	cluster, err := c.cluster(c.words[0], c.flags["projectId"])
	if err != nil {
		return "", err
	}
	return snapshotHeads + scheduled(cluster) + "\tSCHEDULED\tCOMPLETED\n", nil
}

func (c *command) create() (string, error) {
	cluster, err := c.cluster(c.words[0], c.flags["projectId"])
	if err != nil {
		return "", err
	}
	id, err := c.make(snapshotType, cloud.Properties{"cluster": resource.NewProperty(cluster.Text("name"))})
	if err != nil || c.flags["output"] == "go-template={{.Id}}" {
		return id + "\n", err
	}
	return fmt.Sprintf("Snapshot '%s' created.\n", id), nil
}

// watchSnapshot waits until a snapshot is complete.
func (c *command) watchSnapshot() (string, error) {
	snapshot, err := c.made(snapshotType)
	if err != nil {
		return "", err
	}
	return "", c.end(snapshot)
}

// watchRestore waits until a restore has ended.
func (c *command) watchRestore() (string, error) {
	restore, err := c.made(RestoreType)
	if err != nil {
		return "", err
	}
	return "", c.end(restore)
}

// start starts a restore. One of a snapshot that is not complete is refused.
func (c *command) start() (string, error) {
	from, err := c.cluster(c.flags["clusterName"], c.flags["projectId"])
	if err != nil {
		return "", err
	}
	to, err := c.cluster(c.flags["targetClusterName"], c.flags["targetProjectId"])
	if err != nil {
		return "", err
	}
	id := c.flags["snapshotId"]
	taken, err := c.tx.Get(cloud.Key{Type: snapshotType, ID: id})
	if err != nil {
		return "", err
	}
	kind := "scheduled"
	switch {
	case c.words[0] != "automated":
		return "", fmt.Errorf("the rehearsal's atlas restores snapshots (automated), not %q", c.words[0])
	case taken != nil && taken.Text("cluster") == from.Text("name"):
		if kind = "taken"; !ended(taken) {
			return "", fmt.Errorf("Error: snapshot %s is not complete", id)
		}
	case id != scheduled(from):
		return "", fmt.Errorf("Error: cluster %s has no snapshot %q", from.Name,
			id)
	}
	restore, err := c.make(RestoreType, cloud.Properties{
		"from": resource.NewProperty(from.Text("name")), "to": resource.NewProperty(to.Text("name")),
		"snapshot": resource.NewProperty(kind),
	})
	return fmt.Sprintf(started, restore), err
}

// make makes what takes a while until it has ended.
func (c *command) make(typ string, outputs cloud.Properties) (string, error) {
	number, err := c.tx.NextNumber()
	if err != nil {
		return "", err
	}
	id := provider.StableID("", 24, typ, fmt.Sprint(number))
	outputs["ended"] = resource.NewProperty("no")
	return id, c.tx.Create(&cloud.Object{Key: cloud.Key{Type: typ, ID: id}, Outputs: outputs})
}

// made is what the command names by its id.
func (c *command) made(typ string) (*cloud.Object, error) {
	found, err := c.tx.Get(cloud.Key{Type: typ, ID: c.words[0]})
	if err == nil && found == nil {
		err = fmt.Errorf("Error: there is nothing of the id %q",
			c.words[0])
	}
	return found, err
}

func (c *command) end(o *cloud.Object) error {
	o.Outputs["ended"] = resource.NewProperty("yes")
	return c.tx.Replace(o)
}

func ended(o *cloud.Object) bool { return o.Text("ended") == "yes" }

// split tells words from flags, each of which has a value.
func split(args []string) ([]string, map[string]string) {
	var words []string
	flags := map[string]string{}
	for len(args) > 0 {
		flag, is := strings.CutPrefix(args[0], "--")
		switch {
		case !is:
			words, args = append(words, args[0]), args[1:]
		case len(args) > 1:
			flags[flag], args = args[1], args[2:]
		default:
			flags[flag], args = "", nil
		}
	}
	return words, flags
}

func (c *command) cluster(name, project string) (*cloud.Object, error) {
	all, err := c.tx.OfType(clusterType)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.Text("name") == name && one.Text("projectId") == project {
			return one, nil
		}
	}
	return nil, fmt.Errorf("Error: project %s has no cluster %q", project,
		name)
}

// scheduled is the id of a cluster's latest snapshot on schedule.
func scheduled(cluster *cloud.Object) string {
	return provider.StableID("", 24, "snapshot of", cluster.Name, cluster.ID)
}
