package compute

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const typeListenerRule = "aws:lb/listenerRule:ListenerRule"

// admin is a stack whose web service stands at a name of its own, and the api at the site.
func admin(s *stack) {
	s.edit("web", func(c *ServiceConfig) {
		c.Hosts, c.Paths, c.Priority = []Host{"admin.example.com"}, []PathPattern{"/*", "/a", "/b"}, 50
	})
	s.edit("api", func(c *ServiceConfig) { c.Paths = []PathPattern{"/*"} })
}

func TestAServiceAtANameOfItsOwn(t *testing.T) {
	s := prod()
	s.edit("web", func(c *ServiceConfig) {
		c.Hosts, c.Priority = []Host{"admin.example.com", "staff.example.com"}, 50
	})
	s.edit("api", func(c *ServiceConfig) { c.Paths = []PathPattern{"/*"} })
	require.NoError(t, s.Services.Validate(s.Config).Err())
	assert.Equal(t, []Host{"admin.example.com", "staff.example.com"}, s.Services.Hosts())
	assert.Equal(t, "api", s.Services.Answering("/"), "at the site itself")

	r := mustBuild(t, func(s *stack) {
		s.edit("web", func(c *ServiceConfig) { c.Hosts, c.Priority = []Host{"admin.example.com"}, 50 })
		s.edit("api", func(c *ServiceConfig) { c.Paths = []PathPattern{"/*"} })
	})
	conditions := get(t, r, typeListenerRule, "web-rule").Input("conditions").([]any)
	require.Len(t, conditions, 3)
	assert.Equal(t, map[string]any{"hostHeader": map[string]any{"values": []any{"admin.example.com"}}}, conditions[2])
	assert.Len(t, get(t, r, typeListenerRule, "api-rule").Input("conditions").([]any), 2, "under all names")
}

// A listener rule has five values: with a host there are two paths, with two one.
func TestHostsTakeThePlacesOfPaths(t *testing.T) {
	paths := []PathPattern{"/a", "/b", "/c"}
	for hosts, rules := range map[int]int{0: 1, 1: 2, 2: 3} {
		c := ServiceConfig{Paths: paths, Hosts: []Host{"a.example.com", "b.example.com"}[:hosts]}
		assert.Len(t, c.pathsOfRules(), rules, "%d hosts", hosts)
	}
}

func TestHostsReportEachProblem(t *testing.T) {
	for want, change := range map[string]func(*stack){
		`web.hosts[0]: found "Admin", want a host name in lower case of 128 characters at most`: func(s *stack) {
			admin(s)
			s.edit("web", func(c *ServiceConfig) { c.Hosts = []Host{"Admin"} })
		},
		`web.hosts[1]: found "admin.example.com", want each value once`: func(s *stack) {
			admin(s)
			s.edit("web", func(c *ServiceConfig) { c.Hosts = []Host{"admin.example.com", "admin.example.com"} })
		},
		`want nothing, or another of the services [api web] with paths and without hosts: none would answer at the ` +
			`site itself`: func(
			s *stack,
		) {
			s.edit("web", func(c *ServiceConfig) { c.Hosts = []Host{"admin.example.com"} })
			s.edit("api", func(c *ServiceConfig) { c.Hosts = []Host{"api.example.com"} })
		},
		`web.hosts[0]: found "admin.example.com", want a name of its own: it leads to service "api"`: func(s *stack) {
			for _, name := range []string{"web", "api"} {
				s.edit(name, func(c *ServiceConfig) { c.Hosts = []Host{"admin.example.com"} })
			}
		},
		`web.paths[0]: found "/*", want a path that "/*" of service "api" does not catch first`: func(s *stack) {
			admin(s)
			s.edit("web", func(c *ServiceConfig) { c.Priority = 200 })
		},
	} {
		s := prod()
		change(s)
		assert.ErrorContains(t, s.Services.Validate(s.Config).Err(), want)
	}
}
