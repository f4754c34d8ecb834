package web

import (
	"errors"

	"blindcopy/crm"
)

// signInPage is the form, and what was wrong with it.
type signInPage struct {
	Email   string
	Next    string
	Problem string
	Fresh   bool // nobody has a password yet
}

func (s *Server) signInForm(r *request) (answer, error) {
	if r.user.ID != 0 {
		return redirect(localPath(r.query("next"))), nil
	}
	has, err := s.Store.HasPasswords(r.Context())
	if err != nil {
		return nil, err
	}
	return page{Template: "signin", Title: "Sign in", Data: signInPage{Next: localPath(r.query("next")), Fresh: !has}}, nil
}

// signIn checks a password. Whether there is such an account nobody learns: the answer and its time are the same.
func (s *Server) signIn(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	email, _ := crm.ParseAddress(r.field("email"))
	if err := s.limits.attempt(r.address(), string(email)); err != nil {
		return nil, err
	}
	u, err := s.Store.User(r.Context(), email)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return nil, err
	}
	hash := ""
	if u.Active {
		if hash, _, err = s.Store.PasswordHash(r.Context(), u.ID); err != nil {
			return nil, err
		}
	}
	ok, err := s.passwords.matches(r.Context(), r.PostFormValue("password"), hash)
	if err != nil {
		return nil, err
	}
	if !ok {
		s.Log.Warn("web: sign-in failed", "peer", r.address(), "email", string(email))
		form := signInPage{Email: r.field("email"), Next: localPath(r.field("next")), Problem: "E-mail address or password is wrong."}
		return page{Template: "signin", Title: "Sign in", Status: 422, Data: form}, nil
	}
	s.limits.succeeded(string(email))
	s.Log.Info("web: signed in", "peer", r.address(), "user", string(u.Email))
	return redirect(localPath(r.field("next"))), r.enterAs(u)
}

func (s *Server) signOut(r *request) (answer, error) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return nil, err
	}
	return redirect("/sign-in"), nil
}
