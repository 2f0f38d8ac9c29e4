package docs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// README.ja.md says in Japanese what README.md says. A test cannot read either, but it can hold
// what both must show alike: the sections with their anchors, and in each the same paragraphs,
// commands and tables, with the same code, links and numbers.
func TestTheJapaneseReadmeSaysWhatTheEnglishSays(t *testing.T) {
	english := pageOf("README.md", read(t, "README.md"))
	japanese := pageOf("README.ja.md", read(t, "README.ja.md"))
	for _, difference := range differences(english, japanese) {
		t.Error(difference)
	}
}

// page is a document in the parts that are compared. The first section is what stands above the
// title.
type page struct {
	name     string
	sections []section
}

// section is what stands under one heading. The anchor of the title is empty.
type section struct {
	anchor string
	level  int
	line   int
	blocks []block
}

// block is a run of lines of one kind: a paragraph, a table or commands.
type block struct {
	kind  string
	line  int // of the first
	lines []string
}

var (
	headingLine = regexp.MustCompile(`^(#+) (.+)$`)
	anchorLine  = regexp.MustCompile(`^<a id="([^"]+)"></a>$`)
	notInAnchor = regexp.MustCompile(`[^a-z0-9 -]`)
	linkTarget  = regexp.MustCompile(`\]\(([^)]+)\)`)
	number      = regexp.MustCompile(`\b\d+(?:[.,]\d+)*`)
)

// pageOf takes a document apart. A heading has the anchor that stands on the line above it, or else
// the one that GitHub makes of its words.
func pageOf(name, text string) page {
	p := page{name: name, sections: []section{{}}}
	anchor, kind := "", ""
	for i, line := range strings.Split(text, "\n") {
		last := &p.sections[len(p.sections)-1]
		if named := anchorLine.FindStringSubmatch(line); named != nil {
			anchor, kind = named[1], ""
			continue
		}
		if heading := headingLine.FindStringSubmatch(line); heading != nil {
			s := section{anchor: anchor, level: len(heading[1]), line: i + 1}
			if s.anchor == "" && s.level > 1 {
				s.anchor = strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(heading[2]), ""), " ", "-")
			}
			p.sections = append(p.sections, s)
			anchor, kind = "", ""
			continue
		}
		now := kindOf(line)
		if now != "" && now != kind {
			last.blocks = append(last.blocks, block{kind: now, line: i + 1})
		}
		if now != "" {
			b := &last.blocks[len(last.blocks)-1]
			b.lines = append(b.lines, line)
		}
		kind = now
	}
	return p
}

func kindOf(line string) string {
	switch {
	case strings.TrimSpace(line) == "":
		return ""
	case strings.HasPrefix(line, "    "):
		return "commands"
	case strings.HasPrefix(line, "|"):
		return "table"
	default:
		return "paragraph"
	}
}

// differences says what the second page must change to agree with the first, each with both lines.
func differences(first, second page) []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	outline := func(p page) (all []string) {
		for _, s := range p.sections[1:] {
			all = append(all, strings.Repeat("#", s.level)+" "+s.anchor)
		}
		return all
	}
	if one, other := outline(first), outline(second); !slices.Equal(one, other) {
		say("the sections of %s are %q; those of %s are %q", second.name, other, first.name, one)
		return found // what follows cannot be put side by side
	}
	for i, s := range first.sections {
		t := second.sections[i]
		shape := func(s section) (all []string) {
			for _, b := range s.blocks {
				all = append(all, b.kind)
			}
			return all
		}
		if one, other := shape(s), shape(t); !slices.Equal(one, other) {
			say("%s:%d: the section has %q; %s:%d has %q", second.name, t.line, other, first.name, s.line, one)
			continue
		}
		for j, b := range s.blocks {
			compare := sameParagraph
			switch b.kind {
			case "commands":
				compare = sameCommands
			case "table":
				compare = sameTable
			}
			found = append(found, compare(first.name, second.name, b, t.blocks[j])...)
		}
	}
	return found
}

// sameCommands compares what is typed, line by line, and the numbers of the remarks behind it.
func sameCommands(name, other string, one, two block) []string {
	if len(one.lines) != len(two.lines) {
		return []string{fmt.Sprintf("%s:%d: %d commands; %s:%d has %d",
			other, two.line, len(two.lines), name, one.line, len(one.lines))}
	}
	var found []string
	for i := range one.lines {
		typed, remark, _ := strings.Cut(one.lines[i], "#")
		typedToo, remarkToo, _ := strings.Cut(two.lines[i], "#")
		typed, typedToo = strings.TrimSpace(typed), strings.TrimSpace(typedToo)
		if typed != typedToo {
			found = append(found, fmt.Sprintf("%s:%d: the command is %q; %s:%d has %q",
				other, two.line+i, typedToo, name, one.line+i, typed))
		}
		found = append(found, sameText(
			place{name, one.line + i, ""}, place{other, two.line + i, ""}, remark, remarkToo)...)
	}
	return found
}

