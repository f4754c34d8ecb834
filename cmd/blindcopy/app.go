package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"blindcopy/config"
	"blindcopy/senderauth"
	"blindcopy/store"
)

// app is one run of the program: where it reads and writes, and what was asked of it
// whatever the verb.
type app struct {
	env    environment
	stdin  io.Reader
	stdout *tally
	stderr io.Writer
	now    func() time.Time
	dns    senderauth.Resolver // of sender authentication; nil: the machine's

	screen *screen // of stdout, for text
	notes  *screen // of stderr, for messages to people

	configFile string
	database   string
	json       bool
	quiet      bool
	as         string // the user who looks; "" is the operator

	faults store.Faults // of the server's store, for tests

	started bool // a verb began its work: an error from here on is no wrong usage
}

func newApp(env environment, stdin io.Reader, stdout, stderr io.Writer) *app {
	a := &app{env: env, stdin: stdin, stdout: &tally{w: stdout}, stderr: stderr, now: time.Now}
	a.screen = newScreen(stdout, env, a.now())
	a.screen.w = a.stdout
	a.notes = newScreen(stderr, env, a.now())
	return a
}

// tally remembers the first failure to write, so that a full disk behind `> file` is an
// error and not a short file.
type tally struct {
	w   io.Writer
	err error
}

func (t *tally) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	if err != nil && t.err == nil {
		t.err = err
	}
	return n, err
}

// verdict is the error that the command ends with.
func (a *app) verdict(err error) error {
	var usage usageError
	switch {
	case err != nil && !a.started && !errors.As(err, &usage):
		return usageError{err.Error()} // cobra's own: unknown flags, missing arguments
	case err == nil && a.stdout.err != nil:
		return fmt.Errorf("write the output: %w", a.stdout.err)
	}
	return err
}

// config loads the configuration as every verb sees it.
func (a *app) config() (*config.Config, error) {
	return config.Load(a.configOptions())
}

func (a *app) configOptions() config.Options {
	opts := config.Options{File: a.configFile, Environ: a.env}
	if opts.Environ == nil {
		opts.Environ = []string{} // nil would be the process's own
	}
	if a.database != "" {
		opts.Overrides = map[string]string{"database": a.database}
	}
	return opts
}

// show prints a result: one JSON document, or text for people.
func (a *app) show(v any, text func(*screen)) error {
	if !a.json {
		text(a.screen)
		return nil
	}
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// note tells people something that is not the result. It goes to stderr, where it does not
// spoil a pipe.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		a.notes.linef(format, args...)
	}
}

// hint says what to do next.
func (a *app) hint(format string, args ...any) {
	if !a.quiet {
		a.notes.line(a.notes.faint("→ " + fmt.Sprintf(format, args...)))
	}
}

// readInput reads a file of at most limit bytes, or standard input for "-".
func (a *app) readInput(path string, limit int64) ([]byte, error) {
	r := a.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %s", path, size(limit))
	}
	return data, nil
}

// orEmpty makes an empty list [] in JSON, never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// nothing says that a list is empty, and what to do about it.
func (a *app) nothing(sentence, next string) {
	a.note("%s", sentence)
	if next != "" {
		a.hint("%s", next)
	}
}
