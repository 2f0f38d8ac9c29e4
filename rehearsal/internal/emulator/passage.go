package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// Passage is the proxy of the plugins' requests. It hands those to the emulator that are for its
// host or a name below it, which no resolver knows: the SDK puts the account before the host for S3
// Control, as in 123456789012.127.0.0.1. Every other request ends here.
type Passage struct {
	// URL is the address to give to HTTP_PROXY.
	URL  string
	http *http.Server
	done chan error
}

// misdirected is the status of a request that is for another host.
const misdirected = http.StatusMisdirectedRequest

// OpenPassage listens on a free port of the loopback interface. endpoint is the emulator's address.
func OpenPassage(endpoint string) (*Passage, error) {
	emulator, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("read the emulator's address: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the passage to the emulator: %w: allow this program to listen on 127.0.0.1", err)
	}
	p := &Passage{
		URL:  "http://" + listener.Addr().String(),
		http: &http.Server{Handler: passing(emulator), ReadHeaderTimeout: 10 * time.Second},
		done: make(chan error, 1),
	}
	go func() { p.done <- p.http.Serve(listener) }()
	return p, nil
}

// Close stops the proxy, after the requests that are under way.
func (p *Passage) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := p.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("close the passage to the emulator: %w", err)
	}
	if err := <-p.done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("pass requests to the emulator: %w", err)
	}
	return nil
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
