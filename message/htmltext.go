package message

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of HTMLToText, in bytes.
const (
	maxHTMLText  = 1 << 20 // of the text it returns
	maxHTMLInput = 8 << 20 // of the HTML it reads
	maxHref      = 2000    // of a link that it shows
	maxOpenTags  = 512     // elements it follows; deeper ones are read as if they were not there
	maxQuoteMark = 10      // quote marks in a line
)

// HTMLToText makes readable plain text of an HTML body: paragraphs, line breaks and list items on lines of their
// own, table cells separated by tabs, a link as "text <url>" unless both say the same, quoted text behind "> ".
// Scripts, styles, comments, the head and hidden text (preheaders of newsletters) are left out. The result is at most
// 1 MiB.
func HTMLToText(source string) string {
	source = cutString(strings.ToValidUTF8(source, "\uFFFD"), maxHTMLInput)
	t := htmlText{}
	t.run(source)
	if text := t.out.String(); text != "" || !t.hid {
		return text
	}
	t = htmlText{showHidden: true} // QUIRK: an element that hides everything because its end is missing
	t.run(source)
	return t.out.String()
}

// htmlText follows the tokens of an HTML text. It needs no tree: html.Parse gives up at 512 open elements.
type htmlText struct {
	out        textWriter
	open       []openTag
	count      map[atom.Atom]int // open elements by name
	hidden     int               // open elements that hide their content
	lists      []htmlList
	link       htmlLink
	firstCell  bool
	showHidden bool
	hid        bool // something was hidden
}

type openTag struct {
	name   atom.Atom
	hidden bool
	space  int // line ends around it
	white  whiteSpace
}

type htmlList struct {
	ordered bool
	items   int
}

// htmlLink is an open link: where it goes and where its text begins in the output.
type htmlLink struct {
	open  bool
	href  string
	start int // -1 as long as it has no text
}

