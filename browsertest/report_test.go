package browsertest

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reportPage is what `make report` writes.
const reportPage = "../.rehearsal/prod.html"

// opened is the report with everything unfolded, as measured in the browser.
type opened struct {
	Overflow    float64  `json:"overflow"` // pixels that stick out to the side
	Details     int      `json:"details"`
	Unreachable []string `json:"unreachable"` // what folds and takes no focus
	// tables without headers, pictures without a text, parts without a heading
	Unnamed     []string `json:"unnamed"`
	Headings    []string `json:"headings"`
	DeadLinks   []string `json:"deadLinks"`
	Picture     float64  `json:"picture"` // its natural width: zero when it is broken
	LowContrast []string `json:"lowContrast"`
	Texts       int      `json:"texts"`
}

const unfold = `(() => {` + contrast + `
  const details = [...document.querySelectorAll('details')];
  details.forEach((one) => { one.open = true; });
  const summaries = details.map((one) => one.querySelector(':scope > summary'));
  const unreachable = summaries.filter((one) => { one.focus(); return document.activeElement !== one; }).map((one) => one.textContent);
  const unnamed = [
    ...[...document.querySelectorAll('table')].filter((one) => !one.querySelector('thead th[scope=col]')).map((one) => 'table: ' + one.textContent.slice(0, 60)),
    ...[...document.querySelectorAll('img')].filter((one) => one.alt === '').map(() => 'img'),
    ...[...document.querySelectorAll('section')].filter((one) => !one.querySelector('h2')).map(() => 'section'),
  ];
  const { low, texts } = lowContrast();
  return {
    overflow: document.documentElement.scrollWidth - innerWidth,
    details: details.length, unreachable, unnamed,
    headings: [...document.querySelectorAll('h1, h2')].map((one) => one.textContent),
    deadLinks: [...document.querySelectorAll('a')].map((one) => one.getAttribute('href')).filter((to) => !to.startsWith('#') || !document.querySelector(to)),
    picture: document.querySelector('#picture ~ div img').naturalWidth,
    lowContrast: low.slice(0, 10), texts,
  };
})()`

// reportURL is the address of the report in a folder of the test.
func reportURL(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(reportPage)
	require.NoError(t, err)
	require.FileExists(t, path, "make report STACK=prod writes it")
	link := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.Symlink(path, link))
	return (&url.URL{Scheme: "file", Path: link}).String()
}

func TestReport(t *testing.T) {
	page := reportURL(t)
	tab := browse(t)
	for screen, size := range map[string][2]int64{
		"desktop":     {1440, 900},
		"phone":       {390, 844},
		"small phone": {320, 568},
	} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(screen+" "+scheme, func(t *testing.T) {
				ctx := tab(t)
				complaints := listen(t, ctx)
				var mu sync.Mutex
				var requests []string
				require.NoError(t, chromedp.Listen(ctx, func(event any) {
					if event, ok := event.(*network.EventRequestWillBeSent); ok &&
						!strings.HasPrefix(event.Request.URL, "data:") {
						mu.Lock()
						defer mu.Unlock()
						requests = append(requests, event.Request.URL)
					}
				}))
				_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
				require.NoError(t, err)
				prefer(t, ctx, scheme)
				require.NoError(t,
					chromedp.Do(ctx, chromedp.EmulateViewport(size[0], size[1]), chromedp.Navigate(page)))
				folded, err := chromedp.Run(ctx,
					chromedp.Evaluate[float64](`document.documentElement.scrollWidth - innerWidth`))
				require.NoError(t, err)
				keepScreenshot(t, ctx)
				got, err := chromedp.Run(ctx, chromedp.Evaluate[opened](unfold))
				require.NoError(t, err)

				mu.Lock()
				defer mu.Unlock()
				assert.Equal(t, []string{page}, requests, "the page asks for something else")
				assert.Empty(t, complaints())
				assert.LessOrEqual(t, folded, 0.0, "the page scrolls to the side")
				assert.LessOrEqual(t, got.Overflow, 0.0, "the unfolded page scrolls to the side")
				assert.Greater(t, got.Details, 300)
				assert.Empty(t, got.Unreachable)
				assert.Empty(t, got.Unnamed)
				assert.Len(t, got.Headings, 8)
				assert.Empty(t, got.DeadLinks)
				assert.Greater(t, got.Picture, 900.0)
				assert.Greater(t, got.Texts, 3000)
				assert.Empty(t, got.LowContrast)
			})
		}
	}
}

// A reader without a mouse reaches a resource's settings: the component unfolds on Enter, and the
// next stop is its first resource.
func TestReportIsUnfoldedByKeyboard(t *testing.T) {
	page := reportURL(t)
	ctx := browse(t)(t)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(page)))
	_, err := chromedp.Run(ctx,
		chromedp.Evaluate[bool](`(document.querySelector('.component > summary').focus(), true)`))
	require.NoError(t, err)
	require.NoError(t, chromedp.Do(ctx, chromedp.KeyEvent("\r"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r")))
	shown, err := chromedp.Run(ctx,
		chromedp.Evaluate[string](`document.querySelector('.component details[open]').dataset.urn`))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(shown, "urn:pulumi:prod::bookmark-manager::"), shown)
	outline, err := chromedp.Run(ctx,
		chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle`))
	require.NoError(t, err)
	assert.Equal(t, "solid", outline)
}
