package compute

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatServicesTakeTogetherIsRefused(t *testing.T) {
	for want, change := range map[string]func(*stack){
		`api.sends[0]: found "mailer", want another service, or another name of it: its address would be in ` +
			`MAILER_QUEUE_URL, which calls[0] has`: func(s *stack) {
			other := s.Services["mailer"]
			other.Port, other.Queue, other.Health.Path = 3009, nil, "/health"
			s.Services["mailer-queue"] = other
			s.edit("api", func(c *ServiceConfig) { c.Calls = []string{"mailer-queue"} })
		},
		`mailer.calls[0]: found "queue", want another service, or another name of it: its address would be in ` +
			`QUEUE_URL, which the service itself has`: func(s *stack) {
			other := s.Services["mailer"]
			other.Port, other.Queue, other.Health.Path = 3009, nil, "/health"
			s.Services["queue"] = other
			s.edit("mailer", func(c *ServiceConfig) { c.Calls = []string{"queue"} })
		},
		`web-a.tasks.bb: found "bb", want another name: the schedule "web-a-bb" is the one of web.tasks.a-bb`: func(
			s *stack,
		) {
			one := ScheduledTask{Schedule: "rate(1 day)", Timezone: "Asia/Tokyo", Command: []string{"true"}}
			s.edit("web", func(c *ServiceConfig) { c.Tasks = ScheduledTasks{"a-bb": one} })
			other := s.Services["mailer"]
			other.Queue, other.Tasks = nil, ScheduledTasks{"bb": one}
			s.Services["web-a"] = other
		},
		`: the services take 101 rules of the load balancer, and compute.loadBalancer.ruleQuota is 100: have AWS ` +
			`raise the quota, or give a service fewer paths`: func(s *stack) {
			s.edit("api", func(c *ServiceConfig) {
				c.Paths = nil
				for i := range 3 * 100 {
					c.Paths = append(c.Paths, PathPattern(fmt.Sprintf("/api/%d", i)))
				}
				c.Priority = 1
			})
		},
		`: the services have up to 1020 tasks behind the load balancer while they are deployed, and ` +
			`compute.loadBalancer.targetQuota is 1000: have AWS raise the quota, or lower scaling.max or ` +
			`deployment.maxPercent`: func(s *stack) {
			s.edit("web", func(c *ServiceConfig) { c.Scaling.Max = 500 })
		},
	} {
		t.Run(want, func(t *testing.T) {
			s := prod()
			mailer(s)
			change(s)
			assert.EqualError(t, s.Services.Validate(s.Config).Err(), want)
		})
	}
	s := prod()
	s.Config.LoadBalancer.TargetQuota = 1020
	s.edit("web", func(c *ServiceConfig) { c.Scaling.Max = 500 })
	assert.NoError(t, s.Services.Validate(s.Config).Err())
}
