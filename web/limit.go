package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bound how often somebody may try to sign in.
type limits struct {
	now       func() time.Time
	byAddress *buckets // an office behind one address signs in together
	byAccount *buckets
	badTokens *buckets // by address
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, byAddress: newBuckets(rate.Every(3*time.Second), 30), byAccount: newBuckets(rate.Every(time.Minute), 10),
		badTokens: newBuckets(rate.Every(3*time.Second), 30)}
}

// attempt counts one attempt to sign in; errTooMany if it is one too many.
func (l *limits) attempt(address, account string) error {
	now := l.now()
	if !l.byAddress.allow(address, now) || account != "" && !l.byAccount.allow(account, now) {
		return errTooMany
	}
	return nil
}

// succeeded forgives an account its failures.
func (l *limits) succeeded(account string) { l.byAccount.forget(account) }

// buckets are limiters by name. Their number is bounded: past it all are forgotten, which costs an attacker ten
// thousand names and gives him a few attempts.
type buckets struct {
	every rate.Limit
	burst int

	mu     sync.Mutex
	byName map[string]*rate.Limiter
}

const maxBuckets = 10_000

func newBuckets(every rate.Limit, burst int) *buckets {
	return &buckets{every: every, burst: burst, byName: map[string]*rate.Limiter{}}
}

func (b *buckets) allow(name string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.byName[name]
	if l == nil {
		if len(b.byName) >= maxBuckets {
			b.byName = map[string]*rate.Limiter{}
		}
		l = rate.NewLimiter(b.every, b.burst)
		b.byName[name] = l
	}
	return l.AllowN(now, 1)
}

func (b *buckets) forget(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.byName, name)
}
