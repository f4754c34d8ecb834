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
