package random

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
	"pgregory.net/rapid"
)

// in are inputs, as a test writes them.
type in = map[string]any

func start(t require.TestingT) *Provider {
	p, err := New()
	require.NoError(t, err)
	return p
}

func urn(typ string) resource.URN {
	return resource.NewURN("prod", "bookmark-manager", "", tokens.Type(typ), "value")
}

// problems checks inputs.
func problems(t require.TestingT, typ string, inputs in) []string {
	res, err := start(t).Check(context.Background(),
		plugin.CheckRequest{URN: urn(typ), Type: tokens.Type(typ), News: resource.NewPropertyMapFromMap(inputs)})
	require.NoError(t, err)
	var reasons []string
	for _, f := range res.Failures {
		reasons = append(reasons, f.Reason)
	}
	return reasons
}

func create(t require.TestingT, typ string, inputs in) plugin.CreateResponse {
	require.Empty(t, problems(t, typ, inputs))
	res, err := start(t).Create(context.Background(), plugin.CreateRequest{
		URN:        urn(typ),
		Type:       tokens.Type(typ),
		Properties: resource.NewPropertyMapFromMap(inputs),
	})
	require.NoError(t, err)
	return res
}

func TestPasswordHasTheClassesAskedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minimum := rapid.IntRange(0, 5)
		lower, upper, numeric, special := minimum.Draw(t, "lower"), minimum.Draw(t, "upper"),
			minimum.Draw(t, "numeric"), minimum.Draw(t, "special")
		length := max(1, lower+upper+numeric+special) + rapid.IntRange(0, 20).Draw(t, "more")
		// A string, since hashing hundreds of passwords takes seconds.
		text := create(t, stringType, in{
			"length":          length,
			"minLower":        lower,
			"minUpper":        upper,
			"minNumeric":      numeric,
			"minSpecial":      special,
			"overrideSpecial": "-_",
		}).Properties["result"].StringValue()
		count := func(alphabet string) int {
			return len(strings.Map(func(c rune) rune {
				if strings.ContainsRune(alphabet, c) {
					return c
				}
				return -1
			}, text))
		}
		assert.Len(t, text, length)
		assert.GreaterOrEqual(t, count("abcdefghijklmnopqrstuvwxyz"), lower)
		assert.GreaterOrEqual(t, count("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), upper)
		assert.GreaterOrEqual(t, count("0123456789"), numeric)
		assert.GreaterOrEqual(t, count("-_"), special)
		assert.Equal(t, length, count("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"))
	})
}

func TestClassesThatAreOffDoNotShow(t *testing.T) {
	text := create(t, stringType, in{"length": 500, "special": false, "upper": "false", "number": false}).
		Properties["result"].StringValue()
	assert.Regexp(t, "^[a-z]{500}$", text)
}

func TestValuesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		seen[create(t, stringType, in{"length": 16}).Properties["result"].StringValue()] = true
	}
	assert.Len(t, seen, 100)
}

func TestPasswordIsSecret(t *testing.T) {
	res := create(t, passwordType, in{"length": 80})
	require.True(t, res.Properties["result"].IsSecret())
	require.True(t, res.Properties["bcryptHash"].IsSecret())
	text, hash := res.Properties["result"].SecretValue().Element.StringValue(),
		res.Properties["bcryptHash"].SecretValue().Element.StringValue()
	assert.Len(t, text, 80)
	assert.NoError(t, bcrypt.CompareHashAndPassword([]byte(hash), []byte(text)[:72]))
	assert.Equal(t, resource.ID("none"), res.ID, "the id is no place for a secret")
}

func TestPreviewKnowsNoValue(t *testing.T) {
	res, err := start(t).Create(context.Background(), plugin.CreateRequest{
		URN:        urn(passwordType),
		Type:       passwordType,
		Properties: resource.NewPropertyMapFromMap(in{"length": 8}),
		Preview:    true,
	})
	require.NoError(t, err)
	computed := resource.MakeComputed(resource.NewProperty(""))
	assert.Equal(t, resource.PropertyMap{
		"length":     resource.NewProperty(8.0),
		"result":     resource.MakeSecret(computed),
		"bcryptHash": resource.MakeSecret(computed),
	}, res.Properties)
}

