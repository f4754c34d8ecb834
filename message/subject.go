package message

import "strings"

// BaseSubject strips what mail clients put around a subject when they reply and forward: prefixes, nested, counted
// (Re[2]:, RE^3:) and in the languages of subjectPrefixes, "(fwd)" behind it, "[Fwd: ...]" around it (RFC 5256
// §2.1). Tags of mailing lists stay, each once, in front. White space is folded; case is kept.
//
// reply and forward tell what the outermost prefix is: of "Re: Fwd: x" it is a reply. Both are true for "VS:", which
// is a reply in Finnish and a forward in Danish and Norwegian.
func BaseSubject(s string) (base string, reply, forward bool) {
	scan := scanSubject(s)
	kind := scan.kind
	if kind == 0 && scan.trailer {
		kind = kindForward
	}
	base = strings.TrimSpace(strings.Join(append(scan.tags, scan.text), " "))
	return base, kind&kindReply != 0, kind&kindForward != 0
}

// SubjectParts is a subject taken apart at its reply and forward prefixes.
type SubjectParts struct {
	Base      string // without any prefix and the tags before it, white space folded; its case is kept
	Rest      string // without its first prefix where that is a forward's: the subject the original had
	Reply     bool   // the first prefix is a reply's ("Re:", "AW:", "Odp:")
	Forward   bool   // the first prefix is a forward's ("Fwd:", "WG:", "Пересл:"), or "(fwd)" stands behind
	Ambiguous bool   // a reply as well as a forward: "VS:" is either by language, "Re: x (fwd)" is the reply to or of a forward
}

// SplitSubject shows the same as [BaseSubject] to who looks for the original in a forward: tags before a prefix
// ("[EXTERNAL] Fwd: x") are of gateways on the way to the forwarder, so the original's subject had none.
func SplitSubject(subject string) SubjectParts {
	scan := scanSubject(subject)
	parts := SubjectParts{
		Base:    scan.base,
		Rest:    scan.whole,
		Reply:   scan.kind == kindReply && !scan.trailer,
		Forward: scan.kind&kindForward != 0 || scan.trailer,
	}
	parts.Ambiguous = parts.Forward && scan.kind&kindReply != 0
	if scan.kind&kindForward != 0 {
		parts.Rest = scan.inner
	}
	return parts
}

// subjectScan is a subject taken apart from the outside in.
type subjectScan struct {
	kind    prefixKind // of the outermost prefix, 0 without any
	trailer bool       // "(fwd)" stood behind
	tags    []string   // "[list]", each once, in order
	whole   string     // the subject, white space folded, without the trailer
	inner   string     // what the outermost prefix stands before
	base    string     // what the innermost prefix stands before
	text    string     // the same without tags
}

func scanSubject(s string) *subjectScan {
	scan := &subjectScan{text: foldSpace(plainText(s))}
	scan.trailer = scan.cutTrailer()
	scan.whole, scan.base = scan.text, scan.text
	for scan.prefix() || scan.wrapper() || scan.tag() {
	}
	return scan
}

// cutTrailer takes off the "(fwd)" of Pine.
func (scan *subjectScan) cutTrailer() (cut bool) {
	const trailer = "(fwd)"
	for len(scan.text) >= len(trailer) && strings.EqualFold(scan.text[len(scan.text)-len(trailer):], trailer) {
		scan.text, cut = strings.TrimRight(scan.text[:len(scan.text)-len(trailer)], " "), true
	}
	return cut
}

// found goes on with what stands behind a prefix.
func (scan *subjectScan) found(kind prefixKind, behind string) {
	scan.text = behind
	scan.cutTrailer() // RFC 5256 §2.1 (6): within "[Fwd: ...]" it begins anew
	scan.base = scan.text
	if scan.kind == 0 {
		scan.kind, scan.inner = kind, scan.text
	}
}

func (scan *subjectScan) prefix() bool {
	kind, n := subjectPrefix(scan.text)
	if n > 0 {
		scan.found(kind, strings.TrimLeft(scan.text[n:], " "))
	}
	return n > 0
}

// wrapper opens "[Fwd: x]" of Mozilla and reads "(Fwd) x" of Pegasus.
func (scan *subjectScan) wrapper() bool {
	const pegasus = "(fwd) "
	s := scan.text
	if len(s) > len(pegasus) && strings.EqualFold(s[:len(pegasus)], pegasus) {
		scan.found(kindForward, s[len(pegasus):])
		return true
	}
	if !strings.HasPrefix(s, "[") || !strings.HasSuffix(s, "]") {
		return false
	}
	kind, n := subjectPrefix(s[1:])
	if kind != kindForward {
		return false
	}
	scan.found(kindForward, strings.TrimSpace(s[1+n:len(s)-1]))
	return true
}

// Bounds of the tags that are taken for such: of one in bytes, and of all in number.
const (
	maxSubjectTag  = 128
	maxSubjectTags = 20
)

// tag reads "[list-name]". What follows must not be empty: a subject may be nothing but brackets.
func (scan *subjectScan) tag() bool {
	s := scan.text
	if !strings.HasPrefix(s, "[") || len(scan.tags) == maxSubjectTags {
		return false
	}
	end := strings.IndexByte(s[:min(len(s), maxSubjectTag)], ']')
	if end < 0 || end == len(s)-1 || strings.IndexByte(s[1:end], '[') >= 0 {
		return false
	}
	scan.text = strings.TrimLeft(s[end+1:], " ")
	if tag := s[:end+1]; !containsFold(scan.tags, tag) {
		scan.tags = append(scan.tags, tag)
	}
	return true
}

func containsFold(list []string, s string) bool {
	for _, other := range list {
		if strings.EqualFold(other, s) {
			return true
		}
	}
	return false
}
