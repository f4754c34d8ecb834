package smtpd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// scriptedConn is a connection whose client has said everything beforehand. The server gets
// it in segments, the last one together with the end of file, as TLS does it too.
type scriptedConn struct {
	segments
	heard bytes.Buffer
}

func (c *scriptedConn) Read(p []byte) (int, error) {
	n, _ := c.segments.Read(p)
	if len(c.left) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (c *scriptedConn) Write(p []byte) (int, error)    { return c.heard.Write(p) }
func (c *scriptedConn) Close() error                   { return nil }
func (c *scriptedConn) LocalAddr() net.Addr            { return &net.TCPAddr{} }
func (c *scriptedConn) RemoteAddr() net.Addr           { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)} }
func (*scriptedConn) SetDeadline(time.Time) error      { return nil }
func (*scriptedConn) SetReadDeadline(time.Time) error  { return nil }
func (*scriptedConn) SetWriteDeadline(time.Time) error { return nil }

// converse runs a whole session and returns what the client heard.
func converse(t *testing.T, inbox Inbox, said string, segment int) string {
	t.Helper()
	o := testOptions(t)
	o.MaxMessageBytes, o.MaxLine, o.MaxRecipients = 200, 50, 3
	o.Log = slog.New(panicHandler{slog.DiscardHandler, t})
	s, err := New(inbox, o)
	if err != nil {
		t.Fatal(err)
	}
	c := &scriptedConn{segments: segments{[]byte(said), segment}}
	s.serve(c, false)
	return c.heard.String()
}

// panicHandler fails the test where a panic is logged.
type panicHandler struct {
	slog.Handler
	t *testing.T
}

func (panicHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h panicHandler) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "panic") {
		h.t.Errorf("panic: %v", r)
		r.Attrs(func(a slog.Attr) bool { h.t.Log(a); return true })
	}
	return nil
}

var replyForm = regexp.MustCompile(`^[2-5][0-9][0-9][ -][^\x00-\x1f]*$`)

// FuzzSession: whatever a client says, the session ends, every reply is a reply, a message
// is taken exactly as often as a client hears so, and it makes no difference in which
// segments the bytes arrive.
func FuzzSession(f *testing.F) {
	const envelope = envelope + "\r\n"
	for _, s := range []string{
		envelope + "DATA\r\nhi\r\n..\r\n.\r\nQUIT\r\n",
		envelope + "BDAT 5\r\nQUIT\nBDAT 3 LAST\r\nabcQUIT\r\n",
		envelope + "BDAT 5\r\nQUIT\nRSET\r\n" + envelope + "DATA\r\nx\n.\nMAIL FROM:<b@x>\r\n.\r\n",
		envelope + "BDAT 300 LAST\r\n" + strings.Repeat("x", 300) + "NOOP\r\n",
		envelope + "BDAT 3\r\nabcEHLO d\r\nBDAT 99999999999999999999\r\n",
		"MAIL FROM:<>\r\nHELO \x00\r\nEHLO\r\nRCPT TO:<\"a>\\\"b\"@c> X=Y\r\n\r\n",
		strings.Repeat("NOOP\r\n", 120), envelope + "DATA\r\n" + strings.Repeat("y", 60) + "\r\n.\r",
	} {
		f.Add(s, 1)
		f.Add(s, 13)
	}
	f.Fuzz(func(t *testing.T, said string, segment int) {
		inbox := &scriptedInbox{}
		heard := converse(t, inbox, said, 0)
		accepted := 0
		for _, line := range strings.SplitAfter(heard, "\r\n") {
			if line != "" && !replyForm.MatchString(strings.TrimSuffix(line, "\r\n")) {
				t.Errorf("%q: got the reply line %q", said, line)
			}
			if strings.HasPrefix(line, "250 2.0.0 ID") {
				accepted++
			}
		}
		if inbox.count() != accepted {
			t.Errorf("%q: took %d messages, said so %d times", said, inbox.count(), accepted)
		}
		again := &scriptedInbox{}
		if other := converse(t, again, said, segment); other != heard {
			t.Errorf("%q: heard %q at once, and %q in segments of %d", said, heard, other, segment)
		}
		for i, m := range again.messages {
			if string(m.Raw.Bytes) != string(inbox.messages[i].Raw.Bytes) {
				t.Errorf("%q: message %d is %q at once, and %q in segments of %d", said, i, inbox.messages[i].Raw.Bytes, m.Raw.Bytes, segment)
			}
		}
	})
}

// TestEndOfFileAnywhere cuts a dialogue off after each of its bytes: nothing may be
// executed that was not said in full, and no message stored.
func TestEndOfFileAnywhere(t *testing.T) {
	for _, said := range []string{
		"EHLO c\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<anna@bcc.example>\r\nDATA\r\nhi\r\n.\r\n",
		"EHLO c\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<anna@bcc.example>\r\nBDAT 4\r\nhi\r\nBDAT 2 LAST\r\nho",
	} {
		for n := range len(said) + 1 {
			inbox := &scriptedInbox{}
			heard := converse(t, inbox, said[:n], 0)
			want := 0
			if n == len(said) {
				want = 1
			}
			if inbox.count() != want {
				t.Errorf("%q: took %d messages, want %d; the client heard %q", said[:n], inbox.count(), want, heard)
			}
		}
	}
}

