package senderauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Resolver asks DNS. *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// How long answers are kept. The resolver hides their TTL; key rotations and new SPF records are planned in hours.
const (
	keepFound   = 5 * time.Minute
	keepMissing = time.Minute
)

// Bounds of the cache. A hostile sender can empty it, but not make it grow.
const (
	maxAnswers    = 2048
	maxAnswerSize = 8 << 10 // bytes, roughly; a larger one is handed out and not kept
	maxQuestions  = 256     // under way at once
)

// cache is a Resolver that remembers, asks each question once at a time, and returns when the caller's context
// ends even if the resolver behind it does not. Its errors are *net.DNSError: not found, or temporary.
type cache struct {
	upstream Resolver
	timeout  time.Duration
	asking   chan struct{}

	mu      sync.Mutex
	answers map[string]*answer
}

// answer is one that is known, or will be when ready is closed. Its values are shared: nobody modifies them.
type answer struct {
	ready chan struct{}
	value any
	err   error
	until time.Time // guarded by cache.mu
}

func newCache(upstream Resolver, timeout time.Duration) *cache {
	return &cache{upstream: upstream, timeout: timeout, asking: make(chan struct{}, maxQuestions), answers: map[string]*answer{}}
}

func (c *cache) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return lookup(ctx, c, "TXT", name, c.upstream.LookupTXT)
}

func (c *cache) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return lookup(ctx, c, "MX", name, c.upstream.LookupMX)
}

func (c *cache) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	return lookup(ctx, c, "A", host, c.upstream.LookupIPAddr)
}

func (c *cache) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return lookup(ctx, c, "PTR", addr, c.upstream.LookupAddr)
}

// lookup returns the answer to a question, from memory, from whoever is asking it already, or by asking.
func lookup[T any](ctx context.Context, c *cache, kind, name string, ask func(context.Context, string) (T, error)) (T, error) {
	var zero T
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if name == "" || len(name) > 253 {
		return zero, &net.DNSError{Err: "not a domain name", Name: name, IsNotFound: true}
	}
	question := name
	if kind != "PTR" {
		question += "." // absolute: no search list of resolv.conf applies
	}
	a, isNew := c.answer(kind + " " + name)
	if isNew {
		// It outlives this caller: others may wait for it, and the next mail will want it. Its own timeout ends it.
		go c.ask(kind+" "+name, a, func(ctx context.Context) (any, error) { return ask(ctx, question) })
	}
	select {
	case <-a.ready:
		value, _ := a.value.(T)
		return value, a.err
	case <-ctx.Done():
		return zero, &net.DNSError{Err: ctx.Err().Error(), Name: name, IsTimeout: true, IsTemporary: true}
	}
}

// answer returns the entry of a question, and whether the caller has to have it asked.
func (c *cache) answer(key string) (a *answer, isNew bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.answers[key]; a != nil && time.Now().Before(a.until) {
		return a, false
	}
	if len(c.answers) >= maxAnswers {
		for old := range c.answers { // whichever comes first
			delete(c.answers, old)
			break
		}
	}
	a = &answer{ready: make(chan struct{}), until: time.Now().Add(c.timeout)}
	c.answers[key] = a
	return a, true
}

// ask has the question answered and decides how long the answer is kept.
func (c *cache) ask(key string, a *answer, ask func(context.Context) (any, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	select {
	case c.asking <- struct{}{}:
		a.value, a.err = contained(ctx, ask)
		<-c.asking
	case <-ctx.Done():
		a.err = fmt.Errorf("%d other questions are waiting for answers", maxQuestions)
	}
	a.err = dnsError(key, a.err)
	c.keep(key, a)
	close(a.ready)
}

// contained turns a panic of a resolver into an error.
func contained(ctx context.Context, ask func(context.Context) (any, error)) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("the resolver failed: %v", p)
		}
	}()
	return ask(ctx)
}

// keep sets the end of an answer's life. An outage is not remembered.
func (c *cache) keep(key string, a *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case a.err == nil && size(a.value) <= maxAnswerSize:
		a.until = time.Now().Add(keepFound)
	case isNotFound(a.err):
		a.until = time.Now().Add(keepMissing)
	case c.answers[key] == a:
		delete(c.answers, key)
	}
}

// dnsError makes the two errors out of what a resolver says: there is none, or nobody knows now.
func dnsError(question string, err error) error {
	var dns *net.DNSError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &dns) && dns.IsNotFound:
		return dns
	}
	return &net.DNSError{Err: err.Error(), Name: question, IsTemporary: true, IsTimeout: errors.Is(err, context.DeadlineExceeded)}
}

func isNotFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// size is about what an answer takes in memory, in bytes.
func size(value any) int {
	const record = 64
	switch v := value.(type) {
	case []string:
		n := 0
		for _, s := range v {
			n += len(s) + record
		}
		return n
	case []*net.MX:
		return len(v) * record
	case []net.IPAddr:
		return len(v) * record
	}
	return 0
}
