package message

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	gomessage "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
)

// TestAgreesWithGoMessage compares with a reader by other people, for mail that breaks no rule.
func TestAgreesWithGoMessage(t *testing.T) {
	for _, name := range []string{
		"alternative-koi8", "apple-html-pdf-html", "forwarded-as-attachments", "format-flowed", "delivery-report",
		"html-body-text-footer", "iso-2022-jp", "calendar-invitation",
	} {
		raw, err := os.ReadFile("../testdata/mail/" + name + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		m := Parse(raw, Limits{})
		entity, err := gomessage.Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: go-message: %v", name, err)
		}
		header := mail.Header{Header: entity.Header}
		if subject, err := header.Subject(); err == nil && !strings.ContainsRune(subject, '\ufffd') && subject != m.Subject {
			t.Errorf("%s: subject %q, go-message reads %q", name, m.Subject, subject)
		}
		if date, err := header.Date(); err != nil || !date.Equal(m.Date) {
			t.Errorf("%s: date %v, go-message reads %v, %v", name, m.Date, date, err)
		}
		if list, err := header.AddressList("From"); err != nil || len(list) != 1 || list[0].Address != m.From[0].Addr || list[0].Name != m.From[0].Name {
			t.Errorf("%s: from %q, go-message reads %v, %v", name, m.From, list, err)
		}
		parts := m.Parts
		err = entity.Walk(func(path []int, e *gomessage.Entity, err error) error {
			mediaType, _, _ := e.Header.ContentType()
			if strings.HasPrefix(mediaType, "multipart/") {
				return err
			}
			if len(parts) == 0 {
				t.Fatalf("%s: go-message finds more parts", name)
			}
			comparePart(t, m, parts[0], e, mediaType)
			parts = parts[1:]
			return err
		})
		if err != nil || len(parts) != 0 {
			t.Errorf("%s: go-message does not find %d parts, %v", name, len(parts), err)
		}
	}
}

func comparePart(t *testing.T, m *Message, p Part, e *gomessage.Entity, mediaType string) {
	t.Helper()
	if mediaType != p.MediaType {
		t.Errorf("part %s: %s, go-message reads %s", p.Path, p.MediaType, mediaType)
	}
	if strings.HasPrefix(mediaType, "text/") {
		return // go-message brings it to UTF-8 on the way
	}
	want, err := io.ReadAll(e.Body)
	if err != nil {
		t.Errorf("part %s: go-message: %v", p.Path, err)
	}
	r, _ := m.OpenPart(p.Path)
	if got, _ := io.ReadAll(r); !bytes.Equal(got, want) {
		t.Errorf("part %s: %d bytes, go-message reads %d", p.Path, len(got), len(want))
	}
}
