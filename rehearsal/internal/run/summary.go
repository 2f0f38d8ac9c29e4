package run

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/emulator"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/toolchain"
)

// Summary is what a rehearsal found out. --json writes it.
type Summary struct {
	Stack         string         `json:"stack"`
	AWS           AWS            `json:"aws"`
	OK            bool           `json:"ok"`
	Error         string         `json:"error,omitempty"`
	CLI           toolchain.CLI  `json:"cli"`
	Workspace     string         `json:"workspace"`
	Steps         []Step         `json:"steps"`
	Resources     map[string]int `json:"resources,omitempty"` // by package, after up
	SecondPreview *SecondPreview `json:"secondPreview,omitempty"`
	Remaining     *[]Object      `json:"remaining,omitempty"` // after destroy, oldest first
	// Emulator is what an emulator could do; nil without one.
	Emulator *emulator.Report `json:"emulator,omitempty"`
}

// Step is one operation of the engine.
type Step struct {
	Name    string         `json:"name"`
	OK      bool           `json:"ok"`
	Seconds float64        `json:"seconds"`
	Counts  map[string]int `json:"counts"` // resources by operation, components and the stack included
	Log     string         `json:"log"`
}

// SecondPreview is what the program would change in a stack that it has just made: nothing, if all
// is well.
type SecondPreview struct {
	Changed int             `json:"changed"`
	Changes []engine.Change `json:"changes,omitempty"`
}

// Object is something in the model's cloud.
type Object struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	Region string `json:"region,omitempty"` // empty for what is global
	State  string `json:"state,omitempty"`  // "retained", "pending deletion"; empty for what is in use
}

// Row is the object for a table.
func (o Object) Row() []string {
	region := o.Region
	if region == "" {
		region = "global"
	}
	return []string{o.Type, o.Name, region, o.State}
}

func (s *Summary) add(name string, result *engine.Result, err error) {
	s.Steps = append(s.Steps, Step{
		Name:    name,
		OK:      err == nil,
		Seconds: result.Took.Seconds(),
		Counts:  result.Counts,
		Log:     result.Log,
	})
}

func (s *Summary) end(err error) {
	s.OK = err == nil
	if err != nil {
		s.Error = err.Error()
	}
}

func (s *Summary) write(path string) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

func (s *Summary) print(c *console.Console) {
	if len(s.Steps) == 0 {
		return
	}
	c.Heading("Summary of the rehearsal of %s", s.Stack)
	rows := [][]string{}
	for _, step := range s.Steps {
		result := "ok"
		if !step.OK {
			result = "FAILED"
		}
		rows = append(rows, []string{step.Name, result, seconds(step.Seconds), Counts(step.Counts)})
	}
	c.Table("   ", rows)
	if s.SecondPreview != nil {
		c.Line("Changes in the second preview: %d", s.SecondPreview.Changed)
	}
	if s.Resources != nil {
		total := 0
		rows := [][]string{}
		for _, name := range slices.Sorted(maps.Keys(s.Resources)) {
			total += s.Resources[name]
			rows = append(rows, []string{name, strconv.Itoa(s.Resources[name])})
		}
		c.Line("Resources by package, %d together:", total)
		c.Table("   ", rows)
	}
	if s.Remaining != nil {
		s.printRemaining(c)
	}
	if s.Emulator != nil {
		s.Emulator.Print(c)
	}
	c.Line("Logs, state and the model's cloud: %s", s.Workspace)
}

func (s *Summary) printRemaining(c *console.Console) {
	if len(*s.Remaining) == 0 {
		c.Line("What outlives destroy: nothing")
		return
	}
	c.Line("What outlives destroy:")
	rows := [][]string{}
	for _, object := range *s.Remaining {
		rows = append(rows, object.Row())
	}
	c.Table("   ", rows)
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 1, 64) + "s" }

// Counts lists operations and their numbers, such as "12 create, 3 same".
func Counts(byOp map[string]int) string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(byOp)) {
		parts = append(parts, fmt.Sprintf("%d %s", byOp[op], op))
	}
	return strings.Join(parts, ", ")
}
