package message

import (
	"strings"
	"time"
)

// ForwardInput is what ParseForward looks at: decoded subject and bodies of the covering message.
type ForwardInput struct {
	Subject string // as displayed, encoded words decoded
	Text    string // text/plain body, UTF-8; may be empty
	HTML    string // text/html body, UTF-8; may be empty
	Reply   bool   // the subject has a reply prefix (SplitSubject), or the message has an In-Reply-To field
}

// Forwarded is an original message as its inline forward shows it.
type Forwarded struct {
	From         Address
	FromNameOnly bool // the forwarding client printed no address, only From.Name
	To, Cc       []Address
	Subject      string    // as written in the header block; without one, the covering subject less its forward prefix
	Date         time.Time // zero when DateText could not be read; wall clock in UTC when !Zoned
	DateText     string    // as written, in whatever language
	Zoned        bool      // DateText named its time zone
	Note         string    // what the forwarder wrote above, without his signature
	Body         string    // the original's text, quote marks removed
	Override     bool      // From was given by the forwarder on the first line (see ForwardOverride)
	Deal         int64     // of "#deal 42" on the first line; 0 when absent
}

// forwardLimit bounds what is looked at of one body, in bytes (SEMANTICS §8.3).
const forwardLimit = 1 << 20

// ParseForward reads the original out of an inline forward, from the text or from the HTML.
//
// A mail counts as a forward when its subject starts with a forward prefix ("Fwd:", "WG:", "Пересл:") and a header
// block or attribution line follows in the body, or when the body's first quotation stands under a line that says
// "forwarded message". The first block is the outermost, so it names the author however deep the forwards nest.
// A reply without a forward prefix is never a forward: a header block there is a quotation.
// The result is false also when nothing could be found; there is no error. Time is linear in the input.
func ParseForward(in ForwardInput) (Forwarded, bool) {
	subject := SplitSubject(in.Subject)
	override, text := forwardOverrideOf(in.Text)
	if override.From.Addr == "" && (in.Reply || subject.Reply) && !subject.Forward {
		return Forwarded{}, false
	}
	finder := forwardFinder{subject: subject, reply: in.Reply}
	fwd, ok := finder.inText(text)
	if in.HTML != "" && (!ok || fwd.FromNameOnly || strings.Contains(in.HTML, "mailto:")) {
		fromHTML, found := finder.inHTML(in.HTML)
		fwd, ok = forwardMerge(fwd, ok, fromHTML, found)
	}
	if override.From.Addr != "" {
		fwd = forwardApplyOverride(fwd, ok, override, text, subject)
		ok = true
	}
	fwd.Deal = override.Deal
	return fwd, ok
}

// forwardFinder holds what the covering header says while a body is searched.
type forwardFinder struct {
	attributionReader
	subject SubjectParts
	reply   bool // an In-Reply-To was there
	tries   int  // see mayTry
}

func (f *forwardFinder) inText(text string) (Forwarded, bool) {
	if text == "" {
		return Forwarded{}, false
	}
	return f.inLines(forwardLines(text))
}

func (f *forwardFinder) inHTML(html string) (Forwarded, bool) {
	return f.inLines(forwardHTMLLines(html))
}

func (f *forwardFinder) inLines(lines []forwardLine) (Forwarded, bool) {
	f.tries, f.attributionReader = 0, attributionReader{}
	q, ok := f.firstQuotation(lines)
	if !ok || !f.isForward(lines, q) {
		return Forwarded{}, false
	}
	return f.forwarded(lines, q)
}

// isForward decides whether the first quotation of the body makes the mail a forward.
func (f *forwardFinder) isForward(lines []forwardLine, q forwardQuotation) bool {
	if q.explicit {
		return true
	}
	if !f.subject.Forward {
		return !f.reply && !f.subject.Reply && f.prefixesSubjectOf(q.block)
	}
	// QUIRK: "VS:" is "videresendt" in Danish and Norwegian, but "vastaus" (reply) in Finnish and Estonian.
	if f.subject.Ambiguous && forwardVSIsReply(q.language, f.reply) {
		return false
	}
	// "On … wrote:" above a quoted "Forwarded message" is a reply to a forward whose client put no "Re:".
	return !(f.reply && q.attribution && forwardMarkerFollows(lines, q.body))
}

