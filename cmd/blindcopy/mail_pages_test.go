package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"blindcopy/crm"
)

// attack is in everything that a sender chooses.
const attack = `"><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>`

// attackingBody tries what HTML, CSS and URLs can do.
const attackingBody = `<html><head><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example"><link rel=stylesheet href="https://evil.example/a.css">
<style>@import "https://evil.example/b.css"; body{background:url(https://evil.example/c.png)}</style></head>
<body onload="alert(1)" background="https://evil.example/d.png">Good text <script>alert(1)</script><script src="https://evil.example/e.js"></script>
<form action="https://evil.example"><input name=password autofocus onfocus=alert(1)><button formaction="javascript:alert(1)">go</button></form>
<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>x</text></a></svg><math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>
<iframe src="https://evil.example" srcdoc="<script>alert(1)</script>"></iframe><object data="https://evil.example"></object><embed src="https://evil.example">
<a href="javascript:alert(1)">a</a><a href="data:text/html,<script>alert(1)</script>">b</a><a href=" java&#9;script:alert(1)">c</a>
<img src="https://evil.example/f.png"><img srcset="https://evil.example/g.png 2x"><img src="x" onerror="alert(1)"><img src="cid:no@where"><img src='cid:logo@x'>
<img alt='src="cid:logo@x" data-remote-src="https://evil.example/h.png" onerror="alert(1)"'>
<div style="background:url(https://evil.example/i.png);position:fixed;width:expression(alert(1))">x</div>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><template><script>alert(1)</script></template><video src="https://evil.example/j.mp4"></video></body></html>`

const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func attackingMail() string {
	word := func(text string) string { return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?=" }
	part := func(header, body string) string { return "--b\r\n" + header + "\r\n\r\n" + body + "\r\n" }
	return "From: Anna <anna@acme.example>\r\nTo: " + word(attack) + " <ben@client.example>\r\nSubject: " + word(attack) + "\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <attack@acme.example>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		part("Content-Type: text/html; charset=utf-8", strings.ReplaceAll(attackingBody, "\n", "\r\n")) +
		part("Content-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64", onePixel) +
		part("Content-Type: text/html\r\nContent-Disposition: attachment; filename*=utf-8''"+url.PathEscape(attack+"/../\u202egnp.html"), "<script>alert(1)</script>") +
		part("Content-Type: image/svg+xml;x=\"><script>alert(1)</script>\"\r\nContent-Disposition: attachment; filename=a.svg", "<svg onload=alert(1)>") + "--b--\r\n"
}

// TestMailCannotAttackItsReader: nothing that a sender chose runs, loads or breaks out of its place.
func TestMailCannotAttackItsReader(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", attack, "--email", "ben@client.example")
	s := w.serve()
	s.send("anna@acme.example", w.bcc("anna@acme.example"), attackingMail())
	anna := w.browse(s, "anna@acme.example")
	for _, path := range []string{"/mail/1", "/timeline/contact/1", "/contacts/1", "/mail/1/link?match=" + url.QueryEscape(attack)} {
		h, body := anna.fetch(path, 200)
		for _, text := range []string{"<script>alert", "<img src=x", "<svg onload", "onerror=alert(2)>"} {
			if strings.Contains(body, text) {
				t.Errorf("GET %s holds %s, unescaped:\n%s", path, text, body)
			}
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("GET %s has the policy %q", path, csp)
		}
	}
	for _, query := range []string{"", "?images=1"} {
		h, body := anna.fetch("/mail/1/body"+query, 200)
		wantSandbox(t, query, h)
		for _, text := range []string{"<script", "<svg", "<form", "<input", "<iframe", "<object", "<embed", "<base", "<link", "javascript:", " onload", " onerror=\"",
			"@import", "url(", "srcset", "<template", "<video", "http-equiv", "position"} {
			if strings.Contains(strings.ToLower(body), text) {
				t.Errorf("body%s holds %s\n%s", query, text, body)
			}
		}
		if !strings.Contains(body, `src="data:image/png;base64,`+onePixel) || !strings.Contains(body, "Good text") {
			t.Errorf("body%s does not show the image that lies in the mail, or its text:\n%s", query, body)
		}
		if got, want := strings.Count(body, ` src="https://`), strings.Count(query, "images"); got != want {
			t.Errorf("body%s loads %d remote images, want %d\n%s", query, got, want, body)
		}
	}
	h, text := anna.fetch("/mail/1/body?as=text", 200)
	wantSandbox(t, "?as=text", h)
	if strings.Contains(text[strings.Index(text, "<pre>")+5:strings.Index(text, "</pre>")], "<") {
		t.Errorf("the text holds an element:\n%s", text)
	}
	var act crm.Activity
	w.json(&act, "activity", "show", "1")
	for _, f := range act.Attachments {
		h, _ := anna.fetch(fmt.Sprintf("/mail/1/attachments/%d", f.ID), 200)
		got := h.Get("Content-Type") + " " + h.Get("X-Content-Type-Options") + " " + h.Get("Content-Security-Policy")
		if got != "application/octet-stream nosniff default-src 'none'; sandbox" {
			t.Errorf("attachment %d is sent as %q", f.ID, got)
		}
		if name := h.Get("Content-Disposition"); !strings.HasPrefix(name, "attachment; filename") || strings.ContainsAny(name, "<>/\\\u202e") {
			t.Errorf("attachment %d is sent as %q", f.ID, name)
		}
	}
	if h, raw := anna.fetch("/mail/1/raw", 200); !strings.Contains(raw, "alert(1)") || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; ") {
		t.Errorf("the message is sent as %v:\n%s", h, raw)
	}
}

// wantSandbox checks the policy of the frame.
func wantSandbox(t *testing.T, query string, h http.Header) {
	t.Helper()
	csp := h.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "; sandbox ") || strings.Contains(csp, "allow-scripts") || strings.Contains(csp, "allow-same-origin") {
		t.Errorf("body%s has the policy %q", query, csp)
	}
}

// TestPrivateMailByItsAddress: a second manager finds nothing of a private mail, whichever address he tries.
func TestPrivateMailByItsAddress(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", "karl@acme.example", "--name", "Karl")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	address := strings.Replace(w.bcc("karl@acme.example"), "@", "+private@", 1)
	s.send("karl@acme.example", address, mail("Karl <karl@acme.example>", "Ben <ben@client.example>", "Hush", "1"))
	anna, karl := w.browse(s, "anna@acme.example"), w.browse(s, "karl@acme.example")
	for _, path := range []string{"/mail/1", "/mail/1/body", "/mail/1/raw", "/mail/1/link"} {
		if _, body := karl.fetch(path, 200); path != "/mail/1/body" && !strings.Contains(body, "Hush") {
			t.Errorf("GET %s does not show his mail to Karl:\n%s", path, body)
		}
		anna.fetch(path, 404) // an admin
	}
	anna.fetch("/mail/1/attachments/1", 404)
	if _, body := anna.fetch("/timeline/contact/1", 200); strings.Contains(body, "Hush") || strings.Contains(body, "mail-1") {
		t.Errorf("the timeline shows private mail:\n%s", body)
	}
}
