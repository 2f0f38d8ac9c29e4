package browsertest

import (
	"fmt"
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

// distribution is what a stack file says about the page: the statuses that it is sent with, and
// its content security policy.
type distribution struct {
	Headers struct {
		ContentSecurityPolicy string `yaml:"contentSecurityPolicy"`
	} `yaml:"headers"`
	Maintenance struct {
		StatusCodes []int `yaml:"statusCodes"`
	} `yaml:"maintenance"`
}

// distributions are the stacks' own, by stack file.
func distributions(t *testing.T) map[string]distribution {
	t.Helper()
	files, err := filepath.Glob("../Pulumi.*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]distribution{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var stack struct {
			Config struct {
				Edge struct {
					Distribution distribution `yaml:"distribution"`
				} `yaml:"bookmark-manager:edge"`
			} `yaml:"config"`
		}
		require.NoError(t, yaml.Unmarshal(raw, &stack))
		found := stack.Config.Edge.Distribution
		policy := found.Headers.ContentSecurityPolicy
		require.NotEmpty(t, policy, "edge.distribution.headers.contentSecurityPolicy of %s", file)
		require.NotEmpty(t, found.Maintenance.StatusCodes, "edge.distribution.maintenance.statusCodes of %s", file)
		all[filepath.Base(file)] = found
	}
	return all
}

// contentPolicies are the content security policies that the stacks send with the page, by stack
// file.
func contentPolicies(t *testing.T) map[string]string {
	policies := map[string]string{}
	for file, found := range distributions(t) {
		policies[file] = found.Headers.ContentSecurityPolicy
	}
	return policies
}

// site serves the page with a policy and remembers what was asked for.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T, policy string) *site { return serveAs(t, policy, http.StatusOK) }

// serveAs serves the page with the status of the error that it takes the place of.
func serveAs(t *testing.T, policy string, status int) *site {
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
		w.WriteHeader(status)
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
		for screen, size := range map[string][2]int64{
			"desktop":     {1440, 900},
			"phone":       {390, 844},
			"small phone": {320, 568},
		} {
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

// A browser shows a page of its own for an error whose body it finds too short.
func TestTheBrowserShowsThePageWithTheErrorsStatus(t *testing.T) {
	tab := browse(t)
	for stack, found := range distributions(t) {
		for _, status := range found.Maintenance.StatusCodes {
			t.Run(fmt.Sprint(stack, " ", status), func(t *testing.T) {
				s, ctx := serveAs(t, found.Headers.ContentSecurityPolicy, status), tab(t)
				require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(s.URL+"/bookmarks")))
				got, err := chromedp.Run(ctx, chromedp.Evaluate[look](measure))
				require.NoError(t, err)
				assert.True(t, got.Styled)
				shown, err := chromedp.Run(ctx, chromedp.Evaluate[int](
					`performance.getEntriesByType('navigation')[0].responseStatus`))
				require.NoError(t, err)
				assert.Equal(t, status, shown)
			})
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
			outline, err := chromedp.Run(ctx,
				chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle`))
			require.NoError(t, err)
			assert.Equal(t, "A", focused)
			assert.Equal(t, "solid", outline)
		})
	}
}
