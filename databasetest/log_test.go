//go:build database

package databasetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The server quotes a failing statement whole, and its log goes to CloudWatch and Datadog.
func TestNoPasswordEndsInTheServersLog(t *testing.T) {
	t.Parallel()
	forEachServer(t, secrets, serverSettings{}, func(t *testing.T, s *site) {
		const password = "First1Password"
		// The rights on this table fail after the password was set, in the same message.
		s.admin(t, s.database, `CREATE TABLE "Theirs" (id INT)`)
		said, err := s.migrate(t, migration{role: s.first, password: password})
		require.Error(t, err)
		assert.NotContains(t, said, password)
		assert.Contains(t, s.said(t), "PASSWORD 'SCRAM-SHA-256$4096:",
			"the server has quoted the statement that sets the password")

		s.admin(t, s.database, `DROP TABLE "Theirs"; ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf()`)
		s.release(t, s.first, password)
		s.admin(t, s.database, `ALTER SYSTEM RESET log_statement; SELECT pg_reload_conf()`)
		assert.Contains(t, s.said(t), fmt.Sprintf(`ALTER ROLE "%s"`, s.first), "the server has logged every statement")
		assert.NotContains(t, s.said(t), password)
		assert.NotContains(t, s.said(t), s.ownerPassword)
	})
}
