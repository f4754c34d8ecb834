//go:build unix

package main_test

import (
	"strings"
	"testing"
	"time"
)

// killMail is known by its Message-ID. Some are large enough for a file of their own, some are to an unknown address.
func killMail(id string) []byte {
	to := "ben@acme.example"
	if strings.HasSuffix(id, "3@corp.example") {
		to = "eva@new.example"
	}
	raw := []byte("From: anna@corp.example\r\nTo: " + to + "\r\nSubject: " + id + "\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <" + id + ">\r\n\r\nHello.\r\n")
	if strings.HasSuffix(id, "7@corp.example") {
		raw = append(raw, strings.Repeat("A line of a larger mail.\r\n", 4000)...)
	}
	return raw
}

// testStop: TERM lets a mail inside DATA finish, takes no new one, and ends with 0.
func testStop(t *testing.T, p program) {
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	if err := c.upToTheDot("anna@corp.example", written("last@corp.example", "ben@acme.example", "The last one"), bcc); err != nil {
		t.Fatal(err)
	}
	code := make(chan int)
	go func() { code <- s.stop() }()
	if !waitFor(5*time.Second, func() bool { _, err := s.dial(); return err != nil }) {
		t.Error("5 s after TERM new connections are still taken")
	}
	reply, err := c.theDot()
	if err != nil {
		t.Errorf("the mail inside DATA: %q, %v; want it taken", reply, err)
	} else {
		readAccepted(t, reply)
	}
	if got := <-code; got != 0 {
		t.Errorf("exit code %d after TERM, want 0", got)
	}
	if got := ask[[]activity](s, "activity", "list"); len(got) != 1 {
		t.Errorf("%d activities, want the last mail", len(got))
	}
}
