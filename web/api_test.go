package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// program is somebody's program, with a token of his.
func (w *world) program(u crm.User) *caller {
	w.t.Helper()
	_, secret, err := w.store.AddAPIToken(w.t.Context(), u.ID, "test")
	if err != nil {
		w.t.Fatal(err)
	}
	return &caller{w.browser(), string(secret)}
}

// caller sends JSON; no token is none.
type caller struct {
	*browser
	token string
}

func (c *caller) call(method, path, body string) *reply {
	t := c.w.t
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.w.http.URL+apiBase+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return c.send(req)
}

func (c *caller) get(path string) *reply        { return c.call("GET", path, "") }
func (c *caller) post(path, body string) *reply { return c.call("POST", path, body) }

// stranger has no token.
func (w *world) stranger() *caller { return &caller{w.browser(), ""} }

// into decodes what came back.
func (r *reply) into(v any) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		r.t.Fatalf("%s: %v\n%s", r.what, err, r.body)
	}
}

// described is what of an OpenAPI document the tests read.
type described struct {
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct{ Schema map[string]any }
		}
	}
	Components struct{ Schemas map[string]map[string]any }
}

// TestOpenAPITellsTheRoutes: each line of the table is in the document, and each path of the document is served: without
// a token it answers 401, where an address that is nowhere is 404.
func TestOpenAPITellsTheRoutes(t *testing.T) {
	w := newWorld(t)
	var doc described
	w.stranger().get("/openapi.json").want(200, `"openapi":"3.1.0"`).into(&doc)
	operations := 0
	for path, methods := range doc.Paths {
		for method := range methods {
			operations++
			want := 401
			if path == apiBase+"/openapi.json" {
				want = 200
			}
			at := strings.ReplaceAll(strings.TrimPrefix(path, apiBase), "{id}", "1")
			w.stranger().call(strings.ToUpper(method), at, "").want(want)
		}
	}
	for _, route := range w.web.apiRoutes() {
		if _, ok := doc.Paths[apiBase+route.path][strings.ToLower(route.method)]; !ok {
			t.Errorf("%s %s is not in the document", route.method, route.path)
		}
	}
	if want := len(w.web.apiRoutes()); operations != want {
		t.Errorf("the document tells of %d operations, want %d", operations, want)
	}
	w.stranger().get("/nowhere").want(404, `"error":`, `"hint":`)
}

