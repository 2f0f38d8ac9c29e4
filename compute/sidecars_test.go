package compute

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	proxyImage = "public.ecr.aws/nginx/nginx@sha256:" + strings.Repeat("c3", 32)
	ownImage   = "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/tools/relay@sha256:" + strings.Repeat("d4", 32)
)

func withSidecars(s *stack) {
	s.edit("web", func(c *ServiceConfig) {
		c.CPU, c.Memory, c.Datadog, c.Secrets = 512, 1024, false, nil
		c.Sidecars = Sidecars{
			"proxy": {
				Image:     proxyImage,
				CPU:       64,
				Memory:    128,
				User:      "101:101",
				Essential: true,
				Command:   []string{"nginx", "-g", "daemon off;"},
			},
			"relay": {
				Image:       ownImage,
				CPU:         32,
				Memory:      64,
				User:        "1000:1000",
				Environment: map[string]string{"MODE": "plain"},
			},
		}
	})
}

func TestSidecarsAreContainersBesideTheApplication(t *testing.T) {
	r := mustBuild(t, withSidecars)
	var all []json.RawMessage
	require.NoError(t,
		json.Unmarshal([]byte(get(t, r, typeTaskDefinition, "web").Input("containerDefinitions").(string)), &all))
	common := `"portMappings": [], "mountPoints": [], "volumesFrom": [], "systemControls": [],
		"readonlyRootFilesystem": true,
		"linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": true},
		"logConfiguration": {"logDriver": "awslogs", "options": {
		 "awslogs-group": "/ecs/bookmark-manager-production-web", "awslogs-region": "ap-northeast-1",
		 "awslogs-stream-prefix": "ecs", "mode": "non-blocking", "max-buffer-size": "4m"}}`
	named := map[string]string{}
	for _, raw := range all {
		var one container
		require.NoError(t, json.Unmarshal(raw, &one))
		named[one.Name] = string(raw)
	}
	assert.JSONEq(t,
		`{"name": "proxy", "image": "`+proxyImage+`", "cpu": 64, "memory": 128, "essential": true, "user": "101:101",
		"command": ["nginx", "-g", "daemon off;"], "environment": [], `+common+`}`, named["proxy"])
	assert.JSONEq(t,
		`{"name": "relay", "image": "`+ownImage+`", "cpu": 32, "memory": 64, "essential": false, "user": "1000:1000",
		"environment": [{"name": "MODE", "value": "plain"}],
		"restartPolicy": {"enabled": true, "restartAttemptPeriod": 60}, `+common+`}`,
		named["relay"])
	web := application(t, withSidecars, "web")
	assert.Equal(t, 512-64-32-proxyCPU, web.CPU)
	assert.Equal(t, 1024-128-64-proxyMemory, web.Memory)
	assert.Contains(t, web.DependsOn, dependency{"proxy", "START"})
	assert.Contains(t, web.DependsOn, dependency{"relay", "START"})
	assert.JSONEq(t, document(`
		{"Sid": "Login", "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]},
		{"Sid": "Pull", "Effect": "Allow", "Action": [
		 "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
		 "Resource": ["arn:aws:test:ap-northeast-1:111122223333:registry-web",
		  "arn:aws:ecr:ap-northeast-1:111122223333:repository/tools/relay"]},
		{"Sid": "Logs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
		 "Resource": ["arn:aws:test:ap-northeast-1:111122223333:web:*"]}`),
		get(t, r, typeRolePolicy, "web-execution").Input("policy").(string))
}

func TestASidecarHasSecretsDirectoriesAndAHealthCheck(t *testing.T) {
	r := mustBuild(t, func(s *stack) {
		withSidecars(s)
		s.edit("web", func(c *ServiceConfig) {
			one := c.Sidecars["proxy"]
			one.Secrets, one.Writable, one.StopSeconds = []string{"DATABASE_URL"}, []string{"/tmp", "/var/cache"}, 90
			one.Health = &SidecarHealth{
				Command:         []string{"CMD", "true"},
				IntervalSeconds: 10,
				TimeoutSeconds:  2,
				Retries:         3,
				StartSeconds:    5,
			}
			c.Sidecars["proxy"] = one
			c.Exec, c.Writable = false, []string{"/tmp"}
		})
	})
	definition := get(t, r, typeTaskDefinition, "web")
	var all []container
	require.NoError(t, json.Unmarshal([]byte(definition.Input("containerDefinitions").(string)), &all))
	named := map[string]container{}
	for _, one := range all {
		named[one.Name] = one
	}
	proxy := named["proxy"]
	assert.Equal(t, []parameter{{"DATABASE_URL", arn("ssm", "parameter/DATABASE_URL")}}, proxy.Secrets)
	assert.Equal(t, map[string]string{versionsLabel: "DATABASE_URL=2"}, proxy.DockerLabels)
	assert.Equal(t, []mountPoint{
		{"sidecar-proxy-tmp", "/tmp", false}, {"sidecar-proxy-var-cache", "/var/cache", false},
	}, proxy.MountPoints)
	assert.Equal(t, []dependency{{preparerName, "SUCCESS"}}, proxy.DependsOn)
	assert.Equal(t, &healthCheck{[]string{"CMD", "true"}, 10, 2, 3, 5}, proxy.HealthCheck)
	assert.Equal(t, 90, proxy.StopTimeout)
	assert.Contains(t, named["web"].DependsOn, dependency{"proxy", "HEALTHY"})
	assert.Contains(t, named["web"].DependsOn, dependency{"relay", "START"})
	assert.Empty(t, named["web"].Secrets, "the application has its own alone")
	assert.Equal(t, []string{"1777", "/tmp", "/sidecar-proxy-tmp", "/sidecar-proxy-var-cache"},
		named[preparerName].Command)
	assert.Equal(t, []mountPoint{
		{"tmp", "/tmp", false}, {"sidecar-proxy-tmp", "/sidecar-proxy-tmp", false},
		{"sidecar-proxy-var-cache", "/sidecar-proxy-var-cache", false},
	}, named[preparerName].MountPoints)
	assert.Equal(t, []any{
		map[string]any{"name": "sidecar-proxy-tmp"}, map[string]any{"name": "sidecar-proxy-var-cache"},
		map[string]any{"name": "tmp"},
	}, definition.Input("volumes"))
	assert.Contains(t, get(t, r, typeRolePolicy, "web-execution").Input("policy"), "parameter/DATABASE_URL")
}

