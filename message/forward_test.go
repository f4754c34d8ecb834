package message

import (
	"strings"
	"testing"
	"time"
)

// TestForwardedHTMLKeepsItsLayout: list items and the cells of a table are told apart in what is shown of a forward.
func TestForwardedHTMLKeepsItsLayout(t *testing.T) {
	const html = `<div>FYI</div><div class="gmail_quote"><div>---------- Forwarded message ---------<br>From: Ben &lt;<a href="mailto:ben@client.example">ben@client.example</a>&gt;<br>` +
		`Date: Mon, Nov 2, 2026 at 4:05 PM<br>Subject: Offer<br>To: Anna &lt;anna@corp.example&gt;<br></div><br><br><div>Hello,</div><div><br></div><ul><li>one</li><li>two</li></ul>` +
		`<table><tr><td>Item</td><td>Price</td></tr><tr><td>A</td><td>1</td></tr></table></div>`
	f, ok := ParseForward(ForwardInput{Subject: "Fwd: Offer", HTML: html})
	if want := "Hello,\n\n- one\n- two\nItem\tPrice\nA\t1"; !ok || f.Body != want {
		t.Errorf("got %v %q, want %q", ok, f.Body, want)
	}
}

func TestForwardOverride(t *testing.T) {
	tests := []struct {
		name, text string
		from       Address
		deal       int64
		rest       string
	}{
		{"author on the first line", "From: client@example.com\nHello", Address{"", "client@example.com"}, 0, "Hello"},
		{"first non-blank line", "\r\n \r\nFrom: client@example.com\r\nHello", Address{"", "client@example.com"}, 0, "Hello"},
		{"with a name", "from: Jana Nová <jana@example.com>\nHello", Address{"Jana Nová", "jana@example.com"}, 0, "Hello"},
		{"deal", "#deal 42\n\nHello", Address{}, 42, "\nHello"},
		{"deal, written together", "#Deal42\nHello", Address{}, 42, "Hello"},
		{"both on two lines", "From: client@example.com\n#deal 42\nHello", Address{"", "client@example.com"}, 42, "Hello"},
		{"both on one line", "From: client@example.com #deal 42\nHello", Address{"", "client@example.com"}, 42, "Hello"},
		{"second line only is text", "Hello\nFrom: client@example.com\n", Address{}, 0, "Hello\nFrom: client@example.com\n"},
		{"header block of a client", "From: client@example.com\nSent: Monday\nTo: me@example.com\n", Address{}, 0,
			"From: client@example.com\nSent: Monday\nTo: me@example.com\n"},
		{"header block, spaced like paragraphs", "From: client@example.com\n\nSent: Monday\n\nTo: me@example.com\n", Address{}, 0,
			"From: client@example.com\n\nSent: Monday\n\nTo: me@example.com\n"},
		{"above a header block that names its own author", "From: client@example.com\n\nSent: Monday\nFrom: me@example.com\n", Address{"", "client@example.com"}, 0,
			"\nSent: Monday\nFrom: me@example.com\n"},
		{"sentence", "From: client@example.com I heard\n", Address{}, 0, "From: client@example.com I heard\n"},
		{"no number", "#deal soon\n", Address{}, 0, "#deal soon\n"},
		{"number too big", "#deal 99999999999999999999\n", Address{}, 0, "#deal 99999999999999999999\n"},
		{"nothing", "", Address{}, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			from, deal, ok, rest := ForwardOverride(test.text)
			if want := test.from.Addr != "" || test.deal != 0; from != test.from || deal != test.deal || ok != want || rest != test.rest {
				t.Errorf("got %+v, %d, %v, %q; want %+v, %d, %v, %q, of %q", from, deal, ok, rest, test.from, test.deal, want, test.rest, test.text)
			}
		})
	}
}

func TestForwardOverrideStandsAboveTheHeaderBlock(t *testing.T) {
	text := "From: real@client.example\n#deal 7\nA note.\n\n---------- Forwarded message ---------\nFrom: Secretary <office@client.example>\n" +
		"Date: Tue, Mar 5, 2024 at 2:07 PM\nSubject: Offer\nTo: <anna@agency.example>\n\nHello\n"
	got, ok := ParseForward(ForwardInput{Subject: "Fwd: Offer", Text: text})
	if !ok || !got.Override || got.From.Addr != "real@client.example" || got.Deal != 7 || got.Subject != "Offer" || got.Note != "A note." || got.Body != "Hello" {
		t.Errorf("got %+v, %v of\n%s", got, ok, text)
	}
	got, ok = ParseForward(ForwardInput{Subject: "Offer", Text: "From: real@client.example\n\nHe said yes on the phone."})
	if !ok || got.From.Addr != "real@client.example" || got.Body != "He said yes on the phone." || got.Subject != "Offer" {
		t.Errorf("without a header block: got %+v, %v", got, ok)
	}
}

