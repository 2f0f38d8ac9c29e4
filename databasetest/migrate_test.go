//go:build database

package databasetest

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFirstAndASecondRun(t *testing.T) {
	t.Parallel()
	forEachServer(t, runs, serverSettings{}, func(t *testing.T, s *site) {
		s.release(t, s.first, "First1Password")
		s.release(t, s.first, "First1Password")
		assert.Equal(t, "f|f|f|f|f|t", s.admin(t, s.database, fmt.Sprintf(
			`SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolcanlogin FROM pg_roles `+
				`WHERE rolname = '%s'`, s.first)))
	})
}

// A rotation moves the application to its other role. Tasks that still run have the role before.
func TestBothRolesInTurnOverTwoRotations(t *testing.T) {
	t.Parallel()
	forEachServer(t, runs, serverSettings{}, func(t *testing.T, s *site) {
		s.release(t, s.first, "Rotation1")
		s.release(t, s.second, "Rotation2")
		s.works(t, s.first, "Rotation1")
		s.release(t, s.first, "Rotation3")
		s.works(t, s.second, "Rotation2")
		s.refused(t, s.first, "Rotation1")
	})
}

// A release after a rotation may bring new tables: the role of the tasks that still run has them
// too.
func TestTheRoleBeforeReadsWhatALaterReleaseAdds(t *testing.T) {
	t.Parallel()
	forEachServer(t, runs, serverSettings{}, func(t *testing.T, s *site) {
		s.release(t, s.first, "Rotation1")
		said, err := s.migrate(t, migration{role: s.second, password: "Rotation2", migrate: migrateCommand + "\n" +
			`exec ./sql <<'SQL'` + "\n" + `CREATE TABLE "Later" (id SERIAL PRIMARY KEY);` + "\nSQL\n"})
		require.NoError(t, err, said)
		s.asOwner(t, `CREATE TABLE IF NOT EXISTS "Later" (id SERIAL PRIMARY KEY)`)
		for role, password := range map[string]string{s.first: "Rotation1", s.second: "Rotation2"} {
			out, err := s.as(role, password, `INSERT INTO "Later" DEFAULT VALUES`)
			require.NoError(t, err, out)
		}
	})
}

func TestAPasswordThatChangedTakesEffect(t *testing.T) {
	t.Parallel()
	forEachServer(t, runs, serverSettings{}, func(t *testing.T, s *site) {
		s.release(t, s.first, "First1Password")
		s.admin(t, s.database, fmt.Sprintf(`ALTER ROLE %s PASSWORD 'ByHand' NOLOGIN`, s.first))
		s.release(t, s.first, "First1Password")
		s.release(t, s.first, "Another2Password")
		s.refused(t, s.first, "First1Password")
	})
}

func TestACommandThatSendsStatementsOneByOne(t *testing.T) {
	t.Parallel()
	forEachServer(t, runs, serverSettings{}, func(t *testing.T, s *site) {
		said, err := s.migrate(t, migration{role: s.first, password: "First1Password", sql: fileCommand})
		require.NoError(t, err, said)
		s.works(t, s.first, "First1Password")
	})
}

func TestAServerThatWantsTLS(t *testing.T) {
	t.Parallel()
	forEachServer(t, encrypted, serverSettings{tls: true}, func(t *testing.T, s *site) {
		said, err := s.migrate(t, migration{
			role:     s.first,
			password: "First1Password",
			options:  "?connection_limit=10&schema=public&sslmode=require",
		})
		require.NoError(t, err, said)
		s.works(t, s.first, "First1Password")
		out, err := psql(s.url(s.first, "First1Password")+"?sslmode=disable", "SELECT 1")
		require.Error(t, err)
		assert.Contains(t, out, "no encryption", "nobody comes in without TLS, so the script did not either")
	})
}