func TestOtherValues(t *testing.T) {
	id := create(t, idType, in{"byteLength": 4, "prefix": "x-"})
	assert.Regexp(t, "^x-[0-9a-f]{8}$", id.Properties["hex"].StringValue())
	assert.Regexp(t, "^x-[0-9]+$", id.Properties["dec"].StringValue())
	assert.Equal(t, "x-"+string(id.ID), id.Properties["b64Url"].StringValue())
	assert.Regexp(t, "^x-[A-Za-z0-9+/]{6}==$", id.Properties["b64Std"].StringValue())
	assert.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
		create(t, uuidType, in{}).Properties["result"].StringValue())
	assert.Equal(t, 7.0, create(t, integerType, in{"min": 7, "max": 7}).Properties["result"].NumberValue())
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		typ    string
		inputs in
		want   string
	}{
		"no length":        {passwordType, in{}, "length: missing required property"},
		"a length of zero": {passwordType, in{"length": 0}, "attribute length value must be at least 1, got: 0"},
		"minimums over length": {passwordType, in{"length": 5, "minUpper": 3, "minNumeric": 3},
			"attribute length value must be at least sum of (minUpper, minLower, minNumeric, minSpecial), got: " +
				"5, want 6"},
		"no class": {stringType,
			in{"length": 5, "lower": false, "upper": false, "numeric": false, "special": false},
			"at least one of lower, upper, numeric and special must be true"},
		"a negative minimum": {stringType, in{"length": 5, "minLower": -1},
			"a minimum must be at least 0, got: -1"},
		"number against numeric": {stringType, in{"length": 5, "number": false, "numeric": true},
			"number is the old name of numeric: the two cannot differ"},
		"an unknown input": {passwordType, in{"length": 5, "specials": true},
			`specials: unknown property, did you mean "special"?`},
		"no bytes": {idType, in{"byteLength": 0}, "attribute byteLength value must be at least 1, got: 0"},
		"min over max": {integerType, in{"min": 2, "max": 1},
			"the minimum (min) value needs to be smaller than or equal to maximum (max) value: 2, 1"},
		"a seed": {integerType, in{"min": 1, "max": 2, "seed": "s"},
			"seed is not modelled: the values here are never the same twice"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, []string{test.want}, problems(t, test.typ, test.inputs)) })
	}
	_, err := start(t).Check(context.Background(), plugin.CheckRequest{
		URN:  urn("random:index/randomDice:RandomDice"),
		Type: "random:index/randomDice:RandomDice",
	})
	assert.EqualError(t, err,
		"unrecognized resource type (random:index/randomDice:RandomDice): random:index/randomDice:RandomDice")
}

func TestAValueStaysUntilAnInputChanges(t *testing.T) {
	p, inputs := start(t), resource.NewPropertyMapFromMap(in{"length": 8, "keepers": in{"v": "1"}})
	diff := func(news in) plugin.DiffResult {
		res, err := p.Diff(context.Background(), plugin.DiffRequest{
			URN:       urn(passwordType),
			Type:      passwordType,
			OldInputs: inputs,
			NewInputs: resource.NewPropertyMapFromMap(news),
		})
		require.NoError(t, err)
		return res
	}
	assert.Equal(t, plugin.DiffResult{Changes: plugin.DiffNone}, diff(in{"length": 8, "keepers": in{"v": "1"}}))
	assert.Equal(t, map[string]plugin.PropertyDiff{"keepers.v": {Kind: plugin.DiffUpdateReplace, InputDiff: true}},
		diff(in{"length": 8, "keepers": in{"v": "2"}}).DetailedDiff)
	assert.Equal(t, map[string]plugin.PropertyDiff{"special": {Kind: plugin.DiffAddReplace, InputDiff: true}},
		diff(in{"length": 8, "keepers": in{"v": "1"}, "special": false}).DetailedDiff)

	created := create(t, passwordType, in{"length": 8})
	plainState := resource.PropertyMap{
		"length":     resource.NewProperty(8.0),
		"result":     created.Properties["result"].SecretValue().Element,
		"bcryptHash": created.Properties["bcryptHash"].SecretValue().Element,
	}
	read, err := p.Read(context.Background(), plugin.ReadRequest{
		URN:   urn(passwordType),
		Type:  passwordType,
		ID:    "none",
		State: plainState,
	})
	require.NoError(t, err)
	assert.Equal(t, created.Properties, read.Outputs, "a refresh keeps the value, and marks it again")
}
