package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// recordValues are what one value of a record of some types looks like. The provider puts quotes
// around a TXT value by itself.
var recordValues = map[string]*regexp.Regexp{
	"CAA":   regexp.MustCompile(`^(0|128) [A-Za-z0-9]+ "[^"]*"$`),
	"MX":    regexp.MustCompile(`^[0-9]{1,5} (\.|[A-Za-z0-9._-]+)$`),
	"HTTPS": regexp.MustCompile(`^[0-9]{1,5} (\.|[A-Za-z0-9._-]+)( .+)?$`),
	"TXT":   regexp.MustCompile(`^([^"]{0,255}|("[^"]{0,255}" ?)+)$`),
}

// amazonIssues are the domains of which a CAA record must let one issue.
// https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
var amazonIssues = []string{`issue "amazon.com"`, `issue "amazontrust.com"`, `issue "awstrust.com"`,
	`issue "amazonaws.com"`}

// statementRules are about records by which a domain says something of itself.
var statementRules = []provider.Rule{
	{
		Name:  "values of a record's type",
		Types: []string{recordType},
		When:  provider.OnCheck,
		Why: "Route53 ChangeResourceRecordSets: InvalidChangeBatch; " +
			"docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html",
		Check: func(r *provider.Request) error {
			pattern := recordValues[r.Inputs.Text("type")]
			for _, value := range r.Inputs.Texts("records") {
				if pattern != nil && value != "" && !pattern.MatchString(value) {
					return fmt.Errorf(changeBatch, fmt.Sprintf("Invalid Resource Record: 'FATAL problem: "+
						"%sRRDATAIllegalFormat (Value is not well formed) encountered with '%s''",
						r.Inputs.Text("type"), value))
				}
			}
			return nil
		},
	},
	{
		Name:  "a health check keeps its regions",
		Types: []string{healthCheckType},
		When:  provider.OnUpdate,
		Why: "Route53 UpdateHealthCheck: what is created without regions has all of them, and the provider then " +
			"sends an empty list (terraform-provider-aws#45824)",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("regions") {
				return nil
			}
			return fmt.Errorf("InvalidInput: Invalid parameter : regions must have at least 3 values, got 0")
		},
	},
	{
		Name:  "a certificate of an authority that the domain allows",
		Types: []string{validationType},
		When:  provider.OnCreate,
		Why: "ACM: CAA_ERROR, one of four domains must be allowed to issue; " +
			"docs.aws.amazon.com/acm/latest/userguide/setup-caa.html",
		Check: func(r *provider.Request) error {
			certificate := r.ByARN(r.Inputs.Text("certificateArn"))
			if certificate == nil || r.Preview {
				return nil
			}
			for _, domain := range certificateDomains(provider.Values(certificate.Inputs)) {
				if at := authoritiesAt(r, strings.TrimPrefix(domain, "*.")); at != "" {
					return fmt.Errorf("unexpected state 'FAILED', wanted target 'ISSUED'. last error: CAA_ERROR: "+
						"the CAA record of %s does not let Amazon issue a certificate for %s", at, domain)
				}
			}
			return nil
		},
	},
}

// authoritiesAt is the name with the CAA record that keeps Amazon from issuing for a domain; empty
// without one. The nearest name above that has such a record decides.
func authoritiesAt(r *provider.Request, domain string) string {
	for name, found := domain, true; found; _, name, found = strings.Cut(name, ".") {
		for _, record := range r.List(recordType) {
			if record.Text("fqdn") != name || record.Text("type") != "CAA" {
				continue
			}
			for _, value := range provider.Values(record.Inputs).Texts("records") {
				_, says, _ := strings.Cut(value, " ")
				if slices.Contains(amazonIssues, says) {
					return ""
				}
			}
			return name
		}
	}
	return ""
}
