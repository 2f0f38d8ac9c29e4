// Package terraform puts a production that Terraform made into the model's cloud: it makes each
// object of a Terraform state there, as Terraform had AWS make it, and gives the state back with
// the ids that the cloud gave. No resource of Pulumi's manages these objects.
//
// AWS alone is known, and of it what the table of arguments lists. Everything else is an error.
package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Production is what a state became in a cloud.
type Production struct {
	// State is the state with the ids of the cloud, as `terraform state pull` would print it.
	State []byte
	// Objects are the keys of the objects that came of each address, in the order in which they
	// were made: a route table and its routes, for one.
	Objects map[string][]cloud.Key

	made []string // the addresses, in the order in which their objects were made
}

// Image is the tag that the application's pipeline pushes, and Terraform's task definitions run.
const Image = "latest"

// Apply makes the objects of a state in a cloud, each after those that it depends on. Into each
// repository an image is pushed, and the registrar is pointed at each zone, as neither a service
// nor a certificate comes up without. The account's root user asks.
func Apply(ctx context.Context, c *cloud.Cloud, account string, state []byte) (*Production, error) {
	instances, err := read(state)
	if err != nil {
		return nil, fmt.Errorf("apply a Terraform state: %w", err)
	}
	a := &applier{
		cloud:       c,
		account:     account,
		providers:   map[string]*provider.Provider{},
		renamed:     map[string]string{},
		validations: map[string]string{},
		production:  &Production{Objects: map[string][]cloud.Key{}},
	}
	for _, one := range instances {
		if err := a.apply(ctx, one); err != nil {
			return nil, fmt.Errorf("apply %s: %w", one.address, err)
		}
		a.production.made = append(a.production.made, one.address)
	}
	a.production.State = []byte(a.now(string(state)))
	return a.production, nil
}

// Destroy deletes the objects of addresses in a cloud, the last made first, as `terraform destroy`
// does with what is left in a state. What something still uses is an error.
func (p *Production) Destroy(ctx context.Context, c *cloud.Cloud, account string, addresses []string) error {
	a := &applier{cloud: c, account: account, providers: map[string]*provider.Provider{}}
	for _, address := range slices.Backward(p.made) {
		if !slices.Contains(addresses, address) {
			continue
		}
		for _, key := range slices.Backward(p.Objects[address]) {
			region := key.Region
			if region == "" {
				region = global
			}
			from, err := a.provider(ctx, region)
			if err != nil {
				return err
			}
			_, err = from.Delete(ctx, plugin.DeleteRequest{
				URN: urn(key.Type, address, 0), Type: tokens.Type(key.Type), ID: resource.ID(key.ID),
			})
			if err != nil {
				return fmt.Errorf("destroy %s: %w", address, err)
			}
		}
	}
	return nil
}

// global is the region in which Terraform makes what has none.
const global = "us-east-1"

// urn is what a rule of the model tells an object by while Terraform works on it.
func urn(typ, address string, part int) resource.URN {
	return resource.URN(fmt.Sprintf("urn:pulumi:production::terraform::%s::%s-%d", typ, address, part))
}

// instance is one object of a state.
type instance struct {
	address    string
	resource   string // its address without the key
	typ        string
	attributes map[string]any
	depends    []string
}

func (i instance) text(attribute string) string {
	text, _ := i.attributes[attribute].(string)
	return text
}

