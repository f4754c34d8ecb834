package message

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestForwardMailboxInBrackets: whoever calls himself by another's address is still he of the brackets.
func TestForwardMailboxInBrackets(t *testing.T) {
	test := func(line, want string) {
		t.Helper()
		if got := people(forwardMailboxes(line)...); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	test("ceo@agency.example <eve@evil.example>", "ceo@agency.example <eve@evil.example>")
	test(`"ceo@agency.example" <eve@evil.example>`, "ceo@agency.example <eve@evil.example>")
	test("'ceo@agency.example' <eve@evil.example>, b@c.example", "ceo@agency.example <eve@evil.example>; <b@c.example>")
	test("ceo@agency.example<mailto:ceo@agency.example> <eve@evil.example<mailto:eve@evil.example>>", "ceo@agency.example <eve@evil.example>")
	test("jane@x.example <jane@x.example>", "<jane@x.example>")
	test("<a@x.example> <b@x.example>", "<a@x.example>; <b@x.example>")
	test("a@x.example <mailto:a@x.example>", "<a@x.example>")
	test("a@x.example, <b@x.example>", "<a@x.example>; <b@x.example>")
	test("a@x.example <b@x", "<a@x.example>; <b@x>")
}

// TestForwardDatesOfTheLanguages reads a day of each month as programs print it in 54 languages and regions. The lines
// were printed by a formatter that has its words from Unicode's CLDR, not by us.
func TestForwardDatesOfTheLanguages(t *testing.T) {
	file, err := os.ReadFile("../testdata/forward/dates.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(file)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 3 {
			t.Fatalf("dates.tsv: %q", line)
		}
		want, err := time.Parse("2006-01-02 15:04", cells[1])
		if err != nil {
			t.Fatal(err)
		}
		language, _, _ := strings.Cut(cells[0], "-")
		if got, _ := forwardParseDate(cells[2], language); !got.Equal(want) {
			t.Errorf("%s %q: got %v, want %v", cells[0], cells[2], got, want)
		}
		n++
	}
	if n < 600 {
		t.Errorf("%d dates, want all", n)
	}
}

// TestForwardNamesOverTwoLines: a gateway wrapped the list of recipients inside a name, which may be a word that is a
// label elsewhere.
func TestForwardNamesOverTwoLines(t *testing.T) {
	got, ok := ParseForward(ForwardInput{Subject: "Fwd: x", Text: "-------- Forwarded Message --------\nSubject: x\nDate: 5 Mar 2024 14:07\n" +
		"From: Anna-Maria van\nder Berg <anna@client.example>\nTo: Ben <ben@client.example>, Marta\nvon Trapp <marta@client.example>\n\nHello\n"})
	if want := "Anna-Maria van der Berg <anna@client.example>"; !ok || people(got.From) != want {
		t.Errorf("from: got %q, want %q", people(got.From), want)
	}
	if want := "Ben <ben@client.example>; Marta von Trapp <marta@client.example>"; people(got.To...) != want {
		t.Errorf("to: got %q, want %q", people(got.To...), want)
	}
}

// TestForwardAttributionsKeepTheName: what stands between date and name is left out, what belongs to the name is not.
func TestForwardAttributionsKeepTheName(t *testing.T) {
	test := func(line, name, date string) {
		t.Helper()
		got, _ := ParseForward(ForwardInput{Subject: "Fwd: x", Text: line + "\n\n> Hello\n"})
		if got.From.Name != name || got.Date.Format("2006-01-02 15:04") != date {
			t.Errorf("%q: got %q at %v, want %q at %s", line, got.From.Name, got.Date, name, date)
		}
	}
	test("26 января 2020 г. в 03:47, De Smet Luc <s@x.example> написал(а):", "De Smet Luc", "2020-01-26 03:47")
	test("2016. gada 24. oktobris 16:57, lietotājs Seán O'Brien <s@x.example> rakstīja:", "Seán O'Brien", "2016-10-24 16:57")
	test(`21.04.2012, 08:45, "Team 24" <s@x.example>:`, "Team 24", "2012-04-21 08:45")
	test("Jörg Müller <s@x.example>\n于2024年7月4日 18:02写道：", "Jörg Müller", "2024-07-04 18:02")
	test("23 lip 2021, 21:36 Jan Novák <s@x.example> napisał(a):", "Jan Novák", "2021-07-23 21:36")
	test("فی 11/04/2024، 2:49:00 ص كتب Don Pedro <s@x.example>:", "Don Pedro", "2024-04-11 02:49")
}
