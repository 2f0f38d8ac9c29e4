package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// subscriptionsPerGroup is CloudWatch Logs' quota, which cannot be raised.
const subscriptionsPerGroup = 2

// longestFilterPattern is what CloudWatch Logs takes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
const longestFilterPattern = 1024

var (
	insightsName = regexp.MustCompile(`^([^:*/]+/?)*[^:*/]+$`)
	glueName     = regexp.MustCompile(`^[0-9a-z_-]+$`)
)

// logProcessingRules are about what is done with log lines, in CloudWatch and in S3.
var logProcessingRules = []provider.Rule{
	{
		Name:  "a metric filter of a known log group",
		Types: []string{metricFilterType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs PutMetricFilter: ResourceNotFoundException",
		Check: references("logGroupName", logGroupType,
			"ResourceNotFoundException: The specified log group does not exist: %s"),
	},
	{
		Name:  "a metric filter has dimensions or a default",
		Types: []string{metricFilterType},
		When:  provider.OnCheck,
		Why:   "CloudWatch Logs PutMetricFilter: InvalidParameterException",
		Check: func(r *provider.Request) error {
			transformation := r.Inputs.Object("metricTransformation")
			if transformation.Has("dimensions") && transformation.Has("defaultValue") {
				return fmt.Errorf("InvalidParameterException: Invalid metric transformation: dimensions and default " +
					"value are mutually exclusive properties.")
			}
			return nil
		},
	},
	{
		Name:  "length of a filter pattern",
		Types: []string{metricFilterType, subscriptionFilterType},
		When:  provider.OnCheck,
		Why:   "CloudWatch Logs PutMetricFilter, PutSubscriptionFilter: filterPattern has 1,024 characters at most",
		Check: func(r *provider.Request) error {
			for _, property := range []string{"pattern", "filterPattern"} {
				if len(r.Inputs.Text(property)) > longestFilterPattern {
					return fmt.Errorf("expected length of %s to be in the range (0 - %d)", property, longestFilterPattern)
				}
			}
			return nil
		},
	},
	{
		Name:  "quotes of a filter pattern",
		Types: []string{metricFilterType, subscriptionFilterType},
		When:  provider.OnWrite,
		Why: "Filter pattern syntax: a term with other signs than letters and digits is in quotes, which come in " +
			"pairs; the words of the refusal are not verified",
		Check: func(r *provider.Request) error {
			for _, property := range []string{"pattern", "filterPattern"} {
				if text := r.Inputs.Text(property); strings.Count(text, `"`)%2 != 0 {
					return fmt.Errorf("InvalidParameterException: Invalid filter pattern: %s", text)
				}
			}
			return nil
		},
	},
	{
		Name:  "a subscription of a known log group",
		Types: []string{subscriptionFilterType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs PutSubscriptionFilter: ResourceNotFoundException",
		Check: references("logGroup", logGroupType,
			"ResourceNotFoundException: The specified log group does not exist: %s"),
	},
	{
		Name:  "two subscriptions a log group",
		Types: []string{subscriptionFilterType},
		When:  provider.OnCreate,
		Why:   "CloudWatch Logs quotas: subscription filters of a log group",
		Check: func(r *provider.Request) error {
			group, filters := r.Inputs.Text("logGroup"), 0
			for _, other := range r.Others(subscriptionFilterType) {
				if other.Text("logGroup") == group {
					filters++
				}
			}
			if group != "" && filters >= subscriptionsPerGroup {
				return fmt.Errorf("LimitExceededException: Resource limit exceeded.")
			}
			return nil
		},
	},
	{
		Name:  "a subscription to a known stream",
		Types: []string{subscriptionFilterType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs PutSubscriptionFilter: InvalidParameterException; it delivers a test message",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("destinationArn")
			if !strings.HasPrefix(arn, "arn:aws:firehose:") {
				return nil
			}
			if stream := r.ByARN(arn); r.Missing(stream) || stream != nil && stream.Region != r.Region {
				return fmt.Errorf("InvalidParameterException: Could not deliver test message to specified Firehose " +
					"stream. Check if the given Firehose stream is in ACTIVE state.")
			}
			return nil
		},
	},
	{
		Name:  "a subscription's role",
		Types: []string{subscriptionFilterType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs PutSubscriptionFilter: InvalidParameterException",
		Check: roleThat("roleArn", "logs.amazonaws.com",
			"InvalidParameterException: Could not assume the role %s on behalf of %s. Check if the role's trust "+
				"policy allows it."),
	},
	{
		Name:  "name of a saved query",
		Types: []string{insightsQueryType},
		When:  provider.OnCheck,
		Why:   "the provider: name of a query definition",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("name"); name != "" && !insightsName.MatchString(name) {
				return fmt.Errorf("invalid value for name (cannot contain a colon or asterisk and cannot start or "+
					"end with a slash): %s", name)
			}
			return nil
		},
	},
	{
		Name:  "a saved query of known log groups",
		Types: []string{insightsQueryType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs PutQueryDefinition: ResourceNotFoundException",
		Check: listReferences("logGroupNames", logGroupType,
			"ResourceNotFoundException: The specified log group does not exist: %s"),
	},
	{
		Name:  "a stream has its destination's configuration",
		Types: []string{firehoseType},
		When:  provider.OnCheck,
		Why:   "Firehose CreateDeliveryStream: the provider's check of destination",
		Check: func(r *provider.Request) error {
			for destination, property := range map[string]string{
				"http_endpoint": "httpEndpointConfiguration",
				"extended_s3":   "extendedS3Configuration",
			} {
				if r.Inputs.Text("destination") == destination && !r.Inputs.Has(property) {
					return fmt.Errorf("when destination is '%s', %s is required", destination, property)
				}
			}
			return nil
		},
	},
	{
		Name:  "a stream's role",
		Types: []string{firehoseType},
		When:  provider.OnWrite,
		Why:   "Firehose CreateDeliveryStream: InvalidArgumentException",
		Check: func(r *provider.Request) error {
			configuration := r.Inputs.Object("httpEndpointConfiguration")
			for _, arn := range []string{configuration.Text("roleArn"),
				configuration.Object("s3Configuration").Text("roleArn")} {
				if err := trusted(r, arn, "firehose.amazonaws.com",
					"InvalidArgumentException: Firehose is unable to assume role %s. Please check the role "+
						"provided: it must trust %s."); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name:  "a stream's bucket",
		Types: []string{firehoseType},
		When:  provider.OnWrite,
		Why:   "Firehose CreateDeliveryStream: InvalidArgumentException",
		Check: func(r *provider.Request) error {
			bucket := r.Inputs.Object("httpEndpointConfiguration").Object("s3Configuration").Text("bucketArn")
			if bucket != "" && r.Missing(r.ByARN(bucket)) {
				return fmt.Errorf("InvalidArgumentException: The bucket %s does not exist", bucket)
			}
			return nil
		},
	},
	{
		Name:  "names in the Glue catalog",
		Types: []string{glueDatabaseType, glueTableType},
		When:  provider.OnCheck,
		Why:   "Athena: names of databases and tables; with other characters queries fail",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("name"); name != "" && !glueName.MatchString(name) {
				return fmt.Errorf("invalid value for name (only lower-case letters, digits, hyphens and "+
					"underscores): %s", name)
			}
			return nil
		},
	},
	{
		Name:  "one Glue database a name",
		Types: []string{glueDatabaseType},
		When:  provider.OnCreate,
		Why:   "Glue CreateDatabase: AlreadyExistsException",
		Check: func(r *provider.Request) error {
			if database := r.Find(glueDatabaseType, r.Account+":"+r.Inputs.Text("name")); database != nil &&
				!r.Itself(database) {
				return fmt.Errorf("AlreadyExistsException: Database already exists: %s", database.Name)
			}
			return nil
		},
	},
	{
		Name:  "a table of a known database",
		Types: []string{glueTableType},
		When:  provider.OnWrite,
		Why:   "Glue CreateTable: EntityNotFoundException",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("databaseName"); name != "" &&
				r.Missing(r.Find(glueDatabaseType, r.Account+":"+name)) {
				return fmt.Errorf("EntityNotFoundException: Database %s not found.", name)
			}
			return nil
		},
	},
	{
		Name:  "one workgroup a name",
		Types: []string{workgroupType},
		When:  provider.OnCreate,
		Why:   "Athena CreateWorkGroup: InvalidRequestException",
		Check: func(r *provider.Request) error {
			if group := r.Find(workgroupType, r.Inputs.Text("name")); group != nil && !r.Itself(group) {
				return fmt.Errorf("InvalidRequestException: WorkGroup %s is already created", group.ID)
			}
			return nil
		},
	},
	{
		Name:  "limit of a workgroup",
		Types: []string{workgroupType},
		When:  provider.OnCheck,
		Why:   "Athena WorkGroupConfiguration: BytesScannedCutoffPerQuery, 10 MB at least",
		Check: func(r *provider.Request) error {
			if limit, ok := r.Inputs.Object("configuration").Number("bytesScannedCutoffPerQuery"); ok &&
				limit < 10<<20 {
				return fmt.Errorf("expected configuration.bytesScannedCutoffPerQuery to be at least "+
					"(10485760), got %g", limit)
			}
			return nil
		},
	},
	{
		Name:  "a workgroup with queries stays",
		Types: []string{workgroupType},
		When:  provider.OnDelete,
		Why:   "Athena DeleteWorkGroup: InvalidRequestException",
		Check: func(r *provider.Request) error {
			if !provider.Values(r.Old.Inputs).Is("forceDestroy", false) &&
				len(r.Where(namedQueryType, "workgroup", r.Old.ID)) > 0 {
				return fmt.Errorf("InvalidRequestException: WorkGroup %s is not empty", r.Old.ID)
			}
			return nil
		},
	},
	{
		Name:  "a named query of a known workgroup",
		Types: []string{namedQueryType},
		When:  provider.OnWrite,
		Why:   "Athena CreateNamedQuery: InvalidRequestException; every account has the workgroup primary",
		Check: func(r *provider.Request) error {
			if group := r.Inputs.Text("workgroup"); group != "" && group != "primary" &&
				r.Missing(r.Find(workgroupType, group)) {
				return fmt.Errorf("InvalidRequestException: WorkGroup %s is not found.", group)
			}
			return nil
		},
	},
}

// jsonObject refuses a property whose text is no JSON object.
func jsonObject(inputs provider.Values, property, message string) error {
	text := inputs.Text(property)
	if text == "" {
		return nil
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return fmt.Errorf(message, err)
	}
	return nil
}
