package message

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// bombs are mails made to cost more than they weigh.
func bombs() map[string]string {
	const megabyte = 1 << 20
	nested := func(levels int) string {
		var b strings.Builder
		for i := range levels {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String()
	}
	part := func(header string) string {
		return "Content-Type: multipart/mixed; boundary=x\n\n--x\n" + header + "\n\nbody\n--x--\n"
	}
	return map[string]string{
		"10,000 multiparts deep":              nested(10_000),
		"100,000 multiparts deep":             nested(100_000),
		"10,000 mails deep":                   strings.Repeat("Content-Type: message/rfc822\n\n", 10_000),
		"100,000 parts":                       "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n\nhello\n", 100_000),
		"100,000 empty parts":                 "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n", 100_000),
		"24 MB header of a part":              part("X-Long: " + strings.Repeat("x", 24*megabyte)),
		"24 MB header of a part in folds":     part("X-Long: a" + strings.Repeat("\n xxxxxxx", 24*megabyte/9)),
		"24 MB header of a part in fields":    part(strings.Repeat("X-Some: abc\n", 24*megabyte/12) + "A: b"),
		"parts with large headers":            "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n"+strings.Repeat("X-A: b\n", 10_000)+"\nb\n", 200),
		"100,000 encoded words":               "Subject: " + strings.Repeat("=?utf-8?Q?a?= ", 100_000),
		"100,000 unfinished encoded words":    "Subject: " + strings.Repeat("=?utf-8?Q?a ", 100_000),
		"a million folds":                     "Subject: a" + strings.Repeat("\n b", 1_000_000) + "\n\nbody",
		"a million fields":                    strings.Repeat("X-A: b\n", 1_000_000) + "\nbody",
		"a million lines that are no fields":  "Subject: a\n" + strings.Repeat("nonsense\n", 1_000_000) + "X-A: b\n\nbody",
		"a million lines ending in commas":    "To: a,\n" + strings.Repeat("b@x,\n", 1_000_000) + "\nbody",
		"60,000 recipients":                   "To: " + strings.Repeat("Some Body <somebody@example.com>,\n ", 60_000) + "x@x\nSubject: s\n\nbody",
		"60,000 recipients in fields":         strings.Repeat("To: Some Body <somebody@example.com>\n", 60_000) + "Subject: s\n\nbody",
		"parentheses":                         "To: " + strings.Repeat("(", megabyte),
		"angle brackets":                      "To: " + strings.Repeat("<", megabyte),
		"quotes":                              "To: " + strings.Repeat("\"a@", megabyte/3),
		"escaped quotes":                      "To: " + strings.Repeat("\"\\", megabyte/2),
		"commas":                              "To: " + strings.Repeat("a,", megabyte/2),
		"ats":                                 "To: " + strings.Repeat("a @ ", megabyte/4),
		"dots":                                "To: a@ " + strings.Repeat(" . b", megabyte/4),
		"colons":                              "To: " + strings.Repeat("a:", megabyte/2),
		"square brackets":                     "To: " + strings.Repeat("a@[", megabyte/3),
		"encoded words in recipients":         "To: " + strings.Repeat("=?a?q?,", megabyte/7),
		"references":                          "References: " + strings.Repeat("<a@x> ", megabyte/6),
		"parameters":                          "Content-Type: text/plain" + strings.Repeat("; a=b", megabyte/5) + "\n\nbody",
		"sections of a parameter":             "Content-Type: text/plain; " + strings.Repeat("a*0=b; ", megabyte/7) + "\n\nbody",
		"30 MB in one line":                   "Subject: s\n\n" + strings.Repeat("x", 30*megabyte),
		"30 MB of dashes":                     "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("-", 30*megabyte),
		"30 MB of pairs of dashes":            "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--\n", 10*megabyte),
		"30 MB of dashes and letters":         "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("-a", 15*megabyte),
		"30 MB of CR":                         "Subject: s\r\r" + strings.Repeat("\r", 30*megabyte),
		"30 MB of CR in the header":           "Subject: s" + strings.Repeat("\r ", 15*megabyte),
		"30 MB of NUL":                        "Subject: s\n\n" + strings.Repeat("\x00", 30*megabyte),
		"30 MB of quoted-printable, one line": "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=41", 10*megabyte),
		"30 MB of soft line breaks":           "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=\n", 15*megabyte),
		"30 MB of spaces, quoted-printable":   "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat(" ", 30*megabyte),
		"30 MB of spaces before a word":       "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat(" ", 30*megabyte) + "x\n",
		"30 MB of junk in base64":             "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("!", 30*megabyte),
		"30 MB of base64":                     "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("QUJD", 30*megabyte/4),
		"a mail of 30 MB as base64":           "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat("QTogYgoK", 30*megabyte/8),
		"1 MB of flowed text":                 "Content-Type: text/plain; format=flowed\n\n" + strings.Repeat("a \n", megabyte/3),
		"1 MB of quote marks, flowed":         "Content-Type: text/plain; format=flowed\n\n" + strings.Repeat(">", megabyte),
		"1 MB of UTF-7":                       "Content-Type: text/plain; charset=utf-7\n\n" + strings.Repeat("+", megabyte),
		"1 MB of enriched text":               "Content-Type: text/enriched\n\n" + strings.Repeat("<", megabyte),
		"1 MB of <param>":                     "Content-Type: text/enriched\n\n" + strings.Repeat("<param>", megabyte/7),
	}
}

