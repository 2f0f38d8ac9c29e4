//go:build database

package databasetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowed are statements of the kinds that Prisma's client sends.
var allowed = []string{
	`INSERT INTO "User" (email) VALUES ('a@example.com') ON CONFLICT (email) DO UPDATE SET email = excluded.email ` +
		`RETURNING id`,
	`INSERT INTO "Bookmark" (url, visibility, tags, owner) SELECT 'https://example.com', 'PUBLIC', '["a"]', id FROM ` +
		`"User" RETURNING id`,
	`SELECT b.id, u.email FROM "Bookmark" b JOIN "User" u ON u.id = b.owner WHERE b.tags @> '["a"]' ORDER BY b.id ` +
		`LIMIT 10 OFFSET 0`,
	`SELECT count(*) FROM "PublicBookmark"`,
	`BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1 FROM "Bookmark" FOR UPDATE; SAVEPOINT one; UPDATE "Bookmark" SET ` +
		`url = url; ROLLBACK TO one; COMMIT`,
	`PREPARE find (TEXT) AS SELECT id FROM "Bookmark" WHERE url = $1; EXECUTE find ('https://example.com'); ` +
		`DEALLOCATE find`,
	`SELECT nextval('"Bookmark_id_seq"'), currval('"Bookmark_id_seq"')`,
	`SELECT pg_advisory_xact_lock(1)`,
	`DELETE FROM "User"`, // and its bookmarks
}

// forbidden are statements that nothing of the application sends, by what PostgreSQL says to them.
var forbidden = map[string]string{
	`CREATE TABLE mine (id INT)`:                                    "permission denied for schema public",
	`CREATE TEMPORARY TABLE mine (id INT)`:                          "permission denied to create temporary tables",
	`CREATE SCHEMA mine`:                                            "permission denied for database",
	`CREATE FUNCTION mine() RETURNS INT LANGUAGE sql AS 'SELECT 1'`: "permission denied for schema public",
	`CREATE EXTENSION dblink`:                                       "permission denied to create extension",
	`ALTER TABLE "Bookmark" ADD COLUMN mine INT`:                    "must be owner of table Bookmark",
	`DROP TABLE "Bookmark"`:                                         "must be owner of table Bookmark",
	`TRUNCATE "Bookmark"`:                                           "permission denied for table Bookmark",
	`CREATE INDEX ON "Bookmark" (url)`:                              "must be owner of table Bookmark",
	`CREATE TRIGGER mine AFTER INSERT ON "Bookmark" EXECUTE FUNCTION gen_random_uuid()`: "permission denied for table Bookmark",
	`SELECT setval('"Bookmark_id_seq"', 1)`:                                             "permission denied for sequence Bookmark_id_seq",
	`SELECT * FROM "_prisma_migrations"`:                                                "permission denied for table _prisma_migrations",
	`DELETE FROM "_prisma_migrations"`:                                                  "permission denied for table _prisma_migrations",
	`SELECT rolpassword FROM pg_authid`:                                                 "permission denied for table pg_authid",
	`CREATE ROLE mine`:                                                                  "permission denied to create role",
	`CREATE DATABASE mine`:                                                              "permission denied to create database",
	`ALTER ROLE CURRENT_USER CREATEROLE`:                                                "permission denied",
	`SET ROLE rdsadmin`:                                                                 "permission denied to set role",
	`SELECT pg_read_file('postgresql.conf')`:                                            "permission denied for function pg_read_file",
	`COPY "Bookmark" TO PROGRAM 'cat'`:                                                  "permission denied to COPY to or from an external program",
	`SET session_replication_role = replica`:                                            "permission denied to set parameter",
	`ALTER SYSTEM SET log_statement = 'all'`:                                            "permission denied to set parameter",
	`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rdsadmin'`: "",
}

// saidOf15 is what PostgreSQL 15 says where later versions say it in other words.
var saidOf15 = map[string]string{
	`COPY "Bookmark" TO PROGRAM 'cat'`: "must be superuser or have privileges of the pg_execute_server_program " +
		"role to COPY to or from an external program",
	`ALTER ROLE CURRENT_USER CREATEROLE`: "permission denied",
}

func (s *site) cannot(t *testing.T, role, password string) {
	t.Helper()
	for statement, says := range forbidden {
		if other, ok := saidOf15[statement]; ok && s.major == 15 {
			says = other
		}
		out, err := s.as(role, password, statement)
		require.Error(t, err, "%s: %s", statement, out)
		assert.Contains(t, out, says, statement)
	}
}

func TestTheApplicationMayDoWhatPrismaNeedsAndNothingElse(t *testing.T) {
	t.Parallel()
	forEachServer(t, owners, serverSettings{}, func(t *testing.T, s *site) {
		s.release(t, s.first, "First1Password")
		count(s.from, must, len(allowed))
		for _, statement := range allowed {
			out, err := s.as(s.first, "First1Password", statement)
			require.NoError(t, err, "%s: %s", statement, out)
		}
		count(s.from, mustNot, len(forbidden))
		s.cannot(t, s.first, "First1Password")
	})
}
