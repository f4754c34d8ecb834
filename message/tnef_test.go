package message

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"unicode/utf16"
)

// tnefFile writes TNEF, so that the tests need no file of a foreign mailbox.
type tnefFile struct{ bytes.Buffer }

func newTNEF() *tnefFile {
	f := &tnefFile{}
	f.number(tnefSignature)
	f.Write([]byte{1, 0})
	return f
}

func (f *tnefFile) number(n uint32) { f.Write(binary.LittleEndian.AppendUint32(nil, n)) }

func (f *tnefFile) attribute(id uint32, data []byte) *tnefFile {
	f.WriteByte(1)
	f.number(id)
	f.number(uint32(len(data)))
	f.Write(data)
	f.Write([]byte{0, 0})
	return f
}

func tnefString(id uint16, s string) []byte {
	var value []byte
	for _, unit := range append(utf16.Encode([]rune(s)), 0) {
		value = binary.LittleEndian.AppendUint16(value, unit)
	}
	return tnefVariable(0x1f, id, value)
}

func tnefVariable(kind, id uint16, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, (4-len(value)%4)%4)...)
}

func tnefProperties(list ...[]byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(list))), bytes.Join(list, nil)...)
}

// tnefNamed is a named property that a reader must step over.
func tnefNamed() []byte {
	b := append([]byte{3, 0, 1, 0x80}, make([]byte, 16)...)
	b = append(b, 1, 0, 0, 0, 4, 0, 0, 0, 'a', 0, 0, 0)
	return append(b, 7, 0, 0, 0)
}

func tnefSample() []byte {
	embedded := newTNEF().
		attribute(tnefAttRendData, make([]byte, 14)).
		attribute(tnefAttAttachTitle, []byte("inner.txt\x00")).
		attribute(tnefAttAttachData, []byte("inner"))
	return newTNEF().
		attribute(tnefAttOEMCodepage, []byte{0xe3, 4, 0, 0, 0, 0, 0, 0}). // 1251
		attribute(tnefAttBody, []byte("\xcf\xf0\xe8\xe2\xe5\xf2\x00")).
		attribute(tnefAttMsgProps, tnefProperties(tnefNamed(), tnefVariable(0x102, tnefPropHTML, []byte("<p>\xcf\xf0\xe8</p>")))).
		attribute(tnefAttRendData, make([]byte, 14)).
		attribute(tnefAttAttachTitle, []byte("OFFER~1.PDF\x00")).
		attribute(tnefAttAttachData, []byte("%PDF")).
		attribute(tnefAttAttachProps, tnefProperties(tnefString(tnefPropAttachLong, `..\Nabídka 17.pdf`), tnefString(tnefPropAttachMIME, "application/PDF"))).
		attribute(tnefAttRendData, make([]byte, 14)).
		attribute(tnefAttAttachProps, tnefProperties(tnefVariable(tnefTypeObject, tnefPropAttachData, append(make([]byte, 16), embedded.Bytes()...)))).
		attribute(tnefAttRendData, make([]byte, 14)).
		attribute(tnefAttAttachTitle, []byte("\xf4\xe0\xe9\xeb.txt\x00")).
		attribute(tnefAttAttachData, []byte("last")).
		Bytes()
}

func TestTNEF(t *testing.T) {
	files, body, html, err := ParseTNEF(tnefSample())
	if err != nil || body != "Привет" || html != "<p>При</p>" {
		t.Errorf("got body %q, HTML %q, %v", body, html, err)
	}
	want := []TNEFAttachment{
		{"Nabídka 17.pdf", "application/pdf", []byte("%PDF"), false},
		{"inner.txt", "", []byte("inner"), false},
		{"файл.txt", "", []byte("last"), false},
	}
	if len(files) != len(want) {
		t.Fatalf("got %d files: %+v", len(files), files)
	}
	for i, f := range files {
		if f.Name != want[i].Name || f.ContentType != want[i].ContentType || f.Cut || !bytes.Equal(f.Data, want[i].Data) {
			t.Errorf("file %d: got %+v, want %+v", i, f, want[i])
		}
	}
}

func TestTNEFCutOffStillGivesWhatIsThere(t *testing.T) {
	whole := tnefSample()
	files, body, _, err := ParseTNEF(whole[:len(whole)-4])
	if !errors.Is(err, ErrTNEF) || body != "Привет" || len(files) != 3 || string(files[2].Data) != "la" || !files[2].Cut || files[1].Cut {
		t.Errorf("got %+v, %q, %v", files, body, err)
	}
	for n := range whole {
		ParseTNEF(whole[:n]) // must not panic
	}
	if _, _, _, err := ParseTNEF([]byte("MZ not TNEF at all")); !errors.Is(err, ErrTNEF) {
		t.Errorf("foreign bytes: got %v", err)
	}
}

func TestTNEFCodePages(t *testing.T) {
	for _, test := range []struct {
		codepage   uint32
		data, want string
	}{
		{1251, "\xcf\xf0", "Пр"},
		{20866, "\xf0\xd2", "Пр"},
		{28592, "\xe8", "č"},
		{932, "\x93\xfa", "日"},
		{936, "\xd6\xd0", "中"},
		{866, "\x8f", "П"},
		{65001, "č", "č"},
		{0, "\xe9t", "ét"},
		{4_000_000_000, "\xe9t", "ét"},
	} {
		if got := tnefDecode([]byte(test.data), test.codepage); got != test.want {
			t.Errorf("%q of code page %d: got %q, want %q", test.data, test.codepage, got, test.want)
		}
	}
}

func TestTNEFIsLinear(t *testing.T) {
	rend := newTNEF()
	for range 100_000 {
		rend.attribute(tnefAttRendData, nil)
	}
	many := newTNEF().attribute(tnefAttMsgProps, append([]byte{255, 255, 255, 255}, bytes.Repeat([]byte{3, 0, 1, 0, 0, 0, 0, 0}, 200_000)...))
	nested := newTNEF().Bytes()
	for range 200 {
		nested = newTNEF().attribute(tnefAttRendData, nil).
			attribute(tnefAttAttachProps, tnefProperties(tnefVariable(tnefTypeObject, tnefPropAttachData, append(make([]byte, 16), nested...)))).Bytes()
	}
	empty := append([]byte{2, 0x10, 1, 0}, 255, 255, 255, 255)
	values := newTNEF().attribute(tnefAttMsgProps, append([]byte{1, 0, 0, 0}, append(empty, make([]byte, 1<<20)...)...))
	for name, b := range map[string][]byte{"attachments": rend.Bytes(), "properties": many.Bytes(), "nesting": nested, "values": values.Bytes()} {
		var files []TNEFAttachment
		checkLinear(t, name, func() { files, _, _, _ = ParseTNEF(b) })
		if len(files) > tnefMaxAttachments {
			t.Errorf("%s: %d files", name, len(files))
		}
	}
}
