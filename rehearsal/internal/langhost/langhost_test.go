package langhost

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// The programs that this test binary is under another name.
const (
	printer  = "program-prints-its-environment"
	logged   = "program-exits-with-a-logged-error"
	crashing = "program-exits-with-3"
	waiting  = "program-waits-for-an-interrupt"
)

func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case printer:
		dir, err := os.Getwd()
		if err != nil {
			panic(err)
		}
		fmt.Println("in " + dir)
		for _, entry := range os.Environ() {
			if strings.HasPrefix(entry, "PULUMI_") {
				fmt.Println(entry)
			}
		}
		fmt.Fprintln(os.Stderr, "to stderr")
	case logged:
		os.Exit(32)
	case crashing:
		os.Exit(3)
	case waiting:
		interrupt := make(chan os.Signal, 1)
		signal.Notify(interrupt, os.Interrupt)
		fmt.Println("waiting")
		<-interrupt
		os.Exit(32)
	default:
		os.Exit(m.Run())
	}
}

// program links this binary under a name and returns what Pulumi.yaml would say of it.
func program(t *testing.T, name string) *pulumirpc.ProgramInfo {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	root := t.TempDir()
	require.NoError(t, os.Symlink(self, filepath.Join(root, name)))
	return info(t, root, map[string]any{"binary": name})
}

func info(t *testing.T, root string, options map[string]any) *pulumirpc.ProgramInfo {
	t.Helper()
	o, err := structpb.NewStruct(options)
	require.NoError(t, err)
	return &pulumirpc.ProgramInfo{RootDirectory: root, ProgramDirectory: root, Options: o}
}

// engine is an engine's server, of which a plugin only asks whether it lives.
func engine(t *testing.T) (address string, stop func()) {
	t.Helper()
	cancel := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel, Init: func(*grpc.Server) error { return nil },
	})
	require.NoError(t, err)
	var stopped bool
	stop = func() {
		if !stopped {
			stopped = true
			close(cancel)
		}
	}
	t.Cleanup(stop)
	return fmt.Sprintf("127.0.0.1:%d", handle.Port), stop
}

// running is a language host, with the lines that it prints after its port.
type running struct {
	client     pulumirpc.LanguageRuntimeClient
	lines      *bufio.Scanner
	errOut     *bytes.Buffer
	engine     string
	stopEngine func()
	stop       func()
	ended      chan error
}

func start(t *testing.T) *running {
	t.Helper()
	r := &running{errOut: &bytes.Buffer{}, ended: make(chan error, 1)}
	r.engine, r.stopEngine = engine(t)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.stop = cancel
	reader, writer := io.Pipe()
	go func() {
		r.ended <- serve(ctx, []string{"--logtostderr", "-v=9", r.engine}, writer, r.errOut, 50*time.Millisecond)
	}()
	r.lines = bufio.NewScanner(reader)
	conn, err := grpc.NewClient("127.0.0.1:"+r.line(t), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	r.client = pulumirpc.NewLanguageRuntimeClient(conn)
	return r
}

func (r *running) line(t *testing.T) string {
	t.Helper()
	require.True(t, r.lines.Scan(), r.lines.Err())
	return r.lines.Text()
}

func TestRunGivesTheProgramWhatPulumiRunReads(t *testing.T) {
	r := start(t)
	pwd := t.TempDir()
	req := &pulumirpc.RunRequest{
		Project:          "shop",
		Stack:            "prod",
		Organization:     "organization",
		Pwd:              pwd,
		Info:             program(t, printer),
		Config:           map[string]string{"shop:a": `{"b":1}`},
		ConfigSecretKeys: []string{"shop:a"},
		DryRun:           true,
		Parallel:         7,
		MonitorAddress:   "127.0.0.1:1",
	}
	t.Setenv("PULUMI_STACK", "overridden")
	type answer struct {
		resp *pulumirpc.RunResponse
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		resp, err := r.client.Run(context.Background(), req)
		answered <- answer{resp, err}
	}()
	assert.Equal(t, "in "+pwd, r.line(t))
	got := map[string]string{}
	for range 10 {
		name, value, _ := strings.Cut(r.line(t), "=")
		got[name] = value
	}
	a := <-answered
	require.NoError(t, a.err)
	assert.Empty(t, a.resp.GetError())
	assert.False(t, a.resp.GetBail())
	assert.JSONEq(t, `{"shop:a":"{\"b\":1}"}`, got["PULUMI_CONFIG"])
	delete(got, "PULUMI_CONFIG")
	assert.Equal(t, map[string]string{
		"PULUMI_ORGANIZATION":       "organization",
		"PULUMI_PROJECT":            "shop",
		"PULUMI_STACK":              "prod",
		"PULUMI_ROOT_DIRECTORY":     req.Info.RootDirectory,
		"PULUMI_CONFIG_SECRET_KEYS": `["shop:a"]`,
		"PULUMI_DRY_RUN":            "true",
		"PULUMI_PARALLEL":           "7",
		"PULUMI_MONITOR":            "127.0.0.1:1",
		"PULUMI_ENGINE":             r.engine,
	}, got)
	assert.Equal(t, "to stderr\n", r.errOut.String())
}

func TestTheEndOfAProgram(t *testing.T) {
	r := start(t)
	run := func(info *pulumirpc.ProgramInfo) *pulumirpc.RunResponse {
		resp, err := r.client.Run(context.Background(), &pulumirpc.RunRequest{Info: info, Pwd: info.RootDirectory})
		require.NoError(t, err)
		return resp
	}
	t.Run("an error that the program reported is not reported again", func(t *testing.T) {
		resp := run(program(t, logged))
		assert.True(t, resp.GetBail())
		assert.Empty(t, resp.GetError())
	})
	t.Run("any other exit code is an error", func(t *testing.T) {
		resp := run(program(t, crashing))
		assert.False(t, resp.GetBail())
		assert.Contains(t, resp.GetError(), crashing+": exit status 3")
	})
	t.Run("a program that is not there is an error", func(t *testing.T) {
		resp := run(info(t, t.TempDir(), map[string]any{"binary": "missing"}))
		assert.False(t, resp.GetBail())
		assert.Contains(t, resp.GetError(), "no such file or directory")
	})
}

func TestAProjectThatNamesNoBinaryIsRefused(t *testing.T) {
	r := start(t)
	for _, options := range []map[string]any{nil, {"binary": ""}, {"binary": 3}, {"buildTarget": "x"}} {
		_, err := r.client.Run(context.Background(), &pulumirpc.RunRequest{Info: info(t, "/project", options)})
		require.ErrorContains(t, err, "find the program of /project: Pulumi.yaml has no runtime.options.binary")
	}
}

func TestCancelInterruptsTheProgram(t *testing.T) {
	r := start(t)
	answered := make(chan *pulumirpc.RunResponse, 1)
	info := program(t, waiting)
	go func() {
		resp, err := r.client.Run(context.Background(), &pulumirpc.RunRequest{Info: info, Pwd: info.RootDirectory})
		assert.NoError(t, err)
		answered <- resp
	}()
	assert.Equal(t, "waiting", r.line(t))
	_, err := r.client.Cancel(context.Background(), &emptypb.Empty{})
	require.NoError(t, err)
	select {
	case resp := <-answered:
		assert.True(t, resp.GetBail())
	case <-time.After(stopDelay):
		t.Fatal("the program goes on")
	}
}

func TestTheHostEndsWithItsContextAndWithItsEngine(t *testing.T) {
	for name, end := range map[string]func(*running){
		"context": func(r *running) { r.stop() },
		"engine":  func(r *running) { r.stopEngine() },
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			end(r)
			select {
			case err := <-r.ended:
				assert.NoError(t, err)
			case <-time.After(5 * time.Second):
				t.Fatal("the host goes on")
			}
		})
	}
}

