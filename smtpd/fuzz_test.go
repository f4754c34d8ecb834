package smtpd

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// proxySignature begins the binary header of HAProxy's protocol, version 2.
const proxySignature = "\r\n\r\n\x00\r\nQUIT\n"

// FuzzProxy: a network that must send a PROXY header is heard only after one, whatever it sends instead, and what it
// says of the client behind it does not reach the conversation.
func FuzzProxy(f *testing.F) {
	const dialogue = "EHLO c\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<anna@bcc.example>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n"
	for _, header := range []string{
		"PROXY TCP4 198.51.100.7 192.0.2.1 4000 25\r\n", "PROXY TCP6 2001:db8::7 2001:db8::1 4000 25\r\n", "PROXY UNKNOWN\r\n", "PROXY TCP4 1.2.3.4\r\n", "",
		"PROXY TCP4 198.51.100.7 192.0.2.1 4000 25\r\nPROXY TCP4 198.51.100.8 192.0.2.1 4000 25\r\n", "PROXY \x00\r\n", "EHLO x\r\n",
		proxySignature + "\x21\x11\x00\x0c\xc6\x33\x64\x07\xc0\x00\x02\x01\x0f\xa0\x00\x19", proxySignature + "\x20\x00\x00\x00", proxySignature + "\x21\x11\xff\xff",
		proxySignature + "\x21\x31\x00\xd8" + strings.Repeat("/", 216), proxySignature[:7],
	} {
		f.Add(header, dialogue)
	}
	f.Fuzz(func(t *testing.T, header, said string) {
		o := testOptions(t)
		o.Proxy = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		o.MaxMessageBytes, o.MaxLine, o.ReadTimeout = 200, 50, 100*time.Millisecond
		o.Log = slog.New(panicHandler{slog.DiscardHandler, t})
		inbox := &scriptedInbox{}
		s, err := New(inbox, o)
		if err != nil {
			t.Fatal(err)
		}
		c := &scriptedConn{segments: segments{[]byte(header + said), 0}}
		s.serve(c, false)
		heard, sent := c.heard.String(), header+said
		if !strings.HasPrefix(sent, "PROXY ") && !strings.HasPrefix(sent, proxySignature) && heard != "" {
			t.Errorf("%q: heard %q without a PROXY header", sent, heard)
		}
		accepted := 0
		for line := range strings.SplitAfterSeq(heard, "\r\n") {
			if line != "" && !replyForm.MatchString(strings.TrimSuffix(line, "\r\n")) {
				t.Errorf("%q: got the reply line %q", sent, line)
			}
			if strings.HasPrefix(line, "250 2.0.0 ID") {
				accepted++
			}
		}
		if inbox.count() != accepted {
			t.Errorf("%q: took %d messages, said so %d times", sent, inbox.count(), accepted)
		}
	})
}
