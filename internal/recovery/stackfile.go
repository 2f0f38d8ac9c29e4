package recovery

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// stackFile is what recovery reads of a stack file. The program checks the rest.
type stackFile struct {
	stack    string
	raw      []byte
	recovery string // backups.copy.region; empty without copies

	SecretsProvider string `yaml:"secretsprovider"`
	EncryptedKey    string `yaml:"encryptedkey"`
	Config          struct {
		Environment names.Environment `yaml:"bookmark-manager:environment"`
		AWS         struct {
			AccountID string `yaml:"accountId"`
			Region    string `yaml:"region"`
		} `yaml:"bookmark-manager:aws"`
		Network struct {
			Zones []struct{} `yaml:"zones"`
		} `yaml:"bookmark-manager:network"`
		Edge struct {
			Domain string `yaml:"domain"`
			Zone   struct {
				Name string `yaml:"name"`
				ID   string `yaml:"id"`
			} `yaml:"zone"`
			Standby struct {
				DistributionID string `yaml:"distributionId"`
			} `yaml:"standby"`
		} `yaml:"bookmark-manager:edge"`
		Aurora struct {
			EngineVersion string         `yaml:"engineVersion"`
			Active        string         `yaml:"active"`
			Clusters      map[string]any `yaml:"clusters"`
		} `yaml:"bookmark-manager:aurora"`
		Backups struct {
			Copy *struct {
				Region string `yaml:"region"`
			} `yaml:"copy"`
		} `yaml:"bookmark-manager:backups"`
	} `yaml:"config"`
}

func pathOf(stack string) string { return "Pulumi." + stack + ".yaml" }

func readStackFile(stack string) (*stackFile, error) {
	raw, err := os.ReadFile(pathOf(stack))
	if err != nil {
		return nil, fmt.Errorf("read the stack file: %w: run this in the root of the repository", err)
	}
	f := &stackFile{stack: stack, raw: raw}
	if err := yaml.Unmarshal(raw, f); err != nil {
		return nil, fmt.Errorf("read %s: %w", pathOf(stack), err)
	}
	c := f.Config
	for _, one := range []struct{ key, found string }{
		{"environment", string(c.Environment)}, {"aws.accountId", c.AWS.AccountID}, {"aws.region", c.AWS.Region},
		{"edge.domain", c.Edge.Domain}, {"aurora.active", c.Aurora.Active},
	} {
		if one.found == "" {
			return nil, fmt.Errorf("read %s: %s:%s is missing", pathOf(stack), names.Project, one.key)
		}
	}
	if c.Backups.Copy != nil {
		f.recovery = c.Backups.Copy.Region
	}
	return f, nil
}

// cluster is the name of the active database cluster.
func (f *stackFile) cluster() string {
	name := f.Config.Environment.Name("aurora")
	if f.Config.Aurora.Active != "main" {
		name += "-" + f.Config.Aurora.Active
	}
	return name
}

// clusterARN is that cluster's.
func (f *stackFile) clusterARN() string {
	return "arn:aws:rds:" + f.Config.AWS.Region + ":" + f.Config.AWS.AccountID + ":cluster:" + f.cluster()
}

// dataKey is what the stack's secrets are encrypted with, as KMS has encrypted it.
func (f *stackFile) dataKey() ([]byte, error) {
	if !strings.HasPrefix(f.SecretsProvider, "awskms://") || f.EncryptedKey == "" {
		return nil, fmt.Errorf("read %s: secretsprovider is %q and encryptedkey has %d characters, want a key of "+
			"KMS and what it has "+
			"encrypted: make bootstrap writes both", pathOf(f.stack), f.SecretsProvider, len(f.EncryptedKey))
	}
	key, err := base64.StdEncoding.DecodeString(f.EncryptedKey)
	if err != nil {
		return nil, fmt.Errorf("read %s: encryptedkey is no base64: %w", pathOf(f.stack), err)
	}
	return key, nil
}

// place is where the new stack comes up.
type place struct {
	environment      string // of the new stack, and its name
	region           string
	zones            []string
	snapshot         string
	engineVersion    string
	distribution     string
	hostedZone       string
	secretsProvider  string
	frontEnvironment names.Environment
}

