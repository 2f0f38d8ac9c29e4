// Package workspace makes the place in which a rehearsal runs: copies of the project's files, and a
// home, a backend and plugins of Pulumi's that are the rehearsal's own.
package workspace

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/quoting"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lock"
	"github.com/bookmark-manager/infrastructure/rehearsal/model"
)

// Workspace is one stack's folder.
type Workspace struct {
	Dir   string
	Stack string
	Files *Files
	env   map[string]string
	lock  *lock.Lock
}

// Exists tells what was in the folder before the run.
type Exists int

// What an earlier run left behind.
const (
	Fresh       Exists = iota
	Kept               // by --keep
	Interrupted        // a run that did not come to its end
)

// The files of a workspace, under its folder.
const (
	keptFile    = "kept"
	runningFile = "running"
	cloudFile   = "cloud.db"
	// noLogs is a file where the CLI wants to make the folder of its own log: every operation would
	// write all that the engine says there, compressed, and spend nearly half of its time on it.
	// There is no setting for that, and a CLI that cannot make the folder goes on without.
	noLogs = "pulumi-home/logs"
)

// Claim takes the folder of a stack under the state folder for this run, and empties it.
func Claim(state, stack string) (*Workspace, Exists, error) {
	if err := os.MkdirAll(state, 0o750); err != nil {
		return nil, Fresh, writable(state, err)
	}
	held, err := lock.Try(filepath.Join(state, stack+".lock"))
	switch {
	case errors.Is(err, lock.ErrHeld):
		return nil, Fresh, fmt.Errorf("use the folder %s: another rehearsal of %q runs in it: %w: wait for it, end "+
			"it, or give this one a folder of its own with --state", state, stack, err)
	case err != nil:
		return nil, Fresh, writable(state, err)
	}
	w := &Workspace{Dir: filepath.Join(state, stack), Stack: stack, lock: held}
	before := w.before()
	if err := w.reset(); err != nil {
		held.Release()
		return nil, Fresh, err
	}
	return w, before, nil
}

func writable(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "read-only file system") {
		return fmt.Errorf("write to the state folder %s: %w: make it writable for you, or give another one with "+
			"--state", dir, err)
	}
	return fmt.Errorf("prepare the state folder %s: %w: give another one with --state", dir, err)
}

func (w *Workspace) before() Exists {
	for file, state := range map[string]Exists{keptFile: Kept, runningFile: Interrupted} {
		if _, err := os.Stat(filepath.Join(w.Dir, file)); err == nil {
			return state
		}
	}
	return Fresh
}

func (w *Workspace) reset() error {
	if err := os.RemoveAll(w.Dir); err != nil {
		return writable(w.Dir, err)
	}
	for _, dir := range []string{"project", "pulumi-home", "backend", "home", "plugins", "logs"} {
		if err := os.MkdirAll(filepath.Join(w.Dir, dir), 0o750); err != nil {
			return writable(w.Dir, err)
		}
	}
	if err := w.mark(noLogs); err != nil {
		return err
	}
	return w.mark(runningFile)
}

func (w *Workspace) mark(name string) error {
	if err := os.WriteFile(filepath.Join(w.Dir, name), nil, 0o600); err != nil {
		return writable(w.Dir, err)
	}
	return nil
}

// Keep marks the workspace as one that its user wants to go on with.
func (w *Workspace) Keep() error { return w.mark(keptFile) }

// Leave takes the mark away: what was kept is gone.
func (w *Workspace) Leave() error {
	err := os.Remove(filepath.Join(w.Dir, keptFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writable(w.Dir, err)
	}
	return nil
}

// Close gives the folder free. ended says whether the run came to its end, well or not; the next
// run tells its user of one that did not.
func (w *Workspace) Close(ended bool) error {
	defer w.lock.Release()
	if !ended {
		return nil
	}
	if err := os.Remove(filepath.Join(w.Dir, runningFile)); err != nil {
		return fmt.Errorf("end the run in %s: %w", w.Dir, err)
	}
	return nil
}

// CloudPath is the file of the model's cloud under a stack's folder.
func CloudPath(state, stack string) string { return filepath.Join(state, stack, cloudFile) }

// Project is the folder in which pulumi runs.
func (w *Workspace) Project() string { return filepath.Join(w.Dir, "project") }

// Logs is the folder of what pulumi printed, and of the engine's events.
func (w *Workspace) Logs() string { return filepath.Join(w.Dir, "logs") }

// PluginErrorsEnv is the environment variable with the file for the errors of the rehearsal's own
// plugins: Pulumi keeps what a provider's plugin prints to itself.
const PluginErrorsEnv = "REHEARSAL_PLUGIN_ERRORS"

// PluginErrors is the file of PluginErrorsEnv. It is missing as long as there are none.
func (w *Workspace) PluginErrors() string { return filepath.Join(w.Logs(), "plugins.log") }

// WholeStateEnv is the CLI's environment variable that says whether it writes the state only once,
// at its end. What kills a CLI must set it to "false".
const WholeStateEnv = "PULUMI_SKIP_CHECKPOINTS"

// Requests is the file of what was asked of AWS, and by whom.
func (w *Workspace) Requests() string { return filepath.Join(w.Logs(), requestsFile) }

const requestsFile = "requests.jsonl"

// RequestsPath is the file of Requests under a stack's folder.
func RequestsPath(state, stack string) string {
	return filepath.Join(state, stack, "logs", requestsFile)
}

// Cloud is the file of the model's cloud.
func (w *Workspace) Cloud() string { return filepath.Join(w.Dir, cloudFile) }

// Link puts a plugin into the workspace that is this program under another name, and returns its
// folder.
func (w *Workspace) Link(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the rehearsal's own file: %w", err)
	}
	dir := filepath.Join(w.Dir, "plugins")
	if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
		return "", fmt.Errorf("link the plugin %s: %w", name, err)
	}
	return dir, nil
}

