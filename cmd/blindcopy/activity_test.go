package main

import (
	"strings"
	"testing"
)

// TestAnHTMLMailIsReadInItsLines: of a mail that has no plain text, paragraphs, list items and table rows stand on lines
// of their own.
func TestAnHTMLMailIsReadInItsLines(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	const html = `<div dir="ltr">Hello Ben,<div><br></div><div>first line<br>second line</div><p>a paragraph</p><ul><li>one</li><li>two</li></ul>` +
		`<table><tr><td>Item</td><td>Price</td></tr><tr><td>Licence</td><td>100</td></tr></table></div>`
	message := mail(anna, "ben@client.example", "Offer", "one", "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8")
	head, _, _ := strings.Cut(message, "\r\n\r\n")
	s.send(anna, w.bcc(anna), head+"\r\n\r\n"+html+"\r\n")
	want := "  Hello Ben,\n\n  first line\n  second line\n\n  a paragraph\n\n  - one\n  - two\n\n  Item\tPrice\n  Licence\t100\n"
	if got := w.must("activity", "show", "1"); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant it to end in\n%s", got, want)
	}
}
