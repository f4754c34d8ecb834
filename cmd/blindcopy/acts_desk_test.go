package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"blindcopy/crm"
)

// deskBrowser is somebody's browser, signed in.
type deskBrowser struct {
	t      *testing.T
	base   string
	client *http.Client
}

// surf signs a user in, with a link that an admin made.
func (w *world) visit(s *running, email string) *deskBrowser {
	w.t.Helper()
	w.env = append(w.env, "BLINDCOPY_WEB_LISTEN="+s.web)
	var link crm.SignInLink
	w.json(&link, "user", "invite", email)
	u, err := url.Parse(link.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	b := &deskBrowser{w.t, "http://" + s.web, &http.Client{Jar: jar}}
	b.post("/join", "ticket", u.Query().Get("ticket"), "password", "correct horse battery")
	return b
}

func (b *deskBrowser) get(path string) string {
	b.t.Helper()
	res, err := b.client.Get(b.base + path)
	return b.read(path, res, err)
}

func (b *deskBrowser) post(path string, pairs ...string) string {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	res, err := b.client.PostForm(b.base+path, form)
	return b.read(path, res, err)
}

func (b *deskBrowser) read(path string, res *http.Response, err error) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		b.t.Fatalf("%s = %s, %v\n%s", path, res.Status, err, body)
	}
	return string(body)
}

// has checks that a page holds texts; one with ! in front it must not hold.
func (b *deskBrowser) has(what, body string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		unwanted, not := strings.CutPrefix(text, "!")
		if strings.Contains(body, unwanted) == not {
			b.t.Errorf("%s holds %q: %t, want %t\n%s", what, unwanted, not, !not, body)
		}
	}
}

// TestTestMail: a newcomer waits for his test mail, and sees what became of it.
func TestTestMail(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	anna := w.visit(s, "anna@acme.example")
	waiting := anna.get("/address/test")
	anna.has("the page that waits", waiting, "Waiting for your mail")
	since := regexp.MustCompile(`data-live-url="(/address/test\?since=\d+)"`).FindStringSubmatch(waiting)
	if since == nil {
		t.Fatalf("the page does not ask again:\n%s", waiting)
	}
	s.send("anna@acme.example", w.bcc("anna@acme.example"),
		"From: anna@acme.example\r\nTo: new@client.example\r\nSubject: <b>Hello</b>\r\nMessage-ID: <1@acme.example>\r\n\r\nHello.\r\n")
	karl := w.visit(s, "karl@acme.example")
	karl.has("karl's page", karl.get(since[1]), "Waiting for your mail", "!Hello")
	anna.has("the page after the mail", anna.get(since[1]), "It arrived, and it is filed", "&lt;b&gt;Hello", "!data-live-poll")
}

// TestConfirmedAddressFilesWhatWaited: the acts of the pages look again at held mail, as the commands do.
func TestConfirmedAddressFilesWhatWaited(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	anna := w.visit(s, "anna@acme.example")
	s.send("a.weber@acme.example", w.bcc("anna@acme.example"),
		"From: a.weber@acme.example\r\nTo: ben@client.example\r\nSubject: Offer\r\nMessage-ID: <2@acme.example>\r\n\r\nHello.\r\n")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	anna.has("the page", anna.post("/address/senders", "address", "a.weber@acme.example"), "1 mail that had been held is filed now")
	anna.has("the card", anna.get("/address/card.vcf"), "BEGIN:VCARD", w.bcc("anna@acme.example"))
	anna.has("the checks", anna.get("/settings/server"), "retention.unfiled", "smtp.listen")
	anna.has("the numbers", anna.get("/numbers"), "What became of the mail", "<rect")
	if r := w.run("user", "disable", "anna@acme.example"); r.code != exitFailed || !strings.Contains(r.stderr, "somebody has to be an admin") {
		t.Errorf("disabling the last admin: exit %d, %s, want a refusal", r.code, r.stderr)
	}
}
