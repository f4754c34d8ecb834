package smtpd

import (
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"
)

// startTLSSession returns a dialogue behind the handshake.
func startTLSSession(t *testing.T, inbox *scriptedInbox) *dialog {
	t.Helper()
	o := testOptions(t)
	o.TLS = testTLS(t)
	d := &dialog{t: t, addr: serve(t, inbox, o).Addrs()[0].String()}
	d.run("EHLO c", "250 SIZE *", "STARTTLS", "220 2.0.0 *")
	if err := d.startTLS(); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTLSVersionIsTold(t *testing.T) {
	inbox := &scriptedInbox{}
	d := startTLSSession(t, inbox)
	d.run(envelope+"\r\nDATA", "354 *", "x\r\n.", "250 2.0.0 ID1 *")
	if got := inbox.last().TLS; got != "TLS 1.3" {
		t.Errorf("got %q, want TLS 1.3", got)
	}
}

// TestTruncatedUnderTLS: crypto/tls reports the end of file together with the last bytes.
func TestTruncatedUnderTLS(t *testing.T) {
	for _, end := range []string{"BDAT 1000 LAST\r\nonly this", "DATA\r\nonly this\r\n"} {
		inbox := &scriptedInbox{}
		d := startTLSSession(t, inbox)
		if err := d.send(envelope + "\r\n" + end); err != nil {
			t.Fatal(err)
		}
		if err := d.conn.(*tls.Conn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(d.expectUpTo("421 4.4.2 *"), d.expectClosed()); err != nil {
			t.Errorf("%q: %v", end, err)
		}
		if inbox.count() != 0 {
			t.Errorf("%q: stored what was cut off", end)
		}
	}
}

func TestFailedHandshakeCloses(t *testing.T) {
	o := testOptions(t)
	o.TLS = testTLS(t)
	d := &dialog{t: t, addr: serve(t, &scriptedInbox{}, o).Addrs()[0].String()}
	d.run("EHLO c", "250 SIZE *", "STARTTLS", "220 2.0.0 *", "this is no handshake")
	for {
		if _, err := d.in.ReadByte(); err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Error("the connection is still open")
			}
			break // an alert may have come first
		}
	}
}

// TestSilenceInsideTheHandshake: it is bounded in time, and holds up no stop.
func TestSilenceInsideTheHandshake(t *testing.T) {
	silent := func(o Options) (d *dialog, stop func() error) {
		o.TLS = testTLS(t)
		s, stop := serveUntil(t, &scriptedInbox{}, o)
		d = &dialog{t: t, addr: s.Addrs()[0].String()}
		d.run("EHLO c", "250 SIZE *", "STARTTLS", "220 2.0.0 *")
		return d, stop
	}
	o := testOptions(t)
	o.ReadTimeout = 200 * time.Millisecond
	d, _ := silent(o)
	if err := d.expectClosed(); err != nil {
		t.Error(err)
	}

	d, stop := silent(testOptions(t))
	began := time.Now()
	if err := errors.Join(stop(), d.expectClosed()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("the stop took %v", took)
	}
}
