//go:build database

package databasetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/postgres"
)

// client connects with a connection string, and says what went wrong. Whatever the host's name is,
// it is found at 127.0.0.1: pg compares a name, and no address, with the certificate.
type client struct {
	name    string
	trusts  bool // everybody, until it is told to check
	connect func(t *testing.T, url string) error
}

var clients = []client{
	{"psql", true, func(_ *testing.T, url string) error {
		command := exec.Command("psql", url, "--no-psqlrc", "--command", "SELECT 1")
		command.Env = append(os.Environ(), "PGHOSTADDR=127.0.0.1")
		out, err := command.CombinedOutput()
		return withOutput(err, string(out))
	}},
	{"pg", false, func(t *testing.T, url string) error {
		command := exec.Command("node", "--eval", `
			require('dns').lookup = (name, options, found) =>
				options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)
			const { Client } = require('pg')
			const client = new Client({ connectionString: process.env.DATABASE_URL })
			client.connect().then(() => client.query('SELECT 1')).then(() => client.end())
				.catch((error) => { console.error(error.message); process.exit(1) })`)
		modules, err := filepath.Abs("../.rehearsal/postgresql/node_modules")
		require.NoError(t, err)
		command.Env = append(os.Environ(), "DATABASE_URL="+url, "NODE_PATH="+modules)
		out, err := command.CombinedOutput()
		return withOutput(err, string(out))
	}},
}

func withOutput(err error, out string) error {
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// The string that asks for the check must be one that the client reads, and the check must be one.
func TestClientsCheckWhoAnswers(t *testing.T) {
	t.Parallel()
	forEachServer(t, encrypted, serverSettings{tls: true}, func(t *testing.T, s *site) {
		theirs, err := os.ReadFile(filepath.Join(s.data(), "server.crt"))
		require.NoError(t, err)
		others, _ := selfSigned(t)
		folder := t.TempDir()
		bundle := func(name, text string) string {
			path := filepath.Join(folder, name)
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			return path
		}
		right, wrong := bundle("right.pem", string(theirs)), bundle("wrong.pem", others)
		url := func(host, bundle string) string {
			return postgres.URL{
				Username: s.owner,
				Password: s.ownerPassword,
				Host:     host,
				Port:     s.port,
				Database: s.database,
				PoolSize: 10,
				Client:   postgres.Pg,
				Bundle:   bundle,
			}.String()
		}
		for _, one := range clients {
			assert.NoError(t, one.connect(t, url(serverName, right)), "%s with the server's authority", one.name)
			if err := one.connect(t, url(serverName, "")); one.trusts {
				assert.NoError(t, err, "%s without a check", one.name)
			} else {
				assert.ErrorContains(t, err, "self-signed certificate",
					"%s takes require for a check by the system's authorities", one.name)
			}
			assert.Error(t, one.connect(t, url(serverName, wrong)), "%s with another authority", one.name)
			assert.Error(t, one.connect(t, url("other.example", right)),
				"%s with a name that the certificate does not have", one.name)
			assert.Error(t, one.connect(t, url(serverName, filepath.Join(folder, "none.pem"))),
				"%s without the bundle", one.name)
		}
	})
}
