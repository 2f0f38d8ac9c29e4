// Package console writes the rehearsal's own lines: headings, notes and the progress of long
// builds.
package console

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// How often progress shows: on a terminal one line is written again, elsewhere each is a line of
// its own.
const (
	terminalInterval = time.Second
	lineInterval     = 15 * time.Second
)

const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	reset = "\x1b[0m"
	// eraseLine goes to the start of the line and clears it.
	eraseLine = "\r\x1b[2K"
)

// Console writes to one stream, from any goroutine.
type Console struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	width    func() int
}

// New returns a console on f. It uses colours and rewrites lines when f is a terminal that can show
// them, and NO_COLOR (https://no-color.org) is not set.
func New(f *os.File) *Console {
	terminal := term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" && os.Getenv("NO_COLOR") == ""
	return &Console{w: f, terminal: terminal, width: func() int { return width(f) }}
}

// width is the number of columns of a terminal, or 80 where it does not tell: some say 0.
func width(f *os.File) int {
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns == 0 {
		return 80
	}
	return columns
}

// Plain returns a console without colours that writes each line once.
func Plain(w io.Writer) *Console { return &Console{w: w} }

// Terminal says whether the console shows colours.
func (c *Console) Terminal() bool { return c.terminal }

// Writer passes text on as it is, for the output of commands.
func (c *Console) Writer() io.Writer { return writer{c} }

type writer struct{ c *Console }

func (w writer) Write(p []byte) (int, error) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	return w.c.w.Write(p)
}

// Heading starts a new part of the output.
func (c *Console) Heading(format string, args ...any) {
	c.print("\n" + c.paint(bold, "== "+fmt.Sprintf(format, args...)) + "\n")
}

// Line writes one line.
func (c *Console) Line(format string, args ...any) { c.print(fmt.Sprintf(format, args...) + "\n") }

// Problem writes an error.
func (c *Console) Problem(err error) { c.print("\n" + c.paint(red, "rehearse: "+err.Error()) + "\n") }

func (c *Console) paint(colour, text string) string {
	if !c.terminal {
		return text
	}
	return colour + text + reset
}

func (c *Console) print(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A terminal that is gone leaves nobody to tell.
	_, _ = io.WriteString(c.w, text)
}

// Progress shows that something long is going on.
type Progress struct {
	c     *Console
	what  string
	start time.Time
	stop  chan struct{}
	ended sync.WaitGroup

	mu   sync.Mutex
	note string
}

// Progress starts to show what is going on, with the time that has passed.
func (c *Console) Progress(what string) *Progress {
	p := &Progress{
		c:     c,
		what:  what,
		start: time.Now(),
		stop:  make(chan struct{}),
	}
	interval := lineInterval
	if c.terminal {
		interval = terminalInterval
	}
	p.ended.Add(1)
	go func() {
		defer p.ended.Done()
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-ticker.C:
				p.show()
			}
		}
	}()
	return p
}

// Note sets what to show beside the time, such as the package that is being compiled.
func (p *Progress) Note(note string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note = note
}

// Done stops the progress and returns the time it took.
func (p *Progress) Done() time.Duration {
	close(p.stop)
	p.ended.Wait()
	if p.c.terminal {
		p.c.print(eraseLine)
	}
	return time.Since(p.start)
}

func (p *Progress) show() {
	p.mu.Lock()
	note := p.note
	p.mu.Unlock()
	line := fmt.Sprintf("   %s: %s", p.what, Duration(time.Since(p.start)))
	if note != "" {
		line += ", " + note
	}
	if !p.c.terminal {
		p.c.print(line + "\n")
		return
	}
	p.c.print(eraseLine + cut(line, p.c.width()))
}

// cut keeps a line from wrapping: a terminal erases only the last row of a wrapped line.
func cut(line string, width int) string {
	if len(line) < width {
		return line
	}
	return line[:max(0, width-1)]
}

// Duration writes a time for people: 0.4s, 12.3s, 4m05s.
func Duration(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}

// Table writes rows in columns, each as wide as its widest cell, under an indentation.
func (c *Console) Table(indent string, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		line.WriteString(indent)
		for i, cell := range row {
			if i == len(row)-1 {
				line.WriteString(cell)
				break
			}
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		c.Line("%s", strings.TrimRight(line.String(), " "))
	}
}

// Row is a row of a table: a name, and numbers.
func Row(name string, numbers ...int) []string {
	row := []string{name}
	for _, n := range numbers {
		row = append(row, strconv.Itoa(n))
	}
	return row
}
