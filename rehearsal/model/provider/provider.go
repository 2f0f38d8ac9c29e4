// Package provider turns tables into a Pulumi resource provider that models a real one.
//
// A Definition has the provider's schema, a Kind for each resource type (what the cloud computes
// for it), and the Rules (what the real provider or cloud refuses). Adding a rule or a computed
// output is one more entry in a table; nothing here changes. The engine talks to the Provider that
// New makes, through gRPC.
//
// What the real providers do, as Pulumi's Terraform bridge has it, holds for all: inputs are
// checked against the schema, names are made from the logical name and seven random digits, a
// replaced resource whose name was given by the user is deleted first, secrets are left to the
// engine to mark.
package provider

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/blang/semver"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Definition is everything in which modelled providers differ.
type Definition struct {
	Name    string // as in pulumi-resource-NAME
	Version string // of the plugin that is modelled
	Schema  func() (*schema.Schema, error)
	Kinds   map[string]*Kind
	// Unlisted makes the Kind of a type of the schema that Kinds leaves out.
	Unlisted func(*schema.Resource) *Kind
	Rules    []Rule
	// Authorise asks whether the caller may do an operation: nil for a provider whose cloud asks
	// nobody. It runs in the transaction of the operation, after what the operation does to the
	// object o, so that the object's ARN is known; o is nil for a look-up.
	Authorise func(r *Request, operation Operation, o *cloud.Object) error
	// Reach says whether a region answers: nil for a provider whose cloud always does. It is asked
	// before every request that a preview does not spare.
	Reach func(tx *cloud.Tx, region string) error
	// Functions answer the look-ups, by token.
	Functions map[string]func(*Request) (map[string]any, error)

	// Config are the provider's own inputs.
	Config schema.Properties
	// ReplaceConfig are those of them whose change replaces the provider, and with it every
	// resource.
	ReplaceConfig []string
	// CheckConfig returns what is wrong with the provider's inputs; account is the caller's.
	CheckConfig func(inputs Values, account string) []schema.Problem
	// Settings reads the inputs that CheckConfig passed.
	Settings func(inputs Values) Settings
}

// Settings is what requests need of a provider's configuration.
type Settings struct {
	Region string
	Tags   map[string]string // added to the tags of every resource that has tagsAll
	// NoAccount is set when nobody asks for the account: what the provider makes of it is malformed
	// then.
	NoAccount bool
}

// Provider is one running provider, explicit in the program, with its own configuration.
type Provider struct {
	plugin.UnimplementedProvider
	def      Definition
	schema   *schema.Schema
	cloud    *cloud.Cloud
	account  string
	settings Settings
	rules    map[string][]Rule // by type
}

// New makes a provider on a cloud. account is the one that its credentials belong to.
func New(def Definition, c *cloud.Cloud, account string) (*Provider, error) {
	s, err := def.Schema()
	if err != nil {
		return nil, fmt.Errorf("start provider %s: %w", def.Name, err)
	}
	p := &Provider{
		def:     def,
		schema:  s,
		cloud:   c,
		account: account,
		rules:   map[string][]Rule{},
	}
	for _, rule := range def.Rules {
		for _, typ := range rule.Types {
			p.rules[typ] = append(p.rules[typ], rule)
		}
	}
	return p, nil
}

// Handshake answers that secrets, outputs and resource references come without their wrapping: the
// engine then marks the outputs, as it does for every bridged provider.
func (p *Provider) Handshake(
	context.Context, plugin.ProviderHandshakeRequest,
) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{}, nil
}

// Attach is what the engine calls on a provider that it did not start. Nothing here calls back.
func (p *Provider) Attach(string) error { return nil }

// Close has nothing to close: the cloud's file is open during transactions only.
func (p *Provider) Close() error { return nil }

// SignalCancellation has nothing to stop: every operation is one short transaction.
func (p *Provider) SignalCancellation(context.Context) error { return nil }

// GetPluginInfo gives the modelled plugin's version.
func (p *Provider) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	v, err := semver.Parse(p.def.Version)
	if err != nil {
		return plugin.PluginInfo{}, fmt.Errorf("read the version of provider %s: %w", p.def.Name, err)
	}
	return plugin.PluginInfo{Version: &v}, nil
}

// CheckConfig checks the provider's own inputs.
func (p *Provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	inputs := decodeConfig(req.News, p.def.Config)
	problems := p.def.Config.Check(inputs)
	if len(problems) == 0 {
		problems = p.def.CheckConfig(Values(cloud.PlainMap(inputs)), p.account)
	}
	return plugin.CheckConfigResponse{Properties: req.News, Failures: failures(problems)}, nil
}

// DiffConfig compares the provider's old and new inputs.
func (p *Provider) DiffConfig(_ context.Context, req plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	changes := p.def.Config.Diff(decodeConfig(req.OldInputs, p.def.Config), decodeConfig(req.NewInputs, p.def.Config))
	for path, change := range changes {
		if slices.Contains(p.def.ReplaceConfig, path) {
			changes[path] = plugin.PropertyDiff{Kind: change.Kind.AsReplace(), InputDiff: true}
		}
	}
	return result(changes, false), nil
}

