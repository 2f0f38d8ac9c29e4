// Package emulator is about emulators of AWS, such as LocalStack, MiniStack and moto: it asks one
// for its account, and tells what an emulator cannot do from what a program got wrong.
package emulator

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// question is GetCallerIdentity of STS. Emulators look up the service in the scope of the
// signature, and do not check the signature itself, so that no key is needed and this one signs
// nothing.
const (
	question      = "Action=GetCallerIdentity&Version=2011-06-15"
	authorization = "AWS4-HMAC-SHA256 Credential=emulator/20260101/us-east-1/sts/aws4_request, " +
		"SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000"
	date = "20260101T000000Z"
)

// largestAnswer is more than any answer of STS has.
const largestAnswer = 1 << 20

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// CheckURL refuses what cannot be an emulator's address: that is http, a host and perhaps a port.
// An encrypted connection could not be told from one to AWS.
func CheckURL(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return fmt.Errorf("read the emulator's address: found %q, want a URL such as http://127.0.0.1:4566", endpoint)
	}
	return nil
}

// Account asks the emulator's STS for its account, the 12 digits that stand in every ARN. An
// emulator that does not answer, or not with an account, is an error that says what it answered.
func Account(ctx context.Context, endpoint string) (string, error) {
	failed := func(err error) error {
		return fmt.Errorf("ask the emulator at %s for its account: %w: start it, or give its address with --endpoint",
			endpoint, err)
	}
	address := strings.TrimSuffix(endpoint, "/") + "/"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(question))
	if err != nil {
		return "", failed(err)
	}
	for name, value := range map[string]string{
		"Authorization": authorization, "X-Amz-Date": date, "Content-Type": "application/x-www-form-urlencoded",
	} {
		request.Header.Set(name, value)
	}
	// No proxy: the emulator is on this machine or beside it.
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}
	response, err := client.Do(request)
	if err != nil {
		return "", failed(err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	raw, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer))
	if err != nil {
		return "", failed(err)
	}
	var identity struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
	}
	readable := response.StatusCode == http.StatusOK && xml.Unmarshal(raw, &identity) == nil
	if !readable || !accountID.MatchString(identity.Account) {
		return "", failed(fmt.Errorf("it answers %s, %q, want an account of 12 digits", response.Status, raw))
	}
	return identity.Account, nil
}