// read are the instances of a state, each behind those that it depends on.
func read(state []byte) ([]instance, error) {
	var file struct {
		Resources []struct {
			Mode, Type, Name string
			Instances        []struct {
				Key          any            `json:"index_key"`
				Attributes   map[string]any `json:"attributes"`
				Dependencies []string       `json:"dependencies"`
			}
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(state))
	decoder.UseNumber()
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	var open []instance
	for _, r := range file.Resources {
		for _, one := range r.Instances {
			if r.Mode != "managed" {
				continue
			}
			address := r.Type + "." + r.Name
			switch key := one.Key.(type) {
			case string:
				address += `["` + key + `"]`
			case json.Number:
				address += "[" + key.String() + "]"
			}
			open = append(open, instance{address, r.Type + "." + r.Name, r.Type, one.Attributes, one.Dependencies})
		}
	}
	// Some dependencies are not in the state: a load balancer's subnets must have their routes, and
	// the certificate of a listener its records.
	slices.SortStableFunc(open, func(a, b instance) int { return turn(a) - turn(b) })
	var sorted []instance
	for len(open) > 0 {
		waits := func(one instance) bool {
			return slices.ContainsFunc(open, func(other instance) bool {
				return other.resource != one.resource && slices.Contains(one.depends, other.resource)
			})
		}
		next := slices.IndexFunc(open, func(one instance) bool { return !waits(one) })
		if next < 0 {
			return nil, fmt.Errorf("%s and what it depends on wait for each other", open[0].address)
		}
		sorted = append(sorted, open[next])
		open = slices.Delete(open, next, next+1)
	}
	return sorted, nil
}

// turn is 0 for what others wait for without saying so, 2 for services, whose tasks need a network,
// parameters and logs, and 1 for everything else.
func turn(i instance) int {
	for _, prefix := range []string{
		"aws_vpc", "aws_subnet", "aws_internet_gateway", "aws_eip", "aws_nat_gateway", "aws_route",
		"aws_security_group",
		"aws_acm_certificate",
	} {
		if strings.HasPrefix(i.typ, prefix) {
			return 0
		}
	}
	if i.typ == "aws_ecs_service" {
		return 2
	}
	return 1
}

// applier makes objects one after the other.
type applier struct {
	cloud     *cloud.Cloud
	account   string
	providers map[string]*provider.Provider // by region
	renamed   map[string]string             // what the state calls something, and what the cloud calls it
	// validations are the values of the records that certificates wait for, by the records' names.
	validations map[string]string
	production  *Production
}

// now is a text of the state with Terraform's ids and names replaced by those of the model's cloud.
func (a *applier) now(text string) string {
	var pairs []string
	for was := range a.renamed {
		pairs = append(pairs, was)
	}
	// An ARN holds ids; the longest text that is known comes first.
	slices.SortFunc(pairs, func(x, y string) int {
		if len(x) != len(y) {
			return len(y) - len(x)
		}
		return strings.Compare(x, y)
	})
	for _, was := range pairs {
		text = strings.ReplaceAll(text, was, a.renamed[was])
	}
	return text
}

// provider is the one that Terraform uses in a region, with Terraform's default tags.
func (a *applier) provider(ctx context.Context, region string) (*provider.Provider, error) {
	if p := a.providers[region]; p != nil {
		return p, nil
	}
	p, err := aws.New(a.cloud, a.account, aws.Root, nil)
	if err != nil {
		return nil, err
	}
	a.providers[region] = p
	_, err = p.Configure(ctx, plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(map[string]any{
		"region": region,
		"defaultTags": map[string]any{"tags": map[string]any{
			"Project": "bookmark-manager", "Environment": "production", "ManagedBy": "terraform",
		}},
	})})
	return p, err
}

// apply makes what an instance stands for.
func (a *applier) apply(ctx context.Context, one instance) error {
	known, ok := types[one.typ]
	if !ok {
		return fmt.Errorf("the model does not know how Terraform makes %s", one.typ)
	}
	region := one.text("region")
	if region == "" {
		region = global
	}
	p, err := a.provider(ctx, region)
	if err != nil {
		return err
	}
	var made []object
	if known.parts != nil {
		made, err = known.parts(one)
	} else {
		var inputs map[string]any
		inputs, err = known.inputs(p.Schema(known.typ), one)
		made = []object{{known.typ, inputs}}
	}
	if err != nil {
		return err
	}
	for i, o := range made {
		outputs, err := a.make(ctx, p, one, o, i)
		if err != nil {
			return err
		}
		if i == 0 {
			a.rename(one, outputs)
		}
	}
	switch one.typ {
	case "aws_ecr_repository":
		_, err = aws.Push(a.cloud, a.account, region, one.text("name"), Image)
	case "aws_route53_zone":
		err = a.delegate(one)
	}
	return err
}

