// Package senderauth finds out whether the author of a message wrote it: SPF (RFC 7208), DKIM (RFC 6376,
// RFC 8463) and the alignment of DMARC (RFC 7489), or the word of a mail server of ours that looked first.
//
// It keeps nothing on disk and refuses nothing. What the result means for a mail is the linker's business.
package senderauth

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"blindcopy/crm"
)

// DefaultTimeout bounds all of one message, its DNS look-ups and its hashing. SMTP clients wait 10 minutes
// for the answer to DATA (RFC 5321 §4.5.3.2.6); people who wait for their test mail do not.
const DefaultTimeout = 5 * time.Second

// Options of a Checker. The zero value asks the machine's resolver and knows no relay.
type Options struct {
	Resolver      Resolver       // nil: net.DefaultResolver
	Timeout       time.Duration  // for one message; 0: DefaultTimeout
	RelayNetworks []netip.Prefix // mail servers of ours that also receive from outside: SPF of them says nothing
	AuthservIDs   []string       // RFC 8601 §2.5: whose Authentication-Results are believed, if RelayNetworks bring them
	Log           *slog.Logger   // nil: slog.Default
}

// Checker authenticates authors. Its methods may be called from many goroutines.
type Checker struct {
	dns     *cache
	timeout time.Duration
	relays  []netip.Prefix
	ids     []string
	log     *slog.Logger
	hashing chan struct{} // bounds how many bodies are hashed at once
}

// New builds a checker.
func New(o Options) *Checker {
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Checker{
		dns:     newCache(o.Resolver, o.Timeout),
		timeout: o.Timeout,
		relays:  o.RelayNetworks,
		ids:     o.AuthservIDs,
		log:     o.Log,
		hashing: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
}

// Authenticate tells whether author wrote the message. It returns within the timeout, whatever DNS does;
// what could not be found out by then is temperror, and never a reason to call anybody a forger.
//
// The words are those of RFC 8601 §2.7, and "skipped" for what was not looked at. A relay of ours is treated
// as one even if it is also in a trusted network: a mail server on this machine is in 127.0.0.0/8, and what
// it passes on was still written outside.
func (c *Checker) Authenticate(ctx context.Context, in *crm.Inbound, author crm.Address) crm.SenderAuth {
	relayed := c.isRelay(in.Remote)
	if in.Trusted && !relayed {
		return crm.SenderAuth{SPF: skipped, DKIM: skipped, DMARC: skipped, Result: crm.AuthPass}
	}
	head, body := splitHeader(in.Raw.Bytes)
	if only, ok := head.author(); !ok || only != author {
		// RFC 7489 §6.6.1: without exactly one author there is nobody whom a domain could vouch for.
		return crm.SenderAuth{SPF: skipped, DKIM: skipped, DMARC: permError, Result: crm.AuthFail}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	e := c.collect(ctx, in, head, body, author.Domain(), relayed)
	auth := e.conclude()
	c.log.Debug("authenticated", "intake", in.ID, "author", author, "peer", in.Remote,
		"spf", auth.SPF, "dkim", auth.DKIM, "dmarc", auth.DMARC, "result", auth.Result)
	return auth
}

// collect runs the checks side by side and waits for all of them: every wait in them ends with ctx.
func (c *Checker) collect(ctx context.Context, in *crm.Inbound, head header, body []byte, domain string, relayed bool) evidence {
	// What a check leaves here by failing altogether is a temporary error.
	e := evidence{author: domain, spf: finding{tempError, domain}, dkim: []finding{{tempError, domain}}, policy: unknownPolicy}
	var checks sync.WaitGroup
	run := func(check func()) {
		checks.Go(func() {
			defer c.contain(in.ID)
			check()
		})
	}
	run(func() { e.policy = c.lookupPolicy(ctx, domain) })
	run(func() { e.dkim = c.checkDKIM(ctx, head, body, domain, in.Raw.Rest) })
	if relayed {
		e.spf = finding{word: skipped}
	} else {
		run(func() { e.spf = c.checkSPF(ctx, in) })
	}
	checks.Wait()
	if relayed {
		e.add(c.vouched(head), domain)
	}
	return e
}

// contain keeps a fault of ours or of a library from taking the server down.
func (c *Checker) contain(id crm.IntakeID) {
	if p := recover(); p != nil {
		c.log.Error("authenticating a sender failed", "intake", id, "err", p, "stack", string(debug.Stack()))
	}
}

func (c *Checker) isRelay(peer netip.Addr) bool {
	peer = peer.Unmap().WithZone("")
	return peer.IsValid() && slices.ContainsFunc(c.relays, func(p netip.Prefix) bool { return p.Contains(peer) })
}
