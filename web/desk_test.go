package web

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// What the clerk does for the pages of a desk: without a linker nothing was waiting.

func (c clerk) Card(u crm.User) (Card, error) {
	return Card{VCard: "BEGIN:VCARD\r\nEMAIL:" + string(u.BCCAddress) + "\r\nEND:VCARD\r\n", QR: []byte("png")}, nil
}

func (c clerk) ConfirmAddress(ctx context.Context, id crm.UserID, a crm.Address) (crm.User, crm.Later, error) {
	u, err := c.AddUserAddress(ctx, id, a)
	if err == nil {
		err = c.ForgetAsked(ctx, id, a)
	}
	return u, crm.Later{}, err
}

func (c clerk) Proofs(ctx context.Context, id crm.UserID) (list []crm.AskedAddress, err error) {
	tickets, err := c.AskedAddresses(ctx, id)
	for _, t := range tickets {
		list = append(list, crm.AskedAddress{Ticket: t, Subject: "Blindcopy-confirm 123"})
	}
	return list, err
}

func (c clerk) Refusals(crm.User, string, int) []Refusal { return nil }

func (c clerk) DropAddress(ctx context.Context, id crm.UserID, a crm.Address) (crm.User, crm.Later, error) {
	u, err := c.RemoveUserAddress(ctx, id, a)
	return u, crm.Later{}, err
}

func (c clerk) Policies(crm.MailboxKind) (own, incoming crm.Policy) {
	return crm.PolicyLead, crm.PolicyReview
}

func (c clerk) PlanInvitations(_ context.Context, list []byte, role crm.Role) (rows []crm.InvitationRow, err error) {
	for i, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		row := crm.InvitationRow{Line: i + 1, State: crm.InviteNew, Person: crm.NewUser{Admin: role == crm.RoleAdmin}}
		email, rest, _ := strings.Cut(line, ";")
		var ok bool
		if row.Person.Email, ok = crm.ParseAddress(email); !ok {
			row.State, row.Why = crm.InviteInvalid, "no address"
		}
		row.Person.Admin = row.Person.Admin || strings.Contains(rest, "admin")
		rows = append(rows, row)
	}
	return rows, err
}

func (c clerk) InviteAll(ctx context.Context, people []crm.NewUser) (done []crm.Invited, later crm.Later, err error) {
	for _, n := range people {
		u, err := c.AddUser(ctx, n)
		if err != nil {
			return done, later, err
		}
		link, err := c.SignInLink(ctx, crm.TicketInvitation, u.ID)
		if err != nil {
			return done, later, err
		}
		done = append(done, crm.Invited{User: u, Link: link})
	}
	return done, later, nil
}

func (c clerk) SetUserActive(ctx context.Context, id crm.UserID, active bool) (crm.User, crm.Later, error) {
	u, err := c.Store.SetUserActive(ctx, id, active)
	return u, crm.Later{}, err
}

func (c clerk) Settings() []Setting {
	return []Setting{{"domain", "bcc.acme.example", "file", "The domain of the BCC addresses."}, {"retention.unfiled", "30d", "default", ""}}
}

func (c clerk) Examine(context.Context) []Finding {
	return []Finding{{"dns", "MX", "problem", "<none>", "Publish one."}}
}

// desk is a world with an admin and a manager.
func deskWorld(t *testing.T) (w *world, anna, karl crm.User) {
	w = newWorld(t)
	return w, w.user("anna@acme.example", true), w.user("karl@acme.example", false)
}

func TestMyAddress(t *testing.T) {
	w, anna, karl := deskWorld(t)
	b := w.signedIn("karl@acme.example")
	b.get("/address").want(200, string(karl.BCCAddress), "data:image/png;base64,cG5n", "mailto:", "Thunderbird", "!"+string(anna.BCCAddress))
	card := b.get("/address/card.vcf").want(200, "EMAIL:"+string(karl.BCCAddress))
	if got := card.Header.Get("Content-Disposition"); !strings.Contains(got, "attachment") {
		t.Errorf("Content-Disposition of the card = %q, want an attachment", got)
	}
}

