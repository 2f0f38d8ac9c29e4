package postgres

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestURL(t *testing.T) {
	const bundle = "/etc/ssl/rds/global-bundle.pem"
	for name, c := range map[string]struct {
		client Client
		bundle string
		pool   int
		want   string
	}{
		"Prisma":               {Prisma, "", 10, "connection_limit=10&schema=public&sslmode=require"},
		"nobody in particular": {"", "", 0, "schema=public&sslmode=require"},
		"Prisma that checks": {Prisma, bundle, 0,
			"schema=public&sslaccept=strict&sslcert=%2Fetc%2Fssl%2Frds%2Fglobal-bundle.pem&sslmode=require"},
		"pg":               {Pg, "", 10, "sslmode=require"},
		"pg that checks":   {Pg, bundle, 10, "sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Frds%2Fglobal-bundle.pem"},
		"a path as it may": {Pg, "/a b+c", 10, "sslmode=verify-full&sslrootcert=%2Fa%20b%2Bc"},
	} {
		u := URL{
			Username: "app",
			Password: "a/b:c",
			Host:     "db.example.com",
			Port:     5432,
			Database: "bookmarkdb",
			Client:   c.client,
			Bundle:   c.bundle,
			PoolSize: c.pool,
		}
		assert.Equal(t, "postgresql://app:a%2Fb%3Ac@db.example.com:5432/bookmarkdb?"+c.want, u.String(), name)
	}
}
