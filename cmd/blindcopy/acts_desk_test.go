package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestTestMail: a newcomer waits for his test mail, and sees what became of it.
func TestTestMail(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", "karl@acme.example")
	s := w.serve()
	anna := w.browse(s, "anna@acme.example")
	waiting := anna.get("/address/test", 200)
	anna.has("the page that waits", waiting, "Waiting for your mail")
	since := regexp.MustCompile(`data-live-url="(/address/test\?since=\d+)"`).FindStringSubmatch(waiting)
	if since == nil {
		t.Fatalf("the page does not ask again:\n%s", waiting)
	}
	s.send("anna@acme.example", w.bcc("anna@acme.example"),
		"From: anna@acme.example\r\nTo: new@client.example\r\nSubject: <b>Hello</b>\r\nMessage-ID: <1@acme.example>\r\n\r\nHello.\r\n")
	karl := w.browse(s, "karl@acme.example")
	karl.has("karl's page", karl.get(since[1], 200), "Waiting for your mail", "!Hello")
	anna.has("the page after the mail", anna.get(since[1], 200), "It arrived, and it is filed", "&lt;b&gt;Hello", "!data-live-poll")
}

// TestConfirmedAddressFilesWhatWaited: the acts of the pages look again at held mail, as the commands do.
func TestConfirmedAddressFilesWhatWaited(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	anna := w.browse(s, "anna@acme.example")
	s.send("a.weber@acme.example", w.bcc("anna@acme.example"),
		"From: a.weber@acme.example\r\nTo: ben@client.example\r\nSubject: Offer\r\nMessage-ID: <2@acme.example>\r\n\r\nHello.\r\n")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	anna.has("the page", anna.post("/address/senders", 200, "address", "a.weber@acme.example"), "1 mail that had been held is filed now")
	anna.has("the card", anna.get("/address/card.vcf", 200), "BEGIN:VCARD", w.bcc("anna@acme.example"))
	anna.has("the checks", anna.get("/settings/server", 200), "retention.unfiled", "smtp.listen")
	anna.has("the numbers", anna.get("/numbers", 200), "What became of the mail", "<rect")
	if r := w.run("user", "disable", "anna@acme.example"); r.code != exitFailed || !strings.Contains(r.stderr, "somebody has to be an admin") {
		t.Errorf("disabling the last admin: exit %d, %s, want a refusal", r.code, r.stderr)
	}
}
