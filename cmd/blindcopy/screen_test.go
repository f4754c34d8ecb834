package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// atNoon is the moment the tests of texts take place.
var atNoon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func testScreen(width int, styled bool) (*screen, *bytes.Buffer) {
	var out bytes.Buffer
	return &screen{w: &out, width: width, styled: styled, now: atNoon, zone: time.UTC}, &out
}

func TestColumns(t *testing.T) {
	test := func(text string, want int) {
		t.Helper()
		if got := columns(text); got != want {
			t.Errorf("columns(%q) = %d, want %d", text, got, want)
		}
	}
	test("", 0)
	test("Ben", 3)
	test("Каренина", 8)
	test("佐藤 花子", 9)
	test("e\u0301", 1)             // a combining accent
	test("👩\u200d👩\u200d👧", 2)     // one family
	test("Ａ", 2)                   // fullwidth
	test("\u202eabc", 3)           // a direction mark takes no room
	test("株式会社さくら Müller", 14+1+6) // mixed
}

func TestClip(t *testing.T) {
	test := func(text string, n int, want string) {
		t.Helper()
		if got := clip(text, n); got != want || columns(got) > max(n, 0) {
			t.Errorf("clip(%q, %d) = %q, want %q", text, n, got, want)
		}
	}
	test("Ben Carter", 10, "Ben Carter")
	test("Ben Carter", 6, "Ben C…")
	test("Ben Carter", 5, "Ben…")
	test("佐藤花子", 5, "佐藤…")
	test("佐藤花子", 4, "佐…")
	test("Ben", 1, "…")
	test("Ben", 0, "")
}

func TestWrap(t *testing.T) {
	got := strings.Join(wrap("one two three\n\nfour", 8), "|")
	if want := "one two|three||four"; got != want {
		t.Errorf("wrap = %q, want %q", got, want)
	}
}

func TestOneLineIsHarmless(t *testing.T) {
	test := func(text, want string) {
		t.Helper()
		if got := oneLine(text); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", text, got, want)
		}
	}
	test("a\r\n b\tc", "a b c")
	test("\x1b[2Jcleared\x07", "[2Jcleared")
	test("\u202egpj.exe", "gpj.exe")
	test("zero\x00byte", "zerobyte")
	test("family 👩\u200d👧", "family 👩\u200d👧")
}

func TestTable(t *testing.T) {
	list := newTable("ID", "NAME", "SUBJECT")
	list.row("1", "佐藤 花子", "A rather long subject that has to give way")
	list.row("12", "Ben", "Short\x1b[31m")
	test := func(width int, want ...string) {
		t.Helper()
		s, out := testScreen(width, false)
		list.write(s)
		if got := out.String(); got != strings.Join(want, "\n")+"\n" {
			t.Errorf("at width %d:\n%s\nwant:\n%s", width, got, strings.Join(want, "\n"))
		}
		for line := range strings.Lines(out.String()) {
			if width > 0 && columns(strings.TrimSpace(line)) > width {
				t.Errorf("wider than %d: %q", width, line)
			}
		}
	}
	test(0,
		"ID  NAME       SUBJECT",
		"1   佐藤 花子  A rather long subject that has to give way",
		"12  Ben        Short[31m")
	test(40,
		"ID  NAME       SUBJECT",
		"1   佐藤 花子  A rather long subject th…",
		"12  Ben        Short[31m")
}

func TestAStrangerDoesNotWidenATable(t *testing.T) {
	long := strings.Repeat("N", 500)
	list := newTable("ID", "NAME", "BCC ADDRESS")
	list.row("1", long, long)
	s, out := testScreen(0, false)
	list.write(s)
	if got, want := strings.Split(out.String(), "\n")[1], "1   "+long[:longCell-1]+ellipsis+gap+long; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestStyleOnlyWhereItIsUnderstood(t *testing.T) {
	plain, _ := testScreen(80, false)
	styled, _ := testScreen(80, true)
	if got := plain.strong("x") + plain.faint("y"); got != "xy" {
		t.Errorf("plain: %q", got)
	}
	if got := styled.strong("x"); got != "\x1b[1mx\x1b[0m" {
		t.Errorf("styled: %q", got)
	}
	if s := newScreen(&bytes.Buffer{}, environment{"TERM=xterm"}, atNoon); s.styled || s.terminal() {
		t.Error("a buffer is no terminal")
	}
}

func TestAgo(t *testing.T) {
	s, _ := testScreen(0, false)
	test := func(before time.Duration, want string) {
		t.Helper()
		if got := s.ago(atNoon.Add(-before)); got != want {
			t.Errorf("ago(%v) = %q, want %q", before, got, want)
		}
	}
	test(-time.Minute, "")
	test(20*time.Second, "just now")
	test(2*time.Minute, "2 min ago")
	test(3*time.Hour, "3 h ago")
	test(25*time.Hour, "1 day ago")
	test(9*day, "9 days ago")
	test(40*day, "")
	if got, want := s.moment(atNoon.Add(-2*time.Minute)), "2026-03-14 11:58 (2 min ago)"; got != want {
		t.Errorf("moment = %q, want %q", got, want)
	}
	if got, want := s.dayTitle(atNoon.Add(-day)), "Yesterday, 13 March 2026"; got != want {
		t.Errorf("dayTitle = %q, want %q", got, want)
	}
}

func TestParseSince(t *testing.T) {
	test := func(text, want string) {
		t.Helper()
		got, err := parseSince(text, atNoon, time.UTC)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("parseSince(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
	test("2h", "2026-03-14T10:00:00Z")
	test("7d", "2026-03-07T12:00:00Z")
	test("today", "2026-03-14T00:00:00Z")
	test("yesterday", "2026-03-13T00:00:00Z")
	test("2026-01-02", "2026-01-02T00:00:00Z")
	test("2026-01-02 15:04", "2026-01-02T15:04:00Z")
	test("2026-01-02T15:04:05+02:00", "2026-01-02T13:04:05Z")
	for _, text := range []string{"soon", "-2h", "2026-13-01", "99999999d"} {
		if got, err := parseSince(text, atNoon, time.UTC); exitCode(err) != exitUsage {
			t.Errorf("parseSince(%q) = %v, %v; want wrong usage", text, got, err)
		}
	}
}

func TestCounts(t *testing.T) {
	for n, want := range map[int]string{0: "0 mails", 1: "1 mail", 98120: "98,120 mails", 1234567: "1,234,567 mails"} {
		if got := count(n, "mail"); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}
