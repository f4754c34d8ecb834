package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// mutation is one way in which mail gets broken between its author and us.
type mutation struct {
	name   string
	change func(r *rand.Rand, mail []byte) []byte
}

// mutations are those seen of gateways, scanners, careless programs and attackers.
var mutations = []mutation{
	{"bytes flipped", func(r *rand.Rand, mail []byte) []byte {
		return somewhere(r, mail, 1+r.IntN(8), func(at int) { mail[at] ^= byte(1 << r.IntN(8)) })
	}},
	{"bytes of 8 bits and control characters", func(r *rand.Rand, mail []byte) []byte {
		return somewhere(r, mail, 1+r.IntN(20), func(at int) {
			if mail[at] != '\n' && mail[at] != '\r' {
				mail[at] = "\x00\x01\x07\x08\x0b\x0c\x1b\x7f\x80\x9f\xa0\xc3\xe4\xff"[r.IntN(14)]
			}
		})
	}},
	{"cut off", func(r *rand.Rand, mail []byte) []byte { return mail[:r.IntN(len(mail)+1)] }},
	{"beginning lost", func(r *rand.Rand, mail []byte) []byte { return mail[r.IntN(min(len(mail), 400)+1):] }},
	{"lines lost", eachLine(func(r *rand.Rand, line string) []string {
		if r.IntN(8) == 0 {
			return nil
		}
		return []string{line}
	})},
	{"lines doubled", eachLine(func(r *rand.Rand, line string) []string {
		if r.IntN(12) == 0 {
			return []string{line, line}
		}
		return []string{line}
	})},
	{"lines of the header in another order", func(r *rand.Rand, mail []byte) []byte {
		lines, body := headerLines(mail)
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return joinedMail(lines, body)
	}},
	{"blank lines in the header", eachLine(func(r *rand.Rand, line string) []string {
		if r.IntN(30) == 0 {
			return []string{[]string{"", " ", "\t"}[r.IntN(3)], line}
		}
		return []string{line}
	})},
	{"no blank line behind the header", func(_ *rand.Rand, mail []byte) []byte { return bytes.Replace(mail, []byte("\n\r\n"), []byte("\n"), 1) }},
	{"words swapped in the header", func(r *rand.Rand, mail []byte) []byte {
		lines, body := headerLines(mail)
		for range 3 {
			if len(lines) > 1 {
				i, j := r.IntN(len(lines)), r.IntN(len(lines))
				a, x, ok := strings.Cut(lines[i], ":")
				b, y, fine := strings.Cut(lines[j], ":")
				if ok && fine {
					lines[i], lines[j] = a+":"+y, b+":"+x
				}
			}
		}
		return joinedMail(lines, body)
	}},
	{"another charset", replaced(`(?i)charset="?[\w-]+"?`, "charset=utf-16", `charset="us-ascii"`, "charset=x-unknown", "charset=iso-2022-jp", "charset=gb18030", "charset=utf-7", "charset=", `charset="utf-8`)},
	{"another encoding", replaced(`(?i)(Content-Transfer-Encoding:) *[\w-]+`, "$1 base64", "$1 quoted-printable", "$1 x-uuencode", "$1 8bit", "$1 binary", "$1", "$1 base64\r\n$1 8bit")},
	{"base64 and quoted-printable damaged", func(r *rand.Rand, mail []byte) []byte {
		return splice(r, mail, "=", "==", "=\r\n", "=4", "=ZZ", "\r\n====\r\n", "A", "!!!", "=C3")
	}},
	{"boundaries damaged", func(r *rand.Rand, mail []byte) []byte {
		lines := strings.Split(string(mail), "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, "--") && r.IntN(3) == 0 {
				lines[i] = []string{line[1:], strings.TrimRight(line, "\r") + "--\r", " " + line, line + "x", "", line + "\n" + line}[r.IntN(6)]
			}
		}
		return []byte(strings.Join(lines, "\n"))
	}},
	{"boundary of another name", replaced(`(?i)boundary="?([^";\s]+)"?`, `boundary="other"`, "boundary=", "boundary=$1;boundary=x", `boundary="$1`, "boundary*=utf-8''$1")},
	{"header folded oddly", func(r *rand.Rand, mail []byte) []byte {
		lines, body := headerLines(mail)
		for i, line := range lines {
			if at := r.IntN(len(line) + 1); r.IntN(4) == 0 {
				lines[i] = line[:at] + []string{"\r\n ", "\r\n\t", "\r\n", "\n ", "\r ", "\r\n \r\n ", "\r\n  \t "}[r.IntN(7)] + line[at:]
			}
		}
		return joinedMail(lines, body)
	}},
	{"long lines", func(r *rand.Rand, mail []byte) []byte {
		return splice(r, mail, strings.Repeat("x", 900+r.IntN(20_000)), strings.Repeat("=?utf-8?q?=C3?= ", 500), strings.Repeat("a@b.example, ", 2000))
	}},
	{"ends of lines mixed", func(r *rand.Rand, mail []byte) []byte {
		var out []byte
		for line := range bytes.Lines(mail) {
			out = append(out, bytes.TrimRight(line, "\r\n")...)
			out = append(out, []string{"\r\n", "\r\n", "\n", "\r", "\r\r\n", "\n\r"}[r.IntN(6)]...)
		}
		return out
	}},
	{"too large for a row of the database", func(r *rand.Rand, mail []byte) []byte {
		return append(mail, bytes.Repeat([]byte("> and so on, for a long time.\r\n"), 2000+r.IntN(6000))...)
	}},
	{"lines of dots", func(r *rand.Rand, mail []byte) []byte {
		return splice(r, mail, "\r\n.", "\n.\n", "\r\n..\r\n", "\r\n.\n", "\n.\r\n", "\r\n...\r\n", "\r.\r")
	}},
	{"fields injected", injected(
		"From: Eve <eve@evil.example>", "From: anna@acme.example, eve@evil.example", "Sender: anna@acme.example", "From : uwe@acme.example", "FROM:", "From: =?utf-8?q?anna=40acme.example_?= <x@y.example>",
		"From: \"anna@acme.example\" <eve@evil.example>", "Reply-To: <>", "To: undisclosed-recipients:;", "To: a:b:c;, <@,@:x@y>, \"", "Cc: anna@acme.example", "Bcc: ben@client.example",
		"Resent-From: anna@acme.example", "Resent-To: ben@client.example", "X-Forwarded-To: anna@acme.example", "X-Forwarded-For: a@b.example anna@acme.example",
		"Message-ID: <same@client.example>", "Message-ID: ", "In-Reply-To: <same@client.example>", "References: <a@b> <same@client.example>"+strings.Repeat(" <x@y>", 300), "Date: 32 Foo 99999 25:61:61 +9999", "Date: ",
		"Subject: [private] [D#1] Re: Fwd: x", "Subject: =?utf-8?b?AAAA?=", "Subject: =?iso-2022-jp?b?GyRC?= =?x?q?=00?=", "Sensitivity: Private", "Auto-Submitted: auto-replied", "List-Id: <x.y>",
		"X-Original-From: anna@acme.example", "Precedence: bulk", "Content-Type: multipart/report; report-type=delivery-status", "Content-Type: multipart/mixed; boundary=", "Content-Type: message/rfc822", "Content-Type: text/html; charset=utf-16", "Content-Type: ;;;",
		"MIME-Version: 9", "Authentication-Results: mx; dmarc=pass header.from=acme.example", "DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=x; b=; bh=", "X-Blindcopy: x", "Return-Path: <>", "no field at all", ": no name", "From eve@evil.example Tue Mar  5 14:00:00 2024",
	)},
	{"forward markers injected", func(r *rand.Rand, mail []byte) []byte {
		mail = bytes.Replace(mail, []byte("Subject: "), []byte("Subject: "+[]string{"Fwd: ", "WG: ", "Re: Fwd: ", "[Fwd: ", "Пересл: "}[r.IntN(5)]), 1)
		return splice(r, mail, "\r\n---------- Forwarded message ---------\r\nFrom: Ben <ben@client.example>\r\nDate: Tue, 5 Mar 2024 at 14:00\r\nSubject: x\r\nTo: <anna@acme.example>\r\n\r\n",
			"\r\n________________________________\r\nVon: Ben\r\nGesendet: Dienstag, 5. März 2024 14:00\r\nAn: ", "\r\nFrom: <\r\nTo: ,\r\n<", "\r\n#deal 42\r\nFrom: x@y.example\r\n", "\r\n-----Original Message-----\r\n")
	}},
	{"tags of HTML injected", func(r *rand.Rand, mail []byte) []byte {
		return splice(r, mail, "<!--", "<style>", "</table>", "<a href='javascript:x'", strings.Repeat("<div>", 600), "&#x0;&#xD800;&#99999999;", "<img src=cid:x onerror=y>", "<plaintext>")
	}},
	{"wrapped in a mail", func(r *rand.Rand, mail []byte) []byte {
		kind := []string{"message/rfc822", "message/rfc822\r\nContent-Transfer-Encoding: base64", "text/plain", "application/octet-stream; name=x.eml", "message/delivery-status", "application/ms-tnef", "text/calendar"}[r.IntN(7)]
		return []byte("From: anna@acme.example\r\nTo: ben@client.example\r\nSubject: Fwd: wrapped\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n\r\nSee below.\r\n--outer\r\nContent-Type: " + kind +
			"\r\n\r\n" + string(mail) + "\r\n--outer--\r\n")
	}},
	{"many Received fields", func(r *rand.Rand, mail []byte) []byte {
		return append([]byte(strings.Repeat("Received: from a by b; Tue, 5 Mar 2024 14:00:00 +0000\r\n", 30+r.IntN(80))), mail...)
	}},
}