// From PostgreSQL 16 on CREATEROLE changes only roles that it administers.
func TestARoleThatAnotherOwnerMade(t *testing.T) {
	t.Parallel()
	forEachServer(t, owners, serverSettings{}, func(t *testing.T, s *site) {
		s.admin(t, s.database, fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD 'Theirs'`, s.first))
		said, err := s.migrate(t, migration{role: s.first, password: "First1Password"})
		if s.major < 16 {
			require.NoError(t, err, said)
			s.works(t, s.first, "First1Password")
			return
		}
		require.Error(t, err)
		grant := fmt.Sprintf(`GRANT "%s" TO %s WITH ADMIN OPTION`, s.first, s.owner)
		assert.Contains(t, said,
			fmt.Sprintf(`role "%s" was made by somebody else, and %s may not change it`, s.first, s.owner))
		assert.Contains(t, said, grant)
		s.admin(t, s.database, grant)
		s.release(t, s.first, "First1Password")
	})
}

// The owner could not take these away, and the application would keep them.
func TestARoleThatMayDoTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	forEachServer(t, owners, serverSettings{}, func(t *testing.T, s *site) {
		for _, attribute := range []string{"SUPERUSER", "REPLICATION", "BYPASSRLS"} {
			s.admin(t, s.database,
				fmt.Sprintf(`DROP ROLE IF EXISTS %s; CREATE ROLE %[1]s LOGIN %s`, s.first, attribute))
			said, err := s.migrate(t, migration{role: s.first, password: "First1Password"})
			require.Error(t, err, attribute)
			assert.Contains(t, said, "is a superuser, or may replicate or bypass row security", attribute)
		}
	})
}

func TestADatabaseWithOldObjects(t *testing.T) {
	t.Parallel()
	forEachServer(t, owners, serverSettings{}, func(t *testing.T, s *site) {
		s.asOwner(t,
			`CREATE TABLE "Old" (id SERIAL PRIMARY KEY); INSERT INTO "Old" DEFAULT VALUES; CREATE SCHEMA other; `+
				`CREATE TABLE other.apart (id INT)`)
		s.release(t, s.first, "First1Password")
		out, err := s.as(s.first, "First1Password", `INSERT INTO "Old" DEFAULT VALUES RETURNING id`)
		require.NoError(t, err, out)
		assert.Equal(t, "2", out)
		out, err = s.as(s.first, "First1Password", `SELECT * FROM other.apart`)
		require.Error(t, err)
		assert.Contains(t, out, "permission denied for schema other")
	})
}

// Rights on what somebody else owns are somebody else's to give. The message names the table.
func TestATableOfSomebodyElse(t *testing.T) {
	t.Parallel()
	forEachServer(t, owners, serverSettings{}, func(t *testing.T, s *site) {
		s.admin(t, s.database, `CREATE TABLE "Theirs" (id INT)`)
		said, err := s.migrate(t, migration{role: s.first, password: "First1Password"})
		require.Error(t, err)
		assert.Contains(t, said, "permission denied for table Theirs")
	})
}

// In a database that PostgreSQL 14 or older made, everybody may make tables in public.
func TestASchemaThatIsOpenToAllIsClosed(t *testing.T) {
	t.Parallel()
	forEachServer(t, owners, serverSettings{}, func(t *testing.T, s *site) {
		s.admin(t, s.database, `GRANT CREATE ON SCHEMA public TO PUBLIC`)
		s.release(t, s.first, "First1Password")
		s.cannot(t, s.first, "First1Password")
	})
}

// A task may be stopped at any moment. The next one makes up for it.
func TestARunThatIsKilledHalfWay(t *testing.T) {
	t.Parallel()
	forEachServer(t, concurrent, serverSettings{}, func(t *testing.T, s *site) {
		held := s.hold(t, lockKey)
		command, _ := s.command(t, migration{role: s.first, password: "First1Password"})
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		require.NoError(t, command.Start())
		s.waitForWaiting(t, lockKey, 1)
		require.NoError(t, syscall.Kill(-command.Process.Pid, syscall.SIGKILL))
		require.Error(t, command.Wait())
		s.admin(t, s.database,
			fmt.Sprintf(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'`, s.owner))
		held()
		assert.Equal(t, "0",
			s.admin(t, s.database, fmt.Sprintf(`SELECT count(*) FROM pg_roles WHERE rolname = '%s'`, s.first)),
			"nothing of it stays")
		s.release(t, s.first, "First1Password")
	})
}

func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	forEachServer(t, concurrent, serverSettings{}, func(t *testing.T, s *site) {
		s.release(t, s.first, "First1Password")
		held := s.hold(t, lockKey)
		var runs []*exec.Cmd
		var said []fmt.Stringer
		for range 2 {
			command, out := s.command(t, migration{role: s.first, password: "Another2Password"})
			require.NoError(t, command.Start())
			runs, said = append(runs, command), append(said, out)
		}
		s.waitForWaiting(t, lockKey, 2)
		held()
		for i, one := range runs {
			require.NoError(t, one.Wait(), said[i])
		}
		s.works(t, s.first, "Another2Password")
	})
}

// lockKey is the script's.
const lockKey = "4711068301"

// hold takes a lock, until what it returns is called.
func (s *site) hold(t *testing.T, key string) (release func()) {
	t.Helper()
	command := exec.Command("psql", "--no-psqlrc", "--quiet", s.url(s.owner, s.ownerPassword))
	in, err := command.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	_, err = fmt.Fprintf(in, "SELECT pg_advisory_lock(%s);\n", key)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.locks(t, key, "granted") == 1 }, time.Minute, 20*time.Millisecond)
	return func() {
		require.NoError(t, in.Close())
		require.NoError(t, command.Wait())
	}
}

func (s *site) waitForWaiting(t *testing.T, key string, runs int) {
	t.Helper()
	require.Eventually(t, func() bool { return s.locks(t, key, "NOT granted") == runs }, time.Minute,
		20*time.Millisecond,
		"the runs do not wait for each other")
}

// locks counts who has, or waits for, a lock in this database.
func (s *site) locks(t *testing.T, key, which string) int {
	t.Helper()
	found := s.admin(t, s.database,
		`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND (classid::bigint << 32 | objid::bigint) = `+key+
			` AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND `+which)
	return strings.Count(found, "1")
}
