// Package model serves the providers of the rehearsal: models of the real ones, which the real
// Pulumi engine starts and talks to as it does with any plugin.
package model

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/atlas"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/datadog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/random"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/sentry"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// The environment that tells a plugin which cloud it serves.
const (
	// CloudEnv is the absolute path of the cloud's file.
	CloudEnv = "REHEARSAL_CLOUD"
	// AccountEnv is the AWS account of the caller, 12 digits: what STS would answer.
	AccountEnv = "REHEARSAL_ACCOUNT"
	// RoleEnv is who asks AWS: the name of a role of the account, or "root" for the account's root
	// user.
	RoleEnv = "REHEARSAL_ROLE"
	// RequestsEnv is the absolute path of the file to which what was asked of AWS is written; empty
	// for nowhere.
	RequestsEnv = "REHEARSAL_REQUESTS"
)

// engineCheck is how often a plugin asks whether its engine is still there, so that a killed one
// leaves no plugin behind.
const engineCheck = 5 * time.Second

// Serve runs the provider with this name until the context ends or the engine goes away. It prints
// its port on standard output, as Pulumi's plugins do. The engine's address comes first in args.
func Serve(ctx context.Context, provider string, args []string) error {
	return serve(ctx, provider, args, os.Stdout)
}

func serve(ctx context.Context, provider string, args []string, out io.Writer) error {
	p, err := open(provider)
	if err != nil {
		return fmt.Errorf("serve provider %q: %w", provider, err)
	}
	if p, err = faults.Wrap(provider, p); err != nil {
		return fmt.Errorf("serve provider %q: %w", provider, err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if engine := engineAddress(args); engine != "" {
		if err := rpcutil.Healthcheck(ctx, engine, engineCheck, stop); err != nil {
			return fmt.Errorf("serve provider %q: watch the engine at %s: %w", provider, engine, err)
		}
	}
	end := make(chan bool)
	go func() { <-ctx.Done(); close(end) }()
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: end,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterResourceProviderServer(s, plugin.NewProviderServer(p))
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("serve provider %q: %w", provider, err)
	}
	if _, err := fmt.Fprintln(out, handle.Port); err != nil {
		return fmt.Errorf("serve provider %q: tell the engine the port: %w", provider, err)
	}
	if err := <-handle.Done; err != nil {
		return fmt.Errorf("serve provider %q: %w", provider, err)
	}
	return nil
}

// engineAddress is the first argument that is no flag.
func engineAddress(args []string) string {
	for _, arg := range args {
		if len(arg) > 0 && arg[0] != '-' {
			return arg
		}
	}
	return ""
}

// definitions are the tables of the providers that keep what they make in the cloud's file.
var definitions = map[string]func() provider.Definition{
	"aws": aws.Definition, "mongodbatlas": atlas.Definition, "datadog": datadog.Definition, "sentry": sentry.Definition,
}

// ImportID is what an import calls an object of the cloud.
func ImportID(o *cloud.Object) string {
	name, _, _ := strings.Cut(o.Type, ":")
	definition, known := definitions[name]
	if !known {
		return o.ID
	}
	if kind := definition().Kinds[o.Type]; kind != nil && kind.Import != nil {
		return kind.Import(o)
	}
	return o.ID
}

// Updates says whether an object of a type can be changed in place: whether it has an input whose
// change does not replace it.
func Updates(name, typ string) (bool, error) {
	parse, known := schemas[name]
	if !known {
		return false, fmt.Errorf("look up type %s: there is no provider %q", typ, name)
	}
	s, err := parse()
	if err != nil {
		return false, fmt.Errorf("look up type %s: %w", typ, err)
	}
	resource := s.Resources[typ]
	if resource == nil {
		return false, fmt.Errorf("look up type %s: provider %s does not have it", typ, name)
	}
	for _, input := range resource.Inputs {
		if !input.Replace {
			return true, nil
		}
	}
	return false, nil
}

// schemas are what the providers know of their types. Definitions are made when one is asked for:
// every plugin starts through this package.
var schemas = map[string]func() (*schema.Schema, error){
	"aws":          func() (*schema.Schema, error) { return aws.Definition().Schema() },
	"mongodbatlas": func() (*schema.Schema, error) { return atlas.Definition().Schema() },
	"datadog":      func() (*schema.Schema, error) { return datadog.Definition().Schema() },
	"sentry":       func() (*schema.Schema, error) { return sentry.Definition().Schema() },
	"random":       random.Schema,
}

var accountForm = regexp.MustCompile(`^[0-9]{12}$`)

// clouded are the providers that keep what they make in the cloud's file.
var clouded = map[string]func(c *cloud.Cloud, account string) (*provider.Provider, error){
	"aws":          openAWS,
	"mongodbatlas": atlas.New,
	"datadog":      datadog.New,
	"sentry":       sentry.New,
}

func open(name string) (plugin.Provider, error) {
	if name == "random" {
		return random.New()
	}
	start, known := clouded[name]
	if !known {
		return nil, fmt.Errorf("there is no such provider, want random or one of %v", slices.Sorted(maps.Keys(clouded)))
	}
	c, account, err := environment()
	if err != nil {
		return nil, err
	}
	return start(c, account)
}

// openAWS is the AWS provider for the caller that the environment names.
func openAWS(c *cloud.Cloud, account string) (*provider.Provider, error) {
	role := os.Getenv(RoleEnv)
	if role == "" {
		return nil, fmt.Errorf("%s is not set: set it to the name of the role that asks, or to %s", RoleEnv, aws.Root)
	}
	var record *aws.Recorder
	if path := os.Getenv(RequestsEnv); path != "" {
		var err error
		if record, err = aws.Record(path); err != nil {
			return nil, err
		}
	}
	return aws.New(c, account, role, record)
}

func environment() (*cloud.Cloud, string, error) {
	path, account := os.Getenv(CloudEnv), os.Getenv(AccountEnv)
	if path == "" {
		return nil, "", fmt.Errorf("%s is not set: set it to the absolute path of the cloud's file, which is made "+
			"if it is missing", CloudEnv)
	}
	if !accountForm.MatchString(account) {
		return nil, "", fmt.Errorf("%s is %q: set it to the 12 digits of the AWS account that the stack may use",
			AccountEnv, account)
	}
	c, err := cloud.Open(path)
	return c, account, err
}
