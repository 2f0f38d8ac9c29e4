// Package providertest asks a modelled provider what the engine would ask, for tests of its rules.
package providertest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// In are inputs, as a test writes them.
type In = map[string]any

// Account is the caller's AWS account.
const Account = "123456789012"

// Unknown is a value that only the deployment will know.
var Unknown = resource.MakeComputed(resource.NewProperty(""))

// World is a cloud of its own and one configured provider on it.
type World struct {
	T testing.TB
	*provider.Provider

	cloud      *cloud.Cloud
	definition provider.Definition
}

// New configures a provider on an empty cloud.
func New(t testing.TB, definition provider.Definition, config In) *World {
	t.Helper()
	c, err := cloud.Open(filepath.Join(t.TempDir(), "cloud.db"))
	require.NoError(t, err)
	return (&World{T: t, cloud: c, definition: definition}).Configured(config)
}

// Configured is one more provider on the same cloud.
func (w *World) Configured(config In) *World {
	w.T.Helper()
	p, err := provider.New(w.definition, w.cloud, Account)
	require.NoError(w.T, err)
	_, err = p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(config)})
	require.NoError(w.T, err)
	return &World{
		T:          w.T,
		Provider:   p,
		cloud:      w.cloud,
		definition: w.definition,
	}
}

// Beside is a provider of another kind on the same cloud.
func (w *World) Beside(definition provider.Definition, config In) *World {
	w.T.Helper()
	return (&World{T: w.T, cloud: w.cloud, definition: definition}).Configured(config)
}

// Left lists what is in the cloud, oldest first.
func (w *World) Left() []*cloud.Object {
	w.T.Helper()
	all, err := w.cloud.List()
	require.NoError(w.T, err)
	return all
}

// Object is a resource that a test made.
type Object struct {
	Type, Name, ID  string
	Inputs, Outputs resource.PropertyMap
}

// Text is a string output.
func (o Object) Text(property string) string {
	return o.Outputs[resource.PropertyKey(property)].StringValue()
}

func urn(typ, name string) resource.URN {
	return resource.NewURN("prod", "bookmark-manager", "", tokens.Type(typ), name)
}

