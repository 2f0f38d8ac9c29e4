package aws

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jmespath/go-jmespath"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// CLI stands in for the AWS CLI on a cloud: it answers the commands that the project's own commands
// run when a region is lost, in the shapes that AWS documents, and refuses every other.
type CLI struct {
	Cloud   *cloud.Cloud
	Account string
	Region  string // the default one
	// Buckets is the folder with a folder for each bucket of Pulumi's state.
	Buckets string
}

// CLIError is how a command ends.
type CLIError struct {
	Code    int
	Message string
}

func (e *CLIError) Error() string { return e.Message }

// The exit codes of the AWS CLI: the service has refused, the command was called wrongly, there was
// no answer. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html
const (
	cliRefused  = 254
	cliWrong    = 252
	cliNoAnswer = 255
)

// noRegion are the services whose requests go to no region that can be lost here.
var noRegion = []string{"cloudfront", "route53", "iam"}

// call is one command: its flags, by their names without dashes. A flag without a value is "true".
type call struct {
	*CLI
	tx    *cloud.Tx
	now   time.Time
	name  string // such as "kms describe-key"
	flags map[string]string
}

type answers map[string]func(*call) (any, error)

// commands are all of them. One without an answer prints nothing.
func commands() answers {
	all := answers{}
	for _, part := range []answers{
		keyCommands, backupCommands, edgeCommands, accountCommands, imageCommands, serviceCommands, objectCommands,
		globalCommands,
	} {
		maps.Copy(all, part)
	}
	return all
}

