package schema

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// in are inputs, as a test writes them.
type in = map[string]any

const small = `{"resources": {"x:index:Rule": {
	"inputs": {
		"name": "string required replace", "port": "integer", "weight": "number", "on": "boolean", "tags": "{}string",
		"password": "string secret", "subnetIds": "[]string", "steps": "[]string", "nested": "#Nested", "list": "[]#Nested",
		 "fixed": "#Nested replace", "blob": "any", "old": "string deprecated"
	},
	"outputs": {"arn": "string"}
}}, "types": {"Nested": {"key": "string required", "kind": "string replace", "again": "[]#Nested"}}}`

func rule(t testing.TB) *Resource {
	s, err := Parse([]byte(small))
	require.NoError(t, err)
	return s.Resources["x:index:Rule"]
}

var unknown = resource.MakeComputed(resource.NewProperty(""))

func TestCheck(t *testing.T) {
	res := rule(t)
	for name, test := range map[string]struct {
		inputs in
		want   []string
	}{
		"everything right": {in{
			"name": "a", "port": 80, "weight": 0.5, "on": true, "tags": in{"k": "v"}, "subnetIds": []any{"s"},
			"nested": in{"key": "k", "again": []any{in{"key": "k"}}}, "blob": in{"any": 1}, "old": "x",
		}, nil},
		"unknown values and secrets pass": {in{
			"name":      unknown,
			"port":      unknown,
			"password":  resource.MakeSecret(resource.NewProperty("p")),
			"subnetIds": []any{unknown},
			"nested":    unknown,
			"list":      []any{resource.NewProperty(resource.Output{}), in{"key": unknown}},
		}, nil},
		"numbers and booleans as text pass": {in{"name": 5, "port": "80", "on": "false", "weight": "0.5"}, nil},
		"a required property":               {in{}, []string{"name: missing required property"}},
		"a required property that is null":  {in{"name": nil}, []string{"name: missing required property"}},
		"a wrong letter": {in{"name": "a", "prt": 80},
			[]string{`prt: unknown property, did you mean "port"?`}},
		"a wrong case": {in{"name": "a", "subnetIDs": []any{}},
			[]string{`subnetIDs: unknown property, did you mean "subnetIds"?`}},
		"nothing like it": {in{"name": "a", "zzzzzzzzzz": 1},
			[]string{"zzzzzzzzzz: unknown property"}},
		"a word for a number": {in{"name": "a", "port": "http"},
			[]string{`port: expected integer, got string "http"`}},
		"a fraction for an integer": {in{"name": "a", "port": 80.5},
			[]string{"port: expected integer, got number 80.5"}},
		"a text for a list": {in{"name": "a", "subnetIds": "s"},
			[]string{`subnetIds: expected list of string, got string "s"`}},
		"a list for a map": {in{"name": "a", "tags": []any{}},
			[]string{"tags: expected map of string, got []"}},
		"a map of objects": {in{"name": "a", "tags": in{"a.b": in{}}},
			[]string{`tags["a.b"]: expected string, got object`}},
		"an object for a boolean": {in{"name": "a", "on": in{}},
			[]string{"on: expected boolean, got object"}},
		"a secret is not repeated": {in{
			"name": "a",
			"port": resource.MakeSecret(resource.NewProperty("hunter2")),
		}, []string{"port: expected integer, got a secret string"}},
		"a secret output is not repeated": {in{
			"name": "a",
			"port": resource.NewProperty(resource.Output{
				Known:   true,
				Secret:  true,
				Element: resource.NewProperty("hunter2"),
			}),
		}, []string{"port: expected integer, got a secret string"}},
		"below an object": {in{"name": "a", "nested": in{"keys": "k"}}, []string{
			"nested.key: missing required property of Nested",
			`nested.keys: unknown property of Nested, did you mean "key"?`,
		}},
		"below a list, three deep, all of it": {in{
			"name": "a",
			"list": []any{in{"key": "k", "again": []any{in{"key": in{}}}}, "x"},
		}, []string{"list[0].again[0].key: expected string, got object", `list[1]: expected object, got string "x"`}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range res.Inputs.Check(resource.NewPropertyMapFromMap(test.inputs)) {
				got = append(got, p.Error())
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestDiff(t *testing.T) {
	res := rule(t)
	kinds := func(old, new in) map[string]string {
		got := map[string]string{}
		for path, d := range res.Inputs.Diff(resource.NewPropertyMapFromMap(old), resource.NewPropertyMapFromMap(new)) {
			got[path] = d.Kind.String()
		}
		return got
	}
	type want = map[string]string
	for name, test := range map[string]struct {
		old, new in
		want     want
	}{
		"nothing": {in{"name": "a", "tags": in{"k": "v"}},
			in{"name": "a", "tags": in{"k": "v"}}, want{}},
		"a value":                  {in{"port": 1}, in{"port": 2}, want{"port": "update"}},
		"a new value":              {in{}, in{"port": 2}, want{"port": "add"}},
		"no value any more":        {in{"port": 1}, in{}, want{"port": "delete"}},
		"null is no value":         {in{"port": nil}, in{}, want{}},
		"a property that replaces": {in{"name": "a"}, in{"name": "b"}, want{"name": "update-replace"}},
		"an unknown value of one that replaces": {in{"name": "a"}, in{"name": unknown},
			want{"name": "update-replace"}},
		"an unknown value": {in{"port": 1}, in{"port": unknown}, want{"port": "update"}},
		"an unknown value inside": {in{"nested": in{"key": "a"}}, in{"nested": in{"key": unknown}},
			want{"nested.key": "update"}},
		"a nested property that replaces": {in{"nested": in{"key": "a", "kind": "x"}},
			in{"nested": in{"key": "b", "kind": "y"}}, want{"nested.key": "update", "nested.kind": "update-replace"}},
		"below a property that replaces": {in{"fixed": in{"key": "a"}}, in{"fixed": in{"key": "b"}},
			want{"fixed.key": "update-replace"}},
		"in a list": {in{"list": []any{in{"key": "a"}}},
			in{"list": []any{in{"key": "b"}, in{"key": "c"}}}, want{"list[0].key": "update", "list[1]": "add"}},
		"a shorter list": {in{"steps": []any{"a", "b"}}, in{"steps": []any{"a"}},
			want{"steps[1]": "delete"}},
		"the order of a list": {in{"steps": []any{"a", "b"}}, in{"steps": []any{"b", "a"}},
			want{"steps[0]": "update", "steps[1]": "update"}},
		"the order of a set": {in{"subnetIds": []any{"a", "b"}}, in{"subnetIds": []any{"b", "a"}},
			want{}},
		"an element of a set": {in{"subnetIds": []any{"a", "b"}}, in{"subnetIds": []any{"c", "a"}},
			want{"subnetIds[1]": "update"}},
		"a tag with a dot": {in{"tags": in{"a.b": "1"}}, in{"tags": in{"a.b": "2"}},
			want{`tags["a.b"]`: "update"}},
		"one value in two spellings": {in{"port": "80", "on": true}, in{"port": 80, "on": "true"}, want{}},
		"a secret of the same value": {in{"password": "p"},
			in{"password": resource.MakeSecret(resource.NewProperty("p"))}, want{}},
		"what the bridge keeps for itself":       {in{"__defaults": []any{"name"}}, in{"__defaults": []any{}}, want{}},
		"a property that the schema has no more": {in{"gone": 1}, in{}, want{"gone": "delete"}},
		"an asset or other value without a type": {in{"blob": in{"a": 1}}, in{"blob": in{"a": 2}},
			want{"blob": "update"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, kinds(test.old, test.new)) })
	}
}

func TestDiffOfEqualInputsIsEmpty(t *testing.T) {
	res := rule(t)
	rapid.Check(t, func(t *rapid.T) {
		inputs := resource.NewPropertyMapFromMap(in{
			"name":      rapid.String().Draw(t, "name"),
			"port":      rapid.IntRange(0, 65535).Draw(t, "port"),
			"tags":      anyMap(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "tags")),
			"subnetIds": anyList(rapid.SliceOf(rapid.String()).Draw(t, "subnetIds")),
		})
		assert.Empty(t, res.Inputs.Check(inputs))
		assert.Empty(t, res.Inputs.Diff(inputs, inputs.Copy()))
		set := inputs["subnetIds"].ArrayValue()
		turned := slices.Clone(set)
		slices.Reverse(turned)
		other := inputs.Copy()
		other["subnetIds"] = resource.NewProperty(turned)
		assert.Equal(t, map[string]plugin.PropertyDiff{}, res.Inputs.Diff(inputs, other))
	})
}

func anyMap(m map[string]string) in {
	out := in{}
	for k, v := range m {
		out["k"+k] = v
	}
	return out
}

func anyList(list []string) []any {
	out := []any{}
	for _, v := range list {
		out = append(out, v)
	}
	return out
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	for name, test := range map[string]struct{ schema, want string }{
		"no JSON": {`{`, "parse the provider's schema: unexpected end of JSON input"},
		"a type": {`{"resources":{"r":{"inputs":{"p":"text"}}}}`,
			`resolve resource "r" of the schema: property "p": "text" is not a type, want string, integer, number, ` +
				`boolean, any, []TYPE, {}TYPE or #NAME`},
		"a flag": {`{"resources":{"r":{"outputs":{"p":"string often"}}}}`,
			`resolve resource "r" of the schema: property "p": "often" is not a flag, want required, replace, ` +
				`deprecated or secret`},
		"a named type": {`{"types":{"T":{"p":"[]#U"}}}`,
			`resolve type "T" of the schema: property "p": type "U" is not in the schema`},
		"a function": {`{"functions":{"f":{"inputs":{"p":""}}}}`,
			`resolve function "f" of the schema: property "p": "" is not a type, want string, integer, number, ` +
				`boolean, any, []TYPE, {}TYPE or #NAME`},
	} {
		_, err := Parse([]byte(test.schema))
		assert.EqualError(t, err, test.want, name)
	}
}

func TestWAFStatementsAreCheckedAsDeepAsTheyGo(t *testing.T) {
	s, err := AWS()
	require.NoError(t, err)
	acl := s.Resources["aws:wafv2/webAcl:WebAcl"]
	statement := func(inner in) []Problem {
		return acl.Inputs.Check(resource.NewPropertyMapFromMap(in{
			"scope":         "CLOUDFRONT",
			"defaultAction": in{"allow": in{}},
			"visibilityConfig": in{
				"cloudwatchMetricsEnabled": true,
				"metricName":               "acl",
				"sampledRequestsEnabled":   true,
			},
			"rules": []any{in{
				"name":     "deep",
				"priority": 1,
				"visibilityConfig": in{
					"cloudwatchMetricsEnabled": true,
					"metricName":               "deep",
					"sampledRequestsEnabled":   true,
				},
				"statement": in{"notStatement": in{"statements": []any{in{"andStatement": in{
					"statements": []any{inner},
				}}}}},
			}},
		}))
	}
	assert.Empty(t, statement(in{"geoMatchStatement": in{"countryCodes": []any{"JP"}}}))
	assert.Equal(t, []Problem{{
		Property: "rules",
		Path:     "rules[0].statement.notStatement.statements[0].andStatement.statements[0].geoMatchStatement.countryCode",
		Reason:   `unknown property of wafv2.WebAclRuleStatementGeoMatchStatement, did you mean "countryCodes"?`,
	}, {
		Property: "rules",
		Path:     "rules[0].statement.notStatement.statements[0].andStatement.statements[0].geoMatchStatement.countryCodes",
		Reason:   "missing required property of wafv2.WebAclRuleStatementGeoMatchStatement",
	}}, statement(in{"geoMatchStatement": in{"countryCode": "JP"}}))

	rate := statement(in{"rateBasedStatement": in{
		"limit":              2000,
		"scopeDownStatement": in{"notStatement": in{"statement": in{}}},
	}})
	require.NotEmpty(t, rate)
	assert.Contains(t, rate[0].Path, "rateBasedStatement.scopeDownStatement.notStatement.")
}

func TestAWSHasWhatTheProgramIsBuiltOf(t *testing.T) {
	s, err := AWS()
	require.NoError(t, err)
	assert.Greater(t, len(s.Resources), 150)
	for _, token := range []string{"aws:ec2/vpc:Vpc", "aws:ecs/service:Service", "aws:rds/cluster:Cluster",
		"aws:cloudfront/distribution:Distribution"} {
		assert.Contains(t, slices.Collect(maps.Keys(s.Resources)), token)
	}
}

func BenchmarkCheckAndDiff(b *testing.B) {
	s, err := AWS()
	require.NoError(b, err)
	res := s.Resources["aws:ec2/vpcEndpoint:VpcEndpoint"]
	old := resource.NewPropertyMapFromMap(in{
		"vpcId": "vpc-1", "serviceName": "com.amazonaws.ap-northeast-1.ssm", "vpcEndpointType": "Interface",
		"subnetIds": []any{"a", "b"}, "securityGroupIds": []any{"c"}, "tags": in{"Name": "x"},
	})
	changed := old.Copy()
	changed["vpcId"] = resource.NewProperty("vpc-2")
	for b.Loop() {
		if len(res.Inputs.Check(changed)) != 0 || len(res.Inputs.Diff(old, changed)) != 1 {
			b.Fatal("the inputs are right, and one of them changed")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse(awsSchema); err != nil {
			b.Fatal(err)
		}
	}
}
