package sts

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/loopback"
)

func ask(t *testing.T, s *loopback.Server, action string) (int, string) {
	t.Helper()
	resp, err := http.PostForm(s.URL, url.Values{"Action": {action}, "Version": {"2011-06-15"}})
	require.NoError(t, err)
	defer func() { assert.NoError(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

func TestAnswersWithTheAccount(t *testing.T) {
	s, err := Start("111122223333")
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()

	code, body := ask(t, s, "GetCallerIdentity")
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`+
		`<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/rehearsal</Arn>`+
		`<UserId>AIDAREHEARSALREHEARSA</UserId><Account>111122223333</Account></GetCallerIdentityResult>`+
		`<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>`+
		`</GetCallerIdentityResponse>`, body)
}

func TestRefusesEveryOtherAction(t *testing.T) {
	s, err := Start("111122223333")
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()

	code, body := ask(t, s, "AssumeRole")
	assert.Equal(t, http.StatusBadRequest, code)
	assert.Contains(t, body, "<Code>InvalidAction</Code>")
	assert.Contains(t, body, "AssumeRole")
	assert.NotContains(t, body, "111122223333")
}

func TestListensOnTheLoopbackInterfaceOnly(t *testing.T) {
	s, err := Start("111122223333")
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	address, err := url.Parse(s.URL)
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1", address.Hostname())
}

func TestStopsWhenClosed(t *testing.T) {
	s, err := Start("111122223333")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = http.Get(s.URL) //nolint:bodyclose // there is no response
	require.ErrorContains(t, err, "connection refused")
}

func TestRefusesAnAccountThatIsNotOne(t *testing.T) {
	for _, account := range []string{"", "1111222233334", "11112222333", "my-account"} {
		_, err := Start(account)
		require.ErrorContains(t, err, `start the local STS: the account id is "`+account+`", want 12 digits`)
	}
}