// Write puts the copies of the files in place, with a passphrase for the secrets of the copy.
func (w *Workspace) Write(files *Files) error {
	passphrase := make([]byte, 24)
	if _, err := rand.Read(passphrase); err != nil {
		return fmt.Errorf("generate the passphrase: %w", err)
	}
	for path, content := range map[string][]byte{
		filepath.Join(w.Project(), "Pulumi.yaml"): files.ProjectYAML,
		w.StackFile(): files.StackYAML,
		// Pulumi's own language host looks for the Go module of the program to learn which plugins
		// it needs. This one needs none; without it, the host would find the module that the state
		// folder lies in.
		filepath.Join(w.Project(), "go.mod"): []byte("module rehearsed\n"),
		w.passphrase():                       []byte(hex.EncodeToString(passphrase)),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return writable(w.Dir, err)
		}
	}
	w.use(files)
	return nil
}

// use lets commands work on the files.
func (w *Workspace) use(files *Files) {
	w.Files = files
	w.env = map[string]string{
		"PULUMI_HOME": filepath.Join(w.Dir, "pulumi-home"),
		// A file of metadata beside each file is not written in one piece as S3 does it: a killed
		// CLI would leave a state that cannot be read.
		"PULUMI_BACKEND_URL":                          quoting.FileURL(filepath.Join(w.Dir, "backend")) + "?metadata=skip",
		"PULUMI_CONFIG_PASSPHRASE_FILE":               w.passphrase(),
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		model.CloudEnv:                                w.Cloud(),
		model.AccountEnv:                              files.Account,
		model.RoleEnv:                                 files.firstRole(),
		model.RequestsEnv:                             w.Requests(),
	}
}

func (w *Workspace) passphrase() string { return filepath.Join(w.Dir, "passphrase") }

// passed are the variables of the user's environment that say nothing about clouds and logins.
var passed = []string{"PATH", "TMPDIR", "TERM", "LANG", "LC_ALL", "LC_CTYPE", "TZ"}

// nowhere is the address of a proxy that does not exist: a request that leaves the machine fails at
// once. Go's clients pass it by for 127.0.0.1, where the engine, the plugins and the local STS are.
const nowhere = "http://127.0.0.1:1"

// Env is the whole environment of the commands of the rehearsal, as "NAME=value". extra comes on
// top.
func (w *Workspace) Env(extra map[string]string) []string {
	env := map[string]string{
		// The home has the AWS configuration and the credentials of more than one tool.
		"HOME": filepath.Join(w.Dir, "home"),
		// --event-log is for debugging only, as the CLI sees it.
		"PULUMI_DEBUG_COMMANDS": "true",
		// A CLI that comes to its end, well or not, writes the same state at once that it would
		// have written after each operation, which takes most of the time of a large deploy.
		WholeStateEnv:   "true",
		PluginErrorsEnv: w.PluginErrors(),
		"HTTP_PROXY":    nowhere,
		"HTTPS_PROXY":   nowhere,
	}
	for _, name := range passed {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	for _, more := range []map[string]string{w.env, extra} {
		for name, value := range more {
			env[name] = value
		}
	}
	return list(env)
}

// Exports are the variables with which plain pulumi works on the workspace, as "NAME=value".
func (w *Workspace) Exports() []string { return list(w.env) }

func list(env map[string]string) []string {
	entries := make([]string, 0, len(env))
	for name, value := range env {
		entries = append(entries, name+"="+value)
	}
	sort.Strings(entries)
	return entries
}

// SecretArgs are the arguments of the pulumi command that sets the generated secrets, or none if
// there are none. The values are as secret as a random value in a rehearsal is.
func (f *Files) SecretArgs() []string {
	if len(f.Secrets) == 0 {
		return nil
	}
	args := []string{"config", "set-all", "--path"}
	for _, s := range f.Secrets {
		args = append(args, "--secret", s.Path+"="+s.Value)
	}
	return args
}
