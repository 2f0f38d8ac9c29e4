package compute

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const webContainers = `[
  {
    "name": "web",
    "image": "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/bookmark-manager-production-web@WEB_DIGEST",
    "cpu": 384, "memory": 704, "essential": true, "user": "1000:1000",
    "portMappings": [{"name": "web", "containerPort": 3000, "hostPort": 3000, "protocol": "tcp",
     "appProtocol": "http"}],
    "environment": [
      {"name": "API_URL", "value": "http://api:3001"},
      {"name": "ASSETS_BUCKET", "value": "assets-bucket"},
      {"name": "DD_DOGSTATSD_URL", "value": "unix:///var/run/datadog/dsd.socket"},
      {"name": "DD_ENV", "value": "production"},
      {"name": "DD_LOGS_INJECTION", "value": "true"},
      {"name": "DD_SERVICE", "value": "bookmark-manager-web"},
      {"name": "DD_TRACE_AGENT_URL", "value": "unix:///var/run/datadog/apm.socket"},
      {"name": "DD_VERSION", "value": "4f0c1d2"},
      {"name": "HEADERS_TIMEOUT", "value": "66000"},
      {"name": "HOSTNAME", "value": "0.0.0.0"},
      {"name": "KEEP_ALIVE_TIMEOUT", "value": "65000"},
      {"name": "NODE_ENV", "value": "production"},
      {"name": "PORT", "value": "3000"},
      {"name": "SENTRY_ENVIRONMENT", "value": "production"},
      {"name": "SENTRY_RELEASE", "value": "4f0c1d2"}
    ],
    "secrets": [{"name": "SENTRY_DSN",
     "valueFrom": "arn:aws:ssm:ap-northeast-1:111122223333:parameter/web/SENTRY_DSN"}],
    "mountPoints": [
      {"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": false},
      {"sourceVolume": "app-next-cache", "containerPath": "/app/.next/cache", "readOnly": false},
      {"sourceVolume": "managed-agents", "containerPath": "/managed-agents", "readOnly": false},
      {"sourceVolume": "var-lib-amazon-ssm", "containerPath": "/var/lib/amazon/ssm", "readOnly": false},
      {"sourceVolume": "var-log-amazon-ssm", "containerPath": "/var/log/amazon/ssm", "readOnly": false},
      {"sourceVolume": "datadog-sockets", "containerPath": "/var/run/datadog", "readOnly": false}
    ],
    "volumesFrom": [], "systemControls": [],
    "dependsOn": [
      {"containerName": "prepare-volumes", "condition": "SUCCESS"},
      {"containerName": "datadog-agent", "condition": "START"}
    ],
    "dockerLabels": {
      "com.datadoghq.tags.env": "production", "com.datadoghq.tags.service": "bookmark-manager-web",
      "com.datadoghq.tags.version": "4f0c1d2", "bookmark-manager.parameter-versions": "SENTRY_DSN=1"
    },
    "healthCheck": {
      "command": ["CMD", "node", "-e",
        "fetch('http://127.0.0.1:3000/api/health').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"],
      "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 60
    },
    "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": true},
    "logConfiguration": {"logDriver": "awslogs", "options": {
      "awslogs-group": "/ecs/bookmark-manager-production-web", "awslogs-region": "ap-northeast-1",
      "awslogs-stream-prefix": "ecs", "mode": "non-blocking", "max-buffer-size": "4m"
    }},
    "readonlyRootFilesystem": true, "stopTimeout": 60
  },
  {
    "name": "prepare-volumes",
    "image": "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/bookmark-manager-production-web@WEB_DIGEST",
    "cpu": 0, "essential": false, "user": "0:0",
    "entryPoint": ["chmod"], "command": ["1777", "/tmp", "/app/.next/cache"],
    "portMappings": [], "environment": [],
    "mountPoints": [
      {"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": false},
      {"sourceVolume": "app-next-cache", "containerPath": "/app/.next/cache", "readOnly": false}
    ],
    "volumesFrom": [], "systemControls": [],
    "linuxParameters": {"initProcessEnabled": true, "capabilities": {"drop": [
      "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP",
      "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"
    ]}},
    "logConfiguration": {"logDriver": "awslogs", "options": {
      "awslogs-group": "/ecs/bookmark-manager-production-web", "awslogs-region": "ap-northeast-1",
      "awslogs-stream-prefix": "ecs", "mode": "non-blocking", "max-buffer-size": "4m"
    }},
    "readonlyRootFilesystem": true
  },
  {
    "name": "datadog-agent", "image": "public.ecr.aws/datadog/agent:7.73.0", "cpu": 64, "memory": 256,
    "essential": false, "portMappings": [],
    "environment": [
      {"name": "DD_APM_ENABLED", "value": "true"},
      {"name": "DD_APM_IGNORE_RESOURCES", "value": "^(GET|HEAD) /api/health$"},
      {"name": "DD_APM_RECEIVER_SOCKET", "value": "/var/run/datadog/apm.socket"},
      {"name": "DD_DOGSTATSD_SOCKET", "value": "/var/run/datadog/dsd.socket"},
      {"name": "DD_ENV", "value": "production"},
      {"name": "DD_SITE", "value": "ap1.datadoghq.com"},
      {"name": "ECS_FARGATE", "value": "true"}
    ],
    "secrets": [{"name": "DD_API_KEY", "valueFrom": "arn:aws:ssm:ap-northeast-1:111122223333:parameter/DD_API_KEY"}],
    "mountPoints": [{"sourceVolume": "datadog-sockets", "containerPath": "/var/run/datadog", "readOnly": false}],
    "volumesFrom": [], "systemControls": [],
    "dockerLabels": {"bookmark-manager.parameter-versions": "DD_API_KEY=3"},
    "healthCheck": {"command": ["CMD-SHELL", "/probe.sh"], "interval": 30, "timeout": 5, "retries": 3,
     "startPeriod": 60},
    "logConfiguration": {"logDriver": "awslogs", "options": {
      "awslogs-group": "/ecs/bookmark-manager-production-web", "awslogs-region": "ap-northeast-1",
      "awslogs-stream-prefix": "ecs", "mode": "non-blocking", "max-buffer-size": "4m"
    }},
    "restartPolicy": {"enabled": true, "restartAttemptPeriod": 60},
    "readonlyRootFilesystem": false
  }
]`

