package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plainPulumi runs commands in the kept workspace of a rehearsal, as a user who goes on by hand
// would.
func plainPulumi(t *testing.T, o outcome, command string) []byte {
	t.Helper()
	_, printed, found := strings.Cut(o.out, "== Kept: go on with plain pulumi\n")
	require.True(t, found, o.out)
	instructions, _, found := strings.Cut(printed, "\n\n")
	require.True(t, found, printed)
	cmd := exec.Command("bash", "-euc", instructions+"\n"+command)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	require.NoError(t, err, errors.String())
	return out
}

// forms are the ways in which a secret could stand in a state.
func forms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	return []string{
		secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
		url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`),
	}
}

// leaked lists the secrets that a state shows in any form.
func leaked(state []byte, secrets map[string]string) []string {
	var found []string
	for name, secret := range secrets {
		for _, form := range forms(secret) {
			if bytes.Contains(state, []byte(form)) {
				found = append(found, name)
				break
			}
		}
	}
	return found
}

// generatedSecrets are the passwords that the stack has generated and the secrets of its
// configuration, by name.
func generatedSecrets(t *testing.T, o outcome) map[string]string {
	t.Helper()
	secrets := map[string]string{}
	var state struct {
		Deployment struct {
			Resources []struct {
				URN     string         `json:"urn"`
				Type    string         `json:"type"`
				Outputs map[string]any `json:"outputs"`
			} `json:"resources"`
		} `json:"deployment"`
	}
	require.NoError(t, json.Unmarshal(plainPulumi(t, o, "pulumi stack export --show-secrets"), &state))
	output := map[string]string{
		"random:index/randomPassword:RandomPassword": "result",
		"datadog:index/apiKey:ApiKey":                "key",
	}
	for _, one := range state.Deployment.Resources {
		name, holds := output[one.Type]
		if !holds {
			continue
		}
		wrapped, ok := one.Outputs[name].(map[string]any)
		require.True(t, ok, "%s of %s is no secret", name, one.URN)
		var secret string
		require.NoError(t, json.Unmarshal([]byte(wrapped["plaintext"].(string)), &secret))
		secrets[one.URN] = secret
	}
	var config map[string]struct {
		Value  string `json:"value"`
		Secret bool   `json:"secret"`
	}
	require.NoError(t, json.Unmarshal(plainPulumi(t, o, "pulumi config --show-secrets --json"), &config))
	for key, one := range config {
		if one.Secret {
			secrets[key] = one.Value
		}
	}
	return secrets
}

func TestNoSecretIsPlainInTheState(t *testing.T) {
	t.Parallel()
	o := keptStack(t, "prod")
	secrets := generatedSecrets(t, o)
	assert.GreaterOrEqual(t, len(secrets), 10, "passwords, keys and the configuration's secrets")
	state := plainPulumi(t, o, "pulumi stack export")
	assert.Empty(t, leaked(state, secrets))
	assert.Empty(t, leaked([]byte(o.out), secrets), "what the rehearsal printed")

	shown := plainPulumi(t, o, "pulumi stack export --show-secrets")
	found := leaked(shown, secrets)
	for name := range secrets {
		if strings.HasPrefix(name, "urn:") {
			assert.Contains(t, found, name, "the scan finds what is there to be found")
		}
	}
}

func TestTheScanFindsAPlantedSecret(t *testing.T) {
	secrets := map[string]string{"password": `p"a ss/w+rd`}
	for name, state := range map[string]string{
		"plain":     `p"a ss/w+rd`,
		"in JSON":   `{"url": "x:p\"a ss/w+rd@y"}`,
		"in a URL":  "postgresql://u:p%22a+ss%2Fw%2Brd@h",
		"in base64": base64.StdEncoding.EncodeToString([]byte(`p"a ss/w+rd`)),
	} {
		assert.Equal(t, []string{"password"}, leaked([]byte(state), secrets), name)
	}
	assert.Empty(t, leaked([]byte("nothing here"), secrets))
}