// Configure takes the inputs that CheckConfig passed, and checks them again: a state can be older
// than the account.
func (p *Provider) Configure(_ context.Context, req plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	inputs := Values(cloud.PlainMap(decodeConfig(req.Inputs, p.def.Config)))
	if problems := p.def.CheckConfig(inputs, p.account); len(problems) > 0 {
		return plugin.ConfigureResponse{}, fmt.Errorf("configure provider %s: %w", p.def.Name, problems[0])
	}
	settings := p.def.Settings(inputs)
	if p.def.Reach != nil {
		if err := p.cloud.View(func(tx *cloud.Tx) error { return p.def.Reach(tx, settings.Region) }); err != nil {
			return plugin.ConfigureResponse{}, fmt.Errorf("configure provider %s: %w", p.def.Name, err)
		}
	}
	p.settings = settings
	return plugin.ConfigureResponse{}, nil
}

// Check checks a resource's inputs and names it.
func (p *Provider) Check(_ context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	res, kind, err := p.lookup(string(req.Type))
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	inputs := req.News.Copy()
	problems := res.Inputs.Check(inputs)
	if err := autoname(req, naming(kind, res), inputs); err != nil {
		problems = append(problems, schema.Problem{Reason: err.Error()})
	}
	if len(problems) == 0 {
		r := p.request(OnCheck, req.URN, string(req.Type), inputs)
		for _, rule := range p.rules[r.Type] {
			if rule.When&OnCheck == 0 {
				continue
			}
			if err := rule.Check(r); err != nil {
				problems = append(problems, schema.Problem{Reason: err.Error()})
			}
		}
	}
	return plugin.CheckResponse{Properties: inputs, Failures: failures(problems)}, nil
}

// defaultsKey lists, as the real bridge does, which inputs were filled in for the user. The engine
// does not show it.
const defaultsKey resource.PropertyKey = "__defaults"

func isDefaulted(inputs resource.PropertyMap, property string) bool {
	list := inputs[defaultsKey]
	return list.IsArray() && slices.ContainsFunc(list.ArrayValue(), func(v resource.PropertyValue) bool {
		return v.IsString() && v.StringValue() == property
	})
}

// autoname gives a resource its name when the user gives none. A resource keeps its name until it
// is replaced.
func autoname(req plugin.CheckRequest, n Naming, inputs resource.PropertyMap) error {
	defaults := []resource.PropertyValue{}
	defer func() { inputs[defaultsKey] = resource.NewProperty(defaults) }()
	if n.Property == "" || n.Fixed {
		return nil
	}
	key := resource.PropertyKey(n.Property)
	prefixed := Values(inputs).Has("namePrefix") || Values(inputs).Has(n.Property+"Prefix")
	if Values(inputs).Has(n.Property) || prefixed {
		return nil
	}
	defaults = append(defaults, resource.NewProperty(n.Property))
	if old := req.Olds[key]; isDefaulted(req.Olds, n.Property) && old.IsString() {
		inputs[key] = old
		return nil
	}
	base := req.URN.Name()
	if n.Lower {
		base = strings.ToLower(base)
	}
	name, err := resource.NewUniqueName(req.RandomSeed, n.Prefix+base+"-", 7, n.Max, nil)
	if err != nil {
		return fmt.Errorf("%s: %w: shorten the resource's name in the program", n.Property, err)
	}
	inputs[key] = resource.NewProperty(name)
	return nil
}

// Diff says what a change of inputs does.
func (p *Provider) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	res, kind, err := p.lookup(string(req.Type))
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	changes := res.Inputs.Diff(kind.before(req), req.NewInputs)
	for path := range changes {
		if kind.asItIs(req, resource.PropertyKey(path[:topLength(path)])) {
			delete(changes, path)
		}
	}
	if before, after, changed := p.tagsChange(res, req); changed {
		if _, shown := changes["tags"]; !shown && !before.DeepEquals(after) {
			changes["tagsAll"] = plugin.PropertyDiff{Kind: plugin.DiffUpdate}
		}
	}
	n := naming(kind, res)
	key := resource.PropertyKey(n.Property)
	named := n.Property != "" && !n.Fixed && Values(req.NewInputs).Has(n.Property) &&
		!isDefaulted(req.NewInputs, n.Property)
	deleteFirst := named && req.OldInputs[key].DeepEquals(req.NewInputs[key])
	return result(changes, deleteFirst), nil
}

// before are the old inputs, with the state's values of those that are Shown.
func (k *Kind) before(req plugin.DiffRequest) resource.PropertyMap {
	before := req.OldInputs.Copy()
	for _, name := range k.Shown {
		key := resource.PropertyKey(name)
		if is, known := req.OldOutputs[key]; known && before.HasValue(key) {
			before[key] = is
		}
	}
	return before
}

