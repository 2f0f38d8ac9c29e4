// Package scripts_test runs the scripts against stand-ins for the commands that they call.
package scripts_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const project = "0123456789abcdef01234567"

// standIn writes a command that logs its arguments, one line a call and each in brackets, and then
// runs body.
func standIn(t *testing.T, folder, name, body string) {
	t.Helper()
	script := "#!/bin/sh\n{ printf '%s' " + name +
		"; for a in \"$@\"; do printf ' [%s]' \"$a\"; done; echo; } >>\"$CALLS\"\n" + body + "\n"
	require.NoError(t, writeCommand(filepath.Join(folder, name), script))
}

// result is what a run of the script left behind.
type result struct {
	code        int
	out, errOut string
	calls       []string
}

// snapshot runs the script with nothing but the stand-ins and the tools of a bare system on PATH.
func snapshot(t *testing.T, standIns map[string]string, args ...string) result {
	t.Helper()
	folder := t.TempDir()
	for name, body := range standIns {
		standIn(t, folder, name, body)
	}
	for _, tool := range []string{"bash", "cat", "date"} {
		path, err := exec.LookPath(tool)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(folder, tool)))
	}
	log := filepath.Join(folder, "calls.log")
	script, err := filepath.Abs("snapshot")
	require.NoError(t, err)
	command := exec.Command(filepath.Join(folder, "bash"), append([]string{script}, args...)...)
	command.Env = []string{"PATH=" + folder, "CALLS=" + log}
	var out, errOut strings.Builder
	command.Stdout, command.Stderr = &out, &errOut
	var exit *exec.ExitError
	if err := finish(command); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := result{code: command.ProcessState.ExitCode(), out: out.String(), errOut: errOut.String()}
	if raw, err := os.ReadFile(log); err == nil {
		r.calls = strings.Split(strings.TrimSpace(string(raw)), "\n")
	}
	return r
}

var aurora = map[string]string{"aws": "echo creating"}

func TestAuroraSnapshot(t *testing.T) {
	t.Parallel()
	got := snapshot(t, aurora, "aurora", "--cluster", "db-1", "--name", "before-release", "--region", "ap-northeast-1")
	assert.Equal(t, result{
		out: "creating\ncreating\nSnapshot before-release of Aurora cluster db-1 is available.\n",
		calls: []string{
			"aws [--region] [ap-northeast-1] [rds] [create-db-cluster-snapshot] [--db-cluster-identifier] [db-1] " +
				"[--db-cluster-snapshot-identifier] [before-release] " +
				"[--query] [DBClusterSnapshot.Status] [--output] [text]",
			"aws [--region] [ap-northeast-1] [rds] [wait] [db-cluster-snapshot-available] " +
				"[--db-cluster-snapshot-identifier] [before-release]",
		},
	}, got)
}

func TestAuroraSnapshotIsNamedAfterClusterAndTime(t *testing.T) {
	t.Parallel()
	got := snapshot(t, aurora, "aurora", "--cluster", "db-1", "--no-wait")
	require.Len(t, got.calls, 1, "it does not wait")
	assert.Regexp(t, regexp.MustCompile(`\[--db-cluster-snapshot-identifier\] \[db-1-\d{8}-\d{6}\] `), got.calls[0])
	assert.NotContains(t, got.calls[0], "--region")
	assert.Equal(t, 0, got.code)
}

var atlas = map[string]string{"atlas": `[ "$3" = create ] && echo 0a1b2c3d4e5f0a1b2c3d4e5f; exit 0`}

func TestAtlasSnapshot(t *testing.T) {
	t.Parallel()
	got := snapshot(t, atlas, "atlas", "--cluster", "mongo", "--project", project, "--description",
		"before the release", "--retention-days", "30")
	assert.Equal(t, result{
		out: "Snapshot 0a1b2c3d4e5f0a1b2c3d4e5f of Atlas cluster mongo is complete; Atlas keeps it for 30 days.\n",
		calls: []string{
			"atlas [backups] [snapshots] [create] [mongo] [--projectId] [" + project +
				"] [--desc] [before the release] [--retention] [30] [--output] [go-template={{.Id}}]",
			"atlas [backups] [snapshots] [watch] [0a1b2c3d4e5f0a1b2c3d4e5f] [--clusterName] [mongo] [--projectId] [" +
				project + "]",
		},
	}, got)
	got = snapshot(t, atlas, "atlas", "--cluster", "mongo", "--project", project, "--no-wait")
	require.Len(t, got.calls, 1)
	assert.Regexp(t, regexp.MustCompile(`\[--desc\] \[by hand, \d{8}-\d{6}\] \[--retention\] \[7\]`), got.calls[0])
}

