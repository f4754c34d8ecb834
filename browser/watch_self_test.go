package browser_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// testWatch: a page that does everything wrong is found out. Without this, the other parts could not fail.
func testWatch(t *testing.T, w world) {
	c := newCanary(t)
	bad := strings.ReplaceAll(badPage, "CANARY", c.url)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "style-src 'none'")
		_, _ = w.Write([]byte(bad))
	}))
	t.Cleanup(server.Close)
	b := w.tab(t, &site{t: t, url: server.URL})
	b.looks(phone, "light")
	b.visit("/")

	for _, want := range []string{"a script threw: Uncaught Error: thrown", `console.error: "complained"`, "the browser complains: Applying inline style",
		"asked for " + c.url + "/image.png", "/missing.js answered 404", `a dialog opened: alert "opened"`} {
		b.until("note that "+want, func() bool {
			return slices.ContainsFunc(b.watch.troubles(), func(s string) bool { return strings.Contains(s, want) })
		})
	}
	b.watch.forget()
	b.until("hear the canary, and who reads", func() bool { return slices.Contains(c.asked(), "GET /image.png "+server.URL+"/") })

	found := b.findings()
	for _, want := range []string{"label", "html-has-lang"} {
		if !slices.ContainsFunc(found, func(f finding) bool { return f.ID == want }) {
			t.Errorf("axe did not find %s, but %+v", want, found)
		}
	}
	if b.tooWide() <= 0 {
		t.Error("a page that is too wide was not found")
	}
	if got := b.unseenFocus(); len(got) != 2 || !strings.Contains(got[1], "shows no focus: <a") {
		t.Errorf("what shows no focus: got %q, want the field, whose browser draws one pixel, and the link", got)
	}
	if left := eval[[]string](b, leftovers); len(left) == 0 {
		t.Error("a page with scripts in it has none of what mail may not bring")
	}
}

const badPage = `<!doctype html><title>Bad</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><body><p style="color:red"><input><img src="CANARY/image.png" alt="">
<a href="#" id="a">x</a><div id="wide">x</div><script src="/missing.js"></script>
<script>a.style.outline = "none"; wide.style.width = "400px"; console.error("complained"); setTimeout(() => alert("opened")); throw new Error("thrown")</script>`
