package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"blindcopy/crm"
)

// request is an HTTP request, and who sent it.
type request struct {
	*http.Request
	s      *Server
	w      http.ResponseWriter
	user   crm.User   // the zero User for a stranger
	viewer crm.Viewer // decides what is shown; the zero Viewer for a stranger
	zone   *time.Location

	byToken bool   // a program, which sent a token
	live    string // of a page: from where its live updates go on
}

// newRequest finds out who asks. What he changes is changed in his name.
func (s *Server) newRequest(w http.ResponseWriter, hr *http.Request) (*request, error) {
	r := &request{Request: hr, s: s, w: w, zone: s.zones.of(hr)}
	user, via, err := r.sender()
	if err != nil {
		return r, err
	}
	if user.ID != 0 {
		r.user, r.viewer = user, crm.ViewerOf(user)
		r.Request = hr.WithContext(crm.WithActor(hr.Context(), crm.Actor{User: user.ID, Name: string(user.Email), Via: via}))
	}
	if user.ID != 0 && hr.Method == http.MethodGet && !r.isAPI() && !r.fromHTMX() {
		r.live, err = s.places.here(r.Context()) // before the page is read: nothing comes between
	}
	return r, err
}

// sender is who asks, and by which way: with a token, or in a session. Whoever sent a token that is none is nobody, whatever
// his session says. The pages know no tokens.
func (r *request) sender() (u crm.User, via string, err error) {
	if r.isAPI() {
		if token, sent := bearer(r.Request); sent {
			u, err = r.userOfToken(token)
			r.byToken = err == nil
			return u, "api", err
		}
	}
	u, err = r.s.signedInUser(r.Context())
	return u, "web", err
}

// id is the number in the path, /contacts/{id}; an address that is none is not found.
func (r *request) id() (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("%q is no number of a record: %w", r.PathValue("id"), crm.ErrNotFound)
	}
	return id, nil
}

// query is a value of the address, trimmed.
func (r *request) query(name string) string { return strings.TrimSpace(r.URL.Query().Get(name)) }

// number is a number of the address, 0 where there is none.
func (r *request) number(name string) int64 {
	n, _ := strconv.ParseInt(r.query(name), 10, 64)
	return max(n, 0)
}

// field is a value of the form that was sent, trimmed.
func (r *request) field(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// form reads the form, so that a body that is too large or cannot be read is an error.
func (r *request) form() error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", errBadRequest, err)
	}
	return nil
}

// addresses reads e-mail addresses, one a line or with commas between. The error is for the person who typed them.
func (r *request) addresses(name string) (list []crm.Address, err error) {
	for text := range strings.FieldsFuncSeq(r.PostFormValue(name), func(c rune) bool { return strings.ContainsRune(",;\n\r\t ", c) }) {
		a, ok := crm.ParseAddress(text)
		if !ok {
			return nil, invalid(fmt.Sprintf("%q is no e-mail address", text))
		}
		list = append(list, a)
	}
	return list, nil
}

// invalid is crm.ErrInvalid in words of its own.
type invalid string

func (e invalid) Error() string { return string(e) }
func (e invalid) Unwrap() error { return crm.ErrInvalid }

// fromHTMX tells whether a part of the page is asked for, not the page.
func (r *request) fromHTMX() bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Boosted") != "true"
}

func (r *request) isAPI() bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// address is where the request came from. A proxy on this machine or in its network tells; whoever can connect
// from there can lie about it, and is still held by the limit of the account.
func (r *request) address() string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.IsLoopback() && !ip.IsPrivate() {
		return host
	}
	forwarded := r.Header.Values("X-Forwarded-For")
	if len(forwarded) == 0 {
		return host
	}
	list := strings.Split(forwarded[len(forwarded)-1], ",")
	if told, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err == nil {
		return told.String()
	}
	return host
}

// done tells on the next page, once, that something was done.
func (r *request) done(format string, args ...any) { r.flash(true, fmt.Sprintf(format, args...)) }

// sorry tells on the next page, once, that something was not done.
func (r *request) sorry(format string, args ...any) { r.flash(false, fmt.Sprintf(format, args...)) }
