package emulator

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answering is an emulator that says one thing, and keeps what it was asked.
func answering(t *testing.T, status int, body string) (url string, asked *http.Request) {
	t.Helper()
	asked = &http.Request{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, r.ParseForm())
		*asked = *r
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

func TestTheAccountIsThatOfTheEmulatorsSTS(t *testing.T) {
	url, asked := answering(t, http.StatusOK, identity)
	account, err := Account(t.Context(), url)
	require.NoError(t, err)
	assert.Equal(t, "000000000000", account)
	assert.Equal(t, "GetCallerIdentity", asked.PostForm.Get("Action"))
	assert.Contains(t, asked.Header.Get("Authorization"), "/us-east-1/sts/aws4_request",
		"emulators find the service there")
}

func TestAnEmulatorWithoutAnAccountIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"no STS": {
			http.StatusNotFound, "no route",
			`it answers 404 Not Found, "no route", want an account of 12 digits`,
		},
		"a page":     {http.StatusOK, "<html>", `it answers 200 OK, "<html>", want an account`},
		"no account": {http.StatusOK, "<GetCallerIdentityResponse/>", "want an account of 12 digits"},
		"half of one": {
			http.StatusOK, "<R><GetCallerIdentityResult><Account>0000</Account></GetCallerIdentityResult></R>",
			"want an account",
		},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := answering(t, c.status, c.body)
			account, err := Account(t.Context(), url)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "ask the emulator at "+url)
			assert.Empty(t, account)
		})
	}
	_, err := Account(t.Context(), "http://127.0.0.1:1")
	require.ErrorContains(t, err, "start it, or give its address with --endpoint")
}

func TestTheAddressIsAURLOfAHost(t *testing.T) {
	for _, right := range []string{"http://127.0.0.1:4566", "http://emulator.example/", "http://ministack:4566"} {
		require.NoError(t, CheckURL(right))
	}
	for _, wrong := range []string{
		"", "127.0.0.1:4566", "https://host:4566", "http://", "http://host/path", "http://host:port",
	} {
		require.ErrorContains(t, CheckURL(wrong), "want a URL such as http://127.0.0.1:4566", wrong)
	}
}
