package data

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/postgres"
	"github.com/bookmark-manager/infrastructure/internal/scram"
)

// ParametersType is part of every child's URN; changing it replaces the parameters.
const ParametersType = "bookmark-manager:data:Parameters"

// jwtSecretLength is well over the 32 bytes that HS256 asks for.
const jwtSecretLength = 64

// ParametersArgs are the parameters' configuration and wiring.
type ParametersArgs struct {
	Config ParametersConfig
	identity.Stack
	// DataKeyArn encrypts the parameters. Required.
	DataKeyArn pulumi.StringInput
	// DatabaseEndpoint is the active cluster's host name. The passwords and the application's role
	// go with it. Required.
	DatabaseEndpoint pulumi.StringInput
	// ReaderEndpoint is the host name of its readers. Required with Config.Reader.
	ReaderEndpoint      pulumi.StringInput
	MasterPassword      pulumi.StringInput
	ApplicationUsername string
	ApplicationPassword pulumi.StringInput
	// DumpUsername and DumpPassword are of the role that dumps are made with. Default: there is
	// none, and no parameter of its own.
	DumpUsername string
	DumpPassword pulumi.StringInput
	// AtlasAddress, AtlasUsername, AtlasPassword and AtlasDatabase are what MONGODB_URI is made of.
	// Required.
	AtlasAddress  pulumi.StringInput
	AtlasUsername string
	AtlasPassword pulumi.StringInput
	AtlasDatabase string
	// AdoptedJWTSecret is the key of rotation 1, where something else made it: the former tasks
	// sign with it. Optional: without it a key is made.
	AdoptedJWTSecret pulumi.StringInput
	// DatadogAPIKey is the key of the agents. Without it there is no parameter DD_API_KEY.
	DatadogAPIKey pulumi.StringInput
	// SentryDSNs are by service. Without one the service has no parameter SENTRY_DSN.
	SentryDSNs map[string]pulumi.StringInput
	// Secrets are the values of Config.Secrets, all of them and no others.
	Secrets map[string]pulumi.StringInput
	// DatabaseReady and AtlasReady are what a task with the connection string expects to be there,
	// such as instances and users. No components: a dependency on one covers only those of its
	// children that the SDK has seen by then.
	DatabaseReady []pulumi.Resource
	AtlasReady    []pulumi.Resource
}

// Parameter is what a task definition needs of a parameter. Tasks read a parameter when they start,
// so a new version needs new tasks.
type Parameter struct {
	ARN     pulumi.StringOutput
	Version pulumi.IntOutput
}

// Parameters are the stack's secrets, as SecureString parameters.
type Parameters struct {
	pulumi.ResourceState

	// ByName are the parameters by their name below /bookmark-manager/<environment>/, such as
	// "DATABASE_URL" or "web/SENTRY_DSN".
	ByName map[string]Parameter
}

// NewParameters registers nothing when args are invalid.
func NewParameters(
	ctx *pulumi.Context, name string, args *ParametersArgs, opts ...pulumi.ResourceOption,
) (*Parameters, error) {
	if err := args.check(name); err != nil {
		return nil, err
	}
	parameters := &Parameters{ByName: map[string]Parameter{}}
	base, err := component.Register(ctx, "parameters", ParametersType, name, parameters, opts...)
	if err != nil {
		return nil, err
	}
	values, err := args.values(ctx, name, parameters)
	if err != nil {
		return nil, err
	}
	outputs := pulumi.Map{}
	written := map[string]pulumi.Resource{}
	for _, key := range args.order(values) {
		made, err := ssm.NewParameter(ctx, base.Child(strings.ReplaceAll(key, "/", "-")), &ssm.ParameterArgs{
			Name:  pulumi.String(args.Environment.Path(key)),
			Type:  pulumi.String("SecureString"),
			KeyId: args.DataKeyArn,
			// What goes in as a secret stays one in the state, whatever the value was made of.
			Value: pulumi.ToSecret(values[key]).(pulumi.StringOutput),
		}, base.Parent(), pulumi.DependsOn(args.after(key, written)))
		if err != nil {
			return nil, base.Wrap("create", "parameter "+key, err)
		}
		written[key] = made
		parameters.ByName[key] = Parameter{ARN: made.Arn, Version: made.Version}
		outputs[key] = made.Arn
	}
	return parameters, base.Outputs(outputs)
}

