package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// DirEnv is the environment variable with the folder of the plan. Without it nothing fails.
const DirEnv = "REHEARSAL_FAULTS"

// Plan is what will go wrong. Its folder outlives the plugins: what has failed once does not fail
// again.
type Plan struct {
	Faults []Fault `json:"faults,omitempty"` // one for each operation and URN, at most
	// KillAt is the number of operations, counted from the plan's beginning, after which the CLI
	// and all that it started are killed: the last one is done, and its answer is lost. 0 for
	// never.
	KillAt int `json:"killAt,omitempty"`

	dir string
}

// The files of a plan, under its folder.
const (
	planFile       = "plan.json"
	metFolder      = "met"        // a file for each fault that was met, named by its place in the plan
	operationsFile = "operations" // a byte for each operation that was done
)

// Write makes the plan the one of the folder, with nothing met and nothing counted. The folder is
// made again.
func (p *Plan) Write(dir string) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write the plan of faults: %w", err)
	}
	err = errors.Join(os.RemoveAll(dir), os.MkdirAll(filepath.Join(dir, metFolder), 0o750))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, planFile), raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the plan of faults: %w", err)
	}
	p.dir = dir
	return nil
}

// Read reads the plan of a folder.
func Read(dir string) (*Plan, error) {
	raw, err := os.ReadFile(filepath.Join(dir, planFile))
	if err != nil {
		return nil, fmt.Errorf("read the plan of faults: %w", err)
	}
	p := &Plan{dir: dir}
	if err := json.Unmarshal(raw, p); err != nil {
		return nil, fmt.Errorf("read the plan of faults in %s: %w", dir, err)
	}
	return p, nil
}

// Met are the faults that have happened, in the plan's order.
func (p *Plan) Met() ([]Fault, error) {
	var met []Fault
	for i, fault := range p.Faults {
		switch _, err := os.Stat(p.metFile(i)); {
		case err == nil:
			met = append(met, fault)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("look whether a fault was met: %w", err)
		}
	}
	return met, nil
}

// Done is the number of operations that the providers have carried out under the plan.
func (p *Plan) Done() (int, error) {
	info, err := os.Stat(filepath.Join(p.dir, operationsFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("count the operations: %w", err)
	}
	return int(info.Size()), nil
}

func (p *Plan) metFile(i int) string { return filepath.Join(p.dir, metFolder, strconv.Itoa(i)) }

// meet notes that a fault has happened.
func (p *Plan) meet(i int) error {
	if err := os.WriteFile(p.metFile(i), nil, 0o600); err != nil {
		return fmt.Errorf("note that a fault was met: %w", err)
	}
	return nil
}

// count notes an operation that was done, and says whether it is the one at which all is killed.
func (p *Plan) count() (kill bool, err error) {
	file, err := os.OpenFile(filepath.Join(p.dir, operationsFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return false, fmt.Errorf("count the operations: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write([]byte{'.'}); err != nil {
		return false, fmt.Errorf("count the operations: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return false, fmt.Errorf("count the operations: %w", err)
	}
	// Two plugins may both see the later number: then either kills, and the other has nothing left
	// to do.
	return p.KillAt > 0 && int(info.Size()) >= p.KillAt, nil
}