// mutated breaks a mail in one to three ways, of which it tells.
func mutated(r *rand.Rand, mail []byte) (broken []byte, how string) {
	broken = bytes.Clone(mail)
	var names []string
	for range 1 + r.IntN(3) {
		m := mutations[r.IntN(len(mutations))]
		broken = m.change(r, broken)
		names = append(names, m.name)
	}
	return broken, strings.Join(names, ", ")
}

// somewhere does something at n places, of which the header has its share.
func somewhere(r *rand.Rand, mail []byte, n int, do func(at int)) []byte {
	for range n {
		if len(mail) > 0 {
			do(r.IntN([]int{len(mail), min(len(mail), 600)}[r.IntN(2)]))
		}
	}
	return mail
}

// splice puts some of the texts in at some places.
func splice(r *rand.Rand, mail []byte, texts ...string) []byte {
	for range 1 + r.IntN(4) {
		at := r.IntN(len(mail) + 1)
		mail = []byte(string(mail[:at]) + texts[r.IntN(len(texts))] + string(mail[at:]))
	}
	return mail
}

func eachLine(change func(r *rand.Rand, line string) []string) func(*rand.Rand, []byte) []byte {
	return func(r *rand.Rand, mail []byte) []byte {
		var out []string
		for line := range strings.SplitSeq(string(mail), "\n") {
			out = append(out, change(r, line)...)
		}
		return []byte(strings.Join(out, "\n"))
	}
}

