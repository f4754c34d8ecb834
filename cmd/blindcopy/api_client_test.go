package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"blindcopy/crm"
)

// apiClient is a program with a user's token, at the API.
type apiClient struct {
	t           *testing.T
	base, token string
}

// client makes a token for a user.
func (w *world) client(s *running, email string) *apiClient {
	w.t.Helper()
	var made madeToken
	w.json(&made, "user", "token", email, "--name", "test")
	return &apiClient{w.t, "http://" + s.web + "/api/v1", string(made.Token)}
}

// get reads an answer into v.
func (p *apiClient) get(path string, status int, v any) {
	p.t.Helper()
	p.do("GET", path, nil, status, v)
}

// post sends v as JSON and reads the answer into it.
func (p *apiClient) post(path string, body any, status int, v any) {
	p.t.Helper()
	p.do("POST", path, body, status, v)
}

func (p *apiClient) do(method, path string, body any, status int, v any) {
	p.t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, bytes.NewReader(sent))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	if method != "GET" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode != status {
		p.t.Errorf("%s %s %s: status %d, want %d\n%s", method, path, sent, res.StatusCode, status, text)
	}
	if v == nil || res.StatusCode != status {
		return
	}
	if err := json.Unmarshal(text, v); err != nil {
		p.t.Errorf("%s %s: %v\n%s", method, path, err, text)
	}
}

// TestProgramsDecideAboutHeldMail: what waits is linked, made a lead or contact of, dismissed and excluded through the API, by
// those who may.
func TestProgramsDecideAboutHeldMail(t *testing.T) {
	w, s, _, _ := reviewWorld(t)
	anna, karl := w.client(s, "anna@acme.example"), w.client(s, "karl@acme.example")
	const me = "karl@acme.example"
	send := func(to, id string) string {
		return string(s.send(me, w.bcc(me), mail(me, to, "Offer "+id, id)))
	}
	var after crm.Intake
	wantFiled := func(rule string) {
		t.Helper()
		if after.Verdict != crm.Filed || len(after.ActivityIDs) != 1 || after.Open {
			t.Errorf("%s: got %s with the activities %v, open %t, want it filed as one and closed", rule, after.Verdict, after.ActivityIDs, after.Open)
		}
	}

	id := send("new@client.example", "p1")
	var waiting []reviewItem
	karl.get("/review", 200, &waiting)
	if len(waiting) != 1 || len(waiting[0].Results) != 1 || waiting[0].Results[0].Preview == "" || len(waiting[0].Results[0].To) != 1 {
		t.Errorf("what waits for Karl: got %+v, want the one mail, to whom it is and how it begins", waiting)
	}
	karl.post("/review/"+id+"/link", map[string]any{"to": "contact:99"}, 422, nil)
	karl.post("/review/"+id+"/link", map[string]any{"to": "somebody"}, 422, nil)
	karl.post("/review/"+id+"/link", map[string]any{"to": "contact:1", "original": 7}, 422, nil)
	karl.post("/review/"+id+"/link", map[string]any{"to": "contact:1"}, 200, &after)
	wantFiled("linked")

	karl.post("/review/"+send("zoe@prospect.example", "p2")+"/create", map[string]any{"kind": "lead"}, 200, &after)
	wantFiled("made a lead of")
	if len(after.Created) != 1 || after.Created[0].Kind != crm.KindLead {
		t.Errorf("made a lead of: created %v, want a lead", after.Created)
	}
	id = send("max@person.example", "p3")
	karl.post("/review/"+id+"/create", map[string]any{"kind": "deal"}, 422, nil)
	karl.post("/review/"+id+"/create", map[string]any{"kind": "contact"}, 200, &after)
	wantFiled("made a contact of")

	id = send("spam@offer.example", "p4")
	karl.post("/review/"+id+"/dismiss", nil, 200, &after)
	if after.Verdict != crm.Ignored || after.Open {
		t.Errorf("dismissed: got %s, open %t, want it ignored and closed", after.Verdict, after.Open)
	}
	karl.post("/review/"+id+"/link", map[string]any{"to": "contact:1"}, 200, &after)
	wantFiled("linked after it was dismissed")

	id = send("lawyer@firm.example", "p5")
	karl.post("/exclusions", map[string]any{"pattern": "firm.example", "company": true}, 422, nil)
	karl.post("/exclusions", map[string]any{"pattern": "firm.example"}, 201, nil)
	karl.get("/intakes/"+id, 200, &after)
	if after.Verdict != crm.Ignored || after.Codes[len(after.Codes)-1] != crm.Excluded {
		t.Errorf("excluded: got %s because of %v, want it ignored as excluded", after.Verdict, after.Codes)
	}

	id = string(s.send("anna@acme.example", w.bcc("anna@acme.example"), mail("anna@acme.example", "x@else.example", "Hers", "p6")))
	karl.post("/review/"+id+"/dismiss", nil, 404, nil)
	anna.post("/review/"+id+"/dismiss", nil, 200, nil)
}