// made is the object that the first part of an address became.
func (a *applier) made(one instance) (*cloud.Object, error) {
	var o *cloud.Object
	err := a.cloud.View(func(tx *cloud.Tx) (err error) {
		o, err = tx.Get(a.production.Objects[one.address][0])
		return err
	})
	return o, err
}

func (a *applier) delegate(zone instance) error {
	o, err := a.made(zone)
	if err != nil {
		return err
	}
	return aws.Delegate(a.cloud, zone.text("name"), provider.Values(o.Outputs).Texts("nameServers"))
}

// object is one that is to be made.
type object struct {
	typ    string
	inputs map[string]any
}

// make makes an object. Nobody manages it afterwards, as far as Pulumi is concerned.
func (a *applier) make(ctx context.Context, p *provider.Provider, one instance, o object, part int) (
	resource.PropertyMap, error,
) {
	urn := urn(o.typ, one.address, part)
	inputs := resource.NewPropertyMapFromMap(a.renew(o.inputs).(map[string]any))
	if value := a.validations[provider.Values(inputs).Text("name")]; value != "" {
		inputs["records"] = resource.NewPropertyValue([]any{value})
	}
	checked, err := p.Check(ctx, plugin.CheckRequest{
		URN:        urn,
		Type:       tokens.Type(o.typ),
		News:       inputs,
		RandomSeed: []byte(urn),
	})
	if err != nil {
		return nil, err
	}
	for _, failure := range checked.Failures {
		return nil, fmt.Errorf("%s: %s", failure.Property, failure.Reason)
	}
	res, err := p.Create(ctx, plugin.CreateRequest{URN: urn, Type: tokens.Type(o.typ), Properties: checked.Properties})
	if err != nil {
		return nil, err
	}
	err = a.cloud.Update(func(tx *cloud.Tx) error {
		all, err := tx.OfType(o.typ)
		if err != nil {
			return err
		}
		for _, there := range all {
			if there.URN != string(urn) {
				continue
			}
			there.URN = ""
			a.production.Objects[one.address] = append(a.production.Objects[one.address], there.Key)
			return tx.Replace(there)
		}
		return fmt.Errorf("%s %s is not in the cloud after it was made", o.typ, res.ID)
	})
	outputs := res.Properties
	outputs["id"] = resource.NewProperty(string(res.ID))
	return outputs, err
}

// renew puts the cloud's names into every text of a value.
func (a *applier) renew(value any) any {
	switch value := value.(type) {
	case string:
		return a.now(value)
	case []any:
		all := make([]any, len(value))
		for i, one := range value {
			all[i] = a.renew(one)
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for key, one := range value {
			all[key] = a.renew(one)
		}
		return all
	}
	return value
}

// given are the attributes that a cloud makes up, by which other objects and people name an object.
var given = []string{
	"id", "arn", "allocation_id", "dns_name", "domain_name", "endpoint", "hosted_zone_id", "public_ip",
	"reader_endpoint",
	"zone_id", "security_group_rule_id",
}

// rename remembers what the cloud calls an object. What Terraform calls by several parts, such as a
// record, follows from the names of the parts.
func (a *applier) rename(one instance, outputs resource.PropertyMap) {
	for _, attribute := range given {
		was, is := one.text(attribute), outputs[resource.PropertyKey(camel(attribute))]
		if attribute == "id" && types[one.typ].compound {
			continue
		}
		if was != "" && is.IsString() && is.StringValue() != was {
			a.renamed[was] = is.StringValue()
			// Route 53 writes the name that an alias leads to in small letters.
			if attribute == "domain_name" {
				a.renamed[strings.ToLower(was)] = is.StringValue()
			}
		}
	}
	options, _ := one.attributes["domain_validation_options"].([]any)
	for _, option := range options {
		was, _ := option.(map[string]any)
		for _, now := range provider.Values(outputs).Objects("domainValidationOptions") {
			if was["domain_name"] != now.Text("domainName") {
				continue
			}
			// A record's own name is without the dot at its end.
			text, _ := was["resource_record_name"].(string)
			name := strings.TrimSuffix(now.Text("resourceRecordName"), ".")
			a.renamed[strings.TrimSuffix(text, ".")] = name
			a.validations[name] = now.Text("resourceRecordValue")
		}
	}
}
