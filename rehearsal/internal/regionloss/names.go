package regionloss

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// readNames reads what the stack is called, and where it is.
func (d *drill) readNames() (Names, error) {
	raw, err := d.StackYAML()
	if err != nil {
		return Names{}, err
	}
	var file struct {
		Config struct {
			AWS struct {
				Region string `yaml:"region"`
			} `yaml:"bookmark-manager:aws"`
			Edge struct {
				Domain string `yaml:"domain"`
			} `yaml:"bookmark-manager:edge"`
			Atlas struct {
				ProjectID string `yaml:"projectId"`
			} `yaml:"bookmark-manager:atlas"`
			Backups struct {
				Copy struct {
					Region string `yaml:"region"`
				} `yaml:"copy"`
			} `yaml:"bookmark-manager:backups"`
		} `yaml:"config"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return Names{}, fmt.Errorf("read the stack file of %s: %w", d.Stack, err)
	}
	c := file.Config
	if c.Backups.Copy.Region == "" {
		return Names{}, fmt.Errorf("read the stack file of %s: backups.copy has no region: there is nowhere to go",
			d.Stack)
	}
	return Names{
		Stack:       d.Stack,
		Environment: d.Work.Files.Environment,
		To:          production.To,
		Account:     d.Work.Files.Account,
		Home:        c.AWS.Region,
		Away:        c.Backups.Copy.Region,
		Project:     c.Atlas.ProjectID,
		Domain:      c.Edge.Domain,
	}, nil
}
