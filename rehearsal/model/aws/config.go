package aws

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// configProperties are the inputs of the provider resource, as the SDK has them.
var configProperties = func() schema.Properties {
	texts := []string{
		"accessKey", "customCaBundle", "ec2MetadataServiceEndpoint", "ec2MetadataServiceEndpointMode", "httpProxy",
		"httpsProxy", "noProxy", "profile", "region", "retryMode", "s3UsEast1RegionalEndpoint", "secretKey",
		"stsRegion", "token",
	}
	switches := []string{
		"insecure", "s3UsePathStyle", "skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation",
		"skipRequestingAccountId", "useDualstackEndpoint", "useFipsEndpoint",
	}
	lists := []string{"allowedAccountIds", "forbiddenAccountIds", "sharedConfigFiles", "sharedCredentialsFiles"}
	text := &schema.Type{Kind: schema.String}
	texted := &schema.Type{Kind: schema.Map, Element: text}
	properties := schema.Properties{
		"assumeRole":                     {Type: &schema.Type{Kind: schema.Any}},
		"assumeRoleWithWebIdentity":      {Type: &schema.Type{Kind: schema.Any}},
		"endpoints":                      {Type: &schema.Type{Kind: schema.List, Element: texted}},
		"maxRetries":                     {Type: &schema.Type{Kind: schema.Integer}},
		"tokenBucketRateLimiterCapacity": {Type: &schema.Type{Kind: schema.Integer}},
		"defaultTags": {Type: &schema.Type{Kind: schema.Object, Object: &schema.ObjectType{
			Name:       "ProviderDefaultTags",
			Properties: schema.Properties{"tags": {Type: texted}},
		}}},
		"ignoreTags": {Type: &schema.Type{Kind: schema.Object, Object: &schema.ObjectType{
			Name: "ProviderIgnoreTags",
			Properties: schema.Properties{
				"keys":        {Type: &schema.Type{Kind: schema.List, Element: text}},
				"keyPrefixes": {Type: &schema.Type{Kind: schema.List, Element: text}},
			},
		}}},
	}
	for _, name := range texts {
		properties[name] = &schema.Property{Type: text}
	}
	for _, name := range switches {
		properties[name] = &schema.Property{Type: &schema.Type{Kind: schema.Boolean}}
	}
	for _, name := range lists {
		properties[name] = &schema.Property{Type: &schema.Type{Kind: schema.List, Element: text}}
	}
	return properties
}()

var regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)

// checkConfig refuses what the real provider refuses when it is configured.
func checkConfig(inputs provider.Values, account string) []schema.Problem {
	var problems []schema.Problem
	add := func(property, format string, args ...any) {
		problems = append(problems, schema.Problem{Property: property, Reason: fmt.Sprintf(format, args...)})
	}
	if !inputs.Has("region") {
		add("region",
			"Missing region configuration: set the region of the explicit provider, which does not read aws:region")
	} else if region := inputs.Text("region"); region != "" && !inputs.Is("skipRegionValidation", false) &&
		!regionForm.MatchString(region) {
		add("region", "Invalid AWS Region: %s", region)
	}
	allowed, forbidden := inputs.Texts("allowedAccountIds"), inputs.Texts("forbiddenAccountIds")
	if inputs.Unknown("allowedAccountIds", "forbiddenAccountIds") {
		return problems
	}
	id := account
	if settings(inputs).NoAccount {
		id = "" // the real provider compares the list with nothing
	}
	if inputs.Has("allowedAccountIds") && !slices.Contains(allowed, id) {
		add("allowedAccountIds", "AWS account ID not allowed: %s", id)
	}
	if slices.Contains(forbidden, id) {
		add("forbiddenAccountIds", "AWS account ID not allowed: %s", id)
	}
	return problems
}

func settings(inputs provider.Values) provider.Settings {
	return provider.Settings{
		Region: inputs.Text("region"),
		Tags:   inputs.Object("defaultTags").TextMap("tags"),

		NoAccount: inputs.Is("skipRequestingAccountId", false) && inputs.Is("skipCredentialsValidation", false),
	}
}
