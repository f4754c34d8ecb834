package message

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"os"
	"strings"
	"testing"
)

func FuzzTNEF(f *testing.F) {
	f.Add(tnefSample())
	f.Add(newTNEF().Bytes())
	type tnef struct {
		files      []TNEFAttachment
		body, html string
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		sent := bytes.Clone(b)
		got := checkTwice(t, b, func() tnef { files, body, html, _ := ParseTNEF(b); return tnef{files, body, html} })
		size := 0
		for _, file := range got.files {
			size += len(file.Data)
			checkLine(t, "name", file.Name, b)
			checkLine(t, "content type", file.ContentType, b)
			if strings.ContainsAny(file.Name, `/\`) || len(file.Name) > maxFileName {
				t.Errorf("name with a directory, or too long: %q", file.Name)
			}
		}
		checkText(t, "body", got.body, b)
		checkText(t, "html", got.html, b)
		if size > len(b) || len(got.files) > tnefMaxAttachments || len(got.body)+len(got.html) > 8*len(b) {
			t.Errorf("%d bytes in %d files, %d and %d bytes of text, out of %d", size, len(got.files), len(got.body), len(got.html), len(b))
		}
		if !bytes.Equal(b, sent) {
			t.Errorf("the bytes were changed: %q, were %q", b, sent)
		}
		checkRepeats(t, string(b), func(long string) { ParseTNEF([]byte(long)) })
	})
}

func FuzzInvitation(f *testing.F) {
	f.Add(calendarSample)
	f.Add("BEGIN:VEVENT\nDTSTART;TZID=Local:20240305T140000\nDURATION:P99999999W\n")
	f.Fuzz(func(t *testing.T, ics string) {
		got := checkTwice(t, ics, func() Invitation { got, _ := ParseInvitation(ics); return got })
		if _, ok := ParseInvitation(ics); !ok && got.UID != "" {
			t.Errorf("facts without an event: %+v", got)
		}
		for _, who := range got.Attendees {
			if who.Addr == "" {
				t.Errorf("an attendee without address: %+v", got)
			}
		}
		if len(got.Attendees) > calendarMaxAttendees || got.Start.Year() > 9999 || got.End.Year() > 99999 {
			t.Errorf("%d attendees, from %v to %v", len(got.Attendees), got.Start, got.End)
		}
		checkRepeats(t, ics, func(long string) { ParseInvitation(long) })
	})
}

func FuzzParseReport(f *testing.F) {
	for _, file := range testFiles(f, "../testdata/report/*.eml") {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("multipart/report; report-type=delivery-status", "MAILER-DAEMON@x.example", string(raw), "message/delivery-status", raw)
	}
	f.Fuzz(func(t *testing.T, contentType, from, text, partType string, part []byte) {
		in := ReportInput{ContentType: contentType, From: Address{Addr: from}, Text: text, Parts: []ReportPart{{partType, part}}}
		r := checkTwice(t, in, func() Report { r, _ := ParseReport(in); return r })
		if _, ok := ParseReport(in); ok && r.Kind == "" {
			t.Errorf("a report without kind: %+v", r)
		}
		for _, who := range r.Recipients {
			if who.Address == "" || len(who.Diagnostic) > 1000 {
				t.Errorf("a recipient without address, or with too much to say: %+v", r)
			}
		}
		if len(r.Recipients) > reportMaxRecipients {
			t.Errorf("%d recipients", len(r.Recipients))
		}
		checkRepeats(t, text, func(long string) { in.Text = long; ParseReport(in) })
		checkRepeats(t, string(part), func(long string) { in.Parts[0].Body = []byte(long); ParseReport(in) })
	})
}

// FuzzTransfer: what another program has encoded is decoded to what it was, and anything at all to no more than there is.
func FuzzTransfer(f *testing.F) {
	for _, seed := range []string{"Grüße\r\n.\r\nFrom = me \r\n", "\x00\xff=\n", "SGVsbG8=\r\nSGVsbG8=", "=C3=\r\n=BC=\r\r\n= \r\n==4", "aGk", "=?!", strings.Repeat("x", 100)} {
		f.Add([]byte(seed), 76)
	}
	f.Fuzz(func(t *testing.T, content []byte, width int) {
		width = 4 + (width%100+100)%100
		var printable bytes.Buffer
		w := quotedprintable.NewWriter(&printable)
		w.Binary = true
		_, _ = w.Write(content) // cannot fail: it is a buffer
		_ = w.Close()
		var folded strings.Builder
		for code := base64.StdEncoding.EncodeToString(content); code != ""; {
			n := min(width, len(code))
			folded.WriteString(code[:n] + "\r\n")
			code = code[n:]
		}
		for encoding, encoded := range map[string]string{encodingQP: printable.String(), encodingBase64: folded.String()} {
			if got, cut, corrupt := decodeTransfer([]byte(encoded), encoding, len(content)+1); !bytes.Equal(got, content) || cut || corrupt {
				t.Errorf("%s: got %q, %v, %v; want %q, of %q", encoding, got, cut, corrupt, content, encoded)
			}
			read, _ := io.ReadAll(&transferReader{src: content, decoder: newTransferDecoder(encoding)})
			whole, _, _ := decodeTransfer(content, encoding, len(content)+1)
			if len(whole) > len(content) || !bytes.Equal(read, whole) {
				t.Errorf("%s of %q: %q at once, %q as a stream", encoding, content, whole, read)
			}
			if part, _, _ := decodeTransfer(content, encoding, 3); !bytes.HasPrefix(whole, part[:min(3, len(part))]) {
				t.Errorf("%s of %q: begins with %q, of three bytes with %q", encoding, content, whole, part)
			}
		}
	})
}
