package verdicts

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// Verdict is what a provider says of a case: "" when it takes it, otherwise why not.
type Verdict string

// Provider is what a case asks of a provider's plugin, as the engine does. A plugin's gRPC server
// is one.
type Provider interface {
	Check(context.Context, *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error)
	Create(context.Context, *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error)
	Update(context.Context, *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error)
	Delete(context.Context, *pulumirpc.DeleteRequest) error
}

// program runs a case on the providers of its regions.
type program struct {
	table   *Table
	in      func(region, role string) (Provider, error) // an empty role is the root user
	role    string                                      // who asks
	preview bool
	made    map[string]made
}

// made is a resource that is there, or would be.
type made struct {
	urn             resource.URN
	id              string
	inputs, outputs resource.PropertyMap
}

// run returns the verdict on the case's own resource. It is an error when a resource below it is
// refused: the case is then about something else.
func (p *program) run(ctx context.Context, c Case) (Verdict, error) {
	for _, base := range c.On {
		for _, below := range p.table.Bases[base] {
			if _, there := p.made[below.As]; there {
				continue // in a preview it is the same for every case
			}
			there, err := p.create(ctx, below)
			if err != nil {
				return "", fmt.Errorf("case %q: its %s is refused: %w", c.Name, below.As, err)
			}
			p.made[below.As] = there
		}
	}
	later := c.Delete || c.Change != nil // what is changed or deleted then is made by root, too
	if !later {
		if err := p.ask(ctx, c.By); err != nil {
			return "", fmt.Errorf("case %q: who asks: %w", c.Name, err)
		}
	}
	there, err := p.create(ctx, c.Resource)
	switch {
	case !later:
		return verdict(err), nil
	case err != nil:
		return "", fmt.Errorf("case %q: what it changes or deletes is refused: %w", c.Name, err)
	case p.preview:
		return "", nil // a preview of a new stack neither updates nor deletes
	}
	if err := p.ask(ctx, c.By); err != nil {
		return "", fmt.Errorf("case %q: who asks: %w", c.Name, err)
	}
	switch {
	case c.Delete:
		return verdict(p.delete(ctx, c.Resource, there)), nil
	default:
		return verdict(p.update(ctx, c, there)), nil
	}
}

// asker is the role that asks for the resource of a case.
const asker = "asker"

// ask makes the role that asks for the case's own resource, and asks as it from now on. A preview
// asks AWS for nothing, as whoever.
func (p *program) ask(ctx context.Context, by *Asker) error {
	p.role = ""
	if by == nil || p.preview {
		return nil
	}
	role := map[string]any{
		"name": asker,
		"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
			`"Principal":{"AWS":"` + Account + `"},"Action":"sts:AssumeRole"}]}`,
	}
	boundary, err := policyOf(by.Boundary)
	if err != nil {
		return err
	}
	if by.Boundary != nil {
		limit, err := p.create(ctx, Resource{
			As:     "limit",
			Type:   "aws:iam/policy:Policy",
			Inputs: map[string]any{"name": "limit", "policy": boundary},
		})
		if err != nil {
			return err
		}
		role["permissionsBoundary"] = limit.outputs["arn"].StringValue()
	}
	if _, err := p.create(ctx, Resource{As: asker, Type: "aws:iam/role:Role", Inputs: role}); err != nil {
		return err
	}
	may, err := policyOf(by.May)
	if err != nil {
		return err
	}
	if _, err := p.create(ctx, Resource{
		As:     asker,
		Type:   "aws:iam/rolePolicy:RolePolicy",
		Inputs: map[string]any{"role": asker, "name": "own", "policy": may},
	}); err != nil {
		return err
	}
	p.role = asker
	return nil
}

func policyOf(statements []map[string]any) (string, error) {
	raw, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		return "", fmt.Errorf("write the policy of who asks: %w", err)
	}
	return string(raw), nil
}

// refusal is an error in which a provider says no, to what is asked and not to how it is asked.
type refusal struct{ reason string }

func (r refusal) Error() string { return r.reason }

func verdict(err error) Verdict {
	if err == nil {
		return ""
	}
	return Verdict(oneLine(err.Error()))
}

var (
	grpcStatus = regexp.MustCompile(`^rpc error: code = \w+ desc = `)
	spaces     = regexp.MustCompile(`\s+`)
	randomID   = regexp.MustCompile(`\b([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,17})\b`)
)

// oneLine is a message as one line, without what gRPC puts before it and without ids that are drawn
// again each time.
func oneLine(message string) string {
	message = spaces.ReplaceAllString(grpcStatus.ReplaceAllString(message, ""), " ")
	return strings.TrimSpace(randomID.ReplaceAllString(message, "…"))
}

func (p *program) create(ctx context.Context, r Resource) (made, error) {
	provider, err := p.in(regionOf(r), p.role)
	if err != nil {
		return made{}, err
	}
	urn := resource.NewURN("verdicts", "verdicts", "", tokens.Type(r.Type), r.As)
	checked, err := p.check(ctx, provider, urn, nil, r.Inputs)
	if err != nil {
		return made{}, err
	}
	raw, err := marshal(checked)
	if err != nil {
		return made{}, err
	}
	res, err := provider.Create(ctx, &pulumirpc.CreateRequest{
		Urn:        string(urn),
		Name:       r.As,
		Type:       r.Type,
		Properties: raw,
		Preview:    p.preview,
	})
	if err != nil {
		return made{}, refusal{err.Error()}
	}
	there := made{urn: urn, id: res.GetId(), inputs: checked}
	if !p.preview { // of what a preview expects, nothing is used: see output
		if there.outputs, err = plugin.UnmarshalProperties(res.GetProperties(), options); err != nil {
			return made{}, fmt.Errorf("read what %s became: %w", r.As, err)
		}
	}
	return there, nil
}