// asItIs says whether an input that only one side has changes nothing: one that is given for the
// first time with the value that the object has, or one that is taken out where its default is what
// the object has. The provider compares what it is to be with what is there, and not with what was
// asked for, which an import does not know.
func (k *Kind) asItIs(req plugin.DiffRequest, key resource.PropertyKey) bool {
	before, had := req.OldInputs[key]
	after, has := req.NewInputs[key]
	switch {
	case had && !has:
		value, known := k.Defaults[string(key)]
		return known && cloud.Plain(before).DeepEquals(resource.NewPropertyValue(value))
	case !had && has:
		there, known := req.OldOutputs[key]
		return known && cloud.Plain(there).DeepEquals(cloud.Plain(after))
	}
	return false
}

// tagsChange compares the tags that the object has with those that it will have: the provider's
// default tags can change without the resource's own.
func (p *Provider) tagsChange(
	res *schema.Resource, req plugin.DiffRequest,
) (before, after resource.PropertyValue, ok bool) {
	if res.Outputs["tagsAll"] == nil || !Values(req.OldOutputs).Has("tagsAll") {
		return before, after, false
	}
	all, known := p.tagsAll(Values(cloud.PlainMap(req.NewInputs)))
	return cloud.Plain(req.OldOutputs["tagsAll"]), all, known
}

func result(changes map[string]plugin.PropertyDiff, deleteFirst bool) plugin.DiffResult {
	if len(changes) == 0 {
		return plugin.DiffResult{Changes: plugin.DiffNone}
	}
	out := plugin.DiffResult{Changes: plugin.DiffSome, DetailedDiff: changes}
	for path, change := range changes {
		top := resource.PropertyKey(path[:topLength(path)])
		if !slices.Contains(out.ChangedKeys, top) {
			out.ChangedKeys = append(out.ChangedKeys, top)
		}
		if change.Kind.IsReplace() {
			out.DeleteBeforeReplace = deleteFirst
			if !slices.Contains(out.ReplaceKeys, top) {
				out.ReplaceKeys = append(out.ReplaceKeys, top)
			}
		}
	}
	slices.Sort(out.ChangedKeys)
	slices.Sort(out.ReplaceKeys)
	return out
}

func topLength(path string) int {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return i
	}
	return len(path)
}

func failures(problems []schema.Problem) []plugin.CheckFailure {
	var out []plugin.CheckFailure
	for _, problem := range problems {
		reason := problem.Reason
		if problem.Path != "" {
			reason = problem.Error()
		}
		out = append(out, plugin.CheckFailure{Property: resource.PropertyKey(problem.Property), Reason: reason})
	}
	return out
}

// lookup finds a resource type. The refusal has the words of the real provider.
func (p *Provider) lookup(token string) (*schema.Resource, *Kind, error) {
	res := p.schema.Resources[token]
	if res == nil {
		return nil, nil, fmt.Errorf("unrecognized resource type (%s): %s", token, token)
	}
	return res, p.kind(res), nil
}

func (p *Provider) kind(res *schema.Resource) *Kind {
	if k := p.def.Kinds[res.Token]; k != nil {
		return k
	}
	return p.def.Unlisted(res)
}

// key places an id where objects of the type live for this provider.
func (p *Provider) key(typ, id string) cloud.Key {
	key := cloud.Key{
		Type:    typ,
		Account: p.account,
		Region:  p.settings.Region,
		ID:      id,
	}
	res := p.schema.Resources[typ]
	if res == nil {
		return key // what only exists as part of another object, such as a network interface
	}
	switch p.kind(res).Scope {
	case Global:
		key.Region = ""
	case Worldwide:
		key.Account, key.Region = "", ""
	case Sited:
		key.Account = ""
	}
	return key
}

// Ask has something decided on the cloud as it is, outside of the operations of resources. Nothing
// is changed.
func (p *Provider) Ask(decide func(r *Request) error) error {
	return p.cloud.View(func(tx *cloud.Tx) error {
		r := p.request(OnCheck, "", "", nil)
		r.tx = tx
		if err := decide(r); err != nil {
			return err
		}
		return r.err
	})
}

func (p *Provider) request(action When, urn resource.URN, token string, inputs resource.PropertyMap) *Request {
	return &Request{
		Action:  action,
		URN:     urn,
		Type:    token,
		Account: p.account,
		Region:  p.settings.Region,
		Inputs:  Values(cloud.PlainMap(inputs)),
		Given:   Values(cloud.PlainMap(inputs)),
		Tags:    p.settings.Tags,

		NoAccount: p.settings.NoAccount,

		provider: p,
	}
}

// Schema returns what is known of a type, or nil.
func (p *Provider) Schema(token string) *schema.Resource { return p.schema.Resources[token] }

// Function returns what is known of a look-up, or nil.
func (p *Provider) Function(token string) *schema.Function { return p.schema.Functions[token] }

// Types lists the types of the schema, sorted.
func (p *Provider) Types() []string {
	var types []string
	for token := range p.schema.Resources {
		types = append(types, token)
	}
	sort.Strings(types)
	return types
}
