package toolchain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// estimateAfter is how long a build runs before anybody is told when it ends: one that finds most
// of its packages compiled is over by then.
const estimateAfter = 5 * time.Second

// remaining estimates how long a build still takes: a compiler's time grows about as the source
// that it reads, so what was compiled in the time so far tells the speed. The linker comes on top.
type remaining struct {
	mu    sync.Mutex
	bytes map[string]int64 // of source, by the import path of what was to be compiled when it began
	left  int64
	done  int64
	begun time.Time
}

// listed is what `go list` says of a package.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Stale      bool // it must be compiled
}

// begin takes the packages that are to be compiled from now on.
func (r *remaining) begin(packages []listed, now time.Time) error {
	bytes, left := map[string]int64{}, int64(0)
	for _, p := range packages {
		if !p.Stale {
			continue
		}
		for _, file := range p.GoFiles {
			if !filepath.IsAbs(file) {
				file = filepath.Join(p.Dir, file)
			}
			info, err := os.Stat(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue // it is in an overlay alone
			}
			if err != nil {
				return fmt.Errorf("weigh the package %s: %w", p.ImportPath, err)
			}
			bytes[p.ImportPath] += info.Size()
		}
		left += bytes[p.ImportPath]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bytes, r.left, r.begun = bytes, left, now
	return nil
}

// compiled counts a package that go has begun to compile.
func (r *remaining) compiled(importPath string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.bytes[importPath]
	delete(r.bytes, importPath)
	r.left -= n
	r.done += n
}

// estimate is the time that is left, and whether enough was compiled to tell.
func (r *remaining) estimate(now time.Time) (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done == 0 || r.done < r.left/50 {
		return 0, false
	}
	return time.Duration(float64(now.Sub(r.begun)) * float64(r.left) / float64(r.done)), true
}

// watch lists what is still to be compiled, once the build has run for a while. It ends with ctx.
func (r *remaining) watch(ctx context.Context, goBinary, dir string, flags []string, pkg string) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(estimateAfter):
	}
	args := append([]string{"list", "-deps", "-json=ImportPath,Dir,GoFiles,Stale"}, flags...)
	args = append(args, pkg)
	cmd := exec.CommandContext(ctx, goBinary, args...) //nolint:gosec // go, on packages that are named here
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("list what is to be compiled: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("list what is to be compiled: %w", err)
	}
	packages, err := packagesOf(out)
	err = errors.Join(err, cmd.Wait())
	if ctx.Err() != nil { // the build is done, and nothing is left to say
		return nil //nolint:nilerr // what was stopped says so
	}
	if err != nil {
		return fmt.Errorf("list what is to be compiled: %w", err)
	}
	return r.begin(packages, time.Now())
}

func packagesOf(out io.Reader) ([]listed, error) {
	var packages []listed
	for decoder := json.NewDecoder(out); ; {
		var one listed
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, out) // the command must not block on a pipe that nobody reads
			return nil, err
		}
		packages = append(packages, one)
	}
}
