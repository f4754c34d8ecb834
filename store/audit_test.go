package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// audited is the newest row of the audit log as a line.
func (n *nouns) audited() string {
	n.t.Helper()
	list := must(n.Audit(n.t.Context(), crm.AuditFilter{Limit: 1}))(n.t)
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s %s", list[0].Act, list[0].Object, auditDetail(list[0].Detail))
}

func TestEveryActIsAudited(t *testing.T) {
	n := newNouns(t)
	held, _ := n.take(letter{verdict: crm.Held, codes: []crm.Code{crm.Stranger}})
	ctx := crm.WithActor(t.Context(), crm.Actor{User: 1, Name: "anna@acme.example", Via: "web"})
	until := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	var act crm.ActivityID
	for _, row := range []struct {
		want string
		do   func() error
	}{
		{`user.add uwe@acme.example {"active":true,"addresses":[{"address":"uwe@acme.example","verified":true}],"email":"uwe@acme.example","name":"Uwe","role":"admin"}`,
			func() error {
				_, err := n.AddUser(ctx, NewUser{Email: "uwe@acme.example", Name: "Uwe", Admin: true})
				return err
			}},
		{`user.address.add uwe@acme.example {"address":"u@acme.example"}`, func() error { _, err := n.AddUserAddress(ctx, 2, "u@acme.example"); return err }},
		{`user.address.remove uwe@acme.example {"address":"u@acme.example"}`, func() error { _, err := n.RemoveUserAddress(ctx, 2, "u@acme.example"); return err }},
		{`user.rotate uwe@acme.example {"compromised":true}`, func() error { _, err := n.RotateBCC(ctx, 2, true); return err }},
		{`user.absent uwe@acme.example {"from":"2026-12-01T00:00:00Z"}`, func() error { _, err := n.SetUserAbsence(ctx, 2, &crm.Absence{From: until}); return err }},
		{`user.present uwe@acme.example {}`, func() error { _, err := n.SetUserAbsence(ctx, 2, nil); return err }},
		{`user.role uwe@acme.example {"role":{"is":"manager","was":"admin"}}`, func() error {
			if _, err := n.SetUserRole(ctx, 1, crm.RoleAdmin); err != nil { // somebody has to be one
				return err
			}
			_, err := n.SetUserRole(ctx, 2, crm.RoleManager)
			return err
		}},
		{`user.link uwe@acme.example {"purpose":"invitation"}`, func() error {
			_, err := n.AddTicket(ctx, crm.Ticket{Purpose: crm.TicketInvitation, User: 2})
			return err
		}},
		{`user.link uwe@acme.example {"address":"u2@acme.example","purpose":"address"}`, func() error {
			_, err := n.AddTicket(ctx, crm.Ticket{Purpose: crm.TicketAddress, User: 2, Address: "u2@acme.example"})
			return err
		}},
		{`user.password uwe@acme.example {}`, func() error { return n.SetPassword(ctx, 2, "$argon2id$secret") }},
		{`user.disable uwe@acme.example {}`, func() error { _, err := n.SetUserActive(ctx, 2, false); return err }},
		{`user.enable uwe@acme.example {}`, func() error { _, err := n.SetUserActive(ctx, 2, true); return err }},
		{`mailbox.add mailbox:3 {"address":"info@acme.example","kind":"shared","visibility":"linked"}`,
			func() error { _, err := n.AddMailbox(ctx, NewMailbox{Address: "info@acme.example"}); return err }},
		{`mailbox.edit mailbox:1 {"visibility":{"is":"team","was":"linked"}}`,
			func() error {
				_, err := n.EditMailbox(ctx, 1, MailboxEdit{Visibility: ref(crm.VisibilityTeam)})
				return err
			}},
		{`exclusion.add bank.example {}`, func() error { _, err := n.AddExclusion(ctx, "bank.example", ""); return err }},
		{`exclusion.add law.example {"user":"uwe@acme.example"}`, func() error { _, err := n.AddExclusion(ctx, "law.example", "uwe@acme.example"); return err }},
		{`exclusion.remove bank.example {}`, func() error { _, err := n.RemoveExclusion(ctx, "bank.example"); return err }},
		{`company.add company:1 {"domains":["client.example"],"name":"Client Ltd"}`,
			func() error {
				_, err := n.AddCompany(ctx, NewCompany{Name: "Client Ltd", Domains: []string{"client.example"}})
				return err
			}},
		{`company.edit company:1 {"owner":{"is":"uwe@acme.example","was":null}}`,
			func() error {
				_, err := n.EditCompany(ctx, 1, CompanyEdit{Owner: ref(crm.Address("uwe@acme.example"))})
				return err
			}},
		{`contact.add contact:1 {"company":{"id":1,"name":"Client Ltd"},"emails":[{"address":"ben@client.example","bounced_at":null,"former":false}],"name":"Ben"}`,
			func() error {
				_, err := n.AddContact(ctx, NewContact{Name: "Ben", Company: "1", Emails: []crm.Address{"ben@client.example"}})
				return err
			}},
		{`contact.edit contact:1 {"name":{"is":"Benjamin","was":"Ben"}}`, func() error { _, err := n.EditContact(ctx, 1, ContactEdit{Name: ref("Benjamin")}); return err }},
		{`contact.import contact {"added":1,"companies":0,"errors":1,"unchanged":1,"updated":0}`,
			func() error {
				_, err := n.ImportContacts(ctx, rowsOf(ImportRow{Line: 2, Emails: []crm.Address{"olivia@client.example"}},
					ImportRow{Line: 3, Emails: []crm.Address{"ben@client.example"}}, ImportRow{Line: 4}), nil)
				return err
			}},
		{`contact.merge contact:1 {"gone":2}`, func() error { _, err := n.MergeContacts(ctx, 1, 2); return err }},
		{`deal.add deal:1 {"contacts":[{"id":1,"name":"Benjamin"}],"status":"open","title":"Website"}`,
			func() error { _, err := n.AddDeal(ctx, NewDeal{Title: "Website", Contacts: []int64{1}}); return err }},
		{`deal.edit deal:1 {"stage":{"is":"offer","was":""}}`, func() error { _, err := n.EditDeal(ctx, 1, DealEdit{Stage: ref("offer")}); return err }},
		{`activity.link activity:1 {"to":"deal:1"}`, func() error {
			_, act = n.take(letter{to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, 1)}})
			_, err := n.LinkActivity(ctx, act, crm.Ref{Kind: crm.KindDeal, ID: 1})
			return err
		}},
		{`activity.unlink activity:1 {"from":"deal:1"}`, func() error {
			_, err := n.UnlinkActivity(ctx, act, crm.Ref{Kind: crm.KindDeal, ID: 1})
			return err
		}},
		{`activity.undo activity:1 {"deleted":[],"taken_from":["Benjamin (contact:1)"]}`, func() error { _, err := n.UndoActivity(ctx, act); return err }},
		{`lead.convert lead:1 {"contact":3,"name":"Tom"}`, func() error {
			n.mail(nil, crm.NewRecord{Kind: crm.KindLead, Title: "Tom", Name: "Tom", Emails: []crm.Address{"tom@new.example"}})
			_, _, err := n.ConvertLead(ctx, 1, ConvertLead{})
			return err
		}},
		{`lead.dismiss lead:2 {"needs_check":{"is":false,"was":true},"status":{"is":"dismissed","was":"open"}}`, func() error {
			n.mail(nil, crm.NewRecord{Kind: crm.KindLead, Title: "Tim", Emails: []crm.Address{"tim@new.example"}})
			_, err := n.DismissLead(ctx, 2)
			return err
		}},
		{`review.dismiss intake:` + string(held) + ` {}`, func() error { _, err := n.DismissIntake(ctx, held); return err }},
		{`database.backup database {"file":"x.db"}`, func() error { return n.Note(ctx, "database.backup", map[string]any{"file": "x.db"}) }},
	} {
		if err := row.do(); err != nil {
			t.Errorf("%s: %v", row.want, err)
			continue
		}
		if got := n.audited(); got != row.want {
			t.Errorf("got  %s\nwant %s", got, row.want)
		}
		last := must(n.Audit(t.Context(), crm.AuditFilter{Limit: 1}))(t)
		if len(last) > 0 && (last[0].Actor != "anna@acme.example" || last[0].Via != "web") {
			t.Errorf("%s: by %s via %s", row.want, last[0].Actor, last[0].Via)
		}
	}
}

