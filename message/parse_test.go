package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outline shows how a mail was understood on one line: what was found of subject, bodies, attachments, warnings.
func outline(m *Message) string {
	var out []string
	say := func(label, value string) {
		if value != "" {
			out = append(out, label+"="+fmt.Sprintf("%q", value))
		}
	}
	say("subject", m.Subject)
	say("text", m.Text)
	say("html", m.HTML)
	for _, a := range m.Attachments {
		say("file", a.Path+" "+a.Name+" "+a.ContentType)
	}
	for _, w := range m.Warnings {
		if w.Code != WarnDate {
			out = append(out, w.Code)
		}
	}
	if m.Truncated {
		out = append(out, "truncated")
	}
	if m.Unreadable {
		out = append(out, "unreadable")
	}
	return strings.Join(out, " ")
}

func TestParse(t *testing.T) {
	const alternative = "Content-Type: multipart/alternative; boundary=x\n\n"
	const mixed = "Content-Type: multipart/mixed; boundary=x\n\n"
	for _, test := range []struct{ rule, in, want string }{
		{"plain", "Subject: s\n\nhello", `subject="s" text="hello"`},
		{"header only", "Subject: s\n", `subject="s"`},
		{"header only, last line cut", "Subject: s", `subject="s"`},
		{"byte order mark", "\ufeffSubject: s\n\nhello", `subject="s" text="hello"`},
		{"blank lines first", "\r\n\r\nSubject: s\r\n\r\nhello", `subject="s" text="hello"`},
		{"mbox line", "From j@x Thu Jan  2 03:04:05 2025\nSubject: s\n\nhello", `subject="s" text="hello" mbox_line`},
		{"first line indented", " Subject: s\nX-A: b\n\nhello", `subject="s" text="hello"`},
		{"line without a colon", "X-A: b\nnonsense\nSubject: s\n\nhello", `subject="s" text="hello" header_junk`},
		{"several of it", "X-A: b\nnonsense\n and more\nSubject: s\n\nhello", `subject="s" text="hello" header_junk`},
		{"no blank line", "Subject: s\nHello,\nPS: x\n\nbye", `subject="s" text="Hello,\nPS: x\n\nbye" no_separator`},
		{"separator of white space", "Subject: s\n \nhello", `subject="s" text="hello"`},
		{"blank fold", "X-A: b\n \nSubject: s\n\nhello", `subject="s" text="hello"`},
		{"mixed line ends", "X-A: b\r\nSubject: s\n\r\nhello\rworld\r\n", `subject="s" text="hello\nworld\n"`},
		{"CR CR LF", "X-A: b\r\r\nSubject: s\r\r\n\r\r\nhello\r\r\n", `subject="s" text="hello\n\n"`},
		{"NUL", "Subject: a\x00b\n\nc\x00d", `subject="ab" text="cd"`},
		{"several subjects", "Subject: \nSubject: a\nSubject: b\n\n", `subject="a" duplicate_field`},
		{"nothing", "", `no_header unreadable`},
		{"blank lines only", "\r\n\r\n", `no_header unreadable`},
		{"no mail", "hello world", `text="hello world" no_header unreadable`},
		{"text with a colon", "Dear all:\n\nhello", `text="Dear all:\n\nhello" no_header unreadable`},
		{"not a field of mail", "Note: this\n\nhello", `text="hello" no_header unreadable`},

		{"alternative", alternative + "--x\n\na\n--x\nContent-Type: text/html\n\n<p>a\n--x--\n", `text="a" html="<p>a"`},
		{"alternative, HTML first", alternative + "--x\nContent-Type: text/html\n\n<p>a\n--x\n\na\n--x--\n", `text="a" html="<p>a"`},
		{"an empty text does not hide the HTML", alternative + "--x\n\n \n--x\nContent-Type: text/html\n\n<p>a\n--x--\n", `html="<p>a"`},
		{"texts are joined", mixed + "--x\n\na\n--x\n\nb\n--x--\n", `text="a\nb"`},
		{"named text behind the first is a file", mixed + "--x\n\na\n--x\nContent-Type: text/plain; name=b.txt\n\nb\n--x--\n", `text="a" file="2 b.txt text/plain"`},
		{"named text is the body if it is the first", "Content-Type: text/plain; name=b.txt\n\nb", `text="b"`},
		{"names within an alternative", alternative + "--x\nContent-Type: text/plain; name=a.txt\n\na\n--x\nContent-Type: text/html; name=a.htm\n\n<p>a\n--x--\n", `text="a" html="<p>a"`},
		{"text with the disposition attachment is a file", "Content-Type: text/plain\nContent-Disposition: attachment\n\nb", `file="1  text/plain"`},
		{"an unknown disposition means a file", "Content-Disposition: attachement; filename=b\n\nb", `file="1 b text/plain"`},
		{"an unknown disposition without a name does not", "Content-Disposition: body\n\nb", `text="b"`},
		{"a text that is no body does not come first", mixed + "--x\nContent-Disposition: attachment; filename=a\n\na\n--x\nContent-Type: text/plain; name=b\n\nb\n--x--\n", `text="b" file="1 a text/plain"`},
		{"enriched", "Content-Type: text/enriched\n\n<bold>a</bold><param>x</param> <<b", `text="a <b"`},
		{"unknown type of text", mixed + "--x\n\na\n--x\nContent-Type: text/csv\n\na;b\n--x--\n", `text="a" file="2  text/csv"`},
		{"no type", "Subject: s\nContent-Type:\n\na", `subject="s" text="a" content_type`},
		{"type of HTML without text/", "Content-Type: html\n\n<p>a", `html="<p>a" content_type`},
		{"type that is none, with a boundary", "Content-Type: mixed; boundary=x\n\n--x\n\na\n--x--", `text="a" content_type`},

		{"preamble and epilogue", mixed + "pre\n--x\n\na\n--x--\nepi\n--x\n\nb\n", `text="a"`},
		{"final boundary missing", mixed + "--x\n\na\n", `text="a\n" boundary_open`},
		{"text behind the final boundary", mixed + "--x\n\na\n--x--> b\n", `text="a"`},
		{"white space behind a boundary", mixed + "--x \t\n\na\n--x-- \n", `text="a"`},
		{"boundary that begins like another", mixed + "--x\n\na\n--xy\n--x\n\nb\n--x--\n", `text="a\n--xy\nb"`},
		{"boundary in the middle of a line", mixed + "--x\n\na --x\n--x--\n", `text="a --x"`},
		{"inner boundary is longer", mixed + "--x\nContent-Type: multipart/mixed; boundary=x1\n\n--x1\n\na\n--x1--\n--x\n\nb\n--x--\n", `text="a\nb"`},
		{"inner final boundary missing", mixed + "--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\na\n--x\n\nb\n--x--\n", `text="a\nb"`},
		{"inner boundary never comes", mixed + "--x\nContent-Type: multipart/mixed; boundary=y\n\na\n--x\n\nb\n--x--\n", `text="a\nb" boundary_missing`},
		{"same boundary within", mixed + "--x\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x--\n--x--\n", `text="a"`},
		{"no boundary parameter", "Content-Type: multipart/mixed\n\nhello\n", `text="hello\n" boundary_missing`},
		{"no boundary parameter, but boundaries", "Content-Type: multipart/mixed\n\n--y\nContent-Type: text/html\n\n<p>a\n--y--\n", `html="<p>a" boundary_missing`},
		{"boundary never comes", mixed + "hello\n", `text="hello\n" boundary_missing`},
		{"boundary never comes, encoded", "Content-Type: multipart/mixed; boundary=x\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n", `text="hello" boundary_missing`},
		{"empty multipart", mixed + "--x--\n", ``},
		{"part without header", mixed + "--x\nhello\n\nworld\n--x--\n", `text="hello\n\nworld"`},
		{"part without header, text with a colon", mixed + "--x\nNote: hello\n\nworld\n--x--\n", `text="Note: hello\n\nworld"`},
		{"part without anything", mixed + "--x\n--x\n\na\n--x--\n", `text="a"`},
		{"unquoted boundary with spaces after it", "Content-Type: multipart/mixed; boundary=x ; foo=bar\n\n--x\n\na\n--x--\n", `text="a"`},
		{"boundary with a space at its end", "Content-Type: multipart/mixed; boundary=\"x \"\n\n--x\n\na\n--x--\n", `text="a"`},

		{"base64", "Content-Transfer-Encoding: base64\n\naGVsbG8=\n", `text="hello"`},
		{"base64 without padding", "Content-Transfer-Encoding: base64\n\naGVsbG8\n", `text="hello"`},
		{"base64 with junk", "Content-Transfer-Encoding: base64\n\naGVs!bG8=\n", `text="hello" encoding_corrupt`},
		{"base64 cut", "Content-Transfer-Encoding: base64\n\naGVsb\n", `text="hel" encoding_corrupt`},
		{"base64 in two pieces", "Content-Transfer-Encoding: base64\n\naGVsbG8=\nIHdvcmxk\n", `text="hello world"`},
		{"base64 that is none", "Content-Transfer-Encoding: base64\n\nThis is just a text, as you can see.\n", `text="This is just a text, as you can see.\n"`},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\n=C3=BCber=\n all=20 \t\nend", `text="über all \nend"`},
		{"quoted-printable in lower case", "Content-Transfer-Encoding: Quoted-Printable\n\n=c3=bc", `text="ü"`},
		{"quoted-printable with broken escapes", "Content-Transfer-Encoding: quoted-printable\n\na=b =ZZ x=", `text="a=b =ZZ x"`},
		{"unknown transfer encoding", "Content-Transfer-Encoding: x-own\n\nhello", `text="hello" encoding_unknown`},
		{"transfer encoding with a comment", "Content-Transfer-Encoding: base64 (really)\n\naGVsbG8=\n", `text="hello"`},

		{"declared ASCII", "Content-Type: text/plain; charset=us-ascii\n\n\xc3\xbc", `text="ü"`},
		{"declared UTF-8 and is not", "Content-Type: text/plain; charset=utf-8\n\n\xfcber", `text="über" charset_wrong`},
		{"unknown charset", "Content-Type: text/plain; charset=klingon\n\n\xfcber", `text="über" charset_unknown`},
		{"no charset", "\n\nSubject: a\n\n\xfcber", `subject="a" text="über"`},
		{"HTML tells its charset", "Content-Type: text/html\n\n<meta charset=\"windows-1251\">\xcf\xf0", `html="<meta charset=\"windows-1251\">Пр"`},
		{"header is in the charset of the body", "Subject: \xf0\xd2\nContent-Type: text/plain; charset=koi8-r\n\n\xf0", `subject="Пр" text="П"`},
		{"UTF-16", "Content-Type: text/plain; charset=utf-16\n\n\xff\xfea\x00b\x00", `text="ab"`},
		{"byte order mark in the body", "Content-Type: text/plain; charset=utf-8\n\n\ufeffa", `text="a"`},

		{"calendar in an alternative", alternative + "--x\n\na\n--x\nContent-Type: text/calendar\n\nBEGIN\n--x--\n", `text="a" file="2  text/calendar"`},
		{"AMP is no file", alternative + "--x\n\na\n--x\nContent-Type: text/x-amp-html\n\n<html>\n--x--\n", `text="a"`},
		{"digest", "Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\nb\n--x--\n", `file="1  message/rfc822"`},
	} {
		if got := outline(Parse([]byte(test.in), Limits{})); got != test.want {
			t.Errorf("%s: %q\n got %s\nwant %s", test.rule, test.in, got, test.want)
		}
	}
}