func (a *ParametersArgs) check(name string) error {
	if a == nil || a.DataKeyArn == nil || a.DatabaseEndpoint == nil || a.MasterPassword == nil ||
		a.ApplicationPassword == nil ||
		a.ApplicationUsername == "" || a.AtlasAddress == nil || a.AtlasUsername == "" || a.AtlasPassword == nil ||
		a.AtlasDatabase == "" {
		return fmt.Errorf("parameters %q: DataKeyArn, DatabaseEndpoint, MasterPassword, ApplicationUsername, "+
			"ApplicationPassword, AtlasAddress, "+
			"AtlasUsername, AtlasPassword and AtlasDatabase are required", name)
	}
	if (a.DumpUsername == "") != (a.DumpPassword == nil) {
		return fmt.Errorf("parameters %q: DumpUsername and DumpPassword go together", name)
	}
	if a.Config.Reader && a.ReaderEndpoint == nil {
		return fmt.Errorf("parameters %q: ReaderEndpoint is required with parameters.reader", name)
	}
	if err := a.Check(); err != nil {
		return fmt.Errorf("parameters %q: %w", name, err)
	}
	if err := a.Config.Validate().Err(); err != nil {
		return fmt.Errorf("parameters %q: %w", name, err)
	}
	given, wanted := slices.Sorted(maps.Keys(a.Secrets)), slices.Sorted(slices.Values(a.Config.Secrets))
	if !slices.Equal(given, wanted) {
		return fmt.Errorf("parameters %q: Secrets has values for %v, want one for each of %v", name, given, wanted)
	}
	for _, key := range a.Config.Names(a.DatadogAPIKey != nil, slices.Sorted(maps.Keys(a.SentryDSNs))) {
		if err := names.Check(names.Parameter, a.Environment.Path(key)); err != nil {
			return fmt.Errorf("name parameter %s of parameters %q: %w", key, name, err)
		}
	}
	return nil
}

// order is that of the names, with the keys of the JWT in the order in which a rotation must write
// them: see after.
func (a *ParametersArgs) order(values map[string]pulumi.StringInput) []string {
	var others []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(jwtSecrets, key) {
			others = append(others, key)
		}
	}
	return append(others, jwtSecrets...)
}

// after lists what must be there before a parameter is written.
//
// The keys of the JWT are written one after the other: a task that starts in between reads some of
// them old and some new, and must accept what every other task signs. So JWT_SECRET_PREVIOUS is
// written first, then JWT_SECRET, and JWT_SECRET_NEXT last.
//
// What the migration task reads waits for nothing of Atlas: it is deployed ahead of the rest, by
// itself.
func (a *ParametersArgs) after(key string, written map[string]pulumi.Resource) []pulumi.Resource {
	switch {
	case slices.Contains(databaseURLs, key), key == ReaderDatabaseURL, key == DumpDatabaseURL,
		key == MigrationDumpURL:
		return a.DatabaseReady
	case key == MongoDBURI:
		return a.AtlasReady
	case key == JWTSecret:
		return []pulumi.Resource{written[JWTSecretPrevious]}
	case key == JWTSecretNext:
		return []pulumi.Resource{written[JWTSecret]}
	}
	return nil
}

