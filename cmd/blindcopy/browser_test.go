package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"blindcopy/crm"
)

// browser is somebody's, signed in to the pages.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

// browse lets a user choose a password, by a link that an admin made, and so sign in.
func (w *world) browse(s *running, email string) *browser {
	w.t.Helper()
	env := w.env
	w.env = append(w.env[:len(w.env):len(w.env)], "BLINDCOPY_WEB_LISTEN="+s.web)
	var link crm.SignInLink
	w.json(&link, "user", "reset", email)
	w.env = env
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	u, err := url.Parse(link.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	b := &browser{w.t, "http://" + s.web, &http.Client{Jar: jar}}
	b.post("/join", 200, "ticket", u.Query().Get("ticket"), "password", "correct horse battery")
	return b
}

// get wants a page with texts in it; a text with ! in front must not be there.
func (b *browser) get(path string, status int, texts ...string) string {
	b.t.Helper()
	_, body := b.fetch(path, status)
	b.has("GET "+path, body, texts...)
	return body
}

// fetch is get with the header of the answer.
func (b *browser) fetch(path string, status int) (http.Header, string) {
	b.t.Helper()
	res, err := b.http.Get(b.base + path)
	return b.read("GET "+path, res, err, status)
}

// post sends a form of names and values, and follows to the page that tells what came of it.
func (b *browser) post(path string, status int, pairs ...string) string {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	res, err := b.http.PostForm(b.base+path, form)
	_, body := b.read("POST "+path, res, err, status)
	return body
}

func (b *browser) read(what string, res *http.Response, err error, status int) (http.Header, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if res.StatusCode != status {
		b.t.Errorf("%s: status %d, want %d\n%s", what, res.StatusCode, status, body)
	}
	return res.Header, string(body)
}

// has checks that a page holds texts; one with ! in front it must not hold.
func (b *browser) has(what, body string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		unwanted, not := strings.CutPrefix(text, "!")
		if strings.Contains(body, unwanted) == not {
			b.t.Errorf("%s: the page holds %q: %t, want %t\n%s", what, unwanted, not, !not, body)
		}
	}
}