var environmentForm = regexp.MustCompile(`^[a-z][a-z0-9]{1,9}$`)

// rewrite is the stack file of the new stack. What there is once in the account, in an organization
// or in a project stays the first stack's, and what belongs to the lost region is left out.
func (f *stackFile) rewrite(to place) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(f.raw, &document); err != nil {
		return nil, fmt.Errorf("read %s: %w", pathOf(f.stack), err)
	}
	root := document.Content[0]
	set(root, to.secretsProvider, "secretsprovider")
	config := at(root, "config")
	key := func(name string) string { return names.Project + ":" + name }
	for _, one := range []struct {
		value any
		path  []string
	}{
		{to.environment, []string{key("environment")}},
		{to.region, []string{key("aws"), "region"}},
		{map[string]any{"main": map[string]any{"restore": map[string]any{
			"snapshot":      to.snapshot,
			"engineVersion": to.engineVersion,
		}}},
			[]string{key("aurora"), "clusters"}},
		{"main", []string{key("aurora"), "active"}},
		{"off", []string{key("atlas"), "auditing", "ownership"}},
		{"off", []string{key("atlas"), "maintenance", "ownership"}},
		{"off", []string{key("delivery"), "provider"}},
		{map[string]any{
			"distributionId": to.distribution,
			"environment":    string(to.frontEnvironment),
			"zoneId":         to.hostedZone,
			"takesOver":      false,
		}, []string{key("edge"), "standby"}},
	} {
		set(config, one.value, one.path...)
	}
	if at(config, key("sentry"), "team") != nil {
		set(config, "adopt", key("sentry"), "team", "mode")
	}
	if at(config, key("datadog"), "integration") != nil {
		set(config, "off", key("datadog"), "integration")
	}
	for _, guard := range []string{"guardDuty", "cloudTrail", "costAnomalies"} {
		set(config, "off", key("guards"), guard)
	}
	for i, zone := range at(config, key("network"), "zones").Content {
		set(zone, to.zones[i], "name")
		drop(zone, "id")
	}
	for _, path := range [][]string{
		{key("network"), "ingress", "prefixListId"},
		{key("network"), "transition"},
		{key("aurora"), "global"},
		{key("backups"), "copy"},
		{key("atlas"), "backup", "copyRegion"},
		{key("atlas"), "clusterName"},
		{key("edge"), "records", "secondary"},
		{key("adopted")},
		{key("adoptedMasterPassword")},
		{key("adoptedJwtSecret")},
		{key("buckets"), "assets", "name"},
		{key("buckets"), "logs", "name"},
		{key("buckets"), "backups", "name"},
		{key("guards"), "costAnomalyMonitorArn"},
		{key("teardown")},
	} {
		drop(config, path...)
	}
	services := at(config, key("services"))
	for i := 1; services != nil && i < len(services.Content); i += 2 {
		for _, of := range []string{"image", "version", "canary"} {
			drop(services.Content[i], of)
		}
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(&document), encoder.Close()); err != nil {
		return nil, fmt.Errorf("write %s: %w", pathOf(to.environment), err)
	}
	return text.Bytes(), nil
}

// at is what a mapping has at a path, or nil.
func at(node *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		node, _ = stackfile.Entry(node, key)
	}
	return node
}

// set writes a value at a path, with the mappings on the way to it.
func set(node *yaml.Node, to any, path ...string) {
	for _, key := range path {
		next, found := stackfile.Entry(node, key)
		if !found {
			next = &yaml.Node{Kind: yaml.MappingNode}
			node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, next)
		}
		node = next
	}
	var written yaml.Node
	if err := written.Encode(to); err != nil {
		panic(err) // texts, and maps of them
	}
	written.LineComment = node.LineComment
	*node = written
}

func drop(node *yaml.Node, path ...string) {
	last := len(path) - 1
	mapping := at(node, path[:last]...)
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == path[last] {
			mapping.Content = append(mapping.Content[:i:i], mapping.Content[i+2:]...)
			return
		}
	}
}