func (t *htmlText) run(source string) {
	t.count = make(map[atom.Atom]int)
	z := html.NewTokenizer(strings.NewReader(source))
	for t.out.len() < maxHTMLText {
		switch z.Next() {
		case html.ErrorToken:
			t.closeLink()
			return
		case html.TextToken:
			t.text(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			t.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			t.end(atom.Lookup(name))
		}
	}
}

func (t *htmlText) text(b []byte) {
	if t.hidden > 0 {
		t.hid = t.hid || len(bytes.TrimSpace(b)) > 0
		return
	}
	switch t.white() {
	case whiteKept:
		t.out.preformatted(b)
	case whiteLines:
		t.out.lines(b)
	default:
		t.out.flowing(b)
	}
}

// white is what white space means here.
func (t *htmlText) white() whiteSpace {
	if len(t.open) == 0 {
		return whiteFolded
	}
	return t.open[len(t.open)-1].white
}

func (t *htmlText) start(z *html.Tokenizer) {
	tag := readTag(z)
	t.impliedEnd(tag.name)
	switch tag.name {
	case atom.Br:
		if t.hidden == 0 {
			t.out.lineBreak()
		}
		return
	case atom.Img:
		if t.hidden == 0 && !tag.pixel && !(tag.hidden && !t.showHidden) {
			t.out.flowing([]byte(tag.alt))
		}
		return
	case atom.Hr:
		t.rule()
		return
	case 0, atom.Meta, atom.Link, atom.Input, atom.Col, atom.Wbr, atom.Base, atom.Area, atom.Source, atom.Embed, atom.Param, atom.Track:
		return // without content, or not HTML
	}
	if !t.push(tag) || t.hidden > 0 {
		return
	}
	t.begin(tag)
}

// impliedEnd ends the element on top where HTML lets its end tag be left out.
func (t *htmlText) impliedEnd(next atom.Atom) {
	if len(t.open) == 0 {
		return
	}
	top := t.open[len(t.open)-1].name
	switch {
	case top == atom.P && (next == atom.P || blockSpace(next) > 0),
		top == atom.Li && next == atom.Li,
		(top == atom.Td || top == atom.Th) && (next == atom.Td || next == atom.Th || next == atom.Tr),
		top == atom.Tr && next == atom.Tr,
		top == atom.Option && next == atom.Option:
		t.end(top)
	}
}

// push opens an element; false if there are too many.
func (t *htmlText) push(tag htmlTag) bool {
	if len(t.open) >= maxOpenTags {
		return false
	}
	hidden := tag.hidden && !t.showHidden || neverShown(tag.name)
	if tag.white == whiteInherited {
		tag.white = t.white()
	}
	t.open = append(t.open, openTag{tag.name, hidden, tag.space(), tag.white})
	t.count[tag.name]++
	t.hidden += countIf(hidden)
	return true
}

func (t *htmlText) begin(tag htmlTag) {
	space := tag.space()
	switch tag.name {
	case atom.A:
		t.closeLink()
		t.out.block(space)
		t.link = htmlLink{open: true, href: tag.href, start: -1}
		t.out.mark = &t.link.start
	case atom.Ul, atom.Ol:
		if len(t.lists) < maxQuoteMark {
			t.lists = append(t.lists, htmlList{ordered: tag.name == atom.Ol})
		}
		if len(t.lists) == 1 {
			space = 2
		}
		t.out.block(space)
	case atom.Li:
		t.out.block(1)
		t.out.bullet = t.bullet()
	case atom.Table, atom.Tr:
		t.out.newRow()
		t.firstCell = true
	case atom.Td, atom.Th:
		if !t.firstCell {
			t.out.cell()
		}
		t.firstCell = false
	case atom.Blockquote:
		t.out.block(space)
		t.out.quote = min(t.count[atom.Blockquote], maxQuoteMark)
	default:
		t.out.block(space)
	}
}

// bullet makes the mark of the next list item.
func (t *htmlText) bullet() string {
	if len(t.lists) == 0 {
		return "- "
	}
	list := &t.lists[len(t.lists)-1]
	list.items++
	indent := strings.Repeat("  ", len(t.lists)-1)
	if list.ordered {
		return indent + strconv.Itoa(list.items) + ". "
	}
	return indent + "- "
}

func (t *htmlText) rule() {
	if t.hidden > 0 {
		return
	}
	t.out.block(1)
	t.out.flowing([]byte("---"))
	t.out.block(1)
}

// end closes the last open element of that name and all within it.
func (t *htmlText) end(name atom.Atom) {
	if name == atom.P && t.count[name] == 0 || name == atom.Br {
		return
	}
	for t.count[name] > 0 {
		top := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		t.count[top.name]--
		if top.hidden {
			t.hidden--
		} else if t.hidden == 0 {
			t.finish(top)
		}
		if top.name == name {
			return
		}
	}
}

func (t *htmlText) finish(tag openTag) {
	switch tag.name {
	case atom.A:
		t.closeLink()
		t.out.block(tag.space)
	case atom.Ul, atom.Ol:
		if n := len(t.lists); n > 0 {
			t.lists = t.lists[:n-1]
		}
		t.out.block(1 + countIf(len(t.lists) == 0))
	default:
		t.out.block(tag.space)
		t.out.quote = min(t.count[atom.Blockquote], maxQuoteMark)
	}
}

// closeLink writes where the open link goes, if its text does not say so.
func (t *htmlText) closeLink() {
	t.out.mark = nil
	link := t.link
	t.link = htmlLink{}
	target := linkTarget(link.href)
	if !link.open || link.start < 0 || target == "" {
		return
	}
	text := string(t.out.from(link.start))
	if sameLink(text, target) {
		return
	}
	t.out.verbatim(" <" + target + ">")
}

// linkTarget returns what is shown of a link: an address for mailto, "" for what leads nowhere from a text.
func linkTarget(href string) string {
	href = cleanText(href)
	lower := strings.ToLower(href[:min(len(href), 10)])
	switch {
	case strings.HasPrefix(lower, "mailto:"):
		addr, _, _ := strings.Cut(href[len("mailto:"):], "?")
		return addr
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"), strings.HasPrefix(lower, "tel:"):
		return strings.ReplaceAll(href, " ", "%20")
	}
	return ""
}

func sameLink(text, target string) bool {
	bare := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		for _, scheme := range []string{"https://", "http://", "tel:", "mailto:", "www."} {
			s = strings.TrimPrefix(s, scheme)
		}
		return strings.TrimRight(s, "/")
	}
	return bare(text) == bare(target) || strings.IndexByte(target, '@') > 0 && strings.Contains(bare(text), bare(target))
}