func TestTaskDefinition(t *testing.T) {
	r := mustBuild(t, nil)
	definition := get(t, r, typeTaskDefinition, "web")
	assertInputs(t, definition, map[string]any{
		"family":                  "bookmark-manager-production-web",
		"cpu":                     "512",
		"memory":                  "1024",
		"networkMode":             "awsvpc",
		"skipDestroy":             true,
		"requiresCompatibilities": []any{"FARGATE"},
		"runtimePlatform":         map[string]any{"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"},
		"executionRoleArn":        "arn:aws:test:ap-northeast-1:111122223333:web-execution",
		"taskRoleArn":             "arn:aws:test:ap-northeast-1:111122223333:web-task",
		"volumes": []any{
			map[string]any{"name": "app-next-cache"}, map[string]any{"name": "datadog-sockets"},
			map[string]any{"name": "managed-agents"},
			map[string]any{"name": "tmp"}, map[string]any{"name": "var-lib-amazon-ssm"},
			map[string]any{"name": "var-log-amazon-ssm"},
		},
	})
	assert.JSONEq(t, strings.ReplaceAll(webContainers, "WEB_DIGEST", webDigest),
		definition.Input("containerDefinitions").(string))
}

// application is the first container of a task definition.
func application(t *testing.T, change func(*stack), name string) container {
	t.Helper()
	var containers []container
	text := get(t, mustBuild(t, change), typeTaskDefinition, name).Input("containerDefinitions").(string)
	require.NoError(t, json.Unmarshal([]byte(text), &containers))
	return containers[0]
}

