package message

import (
	"bytes"
	"hash/fnv"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// checkTwice fails where the same input is read in two ways: what lies in a map has no order.
func checkTwice[T any](t *testing.T, input any, read func() T) T {
	t.Helper()
	first := read()
	if second := read(); !reflect.DeepEqual(first, second) {
		t.Errorf("read twice, two answers:\n first  %+v\n second %+v\n of %q", first, second, input)
	}
	return first
}

// fuzzRepeated is the size that checkRepeats makes of an input: quadratic work on it takes many times fuzzPatience.
const (
	fuzzRepeated = 128 << 10
	fuzzPatience = 5 * time.Second
)

// checkRepeats finds work that is not linear. A fuzzer's inputs are short, and no clock tells n from n² on them; so one
// in 256 of them is written again and again until it is long. The best of three counts, for the machine may be busy.
func checkRepeats(t *testing.T, input string, work func(long string)) {
	t.Helper()
	hash := fnv.New32a()
	hash.Write([]byte(input))
	if len(input) == 0 || len(input) > fuzzRepeated/2 || hash.Sum32()%256 != 0 {
		return
	}
	long := strings.Repeat(input, fuzzRepeated/len(input))
	best := time.Hour
	for range 3 {
		start := time.Now()
		work(long)
		if best = min(best, time.Since(start)); best < fuzzPatience*raceFactor {
			return
		}
	}
	t.Errorf("%d bytes took %v, of %q again and again", len(long), best, input)
}

// checkLine holds what is true of every value that is shown on one line.
func checkLine(t *testing.T, what, s string, input any) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		t.Errorf("%s is no clean line: %q of %q", what, s, input)
	}
}

// checkText holds what is true of every text of several lines.
func checkText(t *testing.T, what, s string, input any) {
	t.Helper()
	if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
		t.Errorf("%s is no clean text: %q of %q", what, s, input)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"../testdata/mail/*.eml", corpusDir + "/real/*.eml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if raw, err := os.ReadFile(file); err == nil && len(raw) < 8<<10 {
				f.Add(raw)
			}
		}
	}
	lim := Limits{Parts: 20, Depth: 5, HeaderBytes: 8 << 10, PartHeaderBytes: 2 << 10, BodyBytes: 1 << 10, Addresses: 20}.withDefaults()
	f.Fuzz(func(t *testing.T, raw []byte) {
		sent := bytes.Clone(raw)
		m := checkTwice(t, raw, func() *Message { return Parse(raw, lim) })
		checkMessage(t, raw, m, lim)
		checkText(t, "body", m.BodyText(), raw)
		for _, o := range m.Originals {
			for _, a := range append(o.Message.From, o.Message.To...) {
				checkAddress(t, a)
			}
		}
		for _, p := range m.Parts {
			if size, _, err := m.Hash(p.Path); err != nil && p.Encoding != encodingBase64 || size > int64(len(raw)) {
				t.Errorf("hash part %s: %d bytes, %v, of %q", p.Path, size, err, raw)
			}
		}
		m.Invitation()
		m.WinmailAttachments()
		if !bytes.Equal(raw, sent) {
			t.Errorf("the raw bytes were changed: %q, were %q", raw, sent)
		}
		checkRepeats(t, string(raw), func(long string) { Parse([]byte(long), Limits{}) })
	})
}

// FuzzHeader: fields are slices of the header in their order, and read as clean lines.
func FuzzHeader(f *testing.F) {
	for _, seed := range []string{
		"From: a@x\r\nTo: b@y,\r\n c@z\r\n\r\nHi", "From x\nSubject: a\n b\nno field\nDate: c\n\n", "A: b\rC: d\r\r", "X : y\n--b\n",
		"Content-Type: text/plain;\nname=\"a;b\";\n charset*0*=utf-8''%41; charset*1=b\n\n", "PS: \xff\nsubject:\x00=?utf-8?q?=00?=\n",
	} {
		f.Add([]byte(seed))
	}
	const most = 4 << 10
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := salvageHeader(raw, most, nil)
		at, kept := 0, 0
		for _, field := range s.fields {
			line := bytes.Index(raw[at:], field.name)
			value := bytes.Index(raw[at+max(line, 0):], field.value)
			if line < 0 || value < 0 {
				t.Fatalf("field %q: %q is not in %q, from %d on", field.name, field.value, raw, at)
			}
			at += line + value + len(field.value)
			kept += len(field.name) + len(field.value)
		}
		if kept > most || s.body < 0 || s.body > len(raw) {
			t.Errorf("%d bytes kept, body at %d of %d", kept, s.body, len(raw))
		}
		h := Header{fields: s.fields, fallback: "windows-1252"}
		for name, value := range h.Fields() {
			if got := h.Get(name); !h.Has(name) || len(h.AllRaw(name)) != len(h.All(name)) || strings.ContainsAny(value, "\r\n") {
				t.Errorf("field %q: %q, %q of %q", name, value, got, raw)
			} else {
				checkLine(t, name, got, raw)
			}
			media := parseMedia([]byte(value), "windows-1252")
			checkLine(t, "media type", media.value, raw)
		}
		checkRepeats(t, string(raw), func(long string) { salvageHeader([]byte(long), 1<<20, nil) })
	})
}

