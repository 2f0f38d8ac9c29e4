package adopt

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// with adds an object to the states.
func with(states []State, typ string, values map[string]any) []State {
	return append(states, State{File: "more", Instances: []Instance{{
		File:    "more",
		Address: typ + ".more",
		Type:    typ,
		Values:  values,
	}}})
}

func TestRefusesByName(t *testing.T) {
	for name, c := range map[string]struct {
		states   func(t *testing.T) []State
		accepted Accepted
		what     string
		why      string // empty: nothing is refused
	}{
		"another account": {func(t *testing.T) []State {
			return change(t, original(t), "aws_vpc.main", "arn", "arn:aws:ec2:ap-northeast-1:999900009999:vpc/vpc-1")
		}, Accepted{}, "aws_vpc.main", "found account 999900009999, want 111122223333"},
		"another region": {func(t *testing.T) []State {
			return change(t, original(t), "aws_vpc.main", "arn", "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1")
		}, Accepted{}, "aws_vpc.main", "found region eu-west-1, want ap-northeast-1"},
		"a tainted object": {func(t *testing.T) []State {
			states := original(t)
			states[0].Instances[0].Tainted = true
			return states
		}, Accepted{}, "aws_acm_certificate.cdn", "it is tainted"},
		"a deposed object": {func(t *testing.T) []State {
			states := original(t)
			states[0].Instances[0].Deposed = true
			return states
		}, Accepted{}, "aws_acm_certificate.cdn", "it has a deposed object"},
		"one object in two states": {func(t *testing.T) []State {
			states := original(t)
			twin := states[0].Instances[0]
			twin.File, twin.Address = "more", "aws_acm_certificate.twin"
			return append(states, State{File: "more", Instances: []Instance{twin}})
		}, Accepted{}, "aws_acm_certificate.twin", "manages the same object"},
		"a second VPC": {func(t *testing.T) []State {
			return with(original(t), "aws_vpc", map[string]any{"id": "vpc-2"})
		}, Accepted{}, "aws_vpc.more", "it is a second VPC beside aws_vpc.main"},
		"no VPC": {func(t *testing.T) []State { return original(t)[1:] }, Accepted{}, "aws_vpc",
			"there is none in the states"},
		"another deployment controller": {func(t *testing.T) []State {
			return change(t, original(t), `aws_ecs_service.svc["web"]`, "deployment_controller.0.type", "CODE_DEPLOY")
		}, Accepted{}, `aws_ecs_service.svc["web"].deployment_controller`, `found "CODE_DEPLOY", want "ECS"`},
		"the default security group in use": {func(t *testing.T) []State {
			return change(t, original(t), "aws_lb.main", "security_groups", []any{"sg-3a20870fee8862c2c"})
		}, Accepted{}, "aws_lb.main.security_groups", "the VPC's default security group, which the program empties"},
		"a database without encryption": {func(t *testing.T) []State {
			return change(t, original(t), "aws_rds_cluster.main", "storage_encrypted", false)
		}, Accepted{}, "aws_rds_cluster.main.storage_encrypted", "say --unencrypted"},
		"a database without encryption, said aloud": {func(t *testing.T) []State {
			return change(t, original(t), "aws_rds_cluster.main", "storage_encrypted", false)
		}, Accepted{Unencrypted: true}, "", ""},
		"a password that RDS changes": {func(t *testing.T) []State {
			return change(t, original(t), "aws_rds_cluster.main", "manage_master_user_password", true)
		}, Accepted{}, "aws_rds_cluster.main.manage_master_user_password", "switch it off"},
		"an Atlas cluster without backups": {func(t *testing.T) []State {
			return change(t, original(t), "mongodbatlas_cluster.main", "cloud_backup", false)
		}, Accepted{}, "mongodbatlas_cluster.main.cloud_backup", "switch it on with Terraform first"},
		"no password": {func(t *testing.T) []State {
			return change(t, original(t), "aws_rds_cluster.main", "master_password", nil)
		}, Accepted{}, "aws_rds_cluster.main",
			"its value is not in the state, and adoptedMasterPassword is to be set to it"},
		"logs that are kept for good": {func(t *testing.T) []State {
			return change(t, original(t), `aws_cloudwatch_log_group.svc["web"]`, "retention_in_days",
				json.Number("0"))
		}, Accepted{}, `aws_cloudwatch_log_group.svc["web"].retention_in_days`, "say --shorter-logs"},
		"logs that are kept for good, said aloud": {func(t *testing.T) []State {
			return change(t, original(t), `aws_cloudwatch_log_group.svc["web"]`, "retention_in_days",
				json.Number("0"))
		}, Accepted{ShorterLogs: true}, "", ""},
		"a database that the program has no place for": {func(t *testing.T) []State {
			return with(original(t), "aws_dynamodb_table", map[string]any{"id": "sessions"})
		}, Accepted{}, "aws_dynamodb_table.more", "it holds a table, and this program has no place for it"},
		"a database that is left, said aloud": {func(t *testing.T) []State {
			return with(original(t), "aws_dynamodb_table", map[string]any{"id": "sessions"})
		}, Accepted{Leave: []string{"aws_dynamodb_table.more"}}, "", ""},
		"leaving what has a place": {original, Accepted{Leave: []string{"aws_vpc.main"}}, "aws_vpc.main",
			"leave the flag out"},
		"a record that mail needs": {func(t *testing.T) []State {
			return with(original(t), "aws_route53_record", map[string]any{"id": "Z_example.com_MX",
				"fqdn": "example.com", "type": "MX"})
		}, Accepted{}, "aws_route53_record.more", "a name that somebody may ask for"},
		"services in two groups": {func(t *testing.T) []State {
			return change(t, original(t), `aws_ecs_service.svc["web"]`, "network_configuration.0.security_groups",
				[]any{"sg-1"})
		}, Accepted{}, "bookmark-manager:network.transition", "want one"},
		"too many NAT gateways": {func(t *testing.T) []State {
			states := with(original(t), "aws_nat_gateway", map[string]any{"id": "nat-2",
				"subnet_id": "subnet-3a71fcb01a745b0f7"})
			states[len(states)-1].Instances = append(states[len(states)-1].Instances,
				Instance{
					File:    "more",
					Address: "aws_nat_gateway.third",
					Type:    "aws_nat_gateway",
					Values:  map[string]any{"id": "nat-3"},
				})
			return states
		}, Accepted{}, "aws_nat_gateway.main", "found 3 NAT gateways for 2 zones"},
	} {
		t.Run(name, func(t *testing.T) {
			a := Match(production(t), c.states(t), c.accepted)
			if c.why == "" {
				require.Empty(t, a.Refusals)
				return
			}
			found := slices.IndexFunc(a.Refusals, func(r Refusal) bool { return r.What == c.what })
			require.GreaterOrEqual(t, found, 0, "%v", a.Refusals)
			assert.Contains(t, a.Refusals[found].Why, c.why)
			assert.Contains(t, written(t, a), c.what+": ")
			assert.NotContains(t, written(t, a), "Settings of the stack file", "nothing is asked for that is refused")
		})
	}
}

