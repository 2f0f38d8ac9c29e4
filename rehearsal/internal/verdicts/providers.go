package verdicts

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// modelled are the model's providers on an empty cloud, one for each region and role.
func modelled(dir string) (func(region, role string) (Provider, error), error) {
	file, err := os.CreateTemp(dir, "*.db")
	if err != nil {
		return nil, fmt.Errorf("make a cloud for a case: %w", err)
	}
	if err := errors.Join(file.Close(), os.Remove(file.Name())); err != nil {
		return nil, fmt.Errorf("make a cloud for a case: %w", err)
	}
	c, err := cloud.Open(file.Name())
	if err != nil {
		return nil, err
	}
	return func(region, role string) (Provider, error) {
		p, err := aws.New(c, Account, cmp.Or(role, aws.Root), nil)
		if err != nil {
			return nil, err
		}
		inputs := resource.PropertyMap{"region": resource.NewProperty(region)}
		if _, err := p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: inputs}); err != nil {
			return nil, err
		}
		return served{plugin.NewProviderServer(p)}, nil
	}, nil
}

// served is the model behind the same requests as a plugin.
type served struct {
	pulumirpc.ResourceProviderServer
}

func (s served) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) error {
	_, err := s.ResourceProviderServer.Delete(ctx, req)
	return err
}

// Plugin is the installed AWS plugin, running once for each region that was asked for.
type Plugin struct {
	path    string
	engine  rpcutil.ServeHandle
	stop    chan bool
	regions map[string]*process
}

type process struct {
	client
	command *exec.Cmd
	conn    *grpc.ClientConn
}

// startup is how long the plugin may take to say its port. It is a gigabyte, and reads its schema
// first.
const startup = 2 * time.Minute

// Start prepares to run the plugin at a path. Close ends it.
func Start(path string) (*Plugin, error) {
	p := &Plugin{path: path, stop: make(chan bool), regions: map[string]*process{}}
	var err error
	p.engine, err = rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: p.stop,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterEngineServer(s, engine{})
			return nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("serve the engine for the AWS plugin: %w", err)
	}
	return p, nil
}

// engine takes the plugin's log lines, as Pulumi's engine would, and drops them: refusals come as
// answers.
type engine struct {
	pulumirpc.UnimplementedEngineServer
}

func (engine) Log(context.Context, *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Close ends the plugin's processes.
func (p *Plugin) Close() error {
	var errs []error
	for _, running := range p.regions {
		errs = append(errs, running.conn.Close(), running.command.Process.Kill())
		_ = running.command.Wait() // it was killed
	}
	close(p.stop)
	return errors.Join(append(errs, <-p.engine.Done)...)
}

// In is the plugin configured for a region. It needs no account: nothing is asked of AWS in a
// preview.
func (p *Plugin) In(ctx context.Context, region string) (Provider, error) {
	if running, ok := p.regions[region]; ok {
		return running, nil
	}
	running, err := p.run(ctx)
	if err != nil {
		return nil, err
	}
	p.regions[region] = running
	config, err := structpb.NewStruct(map[string]any{
		"region": region, "accessKey": "rehearsal", "secretKey": "rehearsal",
		"skipCredentialsValidation": "true", "skipMetadataApiCheck": "true", "skipRequestingAccountId": "true",
	})
	if err != nil {
		return nil, fmt.Errorf("configure the AWS plugin: %w", err)
	}
	variables := map[string]string{}
	for name, value := range config.GetFields() {
		variables["aws:config:"+name] = value.GetStringValue()
	}
	request := &pulumirpc.ConfigureRequest{
		Variables:              variables, //nolint:staticcheck // a bridged provider may still read its settings here
		Args:                   config,
		AcceptSecrets:          true,
		AcceptResources:        true,
		SendsOldInputs:         true,
		SendsOldInputsToDelete: true,
	}
	if _, err := running.client.Configure(ctx, request); err != nil {
		return nil, fmt.Errorf("configure the AWS plugin for %s: %w", region, err)
	}
	return running, nil
}

func (p *Plugin) run(ctx context.Context) (*process, error) {
	//nolint:gosec // the plugin is what this is about
	command := exec.CommandContext(ctx, p.path, fmt.Sprintf("127.0.0.1:%d", p.engine.Port))
	command.Env = withoutAWS(os.Environ())
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.path, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.path, err)
	}
	port := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		port <- strings.TrimSpace(line)
	}()
	var address string
	select {
	case said := <-port:
		address = "127.0.0.1:" + said
	case <-time.After(startup):
	}
	if address == "" || strings.HasSuffix(address, ":") {
		return nil, errors.Join(fmt.Errorf("start %s: it did not say its port", filepath.Base(p.path)),
			command.Process.Kill())
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", filepath.Base(p.path), err)
	}
	return &process{client{pulumirpc.NewResourceProviderClient(conn)}, command, conn}, nil
}

// withoutAWS keeps the user's credentials and profile from the plugin.
func withoutAWS(environment []string) []string {
	kept := []string{"AWS_EC2_METADATA_DISABLED=true"}
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "AWS_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// client is a plugin's gRPC client as a Provider.
type client struct {
	pulumirpc.ResourceProviderClient
}

func (c client) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return c.ResourceProviderClient.Check(ctx, req)
}

func (c client) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	return c.ResourceProviderClient.Create(ctx, req)
}

func (c client) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	return c.ResourceProviderClient.Update(ctx, req)
}

func (c client) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) error {
	_, err := c.ResourceProviderClient.Delete(ctx, req)
	return err
}
