package data

import (
	"net/url"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bookmark-manager/infrastructure/internal/postgres"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/scram"
)

const ssmParameter = "aws:ssm/parameter:Parameter"

func parametersArgs() *ParametersArgs {
	return &ParametersArgs{
		Config:              ParametersConfig{ConnectionLimit: 10, JWTRotation: 4, Secrets: []string{"OPENAI_API_KEY"}},
		Stack:               recorder.Production,
		DataKeyArn:          text("arn:data-key"),
		DatabaseEndpoint:    text("db.example.com"),
		ReaderEndpoint:      text("readers.example.com"),
		MasterPassword:      secret("master-pass"),
		ApplicationUsername: "bookmark_app_1",
		ApplicationPassword: secret("app-pass"),
		AtlasAddress:        text("mongodb+srv://cluster.abc12.mongodb.net"),
		AtlasUsername:       "app-7",
		AtlasPassword:       secret("atlas-pass"),
		AtlasDatabase:       "bookmarks",
		// Not secret on purpose: the parameter must make it one.
		DatadogAPIKey: text("dd-key"),
		SentryDSNs: map[string]pulumi.StringInput{
			"web": text("https://web@sentry.io/1"),
			"api": text("https://api@sentry.io/2"),
		},
		Secrets: map[string]pulumi.StringInput{"OPENAI_API_KEY": secret("sk-1")},
	}
}

func buildParameters(change func(*ParametersArgs)) (*recorder.Recorder, *Parameters, error) {
	args := parametersArgs()
	if change != nil {
		change(args)
	}
	var parameters *Parameters
	r, err := run(func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) (err error) {
		parameters, err = NewParameters(ctx, "parameters", args, opts...)
		return err
	})
	return r, parameters, err
}

func TestEveryParameter(t *testing.T) {
	verifier, err := scram.Verifier("bookmark_app_1", "app-pass")
	require.NoError(t, err)
	r, parameters, err := buildParameters(nil)
	require.NoError(t, err)
	underTheComponent(t, r, ParametersType)
	want := map[string]string{
		"DATABASE_URL": "postgresql://bookmark_app_1:app-pass@db.example.com:5432/bookmarkdb?" +
			"connection_limit=10&schema=public&sslmode=require",
		"MIGRATION_DATABASE_URL": "postgresql://bookmark_app_1:" +
			strings.NewReplacer(":", "%3A", "/", "%2F").Replace(verifier) +
			"@db.example.com:5432/bookmarkdb?schema=public&sslmode=require",
		"MASTER_DATABASE_URL": "postgresql://dbadmin:master-pass@db.example.com:5432/bookmarkdb?schema=public&" +
			"sslmode=require",
		"MONGODB_URI": "mongodb+srv://app-7:atlas-pass@cluster.abc12.mongodb.net/bookmarks?authSource=admin&" +
			"retryWrites=true&w=majority",
		"JWT_SECRET":          "generated-parameters-jwt-4",
		"JWT_SECRET_PREVIOUS": "generated-parameters-jwt-3",
		"JWT_SECRET_NEXT":     "generated-parameters-jwt-5",
		"DD_API_KEY":          "dd-key",
		"OPENAI_API_KEY":      "sk-1",
		"web/SENTRY_DSN":      "https://web@sentry.io/1",
		"api/SENTRY_DSN":      "https://api@sentry.io/2",
	}
	assert.Len(t, r.OfType(ssmParameter), len(want))
	assert.Len(t, parameters.ByName, len(want))
	for name, value := range want {
		logical := "parameters-" + strings.ReplaceAll(name, "/", "-")
		made := get(t, r, ssmParameter, logical)
		assert.Equal(t, "/bookmark-manager/production/"+name, made.Input("name"))
		assert.Equal(t, "SecureString", made.Input("type"), name)
		assert.Equal(t, "arn:data-key", made.Input("keyId"), name)
		assert.Equal(t, value, made.Input("value"), name)
		assert.True(t, made.IsSecret("value"), name)
		assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:"+logical, valueOf(t, parameters.ByName[name].ARN))
	}
}

