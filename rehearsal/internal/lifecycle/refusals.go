package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// A preview that fails says why in sentences. What is read out of them is here: which verdict they
// are, which change they are about, and which section they speak of.

// failures are the verdicts on a preview that fails, by words that it says, each with an example.
// The first that it says decides; with none of them it is Wrong.
var failures = []struct {
	words   string
	verdict Verdict
	example string
}{
	{"panic:", Wrong, "panic: runtime error: index out of range"},
	{"goroutine ", Wrong, "goroutine 1 [running]:"},
	{"nothing was deployed:", Refused,
		`the configuration of stack "prod" is not usable, and nothing was deployed:`},
	{"protect", Protected, "unable to replace resource \"X\"\nas part of it is currently marked for protection"},
}

// failed is the verdict on a preview that fails.
func failed(said string) Verdict {
	for _, one := range failures {
		if strings.Contains(said, one.words) {
			return one.verdict
		}
	}
	return Wrong
}

// cloudRefusals are those that only the cloud can make, by the setting and the cloud's words: the
// stack file does not tell which versions a cloud has today, nor what it holds already.
var cloudRefusals = map[string]string{
	"atlas.mongoDbVersion":  "INVALID_ENUM_VALUE",
	"network.zones[*].name": "InvalidSubnet.Conflict",
}

func foreseen(change Change, said string) bool {
	words, known := cloudRefusals[anyEntry(change.Path)]
	return known && strings.Contains(said, words)
}

// speaksOfSection says whether a finding has the name of a section somewhere, in any case and
// without its plural: "services" is in "urn:…:compute:Service$aws:ecs/service:Service::web".
func speaksOfSection(said, section string) bool {
	_, name, _ := strings.Cut(section, ":")
	return strings.Contains(strings.ToLower(said), strings.TrimSuffix(strings.ToLower(name), "s"))
}

// A line of the program's report on a configuration has the key of the section, the place in it,
// and what is wrong there:
//
//	bookmark-manager:aurora.instances[0].zoneIndex: found 9, want the index of a zone in network.zones
type line struct {
	text string // the whole line
	said string // without the project: from the place on
}

// rule says when a line is about a changed setting.
type rule struct {
	about   string // what the line is about, seen from the change
	change  Change // for example, and
	example string // what a line says of it
	fits    func(l line, c Change) bool
}

// ownPlace is the surest of the rules: it holds in a preview that changes share, too.
var ownPlace = rule{
	about:   "the setting itself, or something in it",
	change:  Change{Path: "aurora.instances"},
	example: "aurora.instances[0].zoneIndex: found 9, want the index of a zone in network.zones: one of [1 2]",
	fits:    func(l line, c Change) bool { return l.isAt(c.Path, ":.[") },
}

