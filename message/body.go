package message

import (
	"html"
	"strings"
)

// bodySection is a piece of the body: one text part, or a multipart/alternative with the same in several forms.
type bodySection struct {
	text, html             string
	textCut, htmlCut       bool
	textBranch, htmlBranch int // branch of the alternative each was taken from
	alternative            int // its node, -1 if there is none
}

// chooseBodies fills Text and HTML. Of an alternative the first text and the last HTML are taken (RFC 2046 §5.1.4:
// the best comes last); several inline texts are joined.
func (w *walker) chooseBodies() {
	var sections []bodySection
	for i := range w.leaves {
		l := &w.leaves[i]
		if !w.isBody(i, len(sections) == 0) {
			continue
		}
		l.body = true
		node, branch := w.alternativeOf(l)
		if node < 0 || len(sections) == 0 || sections[len(sections)-1].alternative != node {
			sections = append(sections, bodySection{alternative: node})
		}
		w.addTo(&sections[len(sections)-1], i, branch)
	}
	w.join(sections)
}

// isBody tells whether a leaf is shown as body. first: none was before it.
func (w *walker) isBody(i int, first bool) bool {
	p, l := &w.m.Parts[i], &w.leaves[i]
	switch p.MediaType {
	case "text/plain", "text/html", "text/enriched", "text/richtext":
	default:
		return false
	}
	if p.isFile() || w.inReportTail(l) {
		return false
	}
	if first || l.node < 0 {
		return true
	}
	parent := w.nodes[l.node].subtype
	if parent == "related" && l.branch > 1 && p.ContentID != "" {
		return false
	}
	return p.Name == "" || parent == "alternative"
}

// isFile tells that the disposition keeps a part out of the body. An unknown one means an attachment (RFC 2183
// §2.8), if there is a name to save it under.
func (p *Part) isFile() bool {
	switch p.Disposition {
	case "", "inline":
		return false
	case "attachment":
		return true
	}
	return p.Name != ""
}

// inReportTail tells that a leaf belongs to the parts of a multipart/report for machines (RFC 6522 §3).
func (w *walker) inReportTail(l *mimeLeaf) bool {
	branch := l.branch
	for n := l.node; n >= 0; n = w.nodes[n].parent {
		if w.nodes[n].subtype == "report" && branch > 1 {
			return true
		}
		branch = w.nodes[n].branch
	}
	return false
}

// alternativeOf returns the outermost multipart/alternative around a leaf, and in which of its branches it is.
func (w *walker) alternativeOf(l *mimeLeaf) (node, branch int) {
	node = -1
	at := l.branch
	for n := l.node; n >= 0; n = w.nodes[n].parent {
		if w.nodes[n].subtype == "alternative" {
			node, branch = n, at
		}
		at = w.nodes[n].branch
	}
	return node, branch
}

// addTo decodes a leaf into its section, unless a better form of it is there. Blank texts count for nothing.
func (w *walker) addTo(s *bodySection, i, branch int) {
	text, cut := w.decodeBody(i)
	if strings.TrimSpace(text) == "" {
		return
	}
	if w.m.Parts[i].MediaType != "text/html" {
		if s.text == "" || s.textBranch == branch {
			s.text, s.textBranch = joinBodies(s.text, text), branch
			s.textCut = s.textCut || cut
		}
		return
	}
	if s.htmlBranch != branch {
		s.html, s.htmlCut = "", false
	}
	s.html, s.htmlBranch = joinBodies(s.html, text), branch
	s.htmlCut = s.htmlCut || cut
}

func joinBodies(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return strings.TrimRight(a, "\n") + "\n" + b
}

// join puts the sections together. If some are text only and some HTML only, each is brought to both forms, lest
// the footer of a mailing list hide the body or the other way round.
func (w *walker) join(sections []bodySection) {
	texts, htmls := 0, 0
	for _, s := range sections {
		texts += countIf(s.text != "")
		htmls += countIf(s.html != "")
	}
	m := w.m
	for _, s := range sections {
		if texts > 0 && s.text == "" {
			s.text = HTMLToText(s.html)
		}
		if htmls > 0 && s.html == "" && s.text != "" {
			s.html = textToHTML(s.text)
		}
		m.TextCut = m.TextCut || s.textCut
		m.HTMLCut = m.HTMLCut || s.htmlCut
		if len(m.Text) <= w.lim.BodyBytes {
			m.Text = joinBodies(m.Text, s.text)
		}
		if len(m.HTML) <= w.lim.BodyBytes {
			m.HTML = joinBodies(m.HTML, s.html)
		}
	}
	m.Text = w.capBody(m.Text, &m.TextCut)
	m.HTML = w.capBody(m.HTML, &m.HTMLCut)
}

func (w *walker) capBody(s string, cut *bool) string {
	if len(s) <= w.lim.BodyBytes {
		return s
	}
	*cut = true
	return strings.Clone(cutString(s, w.lim.BodyBytes))
}

func textToHTML(text string) string {
	return "<div style=\"white-space: pre-wrap\">" + html.EscapeString(text) + "</div>\n"
}
