package aws

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
	"github.com/stretchr/testify/require"
)

const (
	tokyo   = "ap-northeast-1"
	account = "123456789012"
)

// in are inputs, as a test writes them.
type in = map[string]any

// world is a cloud of its own and one provider on it.
type world struct {
	t          testing.TB
	cloud      *cloud.Cloud
	definition *provider.Definition // the package's own, unless a test takes something out
	*provider.Provider
}

func newWorld(t testing.TB) *world {
	c, err := cloud.Open(filepath.Join(t.TempDir(), "cloud.db"))
	require.NoError(t, err)
	w := &world{t: t, cloud: c}
	return w.other(tokyo, account, nil)
}

// other is one more provider on the same cloud.
func (w *world) other(region, account string, tags map[string]any) *world {
	config := in{"region": region}
	if tags != nil {
		config["defaultTags"] = in{"tags": tags}
	}
	return w.configured(account, config)
}

// configured is one more provider on the same cloud, with inputs of its own.
func (w *world) configured(account string, config in) *world {
	definition := Definition()
	if w.definition != nil {
		definition = *w.definition
	}
	p, err := provider.New(definition, w.cloud, account)
	require.NoError(w.t, err)
	_, err = p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(config)})
	require.NoError(w.t, err)
	return &world{t: w.t, cloud: w.cloud, definition: w.definition, Provider: p}
}

func urn(typ, name string) resource.URN {
	return resource.NewURN("prod", "bookmark-manager", "", tokens.Type(typ), name)
}

// check returns the checked inputs, or the problems as one error.
func (w *world) check(typ, name string, inputs in) (resource.PropertyMap, error) {
	w.t.Helper()
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
	for _, f := range res.Failures {
		problems = append(problems, f.Reason)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	return res.Properties, nil
}

// object is a resource that a test made.
type object struct {
	typ, name string
	id        string
	inputs    resource.PropertyMap
	outputs   resource.PropertyMap
}

func (o object) text(property string) string {
	return o.outputs[resource.PropertyKey(property)].StringValue()
}

// try checks and creates, as the engine does.
func (w *world) try(typ, name string, inputs in) (object, error) {
	w.t.Helper()
	checked, err := w.check(typ, name, inputs)
	if err != nil {
		return object{}, err
	}
	res, err := w.Create(context.Background(),
		plugin.CreateRequest{URN: urn(typ, name), Type: tokens.Type(typ), Properties: checked})
	return object{typ, name, string(res.ID), checked, res.Properties}, err
}

// preview checks and creates as `pulumi preview` does.
func (w *world) preview(typ, name string, inputs in) (resource.PropertyMap, error) {
	w.t.Helper()
	checked, err := w.check(typ, name, inputs)
	if err != nil {
		return nil, err
	}
	res, err := w.Create(context.Background(), plugin.CreateRequest{
		URN:        urn(typ, name),
		Type:       tokens.Type(typ),
		Properties: checked,
		Preview:    true,
	})
	return res.Properties, err
}

// make is try for what a test only needs to be there.
func (w *world) make(typ, name string, inputs in) object {
	w.t.Helper()
	o, err := w.try(typ, name, inputs)
	require.NoError(w.t, err)
	return o
}

// update checks and updates, as the engine does. It takes no notice of ignored: to ignore a change
// is to give the old input.
func (w *world) update(o object, inputs in, ignored ...string) (object, error) {
	w.t.Helper()
	checked, err := w.check(o.typ, o.name, inputs)
	if err != nil {
		return object{}, err
	}
	res, err := w.Update(context.Background(), plugin.UpdateRequest{
		URN:           urn(o.typ, o.name),
		Type:          tokens.Type(o.typ),
		ID:            resource.ID(o.id),
		OldInputs:     o.inputs,
		OldOutputs:    o.outputs,
		NewInputs:     checked,
		IgnoreChanges: ignored,
	})
	return object{o.typ, o.name, o.id, checked, res.Properties}, err
}

func (w *world) delete(o object) error {
	_, err := w.Delete(context.Background(), plugin.DeleteRequest{
		URN:     urn(o.typ, o.name),
		Type:    tokens.Type(o.typ),
		ID:      resource.ID(o.id),
		Inputs:  o.inputs,
		Outputs: o.outputs,
	})
	return err
}

func (w *world) diff(o object, inputs in) plugin.DiffResult {
	w.t.Helper()
	res, err := w.Check(context.Background(), plugin.CheckRequest{
		URN:        urn(o.typ, o.name),
		Type:       tokens.Type(o.typ),
		Olds:       o.inputs,
		News:       resource.NewPropertyMapFromMap(inputs),
		RandomSeed: []byte("again"),
	})
	require.NoError(w.t, err)
	require.Empty(w.t, res.Failures)
	diff, err := w.Diff(context.Background(), plugin.DiffRequest{
		URN:        urn(o.typ, o.name),
		Type:       tokens.Type(o.typ),
		ID:         resource.ID(o.id),
		OldInputs:  o.inputs,
		OldOutputs: o.outputs,
		NewInputs:  res.Properties,
	})
	require.NoError(w.t, err)
	return diff
}

func (w *world) read(o object) plugin.ReadResponse {
	w.t.Helper()
	res, err := w.Read(context.Background(), plugin.ReadRequest{
		URN:    urn(o.typ, o.name),
		Type:   tokens.Type(o.typ),
		ID:     resource.ID(o.id),
		Inputs: o.inputs,
		State:  o.outputs,
	})
	require.NoError(w.t, err)
	return res
}

// unknown is a value that only the deployment will know.
var unknown = resource.MakeComputed(resource.NewProperty(""))
