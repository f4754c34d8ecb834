package smtpd

import (
	"context"
	"math"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"blindcopy/crm"
)

func TestGuessesAreSlowedDown(t *testing.T) {
	var g guesses
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	one, neighbour := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	test := func(from netip.Addr, at time.Duration, want time.Duration, answered bool) {
		t.Helper()
		if got, ok := g.delay(from, now.Add(at)); got != want || ok != answered {
			t.Errorf("%v at %v: got %v, %v; want %v, %v", from, at, got, ok, want, answered)
		}
	}
	for range guessBurst {
		test(one, 0, 0, true)
	}
	test(one, 0, time.Second, true)
	test(neighbour, 0, 2*time.Second, true) // of the same /64
	test(netip.MustParseAddr("2001:db8:0:1::1"), 0, 0, true)
	test(netip.MustParseAddr("192.0.2.1"), 0, 0, true)
	for s := 3; s <= 10; s++ {
		test(one, 0, time.Duration(s)*time.Second, true)
	}
	test(one, 0, 0, false)
	test(one, time.Minute, 0, true)
}

func TestGuessesAreForgotten(t *testing.T) {
	var g guesses
	now := time.Now()
	for i := range 3 * maxSources {
		g.delay(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if len(g.sources) > maxSources {
		t.Errorf("remembers %d sources, want at most %d", len(g.sources), maxSources)
	}
}

// TestConnectionsOfOneNetwork: an IPv6 site has 2^64 addresses and one cap.
func TestConnectionsOfOneNetwork(t *testing.T) {
	var s sources
	enter := func(address string, limit int, want bool) {
		t.Helper()
		if got := s.enter(netip.MustParseAddr(address), limit); got != want {
			t.Errorf("%s: entered %t, want %t", address, got, want)
		}
	}
	enter("2001:db8::1", 2, true)
	enter("2001:db8::ffff:2", 2, true)
	enter("2001:db8::3", 2, false)
	enter("2001:db8:0:1::1", 2, true)
	enter("192.0.2.1", 1, true)
	enter("192.0.2.1", 1, false)
	enter("192.0.2.2", 1, true)
	enter("192.0.2.1", math.MaxInt, true) // of ours
	s.leave(netip.MustParseAddr("2001:db8::ffff:2"))
	enter("2001:db8::4", 2, true)
}

// timedConn notes when the last reply was sent.
type timedConn struct {
	scriptedConn
	last time.Time
}

func (c *timedConn) Write(p []byte) (int, error) {
	c.last = time.Now()
	return c.scriptedConn.Write(p)
}

// slowFor takes its time over one address, as a look-up on the disk does, and none over another, as one in memory does.
type slowFor struct {
	scriptedInbox
	local string
	time  time.Duration
}

func (b *slowFor) Resolve(ctx context.Context, path string) (crm.Recipient, error) {
	if strings.HasPrefix(path, b.local+"@") {
		time.Sleep(b.time)
	}
	return b.scriptedInbox.Resolve(ctx, path)
}

// TestTimeTellsNothing: an address that never was and one of a disabled user get the same words, after the same time,
// whichever of them takes longer to look up.
func TestTimeTellsNothing(t *testing.T) {
	const words = "550 5.1.1 no such address here"
	answered := func(local, slow string) (took time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			s, err := New(&slowFor{local: slow, time: 7 * time.Millisecond}, testOptions(t))
			if err != nil {
				t.Fatal(err)
			}
			c := &timedConn{}
			c.left = []byte(envelope + "\r\nRCPT TO:<" + local + "@bcc.example>\r\n")
			began := time.Now()
			s.serve(c, false)
			if heard := c.heard.String(); !strings.HasSuffix(heard, words+"\r\n") {
				t.Fatalf("%s: got %q, want it to end in %q", local, heard, words)
			}
			took = c.last.Sub(began)
		})
		return took
	}
	for _, slow := range []string{"unknown", "disabled", "nobody"} {
		unknown, disabled := answered("unknown", slow), answered("disabled", slow)
		if unknown != disabled || unknown != guessTime {
			t.Errorf("%s is slow: an unknown address is answered after %v, a disabled one after %v; want %v", slow, unknown, disabled, guessTime)
		}
	}
}

// TestAGuesserWaits: the next session of a source that used up its guesses has to wait.
func TestAGuesserWaits(t *testing.T) {
	o := testOptions(t)
	s := serve(t, &scriptedInbox{}, o)
	guess := []string{"RCPT TO:<unknown@bcc.example>", "550 5.1.1 *"}
	first := &dialog{t: t, addr: s.Addrs()[0].String()}
	first.run("EHLO c\r\nMAIL FROM:<>", "250 2.1.0 *")
	for range guessBurst {
		first.run(guess...)
	}
	first.run("QUIT", "221 *")
	began := time.Now()
	second := &dialog{t: t, addr: first.addr}
	second.run("EHLO c\r\nMAIL FROM:<>", "250 2.1.0 *")
	second.run(guess...)
	if waited := time.Since(began); waited < guessInterval/2 {
		t.Errorf("the sixth guess was answered after %v, want about %v", waited, guessInterval)
	}
}