func TestTheAPIHasItsOwnPortSecretsAndSize(t *testing.T) {
	api := application(t, nil, "api")
	assert.Equal(t, []portMapping{{"api", 3001, 3001, "tcp", "http"}}, api.PortMappings)
	assert.Equal(t, []parameter{
		{"DATABASE_URL", arn("ssm", "parameter/DATABASE_URL")}, {"SENTRY_DSN", arn("ssm", "parameter/api/SENTRY_DSN")},
	}, api.Secrets)
	assert.Equal(t, "DATABASE_URL=2,SENTRY_DSN=1", api.DockerLabels[versionsLabel])
	assert.Contains(t, api.Environment, variable{"SENTRY_RELEASE", "9e8d7c6"})
	for _, one := range api.Environment {
		assert.NotContains(t, one.Name, "_URL_", "the API calls nothing")
		assert.NotEqual(t, "API_URL", one.Name)
	}
}

func TestWithoutOptionsATaskIsOneContainer(t *testing.T) {
	plain := func(s *stack) {
		s.edit("api", func(c *ServiceConfig) { c.Datadog, c.Exec, c.Writable, c.Secrets = false, false, nil, nil })
	}
	r := mustBuild(t, plain)
	api := application(t, plain, "api")
	assert.Empty(t, api.MountPoints)
	assert.Empty(t, api.DependsOn)
	assert.Empty(t, api.DockerLabels)
	assert.Equal(t, 448, api.CPU, "what the proxy leaves")
	assert.Equal(t, 960, api.Memory)
	assert.Equal(t, []variable{
		{"ASSETS_BUCKET", "assets-bucket"},
		{"HEADERS_TIMEOUT", "66000"},
		{"HOSTNAME", "0.0.0.0"},
		{"KEEP_ALIVE_TIMEOUT", "65000"},
		{"NODE_ENV", "production"},
		{"PORT", "3001"},
	}, api.Environment)
	assert.Nil(t, get(t, r, typeTaskDefinition, "api").Input("volumes"))
	assert.Equal(t, false, get(t, r, typeECSService, "api").Input("enableExecuteCommand"))
}

func TestALargerDisk(t *testing.T) {
	r := mustBuild(t, func(s *stack) { s.edit("api", func(c *ServiceConfig) { c.EphemeralStorageGiB = 50 }) })
	assert.Equal(t, map[string]any{"sizeInGib": 50.0}, get(t, r, typeTaskDefinition, "api").Input("ephemeralStorage"))
	assert.Nil(t, get(t, r, typeTaskDefinition, "web").Input("ephemeralStorage"), "what Fargate gives")
}

func TestWhatIsCalledKeepsItsConnectionsLongerThanTheProxy(t *testing.T) {
	r := mustBuild(t, worker)
	server := get(t, r, typeECSService, "link-checker").Input("serviceConnectConfiguration.services[0].timeout")
	assert.Equal(t, map[string]any{"perRequestTimeoutSeconds": 60.0, "idleTimeoutSeconds": 60.0}, server)
	checker := application(t, worker, "link-checker")
	assert.Contains(t, checker.Environment, variable{"KEEP_ALIVE_TIMEOUT", "65000"})
	assert.Contains(t, checker.Environment, variable{"HEADERS_TIMEOUT", "66000"})
}

func TestAHealthCommandReplacesTheFetch(t *testing.T) {
	web := application(t, func(s *stack) {
		s.edit("web", func(c *ServiceConfig) {
			c.Health.Command = []string{"CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:3000/"}
		})
	}, "web")
	assert.Equal(t, []string{"CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:3000/"}, web.HealthCheck.Command)
}

func TestTheMigrationTask(t *testing.T) {
	r, s, err := build(nil)
	require.NoError(t, err)
	definition := get(t, r, typeTaskDefinition, "migration")
	assertInputs(t, definition, map[string]any{
		"family": "bookmark-manager-production-migration", "cpu": "256", "memory": "512", "skipDestroy": true,
		"volumes": []any{map[string]any{"name": "tmp"}},
	})
	var containers []container
	require.NoError(t, json.Unmarshal([]byte(definition.Input("containerDefinitions").(string)), &containers))
	require.Len(t, containers, 2)
	task := containers[0]
	assert.Equal(t, "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/bookmark-manager-production-api@"+apiDigest,
		task.Image)
	assert.Equal(t, []string{"sh", "-c"}, task.EntryPoint)
	assert.Equal(t, []string{migrateScript}, task.Command)
	assert.Equal(t, []variable{
		{"HOME", "/tmp"},
		{"MIGRATE_COMMAND", "npx prisma migrate deploy"},
		{"SQL_COMMAND", "npx prisma db execute --stdin"},
		{"npm_config_cache", "/tmp/.npm"},
	}, task.Environment)
	assert.Equal(t, []parameter{
		{"DATABASE_URL", arn("ssm", "parameter/DATABASE_URL")},
		{"MASTER_DATABASE_URL", arn("ssm", "parameter/MASTER_DATABASE_URL")},
	}, task.Secrets)
	assert.Equal(t, "1000:1000", task.User)
	assert.True(t, task.ReadonlyRootFilesystem)
	assert.Nil(t, task.HealthCheck)
	assert.Equal(t, []string{"1777", "/tmp"}, containers[1].Command)
	assert.Equal(t, "migration", s.migration.Container)
}

