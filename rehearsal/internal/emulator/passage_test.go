package emulator

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyTheEmulatorAndTheNamesBelowItAreReached(t *testing.T) {
	emulator, asked := answering(t, http.StatusOK, "hello")
	passage, err := OpenPassage(emulator)
	require.NoError(t, err)
	defer func() { require.NoError(t, passage.Close()) }()
	proxy, err := url.Parse(passage.URL)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	there, err := url.Parse(emulator)
	require.NoError(t, err)

	for address, want := range map[string]int{
		emulator + "/": http.StatusOK,
		"http://123456789012." + there.Host + "/tags": http.StatusOK,
		"http://s3.amazonaws.com/":                    http.StatusMisdirectedRequest,
		"http://other" + there.Host + "/":             http.StatusMisdirectedRequest,
	} {
		response, err := client.Get(address)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, want, response.StatusCode, address)
		if want == http.StatusOK {
			assert.Equal(t, "hello", string(body))
			assert.Equal(t, there.Host, asked.Host)
		} else {
			assert.Contains(t, string(body), "goes past the emulator")
		}
	}
}
