package web

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

// world is the pages over a database of their own, without mail.
type world struct {
	t     testing.TB
	store *store.Store
	http  *httptest.Server
	web   *Server
	now   time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: time.Now()}
	now := func() time.Time { return w.now }
	s, err := store.Open(t.Context(), store.Options{DSN: filepath.Join(t.TempDir(), "a.db"), Domain: "bcc.acme.example", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w.store = s
	w.start()
	return w
}

// start begins to serve.
func (w *world) start() {
	w.t.Helper()
	web, err := New(Options{Store: w.store, Office: clerk{w.store}, PublicURL: "http://127.0.0.1", Now: func() time.Time { return w.now }})
	if err != nil {
		w.t.Fatal(err)
	}
	server := httptest.NewServer(web)
	w.web, w.http = web, server
	w.t.Cleanup(func() {
		web.Close()
		server.Close()
	})
}

// restart serves by a new server, at another port, over the same database.
func (w *world) restart() {
	w.t.Helper()
	w.web.Close()
	w.http.Close()
	w.start()
}

// clerk is the office without a linker: what it does to mail is tested in cmd.
type clerk struct{ *store.Store }

func (c clerk) AddContact(ctx context.Context, n crm.NewContact) (crm.Contact, crm.Later, error) {
	made, err := c.Store.AddContact(ctx, n)
	return made, crm.Later{}, err
}

func (c clerk) SignInLink(ctx context.Context, purpose crm.TicketPurpose, id crm.UserID) (crm.SignInLink, error) {
	secret, err := c.AddTicket(ctx, crm.Ticket{Purpose: purpose, User: id})
	return crm.SignInLink{URL: "?ticket=" + string(secret)}, err
}

const password = "correct horse battery"

// user adds a user with a password.
func (w *world) user(email crm.Address, admin bool) crm.User {
	w.t.Helper()
	u, err := w.store.AddUser(w.t.Context(), crm.NewUser{Email: email, Admin: admin})
	if err != nil {
		w.t.Fatal(err)
	}
	hash, err := HashPassword(w.t.Context(), password)
	if err == nil {
		err = w.store.SetPassword(w.t.Context(), u.ID, hash)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// ticket makes a link that works once.
func (w *world) ticket(purpose crm.TicketPurpose, user crm.UserID) string {
	w.t.Helper()
	secret, err := w.store.AddTicket(w.t.Context(), crm.Ticket{Purpose: purpose, User: user})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(secret)
}

// browser is somebody's, with cookies of his own.
type browser struct {
	w      *world
	client *http.Client
	header http.Header // sent with each request
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	c := w.http.Client()
	return &browser{w: w, header: http.Header{}, client: &http.Client{Transport: c.Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is the browser of a user.
func (w *world) signedIn(email crm.Address) *browser {
	w.t.Helper()
	b := w.browser()
	b.post("/sign-in", "email", string(email), "password", password).want(303)
	return b
}

// reply is what came back, the body read.
type reply struct {
	t testing.TB
	*http.Response
	what string
	body string
}

func (b *browser) get(path string) *reply { return b.do("GET", path, nil) }

// post sends a form of names and values.
func (b *browser) post(path string, pairs ...string) *reply {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do("POST", path, form)
}

func (b *browser) do(method, path string, form url.Values) *reply {
	t := b.w.t
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.w.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range b.header {
		req.Header[name] = values
	}
	return b.send(req)
}

// send sends a request and reads what comes back.
func (b *browser) send(req *http.Request) *reply {
	t := b.w.t
	t.Helper()
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &reply{t, res, req.Method + " " + req.URL.RequestURI(), string(body)}
}

// want checks the status, and that the texts stand in the body; a text with ! in front must not.
func (r *reply) want(status int, texts ...string) *reply {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Errorf("%s: status %d, want %d\n%s", r.what, r.StatusCode, status, r.body)
	}
	for _, text := range texts {
		unwanted, not := strings.CutPrefix(text, "!")
		if strings.Contains(r.body, unwanted) == not {
			r.t.Errorf("%s: the page holds %q: %t, want %t\n%s", r.what, unwanted, not, !not, r.body)
		}
	}
	return r
}

// to checks where a redirect leads.
func (r *reply) to(location string) *reply {
	r.t.Helper()
	if got := r.Header.Get("Location"); got != location {
		r.t.Errorf("%s: leads to %q, want %q", r.what, got, location)
	}
	return r
}
