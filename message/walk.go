package message

import (
	"bytes"
	"strconv"
	"strings"
)

// walker finds the parts of one mail in a single pass over its bytes, however deep they are nested: it looks for
// lines that begin with "--" and compares them with the boundaries of the multiparts that are open.
type walker struct {
	*parser
	m      *Message
	raw    []byte
	nodes  []mimeNode  // every multipart met
	open   []openLevel // multiparts that are open, outermost first
	parts  int         // MIME parts met
	leaf   mimeLeaf    // leaf part that is open, if leafOpen
	leaves []mimeLeaf  // leaf parts in order of appearance, each described by the same index of m.Parts
	mails  []int       // leaves that are attached mails

	leafOpen bool
	met      bool // some delimiter was met
}

// mimeNode is a multipart.
type mimeNode struct {
	path    string
	subtype string // "mixed", "alternative", ...
	parent  int    // index of the node it stands in, -1 for the outermost
	branch  int    // which part of its parent it is, from 1
}

// openLevel is an open multipart.
type openLevel struct {
	delimiter []byte // "--" and the boundary (RFC 2046 §5.1.1)
	node      int
	children  int
	start     int // where its content begins
	header    partHeader
}

// mimeLeaf is a part without parts of its own, while it is read.
type mimeLeaf struct {
	partHeader
	path       string
	start, end int
	body       bool // shown as body
	node       int  // multipart it stands in, -1 if none
	branch     int  // which part of that it is, from 1
}

// partHeader is what a part says of itself (RFC 2045 §3, RFC 2183).
type partHeader struct {
	raw         []byte // the header section
	media       mediaType
	disposition mediaType
	encoding    string // transfer encoding, lower-case
	contentID   string
	typed       bool // there is a Content-Type field
}

// readHeader reads the header of the mail and returns where its body begins.
func (w *walker) readHeader() (body int) {
	start := w.skipPreamble()
	s := salvageHeader(w.raw[start:], w.lim.HeaderBytes, make([]field, 0, 32))
	w.m.Header = Header{fields: s.fields, fallback: w.lim.FallbackCharset}
	plausible := anyPlausible(s.fields)
	switch {
	case len(s.fields) == 0:
		w.m.warn(WarnNoHeader, "there is no header")
	case !plausible:
		w.m.warn(WarnNoHeader, "what stands for a header has no field of a mail")
	}
	w.m.Unreadable = !plausible
	if s.junk > 0 {
		w.m.warn(WarnHeaderJunk, "header lines that are no fields: %d, set aside", s.junk)
	}
	if s.joined && plausible {
		w.m.warn(WarnNoSeparator, "no blank line separates header and body")
	}
	if s.over {
		w.m.limit(WarnHeaderLimit, "the header is longer than %d bytes", w.lim.HeaderBytes)
	}
	return start + s.body
}

// skipPreamble skips what stands before the header.
//
// QUIRK: a byte order mark of an editor, blank lines, the "From " line of an mbox file (RFC 4155).
func (w *walker) skipPreamble() int {
	rest := bytes.TrimPrefix(w.raw, []byte("\uFEFF"))
	rest = bytes.TrimLeft(rest, "\r\n")
	for bytes.HasPrefix(rest, []byte("From ")) || bytes.HasPrefix(rest, []byte(">From ")) {
		w.m.warn(WarnMboxLine, "the mail begins with the line of an mbox file")
		lines := newLineScanner(rest)
		lines.next()
		rest = rest[lines.pos:]
	}
	return len(w.raw) - len(rest)
}

func anyPlausible(fields []field) bool {
	for _, f := range fields {
		if plausibleName(f.name) {
			return true
		}
	}
	return false
}

// walk reads the body of the mail, which begins at start.
func (w *walker) walk(start int) {
	header := w.describe(w.m.Header.fields, w.raw[:start])
	w.begin(header, start, -1, 1)
	w.scan(start)
	if w.met || len(w.nodes) == 0 {
		return
	}
	// QUIRK: the boundary is another one. Try the one that the body seems to use, else it is one text.
	w.m.warn(WarnBoundaryMissing, "the boundary of the multipart does not appear in it")
	w.nodes, w.parts = nil, 0
	if boundary := sniffBoundary(w.raw[start:]); boundary != "" {
		header.media.setBoundary(boundary)
		w.begin(header, start, -1, 1)
		w.scan(start)
	}
	if !w.met && len(bytes.TrimSpace(w.raw[start:])) > 0 {
		w.nodes, w.open = nil, nil
		w.beginLeaf(header.asText(), start, -1, 1)
		w.endLeaf(len(w.raw))
	}
}

// scan goes from delimiter to delimiter and ends all parts.
func (w *walker) scan(pos int) {
	for len(w.open) > 0 {
		d, ok := w.nextDelimiter(pos)
		if !ok {
			break
		}
		w.met = true
		w.closeTo(d.level+1, d.start)
		if d.closing {
			w.closeTo(d.level, d.start)
			pos = d.end
			continue
		}
		if w.full() {
			w.open = nil
			return
		}
		pos = w.beginPart(&w.open[d.level], d.end)
	}
	if len(w.open) > 0 && w.met {
		w.m.warn(WarnBoundaryOpen, "a multipart ends without its final boundary")
	}
	w.closeTo(0, len(w.raw))
}

