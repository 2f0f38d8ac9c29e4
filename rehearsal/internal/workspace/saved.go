package workspace

import (
	"fmt"
	"os"
	"path/filepath"
)

// changing is what an operation of Pulumi's changes: the configuration, the state and the clouds.
var changing = []string{"project", "backend", cloudFile}

// Save keeps the stack and its clouds as they are now, under a name that may be used again.
func (w *Workspace) Save(name string) error {
	return w.copy(w.Dir, w.saved(name), "save")
}

// Restore brings the stack and its clouds back to what they were when they were saved under this
// name.
func (w *Workspace) Restore(name string) error {
	return w.copy(w.saved(name), w.Dir, "restore")
}

func (w *Workspace) saved(name string) string { return filepath.Join(w.Dir, "saved", name) }

func (w *Workspace) copy(from, to, what string) error {
	for _, name := range changing {
		if err := replace(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return fmt.Errorf("%s %s of the workspace of %s: %w", what, name, w.Stack, err)
		}
	}
	return nil
}

// replace puts a copy of a file or a folder in the place of another.
func replace(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	return os.WriteFile(to, raw, 0o600)
}

// Saved says whether there is something under this name.
func (w *Workspace) Saved(name string) bool {
	_, err := os.Stat(w.saved(name))
	return err == nil
}