// Run answers a command, with its arguments behind "aws". What it prints is JSON, or a line with
// --output text.
func (l *CLI) Run(args []string) (string, error) {
	c, err := l.parse(args)
	if err != nil {
		return "", err
	}
	answer, known := commands()[c.name]
	if !known {
		return "", &CLIError{cliWrong, fmt.Sprintf("the rehearsal's aws does not know %q, only %s", c.name,
			strings.Join(slices.Sorted(maps.Keys(commands())), ", "))}
	}
	var result any
	err = l.Cloud.Update(func(tx *cloud.Tx) (err error) {
		c.tx = tx
		if c.now, err = Now(tx); err != nil {
			return err
		}
		if err := c.reach(); err != nil {
			return err
		}
		result, err = answer(c)
		return err
	})
	var ended *CLIError
	switch {
	case errors.As(err, &ended):
		return "", ended
	case err != nil:
		code, message, found := strings.Cut(err.Error(), ": ")
		if !found {
			code, message = "ValidationError", err.Error()
		}
		return "", &CLIError{cliRefused,
			fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", code, c.name, message)}
	case result == nil:
		return "", nil
	}
	return c.print(result)
}

func (l *CLI) parse(args []string) (*call, error) {
	region := l.Region
	if len(args) > 2 && args[0] == "--region" {
		region, args = args[1], args[2:]
	}
	if len(args) < 2 {
		return nil, &CLIError{cliWrong, "usage: aws [--region REGION] SERVICE COMMAND [flags]"}
	}
	c := &call{CLI: l, name: args[0] + " " + args[1], flags: map[string]string{"region": region}}
	rest := args[2:]
	switch {
	case c.name == "s3 cp" && len(rest) == 2 && rest[1] == "-":
		c.flags["from"], rest = rest[0], nil
	case len(rest) > 0 && !strings.HasPrefix(rest[0], "--"):
		c.name += " " + rest[0] // aws rds wait CONDITION
		rest = rest[1:]
	}
	for len(rest) > 0 {
		flag, ok := strings.CutPrefix(rest[0], "--")
		if !ok {
			return nil, &CLIError{cliWrong, fmt.Sprintf("Unknown options: %s", rest[0])}
		}
		rest = rest[1:]
		value := "true"
		if len(rest) > 0 && !strings.HasPrefix(rest[0], "--") {
			value, rest = rest[0], rest[1:]
			for len(rest) > 0 && !strings.HasPrefix(rest[0], "--") {
				value, rest = value+" "+rest[0], rest[1:] // a list, such as that of --filters
			}
		}
		c.flags[flag] = value
	}
	return c, nil
}

// reach is nil when the region that the command is for answers.
func (c *call) reach() error {
	service, _, _ := strings.Cut(c.name, " ")
	if slices.Contains(noRegion, service) || objectCommands[c.name] != nil { // which ask the bucket's region
		return nil
	}
	lost, err := Lost(c.tx, c.flags["region"])
	if err != nil || !lost {
		return err
	}
	return noAnswer(service, c.flags["region"])
}

func noAnswer(service, region string) error {
	return &CLIError{cliNoAnswer, fmt.Sprintf("Could not connect to the endpoint URL: "+
		"\"https://%s.%s.amazonaws.com/\"", service, region)}
}

// print writes a result in the form that was asked for. It goes through JSON first: a query sees
// what the real CLI would see.
func (c *call) print(result any) (string, error) {
	if plain, ok := result.(verbatim); ok {
		return string(plain), nil
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return "", fmt.Errorf("write the answer of %s: %w", c.name, err)
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return "", fmt.Errorf("read the answer of %s: %w", c.name, err)
	}
	if query := c.flags["query"]; query != "" {
		if plain, err = jmespath.Search(query, plain); err != nil {
			return "", &CLIError{cliWrong, fmt.Sprintf("Bad value for --query %s: %v", query, err)}
		}
	}
	if c.flags["output"] != "text" {
		raw, err = json.Marshal(plain)
		return string(raw) + "\n", err
	}
	list, ok := plain.([]any)
	if !ok {
		list = []any{plain}
	}
	var words []string
	for _, one := range list {
		if one == nil {
			one = "None"
		}
		words = append(words, fmt.Sprint(one))
	}
	return strings.Join(words, "\t") + "\n", nil
}

func (c *call) keys(region string) Keys { return Keys{c.Account, region} }

// done ends a command that prints nothing.
func done(err error) (any, error) { return nil, err }

type shape = map[string]any

var accountCommands = answers{
	"sts get-caller-identity": func(c *call) (any, error) { return shape{"Account": c.Account}, nil },
	"ec2 describe-availability-zones": func(c *call) (any, error) {
		found, err := zonesOf(c.flags["region"])
		if err != nil {
			return nil, err
		}
		var all []any
		for _, one := range found {
			all = append(all, shape{"ZoneName": one.Name, "ZoneId": one.ID})
		}
		return shape{"AvailabilityZones": all}, nil
	},
	"s3api head-bucket": func(c *call) (any, error) {
		if _, err := os.Stat(c.bucket()); err != nil {
			return nil, errors.New("404: Not Found")
		}
		return nil, nil
	},
	"s3api create-bucket": func(c *call) (any, error) {
		return done(os.MkdirAll(c.bucket(), 0o750))
	},
	"s3api put-public-access-block":            (*call).setBucket,
	"s3api put-bucket-ownership-controls":      (*call).setBucket,
	"s3api put-bucket-versioning":              (*call).setBucket,
	"s3api put-bucket-encryption":              (*call).setBucket,
	"s3api put-bucket-lifecycle-configuration": (*call).setBucket,
	"s3api put-bucket-policy":                  (*call).setBucket,
}

func (c *call) bucket() string { return filepath.Join(c.Buckets, c.flags["bucket"]) }

// setBucket takes a setting of a bucket that is there: how the state's bucket is set up is a test
// of `infra bootstrap`.
func (c *call) setBucket() (any, error) {
	if _, err := os.Stat(c.bucket()); err != nil {
		return nil, errors.New("NoSuchBucket: The specified bucket does not exist")
	}
	return nil, nil
}

var keyCommands = answers{
	"kms describe-key": func(c *call) (any, error) {
		key, err := c.keys(c.flags["region"]).Find(c.tx, c.flags["key-id"])
		if err != nil {
			return nil, err
		}
		metadata := shape{"Arn": key.ARN, "KeyId": key.ID, "KeyState": "Enabled"}
		if kind := key.Text("multiRegionKeyType"); kind != "" {
			metadata["MultiRegion"] = true
			metadata["MultiRegionConfiguration"] = shape{"MultiRegionKeyType": kind}
		}
		return shape{"KeyMetadata": metadata}, nil
	},
	"kms replicate-key": func(c *call) (any, error) {
		replica, err := c.keys(c.flags["region"]).Replicate(c.tx, c.flags["key-id"], c.flags["replica-region"])
		if err != nil {
			return nil, err
		}
		return shape{"ReplicaKeyMetadata": shape{"Arn": replica.ARN}}, nil
	},
	"kms create-alias": func(c *call) (any, error) {
		return done(c.keys(c.flags["region"]).Name(c.tx, c.flags["alias-name"], c.flags["target-key-id"]))
	},
	"kms enable-key-rotation": func(c *call) (any, error) {
		key, err := c.keys(c.flags["region"]).Find(c.tx, c.flags["key-id"])
		if err == nil && key.Text("multiRegionKeyType") == replicaKey {
			err = fmt.Errorf("UnsupportedOperationException: %s is a multi-Region replica key", key.ARN)
		}
		return nil, err
	},
	"kms decrypt": func(c *call) (any, error) {
		path, file := strings.CutPrefix(c.flags["ciphertext-blob"], "fileb://")
		if !file {
			return nil, &CLIError{cliWrong, "Invalid base64: the rehearsal's aws reads --ciphertext-blob fileb://FILE"}
		}
		sealed, err := os.ReadFile(path)
		if err != nil {
			return nil, &CLIError{cliWrong, err.Error()}
		}
		plain, arn, err := c.keys(c.flags["region"]).Decrypt(c.tx, sealed)
		if err != nil {
			return nil, err
		}
		return shape{"KeyId": arn, "Plaintext": base64.StdEncoding.EncodeToString(plain)}, nil
	},
}
