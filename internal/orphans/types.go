package orphans

import (
	"regexp"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// followers are what AWS makes of a stack's resources and gives their tags.
var followers = []struct {
	pattern *regexp.Regexp
	what    string
}{
	{regexp.MustCompile(`^arn:aws:ecs:[^:]*:[^:]*:task/`), "ECS tasks"},
	{regexp.MustCompile(`^arn:aws:ecs:[^:]*:[^:]*:task-definition/`),
		"revisions of task definitions, which stay for a way back"},
	{regexp.MustCompile(`^arn:aws:rds:[^:]*:[^:]*:(cluster-)?snapshot:`), "database snapshots"},
	{regexp.MustCompile(`^arn:aws:backup:[^:]*:[^:]*:recovery-point:`), "recovery points"},
	{regexp.MustCompile(`^arn:aws:ec2:[^:]*:[^:]*:network-interface/`), "network interfaces"},
}

func followerOf(arn string) string {
	for _, one := range followers {
		if one.pattern.MatchString(arn) {
			return one.what
		}
	}
	return ""
}

// lastPart is what follows the last slash or colon.
func lastPart(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }

// advice is the type of an orphan and what to do about it.
func advice(arn string) (typ, what string) {
	row, importID, known := catalog.ByARN(arn)
	switch {
	case !known:
		return "unknown type", "look at it: import it with its id, or delete it"
	case row.HoldsData:
		return row.Type, "may hold data: import it with the id " + importID
	default:
		return row.Type, "delete it, or import it with the id " + importID
	}
}
