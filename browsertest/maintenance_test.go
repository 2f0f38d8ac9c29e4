package browsertest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const page = "../edge/maintenance.html"

// contentPolicies are the content security policies that the stacks send with the page, by stack file.
func contentPolicies(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../Pulumi.*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	policies := map[string]string{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var stack struct {
			Config struct {
				Edge struct {
					Distribution struct {
						Headers struct {
							ContentSecurityPolicy string `yaml:"contentSecurityPolicy"`
						} `yaml:"headers"`
					} `yaml:"distribution"`
				} `yaml:"bookmark-manager:edge"`
			} `yaml:"config"`
		}
		require.NoError(t, yaml.Unmarshal(raw, &stack))
		policy := stack.Config.Edge.Distribution.Headers.ContentSecurityPolicy
		require.NotEmpty(t, policy, "edge.distribution.headers.contentSecurityPolicy of %s", file)
		policies[filepath.Base(file)] = policy
	}
	return policies
}

// site serves the page with a policy and remembers what was asked for.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T, policy string) *site {
	t.Helper()
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = w.Write(html) // a browser that goes away is no failure of the page
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// look is what the page looks like, as measured in the browser.
type look struct {
	Scheme        string   `json:"scheme"`
	Overflow      float64  `json:"overflow"`      // pixels that stick out to the side
	HeadingBottom float64  `json:"headingBottom"` // where the first heading ends
	Styled        bool     `json:"styled"`
	LowContrast   []string `json:"lowContrast"` // texts under 4.5 to 1, the ratio of WCAG's level AA
	Texts         int      `json:"texts"`
	LinkHeight    float64  `json:"linkHeight"`
	LinkTo        string   `json:"linkTo"`
	Languages     []string `json:"languages"`
}

const measure = `(() => {` + contrast + `
  const { low, texts } = lowContrast();
  const link = document.querySelector('a');
  return {
    scheme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
    overflow: document.documentElement.scrollWidth - innerWidth,
    headingBottom: document.querySelector('h1').getBoundingClientRect().bottom,
    styled: getComputedStyle(document.querySelector('main')).borderTopLeftRadius !== '0px',
    lowContrast: low, texts: texts,
    linkHeight: link.getBoundingClientRect().height, linkTo: link.href,
    languages: [...document.querySelectorAll('[lang]')].map((e) => e.lang),
  };
})()`

func TestMaintenancePage(t *testing.T) {
	tab := browse(t)
	for stack, policy := range contentPolicies(t) {
		for screen, size := range map[string][2]int64{"desktop": {1440, 900}, "phone": {390, 844}, "small phone": {320, 568}} {
			for _, scheme := range []string{"light", "dark"} {
				t.Run(stack+" "+screen+" "+scheme, func(t *testing.T) {
					s, ctx := serve(t, policy), tab(t)
					complaints := listen(t, ctx)
					prefer(t, ctx, scheme)
					require.NoError(t, chromedp.Do(ctx,
						chromedp.EmulateViewport(size[0], size[1]), chromedp.Navigate(s.URL+"/bookmarks?tag=go")))
					got, err := chromedp.Run(ctx, chromedp.Evaluate[look](measure))
					require.NoError(t, err)
					keepScreenshot(t, ctx)

					assert.Empty(t, complaints())
					assert.Subset(t, []string{"/bookmarks", "/favicon.ico"}, s.requests(), "the page asks for nothing")
					assert.Equal(t, scheme, got.Scheme)
					assert.True(t, got.Styled, "the content security policy took the page's style")
					assert.LessOrEqual(t, got.Overflow, 0.0, "the page scrolls to the side")
					assert.Less(t, got.HeadingBottom, float64(size[1]), "the heading is below the fold")
					assert.GreaterOrEqual(t, got.Texts, 6)
					assert.Empty(t, got.LowContrast)
					assert.GreaterOrEqual(t, got.LinkHeight, 44.0, "too small for a thumb")
					assert.Equal(t, s.URL+"/bookmarks?tag=go", got.LinkTo, "the link tries the same address again")
					assert.Equal(t, []string{"ja", "en", "en"}, got.Languages)
				})
			}
		}
	}
}

func TestLinkIsReachedByKeyboard(t *testing.T) {
	tab := browse(t)
	for stack, policy := range contentPolicies(t) {
		t.Run(stack, func(t *testing.T) {
			s, ctx := serve(t, policy), tab(t)
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(s.URL), chromedp.KeyEvent("\t")))
			focused, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.tagName`))
			require.NoError(t, err)
			outline, err := chromedp.Run(ctx, chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle`))
			require.NoError(t, err)
			assert.Equal(t, "A", focused)
			assert.Equal(t, "solid", outline)
		})
	}
}
