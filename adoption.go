package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// adoption has the objects of section "adopted" imported instead of created. It is one
// transformation of the stack, so that no component knows of it.
type adoption struct {
	config  adopted.Config
	waiting []string // the services without an image, whose objects wait for one

	lock sync.Mutex
	used map[string]bool
}

// adoptObjects comes after the boundary and before everything that may be adopted: the SDK hands
// each transformation the options that the program gave, and takes those of the last one.
func adoptObjects(st *stack) (*adoption, error) {
	a := &adoption{config: st.config.Adopted, used: map[string]bool{}}
	for _, name := range st.config.Services.Names() {
		if st.config.Services[name].Image == "" {
			a.waiting = append(a.waiting, name)
		}
	}
	if len(a.config.Resources) == 0 {
		return a, nil
	}
	if err := st.ctx.RegisterStackTransformation(a.importObject); err != nil {
		return nil, fmt.Errorf("adopt the objects of section adopted: %w", err)
	}
	return a, nil
}

// importObject adds the id by which a resource is imported, and the properties whose changes the
// engine ignores in this stage.
func (a *adoption) importObject(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	key := args.Type + " " + args.Name
	one, ok := a.config.Resources[key]
	if !ok {
		return nil
	}
	a.lock.Lock()
	a.used[key] = true
	a.lock.Unlock()
	opts := append(slices.Clone(args.Opts), pulumi.Import(pulumi.ID(one.ID)))
	if ignored := one.Ignored(a.config.Stage); len(ignored) > 0 {
		opts = append(opts, pulumi.IgnoreChanges(ignored))
	}
	return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: opts}
}

// unused is an error for entries that match no resource: nothing would manage their objects, and
// the stack would create new ones in their place.
func (a *adoption) unused() error {
	a.lock.Lock()
	defer a.lock.Unlock()
	var keys []string
	for _, key := range a.config.Keys() {
		if _, name, _ := strings.Cut(key, " "); !a.used[key] && !a.waits(name) {
			keys = append(keys, settings.Key("adopted.resources", key))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return fmt.Errorf("adopt the objects of section adopted: the stack has no resource for %s; write the type and "+
		"name that it has, "+
		"or take the entry out and see to the object yourself", strings.Join(keys, ", "))
}

// waits says whether a resource is there only once its service has an image.
func (a *adoption) waits(name string) bool {
	return slices.ContainsFunc(a.waiting, func(service string) bool {
		return name == service || strings.HasPrefix(name, service+"-") ||
			strings.HasPrefix(name, "observability-"+service+"-") || strings.HasPrefix(name, "datadog-"+service+"-")
	})
}
