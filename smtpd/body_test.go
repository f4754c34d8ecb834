package smtpd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// readBody reads a body to its end and returns a copy of it.
func readBody(b body) (string, error) {
	var got bytes.Buffer
	for {
		block, err := b.next()
		got.Write(block)
		if errors.Is(err, errBodyEnd) {
			return got.String(), nil
		}
		if err != nil {
			return got.String(), err
		}
	}
}

// specification is RFC 5321 §4.5.2 written down byte by byte: what dotBody must be equal to.
// It returns the body and what follows its end; whole is false where the end is missing.
func specification(sent string) (body, rest string, whole bool) {
	var b strings.Builder
	start := true
	for i := 0; i < len(sent); i++ {
		if start && strings.HasPrefix(sent[i:], ".\r\n") {
			return b.String(), sent[i+3:], true
		}
		if start && sent[i] == '.' {
			start = false
			continue
		}
		b.WriteByte(sent[i])
		start = i > 0 && sent[i-1] == '\r' && sent[i] == '\n'
	}
	return "", "", false
}

func TestDotBody(t *testing.T) {
	test := func(sent, want string) {
		t.Helper()
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"at once": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader,
		} {
			in := bufio.NewReaderSize(wrap(strings.NewReader(sent+"REST")), 16)
			got, err := readBody(&dotBody{in: in})
			if got != want || err != nil {
				t.Errorf("%s: dotBody(%q) = %q, %v; want %q", name, sent, got, err, want)
			}
			if rest, _ := io.ReadAll(in); string(rest) != "REST" {
				t.Errorf("%s: dotBody(%q) left %q behind it, want REST", name, sent, rest)
			}
		}
	}
	test(".\r\n", "")
	test("\r\n.\r\n", "\r\n")
	test("a\r\n.\r\n", "a\r\n")
	test("..\r\n.\r\n", ".\r\n")
	test("...\r\n.\r\n", "..\r\n")
	test(".a\r\n.\r\n", "a\r\n")
	test("a..\r\n.\r\n", "a..\r\n")
	test("\r\n\r\n..\r\n\r\n.\r\n", "\r\n\r\n.\r\n\r\n")
	test("a\r\r\n.\r\n", "a\r\r\n")
	test(".\r\r\n.\r\n", "\r\r\n")
	test("\n.\r\n\r\n.\r\n", "\n.\r\n\r\n")
	test("a longer line than the buffer has room for\r\n..\r\n.\r\n", "a longer line than the buffer has room for\r\n.\r\n")
}

func FuzzDotBody(f *testing.F) {
	for _, s := range []string{".\r\n", "a\r\n..\r\n.\r\nQUIT\r\n", "\r.\r\n.\n\r\n.\r\r\n.\r\n", "\r\n.\r", "x\r\n.", "\r\r\n\r\n.\r\n"} {
		f.Add(s, 1)
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, sent string, segment int) {
		want, wantRest, whole := specification(sent)
		in := bufio.NewReaderSize(&segments{[]byte(sent), segment}, 16)
		got, err := readBody(&dotBody{in: in})
		if !whole {
			if err == nil {
				t.Fatalf("%q has no end, and ended as %q", sent, got)
			}
			return
		}
		rest, _ := io.ReadAll(in)
		if got != want || err != nil || string(rest) != wantRest {
			t.Fatalf("%q in segments of %d: got %q, %v and then %q; want %q and then %q", sent, segment, got, err, rest, want, wantRest)
		}
	})
}

// segments gives its bytes out a few at a time, and then io.EOF.
type segments struct {
	left []byte
	size int
}

func (s *segments) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := len(s.left)
	if s.size > 0 {
		n = min(n, s.size)
	}
	n = copy(p, s.left[:n])
	s.left = s.left[n:]
	return n, nil
}

func TestHopCounter(t *testing.T) {
	test := func(message string, want int) {
		t.Helper()
		var whole, bytewise hopCounter
		whole.look([]byte(message))
		for i := range len(message) {
			bytewise.look([]byte(message[i : i+1]))
		}
		if whole.count != want || bytewise.count != want {
			t.Errorf("%q: got %d at once and %d byte by byte, want %d", message, whole.count, bytewise.count, want)
		}
	}
	test("", 0)
	test("Received: a\r\nreceived: b\nRECEIVED:c\r\n", 3)
	test("Received: a\r\n\tReceived: folded\r\n", 1)
	test("Received: a\r\n\r\nReceived: body\r\n", 1)
	test("Received: a\n\nReceived: body\n", 1)
	test("\r\nReceived: body\r\n", 0)
	test("X-Received: a\r\nReceive: b\r\nReceived-SPF: c\r\nReceived", 0)
	test("Receivedx\r\nreReceived: a\r\n", 0)
}

func BenchmarkDotBody(b *testing.B) {
	message := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 1<<20/78) + ".\r\n"
	b.SetBytes(int64(len(message)))
	in := bufio.NewReaderSize(nil, readBuffer)
	for b.Loop() {
		in.Reset(strings.NewReader(message))
		d := &dotBody{in: in}
		for {
			if _, err := d.next(); err != nil {
				break
			}
		}
	}
}

// TestLongLinesAreFoundHoweverTheyArrive: a line is measured the same in one block and byte by byte.
func TestLongLinesAreFoundHoweverTheyArrive(t *testing.T) {
	const most = 20
	x := strings.Repeat("x", most)
	for body, long := range map[string]bool{
		"": false, x: false, x + "\r\n" + x + "\r\n": false, "a\r\n" + x + "\r\nb": false, "\n\n" + x + "\r": false,
		x + "x": false, x + "xx": true, "a\r\n" + x + "xx": true, x + "x\r\na\r\n": true, "a\nb\n" + x + "x\r\nc": true,
	} {
		for size := 1; size <= len(body)+1; size++ {
			tr := transfer{opts: &Options{MaxLine: most}}
			for rest := body; rest != ""; {
				n := min(size, len(rest))
				tr.measureLines([]byte(rest[:n]))
				rest = rest[n:]
			}
			if tr.longLine != long {
				t.Errorf("in blocks of %d: too long is %v, want %v, of %q", size, tr.longLine, long, body)
			}
		}
	}
}
