package message

import (
	"bytes"
	"strings"
)

// isMail tells that a leaf is a mail attached by a person: message/rfc822, message/global (RFC 6532 §3.7), or a
// file *.eml of no particular type. The mail that a delivery report returns (RFC 6522 §3) is none.
func (w *walker) isMail(p Part, l mimeLeaf) bool {
	switch p.MediaType {
	case "message/rfc822", "message/global":
	case "application/octet-stream", "application/x-message", "application/eml", "message/eml", "text/plain", "text/x-eml":
		// QUIRK: webmail uploads a saved mail as a file like any other.
		if !strings.HasSuffix(strings.ToLower(p.Name), ".eml") || !looksLikeMail(p) {
			return false
		}
	default:
		return false
	}
	for n := l.node; n >= 0; n = w.nodes[n].parent {
		if w.nodes[n].subtype == "report" {
			return false
		}
	}
	return true
}

func looksLikeMail(p Part) bool {
	const enough = 4 << 10
	head, _, _ := decodeTransfer(p.content, p.transferEncoding(), enough)
	return anyPlausible(salvageHeader(head[:min(len(head), enough)], enough, nil).fields)
}

// transferEncoding is the encoding that the content really has.
func (p Part) transferEncoding() string {
	if p.Encoding == encodingBase64 && isProse(p.content) {
		return encodingPlain
	}
	return p.Encoding
}

// isProse tells that text declared as base64 is not. QUIRK: seen of a mailer that forgot to encode.
func isProse(content []byte) bool {
	head := content[:min(len(content), 512)]
	spaces, others := bytes.Count(head, []byte(" ")), 0
	for _, c := range head {
		if base64Table[c] == base64Junk {
			others++
		}
	}
	return spaces >= 3 && 100*(spaces+others) > 5*len(head)
}

// readOriginal reads the mail in a part, and those in it.
func (p *parser) readOriginal(part Part, prefix string) {
	if len(p.originals) >= maxOriginals || p.depth >= maxOriginalDepth || p.late() {
		p.originalsOver = true
		return
	}
	raw := part.content
	if encoding := part.transferEncoding(); encoding == encodingBase64 || encoding == encodingQP {
		// QUIRK: RFC 2046 §5.2.1 forbids to encode a message; mailers that attach it as a file do.
		var cut bool
		raw, cut, _ = decodeTransfer(raw, encoding, p.decodeBudget)
		p.originalsOver = p.originalsOver || cut
		p.decodeBudget = max(0, p.decodeBudget-len(raw))
	}
	path := prefix + part.Path
	n := len(p.originals)
	p.depth++
	p.originals = append(p.originals, Original{Path: path, Depth: p.depth})
	m := p.message(raw, path+"/") // appends to the list
	p.originals[n].Message = m
	p.depth--
}
