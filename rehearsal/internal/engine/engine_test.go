package engine

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeCLI is an engine whose CLI is a script of the shell. The script finds the file of the event
// log in $events.
func fakeCLI(t *testing.T, script string) (*Engine, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	cli := filepath.Join(dir, "pulumi")
	find := `#!/bin/sh
events=; previous=
for arg; do test "$previous" = --event-log && events=$arg; previous=$arg; done
`
	require.NoError(t, os.WriteFile(cli, []byte(find+script), 0o755))
	out := &bytes.Buffer{}
	return &Engine{
		CLI:   cli,
		Dir:   dir,
		Env:   []string{"PATH=" + os.Getenv("PATH"), "GREETING=hello"},
		Stack: "prod",
		Logs:  dir,
		Out:   out,
	}, out
}

const changing = `
cat > "$events" <<'END'
{"sequence":1,"resourcePreEvent":{"metadata":{"op":"same","urn":"urn:a","type":"x:y:A"},"planning":true}}
{"sequence":2,"resourcePreEvent":{"metadata":{"op":"update","urn":"urn:b","type":"x:y:B","diffs":["tags"]},"planning":true}}
{"sequence":3,"resOutputsEvent":{"metadata":{"op":"same","urn":"urn:a","type":"x:y:A"},"planning":true}}
{"sequence":4,"resOutputsEvent":{"metadata":{"op":"update","urn":"urn:b","type":"x:y:B"},"planning":true}}
{"sequence":5,"summaryEvent":{"resourceChanges":{"same":1,"update":1}}}
END
echo "$GREETING $*"
echo oops >&2
`

func TestAnOperationGivesWhatTheEngineDid(t *testing.T) {
	e, out := fakeCLI(t, changing)
	result, err := e.Operation(context.Background(), "first", "preview", "--diff")
	require.NoError(t, err)

	assert.Equal(t, map[string]int{"same": 1, "update": 1}, result.Counts)
	assert.Equal(t, 1, result.Changed())
	assert.Equal(t, []Change{{Op: "update", Type: "x:y:B", URN: "urn:b", Diffs: []string{"tags"}}}, result.Changes)
	assert.Equal(t, []Event{{Op: "update", URN: "urn:b"}, {Op: "update", URN: "urn:b", Done: true}}, result.Timeline)

	printed := "hello preview --diff --stack prod --event-log " + e.Logs +
		"/first.events.jsonl --suppress-progress --non-interactive --color never\noops\n"
	assert.Equal(t, printed, out.String())
	log, err := os.ReadFile(result.Log)
	require.NoError(t, err)
	assert.Equal(t, printed, string(log))
}

func TestTheEnginesErrorsAreToldWithTheirResources(t *testing.T) {
	e, _ := fakeCLI(t, `cat > "$events" <<'END'
{"sequence":1,"diagnosticEvent":{"urn":"urn:a","severity":"error","message":"<{%reset%}>api error NotImplemented: no<{%reset%}>\n"}}
{"sequence":2,"diagnosticEvent":{"urn":"urn:a","severity":"warning","message":"deprecated"}}
END`)
	result, err := e.Operation(context.Background(), "first", "up")
	require.NoError(t, err)
	assert.Equal(t, []Problem{{URN: "urn:a", Message: "api error NotImplemented: no\n"}}, result.Problems)
}

func TestColoursAreAskedForWhenTheyShow(t *testing.T) {
	e, out := fakeCLI(t, `echo "$*"`)
	e.Colour = true
	_, err := e.Operation(context.Background(), "first", "up")
	require.NoError(t, err)
	assert.Contains(t, out.String(), "--color always")
}

func TestAFailedOperationStillGivesItsResult(t *testing.T) {
	e, _ := fakeCLI(t, changing+"exit 3")
	result, err := e.Operation(context.Background(), "first", "up")
	require.EqualError(t, err, "run pulumi up: exit status 3")
	assert.Equal(t, 1, result.Changed())
}

