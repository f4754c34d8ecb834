package smtpd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// An endless command line is read this far to keep in step, then the peer is cut off.
const maxSkippedLine = 1 << 20

// conn is a connection with manners. It writes replies out only when it has to wait for
// the peer, so that a pipelined group is answered in one segment (RFC 2920 §3.2), and it
// bounds how long the peer may keep us:
//
//	a command line   ReadTimeout from its first wait to its end, and the age of the session
//	a body           ReadTimeout of silence, and MinRate on average
//	a reply          WriteTimeout
//
// The end of file inside a body is io.ErrUnexpectedEOF: nobody may take it for the end of
// a message.
type conn struct {
	remote netip.Addr // zero on a Unix socket
	local  bool       // a Unix socket

	in    *bufio.Reader // nil while a command is waited for
	ahead []byte        // of first: what has arrived and is not in the buffer of in yet
	out   *bytes.Buffer // replies that wait for their segment; nil while there are none
	first [firstRead]byte

	opts    *Options
	expires time.Time // no command line is waited for past this

	mu       sync.Mutex
	wire     net.Conn // TCP or Unix, PROXY header taken off, TLS from STARTTLS on
	stopping stopPhase
	inBody   bool
	lineEnd  time.Time // until when the command line must be complete
	began    time.Time // when the body began
	received int64     // bytes of it, as a measure of the rate
}

// stopPhase says who has to leave: nobody, whoever is between messages, everybody.
type stopPhase int

const (
	serving stopPhase = iota
	draining
	cutting
)

func newConn(wire net.Conn, remote netip.Addr, o *Options) *conn {
	_, local := wire.LocalAddr().(*net.UnixAddr)
	return &conn{wire: wire, remote: remote, local: local, opts: o, expires: time.Now().Add(o.SessionTimeout)}
}

func (c *conn) transport() net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wire
}

// arm sets the deadline of the next read.
func (c *conn) arm() (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mustLeave() {
		return nil, errStopping
	}
	deadline := c.lineEnd
	if c.inBody {
		deadline = c.bodyDeadline()
	}
	return c.wire, c.wire.SetReadDeadline(deadline)
}

// bodyDeadline: every read extends it, but no further than the bytes so far have earned.
// One byte each four minutes is thus no way to hold a session for ever.
func (c *conn) bodyDeadline() time.Time {
	earned := time.Duration(c.received) * time.Second / time.Duration(c.opts.MinRate)
	return earliest(time.Now().Add(c.opts.ReadTimeout), c.began.Add(c.opts.ReadTimeout+earned))
}

// arrived accounts for a read and names its error.
func (c *conn) arrived(n int, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inBody {
		c.received += int64(n)
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
	}
	if c.mustLeave() && errors.Is(err, os.ErrDeadlineExceeded) {
		return errStopping
	}
	return err
}

func (c *conn) mustLeave() bool {
	return c.stopping == cutting || c.stopping == draining && !c.inBody
}

// readLine returns the next complete command line without its end. A line that the peer
// never finished is an error, not a command. errLineTooLong leaves the connection in step.
//
// QUIRK: a bare LF ends a command line too, for people who type by hand. Inside a body it
// ends nothing (body.go).
func (c *conn) readLine() (string, error) {
	c.mu.Lock()
	c.lineEnd = earliest(time.Now().Add(c.opts.ReadTimeout), c.expires)
	c.mu.Unlock()

	if err := c.await(); err != nil {
		return "", err
	}
	line, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", c.skipLine()
	}
	if err != nil {
		return "", err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) > maxCommandLine {
		return "", errLineTooLong
	}
	return string(line), nil
}

func (c *conn) skipLine() error {
	for range maxSkippedLine / readBuffer {
		_, err := c.in.ReadSlice('\n')
		if err == nil {
			return errLineTooLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
	return errErrors
}

// beginBody and endBody enclose the time in which the peer may finish although we are
// stopping, and the end of file is an error.
func (c *conn) beginBody() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inBody, c.began, c.received = true, time.Now(), int64(c.in.Buffered())
}

func (c *conn) endBody() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inBody = false
}

// stop begins a phase, and wakes the connection if it has to leave in it.
func (c *conn) stop(phase stopPhase) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = phase
	if c.mustLeave() {
		_ = c.wire.SetReadDeadline(time.Unix(1, 0))
	}
}

// tooOld: the session has had its time.
func (c *conn) tooOld() bool { return !time.Now().Before(c.expires) }

func (c *conn) isStopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopping != serving
}

// lingerTime and lingerBytes bound what is read from a peer that still talks after we
// have said the last word. Closing with unread data makes TCP reset the connection, and
// the peer may lose the reply with it.
const (
	lingerTime  = 400 * time.Millisecond
	lingerBytes = 4 << 20
)

// close sends what is waiting and ends the connection; last says that we end it, not the peer.
func (c *conn) close(last bool) {
	wire := c.transport()
	err := c.flush()
	if half, ok := wire.(interface{ CloseWrite() error }); ok && last && err == nil {
		_ = half.CloseWrite()
		_ = wire.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.CopyN(io.Discard, wire, lingerBytes)
	}
	_ = wire.Close()
	c.dropInput()
}

// cut ends the connection from outside the session.
func (c *conn) cut() { _ = c.transport().Close() }

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
