package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"blindcopy/crm"
)

// Inbox is who takes mail.
type Inbox interface {
	// Resolve says which mailbox a forward path (without <>) is. crm.ErrUnknownRecipient,
	// crm.ErrRevokedRecipient and crm.ErrForeignDomain are final; any other error is ours
	// and temporary.
	Resolve(ctx context.Context, path string) (crm.Recipient, error)
	// Take has custody: it returns once the transaction that holds the message is on disk.
	// After an error the sender keeps the message. Take must not touch in.Raw after it has
	// returned: the server then releases it.
	Take(ctx context.Context, in *crm.Inbound) (crm.Receipt, error)
}

// Spool holds a body while it arrives. Exactly one of Finish and Discard is called, once.
// An error that is crm.ErrNoSpace becomes 452 4.3.1.
type Spool interface {
	io.Writer
	Finish() (crm.Raw, error)
	Discard()
}

// Options of a Server. NewSpool and NewID are required; everything else has a sensible zero.
type Options struct {
	Listen   []string // host:port; port 0 takes any free one
	LMTP     string   // host:port, or the path of a Unix socket (it has a slash); empty: no LMTP
	Hostname string   // in the greeting; the machine's name
	Domain   string   // where a bare <postmaster> lives; Hostname

	MaxMessageBytes int64 // a message of exactly this size is taken; 35 MiB
	MaxLine         int   // bytes of a line of the body, without its end; 1 MiB
	MaxRecipients   int   // per message; 100
	MaxConnections  int   // in all; 1000
	MaxPerIP        int   // per address; 50

	ReadTimeout    time.Duration // silence, and the time for one command line; 5 min (RFC 5321 §4.5.3.2.7)
	WriteTimeout   time.Duration // for a reply to leave; 1 min
	SessionTimeout time.Duration // after this age no new command is taken; 1 h
	TakeTimeout    time.Duration // for Inbox.Take; 60 s
	DrainTimeout   time.Duration // at stop, for messages that are being received; 14 s
	MinRate        int64         // bytes a second of a body, on average and after ReadTimeout; 4096

	Trusted []netip.Prefix // submission: no connection caps, full replies
	Relay   []netip.Prefix // mail servers of ours: no connection caps
	Proxy   []netip.Prefix // load balancers: these, and only these, must open with a PROXY header

	TLS      *tls.Config // nil: STARTTLS is not offered
	TLSReady func() bool // false: no certificate yet, so STARTTLS is not offered either; nil: there is one

	NewSpool func() Spool
	NewID    func() crm.IntakeID
	Now      func() time.Time // the clock of ReceivedAt; time.Now
	Log      *slog.Logger     // the mail log; discarded when nil
}

// withDefaults fills what was left zero.
func (o Options) withDefaults() (Options, error) {
	if o.NewSpool == nil || o.NewID == nil {
		return o, errors.New("smtpd: Options.NewSpool and Options.NewID must be set")
	}
	if o.Hostname == "" {
		o.Hostname = machineName()
	}
	orElse(&o.Domain, o.Hostname)
	orElse(&o.MaxMessageBytes, 35<<20)
	orElse(&o.MaxLine, 1<<20)
	orElse(&o.MaxRecipients, 100)
	orElse(&o.MaxConnections, 1000)
	orElse(&o.MaxPerIP, 50)
	orElse(&o.ReadTimeout, 5*time.Minute)
	orElse(&o.WriteTimeout, time.Minute)
	orElse(&o.SessionTimeout, time.Hour)
	orElse(&o.TakeTimeout, time.Minute)
	orElse(&o.DrainTimeout, 14*time.Second)
	orElse(&o.MinRate, 4096)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

func orElse[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

func machineName() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

// within reports whether an address lies in one of the networks. The zero Addr, which is
// the peer of a Unix socket, lies in none.
func within(networks []netip.Prefix, addr netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(addr) {
			return true
		}
	}
	return false
}
