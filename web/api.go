package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"blindcopy/crm"
)

// apiBase is where the API lives. What is under it stays as it is; what breaks a program goes under another number.
const apiBase = "/api/v1"

// apiRoute is one line of the API: the routes and the OpenAPI document are made of the same table.
type apiRoute struct {
	method, path string // of http.ServeMux, below apiBase
	summary      string
	query        []apiParam
	body         any // the zero value of what is sent, nil for nothing
	reply        any // the zero value of what comes back, nil for another type than JSON; of a stream, its events by name
	replyType    string
	status       int // 0 is 200
	open         bool
	do           handler
}

// apiParam is a value of the query.
type apiParam struct{ name, what string }

// Parameters that several lists take.
var (
	paramMatch  = apiParam{"match", "text in the name or title, or in an address"}
	paramOwner  = apiParam{"owner", "e-mail address of a user"}
	paramBefore = apiParam{"before", "only records with a smaller id: the last one of the page before"}
	paramLimit  = apiParam{"limit", "how many, 1 to 1000; 100 where it is left out"}
)

// apiRoutes is the whole API.
func (s *Server) apiRoutes() []apiRoute {
	return []apiRoute{
		{method: "GET", path: "/contacts", summary: "List contacts, newest first", do: s.apiContacts, reply: []crm.Contact{},
			query: []apiParam{paramMatch, paramOwner, {"company", "id of a company"}, paramBefore, paramLimit}},
		{method: "POST", path: "/contacts", summary: "Add a contact; mail that waited for it is filed", do: s.apiContactAdd, body: apiContact{}, reply: crm.Contact{}, status: http.StatusCreated},
		{method: "GET", path: "/contacts/{id}", summary: "Show a contact", do: s.apiContact, reply: crm.Contact{}},
		{method: "POST", path: "/contacts/{id}", summary: "Change a contact; what is left out stays", do: s.apiContactEdit, body: apiContactChange{}, reply: crm.Contact{}},
		{method: "GET", path: "/companies", summary: "List companies, newest first", do: s.apiCompanies, reply: []crm.Company{},
			query: []apiParam{paramMatch, paramOwner, paramBefore, paramLimit}},
		{method: "GET", path: "/companies/{id}", summary: "Show a company", do: s.apiCompany, reply: crm.Company{}},
		{method: "GET", path: "/leads", summary: "List leads, newest first", do: s.apiLeads, reply: []crm.Lead{},
			query: []apiParam{paramMatch, {"status", "open, converted or dismissed"}, paramBefore, paramLimit}},
		{method: "GET", path: "/leads/{id}", summary: "Show a lead", do: s.apiLead, reply: crm.Lead{}},
		{method: "GET", path: "/deals", summary: "List deals, newest first", do: s.apiDeals, reply: []crm.Deal{},
			query: []apiParam{paramMatch, paramOwner, {"status", "open, won or lost"}, {"contact", "id of a contact"}, {"company", "id of a company"}, paramBefore, paramLimit}},
		{method: "GET", path: "/deals/{id}", summary: "Show a deal", do: s.apiDeal, reply: crm.Deal{}},
		{method: "GET", path: "/users", summary: "List users; the BCC address is for its owner and for admins", do: s.apiUsers, reply: []crm.User{}},

		{method: "GET", path: "/activities", summary: "List mail that was filed, newest first", do: s.apiActivities, reply: []crm.Activity{},
			query: []apiParam{{"ref", "on the timeline of one record: contact:7, company:7, lead:7, deal:7"}, {"user", "e-mail address of the user who wrote or captured it"},
				{"match", "text in the subject, the people or the preview"}, {"before", "only what occurred before this time, RFC 3339"},
				{"before_id", "and of that moment what has a smaller id"}, paramLimit}},
		{method: "GET", path: "/activities/{id}", summary: "Show a mail with its text and sanitised HTML", do: s.apiActivity, reply: crm.Activity{}},
		{method: "GET", path: "/activities/{id}/raw", summary: "The message as it was received", do: s.mailRaw, replyType: "message/rfc822"},

		{method: "GET", path: "/intakes", summary: "List what reached us, newest first", do: s.apiIntakes, reply: []crm.Intake{},
			query: []apiParam{{"verdict", "such as filed, held, ignored, refused"}, {"since", "received at this time or later, RFC 3339"},
				{"match", "text in the author, a recipient, the subject or the Message-ID"},
				{"before", "only what was recorded before the intake with this id: the last one of the page before"}, paramLimit}},
		{method: "GET", path: "/intakes/{id}", summary: "Show what became of a message", do: s.apiIntake, reply: crm.Intake{}},
		{method: "GET", path: "/explain", summary: "What became of a message, in words too", do: s.apiExplain, reply: apiExplained{},
			query: []apiParam{{"of", "id of an intake, or a Message-ID: the newest with it"}}},
		{method: "GET", path: "/review", summary: "List what waits for a decision", do: s.apiReview, reply: []apiReviewed{}, query: []apiParam{paramLimit}},
		{method: "POST", path: "/review/{id}/link", summary: "File a mail that waits to a record", do: s.apiReviewLink, body: apiLink{}, reply: crm.Intake{}},
		{method: "POST", path: "/review/{id}/create", summary: "Make a lead or contact of a mail that waits", do: s.apiReviewCreate, body: apiCreate{}, reply: crm.Intake{}},
		{method: "POST", path: "/review/{id}/dismiss", summary: "Decide that nothing is to become of it", do: s.apiReviewDismiss, reply: crm.Intake{}},

		{method: "GET", path: "/exclusions", summary: "List the never-log list: your own and the company's", do: s.apiExclusions, reply: []crm.Exclusion{}},
		{method: "POST", path: "/exclusions", summary: "Never log an address or a domain", do: s.apiExclude, body: apiExclusion{}, reply: crm.Exclusion{}, status: http.StatusCreated},

		{method: "GET", path: "/events", summary: "Follow what happens, as server-sent events: what you may see of it. Each has an id; come back with it in Last-Event-ID within a day",
			do: s.apiEvents, reply: apiEvents{}, replyType: eventStream, query: []apiParam{{"after", "the id of an event, for a client that cannot send Last-Event-ID; from now on where both are left out"}}},

		{method: "GET", path: "/openapi.json", summary: "This document", do: s.openAPI, reply: map[string]any{}, open: true},
	}
}

