package compute

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestServicesReportWhatIsWrongBetweenThem(t *testing.T) {
	for want, change := range map[string]func(*stack){
		`: found 0, want one service or more`: func(s *stack) { s.Services = Services{} },
		`: call cycle api -> web -> api`: func(s *stack) {
			s.edit("api", func(c *ServiceConfig) { c.Calls = []string{"web"} })
		},
		`web.calls[0]: found "web", want another service, one of [api web]`: func(s *stack) {
			s.edit("web", func(c *ServiceConfig) { c.Calls = []string{"web"} })
		},
		`api.paths[0]: found "/api/*", want a path that "/*" of service "web" does not catch first; give this ` +
			`service a lower priority number`: func(s *stack) {
			s.edit("api", func(c *ServiceConfig) { c.Priority = 300 })
		},
		`web.migration: found {"cpu":256,"memory":512,"sqlCommand":"npx prisma db execute --stdin","migrateCom…, ` +
			`want nothing: service "api" migrates the database`: func(s *stack) {
			s.edit("web", func(c *ServiceConfig) { c.Migration = s.Services["api"].Migration })
		},
		`web.datadog: found true, want false, or the agent's image and size in compute.agent`: func(s *stack) {
			s.Config.Agent = nil
			s.edit("api", func(c *ServiceConfig) { c.Datadog = false })
		},
		`web.scaling.quiet: found {"min":2,"max":4}, want nothing, or the hours in compute.schedule`: func(s *stack) {
			s.Config.Schedule = nil
			s.edit("api", func(c *ServiceConfig) { c.Scaling.Quiet = nil })
		},
	} {
		t.Run(want, func(t *testing.T) {
			s := prod()
			change(s)
			err := s.Services.Validate(s.Config).Err()
			require.Error(t, err)
			assert.Contains(t, err.Error(), want)
		})
	}
}

func TestNamesMustFitIntoWhatIsDerivedFromThem(t *testing.T) {
	for name, c := range map[string]struct {
		service string
		config  ServiceConfig
		want    string
	}{
		"a target group's name has 32 characters": {
			"bookmark-importer-worker", ServiceConfig{Paths: []PathPattern{"/x"}},
			`load balancer or target group name "bookmark-importer-worker-tg-1234567" has 35 characters, want 1 to 32`,
		},
		"the canary's is longer": {
			"bookmark-importer", ServiceConfig{Paths: []PathPattern{"/x"}, Canary: &CanaryConfig{}},
			`load balancer or target group name "bookmark-importer-canary-tg-1234567" has 35 characters, want 1 to 32`,
		},
		"the migration's name is taken": {"migration", ServiceConfig{},
			`another name: "migration", "dump", "exec" and names that end in "-canary" are taken`},
		"the name of the log of Exec is taken": {"exec", ServiceConfig{},
			`another name: "migration", "dump", "exec" and names that end in "-canary" are taken`},
		"a canary's name is taken": {"web-canary", ServiceConfig{},
			`another name: "migration", "dump", "exec" and names that end in "-canary" are taken`},
		"capitals are no DNS name": {
			"Web", ServiceConfig{},
			`service name "Web" has characters that are not allowed, want a lower-case letter, then lower-case ` +
				`letters, digits and hyphens, with no hyphen at the end`,
		},
	} {
		t.Run(name, func(t *testing.T) { assert.EqualError(t, checkName(c.service, c.config), c.want) })
	}
	assert.NoError(t, checkName("bookmark-importer", ServiceConfig{Paths: []PathPattern{"/x"}}))
	assert.NoError(t, checkName("bookmark-importer-worker", ServiceConfig{}))
}

func TestAWorkerHasNothingOfALoadBalancer(t *testing.T) {
	for want, change := range map[string]func(*ServiceConfig){
		`priority: found 5, want nothing for a service without paths`: func(c *ServiceConfig) {
			c.Priority = 5
		},
		`stickySeconds: found 5, want nothing for a service without paths`: func(c *ServiceConfig) {
			c.StickySeconds = 5
		},
		`deployment.errorsPerMinute: found 5, want nothing for a service without paths`: func(c *ServiceConfig) {
			c.Deployment.ErrorsPerMinute = 5
		},
		`deployment.graceSeconds: found 5, want nothing for a service without paths`: func(c *ServiceConfig) {
			c.Deployment.GraceSeconds = 5
		},
		`scaling.requestsPerTarget: found 5, want nothing for a service without paths`: func(c *ServiceConfig) {
			c.Scaling.RequestsPerTarget = 5
		},
		`health.command: found nothing, want "CMD" or "CMD-SHELL" and a command; with a port it may be left out; it ` +
			`is required without a port`: func(c *ServiceConfig) { c.Port = 0 },
		`port: found 0, want a port for the load balancer to reach`: func(c *ServiceConfig) {
			c.Port, c.Paths, c.Health.Command = 0, []PathPattern{"/x"}, []string{"CMD", "true"}
		},
		`canary: found {"image":"` + canaryDigest[:70] + `…, want nothing: a canary ` +
			`needs a service with an image and paths`: func(c *ServiceConfig) {
			c.Canary = &CanaryConfig{Digest(canaryDigest), "v2", 1, 1, 0}
		},
	} {
		t.Run(want, func(t *testing.T) {
			s := prod()
			worker(s)
			c := s.Services["link-checker"]
			change(&c)
			err := c.Validate().Err()
			require.Error(t, err)
			assert.Contains(t, err.Error(), want)
		})
	}
}