// rules are those for a change that is previewed alone. The first that any line fits decides.
var rules = []rule{
	ownPlace,
	{
		about:  "another setting, which the change contradicts",
		change: Change{Path: "compute.loadBalancer.idleTimeoutSeconds"},
		example: "edge.distribution.originKeepaliveSeconds: found 60, want compute.loadBalancer.idleTimeoutSeconds " +
			"(59) or less",
		fits: func(l line, c Change) bool { return l.hasWord(c.Path) },
	},
	{
		about:  "another setting of its section, where the section's name is left out",
		change: Change{Path: "aurora.allowMajorVersionUpgrade"},
		example: "aurora.applyImmediately: found nothing, want true with allowMajorVersionUpgrade: an upgrade " +
			"waits",
		fits: func(l line, c Change) bool {
			section, inSection, _ := strings.Cut(c.Path, ".")
			return inSection != "" && strings.HasPrefix(l.said, section+".") && l.hasWord(inSection)
		},
	},
	{
		about:   "the list, the map or the section that the setting is in",
		change:  Change{Path: "notifications.emails"},
		example: `notifications: found "no subscriber", want an address in emails`,
		fits: func(l line, c Change) bool {
			for around := parent(c.Path); around != ""; around = parent(around) {
				if l.isAt(around, ":") { // what is in another part of it is another setting
					return true
				}
			}
			return false
		},
	},
	{
		about:  "a setting beside it that does not go with its value",
		change: Change{Path: "services.api.migration.cpu", Edit: stackfile.Edit{Value: 512}},
		example: "services.api.migration.memory: found 512, want 1024 to 4096 MiB in steps of 1024 with cpu " +
			"512",
		fits: func(l line, c Change) bool {
			return l.isBeside(c.Path) && strings.Contains(l.text, fmt.Sprintf("%s %v", last(c.Path), c.Value))
		},
	},
	{
		about:   "a setting beside it that does not go without it",
		change:  Change{Path: "services.api.paths"},
		example: "services.api.deployment.graceSeconds: found 90, want 0 for a service without paths",
		fits:    func(l line, c Change) bool { return l.isBeside(c.Path) && l.hasWithout(last(c.Path)) },
	},
	{
		about:   "a setting that names the entry which was taken out",
		change:  Change{Path: "services.api", Edit: stackfile.Edit{Remove: true}},
		example: `services.web.calls[0]: found "api", want another service`,
		fits: func(l line, c Change) bool {
			return c.Remove && strings.Contains(l.text, fmt.Sprintf("found %q", last(c.Path)))
		},
	},
	{
		about:   "a zone, which must be one of the new region",
		change:  Change{Path: "aws.region", Edit: stackfile.Edit{Value: "ap-northeast-2"}},
		example: `network.zones[0].name: found "ap-northeast-1a", want a zone of region ap-northeast-2`,
		fits: func(l line, c Change) bool {
			text, isText := c.Value.(string)
			_, wanted, _ := strings.Cut(l.text, ", want ")
			return isText && strings.HasPrefix(c.Path, "aws.") && strings.Contains(wanted, text)
		},
	},
	{
		about:   "a secret, which a list of parameters now wants",
		change:  Change{Path: "parameters.secrets", Edit: stackfile.Edit{Value: []any{"OPENAI_API_KEY"}}},
		example: "OPENAI_API_KEY: found nothing, want a secret",
		fits: func(l line, c Change) bool {
			list, _ := c.Value.([]any)
			return slices.ContainsFunc(list, func(one any) bool {
				name, isText := one.(string)
				return isText && strings.HasPrefix(l.said, name+": ")
			})
		},
	},
}

// refusal finds the line of a report that is about a change.
func refusal(change Change, report string) (string, bool) {
	for _, rule := range rules {
		if line, ok := rule.find(change, report); ok {
			return line, true
		}
	}
	return "", false
}

// find is the first line of a report that the rule fits to a change.
func (r rule) find(change Change, report string) (string, bool) {
	for text := range strings.Lines(report) {
		text = strings.TrimSpace(text)
		_, said, _ := strings.Cut(text, ":")
		if r.fits(line{text, said}, change) {
			return text, true
		}
	}
	return "", false
}

// isAt says whether the line is about a setting's own place. ends are what may follow it there: a
// colon, or a step to what is in it.
func (l line) isAt(setting, ends string) bool {
	rest, ok := strings.CutPrefix(l.said, setting)
	return ok && rest != "" && strings.ContainsRune(ends, rune(rest[0]))
}

// isBeside says whether the line is about something in what a setting is in.
func (l line) isBeside(setting string) bool { return strings.HasPrefix(l.said, parent(setting)+".") }

// hasWord says whether the line has a setting's path as a word of its own.
func (l line) hasWord(setting string) bool {
	for _, after := range []string{" ", ")", ",", ":", ".", "["} {
		if strings.Contains(l.text+" ", " "+setting+after) || strings.Contains(l.text, "("+setting+after) {
			return true
		}
	}
	return false
}

// hasWithout says whether the line has "without paths", "without a canary", "without an image".
func (l line) hasWithout(key string) bool {
	for _, article := range []string{"", "a ", "an "} {
		if strings.Contains(l.text+" ", " without "+article+key+" ") {
			return true
		}
	}
	return false
}

// last is the key of a setting in what it is in.
func last(path string) string { return path[strings.LastIndexAny(path, ".[")+1:] }

// parent is the path of what a setting is in; empty for a section.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }
