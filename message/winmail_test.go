package message

import (
	"bytes"
	"encoding/base64"
	"os"
	"strings"
	"testing"
	"time"
)

func TestWinmailAttachments(t *testing.T) {
	raw, err := os.ReadFile("../testdata/mail/winmail-dat.eml")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ rule, from, to string }{
		{"by type and name", "", ""},
		{"by name alone", "application/ms-tnef", "application/octet-stream"},
		{"by type alone", "winmail.dat", "part.bin"},
	} {
		m := Parse(bytes.ReplaceAll(raw, []byte(test.from), []byte(test.to)), Limits{})
		var got []string
		for _, f := range m.WinmailAttachments() {
			got = append(got, f.Name+" "+f.ContentType+" "+string(f.Data))
			if f.Cut {
				t.Errorf("%s: %s is taken for cut", test.rule, f.Name)
			}
		}
		const want = "Nabídka 17.pdf application/pdf %PDF|inner.txt  inner|файл.txt  last"
		if strings.Join(got, "|") != want {
			t.Errorf("%s: got %q, want %q", test.rule, got, want)
		}
	}
}

func TestWinmailAttachmentsOfOtherMail(t *testing.T) {
	for _, file := range []string{"attachment-names", "calendar-invitation", "broken-multipart"} {
		if files := readMail(t, "../testdata/mail/"+file+".eml").WinmailAttachments(); files != nil {
			t.Errorf("%s: got %+v", file, files)
		}
	}
}

// winmail is a mail with the same TNEF content in count parts.
func winmail(content []byte, count int) []byte {
	part := "--x\nContent-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(content) + "\n"
	return []byte("Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat(part, count) + "--x--\n")
}

func TestWinmailAttachmentsAreBounded(t *testing.T) {
	large := newTNEF().
		attribute(tnefAttRendData, nil).attribute(tnefAttAttachTitle, []byte("small.txt\x00")).attribute(tnefAttAttachData, []byte("small")).
		attribute(tnefAttRendData, nil).attribute(tnefAttAttachTitle, []byte("large.bin\x00")).attribute(tnefAttAttachData, make([]byte, maxWinmailBytes)).
		Bytes()
	var files []TNEFAttachment
	m := Parse(winmail(large, 3), Limits{})
	checkCost(t, "three winmail.dat of 10 MB", time.Second, 3*maxWinmailBytes, func() { files = m.WinmailAttachments() })
	if len(files) != 2 || files[0].Cut || string(files[0].Data) != "small" || files[1].Name != "large.bin" || !files[1].Cut || len(files[1].Data) > maxWinmailBytes {
		t.Errorf("got %d files, the second with %d bytes", len(files), len(files[len(files)-1].Data))
	}
	many := newTNEF()
	for range tnefMaxAttachments {
		many.attribute(tnefAttRendData, nil)
	}
	if files := Parse(winmail(many.Bytes(), 3), Limits{}).WinmailAttachments(); len(files) != tnefMaxAttachments {
		t.Errorf("got %d files, want %d", len(files), tnefMaxAttachments)
	}
	if files := Parse(winmail([]byte("no TNEF"), 2), Limits{}).WinmailAttachments(); files != nil {
		t.Errorf("foreign bytes: got %+v", files)
	}
}
