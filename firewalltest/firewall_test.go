package firewalltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corazawaf/libinjection-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/visit"
)

// production is its web ACL, as the program builds it.
func production(t *testing.T) *visit.Site {
	t.Helper()
	preview, err := plan.ReadFile("../testdata/prod.way.json", nil)
	require.NoError(t, err)
	site, err := visit.Read(preview.Resources())
	require.NoError(t, err)
	return site
}

func (s sent) request(t *testing.T) *visit.Request {
	t.Helper()
	headers := append([]string{"Accept: */*"}, s.headers...)
	r, err := visit.NewRequest(s.method, "https://www.example.com"+s.url, headers, []byte(s.body))
	require.NoError(t, err)
	return r
}

// judged is one request before the three judges.
type judged struct {
	engine, others, aws []string
	alone, both         *visit.Visit // the web ACL by what AWS documents, and by that and the engine
}

func judge(t *testing.T, site *visit.Site, s sent) judged {
	t.Helper()
	r := s.request(t)
	var j judged
	var err error
	j.engine, j.others = rules(ask(t, r))
	j.alone, err = site.Follow(r)
	require.NoError(t, err)
	j.aws = documented(j.alone)
	r.Matched = j.engine
	j.both, err = site.Follow(r)
	require.NoError(t, err)
	return j
}

func (j judged) String() string {
	verdict := func(v *visit.Visit) string { return v.Firewall.Action + " by " + v.Firewall.By }
	text := fmt.Sprintf("engine %v, AWS documents %v: %s", j.engine, j.aws, verdict(j.alone))
	if with := verdict(j.both); with != verdict(j.alone) {
		text += "; with the engine's findings " + with
	}
	if len(j.others) > 0 {
		text += "; of families that AWS has not: " + strings.Join(j.others, ", ")
	}
	return text
}

func TestWhatMustBeTaken(t *testing.T) {
	site := production(t)
	tripped := 0
	for _, s := range taken() {
		j := judge(t, site, s)
		t.Logf("%-40s %s", s.name, j)
		assert.Equal(t, "allow", j.alone.Firewall.Action, "%s, by what AWS documents", s.name)
		assert.Equal(t, "allow", j.both.Firewall.Action, "%s, with what the engine finds", s.name)
		if len(j.engine) > 0 {
			tripped++
		}
	}
	assert.Greater(t, tripped, 10, "requests that an engine would block are among those that must be taken")
	t.Logf("%d requests taken, of which the engine alone would stop %d", len(taken()), tripped)
}

func TestWhatMustBeRefused(t *testing.T) {
	site := production(t)
	for _, s := range refused() {
		j := judge(t, site, s)
		t.Logf("%-40s %s", s.name, j)
		assert.NotEmpty(t, j.engine, "%s: the engine finds nothing", s.name)
		assert.Equal(t, "block", j.alone.Firewall.Action, "%s, by what AWS documents", s.name)
		assert.Equal(t, "block", j.both.Firewall.Action, "%s, with what the engine finds", s.name)
	}
	t.Logf("%d requests refused", len(refused()))
}

// AWS's rules and the Core Rule Set speak of the same library for scripts and SQL.
func TestLibinjection(t *testing.T) {
	for text, want := range map[string]struct{ script, sql bool }{
		"<script>alert(1)</script>":           {true, false},
		"<!DOCTYPE NETSCAPE-Bookmark-file-1>": {true, false},
		"' OR '1'='1":                         {false, true},
		"1 UNION SELECT password FROM users":  {false, true},
		"O'Reilly":                            {false, false},
		"select a laptop from a list":         {false, false},
		"C++ & <3":                            {false, false},
	} {
		injected, _ := libinjection.IsSQLi(text)
		assert.Equal(t, want, struct{ script, sql bool }{libinjection.IsXSS(text), injected}, text)
	}
}
