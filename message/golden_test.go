package message

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var updateGolden = flag.Bool("update", false, "rewrite the golden files")

// messageView is a Message as the golden files show it.
type messageView struct {
	From, Sender, ReplyTo, To, Cc, Bcc []Address `json:",omitempty"`
	MessageID                          string
	InReplyTo, References              []string `json:",omitempty"`
	Subject, Date                      string
	Text, HTML                         []string     `json:",omitempty"` // line by line
	Attachments                        []Attachment `json:",omitempty"`
	Parts                              []string
	Originals                          []originalView `json:",omitempty"`
	Warnings                           []string       `json:",omitempty"`
	Truncated, Unreadable              bool           `json:",omitempty"`
}

type originalView struct {
	Path    string
	Depth   int
	Message messageView
}

func viewOf(m *Message) messageView {
	v := messageView{
		From: m.From, Sender: m.Sender, ReplyTo: m.ReplyTo, To: m.To, Cc: m.Cc, Bcc: m.Bcc,
		MessageID: m.MessageID, InReplyTo: m.InReplyTo, References: m.References,
		Subject: m.Subject, Text: bodyLines(m.Text), HTML: bodyLines(m.HTML),
		Attachments: m.Attachments, Truncated: m.Truncated, Unreadable: m.Unreadable,
	}
	if !m.Date.IsZero() {
		v.Date = m.Date.Format(time.RFC3339)
	}
	for _, p := range m.Parts {
		v.Parts = append(v.Parts, p.Path+" "+p.MediaType+" "+p.Encoding)
	}
	for _, o := range m.Originals {
		v.Originals = append(v.Originals, originalView{o.Path, o.Depth, viewOf(o.Message)})
	}
	for _, w := range m.Warnings {
		v.Warnings = append(v.Warnings, w.Code+": "+w.Detail)
	}
	return v
}

func bodyLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func TestGolden(t *testing.T) {
	for _, file := range testFiles(t, "../testdata/mail/*.eml") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".eml"), func(t *testing.T) {
			got, err := json.MarshalIndent(viewOf(readMail(t, file)), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".eml") + ".golden.json"
			if *updateGolden {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}
