package smtpd

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Budgets of one session.
const (
	maxErrors  = 20 // bad commands
	maxUnknown = 5  // recipients we do not know; the next one ends the session

	// Each command since the last message costs: one that carries a message forward 1,
	// any other 20. A hundred NOOPs, or a list of 1,900 recipients, and that is it.
	maxCost   = 2000
	costIdle  = 20
	costOfUse = 1
)

// A source that guesses gets five answers soon, then one a second, then none: whoever
// would have to wait longer than maxGuessDelay is sent away.
const (
	guessTime     = 20 * time.Millisecond // each answer's least; no look-up takes that long
	guessBurst    = 5
	guessInterval = time.Second
	maxGuessDelay = 10 * time.Second
	maxSources    = 4096
)

// guesses slows down those who try out addresses. Nobody who writes to addresses that
// exist meets it.
type guesses struct {
	mu      sync.Mutex
	sources map[netip.Prefix]*rate.Limiter
}

// delay notes a guess and says how long the answer has to wait; false: too long.
func (g *guesses) delay(from netip.Addr, now time.Time) (time.Duration, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	source := g.source(network(from), now)
	wait := source.ReserveN(now, 1)
	delay := wait.DelayFrom(now)
	if delay > maxGuessDelay {
		wait.CancelAt(now)
		return 0, false
	}
	return delay, true
}

func (g *guesses) source(from netip.Prefix, now time.Time) *rate.Limiter {
	if l, ok := g.sources[from]; ok {
		return l
	}
	if g.sources == nil {
		g.sources = map[netip.Prefix]*rate.Limiter{}
	}
	if len(g.sources) >= maxSources {
		g.forget(now)
	}
	l := rate.NewLimiter(rate.Every(guessInterval), guessBurst)
	g.sources[from] = l
	return l
}

// forget drops the sources that have been quiet for long enough to start afresh, and if
// that makes no room, everybody: the memory is bounded, and a flood from so many networks
// is not slowed down by remembering them.
func (g *guesses) forget(now time.Time) {
	for from, l := range g.sources {
		if l.TokensAt(now) >= guessBurst {
			delete(g.sources, from)
		}
	}
	if len(g.sources) >= maxSources {
		clear(g.sources)
	}
}

// network is what counts as one source: an IPv4 address, or the /64 that an IPv6 site
// has 2^64 addresses of.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // only the zero Addr fails, and all of those are one source
	return p
}

// sources counts the open connections of each network.
type sources struct {
	mu   sync.Mutex
	open map[netip.Prefix]int
}

// enter counts a connection in, unless limit are open already.
func (s *sources) enter(a netip.Addr, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[netip.Prefix]int{}
	}
	if s.open[network(a)] >= limit {
		return false
	}
	s.open[network(a)]++
	return true
}

func (s *sources) leave(a netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := network(a)
	if s.open[n]--; s.open[n] <= 0 {
		delete(s.open, n)
	}
}
