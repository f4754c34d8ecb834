package message

import (
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// SanitizeHTML makes an HTML body safe to show within a page: only elements and attributes of text, tables and
// images stay; scripts, forms, frames, SVG, event handlers and styles that load something go; every element is
// closed. Links lead to http, https, mailto and tel only and open without a referrer. Images that lie in the mail
// keep their "cid:" reference; remote ones are not loaded, their address stands in data-remote-src, and remote
// tells that there are any.
func SanitizeHTML(source string) (clean string, remote bool) {
	source = cutString(strings.ToValidUTF8(source, "\uFFFD"), maxHTMLInput)
	source = strings.ReplaceAll(source, "\x00", "") // HTML §13.2.5 calls it an error; browsers drop it in text
	b := tagBalancer{count: make(map[atom.Atom]int)}
	b.run(mailPolicy().Sanitize(source))
	return b.out.String(), b.remote
}

// mailPolicy is the allow-list. URLs and styles are judged afterwards by tagBalancer, which knows the element.
var mailPolicy = sync.OnceValue(func() *bluemonday.Policy {
	elements := []string{
		"p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "strike", "del", "ins", "sub", "sup", "small", "big",
		"tt", "code", "pre", "kbd", "samp", "var", "blockquote", "q", "cite", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li",
		"dl", "dt", "dd", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col", "a", "img", "font",
		"center", "abbr", "address", "article", "section", "header", "footer", "main", "aside", "nav", "figure", "figcaption",
		"time", "mark", "wbr", "bdi", "bdo",
	}
	p := bluemonday.NewPolicy()
	p.AllowElements(elements...)
	p.AllowNoAttrs().OnElements(elements...)
	p.AllowAttrs("style", "dir", "lang", "title", "align", "valign").Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt", "border", "hspace", "vspace").OnElements("img")
	p.AllowAttrs("width", "height").OnElements("img", "table", "td", "th", "col", "hr")
	p.AllowAttrs("bgcolor", "border", "cellpadding", "cellspacing").OnElements("table", "tr", "td", "th", "tbody", "thead")
	p.AllowAttrs("colspan", "rowspan", "nowrap").OnElements("td", "th")
	p.AllowAttrs("span").OnElements("col", "colgroup")
	p.AllowAttrs("color", "face", "size").OnElements("font")
	p.AllowAttrs("start", "type").OnElements("ol", "ul", "li")
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid", "data")
	p.AllowRelativeURLs(true)
	p.SkipElementsContent("script", "style", "title", "template", "svg", "math", "object", "iframe", "noembed", "noframes",
		"select", "textarea", "audio", "video", "canvas", "noscript")
	return p
})

// tagBalancer rewrites HTML that has passed the policy: it closes what is open, drops ends of what is not, and judges
// links, images and styles.
type tagBalancer struct {
	out    strings.Builder
	open   []atom.Atom
	count  map[atom.Atom]int
	remote bool
}

func (b *tagBalancer) run(source string) {
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			for len(b.open) > 0 {
				b.pop()
			}
			return
		case html.TextToken:
			b.out.WriteString(html.EscapeString(string(z.Text())))
		case html.StartTagToken, html.SelfClosingTagToken:
			b.start(z.Token())
		case html.EndTagToken:
			name, _ := z.TagName()
			b.end(atom.Lookup(name))
		}
	}
}

func (b *tagBalancer) start(t html.Token) {
	void := isVoid(t.DataAtom)
	if t.DataAtom == 0 || !void && len(b.open) >= maxOpenTags {
		return
	}
	t.Type = html.StartTagToken
	t.Attr = b.attributes(t)
	b.out.WriteString(t.String())
	if !void {
		b.open = append(b.open, t.DataAtom)
		b.count[t.DataAtom]++
	}
}

func isVoid(name atom.Atom) bool {
	switch name {
	case atom.Br, atom.Hr, atom.Img, atom.Col, atom.Wbr:
		return true
	}
	return false
}

func (b *tagBalancer) end(name atom.Atom) {
	for b.count[name] > 0 {
		if b.pop() == name {
			return
		}
	}
}

