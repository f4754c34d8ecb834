package message

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func FuzzHTMLToText(f *testing.F) {
	for _, seed := range []string{
		"<p>a<br>b</p><ul><li>c</ul><blockquote>d</blockquote>", `<a href="https://x">y</a>`, "<table><tr><td>a<td>b</table>",
		`<div style="display:none">a</div>b`, "<pre>a\n b</pre>", "<script>a</script><!-- b -->c&nbsp;&amp;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		text := checkTwice(t, source, func() string { return HTMLToText(source) })
		if !utf8.ValidString(text) || len(text) > maxHTMLText {
			t.Errorf("%q: %q", source, text)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
			t.Errorf("%q has control characters: %q", source, text)
		}
		if len(text) > 20*len(source)+100 {
			t.Errorf("%d bytes of text of %d of HTML", len(text), len(source))
		}
		checkRepeats(t, source, func(long string) { HTMLToText(long) })
	})
}

func FuzzSanitizeHTML(f *testing.F) {
	for _, seed := range []string{
		`<p onclick="x">a<script>b</script>`, `<a href="javascript:x">a</a>`, `<img src="https://x" onerror=y>`, `<b><i></b></i>`,
		`<svg><style><img src=x onerror=y></style></svg>`, `<p style="background:url(x);color:red">`, `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<a href=" java&#9;script:x">`, `<textarea><img src=x onerror=y></textarea>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		clean := checkTwice(t, source, func() string { clean, _ := SanitizeHTML(source); return clean })
		checkSanitized(t, source, clean)
		checkTree(t, source, clean)
		again, remote := SanitizeHTML(clean)
		checkSanitized(t, clean, again)
		if remote {
			t.Errorf("what was cleaned still loads from elsewhere: %q of %q", clean, source)
		}
		if third, _ := SanitizeHTML(again); third != again {
			t.Errorf("cleaning does not come to rest: %q, then %q, of %q", again, third, source)
		}
		if len(clean) > 20*len(source)+100 {
			t.Errorf("%d bytes of %d", len(clean), len(source))
		}
		checkRepeats(t, source, func(long string) { SanitizeHTML(long) })
	})
}

// checkSanitized reads the result as a browser would and looks for what must not be there.
func checkSanitized(t *testing.T, source, clean string) {
	t.Helper()
	checkText(t, "HTML", clean, source)
	open := 0
	z := html.NewTokenizer(strings.NewReader(clean))
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			if open != 0 {
				t.Errorf("%d elements stay open: %q of %q", open, clean, source)
			}
			return
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("comment: %q of %q", clean, source)
		case html.EndTagToken:
			open--
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			open += countIf(!isVoid(token.DataAtom))
			checkElement(t, source, token)
		}
	}
}

// checkTree reads the result as the whole page it becomes: what a browser moves about must be harmless there, too.
func checkTree(t *testing.T, source, clean string) {
	t.Helper()
	page, err := html.Parse(strings.NewReader(clean))
	if err != nil {
		t.Errorf("no browser reads %q of %q: %v", clean, source, err)
		return
	}
	for n := range page.Descendants() {
		switch {
		case n.Namespace != "":
			t.Errorf("<%s> in %s: %q of %q", n.Data, n.Namespace, clean, source)
		case n.Type == html.ElementNode:
			checkElement(t, source, html.Token{Data: n.Data, Attr: n.Attr})
		}
	}
}

func checkElement(t *testing.T, source string, token html.Token) {
	t.Helper()
	switch token.Data {
	case "script", "style", "iframe", "object", "embed", "form", "input", "svg", "math", "base", "meta", "link", "template", "noscript", "textarea", "title":
		t.Errorf("<%s> of %q", token.Data, source)
	}
	for _, a := range token.Attr {
		value := strings.ToLower(a.Val)
		bad := strings.HasPrefix(a.Key, "on") || a.Key == "srcset" || a.Key == "srcdoc"
		switch a.Key {
		case "href":
			bad = !isLink(value)
		case "src":
			bad = !strings.HasPrefix(value, "cid:") && !strings.HasPrefix(value, "data:image/")
		case "style":
			bad = strings.Contains(value, "url(") || strings.Contains(value, "javascript") || strings.Contains(value, "\\")
		}
		if bad {
			t.Errorf("%s=%q of %q", a.Key, a.Val, source)
		}
	}
}

func FuzzPreview(f *testing.F) {
	f.Add("Yes.\n\nOn Tue, Mar 5, 2024 at 2:07 PM Jana <j@x.example> wrote:\n> Please?", 20)
	f.Add("Von: a@b.example\nAn: c\nBetreff: d\nDatum: 1.1.2024\n", 5)
	f.Add("-- \n________\n\x00\xff…", 3)
	f.Add("Hello\nAnna\none\nOn Tue, Mar 5, 2024 at 2:07 PM\nJana <j@x.example>\nwrote:\n> Please?", 3)
	f.Add("Hello\n\nSent from my iPhone\n________\nAgency\nPrague\n--\n> a\n", 4)
	f.Add("Hello    Anna\n[cid:a]\n====\none\n\ntwo\nthree\n", 10)
	f.Fuzz(func(t *testing.T, text string, max int) {
		max %= 1000
		if max < 0 {
			max = -max
		}
		got := checkTwice(t, text, func() string { return Preview(text, max) })
		if whole := previewOfAll(forwardLines(text), max); got != whole {
			t.Errorf("the first lines give %q, all of them %q, of %q", got, whole, text)
		}
		if n := utf8.RuneCountInString(got); n > max {
			t.Errorf("%d characters for at most %d: %q of %q", n, max, got, text)
		}
		if strings.ContainsAny(got, "\r\n\x00") || utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("no clean line: %q of %q", got, text)
		}
		fresh, rest := TrimQuoted(text)
		if len(fresh)+len(rest) > 2*len(text) { // a quote mark is given its blank
			t.Errorf("%d and %d bytes of %d: %q, %q of %q", len(fresh), len(rest), len(text), fresh, rest, text)
		}
		checkRepeats(t, text, func(long string) { Preview(long, 200); TrimQuoted(long) })
	})
}

func FuzzParseForward(f *testing.F) {
	for _, file := range []string{"apple_mail", "yahoo", "outlook", "others", "html"} {
		raw, err := os.ReadFile("../testdata/forward/" + file + ".txt")
		if err != nil {
			f.Fatal(err)
		}
		for i, text := range strings.Split(string(raw), "\n#### ") {
			if i%4 == 1 {
				f.Add("Fwd: x", text, text, false)
			}
		}
	}
	f.Fuzz(func(t *testing.T, subject, text, html string, reply bool) {
		in := ForwardInput{Subject: subject, Text: text, HTML: html, Reply: reply}
		got := checkTwice(t, in, func() Forwarded { got, _ := ParseForward(in); return got })
		if _, ok := ParseForward(in); ok && got.From.Addr == "" && !got.FromNameOnly {
			t.Errorf("a forward without author: %+v", got)
		}
		if utf8.ValidString(text) && utf8.ValidString(html) && !utf8.ValidString(got.From.Addr+got.From.Name+got.Body+got.Note) {
			t.Errorf("valid input, invalid UTF-8 out: %+v", got)
		}
		for _, who := range append(append([]Address{got.From}, got.To...), got.Cc...) {
			if who.Addr != "" && utf8.ValidString(text+html) {
				checkAddress(t, who)
			}
		}
		if most := len(text) + 20*len(html) + 100; len(got.Body) > most || len(got.Note) > most || len(got.To)+len(got.Cc) > 2*maxAddresses {
			t.Errorf("%d bytes of note, %d of body, %d people, of %d and %d bytes", len(got.Note), len(got.Body), len(got.To)+len(got.Cc), len(text), len(html))
		}
		ForwardOverride(text)
		checkRepeats(t, text, func(long string) { in.Text = long; ParseForward(in) })
		checkRepeats(t, html, func(long string) { in.HTML = long; ParseForward(in) })
	})
}