// TestBombs holds that no mail takes long or much memory. The bounds are generous: what fails them is of another
// order.
func TestBombs(t *testing.T) {
	for name, mail := range bombs() {
		t.Run(name, func(t *testing.T) {
			raw := []byte(mail)
			var m *Message
			checkCost(t, name, time.Second, 64<<20+2*len(raw), func() { m = Parse(raw, Limits{}) })
			checkMessage(t, raw, m, Limits{}.withDefaults())
		})
	}
}

func TestSubjectSurvivesBombs(t *testing.T) {
	for _, name := range []string{"60,000 recipients", "a million folds"} {
		if m := Parse([]byte(bombs()[name]), Limits{}); m.Subject == "" || !m.Truncated || m.Text != "body" {
			t.Errorf("%s: subject %q, truncated=%v, text %.20q", name, m.Subject, m.Truncated, m.Text)
		}
	}
}

func TestHTMLBombs(t *testing.T) {
	const megabyte = 1 << 20
	for name, source := range map[string]string{
		"open elements":          strings.Repeat("<div>", megabyte/5),
		"open quotations":        strings.Repeat("<blockquote>a", megabyte/13),
		"ends only":              strings.Repeat("</div>", megabyte/6),
		"ends after deep begins": strings.Repeat("<b>", 500) + strings.Repeat("</i></b><b>", megabyte/11),
		"less-than":              strings.Repeat("<", megabyte),
		"comments":               strings.Repeat("<!--", megabyte/4),
		"declarations":           strings.Repeat("<!", megabyte/2),
		"an open script":         "<script>" + strings.Repeat("</scrip", megabyte/7),
		"scripts":                strings.Repeat("<script>", megabyte/8),
		"attributes":             "<a " + strings.Repeat("b=c ", megabyte/4) + ">",
		"attributes of images":   strings.Repeat("<img "+strings.Repeat("alt=c ", 200)+">", megabyte/1200),
		"styles":                 `<p style="` + strings.Repeat("a:b;", megabyte/4) + `">`,
		"many styles":            strings.Repeat(`<p style="display:inline;color:red">`, megabyte/36),
		"entities":               strings.Repeat("&amp;", megabyte/5),
		"unfinished entities":    strings.Repeat("&a", megabyte/2),
		"links":                  strings.Repeat(`<a href="https://x.com">`, megabyte/24),
		"line breaks":            strings.Repeat("<br>", megabyte/4),
		"tables":                 strings.Repeat("<table><tr><td>", megabyte/15),
		"lists":                  strings.Repeat("<ul><li>", megabyte/8),
		"no-break spaces":        strings.Repeat("&nbsp;", megabyte/6),
		"an open title":          "<title>" + strings.Repeat("<p>a", megabyte/4),
		"an open SVG":            "<svg>" + strings.Repeat("<svg>", megabyte/5),
	} {
		t.Run(name, func(t *testing.T) {
			var text, clean string
			checkCost(t, "HTMLToText", time.Second, 200<<20, func() { text = HTMLToText(source) })
			checkCost(t, "SanitizeHTML", 2*time.Second, 400<<20, func() { clean, _ = SanitizeHTML(source) })
			if len(text) > maxHTMLText || len(clean) > 8*len(source) {
				t.Errorf("%d bytes of text, %d bytes of clean HTML", len(text), len(clean))
			}
		})
	}
}
