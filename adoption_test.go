package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/internal/adopt"
	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
	"github.com/bookmark-manager/infrastructure/network"
)

// taken is the prod stack with what `infra adopt` says of the original design's Terraform state
// laid over it, and the section itself.
func taken(t *testing.T) (stacktest.File, *adopt.Adoption) {
	t.Helper()
	raw, err := os.ReadFile("Pulumi.prod.yaml")
	require.NoError(t, err)
	stack, err := adopt.ReadStack(raw)
	require.NoError(t, err)
	states, err := adopt.ReadFiles([]string{"internal/adopt/testdata/terraform.tfstate"})
	require.NoError(t, err)
	found := adopt.Match(stack, states, adopt.Accepted{})
	require.Empty(t, found.Refusals)
	patch, err := found.Patch()
	require.NoError(t, err)
	return stacktest.Read(t, "prod").Over(t, patch), found
}

// What the command writes is what the program takes: each entry is a resource of the stack, is
// imported by its id, and is frozen until its stage.
func TestTheOriginalDesignIsAdopted(t *testing.T) {
	f, found := taken(t)
	f = f.Released(t)
	for _, stage := range []adopted.Stage{adopted.Take, adopted.Move, adopted.Close} {
		f.Set(t, "adopted", "stage", string(stage))
		if stage == adopted.Close {
			f.Set(t, "network", "transition", nil)
		}
		r, err := run(t, f)
		require.NoError(t, err)
		imported := 0
		for _, one := range r.All() {
			entry, ours := found.Config.Resources[one.Key()]
			if !ours {
				assert.Empty(t, one.Import, one.Key())
				continue
			}
			imported++
			assert.Equal(t, entry.ID, one.Import, one.Key())
			for _, property := range entry.Ignored(stage) {
				assert.Contains(t, one.IgnoreChanges, property, one.Key())
			}
			frozen := stage == adopted.Take ||
				stage == adopted.Move && entry.FrozenUntil == adopted.Close && len(entry.FrozenInMove) == 0
			assert.Equal(t, frozen, slices.Contains(one.IgnoreChanges, adopted.Everything), "%s in %s", one.Key(),
				stage)
		}
		assert.Len(t, found.Config.Resources, imported)
	}
}

// The first stage has no images yet: what belongs to the services waits.
func TestServicesWithoutAnImageWait(t *testing.T) {
	f, _ := taken(t)
	r, err := run(t, f)
	require.NoError(t, err)
	_, there := r.Get(catalog.ECSService, "api")
	assert.False(t, there)
	f.Set(t, "adopted", "resources", map[string]any{
		catalog.DatadogMonitor + " datadog-api-error-rate": map[string]any{"id": "12345"},
	})
	f.Set(t, "network", "transition", nil)
	_, err = run(t, f)
	require.NoError(t, err, "a service's monitor is made with it")
}

func TestAnEntryThatNoResourceUsesIsAnError(t *testing.T) {
	f, _ := taken(t)
	f.Set(t, "network", "endpoints", []any{"ecr.api"})
	_, err := run(t, f)
	require.ErrorContains(t, err,
		`the stack has no resource for adopted.resources["aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-s3"]`)
	f, _ = taken(t)
	f = f.Released(t)
	f.Set(t, "adopted", "resources",
		map[string]any{"aws:ecs/service:Service jobs": map[string]any{"id": "cluster/jobs"}})
	f.Set(t, "network", "transition", nil)
	_, err = run(t, f)
	require.ErrorContains(t, err, "Service jobs")
}

// Running tasks log in with the password and sign with the key that are there.
func TestPasswordAndKeyStayAsTheyAre(t *testing.T) {
	f, _ := taken(t)
	r, err := run(t, f)
	require.NoError(t, err)
	for resource, want := range map[string]string{
		catalog.RDSCluster + " aurora-cluster masterPassword": stacktest.AsSecret + "bookmark-manager:" +
			adopt.MasterPasswordKey,
		catalog.Parameter + " parameters-JWT_SECRET value": stacktest.AsSecret + "bookmark-manager:" +
			adopt.JWTSecretKey,
		catalog.RDSCluster + " aurora-cluster clusterIdentifier": "bookmark-manager-production-aurora",
	} {
		parts := strings.Split(resource, " ")
		one, ok := r.Get(parts[0], parts[1])
		require.True(t, ok, resource)
		assert.Equal(t, want, one.Input(parts[2]), resource)
		assert.Equal(t, parts[2] != "clusterIdentifier", one.IsSecret(parts[2]), resource)
	}
	_, made := r.Get(catalog.RandomPassword, "aurora-master-password")
	assert.False(t, made)
	_, made = r.Get(catalog.RandomPassword, "parameters-jwt-1")
	assert.False(t, made)

	f.Set(t, "adopted", "stage", string(adopted.Close))
	f.Set(t, "network", "transition", nil)
	f.Set(t, "aurora", "masterPasswordRotation", 2)
	f.Set(t, "parameters", "jwtRotation", 2)
	r, err = run(t, f)
	require.NoError(t, err)
	_, made = r.Get(catalog.RandomPassword, "aurora-master-password")
	assert.True(t, made, "a rotation ends with a password of its own")
	previous, _ := r.Get(catalog.Parameter, "parameters-JWT_SECRET_PREVIOUS")
	assert.Equal(t, stacktest.AsSecret+"bookmark-manager:"+adopt.JWTSecretKey, previous.Input("value"))
}

// The command knows the program's endpoints and alarms without its SDKs.
func TestTheCommandKnowsWhatTheProgramMakes(t *testing.T) {
	var endpoints []any
	for _, one := range adopt.Endpoints {
		endpoints = append(endpoints, one)
	}
	assert.ElementsMatch(t, network.Endpoint("").Rule().Values, endpoints)
	r, err := run(t, stacktest.Read(t, "prod").Released(t))
	require.NoError(t, err)
	names := slices.Clone(adopt.Alarms)
	for _, end := range adopt.ServiceAlarms {
		names = append(names, "api-"+end, "web-"+end)
	}
	for _, name := range names {
		alarm, ok := r.Get(catalog.MetricAlarm, "observability-"+name)
		assert.True(t, ok, name)
		assert.Equal(t, "bookmark-manager-production-"+name, alarm.Input("name"))
	}
}

// The patch is YAML that says the same as the adoption.
func TestThePatchIsTheSection(t *testing.T) {
	_, found := taken(t)
	patch, err := found.Patch()
	require.NoError(t, err)
	var file struct {
		Config struct {
			Adopted struct {
				Resources map[string]struct {
					ID            string            `yaml:"id"`
					IgnoreChanges map[string]string `yaml:"ignoreChanges"`
					FrozenUntil   adopted.Stage     `yaml:"frozenUntil"`
					FrozenInMove  []string          `yaml:"frozenInMove"`
				} `yaml:"resources"`
			} `yaml:"bookmark-manager:adopted"`
		} `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal(patch, &file))
	read := map[string]adopted.Resource{}
	for key, one := range file.Config.Adopted.Resources {
		read[key] = adopted.Resource(one)
	}
	assert.Equal(t, found.Config.Resources, read)
}