// TestWhoHoldsALinkActsForHimself: he is not signed in yet.
func TestWhoHoldsALinkActsForHimself(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	for purpose, want := range map[crm.TicketPurpose]string{crm.TicketSetup: "user.setup", crm.TicketReset: "user.password"} {
		secret := must(n.AddTicket(ctx, crm.Ticket{Purpose: purpose, User: 1}))(t)
		var err error
		if purpose == crm.TicketSetup {
			_, err = n.SetUp(ctx, secret, NewUser{Email: "anna@acme.example"}, "$argon2id$secret")
		} else {
			_, err = n.AcceptTicket(ctx, secret, "Anna", "$argon2id$secret")
		}
		if err != nil {
			t.Fatalf("%s: %v", purpose, err)
		}
		last := must(n.Audit(ctx, crm.AuditFilter{Limit: 1}))(t)[0]
		if last.Act != want || last.Actor != "anna@acme.example" || last.Object != "anna@acme.example" || last.Via != "web" {
			t.Errorf("%s: got %+v, want %s by Anna", purpose, last, want)
		}
		if all := fmt.Sprint(must(n.Audit(ctx, crm.AuditFilter{}))(t)); strings.Contains(all, "argon2id") || strings.Contains(all, string(secret)) {
			t.Errorf("a secret is in the audit log: %s", all)
		}
	}
}