// The role of dumps is the migration's to make, where the stack has dumps.
func TestTheMigrationTaskOfAStackWithDumps(t *testing.T) {
	r := recorder.New()
	require.NoError(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		args := prod().migrationArgs("api")
		args.RepositoryURL, args.RepositoryArn = pulumi.String("registry/api"), pulumi.String("arn:repository")
		args.Secrets["DUMP_DATABASE_URL"] = Secret{
			pulumi.String(arn("ssm", "parameter/MIGRATION_DUMP_DATABASE_URL")), pulumi.Int(3),
		}
		_, err := NewMigration(ctx, MigrationName, args, opts...)
		return err
	}, "aws"))
	var containers []container
	require.NoError(t, json.Unmarshal([]byte(get(t, r, typeTaskDefinition, "migration").
		Input("containerDefinitions").(string)), &containers))
	assert.Contains(t, containers[0].Secrets, parameter{"DUMP_DATABASE_URL",
		arn("ssm", "parameter/MIGRATION_DUMP_DATABASE_URL")})
	assert.Equal(t, "DATABASE_URL=2,DUMP_DATABASE_URL=3,MASTER_DATABASE_URL=1",
		containers[0].DockerLabels[versionsLabel])
	assert.Contains(t, get(t, r, typeRolePolicy, "migration-execution").Input("policy"),
		arn("ssm", "parameter/MIGRATION_DUMP_DATABASE_URL"))
}

const trust = `{"Version": "2012-10-17", "Statement": [{
  "Effect": "Allow", "Principal": {"Service": ["ecs-tasks.amazonaws.com"]}, "Action": ["sts:AssumeRole"],
  "Condition": {
    "StringEquals": {"aws:SourceAccount": ["111122223333"]},
    "ArnLike": {"aws:SourceArn": ["arn:aws:ecs:ap-northeast-1:111122223333:*"]}
  }
}]}`

// startStatements is the execution policy of a workload up to its parameters.
const startStatements = `
  {"Sid": "Login", "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]},
  {"Sid": "Pull", "Effect": "Allow", "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage",
   "ecr:GetDownloadUrlForLayer"],
   "Resource": ["arn:aws:test:ap-northeast-1:111122223333:registry-REPOSITORY"]},
  {"Sid": "Logs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
   "Resource": ["arn:aws:test:ap-northeast-1:111122223333:WORKLOAD:*"]},
  {"Sid": "Parameters", "Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": [PARAMETERS]},
  {"Sid": "Decrypt", "Effect": "Allow", "Action": ["kms:Decrypt"],
   "Resource": ["arn:aws:kms:ap-northeast-1:111122223333:key/data"],
   "Condition": {"StringEquals": {"kms:ViaService": ["ssm.ap-northeast-1.amazonaws.com"],
    "kms:EncryptionContext:PARAMETER_ARN": [PARAMETERS]}}}`

const execStatements = `
  {"Sid": "ExecChannels", "Effect": "Allow", "Resource": ["*"], "Action": [
    "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
     "ssmmessages:OpenDataChannel"]},
  {"Sid": "ExecFindLog", "Effect": "Allow", "Action": ["logs:DescribeLogGroups"],
   "Resource": ["arn:aws:logs:ap-northeast-1:111122223333:log-group:*"]},
  {"Sid": "ExecTranscript", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams",
   "logs:PutLogEvents"],
   "Resource": ["arn:aws:test:ap-northeast-1:111122223333:cluster-exec:*"]}`