func TestAnOperationThatEndsBeforeTheEngineStartsHasNoEvents(t *testing.T) {
	e, _ := fakeCLI(t, "exit 1")
	result, err := e.Operation(context.Background(), "first", "up")
	require.EqualError(t, err, "run pulumi up: exit status 1")
	assert.Empty(t, result.Counts)
	assert.Empty(t, result.Changes)
}

func TestEventsThatAreNotEventsAreAnError(t *testing.T) {
	e, _ := fakeCLI(t, `echo 'not json' > "$events"`)
	_, err := e.Operation(context.Background(), "first", "up")
	require.ErrorContains(t, err, "read the events of the engine in "+e.Logs+"/first.events.jsonl")
}

func TestHalfAnEventIsWhatAKilledEngineLeaves(t *testing.T) {
	e, _ := fakeCLI(t,
		`printf '{"sequence":1,"summaryEvent":{"resourceChanges":{"create":2}}}\n{"sequence":2,"diag' > "$events"`)
	result, err := e.Operation(context.Background(), "first", "up")
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"create": 2}, result.Counts)
}

func TestAnInterruptReachesTheCLIAndTheRunEnds(t *testing.T) {
	e, out := fakeCLI(t, `trap 'echo interrupted; exit 255' INT
echo started
while :; do sleep 0.05; done`)
	ctx, cancel := context.WithCancel(context.Background())
	e.Out = writerFunc(func(p []byte) (int, error) {
		cancel() // at the first output
		return out.Write(p)
	})
	start := time.Now()
	_, err := e.Operation(ctx, "first", "up")
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "started\ninterrupted\n", out.String())
	assert.Less(t, time.Since(start), stopDelay)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestACommandThatFailsSaysWhatTheCLISaid(t *testing.T) {
	e, out := fakeCLI(t, "echo no such stack >&2; exit 1")
	err := e.Command(context.Background(), "stack", "init")
	require.EqualError(t, err, "run pulumi stack: exit status 1\nno such stack\n")
	assert.Empty(t, out.String())
}

func TestResourcesAreReadFromTheExport(t *testing.T) {
	e, _ := fakeCLI(t, `echo '{"version":3,"deployment":{"resources":[{"urn":"urn:a","type":"x:y:A","custom":true}]}}'`)
	resources, err := e.Resources(context.Background())
	require.NoError(t, err)
	require.Len(t, resources, 1)
	assert.Equal(t, resource.URN("urn:a"), resources[0].URN)

	e, _ = fakeCLI(t, `echo 'no JSON'`)
	_, err = e.Resources(context.Background())
	require.ErrorContains(t, err, "read the exported stack")
}

func TestResourcesCountForTheComponentTheyHangUnder(t *testing.T) {
	resources := []apitype.ResourceV3{
		{URN: "stack", Type: "pulumi:pulumi:Stack"},
		{URN: "provider", Type: "pulumi:providers:aws", Custom: true, Parent: "stack"},
		{URN: "network", Type: "shop:network:Network", Parent: "stack"},
		{URN: "vpc", Type: "aws:ec2/vpc:Vpc", Custom: true, Parent: "network"},
		{URN: "subnet", Type: "aws:ec2/subnet:Subnet", Custom: true, Parent: "vpc"},
		{URN: "service", Type: "shop:compute:Service", Parent: "stack"},
		{URN: "roles", Type: "shop:iam:Roles", Parent: "service"},
		{URN: "role", Type: "aws:iam/role:Role", Custom: true, Parent: "roles"},
		{URN: "task", Type: "aws:ecs/taskDefinition:TaskDefinition", Custom: true, Parent: "service"},
		{URN: "loose", Type: "random:index/randomId:RandomId", Custom: true, Parent: "stack"},
	}
	assert.Equal(t, map[string]int{"network": 2, "iam": 1, "compute": 1, "random (provider)": 1},
		CountByPackage("shop", resources))
	assert.Empty(t, CountByPackage("shop", nil))
}
