package data

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// The names of the parameters below /bookmark-manager/<environment>/, which are also the names of environment variables.
const (
	DatabaseURL       = "DATABASE_URL"
	MasterDatabaseURL = "MASTER_DATABASE_URL" // read by the migration task alone
	// MigrationDatabaseURL is what DATABASE_URL is or is about to be, with the password's verifier in its place. The migration task alone
	// reads it, and makes the role.
	MigrationDatabaseURL = "MIGRATION_DATABASE_URL"
	MongoDBURI           = "MONGODB_URI"
	JWTSecret            = "JWT_SECRET"
	JWTSecretPrevious    = "JWT_SECRET_PREVIOUS"
	JWTSecretNext        = "JWT_SECRET_NEXT"
	DatadogAPIKey        = "DD_API_KEY"
	SentryDSN            = "SENTRY_DSN" // one for each service, below the service's name
)

// databaseURLs and jwtSecrets are the parameters that every stack has, beside MONGODB_URI.
var (
	databaseURLs = []string{DatabaseURL, MasterDatabaseURL, MigrationDatabaseURL}
	jwtSecrets   = []string{JWTSecretPrevious, JWTSecret, JWTSecretNext}
)

var reserved = slices.Concat(databaseURLs, jwtSecrets, []string{MongoDBURI, DatadogAPIKey, SentryDSN})

// ParametersConfig is what the parameters that tasks read consist of: section "parameters".
type ParametersConfig struct {
	// ConnectionLimit is how many database connections each task may open.
	ConnectionLimit int `json:"connectionLimit" range:"1..500"`
	// JWTRotation moves on by one key when it is raised by one: JWT_SECRET becomes JWT_SECRET_PREVIOUS, and JWT_SECRET_NEXT, which every task
	// accepts already, becomes JWT_SECRET. Raised by two, it drops JWT_SECRET at once, as after a leak.
	JWTRotation int `json:"jwtRotation" range:"1.." hint:"raise it by one to rotate"`
	// Secrets are the names of further parameters, such as OPENAI_API_KEY, whose values are secrets of the stack's configuration.
	Secrets []string `json:"secrets" settings:"optional,unique" pattern:"^[A-Z][A-Z0-9_]{0,99}$" want:"a name of 1 to 100 upper-case letters, digits and underscores that begins with a letter"`
}

// Validate reports every problem of the section.
func (c ParametersConfig) Validate() settings.Problems {
	p := settings.Check(c)
	for i, name := range c.Secrets {
		p.Want(!slices.Contains(reserved, name), fmt.Sprintf("secrets[%d]", i), name, "a name that the program does not use itself: none of %v", reserved)
	}
	return p
}

// Names lists the parameters of a stack, sorted. services are those that have a Sentry project.
func (c ParametersConfig) Names(datadog bool, services []string) []string {
	all := slices.Concat(databaseURLs, jwtSecrets, []string{MongoDBURI}, c.Secrets)
	if datadog {
		all = append(all, DatadogAPIKey)
	}
	for _, service := range services {
		all = append(all, service+"/"+SentryDSN)
	}
	slices.Sort(all)
	return all
}

// Resolve finds, among the names of a stack's parameters, the one behind an environment variable of a service: the service's own where it
// has one, otherwise the stack's. No service is given what the migration task alone reads.
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
