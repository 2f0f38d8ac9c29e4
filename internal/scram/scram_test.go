package scram

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// PostgreSQL 15.18 kept this after ALTER ROLE … PASSWORD 'pencil'.
func TestAVerifierOfPostgreSQL(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("gscleGS49CoyD2iwQh6yew==")
	require.NoError(t, err)
	made, err := verifier("pencil", salt, 4096)
	require.NoError(t, err)
	assert.Equal(t, "SCRAM-SHA-256$4096:gscleGS49CoyD2iwQh6yew==$cONR9RjT1Pvob6zyXkNhv8MyTAIqEGnJrKbVg8duOys="+
		":gtSmHy/RH89NkFlbA1eLHvYN0xLxCCDPTOWeC3IEZko=", made)
}

func TestAVerifierIsTheSameForTheSameRoleAndPassword(t *testing.T) {
	make := func(role, password string) string {
		made, err := Verifier(role, password)
		require.NoError(t, err)
		assert.NotContains(t, made, password)
		return made
	}
	first := make("bookmark_app_1", "Pa55word")
	assert.Equal(t, first, make("bookmark_app_1", "Pa55word"))
	assert.NotEqual(t, first, make("bookmark_app_2", "Pa55word"), "nobody sees that two roles have one password")
	assert.NotEqual(t, first, make("bookmark_app_1", "Pa55word2"))
}

func TestAPasswordThatClientsWouldSpellAnotherWayIsRefused(t *testing.T) {
	_, err := Verifier("bookmark_app_1", "pässword")
	require.ErrorContains(t, err, "U+00E4, want printable ASCII")
}
