package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// answer is what a handler wants to be sent. An error of send comes before the first byte.
type answer interface {
	send(s *Server, w http.ResponseWriter, r *request) error
}

// page is an HTML page made from a template: templates/<Template>.html, whose block "main" stands inside the layout.
// Asked for by htmx, only the block that is named as the target is sent: with hx-target="#rows" the block "rows",
// else "main".
type page struct {
	Template string
	Title    string
	Nav      string // the entry of the navigation that is marked, such as "contacts"
	Data     any    // {{.Data}} in the template
	Status   int    // 0 is 200
}

func (p page) send(s *Server, w http.ResponseWriter, r *request) error {
	v, err := s.newView(r, p)
	if err != nil {
		return err
	}
	block := "layout"
	switch {
	case r.fromHTMX():
		block = "main"
		if target := r.Header.Get("HX-Target"); target != "" && s.templates.has(p.Template, target) {
			block = target
		}
	case r.user.ID == 0:
		block = "plain"
	}
	var b bytes.Buffer
	if err := s.templates.render(&b, p.Template, block, v); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store") // whoever comes back after signing out sees nothing
	h.Add("Vary", "HX-Request, HX-Target")
	if p.Status != 0 {
		w.WriteHeader(p.Status)
	}
	_, _ = b.WriteTo(w) // whoever asked has gone
	return nil
}

// redirect sends the browser to another page of ours, after a form was taken (POST, redirect, GET).
type redirect string

func (to redirect) send(_ *Server, w http.ResponseWriter, r *request) error {
	if r.fromHTMX() {
		w.Header().Set("HX-Redirect", string(to))
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r.Request, string(to), http.StatusSeeOther)
	return nil
}

// document is JSON, for programs.
type document struct {
	v      any
	status int // 0 is 200
}

func (d document) send(_ *Server, w http.ResponseWriter, _ *request) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d.v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if d.status != 0 {
		w.WriteHeader(d.status)
	}
	_, _ = b.WriteTo(w) // whoever asked has gone
	return nil
}

// download is a file that is saved, never shown: what stands in it may be anybody's.
type download struct {
	name        string
	contentType string // "" is application/octet-stream
	write       func(io.Writer) error
}

func (d download) send(s *Server, w http.ResponseWriter, r *request) error {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if d.contentType != "" {
		h.Set("Content-Type", d.contentType)
	}
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(d.name)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	if err := d.write(w); err != nil {
		// The first bytes are out: cut it off, so that half a file is not taken for the whole.
		s.Log.Error("web: a download broke off", "path", r.URL.Path, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// fileName is a name that no file system and no person is deceived by: without folders, control characters and marks
// that turn the direction of writing, at most 120 characters.
func fileName(name string) string {
	if at := strings.LastIndexAny(name, `/\`); at >= 0 {
		name = name[at+1:]
	}
	name = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) || strings.ContainsRune(`<>:"|?*`, c) {
			return -1
		}
		return c
	}, name)
	runes := []rune(strings.Trim(name, ". "))
	if len(runes) > 120 {
		runes = runes[len(runes)-120:]
	}
	if len(runes) == 0 {
		return "file"
	}
	return string(runes)
}

// writes is an answer that writes itself, such as a stream of events.
type writes func(w http.ResponseWriter) error

func (f writes) send(_ *Server, w http.ResponseWriter, _ *request) error { return f(w) }

// localPath is where to go on to after signing in: a page of ours, whatever the address says.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
