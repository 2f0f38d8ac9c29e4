package adopt

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// Stack is what a stack file says of what may be adopted. The program itself checks the whole file.
type Stack struct {
	Environment names.Environment
	Account     string
	Region      string
	Domain      string
	ZoneName    string
	ZoneID      string // of a zone that the stack reads and does not own
	Zones       []Zone
	Nat         string
	Services    map[string]Service
	Instances   []DatabaseInstance
	Emails      []string
	Project     string // Atlas's
	Datadog     bool
	Sentry      string // the organization; empty when Sentry is off
	Parameters  []string
	config      map[string]any
}

// Zone is an availability zone of the network, and the blocks of its subnets where they are given.
type Zone struct {
	Name     string `yaml:"name"`
	ID       string `yaml:"id,omitempty"`
	Index    int    `yaml:"index"`
	Public   string `yaml:"public,omitempty"`
	Private  string `yaml:"private,omitempty"`
	Database string `yaml:"database,omitempty"`
}

// Service is what a service says of its load balancing and its log.
type Service struct {
	Image            string   `yaml:"image"`
	Port             int      `yaml:"port"`
	Paths            []string `yaml:"paths"`
	Priority         int      `yaml:"priority"`
	LogRetentionDays int      `yaml:"logRetentionDays"`
}

// DatabaseInstance is an instance of Aurora's.
type DatabaseInstance struct {
	Number        int `yaml:"number"`
	ZoneIndex     int `yaml:"zoneIndex"`
	PromotionTier int `yaml:"promotionTier"`
}

// ReadStack reads a stack file.
func ReadStack(raw []byte) (*Stack, error) {
	var file struct {
		Config struct {
			Environment names.Environment `yaml:"bookmark-manager:environment"`
			AWS         struct {
				AccountID string `yaml:"accountId"`
				Region    string `yaml:"region"`
			} `yaml:"bookmark-manager:aws"`
			Network struct {
				Zones []Zone `yaml:"zones"`
				Nat   string `yaml:"nat"`
			} `yaml:"bookmark-manager:network"`
			Edge struct {
				Domain string `yaml:"domain"`
				Zone   struct {
					Name string `yaml:"name"`
					ID   string `yaml:"id"`
				} `yaml:"zone"`
			} `yaml:"bookmark-manager:edge"`
			Services map[string]Service `yaml:"bookmark-manager:services"`
			Aurora   struct {
				Instances []DatabaseInstance `yaml:"instances"`
			} `yaml:"bookmark-manager:aurora"`
			Notifications struct {
				Emails []string `yaml:"emails"`
			} `yaml:"bookmark-manager:notifications"`
			Atlas struct {
				ProjectID string `yaml:"projectId"`
			} `yaml:"bookmark-manager:atlas"`
			Datadog struct {
				Enabled bool `yaml:"enabled"`
			} `yaml:"bookmark-manager:datadog"`
			Sentry struct {
				Enabled      bool   `yaml:"enabled"`
				Organization string `yaml:"organization"`
			} `yaml:"bookmark-manager:sentry"`
			Parameters struct {
				Secrets []string `yaml:"secrets"`
			} `yaml:"bookmark-manager:parameters"`
		} `yaml:"config"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	var whole struct {
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(raw, &whole); err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	c := file.Config
	if c.Environment == "" || c.AWS.AccountID == "" || c.AWS.Region == "" || len(c.Services) == 0 {
		return nil, errors.New("read the stack file: bookmark-manager:environment, :aws with accountId and region, " +
			"and :services are required")
	}
	s := &Stack{
		Environment: c.Environment,
		Account:     c.AWS.AccountID,
		Region:      c.AWS.Region,
		Domain:      c.Edge.Domain,
		ZoneName:    c.Edge.Zone.Name,
		ZoneID:      c.Edge.Zone.ID,
		Zones:       c.Network.Zones,
		Nat:         c.Network.Nat,
		Services:    c.Services,
		Instances:   c.Aurora.Instances,
		Emails:      c.Notifications.Emails,
		Project:     c.Atlas.ProjectID,
		Datadog:     c.Datadog.Enabled,
		Parameters:  c.Parameters.Secrets,
		config:      whole.Config,
	}
	if c.Sentry.Enabled {
		s.Sentry = c.Sentry.Organization
	}
	return s, nil
}

// service is the service behind a fixed name, such as "web" of bookmark-manager-production-web.
func (s *Stack) service(name string) (string, bool) {
	for service := range s.Services {
		if name == s.Environment.Name(service) {
			return service, true
		}
	}
	return "", false
}

// zoneIndex is the index of a zone by its name; 0 for one that the stack does not have.
func zoneIndex(zones []Zone, name string) int {
	i := slices.IndexFunc(zones, func(zone Zone) bool { return zone.Name == name })
	if i < 0 {
		return 0
	}
	return zones[i].Index
}

// zoneID is what the stack file has for AWS's own name of a zone; empty for none.
func zoneID(zones []Zone, name string) string {
	i := slices.IndexFunc(zones, func(zone Zone) bool { return zone.Name == name })
	if i < 0 {
		return ""
	}
	return zones[i].ID
}

// at is a value of the stack file; nil where there is none.
func (s *Stack) at(path []string) any {
	var value any = s.config
	for _, key := range path {
		mapping, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = mapping[key]
	}
	return value
}

// same says whether a value of the stack file is the one that it should be.
func same(found, want any) bool { return reflect.DeepEqual(plain(found), plain(want)) }

// plain is a value as it is read from YAML.
func plain(value any) any {
	text, err := yaml.Marshal(value)
	if err != nil {
		return nil
	}
	var read any
	if err := yaml.Unmarshal(text, &read); err != nil {
		return nil
	}
	return read
}
