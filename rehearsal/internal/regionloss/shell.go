package regionloss

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/quoting"
	"github.com/bookmark-manager/infrastructure/rehearsal/model"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
)

// The folders of the drill.
const (
	buckets     = "buckets"     // a folder for each bucket of S3 that it needs
	application = "application" // a checkout of the application
	bin         = "bin"         // what comes first on the PATH
)

// shell runs the runbook's commands as a person's shell does: exported variables stay set, and
// later commands can use what a step has printed.
type shell struct {
	project, application string
	logs                 string
	env                  map[string]string
	counter              int
	name                 string       // of the step
	printed              bytes.Buffer // in the step
}

// begin begins a step: what earlier steps printed can no longer be used.
func (s *shell) begin(name string) {
	s.name = name
	s.printed.Reset()
}

// scripts are those of the repository that run in a checkout of the application.
const releaseScript = "scripts/release "

var exported = regexp.MustCompile(`^export ([A-Z_]+)=(\S+)$`)

// run runs a command. infra is this program, and so are aws, atlas, curl, docker and gh.
func (s *shell) run(ctx context.Context, command string) error {
	if set := exported.FindStringSubmatch(command); set != nil {
		s.env[set[1]] = set[2]
		return nil
	}
	s.counter++
	path := filepath.Join(s.logs, fmt.Sprintf("region %02d, %s.log", s.counter, s.name))
	typed := strings.ReplaceAll(command, "go run ./cmd/infra ", InfraTool+" ")
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", typed) //nolint:gosec // the runbook's
	cmd.Dir = s.project
	if strings.HasPrefix(command, releaseScript) {
		cmd.Dir = s.application
	}
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		cmd.Env = append(cmd.Env, name+"="+s.env[name])
	}
	var all bytes.Buffer
	cmd.Stdout = &all
	cmd.Stderr = &all
	runErr := cmd.Run()
	s.printed.Write(all.Bytes())
	if err := os.WriteFile(path, append([]byte("$ "+command+"\n"), all.Bytes()...), 0o600); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	if runErr != nil {
		return fmt.Errorf("%s: %w: the log is %s:\n%s", command, runErr, path, tail(all.String(), 40))
	}
	return nil
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// commit is what the release that ran was built from.
const commit = "a1b2c3d"

var (
	placeholder = regexp.MustCompile(`\b(COMMIT|DIGEST|SNAPSHOT|RESTORE|DNSNAME|ZONEID)\b`)
	atlasID     = regexp.MustCompile(`\b[0-9a-f]{24}\b`)
	dnsName     = regexp.MustCompile(`"dnsName": *"([^"]+)"`)
	zoneID      = regexp.MustCompile(`"zoneId": *"([^"]+)"`)
	ofService   = regexp.MustCompile(`bookmark-manager:services\.([a-z]+)\.image`)
)

// fill puts in what a person puts in the place of a word in capitals: what the step has printed
// before, or the file that it has written.
func (s *shell) fill(command string) (string, error) {
	var wrong error
	filled := placeholder.ReplaceAllStringFunc(command, func(word string) string {
		switch word {
		case "COMMIT":
			return commit
		case "DIGEST":
			digest, err := s.digest(command)
			wrong = err
			return digest
		case "DNSNAME":
			return s.last(dnsName, word, &wrong)
		case "ZONEID":
			return s.last(zoneID, word, &wrong)
		default:
			return s.last(atlasID, word, &wrong)
		}
	})
	return filled, wrong
}

// last is what was printed last in the step of a form: its group, if it has one.
func (s *shell) last(form *regexp.Regexp, word string, wrong *error) string {
	found := form.FindAllStringSubmatch(s.printed.String(), -1)
	if len(found) == 0 {
		*wrong = fmt.Errorf("fill in %s: the step has printed nothing of the form %s before it", word, form)
		return word
	}
	last := found[len(found)-1]
	return last[len(last)-1]
}

