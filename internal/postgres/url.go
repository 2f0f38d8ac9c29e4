// Package postgres writes connection strings of the database for the clients that read them.
package postgres

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Client is who reads a connection string. Clients differ in the parameters that make them verify
// the server's certificate.
type Client string

// Prisma's own engine; and pg of Node.js (with Prisma's adapter for it, too), psql and what else is
// built on libpq.
const (
	Prisma Client = "prisma"
	Pg     Client = "pg"
)

// Rule implements settings.Ruled.
func (Client) Rule() settings.Rule { return settings.Set(Prisma, Pg) }

// URL is a connection string before it is written.
type URL struct {
	Username, Password string
	Host               string
	Port               int
	Database           string
	// PoolSize bounds the connections of each process; 0 leaves it to the client. Only Prisma's
	// engine reads it from here.
	PoolSize int
	// Client reads it. Empty is Prisma.
	Client Client
	// Bundle is the file with the certificates of the authorities that the client trusts, as it
	// finds it. Empty: the connection is encrypted, and the server's certificate is not verified.
	Bundle string
}

// String writes the connection string. TLS is required in any case.
//
// Prisma's engine knows the modes disable, prefer and require and takes another word for prefer,
// which goes on without TLS; it checks the server with sslaccept=strict.
// https://www.prisma.io/docs/orm/overview/databases/postgresql
//
// For libpq and pg, verify-full checks the authority and the name. libpq refuses a parameter that
// it does not know, so Prisma's own are left out. pg 8 takes require for verify-full as well, with
// the system's authorities, which RDS's are not among: it needs the bundle in any case.
// https://www.postgresql.org/docs/current/libpq-ssl.html
func (u URL) String() string {
	options := url.Values{"sslmode": {"require"}}
	switch {
	case u.Client != Pg:
		options.Set("schema", "public")
		if u.PoolSize > 0 {
			options.Set("connection_limit", strconv.Itoa(u.PoolSize))
		}
		if u.Bundle != "" {
			options.Set("sslaccept", "strict")
			options.Set("sslcert", u.Bundle)
		}
	case u.Bundle != "":
		options.Set("sslmode", "verify-full")
		options.Set("sslrootcert", u.Bundle)
	}
	connection := url.URL{
		Scheme:   "postgresql",
		User:     url.UserPassword(u.Username, u.Password),
		Host:     net.JoinHostPort(u.Host, strconv.Itoa(u.Port)),
		Path:     "/" + u.Database,
		RawQuery: strings.ReplaceAll(options.Encode(), "+", "%20"), // libpq reads + as a plus sign
	}
	return connection.String()
}
