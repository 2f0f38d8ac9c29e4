package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
	"github.com/bookmark-manager/infrastructure/network"
)

// awsConfig is section "aws": where the stack lives.
type awsConfig struct {
	// AccountID is the 12-digit account. The providers refuse every other. Required, quoted.
	AccountID string `json:"accountId"`
	// Region holds everything but what CloudFront wants in us-east-1. Required.
	Region string `json:"region"`
}

var (
	accountID       = regexp.MustCompile(`^[0-9]{12}$`)
	regionName      = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	environmentName = regexp.MustCompile(`^[a-z][a-z0-9]{1,9}$`)
)

func (c awsConfig) Validate() settings.Problems {
	var p settings.Problems
	p.Want(accountID.MatchString(c.AccountID), "accountId", c.AccountID, "the account's 12 digits, in quotes")
	p.Want(regionName.MatchString(c.Region), "region", c.Region, "a region such as ap-northeast-1")
	return p
}

// stackConfig is the whole configuration of a stack, every section checked.
type stackConfig struct {
	Environment names.Environment
	// Disposable takes every protection from what holds data and leaves no final snapshot. Refused in production.
	Disposable bool
	// Teardown lifts the protections, so that `pulumi destroy` can follow.
	Teardown bool
	// AWSEndpoint is an emulator's URL; empty for AWS itself.
	AWSEndpoint string
	AWS         awsConfig
	Network     network.Config
}

// plainKeys are the keys beside the sections.
const (
	keyEnvironment = "environment"
	keyDisposable  = "disposable"
	keyTeardown    = "teardown"
	keyAWSEndpoint = "awsEndpoint"
)

// loader reads a stack's configuration and gathers what is wrong with it.
type loader struct {
	config   *config.Config
	read     []string
	problems settings.Problems
}

// load reads and checks every section. Its error lists all problems at once.
func load(ctx *pulumi.Context) (*stackConfig, error) {
	l := &loader{config: config.New(ctx, names.Project)}
	s := &stackConfig{
		Environment: names.Environment(l.plain(keyEnvironment)),
		Disposable:  l.boolean(keyDisposable),
		AWSEndpoint: l.plain(keyAWSEndpoint),
	}
	teardown := l.plain(keyTeardown)
	s.Teardown = teardown != "" && teardown == string(s.Environment)

	l.problems.Want(environmentName.MatchString(string(s.Environment)), keyEnvironment, string(s.Environment),
		"2 to 10 lower-case letters and digits, such as production or staging")
	l.problems.Want(teardown == "" || s.Teardown, keyTeardown, teardown, "the environment's name, %q, or nothing", s.Environment)
	l.problems.Want(!s.Disposable || s.Environment != "production", keyDisposable, true, "false: production holds customers' data")
	l.problems = append(l.problems, checkEndpoint(s.AWSEndpoint)...)

	s.AWS = section(l, "aws", awsConfig.Validate)
	s.Network = section(l, "network", func(c network.Config) settings.Problems { return c.Validate(s.AWS.Region) })

	if err := l.unknownKeys(); err != nil {
		return nil, err
	}
	if err := l.problems.Err(); err != nil {
		return nil, report(ctx.Stack(), l.problems)
	}
	return s, nil
}

// section decodes and checks one structured key, which every stack must have.
func section[T any](l *loader, key string, validate func(T) settings.Problems) T {
	var value T
	raw := l.plain(key)
	if raw == "" {
		l.problems.Add(key, nil, "the section; config.schema.json describes it")
		return value
	}
	problems := settings.Decode(raw, &value)
	problems = append(problems, validate(value).Except(problems)...)
	l.problems.Under(key, problems)
	return value
}

// plain is a key's value; empty when it is missing. Pulumi.yaml gives every key an empty default.
func (l *loader) plain(key string) string {
	l.read = append(l.read, key)
	value, err := l.config.Try(key)
	if err != nil {
		return ""
	}
	return value
}

func (l *loader) boolean(key string) bool {
	value := l.plain(key)
	l.problems.Want(slices.Contains([]string{"", "true", "false"}, value), key, value, "true or false")
	return value == "true"
}

// unknownKeys adds a problem for each key of the project that nothing has read. The SDK answers for a key but does not list
// them, so the list comes from where the SDK itself takes it.
func (l *loader) unknownKeys() error {
	raw := os.Getenv(pulumi.EnvConfig)
	if raw == "" {
		return nil
	}
	var all map[string]string
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		return fmt.Errorf("read %s: %w", pulumi.EnvConfig, err)
	}
	known := slices.Sorted(slices.Values(l.read))
	for key := range all {
		name, ours := strings.CutPrefix(key, names.Project+":")
		if ours && !slices.Contains(known, name) {
			l.problems.Add(name, "a value", "no such key; there are %s", strings.Join(known, ", "))
		}
	}
	return nil
}

func checkEndpoint(endpoint string) settings.Problems {
	var p settings.Problems
	if endpoint == "" {
		return p
	}
	parsed, err := url.Parse(endpoint)
	ok := err == nil && slices.Contains([]string{"http", "https"}, parsed.Scheme) && parsed.Hostname() != ""
	p.Want(ok, keyAWSEndpoint, endpoint, "an emulator's URL, such as http://localhost:4566")
	if ok {
		host := strings.ToLower(strings.TrimSuffix(parsed.Hostname(), "."))
		p.Want(host != "amazonaws.com" && !strings.HasSuffix(host, ".amazonaws.com"), keyAWSEndpoint, endpoint,
			"a host that is not AWS: with it the program sends dummy keys and skips the check of the account")
	}
	return p
}

// report is the one message that a user sees for a configuration that is wrong.
func report(stack string, problems settings.Problems) error {
	var lines strings.Builder
	fmt.Fprintf(&lines, "the configuration of stack %q is not usable, and nothing was deployed:\n", stack)
	for _, line := range strings.Split(problems.Err().Error(), "\n") {
		fmt.Fprintf(&lines, "  %s:%s\n", names.Project, line)
	}
	fmt.Fprintf(&lines, "Edit Pulumi.%s.yaml, or set a value with: pulumi config set --path '%s:KEY' VALUE", stack, names.Project)
	return errors.New(lines.String())
}