// values are what each parameter holds, by name.
func (a *ParametersArgs) values(
	ctx *pulumi.Context, name string, parent pulumi.Resource,
) (map[string]pulumi.StringInput, error) {
	application := postgres.URL{Username: a.ApplicationUsername, PoolSize: a.Config.ConnectionLimit}
	values := map[string]pulumi.StringInput{
		DatabaseURL: a.endpoint(a.DatabaseEndpoint, a.ApplicationPassword, application),
		MigrationDatabaseURL: a.endpoint(a.DatabaseEndpoint, verifier(a.ApplicationUsername, a.ApplicationPassword),
			postgres.URL{Username: a.ApplicationUsername}),
		MasterDatabaseURL: a.endpoint(a.DatabaseEndpoint, a.MasterPassword, postgres.URL{Username: MasterUsername}),
		MongoDBURI: pulumi.All(a.AtlasAddress, a.AtlasPassword).ApplyT(func(known []any) (string, error) {
			text, err := texts(known)
			if err != nil {
				return "", err
			}
			return mongoURI(text[0], a.AtlasUsername, text[1], a.AtlasDatabase)
		}).(pulumi.StringOutput),
	}
	if a.Config.Reader {
		values[ReaderDatabaseURL] = a.endpoint(a.ReaderEndpoint, a.ApplicationPassword, application)
	}
	if a.DumpUsername != "" {
		values[DumpDatabaseURL] = a.endpoint(a.DatabaseEndpoint, a.DumpPassword,
			postgres.URL{Username: a.DumpUsername, Client: postgres.Pg}) // pg_dump is built on libpq
		values[MigrationDumpURL] = a.endpoint(a.DatabaseEndpoint, verifier(a.DumpUsername, a.DumpPassword),
			postgres.URL{Username: a.DumpUsername})
	}
	for _, secret := range []struct {
		parameter string
		rotation  int
	}{
		{JWTSecretPrevious, a.Config.JWTRotation - 1},
		{JWTSecret, a.Config.JWTRotation},
		{JWTSecretNext, a.Config.JWTRotation + 1},
	} {
		if secret.rotation == 1 && a.AdoptedJWTSecret != nil {
			values[secret.parameter] = a.AdoptedJWTSecret
			continue
		}
		// The counter is in the name: after a rotation a secret that stays in use is still the same
		// resource, and keeps its value.
		password, err := random.NewRandomPassword(ctx, name+"-jwt-"+strconv.Itoa(secret.rotation),
			&random.RandomPasswordArgs{
				Length: pulumi.Int(jwtSecretLength), Special: pulumi.Bool(false),
			}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("create secret %s of parameters %q: %w", secret.parameter, name, err)
		}
		values[secret.parameter] = password.Result
	}
	if a.DatadogAPIKey != nil {
		values[DatadogAPIKey] = a.DatadogAPIKey
	}
	for service, dsn := range a.SentryDSNs {
		values[service+"/"+SentryDSN] = dsn
	}
	maps.Copy(values, a.Secrets)
	return values, nil
}

// endpoint is the connection string of the database at a host, with a password.
func (a *ParametersArgs) endpoint(host, password pulumi.StringInput, u postgres.URL) pulumi.StringInput {
	return pulumi.All(host, password).ApplyT(func(known []any) (string, error) {
		text, err := texts(known)
		if err != nil {
			return "", err
		}
		u.Host, u.Password = text[0], text[1]
		return a.databaseURL(u), nil
	}).(pulumi.StringOutput)
}

// verifier is what the server keeps of a role's password.
func verifier(username string, password pulumi.StringInput) pulumi.StringInput {
	return password.ToStringOutput().ApplyT(func(password string) (string, error) {
		return scram.Verifier(username, password)
	}).(pulumi.StringOutput)
}

// databaseURL writes a connection string as the stack's clients read it, or one of them that it
// names itself.
func (a *ParametersArgs) databaseURL(u postgres.URL) string {
	u.Port, u.Database = DatabasePort, DatabaseName
	if verify := a.Config.Verify; verify != nil {
		u.Client, u.Bundle = cmp.Or(u.Client, verify.Client), verify.Bundle
	}
	return u.String()
}

func texts(known []any) ([]string, error) {
	all := make([]string, len(known))
	for i, value := range known {
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("a part of a connection string is a %T, want a string", value)
		}
		all[i] = text
	}
	return all, nil
}
