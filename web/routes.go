package web

import "net/http"

// routes is the site map. s.open is for everybody, s.page for whoever signed in, s.admin for admins alone.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()

	mux.Handle("GET /sign-in", s.open(s.signInForm))
	mux.Handle("POST /sign-in", s.open(s.signIn))
	mux.Handle("POST /sign-out", s.open(s.signOut))
	mux.Handle("GET /setup", s.open(s.setupForm))
	mux.Handle("POST /setup", s.open(s.setup))
	mux.Handle("GET /join", s.open(s.joinForm))
	mux.Handle("POST /join", s.open(s.join))
	mux.Handle("GET /enter", s.open(s.enterForm))
	mux.Handle("POST /enter", s.open(s.enter))

	mux.Handle("GET /{$}", s.page(s.home))

	mux.Handle("GET /contacts", s.page(s.contacts))
	mux.Handle("GET /contacts/new", s.page(s.contactForm))
	mux.Handle("POST /contacts/new", s.page(s.contactAdd))
	mux.Handle("GET /contacts/{id}", s.page(s.contact))

	mux.Handle("GET /assets/{file}", s.assets)
	mux.Handle("GET /favicon.ico", http.RedirectHandler(s.assets.url("favicon.svg"), http.StatusFound))
	mux.Handle("/", s.open(s.nowhere))
	return mux
}