// TestSeveralMailsInOneMessage: the review page shows each mail that was forwarded, and takes decisions about one of them.
func TestSeveralMailsInOneMessage(t *testing.T) {
	w, s, anna, karl := reviewWorld(t)
	const me = "anna@acme.example"
	id := string(s.send(me, w.bcc(me), forwards(w, "ben@known.example", "eva@private.example", "joe@private.example", "kim@private.example")))
	karl.get("/why/"+id, 200, "ben@known.example", "!this is about")
	anna.get("/review", 200, "From eva@private.example", "From joe@private.example", "!<h3><bdi>From ben@known.example", `name="original" value="2"`, "Dismiss the rest", "this is about From eva")
	anna.get("/review/"+id+"/mail/2", 200, "this is about From eva@private.example", "!From joe")
	anna.get("/review/"+id+"/mail/2/body?as=text", 200, "this is about From eva@private.example")
	for _, path := range []string{"/mail/9", "/mail/x", "/mail/9/body"} {
		anna.get("/review/"+id+path, 404)
	}
	karl.get("/review/"+id+"/mail/2", 404)

	said := anna.post("/review/"+id+"/link", 200, "to", "contact:1")
	anna.has("linked without saying which", said, "it was not said which one is meant")
	said = anna.post("/review/"+id+"/link", 200, "to", "contact:1", "original", "9")
	anna.has("a mail that is not in it", said, "That mail is not in the message.")
	anna.get("/review/"+id+"/find?q=known&original=2", 200, "Ben Known", `name="original" value="2"`)
	said = anna.post("/review/"+id+"/link", 200, "to", "contact:1", "original", "2")
	anna.has("linked", said, "“From eva@private.example” is filed. 2 mails in the same message still to decide.", "!<h3><bdi>From eva", "<h3><bdi>From joe@private.example")
	said = anna.post("/review/"+id+"/create", 200, "kind", "contact", "original", "3")
	anna.has("created", said, "“From joe@private.example” is filed with a new contact. 1 mail in the same message still to decide.")
	said = anna.post("/review/"+id+"/dismiss", 200)
	anna.has("dismissed", said, "was dismissed.", "Nothing waits for you")

	var list []crm.Activity
	for contact, want := range map[string]int{"contact:1": 2, "contact:2": 1} {
		if w.json(&list, "timeline", contact); len(list) != want {
			t.Errorf("on the timeline of %s: got %d mails, want %d", contact, len(list), want)
		}
	}
}

// TestDismissedMailIsNotLost: as long as its content is kept, a decision can be taken back.
func TestDismissedMailIsNotLost(t *testing.T) {
	w, s, _, karl := reviewWorld(t)
	const me = "karl@acme.example"
	id := string(s.send(me, w.bcc(me), mail(me, "new@client.example", "Offer", "late")))
	karl.post("/review/"+id+"/dismiss", 200)
	karl.get("/review", 200, "Nothing waits for you")
	karl.get("/why/"+id, 200, "Decide after all", "Create lead", "!>Dismiss<")
	said := karl.post("/review/"+id+"/link", 200, "to", "contact:1", "back", "/why/"+id)
	karl.has("linked after all", said, "“Offer” is filed.", "Open the mail", "!Decide after all")
}

// TestProposalsAreForTheirMail: of several mails each has its own proposals, which stay while another is decided about; whoever
// may not decide sees nothing of what is held.
func TestProposalsAreForTheirMail(t *testing.T) {
	w, s, _, _ := reviewWorld(t)
	w.must("contact", "add", "--name", "Eva", "--email", "eva@privat.example")
	w.must("contact", "add", "--name", "Joe", "--email", "jo@private2.example")
	id := string(s.send(anna, w.bcc(anna), forwards(w, "ben@known.example", "eva@private.example", "joe@private2.example")))
	hers, his := w.client(s, anna), w.client(s, "karl@acme.example")
	proposed := func() map[int]string {
		var waiting []reviewItem
		hers.get("/review", 200, &waiting)
		if len(waiting) != 1 {
			t.Fatalf("%d messages wait, want one", len(waiting))
		}
		found := map[int]string{}
		for _, c := range waiting[0].Proposals {
			found[c.Original] += c.Title
		}
		return found
	}
	if got := proposed(); got[2] != "Eva" || got[3] != "Joe" || len(got) != 2 {
		t.Errorf("proposed: got %v, want Eva for the second mail and Joe for the third", got)
	}
	hers.post("/review/"+id+"/link", map[string]any{"to": "contact:3", "original": 3}, 200, nil)
	if got := proposed(); got[2] != "Eva" || len(got) != 1 {
		t.Errorf("proposed after the third mail was linked: got %v, want Eva for the second", got)
	}

	var seen crm.Intake
	his.get("/intakes/"+id, 200, &seen)
	for _, r := range seen.Results {
		if r.From != "" || r.To != nil || r.Subject != "" || !r.Date.IsZero() || r.Preview != "" {
			t.Errorf("to somebody who may not decide the held mail %d is told as %+v, want no word of it", r.Original, r)
		}
	}
}
