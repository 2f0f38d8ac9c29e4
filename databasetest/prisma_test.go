//go:build database

package databasetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// prismasLock is the advisory lock that `prisma migrate deploy` takes for its session. It waits ten
// seconds for it, and fails with P1002.
// https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production#advisory-locking
const prismasLock = "72707369"

// lockedCommand plays the part of `prisma migrate deploy` with its lock, and says what that says: a
// tenth of a second stands for ten, and its work takes ten times as long.
const lockedCommand = `#!/bin/sh
set -u
if ! psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 "${DATABASE_URL%%\?*}" >/dev/null 2>&1 <<'SQL'
SET lock_timeout = '100ms';
SELECT pg_advisory_lock(72707369);
SELECT pg_sleep(1);
SQL
then
	echo 'Error: P1002' >&2
	echo 'Context: Timed out trying to acquire a postgres advisory lock' \
		'(SELECT pg_advisory_lock(72707369)). Elapsed: 100ms.' >&2
	exit 1
fi
echo migrated >>done
`

// Each run has a folder of its own, as tasks have.
func TestMigrationsWaitForEachOtherLongerThanPrismaDoes(t *testing.T) {
	t.Parallel()
	forEachServer(t, concurrent, serverSettings{}, func(t *testing.T, s *site) {
		s.release(t, s.first, "First1Password")
		held := s.hold(t, prismasLock)
		ended := make(chan error, 3)
		var said []fmt.Stringer
		for range cap(ended) {
			command, out := s.command(t, migration{role: s.first, password: "Another2Password", migrate: lockedCommand})
			require.NoError(t, command.Start())
			said = append(said, out)
			go func() { ended <- command.Wait() }()
		}
		s.waitForWaiting(t, prismasLock, cap(ended))
		time.Sleep(time.Second) // longer than the stand-in waits
		held()
		for range cap(ended) {
			require.NoError(t, <-ended, said)
		}
		s.works(t, s.first, "Another2Password")
	})
}

func TestAMigrationThatDoesNotEndIsSaidWithACodeOfItsOwn(t *testing.T) {
	t.Parallel()
	forEachServer(t, concurrent, serverSettings{}, func(t *testing.T, s *site) {
		held := s.hold(t, prismasLock)
		command, said := s.command(t, migration{
			role:     s.first,
			password: "First1Password",
			migrate:  lockedCommand,
			patience: "'500ms'",
		})
		require.Error(t, command.Run())
		assert.Equal(t, 75, command.ProcessState.ExitCode(), said)
		assert.Contains(t, said.String(),
			"another migration of this database does not end, so this one has done nothing")
		assert.NoFileExists(t, filepath.Join(command.Dir, "done"))
		assert.Equal(t, "0",
			s.admin(t, s.database, fmt.Sprintf(`SELECT count(*) FROM pg_roles WHERE rolname = '%s'`, s.first)))
		held()
		s.release(t, s.first, "First1Password")
	})
}

// Prisma's own failure is passed on as it is, and nothing is tried twice.
func TestAMigrationThatFailsIsNotRepeated(t *testing.T) {
	t.Parallel()
	forEachServer(t, runs, serverSettings{}, func(t *testing.T, s *site) {
		command, said := s.command(t, migration{
			role:     s.first,
			password: "First1Password",
			migrate:  "#!/bin/sh\necho tried >>done\necho P3009 >&2\nexit 3\n",
		})
		require.Error(t, command.Run())
		assert.Equal(t, 3, command.ProcessState.ExitCode())
		assert.Contains(t, said.String(), "P3009")
		tries, err := os.ReadFile(filepath.Join(command.Dir, "done"))
		require.NoError(t, err)
		assert.Equal(t, 1, strings.Count(string(tries), "tried"))
	})
}

// What cannot be reached is no other migration.
func TestADatabaseThatDoesNotAnswerIsSaidAsSuch(t *testing.T) {
	t.Parallel()
	forEachServer(t, runs, serverSettings{}, func(t *testing.T, s *site) {
		s.ownerPassword = "Wrong"
		command, said := s.command(t, migration{role: s.first, password: "First1Password"})
		require.Error(t, command.Run())
		assert.Equal(t, 1, command.ProcessState.ExitCode())
		assert.Contains(t, said.String(), "password authentication failed")
		assert.NotContains(t, said.String(), "another migration")
	})
}
