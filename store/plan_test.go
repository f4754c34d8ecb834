package store

import (
	"context"
	"database/sql/driver"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// TestNoStatementOfTheHotPathScansATable asks SQLite how it would run every statement that gathering and
// recording have prepared.
func TestNoStatementOfTheHotPathScansATable(t *testing.T) {
	s := opened(t, Options{})
	ctx := context.Background()
	if _, err := s.AddUser(ctx, NewUser{Email: "anna@us.test"}); err != nil {
		t.Fatal(err)
	}
	c, err := s.AddContact(ctx, NewContact{Name: "Ben", Emails: []crm.Address{"ben@client.test"}, Company: "Client", CompanyDomain: "client.test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddDeal(ctx, NewDeal{Title: "Chairs", Contacts: []int64{c.ID}}); err != nil {
		t.Fatal(err)
	}
	r := ignored(1)
	res := &r.Plan.Results[0]
	res.Verdict, res.Mail.BaseSubject = crm.Filed, "chairs"
	res.People = []crm.Person{{Role: crm.RoleFrom, Party: crm.Party{Address: "anna@us.test"}}, {Role: crm.RoleTo, Party: crm.Party{Address: "eva@new.test"}}}
	res.New = &crm.Draft{Author: crm.Party{Address: "anna@us.test"}, Subject: "Chairs", OccurredAt: time.Now(), Answers: []string{"parent@us.test"}}
	res.Creates = []crm.NewRecord{{Kind: crm.KindLead, Title: "Eva", Emails: []crm.Address{"eva@new.test"}, Domain: "new.test"}}
	res.Links = []crm.NewLink{{Created: 1, Code: crm.LeadByAddress}}
	r.Question = crm.Question{Addresses: []crm.Address{"anna@us.test", "ben@client.test", "eva@new.test"}, Keys: []string{"id:m1@us.test"},
		Messages: []string{"m1@us.test"}, Creator: "eva@new.test",
		Subjects: []crm.SubjectHint{{BaseSubject: "chairs", Address: "eva@new.test"}},
		Forwards: []crm.ForwardHint{{Author: "anna@us.test", BaseSubject: "chairs", At: time.Now()}}}
	if err := record(s, r); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Gather(ctx, r.Question); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for range s.asked {
		ask := <-s.asks
		for query := range ask.stmts {
			seen += explained(t, s, query)
		}
		defer func() { s.asks <- ask }()
	}
	for query := range s.writer.c.stmts {
		seen += explained(t, s, query)
	}
	if seen < 25 {
		t.Errorf("only %d statements were looked at", seen)
	}
}

func explained(t *testing.T, s *Store, query string) int {
	t.Helper()
	switch strings.ToUpper(strings.Fields(query)[0]) {
	case "SELECT", "INSERT", "UPDATE", "DELETE":
	default:
		return 0
	}
	c, err := newConnector(s.file, true).dial()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }()
	args := make([]any, strings.Count(query, "?"))
	err = c.query("EXPLAIN QUERY PLAN "+query, func(row []driver.Value) error {
		step := str(row[3])
		// The newest row of a table is found from its end; a list that was just made may be read whole.
		scans := strings.HasPrefix(step, "SCAN ") && !strings.Contains(query, "max(") && step != "SCAN a" && !strings.Contains(step, "CONSTANT ROW") && !strings.HasSuffix(step, "VALUES CLAUSE")
		if scans {
			t.Errorf("%s\nin %s", step, query)
		}
		return nil
	}, args...)
	if err != nil {
		t.Errorf("explain %s: %v", query, err)
	}
	return 1
}
