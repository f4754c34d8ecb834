package message

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// forwardGolden is a case of a golden file. A file of testdata/forward begins with what holds for all its cases ("from: ...", one fact a line, "|" for a
// line end), then each case is "#### name | subject | reply" and the body.
type forwardGolden struct {
	name string
	in   ForwardInput
}

func readForwardGoldens(t *testing.T, name string) (want map[string]string, cases []forwardGolden) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(raw), "\n#### ")
	want = map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(head), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		want[key] = value
	}
	for _, text := range strings.Split(rest, "\n#### ") {
		title, body, _ := strings.Cut(text, "\n")
		fields := append(strings.Split(title, " | "), "", "")
		g := forwardGolden{name: fields[0], in: ForwardInput{Subject: fields[1], Text: body, Reply: fields[2] == "reply"}}
		if want["html"] == "yes" {
			g.in.Text, g.in.HTML = "", body
		}
		cases = append(cases, g)
	}
	return want, cases
}

func TestForwardGoldens(t *testing.T) {
	for _, file := range testFiles(t, "../testdata/forward/*.txt") {
		want, cases := readForwardGoldens(t, file)
		for _, g := range cases {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+g.name, func(t *testing.T) {
				got, ok := ParseForward(g.in)
				if want["forwarded"] == "no" {
					if ok {
						t.Errorf("taken for a forward: %+v\n%s", got, g.in.Text)
					}
					return
				}
				if !ok {
					t.Fatalf("not taken for a forward:\n%s%s", g.in.Text, g.in.HTML)
				}
				checkForwardGolden(t, want, got)
				if t.Failed() {
					t.Logf("%s%s", g.in.Text, g.in.HTML)
				}
			})
		}
	}
}

func checkForwardGolden(t *testing.T, want map[string]string, got Forwarded) {
	t.Helper()
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	check("from", people(got.From), want["from"])
	check("to", people(got.To...), want["to"])
	check("cc", people(got.Cc...), want["cc"])
	check("subject", got.Subject, want["subject"])
	check("note", got.Note, want["note"])
	check("body", strings.ReplaceAll(got.Body, "\n", "|"), want["body"])
	if wall := got.Date.Format(time.DateTime); wall != want["date"] && !strings.HasPrefix(want["date"], got.Date.Format("2006-01-02 15:04")) {
		t.Errorf("date: got %s from %q, want %s", wall, got.DateText, want["date"])
	}
}