func TestHandshakeGivesTheEnginesAddress(t *testing.T) {
	r := start(t)
	_, err := r.client.Handshake(context.Background(),
		&pulumirpc.LanguageHandshakeRequest{EngineAddress: "127.0.0.1:9"})
	require.NoError(t, err)
	info := program(t, printer)
	go func() {
		_, _ = r.client.Run(context.Background(), &pulumirpc.RunRequest{Info: info, Pwd: info.RootDirectory})
	}()
	for line := r.line(t); ; line = r.line(t) {
		if address, ok := strings.CutPrefix(line, "PULUMI_ENGINE="); ok {
			assert.Equal(t, "127.0.0.1:9", address)
			return
		}
	}
}

func TestWhatPulumiAsksBesideRunning(t *testing.T) {
	r := start(t)
	ctx := context.Background()
	packages, err := r.client.GetRequiredPackages(ctx, &pulumirpc.GetRequiredPackagesRequest{})
	require.NoError(t, err)
	assert.Empty(t, packages.GetPackages())
	about, err := r.client.About(ctx, &pulumirpc.AboutRequest{})
	require.NoError(t, err)
	assert.FileExists(t, about.GetExecutable())
	plugin, err := r.client.GetPluginInfo(ctx, &emptypb.Empty{})
	require.NoError(t, err)
	assert.Empty(t, plugin.GetVersion())
	install, err := r.client.InstallDependencies(ctx, &pulumirpc.InstallDependenciesRequest{})
	require.NoError(t, err)
	_, err = install.Recv()
	assert.True(t, errors.Is(err, io.EOF), "%v", err)
}

func TestTheProgramsModulesAreReadFromItsBinary(t *testing.T) {
	// A test binary records no modules, so this one is built.
	binary := filepath.Join(t.TempDir(), "program")
	out, err := exec.Command("go", "build", "-o", binary, "../../cmd/rehearse/testdata/program").CombinedOutput()
	require.NoError(t, err, string(out))
	r := start(t)
	resp, err := r.client.GetProgramDependencies(context.Background(),
		&pulumirpc.GetProgramDependenciesRequest{Info: info(t, "/project", map[string]any{"binary": binary})})
	require.NoError(t, err)
	versions := map[string]string{}
	for _, d := range resp.GetDependencies() {
		versions[d.GetName()] = d.GetVersion()
	}
	assert.Regexp(t, `^v3\.`, versions["github.com/pulumi/pulumi/sdk/v3"])
}

func TestArgumentsOfALanguagePlugin(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
		err  string
	}{
		"the address": {args: []string{"127.0.0.1:1"}, want: "127.0.0.1:1"},
		"flags for logs and traces": {
			args: []string{"--logtostderr", "-v=3", "--tracing", "file:x", "127.0.0.1:1"},
			want: "127.0.0.1:1",
		},
		"no address": {args: nil, err: "want one: the address of the engine"},
		"an unknown flag": {
			args: []string{"--root", "x", "127.0.0.1:1"},
			err:  "read the arguments of the language host",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := engineAddress(c.args, io.Discard)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}
