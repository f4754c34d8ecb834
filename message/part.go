package message

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
)

// Part is a leaf of the MIME tree: a body, an attachment, a report. Its content lies encoded in the raw bytes.
type Part struct {
	Path        string            // "1.2": part 2 of part 1, as IMAP numbers them (RFC 3501 §6.4.5)
	MediaType   string            // lower-case; "text/plain" where none is given or it cannot be read
	Params      map[string]string // of the Content-Type, names in lower case, values decoded; may be nil
	Disposition string            // "attachment", "inline" or whatever is written, lower-case; "" if none
	Encoding    string            // transfer encoding, lower-case: "base64", "quoted-printable", "7bit", ...
	Name        string            // file name, safe to show; "" if none
	ContentID   string            // without angle brackets
	Parent      string            // media type of the multipart it stands in, "" if none

	Offset, Length int // where the encoded content lies in the raw bytes

	header  []byte
	content []byte
}

// Header returns the header of the part; of a mail without parts it is the header of the mail.
func (p Part) Header() Header {
	return Header{fields: salvageHeader(p.header, Limits{}.withDefaults().PartHeaderBytes, nil).fields}
}

// Part returns the leaf part of that path.
func (m *Message) Part(path string) (Part, bool) {
	for _, p := range m.Parts {
		if p.Path == path {
			return p, true
		}
	}
	return Part{}, false
}

// OpenPart returns the decoded content of a leaf part as a stream. After everything that could be decoded, the
// reader ends with [ErrCorrupt] if the transfer encoding is broken. An unknown transfer encoding is not decoded.
func (m *Message) OpenPart(path string) (io.Reader, error) {
	p, ok := m.Part(path)
	if !ok {
		return nil, fmt.Errorf("open part %q: the mail has no such part", path)
	}
	return p.Open(), nil
}

// Open returns the decoded content, see [Message.OpenPart].
func (p Part) Open() io.Reader {
	if p.Encoding != encodingBase64 && p.Encoding != encodingQP {
		return bytes.NewReader(p.content)
	}
	return &transferReader{src: p.content, decoder: newTransferDecoder(p.Encoding)}
}

// Hash decodes a part and returns size in bytes and SHA-256 of its content. With [ErrCorrupt] both are of what
// could be decoded.
func (m *Message) Hash(path string) (size int64, sum [32]byte, err error) {
	r, err := m.OpenPart(path)
	if err != nil {
		return 0, sum, err
	}
	h := sha256.New()
	size, err = io.Copy(h, r)
	h.Sum(sum[:0])
	if err != nil {
		err = fmt.Errorf("hash part %q: %w", path, err)
	}
	return size, sum, err
}

// describe reads the fields of a part that MIME defines.
func (w *walker) describe(fields []field, raw []byte) partHeader {
	h := partHeader{raw: raw, encoding: encodingPlain}
	for _, f := range fields {
		switch {
		case len(f.name) < 10 || f.name[0]|0x20 != 'c':
		case f.is("content-type") && !h.typed:
			h.typed = true
			h.media = parseMedia(f.value, w.lim.FallbackCharset)
			w.checkType(&h.media, f.value)
		case f.is("content-disposition") && h.disposition.value == "":
			h.disposition = parseMedia(f.value, w.lim.FallbackCharset)
		case f.is("content-transfer-encoding"):
			h.encoding = w.transferEncoding(f.value)
		case f.is("content-id"):
			h.contentID = strings.Trim(DecodeHeader(string(f.value), ""), "<> ")
		}
	}
	return h
}

// checkType replaces a type that is none. Its parameters stay.
func (w *walker) checkType(media *mediaType, raw []byte) {
	major, minor, ok := strings.Cut(media.value, "/")
	if ok && major != "" && minor != "" {
		return
	}
	bare := media.value
	media.value = ""
	switch {
	case bare == "text": // QUIRK: the form of before MIME (RFC 1049)
		return
	case media.param("boundary") != "":
		media.value = "multipart/mixed"
	case bare == "html":
		media.value = "text/html"
	}
	w.m.warn(WarnContentType, "content type %q is none", excerpt(string(raw)))
}

// transferEncoding reads a Content-Transfer-Encoding.
func (w *walker) transferEncoding(raw []byte) string {
	value := strings.ToLower(strings.Trim(string(raw), " \t\r\n\"'"))
	if i := strings.IndexAny(value, "; \t(,\r\n\"'"); i > 0 {
		value = value[:i]
	}
	switch value {
	case encodingBase64, encodingQP, "7bit", encodingPlain, "binary":
		return value
	case "base-64", "b", "base_64":
		return encodingBase64
	case "quotedprintable", "quoted_printable", "quoted-printeable", "qp", "q":
		return encodingQP
	case "", "none", "7-bit", "8-bit", "8bits", "7bits", "utf-8", "us-ascii", "unknown":
		return encodingPlain
	}
	value = excerpt(value)
	w.m.warn(WarnEncoding, "transfer encoding %q is unknown, the content is kept as it is", value)
	return value
}

// keep lists a leaf that was read to its end.
func (w *walker) keep(l mimeLeaf) {
	p := Part{
		Path:        l.path,
		MediaType:   l.media.value,
		Params:      l.media.paramMap(),
		Disposition: l.disposition.value,
		Encoding:    l.encoding,
		Name:        partName(l.partHeader),
		ContentID:   l.contentID,
		Offset:      l.start,
		Length:      l.end - l.start,
		header:      l.raw,
		content:     w.raw[l.start:l.end],
	}
	if p.MediaType == "" {
		p.MediaType = "text/plain" // RFC 2045 §5.2
	}
	if l.node >= 0 {
		p.Parent = "multipart/" + w.nodes[l.node].subtype
	}
	if w.isMail(p, l) {
		w.mails = append(w.mails, len(w.leaves))
	}
	w.leaves = append(w.leaves, l)
	w.m.Parts = append(w.m.Parts, p)
}
