package data

import (
	"fmt"
	"net/url"
)

// mongoURI adds a user's credentials and a database to an address that Atlas gave. TLS is what
// mongodb+srv means.
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
