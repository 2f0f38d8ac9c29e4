package schema

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ptr(n float64) *float64 { return &n }

// restricted is the small schema with restrictions of every sort.
func restricted(t *testing.T) *Resource {
	s, err := Parse([]byte(small))
	require.NoError(t, err)
	require.NoError(t, s.restrict(Values{
		"x:index:Rule": {
			"name":     {OneOf: []string{"", "a", "b"}},
			"steps":    {OneOf: []string{"Get", "Put"}, AnyCase: true},
			"weight":   {Min: ptr(0), Max: ptr(1.5)},
			"port":     {OneOf: []string{"80", "443"}},
			"password": {OneOf: []string{"hunter3"}},
		},
		"Nested": {"key": {Form: `^\d+%$`}, "kind": {Min: ptr(3)}},
	}))
	return s.Resources["x:index:Rule"]
}

func TestOnlyAllowedValuesPass(t *testing.T) {
	res := restricted(t)
	for name, test := range map[string]struct {
		inputs in
		want   []string
	}{
		"allowed": {in{
			"name":   "a",
			"steps":  []any{"get", "PUT"},
			"weight": 1.5,
			"port":   443,
			"nested": in{"key": "5%", "kind": "3"},
		}, nil},
		"an empty string that may be": {in{"name": ""}, nil},
		"a number as text":            {in{"name": "a", "port": "80", "weight": "1"}, nil},
		"what is not known yet":       {in{"name": unknown, "steps": []any{unknown}}, nil},
		"a value of no closed set": {in{"name": "c"},
			[]string{`name: expected one of ["" "a" "b"], got string "c"`}},
		"other capitals": {in{"name": "A"},
			[]string{`name: expected one of ["" "a" "b"], got string "A"`}},
		"an element of a list": {in{"name": "a", "steps": []any{"Get", "Post"}},
			[]string{`steps[1]: expected one of ["Get" "Put"], got string "Post"`}},
		"a number of no closed set": {in{"name": "a", "port": 8080},
			[]string{"port: expected one of [80 443], got number 8080"}},
		"below a range": {in{"name": "a", "weight": -0.5},
			[]string{"weight: expected 0 to 1.5, got number -0.5"}},
		"above a range": {in{"name": "a", "weight": 2},
			[]string{"weight: expected 0 to 1.5, got number 2"}},
		"another form, and half a range": {in{"name": "a", "list": []any{in{"key": "5", "kind": "2"}}}, []string{
			`list[0].key: expected to match ^\d+%$, got string "5"`,
			`list[0].kind: expected at least 3, got string "2"`,
		}},
		"a secret, which is not repeated": {in{
			"name":     "a",
			"password": resource.MakeSecret(resource.NewProperty("hunter2")),
		}, []string{`password: expected one of ["hunter3"], got a secret string`}},
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

func TestRestrictionsAreOfPropertiesThatAreThere(t *testing.T) {
	for want, values := range map[string]Values{
		"restrict the values of kin of Nested: the schema has no such property": {
			"Nested": {"kin": {}},
		},
		"restrict the values of key of Nest: the schema has no such property": {
			"Nest": {"key": {}},
		},
		"restrict the values of on of x:index:Rule: want a string or number, or a list of them, that is not " +
			"restricted yet": {"x:index:Rule": {"on": {}}},
		"restrict the values of nested of x:index:Rule: want a string or number, or a list of them, that is not " +
			"restricted yet": {"x:index:Rule": {"nested": {}}},
		"restrict the values of key of Nested: error parsing regexp: missing closing ]: `[`": {
			"Nested": {"key": {Form: "["}},
		},
	} {
		s, err := Parse([]byte(small))
		require.NoError(t, err)
		assert.EqualError(t, s.restrict(values), want)
	}
	s, err := Parse([]byte(small))
	require.NoError(t, err)
	once := Values{"Nested": {"key": {OneOf: []string{"a"}}}}
	require.NoError(t, s.restrict(once))
	assert.ErrorContains(t, s.restrict(once), "that is not restricted yet")
}

func TestValuesOfAYoungerPluginAreWithdrawn(t *testing.T) {
	s, err := Parse([]byte(small), []byte(`{"values": {"Nested": {"key": {"oneOf": ["old", "young"]}}}}`))
	require.NoError(t, err)
	require.NoError(t, s.withdraw([]byte(`{"values": {"Nested": {"key": {"oneOf": ["young"]}}}}`)))
	assert.Equal(t, []string{"old"}, s.Owners()["Nested"]["key"].Type.Allowed.OneOf)
	assert.EqualError(t, s.withdraw([]byte(`{"values": {"Nested": {"key": {"oneOf": ["young"]}}}}`)),
		`withdraw "young" from the values of key of Nested: it is none of ["old"]`)
	assert.EqualError(t, s.withdraw([]byte(`{"values": {"Nested": {"kind": {"oneOf": ["young"]}}}}`)),
		"withdraw values of kind of Nested: it has no closed set")

	aws, err := AWS()
	require.NoError(t, err)
	oldest := aws.Owners()["cloudfront.DistributionViewerCertificate"]["minimumProtocolVersion"].Type.Allowed.OneOf
	assert.Contains(t, oldest, "TLSv1.2_2021")
	assert.NotContains(t, oldest, "TLSv1.3_2025")
}

// Every restriction of AWS's properties refuses something, and takes all that it names.
func TestEveryRestrictionOfAWSRefusesAndLetsPass(t *testing.T) {
	s, err := AWS()
	require.NoError(t, err)
	restrictions := 0
	for owner, properties := range s.Owners() {
		for name, property := range properties {
			scalar := property.Type.Scalar()
			if scalar == nil || scalar.Allowed == nil {
				continue
			}
			restrictions++
			allowed, place := scalar.Allowed, name+" of "+owner
			assert.NotEmpty(t, wrong(allowed).problem(), place)
			for _, value := range allowed.OneOf {
				assert.Empty(t, allowed.problem(resource.NewProperty(value)), place)
				if n, err := strconv.ParseFloat(value, 64); err == nil && scalar.Kind != String {
					assert.Empty(t, allowed.problem(resource.NewProperty(n)), place)
				}
			}
			for _, bound := range []*float64{allowed.Min, allowed.Max} {
				if bound != nil {
					assert.Empty(t, allowed.problem(resource.NewProperty(*bound)), place)
				}
			}
		}
	}
	assert.Greater(t, restrictions, 750)
}

// asked is a value to ask a restriction about.
type asked struct {
	allowed *Allowed
	value   resource.PropertyValue
}

func (a asked) problem() string { return a.allowed.problem(a.value) }

// wrong is a value that a restriction must refuse.
func wrong(allowed *Allowed) asked {
	switch {
	case allowed.Max != nil:
		return asked{allowed, resource.NewProperty(*allowed.Max + 1)}
	case allowed.Min != nil:
		return asked{allowed, resource.NewProperty(*allowed.Min - 1)}
	}
	return asked{allowed, resource.NewProperty("no such value")}
}

// What AWS's documentation says is given with the page that says so; what the plugin says is not.
func TestDocumentedValuesHaveASource(t *testing.T) {
	for raw, sourced := range map[string]bool{
		string(awsValues):     false,
		string(awsDocumented): true,
		string(awsYounger):    true,
	} {
		values, err := parseValues([]byte(raw))
		require.NoError(t, err)
		for _, owner := range slices.Sorted(maps.Keys(values)) {
			for name, allowed := range values[owner] {
				assert.Equal(t, sourced, allowed.Source != "", "%s of %s", name, owner)
			}
		}
	}
}
