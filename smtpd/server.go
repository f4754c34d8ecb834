package smtpd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pires/go-proxyproto"
)

// Server takes mail on its listeners. Listen binds them, Run serves until it is told to stop.
type Server struct {
	opts  Options
	inbox Inbox
	log   *slog.Logger

	listeners []listener
	stats     counters
	guesses   guesses
	sources   sources

	// custody is the context of everything done for a client: it outlives the client and
	// the order to stop, and ends when the time to drain has run out.
	custody  context.Context
	stopping chan struct{}
	sessions sync.WaitGroup

	mu      sync.Mutex
	conns   map[*conn]struct{}
	stopped bool
}

// New returns a Server that hands its mail to inbox.
func New(inbox Inbox, o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Server{
		opts: o, inbox: inbox, log: o.Log,
		custody:  context.Background(),
		stopping: make(chan struct{}),
		conns:    map[*conn]struct{}{},
	}, nil
}

// Stats returns the counters.
func (s *Server) Stats() Stats {
	stats := s.stats.snapshot()
	s.mu.Lock()
	defer s.mu.Unlock()
	stats.Open = len(s.conns)
	return stats
}

// Run serves until ctx is done. Then it closes the listeners, answers 421 to whoever is
// between messages, lets messages that are being received finish within DrainTimeout,
// cuts the rest, and returns: a second later at most. An error means that a message was
// still being taken even then.
func (s *Server) Run(ctx context.Context) error {
	custody, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	s.custody = custody

	var accepting sync.WaitGroup
	for _, l := range s.listeners {
		accepting.Go(func() { s.accept(l) })
	}
	<-ctx.Done()

	for _, l := range s.listeners {
		_ = l.Close()
	}
	close(s.stopping)
	s.stop(draining)
	accepting.Wait()
	if s.ended(s.opts.DrainTimeout) {
		return nil
	}
	cut()
	s.stop(cutting)
	if s.ended(cutTime) {
		return nil
	}
	s.cutAll()
	if s.ended(cutTime) {
		return nil
	}
	return errors.New("smtpd: stopped while a message was still being taken: its sender will try again")
}

// cutTime is for saying 421, and then again for sessions that cannot say anything.
const cutTime = 500 * time.Millisecond

// stop tells every session, and makes sure that no new one begins.
func (s *Server) stop(phase stopPhase) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for c := range s.conns {
		c.stop(phase)
	}
}

func (s *Server) cutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.cut()
	}
}

// ended waits for the sessions, but not longer than d.
func (s *Server) ended(d time.Duration) bool {
	done := make(chan struct{})
	go func() {
		s.sessions.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(d):
		return false
	}
}

// accept starts a session for each connection until the listener is closed.
func (s *Server) accept(l listener) {
	pause := 5 * time.Millisecond
	for {
		wire, err := l.Accept()
		if err == nil {
			pause = 5 * time.Millisecond
			s.sessions.Go(func() { s.serve(wire, l.lmtp) })
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		// Out of file descriptors, as a rule: sessions that end give some back.
		s.log.Warn("cannot accept connections", "listen", l.Addr().String(), "err", err)
		select {
		case <-time.After(pause):
		case <-s.stopping:
		}
		pause = min(2*pause, time.Second)
	}
}

// serve is one connection from its first byte to its last.
func (s *Server) serve(wire net.Conn, lmtp bool) {
	wire, remote, err := s.behindProxy(wire)
	if err != nil {
		s.log.Info("refused", "peer", wire.RemoteAddr().String(), "err", err)
		_ = wire.Close()
		return
	}
	c := newConn(wire, remote, &s.opts)
	ses := &session{server: s, conn: c, lmtp: lmtp, trusted: within(s.opts.Trusted, remote)}
	if err := s.enter(c); err != nil {
		ses.refuse(err)
		c.close(false)
		return
	}
	defer s.leave(c)
	s.stats.session()

	ses.greet()
	ses.converse()
	for ses.upgrade {
		if err := c.secure(s.opts.TLS); err != nil {
			s.log.Info("refused", "peer", ses.peer(), "helo", ses.helo, "err", fmt.Errorf("TLS handshake: %w", err))
			c.cut()
			return
		}
		ses = ses.afresh()
		ses.converse()
	}
	c.close(!ses.gone)
}

// behindProxy takes the PROXY header off connections from the networks that must send
// one. The header of anybody else stays where it is, and is no SMTP command.
func (s *Server) behindProxy(wire net.Conn) (net.Conn, netip.Addr, error) {
	remote := addrOf(wire)
	if !within(s.opts.Proxy, remote) {
		return wire, remote, nil
	}
	timeout := min(s.opts.ReadTimeout, proxyproto.DefaultReadHeaderTimeout)
	proxied := proxyproto.NewConn(wire, proxyproto.WithPolicy(proxyproto.REQUIRE), proxyproto.SetReadHeaderTimeout(timeout))
	if proxied.ProxyHeader() == nil {
		return wire, remote, errors.New("no PROXY header from a network that must send one")
	}
	return proxied, addrOf(proxied), nil
}

// addrOf is the IP address of the peer; the zero Addr where it has none.
func addrOf(wire net.Conn) netip.Addr {
	tcp, ok := wire.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap()
}

// enter counts a connection in, if the caps allow.
func (s *Server) enter(c *conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errStopping
	}
	ours := c.local || within(s.opts.Relay, c.remote) || within(s.opts.Trusted, c.remote)
	if !ours && len(s.conns) >= s.opts.MaxConnections {
		s.stats.limit("connections")
		return errConnections
	}
	limit := s.opts.MaxPerIP
	if ours {
		limit = math.MaxInt
	}
	if !s.sources.enter(c.remote, limit) {
		s.stats.limit("per_address")
		return errConnections
	}
	s.conns[c] = struct{}{}
	return nil
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.sources.leave(c.remote)
}
