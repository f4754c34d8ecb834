package smtpd

import "bufio"

// chunkBody reads the chunks of BDAT (RFC 3030): counted bytes, nothing to undo. After a
// chunk that is not the last it says errChunkEnd, and goes on once begin has told it of
// the next.
type chunkBody struct {
	in      *bufio.Reader
	left    int64 // bytes of this chunk that have not been given out
	last    bool
	pending int // bytes of the block that was given out last
}

// begin opens a chunk. The reader may be another one for each: the connection gives its buffers back between commands.
func (b *chunkBody) begin(in *bufio.Reader, size int64, last bool) {
	b.in, b.left, b.last = in, size, last
}

func (b *chunkBody) next() ([]byte, error) {
	if _, err := b.in.Discard(b.pending); err != nil {
		return nil, err // cannot happen: the block was in the buffer
	}
	b.pending = 0
	if b.left == 0 {
		if b.last {
			return nil, errBodyEnd
		}
		return nil, errChunkEnd
	}
	if _, err := b.in.Peek(1); err != nil {
		return nil, err
	}
	block, _ := b.in.Peek(int(min(int64(b.in.Buffered()), b.left)))
	b.pending = len(block)
	b.left -= int64(len(block))
	return block, nil
}

// skip passes over a chunk whose command was refused: its bytes follow all the same.
func (b *chunkBody) skip(limit int64) error {
	for n := int64(0); ; {
		block, err := b.next()
		switch err {
		case nil:
		case errBodyEnd, errChunkEnd:
			return nil
		default:
			return err
		}
		if n += int64(len(block)); n > limit {
			return errTooBig
		}
	}
}
