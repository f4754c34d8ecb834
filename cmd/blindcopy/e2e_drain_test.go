//go:build unix

package main_test

import (
	"io"
	"strings"
	"testing"
	"time"
)

// testDrain: TERM comes while clients are idle, in the middle of a command, and inside DATA. The idle are told and go, a mail that
// ends in time is taken, one that does not is cut off and not stored, and the process is gone within 15 s.
func testDrain(t *testing.T, p program) {
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	greeted := func() *client {
		t.Helper()
		c, err := s.dial()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.conn.Close() })
		return c
	}
	inside := func(id string) *client {
		t.Helper()
		c := greeted()
		if err := c.upToTheDot("anna@corp.example", written(id, "ben@acme.example", "Under way"), bcc); err != nil {
			t.Fatal(err)
		}
		return c
	}
	idle, between, typing, ends, stalls := greeted(), greeted(), greeted(), inside("ends@corp.example"), inside("stalls@corp.example")
	if err := between.say("MAIL FROM:<anna@corp.example>", "250"); err != nil {
		t.Fatal(err)
	}
	if _, err := typing.conn.Write([]byte("MAIL FRO")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	begun := time.Now()
	code := make(chan int)
	go func() { code <- s.stop() }()
	for name, c := range map[string]*client{"idle": idle, "between two commands": between, "inside a command": typing} {
		text, err := io.ReadAll(c.in)
		if !strings.HasPrefix(string(text), "421 4.3.2") || err != nil {
			t.Errorf("a client that is %s hears %q (%v), want 421 4.3.2 and the end", name, text, err)
		}
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("those who were in no mail were let go after %s, want at once", took)
	}
	if reply, err := ends.theDot(); err != nil {
		t.Errorf("a mail that ends while the server stops: %q, %v; want it taken", reply, err)
	}
	got := <-code
	if took := time.Since(begun); got != 0 || took > 15*time.Second {
		t.Errorf("exit code %d after %s, want 0 within 15 s", got, took)
	}
	if text, _ := io.ReadAll(stalls.in); strings.Contains(string(text), "250") {
		t.Errorf("a mail that never ended was answered %q", text)
	}
	if acts := ask[[]activity](s, "activity", "list"); len(acts) != 1 || acts[0].MessageID != "ends@corp.example" {
		t.Errorf("stored: %+v, want the mail that ended", acts)
	}
	s.must("check")
}
