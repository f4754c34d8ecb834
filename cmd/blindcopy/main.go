// Command blindcopy is an e-mail tracker for a CRM: the mail server behind personal BCC
// addresses, the database of timelines it files mail on, and the commands to look
// at both.
//
// This package wires the rooms together and talks to people: one file per verb. What is
// decided about a mail stands in linker, what is kept in store.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills at once
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for the process around it: it carries out one command line
// and returns its exit code.
func run(ctx context.Context, args []string, env environment, stdin io.Reader, stdout, stderr io.Writer) int {
	return newApp(env, stdin, stdout, stderr).run(ctx, args)
}

func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := a.verdict(root.ExecuteContext(ctx))
	complain(a.stderr, err)
	return exitCode(err)
}
