// Package browsertest opens the maintenance page in Chromium. It is a module of its own, so that the program's module does not carry
// a browser's protocol. Run it with `make browser`; `go test -artifacts` keeps the screenshots.
package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const page = "../maintenance.html"

// chromium finds the browser. Nothing is downloaded: a missing one is an error that says what to install.
func chromium(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	require.Fail(t, "no browser", "none of %v is on the PATH; install Chromium and a Japanese font "+
		"(Debian, Ubuntu: apt-get install chromium fonts-noto-cjk; Fedora: dnf install chromium google-noto-sans-cjk-fonts)", names)
	return ""
}

// contentPolicies are the content security policies that the stacks send with the page, by stack file.
func contentPolicies(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../Pulumi.*.yaml")
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

// browse starts one browser for the test and returns a maker of tabs.
func browse(t *testing.T) func(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to sandbox for root, who runs CI containers
	}
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	browser, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	require.NoError(t, chromedp.Do(browser), "start the browser")
	return func(t *testing.T) context.Context {
		t.Helper()
		tab, closeTab := chromedp.NewContext(browser)
		t.Cleanup(closeTab)
		require.NoError(t, chromedp.Do(tab), "open a tab") // a tab lives as long as the context that opens it
		tab, cancel := context.WithTimeout(tab, 30*time.Second)
		t.Cleanup(cancel)
		return tab
	}
}

// listen gathers what the console of a tab complains about, refusals by the content security policy included.
func listen(t *testing.T, tab context.Context) func() []string {
	t.Helper()
	var mu sync.Mutex
	var complaints []string
	add := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		complaints = append(complaints, fmt.Sprintf(format, args...))
	}
	require.NoError(t, chromedp.Listen(tab, func(event any) {
		switch event := event.(type) {
		case *runtime.EventConsoleAPICalled:
			add("console.%s", event.Type)
		case *runtime.EventExceptionThrown:
			add("exception: %s", event.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			add("%s: %s", event.Entry.Level, event.Entry.Text)
		}
	}))
	for _, domain := range []cdp.Command[cdp.Empty, cdp.Empty]{log.Enable, runtime.Enable} {
		_, err := chromedp.Call(tab, domain, cdp.Empty{})
		require.NoError(t, err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return complaints
	}
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

const measure = `(() => {
  const channel = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const background = (element) => {
    for (; element; element = element.parentElement) {
      const color = parse(getComputedStyle(element).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (text === '') continue;
    texts++;
    const element = walker.currentNode.parentElement;
    const pair = [luminance(parse(getComputedStyle(element).color)), luminance(background(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) low.push(text + ': ' + ratio.toFixed(2));
  }
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
					_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
						Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
					})
					require.NoError(t, err)
					require.NoError(t, chromedp.Do(ctx,
						chromedp.EmulateViewport(size[0], size[1]), chromedp.Navigate(s.URL+"/bookmarks?tag=go")))
					got, err := chromedp.Run(ctx, chromedp.Evaluate[look](measure))
					require.NoError(t, err)
					picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
					require.NoError(t, err)
					require.NoError(t, os.WriteFile(filepath.Join(t.ArtifactDir(), "page.png"), picture, 0o600))

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