func TestForwardAuthorByNameOnly(t *testing.T) {
	tests := []struct{ name, from, want string }{
		{"bare name", "Jana Nová", "Jana Nová"},
		{"quoted name", `"Nová, Jana"`, "Nová, Jana"},
		{"Exchange directory name", "Jana Nová </O=CLIENT/OU=PRAGUE/CN=JANA>", "Jana Nová"},
		{"Notes name", "Jana Nova/Prague/Client", "Jana Nova/Prague/Client"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := "From: " + test.from + "\nSent: Tuesday, March 5, 2024 2:07 PM\nTo: Anna Agent\nSubject: Offer\n\nHello\n"
			got, ok := ParseForward(ForwardInput{Subject: "FW: Offer", Text: text})
			if !ok || !got.FromNameOnly || got.From.Name != test.want || got.From.Addr != "" {
				t.Errorf("got %+v, %v; want only the name %q, of\n%s", got, ok, test.want, text)
			}
		})
	}
}

func TestForwardAddressComesFromTheHTMLLink(t *testing.T) {
	text := "FYI\n\nFrom: Jana Nová\nSent: Tuesday, March 5, 2024 2:07 PM\nTo: Anna Agent\nSubject: Offer\n\nHello\n"
	html := `<p>FYI</p><p><b>From:</b> <a href="mailto:jana%40client.example?subject=x">Jana Nov&aacute;</a><br><b>Sent:</b> Tuesday, March 5, 2024 2:07 PM<br>` +
		`<b>To:</b> <a href="mailto:anna@agency.example">Anna Agent</a><br><b>Subject:</b> Offer</p><p>Hello</p>`
	got, ok := ParseForward(ForwardInput{Subject: "FW: Offer", Text: text, HTML: html})
	if !ok || got.FromNameOnly || got.From != (Address{"Jana Nová", "jana@client.example"}) || len(got.To) != 1 || got.Note != "FYI" || got.Body != "Hello" {
		t.Errorf("got %+v, %v", got, ok)
	}
}

func TestForwardMailboxes(t *testing.T) {
	tests := []struct{ list, want string }{
		{"Doe, John <j@x.example>, Roe, Ann <a@x.example>", "Doe, John <j@x.example>; Roe, Ann <a@x.example>"},
		{"a@x.example; B <b@x.example>;", "<a@x.example>; B <b@x.example>"},
		{"'A' <a@x.example>, \"'b@x.example'\" <b@x.example>", "A <a@x.example>; <b@x.example>"},
		{"John [mailto:j@x.example], a@x.example (Ann)", "John <j@x.example>; Ann <a@x.example>"},
		{"John<mailto:j@x.example> <j@x.example<mailto:j@x.example>> on behalf of y@x.example<mailto:y@x.example>", "John <j@x.example>; on behalf of <y@x.example>"},
		{"[John](mailto:j@x.example)", "John <j@x.example>"},
		{"“John” <j@x.example>, „Ann” <a@x.example>, «Eva» <e@x.example>", "John <j@x.example>; Ann <a@x.example>; Eva <e@x.example>"},
		{"John <j@x.exam…<mailto:j@x.example>>", "John <j@x.example>"},
		{"John j@x.example", "John <j@x.example>"},
		{"John <j@x.example", "John <j@x.example>"},
		{"*John* <j@x.example>", "John <j@x.example>"},
		{"j@x.example <j@x.example>", "<j@x.example>"},
		{"Ján <ján@bücher.example>", "Ján <ján@bücher.example>"},
		{"John Doe; Ann Roe", ""},
		{"undisclosed-recipients:;", ""},
		{"@ @@ <@> a@ @b", ""},
		{strings.Repeat("a", 2*maxAddrBytes) + "@x.example, b@x.example", "<b@x.example>"},
		{"a%40b@x.example", "<a%40b@x.example>"},
	}
	for _, test := range tests {
		if got := people(forwardMailboxes(test.list)...); got != test.want {
			t.Errorf("%q: got %q, want %q", test.list, got, test.want)
		}
	}
}

