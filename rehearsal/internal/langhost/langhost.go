// Package langhost is a language host for Go programs that are built already: the plugin through
// which the Pulumi engine starts a program. A Pulumi CLI that is built from its Go module comes
// without one.
//
// It serves the LanguageRuntime service. The program is the binary that Pulumi.yaml names under
// runtime.options.binary; it gets what pulumi.Run reads from the environment, and its output goes
// to the engine. Nothing is compiled and nothing is installed.
package langhost

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Name is the file name under which the engine looks for the language host of Go.
const Name = "pulumi-language-go"

// stopDelay is how long a program may take to end after an interrupt.
const stopDelay = 5 * time.Second

// healthInterval is how often the host asks whether the engine that started it still lives.
const healthInterval = 10 * time.Second

// Serve runs the language host until ctx ends or the engine does. args are the arguments that the
// engine passes to a language plugin: flags for its logs and traces, then its own address. The port
// goes to out as the first line, and what the program prints follows it.
func Serve(ctx context.Context, args []string, out, errOut io.Writer) error {
	return serve(ctx, args, out, errOut, healthInterval)
}

func serve(ctx context.Context, args []string, out, errOut io.Writer, health time.Duration) error {
	address, err := engineAddress(args, errOut)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := rpcutil.Healthcheck(ctx, address, health, cancel); err != nil {
		return fmt.Errorf("watch the engine at %s: %w", address, err)
	}
	stop := make(chan bool)
	go func() {
		<-ctx.Done()
		close(stop)
	}()
	host := newHost(address, out, errOut)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("serve the language host: %w", err)
	}
	if _, err := fmt.Fprintf(out, "%d\n", handle.Port); err != nil {
		return fmt.Errorf("tell the engine the port of the language host: %w", err)
	}
	if err := <-handle.Done; err != nil {
		return fmt.Errorf("serve the language host: %w", err)
	}
	return nil
}

// engineAddress takes the engine's address from a language plugin's arguments. The flags in front
// of it are for logs and traces, which this host has none of.
func engineAddress(args []string, errOut io.Writer) (string, error) {
	flags := flag.NewFlagSet(Name, flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.String("tracing", "", "accepted, without effect")
	flags.Bool("logtostderr", false, "accepted, without effect")
	flags.Int("v", 0, "accepted, without effect")
	if err := flags.Parse(args); err != nil {
		return "", fmt.Errorf("read the arguments of the language host: %w", err)
	}
	if flags.NArg() != 1 {
		return "", fmt.Errorf("read the arguments of the language host: got %q, want one: the address of the engine",
			flags.Args())
	}
	return flags.Arg(0), nil
}

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	out, errOut io.Writer
	cancelled   context.Context // ends when the user stops the update
	cancel      context.CancelFunc

	mu     sync.Mutex
	engine string
}

func newHost(engine string, out, errOut io.Writer) *host {
	cancelled, cancel := context.WithCancel(context.Background())
	return &host{
		engine:    engine,
		out:       out,
		errOut:    errOut,
		cancelled: cancelled,
		cancel:    cancel,
	}
}

// Handshake takes the engine's address again: an engine that attaches to a running host has only
// this call for it.
func (h *host) Handshake(
	_ context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.engine = req.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetRequiredPackages names nothing: the engine would look up, and try to fetch, each plugin in its
// official version, where the workspace's Pulumi.yaml gives the plugins to use.
func (h *host) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// GetRequiredPlugins is what an older engine asks instead of GetRequiredPackages.
func (h *host) GetRequiredPlugins(
	context.Context, *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

// Run starts the program and waits for its end.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	binary, err := programBinary(req.GetInfo())
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(h.cancelled, stop)()
	h.mu.Lock()
	engine := h.engine
	h.mu.Unlock()
	env, err := programEnv(os.Environ(), req, engine)
	if err != nil {
		return nil, err
	}
	//nolint:gosec // to run the program of Pulumi.yaml is what a language host is for
	cmd := exec.CommandContext(ctx, binary)
	cmd.Dir = req.GetPwd()
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = h.out, h.errOut
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopDelay
	ended := cmd.Run()
	if err := noteUsage(cmd.ProcessState); err != nil {
		return nil, err
	}
	return outcome(binary, ended), nil
}

// outcome turns the end of a program into the engine's terms: bail means that the program has
// reported its error to the engine itself, which must not report it again.
func outcome(binary string, err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case errors.As(err, &exit) && exit.ExitCode() == constant.ExitStatusLoggedError:
		return &pulumirpc.RunResponse{Bail: true}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("run the program %s: %v", binary, err)}
	}
}

