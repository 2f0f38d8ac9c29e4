//go:build database

package databasetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// The groups of cases, as `make database` counts them.
const (
	runs       = "runs of the migration"
	concurrent = "concurrent runs"
	owners     = "roles, owners and old objects"
	secrets    = "the server's log"
	encrypted  = "TLS"
	dumps      = "rights of dumps"
	// wholeDumps are made by the pg_dump of this machine, which may be older than Aurora's server.
	wholeDumps = "whole dumps, of servers that pg_dump here can read"
	must       = "statements that must work"
	mustNot    = "statements that must be refused"
)

// counted are the cases that have begun, by group and major version.
var counted struct {
	sync.Mutex
	cases    map[string]map[int]int
	versions map[int]string
}

func count(on installation, group string, cases int) {
	counted.Lock()
	defer counted.Unlock()
	if counted.cases == nil {
		counted.cases, counted.versions = map[string]map[int]int{}, map[int]string{}
	}
	if counted.cases[group] == nil {
		counted.cases[group] = map[int]int{}
	}
	counted.cases[group][on.major] += cases
	counted.versions[on.major] = on.version
}

// summary says which servers ran how many cases of each group, and which did not. It is complete
// when Aurora's major version has run all cases that any has, but for whole dumps.
func summary() (text string, complete bool) {
	counted.Lock()
	defer counted.Unlock()
	var out strings.Builder
	out.WriteString("\nCases by group")
	for _, major := range tried {
		fmt.Fprintf(&out, " | PostgreSQL %d", major)
	}
	out.WriteString("\n")
	complete = len(counted.cases) > 0
	for _, group := range slices.Sorted(maps.Keys(counted.cases)) {
		fmt.Fprintf(&out, "%s", group)
		for _, major := range tried {
			fmt.Fprintf(&out, " | %d", counted.cases[group][major])
			complete = complete && (group == wholeDumps ||
				counted.cases[group][auroraMajor] >= counted.cases[group][major])
		}
		out.WriteString("\n")
	}
	for _, major := range tried {
		if version, ran := counted.versions[major]; ran {
			fmt.Fprintf(&out, "PostgreSQL %d ran: %s\n", major, version)
		} else {
			fmt.Fprintf(&out, "PostgreSQL %d did not run: it is not installed here\n", major)
		}
	}
	if !complete {
		fmt.Fprintf(&out, "PostgreSQL %d, Aurora's, has not run every case: nothing is shown\n", auroraMajor)
	}
	return out.String(), complete
}
