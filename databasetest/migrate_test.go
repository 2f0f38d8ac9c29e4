package databasetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sqlCommand plays the part of `prisma db execute --stdin`: it sends the whole of its input as one message, as Prisma does. What only
// Prisma knows of the URL is left out.
const sqlCommand = `#!/bin/sh
set -eu
url=${DATABASE_URL%%\?*}
case $DATABASE_URL in *sslmode=require*) mode=require ;; *) mode=prefer ;; esac
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --command "$(cat)" "$url?sslmode=$mode"
`

// migrateCommand plays the part of `prisma migrate deploy`: a schema as Prisma would make it, whatever of it is there already.
const migrateCommand = `#!/bin/sh
set -eu
exec ./sql <<'SQL'
CREATE TABLE IF NOT EXISTS "Bookmark" (id SERIAL PRIMARY KEY, url TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (id VARCHAR(36) PRIMARY KEY);
SQL
`

// applications has the parameters that the program writes.
const applications = "?connection_limit=10&schema=public&sslmode=prefer"

// migrate runs the script as the task does.
func (s *server) migrate(t *testing.T, role, password string) (string, error) {
	t.Helper()
	script, err := os.ReadFile("../compute/migrate.sh")
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "sql"), []byte(sqlCommand), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "migrate"), []byte(migrateCommand), 0o755))
	command := exec.Command("sh", "-c", string(script))
	command.Dir = folder
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "SQL_COMMAND=./sql", "MIGRATE_COMMAND=./migrate",
		"DATABASE_URL=" + s.url(role, password) + applications, "MASTER_DATABASE_URL=" + s.url(owner, ownerPass) + applications,
	}
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	err = command.Run()
	return said.String(), err
}

func (s *server) mustMigrate(t *testing.T, role, password string) {
	t.Helper()
	said, err := s.migrate(t, role, password)
	require.NoError(t, err, said)
}

// works is what a version of the application does.
const works = `INSERT INTO "Bookmark" (url) VALUES ('https://example.com'); UPDATE "Bookmark" SET url = url; DELETE FROM "Bookmark"`

func TestTheOwnerOfRDSMigrates(t *testing.T) {
	t.Parallel()
	forEachServer(t, serverSettings{}, func(t *testing.T, s *server) {
		s.mustMigrate(t, "bookmark_app_1", "First1Password")
		out, err := s.as("bookmark_app_1", "First1Password", works)
		require.NoError(t, err, out)
		s.mustMigrate(t, "bookmark_app_1", "First1Password")
		assert.Equal(t, "f|f|f|t", s.admin(t, database,
			`SELECT rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = 'bookmark_app_1'`))
		assert.NotContains(t, s.log(t), "First1Password")
	})
}

func TestAServerThatWantsTLS(t *testing.T) {
	t.Parallel()
	forEachServer(t, serverSettings{tls: true}, func(t *testing.T, s *server) {
		s.mustMigrate(t, "bookmark_app_1", "First1Password")
		out, err := s.as("bookmark_app_1", "First1Password", works)
		require.NoError(t, err, out)
	})
}
