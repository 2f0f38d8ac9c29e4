package compute

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestFargateSizes(t *testing.T) {
	for cpu, memories := range map[int]struct{ yes, no []int }{
		256:   {[]int{512, 1024, 2048}, []int{0, 256, 1536, 3072}},
		512:   {[]int{1024, 2048, 3072, 4096}, []int{512, 1536, 5120}},
		1024:  {[]int{2048, 5120, 8192}, []int{1024, 2560, 9216}},
		2048:  {[]int{4096, 16384}, []int{3072, 17408}},
		4096:  {[]int{8192, 30720}, []int{7168, 31744}},
		8192:  {[]int{16384, 20480, 61440}, []int{17408, 65536}},
		16384: {[]int{32768, 40960, 122880}, []int{36864, 131072}},
	} {
		size, ok := fargateSizeOf(cpu)
		require.True(t, ok, cpu)
		for _, memory := range memories.yes {
			assert.True(t, size.takes(memory), "%d with %d", cpu, memory)
		}
		for _, memory := range memories.no {
			assert.False(t, size.takes(memory), "%d with %d", cpu, memory)
		}
	}
	_, ok := fargateSizeOf(768)
	assert.False(t, ok)
	assert.Equal(t, []int{256, 512, 1024, 2048, 4096, 8192, 16384}, cpuSizes())
}

func TestCatches(t *testing.T) {
	for _, c := range []struct {
		earlier, later PathPattern
		want           bool
	}{
		{"/*", "/api/*", true},
		{"/*", "/", true},
		{"/api/*", "/*", false},
		{"/api/*", "/api/v1/*", true},
		{"/api/*", "/api", false},
		{"/api*", "/api", true},
		{"/api/?", "/api/*", false},
		{"/api/?", "/api/?", true},
		{"/api/?", "/api/x", true},
		{"/api/*", "/api/?", true},
		{"/a", "/a", true},
		{"/a", "/b", false},
		{"/*.png", "/img/*.png", true},
		{"/*.png", "/img/*", false},
	} {
		assert.Equal(t, c.want, catches(c.earlier, c.later), "%s before %s", c.earlier, c.later)
	}
}

func TestRulesHoldEveryPathOnceInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var paths []PathPattern
		for _, path := range rapid.SliceOfN(rapid.StringMatching(`/[a-z]{1,5}`), 0, 12).Draw(t, "paths") {
			paths = append(paths, PathPattern(path))
		}
		var all []PathPattern
		for _, rule := range (ServiceConfig{Paths: paths}).pathsOfRules() {
			assert.LessOrEqual(t, len(rule)+headerValues, ruleValues)
			all = append(all, rule...)
		}
		assert.True(t, slices.Equal(paths, all))
	})
}

func TestOrder(t *testing.T) {
	calls := func(pairs ...string) Services {
		s := Services{}
		for _, pair := range pairs {
			name, callees, _ := strings.Cut(pair, ":")
			s[name] = ServiceConfig{Calls: strings.Fields(callees)}
		}
		return s
	}
	order, err := calls("a:c b", "b:", "c:b", "d:").Order()
	require.NoError(t, err)
	assert.Equal(t, []string{"b", "c", "a", "d"}, order)
	assert.Equal(t, []string{"a", "c"}, calls("a:c b", "b:", "c:b").Callers("b"))
	_, err = calls("a:b", "b:c", "c:b").Order()
	assert.EqualError(t, err, "call cycle b -> c -> b")
}

func TestOwnVariablesAreKnownFromTheConfiguration(t *testing.T) {
	c := prod().Services["web"]
	assert.Equal(t, []string{
		"API_URL", "DD_DOGSTATSD_URL", "DD_ENV", "DD_LOGS_INJECTION", "DD_SERVICE", "DD_TRACE_AGENT_URL", "DD_VERSION",
		"HEADERS_TIMEOUT",
		"HOSTNAME", "KEEP_ALIVE_TIMEOUT", "PORT", "SENTRY_ENVIRONMENT", "SENTRY_RELEASE",
	}, c.ownVariables())
	assert.Empty(t, ServiceConfig{}.ownVariables())
}

func TestVolumeNames(t *testing.T) {
	assert.Equal(t, "app-next-cache", volumeName("/app/.next/cache"))
	assert.Equal(t, "tmp", volumeName("/tmp"))
}

func TestBudget(t *testing.T) {
	agent := &AgentConfig{CPU: 64, Memory: 256}
	c := ServiceConfig{CPU: 512, Memory: 1024}
	assert.Equal(t, share{512, 1024}, c.budget(nil, false))
	assert.Equal(t, share{448, 960}, c.budget(nil, true))
	c.Datadog = true
	assert.Equal(t, share{384, 704}, c.budget(agent, true))
}

func TestTheLeastNumberOfTasksAndSleep(t *testing.T) {
	for sentence, c := range map[string]struct {
		scaling ScalingConfig
		tasks   int
		sleeps  bool
	}{
		"without quiet bounds": {ScalingConfig{Min: 2, Max: 10}, 2, false},
		"fewer in the night":   {ScalingConfig{Min: 3, Max: 10, Quiet: &Bounds{2, 4}}, 2, false},
		"more in the night":    {ScalingConfig{Min: 1, Max: 10, Quiet: &Bounds{2, 4}}, 1, false},
		"none in the night":    {ScalingConfig{Min: 2, Max: 4, Quiet: &Bounds{0, 0}}, 2, true},
	} {
		tasks, sleeps := c.scaling.LeastAwake()
		assert.Equal(t, c.tasks, tasks, sentence)
		assert.Equal(t, c.sleeps, sleeps, sentence)
	}
}
