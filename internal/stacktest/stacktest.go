// Package stacktest gives tests the committed stack files as the CLI hands them to the program.
package stacktest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// File is a stack's configuration by key, such as "bookmark-manager:network": strings as they are,
// anything else as JSON.
type File map[string]string

// Read is the committed file of a stack ("prod"), with a value for each key that Pulumi.yaml
// declares secret.
func Read(t testing.TB, stack string) File {
	t.Helper()
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	decode(t, "Pulumi."+stack+".yaml", &file)
	f := File{}
	for key, value := range file.Config {
		text, plain := value.(string)
		if !plain {
			text = toJSON(t, value)
		}
		f[key] = text
	}
	for _, key := range declaredSecrets(t) {
		f[key] = AsSecret + key
	}
	return f
}

//go:embed every-key.yaml
var everyKey []byte

// ReadEveryKey is the prod stack with every key that it leaves out.
func ReadEveryKey(t testing.TB) File {
	t.Helper()
	return Read(t, "prod").Over(t, everyKey)
}

// Over lays a part of a stack file over the file: a list stands for the one that was there, an
// object is added to it.
func (f File) Over(t testing.TB, part []byte) File {
	t.Helper()
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal(part, &file))
	return f.over(t, file.Config)
}

func (f File) over(t testing.TB, config map[string]any) File {
	t.Helper()
	for key, more := range config {
		if text, plain := more.(string); plain {
			f[key] = text
			continue
		}
		section := any(map[string]any{})
		if f[key] != "" {
			require.NoError(t, json.Unmarshal([]byte(f[key]), &section))
		}
		f[key] = toJSON(t, merge(section, more))
	}
	return f
}

func merge(base, more any) any {
	to, ok := base.(map[string]any)
	from, both := more.(map[string]any)
	if !ok || !both {
		return more
	}
	for key, value := range from {
		to[key] = merge(to[key], value)
	}
	return to
}

// Path is where a file of the repository's root is.
func Path(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "Pulumi.yaml")); err == nil {
			return filepath.Join(dir, name)
		}
		above := filepath.Dir(dir)
		require.NotEqual(t, dir, above, "no directory above the test has a Pulumi.yaml")
		dir = above
	}
}

func decode(t testing.TB, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(Path(t, name))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(raw, into), name)
}

// AsSecret begins the values that `pulumi config set --secret` is said to have set.
const AsSecret = "https://example.com/set-with-secret/"

// declaredSecrets are the keys that Pulumi.yaml declares secret. No committed stack file has a
// value for them.
func declaredSecrets(t testing.TB) []string {
	t.Helper()
	var project struct {
		Config map[string]struct {
			Secret bool `yaml:"secret"`
		} `yaml:"config"`
	}
	decode(t, "Pulumi.yaml", &project)
	var keys []string
	for key, declared := range project.Config {
		if declared.Secret {
			keys = append(keys, key)
		}
	}
	return keys
}

// SecretKeys are the keys whose values are secrets.
func (f File) SecretKeys() []string {
	var keys []string
	for key, value := range f {
		if strings.HasPrefix(value, AsSecret) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Released gives every service an image, as the first release does.
func (f File) Released(t testing.TB) File {
	t.Helper()
	services := f.services(t)
	for _, service := range services {
		service["image"], service["version"] = "sha256:"+strings.Repeat("a1", 32), "4f0c1d2"
	}
	f["bookmark-manager:services"] = toJSON(t, services)
	return f
}

// WithServices adds services, up to n, and gives each an image. Those that it adds are copies of
// api that the load balancer reaches under a path of their own, and that call api.
func (f File) WithServices(t testing.TB, n int) File {
	t.Helper()
	services := f.services(t)
	for i := 1; len(services) < n; i++ {
		added := maps.Clone(services["api"])
		delete(added, "migration")
		name := fmt.Sprintf("extra-%02d", i)
		added["port"], added["priority"] = 4000+i, i
		added["paths"], added["calls"] = []string{"/" + name + "/*"}, []string{"api"}
		services[name] = added
	}
	f["bookmark-manager:services"] = toJSON(t, services)
	return f.Released(t)
}

func (f File) services(t testing.TB) map[string]map[string]any {
	t.Helper()
	var services map[string]map[string]any
	require.NoError(t, json.Unmarshal([]byte(f["bookmark-manager:services"]), &services))
	return services
}

// Set changes one value by its path below a section, such as "network" and "zones.0.index". A nil
// value removes it.
func (f File) Set(t testing.TB, section, path string, value any) {
	t.Helper()
	var tree any
	require.NoError(t, json.Unmarshal([]byte(f[names.Project+":"+section]), &tree))
	at := tree
	steps := strings.Split(path, ".")
	for i, step := range steps {
		last := i == len(steps)-1
		switch node := at.(type) {
		case map[string]any:
			if last && value == nil {
				delete(node, step)
			} else if last {
				node[step] = value
			}
			at = node[step]
		case []any:
			var index int
			require.NoError(t, json.Unmarshal([]byte(step), &index))
			if last {
				node[index] = value
			}
			at = node[index]
		default:
			t.Fatalf("%s has no %s", section, path)
		}
	}
	f[names.Project+":"+section] = toJSON(t, tree)
}

func toJSON(t testing.TB, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	return string(encoded)
}
