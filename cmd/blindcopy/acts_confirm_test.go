package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/foxcpp/go-mockdns"

	"blindcopy/crm"
	"blindcopy/store"
)

// TestAnAddressIsProvenByAMailFromIt that its domain vouches for, and by nothing less.
func TestAnAddressIsProvenByAMailFromIt(t *testing.T) {
	const home = "karl@private.example"
	zones := map[string]mockdns.Zone{
		"private.example.":     {TXT: []string{"v=spf1 ip4:127.0.0.1 -all"}},
		"evil.example.":        {TXT: []string{"v=spf1 ip4:127.0.0.1 -all"}},
		"_dmarc.evil.example.": {TXT: []string{"v=DMARC1; p=none"}},
	}
	for _, c := range []struct {
		rule    string
		from    string   // envelope; its SPF passes
		subject string   // %s is the one that was shown
		fields  []string // more of them
		rcpt    string   // whose BCC address; "" is karl's
		missing string   // what the page says; "" is that it is confirmed, "-" that nothing came
		trusted bool     // it is submitted from a trusted network
		known   bool     // a contact has the address
	}{
		{rule: "a mail from it", from: home, subject: "%s"},
		{rule: "capitals and spaces of a mail program", from: home, subject: "  %s "},
		{rule: "a forged From", from: "eve@evil.example", subject: "%s", missing: "its sender is not proven"},
		{rule: "an answer", from: home, subject: "%s", fields: []string{"In-Reply-To: <1@acme.example>"}, missing: "it is an answer"},
		{rule: "a prefix of an answer", from: home, subject: "Re: %s", missing: "-"},
		{rule: "an answering machine", from: home, subject: "%s", fields: []string{"Auto-Submitted: auto-replied"}, missing: "written by a program"},
		{rule: "a list", from: home, subject: "%s", fields: []string{"List-Id: <all.private.example>"}, missing: "written by a program"},
		{rule: "another code", from: home, subject: confirmMark + " 2222222222", missing: "-"},
		{rule: "to another's BCC address", from: home, subject: "%s", rcpt: anna, missing: "-"},
		{rule: "sent by another", from: home, subject: "%s", fields: []string{"Sender: eve@evil.example"}, missing: "it was sent by eve@evil.example"},
		{rule: "a network where nobody checks", from: home, subject: "%s", trusted: true, missing: "a network of yours"},
		{rule: "a client's address", from: home, subject: "%s", known: true, missing: "only an admin"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			w := newWorld(t)
			w.must("user", "add", "karl@acme.example")
			if c.known {
				w.must("contact", "add", "--name", "Ben", "--email", home)
			}
			if !c.trusted {
				w.env = append(w.env, "BLINDCOPY_SMTP_TRUSTED_NETWORKS=none")
			}
			send := w.outside(zones)
			o := w.office()
			karl, err := o.store.User(t.Context(), "karl@acme.example")
			if err == nil {
				_, err = o.store.AddTicket(t.Context(), crm.Ticket{Purpose: crm.TicketAddress, User: karl.ID, Address: home})
			}
			if err != nil {
				t.Fatal(err)
			}
			subject := w.proof(o).Subject
			if strings.Contains(c.subject, "%s") {
				subject = fmt.Sprintf(c.subject, subject)
			} else {
				subject = c.subject
			}
			rcpt := w.bcc("karl@acme.example")
			if c.rcpt != "" {
				rcpt = w.bcc(c.rcpt)
			}
			fields := strings.Join(append([]string{"From: Karl <" + home + ">", "To: " + rcpt, "Subject: " + subject, "Message-ID: <c@private.example>", "Date: " + time.Now().Format(time.RFC1123Z)}, c.fields...), "\r\n")
			send(c.from, rcpt, fields+"\r\n\r\n\r\n")

			owner, err := o.store.User(t.Context(), home)
			if confirmed := err == nil && owner.ID == karl.ID; confirmed != (c.missing == "") {
				t.Fatalf("the address is karl's: %t (%v), want %t", confirmed, err, c.missing == "")
			}
			if c.missing == "" {
				var waiting []crm.Intake
				if w.json(&waiting, "review", "list"); len(waiting) != 0 {
					t.Errorf("the mail that proved it still asks: %+v", waiting[0].Codes)
				}
				entries, err := o.store.Audit(t.Context(), crm.AuditFilter{Object: "karl@acme.example"})
				if err != nil || len(entries) == 0 || entries[0].Act != "user.address.add" || entries[0].Actor != "karl@acme.example" || entries[0].Via != "mail" {
					t.Errorf("the audit log ends with %+v, %v, want karl's own act", entries, err)
				}
				return
			}
			p := w.proof(o)
			switch {
			case c.known:
				if !p.Taken {
					t.Errorf("%+v does not say that a contact has the address", p)
				}
			case c.missing == "-" && p.Mail != "", c.missing != "-" && !strings.Contains(p.Missing, c.missing):
				t.Errorf("the page would say %q of %q, want %q", p.Missing, p.Mail, c.missing)
			}
		})
	}
}

// office is the database of a world, opened beside its server.
func (w *world) office() *office {
	w.t.Helper()
	a := newApp(w.env, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	a.configFile = w.file()
	cfg, err := a.config()
	if err != nil {
		w.t.Fatal(err)
	}
	o, err := a.openOffice(w.t.Context(), cfg, store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = o.close() })
	return o
}

// proof is the one address that waits.
func (w *world) proof(o *office) crm.AskedAddress {
	w.t.Helper()
	list, err := o.Proofs(w.t.Context(), 0)
	if err != nil || len(list) != 1 {
		w.t.Fatalf("%d addresses wait to be confirmed, %v, want 1", len(list), err)
	}
	return list[0]
}
