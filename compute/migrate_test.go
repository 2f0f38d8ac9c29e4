package compute

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// migrate runs the script with stand-ins for the two commands, which write down what they were given. It returns what they wrote, by
// command, and what the script said.
func migrate(t *testing.T, databaseURL, standIn string) (map[string]string, string, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prisma"), []byte("#!/bin/sh\n"+standIn), 0o755))
	var said bytes.Buffer
	command := exec.Command("sh", "-c", migrateScript)
	command.Dir, command.Stdout, command.Stderr = dir, &said, &said
	command.Env = []string{
		"PATH=" + dir + ":" + os.Getenv("PATH"), "DATABASE_URL=" + databaseURL, "MASTER_DATABASE_URL=postgresql://owner:master@db/bookmarkdb",
		"SQL_COMMAND=prisma db execute --stdin", "MIGRATE_COMMAND=prisma migrate deploy",
	}
	err := command.Run()
	wrote := map[string]string{}
	files, globErr := filepath.Glob(filepath.Join(dir, "ran *"))
	require.NoError(t, globErr)
	for _, file := range files {
		text, readErr := os.ReadFile(file)
		require.NoError(t, readErr)
		wrote[filepath.Base(file)] = string(text)
	}
	return wrote, said.String(), err
}

const (
	applicationsURL = "postgresql://bookmark_app:Pa55word@db.example.internal:5432/bookmarkdb?schema=public&sslmode=require"
	recordIt        = `{ echo "$DATABASE_URL"; if [ "$2" = execute ]; then cat; fi; } > "ran $*"`
)

func TestMigrationMakesTheRoleAndThenMigratesAsTheOwner(t *testing.T) {
	wrote, said, err := migrate(t, applicationsURL, recordIt)
	require.NoError(t, err, said)
	assert.Equal(t, map[string]string{
		"ran migrate deploy": "postgresql://owner:master@db/bookmarkdb\n",
		"ran db execute --stdin": `postgresql://owner:master@db/bookmarkdb
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bookmark_app') THEN
    CREATE ROLE "bookmark_app" LOGIN;
  END IF;
END
$$;
ALTER ROLE "bookmark_app" WITH LOGIN NOCREATEDB NOCREATEROLE PASSWORD 'Pa55word';
GRANT CONNECT ON DATABASE "bookmarkdb" TO "bookmark_app";
GRANT USAGE ON SCHEMA public TO "bookmark_app";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "bookmark_app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "bookmark_app";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "bookmark_app";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "bookmark_app";
`,
	}, wrote)
	assert.NotContains(t, said, "Pa55word")
}

func TestMigrationStopsWhenTheRoleCannotBeMade(t *testing.T) {
	wrote, _, err := migrate(t, applicationsURL, `[ "$2" = execute ] && exit 3; `+recordIt)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 3, exit.ExitCode())
	assert.Empty(t, wrote)
}

func TestMigrationFailsWhenTheSchemaCannotBeMigrated(t *testing.T) {
	_, _, err := migrate(t, applicationsURL, `[ "$1" = migrate ] && exit 4; `+recordIt)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 4, exit.ExitCode())
}

func TestMigrationRefusesWhatWouldNotBeOneValueInSQL(t *testing.T) {
	for name, url := range map[string]string{
		"a quote in the password":   "postgresql://app:pass'word@db/bookmarkdb",
		"an escape in the password": "postgresql://app:pass%23word@db/bookmarkdb",
		"no password":               "postgresql://app:@db/bookmarkdb",
		"a quote in the role":       `postgresql://ap"p:password@db/bookmarkdb`,
		"no database":               "postgresql://app:password@db/?schema=public",
	} {
		t.Run(name, func(t *testing.T) {
			wrote, said, err := migrate(t, url, recordIt)
			require.Error(t, err)
			assert.Equal(t, "migrate: role, password and database in DATABASE_URL must be letters, digits and underscores\n", said)
			assert.Empty(t, wrote)
		})
	}
}
