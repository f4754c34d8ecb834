package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// inQuestion is a button of the mail with a subject.
func inQuestion(subject, button string) string {
	return fmt.Sprintf("//article[.//h2[contains(., %s)]]//button[normalize-space()=%s]", quoted(subject), quoted(button))
}

// strangersWrite holds a mail from each of them to Anna.
func strangersWrite(s *site, names ...string) {
	s.t.Helper()
	for _, name := range names {
		from := name + "@" + name + ".example"
		s.send(from, s.bcc("anna@corp.example"), mail(from, "anna@corp.example", "From "+name, "Hello.", "Resent-From: anna@corp.example"))
	}
}

// testReviewByMouse decides each mail in its own way.
func testReviewByMouse(t *testing.T, w world) {
	s := newCompany(t, w)
	strangersWrite(s, "linda", "leo", "carla", "dora", "nora", "bob", "bill")
	s.send("a.weber@corp.example", s.bcc("anna@corp.example"), mail("a.weber@corp.example", "ben@client.example", "From my other address", "It is me."))
	b := w.signedIn(t, s, "anna@corp.example")
	b.press("//nav//a[contains(., 'Review')]")
	b.sees("From linda", "From bill", "From my other address")

	b.fill("Find a record to link From linda to", "Ben")
	b.sees("Ben Carter")
	b.press(inQuestion("From linda", "Link to Ben Carter"))
	b.sees("“From linda” is filed.")

	b.press(inQuestion("From leo", "Create lead"))
	b.sees("“From leo” is filed with a new lead.")
	b.press(inQuestion("From carla", "Create contact"))
	b.sees("“From carla” is filed with a new contact.")
	b.press(inQuestion("From dora", "Dismiss"))
	b.sees("“From dora” was dismissed.")

	b.click("//article[.//h2[contains(., 'From nora')]]//summary")
	b.press(inQuestion("From nora", "Never log"))
	b.sees("Mail with nora@nora.example is never logged from now on.")

	b.choose("//article[.//h2[contains(., 'my other address')]]//select[@name='user']", "anna@corp.example")
	b.press(inQuestion("From my other address", "Verify"))
	b.sees("a.weber@corp.example is Anna Weber now.")

	b.click("#many ~ .stack [aria-label='Choose From bob']")
	b.click("#many ~ .stack [aria-label='Choose From bill']")
	b.press("Create leads")
	b.sees("2 mails decided.", "Nothing waits for you")

	for record, want := range map[string]string{"contact": "Ben Carter", "lead": "leo@leo.example"} {
		b.visit(fmt.Sprintf("/search?q=From+%s", map[string]string{"contact": "linda", "lead": "leo"}[record]))
		b.press("#rows th a")
		b.sees("Hello.", want)
	}
	if got := ask[[]struct{}](s, "lead", "list"); len(got) != 3 {
		t.Errorf("%d leads were made, want 3: of leo, bob and bill", len(got))
	}
}

// testReviewByKeyboard does the same without a mouse.
func testReviewByKeyboard(t *testing.T, w world) {
	s := newCompany(t, w)
	strangersWrite(s, "one", "two", "three", "four") // the newest is the first
	b := w.signedIn(t, s, "anna@corp.example")

	b.keys("g")
	b.goesBy("r")
	b.sees("From four")
	b.keys("j")
	b.focused("From four")
	b.keys("j")
	b.focused("From three")
	b.keys("k")
	b.focused("From four")
	b.goesBy("d")
	b.sees("“From four” was dismissed.")

	b.focused("From three") // the next one takes its place
	b.keys("l")
	b.keys("Ben")
	b.sees("Ben Carter")
	b.keys(kb.Tab)
	b.keys(kb.Tab)
	b.goesBy(kb.Enter)
	b.sees("“From three” is filed.")

	b.focused("From two")
	b.goesBy("c")
	b.sees("“From two” is filed with a new lead.")

	chosen := func() bool { return eval[bool](b, `document.querySelector("[name=id]").checked`) }
	for _, want := range []bool{true, false, true} {
		b.keys("jx")
		if got := chosen(); got != want {
			b.fail("choose", fmt.Errorf("after x the mail is chosen: %t, want %t", got, want))
		}
	}
	b.expect("Dismiss all chosen mail?")
	b.press("//form[@id='many']//button[.='Dismiss']")
	b.sees("1 mail decided.", "Nothing waits for you")
}

// focused says that the row with this subject has the focus, and shows it.
func (b *tab) focused(subject string) {
	b.t.Helper()
	got := eval[string](b, `(() => { const e = document.activeElement, s = getComputedStyle(e);
		return e.matches(".walk") && s.outlineStyle !== "none" && e.querySelector("h2") ? e.querySelector("h2").innerText : "nothing that is to be seen" })()`)
	if len(got) < len(subject) || got[:len(subject)] != subject {
		b.fail("walk", fmt.Errorf("the keyboard is at %q, want %q", got, subject))
	}
}
