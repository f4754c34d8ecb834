package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
)

// screen is where text for people goes, and what it is able to show.
type screen struct {
	w      io.Writer
	width  int            // columns; 0 where nothing limits a line, as in a file or a pipe
	styled bool           // bold and dim are understood
	now    time.Time      // what "2 min ago" counts from
	zone   *time.Location // of the dates
}

// narrowest is the width below which tables stop shrinking.
const narrowest = 40

// newScreen looks at what w is. Only a terminal has a width, and only one without
// NO_COLOR (no-color.org) or TERM=dumb gets bold and dim.
func newScreen(w io.Writer, env environment, now time.Time) *screen {
	s := &screen{w: w, now: now, zone: env.zone()}
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return s
	}
	s.styled = env.get("NO_COLOR") == "" && env.get("TERM") != "dumb"
	s.width = 80
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		s.width = max(width, narrowest)
	}
	return s
}

// terminal tells whether a person is probably watching.
func (s *screen) terminal() bool { return s.width > 0 }

// line prints one line. What cannot be written is noticed once, when the command ends: see tally.
func (s *screen) line(parts ...string) { fmt.Fprintln(s.w, strings.Join(parts, "")) }

// linef prints one formatted line.
func (s *screen) linef(format string, args ...any) { s.line(fmt.Sprintf(format, args...)) }

// strong is text that stands out.
func (s *screen) strong(text string) string { return s.style("1", text) }

// faint is text that steps back.
func (s *screen) faint(text string) string { return s.style("2", text) }

func (s *screen) style(code, text string) string {
	if !s.styled || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// heading prints the title of a section.
func (s *screen) heading(text string) { s.line(s.strong(text)) }

// paragraph prints text wrapped to the width, each line after indent.
func (s *screen) paragraph(indent, text string) {
	room := 0
	if s.width > 0 {
		room = s.width - columns(indent)
	}
	for _, line := range wrap(text, room) {
		s.line(strings.TrimRight(indent+line, " "))
	}
}

// field is one labelled line of a record.
type field struct{ label, value string }

// fields prints a record under its title, the values in one column; empty ones are left out.
func (s *screen) fields(title string, list ...field) {
	if title != "" {
		s.heading(title)
	}
	list = slices.DeleteFunc(list, func(f field) bool { return f.value == "" })
	widest := 0
	for _, f := range list {
		widest = max(widest, columns(f.label))
	}
	for _, f := range list {
		for i, value := range strings.Split(f.value, "\n") {
			label := f.label
			if i > 0 {
				label = ""
			}
			s.line("  ", s.faint(pad(label, widest)), "  ", value)
		}
	}
}

// environment is the variables the program was started with.
type environment []string

// get returns the last value of a variable, "" if it is not set.
func (e environment) get(name string) string {
	for _, entry := range slices.Backward(e) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// without returns the variables whose name does not begin with prefix.
func (e environment) without(prefix string) environment {
	return slices.DeleteFunc(slices.Clone(e), func(entry string) bool { return strings.HasPrefix(entry, prefix) })
}

// zone is the time zone people see dates in: that of TZ, else the machine's.
func (e environment) zone() *time.Location {
	if name := e.get("TZ"); name != "" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return time.Local
}
