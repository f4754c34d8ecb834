package smtpd

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"blindcopy/crm"
)

// errAborted: the client left a message in chunks half sent. It has been answered.
var errAborted = errors.New("message aborted")

// errEndless: the body went on past twice the limit. The reply is the last word.
var errEndless = fmt.Errorf("%w, twice over", errTooBig)

// receive reads one message, has it delivered, and answers. The transaction ends here, however it ends.
func (s *session) receive(b body) {
	defer func() { s.tx = nil }()
	s.tx.began = time.Now()
	s.conn.beginBody()
	raw, err := s.read(b)
	var r reply
	if err == nil {
		r = s.deliver(raw)
	}
	s.conn.endBody()
	switch {
	case errors.Is(err, errAborted):
		return // has been answered
	case err != nil:
		r = replyTo(err)
		s.server.logRefusal(s, r, err)
	}
	for range s.tx.replyCount(s.lmtp) {
		s.reply(r) // a 421 is the last word: only the first is said
	}
	if errors.Is(err, errEndless) {
		s.hangup = true
	}
}

// read brings the body into a spool, to its end. What makes the message unwelcome on the
// way is noted and said at the end: a client listens only then.
func (s *session) read(b body) (crm.Raw, error) {
	t := &transfer{opts: &s.server.opts, spool: s.server.opts.NewSpool()}
	err := s.readBlocks(b, t)
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

func (s *session) readBlocks(b body, t *transfer) error {
	for {
		block, err := b.next()
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
			if err := s.nextChunk(b.(*chunkBody)); err != nil {
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
func (s *session) nextChunk(b *chunkBody) error {
	s.reply(chunkTaken)
	for !s.hangup {
		c, err := s.readCommand()
		switch {
		case errors.Is(err, errGone):
			return errLost
		case err == nil && c.verb == "BDAT":
			return s.beginChunk(b, c)
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

func (s *session) beginChunk(b *chunkBody, c command) error {
	size, last, err := parseChunk(c.arg)
	if err == nil && size == 0 && !last {
		err = s.charge(c)
	}
	if err != nil {
		s.lostStep(err)
		return errAborted
	}
	b.begin(s.conn.in, size, last)
	return nil
}

func (s *session) betweenChunks(c command) error {
	if err := s.charge(c); err != nil {
		return err
	}
	switch c.verb {
	case "NOOP":
		s.reply(nothingDone)
		return nil
	case "HELP":
		s.reply(commands)
		return nil
	case "RSET":
		s.reply(resetDone)
		return errAborted
	case "QUIT":
		s.reply(bye)
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
	if t.line+len(block) <= t.opts.MaxLine { // then no line that ends in it can be too long
		if end := bytes.LastIndexByte(block, '\n'); end >= 0 {
			t.line, block = 0, block[end+1:]
		}
		t.line += len(block)
		return
	}
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