func TestClientsCheckTheDatabase(t *testing.T) {
	for client, want := range map[postgres.Client]string{
		postgres.Prisma: "?connection_limit=10&schema=public&sslaccept=strict&sslcert=%2Frds.pem&sslmode=require",
		postgres.Pg:     "?sslmode=verify-full&sslrootcert=%2Frds.pem",
	} {
		r, _, err := buildParameters(func(a *ParametersArgs) {
			a.Config.Verify = &VerifyConfig{Client: client, Bundle: "/rds.pem"}
		})
		require.NoError(t, err)
		assert.Equal(t, "postgresql://bookmark_app_1:app-pass@db.example.com:5432/bookmarkdb"+want,
			get(t, r, ssmParameter, "parameters-DATABASE_URL").Input("value"))
		for _, other := range []string{"MASTER_DATABASE_URL", "MIGRATION_DATABASE_URL"} {
			assert.Contains(t, get(t, r, ssmParameter, "parameters-"+other).Input("value"), "%2Frds.pem", other)
		}
	}
}

func TestTheReadersAddress(t *testing.T) {
	r, _, err := buildParameters(func(a *ParametersArgs) { a.Config.Reader = true })
	require.NoError(t, err)
	assert.Equal(t,
		"postgresql://bookmark_app_1:app-pass@readers.example.com:5432/bookmarkdb?connection_limit=10&schema=public&"+
			"sslmode=require",
		get(t, r, ssmParameter, "parameters-READER_DATABASE_URL").Input("value"))
	r, _, err = buildParameters(func(a *ParametersArgs) { a.Config.Reader, a.ReaderEndpoint = true, nil })
	refused(t, r, err, "ReaderEndpoint is required with parameters.reader")
	assert.NotContains(t, ParametersConfig{}.Names(false, nil), "READER_DATABASE_URL")
	_, found := Resolve(ParametersConfig{Reader: true}.Names(false, nil), "api", "READER_DATABASE_URL")
	assert.True(t, found, "a service may read it")
}

// pg_dump is built on libpq, which refuses what only Prisma's engine knows.
func TestTheRoleOfDumps(t *testing.T) {
	with := func(more func(*ParametersArgs)) (*recorder.Recorder, error) {
		r, _, err := buildParameters(func(a *ParametersArgs) {
			a.DumpUsername, a.DumpPassword = DumpUsername(2), secret("dump-pass")
			if more != nil {
				more(a)
			}
		})
		return r, err
	}
	value := func(r *recorder.Recorder, name string) any {
		return get(t, r, ssmParameter, "parameters-"+name).Input("value")
	}
	verifier, err := scram.Verifier("bookmark_dump_2", "dump-pass")
	require.NoError(t, err)
	r, err := with(nil)
	require.NoError(t, err)
	assert.Equal(t, "postgresql://bookmark_dump_2:dump-pass@db.example.com:5432/bookmarkdb?sslmode=require",
		value(r, "DUMP_DATABASE_URL"))
	assert.Equal(t, "postgresql://bookmark_dump_2:"+strings.NewReplacer(":", "%3A", "/", "%2F").Replace(verifier)+
		"@db.example.com:5432/bookmarkdb?schema=public&sslmode=require", value(r, "MIGRATION_DUMP_DATABASE_URL"))
	r, err = with(func(a *ParametersArgs) {
		a.Config.Verify = &VerifyConfig{Client: postgres.Prisma, Bundle: "/rds.pem"}
	})
	require.NoError(t, err)
	assert.Equal(t, "postgresql://bookmark_dump_2:dump-pass@db.example.com:5432/bookmarkdb?sslmode=verify-full&"+
		"sslrootcert=%2Frds.pem", value(r, "DUMP_DATABASE_URL"))
	r, err = with(func(a *ParametersArgs) { a.DumpPassword = nil })
	refused(t, r, err, "DumpUsername and DumpPassword go together")
	for _, name := range []string{"DUMP_DATABASE_URL", "MIGRATION_DUMP_DATABASE_URL"} {
		_, found := Resolve(ParametersConfig{}.Names(true, nil), "api", name)
		assert.False(t, found, "no service may read %s", name)
		assert.Error(t, ParametersConfig{ConnectionLimit: 1, JWTRotation: 1, Secrets: []string{name}}.Validate().Err())
	}
}

func TestNoPasswordIsInAnyPlainInput(t *testing.T) {
	r, _, err := buildParameters(nil)
	require.NoError(t, err)
	for _, one := range r.All() {
		for key, value := range one.Inputs {
			for _, hidden := range []string{"app-pass", "master-pass", "atlas-pass", "sk-1", "dd-key"} {
				if strings.Contains(value.String(), hidden) {
					assert.True(t, value.ContainsSecrets(), "%s of %s", key, one.Key())
				}
			}
		}
	}
}

