package verdicts

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// impossible is a text that no closed set has; tooLow and tooHigh are numbers of 32 bits outside
// any range.
const (
	impossible = "no-such-value"
	tooLow     = -1987654321
	tooHigh    = 2123456789
)

// beside are inputs without which a plugin says nothing of a type's other inputs.
var beside = map[string]map[string]any{
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"cidrIpv4": "10.0.0.0/16"},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {"cidrIpv4": "10.0.0.0/16"},
	"aws:route53/record:Record":                                 {"setIdentifier": "asked"},
}

// Values asks a provider, of every string and number of every resource type, which ones it takes:
// it is given a value that cannot be right, and its refusal names the right ones. A property of
// which it says more than one thing, as that it is one of a few numbers or else a multiple of 60,
// is left out.
func Values(ctx context.Context, provider Provider, s *schema.Schema) (schema.Values, error) {
	asked := &inquiry{provider: provider, values: schema.Values{}, seen: map[string]bool{}}
	for _, token := range slices.Sorted(maps.Keys(s.Resources)) {
		asked.token = token
		if err := asked.about(ctx, token, s.Resources[token].Inputs, func(inner any) any { return inner }); err != nil {
			return nil, fmt.Errorf("ask which values %s takes: %w", token, err)
		}
	}
	return asked.values, nil
}

type inquiry struct {
	provider Provider
	token    string
	values   schema.Values
	seen     map[string]bool // by owner
}

// about asks about the properties of an object that is below a resource's inputs.
func (q *inquiry) about(ctx context.Context, owner string, properties schema.Properties, below func(any) any) error {
	if q.seen[owner] {
		return nil
	}
	q.seen[owner] = true
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		at := func(value any) any { return below(map[string]any{name: value}) }
		long, inList := at, false
		t := properties[name].Type
		for t.Kind == schema.List {
			t = t.Element
			outer := at
			at = func(value any) any { return outer([]any{value}) }
			long, inList = func(value any) any { return outer([]any{value, "another", "a-third"}) }, true
		}
		var allowed schema.Allowed
		var err error
		switch t.Kind {
		case schema.Object:
			if err := q.about(ctx, t.Object.Name, t.Object.Properties, at); err != nil {
				return err
			}
			continue
		case schema.String:
			if allowed, err = q.text(ctx, at); err == nil && !said(allowed) && inList {
				allowed, err = q.text(ctx, long) // of some lists nothing is said until they are long enough
			}
		case schema.Integer, schema.Number:
			allowed, err = q.number(ctx, at)
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("%s of %s: %w", name, owner, err)
		}
		if !said(allowed) {
			continue
		}
		if q.values[owner] == nil {
			q.values[owner] = map[string]schema.Allowed{}
		}
		q.values[owner][name] = allowed
	}
	return nil
}

// said reports whether the plugin restricts a property.
func said(allowed schema.Allowed) bool {
	return len(allowed.OneOf) > 0 || allowed.Form != "" || allowed.Min != nil || allowed.Max != nil
}

// text is what a string may be. The plugin is asked about the empty string and about other capitals
// as well.
func (q *inquiry) text(ctx context.Context, at func(any) any) (schema.Allowed, error) {
	reasons, err := q.refusals(ctx, at, impossible)
	if err != nil {
		return schema.Allowed{}, err
	}
	one := firstOf(reasons)
	if len(one) == 0 {
		return form(reasons)
	}
	// What it says of a right value too is about something else.
	others, err := q.refusals(ctx, at, one[len(one)-1])
	if err != nil {
		return schema.Allowed{}, err
	}
	about := slices.DeleteFunc(reasons, func(reason string) bool { return slices.Contains(others, reason) })
	if len(about) != 1 {
		return schema.Allowed{}, nil
	}
	allowed := schema.Allowed{OneOf: one}
	if !slices.Contains(one, "") {
		empty, err := q.refuses(ctx, at, "")
		if err != nil {
			return allowed, err
		}
		if !empty {
			allowed.OneOf = append([]string{""}, one...)
		}
	}
	if i := slices.IndexFunc(one, func(value string) bool {
		return swapped(value) != value && !slices.Contains(one, swapped(value))
	}); i >= 0 {
		refused, err := q.refuses(ctx, at, swapped(one[i]))
		if err != nil {
			return allowed, err
		}
		allowed.AnyCase = !refused
	}
	return allowed, nil
}