func TestDryRunPrintsAndRunsNothing(t *testing.T) {
	t.Parallel()
	got := snapshot(t, aurora, "aurora", "--cluster", "db-1", "--name", "s-1", "--dry-run")
	assert.Empty(t, got.calls)
	assert.Equal(t, 0, got.code)
	assert.Equal(t, "aws rds create-db-cluster-snapshot --db-cluster-identifier db-1 "+
		"--db-cluster-snapshot-identifier s-1 --query DBClusterSnapshot.Status --output text \n"+
		"aws rds wait db-cluster-snapshot-available --db-cluster-snapshot-identifier s-1 \n", got.out)
	got = snapshot(t, nil, "atlas", "--cluster", "mongo", "--project", project, "--description", "a b", "--dry-run")
	assert.Equal(t, 0, got.code, "a dry run needs no command")
	assert.Equal(t, `atlas backups snapshots create mongo --projectId `+project+
		` --desc a\ b --retention 7 --output go-template=\{\{.Id\}\} `+"\n"+
		`atlas backups snapshots watch \<id\> --clusterName mongo --projectId `+project+" \n", got.out)
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"-h"}, {"aurora", "--help"}} {
		got := snapshot(t, nil, args...)
		assert.Equal(t, 0, got.code)
		assert.Contains(t, got.out, "scripts/snapshot aurora --cluster NAME")
		assert.Empty(t, got.errOut)
	}
}

func TestWrongCalls(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"say which database: aurora or atlas":                 {},
		`"mysql" is no database, want aurora or atlas`:        {"mysql"},
		"--cluster is required":                               {"aurora"},
		"--cluster needs a value":                             {"aurora", "--cluster"},
		`--cluster is "a b", want letters`:                    {"aurora", "--cluster", "a b"},
		`there is no option "--fast"`:                         {"aurora", "--cluster", "db", "--fast"},
		`the snapshot's name is "a--b", want 1 to 63 letters`: {"aurora", "--cluster", "db", "--name", "a--b"},
		`want 1 to 63 letters`:                                {"aurora", "--cluster", strings.Repeat("d", 60)},
		"--project, --description and --retention-days are for atlas": {"aurora", "--cluster", "db", "--project",
			project},
		`--project is "", want the 24 hexadecimal digits`: {"atlas", "--cluster", "db"},
		`--retention-days is "0", want 1 or more`: {"atlas", "--cluster", "db", "--project", project,
			"--retention-days", "0"},
		"--name and --region are for aurora": {"atlas", "--cluster", "db", "--project", project, "--name", "x"},
	} {
		got := snapshot(t, map[string]string{"aws": "", "atlas": ""}, args...)
		assert.Equal(t, 2, got.code, want)
		assert.Contains(t, got.errOut, want)
		assert.Empty(t, got.calls, want)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	aurora, atlas := []string{"aurora", "--cluster", "db", "--name", "s"},
		[]string{"atlas", "--cluster", "db", "--project", project}
	for name, c := range map[string]struct {
		standIns map[string]string
		args     []string
		want     string
		calls    int
	}{
		"no aws command": {nil, aurora,
			"the aws command is not on PATH; install it from https://docs.aws.amazon.com/cli/", 0},
		"no atlas command": {nil, atlas,
			"the atlas command is not on PATH; install it from https://www.mongodb.com/docs/atlas/cli/", 0},
		"aws refuses": {
			map[string]string{"aws": "echo 'DBClusterNotFoundFault' >&2; exit 254"}, aurora,
			"DBClusterNotFoundFault\nsnapshot: no snapshot of Aurora cluster \"db\" was taken; what aws says is above",
			1,
		},
		"aws waits in vain": {
			map[string]string{"aws": `[ "$2" != wait ]`}, aurora,
			`snapshot "s" has been asked for, but is not available yet; look at it with: aws rds ` +
				`describe-db-cluster-snapshots`, 2,
		},
		"atlas refuses": {map[string]string{"atlas": "exit 1"}, atlas,
			`no snapshot of Atlas cluster "db" was taken; what atlas says is above`, 1},
		"atlas answers oddly": {map[string]string{"atlas": "echo done"}, atlas,
			`atlas answered "done", want the id of a snapshot`, 1},
		"atlas waits in vain": {
			map[string]string{"atlas": `[ "$3" = create ] && echo 0a1b2c3d4e5f0a1b2c3d4e5f`}, atlas,
			"snapshot 0a1b2c3d4e5f0a1b2c3d4e5f has been asked for, but is not complete yet", 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := snapshot(t, c.standIns, c.args...)
			assert.Equal(t, 1, got.code)
			assert.Contains(t, got.errOut, c.want)
			assert.Len(t, got.calls, c.calls)
			assert.NotContains(t, got.out, "is available")
			assert.NotContains(t, got.out, "is complete")
		})
	}
}
