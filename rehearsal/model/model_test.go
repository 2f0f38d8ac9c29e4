package model

import (
	"bufio"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
)

// start serves a provider and returns a client of it, as the engine would.
func start(t *testing.T, provider string) pulumirpc.ResourceProviderClient {
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, provider, []string{"--logtostderr"}, w)
		w.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	port, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err)
	conn, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	client := pulumirpc.NewResourceProviderClient(conn)
	_, err = client.Handshake(ctx, &pulumirpc.ProviderHandshakeRequest{})
	require.NoError(t, err)
	return client
}

var wire = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true}

const vpcURN = "urn:pulumi:prod::bookmark-manager::aws:ec2/vpc:Vpc::main"

func TestServedProviderCarriesAResourceThroughItsLife(t *testing.T) {
	t.Setenv(CloudEnv, filepath.Join(t.TempDir(), "cloud.db"))
	t.Setenv(AccountEnv, "123456789012")
	t.Setenv(RoleEnv, aws.Root)
	client, ctx := start(t, "aws"), context.Background()
	send := func(values map[string]any) *pulumirpc.ConfigureRequest {
		args, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(values), wire)
		require.NoError(t, err)
		return &pulumirpc.ConfigureRequest{Args: args, AcceptSecrets: true}
	}
	// The engine passes lists and objects of a provider's configuration as JSON text.
	config := send(map[string]any{
		"region":            "ap-northeast-1",
		"allowedAccountIds": `["123456789012"]`,
		"defaultTags":       `{"tags":{"Project":"bookmark-manager"}}`,
		"version":           "6.83.0",
	})
	checkedConfig, err := client.CheckConfig(ctx, &pulumirpc.CheckRequest{
		Urn:  "urn:pulumi:prod::bookmark-manager::pulumi:providers:aws::tokyo",
		News: config.Args,
	})
	require.NoError(t, err)
	require.Empty(t, checkedConfig.Failures)
	_, err = client.Configure(ctx, config)
	require.NoError(t, err)

	checked, err := client.Check(ctx, &pulumirpc.CheckRequest{
		Urn:        vpcURN,
		News:       send(map[string]any{"cidrBlock": "10.0.0.0/16"}).Args,
		RandomSeed: []byte("seed"),
	})
	require.NoError(t, err)
	require.Empty(t, checked.Failures)
	created, err := client.Create(ctx, &pulumirpc.CreateRequest{Urn: vpcURN, Properties: checked.Inputs})
	require.NoError(t, err)
	assert.Regexp(t, "^vpc-[0-9a-f]{17}$", created.Id)
	assert.Equal(t, map[string]any{"Project": "bookmark-manager"}, created.Properties.AsMap()["tagsAll"])

	changed := send(map[string]any{"cidrBlock": "10.1.0.0/16"}).Args
	diff, err := client.Diff(ctx, &pulumirpc.DiffRequest{
		Urn:       vpcURN,
		Id:        created.Id,
		OldInputs: checked.Inputs,
		Olds:      created.Properties,
		News:      changed,
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"cidrBlock"}, diff.Replaces)

	read, err := client.Read(ctx, &pulumirpc.ReadRequest{Urn: vpcURN, Id: created.Id})
	require.NoError(t, err)
	assert.Equal(t, created.Properties.AsMap(), read.Properties.AsMap())

	_, err = client.Delete(ctx, &pulumirpc.DeleteRequest{
		Urn:        vpcURN,
		Id:         created.Id,
		Properties: created.Properties,
		OldInputs:  checked.Inputs,
	})
	require.NoError(t, err)
	read, err = client.Read(ctx, &pulumirpc.ReadRequest{Urn: vpcURN, Id: created.Id})
	require.NoError(t, err)
	assert.Empty(t, read.Id)
}