func sameTable(name, other string, one, two block) []string {
	if len(one.lines) != len(two.lines) {
		return []string{fmt.Sprintf("%s:%d: a table of %d lines; %s:%d has %d",
			other, two.line, len(two.lines), name, one.line, len(one.lines))}
	}
	var found []string
	for i := range one.lines {
		cells, cellsToo := strings.Split(one.lines[i], "|"), strings.Split(two.lines[i], "|")
		if len(cells) != len(cellsToo) {
			found = append(found, fmt.Sprintf("%s:%d: %d columns; %s:%d has %d",
				other, two.line+i, len(cellsToo)-2, name, one.line+i, len(cells)-2))
			continue
		}
		for j := range cells {
			column := fmt.Sprintf(", column %d", j)
			found = append(found, sameText(
				place{name, one.line + i, column}, place{other, two.line + i, column}, cells[j], cellsToo[j])...)
		}
	}
	return found
}

func sameParagraph(name, other string, one, two block) []string {
	return sameText(place{name, one.line, ""}, place{other, two.line, ""},
		strings.Join(one.lines, "\n"), strings.Join(two.lines, "\n"))
}

type place struct {
	page   string
	line   int
	column string
}

func (p place) String() string { return fmt.Sprintf("%s:%d%s", p.page, p.line, p.column) }

// sameText compares the code, the links and the numbers of two texts. Their order is the
// language's.
func sameText(at, atToo place, one, two string) []string {
	var found []string
	facts, factsToo := factsOf(one), factsOf(two)
	for _, what := range []string{"code", "link", "number"} {
		lacks, extra := without(facts[what], factsToo[what]), without(factsToo[what], facts[what])
		if len(lacks) > 0 {
			found = append(found, fmt.Sprintf("%s: lacks the %s %q of %s", atToo, what, lacks, at))
		}
		if len(extra) > 0 {
			found = append(found, fmt.Sprintf("%s: has the %s %q that %s has not", atToo, what, extra, at))
		}
	}
	return found
}

// factsOf are what a text says in any language. The link from each page to the other is one of
// them.
func factsOf(text string) map[string][]string {
	facts := map[string][]string{}
	for _, code := range inline.FindAllStringSubmatch(text, -1) {
		facts["code"] = append(facts["code"], code[1])
	}
	text = inline.ReplaceAllString(text, "")
	for _, link := range linkTarget.FindAllStringSubmatch(text, -1) {
		facts["link"] = append(facts["link"], strings.Replace(link[1], "README.ja.md", "README.md", 1))
	}
	facts["number"] = number.FindAllString(linkTarget.ReplaceAllString(text, "]"), -1)
	return facts
}

// without are the values of a list that another lacks, each as often as it is missing.
func without(list, other []string) []string {
	rest := slices.Clone(other)
	var lacking []string
	for _, value := range list {
		if i := slices.Index(rest, value); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			lacking = append(lacking, value)
		}
	}
	return lacking
}

func TestADifferenceBetweenTheReadmesIsNamed(t *testing.T) {
	english := `# Title

[Japanese](README.ja.md)

## Two words

Read 20 of 26 in ` + "`main.go`" + ` and [there](docs/cost.md).

    make test    # all 7

| what | result |
| --- | --- |
| tests | 1,355 pass |
`
	japanese := `# 題

[English](README.md)

<a id="two-words"></a>
## 二語

26 件中 20 件。` + "`main.go`" + ` と[そこ](docs/cost.md)。

    make test    # 7 件すべて

| 何 | 結果 |
| --- | --- |
| テスト | 1,355 件が合格 |
`
	for name, c := range map[string]struct{ old, new, want string }{
		"nothing": {},
		"another command": {"make test", "make tests",
			`README.ja.md:10: the command is "make tests"; README.md:9 has "make test"`},
		"a number in a remark": {"# 7", "# 8", `README.ja.md:10: lacks the number ["7"] of README.md:9`},
		"another number in a table": {"1,355", "1,356",
			`README.ja.md:14, column 2: lacks the number ["1,355"] of README.md:13, column 2`},
		"another number in a paragraph": {"中 20", "中 21",
			`README.ja.md:8: has the number ["21"] that README.md:7 has not`},
		"other code": {"main.go", "go.mod", `README.ja.md:8: lacks the code ["main.go"] of README.md:7`},
		"another link": {"docs/cost.md", "docs/model.md",
			`README.ja.md:8: lacks the link ["docs/cost.md"] of README.md:7`},
		"a row less":    {"| --- | --- |\n", "", `README.ja.md:12: a table of 2 lines; README.md:11 has 3`},
		"a column less": {"| テスト ", "", `README.ja.md:14: 1 columns; README.md:13 has 2`},
		"a command more": {"    make test", "    make lint\n    make test",
			`README.ja.md:10: 2 commands; README.md:9 has 1`},
		"a paragraph more": {"# 題\n", "# 題\n\n新しい。\n",
			`README.ja.md:1: the section has ["paragraph" "paragraph"]; README.md:1 has ["paragraph"]`},
		"another anchor": {`"two-words"`, `"words"`,
			`the sections of README.ja.md are ["# " "## words"]; those of README.md are ["# " "## two-words"]`},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(japanese, c.old, c.new, 1)
			found := differences(pageOf("README.md", english), pageOf("README.ja.md", changed))
			if c.want == "" {
				assert.Empty(t, found)
			} else {
				assert.Contains(t, found, c.want)
			}
		})
	}
}
