package message

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlTag is a start tag as far as it matters here.
type htmlTag struct {
	name                   atom.Atom
	href, alt              string
	hidden, pixel, noSpace bool
	block                  bool // an inline element that is laid out as a block
	white                  whiteSpace
}

// whiteSpace says what the white space in an element means (CSS Text 3 §3).
type whiteSpace int

// inherited: as around it; folded: nothing; lines: line ends count; kept: all of it.
const (
	whiteInherited whiteSpace = iota
	whiteFolded
	whiteLines
	whiteKept
)

func readTag(z *html.Tokenizer) htmlTag {
	name, more := z.TagName()
	tag := htmlTag{name: atom.Lookup(name)}
	if tag.name == atom.Pre {
		tag.white = whiteKept
	}
	for n := 0; more && n < 100; n++ {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "href":
			tag.href = cutString(string(value), maxHref)
		case "alt":
			tag.alt = cutString(string(value), maxHref)
		case "class":
			tag.noSpace = tag.noSpace || bytes.HasPrefix(value, []byte("Mso"))
		case "hidden":
			tag.hidden = true
		case "width", "height":
			tag.pixel = tag.pixel || string(value) == "1" || string(value) == "0"
		case "style":
			tag.readStyle(value)
		}
	}
	return tag
}

// readStyle looks for what hides text, and for what makes lines of it: mail written on a telephone, or by a program out of
// plain text, often has its line ends as they are in an element with white-space: pre-wrap.
//
// QUIRK: font-size:0 does not count, responsive layouts put it on containers of visible text.
func (tag *htmlTag) readStyle(value []byte) {
	style := strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, strings.ToLower(string(value[:min(len(value), 4096)])))
	has := func(declaration string) bool {
		_, after, ok := strings.Cut(style, declaration)
		return ok && (after == "" || strings.IndexByte(".123456789", after[0]) < 0)
	}
	tag.hidden = tag.hidden || has("display:none") || has("visibility:hidden") || has("mso-hide:all") ||
		has("opacity:0") || has("max-height:0") && has("overflow:hidden")
	tag.noSpace = tag.noSpace || strings.HasPrefix(style, "margin:0") || strings.Contains(style, ";margin:0")
	tag.block = has("display:block")
	if _, value, ok := strings.Cut(style, "white-space:"); ok {
		tag.white = whiteSpaceOf(value)
	}
}

func whiteSpaceOf(value string) whiteSpace {
	switch {
	case strings.HasPrefix(value, "pre-line"):
		return whiteLines
	case strings.HasPrefix(value, "pre"), strings.HasPrefix(value, "break-spaces"):
		return whiteKept
	case strings.HasPrefix(value, "normal"), strings.HasPrefix(value, "nowrap"):
		return whiteFolded
	}
	return whiteInherited
}

// neverShown tells elements whose text no reader of a mail sees.
func neverShown(name atom.Atom) bool {
	switch name {
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Svg, atom.Math, atom.Object, atom.Iframe, atom.Noembed,
		atom.Noframes, atom.Select, atom.Textarea, atom.Audio, atom.Video, atom.Canvas:
		return true
	}
	return false
}

// blockSpace tells how many line ends separate an element from what is around it; 0 for inline ones.
func blockSpace(name atom.Atom) int {
	switch name {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Pre:
		return 2
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Aside, atom.Nav, atom.Address,
		atom.Center, atom.Dl, atom.Dt, atom.Dd, atom.Fieldset, atom.Form, atom.Figure, atom.Figcaption, atom.Caption,
		atom.Body, atom.Ul, atom.Ol, atom.Li, atom.Table, atom.Tr, atom.Details, atom.Summary:
		return 1
	}
	return 0
}

// space tells how many line ends separate the element from what is around it.
//
// QUIRK: Outlook makes a paragraph of each line and takes its margin away.
func (tag htmlTag) space() int {
	space := blockSpace(tag.name)
	if tag.noSpace {
		return min(space, 1)
	}
	return max(space, countIf(tag.block))
}