func FuzzAddressList(f *testing.F) {
	for _, seed := range []string{
		`"Doe, John" <j@x.com>, b@y.com`, `Team: a@x, b@y;`, `a (b (c) d) @ x . com`, `Doe, J <j@x>; 'a@b'`,
		`=?utf-8?Q?a,b?= <j@x>`, `<@a,@b:c@d>`, `John [mailto:a@b]`, `"a <b@c>, "d" <e@f>`, `<a@x,b@y>`, `a@[1.2.3.4]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		list := checkTwice(t, value, func() []Address { list, _ := ParseAddressList(value); return list })
		for _, a := range list {
			checkAddress(t, a)
		}
		if len(list) > maxAddresses {
			t.Errorf("%d addresses", len(list))
		}
		// Whatever was read is read again as it was.
		for _, a := range list {
			if a.Addr == "" || strings.HasPrefix(a.Addr, "\"") || strings.ContainsAny(a.Addr, "[]:\\'`=") {
				continue
			}
			again, _ := ParseAddressList("<" + a.Addr + ">")
			if len(again) != 1 || again[0].Addr != a.Addr {
				t.Errorf("%q is read as %q from %q", a.Addr, again, value)
			}
		}
		checkRepeats(t, value, func(long string) { ParseAddressList(long) })
	})
}

func FuzzDecodeHeader(f *testing.F) {
	for _, seed := range []string{
		"=?utf-8?B?R3LDvMOfZQ==?= =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=", "a\r\n b\x00", "=?utf-7?Q?+AGE-?=",
		"=?utf-16?B?//5hAA==?=", "=?iso-2022-kr?B?GyQpQw5HUTE5OEAP?=", "Gr\xfc\xdfe", "=?a?q?b", "=?utf-8?Q?a?=20b?=", "=?hz-gb-2312?Q?~{VPND~}?=",
	} {
		f.Add(seed, "windows-1252")
	}
	f.Fuzz(func(t *testing.T, value, fallback string) {
		got := checkTwice(t, value, func() string { return DecodeHeader(value, fallback) })
		checkLine(t, "value", got, value)
		if len(got) > 16*len(value)+16 {
			t.Errorf("%d bytes of %d", len(got), len(value))
		}
		if !strings.Contains(got, "=?") && DecodeHeader(got, fallback) != got {
			t.Errorf("%q changes when it is decoded again: %q", got, DecodeHeader(got, fallback))
		}
		checkRepeats(t, value, func(long string) { DecodeHeader(long, fallback) })
	})
}

// FuzzDate: whatever is read is a moment that a Date field can hold, and one that a mail program writes is read to the
// second.
func FuzzDate(f *testing.F) {
	for _, seed := range []string{
		"Tue, 5 Mar 2024 14:07:09 +0100", "5 Mar 24 2:07 PM (CET)", "2024-03-05T14:07:09.123Z", "03/05/2024 14:07", "Sun, 29 Feb 2023 24:00:60 -2400",
		"mardi 5 mars 2024 à 14h07", "2024年3月5日 下午2:07", "5 มีนาคม 2567 14:07", "1 1 1 1 1", "Th 4, 5 thg 3, 2024 lúc 14:07",
	} {
		f.Add(seed, "en", int64(1_709_644_029), 60)
	}
	f.Fuzz(func(t *testing.T, value, language string, unix int64, minutes int) {
		field := checkTwice(t, value, func() time.Time { date, _ := parseDate(value); return date })
		printed := checkTwice(t, value, func() time.Time { date, _ := forwardParseDate(value, language); return date })
		for _, date := range []time.Time{field, printed} {
			if _, offset := date.Zone(); date.Year() < 0 || date.Year() > 9999 || offset%60 != 0 || offset < -24*3600 || offset > 24*3600 {
				t.Errorf("%q: %v", value, date)
			}
		}
		zone := time.FixedZone("", minutes%(14*60)*60)
		want := time.Unix(unix&(1<<32-1), 0).In(zone)
		for _, written := range []string{want.Format(time.RFC1123Z), want.Format("2 Jan 2006 15:04:05 -0700 (MST)"), want.Format(time.RFC3339)} {
			if got, ok := parseDate(written); !ok || !got.Equal(want) {
				t.Errorf("%q: got %v, %v; want %v", written, got, ok, want)
			}
		}
		checkRepeats(t, value, func(long string) { parseDate(long); forwardParseDate(long, language) })
	})
}

func FuzzSubject(f *testing.F) {
	for _, seed := range []string{"Re: [list] Fwd: Offer (fwd)", "[Fwd: [Fwd: x]]", "VS[2]：x", "(fwd) (fwd)", "[a][b][", "İLT: x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, subject string) {
		base, _, forward := BaseSubject(subject)
		parts := checkTwice(t, subject, func() SubjectParts { return SplitSubject(subject) })
		if utf8.ValidString(subject) {
			if !utf8.ValidString(base + parts.Base + parts.Rest) {
				t.Errorf("%q is cut inside a character: %q, %+v", subject, base, parts)
			}
			if len(base) > len(subject)+maxSubjectTags || len(parts.Base) > len(subject) {
				t.Errorf("%q grew to %q, %+v", subject, base, parts)
			}
		}
		if forward && !parts.Forward || parts.Reply && parts.Forward {
			t.Errorf("%q: forward=%v and %+v", subject, forward, parts)
		}
		// A reply to it belongs to the same conversation.
		if again, _, _ := BaseSubject("Re: " + subject); utf8.ValidString(subject) && again != base {
			t.Errorf("%q has the base %q, its reply %q", subject, base, again)
		}
		checkRepeats(t, subject, func(long string) { BaseSubject(long); SplitSubject(long) })
	})
}