// form is the regular expression that a string must match.
func form(reasons []string) (schema.Allowed, error) {
	var forms []string
	for _, reason := range reasons {
		form, err := formOf(reason)
		if err != nil {
			return schema.Allowed{}, err
		}
		if form != "" {
			forms = append(forms, form)
		}
	}
	if len(forms) != 1 || len(withValue(reasons, impossible)) != 1 {
		return schema.Allowed{}, nil
	}
	return schema.Allowed{Form: forms[0]}, nil
}

// number is what a number may be.
func (q *inquiry) number(ctx context.Context, at func(any) any) (schema.Allowed, error) {
	var allowed schema.Allowed
	for _, value := range []int{tooLow, tooHigh} {
		all, err := q.refusals(ctx, at, value)
		if err != nil {
			return allowed, err
		}
		reasons := withValue(all, value)
		if len(reasons) > 1 {
			return schema.Allowed{}, nil
		}
		for _, reason := range reasons {
			if one := oneOf(reason); len(one) > 0 {
				allowed.OneOf = one
			}
			if err := bounds(reason, &allowed); err != nil {
				return allowed, err
			}
		}
	}
	return allowed, nil
}

// withValue are the reasons that name a value.
func withValue(reasons []string, value any) []string {
	return slices.DeleteFunc(slices.Clone(reasons), func(reason string) bool {
		return !strings.Contains(reason, fmt.Sprint(value))
	})
}

// firstOf is the first closed set that a reason names for the impossible value.
func firstOf(reasons []string) []string {
	for _, reason := range withValue(reasons, impossible) {
		if one := oneOf(reason); len(one) > 0 {
			return one
		}
	}
	return nil
}

// refusals are the reasons, each once, why the plugin does not take a value.
func (q *inquiry) refusals(ctx context.Context, at func(any) any, value any) ([]string, error) {
	all, err := q.ask(ctx, at, value)
	if err != nil {
		return nil, err
	}
	var reasons []string
	for _, reason := range all {
		reason, _, _ = strings.Cut(reason, " Examine values at ")
		reason = strings.TrimSpace(place.ReplaceAllString(reason, ""))
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	return reasons, nil
}

// place is where newer resources say that the value is, which some do twice in two spellings.
var place = regexp.MustCompile(`(?m)^Path: .*$`)

// refuses reports whether the plugin names a closed set when it is given a value.
func (q *inquiry) refuses(ctx context.Context, at func(any) any, value string) (bool, error) {
	all, err := q.ask(ctx, at, value)
	return slices.ContainsFunc(all, func(reason string) bool { return len(oneOf(reason)) > 0 }), err
}

func (q *inquiry) ask(ctx context.Context, at func(any) any, value any) ([]string, error) {
	inputs, ok := at(value).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("inputs are a %T, want a map", at(value))
	}
	for name, more := range beside[q.token] {
		if _, given := inputs[name]; !given {
			inputs[name] = more
		}
	}
	news, err := marshal(resource.NewPropertyMapFromMap(inputs))
	if err != nil {
		return nil, err
	}
	urn := "urn:pulumi:verdicts::verdicts::" + q.token + "::asked"
	res, err := q.provider.Check(ctx, &pulumirpc.CheckRequest{
		Urn:        urn,
		Name:       "asked",
		Type:       q.token,
		News:       news,
		RandomSeed: []byte("asked"),
	})
	if err != nil {
		return nil, err
	}
	var reasons []string
	for _, failure := range res.GetFailures() {
		reasons = append(reasons, failure.GetReason())
	}
	return reasons, nil
}
