package rotation

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
)

var verifier = regexp.MustCompile(`^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$`)

// admits says whether a password matches what the server stores. Atlas stores the password.
// PostgreSQL stores a verifier, whose keys are computed again from the password and compared.
// https://www.postgresql.org/docs/17/catalog-pg-authid.html
func admits(have, password string) (bool, error) {
	parts := verifier.FindStringSubmatch(have)
	if parts == nil {
		return have != "" && have == password, nil
	}
	iterations, err := strconv.Atoi(parts[1])
	if err != nil {
		return false, fmt.Errorf("read the iterations of a verifier: %w", err)
	}
	salt, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return false, fmt.Errorf("read the salt of a verifier: %w", err)
	}
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return false, fmt.Errorf("salt a password: %w", err)
	}
	sign := func(text string) []byte {
		mac := hmac.New(sha256.New, salted)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	stored := sha256.Sum256(sign("Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return parts[3] == encode(stored[:]) && parts[4] == encode(sign("Server Key")), nil
}
