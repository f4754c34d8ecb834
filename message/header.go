package message

import (
	"bytes"
	"iter"
	"strings"
)

// Header is the list of fields of a message or of a part, in order of appearance.
type Header struct {
	fields   []field
	fallback string // charset of raw 8-bit values that are not UTF-8
}

// field is one header field; both are slices of the raw message.
type field struct {
	name  []byte
	value []byte // with its folds, without the last line end
}

// is compares the name of the field, which RFC 5322 §1.2.2 lets be of any case. lower is in lower case.
func (f field) is(lower string) bool {
	return len(f.name) == len(lower) && strings.EqualFold(string(f.name), lower)
}

// Len returns the number of fields.
func (h Header) Len() int { return len(h.fields) }

// Has tells whether a field of that name is there, of whatever case and even if empty.
func (h Header) Has(name string) bool {
	_, ok := h.find(name)
	return ok
}

// Get returns the first field of that name for reading: unfolded, encoded words (RFC 2047) decoded, control
// characters removed. It is "" if there is none.
func (h Header) Get(name string) string {
	f, _ := h.find(name)
	return DecodeHeader(string(f.value), h.fallback)
}

// All returns all fields of that name, each as [Header.Get] would.
func (h Header) All(name string) []string {
	var all []string
	for _, f := range h.fields {
		if f.is(name) {
			all = append(all, DecodeHeader(string(f.value), h.fallback))
		}
	}
	return all
}

// Raw returns the first field of that name as written, but unfolded: not decoded, perhaps not UTF-8.
func (h Header) Raw(name string) string {
	f, _ := h.find(name)
	return string(unfold(f.value))
}

// AllRaw returns all fields of that name, each as [Header.Raw] would.
func (h Header) AllRaw(name string) []string {
	var all []string
	for _, f := range h.fields {
		if f.is(name) {
			all = append(all, string(unfold(f.value)))
		}
	}
	return all
}

// Fields iterates over name and raw unfolded value of all fields in order of appearance.
func (h Header) Fields() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, f := range h.fields {
			if !yield(string(f.name), string(unfold(f.value))) {
				return
			}
		}
	}
}

func (h Header) find(name string) (field, bool) {
	for _, f := range h.fields {
		if f.is(name) {
			return f, true
		}
	}
	return field{}, false
}

// unfold removes the line ends of a folded value (RFC 5322 §2.2.3) and the white space around it.
func unfold(value []byte) []byte {
	value = bytes.Trim(value, " \t\r\n")
	i := bytes.IndexAny(value, "\r\n")
	if i < 0 {
		return value
	}
	out := make([]byte, 0, len(value))
	for i >= 0 {
		out = append(out, value[:i]...)
		value = bytes.TrimLeft(value[i:], "\r\n")
		if len(value) > 0 && value[0] != ' ' && value[0] != '\t' {
			out = append(out, ' ') // a line that we took for a continuation although it is not indented
		}
		i = bytes.IndexAny(value, "\r\n")
	}
	return append(out, value...)
}
