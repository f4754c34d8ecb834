package linker_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite what the goldens want")

// TestGoldens plays the stories in testdata/link: a small company, the mails that come in, what
// people do meanwhile, and what is then on the timelines. See testdata/link/README.md.
func TestGoldens(t *testing.T) {
	files, err := filepath.Glob("../testdata/link/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			playFile(t, file)
		})
	}
}

func playFile(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	story := parseStory(string(text))
	town := newTown(t)
	wanted := 0
	for i := range story.sections {
		s := &story.sections[i]
		verb, rest, _ := strings.Cut(s.head, " ")
		switch verb {
		case "world":
			town.do(s.body)
			town.settle()
		case "do":
			town.do(s.body)
		case "mail":
			town.mail(rest, s.body)
		case "want":
			wanted++
			if got := town.report(rest); *update {
				s.body = got
			} else if got != s.body {
				t.Errorf("%s: -- %s -- (%d) differs (- want, + got):\n%s", file, s.head, wanted, cmp.Diff(s.body, got))
			}
		default:
			t.Fatalf("%s: no such section: -- %s --", file, s.head)
		}
	}
	if wanted == 0 {
		t.Errorf("%s wants nothing", file)
	}
	if *update && story.String() != string(text) {
		if err := os.WriteFile(file, []byte(story.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// story is a txtar file: a comment, then sections that begin with a line `-- head --`.
type story struct {
	comment  string
	sections []section
}

type section struct{ head, body string }

func parseStory(text string) story {
	var s story
	body := &s.comment
	for line := range strings.Lines(text) {
		if head, ok := sectionHead(line); ok {
			s.sections = append(s.sections, section{head: head})
			body = &s.sections[len(s.sections)-1].body
			continue
		}
		*body += line
	}
	return s
}

// sectionHead reads `-- head --`. A signature's "-- " and the boundary of a multipart are none.
func sectionHead(line string) (string, bool) {
	line = strings.TrimRight(line, "\r\n")
	head, isHead := strings.CutPrefix(line, "-- ")
	head, closed := strings.CutSuffix(head, " --")
	return strings.TrimSpace(head), isHead && closed && strings.TrimSpace(head) != ""
}

func (s story) String() string {
	var b strings.Builder
	b.WriteString(s.comment)
	for _, sec := range s.sections {
		fmt.Fprintf(&b, "-- %s --\n%s", sec.head, sec.body)
	}
	return b.String()
}

// words splits a line at spaces; what stands in quotes stays together.
func words(line string) []string {
	var list []string
	var word strings.Builder
	quoted, any := false, false
	flush := func() {
		if any {
			list = append(list, word.String())
		}
		word.Reset()
		any = false
	}
	for _, r := range line {
		switch {
		case r == '"':
			quoted, any = !quoted, true
		case r == ' ' && !quoted:
			flush()
		default:
			any = true
			word.WriteRune(r)
		}
	}
	flush()
	return list
}