// prefixesSubjectOf reports a covering subject that is the block's own behind one word we do not know and a colon. A
// reply in the same unknown language would have an In-Reply-To field.
func (f *forwardFinder) prefixesSubjectOf(block forwardBlock) bool {
	own := foldSpace(block.values[forwardSubject])
	prefix, ok := strings.CutSuffix(f.subject.Rest, own)
	if !ok || own == "" || !block.complete() {
		return false
	}
	word, ok := strings.CutSuffix(strings.TrimSpace(prefix), ":")
	return ok && word != "" && len(word) <= 24 && !strings.ContainsAny(word, " :[]()")
}

// forwardVSIsReply tells from the language of the header labels what a "VS:" meant.
func forwardVSIsReply(language string, reply bool) bool {
	switch language {
	case "fi", "et":
		return true
	case "da", "no":
		return false
	}
	return reply
}

// forwardMarkerFollows reports a "Forwarded message" line as the first thing below line i, one quote level deeper.
func forwardMarkerFollows(lines []forwardLine, i int) bool {
	j, ok := forwardNextText(lines, i, 3)
	return ok && lines[j].depth > 0 && forwardMarkerOf(lines[j].text).kind == forwardMarkerForward
}

// forwarded turns a quotation into the answer.
func (f *forwardFinder) forwarded(lines []forwardLine, q forwardQuotation) (Forwarded, bool) {
	from, name := q.author()
	fwd := Forwarded{
		From:     from,
		To:       forwardMailboxes(q.block.values[forwardTo]),
		Cc:       forwardMailboxes(q.block.values[forwardCc]),
		Subject:  q.block.values[forwardSubject],
		DateText: q.block.values[forwardDate],
		Note:     forwardNote(lines[:q.first]),
		Body:     forwardBody(lines, q),
	}
	fwd.FromNameOnly = from.Addr == "" && name
	if !q.block.seen[forwardSubject] {
		fwd.Subject = f.subject.Rest
	}
	fwd.Date, fwd.Zoned = forwardParseDate(fwd.DateText, q.language)
	return fwd, from.Addr != "" || fwd.FromNameOnly
}

// forwardMerge joins what text and HTML said. The text is the better note and body; the HTML knows addresses that the
// text part lost, because clients print "John Doe" there and keep the address in a mailto: link.
func forwardMerge(text Forwarded, textOK bool, html Forwarded, htmlOK bool) (Forwarded, bool) {
	if !textOK || !htmlOK {
		if textOK {
			return text, true
		}
		return html, htmlOK
	}
	if !forwardSameOriginal(text, html) {
		return text, true
	}
	if html.From.Addr != "" {
		text.From.Addr, text.FromNameOnly = html.From.Addr, false
	}
	if text.From.Name == "" {
		text.From.Name = html.From.Name
	}
	if len(html.To) > len(text.To) {
		text.To = html.To
	}
	if len(html.Cc) > len(text.Cc) {
		text.Cc = html.Cc
	}
	if text.Date.IsZero() && !html.Date.IsZero() {
		text.Date, text.DateText, text.Zoned = html.Date, html.DateText, html.Zoned
	}
	return text, true
}

// forwardSameOriginal guards the merge: both bodies must speak of the same message.
func forwardSameOriginal(a, b Forwarded) bool {
	if a.From.Addr != "" && strings.EqualFold(a.From.Addr, b.From.Addr) {
		return true
	}
	return strings.EqualFold(foldSpace(a.Subject), foldSpace(b.Subject)) &&
		(a.From.Name == "" || b.From.Name == "" || strings.EqualFold(a.From.Name, b.From.Name))
}
