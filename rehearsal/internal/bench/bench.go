// Package bench measures what people wait for: previews of a stack as a whole process, beside the
// floor that the engine and the SDKs set; the start of the program; the tests; a whole rehearsal.
//
// Timings of a busy machine say little. What is compared is therefore measured in turns, and the
// ratios are of one turn each.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/langhost"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/toolchain"
)

// The targets. A number over its target is shown as such and is no failure: a benchmark is not a
// test.
const (
	targetFloor     = 2.5 // previews, over the floor's
	targetGrowth    = 5.5 // 50 services over 10
	targetStart     = 100 * time.Millisecond
	targetPeak      = 250 << 20 // bytes
	targetTests     = 30 * time.Second
	targetRehearsal = time.Minute
)

// The sizes that the growth compares, in services.
const few, many = 10, 50

// header stands above the rows.
var header = []string{"what", "measured", "target", ""}

// starts is how often the program is started: one start is short, and the least of many is the
// program's own.
const starts = 20

// subject is one program on one stack, previewed again and again.
type subject struct {
	name      string
	rehearsal *run.Rehearsal
	took      []time.Duration // by turn
	cpu       []time.Duration // by turn: the CLI, the engine, the program and the plugins
	usage     langhost.Usage  // of the program, in the last turn
}

// Options are what a user chooses of the measurement.
type Options struct {
	Turns int  // how often each preview runs, 1 or more
	Short bool // leaves out the tests and the rehearsal, which take minutes
	Cold  bool // builds the program with an empty build cache, and nothing else
}

