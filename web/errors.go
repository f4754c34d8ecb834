package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"blindcopy/crm"
)

// What a page refuses for, besides the errors of crm.
var (
	// errSignIn: nobody has signed in, or the session is over.
	errSignIn = errors.New("sign in first")
	// errCrossOrigin: another site's page sent the form.
	errCrossOrigin = errors.New("the form was sent from another site")
	// errTooMany: too many attempts from this address, or for this account.
	errTooMany = errors.New("too many attempts")
	// errBadRequest: a form or address that no page of ours makes.
	errBadRequest = errors.New("the request cannot be read")
)

// failure is an error as people are told of it.
type failure struct {
	status int
	title  string
	text   string
	hint   string // for programs: what to do about it
	log    bool   // it is ours, and somebody has to look at it
	retry  bool
}

// failureOf is the one place that turns errors into words and status codes. That something is another's is told as
// if it were not there.
func failureOf(err error) failure {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errSignIn):
		return failure{status: http.StatusUnauthorized, title: "Please sign in", text: "This page is for users of this server."}
	case errors.Is(err, errNoToken), errors.Is(err, errBadToken):
		return failure{status: http.StatusUnauthorized, title: "No token", text: sentence(err.Error()), hint: "Send Authorization: Bearer TOKEN. A token is made under My address."}
	case errors.Is(err, errTokenWrite):
		return failure{status: http.StatusForbidden, title: "No token", text: sentence(err.Error()), hint: "Send Authorization: Bearer TOKEN. A session is for reading only."}
	case errors.Is(err, crm.ErrNotFound):
		return failure{status: http.StatusNotFound, title: "There is nothing here", text: "It may have been removed or merged, or it is not for you to see."}
	case errors.Is(err, crm.ErrInvalid), errors.Is(err, crm.ErrExists):
		return failure{status: http.StatusUnprocessableEntity, title: "That is not possible", text: sentence(innermost(err))}
	case errors.Is(err, errBadRequest):
		return failure{status: http.StatusBadRequest, title: "That cannot be read", text: sentence(err.Error()), hint: "What can be sent is described at " + apiBase + "/openapi.json."}
	case errors.Is(err, errCrossOrigin):
		return failure{status: http.StatusForbidden, title: "Sent from another site", text: "To keep you safe, a form is only taken from our own pages. Open the page here and try again."}
	case errors.Is(err, errTooMany):
		return failure{status: http.StatusTooManyRequests, title: "Too many attempts", text: "Wait a minute, then try again.", retry: true}
	case errors.Is(err, errManyStreams):
		return failure{status: http.StatusTooManyRequests, title: "Too many streams", text: fmt.Sprintf("You have %d streams of events open already.", mostStreamsEach),
			hint: "Close one: a program needs one for everything.", retry: true}
	case errors.Is(err, errFullStreams):
		return failure{status: http.StatusServiceUnavailable, title: "Too many streams", text: fmt.Sprintf("%d streams of events are open, as many as this server keeps.", mostStreams),
			hint: "Try again later, or ask for the lists.", retry: true}
	case errors.Is(err, errClosing):
		return failure{status: http.StatusServiceUnavailable, title: "Stopping", text: "The server is stopping.", hint: "Try again in a moment.", retry: true}
	case errors.As(err, &tooLarge):
		return failure{status: http.StatusRequestEntityTooLarge, title: "That is too large", text: "Send less at once."}
	case errors.Is(err, crm.ErrStale):
		return failure{status: http.StatusConflict, title: "Somebody was faster", text: "It was changed meanwhile. Look at it again, then decide."}
	case errors.Is(err, crm.ErrBusy):
		return failure{status: http.StatusServiceUnavailable, title: "Busy", text: "The server has a lot to do. Nothing was changed; try again in a moment.", log: true, retry: true}
	case errors.Is(err, crm.ErrNoSpace):
		return failure{status: http.StatusInsufficientStorage, title: "The disk is full", text: "Nothing was changed. Ask your administrator to make room.", log: true}
	}
	return failure{status: http.StatusInternalServerError, title: "Something went wrong", text: "It is our fault, and it is in the log. Nothing was changed.", log: true}
}

// fail answers with an error.
func (s *Server) fail(w http.ResponseWriter, r *request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // whoever asked has gone
	}
	f := failureOf(err)
	if f.log {
		s.Log.Error("web", "method", r.Method, "path", r.URL.Path, "status", f.status, "user", string(r.user.Email), "err", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	if f.retry {
		w.Header().Set("Retry-After", "10")
	}
	switch {
	case r.isAPI():
		s.failAPI(w, f)
	case errors.Is(err, errSignIn):
		s.sendToSignIn(w, r)
	default:
		p := page{Template: "error", Title: f.title, Status: f.status, Data: f.text}
		if err := p.send(s, w, r); err != nil {
			s.Log.Error("web: the error page failed", "err", err)
			http.Error(w, f.title, f.status)
		}
	}
}

// apiError is what programs are told of an error.
type apiError struct {
	Error string  `json:"error"`
	Hint  *string `json:"hint"` // what to do about it
}

// failAPI is an error for programs.
func (s *Server) failAPI(w http.ResponseWriter, f failure) {
	w.Header().Set("Content-Type", "application/json")
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	told := apiError{Error: f.text}
	if f.hint != "" {
		told.Hint = &f.hint
	}
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(told) // whoever asked has gone
}

// sendToSignIn asks for a password, and comes back here afterwards.
func (s *Server) sendToSignIn(w http.ResponseWriter, r *request) {
	to := "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/" && !r.fromHTMX() {
		to += "?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
	}
	if r.fromHTMX() {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r.Request, to, http.StatusSeeOther)
}

// nowhere is every address that is not in the site map.
func (s *Server) nowhere(*request) (answer, error) { return nil, crm.ErrNotFound }

// problem is what a person can put right in a form: the sentence of crm.ErrInvalid or crm.ErrExists. Handlers show it
// with the form; every other error they return.
func problem(err error) (text string, ok bool) {
	if errors.Is(err, crm.ErrInvalid) || errors.Is(err, crm.ErrExists) {
		return sentence(innermost(err)), true
	}
	return "", false
}

// innermost is the text of an error without what was being done.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil || next == crm.ErrInvalid || next == crm.ErrExists {
			return err.Error()
		}
		err = next
	}
}

// sentence gives a text a capital and a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	return text
}
