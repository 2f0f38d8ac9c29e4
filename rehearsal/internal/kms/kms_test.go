package kms

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

const alias = "alias/shelf-state"

func start(t *testing.T) (*cloud.Cloud, func(region, action string, asked body) (body, string, error)) {
	t.Helper()
	c, err := cloud.Open(filepath.Join(t.TempDir(), "cloud.db"))
	require.NoError(t, err)
	f := aws.Foundation{
		Account:     "123456789012",
		Region:      "ap-northeast-1",
		Recovery:    "ap-northeast-3",
		Project:     "shelf",
		Environment: "prod",
	}
	require.NoError(t, f.Bootstrap(c))
	s, err := Start(c, f.Account)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return c, func(region, action string, asked body) (answer body, code string, err error) {
		raw, err := json.Marshal(asked)
		require.NoError(t, err)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, bytes.NewReader(raw))
		require.NoError(t, err)
		request.Header.Set("X-Amz-Target", "TrentService."+action)
		request.Header.Set("Authorization",
			"AWS4-HMAC-SHA256 Credential=key/20260131/"+region+"/kms/aws4_request, Signature=0")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return answer, "", err
		}
		defer func() { assert.NoError(t, response.Body.Close()) }()
		var read struct {
			body
			Type string `json:"__type"`
		}
		require.NoError(t, json.NewDecoder(response.Body).Decode(&read))
		return read.body, read.Type, nil
	}
}

// What one region has encrypted, a replica opens after that region is lost, and no other region
// does.
func TestAReplicaOpensWhatTheLostRegionHasEncrypted(t *testing.T) {
	c, ask := start(t)
	sealed, code, err := ask("ap-northeast-1", "Encrypt", body{KeyID: alias, Plaintext: []byte("hush")})
	require.NoError(t, err)
	require.Empty(t, code)
	assert.NotContains(t, string(sealed.CiphertextBlob), "hush")
	require.NoError(t, aws.Lose(c, "ap-northeast-1"))
	_, _, err = ask("ap-northeast-1", "Decrypt", body{CiphertextBlob: sealed.CiphertextBlob})
	require.Error(t, err, "a region that is lost answers")
	opened, _, err := ask("ap-northeast-3", "Decrypt", body{CiphertextBlob: sealed.CiphertextBlob})
	require.NoError(t, err)
	assert.Equal(t, "hush", string(opened.Plaintext))
	_, code, err = ask("us-west-2", "Decrypt", body{CiphertextBlob: sealed.CiphertextBlob})
	require.NoError(t, err)
	assert.Equal(t, "NotFoundException", code)
}

func TestWhatKMSRefuses(t *testing.T) {
	_, ask := start(t)
	for want, one := range map[string]struct {
		action string
		asked  body
	}{
		"NotFoundException":          {"Encrypt", body{KeyID: "alias/none", Plaintext: []byte("a")}},
		"InvalidCiphertextException": {"Decrypt", body{CiphertextBlob: []byte("a")}},
		"UnknownOperationException":  {"Sign", body{}},
	} {
		_, code, err := ask("ap-northeast-1", one.action, one.asked)
		require.NoError(t, err)
		assert.Equal(t, want, code)
	}
}
