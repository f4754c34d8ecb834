package web

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"blindcopy/crm"
)

// handler is a page's code: it gathers, and says what is to be sent or what went wrong. It writes nothing itself.
type handler func(*request) (answer, error)

// maxForm bounds the body of a request: no form of ours needs more. A route that takes files says so with uploads.
const (
	maxForm   = 1 << 20
	maxUpload = 64 << 20
)

// open makes a handler of a page that needs no sign-in; r.user is the zero User for a stranger.
func (s *Server) open(h handler) http.Handler { return s.serve(h, maxForm, nobody) }

// page makes a handler for whoever has signed in.
func (s *Server) page(h handler) http.Handler { return s.serve(h, maxForm, signedIn) }

// admin makes a handler for admins. Others are told that there is no such page.
func (s *Server) admin(h handler) http.Handler { return s.serve(h, maxForm, admins) }

// upload is page for a form with a file.
func (s *Server) upload(h handler) http.Handler { return s.serve(h, maxUpload, signedIn) }

// adminUpload is admin for a form with a file.
func (s *Server) adminUpload(h handler) http.Handler { return s.serve(h, maxForm, admins) }

// door decides who may go on.
type door func(*request) error

func nobody(*request) error { return nil }

func signedIn(r *request) error {
	if r.user.ID == 0 {
		return errSignIn
	}
	return nil
}

func admins(r *request) error {
	if err := signedIn(r); err != nil {
		return err
	}
	if !r.viewer.IsAdmin() {
		return fmt.Errorf("%s is no admin: %w", r.user.Email, crm.ErrNotFound)
	}
	return nil
}

func (s *Server) serve(h handler, limit int64, may door) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		hr.Body = http.MaxBytesReader(w, hr.Body, limit)
		r, err := s.newRequest(w, hr)
		if err == nil {
			err = may(r)
		}
		var a answer
		if err == nil {
			a, err = h(r)
		}
		if err == nil {
			err = a.send(s, w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// chain is what every request passes before the routes.
func (s *Server) chain(routes http.Handler) (http.Handler, error) {
	sameOrigin := http.NewCrossOriginProtection()
	if s.public.Host != "" {
		// Behind a proxy that does not pass the Host on, a browser without Sec-Fetch-Site is known by its Origin.
		if err := sameOrigin.AddTrustedOrigin(s.public.Scheme + "://" + s.public.Host); err != nil {
			return nil, fmt.Errorf("web.public_url: %w", err)
		}
	}
	sameOrigin.SetDenyHandler(s.open(func(*request) (answer, error) { return nil, errCrossOrigin }))
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		s.fail(w, &request{Request: r, s: s}, fmt.Errorf("session: %w", err))
	}
	return s.guard(s.sessions.LoadAndSave(sameOrigin.Handler(routes))), nil
}

// guard sets the headers of every answer, and turns a panic into an error page.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.headers(w.Header())
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.fail(w, &request{Request: r, s: s}, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}
