package message

import (
	"strings"
	"testing"
)

func TestSanitizeHTML(t *testing.T) {
	const links = ` rel="noopener noreferrer" target="_blank"`
	for _, test := range []struct {
		rule, in, want string
		remote         bool
	}{
		{"text stays", `<p>a <b>b</b></p>`, `<p>a <b>b</b></p>`, false},
		{"tables stay", `<table width="100"><tr><td colspan="2">a</td></tr></table>`, `<table width="100"><tr><td colspan="2">a</td></tr></table>`, false},
		{"script", `a<script>alert(1)</script>b`, `ab`, false},
		{"style element", `<style>p{color:red}</style>a`, `a`, false},
		{"event handlers", `<p onclick="alert(1)">a</p>`, `<p>a</p>`, false},
		{"forms", `<form action="https://x"><input name="a"><button>b</button></form>`, `b`, false},
		{"frames", `<iframe src="https://x">a</iframe>b`, `b`, false},
		{"SVG", `<svg onload="alert(1)"><text>a</text></svg>b`, `b`, false},
		{"comments", `a<!-- b -->c`, `ac`, false},
		{"base, meta, link", `<base href="https://x"><meta http-equiv="refresh" content="0"><link rel="stylesheet" href="https://x">a`, `a`, false},
		{"link", `<a href="https://x.com/?a=1&amp;b=2">a</a>`, `<a href="https://x.com/?a=1&amp;b=2"` + links + `>a</a>`, false},
		{"link with its own target", `<a href="https://x.com" target="_top" rel="opener">a</a>`, `<a href="https://x.com"` + links + `>a</a>`, false},
		{"mailto", `<a href="mailto:j@x.com">a</a>`, `<a href="mailto:j@x.com"` + links + `>a</a>`, false},
		{"javascript link", `<a href="javascript:alert(1)">a</a>`, `<a>a</a>`, false},
		{"javascript link in disguise", `<a href=" JaVa&#10;Script:alert(1)">a</a>`, `<a>a</a>`, false},
		{"data link", `<a href="data:text/html,<script>alert(1)</script>">a</a>`, `<a>a</a>`, false},
		{"relative link", `<a href="/admin/delete">a</a>`, `<a>a</a>`, false},
		{"remote image", `<img src="https://x.com/a.png" alt="a">`, `<img data-remote-src="https://x.com/a.png" alt="a">`, true},
		{"remote image without a scheme", `<img src="//x.com/a.png">`, `<img data-remote-src="//x.com/a.png">`, true},
		{"image of the mail", `<img src="cid:a@b">`, `<img src="cid:a@b">`, false},
		{"small image in the HTML", `<img src="data:image/png;base64,AAAA">`, `<img src="data:image/png;base64,AAAA">`, false},
		{"SVG image in the HTML", `<img src="data:image/svg+xml;base64,AAAA">`, `<img>`, false},
		{"local image", `<img src="/admin.png">`, `<img>`, false},
		{"harmless style", `<p style="color: red; FONT-SIZE:12px">a</p>`, `<p style="color: red; font-size: 12px">a</p>`, false},
		{"colour functions", `<p style="color:rgb(1, 2, 3)">a</p>`, `<p style="color: rgb(1, 2, 3)">a</p>`, false},
		{"style that loads", `<p style="background:url(https://x.com/a.png);color:red">a</p>`, `<p style="color: red">a</p>`, true},
		{"style that covers the page", `<p style="position:fixed;top:0;margin:-100px">a</p>`, `<p>a</p>`, false},
		{"style with escapes", `<p style="background:\75rl(x)">a</p>`, `<p>a</p>`, false},
		{"style with an expression", `<p style="width:expression(alert(1))">a</p>`, `<p>a</p>`, false},
		{"elements that do not end", `<div><b>a`, `<div><b>a</b></div>`, false},
		{"ends without beginnings", `</div></table>a</b>`, `a`, false},
		{"ends in the wrong order", `<b><i>a</b></i>`, `<b><i>a</i></b>`, false},
		{"text that looks like HTML", `&lt;script&gt;`, `&lt;script&gt;`, false},
		{"ids and classes", `<p id="header" class="x">a</p>`, `<p>a</p>`, false},
		{"nothing", ``, ``, false},
	} {
		clean, remote := SanitizeHTML(test.in)
		if clean != test.want || remote != test.remote {
			t.Errorf("%s: %s\n got %s, remote=%v\nwant %s, remote=%v", test.rule, test.in, clean, remote, test.want, test.remote)
		}
	}
}

func TestSanitizeHTMLDropsLargeImages(t *testing.T) {
	in := `<img src="data:image/png;base64,` + strings.Repeat("A", maxDataImage) + `">`
	if clean, _ := SanitizeHTML(in); clean != "<img>" {
		t.Errorf("got %.80s, want <img>", clean)
	}
}
