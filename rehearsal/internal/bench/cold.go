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

	"github.com/bookmark-manager/infrastructure/internal/quoting"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/meter"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/toolchain"
)

// The targets of a build with nothing in Go's build cache.
const (
	targetCold     = 3 * time.Minute // on two idle cores
	targetCompiler = 3 << 30         // bytes, of each process
)

// heaviest is how many packages are listed.
const heaviest = 30

// cold builds the program with an empty build cache, prints the packages that took most, and
// returns the rows for the table.
func (b *bench) cold(ctx context.Context) (rows [][]string, err error) {
	dir, err := os.MkdirTemp("", "cold")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the cold build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	progress := b.console.Progress("building the program with an empty build cache")
	options := b.Options
	options.Bin = dir
	builder, err := run.NewBuilder(options, b.console)
	if err != nil {
		return nil, err
	}
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
	all []meter.Compiled, took time.Duration, err error,
) {
	tool, notes := filepath.Join(builder.Bin, "meter"), filepath.Join(builder.Bin, "compiles.jsonl")
	build := exec.CommandContext(ctx, "go", "build", "-o", tool, "./cmd/meter") //nolint:gosec // the go command
	build.Dir, build.Env = builder.ModuleDir, toolchain.Environ()
	if out, err := build.CombinedOutput(); err != nil {
		return nil, 0, fmt.Errorf("build the meter of the compilers: %w\n%s", err, out)
	}
	start := time.Now()
	modFile, err := builder.SDKs(ctx, project)
	if err != nil {
		return nil, 0, err
	}
	args := []string{
		"build", "-modfile", modFile, "-toolexec", quoting.Go(tool), "-o", filepath.Join(builder.Bin, "program"), ".",
	}
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the go command, on the project
	cmd.Dir = project
	cmd.Env = append(toolchain.Environ(), "GOCACHE="+cache, meter.NotesEnv+"="+notes)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, 0, fmt.Errorf("build the program in %s with the build cache %s: %w\n%s", project, cache, err, out)
	}
	took = time.Since(start)
	all, err = readCompiles(notes)
	return all, took, err
}

func readCompiles(path string) (all []meter.Compiled, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read what the compilers took: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var one meter.Compiled
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

func totalCPU(all []meter.Compiled) (sum time.Duration) {
	for _, one := range all {
		sum += one.CPU
	}
	return sum
}

func coldRows(took time.Duration, all []meter.Compiled) [][]string {
	largest := slices.MaxFunc(all, func(a, b meter.Compiled) int { return cmp.Compare(a.PeakBytes, b.PeakBytes) })
	return [][]string{
		row("build of the program with an empty build cache",
			console.Duration(took), console.Duration(targetCold), took <= targetCold),
		row("peak memory of one process of it: "+largest.Tool+" "+largest.Package, mebibytes(largest.PeakBytes),
			mebibytes(targetCompiler), largest.PeakBytes <= targetCompiler),
	}
}

// heaviestRows are the packages by the time on the CPU of their tools, the linker among them.
func heaviestRows(all []meter.Compiled) [][]string {
	byPackage := map[string]*meter.Compiled{}
	for _, one := range all {
		name := one.Package
		if one.Tool == "link" {
			name = "(linker)"
		}
		sum := byPackage[name]
		if sum == nil {
			sum = &meter.Compiled{Package: name}
			byPackage[name] = sum
		}
		sum.CPU += one.CPU
		sum.Took += one.Took
		sum.PeakBytes = max(sum.PeakBytes, one.PeakBytes)
	}
	var sums []meter.Compiled
	for _, sum := range byPackage {
		sums = append(sums, *sum)
	}
	slices.SortFunc(sums, func(a, b meter.Compiled) int {
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
