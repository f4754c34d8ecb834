package message

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// TNEFAttachment is a file out of a winmail.dat.
type TNEFAttachment struct {
	Name        string // as sent, path and control characters removed; may be empty
	ContentType string // as the sender's Outlook told it; "" when it did not
	Data        []byte // shares the memory of the input
	Cut         bool   // the input ends within this file: Data is not all of it
}

// ErrTNEF says that bytes are not TNEF, or broken. What could be read before the break is returned with it.
var ErrTNEF = errors.New("broken TNEF")

// Attributes and properties we use ([MS-OXTNEF] §2.1.3, [MS-OXPROPS]).
const (
	tnefSignature      = 0x223e9f78
	tnefAttBody        = 0x0002800c
	tnefAttRendData    = 0x00069002 // begins an attachment
	tnefAttMsgProps    = 0x00069003
	tnefAttAttachProps = 0x00069005
	tnefAttOEMCodepage = 0x00069007
	tnefAttAttachData  = 0x0006800f
	tnefAttAttachTitle = 0x00018010

	tnefPropBody          = 0x1000
	tnefPropHTML          = 0x1013
	tnefPropDisplayName   = 0x3001
	tnefPropAttachData    = 0x3701
	tnefPropAttachName    = 0x3704
	tnefPropAttachLong    = 0x3707
	tnefPropAttachMIME    = 0x370e
	tnefPropInternetCPID  = 0x3fde
	tnefTypeObject        = 0x000d
	tnefMaxAttachments    = 200
	tnefMaxDepth          = 3
	tnefMaxProperties     = 10_000
	tnefInterfaceIDLength = 16
)

// ParseTNEF reads a winmail.dat (application/ms-tnef, [MS-OXTNEF]), which Outlook sends in place of attachments. body
// and bodyHTML are the message's text where the file holds it; a body kept only as compressed RTF is not read. Messages
// attached inside give their attachments, three deep. At most 200 attachments are returned; time and memory are linear.
func ParseTNEF(b []byte) (files []TNEFAttachment, body, bodyHTML string, err error) {
	r := tnefReader{codepage: 1252}
	err = r.stream(b, 0)
	for i := range r.files {
		r.files[i].Name = cleanFileName(r.files[i].Name)
		r.files[i].ContentType = cleanText(r.files[i].ContentType)
	}
	return r.files, r.body, r.html, err
}

// tnefReader gathers what the attributes of a stream say.
type tnefReader struct {
	files      []TNEFAttachment
	body, html string
	codepage   uint32
	properties int // read so far, of all streams
}

func (r *tnefReader) stream(b []byte, depth int) error {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != tnefSignature {
		return fmt.Errorf("read TNEF signature: %w", ErrTNEF)
	}
	open := false // an attachment of this stream is being described
	for b = b[6:]; len(b) > 0; {
		if len(b) < 9 {
			r.cutLast(open)
			return fmt.Errorf("read TNEF attribute of %d bytes: %w", len(b), ErrTNEF)
		}
		id, size := binary.LittleEndian.Uint32(b[1:]), uint64(binary.LittleEndian.Uint32(b[5:]))
		b = b[9:]
		if size > uint64(len(b)) {
			// A file cut off in transfer still gives what is there of the last attachment.
			r.attribute(id, b, &open, depth)
			r.cutLast(open)
			return fmt.Errorf("read TNEF attribute %#x of %d bytes, %d left: %w", id, size, len(b), ErrTNEF)
		}
		r.attribute(id, b[:size], &open, depth)
		b = b[min(uint64(len(b)), size+2):] // 2: the checksum, which Outlook itself does not check
	}
	return nil
}

// cutLast marks the attachment that is open as cut off.
func (r *tnefReader) cutLast(open bool) {
	if open {
		r.files[len(r.files)-1].Cut = true
	}
}

func (r *tnefReader) attribute(id uint32, data []byte, open *bool, depth int) {
	switch id {
	case tnefAttOEMCodepage:
		if len(data) >= 4 && binary.LittleEndian.Uint32(data) != 0 {
			r.codepage = binary.LittleEndian.Uint32(data)
		}
	case tnefAttBody:
		if depth == 0 && r.body == "" {
			r.body = r.text8(data)
		}
	case tnefAttMsgProps:
		if depth == 0 {
			r.message(data)
		}
	case tnefAttRendData:
		*open = len(r.files) < tnefMaxAttachments
		if *open {
			r.files = append(r.files, TNEFAttachment{})
		}
	}
	if !*open {
		return
	}
	file := &r.files[len(r.files)-1]
	switch id {
	case tnefAttAttachTitle:
		if file.Name == "" {
			file.Name = r.text8(data)
		}
	case tnefAttAttachData:
		file.Data = data
	case tnefAttAttachProps:
		if embedded := r.attachment(file, data); embedded != nil && depth < tnefMaxDepth {
			// A message attached as such has no bytes of its own: its attachments stand for it.
			r.files = r.files[:len(r.files)-1]
			*open = false
			_ = r.stream(embedded, depth+1) // what could be read counts
		}
	}
}

