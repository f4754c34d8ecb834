package smtpd

import (
	"bytes"
	"errors"
	"fmt"

	"blindcopy/crm"
)

// errAborted: the client left a message in chunks half sent. It has been answered.
var errAborted = errors.New("message aborted")

// errEndless: the body went on past twice the limit. The reply is the last word.
var errEndless = fmt.Errorf("%w, twice over", errTooBig)

// read brings the body into a spool, to its end. What makes the message unwelcome on the
// way is noted and said at the end: a client listens only then.
func (s *session) read() (crm.Raw, error) {
	t := &transfer{opts: &s.server.opts, spool: s.server.opts.NewSpool()}
	err := s.readBlocks(t)
	if err == nil {
		err = t.refusal()
	}
	if err != nil {
		t.spool.Discard()
		return crm.Raw{}, err
	}
	raw, err := t.spool.Finish()
	if err != nil {
		return crm.Raw{}, fmt.Errorf("store the body: %w", err)
	}
	return raw, nil
}

func (s *session) readBlocks(t *transfer) error {
	for {
		block, err := s.body.next()
		switch {
		case err == nil:
		case errors.Is(err, errBodyEnd):
			return nil
		case errors.Is(err, errChunkEnd):
			// A refusal is due at the end of the chunk in which it happened, and leaves
			// no transaction for the chunks behind it.
			if err := t.refusal(); err != nil {
				return err
			}
			if err := s.nextChunk(); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%w after %d bytes: %w", errLost, t.size, err)
		}
		if t.take(block); t.size > 2*t.opts.MaxMessageBytes {
			return errEndless
		}
	}
}

// nextChunk answers a chunk and reads on to the next (RFC 3030 §2). Until the message is
// complete, only commands that leave it alone or end it are in order.
func (s *session) nextChunk() error {
	s.sayReply(ok("chunk received"))
	for !s.hangup {
		c, err := s.readCommand()
		switch {
		case errors.Is(err, errGone):
			return errLost
		case err == nil && c.verb == "BDAT":
			return s.beginChunk(c)
		case err == nil:
			err = s.betweenChunks(c)
		}
		if errors.Is(err, errAborted) {
			return err
		}
		if err != nil {
			s.fail(err)
		}
	}
	return errAborted
}

func (s *session) beginChunk(c command) error {
	size, last, err := parseChunk(c.arg)
	if err == nil && size == 0 && !last {
		err = s.charge(c)
	}
	if err != nil {
		s.lostStep(err)
		return errAborted
	}
	s.body.(*chunkBody).begin(size, last)
	return nil
}

func (s *session) betweenChunks(c command) error {
	if err := s.charge(c); err != nil {
		return err
	}
	switch c.verb {
	case "NOOP":
		s.sayReply(ok("nothing done"))
		return nil
	case "HELP":
		s.help()
		return nil
	case "RSET":
		s.sayReply(ok("message dropped"))
		return errAborted
	case "QUIT":
		s.say("221 2.0.0 bye\r\n")
		s.hangup = true
		return errAborted
	case "EHLO", "HELO", "LHLO":
		s.unread = c // it drops the message and wants its own reply (RFC 5321 §4.1.4)
		return errAborted
	}
	return errChunks
}

// transfer is a body on its way into the spool.
type transfer struct {
	opts  *Options
	spool Spool

	size     int64
	line     int // bytes since the last LF
	longLine bool
	hops     hopCounter
	failed   error // of the spool
}

// take looks a block over and spools it. A message that will be refused is read on, and dropped.
func (t *transfer) take(block []byte) {
	t.size += int64(len(block))
	t.hops.look(block)
	t.measureLines(block)
	if len(block) == 0 || t.refusal() != nil {
		return
	}
	if _, err := t.spool.Write(block); err != nil {
		t.failed = fmt.Errorf("spool the body: %w", err)
	}
}

// refusal is why the message so far cannot be taken. Of several reasons it gives the same
// one however the bytes arrived.
func (t *transfer) refusal() error {
	switch {
	case t.size > t.opts.MaxMessageBytes:
		return errTooBig
	case t.longLine:
		return errBodyLine
	case t.hops.count >= maxHops:
		return errLoop
	}
	return t.failed
}

func (t *transfer) measureLines(block []byte) {
	for !t.longLine {
		end := bytes.IndexByte(block, '\n')
		if end < 0 {
			t.line += len(block)
			t.longLine = t.line > t.opts.MaxLine+len("\r")
			return
		}
		t.longLine = t.line+end > t.opts.MaxLine+len("\r")
		t.line = 0
		block = block[end+1:]
	}
}
