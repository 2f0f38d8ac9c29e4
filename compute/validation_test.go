package compute

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProductionIsValid(t *testing.T) {
	s := prod()
	assert.NoError(t, s.Config.Validate().Err())
	assert.NoError(t, s.Services.Validate(s.Config).Err())
}

func TestTheSharedSectionReportsEachProblem(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`cluster.insights: found "on", want one of "disabled", "enabled", "enhanced"`: func(c *Config) {
			c.Cluster.Insights = "on"
		},
		`cluster.execLogRetentionDays: found 31, want one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 ` +
			`1827 2192 2557 2922 3288 3653] (days)`: func(c *Config) { c.Cluster.ExecLogRetentionDays = 31 },
		`registry.keepImages: found 9, want 10 to 1000`: func(c *Config) {
			c.Registry.KeepImages = 9
		},
		`registry.keepReleases: found 0, want 5 to 1000`: func(c *Config) {
			c.Registry.KeepReleases = 0
		},
		`registry.untaggedDays: found 366, want 1 to 365 (days)`: func(c *Config) {
			c.Registry.UntaggedDays = 366
		},
		`loadBalancer.idleTimeoutSeconds: found 29, want 30 to 4000 (seconds)`: func(c *Config) {
			c.LoadBalancer.IdleTimeoutSeconds = 29
		},
		`loadBalancer.tlsPolicy: found nothing, want one of "ELBSecurityPolicy-TLS13-1-2-2021-06", ` +
			`"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06"`: func(c *Config) {
			c.LoadBalancer.TLSPolicy = ""
		},
		`registry.cachePublic: found true, want false, or the agent's image in compute.agent: it is what the ` +
			`cache holds`: func(c *Config) {
			c.Registry.CachePublic, c.Agent = true, nil
		},
		`agent.image: found "gcr.io/datadoghq/agent:7.73.0", want an image of public.ecr.aws with ` +
			`registry.cachePublic: that is where the cache fetches from`: func(c *Config) {
			c.Registry.CachePublic, c.Agent.Image = true, "gcr.io/datadoghq/agent:7.73.0"
		},
		`agent.image: found "public.ecr.aws/datadog/agent:latest", want an image with a version or a digest, such ` +
			`as public.ecr.aws/datadog/agent:7.73.0`: func(c *Config) {
			c.Agent.Image = "public.ecr.aws/datadog/agent:latest"
		},
		`agent.cpu: found 16, want 32 to 1024 (CPU units)`: func(c *Config) {
			c.Agent.CPU = 16
		},
		`agent.memory: found 64, want 128 to 4096 (MiB)`: func(c *Config) {
			c.Agent.Memory = 64
		},
		`schedule.timezone: found "JST", want an IANA time zone, such as "Asia/Tokyo"`: func(c *Config) {
			c.Schedule.Timezone = "JST"
		},
		`schedule.timezone: found "Asia/Tokio", want an IANA time zone, such as "Asia/Tokyo"`: func(c *Config) {
			c.Schedule.Timezone = "Asia/Tokio"
		},
		`schedule.raise: found nothing, want a time of day in quotes, such as "07:00"`: func(c *Config) {
			c.Schedule.Raise = ""
		},
		`schedule.lower: found "24:00", want a time of day in quotes, such as "22:00"`: func(c *Config) {
			c.Schedule.Lower = "24:00"
		},
		`schedule.lower: found "06:00", want a time after raise (07:00)`: func(c *Config) {
			c.Schedule.Lower = "06:00"
		},
		`schedule.holidays[0]: found "2026-02-30", want a date in quotes, such as "2026-01-01", in 1970 to 2199`: func(
			c *Config,
		) {
			c.Schedule.Holidays = []string{"2026-02-30"}
		},
		`schedule.holidays[1]: found "2026-01-01", want each value once; holidays[0] is the same`: func(c *Config) {
			c.Schedule.Holidays = []string{"2026-01-01", "2026-01-01"}
		},
	} {
		t.Run(want, func(t *testing.T) {
			c := prod().Config
			change(&c)
			assert.EqualError(t, c.Validate().Err(), want)
		})
	}
}

