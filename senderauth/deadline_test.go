package senderauth

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foxcpp/go-mockdns"
)

// TestDeadline: whatever DNS does, the author is judged within 5 s, and is not called a forger for it.
func TestDeadline(t *testing.T) {
	test := func(rule string, answer func(ctx context.Context, name string) ([]string, error), want string, took time.Duration) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			c := newChecker(&fakeDNS{txt: func(ctx context.Context, name string) ([]string, error) {
				txt, err := answer(ctx, name)
				if errors.Is(err, errNever) {
					<-release
				}
				return txt, err
			}})
			m := mail{raw: sign(t, letter("ann@corp.example"), signing{domain: "corp.example"}), path: "ann@corp.example", peer: theirs}
			start := time.Now()
			got := m.authenticate(c)
			if got != want || time.Since(start) != took {
				t.Errorf("%s: got %s after %s; want %s after %s", rule, got, time.Since(start), want, took)
			}
			close(release)
		})
	}

	test("a resolver that waits for its context", func(ctx context.Context, name string) ([]string, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}, "none spf=temperror dkim=temperror dmarc=temperror", DefaultTimeout)
	test("a resolver that never answers", func(context.Context, string) ([]string, error) {
		return nil, errNever
	}, "none spf=temperror dkim=temperror dmarc=temperror", DefaultTimeout)
	test("a resolver that panics", func(context.Context, string) ([]string, error) {
		panic("out of order")
	}, "none spf=temperror dkim=temperror dmarc=temperror", 0)
	test("all at once: three slow answers take as long as one", func(_ context.Context, name string) ([]string, error) {
		time.Sleep(2 * time.Second)
		return zones()[name].TXT, nil
	}, "pass spf=pass dkim=pass dmarc=pass", 2*time.Second)
	test("what is known by then counts", func(_ context.Context, name string) ([]string, error) {
		if strings.HasPrefix(name, "e._domainkey.") {
			return zones()[name].TXT, nil
		}
		return nil, errNever
	}, "pass spf=temperror dkim=pass dmarc=temperror", DefaultTimeout)
}

// TestOutOfTime: when time is up in the middle of a signature, it is not called wrong.
func TestOutOfTime(t *testing.T) {
	c := newChecker(&mockdns.Resolver{Zones: zones()})
	raw := sign(t, letter("ann@corp.example"), signing{domain: "corp.example"})
	head, body := splitHeader([]byte(raw))
	if found := c.checkDKIM(t.Context(), head, body, "corp.example", nil); summary(found) != pass {
		t.Fatalf("in time: got %v, want pass", found)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // where it is noticed is chance
		if found := c.checkDKIM(done, head, body, "corp.example", nil); summary(found) != tempError {
			t.Fatalf("out of time: got %v, want %s", found, tempError)
		}
	}
}

// TestFault: a fault of ours is a temporary error, and goes no further.
func TestFault(t *testing.T) {
	c := newChecker(nil)
	c.dns = nil
	m := mail{raw: sign(t, letter("ann@corp.example"), signing{domain: "corp.example"}), path: "ann@corp.example", peer: theirs}
	if got, want := m.authenticate(c), "none spf=temperror dkim=temperror dmarc=temperror"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

var errNever = errors.New("never")