func TestWhatChangesNothingIsNoAct(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddExclusion(ctx, "bank.example", ""))(t)
	must(n.AddContact(ctx, NewContact{Name: "Ben"}))(t)
	deal := must(n.AddDeal(ctx, NewDeal{Title: "Website"}))(t)
	must(n.CloseDeal(ctx, deal.ID, true))(t)
	before := n.audited()
	must(n.AddExclusion(ctx, "BANK.example", ""))(t)
	must(n.SetUserActive(ctx, 1, true))(t)
	must(n.EditContact(ctx, 1, ContactEdit{Name: ref("Ben")}))(t)
	must(n.CloseDeal(ctx, deal.ID, true))(t)
	same(t, "the newest row", n.audited(), before)
	if !strings.HasPrefix(before, "deal.close deal:1 ") {
		t.Errorf("closing the deal: %s", before)
	}
}

// TestAnActThatFailsLeavesNoRow: the row is in the transaction of the act, and goes with it.
func TestAnActThatFailsLeavesNoRow(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	before := n.audited()
	n.Faults.BeforeCommit = func() error { return errors.New("the disk is gone") }
	if _, err := n.AddContact(ctx, NewContact{Name: "Ben"}); err == nil {
		t.Fatal("a commit that fails is no error")
	}
	n.Faults.BeforeCommit = nil
	if _, err := n.AddContact(ctx, NewContact{Name: "Tom", Emails: []crm.Address{"anna@acme.example"}}); !errors.Is(err, ErrExists) {
		t.Fatalf("a colleague as a contact: %v, want ErrExists", err)
	}
	same(t, "the newest row", n.audited(), before)
}

// TestAnImportHasOneRow however many transactions it takes, and it is true where it was cut off.
func TestAnImportHasOneRow(t *testing.T) {
	n := newNouns(t)
	ctx, stop := context.WithCancel(t.Context())
	cut := func(rows iter.Seq2[ImportRow, error], after int) iter.Seq2[ImportRow, error] {
		return func(yield func(ImportRow, error) bool) {
			for row, err := range rows {
				if row.Line > after {
					stop()
				}
				if !yield(row, err) {
					return
				}
			}
		}
	}
	r, err := n.ImportContacts(ctx, cut(people(4*importAhead), 2*importAhead), nil)
	if !errors.Is(err, context.Canceled) || r.Added == 0 {
		t.Fatalf("an import that is cut off: %+v, %v", r, err)
	}
	list := must(n.Audit(t.Context(), crm.AuditFilter{Object: "contact"}))(t)
	if len(list) != 1 || list[0].Detail["added"] != float64(r.Added) {
		t.Errorf("got %+v, want one row with %d added", list, r.Added)
	}
}

func TestTheAuditLogHoldsNoSecret(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	u := must(n.RotateBCC(ctx, 1, false))(t)
	must(n.EditMailbox(ctx, 1, MailboxEdit{Unknown: ref(crm.PolicyLead)}))(t)
	must(n.AddUser(ctx, NewUser{Email: "uwe@acme.example"}))(t)
	all := fmt.Sprint(must(n.Audit(ctx, crm.AuditFilter{}))(t))
	for _, user := range must(n.Users(ctx))(t) {
		for _, b := range user.BCCAddresses {
			if strings.Contains(all, strings.SplitN(string(b.Address), "@", 2)[0]) {
				t.Errorf("the BCC address %s of %s is in the audit log:\n%s", b.Address, u.Email, all)
			}
		}
	}
}

func TestAuditIsNarrowed(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	clock := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	n.Now = func() time.Time { return clock }
	must(n.AddContact(ctx, NewContact{Name: "Ben"}))(t)
	clock = clock.Add(time.Hour)
	must(n.AddContact(ctx, NewContact{Name: "Tom"}))(t)
	must(n.EditContact(ctx, 1, ContactEdit{Name: ref("Benjamin")}))(t)
	test := func(rule string, f crm.AuditFilter, want ...string) {
		t.Helper()
		got := []string{}
		for _, e := range must(n.Audit(ctx, f))(t) {
			got = append(got, e.Act+" "+e.Object)
		}
		same(t, rule, got, want)
	}
	test("one object, newest first", crm.AuditFilter{Object: "contact:1"}, "contact.edit contact:1", "contact.add contact:1")
	test("all of a kind", crm.AuditFilter{Object: "contact"}, "contact.edit contact:1", "contact.add contact:2", "contact.add contact:1")
	test("since a time", crm.AuditFilter{Since: clock, Object: "contact"}, "contact.edit contact:1", "contact.add contact:2")
	test("the newest", crm.AuditFilter{Limit: 1}, "contact.edit contact:1")
	if list := must(n.Audit(ctx, crm.AuditFilter{Object: "nothing"}))(t); list == nil || len(list) != 0 {
		t.Errorf("nothing: got %v, want an empty list", list)
	}
}