// digest is the one that scripts/release has written for the service of a command.
func (s *shell) digest(command string) (string, error) {
	service := ofService.FindStringSubmatch(command)
	raw, err := os.ReadFile(filepath.Join(s.application, "images"))
	if err != nil || service == nil {
		return "", fmt.Errorf("fill in the digest of %q: no service, or no file of images: %w", command, err)
	}
	for _, line := range strings.Fields(string(raw)) {
		if digest, ok := strings.CutPrefix(line, service[1]+"=sha256:"); ok {
			return digest, nil
		}
	}
	return "", fmt.Errorf("fill in the digest of %q: %q has none of %s", command, raw, service[1])
}

// pulumiScript is the CLI as a person has it: an address s3:// leads to the folder that is the
// bucket, and what it asks is answered with yes.
const pulumiScript = `#!/usr/bin/env bash
set -euo pipefail
folder() {
	local bucket=${1#s3://}
	bucket=${bucket%%\?*}
	[ -d BUCKETS/"$bucket" ] || {
		echo "error: read the bucket $bucket: no answer, or no such bucket" >&2
		exit 255
	}
	printf '%s/%s?metadata=skip' ADDRESS "$bucket"
}
case ${PULUMI_BACKEND_URL:-} in
s3://*) PULUMI_BACKEND_URL=$(folder "$PULUMI_BACKEND_URL"); export PULUMI_BACKEND_URL ;;
esac
case ${1:-} in
login)
	address=$(folder "$2") # by itself: a failure within a word would be nobody's
	exec CLI login "$address" --non-interactive
	;;
up | destroy) set -- "$@" --yes --skip-preview --suppress-progress ;;
esac
exec CLI "$@" --non-interactive
`

// pulumiCommand is pulumiScript for a CLI, and the folder with the folders that are buckets.
func pulumiCommand(cli, buckets string) string {
	return strings.NewReplacer("CLI", quoting.Shell(cli), "BUCKETS", quoting.Shell(buckets),
		"ADDRESS", quoting.Shell(quoting.FileURL(buckets))).Replace(pulumiScript)
}

// newShell makes the folders of the drill, and a shell in which the project's commands run against
// the clouds of the model.
func (d *drill) newShell(kmsURL string) (*shell, error) {
	folder := func(name string) string { return filepath.Join(d.folder, name) }
	for _, dir := range []string{
		folder(bin), folder(buckets), filepath.Join(folder(application), "apps/api"),
		filepath.Join(folder(application), "apps/web"),
	} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, fmt.Errorf("make the folder of the drill: %w", err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the rehearsal's own file: %w", err)
	}
	links := map[string]string{
		filepath.Join(folder(application), "scripts"): filepath.Join(d.root, "scripts"),
		filepath.Join(d.Work.Project(), "scripts"):    filepath.Join(d.root, "scripts"),
	}
	for _, name := range Tools {
		links[filepath.Join(folder(bin), name)] = self
	}
	for at, to := range links {
		if err := os.RemoveAll(at); err != nil {
			return nil, fmt.Errorf("link %s: %w", at, err)
		}
		if err := os.Symlink(to, at); err != nil {
			return nil, fmt.Errorf("link %s: %w", at, err)
		}
	}
	files := map[string]string{
		filepath.Join(folder(bin), "pulumi"): pulumiCommand(d.Engine.CLI, folder(buckets)),
	}
	for _, service := range []string{"api", "web"} {
		files[filepath.Join(folder(application), "apps", service, "Dockerfile")] = "FROM scratch\n"
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			return nil, fmt.Errorf("write %s: %w", path, err)
		}
	}
	return &shell{
		project:     d.Work.Project(),
		application: folder(application),
		logs:        d.Work.Logs(),
		env:         d.environment(kmsURL),
	}, nil
}

// environment is that of an administrator at a keyboard.
func (d *drill) environment(kmsURL string) map[string]string {
	env := map[string]string{}
	for _, one := range d.Work.Env(map[string]string{
		model.RoleEnv: aws.Root,
		BucketsEnv:    filepath.Join(d.folder, buckets),
		FolderEnv:     d.folder,
		"AWS_REGION":  d.names.Home, "AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_KMS": kmsURL, "AWS_MAX_ATTEMPTS": "1",
		"PATH": filepath.Join(d.folder, bin) + string(os.PathListSeparator) + os.Getenv("PATH"),
	}) {
		name, value, _ := strings.Cut(one, "=")
		env[name] = value
	}
	delete(env, "PULUMI_BACKEND_URL") // a login decides
	return env
}
