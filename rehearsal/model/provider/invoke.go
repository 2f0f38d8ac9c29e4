package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Invoke answers a look-up.
func (p *Provider) Invoke(_ context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	token := string(req.Tok)
	function, answer := p.schema.Functions[token], p.def.Functions[token]
	if function == nil || answer == nil {
		return plugin.InvokeResponse{}, fmt.Errorf("the rehearsal's %s provider does not answer %s: it knows %v",
			p.def.Name, token, slices.Sorted(maps.Keys(p.def.Functions)))
	}
	if problems := function.Inputs.Check(req.Args); len(problems) > 0 {
		return plugin.InvokeResponse{Failures: failures(problems)}, nil
	}
	r := p.request(0, "", token, req.Args)
	var found map[string]any
	err := p.cloud.View(func(tx *cloud.Tx) error {
		r.tx = tx
		if err := errors.Join(r.reach(), r.authorise(LookingUp, nil)); err != nil {
			return err
		}
		var err error
		found, err = answer(r)
		return errors.Join(err, r.err)
	})
	if err != nil {
		return plugin.InvokeResponse{}, fmt.Errorf("look up %s: %w", token, err)
	}
	answered := req.Args.Copy()
	maps.Copy(answered, resource.NewPropertyMapFromMap(found))
	return plugin.InvokeResponse{Properties: answered}, nil
}
