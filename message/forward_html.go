package message

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// forwardHTMLLines lays an HTML body out in lines as a mail client shows it. In the comparable text of a line every
// link to a mailbox is followed by "<mailto:address>", the form that Outlook uses in plain text, so one address reader
// serves both; the copyable text has no such marks. It uses the tokenizer because html.Parse gives up on deep nesting.
func forwardHTMLLines(body string) []forwardLine {
	z := html.NewTokenizer(strings.NewReader(cutString(body, forwardLimit)))
	var p forwardHTMLPage
	for len(p.lines) < forwardMaxLines {
		switch z.Next() {
		case html.ErrorToken:
			p.breakLine()
			return p.lines
		case html.TextToken:
			p.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			name, attrs := z.TagName()
			p.open(string(name), attrs, z)
		case html.EndTagToken:
			name, _ := z.TagName()
			p.close(string(name))
		}
	}
	return p.lines
}

// forwardHTMLPage collects lines while tags go by.
type forwardHTMLPage struct {
	lines    []forwardLine
	seen     strings.Builder // the open line with mailto marks
	copy     strings.Builder // the open line as it reads
	depth    int             // open blockquotes
	verbatim int             // open pre elements
	skip     string          // inside this element nothing is shown
	mailto   string          // address of the open link
	bullet   string          // of a list item that has no text yet
}

func (p *forwardHTMLPage) text(s string) {
	if p.skip != "" {
		return
	}
	if p.verbatim > 0 {
		p.verbatimText(s)
		return
	}
	before := p.copy.String()
	p.write(forwardCollapse(s, before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "\t")))
}

func (p *forwardHTMLPage) verbatimText(s string) {
	for {
		line, rest, more := strings.Cut(s, "\n")
		p.write(strings.TrimRight(line, "\r"))
		if !more {
			return
		}
		p.breakLine()
		s = rest
	}
}

func (p *forwardHTMLPage) write(s string) {
	if s != "" {
		p.copy.WriteString(p.bullet)
		p.bullet = ""
	}
	p.seen.WriteString(s)
	p.copy.WriteString(s)
}

// forwardCollapse folds white space as HTML does; no-break spaces stay. After a space no other one is begun.
func forwardCollapse(s string, afterSpace bool) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' {
			if !afterSpace {
				b.WriteByte(' ')
			}
			afterSpace = true
			continue
		}
		b.WriteRune(r)
		afterSpace = false
	}
	return b.String()
}

func (p *forwardHTMLPage) open(name string, attrs bool, z *html.Tokenizer) {
	if p.skip != "" {
		return
	}
	switch name {
	case "script", "style", "title", "textarea", "select", "noscript":
		p.skip = name
	case "a":
		p.mailto = ""
		if attrs {
			p.mailto = forwardMailtoAttr(z)
		}
	case "td", "th":
		if p.copy.Len() > 0 {
			p.seen.WriteByte(' ')
			p.copy.WriteByte('\t')
		}
	case "li":
		p.endBlock()
		p.bullet = "- "
	case "hr":
		p.breakLine()
		p.write("________________________________")
		p.breakLine()
	case "br":
		p.breakLine()
		return
	case "blockquote":
		p.endBlock()
		p.depth++
	case "pre":
		p.endBlock()
		p.verbatim++
	default:
		p.block(name)
	}
}

func (p *forwardHTMLPage) close(name string) {
	if p.skip != "" {
		if name == p.skip {
			p.skip = ""
		}
		return
	}
	switch name {
	case "a":
		if p.mailto != "" {
			p.seen.WriteString("<mailto:" + p.mailto + ">")
		}
		p.mailto = ""
	case "blockquote":
		p.endBlock()
		p.depth = max(0, p.depth-1)
	case "pre":
		p.endBlock()
		p.verbatim = max(0, p.verbatim-1)
	default:
		p.block(name)
	}
}

// block ends the line at the edges of elements that stand on their own; paragraphs also keep an empty line between.
func (p *forwardHTMLPage) block(name string) {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6":
		p.endBlock()
		if n := len(p.lines); n > 0 && p.lines[n-1].text != "" {
			p.breakLine()
		}
	case "div", "tr", "table", "li", "ul", "ol", "dl", "dt", "dd", "section", "article", "header", "footer",
		"center", "address", "body", "form", "fieldset":
		p.endBlock()
	}
}

// endBlock ends the open line unless nothing is on it.
func (p *forwardHTMLPage) endBlock() {
	if p.copy.Len() > 0 {
		p.breakLine()
	}
}

func (p *forwardHTMLPage) breakLine() {
	// Text that a gateway turned into HTML keeps its quote marks.
	marks, seen := forwardUnquote(strings.TrimLeft(p.seen.String(), forwardInvisible), -1)
	line := forwardLine{depth: p.depth + marks, text: plainText(seen)}
	if line.text != "" {
		_, line.raw = forwardUnquote(strings.TrimLeft(strings.TrimRight(p.copy.String(), " \t"), forwardInvisible), -1)
	}
	p.lines = append(p.lines, line)
	p.seen.Reset()
	p.copy.Reset()
}

// forwardMailtoAttr returns the address of a link to a mailbox (RFC 6068), or "".
func forwardMailtoAttr(z *html.Tokenizer) string {
	for {
		key, value, more := z.TagAttr()
		if string(key) == "href" {
			return forwardMailto(string(value))
		}
		if !more {
			return ""
		}
	}
}

// forwardMailto returns the first address of a link to a mailbox, "" if it is none.
func forwardMailto(href string) string {
	href = strings.TrimSpace(href)
	if len(href) < 7 || !strings.EqualFold(href[:7], "mailto:") {
		return ""
	}
	addr, _, _ := strings.Cut(href[7:], "?")
	addr, _, _ = strings.Cut(addr, ",")
	if plain, err := url.PathUnescape(addr); err == nil {
		addr = plain
	}
	return cleanAddr(addr)
}
