package schema

import (
	"bufio"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// project is the repository's folder.
const project = "../../.."

// open are properties whose documentation names values, and which are no closed set all the same.
var open = map[string]string{
	"timezone of aws:appautoscaling/scheduledAction:ScheduledAction":                       "every time zone of the IANA database; a rule checks it",
	"logType of aws:cloudwatch/logDeliverySource:LogDeliverySource":                        "each service has its own",
	"protocol of ec2.DefaultSecurityGroupEgress":                                           "a name or a number of a protocol",
	"protocol of ec2.DefaultSecurityGroupIngress":                                          "a name or a number of a protocol",
	"protocol of ec2.SecurityGroupEgress":                                                  "a name or a number of a protocol",
	"protocol of ec2.SecurityGroupIngress":                                                 "a name or a number of a protocol",
	"capacityProviders of aws:ecs/clusterCapacityProviders:ClusterCapacityProviders":       "the account's own as well",
	"field of ecs.ServiceOrderedPlacementStrategy":                                         "any attribute of an instance",
	"customTimeZone of kinesis.FirehoseDeliveryStreamExtendedS3Configuration":              "every time zone of the IANA database",
	"routingHttpResponseAccessControlAllowHeadersHeaderValue of aws:lb/listener:Listener":  "a list in one string",
	"routingHttpResponseAccessControlAllowMethodsHeaderValue of aws:lb/listener:Listener":  "a list in one string",
	"routingHttpResponseAccessControlExposeHeadersHeaderValue of aws:lb/listener:Listener": "a list in one string",
	"routingHttpResponseXFrameOptionsHeaderValue of aws:lb/listener:Listener":              "one of them ends in an address",
	"matcher of lb.TargetGroupHealthCheck":                                                 "the values are those of other properties",
	"securityGroups of aws:lb/loadBalancer:LoadBalancer":                                   "the values are those of other properties",
	"searchString of aws:route53/healthCheck:HealthCheck":                                  "the values are those of other properties",
	"objectLockEnabled of s3.BucketV2ObjectLockConfiguration":                              "the values are those of the property that took its place",
}

// notMeant are words that stand as values in the documentation of a property and are none.
var notMeant = map[string][]string{
	"type of s3.BucketV2Grant":                                                                 {"AmazonCustomerByEmail"}, // "is not supported"
	"objectOwnership of s3.BucketOwnershipControlsRule":                                        {"bucket-owner-full-control"},
	"checksumAlgorithm of aws:s3/bucketObjectv2:BucketObjectv2":                                {"kms:Decrypt"},
	"ipAddressType of aws:lb/loadBalancer:LoadBalancer":                                        {"application"},
	"xffHeaderProcessingMode of aws:lb/loadBalancer:LoadBalancer":                              {"application", "subnetMapping"},
	"dnsRecordClientRoutingPolicy of aws:lb/loadBalancer:LoadBalancer":                         {"network"},
	"enforceSecurityGroupInboundRulesOnPrivateLinkTraffic of aws:lb/loadBalancer:LoadBalancer": {"network"},
	"ipAddressType of aws:lb/targetGroup:TargetGroup":                                          {"ip"},
	"loadBalancingAnomalyMitigation of aws:lb/targetGroup:TargetGroup":                         {"weightedRandom"},
	"operatingSystemFamily of ecs.TaskDefinitionRuntimePlatform":                               {"FARGATE", "requiresCompatibilities"},
}

var (
	token     = regexp.MustCompile(`aws:[A-Za-z0-9]+/[A-Za-z0-9]+:[A-Za-z0-9]+`)
	structure = regexp.MustCompile(`^type (\w+) struct \{`)
	comment   = regexp.MustCompile(`^\t//\s?(.*)`)
	field     = regexp.MustCompile("`pulumi:\"([^\"]+)\"`")
	sentence  = regexp.MustCompile(`\.\s+|\n\s*\n`)
	// names tells that a sentence may name the values of a property.
	names = regexp.MustCompile("(?i)\\b(valid|allowed|possible|supported|accepted|available|permitted)\\b[^\\n]{0,40}(\\b(values?|types?|options?|choices|are)\\b|`)" +
		"|\\b(must|can|should|may) be (one of|either|set to)\\b|\\bone of\\b|\\bvalues? (are|is|include)\\b|^either `")
	literal = regexp.MustCompile("`\"?([A-Za-z0-9_.:/+-]+)\"?`")
	joints  = strings.NewReplacer("_", "", "-", "")
)

// TestDocumentedValuesAreChecked walks the strings of every AWS resource type that a stack uses. One whose documentation in the SDK
// names its values is checked by the model, with all of these values among the right ones, or is listed with the reason why not.
func TestDocumentedValuesAreChecked(t *testing.T) {
	s, err := AWS()
	require.NoError(t, err)
	documentation := documentationOf(t, s)
	owners, found := s.owners(), map[string]bool{}
	for _, owner := range slices.Sorted(maps.Keys(documentation)) {
		for _, name := range slices.Sorted(maps.Keys(owners[owner])) {
			scalar, place := owners[owner][name].Type.scalar(), name+" of "+owner
			values := documented(documentation[owner][name], documentation[owner])
			if scalar == nil || scalar.Kind != String || len(values) < 2 {
				continue
			}
			if open[place] != "" {
				found[place] = true
				continue
			}
			if scalar.Allowed == nil {
				t.Errorf("%s: its documentation names %q, and the model takes any value", place, values)
				continue
			}
			for _, value := range values {
				if among(scalar.Allowed.OneOf, value) || slices.Contains(notMeant[place], value) || len(scalar.Allowed.OneOf) == 0 {
					continue
				}
				t.Errorf("%s: its documentation names %q, and the model takes only %q", place, value, scalar.Allowed.OneOf)
			}
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(open)), slices.Collect(maps.Keys(found)), "an exception that is none")
}

// among tells whether a value is in a set. The SDK's documentation writes some values in the spelling of its properties, anyCase for any_case.
func among(set []string, value string) bool {
	return slices.ContainsFunc(set, func(one string) bool { return strings.EqualFold(joints.Replace(one), joints.Replace(value)) })
}

// documented are the values that a property's documentation names, without the names of other properties.
func documented(text string, properties map[string]string) []string {
	var values []string
	for _, one := range sentence.Split(text, -1) {
		if !names.MatchString(one) {
			continue
		}
		for _, match := range literal.FindAllStringSubmatch(one, -1) {
			_, other := properties[match[1]]
			if !other && !slices.Contains(values, match[1]) {
				values = append(values, match[1])
			}
		}
	}
	return values
}

// documentationOf is the text of each property, by the types that the stacks use and those inside them, as the SDK's source has it.
func documentationOf(t *testing.T, s *Schema) map[string]map[string]string {
	t.Helper()
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi-aws/sdk/v6")
	list.Dir = project
	dir, err := list.Output()
	require.NoError(t, err, "find the SDK")
	sdk := filepath.Join(strings.TrimSpace(string(dir)), "go", "aws")

	used := &Schema{Resources: map[string]*Resource{}}
	goldens, err := filepath.Glob(filepath.Join(project, "testdata", "*.resources.golden"))
	require.NoError(t, err)
	require.NotEmpty(t, goldens)
	for _, golden := range goldens {
		raw, err := os.ReadFile(golden)
		require.NoError(t, err)
		for _, found := range token.FindAllString(string(raw), -1) {
			require.Contains(t, s.Resources, found)
			used.Resources[found] = s.Resources[found]
		}
	}
	of, packages := map[string]map[string]string{}, map[string]map[string]map[string]string{}
	for owner := range used.owners() {
		if res, ok := strings.CutPrefix(owner, "aws:"); ok {
			file, typ, _ := strings.Cut(res, ":")
			text := structures(t, filepath.Join(sdk, file+".go"))[strings.ToLower(typ[:1])+typ[1:]+"Args"]
			require.NotEmpty(t, text, owner)
			of[owner] = text
			continue
		}
		pkg, typ, _ := strings.Cut(owner, ".")
		if packages[pkg] == nil {
			files, err := filepath.Glob(filepath.Join(sdk, pkg, "pulumiTypes*.go"))
			require.NoError(t, err)
			packages[pkg] = structures(t, files...)
		}
		if text := packages[pkg][typ]; text != nil { // what is younger than the SDK has none
			of[owner] = text
		}
	}
	require.Greater(t, len(of), 400)
	return of
}

// structures reads the comments above the fields of every structure in Go files, by the property that a field stands for.
func structures(t *testing.T, files ...string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, file := range files {
		opened, err := os.Open(file)
		require.NoError(t, err)
		lines := bufio.NewScanner(opened)
		lines.Buffer(nil, 1<<20)
		var fields map[string]string
		var above []string
		for lines.Scan() {
			if match := structure.FindStringSubmatch(lines.Text()); match != nil {
				fields, above = map[string]string{}, nil
				all[match[1]] = fields
			} else if match := comment.FindStringSubmatch(lines.Text()); match != nil {
				above = append(above, match[1])
			} else if match := field.FindStringSubmatch(lines.Text()); match != nil && fields != nil {
				fields[match[1]] = strings.Join(above, "\n")
				above = nil
			}
		}
		require.NoError(t, lines.Err())
		require.NoError(t, opened.Close())
	}
	return all
}
