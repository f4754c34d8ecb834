package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestExitCodes(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	test := func(rule string, want int, args ...string) {
		t.Helper()
		r := w.run(args...)
		if r.code != want {
			t.Errorf("%s: blindcopy %s: exit %d, want %d\n%s", rule, strings.Join(args, " "), r.code, want, r.stderr)
		}
		if want != exitDone && r.stderr == "" {
			t.Errorf("%s: blindcopy %s says nothing", rule, strings.Join(args, " "))
		}
		if want != exitDone && r.stdout != "" {
			t.Errorf("%s: blindcopy %s fails and prints %q", rule, strings.Join(args, " "), r.stdout)
		}
	}
	test("a list", exitDone, "contact", "list")
	test("help", exitDone, "--help")
	test("help of a verb", exitDone, "contact", "add", "--help")
	test("an unknown verb", exitUsage, "contcat")
	test("an unknown verb of a family", exitUsage, "contact", "lst")
	test("a family without a verb", exitUsage, "contact")
	test("an unknown flag", exitUsage, "contact", "list", "--colour")
	test("a missing argument", exitUsage, "contact", "show")
	test("too many arguments", exitUsage, "contact", "list", "x")
	test("a number that is none", exitUsage, "contact", "show", "seven")
	test("an address that is none", exitUsage, "contact", "add", "--name", "x", "--email", "nobody")
	test("a limit below zero", exitUsage, "contact", "list", "--limit", "-1")
	test("a word of no set", exitUsage, "intake", "list", "--verdict", "lost")
	test("a time that is none", exitUsage, "intake", "list", "--since", "soon")
	test("a missing flag", exitUsage, "init", "--domain", "x.example")
	test("neither won nor lost", exitUsage, "deal", "close", "1")
	test("won and lost", exitUsage, "deal", "close", "1", "--won", "--lost")
	test("an edit of nothing", exitUsage, "contact", "edit", "1")
	test("an exclusion that is none", exitUsage, "exclusion", "add", "nonsense")
	test("a policy that is none", exitUsage, "mailbox", "edit", "1", "--unknown", "perhaps")
	test("a timeline of nothing", exitUsage, "timeline", "nonsense")
	test("relink of this and of all", exitUsage, "relink", "--held", "01JQ8V6Z3M0000000000000000")
	test("no such contact", exitNone, "contact", "show", "99")
	test("no such contact by address", exitNone, "contact", "show", "nobody@client.example")
	test("no such company", exitNone, "company", "show", "99")
	test("no such lead", exitNone, "lead", "show", "99")
	test("no such deal", exitNone, "deal", "close", "99", "--won")
	test("no such user", exitNone, "user", "show", "nobody@acme.example")
	test("no such mailbox", exitNone, "mailbox", "show", "99")
	test("no such exclusion", exitNone, "exclusion", "remove", "99")
	test("no such activity", exitNone, "activity", "show", "99")
	test("no such intake", exitNone, "explain", "01JQ8V6Z3M0000000000000000")
	test("no such Message-ID", exitNone, "explain", "<x@y.example>")
	test("no bytes of no intake", exitNone, "intake", "raw", "01JQ8V6Z3M0000000000000000")
	test("a timeline of nobody", exitNone, "timeline", "nobody@client.example")
	test("a timeline of no deal", exitNone, "timeline", "deal:99")
	test("activities of no contact", exitNone, "activity", "list", "--contact", "99")
	test("a deal with no such contact", exitNone, "deal", "add", "--title", "x", "--contact", "99")
	test("an address that is another user's", exitFailed, "user", "add", "anna@acme.example")
	test("a file that is not there", exitFailed, "contact", "import", filepath.Join(w.dir, "none.csv"))
	test("a database that is not built", exitFailed, "contact", "list", "--database", "postgres://localhost/x")
	test("no database", exitFailed, "contact", "list", "--database", filepath.Join(w.dir, "none.db"))
	test("init over an installation", exitFailed, "init", "--domain", bccDomain, "--admin", "anna@acme.example")
}

func TestErrorsSayWhatToDo(t *testing.T) {
	w := newWorld(t)
	test := func(want string, args ...string) {
		t.Helper()
		if r := w.run(args...); !strings.Contains(r.stderr, want) {
			t.Errorf("blindcopy %s says\n%swhich lacks %q", strings.Join(args, " "), r.stderr, want)
		}
	}
	test(`Did you mean "blindcopy contact list"?`, "contact", "lst")
	test(`Did you mean "blindcopy timeline"?`, "timelin")
	test("nothing to change: see blindcopy contact edit --help", "contact", "edit", "1", "--json")
	test("is there already, and is not overwritten", "init", "--domain", bccDomain, "--admin", "anna@acme.example")
	test("blindcopy contact add", "timeline", "nobody@client.example")
	test("blindcopy user add needs EMAIL\n", "user", "add")
	test("blindcopy contact merge needs GONE\n", "contact", "merge", "1")
	test("blindcopy user address add needs EMAIL and ADDRESS\n", "user", "address", "add")
	test(`blindcopy contact list does not know what to do with "x"`, "contact", "list", "x")
	test(`--limit "x": write a number`, "contact", "list", "--limit", "x")
	test(`--contact "x": write numbers`, "deal", "add", "--title", "y", "--contact", "x")
	test("→ blindcopy contact list --help", "contact", "list", "--colour")
	test("blindcopy: there is no contact 99\n", "contact", "show", "99")
	test("blindcopy: there is no deal 99\n", "deal", "close", "99", "--won")
	test("and no mail was filed with it\n", "timeline", "nobody@client.example")
	test("<x@y.example> reached us\n", "explain", "<x@y.example>")
}

// TestEveryVerbHelps: each command has a short and, itself or its family, an example.
func TestEveryVerbHelps(t *testing.T) {
	a := newApp(nil, nil, &strings.Builder{}, &strings.Builder{})
	var walk func(cmd *cobra.Command, example bool)
	walk = func(cmd *cobra.Command, example bool) {
		example = example || cmd.Example != ""
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: short text %q", cmd.CommandPath(), cmd.Short)
		}
		if !example {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			walk(sub, example && cmd.HasParent())
		}
	}
	walk(a.rootCommand(), false)
}

func TestAFullDiskIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	var stderr strings.Builder
	if code := run(t.Context(), []string{"config", "sample"}, nil, strings.NewReader(""), full, &stderr); code != exitFailed {
		t.Errorf("exit %d, want %d\n%s", code, exitFailed, stderr.String())
	}
}

func TestQuietAndJSONKeepStdoutClean(t *testing.T) {
	w := newWorld(t)
	if r := w.run("contact", "list"); r.stdout != "" || !strings.Contains(r.stderr, "contact import") {
		t.Errorf("an empty list should say what to do, on stderr: %+v", r)
	}
	if r := w.run("contact", "list", "--quiet"); r.stdout != "" || r.stderr != "" {
		t.Errorf("an empty list, quietly: %+v", r)
	}
	if r := w.run("contact", "list", "--json"); strings.TrimSpace(r.stdout) != "[]" || r.stderr != "" {
		t.Errorf("an empty list as JSON: %+v", r)
	}
}
