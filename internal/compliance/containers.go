package compliance

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// containers splits a task definition into its containers. One that cannot be parsed is judged
// whole, and comes out as unknown.
func containers(r *resource) []*resource {
	var all []*resource
	for _, one := range r.at("containerDefinitions").parsed().list() {
		part := &resource{state: r.state, part: one.at("name").text()}
		part.value = value{plan.ValueOf(part.part, one.in.Raw()), &unread{}}
		all = append(all, part)
	}
	if len(all) == 0 {
		if len(r.unread.unknown)+len(r.unread.hidden) == 0 {
			r.unread.note(&r.unread.unknown, "containerDefinitions (no container in it)")
		}
		return []*resource{r}
	}
	return all
}

// credential is what names of environment variables that hold a secret look like.
var credential = regexp.MustCompile(
	`(?i)(^|_)(password|passwd|secret|token|api_?key|access_?key(_id)?|private_?` +
		`key|engine_auth_data|database_url|mongodb_uri)($|_)`)

// inURL is a password in a URL.
var inURL = regexp.MustCompile(`://[^/\s:@]*:[^/\s@]+@`)

func noSecretsInEnvironment(_ *stack, c *resource) string {
	for _, variable := range c.at("environment").list() {
		name, text := variable.at("name").text(), variable.at("value").text()
		if credential.MatchString(name) || inURL.MatchString(text) {
			return "the environment variable " + name +
				" looks like a secret: pass it by secrets, with the ARN of a parameter"
		}
	}
	return ""
}

func nonRoot(_ *stack, c *resource) string {
	user, _, _ := strings.Cut(c.at("user").text(), ":")
	if slices.Contains([]string{"", "0", "root"}, user) {
		return "user is " + orNone(c.at("user").text()) + ", so it may run as root"
	}
	return ""
}

func orNone(text string) string {
	if text == "" {
		return "not set"
	}
	return text
}
