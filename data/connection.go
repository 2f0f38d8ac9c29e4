package data

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// postgresURL is the connection string of a role, as Prisma reads it, with TLS required. poolSize bounds the connections of each process;
// 0 leaves it to the client.
func postgresURL(username, password, host string, poolSize int) string {
	options := url.Values{"schema": {"public"}, "sslmode": {"require"}}
	if poolSize > 0 {
		options.Set("connection_limit", strconv.Itoa(poolSize))
	}
	connection := url.URL{
		Scheme: "postgresql", User: url.UserPassword(username, password),
		Host: net.JoinHostPort(host, strconv.Itoa(DatabasePort)), Path: "/" + DatabaseName, RawQuery: options.Encode(),
	}
	return connection.String()
}

// mongoURI adds a user's credentials and a database to an address that Atlas gave. TLS is what mongodb+srv means.
func mongoURI(address, username, password, database string) (string, error) {
	connection, err := url.Parse(address)
	if err != nil || connection.Scheme != "mongodb+srv" || connection.Host == "" {
		return "", fmt.Errorf(`the Atlas cluster's address is %q, want "mongodb+srv://" and a host name`, address)
	}
	connection.User = url.UserPassword(username, password)
	connection.Path = "/" + database
	connection.RawQuery = url.Values{"authSource": {"admin"}, "retryWrites": {"true"}, "w": {"majority"}}.Encode()
	return connection.String(), nil
}
