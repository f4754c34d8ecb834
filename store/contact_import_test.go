package store

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

func rowsOf(rows ...ImportRow) iter.Seq2[ImportRow, error] {
	return func(yield func(ImportRow, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestImportAddsAndCompletes(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Name: "Ben", Emails: []crm.Address{"ben@client.example"}}))(t)
	must(n.AddContact(ctx, NewContact{Name: "Olivia", Emails: []crm.Address{"olivia@client.example"}, Company: "Other"}))(t)
	n.mail(nil, crm.NewRecord{Kind: crm.KindContact, Name: "Tom", Guessed: true, Emails: []crm.Address{"tom@client.example"}})
	n.facts("ben@client.example", "new@client.example", "b@client.example") // remembered from here on
	rows := []ImportRow{
		{Line: 2, Name: "Benjamin", Emails: []crm.Address{"ben@client.example", "b@client.example"}, Company: "Client Ltd", Domain: "client.example"},
		{Line: 3, Name: "Olivia", Emails: []crm.Address{"olivia@client.example"}, Company: "client LTD"},
		{Line: 4, Name: "Thomas", Emails: []crm.Address{"tom@client.example"}},
		{Line: 5, Name: "New", Emails: []crm.Address{"new@client.example", "new@client.example", "ben@client.example"}}, // is Ben's too
		{Line: 6, Name: "Sam", Emails: []crm.Address{"sam@other.example"}, Company: "CLIENT ltd", Owner: "anna@acme.example"},
		{Line: 7, Name: "Sam", Emails: []crm.Address{"sam@other.example"}},
	}
	r := must(n.ImportContacts(ctx, rowsOf(rows...), nil))(t)
	same(t, "report", r, ImportReport{Added: 1, Updated: 3, Unchanged: 2, Companies: 1, Errors: []LineError{}})
	for id, want := range map[int64]string{
		1: "Ben, Client Ltd: ben@client.example b@client.example new@client.example",
		2: "Olivia, Other: olivia@client.example",
		3: "Thomas, : tom@client.example",
		4: "Sam, Client Ltd: sam@other.example",
	} {
		c := must(n.Contact(ctx, id))(t)
		company := ""
		if c.Company != nil {
			company = c.Company.Name
		}
		same(t, fmt.Sprintf("contact %d", id), fmt.Sprintf("%s, %s: %s", c.Name, company, emails(c.Emails)), want)
	}
	same(t, "the new company has the domain", n.facts("x@client.example").Domains["client.example"].Companies, []int64{2})
	same(t, "an address that was unknown", n.holders("b@client.example"), "contact:1")
	same(t, "the company of a contact that was known", n.facts("ben@client.example").Contacts[1].Company, int64(2))

	again := must(n.ImportContacts(ctx, rowsOf(rows...), nil))(t)
	same(t, "the second time", again, ImportReport{Unchanged: len(rows), Errors: []LineError{}})
}

func TestImportThatOnlyCompletesIsSeenByTheNextMail(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Emails: []crm.Address{"ben@client.example"}}))(t)
	n.facts("ben@client.example") // remembered from here on
	r := must(n.ImportContacts(ctx, rowsOf(ImportRow{Line: 1, Name: "Ben", Emails: []crm.Address{"ben@client.example"}, Company: "Client Ltd"}), nil))(t)
	same(t, "report", r, ImportReport{Updated: 1, Companies: 1, Errors: []LineError{}})
	same(t, "facts", *n.facts("ben@client.example").Contacts[1], crm.ContactFacts{ID: 1, Name: "Ben", Company: 1, NameKnown: true})
}

func TestImportReportsBadRowsAndTakesTheRest(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	rows := func(yield func(ImportRow, error) bool) {
		for line := 1; line <= 5; line++ {
			row := ImportRow{Line: line, Name: "Ben", Emails: []crm.Address{crm.Address(fmt.Sprintf("ben%d@client.example", line))}, Company: "Client", Domain: "not a domain"}
			var err error
			switch line {
			case 1:
				row.Emails = nil
			case 2:
				err = errors.New("a quote is never closed")
			case 3:
				row.Owner = "x@acme.example"
			case 4:
				row.Emails = append(row.Emails, "anna@acme.example")
			}
			if !yield(row, err) {
				return
			}
		}
	}
	r := must(n.ImportContacts(ctx, rows, nil))(t)
	same(t, "report", r, ImportReport{Added: 1, Companies: 1, Errors: []LineError{
		{Line: 1, Error: "no e-mail address"}, {Line: 2, Error: "a quote is never closed"}, {Line: 3, Error: "no user has the address x@acme.example"},
		{Line: 4, Error: "anna@acme.example is an address of the user anna@acme.example"}}})
	same(t, "contacts", len(must(n.Contacts(ctx, Filter{}))(t)), 1)
}

