// Package browsertest opens the project's pages in Chromium: the maintenance page and the report.
// It is a module of its own, so that the program's module does not carry a browser's protocol. Run
// it with `make browser`; `go test -artifacts` keeps the screenshots.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// The tests' folders have a name as one may have in somebody's home, too long for a socket's path.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "a person's folder, 100% the #1 of all, "+strings.Repeat("and long ", 8))
	if err == nil {
		err = os.Setenv("TMPDIR", folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "make a folder for the tests:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// chromium finds the browser. Nothing is downloaded: a missing one is an error that says what to
// install.
func chromium(t *testing.T) string {
	t.Helper()
	// Chrome comes first: on GitHub's runners, where it lies beside a Chromium that cannot make its
	// sandbox, it is the one that starts.
	names := []string{
		"google-chrome-stable", "google-chrome", "chromium", "chromium-browser",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	require.Fail(t, "no browser", "none of %v is on the PATH; install Chrome or Chromium and a Japanese font "+
		"(Debian, Ubuntu: apt-get install chromium fonts-noto-cjk; Fedora: dnf install chromium "+
		"google-noto-sans-cjk-fonts)", names)
	return ""
}

// browse starts one browser for the test and returns a maker of tabs.
func browse(t *testing.T) func(t *testing.T) context.Context {
	t.Helper()
	// Chromium makes a socket in its folder for temporary files, and does not start when the path
	// is too long for one: 103 bytes on macOS, 107 on Linux.
	short, err := os.MkdirTemp("/tmp", "browser")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)),
		chromedp.Env("TMPDIR="+short))
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

// listen gathers what the console of a tab complains about, refusals by the content security policy
// included.
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

// prefer shows a tab in a colour scheme, light or dark.
func prefer(t *testing.T, tab context.Context, scheme string) {
	t.Helper()
	_, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	require.NoError(t, err)
}

// keepScreenshot leaves a picture of the whole page for whoever wants to see it.
func keepScreenshot(t *testing.T, tab context.Context) {
	t.Helper()
	picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(t.ArtifactDir(), "page.png"), picture, 0o600))
}

// contrast is a script that defines lowContrast: the texts of the page under 4.5 to 1, the ratio of
// WCAG's level AA, and how many texts there are.
const contrast = `
const lowContrast = () => {
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
  return { low, texts };
};`
