// Package loopback serves HTTP to programs on this machine alone: what stands in for a service of
// AWS, and what a plugin's requests pass through.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Server serves on a port of the loopback interface, which only this machine can reach.
type Server struct {
	// URL is the address to give to whoever asks, such as http://127.0.0.1:40000.
	URL  string
	what string
	http *http.Server
	done chan error
}

// Start listens on a free port. what names the server in errors, such as "local STS".
func Start(what string, handler http.Handler) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the %s: %w: allow this program to listen on 127.0.0.1", what, err)
	}
	s := &Server{
		URL:  "http://" + listener.Addr().String(),
		what: what,
		http: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second},
		done: make(chan error, 1),
	}
	go func() { s.done <- s.http.Serve(listener) }()
	return s, nil
}

// Close stops the server, after the requests that it is answering.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("stop the %s: %w", s.what, err)
	}
	if err := <-s.done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the %s: %w", s.what, err)
	}
	return nil
}
