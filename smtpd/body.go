package smtpd

import (
	"bufio"
	"bytes"
	"errors"
)

// body gives a message in blocks, transparency undone, and errBodyEnd after the last. A
// block is valid until the next call. errChunkEnd comes between two chunks of BDAT. Any
// other error means that the transfer was cut off: io.EOF too, which a connection may
// report together with its last bytes, before anybody knew that a body would follow.
type body interface {
	next() ([]byte, error)
}

var (
	errBodyEnd  = errors.New("end of the body")
	errChunkEnd = errors.New("end of a chunk")
)

// dotBody reads the body of DATA (RFC 5321 §4.5.2) in blocks as large as what has arrived.
//
// Only CRLF.CRLF ends it. Nine other sequences are taken for the end by some server
// somewhere (bare CR or LF for either CRLF); here they are data, so one message can never
// become two. The bytes reach the caller exactly as sent, save for the dot that the client
// put before a line that begins with one.
type dotBody struct {
	in      *bufio.Reader
	line    lineState
	pending int // bytes of the block that was given out last
	ended   bool
}

// lineState says what stands before the next byte.
type lineState int

const (
	atStart lineState = iota // CRLF, or the beginning
	afterCR
	inLine
)

func (b *dotBody) next() ([]byte, error) {
	if _, err := b.in.Discard(b.pending); err != nil {
		return nil, err // cannot happen: the block was in the buffer
	}
	b.pending = 0
	if b.ended {
		return nil, errBodyEnd
	}
	if b.line == atStart {
		if end, err := b.takeDot(); end || err != nil {
			return nil, err
		}
	}
	if _, err := b.in.Peek(1); err != nil {
		return nil, err
	}
	block, _ := b.in.Peek(b.in.Buffered())
	block = block[:b.scan(block)]
	b.pending = len(block)
	return block, nil
}

// takeDot looks at the beginning of a line. It takes a dot off it and reports errBodyEnd
// where the line is the end of the data.
func (b *dotBody) takeDot() (end bool, err error) {
	head, err := b.in.Peek(1)
	if err != nil {
		return false, err
	}
	if head[0] != '.' {
		return false, nil
	}
	// Two more bytes decide, but the second is waited for only behind a CR.
	head, err = b.in.Peek(2)
	if err == nil && head[1] == '\r' {
		head, err = b.in.Peek(3)
	}
	if err != nil {
		return false, err
	}
	if string(head) == ".\r\n" {
		b.ended = true
		_, _ = b.in.Discard(3)
		return true, errBodyEnd
	}
	_, _ = b.in.Discard(1)
	b.line = inLine
	return false, nil
}

var lineWithDot = []byte("\r\n.")

// scan returns how much of the block can be given out as it is: up to the next line that
// begins with a dot, and leaves b.line as it stands there.
func (b *dotBody) scan(block []byte) int {
	if b.line == afterCR && block[0] == '\n' {
		b.line = atStart
		return 1
	}
	if i := bytes.Index(block, lineWithDot); i >= 0 {
		b.line = atStart
		return i + 2
	}
	switch {
	case bytes.HasSuffix(block, lineWithDot[:2]):
		b.line = atStart
	case block[len(block)-1] == '\r':
		b.line = afterCR
	default:
		b.line = inLine
	}
	return len(block)
}
