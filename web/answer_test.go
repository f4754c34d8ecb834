package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"blindcopy/crm"
)

// serveOnce asks a handler of its own, behind the same door as the routes.
func (w *world) serveOnce(h http.Handler, req *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.web.guard(w.web.sessions.LoadAndSave(h)).ServeHTTP(rec, req)
	return rec
}

func TestAnswers(t *testing.T) {
	w := newWorld(t)
	test := func(rule string, a answer, err error, wantStatus int, wantHeader, wantBody string) {
		t.Helper()
		rec := w.serveOnce(w.web.open(func(*request) (answer, error) { return a, err }), httptest.NewRequest("GET", "/x", nil))
		var header strings.Builder
		_ = rec.Header().Write(&header)
		if rec.Code != wantStatus || !strings.Contains(header.String(), wantHeader) || !strings.Contains(rec.Body.String(), wantBody) {
			t.Errorf("%s: %d\n%s\n%s\nwant %d, %q, %q", rule, rec.Code, header.String(), rec.Body, wantStatus, wantHeader, wantBody)
		}
	}
	test("JSON", document{v: map[string]string{"a": "<b>"}, status: 201}, nil, 201, "application/json", `{"a":"<b>"}`)
	test("a file is saved, not shown", download{name: "../a\u202egpj.exe", write: func(w io.Writer) error { _, err := io.WriteString(w, "MZ"); return err }}, nil,
		200, "attachment; filename=agpj.exe", "MZ")
	test("nothing of a file runs", download{name: "a.html", contentType: "text/html", write: func(io.Writer) error { return nil }}, nil,
		200, "Content-Security-Policy: default-src 'none'; sandbox", "")
	test("a stream writes itself", writes(func(w http.ResponseWriter) error { _, err := io.WriteString(w, "data: 1"); return err }), nil, 200, "", "data: 1")
	test("an outage says nothing of itself", nil, errors.New("secret path /var/x"), 500, "no-store", "It is our fault")
	test("busy comes again", nil, crm.ErrBusy, 503, "Retry-After: 10", "Busy")
}

func TestDoors(t *testing.T) {
	w := newWorld(t)
	hello := func(*request) (answer, error) { return document{v: "in"}, nil }
	for _, door := range []http.Handler{w.web.page(hello), w.web.admin(hello), w.web.upload(hello)} {
		if rec := w.serveOnce(door, httptest.NewRequest("GET", "/x", nil)); rec.Code != 303 {
			t.Errorf("a stranger at a door: %d %s, want 303 to the sign-in page", rec.Code, rec.Body)
		}
	}
	w.user("karl@acme.example", false)
	b := w.signedIn("karl@acme.example")
	w.http.Config.Handler = w.web.guard(w.web.sessions.LoadAndSave(w.web.admin(func(r *request) (answer, error) {
		r.sorry("never said")
		return hello(r)
	})))
	b.get("/x").want(404, "There is nothing here")
}

func TestFileName(t *testing.T) {
	test := func(name, want string) {
		t.Helper()
		if got := fileName(name); got != want {
			t.Errorf("fileName(%q) = %q, want %q", name, got, want)
		}
	}
	test("offer.pdf", "offer.pdf")
	test(`..\..\windows\system32\a.dll`, "a.dll")
	test("/etc/passwd", "passwd")
	test("a\x00b\r\nc.txt", "abc.txt")
	test("...", "file")
	test("", "file")
	test(strings.Repeat("ä", 200)+".pdf", strings.Repeat("ä", 116)+".pdf")
}

func TestLocalPath(t *testing.T) {
	test := func(next, want string) {
		t.Helper()
		if got := localPath(next); got != want {
			t.Errorf("localPath(%q) = %q, want %q", next, got, want)
		}
	}
	test("/contacts?match=a", "/contacts?match=a")
	for _, evil := range []string{"", "contacts", "//evil.example", `/\evil.example`, "https://evil.example", "javascript:alert(1)", "/a\nb"} {
		test(evil, "/")
	}
}
