//go:build database

package databasetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/postgres"
)

const dumpWord = "Dump1Password"

// keepsWhole plays the part of `aws s3 cp - …`: what it was sent is an object once it has seen the
// end of it.
const keepsWhole = `#!/bin/sh
set -eu
cat > part
mv part whole.dump
`

// dump runs the script of the dump task as the task runs it. It returns the file of what was kept.
func (s *site) dump(t *testing.T, url string) (file, said string, err error) {
	t.Helper()
	script, err := os.ReadFile("../compute/dump.sh")
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "aws"), []byte(keepsWhole), 0o755))
	var out bytes.Buffer
	command := exec.Command("sh", "-c", string(script))
	command.Dir, command.Stdout, command.Stderr = folder, &out, &out
	command.Env = []string{
		"PATH=" + folder + ":" + os.Getenv("PATH"), "HOME=" + folder, "DUMP_TO=s3://bucket/dumps",
		"DUMP_DATABASE_URL=" + url, "PGHOSTADDR=127.0.0.1",
	}
	err = command.Run()
	return filepath.Join(folder, "whole.dump"), out.String(), err
}

// withDumps migrates a database that has rows, with the role that dumps are made with.
func (s *site) withDumps(t *testing.T) {
	t.Helper()
	said, err := s.migrate(t, migration{role: s.first, password: "First1Password", dump: s.dumper, dumpWord: dumpWord})
	require.NoError(t, err, said)
	s.asOwner(t, `INSERT INTO "User" (email) VALUES ('a@example.com');
		INSERT INTO "Bookmark" (url, owner)
			SELECT 'https://example.com/' || n, id FROM "User", generate_series(1, 1000) n;
		INSERT INTO "_prisma_migrations" VALUES ('1')`)
}

// forEachDumped runs a case on the servers that the pg_dump of this machine can dump, which are
// those of its own major version and older ones. One is there at least.
func forEachDumped(t *testing.T, settings serverSettings, try func(t *testing.T, s *site)) {
	t.Helper()
	out, err := exec.Command("pg_dump", "--version").Output()
	require.NoError(t, err, "the cases need pg_dump, which is where psql is")
	found := regexp.MustCompile(`\(PostgreSQL\) (\d+)`).FindSubmatch(out)
	require.NotNil(t, found, "pg_dump says %q", out)
	major, err := strconv.Atoi(string(found[1]))
	require.NoError(t, err)
	ours := slices.DeleteFunc(installations(t), func(one installation) bool { return one.major > major })
	require.NotEmpty(t, ours, "pg_dump is of %d, and no server is of that version or older", major)
	forThese(t, ours, wholeDumps, settings, try)
}

func TestADumpHoldsTheWholeDatabase(t *testing.T) {
	t.Parallel()
	forEachDumped(t, serverSettings{}, func(t *testing.T, s *site) {
		s.withDumps(t)
		file, said, err := s.dump(t, s.url(s.dumper, dumpWord))
		require.NoError(t, err, said)
		assert.Contains(t, said, "dump: completed s3://bucket/dumps/")

		restored := s.database + "_restored"
		s.admin(t, "postgres", `CREATE DATABASE `+restored)
		out, err := exec.Command("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--dbname",
			"host="+s.socket+" port="+strconv.Itoa(s.port)+" user="+superuser+" dbname="+restored, file).
			CombinedOutput()
		require.NoError(t, err, string(out))
		for _, rows := range []string{
			`SELECT count(*), min(url), max(url) FROM "Bookmark"`, `SELECT email FROM "User"`,
			`SELECT id FROM "_prisma_migrations"`, `SELECT last_value FROM "Bookmark_id_seq"`,
			`SELECT count(*) FROM "PublicBookmark"`,
		} {
			assert.Equal(t, s.admin(t, s.database, rows), s.admin(t, restored, rows), rows)
		}
	})
}

