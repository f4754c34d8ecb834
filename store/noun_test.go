package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"blindcopy/crm"
)

// nouns is a database with one user, anna@acme.example.
type nouns struct {
	*Store
	t     *testing.T
	mails int
}

func newNouns(t testing.TB) *nouns {
	t.Helper()
	s, err := Open(t.Context(), Options{DSN: filepath.Join(t.TempDir(), "crm.db"), Domain: "bcc.acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if _, err := s.AddUser(t.Context(), NewUser{Email: "anna@acme.example", Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	n := &nouns{Store: s}
	n.t, _ = t.(*testing.T)
	return n
}

// must returns a value that came without an error.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// mail files a mail as a plan would, and returns its activity. What the plan creates is linked.
func (n *nouns) mail(links []crm.NewLink, creates ...crm.NewRecord) crm.Recorded {
	n.t.Helper()
	n.mails++
	for i := range creates {
		links = append(links, crm.NewLink{Created: i + 1, Code: crm.LeadByAddress})
	}
	at := time.Date(2026, 5, 1, 9, n.mails, 0, 0, time.UTC)
	mail := &crm.Mail{MessageID: fmt.Sprintf("%d@acme.example", n.mails), Subject: "Offer", From: []crm.Party{{Address: "anna@acme.example"}}}
	in := &crm.Inbound{ID: crm.IntakeID(fmt.Sprintf("%026d", n.mails)), ReceivedAt: at, Via: crm.ViaImport, Raw: crm.Raw{Bytes: []byte("Subject: Offer\r\n\r\n")}}
	plan := &crm.Plan{Mailbox: 1, Owner: 1, Visibility: crm.VisibilityLinked, Results: []crm.Result{{Mail: mail, Verdict: crm.Filed, Keep: crm.KeepForever,
		New: &crm.Draft{Direction: crm.Outgoing, OccurredAt: at, Subject: "Offer"}, Links: links, Creates: creates}}}
	facts := must(n.Gather(n.t.Context(), crm.Question{}))(n.t)
	plan.Stamp = facts.Stamp
	return must(n.Record(n.t.Context(), &crm.Record{Inbound: in, Message: mail, Plan: plan}))(n.t)
}

// timeline returns "activity code source" of what is on the timeline of a record, the oldest first.
func (n *nouns) timeline(ref crm.Ref) []string {
	n.t.Helper()
	lines := []string{}
	err := n.read(context.Background(), func(c *conn) error {
		return c.query(`SELECT activity, code, manual FROM link WHERE kind = ? AND record = ? ORDER BY at, activity`, func(row []driver.Value) error {
			source := crm.SourceAuto
			if integer(row[2]) != 0 {
				source = crm.SourceManual
			}
			lines = append(lines, fmt.Sprintf("%d %s %s", integer(row[0]), str(row[1]), source))
			return nil
		}, kindNumber(ref.Kind), ref.ID)
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return lines
}

// facts of addresses, as the next mail finds them: cached ones included.
func (n *nouns) facts(addresses ...crm.Address) *crm.Facts {
	n.t.Helper()
	return must(n.Gather(n.t.Context(), crm.Question{Addresses: addresses}))(n.t)
}

// holders returns who has an address, as the next mail finds it: `contact:1 company:2 former contact:3`.
func (n *nouns) holders(a crm.Address) string {
	n.t.Helper()
	var texts []string
	for _, h := range n.facts(a).Holders[a] {
		if h.Former {
			texts = append(texts, "former")
		}
		texts = append(texts, crm.Ref{Kind: h.Kind, ID: h.ID}.String())
	}
	return strings.Join(texts, " ")
}

// emails writes addresses as people read them, former ones in brackets.
func emails(list []crm.Email) string {
	var texts []string
	for _, e := range list {
		if e.Former {
			texts = append(texts, "("+string(e.Address)+")")
		} else {
			texts = append(texts, string(e.Address))
		}
	}
	return strings.Join(texts, " ")
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func refused(t testing.TB, what string, err, want error, words string) {
	t.Helper()
	if !errors.Is(err, want) || !strings.Contains(fmt.Sprint(err), words) {
		t.Errorf("%s: got %v, want %v with %q", what, err, want, words)
	}
}

func ref[T any](v T) *T { return &v }
