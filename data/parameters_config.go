package data

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/postgres"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// The names of the parameters below /bookmark-manager/<environment>/, which are also the names of
// environment variables.
const (
	DatabaseURL       = "DATABASE_URL"
	MasterDatabaseURL = "MASTER_DATABASE_URL" // read by the migration task alone
	// MigrationDatabaseURL is what DATABASE_URL is or is about to be, with the password's verifier
	// in its place. The migration task alone reads it, and makes the role.
	MigrationDatabaseURL = "MIGRATION_DATABASE_URL"
	// DumpDatabaseURL is what the dump reads the database with. MigrationDumpURL is the same with
	// the password's verifier in its place, for the migration task, which makes the role.
	DumpDatabaseURL   = "DUMP_DATABASE_URL"
	MigrationDumpURL  = "MIGRATION_DUMP_DATABASE_URL"
	MongoDBURI        = "MONGODB_URI"
	JWTSecret         = "JWT_SECRET"
	JWTSecretPrevious = "JWT_SECRET_PREVIOUS"
	JWTSecretNext     = "JWT_SECRET_NEXT"
	DatadogAPIKey     = "DD_API_KEY"
	SentryDSN         = "SENTRY_DSN" // one for each service, below the service's name
)

// ReaderDatabaseURL is DATABASE_URL at the cluster's reader endpoint. It is made with
// parameters.reader.
const ReaderDatabaseURL = "READER_DATABASE_URL"

// databaseURLs and jwtSecrets are the parameters that every stack has, beside MONGODB_URI.
var (
	databaseURLs = []string{DatabaseURL, MasterDatabaseURL, MigrationDatabaseURL}
	jwtSecrets   = []string{JWTSecretPrevious, JWTSecret, JWTSecretNext}
)

var reserved = slices.Concat(databaseURLs, jwtSecrets,
	[]string{ReaderDatabaseURL, DumpDatabaseURL, MigrationDumpURL, MongoDBURI, DatadogAPIKey, SentryDSN})

// ParametersConfig is what the parameters that tasks read consist of: section "parameters".
type ParametersConfig struct {
	// ConnectionLimit is how many database connections each task may open.
	ConnectionLimit int `json:"connectionLimit" range:"1..500"`
	// Reader makes the parameter READER_DATABASE_URL for services that ask for it in their secrets:
	// reads of a few milliseconds ago, from the cluster's other instances. With one instance it
	// leads to that one.
	Reader bool `json:"reader"`
	// Verify makes the clients of the database verify its server certificate. Without it the
	// connection is encrypted, but a server that poses as the database would get the password. The
	// images must have RDS's CA bundle (https://truststore.pki.rds.amazonaws.com) first.
	Verify *VerifyConfig `json:"verify"`
	// JWTRotation moves on by one key when it is raised by one: JWT_SECRET becomes
	// JWT_SECRET_PREVIOUS, and JWT_SECRET_NEXT, which every task accepts already, becomes
	// JWT_SECRET. Raised by two, it drops JWT_SECRET at once, as after a leak.
	JWTRotation int `json:"jwtRotation" range:"1.." hint:"raise it by one to rotate"`
	// Secrets are the names of further parameters, such as OPENAI_API_KEY, whose values are secrets
	// of the stack's configuration.
	Secrets []string `json:"secrets" settings:"optional,unique" pattern:"^[A-Z][A-Z0-9_]{0,99}$" want:"a name of 1 to 100 upper-case letters, digits and underscores that begins with a letter"`
}

// VerifyConfig is how the clients of the database verify its server certificate.
type VerifyConfig struct {
	// Client reads the connection strings, which name the check in its words: prisma is Prisma's
	// own engine; pg is the package of Node.js, also below Prisma's adapter for it (which Prisma 7
	// uses), and psql. Of pg ConnectionLimit does not hold: it is set where the pool is made.
	Client postgres.Client `json:"client"`
	// Bundle is the path of RDS's bundle of authorities in the images of all services, of the
	// migration and of the dump.
	Bundle string `json:"bundle" pattern:"^/[A-Za-z0-9._/-]+$" want:"an absolute path in the image, such as \"/etc/ssl/rds/global-bundle.pem\""`
}

// Validate reports every problem of the section.
func (c ParametersConfig) Validate() settings.Problems {
	p := settings.Check(c)
	for i, name := range c.Secrets {
		p.Want(!slices.Contains(reserved, name), fmt.Sprintf("secrets[%d]", i), name,
			"a name that the program does not use itself: none of %v", reserved)
	}
	return p
}

// Names lists the parameters of a stack, sorted. services are those that have a Sentry project.
func (c ParametersConfig) Names(datadog bool, services []string) []string {
	all := slices.Concat(databaseURLs, jwtSecrets, []string{MongoDBURI}, c.Secrets)
	if c.Reader {
		all = append(all, ReaderDatabaseURL)
	}
	if datadog {
		all = append(all, DatadogAPIKey)
	}
	for _, service := range services {
		all = append(all, service+"/"+SentryDSN)
	}
	slices.Sort(all)
	return all
}

// Resolve finds, among the names of a stack's parameters, the one behind an environment variable of
// a service: the service's own where it has one, otherwise the stack's. No service is given what
// the migration task alone reads.
func Resolve(parameters []string, service, variable string) (string, bool) {
	if variable == MasterDatabaseURL || variable == MigrationDatabaseURL {
		return "", false
	}
	for _, name := range []string{service + "/" + variable, variable} {
		if slices.Contains(parameters, name) {
			return name, true
		}
	}
	return "", false
}
