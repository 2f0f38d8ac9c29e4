package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// stackFile is a stack's committed configuration, as the CLI hands it to the program: strings as they are, anything else as JSON.
type stackFile map[string]string

func readStack(t testing.TB, stack string) stackFile {
	t.Helper()
	raw, err := os.ReadFile("Pulumi." + stack + ".yaml")
	require.NoError(t, err)
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &file))
	values := stackFile{}
	for key, value := range file.Config {
		text, plain := value.(string)
		if !plain {
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			text = string(encoded)
		}
		values[key] = text
	}
	for _, key := range declaredSecrets(t) {
		values[key] = asSecret + key
	}
	return values
}

// asSecret begins the values that `pulumi config set --secret` is said to have set.
const asSecret = "https://example.com/set-with-secret/"

// declaredSecrets are the keys that Pulumi.yaml declares secret. No committed stack file has a value for them.
func declaredSecrets(t testing.TB) []string {
	t.Helper()
	raw, err := os.ReadFile("Pulumi.yaml")
	require.NoError(t, err)
	var project struct {
		Config map[string]struct {
			Secret bool `yaml:"secret"`
		} `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &project))
	var keys []string
	for key, declared := range project.Config {
		if declared.Secret {
			keys = append(keys, key)
		}
	}
	return keys
}

// released gives every service an image, as the first release does.
func (f stackFile) released(t testing.TB) stackFile {
	t.Helper()
	var services map[string]map[string]any
	require.NoError(t, json.Unmarshal([]byte(f["bookmark-manager:services"]), &services))
	for _, service := range services {
		service["image"], service["version"] = "sha256:"+strings.Repeat("a1", 32), "4f0c1d2"
	}
	encoded, err := json.Marshal(services)
	require.NoError(t, err)
	f["bookmark-manager:services"] = string(encoded)
	return f
}

// set changes one value by its path below a section, such as "network" and "zones.0.index". A nil value removes it.
func (f stackFile) set(t testing.TB, section, path string, value any) {
	t.Helper()
	var tree any
	require.NoError(t, json.Unmarshal([]byte(f["bookmark-manager:"+section]), &tree))
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
	encoded, err := json.Marshal(tree)
	require.NoError(t, err)
	f["bookmark-manager:"+section] = string(encoded)
}

// run evaluates the whole program under mocks.
func (f stackFile) run(t testing.TB) (*recorder.Recorder, error) {
	t.Helper()
	encoded, err := json.Marshal(f)
	require.NoError(t, err)
	t.Setenv(pulumi.EnvConfig, string(encoded))
	r := atlasAnswers(recorder.New())
	return r, r.Run(deploy, f, f.secretKeys()...)
}

// secretKeys are the keys whose values are secrets.
func (f stackFile) secretKeys() []string {
	var keys []string
	for key, value := range f {
		if strings.HasPrefix(value, asSecret) {
			keys = append(keys, key)
		}
	}
	return keys
}

// exported lists the names of the stack's outputs.
func (f stackFile) exported(t testing.TB) []string {
	t.Helper()
	var outputs []string
	require.NoError(t, atlasAnswers(recorder.New()).Run(func(ctx *pulumi.Context) error {
		if err := deploy(ctx); err != nil {
			return err
		}
		outputs = slices.Sorted(maps.Keys(ctx.GetCurrentExportMap()))
		return nil
	}, f, f.secretKeys()...))
	return outputs
}

// atlasAnswers gives the cluster the address that Atlas shows once the private endpoint is up.
func atlasAnswers(r *recorder.Recorder) *recorder.Recorder {
	r.Answer("mongodbatlas:index/getAdvancedCluster:getAdvancedCluster", func(resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.NewPropertyMapFromMap(map[string]any{"connectionStrings": []any{map[string]any{
			"privateEndpoints": []any{map[string]any{
				"srvConnectionString": "mongodb+srv://private.example.mongodb.net",
				"endpoints":           []any{map[string]any{"endpointId": "atlas-endpoint-id"}},
			}},
		}}}), nil
	})
	return r
}

// onlyOne are types that stand for what another object has once. Their services put a new one in the place of the old one, so it must be deleted
// before its replacement is made: afterwards that would be deleted.
var onlyOne = []string{
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration", "aws:backup/vaultNotifications:VaultNotifications",
	"aws:ec2/flowLog:FlowLog", "aws:ecr/lifecyclePolicy:LifecyclePolicy", "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
}

func TestWhatIsThereOnceIsDeletedBeforeItIsReplaced(t *testing.T) {
	r, err := readStack(t, "prod").run(t)
	require.NoError(t, err)
	for _, typ := range onlyOne {
		found := r.OfType(typ)
		require.NotEmpty(t, found, typ)
		for _, one := range found {
			require.True(t, one.DeleteFirst, one.Key())
		}
	}
}
