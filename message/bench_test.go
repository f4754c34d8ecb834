package message

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// everydayMail is a mail as Outlook and Gmail send it: about twenty fields, text and HTML.
func everydayMail() []byte {
	var b strings.Builder
	for i := range 6 {
		fmt.Fprintf(&b, "Received: from mx%d.example.com (mx%d.example.com [192.0.2.%d])\r\n\tby mail.example.org with ESMTPS id abc%d\r\n\tfor <anna@agency.example>; Mon, 3 Mar 2025 10:15:0%d +0100\r\n", i, i, i, i, i)
	}
	b.WriteString("From: \"Doe, John\" <john.doe@firm.example>\r\nTo: =?utf-8?Q?Anna_M=C3=BCller?= <anna@agency.example>,\r\n Bob <bob@agency.example>\r\n" +
		"Cc: carol@firm.example\r\nSubject: Re: =?utf-8?Q?Angebot_f=C3=BCr_M=C3=A4rz?=\r\nDate: Mon, 3 Mar 2025 10:15:00 +0100\r\n" +
		"Message-ID: <CAF=abcdefg123456@mail.firm.example>\r\nIn-Reply-To: <offer-1@agency.example>\r\nReferences: <offer-0@agency.example>\r\n <offer-1@agency.example>\r\n" +
		"MIME-Version: 1.0\r\nX-Mailer: Some Mailer 1.0\r\nContent-Type: multipart/alternative; boundary=\"000000000000abcdef0123456789\"\r\n\r\n" +
		"--000000000000abcdef0123456789\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	b.WriteString(strings.Repeat("Gr=C3=BC=C3=9Fe aus K=C3=B6ln, anbei das Angebot wie besprochen =\r\nund noch etwas mehr.\r\n", 10))
	b.WriteString("\r\n--000000000000abcdef0123456789\r\nContent-Type: text/html; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	b.WriteString(strings.Repeat("<div dir=3D\"ltr\">Gr=C3=BC=C3=9Fe aus K=C3=B6ln, anbei das Angebot =\r\n<b>wie besprochen</b>.<br></div>\r\n", 12))
	b.WriteString("\r\n--000000000000abcdef0123456789--\r\n")
	return []byte(b.String())
}

// mailWithAttachment is everydayMail with a file of about size bytes, encoded.
func mailWithAttachment(size int) []byte {
	encoded := base64.StdEncoding.EncodeToString(make([]byte, size*3/4*76/78))
	var b strings.Builder
	header, body, _ := strings.Cut(string(everydayMail()), "Content-Type: multipart/alternative")
	b.WriteString(header + "Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n--outer\r\nContent-Type: multipart/alternative" + body)
	b.WriteString("\r\n--outer\r\nContent-Type: application/pdf; name=\"offer.pdf\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"offer.pdf\"\r\n\r\n")
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	b.WriteString(encoded + "\r\n--outer--\r\n")
	return []byte(b.String())
}

func BenchmarkParse4K(b *testing.B)  { benchmarkParse(b, everydayMail()) }
func BenchmarkParse1M(b *testing.B)  { benchmarkParse(b, mailWithAttachment(1<<20)) }
func BenchmarkParse30M(b *testing.B) { benchmarkParse(b, mailWithAttachment(30<<20)) }

func benchmarkParse(b *testing.B, raw []byte) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if m := Parse(raw, Limits{}); m.Subject == "" {
			b.Fatal("no subject")
		}
	}
}

func BenchmarkHash1M(b *testing.B) {
	raw := mailWithAttachment(1 << 20)
	m := Parse(raw, Limits{})
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := m.Hash("2"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHTMLToText(b *testing.B) {
	source := Parse(everydayMail(), Limits{}).HTML
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		HTMLToText(source)
	}
}

func BenchmarkSanitizeHTML(b *testing.B) {
	source := Parse(everydayMail(), Limits{}).HTML
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		SanitizeHTML(source)
	}
}
