package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/quoting"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// explainKept tells how to go on by hand.
func (r *Rehearsal) explainKept() {
	r.Console.Heading("Kept: go on with plain pulumi")
	r.Console.Line("cd %s", quoting.Shell(r.Work.Project()))
	if r.summary.CLI.Built {
		r.Console.Line("export PATH=%s:\"$PATH\"", quoting.Shell(filepath.Dir(r.summary.CLI.Path)))
	}
	// These would win over what is exported below.
	r.Console.Line("unset PULUMI_CONFIG_PASSPHRASE PULUMI_STACK")
	for _, entry := range r.Work.Exports() {
		name, value, _ := strings.Cut(entry, "=")
		r.Console.Line("export %s=%s", name, quoting.Shell(value))
	}
	r.Console.Line("pulumi stack select %s", r.Stack)
	r.Console.Line("")
	r.Console.Line("The program is built already: rehearse again after a change to it. To remove it all: rm -rf %s",
		quoting.Shell(r.Work.Dir))
}

// List returns what is in the model's cloud in the file at path, oldest first.
func List(path string) ([]Object, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("read the model's cloud: %w: `make rehearse KEEP=1` leaves one", err)
	}
	opened, err := cloud.Open(path)
	if err != nil {
		return nil, err
	}
	all, err := opened.List()
	if err != nil {
		return nil, fmt.Errorf("list the model's cloud: %w", err)
	}
	objects := make([]Object, 0, len(all))
	for _, o := range all {
		name := o.Name
		if name == "" {
			name = o.ID
		}
		objects = append(objects, Object{
			Type:   o.Type,
			Name:   name,
			Region: o.Region,
			State:  string(o.State),
		})
	}
	return objects, nil
}
