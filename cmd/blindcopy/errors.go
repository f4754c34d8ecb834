package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"blindcopy/crm"
)

// The exit codes, which scripts rely on.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // the command line makes no sense
	exitNone   = 3 // no such record
)

// noRecord is crm.ErrNotFound in words of its own.
type noRecord struct{ text string }

func (e noRecord) Error() string { return e.text }

func (e noRecord) Unwrap() error { return crm.ErrNotFound }

func noRecordf(format string, args ...any) error { return noRecord{fmt.Sprintf(format, args...)} }

// hinted is an error with a word on what to run next.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// Hint says what an operator can do about it.
func (e hinted) Hint() string { return e.hint }

func withHint(err error, format string, args ...any) error {
	return hinted{err, fmt.Sprintf(format, args...)}
}

// reported is an error whose words were printed already.
type reported struct{ error }

func (e reported) Unwrap() error { return e.error }

// exitCode turns an error into what the shell sees.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, crm.ErrNotFound):
		return exitNone
	}
	return exitFailed
}

// complain prints an error for a person: one sentence, and below it the hint.
func complain(w io.Writer, err error) {
	var said reported
	if err == nil || errors.As(err, &said) {
		return
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(w, "blindcopy: interrupted")
		return
	}
	for i, line := range strings.Split(strings.TrimSpace(err.Error()), "\n") {
		if i == 0 {
			line = "blindcopy: " + line
		}
		fmt.Fprintln(w, manyLines(line))
	}
	if hint := hintOf(err); hint != "" {
		fmt.Fprintln(w, "  → "+hint)
	}
}

// hintOf is what an error says to do next, "" if it says nothing.
func hintOf(err error) string {
	var hint interface {
		error
		Hint() string
	}
	if !errors.As(err, &hint) {
		return ""
	}
	return hint.Hint()
}