func TestTheRoleOfDumpsReadsAndNothingElse(t *testing.T) {
	t.Parallel()
	forEachServer(t, dumps, serverSettings{}, func(t *testing.T, s *site) {
		s.withDumps(t)
		out, err := s.as(s.dumper, dumpWord, `SELECT count(*) FROM "Bookmark"`)
		require.NoError(t, err, out)
		for statement, says := range map[string]string{
			`INSERT INTO "User" (email) VALUES ('b@example.com')`: "permission denied for table User",
			`UPDATE "Bookmark" SET url = ''`:                      "permission denied for table Bookmark",
			`DELETE FROM "Bookmark"`:                              "permission denied for table Bookmark",
			`TRUNCATE "Bookmark"`:                                 "permission denied for table Bookmark",
			`SELECT nextval('"Bookmark_id_seq"')`:                 "permission denied for sequence Bookmark_id_seq",
			`CREATE TABLE mine (id INT)`:                          "permission denied for schema public",
			`CREATE TEMPORARY TABLE mine (id INT)`:                "permission denied to create temporary tables",
			`BEGIN; LOCK TABLE "Bookmark" IN EXCLUSIVE MODE`:      "permission denied for table Bookmark",
			`SELECT rolpassword FROM pg_authid`:                   "permission denied for table pg_authid",
		} {
			out, err := s.as(s.dumper, dumpWord, statement)
			require.Error(t, err, statement)
			assert.Contains(t, out, says, statement)
		}
	})
}

// A table that a later release adds is in the next dump, and the role before a rotation still
// works.
func TestDumpsAfterAReleaseAndARotation(t *testing.T) {
	t.Parallel()
	forEachServer(t, dumps, serverSettings{}, func(t *testing.T, s *site) {
		s.withDumps(t)
		s.asOwner(t, `CREATE TABLE "Later" (id SERIAL PRIMARY KEY)`)
		out, err := s.as(s.dumper, dumpWord, `SELECT count(*) FROM "Later"`)
		require.NoError(t, err, out)
		said, err := s.migrate(t, migration{
			role:     s.first,
			password: "First1Password",
			dump:     s.dumper + "b",
			dumpWord: "Dump2Password",
		})
		require.NoError(t, err, said)
		for role, word := range map[string]string{s.dumper: dumpWord, s.dumper + "b": "Dump2Password"} {
			out, err := s.as(role, word, `SELECT count(*) FROM "Later", "Bookmark"`)
			require.NoError(t, err, out)
		}
	})
}

// A table that the role may not read fails the dump: it would be left out otherwise.
func TestADumpThatCannotReadATableFails(t *testing.T) {
	t.Parallel()
	forEachDumped(t, serverSettings{}, func(t *testing.T, s *site) {
		s.withDumps(t)
		s.asOwner(t, `CREATE SCHEMA apart; CREATE TABLE apart.secret (id INT)`)
		file, said, err := s.dump(t, s.url(s.dumper, dumpWord))
		require.Error(t, err)
		assert.Contains(t, said, "permission denied for schema apart")
		assert.NoFileExists(t, file)
	})
}

// The dump checks who answers when the stack's clients do.
func TestADumpChecksWhoAnswers(t *testing.T) {
	t.Parallel()
	forEachDumped(t, serverSettings{tls: true}, func(t *testing.T, s *site) {
		s.withDumps(t)
		theirs := filepath.Join(t.TempDir(), "theirs.pem")
		text, err := os.ReadFile(filepath.Join(s.data(), "server.crt"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(theirs, text, 0o600))
		url := func(host string) string {
			return postgres.URL{
				Username: s.dumper,
				Password: dumpWord,
				Host:     host,
				Port:     s.port,
				Database: s.database,
				Client:   postgres.Pg,
				Bundle:   theirs,
			}.String()
		}
		_, said, err := s.dump(t, url(serverName))
		require.NoError(t, err, said)
		file, said, err := s.dump(t, url("other.example"))
		require.Error(t, err)
		assert.Contains(t, said, "does not match host name")
		assert.NoFileExists(t, file)
	})
}