func TestAServiceReportsEachProblem(t *testing.T) {
	for want, change := range map[string]func(*ServiceConfig){
		`web.image: found "latest", want a digest, "sha256:" and 64 hexadecimal digits (a tag may point ` +
			`elsewhere later)`: func(c *ServiceConfig) { c.Image = "latest" },
		`web.version: found nothing, want what the image was built from, such as its commit: 1 to 64 letters, ` +
			`digits, dots, hyphens and underscores; it is required with an image`: func(c *ServiceConfig) {
			c.Version = ""
		},
		`web.version: found "4f0c1d2", want nothing without an image`: func(c *ServiceConfig) {
			c.Image = ""
		},
		`web.architecture: found "amd64", want one of "X86_64", "ARM64"`: func(c *ServiceConfig) {
			c.Architecture = "amd64"
		},
		`web.cpu: found 500, want one of [256 512 1024 2048 4096 8192 16384]`: func(c *ServiceConfig) {
			c.CPU = 500
		},
		`web.memory: found 1500, want 1024 to 4096 MiB in steps of 1024 with cpu 512`: func(c *ServiceConfig) {
			c.Memory = 1500
		},
		`web.port: found 80, want 1024 to 65535 (a lower one would need root), or 0`: func(c *ServiceConfig) {
			c.Port = 80
		},
		`web.paths[0]: found "api/*", want a path of 128 characters at most with 2 wildcards at most, such ` +
			`as /api/*`: func(
			c *ServiceConfig,
		) {
			c.Paths = []PathPattern{"api/*"}
		},
		`web.paths[0]: found "/*/*/*", want a path of 128 characters at most with 2 wildcards at most, such ` +
			`as /api/*`: func(
			c *ServiceConfig,
		) {
			c.Paths = []PathPattern{"/*/*/*"}
		},
		`web.priority: found 0, want 1 to 50000; it is required with paths`: func(c *ServiceConfig) {
			c.Priority, c.Paths = 0, []PathPattern{"/w"}
		},
		`web.stickySeconds: found 604801, want 1 to 604800 (seconds)`: func(c *ServiceConfig) {
			c.StickySeconds = 604801
		},
		`web.balancing: found "random", want one of "round_robin", "least_outstanding_requests"`: func(
			c *ServiceConfig,
		) {
			c.Balancing = "random"
		},
		`web.slowStartSeconds: found 29, want 30 to 900 (seconds)`: func(c *ServiceConfig) {
			c.SlowStartSeconds = 29
		},
		`web.slowStartSeconds: found 30, want nothing with balancing least_outstanding_requests: the load balancer ` +
			`takes one or the other`: func(c *ServiceConfig) {
			c.SlowStartSeconds, c.Balancing = 30, leastOutstanding
		},
		`web.stopSeconds: found 121, want 1 to 120 (seconds)`: func(c *ServiceConfig) {
			c.StopSeconds = 121
		},
		`web.deregistrationSeconds: found 61, want no more than stopSeconds (60)`: func(c *ServiceConfig) {
			c.DeregistrationSeconds = 61
		},
		`web.health.path: found nothing, want a path, such as /api/health; it is required with a port`: func(
			c *ServiceConfig,
		) {
			c.Health.Path = ""
		},
		`web.health.matcher: found "500", want status codes from 200 to 499, such as "200" or "200-299"`: func(
			c *ServiceConfig,
		) {
			c.Health.Matcher = "500"
		},
		`web.health.intervalSeconds: found 301, want 5 to 300 (seconds)`: func(c *ServiceConfig) {
			c.Health.IntervalSeconds = 301
		},
		`web.health.timeoutSeconds: found 61, want 2 to 60 (seconds)`: func(c *ServiceConfig) {
			c.Health.TimeoutSeconds, c.Health.IntervalSeconds = 61, 90
		},
		`web.health.timeoutSeconds: found 30, want less than intervalSeconds (30)`: func(c *ServiceConfig) {
			c.Health.TimeoutSeconds = 30
		},
		`web.health.healthyThreshold: found 1, want 2 to 10`: func(c *ServiceConfig) {
			c.Health.HealthyThreshold = 1
		},
		`web.health.unhealthyThreshold: found 11, want 2 to 10`: func(c *ServiceConfig) {
			c.Health.UnhealthyThreshold = 11
		},
		`web.health.startSeconds: found 301, want 0 to 300 (seconds)`: func(c *ServiceConfig) {
			c.Health.StartSeconds = 301
		},
		`web.health.command[0]: found "wget", want "CMD" or "CMD-SHELL" and a command; with a port it may be ` +
			`left out`: func(
			c *ServiceConfig,
		) {
			c.Health.Command = []string{"wget", "-q"}
		},
		`web.environment.1ST: found "1ST", want a name of letters, digits and underscores`: func(c *ServiceConfig) {
			c.Environment = map[string]string{"1ST": "x"}
		},
		`web.environment.JWT_SECRET: found "a value", want a parameter: list the name under secrets`: func(
			c *ServiceConfig,
		) {
			c.Environment = map[string]string{"JWT_SECRET": "hush"}
		},
		`web.environment.PORT: found "80", want no value: the service sets it itself`: func(c *ServiceConfig) {
			c.Environment = map[string]string{"PORT": "80"}
		},
		`web.secrets[1]: found "SENTRY_DSN", want each value once; secrets[0] is the same`: func(c *ServiceConfig) {
			c.Secrets = []string{"SENTRY_DSN", "SENTRY_DSN"}
		},
		`web.secrets[0]: found "NODE_ENV", want a name that environment does not have`: func(c *ServiceConfig) {
			c.Secrets = []string{"NODE_ENV"}
		},
		`web.secrets[0]: found "DD_ENV", want another name: the service sets it itself`: func(c *ServiceConfig) {
			c.Secrets = []string{"DD_ENV"}
		},
		`web.secrets[0]: found "A-B", want a name of letters, digits and underscores`: func(c *ServiceConfig) {
			c.Secrets = []string{"A-B"}
		},
		`web.user: found "1000:2147483648", want a user and a group in numbers up to 2147483647, neither root, such ` +
			`as "1000:1000"`: func(c *ServiceConfig) {
			c.User = "1000:2147483648"
		},
		`web.user: found "0:0", want a user and a group in numbers up to 2147483647, neither root, such as ` +
			`"1000:1000"`: func(
			c *ServiceConfig,
		) {
			c.User = "0:0"
		},
		`web.writable[0]: found "tmp", want an absolute directory, such as /tmp`: func(c *ServiceConfig) {
			c.Writable = []string{"tmp"}
		},
		`web.writable[0]: found "/var/log/amazon/ssm", want another one: ECS Exec or the Datadog agent has it`: func(
			c *ServiceConfig,
		) {
			c.Writable = []string{"/var/log/amazon/ssm"}
		},
		`web.writable[0]: found "/var/run/datadog", want another one: ECS Exec or the Datadog agent has it`: func(
			c *ServiceConfig,
		) {
			c.Writable = []string{"/var/run/datadog"}
		},
		`web.writable[1]: found "/.tmp", want a directory whose name, with hyphens for slashes and dots, no ` +
			`other has`: func(
			c *ServiceConfig,
		) {
			c.Writable = []string{"/tmp", "/.tmp"}
		},
		`web.assets: found "write", want one of "", "read", "readWrite"`: func(c *ServiceConfig) {
			c.Assets = "write"
		},
		`web.spotPercent: found 101, want 0 to 100 (percent)`: func(c *ServiceConfig) {
			c.SpotPercent = 101
		},
		`web.deployment.minHealthyPercent: found 0, want 50 to 100 (percent)`: func(c *ServiceConfig) {
			c.Deployment.MinHealthyPercent = 0
		},
		`web.deployment.maxPercent: found 100, want 101 to 200 (percent)`: func(c *ServiceConfig) {
			c.Deployment.MaxPercent = 100
		},
		`web.deployment.graceSeconds: found 1801, want 0 to 1800 (seconds)`: func(c *ServiceConfig) {
			c.Deployment.GraceSeconds = 1801
		},
		`web.deployment.graceSeconds: found 59, want health.startSeconds (60) or more: the load balancer does not ` +
			`know of those, and ECS would stop a task that still starts`: func(c *ServiceConfig) {
			c.Deployment.GraceSeconds = 59
		},
		`web.deployment.maxPercent: found 150, want 200 or more with minHealthyPercent 100: at 1 tasks, which ` +
			`scaling allows, ECS may neither start one more nor stop one, and no deployment ends`: func(
			c *ServiceConfig,
		) {
			c.Deployment.MaxPercent, c.Scaling.Quiet = 150, &Bounds{1, 4}
		},
		`web.deployment.maxPercent: found 110, want 150 or more with minHealthyPercent 80: at 2 tasks, which ` +
			`scaling allows, ECS may neither start one more nor stop one, and no deployment ends`: func(
			c *ServiceConfig,
		) {
			c.Deployment.MinHealthyPercent, c.Deployment.MaxPercent = 80, 110
		},
		`web.deployment.maxPercent: found 150, want 200 or more with minHealthyPercent 100: at 1 tasks, which ` +
			`canary.tasks allows, ECS may neither start one more nor stop one, and no deployment ends`: func(
			c *ServiceConfig,
		) {
			c.Deployment.MaxPercent, c.Canary = 150, &CanaryConfig{Digest(canaryDigest), "v2", 1, 1, 0}
		},
		`web.canary.tasks: found 1, want 2 or more: it gets 51 percent of the requests, and scaling.min has 2 tasks ` +
			`for all`: func(c *ServiceConfig) {
			c.Canary = &CanaryConfig{Digest(canaryDigest), "v2", 51, 1, 0}
		},
		`web.scaling.min: found 0, want 1 to 5000`: func(c *ServiceConfig) {
			c.Scaling.Min = 0
		},
		`web.scaling.quiet.min: found 0, want 1 or more with quiet.max 4: at 0 there is no load to measure, and ` +
			`nothing starts a task until the schedule does`: func(c *ServiceConfig) {
			c.Scaling.Quiet = &Bounds{0, 4}
		},
		`web.port: found 8126, want another one than the agent listens on, which shares the task's addresses: ` +
			`[5000 5001 5002 5012 6062 6162 8126]`: func(c *ServiceConfig) {
			c.Port = 8126
		},
		`web.health.matcher: found "299-200", want status codes from 200 to 499, such as "200" or "200-299", the ` +
			`lower end of a range first`: func(c *ServiceConfig) {
			c.Health.Matcher = "299-200"
		},
		`web.egress[1]: found {"to":"203.0.113.10/32","port":25}, want each destination once`: func(
			c *ServiceConfig,
		) {
			c.Egress = []EgressConfig{{"203.0.113.10", 25}, {"203.0.113.10/32", 25}, {"203.0.113.10/32", 26}}
		},
		`web.deployment.errorsPerMinute: found 0, want 1 or more; it is required with paths`: func(c *ServiceConfig) {
			c.Deployment.ErrorsPerMinute = 0
		},
		`web.scaling.min: found 11, want no more than max (10)`: func(c *ServiceConfig) {
			c.Scaling.Min = 11
		},
		`web.scaling.cpuPercent: found 95, want 10 to 90 (percent)`: func(c *ServiceConfig) {
			c.Scaling.CPUPercent = 95
		},
		`web.scaling.memoryPercent: found 0, want 10 to 90 (percent)`: func(c *ServiceConfig) {
			c.Scaling.MemoryPercent = 0
		},
		`web.scaling.requestsPerTarget: found 0, want 1 or more; it is required with paths`: func(c *ServiceConfig) {
			c.Scaling.RequestsPerTarget = 0
		},
		`web.scaling.quiet.min: found 5, want no more than quiet.max (4)`: func(c *ServiceConfig) {
			c.Scaling.Quiet = &Bounds{5, 4}
		},
		`web.scaling.quiet.max: found 11, want no more than max (10)`: func(c *ServiceConfig) {
			c.Scaling.Quiet = &Bounds{2, 11}
		},
		`web.scaling.quiet.max: found 2, want more than quiet.min (2), or both 0: bounds that are equal switch ` +
			`scaling off for most of the week`: func(c *ServiceConfig) {
			c.Scaling.Quiet = &Bounds{2, 2}
		},
		`web.ephemeralStorageGib: found 20, want 21 to 200 (GiB)`: func(c *ServiceConfig) {
			c.EphemeralStorageGiB = 20
		},
		`web.ephemeralStorageGib: found 201, want 21 to 200 (GiB)`: func(c *ServiceConfig) {
			c.EphemeralStorageGiB = 201
		},
		`web.canary.stickySeconds: found 0, want a number of seconds, as the service has stickySeconds (60)`: func(
			c *ServiceConfig,
		) {
			c.StickySeconds, c.Canary = 60, &CanaryConfig{Digest(canaryDigest), "v2", 1, 1, 0}
		},
		`web.priority: found 99, want a number that leaves 100 to no other service; "api" has it`: func(
			c *ServiceConfig,
		) {
			c.Priority, c.Paths, c.Canary = 99, []PathPattern{"/w"}, &CanaryConfig{Digest(canaryDigest), "v2", 1, 1, 0}
		},
		`web.permissions[0].actions[0]: found "s3", want an action of IAM with its service, such as s3:GetObject or ` +
			`sqs:Send*`: func(c *ServiceConfig) {
			c.Permissions = []Permission{{Actions: []string{"s3"}, Resources: []string{"*"}}}
		},
		`web.permissions[0].resources[0]: found "a-bucket", want an ARN, such as arn:aws:s3:::a-bucket/*, or "*"`: func(
			c *ServiceConfig,
		) {
			c.Permissions = []Permission{{Actions: []string{"s3:GetObject"}, Resources: []string{"a-bucket"}}}
		},
		`web.egress[0].to: found "smtp.example.com", want an IPv4 address or a block without host bits, such as ` +
			`203.0.113.10 or 10.8.0.0/16`: func(c *ServiceConfig) {
			c.Egress = []EgressConfig{{To: "smtp.example.com", Port: 587}}
		},
		`web.egress[0].to: found "10.8.0.1/16", want an IPv4 address or a block without host bits, such as ` +
			`203.0.113.10 or 10.8.0.0/16`: func(c *ServiceConfig) {
			c.Egress = []EgressConfig{{To: "10.8.0.1/16", Port: 587}}
		},
		`web.secretsManager.STRIPE.arn: found "stripe", want the whole ARN of a secret, such as ` +
			`arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:stripe-a1B2c3`: func(c *ServiceConfig) {
			c.SecretsManager = ManagedSecrets{"STRIPE": {ARN: "stripe"}}
		},
		`web.secretsManager.PORT: found "PORT", want another name: the service sets it itself`: func(c *ServiceConfig) {
			c.SecretsManager = ManagedSecrets{"PORT": {
				ARN: "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:stripe-a1B2c3",
			}}
		},
		`web.secretsManager.SENTRY_DSN: found "SENTRY_DSN", want a name that neither environment nor secrets has`: func(
			c *ServiceConfig,
		) {
			c.SecretsManager = ManagedSecrets{"SENTRY_DSN": {
				ARN: "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:stripe-a1B2c3",
			}}
		},
		`web.egress[0].port: found 65536, want 1 to 65535`: func(c *ServiceConfig) {
			c.Egress = []EgressConfig{{To: "203.0.113.10", Port: 65536}}
		},
		`web.onDemandBase: found 101, want 1 to 100`: func(c *ServiceConfig) {
			c.SpotPercent, c.OnDemandBase, c.Scaling.Max = 50, 101, 200
		},
		`web.onDemandBase: found 2, want nothing without spotPercent: every task is on demand`: func(c *ServiceConfig) {
			c.OnDemandBase = 2
		},
		`web.onDemandBase: found 11, want no more than scaling.max (10)`: func(c *ServiceConfig) {
			c.SpotPercent, c.OnDemandBase = 50, 11
		},
		`web.canary.image: found nothing, want a digest, "sha256:" and 64 hexadecimal digits (a tag may point ` +
			`elsewhere later)`: func(c *ServiceConfig) { c.Canary = &CanaryConfig{Version: "v2", Tasks: 1} },
		`web.canary.weight: found 101, want 0 to 100 (percent)`: func(c *ServiceConfig) {
			c.Canary = &CanaryConfig{Digest(canaryDigest), "v2", 101, 1, 0}
		},
		`web.canary.tasks: found 0, want 1 to 100`: func(c *ServiceConfig) {
			c.Canary = &CanaryConfig{Digest(canaryDigest), "v2", 1, 0, 0}
		},
		`web.migration.sqlCommand: found nothing, want a command that runs SQL from standard input on ` +
			`DATABASE_URL`: func(
			c *ServiceConfig,
		) {
			c.Migration = &MigrationConfig{CPU: 256, Memory: 512, MigrateCommand: "npx prisma migrate deploy"}
		},
		`web.calls[0]: found "auth", want another service, one of [api web]`: func(c *ServiceConfig) {
			c.Calls = []string{"auth"}
		},
		`web.calls[1]: found "api", want each value once; calls[0] is the same`: func(c *ServiceConfig) {
			c.Calls = []string{"api", "api"}
		},
		`web.cpu: found 256, want a size that leaves the application 128 units; the agent (compute.agent.cpu), ` +
			`the sidecars and the Service Connect proxy leave it 64`: func(c *ServiceConfig) {
			c.CPU = 256
		},
		`web.priority: found 100, want a number that leaves 100 to no other service; "api" has it`: func(
			c *ServiceConfig,
		) {
			c.Priority, c.Paths = 100, []PathPattern{"/w"}
		},
		`web.paths[1]: found "/b/c", want a path that "/b/*" of service "web" does not catch first; give this ` +
			`service a lower priority number`: func(c *ServiceConfig) { c.Paths = []PathPattern{"/b/*", "/b/c"} },
	} {
		t.Run(want, func(t *testing.T) {
			s := prod()
			s.edit("api", func(c *ServiceConfig) { c.Migration = nil })
			s.Config.Agent.CPU = 128
			s.edit("web", change)
			assert.EqualError(t, s.Services.Validate(s.Config).Err(), want)
		})
	}
}