func TestInboundTellsTheEnvelope(t *testing.T) {
	inbox := &scriptedInbox{}
	o := testOptions(t)
	released := 0
	o.NewSpool = func() Spool { return &releasingSpool{released: &released} }
	o.Now = func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }
	d := &dialog{t: t, opts: o, inbox: inbox}
	d.run("EHLO client.example", "250 *", "MAIL FROM:<a@example.com>", "250 *", "RCPT TO:<anna@bcc.example>", "250 *",
		"DATA", "354 *", "x\r\n.", "250 2.0.0 ID1 *")

	m := inbox.last()
	if m.ID != "ID1" || !m.ReceivedAt.Equal(o.Now()) || m.Via != crm.ViaSMTP || m.Remote != netip.MustParseAddr("127.0.0.1") ||
		m.Helo != "client.example" || m.TLS != "" || !m.Trusted || m.MailFrom != "a@example.com" {
		t.Errorf("got %+v", m)
	}
	if released != 1 {
		t.Errorf("the raw message was released %d times, want once", released)
	}
}

type releasingSpool struct {
	memorySpool
	released *int
}

func (r *releasingSpool) Finish() (crm.Raw, error) {
	raw, err := r.memorySpool.Finish()
	raw.Release = func() { *r.released++ }
	return raw, err
}

// run is a short dialogue: what the client says, and the last line of the reply, by turns.
func (d *dialog) run(turns ...string) {
	d.t.Helper()
	if d.conn == nil {
		turns = append([]string{"", "220 *"}, turns...)
	}
	for i, turn := range turns {
		var err error
		switch {
		case i%2 == 1:
			err = d.step("S... " + turn)
		case turn != "":
			err = d.step("C: " + turn)
		default:
			err = d.open()
		}
		if err != nil {
			d.t.Fatalf("%s: %v", turn, err)
		}
	}
}

func TestMailLog(t *testing.T) {
	var log bytes.Buffer
	o := testOptions(t)
	o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" {
			return slog.Attr{}
		}
		return a
	}}))
	s, stop := serveUntil(t, &scriptedInbox{}, o)
	d := &dialog{t: t, addr: s.Addrs()[0].String()}
	d.run("EHLO c.example", "250 *", "MAIL FROM:<a@example.com>", "250 *", "RCPT TO:<unknown@bcc.example>", "550 *",
		"RCPT TO:<anna@bcc.example>", "250 *", "DATA", "354 *", "x\r\n.", "250 2.0.0 ID1 *",
		"MAIL FROM:<locked@example.com>", "250 *", "RCPT TO:<anna@bcc.example>", "250 *", "DATA", "354 *", "x\r\n.", "451 *", "QUIT", "221 *")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	want := `level=INFO msg=refused peer=127.0.0.1 helo=c.example from=a@example.com to=[] path=unknown@bcc.example reply="550 5.1.1 no such address here" err="resolve \"unknown@bcc.example\": no such recipient"
level=INFO msg=mail intake=ID1 via=smtp peer=127.0.0.1 helo=c.example tls="" from=a@example.com to=[anna@bcc.example] size=3 verdict=filed codes=[contact_by_address] reply="250 2.0.0 ID1 filed: filed on ?nal's  timeline"
level=INFO msg=mail intake=ID2 via=smtp peer=127.0.0.1 helo=c.example tls="" from=locked@example.com to=[anna@bcc.example] size=3 verdict="" codes=[] reply="451 4.3.0 temporary trouble here, try again later" err="database is locked"
`
	if log.String() != want {
		t.Errorf("got the log\n%s\nwant\n%s", log.String(), want)
	}
	stats := s.Stats()
	got := fmt.Sprint(stats.Sessions, stats.Open, stats.Accepted, stats.Bytes, stats.Refused)
	if want := "1 0 1 3 map[451:1 550:1]"; got != want {
		t.Errorf("got the counters %s, want %s", got, want)
	}
}

// BenchmarkSession is one session that brings a megabyte, or a hundred messages of 5 KB.
func BenchmarkSession(b *testing.B) {
	line := strings.Repeat("x", 76) + "\r\n"
	one := "MAIL FROM:<a@example.com>\r\nRCPT TO:<anna@bcc.example>\r\nDATA\r\n"
	for name, said := range map[string]string{
		"1MB":     "EHLO c\r\n" + one + strings.Repeat(line, 1<<20/len(line)) + ".\r\nQUIT\r\n",
		"100x5KB": "EHLO c\r\n" + strings.Repeat(one+strings.Repeat(line, 64)+".\r\n", 100) + "QUIT\r\n",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(said)))
			s, err := New(discardInbox{}, Options{
				NewSpool: func() Spool { return discardSpool{io.Discard} },
				NewID:    func() crm.IntakeID { return "ID" },
			})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s.serve(&scriptedConn{segments: segments{left: []byte(said)}}, false)
			}
		})
	}
}

type discardInbox struct{}

func (discardInbox) Resolve(_ context.Context, path string) (crm.Recipient, error) {
	return crm.Recipient{Path: path}, nil
}

func (discardInbox) Take(context.Context, *crm.Inbound) (crm.Receipt, error) {
	return crm.Receipt{}, nil
}

type discardSpool struct{ io.Writer }

func (discardSpool) Finish() (crm.Raw, error) { return crm.Raw{}, nil }
func (discardSpool) Discard()                 {}