func TestBodyText(t *testing.T) {
	for in, want := range map[string]string{
		"Subject: s\n\nhello":                 "hello",
		"Content-Type: text/html\n\n<p>a<p>b": "a\n\nb",
		"Content-Type: multipart/alternative; boundary=x\n\n--x\n\n \n--x\nContent-Type: text/html\n\na\n--x--": "a",
	} {
		if got := Parse([]byte(in), Limits{}).BodyText(); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestParseLimits(t *testing.T) {
	deep := "Subject: s\n"
	for i := range 30 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	for _, test := range []struct {
		rule string
		in   string
		lim  Limits
		want string
	}{
		{"parts", "Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\n\nb\n--x\n\nc\n--x--\n", Limits{Parts: 3}, `subject="s" text="a\nb" part_limit truncated`},
		{"depth", deep + "\n\nx", Limits{}, `subject="s" file="1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1  multipart/mixed" depth_limit boundary_open truncated`},
		{"body", "Subject: s\n\n" + strings.Repeat("é", 100), Limits{BodyBytes: 9}, `subject="s" text="éééé"`},
		{"body in base64", "Subject: s\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("é", 100))), Limits{BodyBytes: 9}, `subject="s" text="éééé"`},
		{"header", "X-Long: " + strings.Repeat("x", 5000) + "\nSubject: s\n\nt", Limits{HeaderBytes: 4000}, `subject="s" text="t" header_limit truncated`},
		{"header of a part", "Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\nX-Long: " + strings.Repeat("x", 5000) + "\nContent-Type: text/html\n\nt\n--x--", Limits{PartHeaderBytes: 4000}, `subject="s" html="t" header_limit truncated`},
		{"addresses", "To: a@x, b@x\nTo: c@x\nSubject: s\n\n", Limits{Addresses: 2}, `subject="s" address_limit truncated`},
	} {
		if got := outline(Parse([]byte(test.in), test.lim)); got != test.want {
			t.Errorf("%s: %.100q\n got %s\nwant %s", test.rule, test.in, got, test.want)
		}
	}
	if m := Parse([]byte("Subject: s\n\n"+strings.Repeat("é", 100)), Limits{BodyBytes: 9}); !m.TextCut || m.Truncated {
		t.Errorf("a body that was cut: TextCut=%v, Truncated=%v; want true, false", m.TextCut, m.Truncated)
	}
}

func TestParseStopsWhenTheTimeRunsOut(t *testing.T) {
	many := "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n\na\n", 100) + "--x--"
	m := Parse([]byte(many), Limits{Time: 1})
	if len(m.Parts) == 100 || !m.Truncated || !strings.Contains(outline(m), WarnTimeLimit) {
		t.Errorf("got %d parts of 100, %s; want fewer, %s", len(m.Parts), outline(m), WarnTimeLimit)
	}
}

func TestOriginalsAreLimited(t *testing.T) {
	mail := "Subject: 5\n\nx"
	for i := range 5 {
		mail = fmt.Sprintf("Subject: %d\nContent-Type: message/rfc822\n\n", 4-i) + mail
	}
	m := Parse([]byte(mail), Limits{})
	got := ""
	for _, o := range m.Originals {
		got += fmt.Sprintf("%s:%d:%s ", o.Path, o.Depth, o.Message.Subject)
	}
	if want := "1:1:1 1/1:2:2 1/1/1:3:3 "; got != want || !m.Truncated {
		t.Errorf("nested mails: got %s, truncated=%v; want %s, true", got, m.Truncated, want)
	}

	many := "Content-Type: multipart/digest; boundary=x\n\n" + strings.Repeat("--x\n\nSubject: a\n\nb\n", 60) + "--x--"
	if m = Parse([]byte(many), Limits{}); len(m.Originals) != 50 || !m.Truncated {
		t.Errorf("60 mails: got %d, truncated=%v; want 50, true", len(m.Originals), m.Truncated)
	}
}

func TestHeaderAccess(t *testing.T) {
	m := Parse([]byte("Subject: =?utf-8?Q?=C3=BC?=\r\nX-Two: a\r\nX-two: b\r\n c\r\n\r\n"), Limits{})
	h := m.Header
	if got := h.Get("SUBJECT"); got != "ü" {
		t.Errorf("Get: %q, want ü", got)
	}
	if got := h.Raw("subject"); got != "=?utf-8?Q?=C3=BC?=" {
		t.Errorf("Raw: %q", got)
	}
	if got := fmt.Sprint(h.All("x-two"), h.AllRaw("X-TWO")); got != "[a b c] [a b c]" {
		t.Errorf("All, AllRaw: %s, want [a b c] [a b c]", got)
	}
	if h.Has("x-three") || !h.Has("x-two") || h.Get("x-three") != "" || h.Len() != 3 {
		t.Errorf("Has, Len: %v %v %d", h.Has("x-three"), h.Has("x-two"), h.Len())
	}
	var names []string
	for name, value := range h.Fields() {
		names = append(names, name+"="+value)
	}
	if got, want := strings.Join(names, ", "), "Subject==?utf-8?Q?=C3=BC?=, X-Two=a, X-two=b c"; got != want {
		t.Errorf("Fields: %s, want %s", got, want)
	}
}

func TestMessageIDs(t *testing.T) {
	for _, test := range []struct{ rule, in, want string }{
		{"usual", "Message-ID: <A@X.com>", "a@x.com"},
		{"folded", "Message-ID:\r\n <a\r\n b@x.com>", "ab@x.com"},
		{"no brackets", "Message-ID: A@x.com", "a@x.com"},
		{"no brackets, folded", "Message-ID: a\r\n @x.com", "a@x.com"},
		{"encoded by Exchange", "Message-ID: =?utf-8?Q?=3Ca=40x.com=3E?=", "a@x.com"},
		{"not an address", "Message-ID: <1234>", "1234"},
		{"empty", "Message-ID: <>", ""},
		{"references", "References: <a@x> <b@x>\r\n <c@x>", "a@x b@x c@x"},
		{"references with commas", "References: <a@x>,<b@x>", "a@x b@x"},
		{"references without brackets", "References: a@x b@x", "a@x b@x"},
		{"references, the last cut", "References: <a@x> <b@", "a@x b@"},
		{"in reply to a phrase", "In-Reply-To: Your mail of Monday <a@x>", "a@x"},
		{"in reply to a phrase without brackets", "In-Reply-To: Your mail a@x", "a@x"},
	} {
		m := Parse([]byte(test.in+"\r\n\r\n"), Limits{})
		ids := append(append([]string{m.MessageID}, m.InReplyTo...), m.References...)
		if got := strings.TrimSpace(strings.Join(ids, " ")); got != test.want {
			t.Errorf("%s: %q: got %q, want %q", test.rule, test.in, got, test.want)
		}
	}
}

func TestOpenPart(t *testing.T) {
	data := make([]byte, 200_000)
	for i := range data {
		data[i] = byte(i * 7 / 3)
	}
	wrapped := func() string {
		var out strings.Builder
		encoded := base64.StdEncoding.EncodeToString(data)
		for len(encoded) > 76 {
			out.WriteString(encoded[:76] + "\r\n")
			encoded = encoded[76:]
		}
		return out.String() + encoded
	}
	long := strings.Repeat("=C3=BC", 50_000)
	for _, test := range []struct {
		rule, encoding, content, want string
		err                           error
	}{
		{"base64", "base64", wrapped(), string(data), nil},
		{"base64 on one line", "base64", base64.StdEncoding.EncodeToString(data), string(data), nil},
		{"base64 with junk", "base64", "aGVs*bG8=", "hello", ErrCorrupt},
		{"base64 cut", "base64", "aGVsbG8gd", "hello ", ErrCorrupt},
		{"quoted-printable on one line", "quoted-printable", long, strings.Repeat("ü", 50_000), nil},
		{"quoted-printable", "quoted-printable", "a=20=\r\nb\r\nc", "a b\r\nc", nil},
		{"binary", "binary", "\x00\xff\r\n", "\x00\xff\r\n", nil},
		{"unknown", "x-own", "aGVsbG8=", "aGVsbG8=", nil},
		{"nothing", "base64", "", "", nil},
	} {
		m := Parse([]byte("Content-Type: application/x\r\nContent-Transfer-Encoding: "+test.encoding+"\r\n\r\n"+test.content), Limits{})
		r, err := m.OpenPart("1")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if string(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %d bytes %.40q, %v; want %d bytes %.40q, %v", test.rule, len(got), got, err, len(test.want), test.want, test.err)
		}
		size, _, err := m.Hash("1")
		if size != int64(len(test.want)) || !errors.Is(err, test.err) {
			t.Errorf("%s: Hash: %d bytes, %v; want %d, %v", test.rule, size, err, len(test.want), test.err)
		}
		if estimate := m.Attachments[0].Size; test.err == nil && test.encoding == "base64" && estimate != size {
			t.Errorf("%s: estimated %d bytes, has %d", test.rule, estimate, size)
		}
	}
	if _, err := (&Message{}).OpenPart("7"); err == nil {
		t.Error("a part that is not there was opened")
	}
	if _, _, err := (&Message{}).Hash("7"); err == nil {
		t.Error("a part that is not there was hashed")
	}
}

func TestPartHeaderAndRange(t *testing.T) {
	raw := []byte("Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: application/x; a=b\nContent-Description: =?utf-8?Q?=C3=BC?=\n\nabc\n--x--\n")
	m := Parse(raw, Limits{})
	p, ok := m.Part("1")
	if !ok || p.Parent != "multipart/mixed" || p.Params["a"] != "b" || p.Header().Get("content-description") != "ü" {
		t.Errorf("part 1: %+v", p)
	}
	if got := string(raw[p.Offset : p.Offset+p.Length]); got != "abc" {
		t.Errorf("range of part 1: %q, want abc", got)
	}
}

// TestCorpus reads odd mail of the real world.
func TestCorpus(t *testing.T) {
	for _, file := range corpusFiles(t, "*/*.eml") {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := Parse(raw, Limits{})
		checkMessage(t, raw, m, Limits{}.withDefaults())
		name := filepath.Base(file)
		if m.Unreadable != (name == "testdata_mail_erroneous.raw.eml") {
			t.Errorf("%s: unreadable=%v", name, m.Unreadable)
		}
		if m.Truncated {
			t.Errorf("%s: truncated, %v", name, m.Warnings)
		}
		if len(m.From) == 0 && bytes.Contains(raw, []byte("From: ")) {
			t.Errorf("%s: no author", name)
		}
		if m.Text == "" && m.HTML == "" && bytes.Contains(raw, []byte("A text section")) {
			t.Errorf("%s: no body", name)
		}
	}
}