func TestRotate(t *testing.T) {
	w, _, karl := deskWorld(t)
	b := w.signedIn("karl@acme.example")
	b.post("/address/rotate").want(303).to("/address")
	next, err := w.store.UserByID(t.Context(), karl.ID)
	if err != nil || next.BCCAddress == karl.BCCAddress {
		t.Fatalf("after rotating the address is %s, %v, want another than before", next.BCCAddress, err)
	}
	b.get("/address").want(200, string(next.BCCAddress), string(karl.BCCAddress), "Being replaced")
	b.post("/address/rotate", "compromised", "yes").want(303)
	b.get("/address").want(200, "Revoked", "!Being replaced")
}

func TestSenderAddresses(t *testing.T) {
	w, _, karl := deskWorld(t)
	b, admin := w.signedIn("karl@acme.example"), w.signedIn("anna@acme.example")
	b.post("/address/senders", "address", "no address").want(422, "is no e-mail address")
	b.post("/address/senders", "address", "k.brandt@private.example").want(303)
	b.get("/address").want(200, "k.brandt@private.example", "Not confirmed yet")
	if _, err := w.store.User(t.Context(), "k.brandt@private.example"); err == nil {
		t.Error("an address that nobody confirmed identifies its user")
	}
	admin.get("/settings").want(200, "Addresses to confirm", "k.brandt@private.example")
	of := fmt.Sprintf("/settings/users/%d/addresses", karl.ID)
	b.post(of, "address", "k.brandt@private.example").want(404)
	admin.post(of, "address", "k.brandt@private.example").want(303)
	if u, err := w.store.User(t.Context(), "k.brandt@private.example"); err != nil || u.ID != karl.ID {
		t.Errorf("the confirmed address is that of %v, %v, want karl", u, err)
	}
	admin.get("/settings").want(200, "!Addresses to confirm")
	b.post("/address/senders", "address", "anna@acme.example").want(303) // told to the admin, who is refused
	admin.post(of, "address", "anna@acme.example").want(422, "already an address of the user")
	b.post("/address/senders/remove", "address", "k.brandt@private.example").want(303)
	b.post("/address/senders/remove", "address", "karl@acme.example").want(422, "primary")
	admin.post("/address/senders", "address", "boss@acme.example").want(303)
	admin.get("/address").want(200, "boss@acme.example", "!Not confirmed yet")
	for i := range mostAsked - 1 {
		b.post("/address/senders", "address", fmt.Sprintf("k%d@x.example", i)).want(303)
	}
	b.post("/address/senders", "address", "more@x.example").want(422, "wait to be confirmed already")
}

