// Package kms stands in for AWS's Key Management Service on this machine, with the keys of a
// model's cloud, so that the real Pulumi CLI can use a secrets provider awskms://. A key answers in
// the regions that have it, and a region that is lost answers nobody.
package kms

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/loopback"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Start answers Encrypt and Decrypt. The server's URL is the address to give to
// AWS_ENDPOINT_URL_KMS.
func Start(c *cloud.Cloud, account string) (*loopback.Server, error) {
	return loopback.Start("local KMS", &handler{c, account})
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