// Checked are the checked inputs, or the problems as one error.
func (w *World) Checked(typ, name string, inputs In) (resource.PropertyMap, error) {
	w.T.Helper()
	res, err := w.Check(context.Background(), plugin.CheckRequest{
		URN:        urn(typ, name),
		Type:       tokens.Type(typ),
		News:       resource.NewPropertyMapFromMap(inputs),
		RandomSeed: []byte(name),
	})
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, failure := range res.Failures {
		problems = append(problems, failure.Reason)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	return res.Properties, nil
}

// Try checks and creates, as the engine does.
func (w *World) Try(typ, name string, inputs In) (Object, error) {
	w.T.Helper()
	return w.create(typ, name, inputs, false)
}

// Preview checks and creates as `pulumi preview` does.
func (w *World) Preview(typ, name string, inputs In) error {
	w.T.Helper()
	_, err := w.create(typ, name, inputs, true)
	return err
}

func (w *World) create(typ, name string, inputs In, preview bool) (Object, error) {
	w.T.Helper()
	checked, err := w.Checked(typ, name, inputs)
	if err != nil {
		return Object{}, err
	}
	res, err := w.Create(context.Background(), plugin.CreateRequest{
		URN:        urn(typ, name),
		Type:       tokens.Type(typ),
		Properties: checked,
		Preview:    preview,
	})
	return Object{typ, name, string(res.ID), checked, res.Properties}, err
}

// Make is Try for what a test only needs to be there.
func (w *World) Make(typ, name string, inputs In) Object {
	w.T.Helper()
	o, err := w.Try(typ, name, inputs)
	require.NoError(w.T, err)
	return o
}

// Change updates an object in place. The ignored properties are for the provider to know: the
// engine would have taken their old values into the inputs.
func (w *World) Change(o Object, inputs In, ignored ...string) (Object, error) {
	w.T.Helper()
	checked, err := w.Checked(o.Type, o.Name, inputs)
	if err != nil {
		return Object{}, err
	}
	res, err := w.Update(context.Background(), plugin.UpdateRequest{
		URN:           urn(o.Type, o.Name),
		Type:          tokens.Type(o.Type),
		ID:            resource.ID(o.ID),
		OldInputs:     o.Inputs,
		OldOutputs:    o.Outputs,
		NewInputs:     checked,
		IgnoreChanges: ignored,
	})
	return Object{o.Type, o.Name, o.ID, checked, res.Properties}, err
}

// Remove deletes an object.
func (w *World) Remove(o Object) error {
	w.T.Helper()
	_, err := w.Delete(context.Background(), plugin.DeleteRequest{
		URN:     urn(o.Type, o.Name),
		Type:    tokens.Type(o.Type),
		ID:      resource.ID(o.ID),
		Inputs:  o.Inputs,
		Outputs: o.Outputs,
	})
	return err
}

// Exists reports whether the cloud still has an object.
func (w *World) Exists(o Object) bool {
	w.T.Helper()
	res, err := w.Read(context.Background(), plugin.ReadRequest{
		URN:    urn(o.Type, o.Name),
		Type:   tokens.Type(o.Type),
		ID:     resource.ID(o.ID),
		Inputs: o.Inputs,
		State:  o.Outputs,
	})
	require.NoError(w.T, err)
	return res.ID != ""
}

// Key is a property's name as a map of properties has it.
func Key(name string) resource.PropertyKey { return resource.PropertyKey(name) }

// Failed is the error of Try or Change.
func Failed(_ Object, err error) error { return err }

// With returns a copy of inputs, changed by more; nil takes an input away.
func With(inputs, more In) In {
	all := In{}
	for _, from := range []In{inputs, more} {
		for key, value := range from {
			all[key] = value
		}
	}
	return all
}

// Pair shows that a rule is one: a request that it refuses, in these words, and one that it lets
// pass.
type Pair struct {
	Want    string
	Refuses func(w *World) error
	Passes  func(w *World) error
}

// Rules wants a pair of each rule, each refusal in its words, and that no other rule refuses the
// same.
func Rules(t *testing.T, definition func() provider.Definition, config In, pairs map[string]Pair) {
	t.Helper()
	rules := map[string]bool{}
	for _, rule := range definition().Rules {
		require.False(t, rules[rule.Name], "two rules %q", rule.Name)
		rules[rule.Name] = true
		assert.NotEmpty(t, rule.Types, rule.Name)
		assert.NotZero(t, rule.When, rule.Name)
		assert.NotEmpty(t, rule.Why, rule.Name)
		assert.Contains(t, pairs, rule.Name, "a rule without a pair")
	}
	for name, pair := range pairs {
		assert.True(t, rules[name], "pair %q is of no rule", name)
		t.Run(name, func(t *testing.T) {
			err := pair.Refuses(New(t, definition(), config))
			require.Error(t, err)
			message := err.Error()
			for _, verb := range []string{"create ", "update ", "delete "} {
				if strings.HasPrefix(message, verb) {
					_, message, _ = strings.Cut(message, ": ")
					break
				}
			}
			assert.Equal(t, pair.Want, message)
			assert.NoError(t, pair.Passes(New(t, definition(), config)))
		})
		t.Run(name+", alone", func(t *testing.T) {
			without := definition()
			var kept []provider.Rule
			for _, rule := range without.Rules {
				if rule.Name != name {
					kept = append(kept, rule)
				}
			}
			without.Rules = kept
			if err := pair.Refuses(New(t, without, config)); err != nil {
				assert.NotContains(t, err.Error(), pair.Want, "another rule refuses the same")
			}
		})
	}
}

// Verdict is what a provider says of inputs: one is refused in these words, the other taken.
type Verdict struct {
	Type string
	Bad  In
	Want string
	Good In
}

// Says makes a verdict.
func Says(typ string, bad In, want string, good In) Verdict {
	return Verdict{
		Type: typ,
		Bad:  bad,
		Want: want,
		Good: good,
	}
}

// Verdicts asks the provider's check about each pair of inputs.
func Verdicts(t *testing.T, definition func() provider.Definition, config In, all map[string]Verdict) {
	t.Helper()
	for name, v := range all {
		t.Run(name, func(t *testing.T) {
			w := New(t, definition(), config)
			_, err := w.Checked(v.Type, "thing", v.Bad)
			assert.EqualError(t, err, v.Want)
			_, err = w.Checked(v.Type, "thing", v.Good)
			assert.NoError(t, err)
		})
	}
}

// Replaced are the properties, top level, whose change from one version of inputs to another
// replaces the resource.
func (w *World) Replaced(typ string, before, after In) []string {
	w.T.Helper()
	res, err := w.Diff(context.Background(), plugin.DiffRequest{
		URN:       urn(typ, "thing"),
		Type:      tokens.Type(typ),
		OldInputs: resource.NewPropertyMapFromMap(before),
		NewInputs: resource.NewPropertyMapFromMap(after),
	})
	require.NoError(w.T, err)
	require.Equal(w.T, plugin.DiffSome, res.Changes)
	replaced := []string{}
	for _, key := range res.ReplaceKeys {
		replaced = append(replaced, string(key))
	}
	return replaced
}
