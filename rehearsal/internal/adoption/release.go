package adoption

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopt"
	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/quoting"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// release runs the script that empties Terraform's state, and then has Terraform destroy what it
// still has, which must be what the report says. The stack must not notice.
func (d *drill) release(ctx context.Context) error {
	released, err := d.letGo(ctx)
	if err != nil {
		return fmt.Errorf("release: %w", err)
	}
	states, err := adopt.ReadFiles(d.files)
	if err != nil {
		return err
	}
	var left []string
	for _, state := range states {
		for _, one := range state.Instances {
			if !slices.Contains(released, one.Address) {
				left = append(left, one.Address)
			}
		}
	}
	beside := d.of(adopt.LeftToTerraform)
	if slices.Sort(left); !slices.Equal(left, slices.Sorted(slices.Values(beside))) {
		return fmt.Errorf("release: after the script Terraform has %v, want what stays beside: %v", left, beside)
	}
	c, err := d.Cloud()
	if err != nil {
		return err
	}
	d.Console.Heading("The release: Terraform lets %d objects go, and destroys the %d that stay beside", len(released),
		len(left))
	before, err := d.Objects()
	if err != nil {
		return err
	}
	if err := d.inside.Destroy(ctx, c, d.Work.Files.Account, left); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	after, err := d.Objects()
	if err != nil {
		return err
	}
	done := Stage{Name: adopted.Close}
	for _, objects := range [][]*cloud.Object{before, after} {
		if err := done.pass(adopted.Close, true, objects, objects, nil); err != nil {
			return fmt.Errorf("release: %w", err)
		}
	}
	d.result.Stages[len(d.result.Stages)-1].Passage.add(done.Passage)
	if err := d.same(ctx, adopted.Close); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return d.NothingLeft(ctx, "release, preview", "After the release: a preview with refresh shows nothing",
		"--refresh", "--diff")
}

// letGo runs the script of `infra adopt --release` with a stand-in for terraform, and returns the
// addresses that it takes out of the states.
func (d *drill) letGo(ctx context.Context) ([]string, error) {
	folder := filepath.Join(d.Work.Dir, "terraform")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make a stand-in for terraform: %w", err)
	}
	calls, script := filepath.Join(folder, "calls"), filepath.Join(folder, "release.sh")
	// Each call is a line: the words between tabs, as the shell hands them on.
	stand := "#!/bin/sh\nIFS='\t'\necho \"$*\" >>" + quoting.Shell(calls) + "\n"
	for path, text := range map[string][]byte{
		filepath.Join(folder, "terraform"): []byte(stand), script: d.found.Release(),
	} {
		if err := os.WriteFile(path, text, 0o700); err != nil {
			return nil, fmt.Errorf("make a stand-in for terraform: %w", err)
		}
	}
	cmd := exec.CommandContext(ctx, "sh", script) //nolint:gosec // to run the script is the point
	cmd.Env = []string{"PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("run the release script: %w\n%s", err, out)
	}
	raw, err := os.ReadFile(calls)
	if err != nil {
		return nil, fmt.Errorf("read what the release script calls: %w", err)
	}
	var addresses []string
	for line := range strings.Lines(string(raw)) {
		address, ok := strings.CutPrefix(strings.TrimSpace(line), "state\trm\t")
		if !ok || strings.Contains(address, "\t") {
			return nil, fmt.Errorf("the release script calls terraform with %q, want state rm ADDRESS", line)
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}