// A single NAT gateway is in the zone with the lowest index, whatever the names.
func TestTheZoneOfASingleNATGatewayComesFirst(t *testing.T) {
	a := Match(production(t), change(t, original(t), "aws_nat_gateway.main", "subnet_id",
		"subnet-0026484f67246494d"), Accepted{})
	require.Empty(t, a.Refusals)
	i := slices.IndexFunc(a.Settings, func(s Setting) bool { return s.Key() == "bookmark-manager:network.zones" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, []Zone{
		{Name: "ap-northeast-1c", Index: 1, Public: "10.0.2.0/24", Private: "10.0.12.0/24"},
		{Name: "ap-northeast-1a", Index: 2, Public: "10.0.1.0/24", Private: "10.0.11.0/24"},
	}, a.Settings[i].Value)
}

// A setting that the stack file has already is not asked for again.
func TestSettingsThatAreSoAreLeftOut(t *testing.T) {
	raw, err := os.ReadFile("../../Pulumi.prod.yaml")
	require.NoError(t, err)
	stack, err := ReadStack(append(raw, []byte("  bookmark-manager:other: 1\n")...))
	require.NoError(t, err)
	stack.config["bookmark-manager:network"].(map[string]any)["nat"] = "single"
	a := Match(stack, original(t), Accepted{})
	assert.False(t, slices.ContainsFunc(a.Settings,
		func(s Setting) bool { return s.Key() == "bookmark-manager:network.nat" }))
}

func TestRefusesAStackFileThatIsNone(t *testing.T) {
	for raw, want := range map[string]string{
		"config: [": "read the stack file: yaml", "config: {}": "bookmark-manager:environment",
		"": "bookmark-manager:environment",
	} {
		_, err := ReadStack([]byte(raw))
		require.ErrorContains(t, err, want)
	}
}

// A second log group of a name that AWS or the program fixes could not be made.
func TestLogGroupsWithFixedNamesAreTaken(t *testing.T) {
	for name, want := range map[string]string{
		"/aws/rds/cluster/bookmark-manager-production-aurora/postgresql": "aurora-log",
		"/ecs/bookmark-manager-production-exec":                          "cluster-exec",
		"aws-waf-logs-bookmark-manager-production":                       "web-acl-logs",
		"/bookmark-manager/production/vpc-flow-logs":                     "network-flow-logs",
	} {
		a := Match(production(t), with(original(t), "aws_cloudwatch_log_group",
			map[string]any{"id": name, "name": name}), Accepted{})
		require.Empty(t, a.Refusals)
		assert.Equal(t, name, a.Config.Resources[catalog.LogGroup+" "+want].ID)
	}
}
