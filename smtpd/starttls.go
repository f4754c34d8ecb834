package smtpd

import (
	"crypto/tls"
	"time"
)

// startTLS ends this conversation. Server.serve makes the handshake and begins another, so that nothing
// from before survives (RFC 3207 §4.2).
func (s *session) startTLS(c command) error {
	switch {
	case c.arg != "":
		return errArguments
	case s.conn.tlsVersion() != "":
		return errSecured
	case !s.canStartTLS():
		return errNotOffered
	}
	s.reply(goAhead)
	s.upgrade = true
	return nil
}

// canStartTLS: there is a certificate, and TLS is not on yet.
func (s *session) canStartTLS() bool {
	o := &s.server.opts
	return o.TLS != nil && s.conn.tlsVersion() == "" && (o.TLSReady == nil || o.TLSReady())
}

// afresh is the session that begins on the same connection after STARTTLS: of the old one
// only the budgets remain. It is not greeted again.
func (s *session) afresh() *session {
	return &session{
		server: s.server, conn: s.conn, lmtp: s.lmtp, trusted: s.trusted,
		errors: s.errors, unknown: s.unknown, cost: s.cost,
	}
}

// secure makes the handshake of STARTTLS. Whatever the peer sent in the clear behind the
// command is thrown away (RFC 3207 §5, CVE-2011-0411).
func (c *conn) secure(config *tls.Config) error {
	if err := c.flush(); err != nil {
		return err
	}
	c.dropInput()
	if err := c.armHandshake(); err != nil {
		return err
	}
	secured := tls.Server(c.transport(), config)
	// Nothing else in a session goes as deep: on a stack of its own, which is given back.
	done := make(chan error, 1)
	go func() { done <- secured.Handshake() }()
	if err := <-done; err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wire = secured
	return nil
}

// handshakeTime is what a peer has for all of it.
const handshakeTime = time.Minute

// armHandshake sets the deadline, which stop brings forward.
func (c *conn) armHandshake() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mustLeave() {
		return errStopping
	}
	return c.wire.SetDeadline(time.Now().Add(min(c.opts.ReadTimeout, handshakeTime)))
}

// tlsVersion is "TLS 1.3" and so on, or empty in the clear.
func (c *conn) tlsVersion() string {
	if secured, ok := c.transport().(*tls.Conn); ok {
		return tls.VersionName(secured.ConnectionState().Version)
	}
	return ""
}
