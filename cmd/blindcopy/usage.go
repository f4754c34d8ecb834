package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// explainArgs says what is missing or too much, where cobra only counts.
func explainArgs(cmd *cobra.Command, args []string, err error) error {
	if err == nil {
		return nil
	}
	var wanted []string
	for _, word := range strings.Fields(cmd.Use)[1:] {
		if strings.HasPrefix(word, "-") {
			break
		}
		wanted = append(wanted, word)
	}
	if len(args) < len(wanted) {
		err = usagef("%s needs %s", cmd.CommandPath(), strings.Join(wanted[len(args):], " and "))
	} else {
		err = usagef("%s does not know what to do with %q", cmd.CommandPath(), args[len(wanted)])
	}
	return withHint(err, "%s --help", cmd.CommandPath())
}

// explainFlag says what a flag wants, where pflag tells how it parses.
func explainFlag(cmd *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		f := invalid.GetFlag()
		what := "a number"
		if strings.HasSuffix(f.Value.Type(), "Slice") {
			what = "numbers, with commas between them"
		}
		if f.Value.Type() == "bool" {
			what = "true or false"
		}
		err = usagef("--%s %q: write %s", f.Name, invalid.GetValue(), what)
	}
	return withHint(usageError{err.Error()}, "%s --help", cmd.CommandPath())
}