// TestRepliesAreAsDescribed: every GET answers, with nothing that its schema does not name.
func TestRepliesAreAsDescribed(t *testing.T) {
	w := newWorld(t)
	anna := w.user("anna@acme.example", true)
	ben := w.contact("Ben", "ben@client.example")
	if _, err := w.store.AddCompany(t.Context(), crm.NewCompany{Name: "Client", Domains: []string{"client.example"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.AddDeal(t.Context(), crm.NewDeal{Title: "Website", Contacts: []int64{ben.ID}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.AddExclusion(t.Context(), "bank.example", ""); err != nil {
		t.Fatal(err)
	}
	act := w.file(letter{by: anna, subject: "Offer", at: w.now.Add(-time.Hour), links: []crm.Ref{ben}})
	intakes, err := w.store.Intakes(t.Context(), crm.IntakeFilter{})
	if err != nil {
		t.Fatal(err)
	}
	c := w.program(anna)
	var doc described
	c.get("/openapi.json").into(&doc)
	for _, path := range []string{"/contacts", "/contacts/1", "/companies", "/companies/1", "/leads", "/deals", "/deals/1", "/users", "/activities",
		fmt.Sprintf("/activities/%d", act), "/intakes", "/intakes/" + string(intakes[0].ID), "/explain?of=" + string(intakes[0].ID), "/review", "/exclusions"} {
		var got any
		res := c.get(path).want(200)
		res.into(&got)
		name, _, _ := strings.Cut(path, "?")
		if at := strings.LastIndexByte(name, '/'); at > 0 {
			name = name[:at] + "/{id}"
		}
		doc.check(t, path, got, doc.Paths[apiBase+name]["get"].Responses["200"].Content["application/json"].Schema)
	}
	c.get(fmt.Sprintf("/activities/%d/raw", act)).want(200, "RAW")
	c.get("/leads/1").want(404)
}

// check compares a value with its schema, as far as names go.
func (d described) check(t *testing.T, at string, v any, schema map[string]any) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = d.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
	}
	if either, ok := schema["anyOf"].([]any); ok && v != nil {
		d.check(t, at, v, either[0].(map[string]any))
		return
	}
	switch v := v.(type) {
	case map[string]any:
		fields, ok := schema["properties"].(map[string]any)
		for name, value := range v {
			if _, known := fields[name]; ok && !known {
				t.Errorf("%s.%s is not in the schema", at, name)
				continue
			}
			if ok {
				d.check(t, at+"."+name, value, fields[name].(map[string]any))
			}
		}
		if !ok && schema["type"] == nil {
			t.Errorf("%s is an object, and the schema is %v", at, schema)
		}
	case []any:
		items, ok := schema["items"].(map[string]any)
		if !ok {
			t.Errorf("%s is a list, and the schema is %v", at, schema)
			return
		}
		for _, item := range v {
			d.check(t, at+"[]", item, items)
		}
	}
}

func TestWhoMayAsk(t *testing.T) {
	w := newWorld(t)
	anna, karl := w.user("anna@acme.example", true), w.user("karl@acme.example", false)
	none := w.stranger()
	res := none.get("/contacts").want(401, "No API token was sent", "Bearer TOKEN")
	if got := res.Header.Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate = %q, want Bearer", got)
	}
	session := &caller{w.signedIn("karl@acme.example"), ""}
	session.get("/contacts").want(200, "[]")
	session.post("/contacts", `{"name":"Ben"}`).want(403, "needs an API token")
	session.token = "wrong"
	session.get("/contacts").want(401, "unknown or revoked") // a bad token is not helped by a session
	his := w.program(karl)
	his.get("/users").want(200, string(karl.BCCAddress), "anna@acme.example", "!"+string(anna.BCCAddress))
	w.program(anna).get("/users").want(200, string(karl.BCCAddress), string(anna.BCCAddress))
	his.browser.header.Set("Authorization", "Bearer "+his.token)
	his.browser.get("/contacts").want(303) // the pages know no tokens
	if _, err := w.store.SetUserActive(t.Context(), karl.ID, false); err != nil {
		t.Fatal(err)
	}
	his.get("/users").want(401)
}

// TestBadTokensAreCounted, and good ones from the same address are not held up by them.
func TestBadTokensAreCounted(t *testing.T) {
	w := newWorld(t)
	good := w.program(w.user("anna@acme.example", true))
	bad := &caller{w.browser(), "guess"}
	for range 30 {
		bad.get("/users").want(401)
	}
	res := bad.get("/users").want(429, "Wait a minute")
	if res.Header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	good.get("/users").want(200)
}

func TestAPIContacts(t *testing.T) {
	w := newWorld(t)
	karl := w.user("karl@acme.example", false)
	c := w.program(karl)
	var made crm.Contact
	c.post("/contacts", `{"name":"Ben","emails":["Ben@Client.example"],"company":"Client"}`).want(201).into(&made)
	if made.Name != "Ben" || made.Emails[0].Address != "ben@client.example" || made.Owner != karl.Email {
		t.Errorf("the contact is %+v, want Ben of karl", made)
	}
	at := fmt.Sprintf("/contacts/%d", made.ID)
	c.post(at, `{"name":"Benjamin","add_emails":["b@client.example"],"owner":""}`).want(200, "Benjamin", "b@client.example", `"owner":null`)
	c.get(at).want(200, `"company":{"id":1,"name":"Client"}`)
	for _, row := range []struct {
		path, body string
		status     int
	}{
		{"/contacts", `{"name":"Ben","e-mails":[]}`, 400},
		{"/contacts", `{"name":"Ben"} {}`, 400},
		{"/contacts", `nonsense`, 400},
		{"/contacts", `{"emails":["nobody"]}`, 422},
		{at, `{"owner":"ghost@acme.example"}`, 422},
		{"/contacts", `{"name":"x","owner":"ghost@acme.example"}`, 422},
		{"/contacts", `{"name":"x","owner":"ghost"}`, 422},
		{"/contacts/999", `{"name":"x"}`, 404},
		{"/exclusions", `{"pattern":"com"}`, 422},
		{"/exclusions", `{"pattern":"bank.example","company":true}`, 422},
		{"/exclusions", `{"pattern":"bank.example"}`, 201},
		{"/review/01JQ8V6Z3M0000000000000000/dismiss", ``, 404},
		{"/review/01JQ8V6Z3M0000000000000000/link", `{"to":"contact:1"}`, 404},
	} {
		res := c.post(row.path, row.body).want(row.status)
		if res.StatusCode >= 400 && !strings.HasPrefix(res.body, `{"error":"`) {
			t.Errorf("POST %s %s = %s, want an error in JSON", row.path, row.body, res.body)
		}
	}
	c.get("/exclusions").want(200, `"user":"karl@acme.example"`)
	log, err := w.store.Audit(t.Context(), crm.AuditFilter{Object: "contact"})
	if err != nil || len(log) == 0 || log[0].Actor != "karl@acme.example" || log[0].Via != "api" {
		t.Errorf("the audit log says %+v, %v, want karl by the API", log, err)
	}
	for _, query := range []string{"limit=0", "limit=1001", "limit=x", "before=x", "owner=x", "company=-1"} {
		c.get("/contacts?" + query).want(422)
	}
	for _, path := range []string{"/activities?ref=ben", "/activities?before=today", "/activities?before_id=3", "/intakes?since=x", "/deals?status=x", "/explain"} {
		c.get(path).want(422)
	}
	c.post(at, `{"owner":"ghost@acme.example"}`).want(422, "Owner is", "ghost@acme.example")
	for _, path := range []string{"/contacts?owner=ghost@acme.example", "/deals?owner=ghost@acme.example", "/activities?user=ghost@acme.example"} {
		c.get(path).want(422, "ghost@acme.example")
	}
	c.get("/contacts?before="+fmt.Sprint(made.ID)).want(200, "[]")
}

// TestAPIHidesWhatPagesHide: a private mail is nowhere for others, and an admin is one of them.
func TestAPIHidesWhatPagesHide(t *testing.T) {
	w := newWorld(t)
	anna, karl := w.user("anna@acme.example", true), w.user("karl@acme.example", false)
	ben := w.contact("Ben", "ben@client.example")
	private := w.file(letter{by: karl, subject: "HIDDEN", at: w.now.Add(-time.Hour), visibility: crm.VisibilityPrivate, links: []crm.Ref{ben}})
	envelope := w.file(letter{by: karl, subject: "COVERED", at: w.now.Add(-2 * time.Hour), visibility: crm.VisibilityEnvelope, links: []crm.Ref{ben}})
	hers, his := w.program(anna), w.program(karl)
	his.get("/activities?ref=contact:1").want(200, "HIDDEN", "COVERED")
	hers.get("/activities?ref=contact:1").want(200, "!HIDDEN", "!COVERED")
	hers.get("/activities?match=HIDDEN").want(200, "[]")
	his.get(fmt.Sprintf("/activities/%d", private)).want(200, "HIDDEN", "SECRET TEXT")
	hers.get(fmt.Sprintf("/activities/%d", private)).want(404, "!HIDDEN")
	hers.get(fmt.Sprintf("/activities/%d/raw", private)).want(404, "!RAW")
	hers.get(fmt.Sprintf("/activities/%d", envelope)).want(200, "!COVERED", "!SECRET", "!PREVIEW")
	hers.get(fmt.Sprintf("/activities/%d/raw", envelope)).want(404, "!RAW")
	hers.get("/intakes").want(200, "[]")
	var list []crm.Intake
	his.get("/intakes").want(200).into(&list)
	for _, in := range list {
		hers.get("/intakes/" + string(in.ID)).want(404)
		hers.get("/explain?of=" + string(in.ID)).want(404)
		his.get("/explain?of="+string(in.ID)).want(200, `"sentences":"filed"`)
	}
	if len(list) != 2 {
		t.Errorf("his intakes are %d, want 2", len(list))
	}
}

// TestBodiesAreJSON: a form, which another site's page could send, is none.
func TestBodiesAreJSON(t *testing.T) {
	w := newWorld(t)
	c := w.program(w.user("karl@acme.example", false))
	req, err := http.NewRequestWithContext(t.Context(), "POST", w.http.URL+apiBase+"/contacts", io.NopCloser(strings.NewReader(`{"name":"Ben"}`)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "text/plain")
	c.send(req).want(400, "application/json")
}

// TestIntakesArePaged: each page begins where the one before ended, is full but for the last, and nothing of another's is
// counted.
func TestIntakesArePaged(t *testing.T) {
	w := newWorld(t)
	anna, karl := w.user("anna@acme.example", false), w.user("karl@acme.example", false)
	var want []string
	for i := range 10 {
		for _, l := range []letter{{by: anna, subject: "HUSH", visibility: crm.VisibilityPrivate}, {by: anna, subject: fmt.Sprintf("Mail %d", i)}} {
			l.at = w.now.Add(time.Duration(i) * time.Second)
			w.file(l)
		}
		want = append([]string{fmt.Sprintf("Mail %d", i)}, want...)
	}
	var got []string
	his, before := w.program(karl), ""
	for pages := 1; ; pages++ {
		var list []crm.Intake
		his.get("/intakes?limit=4" + before).want(200).into(&list)
		for _, in := range list {
			got = append(got, in.Subject)
		}
		if len(list) < 4 {
			if pages != 3 {
				t.Errorf("%d pages, want 3: a page that is not the last one is full", pages)
			}
			break
		}
		before = "&before=" + string(list[3].ID)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("the pages have %q, want %q", got, want)
	}
	hidden, err := w.store.Intakes(t.Context(), crm.IntakeFilter{Match: "HUSH", Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{string(hidden[0].ID), "01JQ8V6Z3M0000000000000000", "x"} {
		his.get("/intakes?before="+id).want(422, "Before is")
	}
}