func TestSidecarsReportEachProblem(t *testing.T) {
	change := func(name string, edit func(*SidecarConfig)) func(*stack) {
		return func(s *stack) {
			s.edit("web", func(c *ServiceConfig) {
				one := c.Sidecars["proxy"]
				edit(&one)
				c.Sidecars = Sidecars{name: one}
			})
		}
	}
	same := func(*SidecarConfig) {}
	for want, edit := range map[string]func(*stack){
		`web.sidecars.web: found "web", want another name: other containers of the task are called [web ` +
			`datadog-agent prepare-volumes] and ecs-service-connect-…`: change("web", same),
		`web.sidecars.ecs-service-connect-x: found "ecs-service-connect-x", want another name: other containers of ` +
			`the task are called [web datadog-agent prepare-volumes] and ecs-service-connect-…`: change(
			"ecs-service-connect-x", same),
		`web.sidecars.proxy.cpu: found 31, want 32 to 8192 (CPU units)`: change("proxy", func(c *SidecarConfig) {
			c.CPU = 31
		}),
		`web.sidecars.proxy.memory: found 31, want 32 to 61440 (MiB)`: change("proxy", func(c *SidecarConfig) {
			c.Memory = 31
		}),
		`web.sidecars.proxy.image: found "nginx:latest", want an image by digest with its registry, such as ` +
			`public.ecr.aws/nginx/nginx@sha256: and 64 hexadecimal digits`: change("proxy", func(c *SidecarConfig) {
			c.Image = "nginx:latest"
		}),
		`web.sidecars.proxy.user: found "0:0", want a user and a group in numbers up to 2147483647, neither ` +
			`root, such as "1000:1000"`: change("proxy", func(c *SidecarConfig) { c.User = "0:0" }),
		`web.sidecars.proxy.environment.TOKENS: found "x", want a name that secrets does not have`: change("proxy",
			func(c *SidecarConfig) {
				c.Environment, c.Secrets = map[string]string{"TOKENS": "x"}, []string{"TOKENS"}
			}),
		`web.sidecars.proxy.writable[1]: found "/a-b", want a directory whose volume, "sidecar-proxy-a-b", no ` +
			`other of the task has`: change("proxy", func(c *SidecarConfig) { c.Writable = []string{"/a/b", "/a-b"} }),
		`web.sidecars.proxy.health.command[0]: found "true", want "CMD" or "CMD-SHELL" and a command`: change("proxy",
			func(c *SidecarConfig) {
				c.Health = &SidecarHealth{
					Command:         []string{"true", "x"},
					IntervalSeconds: 10,
					TimeoutSeconds:  2,
					Retries:         3,
				}
			}),
		`web.sidecars.proxy.stopSeconds: found 121, want 1 to 120 (seconds)`: change("proxy", func(c *SidecarConfig) {
			c.StopSeconds = 121
		}),
		`web.sidecars.proxy.environment.API_KEY: found "a value", want a parameter: list the name ` +
			`under secrets`: change("proxy", func(c *SidecarConfig) {
			c.Environment = map[string]string{"API_KEY": "x"}
		}),
	} {
		t.Run(want, func(t *testing.T) {
			s := prod()
			withSidecars(s)
			edit(s)
			assert.EqualError(t, s.Services.Validate(s.Config).Err(), want)
		})
	}
	s := prod()
	withSidecars(s)
	change("proxy", func(c *SidecarConfig) { c.CPU = 400 })(s)
	assert.ErrorContains(t, s.Services.Validate(s.Config).Err(), "want a size that leaves the application 128 units")
}