// Cancel interrupts the program. The engine calls it when the user stops an update, and starts no
// other with the same host.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancel()
	return &emptypb.Empty{}, nil
}

// programBinary is the program to run, an absolute path.
func programBinary(info *pulumirpc.ProgramInfo) (string, error) {
	binary, _ := info.GetOptions().AsMap()["binary"].(string)
	if binary == "" {
		return "", status.Errorf(codes.InvalidArgument,
			"find the program of %s: Pulumi.yaml has no runtime.options.binary, and this language host compiles "+
				"nothing: name the built program there", info.GetRootDirectory())
	}
	if !filepath.IsAbs(binary) {
		binary = filepath.Join(info.GetRootDirectory(), binary)
	}
	return binary, nil
}

// programEnv is base with what pulumi.Run reads. Entries of base under the same names are
// overridden, since os/exec takes the last.
func programEnv(base []string, req *pulumirpc.RunRequest, engine string) ([]string, error) {
	config, err := json.Marshal(req.GetConfig())
	if err != nil {
		return nil, fmt.Errorf("encode the configuration for the program: %w", err)
	}
	secretKeys, err := json.Marshal(req.GetConfigSecretKeys())
	if err != nil {
		return nil, fmt.Errorf("encode the names of secret configuration for the program: %w", err)
	}
	return append(append([]string(nil), base...),
		pulumi.EnvOrganization+"="+req.GetOrganization(),
		pulumi.EnvProject+"="+req.GetProject(),
		pulumi.EnvPulumiRootDirectory+"="+req.GetInfo().GetRootDirectory(),
		pulumi.EnvStack+"="+req.GetStack(),
		pulumi.EnvConfig+"="+string(config),
		pulumi.EnvConfigSecretKeys+"="+string(secretKeys),
		pulumi.EnvDryRun+"="+strconv.FormatBool(req.GetDryRun()),
		pulumi.EnvParallel+"="+strconv.Itoa(int(req.GetParallel())),
		pulumi.EnvMonitor+"="+req.GetMonitorAddress(),
		pulumi.EnvEngine+"="+engine,
	), nil
}

// GetPluginInfo names no version: this host is part of the rehearsal and has none of its own.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{}, nil
}

// InstallDependencies has nothing to do: the program is built.
func (h *host) InstallDependencies(
	*pulumirpc.InstallDependenciesRequest, grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse],
) error {
	return nil
}

// About tells `pulumi about` where this host is and which Go built it.
func (h *host) About(context.Context, *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the language host's own file: %w", err)
	}
	return &pulumirpc.AboutResponse{Executable: self, Version: runtime.Version()}, nil
}

// GetProgramDependencies reads the modules from the binary, where the Go linker has recorded them.
// The list is flat: it says nothing of which module needs which, so all count as direct.
func (h *host) GetProgramDependencies(
	_ context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	binary, err := programBinary(req.GetInfo())
	if err != nil {
		return nil, err
	}
	build, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("read the modules of the program %s: %w", binary, err)
	}
	resp := &pulumirpc.GetProgramDependenciesResponse{}
	for _, module := range build.Deps {
		resp.Dependencies = append(resp.Dependencies,
			&pulumirpc.DependencyInfo{Name: module.Path, Version: module.Version})
	}
	return resp, nil
}
