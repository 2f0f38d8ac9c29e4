package compute

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// migrate runs the script with stand-ins for the two commands, which write down what they were
// given. It returns what they wrote, by command, and what the script said.
func migrate(t *testing.T, databaseURL, standIn string) (map[string]string, string, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prisma"), []byte("#!/bin/sh\n"+standIn), 0o755))
	var said bytes.Buffer
	command := exec.Command("sh", "-c", migrateScript)
	command.Dir, command.Stdout, command.Stderr = dir, &said, &said
	command.Env = []string{
		"PATH=" + dir + ":" + os.Getenv("PATH"), "DATABASE_URL=" + databaseURL,
		"MASTER_DATABASE_URL=postgresql://owner:master@db/bookmarkdb",
		"SQL_COMMAND=prisma db execute --stdin", "MIGRATE_COMMAND=prisma migrate deploy",
		"DUMP_DATABASE_URL=" + os.Getenv("DUMP_DATABASE_URL"),
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
	verifierText    = "SCRAM-SHA-256$4096:c2Fs+A==$c3RvcmVk:c2Vyd/Vy"
	applicationsURL = "postgresql://bookmark_app:" +
		"SCRAM-SHA-256$4096%3Ac2Fs+A==$c3RvcmVk%3Ac2Vyd%2FVy@db.example.internal:5432/bookmarkdb?schema=public&" +
		"sslmode=require"
	recordIt = `{ echo "$DATABASE_URL"; if [ "$2" = execute ]; then cat; fi; } > "ran $*"`
)

// What the SQL does is tried in a database: see databasetest.
func TestMigrationMigratesAsTheOwnerAndThenMakesTheRole(t *testing.T) {
	wrote, said, err := migrate(t, applicationsURL, recordIt)
	require.NoError(t, err, said)
	assert.Len(t, wrote, 2)
	assert.Equal(t, "postgresql://owner:master@db/bookmarkdb\n", wrote["ran migrate deploy"])
	owner, sql, _ := strings.Cut(wrote["ran db execute --stdin"], "\n")
	assert.Equal(t, "postgresql://owner:master@db/bookmarkdb", owner)
	assert.Contains(t, sql, `ALTER ROLE "bookmark_app" WITH LOGIN NOCREATEDB NOCREATEROLE PASSWORD '`+verifierText+`';`)
	assert.Contains(t, sql, `GRANT CONNECT ON DATABASE "bookmarkdb" TO "bookmark_app";`)
	assert.NotContains(t, said, "SCRAM")
}

func TestMigrationMakesTheRoleOfDumpsToo(t *testing.T) {
	t.Setenv("DUMP_DATABASE_URL", strings.Replace(applicationsURL, "bookmark_app", "bookmark_dump_1", 1))
	wrote, said, err := migrate(t, applicationsURL, recordIt)
	require.NoError(t, err, said)
	sql := wrote["ran db execute --stdin"]
	for _, role := range []string{"bookmark_app", "bookmark_dump_1"} {
		assert.Contains(t, sql, `ALTER ROLE "`+role+`" WITH LOGIN NOCREATEDB NOCREATEROLE PASSWORD '`+verifierText+`';`)
	}
	assert.Contains(t, sql, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO "bookmark_dump_1";`)
	assert.NotContains(t, sql, `INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "bookmark_dump_1"`)

	t.Setenv("DUMP_DATABASE_URL", "postgresql://bookmark_dump_1:Pa55word@db/bookmarkdb")
	wrote, said, err = migrate(t, applicationsURL, recordIt)
	require.Error(t, err)
	assert.Equal(t, "migrate: the password's place in DUMP_DATABASE_URL must have its SCRAM-SHA-256 verifier\n", said)
	assert.Empty(t, wrote, "nothing is done")
}

func TestMigrationStopsWhenTheRoleCannotBeMade(t *testing.T) {
	wrote, _, err := migrate(t, applicationsURL, recordIt+`; ! grep -q "ALTER ROLE" "ran $*" || exit 3`)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 3, exit.ExitCode())
	assert.Contains(t, wrote, "ran migrate deploy")
}

func TestMigrationFailsWhenTheSchemaCannotBeMigrated(t *testing.T) {
	wrote, _, err := migrate(t, applicationsURL, `[ "$1" = migrate ] && exit 4; `+recordIt)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 4, exit.ExitCode())
	assert.NotContains(t, wrote["ran db execute --stdin"], "ROLE", "the role is not touched")
}

func TestMigrationRefusesWhatWouldNotBeOneValueInSQL(t *testing.T) {
	url := func(role, password, database string) string {
		return "postgresql://" + role + ":" + password + "@db/" + database
	}
	good := strings.NewReplacer(":", "%3A", "/", "%2F").Replace(verifierText)
	names := "role and database in DATABASE_URL must be letters, digits and underscores"
	password := "the password's place in DATABASE_URL must have its SCRAM-SHA-256 verifier"
	for name, one := range map[string]struct{ url, says string }{
		"a quote in the role":      {url(`ap"p`, good, "bookmarkdb"), names},
		"no database":              {url("app", good, "?schema=public"), names},
		"a quote in the verifier":  {url("app", strings.Replace(good, "c2", "c'", 1), "bookmarkdb"), password},
		"an escape that is left":   {url("app", strings.Replace(good, "c2", "%27", 1), "bookmarkdb"), password},
		"a password":               {url("app", "Pa55word", "bookmarkdb"), password},
		"a hash of another kind":   {url("app", "md5c4ca4238a0b923820dcc509a6f75849b", "bookmarkdb"), password},
		"a verifier that is short": {url("app", "SCRAM-SHA-256$4096%3Ac2FsdA==$c3RvcmVk", "bookmarkdb"), password},
		"no password":              {url("app", "", "bookmarkdb"), password},
	} {
		t.Run(name, func(t *testing.T) {
			wrote, said, err := migrate(t, one.url, recordIt)
			require.Error(t, err)
			assert.Equal(t, "migrate: "+one.says+"\n", said)
			assert.Empty(t, wrote)
		})
	}
}
