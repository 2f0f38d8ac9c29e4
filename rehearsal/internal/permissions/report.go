package permissions

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
)

// Count is how many actions a role used, and how many patterns of its own policies cover none of
// them.
type Count struct {
	Role          string // its name
	Used, NotUsed int
}

// Counts are those of all roles that asked.
func (r *Record) Counts() ([]Count, error) {
	var all []Count
	for _, role := range r.Roles() {
		used := r.Used(role)
		unused, _, err := r.granted(role, used, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, Count{short(role), len(used), len(unused)})
	}
	return all, nil
}

// Print writes, for each role, what it used, what was granted and never used, and what is granted
// on * though it was asked for certain resources alone, with the reason that the code gives.
// project is the folder of the program.
func (r *Record) Print(c *console.Console, project string) error {
	reasons, err := comments(project)
	if err != nil {
		return err
	}
	for _, role := range r.Roles() {
		used := r.Used(role)
		granted, wide, err := r.granted(role, used, reasons)
		if err != nil {
			return err
		}
		c.Heading("%s: %d actions used, %d patterns not used", short(role), len(used), len(granted))
		for _, line := range byService(slices.Sorted(maps.Keys(used))) {
			c.Line("used      %s", line)
		}
		for _, line := range byService(granted) {
			c.Line("not used  %s", line)
		}
		for _, line := range wide {
			c.Line("wide      %s", line)
		}
	}
	return nil
}

// byService writes actions in one line for each service.
func byService(actions []string) []string {
	names := map[string][]string{}
	for _, action := range actions {
		_, name, _ := strings.Cut(action, ":")
		names[service(action)] = append(names[service(action)], name)
	}
	var lines []string
	for _, one := range slices.Sorted(maps.Keys(names)) {
		lines = append(lines, fmt.Sprintf("%-26s %s", one, strings.Join(names[one], " ")))
	}
	return lines
}

// granted are the patterns of a role's own documents that cover nothing that it used, and the
// statements that are wider than what was asked.
func (r *Record) granted(
	role string, used map[string][]string, reasons map[string]string,
) (unused, wide []string, err error) {
	documents := map[string]bool{}
	for _, a := range r.Asked {
		if a.Role == role {
			for _, key := range a.Identity {
				documents[key] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(documents)) {
		_, statements, err := open(r.Documents[key].Text)
		if err != nil {
			return nil, nil, err
		}
		for i, s := range statements {
			if s["Effect"] != "Allow" {
				continue
			}
			var covered []string
			for _, pattern := range list(s["Action"]) {
				before := len(covered)
				for action := range used {
					if covers(pattern, action) && !slices.Contains(covered, action) {
						covered = append(covered, action)
					}
				}
				if len(covered) == before && !slices.Contains(unused, pattern) {
					unused = append(unused, pattern)
				}
			}
			if slices.Equal(list(s["Resource"]), []string{"*"}) {
				if narrow := narrowable(covered, used); len(narrow) > 0 {
					wide = append(wide, wideLine(r.Documents[key].Name, s, i, narrow, reasons))
				}
			}
		}
	}
	slices.Sort(unused)
	slices.Sort(wide)
	return unused, slices.Compact(wide), nil
}

// narrowable are the actions that were asked for certain resources alone.
func narrowable(actions []string, used map[string][]string) []string {
	var narrow []string
	for _, action := range actions {
		if !slices.Contains(used[action], "*") {
			narrow = append(narrow, action)
		}
	}
	slices.Sort(narrow)
	return narrow
}

func wideLine(document string, s map[string]any, index int, narrow []string, reasons map[string]string) string {
	sid, _ := s["Sid"].(string)
	label := sid
	if label == "" {
		label = fmt.Sprint(index + 1)
	}
	reason := reasons[sid]
	if reason == "" {
		reason = "the code gives no reason"
	}
	services := map[string]int{}
	for _, action := range narrow {
		services[service(action)]++
	}
	var counts []string
	for _, one := range slices.Sorted(maps.Keys(services)) {
		counts = append(counts, fmt.Sprintf("%s %d", one, services[one]))
	}
	return fmt.Sprintf("statement %s of %s: %d actions on * were asked for certain resources alone (%s): %s",
		label, document, len(narrow), strings.Join(counts, ", "), reason)
}

var (
	sidLine     = regexp.MustCompile(`Sid:\s*"(\w+)"`)
	commentLine = regexp.MustCompile(`^\s*// ?(.*)$`)
)

// comments are what the program's code says before the statements with a Sid.
func comments(project string) (map[string]string, error) {
	reasons := map[string]string{}
	err := filepath.WalkDir(project, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != project &&
			(strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"rehearsal", "sdks"}, entry.Name())):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var above []string
		for _, line := range strings.Split(string(raw), "\n") {
			if comment := commentLine.FindStringSubmatch(line); comment != nil {
				above = append(above, comment[1])
				continue
			}
			if sid := sidLine.FindStringSubmatch(line); sid != nil && len(above) > 0 {
				reasons[sid[1]] = strings.Join(above, " ")
			}
			above = nil
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the reasons of statements in the code: %w", err)
	}
	return reasons, nil
}