func TestRefusedConfiguration(t *testing.T) {
	t.Setenv(CloudEnv, filepath.Join(t.TempDir(), "cloud.db"))
	t.Setenv(AccountEnv, "123456789012")
	t.Setenv(RoleEnv, aws.Root)
	client := start(t, "aws")
	for name, test := range map[string]struct {
		config map[string]any
		want   string
	}{
		"no region": {map[string]any{},
			"Missing region configuration: set the region of the explicit provider, which does not read aws:region"},
		"a strange region": {map[string]any{"region": "tokyo"}, "Invalid AWS Region: tokyo"},
		"another account": {map[string]any{"region": "us-east-1", "allowedAccountIds": `["999999999999"]`},
			"AWS account ID not allowed: 123456789012"},
		"a forbidden one": {map[string]any{"region": "us-east-1", "forbiddenAccountIds": `["123456789012"]`},
			"AWS account ID not allowed: 123456789012"},
		"no account at all": {map[string]any{
			"region":                    "us-east-1",
			"allowedAccountIds":         `["123456789012"]`,
			"skipRequestingAccountId":   "true",
			"skipCredentialsValidation": "true",
		}, "AWS account ID not allowed: "},
		"an unknown input": {map[string]any{"region": "us-east-1", "defaultTag": `{}`},
			`defaultTag: unknown property, did you mean "defaultTags"?`},
		"a wrong type": {map[string]any{"region": "us-east-1", "allowedAccountIds": "123456789012"},
			`allowedAccountIds: expected list of string, got string "123456789012"`},
	} {
		t.Run(name, func(t *testing.T) {
			news, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(test.config), wire)
			require.NoError(t, err)
			checked, err := client.CheckConfig(context.Background(), &pulumirpc.CheckRequest{
				Urn:  "urn:pulumi:prod::bookmark-manager::pulumi:providers:aws::tokyo",
				News: news,
			})
			require.NoError(t, err)
			require.Len(t, checked.Failures, 1)
			assert.Equal(t, test.want, checked.Failures[0].Reason)
		})
	}
}

func TestSecretsStaySecretOnTheWire(t *testing.T) {
	client, ctx := start(t, "random"), context.Background()
	_, err := client.Configure(ctx, &pulumirpc.ConfigureRequest{AcceptSecrets: true})
	require.NoError(t, err)
	inputs, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(map[string]any{"length": 20}), wire)
	require.NoError(t, err)
	created, err := client.Create(ctx, &pulumirpc.CreateRequest{
		Urn: "urn:pulumi:prod::bookmark-manager::random:index/randomPassword:RandomPassword::db", Properties: inputs,
	})
	require.NoError(t, err)
	outputs, err := plugin.UnmarshalProperties(created.Properties, wire)
	require.NoError(t, err)
	require.True(t, outputs["result"].IsSecret())
	require.True(t, outputs["bcryptHash"].IsSecret())
	assert.Len(t, outputs["result"].SecretValue().Element.StringValue(), 20)
}

func TestServeRefusesAnIncompleteEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.db")
	for name, test := range map[string]struct{ provider, cloud, account, want string }{
		"another provider": {"gcp", path, "123456789012",
			`serve provider "gcp": there is no such provider, want random or one of [aws datadog mongodbatlas sentry]`},
		"no cloud": {"aws", "", "123456789012",
			`serve provider "aws": REHEARSAL_CLOUD is not set: set it to the absolute path of the cloud's file, ` +
				`which is made if it is missing`},
		"no account": {"aws", path, "",
			`serve provider "aws": REHEARSAL_ACCOUNT is "": set it to the 12 digits of the AWS account that the ` +
				`stack may use`},
		"a short account": {"aws", path, "1234",
			`serve provider "aws": REHEARSAL_ACCOUNT is "1234": set it to the 12 digits of the AWS account that the ` +
				`stack may use`},
		"nobody who asks": {"aws", path, "123456789012",
			`serve provider "aws": REHEARSAL_ROLE is not set: set it to the name of the role that asks, or to root`},
		"a relative path": {"aws", "cloud.db", "123456789012",
			`serve provider "aws": open cloud "cloud.db": the path must be absolute, since every plugin process has ` +
				`a working directory of its own`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(CloudEnv, test.cloud)
			t.Setenv(AccountEnv, test.account)
			t.Setenv(RoleEnv, "")
			assert.EqualError(t, serve(context.Background(), test.provider, nil, io.Discard), test.want)
		})
	}
}

func TestServeEndsWithItsEngine(t *testing.T) {
	t.Setenv(CloudEnv, filepath.Join(t.TempDir(), "cloud.db"))
	t.Setenv(AccountEnv, "123456789012")
	t.Setenv(RoleEnv, aws.Root)
	ended := make(chan error, 1)
	// Nobody listens on the discard port: the engine is gone.
	go func() { ended <- serve(context.Background(), "aws", []string{"127.0.0.1:9"}, io.Discard) }()
	select {
	case err := <-ended:
		assert.NoError(t, err)
	case <-time.After(30 * time.Second):
		t.Fatal("the provider still serves an engine that is gone")
	}
}
