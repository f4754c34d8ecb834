package smtpd

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"blindcopy/crm"
)

const envelope = "EHLO c\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<anna@bcc.example>"

func TestStopSendsIdleClientsAway(t *testing.T) {
	s, stop := serveUntil(t, &scriptedInbox{}, testOptions(t))
	idle := &dialog{t: t, addr: s.Addrs()[0].String()}
	idle.run("EHLO c", "250 *")
	between := &dialog{t: t, addr: s.Addrs()[0].String()}
	between.run(envelope, "250 *", "NOOP", "250 2.0.0 nothing done")

	began := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("the stop took %v with idle clients only", took)
	}
	for _, d := range []*dialog{idle, between} {
		if err := errors.Join(d.expect("421 4.3.2 *"), d.expectClosed()); err != nil {
			t.Error(err)
		}
	}
	if _, err := net.Dial("tcp", s.Addrs()[0].String()); err == nil {
		t.Error("connected after the stop")
	}
}

func TestStopLetsMessagesFinish(t *testing.T) {
	for name, turns := range map[string][]string{
		"inside DATA":    {envelope + "\r\nDATA", "354 *", "hi\r\n.\r\nNOOP", "250 2.0.0 ID*"},
		"between chunks": {envelope + "\r\nBDAT 2\r\nhi", "250 * chunk taken", "BDAT 3 LAST\r\nho\n", "250 2.0.0 ID*"},
	} {
		t.Run(name, func(t *testing.T) {
			inbox := &scriptedInbox{}
			s, stop := serveUntil(t, inbox, testOptions(t))
			d := &dialog{t: t, addr: s.Addrs()[0].String()}
			d.run(turns[:2]...)
			stopped := make(chan error)
			go func() { stopped <- stop() }()
			<-s.stopping
			d.run(turns[2:]...)
			if err := errors.Join(d.expect("421 4.3.2 *"), <-stopped); err != nil {
				t.Error(err)
			}
			if inbox.count() != 1 {
				t.Errorf("took %d messages, want 1", inbox.count())
			}
		})
	}
}

func TestStopWaitsForTake(t *testing.T) {
	inbox := &scriptedInbox{entered: make(chan struct{}), release: make(chan struct{})}
	s, stop := serveUntil(t, inbox, testOptions(t))
	d := &dialog{t: t, addr: s.Addrs()[0].String()}
	d.run("EHLO c\r\nMAIL FROM:<slow@example.com>\r\nRCPT TO:<anna@bcc.example>\r\nDATA", "354 *")
	if err := d.send("x\r\n.\r\n"); err != nil {
		t.Fatal(err)
	}
	<-inbox.entered
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	<-s.stopping
	close(inbox.release)
	if err := errors.Join(d.expect("250 2.0.0 ID1 *"), d.expect("421 4.3.2 *"), <-stopped); err != nil {
		t.Error(err)
	}
}

func TestStopCutsWhoeverDoesNotFinish(t *testing.T) {
	o := testOptions(t)
	o.DrainTimeout = 100 * time.Millisecond
	inbox := &scriptedInbox{entered: make(chan struct{})}
	s, stop := serveUntil(t, inbox, o)
	body := &dialog{t: t, addr: s.Addrs()[0].String()}
	body.run(envelope+"\r\nDATA", "354 *", "never ending")
	take := &dialog{t: t, addr: s.Addrs()[0].String()}
	take.run("EHLO c\r\nMAIL FROM:<slow@example.com>\r\nRCPT TO:<anna@bcc.example>\r\nDATA", "354 *")
	if err := take.send("x\r\n.\r\n"); err != nil {
		t.Fatal(err)
	}
	<-inbox.entered

	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := errors.Join(body.expect("421 4.3.2 *"), take.expect("451 4.3.0 *")); err != nil {
		t.Error(err)
	}
	if inbox.count() != 0 {
		t.Errorf("took %d messages, want none", inbox.count())
	}
}

// TestStopDoesNotWaitForABrokenInbox: a Take that does not heed its context.
func TestStopDoesNotWaitForABrokenInbox(t *testing.T) {
	o := testOptions(t)
	o.DrainTimeout = 50 * time.Millisecond
	inbox := &stuckInbox{entered: make(chan struct{}), release: make(chan struct{})}
	s, stop := serveUntil(t, inbox, o)
	d := &dialog{t: t, addr: s.Addrs()[0].String()}
	d.run(envelope+"\r\nDATA", "354 *")
	if err := d.send("x\r\n.\r\n"); err != nil {
		t.Fatal(err)
	}
	<-inbox.entered
	if err := stop(); err == nil {
		t.Error("Run returned nil while a message was being taken")
	}
	close(inbox.release)
	s.sessions.Wait()
}

type stuckInbox struct {
	scriptedInbox
	entered, release chan struct{}
}

func (b *stuckInbox) Take(context.Context, *crm.Inbound) (crm.Receipt, error) {
	close(b.entered)
	<-b.release
	return crm.Receipt{}, crm.ErrBusy
}
