package message

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"../testdata/mail/*.eml", corpusDir + "/real/*.eml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if raw, err := os.ReadFile(file); err == nil && len(raw) < 8<<10 {
				f.Add(raw)
			}
		}
	}
	lim := Limits{Parts: 20, Depth: 5, HeaderBytes: 8 << 10, PartHeaderBytes: 2 << 10, BodyBytes: 1 << 10, Addresses: 20}.withDefaults()
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(raw, lim)
		checkMessage(t, raw, m, lim)
		for _, o := range m.Originals {
			for _, a := range append(o.Message.From, o.Message.To...) {
				checkAddress(t, a)
			}
		}
		for _, p := range m.Parts {
			if _, _, err := m.Hash(p.Path); err != nil && p.Encoding != encodingBase64 {
				t.Errorf("hash part %s: %v", p.Path, err)
			}
		}
	})
}

func FuzzAddressList(f *testing.F) {
	for _, seed := range []string{
		`"Doe, John" <j@x.com>, b@y.com`, `Team: a@x, b@y;`, `a (b (c) d) @ x . com`, `Doe, J <j@x>; 'a@b'`,
		`=?utf-8?Q?a,b?= <j@x>`, `<@a,@b:c@d>`, `John [mailto:a@b]`, `"a <b@c>, "d" <e@f>`, `<a@x,b@y>`, `a@[1.2.3.4]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		list, _ := ParseAddressList(value)
		for _, a := range list {
			checkAddress(t, a)
		}
		if len(list) > 1000 {
			t.Errorf("%d addresses", len(list))
		}
		// Whatever was read is read again as it was.
		for _, a := range list {
			if a.Addr == "" || strings.HasPrefix(a.Addr, "\"") || strings.ContainsAny(a.Addr, "[]:\\'`=") {
				continue
			}
			again, _ := ParseAddressList("<" + a.Addr + ">")
			if len(again) != 1 || again[0].Addr != a.Addr {
				t.Errorf("%q is read as %q from %q", a.Addr, again, value)
			}
		}
	})
}

func FuzzDecodeHeader(f *testing.F) {
	for _, seed := range []string{
		"=?utf-8?B?R3LDvMOfZQ==?= =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=", "a\r\n b\x00", "=?utf-7?Q?+AGE-?=",
		"=?utf-16?B?//5hAA==?=", "=?iso-2022-kr?B?GyQpQw5HUTE5OEAP?=", "Gr\xfc\xdfe", "=?a?q?b", "=?utf-8?Q?a?=20b?=", "=?hz-gb-2312?Q?~{VPND~}?=",
	} {
		f.Add(seed, "windows-1252")
	}
	f.Fuzz(func(t *testing.T, value, fallback string) {
		got := DecodeHeader(value, fallback)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q: %q", value, got)
		}
		if len(got) > 16*len(value)+16 {
			t.Errorf("%d bytes of %d", len(got), len(value))
		}
	})
}

func FuzzHTMLToText(f *testing.F) {
	for _, seed := range []string{
		"<p>a<br>b</p><ul><li>c</ul><blockquote>d</blockquote>", `<a href="https://x">y</a>`, "<table><tr><td>a<td>b</table>",
		`<div style="display:none">a</div>b`, "<pre>a\n b</pre>", "<script>a</script><!-- b -->c&nbsp;&amp;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		text := HTMLToText(source)
		if !utf8.ValidString(text) || len(text) > maxHTMLText {
			t.Errorf("%q: %q", source, text)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
			t.Errorf("%q has control characters: %q", source, text)
		}
		if len(text) > 20*len(source)+100 {
			t.Errorf("%d bytes of text of %d of HTML", len(text), len(source))
		}
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
		clean, _ := SanitizeHTML(source)
		checkSanitized(t, source, clean)
		again, _ := SanitizeHTML(clean)
		checkSanitized(t, clean, again)
	})
}

// checkSanitized reads the result as a browser would and looks for what must not be there.
func checkSanitized(t *testing.T, source, clean string) {
	t.Helper()
	if !utf8.ValidString(clean) {
		t.Errorf("not UTF-8: %q", clean)
	}
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
