package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lock"
)

// Resume takes a stack's folder as an earlier run left it with Keep. Its links lead to this program
// from now on.
func Resume(state, stack string) (*Workspace, error) {
	w := &Workspace{Dir: filepath.Join(state, stack), Stack: stack}
	if _, err := os.Stat(filepath.Join(w.Dir, keptFile)); err != nil {
		return nil, fmt.Errorf("go on with the stack that was kept in %s: %w: `make rehearse KEEP=1` leaves one",
			w.Dir, err)
	}
	held, err := lock.Try(filepath.Join(state, stack+".lock"))
	if err != nil {
		return nil, fmt.Errorf("use the folder %s: %w: wait for the rehearsal that runs in it, or end it", w.Dir, err)
	}
	w.lock = held
	if err := errors.Join(w.read(), w.relink(), w.mark(runningFile)); err != nil {
		held.Release()
		return nil, err
	}
	return w, nil
}

// read finds out from the copies in place what Rewrite knew.
func (w *Workspace) read() error {
	f := &Files{}
	var err error
	if f.ProjectYAML, err = os.ReadFile(filepath.Join(w.Project(), "Pulumi.yaml")); err != nil {
		return fmt.Errorf("read the copy of the project: %w", err)
	}
	if f.StackYAML, err = os.ReadFile(w.StackFile()); err != nil {
		return fmt.Errorf("read the copy of the stack file: %w", err)
	}
	project, err := parse(f.ProjectYAML)
	if err != nil {
		return fmt.Errorf("read the copy of the project: %w", err)
	}
	stack, err := parse(f.StackYAML)
	if err != nil {
		return fmt.Errorf("read the copy of the stack file: %w", err)
	}
	if err := f.name(project, stack); err != nil {
		return err
	}
	w.use(f)
	return nil
}

// relink makes the plugins this program, which may lie elsewhere than the one that made them.
func (w *Workspace) relink() error {
	dir := filepath.Join(w.Dir, "plugins")
	links, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list the plugins of %s: %w", w.Dir, err)
	}
	for _, link := range links {
		if link.Type() != fs.ModeSymlink {
			continue
		}
		if err := os.Remove(filepath.Join(dir, link.Name())); err != nil {
			return fmt.Errorf("link the plugin %s: %w", link.Name(), err)
		}
		if _, err := w.Link(link.Name()); err != nil {
			return err
		}
	}
	return nil
}

// StackFile is the copy of the stack file.
func (w *Workspace) StackFile() string {
	return filepath.Join(w.Project(), "Pulumi."+w.Stack+".yaml")
}
