// Package toolchain finds or builds what the rehearsal runs: the Pulumi CLI and the program.
package toolchain

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/blang/semver"
	"golang.org/x/mod/sumdb/dirhash"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lock"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/trim"
)

const (
	cliModule  = "github.com/pulumi/pulumi/pkg/v3"
	cliPackage = cliModule + "/cmd/pulumi"
	// versionVariable is where the CLI keeps its own version. It is empty in a plain `go build`,
	// and then the engine cannot check what a program or a plugin requires.
	versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
	// firstBuild is what the first build of the CLI takes with nothing in Go's build cache.
	firstBuild = "about 2 minutes on two cores"
)

// oldest is the first version of the CLI that knows every flag and setting that the rehearsal uses.
var oldest = semver.MustParse("3.200.0")

// Builder builds into one folder, which several runs may share.
type Builder struct {
	Bin     string // the folder, which must exist
	Console *console.Console
	// ModuleDir is the folder of the Go module whose tool is the Pulumi CLI.
	ModuleDir string
	// WholeSDKs compiles the providers' SDKs as they are, as a real deploy does.
	WholeSDKs bool
}

// CLI is a Pulumi CLI that can be run.
type CLI struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Built   bool   `json:"built"` // from its Go module, rather than found on PATH
}

// CLI returns the CLI on PATH, else the one in the folder, else builds it. One on PATH that is too
// old is refused rather than passed over: a user who has a CLI expects it to be used.
func (b *Builder) CLI(ctx context.Context) (*CLI, error) {
	path, err := exec.LookPath("pulumi")
	switch {
	case err == nil:
		return found(ctx, path)
	case errors.Is(err, exec.ErrNotFound):
		return b.buildCLI(ctx)
	default:
		return nil, fmt.Errorf("find the Pulumi CLI on PATH: %w", err)
	}
}

func found(ctx context.Context, path string) (*CLI, error) {
	version, err := versionOf(ctx, path)
	if err != nil {
		return nil, err
	}
	parsed, err := semver.ParseTolerant(version)
	if err != nil {
		return nil, fmt.Errorf("read the version of %s: it says %q: %w: take it off PATH, and the rehearsal builds "+
			"a CLI of its own", path, version, err)
	}
	if parsed.LT(oldest) {
		return nil, fmt.Errorf("use the Pulumi CLI on PATH: %s is version %s, want v%s or newer: update it "+
			"(https://www.pulumi.com/docs/install/), or take it off PATH and the rehearsal builds a CLI of its own",
			path, version, oldest)
	}
	return &CLI{Path: path, Version: version}, nil
}

