// Package kms stands in for AWS's Key Management Service on this machine, with the keys of a
// model's cloud, so that the real Pulumi CLI can use a secrets provider awskms://. A key answers in
// the regions that have it, and a region that is lost answers nobody.
package kms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Server answers Encrypt and Decrypt.
type Server struct {
	// URL is the address to give to AWS_ENDPOINT_URL_KMS.
	URL  string
	http *http.Server
	done chan error
}

// Start listens on a free port of the loopback interface, which only this machine can reach.
func Start(c *cloud.Cloud, account string) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the local KMS: %w: allow this program to listen on 127.0.0.1", err)
	}
	s := &Server{
		URL:  "http://" + listener.Addr().String(),
		http: &http.Server{Handler: &handler{c, account}, ReadHeaderTimeout: 10 * time.Second},
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
		return fmt.Errorf("stop the local KMS: %w", err)
	}
	if err := <-s.done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the local KMS: %w", err)
	}
	return nil
}

type handler struct {
	cloud   *cloud.Cloud
	account string
}

// signedFor is the region in the scope of a signature: the address is the same for all of them
// here.
var signedFor = regexp.MustCompile(`Credential=[^/]+/[0-9]{8}/([a-z0-9-]+)/kms/`)

// body is what Encrypt and Decrypt are asked and answer, as far as the CLI needs it.
type body struct {
	KeyID          string `json:"KeyId,omitempty"`
	Plaintext      []byte `json:"Plaintext,omitempty"`
	CiphertextBlob []byte `json:"CiphertextBlob,omitempty"`
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scope := signedFor.FindStringSubmatch(r.Header.Get("Authorization"))
	if scope == nil {
		refuse(w, errors.New("MissingAuthenticationToken: Request is missing Authentication Token"))
		return
	}
	keys := aws.Keys{Account: h.account, Region: scope[1]}
	var asked, answer body
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		refuse(w, fmt.Errorf("SerializationException: %w", err))
		return
	}
	var lost bool
	err := h.cloud.View(func(tx *cloud.Tx) (err error) {
		if lost, err = aws.Lost(tx, keys.Region); err != nil || lost {
			return err
		}
		switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
		case "Encrypt":
			answer.CiphertextBlob, answer.KeyID, err = keys.Encrypt(tx, asked.KeyID, asked.Plaintext)
		case "Decrypt":
			answer.Plaintext, answer.KeyID, err = keys.Decrypt(tx, asked.CiphertextBlob)
		default:
			err = fmt.Errorf("UnknownOperationException: the rehearsal's KMS answers Encrypt and Decrypt only, not %q",
				action)
		}
		return err
	})
	switch {
	case lost:
		hangUp(w)
	case err != nil:
		refuse(w, err)
	default:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		// A client that has gone away is the only reason for an error, and it does not read one.
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// refuse answers as KMS does, with the code that the error begins with.
func refuse(w http.ResponseWriter, err error) {
	code, message, _ := strings.Cut(err.Error(), ": ")
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message})
}

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	if connection, _, err := hijacker.Hijack(); err == nil {
		_ = connection.Close()
	}
}
