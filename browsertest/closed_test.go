package browsertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// viewer is the function that answers while the site is closed by hand.
const viewer = "../edge/viewer.js"

// answer is what a CloudFront function returns in the place of an origin.
type answer struct {
	StatusCode int                               `json:"statusCode"`
	Headers    map[string]struct{ Value string } `json:"headers"`
	Body       struct{ Data string }             `json:"body"`
}

// closed serves what the viewer function makes of each request while the site is closed.
func closed(t *testing.T, policy string) *httptest.Server {
	t.Helper()
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	code, err := os.ReadFile(viewer)
	require.NoError(t, err)
	settings, err := json.Marshal(map[string]any{
		"site": "www.example.com", "hsts": "max-age=300", "passHeader": "x-maintenance-pass", "drop": []string{},
		"closed": map[string]any{
			"health": "/api/health", "api": []string{"/api/*"}, "retryAfter": 300,
			"page": string(html), "json": `{"error":"maintenance"}`,
		},
	})
	require.NoError(t, err)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		vm := goja.New()
		_ = vm.Set("require", func(string) any { return nil })
		_, err := vm.RunString("const settings = " + string(settings) + ";\n" + string(code))
		if err == nil {
			err = vm.Set("event", map[string]any{"request": map[string]any{
				"method": r.Method, "uri": r.URL.Path, "querystring": map[string]any{},
				"headers": map[string]any{"host": map[string]any{"value": "www.example.com"}},
			}})
		}
		var got answer
		if err == nil {
			var out goja.Value
			if out, err = vm.RunString("JSON.stringify(handler(event))"); err == nil {
				err = json.Unmarshal([]byte(out.String()), &got)
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusTeapot)
			return
		}
		for name, header := range got.Headers {
			w.Header().Set(name, header.Value)
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.WriteHeader(got.StatusCode)
		_, _ = w.Write([]byte(got.Body.Data)) // a browser that goes away is no failure of the page
	}))
	t.Cleanup(s.Close)
	return s
}

func TestASiteThatIsClosedByHand(t *testing.T) {
	tab := browse(t)
	for stack, policy := range contentPolicies(t) {
		t.Run(stack, func(t *testing.T) {
			s, ctx := closed(t, policy), tab(t)
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(s.URL+"/bookmarks")))
			got, err := chromedp.Run(ctx, chromedp.Evaluate[look](measure))
			require.NoError(t, err)
			assert.True(t, got.Styled, "the content security policy took the page's style")
			shown, err := chromedp.Run(ctx,
				chromedp.Evaluate[int](`performance.getEntriesByType('navigation')[0].responseStatus`))
			require.NoError(t, err)
			assert.Equal(t, http.StatusServiceUnavailable, shown)

			response, err := http.Get(s.URL + "/api/bookmarks")
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			var told map[string]string
			require.NoError(t, json.NewDecoder(response.Body).Decode(&told))
			assert.Equal(t, map[string]string{"error": "maintenance"}, told)
			assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
			assert.Equal(t, "300", response.Header.Get("Retry-After"))
			assert.Equal(t, "no-store", response.Header.Get("Cache-Control"))
		})
	}
}