func versionOf(ctx context.Context, path string) (string, error) {
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", path, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// buildCLI builds the CLI when go.mod, or what stands in for modules, is not what the last build
// read: go's own check of the CLI's packages takes seconds in each run.
func (b *Builder) buildCLI(ctx context.Context) (*CLI, error) {
	goBinary, unlock, err := b.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()

	target, stamp := filepath.Join(b.Bin, "pulumi"), filepath.Join(b.Bin, "pulumi.go-mod")
	want, err := b.moduleHash()
	if err != nil {
		return nil, err
	}
	if upToDate(target, stamp, want) {
		version, err := versionOf(ctx, target)
		if err != nil {
			return nil, fmt.Errorf("%w: remove %s, and the next run builds it again", err, target)
		}
		return &CLI{Path: target, Version: version, Built: true}, nil
	}
	version, err := b.goList(ctx, goBinary)
	if err != nil {
		return nil, err
	}
	b.Console.Line("No pulumi on PATH: building %s %s from its Go module (the first time %s; kept in %s)", cliPackage,
		version, firstBuild, b.Bin)
	took, err := b.build(ctx, goBinary, job{
		what:   "Pulumi CLI",
		dir:    b.ModuleDir,
		pkg:    cliPackage,
		output: target,
		flags:  []string{"-ldflags", "-X " + versionVariable + "=" + version},
	})
	if err != nil {
		return nil, fmt.Errorf("build the Pulumi CLI: %w", err)
	}
	if err := os.WriteFile(stamp, []byte(want), 0o600); err != nil {
		return nil, fmt.Errorf("note which go.mod the Pulumi CLI was built from: %w", err)
	}
	b.Console.Line("Pulumi CLI built in %s", console.Duration(took))
	return &CLI{Path: target, Version: version, Built: true}, nil
}

// moduleHash identifies the module's dependencies, what stands in for some of them in the folder
// without, and the platform.
func (b *Builder) moduleHash() (string, error) {
	raw, err := os.ReadFile(filepath.Join(b.ModuleDir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("find the Go module of the rehearsal: %w: give its folder with --module", err)
	}
	standIns, err := dirhash.HashDir(filepath.Join(b.ModuleDir, "without"), "without", dirhash.Hash1)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read what the Pulumi CLI is built without: %w", err)
	}
	sum := sha256.Sum256(append(raw, standIns...))
	return fmt.Sprintf("%s/%s %s", runtime.GOOS, runtime.GOARCH, hex.EncodeToString(sum[:])), nil
}

func upToDate(target, stamp, want string) bool {
	if _, err := os.Stat(target); err != nil {
		return false
	}
	got, err := os.ReadFile(stamp)
	return err == nil && string(got) == want
}

// goList returns the version of the CLI's module.
func (b *Builder) goList(ctx context.Context, goBinary string) (string, error) {
	cmd := exec.CommandContext(ctx, goBinary, "list", "-m", "-f", "{{.Version}}", cliModule)
	cmd.Dir = b.ModuleDir
	var errOut strings.Builder
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("read the version of %s in %s: %w\n%s", cliModule, b.ModuleDir, err, errOut.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// Program builds the Pulumi program in dir and returns the binary, and the time that took.
func (b *Builder) Program(ctx context.Context, dir string) (path string, took time.Duration, err error) {
	goBinary, unlock, err := b.begin(ctx)
	if err != nil {
		return "", 0, err
	}
	defer unlock()
	modFile, err := b.trimSDKs(ctx, goBinary, dir)
	if err != nil {
		return "", 0, err
	}
	// go leaves a binary that is up to date as it is.
	path = filepath.Join(b.Bin, "program-"+projectKey(dir))
	took, err = b.build(ctx, goBinary, job{
		what:   "program",
		dir:    dir,
		pkg:    ".",
		output: path,
		flags:  []string{"-modfile", modFile},
	})
	if err != nil {
		return "", 0, fmt.Errorf("build the program in %s: %w", dir, err)
	}
	return path, took, nil
}

// SDKs writes the providers' SDKs with what the project in dir reaches of them, and returns the
// go.mod with which go compiles the project against these (see [trim.SDKs]).
func (b *Builder) SDKs(ctx context.Context, dir string) (modFile string, err error) {
	goBinary, unlock, err := b.begin(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	return b.trimSDKs(ctx, goBinary, dir)
}

// trimSDKs returns the project's own go.mod where the SDKs stay whole.
func (b *Builder) trimSDKs(ctx context.Context, goBinary, dir string) (modFile string, err error) {
	if b.WholeSDKs {
		return trim.GoMod(ctx, goBinary, dir)
	}
	progress := b.Console.Progress("trimming the SDKs of the providers to what the program reaches")
	defer progress.Done()
	return trim.SDKs(ctx, goBinary, dir, filepath.Join(b.Bin, "sdks-"+projectKey(dir)))
}

// projectKey keeps apart what is built for projects that share the folder.
func projectKey(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return hex.EncodeToString(sum[:4])
}

// begin finds the go command and locks the folder.
func (b *Builder) begin(ctx context.Context) (goBinary string, unlock func(), err error) {
	if goBinary, err = findGo(); err != nil {
		return "", nil, err
	}
	unlock, err = b.lock(ctx)
	return goBinary, unlock, err
}

func (b *Builder) lock(ctx context.Context) (func(), error) {
	held, err := lock.Wait(ctx, filepath.Join(b.Bin, "build.lock"), func() {
		b.Console.Line("Waiting for another rehearsal that builds into %s", b.Bin)
	})
	if err != nil {
		return nil, fmt.Errorf("lock the folder of the built programs: %w", err)
	}
	return held.Release, nil
}

// findGo returns the go command.
func findGo() (string, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("find Go on PATH: %w: the rehearsal builds the program with it: install Go 1.26 or "+
			"newer (https://go.dev/dl/) and put its bin folder on PATH", err)
	}
	return path, nil
}

// compilers are the settings with which go builds, the same as in the Makefile: a compiler collects
// garbage when its heap has grown fivefold, and harder from the limit on; a user's workspace is
// left aside, since go takes no -modfile in one.
var compilers = []string{"GOGC=400", "GOMEMLIMIT=2600MiB", "GOWORK=off"}

// Environ is the environment in which go builds: the process's own, with the settings of compilers
// that it does not have itself.
func Environ() []string {
	env := os.Environ()
	for _, setting := range compilers {
		if name, _, _ := strings.Cut(setting, "="); os.Getenv(name) == "" {
			env = append(env, setting)
		}
	}
	return env
}

// job is what go builds.
type job struct {
	what   string // for people
	dir    string // the folder in which go runs
	pkg    string
	output string   // the binary
	flags  []string // of go build and go list
}

// build runs the go command and shows what it compiles, and how long that still takes. The
// compiler's messages are in the error.
func (b *Builder) build(ctx context.Context, goBinary string, j job) (time.Duration, error) {
	args := append(append([]string{"build", "-v"}, j.flags...), "-o", j.output, j.pkg)
	cmd := exec.CommandContext(ctx, goBinary, args...) //nolint:gosec // the go command, on packages that are named here
	cmd.Dir, cmd.Env = j.dir, Environ()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", goBinary, err)
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("run %s: %w", goBinary, err)
	}
	progress := b.Console.Progress("building the " + j.what)
	left, weighed := &remaining{}, make(chan error, 1)
	listing, stopListing := context.WithCancel(ctx)
	go func() { weighed <- left.watch(listing, goBinary, j.dir, j.flags, j.pkg) }()
	messages, readErr := watch(pipe, progress, left)
	err = cmd.Wait()
	stopListing()
	listErr := <-weighed
	took := progress.Done()
	switch {
	case ctx.Err() != nil:
		return took, ctx.Err()
	case err != nil:
		return took, fmt.Errorf("go %s in %s: %w\n%s", strings.Join(args, " "), j.dir, err, messages)
	case readErr != nil:
		return took, fmt.Errorf("read the output of go: %w", readErr)
	}
	if listErr != nil { // the build itself is well
		b.Console.Line("How long it would take could not be told: %v", listErr)
	}
	return took, nil
}

// watch reads what `go build -v` prints: the packages that it compiles, which become progress, and
// messages, which it returns.
func watch(out io.Reader, progress *console.Progress, left *remaining) (messages string, err error) {
	var kept strings.Builder
	packages := 0
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "go: downloading "):
			progress.Note(strings.TrimPrefix(line, "go: "))
		case line != "" && !strings.ContainsAny(line, " \t:#"):
			packages++
			note := fmt.Sprintf("%d packages compiled, now %s", packages, line)
			left.compiled(line)
			if rest, known := left.estimate(time.Now()); known {
				note = "about " + console.Duration(rest) + " left, " + note
			}
			progress.Note(note)
		default:
			kept.WriteString(line + "\n")
		}
	}
	if err := lines.Err(); err != nil {
		// The command must not block on a pipe that nobody reads.
		_, _ = io.Copy(io.Discard, out)
		return kept.String(), err
	}
	return kept.String(), nil
}
