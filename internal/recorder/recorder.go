// Package recorder runs a Pulumi program or component under mocks and keeps every registration for
// a test to look at. It is stricter than the SDK's mock monitor: a name registered twice, a
// resource or look-up without an explicit provider and a look-up that the test did not expect are
// errors, as they are (or should be) in a real deploy.
package recorder

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/identity"
)

// Project and Stack are what a recorded program sees of itself.
const (
	Project = "bookmark-manager"
	Stack   = "test"
)

// Production is a stack in Region and Account, as components see it.
var Production = identity.Stack{
	Environment: "production",
	Region:      Region,
	AccountID:   Account,
	Production:  true,
}

// Resource is one registration, as the engine would receive it.
type Resource struct {
	Type, Name     string
	Parent         string // URN; of the stack for a top-level component
	Provider       string // reference; empty for components and providers
	ID             string // of a resource that is read, not made
	Custom         bool   // false for components
	Protect        bool
	RetainOnDelete bool
	DeleteFirst    bool     // DeleteBeforeReplace
	DependsOn      []string // URNs
	IgnoreChanges  []string
	Import         string   // the id of an object that is imported and not made
	Replaced       []string // ReplaceOnChanges
	Trigger        string   // ReplacementTrigger, of those that are texts
	Aliases        int
	Inputs         resource.PropertyMap
	Outputs        resource.PropertyMap // with what the provider would have filled in
	// Feeding are the URNs of the resources whose outputs went into an input, by its name.
	Feeding map[string][]string
}

// Key is "<type> <name>", the way tests and golden lists name a resource.
func (r Resource) Key() string { return r.Type + " " + r.Name }

// Input returns the input at a property path such as "routes[0].cidrBlock", secrets and outputs
// unwrapped, as plain Go (string, float64, bool, []any, map[string]any). It is nil when there is
// none.
func (r Resource) Input(path string) any {
	value, ok := r.raw(path)
	if !ok {
		return nil
	}
	return plain(value)
}

// IsSecret says whether the input at a property path is marked secret.
func (r Resource) IsSecret(path string) bool {
	value, ok := r.raw(path)
	return ok && value.ContainsSecrets()
}

func (r Resource) raw(path string) (resource.PropertyValue, bool) {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return resource.PropertyValue{}, false
	}
	return parsed.Get(resource.NewObjectProperty(r.Inputs))
}

// Plain is a property as plain Go, secrets and outputs unwrapped.
func Plain(value resource.PropertyValue) any { return plain(value) }

func plain(value resource.PropertyValue) any {
	for value.IsSecret() || value.IsOutput() {
		if value.IsSecret() {
			value = value.SecretValue().Element
			continue
		}
		value = value.OutputValue().Element
	}
	switch {
	case value.IsArray():
		all := make([]any, len(value.ArrayValue()))
		for i, element := range value.ArrayValue() {
			all[i] = plain(element)
		}
		return all
	case value.IsObject():
		all := map[string]any{}
		for key, element := range value.ObjectValue() {
			all[string(key)] = plain(element)
		}
		return all
	default:
		return value.V
	}
}

// Recorder implements pulumi.MockResourceMonitor. Use New.
type Recorder struct {
	mu        sync.Mutex
	resources map[string]Resource
	answers   map[string]func(resource.PropertyMap) (resource.PropertyMap, error)
}

// New is an empty recorder.
func New() *Recorder {
	return &Recorder{
		resources: map[string]Resource{},
		answers:   map[string]func(resource.PropertyMap) (resource.PropertyMap, error){},
	}
}

// Answer lets the program call the function token, such as
// "aws:index/getAvailabilityZones:getAvailabilityZones".
func (r *Recorder) Answer(token string, answer func(args resource.PropertyMap) (resource.PropertyMap, error)) {
	r.answers[token] = answer
}

// Run runs a whole program with a stack configuration (full keys, such as
// "bookmark-manager:network", to raw values). Keys in secret are what `pulumi config set --secret`
// would have set.
func (r *Recorder) Run(program pulumi.RunFunc, config map[string]string, secret ...string) error {
	return pulumi.RunErr(program, pulumi.WithMocks(Project, Stack, r), func(info *pulumi.RunInfo) {
		info.Config = config
		info.ConfigSecretKeys = secret
	})
}

