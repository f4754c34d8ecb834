package main

import (
	"fmt"
	"strings"
	"testing"

	"blindcopy/crm"
)

// reviewed is what the review list shows as JSON.
type reviewed struct {
	ID        crm.IntakeID
	Subject   string
	Verdict   crm.Verdict
	WhichDeal bool `json:"which_deal"`
	Unknown   []crm.Party
	Proposals []crm.Candidate
}

// TestTheReviewListAsksWhatAPersonDecides: which deal, and who an address is; it names both, and lets go of what is
// answered.
func TestTheReviewListAsksWhatAPersonDecides(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	w.must("contact", "add", "--name", "Carl Nowak", "--email", "carl@other.example")
	for _, title := range []string{"Rollout", "Service"} {
		w.must("deal", "add", "--title", title, "--contact", "1")
	}
	s := w.serve()
	id := s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", "Offer", "one", "Cc: Carl Nowak <carl@ohter.example>"))
	var list []reviewed
	if w.json(&list, "review", "list"); len(list) != 1 || !list[0].WhichDeal || len(list[0].Unknown) != 1 || list[0].Unknown[0].Address != "carl@ohter.example" {
		t.Fatalf("the review list: got %+v, want the mail with both questions", list)
	}
	for i, want := range []string{"deal Service open, with one", "deal Rollout open, with one", "contact Carl Nowak for carl@ohter.example: has the address carl@other.example, one letter away"} {
		if p := list[0].Proposals; len(p) != 3 || !strings.HasPrefix(strings.Join([]string{string(p[i].Kind), p[i].Title, p[i].Why}, " "), want) {
			t.Errorf("proposal %d: got %+v, want %q", i, p, want)
		}
	}
	text := w.must("review", "list")
	for _, want := range []string{"Not to a deal, because 2 are open", "unknown  Carl Nowak <carl@ohter.example>", "deal:1  Rollout"} {
		if !strings.Contains(text, want) {
			t.Errorf("the review list lacks %q:\n%s", want, text)
		}
	}
	w.must("review", "link", string(id), "--deal", "2")
	list = nil
	if w.json(&list, "review", "list"); len(list) != 1 || list[0].WhichDeal || len(list[0].Unknown) != 1 {
		t.Errorf("after a deal was chosen: got %+v, want the unknown address alone", list)
	}
	if text := w.must("explain", string(id)); !strings.Contains(text, "A person linked it to Service (deal:2).") || strings.Contains(text, "Link the right deal") {
		t.Errorf("after a deal was chosen:\n%s", text)
	}
	text = w.must("review", "dismiss", string(id))
	if !strings.Contains(text, "A person left it as it is filed; unknown stays Carl Nowak <carl@ohter.example>.") || strings.Contains(text, "May belong to") {
		t.Errorf("after the question was dismissed:\n%s", text)
	}
	if w.json(&list, "review", "list"); len(list) != 0 {
		t.Errorf("what waits: got %+v, want nothing", list)
	}
}

// TestNothingCanBeMade: `review create` says in a sentence why, and fails.
func TestNothingCanBeMade(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", "uwe@acme.example")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	note := strings.Replace(mail(anna, "x", "Note", "note"), "To: x\r\n", "", 1)
	forward := strings.Replace(mail(anna, "x", "Fwd: Offer", "fwd"), "To: x\r\n", "", 1) + "\r\n---------- Forwarded message ---------\r\nFrom: Joe Doe\r\nDate: Mon, Nov 2, 2026 at 4:05 PM\r\nSubject: Offer\r\nTo: Anna\r\n\r\nHi\r\n"
	for _, row := range []struct{ rule, message, why string }{
		{"no address in it", note, "no recipient can be seen but the BCC address"},
		{"a name alone", forward, "the forwarded mail names Joe Doe as its author, but no address"},
		{"everybody is known", mail(anna, "ben@client.example", "Known", "known"), "everybody in it is known already: Ben"},
		{"only colleagues", mail(anna, "uwe@acme.example", "Re: Known", "colleagues", "In-Reply-To: <known@acme.example>"), "only colleagues are in it"},
	} {
		id := s.send(anna, w.bcc(anna), row.message)
		for _, kind := range []string{"--lead", "--contact"} {
			r := w.run("review", "create", string(id), kind)
			if want := "nothing was made of " + string(id) + ": " + row.why; r.code != exitFailed || !strings.Contains(r.stderr, want) {
				t.Errorf("%s: exit %d, want %d and %q\n%s", row.rule, r.code, exitFailed, want, r.stderr)
			}
		}
	}
	role := s.send(anna, w.bcc(anna), mail(anna, "info@role.example", "To a role", "role"))
	if out := w.must("review", "create", string(role), "--contact"); !strings.Contains(out, "nobody had the address info@role.example, so it was made") {
		t.Errorf("a person may make a contact of a role:\n%s", out)
	}
}

