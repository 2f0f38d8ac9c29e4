package bench

import (
	"fmt"
	"maps"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The service that the added ones are copies of: the load balancer reaches it, and it calls
// nothing.
const original = "api"

// withServices reads a stack file and returns it with an image for each of n services. Those that
// it adds are copies of api that the load balancer reaches under a path of their own, and that call
// api. n of 0 adds none.
func withServices(path string, n int) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	var file map[string]any
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("read the stack file %s: %w", path, err)
	}
	config, _ := file["config"].(map[string]any)
	var services map[string]any
	for key, section := range config {
		if strings.HasSuffix(key, ":services") {
			services, _ = section.(map[string]any)
		}
	}
	copied, ok := services[original].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("add services to the stack file %s: it has no service %q to copy", path, original)
	}
	for i := 1; len(services) < n; i++ {
		added := maps.Clone(copied)
		delete(added, "migration")
		name := fmt.Sprintf("extra-%02d", i)
		added["port"], added["paths"], added["priority"], added["calls"] = 4000+i, []string{"/" + name + "/*"}, i,
			[]string{original}
		services[name] = added
	}
	for name, service := range services {
		one, ok := service.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("name the image of service %q in the stack file %s: it is no mapping", name, path)
		}
		one["image"], one["version"] = "sha256:"+strings.Repeat("0", 64), "a1b2c3d"
	}
	return yaml.Marshal(file)
}