func TestForwardDates(t *testing.T) {
	tests := []struct{ text, language, want string }{
		{"Wed, 27 Oct 2021 09:31:00 +0000", "", "2021-10-27T09:31:00Z"},
		{"Monday, September 19, 2022, 5:55:44 PM -0400", "", "2022-09-19T17:55:44-04:00"},
		{"02/10/2023 4:52 PM EST", "", "2023-02-10T16:52:00-05:00"},
		{"02/10/2023 16:52", "", "2023-10-02T16:52:00 no zone"},
		{"10/27/2021 9:31:00 AM", "en", "2021-10-27T09:31:00 no zone"},
		{"05/03/2024 02:07 p. m.", "es", "2024-03-05T14:07:00 no zone"},
		{"26. Oktober 2021 um 14:25:08 OESZ", "de", "2021-10-26T14:25:08+03:00"},
		{"26 octobre 2021 à 14:25:08 UTC+3", "fr", "2021-10-26T14:25:08+03:00"},
		{"2021. október 26. 14:25:08 EEST", "hu", "2021-10-26T14:25:08+03:00"},
		{"2021. november 2., kedd 09:26:50 CET", "hu", "2021-11-02T09:26:50+01:00"},
		{"tirsdag den 2. november 2021 09.26.50 CET", "da", "2021-11-02T09:26:50+01:00"},
		{"tiistaina 2. marraskuuta 2021 klo 09.26.50 UTC+1", "fi", "2021-11-02T09:26:50+01:00"},
		{"26 жовтня 2021 р. о 14:25:08 GMT+3", "uk", "2021-10-26T14:25:08+03:00"},
		{"ср, 27 окт. 2021 г. в 09:31", "ru", "2021-10-27T09:31:00 no zone"},
		{"Среда, 27 октября 2021, 9:31 +03:00", "ru", "2021-10-27T09:31:00+03:00"},
		{"27/10/2021 09:31 (GMT+02:00)", "", "2021-10-27T09:31:00+02:00"},
		{"2021-10-27T09:31:00Z", "", "2021-10-27T09:31:00Z"},
		{"2021-10-27 09:31", "", "2021-10-27T09:31:00 no zone"},
		{"28.10.21, 12:46", "de", "2021-10-28T12:46:00 no zone"},
		{"2021年10月27日(星期三) 下午9:31", "zh", "2021-10-27T21:31:00 no zone"},
		{"2021년 10월 27일 (수) 오전 12:31", "ko", "2021-10-27T00:31:00 no zone"},
		{"27 octobre 2021 9h31", "fr", "2021-10-27T09:31:00 no zone"},
		{"Wednesday, October 27th, 2021 at 9:31 AM", "", "2021-10-27T09:31:00 no zone"},
		{"2021 m. spalio 27 d., trečiadienis 09:31", "lt", "2021-10-27T09:31:00 no zone"},
		{"27. listopada 2021. u 09:31", "hr", "2021-10-27T09:31:00 no zone"},
		{"27 listopada 2021 09:31", "pl", "2021-11-27T09:31:00 no zone"},
		{"5. čvc 2024 v 9:31", "cs", "2024-07-05T09:31:00 no zone"},
		{"5. červen 2024 v 9:31", "cs", "2024-06-05T09:31:00 no zone"},
		{"mar. 2 nov. 2021", "fr", "2021-11-02T00:00:00 no zone"},
		{"31 février 2021 9:31", "fr", ""},
		{"tomorrow at 9:31", "", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		date, zoned := forwardParseDate(test.text, test.language)
		got := date.Format(time.RFC3339)
		switch {
		case date.IsZero():
			got = ""
		case !zoned:
			got = date.Format("2006-01-02T15:04:05 no zone")
		}
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

// A label that meant two fields would make the index depend on the order of the table.
func TestForwardLabelsMeanOneField(t *testing.T) {
	fields := map[string]forwardField{}
	for _, l := range forwardLanguages {
		for field, labels := range map[forwardField]string{forwardFrom: l.from, forwardTo: l.to, forwardCc: l.cc, forwardDate: l.date, forwardSubject: l.subject} {
			for _, label := range foldList(labels) {
				if known, ok := fields[label]; ok && known != field {
					t.Errorf("%q (%s) is field %d here and %d in another language", label, l.code, field, known)
				}
				fields[label] = field
			}
		}
	}
	if len(forwardLanguages) > 63 {
		t.Errorf("%d languages do not fit the bits of forwardLabel", len(forwardLanguages))
	}
}

func TestForwardIsLinear(t *testing.T) {
	for name, body := range hostileBodies() {
		checkLinear(t, name+", text", func() { ParseForward(ForwardInput{Subject: "Fwd: x", Text: body}) })
		checkLinear(t, name+", HTML", func() { ParseForward(ForwardInput{Subject: "Fwd: x", HTML: body}) })
	}
}
