package smtpd

import "bytes"

// maxHops is the number of Received fields at which a message is taken to be in a loop
// (RFC 5321 §6.3 asks for at least 100).
const maxHops = 100

const received = "received:"

// hopCounter counts the Received fields of a message while it goes by in blocks.
type hopCounter struct {
	count   int
	matched int  // bytes of "received:" that this line has begun with
	other   bool // this line is not one
	filled  bool // something but a CR stands on this line
	done    bool // the header has ended
}

func (h *hopCounter) look(block []byte) {
	for len(block) > 0 && !h.done {
		if h.other {
			end := bytes.IndexByte(block, '\n')
			if end < 0 {
				return
			}
			block = block[end:]
		}
		h.step(block[0])
		block = block[1:]
	}
}

func (h *hopCounter) step(c byte) {
	if c == '\n' {
		h.done = !h.filled
		h.matched, h.other, h.filled = 0, false, false
		return
	}
	if c == '\r' && h.matched == 0 {
		return // an empty line, as a rule
	}
	h.filled = true
	if lower(c) != received[h.matched] {
		h.other = true
		return
	}
	if h.matched++; h.matched == len(received) {
		h.count++
		h.other = true
	}
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