// people yields n contacts, of a company each ten.
func people(count int) iter.Seq2[ImportRow, error] {
	return func(yield func(ImportRow, error) bool) {
		for i := range count {
			domain := fmt.Sprintf("client%d.example", i/10)
			row := ImportRow{Line: i + 2, Name: fmt.Sprintf("Ben Carter %d", i), Company: fmt.Sprintf("Client %d", i/10), Domain: domain,
				Emails: []crm.Address{crm.Address(fmt.Sprintf("ben.carter%d@%s", i, domain))}}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func TestImportCommitsInPieces(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	const rows = 2*importAhead + importChunkRows/2 // more than are ever read ahead, and a chunk that is not full
	pieces, progress := 0, 0
	n.Faults.BeforeCommit = func() error { pieces++; return nil }
	start := time.Now()
	r := must(n.ImportContacts(ctx, people(rows), func(done int) { progress = done }))(t)
	t.Logf("%d rows in %s, %d transactions", rows, time.Since(start), pieces)
	same(t, "report", r, ImportReport{Added: rows, Companies: (rows + 9) / 10, Errors: []LineError{}})
	same(t, "progress", progress, rows)
	same(t, "holder of the last", n.holders(crm.Address(fmt.Sprintf("ben.carter%d@client%d.example", rows-1, (rows-1)/10))), fmt.Sprintf("contact:%d", rows))
}

func TestPiecesAreShortWhereAServerTakesMail(t *testing.T) {
	var p pieces
	for rest, want := range map[time.Duration]time.Duration{0: longestPiece, 25 * time.Millisecond: 25 * time.Millisecond, time.Second: shortestPiece} {
		p.rest = rest
		same(t, fmt.Sprintf("share after a commit of %s", rest), p.share(false), want)
		same(t, "share where there is no server", p.share(true), lonelyPiece)
	}
	command := newNouns(t)
	same(t, "a server runs", command.serverRuns(), false)
	server, err := Open(t.Context(), Options{DSN: command.file, Domain: "bcc.example", Serve: true})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a server runs, says the command", command.serverRuns(), true)
	same(t, "a server runs, says itself", server.serverRuns(), true)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	same(t, "a server runs, after it stopped", command.serverRuns(), false)
}

// TestImportedPeopleAreFoundByTheirWords: their words come at the end of a piece, whatever became of them in it.
func TestImportedPeopleAreFoundByTheirWords(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Emails: []crm.Address{"old@client.example"}}))(t)
	must(n.ImportContacts(ctx, rowsOf(
		ImportRow{Line: 1, Name: "Zoë Newman", Emails: []crm.Address{"zoe@client.example"}, Company: "Umbrella Works"},
		ImportRow{Line: 2, Emails: []crm.Address{"later@client.example"}},
		ImportRow{Line: 3, Name: "Named Later", Emails: []crm.Address{"later@client.example"}, Company: "umbrella works"},
		ImportRow{Line: 4, Name: "Olga Known", Emails: []crm.Address{"old@client.example"}},
	), nil))(t)
	must(n.AddContact(ctx, NewContact{Name: "Added After", Emails: []crm.Address{"after@client.example"}}))(t)
	for text, want := range map[string]string{"zoe new": "[Zoë Newman]", "named": "[Named Later]", "olga": "[Olga Known]", "added": "[Added After]", "nobody": "[]"} {
		names := []string{}
		for _, c := range must(n.FindContacts(ctx, crm.RecordSearch{Text: text}))(t).Records {
			names = append(names, c.Name)
		}
		same(t, "contacts found by "+text, fmt.Sprint(names), want)
	}
	same(t, "companies found", must(n.FindCompanies(ctx, crm.RecordSearch{Text: "umb wor"}))(t).Total, 1)
	same(t, "findings", must(n.Check(ctx, nil))(t).Findings, []CheckFinding{})
}

func TestImportSaysWhatItsReaderPanickedOf(t *testing.T) {
	n := newNouns(t)
	_, err := n.ImportContacts(t.Context(), func(yield func(ImportRow, error) bool) {
		yield(ImportRow{Line: 1, Name: "Ben", Emails: []crm.Address{"ben@client.example"}}, nil)
		panic("a row that nobody thought of")
	}, nil)
	if err == nil || !strings.Contains(err.Error(), "a row that nobody thought of") {
		t.Errorf("got %v", err)
	}
}

func TestImportThatFailsHalfWayCountsWhatStands(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	pieces, broken := 0, errors.New("the disk is gone")
	n.Faults.BeforeCommit = func() error {
		if pieces++; pieces == 2 {
			return broken
		}
		return nil
	}
	r, err := n.ImportContacts(ctx, people(2*importAhead), nil)
	if !errors.Is(err, broken) {
		t.Fatalf("got %v, want %v", err, broken)
	}
	n.Faults.BeforeCommit = nil
	same(t, "contacts", len(must(n.Contacts(ctx, Filter{}))(t)), r.Added)
	same(t, "companies", len(must(n.Companies(ctx, Filter{}))(t)), r.Companies)
	same(t, "findings", must(n.Check(ctx, nil))(t).Findings, []CheckFinding{})
	rest := must(n.ImportContacts(ctx, people(2*importAhead), nil))(t)
	same(t, "what the repetition did", rest, ImportReport{Added: 2*importAhead - r.Added, Unchanged: r.Added, Companies: 2*importAhead/10 + 1 - r.Companies, Errors: []LineError{}})
}

// BenchmarkImport must stay above 50,000 rows a second on a quiet machine.
func BenchmarkImport(b *testing.B) {
	const rows = 100_000
	for b.Loop() {
		b.StopTimer()
		n := newNouns(b)
		longest, begun := time.Duration(0), time.Now()
		n.Faults.AfterCommit = func() error {
			longest, begun = max(longest, time.Since(begun)), time.Now()
			return nil
		}
		b.StartTimer()
		start := time.Now()
		if _, err := n.ImportContacts(b.Context(), people(rows), nil); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(rows/time.Since(start).Seconds(), "rows/s")
		b.ReportMetric(float64(longest.Milliseconds()), "ms-longest-piece")
	}
}
