// Package names builds the names that people and pipelines outside the program refer to, and checks
// every name that the program chooses against the limits of the service that takes it.
package names

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Project is the first part of every fixed name.
const Project = "bookmark-manager"

// The beginnings of the tags by which ECR keeps images apart from what was only pushed: of those
// that a stack runs, as long as it does, and of those that were released. Promotions and deploys
// set them.
const (
	RunningTagPrefix = "running-"
	ReleaseTagPrefix = "release-"
)

// RunningTag is the tag of an image that a stack runs. It has the digest in it: tags are immutable,
// and two builds of one version may run after each other.
func RunningTag(digest string) string {
	return RunningTagPrefix + strings.TrimPrefix(digest, "sha256:")
}

// Where a release puts the web's static files in the assets bucket, and the tag by which S3 deletes
// those that no release in use has. S3 counts an object's age from its last write, so a promotion
// tags each by copying it onto itself: the copy starts the days that it is kept for open tabs.
const (
	StaticFiles     = "_next/static/"
	SupersededTag   = "superseded"
	SupersededValue = "true"
)

// Kind is a kind of name with limits of its own.
type Kind struct {
	thing    string // in the error
	min, max int
	charset  *regexp.Regexp
	rule     string // the character set in words
}

// The kinds of names the program gives. Limits are those of each service's API reference.
var (
	Bucket = Kind{"S3 bucket name", 3, 63, regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*[a-z0-9]$`),
		"lower-case letters, digits, dots and hyphens, with a letter or digit at both ends"}
	Cluster = Kind{"ECS cluster, service or family name", 1, 255, regexp.MustCompile(`^[A-Za-z0-9_-]+$`),
		"letters, digits, hyphens and underscores"}
	// CachePrefix begins the names of repositories that ECR fills from another registry.
	// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PullThroughCacheRule.html
	CachePrefix = Kind{"prefix of an ECR pull-through cache", 2, 30,
		regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`),
		"lower-case letters and digits, with single dots, underscores, hyphens or slashes between them"}
	Repository = Kind{"ECR repository name", 2, 256, regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`),
		"lower-case letters and digits, separated by single dots, hyphens, underscores or slashes"}
	Parameter = Kind{"SSM parameter name", 1, 1011, regexp.MustCompile(`^/[A-Za-z0-9_./-]+$`),
		"a slash, then letters, digits, underscores, dots, hyphens and slashes"}
	LogGroup = Kind{"CloudWatch log group name", 1, 512, regexp.MustCompile(`^[A-Za-z0-9_./#-]+$`),
		"letters, digits, underscores, hyphens, slashes, dots and #"}
	Database = Kind{"RDS identifier", 1, 63, regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`),
		"a lower-case letter, then lower-case letters, digits and single hyphens, with no hyphen at the end"}
	LoadBalancer = Kind{"load balancer or target group name", 1, 32,
		regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`),
		"letters, digits and hyphens, with no hyphen at either end"}
	ScheduleGroup = Kind{"name of a group of schedules", 1, 64, regexp.MustCompile(`^[0-9A-Za-z_.-]+$`),
		"letters, digits, hyphens, underscores and dots"}
	Queue = Kind{"SQS queue name", 1, 80, regexp.MustCompile(`^[A-Za-z0-9_-]+$`),
		"letters, digits, hyphens and underscores"}
	Role = Kind{"IAM role name", 1, 64, regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]+$`),
		"letters, digits and _+=,.@-"}
	Alarm = Kind{"CloudWatch alarm name", 1, 255, regexp.MustCompile(`^[ -~]+$`),
		"printable ASCII"}
	Service = Kind{"service name", 1, 24, regexp.MustCompile(`^[a-z][a-z0-9-]*[a-z0-9]$`),
		"a lower-case letter, then lower-case letters, digits and hyphens, with no hyphen at the end"}
	// Atlas builds the cluster's host name from the first 23 characters.
	AtlasCluster = Kind{"Atlas cluster name", 1, 23, regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`),
		"letters, digits and hyphens, with no hyphen at either end"}
)

// Check refuses a name outside its kind's limits.
func Check(kind Kind, name string) error {
	switch length := utf8.RuneCountInString(name); {
	case length < kind.min || length > kind.max:
		return fmt.Errorf("%s %q has %d characters, want %d to %d", kind.thing, name, length, kind.min, kind.max)
	case !kind.charset.MatchString(name):
		return fmt.Errorf("%s %q has characters that are not allowed, want %s", kind.thing, name, kind.rule)
	}
	return nil
}

// OriginHeader is the header by which a load balancer knows its distribution.
const OriginHeader = "X-Origin-Verify"

// Environment is what a stack is called in names: "production" or "staging".
type Environment string

// Name is "bookmark-manager-<environment>", followed by the parts, joined by hyphens.
func (e Environment) Name(parts ...string) string {
	return strings.Join(append([]string{Project, string(e)}, parts...), "-")
}

// Path is "/bookmark-manager/<environment>", followed by the parts, joined by slashes.
func (e Environment) Path(parts ...string) string {
	return "/" + strings.Join(append([]string{Project, string(e)}, parts...), "/")
}