func TestOwnExclusions(t *testing.T) {
	w, _, karl := deskWorld(t)
	anna := w.signedIn("anna@acme.example")
	b := w.signedIn("karl@acme.example")
	hers, err := w.store.AddExclusion(t.Context(), "doctor.example", "anna@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	b.post("/address/exclusions", "pattern", "com").want(422, "no exclusion")
	b.post("/address/exclusions", "pattern", "*.Bank.example").want(303)
	b.get("/address").want(200, "*.bank.example", "!doctor.example")
	b.post(fmt.Sprintf("/address/exclusions/%d/remove", hers.ID)).want(404)
	all, err := w.store.Exclusions(t.Context())
	if err != nil || len(all) != 2 || all[0].User != karl.Email {
		t.Fatalf("the exclusions are %+v, %v, want karl's and anna's", all, err)
	}
	b.post(fmt.Sprintf("/address/exclusions/%d/remove", all[0].ID)).want(303)
	b.get("/address").want(200, "!*.bank.example</code>")
	anna.post("/settings/exclusions", "pattern", "press.example").want(303)
	b.get("/address").want(200, "press.example", "Whole company")
}

func TestOwnPolicy(t *testing.T) {
	w, _, karl := deskWorld(t)
	b := w.signedIn("karl@acme.example")
	b.post("/address/policy", "unknown", "contact", "unknown_incoming", "", "visibility", "private").want(303)
	b.post("/address/policy", "unknown", "shred").want(422, "none of ignore")
	boxes, err := w.store.Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range boxes {
		isHis := m.Owner == karl.Email
		if got := m.Visibility == crm.VisibilityPrivate && m.Unknown != nil && *m.Unknown == crm.PolicyContact; got != isHis {
			t.Errorf("mailbox %+v was changed: %t, want %t", m, got, isHis)
		}
	}
}

func TestWaitForTestMail(t *testing.T) {
	w, _, _ := deskWorld(t)
	b := w.signedIn("karl@acme.example")
	here := b.get("/address/test").want(303).Header.Get("Location")
	b.get(here).want(200, "Waiting for your mail", `data-live="intake"`)
	b.header.Set("HX-Request", "true")
	b.header.Set("HX-Target", "arrival")
	b.get(here).want(204)
	w.now = w.now.Add(waitForMail * 2)
	b.get(here).want(200, "Nothing came", "!data-live-poll")
}

func TestSettingsAreForAdmins(t *testing.T) {
	w, _, karl := deskWorld(t)
	b := w.signedIn("karl@acme.example")
	for _, path := range []string{"/settings", "/settings/mailboxes", "/settings/mailboxes/1", "/settings/exclusions", "/settings/server", "/settings/checks", "/settings/users/1"} {
		b.get(path).want(404, "There is nothing here", "!bcc.acme.example")
	}
	user := fmt.Sprintf("/settings/users/%d", karl.ID)
	for _, path := range []string{"/settings/invite", "/settings/invite/all", user + "/role", user + "/active", user + "/absent", user + "/addresses", user + "/addresses/remove", user + "/link", user + "/rotate",
		"/settings/mailboxes", "/settings/mailboxes/1", "/settings/exclusions", "/settings/exclusions/1/remove", "/settings/checks"} {
		b.post(path, "role", "admin", "people", "x@y.example", "address", "x@y.example", "pattern", "y.example").want(404)
	}
	if u, err := w.store.UserByID(t.Context(), karl.ID); err != nil || u.Role != crm.RoleManager {
		t.Errorf("a manager made himself %s, %v", u.Role, err)
	}
}

func TestInvitationsAreShownOnceTheyAreMade(t *testing.T) {
	w, _, _ := deskWorld(t)
	b := w.signedIn("anna@acme.example")
	b.post("/settings/invite", "people", " \n").want(422, "Write an e-mail address")
	b.post("/settings/invite", "people", "eva@acme.example\nnobody").want(200, "eva@acme.example", "Line 2: no address", "Invite 1 person", "eva@acme.example\nnobody</textarea>")
	w.signedIn("anna@acme.example").get("/settings").want(200, "!eva@acme.example")

	page := b.post("/settings/invite/all", "people", "eva@acme.example\nnobody").want(303).Header.Get("Location")
	for range 2 { // loaded again, it makes no others
		b.get(page).want(200, "eva@acme.example", "?ticket=", "mailto:eva@acme.example")
	}
	b.get(page+"/links.csv").want(200, "eva@acme.example", "?ticket=", "@bcc.acme.example")
	b.get("/settings/invited/x").want(404)
	w.user("ida@acme.example", true)
	w.signedIn("ida@acme.example").get(page).want(404, "!?ticket=")
	w.now = w.now.Add(5 * time.Hour)
	b.get(page).want(404, "!?ticket=")
}

func TestAnAdminGivesANewBCCAddress(t *testing.T) {
	w, _, karl := deskWorld(t)
	b := w.signedIn("anna@acme.example")
	of := fmt.Sprintf("/settings/users/%d", karl.ID)
	b.post(of + "/rotate").want(303).to(of)
	b.get(of).want(200, "Pass the new one on", string(karl.BCCAddress), "Being replaced", "/settings/audit?object=karl%40acme.example")
	b.post(of+"/rotate", "compromised", "yes").want(303)
	b.get(of).want(200, "refused from now on", "Revoked", "!Being replaced")
}

func TestUserActs(t *testing.T) {
	w, anna, karl := deskWorld(t)
	b := w.signedIn("anna@acme.example")
	user := fmt.Sprintf("/settings/users/%d", karl.ID)
	b.get(user).want(200, "karl@acme.example", string(karl.BCCAddress), "Chosen")
	b.post(user+"/role", "role", "king").want(422, "no role")
	b.post(fmt.Sprintf("/settings/users/%d/role", anna.ID), "role", "manager").want(422, "Somebody has to be an admin")
	b.post(user+"/role", "role", "admin").want(303).to(user)
	b.post(user+"/absent", "until", "2001-01-01").want(422, "not past")
	b.post(user+"/absent", "until", w.now.AddDate(0, 1, 0).Format("2006-01-02")).want(303)
	b.get(user).want(200, "Away from")
	b.post(user+"/absent", "back", "yes").want(303)
	b.get(user).want(200, "!Away from")
	b.post(user+"/link").want(200, "?ticket=")
	theirs := w.signedIn("karl@acme.example")
	b.post(user+"/active", "active", "no").want(303)
	theirs.get("/address").want(303) // to the sign-in page
	b.get("/settings/users/999").want(404)
}

func TestSharedMailbox(t *testing.T) {
	w, _, _ := deskWorld(t)
	b := w.signedIn("anna@acme.example")
	b.post("/settings/mailboxes", "address", "karl@acme.example").want(422, "already an address")
	at := b.post("/settings/mailboxes", "address", "info@acme.example").want(303).Header.Get("Location")
	b.get(at).want(200, "Who gets its leads")
	b.post(at, "order", "weighted", "fallback", "anna@acme.example", "queue", "karl@acme.example 2\nanna@acme.example\n", "unknown_incoming", "review",
		"rule_words", "invoice, bill", "rule_domain", "", "rule_recipient", "", "rule_user", "karl@acme.example",
		"rule_words", "", "rule_domain", "", "rule_recipient", "", "rule_user", "").want(303).to(at)
	b.get(at).want(200, "karl@acme.example 2", "invoice, bill")
	b.post(at, "order", "weighted", "queue", "karl@acme.example 1000").want(422, "no weight")
	b.post(at, "order", "order", "rule_words", "x", "rule_user", "").want(422, "names nobody")
	b.post(at, "order", "order", "rule_words", "", "rule_user", "karl@acme.example").want(422, "no condition")
	boxes, err := w.store.Mailboxes(t.Context())
	if err != nil || boxes[0].Distribution == nil || boxes[0].Distribution.Queue[0].Weight != 2 || *boxes[0].UnknownIncoming != crm.PolicyReview {
		t.Errorf("the mailbox is %+v, %v, want the queue of the form", boxes[0], err)
	}
}

func TestServerAndChecks(t *testing.T) {
	w, _, _ := deskWorld(t)
	b := w.signedIn("anna@acme.example")
	b.get("/settings/server").want(200, "retention.unfiled", "30d", "bcc.acme.example")
	b.get("/settings/checks").want(200, "Look again", "!Publish one.")
	b.post("/settings/checks").want(200, "1 problem", "&lt;none&gt;", "Publish one.")
	b.get("/settings/exclusions").want(200, "Nothing is excluded")
	b.get("/settings/mailboxes").want(200, "karl@acme.example")
}

func TestNumbersWithoutMail(t *testing.T) {
	w, _, _ := deskWorld(t)
	w.signedIn("karl@acme.example").get("/numbers").want(200, "Nothing to count yet")
}