// Component runs a constructor with one explicit provider for each of the packages, as main.go
// would pass them.
func (r *Recorder) Component(
	build func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error, packages ...string,
) error {
	return r.Run(func(ctx *pulumi.Context) error {
		var providers []pulumi.ProviderResource
		for _, name := range packages {
			provider, err := Provider(ctx, name, name)
			if err != nil {
				return err
			}
			providers = append(providers, provider)
		}
		return build(ctx, pulumi.Providers(providers...))
	}, nil)
}

type provider struct{ pulumi.ProviderResourceState }

// Provider registers a provider of a package ("aws") under a name, for tests that need a second
// one.
func Provider(ctx *pulumi.Context, pkg, name string) (pulumi.ProviderResource, error) {
	p := &provider{}
	if err := ctx.RegisterResource("pulumi:providers:"+pkg, name, nil, p); err != nil {
		return nil, fmt.Errorf("register provider %q: %w", name, err)
	}
	return p, nil
}

// NewResource implements pulumi.MockResourceMonitor.
func (r *Recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := Resource{
		Type:     args.TypeToken,
		Name:     args.Name,
		Provider: args.Provider,
		ID:       args.ID,
		Custom:   args.Custom,
		Inputs:   args.Inputs,
	}
	if rpc := args.RegisterRPC; rpc != nil {
		got.Parent, got.Protect, got.RetainOnDelete = rpc.GetParent(), rpc.GetProtect(), rpc.GetRetainOnDelete()
		got.DependsOn, got.IgnoreChanges = rpc.GetDependencies(), rpc.GetIgnoreChanges()
		got.Import = rpc.GetImportId()
		got.Replaced, got.Trigger = rpc.GetReplaceOnChanges(), rpc.GetReplacementTrigger().GetStringValue()
		got.DeleteFirst = rpc.GetDeleteBeforeReplace()
		got.Aliases = len(rpc.GetAliases())
		got.Feeding = map[string][]string{}
		for name, one := range rpc.GetPropertyDependencies() {
			got.Feeding[name] = one.GetUrns()
		}
	}
	if _, twice := r.resources[got.Key()]; twice {
		return "", nil, fmt.Errorf("%s is registered twice", got.Key())
	}
	if args.Custom && args.Provider == "" && !strings.HasPrefix(args.TypeToken, "pulumi:") {
		return "", nil, fmt.Errorf("%s has no explicit provider", got.Key())
	}
	got.Outputs = computed(args.TypeToken, args.Name, args.Inputs)
	r.resources[got.Key()] = got
	id := args.ID
	if id == "" {
		id = args.Name + "-id"
	}
	return id, got.Outputs, nil
}

// Call implements pulumi.MockResourceMonitor.
func (r *Recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if args.Provider == "" {
		return nil, fmt.Errorf("look-up %s has no explicit provider", args.Token)
	}
	answer, ok := r.answers[args.Token]
	if !ok {
		return nil, fmt.Errorf("unexpected look-up %s", args.Token)
	}
	return answer(args.Args)
}

// All returns what was registered, providers and the stack itself left out, sorted by key.
func (r *Recorder) All() []Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Resource
	for _, one := range r.resources {
		if !strings.HasPrefix(one.Type, "pulumi:") {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b Resource) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.Name, b.Name))
	})
	return all
}

// Keys lists the keys of All.
func (r *Recorder) Keys() []string {
	var keys []string
	for _, one := range r.All() {
		keys = append(keys, one.Key())
	}
	return keys
}

// Get returns one registration; false when there is none.
func (r *Recorder) Get(typ, name string) (Resource, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	got, ok := r.resources[typ+" "+name]
	return got, ok
}

// OfType returns the registrations of one type, sorted by name.
func (r *Recorder) OfType(typ string) []Resource {
	var all []Resource
	for _, one := range r.All() {
		if one.Type == typ {
			all = append(all, one)
		}
	}
	return all
}

// Orphans lists the custom resources that hang under no component.
func (r *Recorder) Orphans() []string {
	var orphans []string
	for _, one := range r.All() {
		if one.Custom && (one.Parent == "" || resource.URN(one.Parent).QualifiedType() == resource.RootStackType) {
			orphans = append(orphans, one.Key())
		}
	}
	return orphans
}
