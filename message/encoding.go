package message

import (
	"bytes"
	"errors"
	"io"
)

// ErrCorrupt is returned after everything that could be decoded of a part whose transfer encoding is broken.
var ErrCorrupt = errors.New("transfer encoding is corrupt")

// Transfer encodings (RFC 2045 §6). Anything else is read as it is.
const (
	encodingBase64 = "base64"
	encodingQP     = "quoted-printable"
	encodingPlain  = "8bit"
)

// transferDecoder decodes a body piece by piece. src may be cut anywhere that split allows.
type transferDecoder interface {
	decode(dst, src []byte) []byte
	// finish appends what is still held back and tells whether anything was broken.
	finish(dst []byte) (out []byte, corrupt bool)
	// split returns how much of src, at most about n bytes of it, may be decoded at once.
	split(src []byte, n int) int
}

func newTransferDecoder(encoding string) transferDecoder {
	switch encoding {
	case encodingBase64:
		return &base64Decoder{}
	case encodingQP:
		return &qpDecoder{}
	}
	return plainDecoder{}
}

// decodeTransfer decodes at most about max bytes; cut tells that there was more.
func decodeTransfer(src []byte, encoding string, max int) (out []byte, cut, corrupt bool) {
	d := newTransferDecoder(encoding)
	if _, plain := d.(plainDecoder); plain {
		return src[:min(len(src), max)], len(src) > max, false
	}
	out = make([]byte, 0, min(len(src), max)+4)
	for len(src) > 0 {
		if len(out) >= max {
			return out, true, corrupt
		}
		n := d.split(src, max-len(out)+1024)
		out = d.decode(out, src[:n])
		src = src[n:]
	}
	out, corrupt = d.finish(out)
	return out, false, corrupt
}

// transferReader streams a decoded part.
type transferReader struct {
	src     []byte
	decoder transferDecoder
	buf     []byte // decoded, not yet read
	scratch []byte
	err     error
}

const readChunk = 32 << 10

func (r *transferReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.buf) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.fill()
	}
	n := copy(p, r.buf)
	r.buf = r.buf[n:]
	return n, nil
}

func (r *transferReader) fill() {
	if len(r.src) > 0 {
		n := r.decoder.split(r.src, readChunk)
		r.scratch = r.decoder.decode(r.scratch[:0], r.src[:n])
		r.src, r.buf = r.src[n:], r.scratch
		return
	}
	var corrupt bool
	r.buf, corrupt = r.decoder.finish(r.scratch[:0])
	r.err = io.EOF
	if corrupt {
		r.err = ErrCorrupt
	}
}

type plainDecoder struct{}

func (plainDecoder) decode(dst, src []byte) []byte    { return append(dst, src...) }
func (plainDecoder) finish(dst []byte) ([]byte, bool) { return dst, false }
func (plainDecoder) split(src []byte, n int) int      { return min(len(src), n) }

// base64Decoder decodes base64 (RFC 2045 §6.8).
//
// QUIRK: characters outside of the alphabet are skipped as the RFC asks; padding may be missing, and several
// padded runs may follow each other (seen of gateways that encode a file in pieces).
type base64Decoder struct {
	acc  uint32 // bits of an unfinished group of four characters
	n    int    // characters in acc
	junk bool
}

// Values in base64Table that are not characters of the alphabet.
const (
	base64Junk  = 0xff
	base64Pad   = 0xfe
	base64Space = 0xfd
)

var base64Table = makeBase64Table()

