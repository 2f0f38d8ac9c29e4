package aws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// limit is what AWS allows a string property to be.
type limit struct {
	typ, property string
	min, max      int
	form          *regexp.Regexp
	words         string   // what form means
	notPrefix     []string // what the value must not begin with
	notSuffix     []string
	not           []string // what it must not contain
}

var (
	alnumHyphen           = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$`)
	alnumHyphenUnderscore = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)
	iamName               = regexp.MustCompile(`^[\w+=,.@-]+$`)
	groupText             = regexp.MustCompile(`^[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]*$`)
	identifier            = regexp.MustCompile(`^[a-z][0-9a-z]*(-[0-9a-z]+)*$`)
	letterFirst           = regexp.MustCompile(`^[A-Za-z][0-9A-Za-z_]*$`)
)

const (
	alnumHyphenWords           = "only letters, digits and hyphens, no hyphen at either end"
	alnumHyphenUnderscoreWords = "only letters, digits, hyphens and underscores"
	iamNameWords               = "only letters, digits and +=,.@_-"
	groupTextWords             = "only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"
	identifierWords            = "lower-case letters, digits and single hyphens, a letter first, no hyphen last"
)

// limits are from AWS's documentation of each service.
var limits = []limit{
	{
		typ:       "aws:lb/loadBalancer:LoadBalancer",
		property:  "name",
		min:       1,
		max:       32,
		form:      alnumHyphen,
		words:     alnumHyphenWords,
		notPrefix: []string{"internal-"},
	},
	{
		typ:      "aws:lb/targetGroup:TargetGroup",
		property: "name",
		min:      1,
		max:      32,
		form:     alnumHyphen,
		words:    alnumHyphenWords,
	},
	{
		typ:       bucketType,
		property:  "bucket",
		min:       3,
		max:       63,
		form:      regexp.MustCompile(`^[0-9a-z][0-9a-z.-]*[0-9a-z]$`),
		words:     "only lower-case letters, digits, dots and hyphens, a letter or digit at both ends",
		notPrefix: []string{"xn--", "sthree-", "amzn-s3-demo-"},
		notSuffix: []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3"},
		not:       []string{".."},
	},
	{typ: roleType, property: "name", min: 1, max: 64, form: iamName, words: iamNameWords},
	{typ: policyType, property: "name", min: 1, max: 128, form: iamName, words: iamNameWords},
	{typ: rolePolicyType, property: "name", min: 1, max: 128, form: iamName, words: iamNameWords},
	{
		typ:      "aws:iam/instanceProfile:InstanceProfile",
		property: "name",
		min:      1,
		max:      128,
		form:     iamName,
		words:    iamNameWords,
	},
	{
		typ:       securityGroupType,
		property:  "name",
		min:       1,
		max:       255,
		form:      groupText,
		words:     groupTextWords,
		notPrefix: []string{"sg-", "CloudFront-VPCOrigins-Service-SG"},
	},
	{typ: securityGroupType, property: "description", min: 1, max: 255, form: groupText, words: groupTextWords},
	{typ: ingressRuleType, property: "description", min: 0, max: 255, form: groupText, words: groupTextWords},
	{typ: egressRuleType, property: "description", min: 0, max: 255, form: groupText, words: groupTextWords},
	{
		typ:       logGroupType,
		property:  "name",
		min:       1,
		max:       512,
		form:      regexp.MustCompile(`^[\w./#-]+$`),
		words:     "only letters, digits and _-./#",
		notPrefix: []string{"aws/"},
	},
	{
		typ:      "aws:ecs/cluster:Cluster",
		property: "name",
		min:      1,
		max:      255,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:ecs/service:Service",
		property: "name",
		min:      1,
		max:      255,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:ecs/taskDefinition:TaskDefinition",
		property: "family",
		min:      1,
		max:      255,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
		property: "ecrRepositoryPrefix",
		min:      2,
		max:      30,
		form:     regexp.MustCompile(`^((?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?|ROOT)$`),
		words:    "lower-case letters, digits and single ._-/ between them, or ROOT",
	},
	{
		typ:      "aws:ecr/repository:Repository",
		property: "name",
		min:      2,
		max:      256,
		form:     regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`),
		words:    "lower-case letters, digits and single ._-/ between them",
	},
	{
		typ:      "aws:rds/cluster:Cluster",
		property: "clusterIdentifier",
		min:      1,
		max:      63,
		form:     identifier,
		words:    identifierWords,
	},
	{
		typ:      "aws:rds/clusterInstance:ClusterInstance",
		property: "identifier",
		min:      1,
		max:      63,
		form:     identifier,
		words:    identifierWords,
	},
	{
		typ:      "aws:rds/cluster:Cluster",
		property: "finalSnapshotIdentifier",
		min:      1,
		max:      255,
		form:     regexp.MustCompile(`^[A-Za-z][0-9A-Za-z]*(-[0-9A-Za-z]+)*$`),
		words:    "letters, digits and single hyphens, a letter first, no hyphen last",
	},
	{
		typ:      "aws:rds/cluster:Cluster",
		property: "databaseName",
		min:      1,
		max:      63,
		form:     letterFirst,
		words:    "letters, digits and underscores, a letter first",
	},
	{
		typ:      "aws:rds/cluster:Cluster",
		property: "masterUsername",
		min:      1,
		max:      63,
		form:     letterFirst,
		words:    "letters, digits and underscores, a letter first",
	},
	{
		typ:      "aws:rds/cluster:Cluster",
		property: "preferredBackupWindow",
		min:      0,
		max:      11,
		form:     regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$`),
		words:    "hh24:mi-hh24:mi",
	},
	{
		typ:      "aws:rds/cluster:Cluster",
		property: "preferredMaintenanceWindow",
		min:      0,
		max:      19,
		form:     regexp.MustCompile(`^(?i)((mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-?){2}$`),
		words:    "ddd:hh24:mi-ddd:hh24:mi",
	},
	{
		typ:      "aws:rds/subnetGroup:SubnetGroup",
		property: "name",
		min:      1,
		max:      255,
		form:     regexp.MustCompile(`^[ .0-9a-z_-]+$`),
		words:    "only lower-case letters, digits, spaces and ._-",
	},
	{
		typ:      "aws:rds/clusterParameterGroup:ClusterParameterGroup",
		property: "name",
		min:      1,
		max:      255,
		form:     identifier,
		words:    identifierWords,
	},
	{
		typ:      "aws:rds/parameterGroup:ParameterGroup",
		property: "name",
		min:      1,
		max:      255,
		form:     identifier,
		words:    identifierWords,
	},
	{
		typ:       "aws:ssm/parameter:Parameter",
		property:  "name",
		min:       1,
		max:       1011,
		form:      regexp.MustCompile(`^[\w./-]+$`),
		words:     "only letters, digits and _./-",
		notPrefix: []string{"aws", "ssm", "/aws", "/ssm"},
	},
	{
		typ:      "aws:secretsmanager/secret:Secret",
		property: "name",
		min:      1,
		max:      512,
		form:     regexp.MustCompile(`^[\w/+=.@-]+$`),
		words:    "only letters, digits and /_+=.@-",
	},
	{
		typ:       "aws:kms/alias:Alias",
		property:  "name",
		min:       7,
		max:       256,
		form:      regexp.MustCompile(`^alias/[\w/-]+$`),
		words:     "alias/ and then letters, digits and /_-",
		notPrefix: []string{"alias/aws/"},
	},
	{typ: "aws:cloudwatch/metricAlarm:MetricAlarm", property: "name", min: 1, max: 255},
	{typ: "aws:cloudwatch/compositeAlarm:CompositeAlarm", property: "alarmName", min: 1, max: 255},
	{
		typ:      "aws:cloudwatch/dashboard:Dashboard",
		property: "dashboardName",
		min:      1,
		max:      255,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:sns/topic:Topic",
		property: "name",
		min:      1,
		max:      256,
		form:     regexp.MustCompile(`^[0-9A-Za-z_-]+(\.fifo)?$`),
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:sqs/queue:Queue",
		property: "name",
		min:      1,
		max:      80,
		form:     regexp.MustCompile(`^[0-9A-Za-z_-]+(\.fifo)?$`),
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:wafv2/webAcl:WebAcl",
		property: "name",
		min:      1,
		max:      128,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:wafv2/ipSet:IpSet",
		property: "name",
		min:      1,
		max:      128,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:wafv2/regexPatternSet:RegexPatternSet",
		property: "name",
		min:      1,
		max:      128,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{typ: "aws:cloudfront/originAccessControl:OriginAccessControl", property: "name", min: 1, max: 64},
	{
		typ:      "aws:cloudfront/function:Function",
		property: "name",
		min:      1,
		max:      64,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:cloudfront/cachePolicy:CachePolicy",
		property: "name",
		min:      1,
		max:      128,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:cloudfront/originRequestPolicy:OriginRequestPolicy",
		property: "name",
		min:      1,
		max:      128,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
		property: "name",
		min:      1,
		max:      128,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{typ: "aws:cloudfront/distribution:Distribution", property: "comment", min: 0, max: 128},
	{typ: "aws:appautoscaling/policy:Policy", property: "name", min: 1, max: 256},
	{
		typ:      "aws:appautoscaling/scheduledAction:ScheduledAction",
		property: "name",
		min:      1,
		max:      256,
		not:      []string{":", "/"},
	},
	{
		typ:      "aws:backup/vault:Vault",
		property: "name",
		min:      2,
		max:      50,
		form:     alnumHyphenUnderscore,
		words:    alnumHyphenUnderscoreWords,
	},
	{
		typ:      "aws:backup/plan:Plan",
		property: "name",
		min:      1,
		max:      50,
		form:     regexp.MustCompile(`^[\w.-]+$`),
		words:    "only letters, digits and ._-",
	},
	{typ: "aws:acm/certificate:Certificate", property: "domainName", min: 1, max: 64, notSuffix: []string{"."}},
	{typ: "aws:route53/record:Record", property: "name", min: 0, max: 255},
}

// limitRules makes a rule of each limit.
func limitRules() []provider.Rule {
	var rules []provider.Rule
	for _, l := range limits {
		rules = append(rules, provider.Rule{
			Name:  "limits of " + l.property + " of " + l.typ,
			Types: []string{l.typ},
			When:  provider.OnCheck,
			Why:   "AWS's documentation of the service: names and quotas",
			Check: l.check,
		})
	}
	return append(rules, tagRule())
}

func (l limit) check(r *provider.Request) error {
	if !r.Inputs.Has(l.property) || r.Inputs.Unknown(l.property) {
		return nil
	}
	value := r.Inputs.Text(l.property)
	if len(value) < l.min || len(value) > l.max {
		return fmt.Errorf("expected length of %s to be in the range (%d - %d), got %d: %s", l.property, l.min, l.max,
			len(value), value)
	}
	if l.form != nil && !l.form.MatchString(value) {
		return fmt.Errorf("invalid value for %s (%s): %s", l.property, l.words, value)
	}
	for _, prefix := range l.notPrefix {
		if strings.HasPrefix(value, prefix) {
			return fmt.Errorf("invalid value for %s (cannot begin with %s): %s", l.property, prefix, value)
		}
	}
	for _, suffix := range l.notSuffix {
		if strings.HasSuffix(value, suffix) {
			return fmt.Errorf("invalid value for %s (cannot end with %s): %s", l.property, suffix, value)
		}
	}
	for _, part := range l.not {
		if strings.Contains(value, part) {
			return fmt.Errorf("invalid value for %s (cannot contain %s): %s", l.property, part, value)
		}
	}
	return nil
}

// tagRule holds for every type that takes tags.
func tagRule() provider.Rule {
	return provider.Rule{
		Name:  "tags",
		Types: taggedTypes(),
		When:  provider.OnCheck,
		Why:   "Tagging AWS resources: 50 tags, keys of 128 characters, values of 256, aws: is reserved",
		Check: func(r *provider.Request) error {
			tags := r.Inputs.TextMap("tags")
			for key, value := range r.Tags {
				if _, own := tags[key]; !own {
					tags[key] = value
				}
			}
			if len(tags) > 50 {
				return fmt.Errorf("InvalidParameterValue: too many tags: %d with the provider's default tags, of 50",
					len(tags))
			}
			for key, value := range tags {
				switch {
				case len(key) < 1 || len(key) > 128:
					return fmt.Errorf("InvalidParameterValue: Tag key exceeds the maximum length of 128 "+
						"characters: %s", key)
				case len(value) > 256:
					return fmt.Errorf("InvalidParameterValue: Tag value exceeds the maximum length of 256 "+
						"characters: %s", key)
				case strings.HasPrefix(strings.ToLower(key), "aws:"):
					return fmt.Errorf("InvalidParameterValue: Tag keys starting with 'aws:' are reserved for "+
						"internal use: %s", key)
				}
			}
			return nil
		},
	}
}