// full tells that no further part may be read.
func (w *walker) full() bool {
	switch {
	case w.parts >= w.lim.Parts:
		w.m.limit(WarnPartLimit, "only the first %d parts were read", w.lim.Parts)
	case w.parts%16 == 0 && w.late():
		w.m.limit(WarnTimeLimit, "the time ran out after %d parts", w.parts)
	default:
		return false
	}
	return true
}

// beginPart reads the header of a part of l, whose first byte is at pos, and returns where its content begins.
func (w *walker) beginPart(l *openLevel, pos int) int {
	l.children++
	s := salvageHeader(w.raw[pos:], w.lim.PartHeaderBytes, w.fields)
	w.fields = s.fields
	if s.over {
		w.m.limit(WarnHeaderLimit, "the header of a part is longer than %d bytes", w.lim.PartHeaderBytes)
	}
	content := pos + s.body
	if len(s.fields) > 0 && !anyPlausible(s.fields) {
		s.fields, content = nil, pos // QUIRK: the part has no header, not even the blank line
	}
	header := w.describe(s.fields, w.raw[pos:content])
	if header.media.value == "" && w.nodes[l.node].subtype == "digest" {
		header.media.value = "message/rfc822" // RFC 2046 §5.1.5
	}
	w.begin(header, content, l.node, l.children)
	return content
}

// begin starts a part: a multipart whose boundary is to be looked for, or a leaf.
func (w *walker) begin(header partHeader, start, parent, branch int) {
	w.parts++
	subtype, multipart := strings.CutPrefix(header.media.value, "multipart/")
	if !multipart {
		w.beginLeaf(header, start, parent, branch)
		return
	}
	if len(w.open) >= w.lim.Depth {
		w.m.limit(WarnDepthLimit, "parts are nested deeper than %d", w.lim.Depth)
		w.beginLeaf(header, start, parent, branch)
		return
	}
	boundary := strings.TrimRight(header.media.param("boundary"), " ")
	if boundary == "" {
		w.m.warn(WarnBoundaryMissing, "a multipart has no boundary")
		if boundary = sniffBoundary(w.raw[start:]); boundary == "" {
			w.beginLeaf(header.asText(), start, parent, branch)
			return
		}
	}
	w.nodes = append(w.nodes, mimeNode{path: w.path(parent, branch), subtype: subtype, parent: parent, branch: branch})
	w.open = append(w.open, openLevel{delimiter: []byte("--" + boundary), node: len(w.nodes) - 1, start: start, header: header})
}

func (w *walker) beginLeaf(header partHeader, start, parent, branch int) {
	path := w.path(parent, branch)
	if path == "" {
		path = "1"
	}
	w.leaf = mimeLeaf{partHeader: header, path: path, start: start, node: parent, branch: branch}
	w.leafOpen = true
}

// path numbers parts as IMAP does (RFC 3501 §6.4.5); the outermost multipart has none.
func (w *walker) path(parent, branch int) string {
	if parent < 0 {
		return ""
	}
	number := strconv.Itoa(branch)
	if above := w.nodes[parent].path; above != "" {
		return above + "." + number
	}
	return number
}

// closeTo ends the open leaf and all multiparts from level n on at byte end.
func (w *walker) closeTo(n, end int) {
	if w.leafOpen {
		w.endLeaf(end)
	}
	for len(w.open) > n {
		l := w.open[len(w.open)-1]
		w.open = w.open[:len(w.open)-1]
		if l.children > 0 || l.node == 0 || len(bytes.TrimSpace(w.raw[l.start:end])) == 0 {
			continue
		}
		// QUIRK: an inner multipart whose boundary never came is read as one text.
		w.m.warn(WarnBoundaryMissing, "the boundary of part %s does not appear in it", w.nodes[l.node].path)
		n := w.nodes[l.node]
		w.beginLeaf(l.header.asText(), l.start, n.parent, n.branch)
		w.endLeaf(end)
	}
}

// endLeaf ends the open leaf before the delimiter line at end; the line end before that belongs to the delimiter.
func (w *walker) endLeaf(end int) {
	l := w.leaf
	w.leafOpen = false
	if end < len(w.raw) {
		end -= lineEndBefore(w.raw[l.start:max(end, l.start)])
	}
	l.end = max(end, l.start)
	w.keep(l)
}

// asText describes a multipart that cannot be taken apart.
func (h partHeader) asText() partHeader {
	h.media = mediaType{value: "text/plain", params: h.media.params}
	return h
}

func (m *mediaType) setBoundary(boundary string) {
	params := []mediaParam{{"boundary", boundary}}
	for _, p := range m.params {
		if p.name != "boundary" {
			params = append(params, p)
		}
	}
	m.params = params
}