func (b *tagBalancer) pop() atom.Atom {
	name := b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	b.count[name]--
	b.out.WriteString("</" + name.String() + ">")
	return name
}

func (b *tagBalancer) attributes(t html.Token) []html.Attribute {
	attrs := t.Attr[:0]
	link := false
	for _, a := range t.Attr {
		keep := true
		switch a.Key {
		case "href":
			link = t.DataAtom == atom.A && isLink(a.Val)
			keep = link
		case "src":
			keep = t.DataAtom == atom.Img && b.image(&a)
		case "style":
			a.Val, keep = b.style(a.Val)
		case "rel", "target":
			keep = false
		}
		if keep {
			attrs = append(attrs, a)
		}
	}
	if link {
		attrs = append(attrs, html.Attribute{Key: "rel", Val: "noopener noreferrer"}, html.Attribute{Key: "target", Val: "_blank"})
	}
	return attrs
}

func isLink(url string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(url[:min(len(url), 20)]), ":")
	return ok && (scheme == "http" || scheme == "https" || scheme == "mailto" || scheme == "tel")
}

// maxDataImage is the length of the longest image within the HTML itself that is shown, in bytes.
const maxDataImage = 100 << 10

// image judges where an image comes from; false if from nowhere it may.
func (b *tagBalancer) image(a *html.Attribute) bool {
	lower := strings.ToLower(a.Val[:min(len(a.Val), 30)])
	switch {
	case strings.HasPrefix(lower, "cid:"):
		return true
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"), strings.HasPrefix(lower, "//"):
		b.remote = true
		a.Key = "data-remote-src"
		return true
	}
	for _, format := range []string{"png", "jpeg", "jpg", "gif", "webp"} {
		if strings.HasPrefix(lower, "data:image/"+format+";base64,") {
			return len(a.Val) <= maxDataImage
		}
	}
	return false
}

// style keeps the declarations of a style attribute that only change how text looks.
func (b *tagBalancer) style(value string) (kept string, ok bool) {
	var out strings.Builder
	for declaration := range strings.SplitSeq(value, ";") {
		property, value, _ := strings.Cut(declaration, ":")
		property = strings.ToLower(strings.TrimSpace(property))
		if strings.Contains(strings.ToLower(value), "url(") {
			b.remote = true
		}
		if value = strings.TrimSpace(value); !allowedProperty(property) || !allowedValue(value) {
			continue
		}
		if out.Len() > 0 {
			out.WriteString("; ")
		}
		out.WriteString(property + ": " + value)
	}
	return out.String(), out.Len() > 0
}

// allowedProperty leaves out what can move content over the page around it, and what loads anything.
func allowedProperty(name string) bool {
	switch name {
	case "color", "background", "background-color", "line-height", "letter-spacing", "vertical-align", "white-space",
		"word-break", "word-wrap", "overflow-wrap", "width", "max-width", "min-width", "height", "max-height", "display",
		"float", "clear", "direction", "list-style-type", "table-layout", "visibility":
		return true
	}
	family, _, _ := strings.Cut(name, "-")
	switch family {
	case "font", "text", "margin", "padding", "border":
		return !strings.HasSuffix(name, "-image") && !strings.HasSuffix(name, "-source")
	}
	return false
}

// allowedValue accepts words, numbers, colours and strings. Functions other than those of colours, escapes and
// negative lengths are out.
func allowedValue(value string) bool {
	if value == "" || len(value) > 200 {
		return false
	}
	lower := strings.ToLower(value)
	for _, function := range []string{"rgba(", "rgb(", "hsla(", "hsl("} {
		lower = strings.ReplaceAll(lower, function, "")
	}
	for i := range len(lower) {
		c := lower[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', strings.IndexByte(" .,%#'\"!/+)", c) >= 0, c >= 0x80:
		case c == '-' && (i+1 == len(lower) || lower[i+1] >= 'a' && lower[i+1] <= 'z'):
		default:
			return false
		}
	}
	return !strings.Contains(lower, "expression") && !strings.Contains(lower, "javascript")
}
