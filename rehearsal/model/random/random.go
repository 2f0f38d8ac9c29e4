// Package random is a random provider: passwords, strings, ids and numbers from the system's source
// of randomness. Nothing of it is in a cloud; a value lives in Pulumi's state, and stays the same
// until an input changes.
package random

import (
	"context"
	"fmt"
	"sync"

	"github.com/blang/semver"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Version is the plugin that belongs to the SDK in the program's go.mod.
const Version = "4.18.0"

// facts are the resource types of the real provider that a stack of this project may use.
const facts = `{"resources": {
	"random:index/randomPassword:RandomPassword": {"inputs": ` + stringInputs +
	`, "outputs": {"result": "string secret", "bcryptHash": "string secret"}},
	"random:index/randomString:RandomString": {"inputs": ` + stringInputs + `, "outputs": {"result": "string"}},
	"random:index/randomId:RandomId": {
		"inputs": {"byteLength": "integer required replace", "keepers": "{}string replace", "prefix": "string replace"},
		"outputs": {"b64Std": "string", "b64Url": "string", "dec": "string", "hex": "string"}
	},
	"random:index/randomUuid:RandomUuid": {"inputs": {"keepers": "{}string replace"}, "outputs": {"result": "string"}},
	"random:index/randomInteger:RandomInteger": {
		"inputs": {"keepers": "{}string replace", "min": "integer required replace", "max": "integer required replace", "seed": "string replace"},
		"outputs": {"result": "integer"}
	}
}}`

const stringInputs = `{
	"keepers": "{}string replace", "length": "integer required replace", "overrideSpecial": "string replace",
	"lower": "boolean replace", "upper": "boolean replace", "number": "boolean replace deprecated", "numeric": "boolean replace", "special": "boolean replace",
	"minLower": "integer replace", "minUpper": "integer replace", "minNumeric": "integer replace", "minSpecial": "integer replace"
}`

// Schema is what the provider knows of its types.
var Schema = sync.OnceValues(func() (*schema.Schema, error) { return schema.Parse([]byte(facts)) })

// Provider makes random values.
type Provider struct {
	plugin.UnimplementedProvider
	schema *schema.Schema
}

// New makes a provider. It has no configuration.
func New() (*Provider, error) {
	s, err := Schema()
	if err != nil {
		return nil, fmt.Errorf("start provider random: %w", err)
	}
	return &Provider{schema: s}, nil
}

// Handshake answers that secrets and outputs come without their wrapping.
func (p *Provider) Handshake(
	context.Context, plugin.ProviderHandshakeRequest,
) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{}, nil
}

// Attach is what the engine calls on a provider that it did not start.
func (p *Provider) Attach(string) error { return nil }

// Close has nothing to close.
func (p *Provider) Close() error { return nil }

// SignalCancellation has nothing to stop.
func (p *Provider) SignalCancellation(context.Context) error { return nil }

// GetPluginInfo gives the version of the provider that this one stands for.
func (p *Provider) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	v := semver.MustParse(Version)
	return plugin.PluginInfo{Version: &v}, nil
}

// CheckConfig refuses any configuration: the provider has none.
func (p *Provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	var failures []plugin.CheckFailure
	for key := range req.News {
		if key != "version" {
			failures = append(failures,
				plugin.CheckFailure{Property: key, Reason: "the random provider has no configuration"})
		}
	}
	return plugin.CheckConfigResponse{Properties: req.News, Failures: failures}, nil
}

// DiffConfig never finds a change: there is nothing to configure.
func (p *Provider) DiffConfig(context.Context, plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	return plugin.DiffConfigResponse{Changes: plugin.DiffNone}, nil
}

// Configure takes nothing.
func (p *Provider) Configure(context.Context, plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	return plugin.ConfigureResponse{}, nil
}

func (p *Provider) resource(token string) (*schema.Resource, error) {
	if res := p.schema.Resources[token]; res != nil {
		return res, nil
	}
	return nil, fmt.Errorf("unrecognized resource type (%s): %s", token, token)
}

// Check checks the inputs of a resource.
func (p *Provider) Check(_ context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	res, err := p.resource(string(req.Type))
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	var failures []plugin.CheckFailure
	for _, problem := range res.Inputs.Check(req.News) {
		failures = append(failures,
			plugin.CheckFailure{Property: resource.PropertyKey(problem.Property), Reason: problem.Error()})
	}
	if len(failures) == 0 {
		if err := refuse(string(req.Type), req.News); err != nil {
			failures = append(failures, plugin.CheckFailure{Reason: err.Error()})
		}
	}
	return plugin.CheckResponse{Properties: req.News, Failures: failures}, nil
}

// Diff says that any change replaces the value.
func (p *Provider) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	res, err := p.resource(string(req.Type))
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	changes := res.Inputs.Diff(req.OldInputs, req.NewInputs)
	if len(changes) == 0 {
		return plugin.DiffResponse{Changes: plugin.DiffNone}, nil
	}
	return plugin.DiffResponse{Changes: plugin.DiffSome, DetailedDiff: changes}, nil
}

// Create makes the value. In a preview it is unknown.
func (p *Provider) Create(_ context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	res, err := p.resource(string(req.Type))
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	outputs := req.Properties.Copy()
	if req.Preview {
		for name, property := range res.Outputs {
			outputs[resource.PropertyKey(name)] = wrap(property, resource.MakeComputed(resource.NewProperty("")))
		}
		return plugin.CreateResponse{Properties: outputs}, nil
	}
	id, values, err := generate(string(req.Type), outputs)
	if err != nil {
		return plugin.CreateResponse{}, fmt.Errorf("create %s: %w", req.URN.Name(), err)
	}
	for name, property := range res.Outputs {
		outputs[resource.PropertyKey(name)] = wrap(property, resource.NewPropertyValue(values[name]))
	}
	return plugin.CreateResponse{ID: resource.ID(id), Properties: outputs}, nil
}

func wrap(property *schema.Property, value resource.PropertyValue) resource.PropertyValue {
	if property.Secret {
		return resource.MakeSecret(value)
	}
	return value
}

// Read returns the value that the state has: there is no other place where it could be.
func (p *Provider) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	res, err := p.resource(string(req.Type))
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	outputs := req.State.Copy()
	for name, property := range res.Outputs {
		if value, ok := outputs[resource.PropertyKey(name)]; ok && !value.IsSecret() {
			outputs[resource.PropertyKey(name)] = wrap(property, value)
		}
	}
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: req.ID, Inputs: req.Inputs, Outputs: outputs}}, nil
}

// Update is never asked for: every change replaces the value.
func (p *Provider) Update(_ context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	return plugin.UpdateResponse{}, fmt.Errorf("update %s: a random value is replaced, never updated", req.URN.Name())
}

// Delete forgets the value, which only the state has.
func (p *Provider) Delete(context.Context, plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	return plugin.DeleteResponse{}, nil
}
