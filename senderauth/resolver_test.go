package senderauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeDNS answers TXT questions by a function and counts them. Any other question finds nothing.
type fakeDNS struct {
	txt   func(ctx context.Context, name string) ([]string, error)
	mu    sync.Mutex
	asked map[string]int
}

func (d *fakeDNS) LookupTXT(ctx context.Context, name string) ([]string, error) {
	d.mu.Lock()
	if d.asked == nil {
		d.asked = map[string]int{}
	}
	d.asked[name]++
	d.mu.Unlock()
	return d.txt(ctx, name)
}

func (d *fakeDNS) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return nil, missing(name)
}

func (d *fakeDNS) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	return nil, missing(host)
}

func (d *fakeDNS) LookupAddr(_ context.Context, addr string) ([]string, error) {
	return nil, missing(addr)
}

func missing(name string) error {
	return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// TestCache has what is remembered and for how long.
func TestCache(t *testing.T) {
	ctx := context.Background()
	test := func(rule string, check func(t *testing.T, c *cache, d *fakeDNS)) {
		t.Run(rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &fakeDNS{txt: func(_ context.Context, name string) ([]string, error) {
					time.Sleep(time.Second)
					switch {
					case strings.HasPrefix(name, "missing"):
						return nil, missing(name)
					case strings.HasPrefix(name, "down"):
						return nil, errors.New("server misbehaving")
					case strings.HasPrefix(name, "huge"):
						return []string{strings.Repeat("x", maxAnswerSize)}, nil
					}
					return []string{"text of " + name}, nil
				}}
				check(t, newCache(d, 5*time.Second), d)
			})
		})
	}
	asked := func(t *testing.T, d *fakeDNS, name string, want int) {
		t.Helper()
		if got := d.asked[name]; got != want {
			t.Errorf("%s was asked for %d times, want %d", name, got, want)
		}
	}

	test("an answer is kept for five minutes", func(t *testing.T, c *cache, d *fakeDNS) {
		for range 3 {
			if txt, err := c.LookupTXT(ctx, "Found.Example."); err != nil || txt[0] != "text of found.example." {
				t.Errorf("got %q, %v", txt, err)
			}
			time.Sleep(keepFound/2 - 2*time.Second)
		}
		asked(t, d, "found.example.", 1)
		time.Sleep(10 * time.Second)
		c.LookupTXT(ctx, "found.example")
		asked(t, d, "found.example.", 2)
	})
	test("that there is none is kept for one", func(t *testing.T, c *cache, d *fakeDNS) {
		for range 2 {
			if _, err := c.LookupTXT(ctx, "missing.example"); !isNotFound(err) {
				t.Errorf("got %v, want not found", err)
			}
			time.Sleep(keepMissing - time.Second)
		}
		asked(t, d, "missing.example.", 1)
		time.Sleep(2 * time.Second)
		c.LookupTXT(ctx, "missing.example")
		asked(t, d, "missing.example.", 2)
	})
	test("an outage is not kept, and is never not-found", func(t *testing.T, c *cache, d *fakeDNS) {
		for range 2 {
			_, err := c.LookupTXT(ctx, "down.example")
			if e, ok := err.(*net.DNSError); !ok || !e.IsTemporary || e.IsNotFound {
				t.Errorf("got %#v, want a temporary error", err)
			}
		}
		asked(t, d, "down.example.", 2)
	})
	test("what is too large is handed out and not kept", func(t *testing.T, c *cache, d *fakeDNS) {
		for range 2 {
			if txt, err := c.LookupTXT(ctx, "huge.example"); err != nil || len(txt) != 1 {
				t.Errorf("got %d records, %v", len(txt), err)
			}
		}
		asked(t, d, "huge.example.", 2)
	})
	test("a hundred askers are one question", func(t *testing.T, c *cache, d *fakeDNS) {
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if txt, err := c.LookupTXT(ctx, "found.example"); err != nil || len(txt) != 1 {
					t.Errorf("got %q, %v", txt, err)
				}
			})
		}
		all.Wait()
		asked(t, d, "found.example.", 1)
	})
	test("who asks and leaves does not spoil it for the others", func(t *testing.T, c *cache, d *fakeDNS) {
		var others sync.WaitGroup
		hasty, leave := context.WithTimeout(ctx, time.Millisecond)
		defer leave()
		if _, err := c.LookupTXT(hasty, "found.example"); err == nil || isNotFound(err) {
			t.Errorf("got %v, want a time-out", err)
		}
		others.Go(func() {
			if _, err := c.LookupTXT(ctx, "found.example"); err != nil {
				t.Error(err)
			}
		})
		others.Wait()
		asked(t, d, "found.example.", 1)
	})
	test("it does not outgrow its bounds", func(t *testing.T, c *cache, d *fakeDNS) {
		var all sync.WaitGroup
		for i := range maxAnswers + 500 {
			if i%maxQuestions == 0 {
				all.Wait()
			}
			all.Go(func() { c.LookupTXT(ctx, fmt.Sprintf("n%d.example", i)) })
		}
		all.Wait()
		if len(c.answers) > maxAnswers {
			t.Errorf("%d answers are kept, want at most %d", len(c.answers), maxAnswers)
		}
	})
	test("no more than 256 questions are under way", func(t *testing.T, c *cache, d *fakeDNS) {
		most := 0
		d.txt = func(context.Context, string) ([]string, error) {
			d.mu.Lock()
			most = max(most, len(c.asking))
			d.mu.Unlock()
			time.Sleep(time.Second)
			return nil, nil
		}
		var all sync.WaitGroup
		for i := range 3 * maxQuestions {
			all.Go(func() { c.LookupTXT(ctx, fmt.Sprintf("n%d.example", i)) })
		}
		all.Wait()
		if most != maxQuestions {
			t.Errorf("%d questions were under way, want %d", most, maxQuestions)
		}
	})
	test("a name beyond all length is not asked for", func(t *testing.T, c *cache, d *fakeDNS) {
		name := strings.Repeat("x.", 127)
		if _, err := c.LookupTXT(ctx, name+"example"); !isNotFound(err) {
			t.Errorf("got %v, want not found", err)
		}
		asked(t, d, name+"example.", 0)
	})
}
