package browser_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// testTour looks at every page of a company at work: at a desk and on a phone, in light and in dark. It keeps a
// picture of each for people to look at.
func testTour(t *testing.T, w world) {
	t.Run("EveryPage", everyPage)
	s := sampleCompany(t, w)
	b := w.tab(t, s)
	for _, stop := range strangersStops(s) {
		stop.visit(b)
		b.look(stop.name)
	}
	b.signIn("anna@nordlicht.example", "nordlicht-demo")
	for _, stop := range annasStops(t, s) {
		stop.visit(b)
		b.look(stop.name)
	}
}

// testEmptyTour looks at the pages of a server that is new: what they say where there is nothing yet.
func testEmptyTour(t *testing.T, w world) {
	s := newSite(t, w.program)
	b := w.tab(t, s)
	for _, stop := range emptyStops(s) {
		stop.visit(b)
		b.look(stop.name)
	}
}

// everyPage finds the page that somebody added and did not put on the tour.
func everyPage(t *testing.T) {
	var shown []string
	for _, stop := range slices.Concat(strangersStops(nil), annasStops(t, nil), emptyStops(nil)) {
		shown = append(shown, strings.Fields(stop.shows)...)
	}
	files, err := filepath.Glob("../web/templates/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("find the templates of the pages: %d, %v", len(files), err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".html"); !slices.Contains(shown, name) {
			t.Errorf("no stop of the tour shows the page %s: add one to browser/tour_stops_test.go", name)
		}
	}
}

// here is what the pages' script does when they load: the window was wider then.
const here = `document.querySelectorAll(".nav [aria-current], .tabs [aria-current]").forEach(e => e.scrollIntoView({inline: "center", block: "nearest"})), true`

// look looks at where the tab is in all ways.
func (b *tab) look(name string) {
	b.t.Helper()
	for _, screen := range []screen{desktop, phone} {
		for _, colours := range []string{"light", "dark"} {
			b.looks(screen, colours)
			eval[bool](b, here)
			b.settle()
			what := fmt.Sprintf("%s-%d-%s", name, screen.width, colours)
			if colours == "light" {
				b.accessible(what)
				b.fits(what)
			} else {
				b.accessible(what, "color-contrast") // nothing else depends on colours
			}
			b.keep(what)
		}
	}
	b.looks(desktop, "light")
	b.showsFocus(name)
}

// sampleCompany is that of the demonstration, with some mail and rules more.
func sampleCompany(t *testing.T, w world) *site {
	t.Helper()
	s := &site{t: t, program: w.program, dir: t.TempDir()}
	said := s.must("demo", "--once", "--dir", s.dir, "--port", fmt.Sprint(freePort(t)))
	if s.enter = regexp.MustCompile(`/enter\?\S+`).FindString(said); s.enter == "" {
		t.Fatalf("the demonstration printed no link to sign in:\n%s", said)
	}
	s.configure("bcc.nordlicht.example", "blindcopy.db")
	s.start()

	const anna, ben = "Anna Weber <anna@nordlicht.example>", "Ben Carter <ben@client.example>"
	bcc := s.bcc("anna@nordlicht.example")
	s.must("mailbox", "add", "info@nordlicht.example", "--queue", "anna@nordlicht.example,karl@nordlicht.example:2", "--fallback", "mei@nordlicht.example")
	s.must("exclusion", "add", "*.bank.example")
	s.must("exclusion", "add", "lawyer@firm.example", "--user", "anna@nordlicht.example")
	s.must("deal", "add", "--title", "Maintenance for two more years", "--contact", fmt.Sprint(s.id("contact", "Ben Carter")), "--owner", "karl@nordlicht.example", "--stage", "new")
	s.send("anna@nordlicht.example", bcc, mail(anna, ben, "What we can do for you", newsletter, "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="b"`))
	s.send("anna@nordlicht.example", bcc, mail(anna, ben, "[private] Between us", "Nobody else reads this."))
	s.send("ben@client.example", bcc, mail(ben, anna, "Re: Workshop on Thursday", "Ten is fine.", "Cc: "+bcc))
	s.send("who@elsewhere.example", bcc, mail("Wanda Who <who@elsewhere.example>", "someone@else.example", "A stranger's offer with a subject that is much longer than what anybody would write, and does not end", "Buy this."))
	s.send("anna.w@nordlicht.example", bcc, mail("Anna Weber <anna.w@nordlicht.example>", ben, "From my other address", "It is me."))
	s.send("bounce@list.example", bcc, mail("News <news@list.example>", anna, "Our news of the week", "News.", "List-Id: <news.list.example>", "Resent-From: "+anna))
	return s
}

// newsletter is a mail in HTML with an image elsewhere and files.
const newsletter = `--b
Content-Type: text/html; charset=utf-8

<h1 style="color:#17613a">What we can do for you</h1><p>Dear Ben,</p><p>this is <b>all</b> of it:</p>
<table border="1"><tr><th>What</th><th>Price</th></tr><tr><td>Website</td><td>12,400</td></tr><tr><td>Shop</td><td>4,100</td></tr></table>
<p><img src="https://images.example/logo.png" width="120" height="40" alt="Our logo"></p><blockquote>Can you include the shop?</blockquote>
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="Offer 2026, second edition.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b
Content-Type: text/calendar
Content-Disposition: attachment; filename="Termin für Ben.ics"

BEGIN:VCALENDAR
--b--`
