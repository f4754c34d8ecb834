package smtpd

import (
	"bufio"
	"bytes"
	"sync"
	"time"
)

const (
	readBuffer = 32 << 10
	// A command, or a pipelined group of a few, arrives in one read of this size.
	firstRead = 256
)

// Most sessions are waiting for their peer most of the time. While they do they own no buffers but the
// few bytes of conn.first: a thousand idle ones then cost megabytes, not tens of them.
var (
	readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}
	writers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
)

// await returns when at least a byte of the next command is there, and the buffer to read it from.
func (c *conn) await() error {
	if c.in != nil && c.in.Buffered() > 0 {
		return nil
	}
	c.dropInput()
	n, err := connReader{c}.Read(c.first[:])
	if n == 0 && err != nil {
		return err
	}
	// An error beside bytes comes again at the next read: what was said in full counts.
	c.ahead = c.first[:n]
	c.in = readers.Get().(*bufio.Reader)
	c.in.Reset(connReader{c})
	return nil
}

// dropInput gives the buffer back, with whatever is in it.
func (c *conn) dropInput() {
	c.ahead = nil
	if c.in == nil {
		return
	}
	c.in.Reset(nil)
	readers.Put(c.in)
	c.in = nil
}

// say puts a reply into the buffer. A write error shows at the next read: a message in custody must not
// be lost for it.
func (c *conn) say(line string) {
	if c.out == nil {
		c.out = writers.Get().(*bytes.Buffer)
	}
	c.out.WriteString(line)
	if c.out.Len() >= maxUnsent {
		_ = c.flush()
	}
}

// maxUnsent bounds the replies to a pipelined group that are kept for one segment.
const maxUnsent = 4 << 10

// flush sends what waits in the buffer and gives it back.
func (c *conn) flush() error {
	if c.out == nil {
		return nil
	}
	out := c.out
	c.out = nil
	defer writers.Put(out)
	defer out.Reset()
	wire := c.transport()
	if err := wire.SetWriteDeadline(time.Now().Add(c.opts.WriteTimeout)); err != nil {
		return err
	}
	_, err := wire.Write(out.Bytes())
	return err
}

// connReader is the raw end below the buffer. Whoever has to wait for the peer sends first what the peer waits for.
type connReader struct{ c *conn }

func (r connReader) Read(p []byte) (int, error) {
	c := r.c
	if len(c.ahead) > 0 {
		n := copy(p, c.ahead)
		c.ahead = c.ahead[n:]
		return n, nil
	}
	if err := c.flush(); err != nil {
		return 0, err
	}
	wire, err := c.arm()
	if err != nil {
		return 0, err
	}
	n, err := wire.Read(p)
	return n, c.arrived(n, err)
}
