package emulator

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/loopback"
)

// misdirected is the status of a request that is for another host.
const misdirected = http.StatusMisdirectedRequest

// OpenPassage starts the proxy of the plugins' requests. It hands those to the emulator that are
// for its host or a name below it, which no resolver knows: the SDK puts the account before the
// host for S3 Control, as in 123456789012.127.0.0.1. Every other request ends here. endpoint is the
// emulator's address, and the server's URL the one to give to HTTP_PROXY.
func OpenPassage(endpoint string) (*loopback.Server, error) {
	emulator, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("read the emulator's address: %w", err)
	}
	return loopback.Start("passage to the emulator", passing(emulator))
}

func passing(emulator *url.URL) http.Handler {
	forward := &httputil.ReverseProxy{
		Transport: &http.Transport{}, // without a proxy of its own
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = emulator.Scheme, emulator.Host, emulator.Host
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.URL.Hostname()
		if host != emulator.Hostname() && !strings.HasSuffix(host, "."+emulator.Hostname()) {
			http.Error(w, fmt.Sprintf("the request for %s goes past the emulator", r.URL.Host), misdirected)
			return
		}
		forward.ServeHTTP(w, r)
	})
}