func makeBase64Table() (t [256]byte) {
	for i := range t {
		t[i] = base64Junk
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range len(alphabet) {
		t[alphabet[i]] = byte(i)
	}
	t['-'], t['_'] = 62, 63 // QUIRK: the URL alphabet (RFC 4648 §5), seen of scripts
	t['='] = base64Pad
	for _, c := range " \t\r\n" {
		t[c] = base64Space
	}
	return t
}

func (d *base64Decoder) split(src []byte, n int) int { return min(len(src), n/3*4+4) }

func (d *base64Decoder) decode(dst, src []byte) []byte {
	for len(src) > 0 {
		if d.n == 0 {
			var n int
			dst, n = decodeGroups(dst, src)
			if src = src[n:]; len(src) == 0 {
				break
			}
		}
		dst = d.decodeByte(dst, src[0])
		src = src[1:]
	}
	return dst
}

// decodeGroups decodes whole groups of four clean characters and returns how much of src they were.
func decodeGroups(dst, src []byte) ([]byte, int) {
	i := 0
	for ; i+4 <= len(src); i += 4 {
		a, b := base64Table[src[i]], base64Table[src[i+1]]
		c, d := base64Table[src[i+2]], base64Table[src[i+3]]
		if (a|b|c|d)&0xc0 != 0 {
			break
		}
		dst = append(dst, a<<2|b>>4, b<<4|c>>2, c<<6|d)
	}
	return dst, i
}

func (d *base64Decoder) decodeByte(dst []byte, c byte) []byte {
	switch v := base64Table[c]; v {
	case base64Space:
	case base64Junk:
		d.junk = true
	case base64Pad:
		dst = d.flush(dst)
	default:
		d.acc = d.acc<<6 | uint32(v)
		if d.n++; d.n == 4 {
			dst = append(dst, byte(d.acc>>16), byte(d.acc>>8), byte(d.acc))
			d.acc, d.n = 0, 0
		}
	}
	return dst
}

// flush ends a group early, as padding does.
func (d *base64Decoder) flush(dst []byte) []byte {
	switch d.n {
	case 1:
		d.junk = true
	case 2:
		dst = append(dst, byte(d.acc>>4))
	case 3:
		dst = append(dst, byte(d.acc>>10), byte(d.acc>>2))
	}
	d.acc, d.n = 0, 0
	return dst
}

func (d *base64Decoder) finish(dst []byte) ([]byte, bool) {
	return d.flush(dst), d.junk
}

// qpDecoder decodes quoted-printable (RFC 2045 §6.7). A broken escape is kept as it is written, as the RFC
// suggests, and is no error: "=" unescaped in an address of the web is too common for that.
type qpDecoder struct {
	blanks int // from here on that belong to the text, for something follows them in their line
}

// qpBlanks are what transport may add at the end of a line.
const qpBlanks = " \t\r"

// split ends at the end of a line, or in a line too long for that, neither inside an escape nor in blanks at its end.
func (d *qpDecoder) split(src []byte, n int) int {
	if n = max(n, 1024); len(src) <= n {
		return len(src)
	}
	if i := bytes.LastIndexByte(src[:n], '\n'); i >= 0 {
		d.blanks = 0
		return i + 1
	}
	if i := bytes.LastIndexByte(src[n-3:n], '='); i >= 0 {
		d.blanks = 0
		return n - 3 + i
	}
	if d.blanks >= n { // they were looked at before
		d.blanks -= n
		return n
	}
	rest := src[n:]
	d.blanks = len(rest) - len(bytes.TrimLeft(rest, qpBlanks))
	if end := n + d.blanks; end < len(src) && src[end] == '\n' {
		d.blanks = 0
		return end + 1
	}
	return n
}

func (*qpDecoder) finish(dst []byte) ([]byte, bool) { return dst, false }

func (*qpDecoder) decode(dst, src []byte) []byte {
	for len(src) > 0 {
		i := bytes.IndexByte(src, '\n')
		if i < 0 {
			return decodeQPLine(dst, src, nil)
		}
		eol := i
		if i > 0 && src[i-1] == '\r' {
			eol--
		}
		dst = decodeQPLine(dst, src[:eol], src[eol:i+1])
		src = src[i+1:]
	}
	return dst
}

// decodeQPLine decodes one line. White space at its end was added in transport (rule 3).
func decodeQPLine(dst, line, eol []byte) []byte {
	if eol != nil {
		line = bytes.TrimRight(line, qpBlanks)
	}
	for {
		i := bytes.IndexByte(line, '=')
		if i < 0 {
			return append(append(dst, line...), eol...)
		}
		dst, line = append(dst, line[:i]...), line[i:]
		for len(line) >= 3 && line[0] == '=' && isHex(line[1]) && isHex(line[2]) {
			dst, line = append(dst, unhex(line[1])<<4|unhex(line[2])), line[3:] // letters beyond ASCII come in runs
		}
		switch {
		case len(line) == 0 || line[0] != '=':
		case len(line) == 1:
			return dst // soft line break
		case line[1] == '\r': // QUIRK: soft break of a text with bare CR line ends
			line = line[2:]
		default:
			dst, line = append(dst, '='), line[1:]
		}
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}
