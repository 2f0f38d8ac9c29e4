//go:build database

package databasetest

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/scram"
)

// site is what RDS makes for a stack: a database and its owner. Each case has one of its own.
type site struct {
	*server
	database, owner, ownerPassword string
	first, second                  string // the application's roles, which take turns
	dumper                         string // the role that dumps are made with
	log                            int    // where the server's log was when the case began
}

var sites atomic.Int32

// newSite makes the owner as RDS makes it.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
func newSite(t *testing.T, on *server) *site {
	t.Helper()
	n := sites.Add(1)
	s := &site{
		server:        on,
		database:      fmt.Sprintf("bookmarkdb_%d", n),
		owner:         fmt.Sprintf("dbadmin_%d", n),
		ownerPassword: fmt.Sprintf("0wners%dPassword", n),
		first:         fmt.Sprintf("bookmark_app_1_%d", n),
		second:        fmt.Sprintf("bookmark_app_2_%d", n),
		dumper:        fmt.Sprintf("bookmark_dump_1_%d", n),
		log:           len(on.logged(t)),
	}
	s.admin(t, "postgres", fmt.Sprintf(`CREATE ROLE %s LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE NOREPLICATION `+
		`PASSWORD '%s' VALID UNTIL 'infinity'`,
		s.owner, s.ownerPassword))
	s.admin(t, "postgres", fmt.Sprintf(`CREATE DATABASE %s OWNER %s`, s.database, s.owner))
	return s
}

// admin runs SQL as the superuser.
func (s *site) admin(t *testing.T, database, sql string) string {
	t.Helper()
	out, err := s.query(database, sql)
	require.NoError(t, err, out)
	return out
}

// as runs SQL over the network as somebody with a password.
func (s *site) as(role, password, sql string) (string, error) {
	return psql(s.url(role, password)+"?sslmode=prefer", sql)
}

func (s *site) asOwner(t *testing.T, sql string) {
	t.Helper()
	out, err := s.as(s.owner, s.ownerPassword, sql)
	require.NoError(t, err, out)
}

func (s *site) url(role, password string) string {
	return fmt.Sprintf("postgresql://%s@127.0.0.1:%d/%s", url.UserPassword(role, password), s.port, s.database)
}

// said is what the server has logged since the case began.
func (s *site) said(t *testing.T) string {
	t.Helper()
	return s.logged(t)[s.log:]
}

// sqlCommand plays the part of `prisma db execute --stdin`: it sends all of its input in one
// message, as Prisma does. What only Prisma knows of the URL is left out.
const sqlCommand = `#!/bin/sh
set -eu
url=${DATABASE_URL%%\?*}
case $DATABASE_URL in *sslmode=require*) mode=require ;; *) mode=prefer ;; esac
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --command "$(cat)" "$url?sslmode=$mode"
`

// fileCommand is a command that sends its input statement by statement.
const fileCommand = `#!/bin/sh
set -eu
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file - "${DATABASE_URL%%\?*}"
`

// migrateCommand plays the part of `prisma migrate deploy`: what is there already stays.
const migrateCommand = `#!/bin/sh
set -eu
exec ./sql <<'SQL'
DO $$ BEGIN
  IF to_regtype('"Visibility"') IS NULL THEN CREATE TYPE "Visibility" AS ENUM ('PRIVATE', 'PUBLIC'); END IF;
END $$;
CREATE TABLE IF NOT EXISTS "User" (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), email TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS "Bookmark" (
  id SERIAL PRIMARY KEY, url TEXT NOT NULL, visibility "Visibility" NOT NULL DEFAULT 'PRIVATE', tags JSONB NOT NULL DEFAULT '[]',
  owner UUID REFERENCES "User" (id) ON DELETE CASCADE
);
CREATE OR REPLACE VIEW "PublicBookmark" AS SELECT id, url FROM "Bookmark" WHERE visibility = 'PUBLIC';
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (id VARCHAR(36) PRIMARY KEY);
SQL
`

// patience is how long the script waits for another migration to end.
const patience = "'10min'"

// migration is one run of the script, as the task runs it.
type migration struct {
	role, password string
	sql, migrate   string // the commands; sqlCommand and migrateCommand unless given
	options        string // of both URLs; those that the program writes unless given
	dump, dumpWord string // the role that dumps are made with, and its password; none unless given
	patience       string // how long it waits for another migration; what the script says unless given
}

// command is the run, and what it will have said.
func (s *site) command(t *testing.T, m migration) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	script, err := os.ReadFile("../compute/migrate.sh")
	require.NoError(t, err)
	verifier, err := scram.Verifier(m.role, m.password)
	require.NoError(t, err)
	folder := t.TempDir()
	for name, pair := range map[string][2]string{"sql": {m.sql, sqlCommand}, "migrate": {m.migrate, migrateCommand}} {
		text := pair[0]
		if text == "" {
			text = pair[1]
		}
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755))
	}
	if m.options == "" {
		m.options = "?schema=public&sslmode=prefer"
	}
	if m.patience != "" {
		require.Contains(t, string(script), patience)
		script = bytes.ReplaceAll(script, []byte(patience), []byte(m.patience))
	}
	var said bytes.Buffer
	command := exec.Command("sh", "-c", string(script))
	command.Dir, command.Stdout, command.Stderr = folder, &said, &said
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "SQL_COMMAND=./sql", "MIGRATE_COMMAND=./migrate",
		"DATABASE_URL=" + s.url(m.role, verifier) + m.options,
		"MASTER_DATABASE_URL=" + s.url(s.owner, s.ownerPassword) + m.options,
	}
	if m.dump != "" {
		verifier, err := scram.Verifier(m.dump, m.dumpWord)
		require.NoError(t, err)
		command.Env = append(command.Env, "DUMP_DATABASE_URL="+s.url(m.dump, verifier)+m.options)
	}
	return command, &said
}

func (s *site) migrate(t *testing.T, m migration) (string, error) {
	t.Helper()
	command, said := s.command(t, m)
	err := command.Run()
	return said.String(), err
}

// release migrates, and has the application work with its role.
func (s *site) release(t *testing.T, role, password string) {
	t.Helper()
	said, err := s.migrate(t, migration{role: role, password: password})
	require.NoError(t, err, said)
	s.works(t, role, password)
}

// works has a task of the application do its work.
func (s *site) works(t *testing.T, role, password string) {
	t.Helper()
	out, err := s.as(role, password, strings.Join(allowed, ";\n"))
	require.NoError(t, err, out)
}

// refused has somebody fail to log in.
func (s *site) refused(t *testing.T, role, password string) {
	t.Helper()
	out, err := s.as(role, password, "SELECT 1")
	require.Error(t, err)
	require.Contains(t, out, "password authentication failed")
}