func document(statements string) string {
	return `{"Version": "2012-10-17", "Statement": [` + statements + `]}`
}

func start(repository, workload string, parameters ...string) string {
	for i, name := range parameters {
		parameters[i] = `"arn:aws:ssm:ap-northeast-1:111122223333:parameter/` + name + `"`
	}
	return document(strings.NewReplacer(
		"REPOSITORY", repository, "WORKLOAD", workload, "PARAMETERS", strings.Join(parameters, ", "),
	).Replace(startStatements))
}

func TestRolesMayDoThisAndNothingElse(t *testing.T) {
	r := mustBuild(t, nil)
	const find = `{"Sid": "AssetsFind", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ` +
		`["arn:aws:s3:::assets-bucket"]}`
	want := map[string]string{
		"web-execution":       start("web", "web", "DD_API_KEY", "web/SENTRY_DSN"),
		"api-execution":       start("api", "api", "DATABASE_URL", "DD_API_KEY", "api/SENTRY_DSN"),
		"migration-execution": start("api", "migration", "DATABASE_URL", "MASTER_DATABASE_URL"),
		"web-task": document(execStatements + `,
			{"Sid": "Assets", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::assets-bucket/*"]},
			` + find),
		"api-task": document(execStatements + `,
			{"Sid": "Assets", "Effect": "Allow", "Action": [
			 "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
			 "Resource": ["arn:aws:s3:::assets-bucket/*"]}, ` + find),
	}
	assert.Len(t, r.OfType(typeRolePolicy), len(want))
	for name, policy := range want {
		got := get(t, r, typeRolePolicy, name)
		assert.JSONEq(t, policy, got.Input("policy").(string), name)
		assert.Equal(t, name+"-id", got.Input("role"))
	}
	for _, role := range r.OfType(typeRole) {
		assert.JSONEq(t, trust, role.Input("assumeRolePolicy").(string), role.Name)
		assert.Nil(t, role.Input("name"))
	}
}

func TestPermissionsAreStatementsOfTheirOwn(t *testing.T) {
	r := mustBuild(t, func(s *stack) {
		s.edit("web", func(c *ServiceConfig) {
			c.Exec, c.Assets = false, AssetsNone
			c.Permissions = []Permission{
				{
					Actions:   []string{"s3:GetObject", "s3:List*"},
					Resources: []string{"arn:aws:s3:::partner/*", "arn:aws:s3:::partner"},
				},
				{Actions: []string{"cloudwatch:PutMetricData"}, Resources: []string{"*"}},
			}
		})
	})
	assert.JSONEq(t, document(`
		{"Sid": "Permission1", "Effect": "Allow", "Action": ["s3:GetObject", "s3:List*"],
		 "Resource": ["arn:aws:s3:::partner/*", "arn:aws:s3:::partner"]},
		{"Sid": "Permission2", "Effect": "Allow", "Action": ["cloudwatch:PutMetricData"], "Resource": ["*"]}`),
		get(t, r, typeRolePolicy, "web-task").Input("policy").(string))
}

func TestTheAgentsImageIsKeptInTheAccountsRegistry(t *testing.T) {
	edit := func(s *stack) {
		s.Config.Registry.CachePublic = true
		s.edit("web", func(c *ServiceConfig) { c.Secrets, c.Datadog = nil, false })
	}
	r := mustBuild(t, edit)
	assertInputs(t, get(t, r, "aws:ecr/pullThroughCacheRule:PullThroughCacheRule", "registry-public"), map[string]any{
		"ecrRepositoryPrefix": "bookmark-manager/production", "upstreamRegistryUrl": "public.ecr.aws",
	})
	cache := get(t, r, typeRepository, "registry-public")
	assertInputs(t, cache, map[string]any{
		"name": "bookmark-manager/production/datadog/agent", "imageTagMutability": "IMMUTABLE", "forceDelete": true,
	})
	assert.False(t, cache.Protect, "ECR fetches the image again")
	const arn = "arn:aws:test:ap-northeast-1:111122223333:registry-public"
	pull := `{"Sid":"PullCached","Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage",
		"ecr:BatchImportUpstreamImage","ecr:GetDownloadUrlForLayer"],"Resource":["` + arn + `"]}`
	whole := start("api", "api", "DATABASE_URL", "DD_API_KEY", "api/SENTRY_DSN")
	assert.JSONEq(t, strings.Replace(whole, `{"Sid": "Parameters"`, pull+`,{"Sid": "Parameters"`, 1),
		get(t, r, typeRolePolicy, "api-execution").Input("policy").(string))
	assert.NotContains(t, get(t, r, typeRolePolicy, "web-execution").Input("policy"), arn, "it has no agent")
	assert.Contains(t, get(t, r, typeTaskDefinition, "api").Input("containerDefinitions"),
		`"image":"`+cache.Outputs["repositoryUrl"].StringValue()+`:7.73.0"`)
}