// Run measures and prints a table.
func Run(ctx context.Context, o run.Options, chosen Options, c *console.Console) (err error) {
	if chosen.Turns < 1 {
		return &run.UsageError{Err: fmt.Errorf("read the flag --turns: it is %d, want 1 or more", chosen.Turns)}
	}
	if o.AWS != run.Model || o.Keep {
		return &run.UsageError{
			Err: errors.New("measure with the model of AWS, and keep nothing: drop --aws and --keep"),
		}
	}
	b := &bench{Options: o, console: c}
	if chosen.Cold {
		rows, err := b.cold(ctx)
		if err != nil {
			return err
		}
		c.Heading("The first build")
		c.Table("   ", append([][]string{header}, append(rows, cliRow())...))
		return nil
	}
	program, floor, err := build(ctx, o, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	for _, s := range []struct {
		name, program string
		services      int
	}{
		{"floor", floor, 0},
		{o.Stack, program, 0},
		{fmt.Sprintf("%s with %d services", o.Stack, few), program, few},
		{fmt.Sprintf("%s with %d services", o.Stack, many), program, many},
	} {
		if err := b.add(ctx, s.name, s.program, s.services); err != nil {
			return err
		}
	}
	if err := b.previews(ctx, chosen.Turns); err != nil {
		return err
	}
	rows := b.rows()
	start, err := leastStart(ctx, program)
	if err != nil {
		return err
	}
	sizes, err := sizeRows(b.Bin, program)
	if err != nil {
		return err
	}
	rows = append(rows, sizes...)
	rows = append(rows, row(fmt.Sprintf("start of the program, least of %d", starts), milliseconds(start),
		milliseconds(targetStart), start <= targetStart))
	if !chosen.Short {
		long, err := b.long(ctx)
		if err != nil {
			return err
		}
		rows = append(rows, long...)
	}
	c.Heading("Measured in %d turns", chosen.Turns)
	c.Table("   ", append([][]string{header}, rows...))
	return nil
}

// sizeRows are the sizes of what is built, as they lie on the disk.
func sizeRows(bin, program string) ([][]string, error) {
	rows := [][]string{}
	for _, one := range []struct{ name, path string }{
		{"program", program},
		{"Pulumi CLI", filepath.Join(bin, "pulumi")},
	} {
		info, err := os.Stat(one.path)
		if errors.Is(err, os.ErrNotExist) {
			continue // the CLI is one on the PATH
		}
		if err != nil {
			return nil, fmt.Errorf("measure the %s: %w", one.name, err)
		}
		rows = append(rows, row("size of the "+one.name, mebibytes(info.Size()), "", true))
	}
	return rows, nil
}

// cliRow says whether a first run builds the CLI as well.
func cliRow() []string {
	const what, want = "build of the Pulumi CLI", "only without one on the PATH"
	if path, err := exec.LookPath("pulumi"); err == nil {
		return row(what, "none: "+path+" is used", want, true)
	}
	return row(what, "yes: there is none on the PATH", want, true)
}

// long are the rows about what takes minutes.
func (b *bench) long(ctx context.Context) ([][]string, error) {
	tests, err := b.tests(ctx)
	if err != nil {
		return nil, err
	}
	whole, err := b.rehearse(ctx)
	if err != nil {
		return nil, err
	}
	return [][]string{
		row("go test -count=1 ./... with a warm build cache", console.Duration(tests), console.Duration(targetTests),
			tests <= targetTests),
		row("rehearse "+b.Stack+", everything built", console.Duration(whole), console.Duration(targetRehearsal),
			whole <= targetRehearsal),
	}, nil
}

// build builds the CLI, the program and its floor, which the measurements then find built.
func build(ctx context.Context, o run.Options, c *console.Console) (program, floor string, err error) {
	if err := run.Build(ctx, o, c); err != nil {
		return "", "", err
	}
	builder, err := run.NewBuilder(o, c)
	if err != nil {
		return "", "", err
	}
	if program, _, err = builder.Program(ctx, o.Project); err != nil {
		return "", "", err
	}
	floor, err = builder.Floor(ctx, o.Project)
	return program, floor, err
}

type bench struct {
	run.Options
	console  *console.Console
	subjects []*subject
}

// add makes a stack of its own for a program.
func (b *bench) add(ctx context.Context, name, program string, services int) error {
	o := b.Options
	o.State, o.Program = filepath.Join(b.State, "bench", fmt.Sprint(len(b.subjects))), program
	if err := os.MkdirAll(o.State, 0o750); err != nil {
		return fmt.Errorf("make the folder for the benchmark of %s: %w: give another one with --state", name, err)
	}
	stackFile := o.ConfigFile
	if stackFile == "" {
		stackFile = filepath.Join(o.Project, "Pulumi."+o.Stack+".yaml")
	}
	raw, err := withServices(stackFile, services)
	if err != nil {
		return err
	}
	o.ConfigFile = filepath.Join(o.State, "Pulumi."+o.Stack+".yaml")
	if err := os.WriteFile(o.ConfigFile, raw, 0o600); err != nil {
		return fmt.Errorf("write the stack file of %s: %w", name, err)
	}
	progress := b.console.Progress("making the stack of " + name)
	defer progress.Done()
	r, err := run.Start(ctx, o, console.Plain(io.Discard))
	if r != nil {
		b.subjects = append(b.subjects, &subject{name: name, rehearsal: r})
	}
	if err != nil {
		return fmt.Errorf("make the stack of %s: %w", name, err)
	}
	r.Engine.Env = r.Work.Env(map[string]string{langhost.UsageEnv: usagePath(r)})
	return nil
}

func usagePath(r *run.Rehearsal) string { return filepath.Join(r.Work.Logs(), "usage.json") }

func (b *bench) close(ctx context.Context) error {
	var all []error
	for _, s := range b.subjects {
		all = append(all, s.rehearsal.Close(ctx))
	}
	return errors.Join(all...)
}

// previews previews every subject in turns.
func (b *bench) previews(ctx context.Context, turns int) error {
	progress := b.console.Progress("previewing")
	defer progress.Done()
	for turn := range turns {
		for _, s := range b.subjects {
			progress.Note(fmt.Sprintf("turn %d of %d, %s", turn+1, turns, s.name))
			if err := s.preview(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *subject) preview(ctx context.Context) error {
	cpu, err := childrenCPU()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := s.rehearsal.Engine.Command(ctx, "preview"); err != nil {
		return fmt.Errorf("preview %s: %w", s.name, err)
	}
	s.took = append(s.took, time.Since(start))
	after, err := childrenCPU()
	if err != nil {
		return err
	}
	s.cpu = append(s.cpu, after-cpu)
	raw, err := os.ReadFile(usagePath(s.rehearsal))
	if errors.Is(err, os.ErrNotExist) {
		return nil // Pulumi's own language host, beside a CLI on PATH, writes none
	}
	if err != nil {
		return fmt.Errorf("read what the program of %s used: %w", s.name, err)
	}
	return json.Unmarshal(raw, &s.usage)
}

// childrenCPU is the time on the CPU of every process that has ended under this one.
func childrenCPU() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage); err != nil {
		return 0, fmt.Errorf("read the time on the CPU: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// rows are the table's rows about the previews.
func (b *bench) rows() [][]string {
	var rows [][]string
	for _, s := range b.subjects {
		rows = append(rows, row("preview, "+s.name,
			fmt.Sprintf("%s, CPU %s", console.Duration(median(s.took)), console.Duration(median(s.cpu))), "", true))
	}
	floor, stack, small, large := b.subjects[0], b.subjects[1], b.subjects[2], b.subjects[3]
	over, growth := median(ratios(stack.took, floor.took)), median(ratios(large.took, small.took))
	rows = append(rows,
		row(fmt.Sprintf("preview, %s over the floor", stack.name), fmt.Sprintf("%.2f", over),
			fmt.Sprintf("%.1f", targetFloor), over <= targetFloor),
		row(fmt.Sprintf("preview, %d services over %d", many, few), fmt.Sprintf("%.2f", growth),
			fmt.Sprintf("%.1f", targetGrowth), growth <= targetGrowth))
	for _, s := range []*subject{stack, large} {
		if s.usage.PeakBytes == 0 {
			rows = append(rows, row("peak memory of the program, "+s.name,
				"not measured: the CLI on PATH brings a language host of its own", "", true))
			continue
		}
		rows = append(rows, row("peak memory of the program, "+s.name, mebibytes(s.usage.PeakBytes),
			mebibytes(targetPeak), s.usage.PeakBytes <= targetPeak))
	}
	return rows
}

// tests runs the tests of the program's module, once their packages are compiled.
func (b *bench) tests(ctx context.Context) (time.Duration, error) {
	progress := b.console.Progress("running the tests")
	defer progress.Done()
	modFile, err := run.SDKs(ctx, b.Options, b.console)
	if err != nil {
		return 0, err
	}
	var took time.Duration
	for _, args := range [][]string{{"-run", "^$"}, nil} {
		args = append(append([]string{"test", "-modfile", modFile, "-count=1"}, args...), "./...")
		cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the go command, on the project
		cmd.Dir, cmd.Env = b.Project, toolchain.Environ()
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("run the tests of %s: %w\n%s", b.Project, err, out)
		}
		took = time.Since(start)
	}
	return took, nil
}

// rehearse is a whole rehearsal.
func (b *bench) rehearse(ctx context.Context) (time.Duration, error) {
	progress := b.console.Progress("rehearsing " + b.Stack)
	defer progress.Done()
	o := b.Options
	o.State = filepath.Join(b.State, "bench", "rehearsal")
	start := time.Now()
	if err := run.Rehearse(ctx, o, console.Plain(io.Discard)); err != nil {
		return 0, err
	}
	return time.Since(start), nil
}

// leastStart is what the program takes to start and to find that no engine has started it.
func leastStart(ctx context.Context, program string) (time.Duration, error) {
	var all []time.Duration
	for range starts {
		cmd := exec.CommandContext(ctx, program)
		cmd.Env = []string{}
		start := time.Now()
		err := cmd.Run()
		var exit *exec.ExitError
		switch {
		case err == nil:
			return 0, fmt.Errorf("start %s without an engine: it ended well, want the exit code of a program that "+
				"misses its engine", program)
		case !errors.As(err, &exit) || exit.ExitCode() < 0: // it did not start, or a signal ended it
			return 0, fmt.Errorf("start %s without an engine: %w", program, err)
		}
		all = append(all, time.Since(start))
	}
	return slices.Min(all), nil
}

func ratios(over, under []time.Duration) []float64 {
	all := make([]float64, len(over))
	for i := range over {
		all[i] = float64(over[i]) / float64(under[i])
	}
	return all
}

// median is the middle one of the values, of an even number the lower.
func median[T time.Duration | float64](values []T) T {
	return slices.Sorted(slices.Values(values))[(len(values)-1)/2]
}

func row(what, measured, target string, met bool) []string {
	verdict := ""
	switch {
	case target != "" && met:
		verdict = "met"
	case target != "":
		verdict = "over"
	}
	return []string{what, measured, target, verdict}
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }
