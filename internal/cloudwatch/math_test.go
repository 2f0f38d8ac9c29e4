package cloudwatch

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var none = math.NaN()

// computed is what an expression makes of series by their ids, at timestamps of a minute.
func computed(t *testing.T, expression string, of map[string][]float64) []float64 {
	t.Helper()
	parsed, err := parse(expression)
	require.NoError(t, err, expression)
	minutes := 0
	for _, points := range of {
		minutes = len(points)
	}
	var all []float64
	for minute := range minutes {
		s := scope{values: map[string]value{}, start: minute, begin: 1_700_000_000}
		for id, points := range of {
			s.values[id] = value{number: points[minute]}
		}
		result, err := parsed.eval(s)
		require.NoError(t, err, expression)
		require.False(t, result.scalar, expression)
		all = append(all, result.number)
	}
	return all
}

func same(t *testing.T, want, got []float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i := range want {
		if math.IsNaN(want[i]) {
			assert.True(t, math.IsNaN(got[i]), "%s at %d: %g", what, i, got[i])
			continue
		}
		assert.InDelta(t, want[i], got[i], 1e-9, "%s at %d", what, i)
	}
}

// The examples of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func TestMetricMathIsAsInTheDocumentation(t *testing.T) {
	operators := map[string][]float64{"metric1": {30, 20, 0, 0}, "metric2": {20, none, 20, none}}
	for expression, want := range map[string][]float64{
		"(metric1 < metric2)":                {0, 0, 1, 0},
		"(metric1 >= 30)":                    {1, 0, 0, 0},
		"(metric1 > 15 AND metric2 > 15)":    {1, 0, 0, 0},
		"(metric1 > 15 && metric2 > 15)":     {1, 0, 0, 0},
		"metric1/metric2":                    {1.5, none, 0, none}, // a division by zero is dropped
		"metric1+metric2":                    {50, 20, 20, 0},
		"-5*metric1":                         {-150, -100, 0, 0},
		"FILL(metric2,7)":                    {20, 7, 20, 7},
		"FILL(metric2,metric1)":              {20, 20, 20, 0},
		"FLOOR(metric1/7)":                   {4, 2, 0, 0},
		"CEIL(metric1/7)+ABS(metric2-25)":    {10, 3, 5, 0},
		"EPOCH(metric2)":                     {1_700_000_000, 1_700_000_060, 1_700_000_120, 1_700_000_180},
		"metric1-2*metric1+10-1":             {-21, -11, 9, 9},
		"IF(metric1<25, 10, 2)":              {2, 10, 10, 10},
		"IF(metric2<400, metric2)":           {20, none, 20, none},
		"IF((metric1+metric2)==50,1,0)":      {1, 0, 0, 0},
		"IF(metric1!=30 OR metric2==20,1,0)": {1, 1, 1, 1},
	} {
		same(t, want, computed(t, expression, operators), expression)
	}
	conditions := map[string][]float64{
		"metric1": {1, 1, 0, 0, none}, "metric2": {30, none, 0, 0, 30}, "metric3": {0, 0, 20, none, 20},
	}
	for expression, want := range map[string][]float64{
		"IF(metric1, metric2, metric3)": {30, 0, 20, none, none},
		"IF(metric1, 5, metric3)":       {5, 5, 20, none, none},
		"IF(metric1, metric2, 5)":       {30, 0, 5, 5, none},
	} {
		same(t, want, computed(t, expression, conditions), expression)
	}
}

func TestExpressionsThatAreRefused(t *testing.T) {
	for expression, want := range map[string]string{
		"":               "want a number, an id, a function or a parenthesis",
		"m +":            "want a number, an id, a function or a parenthesis",
		"m n":            `found "n", want an operator or the end`,
		"m $":            `found " $", want an operator or the end`,
		"Metric":         `found "Metric"`,
		"(m":             `want ")"`,
		"SEARCH(m)":      "SEARCH is no function",
		"if(m,1,0)":      "if is no function",
		"FILL(m)":        "FILL has 1 arguments, want 2 to 2",
		"IF(m,1,2,3)":    "IF has 4 arguments",
		"m+1>0":          "+ stands beside > without parentheses",
		"m>0>1":          "> stands beside > without parentheses",
		"m>0&&m<1||m==2": "&& stands beside || without parentheses",
		"m&&m+1":         "+ stands beside && without parentheses",
	} {
		_, err := parse(expression)
		require.ErrorContains(t, err, want, expression)
	}
	long := make([]byte, maxExpression+1)
	for i := range long {
		long[i] = '1'
	}
	_, err := parse(string(long))
	require.ErrorContains(t, err, "it has 2049 characters, want up to 2048")
}
