// Package scram makes what PostgreSQL keeps of a password. A statement that sets a password so has
// no password in it, and neither has the server's log, which quotes statements that fail or are
// slow.
package scram

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// iterations and saltBytes are PostgreSQL's own. A generated password needs no more iterations.
const (
	iterations = 4096
	saltBytes  = 16
)

// Verifier is the SCRAM-SHA-256 verifier of a role's password, as PostgreSQL writes it:
// SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY, with base64. The salt follows from the role and the
// password, so that the same password always has the same verifier; whoever knows it has to try
// passwords all the same. The password must be ASCII, which SASLprep leaves as it is.
// https://www.postgresql.org/docs/17/catalog-pg-authid.html, RFC 5803
func Verifier(role, password string) (string, error) {
	salt := sum([]byte(password), "salt of "+role)[:saltBytes]
	return verifier(password, salt, iterations)
}

func verifier(password string, salt []byte, iterations int) (string, error) {
	for _, r := range password {
		if r < ' ' || r > '~' {
			return "", fmt.Errorf("make the verifier of a password: it has the character %U, want printable ASCII", r)
		}
	}
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("make the verifier of a password: %w", err)
	}
	stored := sha256.Sum256(sum(salted, "Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, encode(salt), encode(stored[:]),
		encode(sum(salted, "Server Key"))), nil
}

func sum(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