// routeAPI registers the table.
func (s *Server) routeAPI(mux *http.ServeMux) {
	for _, route := range s.apiRoutes() {
		may := program
		if route.open {
			may = nobody
		}
		mux.Handle(route.method+" "+apiBase+route.path, s.serve(route.do, maxForm, may))
	}
}

// Why a program is not let in.
var (
	errNoToken    = errors.New("no API token was sent")
	errBadToken   = errors.New("the API token is unknown or revoked")
	errTokenWrite = errors.New("a change needs an API token")
)

// program lets in whoever sent a token. A session does for reading, so that a browser can look; it does not for
// changes, which another site's page could send along with it.
func program(r *request) error {
	switch {
	case r.user.ID == 0:
		return errNoToken
	case !r.byToken && r.Method != http.MethodGet && r.Method != http.MethodHead:
		return errTokenWrite
	}
	return nil
}

// bearer is the token of a request, RFC 6750 §2.1; false where no Authorization was sent.
func bearer(r *http.Request) (crm.Secret, bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", false
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", true
	}
	return crm.Secret(strings.TrimSpace(token)), true
}

// userOfToken is whose token was sent. Only bad ones are counted: an office behind one address may ask as often as it
// likes.
func (r *request) userOfToken(token crm.Secret) (crm.User, error) {
	u, err := r.s.Store.UserOfAPIToken(r.Context(), token)
	if !errors.Is(err, crm.ErrNotFound) {
		return u, err
	}
	if !r.s.limits.badTokens.allow(r.address(), r.s.Now()) {
		return u, errTooMany
	}
	return u, errBadToken
}

// read reads the JSON of a body. A name that we do not know is refused: it would be a change that is not made.
func (r *request) read(into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fmt.Errorf("%w: send application/json", errBadRequest)
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return nil
		}
		err = errors.New("something follows the JSON")
	}
	return fmt.Errorf("%w: %w", errBadRequest, err)
}

// Limits of lists.
const (
	apiLimit    = 100
	apiMaxLimit = 1000
)

// limit is how many are asked for.
func (r *request) limit() (int, error) {
	if r.query("limit") == "" {
		return apiLimit, nil
	}
	n, err := strconv.Atoi(r.query("limit"))
	if err != nil || n < 1 || n > apiMaxLimit {
		return 0, invalid(fmt.Sprintf("limit is 1 to %d, and not %q", apiMaxLimit, r.query("limit")))
	}
	return n, nil
}

// whole is an id in the query, 0 where there is none.
func (r *request) whole(name string) (int64, error) {
	if r.query(name) == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(r.query(name), 10, 64)
	if err != nil || n < 1 {
		return 0, invalid(fmt.Sprintf("%s is a number of a record, and not %q", name, r.query(name)))
	}
	return n, nil
}

// moment is a time in the query, zero where there is none.
func (r *request) moment(name string) (time.Time, error) {
	if r.query(name) == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, r.query(name))
	if err != nil {
		return at, invalid(fmt.Sprintf("%s is a time such as 2026-03-14T09:00:00Z, and not %q", name, r.query(name)))
	}
	return at, nil
}

// colleague is the e-mail address of a user that was sent under a name, "" where there is none.
func (r *request) colleague(name, text string) (crm.Address, error) {
	a, err := addressOf(name, text)
	if a == "" || err != nil {
		return a, err
	}
	_, err = r.s.Store.User(r.Context(), a)
	if errors.Is(err, crm.ErrNotFound) {
		err = invalid(fmt.Sprintf("%s is the e-mail address of a user, and nobody here has %q", name, a))
	}
	return a, err
}

func addressOf(name, text string) (crm.Address, error) {
	if text == "" {
		return "", nil
	}
	a, ok := crm.ParseAddress(text)
	if !ok {
		return "", invalid(fmt.Sprintf("%s is an e-mail address, and not %q", name, text))
	}
	return a, nil
}

// oneOf is a word of the query out of several, "" where there is none.
func (r *request) oneOf(name string, words ...string) (string, error) {
	text := r.query(name)
	if text == "" {
		return "", nil
	}
	for _, word := range words {
		if text == word {
			return word, nil
		}
	}
	return "", invalid(fmt.Sprintf("%s is one of %s, and not %q", name, strings.Join(words, ", "), text))
}

// listed answers with a list, never null, or with what went wrong.
func listed[T any](list []T, err error) (answer, error) {
	if list == nil {
		list = []T{}
	}
	return document{v: list}, err
}