func (p *program) check(
	ctx context.Context, provider Provider, urn resource.URN, olds resource.PropertyMap, inputs map[string]any,
) (resource.PropertyMap, error) {
	news, err := p.resolved(inputs)
	if err != nil {
		return nil, err
	}
	request := &pulumirpc.CheckRequest{
		Urn:        string(urn),
		Name:       urn.Name(),
		Type:       string(urn.Type()),
		RandomSeed: []byte(urn.Name()),
	}
	if request.News, err = marshal(news); err != nil {
		return nil, err
	}
	if olds != nil {
		if request.Olds, err = marshal(olds); err != nil {
			return nil, err
		}
	}
	res, err := provider.Check(ctx, request)
	if err != nil {
		return nil, refusal{err.Error()}
	}
	var reasons []string
	for _, failure := range res.GetFailures() {
		reasons = append(reasons, failure.GetReason())
	}
	slices.Sort(reasons) // a provider may give them in any order
	if len(reasons) > 0 {
		return nil, refusal{strings.Join(reasons, "; ")}
	}
	return plugin.UnmarshalProperties(res.GetInputs(), options)
}

func (p *program) update(ctx context.Context, c Case, there made) error {
	provider, err := p.in(regionOf(c.Resource), p.role)
	if err != nil {
		return err
	}
	checked, err := p.check(ctx, provider, there.urn, there.inputs, with(c.Inputs, c.Change))
	if err != nil {
		return err
	}
	request := &pulumirpc.UpdateRequest{
		Id:   there.id,
		Urn:  string(there.urn),
		Name: c.As,
		Type: c.Type,
	}
	if request.Olds, err = marshal(there.outputs); err != nil {
		return err
	}
	if request.OldInputs, err = marshal(there.inputs); err != nil {
		return err
	}
	if request.News, err = marshal(checked); err != nil {
		return err
	}
	if _, err = provider.Update(ctx, request); err != nil {
		return refusal{err.Error()}
	}
	return nil
}

func (p *program) delete(ctx context.Context, r Resource, there made) error {
	provider, err := p.in(regionOf(r), p.role)
	if err != nil {
		return err
	}
	request := &pulumirpc.DeleteRequest{
		Id:   there.id,
		Urn:  string(there.urn),
		Name: r.As,
		Type: r.Type,
	}
	if request.Properties, err = marshal(there.outputs); err != nil {
		return err
	}
	if request.OldInputs, err = marshal(there.inputs); err != nil {
		return err
	}
	if err := provider.Delete(ctx, request); err != nil {
		return refusal{err.Error()}
	}
	return nil
}

func regionOf(r Resource) string {
	if r.Region == "" {
		return Region
	}
	return r.Region
}

// reference is an input that is another resource's output, such as
// "${certificate.domainValidationOptions[0].resourceRecordName}".
var reference = regexp.MustCompile(`^\$\{([a-z][A-Za-z0-9]*)\.([^}]+)\}$`)

// repetition stands for a text that is too long to write down, such as "${5000 times a}".
var repetition = regexp.MustCompile(`\$\{(\d+) times ([^}]+)\}`)

func repeated(text string) string {
	match := repetition.FindStringSubmatch(text)
	times, _ := strconv.Atoi(match[1]) // the expression has digits there
	return strings.Repeat(match[2], times)
}

// resolved replaces the references. In a preview the engine does not know what they will be.
func (p *program) resolved(inputs map[string]any) (resource.PropertyMap, error) {
	value, err := p.replaced(resource.NewPropertyValue(inputs))
	if err != nil || !value.IsObject() {
		return resource.PropertyMap{}, err
	}
	return value.ObjectValue(), nil
}

func (p *program) replaced(value resource.PropertyValue) (resource.PropertyValue, error) {
	switch {
	case value.IsArray():
		all := make([]resource.PropertyValue, len(value.ArrayValue()))
		for i, element := range value.ArrayValue() {
			var err error
			if all[i], err = p.replaced(element); err != nil {
				return value, err
			}
		}
		return resource.NewProperty(all), nil
	case value.IsObject():
		all := resource.PropertyMap{}
		for key, element := range value.ObjectValue() {
			var err error
			if all[key], err = p.replaced(element); err != nil {
				return value, err
			}
		}
		return resource.NewProperty(all), nil
	case value.IsString():
		match := reference.FindStringSubmatch(value.StringValue())
		if match == nil {
			return resource.NewProperty(repetition.ReplaceAllStringFunc(value.StringValue(), repeated)), nil
		}
		return p.output(match[1], match[2])
	default:
		return value, nil
	}
}

func (p *program) output(name, property string) (resource.PropertyValue, error) {
	there, ok := p.made[name]
	switch {
	case !ok:
		return resource.PropertyValue{}, fmt.Errorf("there is no %q before it to refer to", name)
	case p.preview:
		return resource.MakeComputed(resource.NewProperty("")), nil
	case property == "id":
		return resource.NewProperty(there.id), nil
	}
	path, err := resource.ParsePropertyPath(property)
	if err != nil {
		return resource.PropertyValue{}, fmt.Errorf("read the reference ${%s.%s}: %w", name, property, err)
	}
	value, ok := path.Get(resource.NewProperty(there.outputs))
	if !ok {
		return resource.PropertyValue{}, fmt.Errorf("read the reference ${%s.%s}: %s has no such output", name,
			property, there.urn.Type())
	}
	return value, nil
}

// options keep what a preview does not know yet.
var options = plugin.MarshalOptions{KeepUnknowns: true}

func marshal(m resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(m, options)
}
