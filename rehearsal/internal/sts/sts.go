// Package sts stands in for AWS's Security Token Service on this machine, so that the real AWS
// provider can plan without an account: the provider asks "who am I" before anything else, and
// compares the answer with allowedAccountIds.
package sts

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/loopback"
)

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// namespace and requestID are what AWS's answers carry; the AWS SDKs show the request id in errors.
const (
	namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
	requestID = "00000000-0000-0000-0000-000000000000"
)

// Start answers GetCallerIdentity with one account, an AWS account id of 12 digits. Every other
// action is refused. The server's URL is the address to give to AWS_ENDPOINT_URL_STS.
func Start(account string) (*loopback.Server, error) {
	if !accountID.MatchString(account) {
		return nil, fmt.Errorf("start the local STS: the account id is %q, want 12 digits", account)
	}
	return loopback.Start("local STS", handler(account))
}

type identityResponse struct {
	XMLName   xml.Name `xml:"GetCallerIdentityResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type errorResponse struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func handler(account string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action := r.FormValue("Action")
		if action != "GetCallerIdentity" {
			write(w, http.StatusBadRequest, errorResponse{
				Namespace: namespace,
				Type:      "Sender",
				Code:      "InvalidAction",
				RequestID: requestID,
				Message:   fmt.Sprintf("The rehearsal's STS answers GetCallerIdentity only, not %q.", action),
			})
			return
		}
		write(w, http.StatusOK, identityResponse{
			Namespace: namespace,
			Account:   account,
			UserID:    "AIDAREHEARSALREHEARSA",
			RequestID: requestID,
			Arn:       "arn:aws:iam::" + account + ":user/rehearsal",
		})
	})
}

func write(w http.ResponseWriter, code int, body any) {
	raw, err := xml.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(code)
	// A client that has gone away is the only reason for an error, and it does not read one.
	_, _ = w.Write(raw)
}