// TestTheTraceSaysWhatAPersonDid, and what is left of the mail.
func TestTheTraceSaysWhatAPersonDid(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	has := func(rule string, id crm.IntakeID, want ...string) {
		t.Helper()
		text := w.must("explain", string(id))
		for _, words := range want {
			if !strings.Contains(text, words) {
				t.Errorf("%s: lacks %q:\n%s", rule, words, text)
			}
		}
	}
	id := s.send(anna, w.bcc(anna), mail(anna, "ben@client.example, eva@new.example", "Offer", "one"))
	w.must("activity", "unlink", "1", "--contact", "1")
	has("unlink", id, "A person took it away from Ben (contact:1).", "Filed to the lead", "content     kept\n")
	w.must("activity", "undo", "1")
	has("undo", id, "It was filed, and is on no timeline any more.", "It was taken away from Eva, new.example (lead:1). Deleted, being made by this mail alone: Eva, new.example (lead:1).")

	w.must("mailbox", "edit", "1", "--unknown", "review")
	held := s.send(anna, w.bcc(anna), mail(anna, "joe@else.example", "Held", "two"))
	has("held", held, "Held for a person to decide.", "content     kept until ")
	w.must("review", "dismiss", string(held))
	has("dismissed", held, "A person dismissed it: it is filed nowhere.", "content     kept until ")
	late := s.send(anna, w.bcc(anna), mail(anna, "joe@else.example", "Late", "three"))
	w.expire()
	has("expired", late, "It was held for a person to decide, and nobody did before its content expired.", "content     not kept")
}

// TestAChoiceIsAboutOneMail: a message brought three mails as attachments, of which one is filed and two wait. A record
// is linked to the one that is named, and to no other.
func TestAChoiceIsAboutOneMail(t *testing.T) {
	w := newWorld(t)
	w.must("mailbox", "edit", "1", "--unknown", "review")
	for _, name := range []string{"ben", "eva", "joe"} {
		w.must("contact", "add", "--name", name, "--email", name+"@known.example")
	}
	s := w.serve()
	id := string(s.send(anna, w.bcc(anna), forwards(w, "ben@known.example", "eva@private.example", "joe@private.example")))

	r := w.run("review", "link", id, "--contact", "2")
	if r.code != exitFailed || !strings.Contains(r.stderr, "there are 3 mails in it, and it was not said which one is meant") || !strings.Contains(r.stderr, "--original") {
		t.Errorf("two mails wait: exit %d\n%s", r.code, r.stderr)
	}
	if text := w.must("explain", id); !strings.Contains(text, "  2  held  unknown_review  eva@private.example From eva@private.example") {
		t.Errorf("the mails in it are not listed:\n%s", text)
	}
	w.must("review", "link", id, "--contact", "2", "--original", "2")
	var list []crm.Activity
	for contact, want := range map[string]string{"contact:1": "From ben@known.example", "contact:2": "From eva@private.example", "contact:3": ""} {
		w.json(&list, "timeline", contact)
		if want == "" && len(list) > 0 || want != "" && (len(list) != 1 || list[0].Subject != want) {
			t.Errorf("on the timeline of %s: got %+v, want %q alone", contact, list, want)
		}
	}
	w.must("review", "link", id, "--contact", "3") // only one waits now
	if w.json(&list, "timeline", "contact:3"); len(list) != 1 || list[0].Subject != "From joe@private.example" {
		t.Errorf("the last one that waited: got %+v", list)
	}
	if r := w.run("review", "link", id, "--contact", "1", "--original", "9"); r.code != exitFailed || !strings.Contains(r.stderr, "there is no mail 9 in it") {
		t.Errorf("a number that is not there: exit %d\n%s", r.code, r.stderr)
	}
}

// forwards is a message of Anna's with one mail of each author attached.
func forwards(w *world, authors ...string) string {
	body := ""
	for i, from := range authors {
		body += "--b\r\nContent-Type: message/rfc822\r\n\r\n" + mail(from, anna, "From "+from, fmt.Sprintf("inner%d", i)) + "\r\n"
	}
	head, _, _ := strings.Cut(mail(anna, w.bcc(anna), "Fwd: several", "cover", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"), "\r\n\r\n")
	return head + "\r\n\r\n" + body + "--b--\r\n"
}
