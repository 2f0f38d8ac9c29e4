package iam

import "testing"

// TestDecideByCondition has what conditions hold of:
// reference_policies_elements_condition_operators.html and
// reference_policies_condition-single-vs-multi-valued-context-keys.html of the IAM User Guide.
func TestDecideByCondition(t *testing.T) {
	t.Parallel()
	condition := func(operator, key, values string) string {
		return allowRead + `,"Condition":{"` + operator + `":{"` + key + `":` + values + `}}`
	}
	decides(t, map[string]question{
		// Conditions on a key that the request has, or does not have.
		"a value of several": {
			identity: condition("StringEquals", "aws:RequestedRegion", `["eu-west-1","eu-west-2"]`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
		},
		"another value": {
			identity: condition("StringEquals", "aws:RequestedRegion", `"eu-west-1"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
			want:     noIdentity,
		},
		"a key's name in other case": {
			identity: condition("StringEquals", "AWS:requestedREGION", `"eu-west-2"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
		},
		"a value in other case": {
			identity: condition("StringEquals", "aws:RequestedRegion", `"EU-west-2"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
			want:     noIdentity,
		},
		"a value in other case, ignored": {
			identity: condition("StringEqualsIgnoreCase", "aws:RequestedRegion", `"EU-west-2"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
		},
		"a star is text for StringEquals": {
			identity: condition("StringEquals", "aws:RequestedRegion", `"eu-*"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
			want:     noIdentity,
		},
		"a star is a wildcard for StringLike": {
			identity: condition("StringLike", "aws:RequestedRegion", `"eu-*"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
		},
		"a missing key": {
			identity: condition("StringEquals", "kms:ViaService", `"x"`),
			want:     noIdentity,
		},
		"a missing key, IfExists": {
			identity: condition("StringEqualsIfExists", "kms:ViaService", `"x"`),
		},
		"another value, IfExists": {
			identity: condition("StringEqualsIfExists", "kms:ViaService", `"x"`),
			context:  map[string][]string{"kms:ViaService": {"y"}},
			want:     noIdentity,
		},
		"a missing key, negated": {identity: condition("StringNotEquals", "kms:ViaService", `"x"`)},
		"one of the values, negated": {
			identity: condition("StringNotEquals", "kms:ViaService", `["x","y"]`),
			context:  map[string][]string{"kms:ViaService": {"y"}},
			want:     noIdentity,
		},
		"a missing key, Null true": {identity: condition("Null", "kms:ViaService", `"true"`)},
		"a missing key, Null false": {
			identity: condition("Null", "kms:ViaService", `"false"`),
			want:     noIdentity,
		},
		"a key that is there, Null false": {
			identity: condition("Null", "kms:ViaService", `"false"`),
			context:  map[string][]string{"kms:ViaService": {"y"}},
		},
		"ForAnyValue, one fits": {
			identity: condition("ForAnyValue:StringEquals", "aws:TagKeys", `["a","b"]`),
			context:  map[string][]string{"aws:TagKeys": {"b", "c"}},
		},
		"ForAnyValue, none fits": {
			identity: condition("ForAnyValue:StringEquals", "aws:TagKeys", `["a"]`),
			context:  map[string][]string{"aws:TagKeys": {"b", "c"}},
			want:     noIdentity,
		},
		"ForAnyValue on a missing key": {
			identity: condition("ForAnyValue:StringEquals", "aws:TagKeys", `["a"]`),
			want:     noIdentity,
		},
		"ForAnyValue on a missing key, negated": {
			identity: condition("ForAnyValue:StringNotEquals", "aws:TagKeys", `["a"]`),
			want:     noIdentity,
		},
		"ForAllValues, all fit": {
			identity: condition("ForAllValues:StringEquals", "aws:TagKeys", `["a","b"]`),
			context:  map[string][]string{"aws:TagKeys": {"b", "a"}},
		},
		"ForAllValues, one does not": {
			identity: condition("ForAllValues:StringEquals", "aws:TagKeys", `["a","b"]`),
			context:  map[string][]string{"aws:TagKeys": {"b", "c"}},
			want:     noIdentity,
		},
		"ForAllValues on a missing key": {
			identity: condition("ForAllValues:StringEquals", "aws:TagKeys", `["a"]`),
		},
		"two keys of which one does not fit": {
			identity: allowRead + `,"Condition":{"StringEquals":{"aws:SourceAccount":"1","aws:SourceArn":"x"}}`,
			context:  map[string][]string{"aws:SourceAccount": {"1"}, "aws:SourceArn": {"y"}},
			want:     noIdentity,
		},
		"ArnLike by fields": {
			identity: condition("ArnLike", "aws:SourceArn", `"arn:aws:ecs:*:111122223333:*"`),
			context:  map[string][]string{"aws:SourceArn": {"arn:aws:ecs:eu-west-1:111122223333:cluster/a:b"}},
		},
		"ArnEquals takes wildcards too": {
			identity: condition("ArnEquals", "aws:SourceArn", `"arn:aws:sns:*:*:a"`),
			context:  map[string][]string{"aws:SourceArn": {"arn:aws:sns:eu-west-1:111122223333:a"}},
		},
		"ArnNotLike": {
			identity: condition("ArnNotLike", "aws:SourceArn", `"arn:aws:sns:*:*:a"`),
			context:  map[string][]string{"aws:SourceArn": {"arn:aws:sns:eu-west-1:111122223333:a"}},
			want:     noIdentity,
		},
		"Bool": {
			identity: condition("Bool", "kms:GrantIsForAWSResource", `true`),
			context:  map[string][]string{"kms:GrantIsForAWSResource": {"true"}},
		},
		"Bool, the other": {
			identity: condition("Bool", "kms:GrantIsForAWSResource", `"true"`),
			context:  map[string][]string{"kms:GrantIsForAWSResource": {"false"}},
			want:     noIdentity,
		},
		"NumericLessThan": {
			identity: condition("NumericLessThan", "aws:EpochTime", `10`),
			context:  map[string][]string{"aws:EpochTime": {"9"}},
		},
		"DateGreaterThan, ISO against seconds": {
			identity: condition("DateGreaterThan", "aws:CurrentTime", `"2026-01-01T00:00:00Z"`),
			context:  map[string][]string{"aws:CurrentTime": {"1793000000"}},
		},
		"IpAddress in the network": {
			identity: condition("IpAddress", "aws:SourceIp", `"10.0.0.0/8"`),
			context:  map[string][]string{"aws:SourceIp": {"10.2.3.4"}},
		},
		"IpAddress outside": {
			identity: condition("IpAddress", "aws:SourceIp", `"10.0.0.0/8"`),
			context:  map[string][]string{"aws:SourceIp": {"11.2.3.4"}},
			want:     noIdentity,
		},
		"a deny outside of regions, region given": {
			identity: allowRead,
			boundary: allowAll + "\n" + `"Effect":"Deny","NotAction":"chatbot:*","Resource":"*",` +
				`"Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1"]}}`,
			context: map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
			want:    "explicit deny in a permissions boundary",
		},
	})
}