func TestARotationKeepsThePreviousSecretAndTheNext(t *testing.T) {
	named := func(rotation int) []string {
		r, _, err := buildParameters(func(a *ParametersArgs) { a.Config.JWTRotation = rotation })
		require.NoError(t, err)
		var all []string
		for _, password := range r.OfType(randomWord) {
			assert.Equal(t, 64.0, password.Input("length"))
			assert.Equal(t, false, password.Input("special"))
			assert.Nil(t, password.Input("keepers"), "nothing but the counter changes it")
			all = append(all, password.Name)
		}
		return all
	}
	assert.Equal(t, []string{"parameters-jwt-0", "parameters-jwt-1", "parameters-jwt-2"}, named(1))
	assert.Equal(t, []string{"parameters-jwt-1", "parameters-jwt-2", "parameters-jwt-3"}, named(2),
		"the secret in use is the next one of rotation 1, and that of rotation 1 is the previous one")
}

func TestTheKeysOfTheJWTAreWrittenOneAfterTheOther(t *testing.T) {
	r, _, err := buildParameters(nil)
	require.NoError(t, err)
	assert.Contains(t, waitsFor(t, r, ssmParameter, "parameters-JWT_SECRET"),
		ssmParameter+" parameters-JWT_SECRET_PREVIOUS")
	assert.Contains(t, waitsFor(t, r, ssmParameter, "parameters-JWT_SECRET_NEXT"),
		ssmParameter+" parameters-JWT_SECRET")

}

func TestParametersWaitForTheDatabases(t *testing.T) {
	r := recorder.New()
	require.NoError(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		aurora, err := NewAuroraCluster(ctx, "aurora", auroraArgs(), opts...)
		if err != nil {
			return err
		}
		args := parametersArgs()
		args.DatabaseReady = aurora.Ready
		atlas, err := NewAtlasCluster(ctx, "atlas", atlasArgs(), opts...)
		if err != nil {
			return err
		}
		args.AtlasReady = atlas.Ready
		_, err = NewParameters(ctx, "parameters", args, opts...)
		return err
	}, "aws", "random", "mongodbatlas"))
	instances, user := []string{rdsInstance + " aurora-instance-1", rdsInstance + " aurora-instance-2"},
		atlasUser+" atlas-user-1"
	for _, name := range []string{"DATABASE_URL", "MASTER_DATABASE_URL", "MIGRATION_DATABASE_URL"} {
		assert.Subset(t, waitsFor(t, r, ssmParameter, "parameters-"+name), instances, name)
		assert.NotContains(t, waitsFor(t, r, ssmParameter, "parameters-"+name), user, "%s is deployed ahead of Atlas",
			name)
	}
	assert.Contains(t, waitsFor(t, r, ssmParameter, "parameters-MONGODB_URI"), user)
}

func TestWithoutDatadogAndSentry(t *testing.T) {
	r, parameters, err := buildParameters(func(a *ParametersArgs) { a.DatadogAPIKey, a.SentryDSNs = nil, nil })
	require.NoError(t, err)
	assert.NotContains(t, parameters.ByName, "DD_API_KEY")
	assert.Len(t, r.OfType(ssmParameter), 8)
}

func TestParameterNames(t *testing.T) {
	config := ParametersConfig{Secrets: []string{"OPENAI_API_KEY"}}
	all := config.Names(true, []string{"web"})
	assert.Equal(t, []string{
		"DATABASE_URL", "DD_API_KEY", "JWT_SECRET", "JWT_SECRET_NEXT", "JWT_SECRET_PREVIOUS", "MASTER_DATABASE_URL",
		"MIGRATION_DATABASE_URL", "MONGODB_URI", "OPENAI_API_KEY", "web/SENTRY_DSN",
	}, all)
	_, parameters, err := buildParameters(nil)
	require.NoError(t, err)
	args := parametersArgs()
	for _, name := range args.Config.Names(true, []string{"api", "web"}) {
		assert.Contains(t, parameters.ByName, name, "what is announced is made")
	}
	for variable, want := range map[string]string{
		"SENTRY_DSN":             "web/SENTRY_DSN",
		"DATABASE_URL":           "DATABASE_URL",
		"MASTER_DATABASE_URL":    "",
		"MIGRATION_DATABASE_URL": "",
		"OTHER":                  "",
	} {
		name, ok := Resolve(all, "web", variable)
		assert.Equal(t, want, name)
		assert.Equal(t, want != "", ok, variable)
	}
	_, ok := Resolve(all, "api", "SENTRY_DSN")
	assert.False(t, ok, "a service reads no other service's parameter")
}

