package bench

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/langhost"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/quoting"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/toolchain"
)

// The targets of a build with nothing in Go's build cache.
const (
	targetCold     = 3 * time.Minute // on two idle cores
	targetCompiler = 3 << 30         // bytes, of each process
)

// heaviest is how many packages are listed.
const heaviest = 30

// compilesEnv is the file to which this command, run by go in the place of its tools, adds what
// each took.
const compilesEnv = "REHEARSAL_COMPILES"

// compiled is one run of a tool of go's: the compiler, the linker, the assembler.
type compiled struct {
	Package   string        `json:"package"`
	Tool      string        `json:"tool"`
	Took      time.Duration `json:"took"`
	CPU       time.Duration `json:"cpu"`
	PeakBytes int64         `json:"peakBytes"`
}

// ToolName is the name under which this binary is the -toolexec of a build that is measured.
const ToolName = "rehearse-tool"

// Tool runs a tool of go's, as `go build -toolexec` calls it, and adds what it took to the file
// that $REHEARSAL_COMPILES names. It returns the tool's exit code.
func Tool(args []string) (int, error) {
	if len(args) == 0 {
		return 0, errors.New("run a tool of go's: none is named")
	}
	path := os.Getenv(compilesEnv)
	if path == "" {
		return 0, fmt.Errorf("run %s: %s names no file", args[0], compilesEnv)
	}
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // go calls it, and ends it with itself
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("run a tool of go's: %w", err)
	}
	if slices.Contains(args, "-V=full") {
		return cmd.ProcessState.ExitCode(), nil // go asks the tool for its version
	}
	one := compiled{
		Package:   os.Getenv("TOOLEXEC_IMPORTPATH"),
		Tool:      filepath.Base(args[0]),
		Took:      time.Since(start),
		CPU:       cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		PeakBytes: langhost.PeakBytes(cmd.ProcessState),
	}
	return cmd.ProcessState.ExitCode(), appendLine(path, one)
}

// appendLine adds one line in one write, so that those of processes beside it stay whole.
func appendLine(path string, one compiled) (err error) {
	raw, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("note what %s took: %w", one.Package, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("note what %s took: %w", one.Package, err)
	}
	_, err = file.Write(append(raw, '\n'))
	return errors.Join(err, file.Close())
}

// cold builds the program with an empty build cache, prints the packages that took most, and
// returns the rows for the table.
func (b *bench) cold(ctx context.Context) (rows [][]string, err error) {
	dir, err := os.MkdirTemp("", "cold")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the cold build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	progress := b.console.Progress("building the program with an empty build cache")
	builder := &toolchain.Builder{Bin: dir, Console: b.console, WholeSDKs: b.WholeSDKs}
	all, took, err := measure(ctx, builder, b.Project, filepath.Join(dir, "cache"))
	progress.Done()
	if err != nil {
		return nil, err
	}
	b.console.Heading("What took most of %s of CPU: the %d heaviest packages", console.Duration(totalCPU(all)),
		heaviest)
	b.console.Table("   ", heaviestRows(all))
	size, err := os.Stat(filepath.Join(dir, "program"))
	if err != nil {
		return nil, fmt.Errorf("measure the program: %w", err)
	}
	return append(coldRows(took, all), row("size of the program", mebibytes(size.Size()), "", true)), nil
}

// measure trims the SDKs of project and builds its program into the builder's folder, with a build
// cache, and returns each run of a tool.
func measure(ctx context.Context, builder *toolchain.Builder, project, cache string) (
	all []compiled, took time.Duration, err error,
) {
	start, dir := time.Now(), builder.Bin
	modFile, err := builder.SDKs(ctx, project)
	if err != nil {
		return nil, 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, 0, fmt.Errorf("find the rehearsal's own file: %w", err)
	}
	tool, notes := filepath.Join(dir, ToolName), filepath.Join(dir, "compiles.jsonl")
	if err := os.Symlink(self, tool); err != nil {
		return nil, 0, fmt.Errorf("link the meter of the compilers: %w", err)
	}
	args := []string{
		"build", "-modfile", modFile, "-toolexec", quoting.Go(tool), "-o", filepath.Join(dir, "program"), ".",
	}
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the go command, on the project
	cmd.Dir = project
	cmd.Env = append(toolchain.Environ(), "GOCACHE="+cache, compilesEnv+"="+notes)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, 0, fmt.Errorf("build the program in %s with the build cache %s: %w\n%s", project, cache, err, out)
	}
	took = time.Since(start)
	all, err = readCompiles(notes)
	return all, took, err
}

func readCompiles(path string) (all []compiled, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read what the compilers took: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var one compiled
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("read what the compilers took: %w", err)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, errors.New("read what the compilers took: go ran none of its tools")
	}
	return all, nil
}

func totalCPU(all []compiled) (sum time.Duration) {
	for _, one := range all {
		sum += one.CPU
	}
	return sum
}

func coldRows(took time.Duration, all []compiled) [][]string {
	largest := slices.MaxFunc(all, func(a, b compiled) int { return cmp.Compare(a.PeakBytes, b.PeakBytes) })
	return [][]string{
		row("build of the program with an empty build cache",
			console.Duration(took), console.Duration(targetCold), took <= targetCold),
		row("peak memory of one process of it: "+largest.Tool+" "+largest.Package, mebibytes(largest.PeakBytes),
			mebibytes(targetCompiler), largest.PeakBytes <= targetCompiler),
	}
}

// heaviestRows are the packages by the time on the CPU of their tools, the linker among them.
func heaviestRows(all []compiled) [][]string {
	byPackage := map[string]*compiled{}
	for _, one := range all {
		name := one.Package
		if one.Tool == "link" {
			name = "(linker)"
		}
		sum := byPackage[name]
		if sum == nil {
			sum = &compiled{Package: name}
			byPackage[name] = sum
		}
		sum.CPU += one.CPU
		sum.Took += one.Took
		sum.PeakBytes = max(sum.PeakBytes, one.PeakBytes)
	}
	var sums []compiled
	for _, sum := range byPackage {
		sums = append(sums, *sum)
	}
	slices.SortFunc(sums, func(a, b compiled) int {
		return cmp.Or(cmp.Compare(b.CPU, a.CPU), cmp.Compare(a.Package, b.Package))
	})
	rows := [][]string{{"package", "CPU", "wall", "peak memory"}}
	for _, one := range sums[:min(heaviest, len(sums))] {
		rows = append(rows, []string{
			one.Package, strconv.FormatFloat(one.CPU.Seconds(), 'f', 1, 64) + "s",
			strconv.FormatFloat(one.Took.Seconds(), 'f', 1, 64) + "s", mebibytes(one.PeakBytes),
		})
	}
	return rows
}