func TestSecretsOfSecretsManagerAreReadByECSAlone(t *testing.T) {
	const secret, other = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:stripe-a1B2c3",
		"arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:mail/relay-d4E5f6"
	const key = "arn:aws:kms:ap-northeast-1:111122223333:key/0a1b2c3d"
	edit := func(s *stack) {
		s.edit("web", func(c *ServiceConfig) {
			c.Datadog, c.Secrets, c.Exec, c.Assets = false, nil, false, AssetsNone
			c.SecretsManager = ManagedSecrets{
				"STRIPE_KEY":  {ARN: secret, Field: "live"},
				"STRIPE_HOOK": {ARN: secret, Field: "hook"},
				"MAIL_RELAY":  {ARN: other, KeyARN: key},
			}
		})
	}
	r := mustBuild(t, edit)
	assert.JSONEq(t, document(`
		{"Sid": "Login", "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]},
		{"Sid": "Pull", "Effect": "Allow", "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage",
		 "ecr:GetDownloadUrlForLayer"],
		 "Resource": ["arn:aws:test:ap-northeast-1:111122223333:registry-web"]},
		{"Sid": "Logs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
		 "Resource": ["arn:aws:test:ap-northeast-1:111122223333:web:*"]},
		{"Sid": "Secrets", "Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": ["`+other+`", "`+
		secret+`"]},
		{"Sid": "DecryptSecrets", "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": ["`+key+`"],
		 "Condition": {"StringEquals": {"kms:ViaService": ["secretsmanager.ap-northeast-1.amazonaws.com"],
		  "kms:EncryptionContext:SecretARN": ["`+other+`", "`+secret+`"]}}}`),
		get(t, r, typeRolePolicy, "web-execution").Input("policy").(string))
	_, made := r.Get(typeRolePolicy, "web-task")
	assert.False(t, made, "the application itself reads none")
	assert.Equal(t,
		[]parameter{{"MAIL_RELAY", other}, {"STRIPE_HOOK", secret + ":hook::"}, {"STRIPE_KEY", secret + ":live::"}},
		application(t, edit, "web").Secrets)
}

func TestRolesWithoutExecAndAssetsMayDoNothing(t *testing.T) {
	r := mustBuild(t, func(s *stack) {
		s.edit("web", func(c *ServiceConfig) { c.Exec, c.Assets, c.Secrets, c.Datadog = false, AssetsNone, nil, false })
	})
	_, any := r.Get(typeRolePolicy, "web-task")
	assert.False(t, any)
	policy := get(t, r, typeRolePolicy, "web-execution").Input("policy").(string)
	assert.NotContains(t, policy, "ssm:")
	assert.NotContains(t, policy, "kms:")
}

func TestABucketWithAKeyOfItsOwn(t *testing.T) {
	for access, actions := range map[AssetsAccess][]string{
		AssetsRead: {"kms:Decrypt"}, AssetsReadWrite: {"kms:Decrypt", "kms:GenerateDataKey"},
	} {
		doc := runtime{region: "r", assets: access, assetsArn: arnOf("bucket"), assetsKeyArn: arnOf("key")}.document()
		require.Len(t, doc, 3)
		assert.Equal(t, actions, doc[2].Actions)
		assert.Equal(t, "kms:ViaService", doc[2].Conditions[0].Key)
	}
}

func arnOf(name string) pulumi.StringInput { return pulumi.String("arn:" + name) }
