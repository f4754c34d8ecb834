package message

import (
	"strings"
	"testing"
)

func TestHTMLToText(t *testing.T) {
	for _, test := range []struct{ rule, in, want string }{
		{"paragraphs", "<p>a</p><p>b</p>", "a\n\nb"},
		{"paragraphs without ends", "<p>a<p>b", "a\n\nb"},
		{"text after a paragraph", "<p>a</p>b", "a\n\nb"},
		{"line breaks", "a<br>b<br/>c", "a\nb\nc"},
		{"two line breaks make a blank line", "a<br><br>b", "a\n\nb"},
		{"line break at the end of a block", "<div>a<br></div><div>b</div>", "a\nb"},
		{"Gmail: blank line", "<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
		{"Outlook: a paragraph for each line", `<p class="MsoNormal">a</p><p class="MsoNormal">b</p>`, "a\nb"},
		{"Outlook: blank line", `<p class="MsoNormal">a</p><p class="MsoNormal">&nbsp;</p><p class="MsoNormal">b</p>`, "a\n\nb"},
		{"adjacent blocks are not glued", "<div>a</div><div>b</div>c", "a\nb\nc"},
		{"inline elements are", "a<b>b</b><i>c</i>", "abc"},
		{"white space is folded", " a \r\n\t b <b> c</b> ", "a b c"},
		{"no-break spaces stay", "a&nbsp;&nbsp;b", "a  b"},
		{"entities", "&lt;a&gt; &amp; &euro;&#8364;", "<a> & €€"},
		{"headings", "<h1>Title</h1>text", "Title\n\ntext"},
		{"list", "<ul><li>a<li>b</ul>c", "- a\n- b\n\nc"},
		{"numbered list", "<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"},
		{"nested list", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"},
		{"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>e", "a\tb\nc\td\ne"},
		{"table with paragraphs in its cells", "<table><tr><td><p>From</p></td><td><p>Bob</p></td></tr></table>", "From\tBob"},
		{"spacer cells", "<table><tr><td>&#8203;</td><td> </td><td>a</td></tr></table>", "a"},
		{"nested table", "<table><tr><td>a</td><td><table><tr><td>b</td></tr></table></td></tr></table>", "a\nb"},
		{"link", `<a href="https://x.com/a">here</a>.`, "here <https://x.com/a>."},
		{"link that says where it goes", `<a href="https://x.com/">x.com</a>, <a href="http://www.x.com">https://x.com</a>`, "x.com, https://x.com"},
		{"link to an address", `<a href="mailto:j@x.com?subject=a">John</a>`, "John <j@x.com>"},
		{"link to an address that it shows", `<a href="mailto:j@x.com">J@x.com</a>`, "J@x.com"},
		{"name and address in a link", `<a href="mailto:j@x.com">John [j@x.com]</a>`, "John [j@x.com]"},
		{"link that leads nowhere", `<a href="javascript:alert(1)">a</a> <a name="b">b</a> <a href="#c">c</a>`, "a b c"},
		{"link around an image", `<a href="https://x.com"><img src="x" alt="Buy"></a>`, "Buy <https://x.com>"},
		{"link around a picture without text", `a<a href="https://x.com"><img src="x"></a>`, "a"},
		{"link that does not end", `<a href="https://x.com">a`, "a <https://x.com>"},
		{"link around a block", `<a href="https://x.com"><div>a</div></a>b`, "a <https://x.com>\nb"},
		{"two links", `<a href="https://x.com">a</a> <a href="https://y.com">b</a>`, "a <https://x.com> b <https://y.com>"},
		{"quotation", "a<blockquote>b<br>c</blockquote>d", "a\n\n> b\n> c\n\nd"},
		{"nested quotation", "<blockquote>a<blockquote>b</blockquote>c</blockquote>", "> a\n>\n>> b\n>\n> c"},
		{"rule", "a<hr>b", "a\n---\nb"},
		{"preformatted", "<pre>a  b\n  c\n\nd</pre>e", "a  b\n  c\n\nd\n\ne"},
		{"line ends that count", "<div style=\"white-space: pre-wrap\">a  b\r\nc\n\n<span>d\ne</span></div>f", "a  b\nc\n\nd\ne\nf"},
		{"line ends that count, spaces that do not", "<p style='white-space:pre-line'>a  b \n  c</p>d", "a b\nc\n\nd"},
		{"line ends that count, but not inside", "<div style='white-space:pre'>a\nb<div style='white-space:normal'>c\nd</div>e\nf</div>", "a\nb\nc d\ne\nf"},
		{"an inline element laid out as a block", "<span style='display:block'>a</span><span style='display:block'>b</span>", "a\nb"},
		{"links laid out as buttons", "<a href='https://x.com' style='display:block'>a</a><a href='https://y.com' style='display: block;'>b</a>", "a <https://x.com>\nb <https://y.com>"},
		{"Outlook: a table in a letter", "<p class=MsoNormal>Hi,</p><table class=MsoNormalTable><tr><td><p class=MsoNormal>Item</p></td><td><p class=MsoNormal>Price</p></td></tr><tr><td><p class=MsoNormal>A</p></td><td><p class=MsoNormal>1</p></td></tr></table><p class=MsoNormal>Bye</p>", "Hi,\nItem\tPrice\nA\t1\nBye"},
		{"Gmail: a list in a letter", "<div dir=ltr>Hi,<div><br></div><div>we agreed:<ul><li>a<br></li><li>b</li></ul><div>Best</div></div></div>", "Hi,\n\nwe agreed:\n\n- a\n- b\n\nBest"},
		{"script, style, comment, head", "<head><title>t</title><style>s</style></head><script>x</script><!-- c -->a", "a"},
		{"conditional comment", "<!--[if mso]><p>x</p><![endif]-->a", "a"},
		{"hidden preheader", `<div style="display: none; max-height:0">pre</div><p>a</p>`, "a"},
		{"hidden attribute", `<div hidden>pre</div>a`, "a"},
		{"hidden elements nest", `<div style="display:none">a<div>b</div>c</div>d`, "d"},
		{"hidden and never ended", `<div style="display:none">a<p>b`, "a\n\nb"},
		{"ends within its parent", `<div><span style="display:none">a</div>b`, "b"},
		{"hidden for Outlook only", `<div style="mso-hide:all">a</div>b`, "b"},
		{"visible with opacity", `<div style="opacity:0.9">a</div>`, "a"},
		{"layout with font-size 0", `<td style="font-size:0">a</td>`, "a"},
		{"tracking pixel", `a<img src="x" width="1" height="1" alt="pixel">`, "a"},
		{"ends without beginnings", "</div></p>a</td></table>", "a"},
		{"unknown elements", "<o:p>a</o:p><foo>b</foo>", "ab"},
		{"control characters", "a\x00b&#7;c", "abc"},
		{"soft hyphens and zero width spaces", "a&shy;b&#8203;c\ufeffd", "abcd"},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
		{"plain text", "just text", "just text"},
		{"nothing", "", ""},
	} {
		if got := HTMLToText(test.in); got != test.want {
			t.Errorf("%s: %s\n got %q\nwant %q", test.rule, test.in, got, test.want)
		}
	}
}

func TestHTMLToTextIsBounded(t *testing.T) {
	for _, in := range []string{
		strings.Repeat("<blockquote>a", 100_000),
		strings.Repeat("<ul><li>a", 100_000),
		strings.Repeat("word ", 1<<20),
	} {
		if got := len(HTMLToText(in)); got == 0 || got > maxHTMLText {
			t.Errorf("%.20q...: %d bytes of text, want at most %d", in, got, maxHTMLText)
		}
	}
}
