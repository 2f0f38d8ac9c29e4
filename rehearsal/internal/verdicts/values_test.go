package verdicts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// refusing is a provider that refuses values in the words of the real one: says gives its reasons
// for the value at a path.
type refusing struct {
	Provider
	says func(path, value string, length int) []string
}

func (r refusing) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	news, err := plugin.UnmarshalProperties(req.GetNews(), options)
	if err != nil {
		return nil, err
	}
	res := &pulumirpc.CheckResponse{}
	var walk func(path string, value resource.PropertyValue, length int)
	walk = func(path string, value resource.PropertyValue, length int) {
		switch {
		case value.IsObject():
			for key, inner := range value.ObjectValue() {
				walk(strings.TrimPrefix(path+"."+string(key), "."), inner, 0)
			}
		case value.IsArray():
			for _, inner := range value.ArrayValue() {
				walk(path, inner, len(value.ArrayValue()))
			}
		default:
			text := fmt.Sprint(value.V)
			if value.IsNumber() {
				text = fmt.Sprintf("%.0f", value.NumberValue())
			}
			for _, reason := range r.says(path, text, length) {
				res.Failures = append(res.Failures,
					&pulumirpc.CheckFailure{Reason: reason + ". Examine values at 'asked." + path + "'."})
			}
		}
	}
	walk("", resource.NewProperty(news), 0)
	return res, nil
}

func TestThePluginsValuesAreReadFromItsRefusals(t *testing.T) {
	s, err := schema.Parse([]byte(`{"resources": {"x:index:Rule": {"inputs": {
		"launchType": "string", "protocol": "string", "format": "string", "engine": "string", "status": "string",
		"client": "string", "storage": "string", "code": "string", "free": "string", "regions": "[]string",
		"size": "integer", "least": "integer", "most": "number", "days": "integer", "period": "integer", "on": "boolean",
		 "nested": "[]#Nested"
	}}}, "types": {"Nested": {"kind": "string", "again": "#Nested"}}}`))
	require.NoError(t, err)
	closed := func(value string, set ...string) []string {
		if slices.Contains(set, value) {
			return nil
		}
		return []string{fmt.Sprintf("expected x to be one of %q, got %s", set, value)}
	}
	values, err := Values(context.Background(), refusing{says: func(path, value string, length int) []string {
		switch path {
		case "launchType":
			return closed(value, "FARGATE", "EC2")
		case "protocol": // without regard to capitals
			if strings.EqualFold(value, "HTTP") || strings.EqualFold(value, "TCP") {
				return nil
			}
			return closed(value, "HTTP", "TCP")
		case "format":
			if value == "" || value == "json" {
				return nil
			}
			return []string{"Invalid String Enum Value. The provided value does not match any valid " +
				"values.\n\nPath: format\nGiven Value: " + value + "\nValid Values: [json plain ]"}
		case "engine": // or anything of another form
			return append(closed(value, "mysql"), "invalid value for engine (must begin with custom-)")[:2*len(closed(
				value, "mysql"))]
		case "status":
			if value == "On" || value == "Off" {
				return nil
			}
			return []string{`Invalid Attribute Value Match. Attribute status value must be one of: ["On" ` +
				`"Off"], got: "` + value + `"`}
		case "client":
			if value == "" || value == "true" || value == "false" {
				return nil
			}
			return []string{"expected client to be one of '', 'true', or 'false', got '" + value + "'"}
		case "storage": // says it twice, in two spellings of the place
			if value == "GLACIER" {
				return nil
			}
			return []string{"Invalid.\nPath: storage\nGiven Value: " + value + "\nValid Values: [GLACIER]",
				"Invalid.\nPath: rule[0].storage\nGiven Value: " + value + "\nValid Values: [GLACIER]"}
		case "code":
			return []string{`expected value of code to match regular expression "^[245]\\d\\d$", got ` + value}
		case "regions": // nothing is said of a list that is too short
			if length < 3 {
				return []string{"Not enough list items. Attribute regions requires 3 item minimum, but config has " +
					"only 1 declared"}
			}
			return closed(value, "us-east-1")
		case "size":
			return []string{"expected size to be in the range (1 - 100), got " + value}
		case "least":
			if strings.HasPrefix(value, "-") {
				return []string{"expected least to be at least (5), got " + value}
			}
		case "most":
			if !strings.HasPrefix(value, "-") {
				return []string{"Attribute most value must be at most 1.5, got: " + value}
			}
		case "days":
			return []string{"expected days to be one of [30 7 120], got " + value}
		case "period": // or a multiple of 60
			return []string{"expected period to be one of [10 30], got " + value,
				"expected period to be divisible by 60, got: " + value}
		case "nested.kind":
			return append(closed(value, "A"), "\"nested.0.name\": one of `name,id` must be specified")
		}
		return nil
	}}, s)
	require.NoError(t, err)
	number := func(n float64) *float64 { return &n }
	assert.Equal(t, schema.Values{
		"x:index:Rule": {
			"launchType": {OneOf: []string{"EC2", "FARGATE"}},
			"protocol":   {OneOf: []string{"HTTP", "TCP"}, AnyCase: true},
			"format":     {OneOf: []string{"", "json", "plain"}},
			"status":     {OneOf: []string{"Off", "On"}},
			"client":     {OneOf: []string{"", "false", "true"}},
			"storage":    {OneOf: []string{"GLACIER"}},
			"code":       {Form: `^[245]\d\d$`},
			"regions":    {OneOf: []string{"us-east-1"}},
			"size":       {Min: number(1), Max: number(100)},
			"least":      {Min: number(5)},
			"most":       {Max: number(1.5)},
			"days":       {OneOf: []string{"7", "30", "120"}},
		},
		"Nested": {"kind": {OneOf: []string{"A"}}},
	}, values)
}

func TestTheFileOfValuesIsAPropertyALine(t *testing.T) {
	text, err := valuesText(schema.Values{
		"b": {"y": {OneOf: []string{"1"}}, "x": {AnyCase: true}},
		"a": {"z": {Form: "^$"}},
	})
	require.NoError(t, err)
	assert.Equal(t, `{
 "source": "The AWS plugin, asked property by property with a value that cannot be right (make verdicts UPDATE=1)",
 "values": {
  "a": {
   "z": {"form":"^$"}
  },
  "b": {
   "x": {"anyCase":true},
   "y": {"oneOf":["1"]}
  }
 }
}
`, string(text))
}
