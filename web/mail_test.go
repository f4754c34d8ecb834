package web

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"blindcopy/crm"
)

// The clerk has no message to read; what is read of one is tested in cmd.

func (c clerk) MailContent(_ context.Context, act crm.Activity) (MailContent, error) {
	return MailContent{Kept: true, Attachments: act.Attachments, Text: "SECRET TEXT", HTML: `<p>SECRET</p><img data-remote-src="//evil.example/a.png">`}, nil
}

func (c clerk) MailFile(context.Context, crm.Activity, crm.Attachment) (func(io.Writer) error, error) {
	return func(w io.Writer) error { _, err := io.WriteString(w, "FILE"); return err }, nil
}

func (c clerk) MailRaw(context.Context, crm.Activity) (func(io.Writer) error, error) {
	return func(w io.Writer) error { _, err := io.WriteString(w, "RAW"); return err }, nil
}

// letter is a mail that was filed.
type letter struct {
	by         crm.User // who captured it
	subject    string
	at         time.Time
	visibility crm.Visibility
	links      []crm.Ref
}

var letters atomic.Int64

// file files a letter as a plan would.
func (w *world) file(l letter) crm.ActivityID {
	w.t.Helper()
	number := letters.Add(1)
	id := fmt.Sprintf("%d@acme.example", number)
	from := crm.Party{Address: l.by.Email}
	m := &crm.Mail{MessageID: id, Subject: l.subject, From: []crm.Party{from}, Date: l.at}
	raw := []byte("Subject: a\r\n\r\n")
	d := &crm.Draft{Direction: crm.Outgoing, Author: from, AuthorUser: l.by.ID, Subject: l.subject, OccurredAt: l.at, Preview: "PREVIEW",
		Attachments: []crm.Attachment{{ID: 1, Name: `../"><script>.html`, ContentType: "text/html", Part: "2"}}}
	r := crm.Result{Mail: m, Verdict: crm.Filed, Keep: crm.KeepForever, New: d, Claims: []crm.Claim{{Key: "id:" + id, Date: l.at}},
		People: []crm.Person{{Role: crm.RoleFrom, Party: from}}}
	for _, ref := range l.links {
		r.Links = append(r.Links, crm.NewLink{Ref: ref, Code: crm.ContactByAddress, Source: crm.SourceAuto})
	}
	if l.visibility == "" {
		l.visibility = crm.VisibilityLinked
	}
	if l.visibility == crm.VisibilityPrivate {
		d.Badges = []crm.Badge{crm.BadgePrivate}
	}
	facts, err := w.store.Gather(w.t.Context(), crm.Question{})
	if err != nil {
		w.t.Fatal(err)
	}
	done, err := w.store.Record(w.t.Context(), &crm.Record{
		Inbound: &crm.Inbound{ID: crm.IntakeID(fmt.Sprintf("%026d", number)), ReceivedAt: l.at, Via: crm.ViaSMTP, Raw: crm.Raw{Bytes: raw, SHA256: sha256.Sum256(raw)}},
		Message: m,
		Plan: &crm.Plan{Stamp: facts.Stamp, Mailbox: crm.MailboxID(l.by.ID), Owner: l.by.ID, Capturers: []crm.Capturer{{Mailbox: crm.MailboxID(l.by.ID), User: l.by.ID}},
			Visibility: l.visibility, Results: []crm.Result{r}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return done.Activities[0]
}

// contact adds one.
func (w *world) contact(name string, email crm.Address) crm.Ref {
	w.t.Helper()
	c, err := w.store.AddContact(w.t.Context(), crm.NewContact{Name: name, Emails: []crm.Address{email}})
	if err != nil {
		w.t.Fatal(err)
	}
	return crm.Ref{Kind: crm.KindContact, ID: c.ID}
}

// TestWhatIsPrivateIsNotThere: whoever did not capture a mail finds it nowhere, admin or not.
func TestWhatIsPrivateIsNotThere(t *testing.T) {
	w := newWorld(t)
	anna := w.user("anna@acme.example", false)
	w.user("karl@acme.example", false)
	w.user("root@acme.example", true)
	ben := w.contact("Ben", "ben@client.example")
	at := w.now.Add(-time.Hour)
	private := w.file(letter{by: anna, subject: "HUSH", at: at, visibility: crm.VisibilityPrivate, links: []crm.Ref{ben}})
	envelope := w.file(letter{by: anna, subject: "HUSH", at: at, visibility: crm.VisibilityEnvelope, links: []crm.Ref{ben}})
	paths := func(id crm.ActivityID) []string {
		m := fmt.Sprintf("/mail/%d", id)
		return []string{m, m + "/body", m + "/body?as=text", m + "/raw", m + "/attachments/1", m + "/link"}
	}
	own := w.signedIn("anna@acme.example")
	for _, path := range append(paths(private), paths(envelope)...) {
		own.get(path).want(200)
	}
	own.get(paths(private)[0]).want(200, "HUSH", "Original message", "attachments/1", "!Make private")
	own.get("/timeline/contact/1").want(200, "HUSH", "PREVIEW", "Private")
	for _, who := range []crm.Address{"karl@acme.example", "root@acme.example"} {
		b := w.signedIn(who)
		for _, path := range paths(private) {
			b.get(path).want(404, "!HUSH", "!SECRET")
		}
		for _, act := range []string{"link", "unlink", "undo", "private"} {
			b.post(fmt.Sprintf("/mail/%d/%s", private, act), "to", "contact:1", "from", "contact:1").want(404)
		}
		b.post(fmt.Sprintf("/mail/%d/private", envelope)).want(404)
		b.get("/timeline/contact/1").want(200, "anna@acme.example", fmt.Sprintf("mail-%d", envelope), fmt.Sprintf("!mail-%d", private), "!HUSH", "!PREVIEW", "!.html")
		b.get(paths(envelope)[0]).want(200, "those who captured it", "!HUSH", "!SECRET", "!/raw", "!attachments/1", "!Make private")
		b.get(paths(envelope)[1]).want(200, "!SECRET")
		b.get(paths(envelope)[3]).want(404)
		b.get(paths(envelope)[4]).want(404)
	}
	w.browser().get(paths(envelope)[1]).want(303)
}

func TestRawMessagesTellTheBCCAddress(t *testing.T) {
	w := newWorld(t)
	anna := w.user("anna@acme.example", false)
	w.user("karl@acme.example", false)
	w.user("root@acme.example", true)
	id := w.file(letter{by: anna, subject: "Offer", at: w.now, links: []crm.Ref{w.contact("Ben", "ben@client.example")}})
	path := fmt.Sprintf("/mail/%d", id)
	w.signedIn("karl@acme.example").get(path).want(200, "Offer", "!/raw")
	w.signedIn("karl@acme.example").get(path + "/raw").want(404)
	w.signedIn("root@acme.example").get(path+"/raw").want(200, "RAW")
	res := w.signedIn("anna@acme.example").get(path+"/raw").want(200, "RAW")
	if got := res.Header.Get("Content-Disposition"); got != "attachment; filename=Offer.eml" {
		t.Errorf("the message is sent as %q, want a file Offer.eml", got)
	}
}

func TestMailHasAFrameOfItsOwn(t *testing.T) {
	w := newWorld(t)
	anna := w.user("anna@acme.example", false)
	path := fmt.Sprintf("/mail/%d", w.file(letter{by: anna, subject: `<script>"'</script>`, at: w.now}))
	b := w.signedIn("anna@acme.example")
	b.get(path).want(200, `sandbox="allow-popups allow-popups-to-escape-sandbox"`, "Show images", "&lt;script&gt;", `!<script>"`, "!evil.example")
	for query, images := range map[string]string{"": "img-src data:;", "?images=1": "img-src data: https: http:;"} {
		body := b.get(path+"/body"+query).want(200, "SECRET")
		csp := body.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", images, "sandbox allow-popups", "form-action 'none'", "frame-ancestors 'self'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("the policy of body%s is %q, want %q in it", query, csp, part)
			}
		}
		if loads := strings.Contains(body.body, ` src="https://evil.example/a.png"`); loads != (query != "") {
			t.Errorf("body%s loads a remote image: %t\n%s", query, loads, body.body)
		}
	}
	file := b.get(path+"/attachments/1").want(200, "FILE")
	for name, want := range map[string]string{"Content-Disposition": "attachment; filename=script.html", "Content-Type": "application/octet-stream",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"} {
		if got := file.Header.Get(name); got != want {
			t.Errorf("an attachment has %s %q, want %q", name, got, want)
		}
	}
	b.get(path + "/attachments/2").want(404)
	b.get(path + "/attachments/x").want(404)
}

func TestActsOnAMail(t *testing.T) {
	w := newWorld(t)
	anna := w.user("anna@acme.example", false)
	ben := w.contact("Ben", "ben@client.example")
	deal, err := w.store.AddDeal(t.Context(), crm.NewDeal{Title: "Big deal", Contacts: []int64{ben.ID}})
	if err != nil {
		t.Fatal(err)
	}
	id := w.file(letter{by: anna, subject: "Offer", at: w.now, links: []crm.Ref{ben}})
	path := fmt.Sprintf("/mail/%d", id)
	b := w.signedIn("anna@acme.example")
	b.get(path).want(200, "Pin to this deal", "Big deal", "!Conversation pinned")
	b.get(path+"/link?match=big").want(200, "Pin", "Big deal")
	b.get(path+"/link?match=zzz").want(200, "Nothing fits")
	b.post(path+"/link", "to", fmt.Sprintf("deal:%d", deal.ID)).want(303).to(path)
	b.get(path).want(200, "Pinned to Big deal", "Conversation pinned", "!Pin to this deal")
	b.get(fmt.Sprintf("/timeline/deal/%d", deal.ID)).want(200, "Offer")
	b.post(path+"/unlink", "from", fmt.Sprintf("deal:%d", deal.ID)).want(303)
	b.get(path).want(200, "No rule puts it there again", "!Conversation pinned")
	b.post(path+"/unlink", "from", fmt.Sprintf("deal:%d", deal.ID)).want(303)
	b.get(path).want(200, "not on that timeline any more")
	b.post(path + "/undo").want(303)
	b.get(path).want(200, "Taken back", "!Ben")
	b.post(path+"/link", "to", "deal:99").want(303)
	b.get(path).want(200, "That record is gone")
	b.post(path+"/link", "to", "evil:1").want(422)
	b.post(path + "/private").want(303)
	b.get(path).want(200, "Only those who captured", "Private", "!Make private")
}

func TestTimelinePages(t *testing.T) {
	w := newWorld(t)
	anna, karl := w.user("anna@acme.example", false), w.user("karl@acme.example", false)
	ben := w.contact("Ben", "ben@client.example")
	at := w.now.Add(-48 * time.Hour).Truncate(time.Minute)
	want := 0
	for i := range 3 * mailsAPage {
		l := letter{by: anna, subject: fmt.Sprint("Mail", i), at: at, links: []crm.Ref{ben}} // all of one moment
		if i%3 == 0 {
			l.by, l.visibility = karl, crm.VisibilityPrivate
		} else {
			want++
		}
		w.file(l)
	}
	b := w.signedIn("anna@acme.example")
	seen := map[string]bool{}
	for next := "/timeline/contact/1"; next != ""; {
		res := b.get(next).want(200)
		for _, id := range regexp.MustCompile(`id="mail-\d+"`).FindAllString(res.body, -1) {
			if seen[id] {
				t.Errorf("%s comes twice", id)
			}
			seen[id] = true
		}
		older := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(res.body)
		if next = ""; older != nil {
			next = older[1]
		}
	}
	if len(seen) != want {
		t.Errorf("the pages show %d mails, want %d", len(seen), want)
	}
	for _, path := range []string{"/timeline/contact/2", "/timeline/user/1", "/timeline/contact/x", "/timeline/lead/1", "/timeline/deal/1", "/timeline/company/1"} {
		b.get(path).want(404)
	}
}

func TestConversationsAreGrouped(t *testing.T) {
	act := func(id crm.ActivityID, thread crm.ThreadID) crm.Activity {
		return crm.Activity{ID: id, ThreadID: thread}
	}
	var got []string
	for _, c := range conversations([]crm.Activity{act(9, 1), act(8, 2), act(7, 1), act(6, 3), act(5, 1)}) {
		got = append(got, fmt.Sprint(c.Newest.ID, len(c.Earlier)))
	}
	if want := "9 2,8 0,6 0"; strings.Join(got, ",") != want {
		t.Errorf("got %v, want %s: each conversation where its newest mail stands", got, want)
	}
}

// TestLongTimelineIsFast: the promise is 50 ms for 10,000 mails of a contact.
func TestLongTimelineIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("files 10,000 mails")
	}
	const mails = 10_000
	w := newWorld(t)
	anna, karl := w.user("anna@acme.example", false), w.user("karl@acme.example", false)
	ben, carl := w.contact("Ben", "ben@client.example"), w.contact("Carl", "carl@client.example")
	var all sync.WaitGroup // many at once are written together
	for n := range 100 {
		all.Go(func() {
			for i := n; i < mails; i += 100 {
				l := letter{by: anna, subject: fmt.Sprint("Mail", i), at: w.now.Add(-time.Duration(i) * time.Minute), links: []crm.Ref{ben}}
				w.file(l)
				l.links, l.by, l.visibility = []crm.Ref{carl}, karl, crm.VisibilityPrivate
				w.file(l)
			}
		})
	}
	all.Wait()
	b := w.signedIn("anna@acme.example")
	middle := place(crm.Activity{ID: 5000, OccurredAt: w.now.Add(-5000 * time.Minute)})
	for path, want := range map[string]int{
		"/timeline/contact/1":                  mailsAPage,
		"/timeline/contact/1?before=" + middle: mailsAPage,
		"/timeline/contact/2":                  0, // all of it is private to another
	} {
		best := time.Hour
		for range 20 {
			start := time.Now()
			res := b.get(path).want(200)
			best = min(best, time.Since(start))
			if n := strings.Count(res.body, `id="mail-`); n != want {
				t.Fatalf("GET %s shows %d mails, want %d", path, n, want)
			}
		}
		t.Logf("%d mails: GET %s takes %s", mails, path, best)
		if best > 50*time.Millisecond {
			t.Errorf("GET %s takes %s, want at most 50ms", path, best)
		}
	}
}
