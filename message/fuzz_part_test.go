package message

import (
	"bytes"
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