func TestParametersRefuse(t *testing.T) {
	const wiring = "DataKeyArn, DatabaseEndpoint, MasterPassword, ApplicationUsername, ApplicationPassword, " +
		"AtlasAddress, " +
		"AtlasUsername, AtlasPassword and AtlasDatabase are required"
	for name, c := range map[string]struct {
		change func(*ParametersArgs)
		want   string
	}{
		"no connections": {func(a *ParametersArgs) {
			a.Config.ConnectionLimit = 0
		}, "connectionLimit: found 0, want 1 to 500"},
		"too many connections": {func(a *ParametersArgs) {
			a.Config.ConnectionLimit = 501
		}, "connectionLimit: found 501, want 1 to 500"},
		"no rotation": {func(a *ParametersArgs) {
			a.Config.JWTRotation = 0
		}, "jwtRotation: found 0, want 1 or more"},
		"a name in lower case": {func(a *ParametersArgs) {
			a.Config.Secrets = []string{"key"}
		}, `secrets[0]: found "key", want a name of 1 to 100`},
		"a name of the program": {func(a *ParametersArgs) {
			a.Config.Secrets = []string{"DATABASE_URL"}
		}, `secrets[0]: found "DATABASE_URL", want a name that the program does not use itself`},
		"a name twice": {func(a *ParametersArgs) {
			a.Config.Secrets = []string{"A", "A"}
		}, `secrets[1]: found "A", want each value once; secrets[0] is the same`},
		"a secret without a value": {func(a *ParametersArgs) {
			a.Secrets = nil
		}, "Secrets has values for [], want one for each of [OPENAI_API_KEY]"},
		"no data key":                {func(a *ParametersArgs) { a.DataKeyArn = nil }, wiring},
		"no endpoint":                {func(a *ParametersArgs) { a.DatabaseEndpoint = nil }, wiring},
		"no master password":         {func(a *ParametersArgs) { a.MasterPassword = nil }, wiring},
		"no application password":    {func(a *ParametersArgs) { a.ApplicationPassword = nil }, wiring},
		"no role of the application": {func(a *ParametersArgs) { a.ApplicationUsername = "" }, wiring},
		"no Atlas user":              {func(a *ParametersArgs) { a.AtlasUsername = "" }, wiring},
		"no Atlas address":           {func(a *ParametersArgs) { a.AtlasAddress = nil }, wiring},
		"no Atlas password":          {func(a *ParametersArgs) { a.AtlasPassword = nil }, wiring},
		"no Atlas database":          {func(a *ParametersArgs) { a.AtlasDatabase = "" }, wiring},
		"no account": {func(a *ParametersArgs) {
			a.AccountID = ""
		}, "Environment, Region and AccountID are required"},
		"a service with a blank": {func(a *ParametersArgs) {
			a.SentryDSNs["a b"] = text("x")
		}, "name parameter a b/SENTRY_DSN of parameters"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildParameters(c.change)
			refused(t, r, err, c.want)
		})
	}
	_, err := NewParameters(nil, "parameters", nil)
	assert.ErrorContains(t, err, wiring)
}

// Whatever a password consists of, the connection string gives it back.
func TestConnectionStringsCarryEveryPassword(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.String().Draw(t, "password")
		uri, err := mongoURI("mongodb+srv://cluster.abc12.mongodb.net", "user", password, "bookmarks")
		if err != nil {
			t.Fatal(err)
		}
		for _, connection := range []string{uri, (&ParametersArgs{}).databaseURL(postgres.URL{
			Username: "user",
			Password: password,
			Host:     "db.example.com",
			PoolSize: 5,
		})} {
			parsed, err := url.Parse(connection)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := parsed.User.Password(); got != password || parsed.User.Username() != "user" {
				t.Fatalf("%s carries password %q, want %q", connection, got, password)
			}
		}
	})
}

func TestAnAtlasAddressOfAnotherKindIsRefused(t *testing.T) {
	for _, address := range []string{"", "https://cluster.mongodb.net", "mongodb+srv://", "mongodb://a:b"} {
		_, err := mongoURI(address, "user", "password", "bookmarks")
		assert.ErrorContains(t, err, `want "mongodb+srv://" and a host name`, address)
	}
}
