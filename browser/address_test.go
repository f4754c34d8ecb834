package browser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testRotate changes the BCC address: by habit, and because strangers saw it.
func testRotate(t *testing.T, w world) {
	s := newCompany(t, w)
	b := w.signedIn(t, s, "anna@corp.example")
	write := func(to, subject string) error {
		return s.try("anna@corp.example", to, mail("anna@corp.example", "ben@client.example", subject, "Hello."))
	}
	shown := func() string { return eval[string](b, `document.querySelector(".copy code").innerText`) }

	b.press("My address")
	first := shown()
	b.expect("Make a new BCC address?")
	b.press("New address")
	second := shown()
	if second == first {
		t.Fatalf("the address is %s still", first)
	}
	b.sees("Earlier: "+first, "until")
	for subject, to := range map[string]string{"To the old one": first, "To the new one": second} {
		if err := write(to, subject); err != nil {
			t.Errorf("%s, %s: %v, want both to be taken for a while", subject, to, err)
		}
	}
	b.visit("/address")
	b.sees("last used")

	b.expect("refuse mail to the old one")
	b.press("It is compromised: refuse the old one")
	third := shown()
	if err := write(second, "To the compromised one"); err == nil || !strings.Contains(err.Error(), "5.1.6") {
		t.Errorf("mail to the compromised address: %v, want 550 5.1.6", err)
	}
	if err := write(third, "To the newest one"); err != nil {
		t.Errorf("mail to the newest address: %v", err)
	}

	b.visit(s.path("contact", "Ben Carter"))
	b.sees("To the old one", "To the new one", "To the newest one")
	b.seesNot("To the compromised one")
}

// testImport shows what a file would do before it does it, and files what had waited for its people.
func testImport(t *testing.T, w world) {
	s := newCompany(t, w)
	s.send("ada@engine.example", s.bcc("anna@corp.example"), mail("Ada <ada@engine.example>", "anna@corp.example", "A machine", "It computes.", "Resent-From: anna@corp.example"))
	b := w.signedIn(t, s, "anna@corp.example")

	b.visit("/contacts")
	b.press("Import")
	b.upload("File", people(t))
	b.want("preview", b.press("Show what would happen"), 200)
	b.sees("2 would be added", "1 unchanged", "2 new companies", "1 with errors", "Shoe size not used", "Ada Lovelace", `Line 4: "not an address"`)
	if got := ask[[]struct{}](s, "contact", "list"); len(got) != 1 {
		t.Errorf("looking at a file made contacts: there are %d, want 1", len(got))
	}

	b.click("#import .primary")
	b.sees("2 added", "1 mail that had been held is filed now.")
	b.press("Go to the contacts")
	b.sees("Ada Lovelace", "Grace Hopper", "Engine Works")
	b.press("Ada Lovelace")
	b.sees("A machine")

	nonsense := filepath.Join(t.TempDir(), "picture.csv")
	if err := os.WriteFile(nonsense, []byte("\x89PNG\r\n\x1a\n\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.visit("/import")
	b.upload("File", nonsense)
	b.want("preview of a picture", b.press("Show what would happen"), 422)
}
