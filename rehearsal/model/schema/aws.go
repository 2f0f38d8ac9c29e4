package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed aws-schema.json
var awsSchema []byte

// awsValues is what the AWS plugin said that it takes, property by property; `make verdicts
// UPDATE=1` writes it.
//
//go:embed aws-values.json
var awsValues []byte

// awsDocumented is what AWS's documentation closes and the plugin leaves open, so that AWS refuses
// it in the up.
//
//go:embed aws-documented.json
var awsDocumented []byte

// awsYounger is what the plugin takes that was asked, and the older one of the SDK's version does
// not.
//
//go:embed aws-younger.json
var awsYounger []byte

// AWS is the schema of the real AWS provider. It is parsed when it is first asked for.
var AWS = sync.OnceValues(func() (*Schema, error) {
	var f file
	if err := json.Unmarshal(awsSchema, &f); err != nil {
		return nil, fmt.Errorf("parse the schema of the AWS provider: %w", err)
	}
	for place, written := range wafNesting {
		if f.Types[place.object][place.property] != "any" {
			return nil, fmt.Errorf("parse the schema of the AWS provider: %s.%s is %q, want any", place.object,
				place.property, f.Types[place.object][place.property])
		}
		f.Types[place.object][place.property] = written
	}
	f.Types[wafStatements] = map[string]string{"statements": "[]#" + wafStatement + " required"}
	s, err := f.resolve()
	if err != nil {
		return nil, err
	}
	if err := s.restrictAll(awsValues, awsDocumented); err != nil {
		return nil, err
	}
	return s, s.withdraw(awsYounger)
})

const (
	wafStatement  = "wafv2.WebAclRuleStatement"
	wafStatements = "wafv2.WebAclRuleStatements"
)

// wafNesting closes the circle that the file leaves open: a WAF statement contains statements of
// the same types.
var wafNesting = map[struct{ object, property string }]string{
	{wafStatement, "andStatement"}: "#" + wafStatements,
	{wafStatement, "orStatement"}:  "#" + wafStatements,
	{wafStatement, "notStatement"}: "#" + wafStatements,
	{"wafv2.WebAclRuleStatementManagedRuleGroupStatement", "scopeDownStatement"}: "#" + wafStatement,
	{"wafv2.WebAclRuleStatementRateBasedStatement", "scopeDownStatement"}:        "#" + wafStatement,
}