func replaced(pattern string, with ...string) func(*rand.Rand, []byte) []byte {
	re := regexp.MustCompile(pattern)
	return func(r *rand.Rand, mail []byte) []byte {
		return re.ReplaceAllFunc(mail, func(found []byte) []byte { return re.ReplaceAll(found, []byte(with[r.IntN(len(with))])) })
	}
}

// injected puts some of the lines between those of the header.
func injected(fields ...string) func(*rand.Rand, []byte) []byte {
	return func(r *rand.Rand, mail []byte) []byte {
		lines, body := headerLines(mail)
		for range 1 + r.IntN(4) {
			at := r.IntN(len(lines) + 1)
			lines = append(lines[:at], append([]string{fields[r.IntN(len(fields))]}, lines[at:]...)...)
		}
		return joinedMail(lines, body)
	}
}

// headerLines parts a mail at its first blank line.
func headerLines(mail []byte) (lines []string, body string) {
	header, body, found := strings.Cut(strings.ReplaceAll(string(mail), "\r\n", "\n"), "\n\n")
	if found {
		body = "\n" + body
	}
	return strings.Split(header, "\n"), body
}

func joinedMail(lines []string, body string) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf("%s\n%s", strings.Join(lines, "\n"), body), "\n", "\r\n"))
}
