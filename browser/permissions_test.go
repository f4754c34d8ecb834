package browser_test

import (
	"strings"
	"testing"
)

// testPermissions: what one manager keeps private, another finds nowhere, and an admin neither.
func testPermissions(t *testing.T, w world) {
	s := newCompany(t, w)
	s.must("user", "add", "karl@corp.example", "--name", "Karl Brandt")
	s.must("user", "add", "mei@corp.example", "--name", "Mei Lin")
	const files = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b"
	s.send("karl@corp.example", s.bcc("karl@corp.example"), mail("Karl Brandt <karl@corp.example>", "ben@client.example", "[private] Zanzibar",
		"--b\n\nThe secret is Zugspitze.\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=zebra.txt\n\nZebra\n--b--", files))
	s.send("zoe@unknown.example", s.bcc("karl@corp.example"), mail("zoe@unknown.example", "karl@corp.example", "[private] Zero", "Nothing.", "Resent-From: karl@corp.example"))
	s.send("karl@corp.example", s.bcc("karl@corp.example"), mail("Karl Brandt <karl@corp.example>", "ben@client.example", "For everybody", "Read it all."))
	secrets := []string{"Zanzibar", "Zugspitze", "zebra", "Zero"}

	karl := w.signedIn(t, s, "karl@corp.example")
	karl.visit(s.path("contact", "Ben Carter"))
	karl.sees("Zanzibar", "For everybody")
	karl.visit("/search?q=Zanzibar")
	karl.press("#rows th a")
	karl.sees("The secret is Zugspitze.")
	mailPath := karl.at()
	karl.press("Why is it here?")
	whyPath := karl.at()
	karl.visit("/search?q=Zero")
	karl.press("#rows th a")
	heldPath := karl.at()
	if got := karl.download(mailPath + "/raw"); got.Status != 200 || !strings.Contains(got.Text, "Zugspitze") {
		t.Errorf("the author's download of his mail: %d %.80q", got.Status, got.Text)
	}

	for _, email := range []string{"anna@corp.example", "mei@corp.example"} {
		b := w.signedIn(t, s, email)
		for _, page := range []string{s.path("contact", "Ben Carter"), s.path("company", "Client Ltd"), "/", "/review", "/search?q=Z", "/search?q=Zanzibar", "/search?q=karl", "/numbers"} {
			b.want(email+" at "+page, b.visit(page), 200)
			b.settle()
			b.seesNot(secrets...)
		}
		b.visit(s.path("contact", "Ben Carter"))
		b.sees("For everybody") // the timeline is there, without it
		b.seesNot(secrets...)
		for _, path := range []string{mailPath, mailPath + "/body", mailPath + "/raw", mailPath + "/attachments/1", mailPath + "/link", whyPath, heldPath} {
			if got := b.download(path); got.Status != 404 || containsAny(got.Text, secrets) {
				t.Errorf("%s gets %s: %d %.200q, want 404 and no word of it", email, path, got.Status, got.Text)
			}
		}
		id := strings.TrimPrefix(mailPath, "/mail/")
		for _, path := range []string{"/activities/" + id, "/activities/" + id + "/raw", "/intakes/" + strings.TrimPrefix(whyPath, "/why/")} {
			if status, body := s.api(email, path); status != 404 || containsAny(body, secrets) {
				t.Errorf("the API gives %s %s: %d %.200q, want 404", email, path, status, body)
			}
		}
		for _, path := range []string{"/activities", "/activities?match=Zanzibar", "/intakes", "/review", "/explain?intake=" + strings.TrimPrefix(whyPath, "/why/")} {
			if _, body := s.api(email, path); containsAny(body, secrets) {
				t.Errorf("the API tells %s at %s: %.300q", email, path, body)
			}
		}
	}
	testEnvelope(t, w, s)
}

// testEnvelope: of a mailbox with this rule others see that mail was sent, when and with whom.
func testEnvelope(t *testing.T, w world, s *site) {
	s.must("mailbox", "edit", "karl@corp.example", "--visibility", "envelope")
	s.send("karl@corp.example", s.bcc("karl@corp.example"), mail("Karl Brandt <karl@corp.example>", "ben@client.example", "Yellow", "Yodel."))
	b := w.tab(t, s)
	b.signIn("mei@corp.example", password)
	b.visit(s.path("contact", "Ben Carter"))
	b.sees("Karl Brandt to Ben Carter", "(content not shown)")
	b.seesNot("Yellow", "Yodel")
	b.click("//a[contains(., '(content not shown)')]") // it opens in its place
	b.sees("what stands in it is for those who captured it")
	b.seesNot("Yellow", "Yodel")
	b.press("Open on its own page")
	b.seesNot("Yellow", "Yodel")
	for _, end := range []string{"/raw", "/body"} {
		if got := b.download(b.at() + end); containsAny(got.Text, []string{"Yellow", "Yodel"}) {
			t.Errorf("%s of a mail whose envelope alone is seen: %d %.200q", end, got.Status, got.Text)
		}
	}
}

func containsAny(text string, words []string) bool {
	for _, word := range words {
		if strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			return true
		}
	}
	return false
}