// message takes the bodies out of the message's properties.
func (r *tnefReader) message(data []byte) {
	var rawHTML []byte
	internet := uint32(0)
	r.eachProperty(data, func(p tnefProperty) {
		switch p.id {
		case tnefPropBody:
			if text := r.propertyText(p); text != "" {
				r.body = text
			}
		case tnefPropHTML:
			rawHTML = p.value
		case tnefPropInternetCPID:
			if len(p.value) >= 4 {
				internet = binary.LittleEndian.Uint32(p.value)
			}
		}
	})
	if rawHTML == nil {
		return
	}
	if internet == 0 {
		internet = r.codepage
	}
	if utf8.Valid(rawHTML) {
		internet = 65001
	}
	r.html = tnefDecode(rawHTML, internet)
}

// attachment takes name, type and content out of an attachment's properties. It returns the stream of an attached
// message.
func (r *tnefReader) attachment(file *TNEFAttachment, data []byte) (embedded []byte) {
	long, shown := "", ""
	r.eachProperty(data, func(p tnefProperty) {
		switch p.id {
		case tnefPropAttachLong:
			long = r.propertyText(p)
		case tnefPropAttachName, tnefPropDisplayName:
			if shown == "" {
				shown = r.propertyText(p)
			}
		case tnefPropAttachMIME:
			file.ContentType = strings.ToLower(r.propertyText(p))
		case tnefPropAttachData:
			content := p.value
			if p.kind == tnefTypeObject && len(content) >= tnefInterfaceIDLength {
				content = content[tnefInterfaceIDLength:]
			}
			if len(content) >= 4 && binary.LittleEndian.Uint32(content) == tnefSignature {
				embedded = content
			} else if file.Data == nil {
				file.Data = content
			}
		}
	})
	if long != "" {
		file.Name = long
	} else if file.Name == "" {
		file.Name = shown
	}
	return embedded
}

// tnefProperty is one MAPI property; of a property with several values, the first.
type tnefProperty struct {
	kind, id uint16
	value    []byte
}

// tnefSizes are the bytes a value takes, by type; types that are not listed carry a length.
var tnefSizes = map[uint16]int{0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16}

// eachProperty walks a property list ([MS-OXTNEF] §2.1.3.4), up to the first thing that does not fit.
func (r *tnefReader) eachProperty(b []byte, visit func(tnefProperty)) {
	if len(b) < 4 {
		return
	}
	count := binary.LittleEndian.Uint32(b)
	b = b[4:]
	for ; count > 0 && len(b) >= 4 && r.properties < tnefMaxProperties; count-- {
		r.properties++
		p := tnefProperty{kind: binary.LittleEndian.Uint16(b), id: binary.LittleEndian.Uint16(b[2:])}
		b = b[4:]
		var ok bool
		if p.id >= 0x8000 {
			if b, ok = tnefSkipName(b); !ok {
				return
			}
		}
		if p.value, b, ok = tnefValues(p.kind, b); !ok {
			return
		}
		visit(p)
	}
}

// tnefSkipName steps over the name of a named property: a GUID, and a number or a string.
func tnefSkipName(b []byte) ([]byte, bool) {
	if len(b) < 24 {
		return nil, false
	}
	if kind := binary.LittleEndian.Uint32(b[16:]); kind == 0 {
		return b[24:], true
	}
	_, rest, ok := tnefSized(b[20:])
	return rest, ok
}

// tnefValues reads all values of a property and returns the first.
func tnefValues(kind uint16, b []byte) (first, rest []byte, ok bool) {
	base := kind &^ 0x1000
	size, fixed := tnefSizes[base]
	count := uint32(1)
	if kind != base || !fixed {
		if len(b) < 4 {
			return nil, nil, false
		}
		count, b = binary.LittleEndian.Uint32(b), b[4:]
	}
	for n := uint32(0); n < count; n++ {
		var value []byte
		if fixed {
			if len(b) < size {
				return nil, nil, false
			}
			value, b = b[:size], b[size:]
		} else if value, b, ok = tnefSized(b); !ok {
			return nil, nil, false
		}
		if n == 0 {
			first = value
		}
	}
	return first, b, true
}

// tnefSized reads a length, that many bytes, and the padding to four.
func tnefSized(b []byte) (value, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	size := uint64(binary.LittleEndian.Uint32(b))
	b = b[4:]
	if size > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:size], b[min(uint64(len(b)), (size+3)&^3):], true
}

// propertyText decodes a string property: UTF-16 (type 0x1F) or the sender's code page (0x1E).
func (r *tnefReader) propertyText(p tnefProperty) string {
	if p.kind&^0x1000 != 0x1f {
		return r.text8(p.value)
	}
	units := make([]uint16, 0, len(p.value)/2)
	for i := 0; i+1 < len(p.value); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(p.value[i:]))
	}
	return tnefPlain(string(utf16.Decode(units)))
}

func (r *tnefReader) text8(data []byte) string {
	return tnefDecode(data, r.codepage)
}

// tnefDecode turns bytes of a Windows code page into UTF-8; an unknown page is read as 1252.
func tnefDecode(data []byte, codepage uint32) string {
	text, _ := toUTF8(data, "cp"+strconv.FormatUint(uint64(codepage), 10), "windows-1252")
	return tnefPlain(text)
}

// tnefPlain drops the NUL that ends a string, and those that a wrong length brought into it.
func tnefPlain(text string) string { return strings.ReplaceAll(text, "\x00", "") }
