package main

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"blindcopy/crm"
	"blindcopy/web"
)

// reviewWorld has Anna, an admin, and Karl, a manager, whose unknown clients wait for a decision.
func reviewWorld(t *testing.T) (w *world, s *running, anna, karl *browser) {
	w = newWorld(t)
	w.must("user", "add", "karl@acme.example", "--name", "Karl")
	w.must("mailbox", "edit", "1", "--unknown", "review")
	w.must("mailbox", "edit", "2", "--unknown", "review")
	w.must("contact", "add", "--name", "Ben Known", "--email", "ben@known.example")
	s = w.serve()
	return w, s, w.browse(s, "anna@acme.example"), w.browse(s, "karl@acme.example")
}

func (w *world) verdict(id crm.IntakeID) crm.Verdict {
	w.t.Helper()
	var in crm.Intake
	w.json(&in, "explain", string(id))
	return in.Verdict
}

func TestReviewInTheBrowser(t *testing.T) {
	w, s, anna, karl := reviewWorld(t)
	n := 0
	send := func(from, to string) crm.IntakeID {
		n++
		return s.send(from, w.bcc("karl@acme.example"), mail(from, to, "Offer", "offer"+string(rune('a'+n))))
	}
	want := func(rule string, id crm.IntakeID, verdict crm.Verdict, page, said string) {
		t.Helper()
		if got := w.verdict(id); got != verdict || !strings.Contains(page, said) {
			t.Errorf("%s: the mail is %s, want %s; the page lacks %q\n%s", rule, got, verdict, said, page)
		}
	}
	const me = "karl@acme.example"

	id := send(me, "new@client.example")
	karl.get("/review", 200, "new@client.example is unknown", `data-key="d"`, "/why/"+string(id))
	karl.get("/", 200, "Needs you", "new@client.example is unknown", "Came in today")
	karl.get("/review/"+string(id)+"/find?q=known", 200, "Ben Known", `value="contact:1"`)
	want("a record that is not there", id, crm.Held, karl.post("/review/"+string(id)+"/link", 200, "to", "contact:99"), "That record is not there any more.")
	want("no record", id, crm.Held, karl.post("/review/"+string(id)+"/link", 200, "to", "x"), "Choose a contact")
	want("linked", id, crm.Filed, karl.post("/review/"+string(id)+"/link", 200, "to", "contact:1"), "“Offer” is filed.")

	id = send(me, "zoe@prospect.example")
	want("a lead", id, crm.Filed, karl.post("/review/"+string(id)+"/create", 200, "kind", "lead", "back", "/"), "with a new lead.")
	id = send(me, "max@person.example")
	want("a contact", id, crm.Filed, karl.post("/review/"+string(id)+"/create", 200, "kind", "contact"), "with a new contact.")
	id = send(me, "spam@offer.example")
	want("dismissed", id, crm.Ignored, karl.post("/review/"+string(id)+"/dismiss", 200), "was dismissed.")
	want("dismissed too late", id, crm.Ignored, karl.post("/review/"+string(id)+"/create", 200, "kind", "deal"), "Choose a lead or a contact.")

	id = send(me, "lawyer@firm.example")
	want("never log, of a manager", id, crm.Ignored, karl.post("/review/"+string(id)+"/never", 200, "pattern", "firm.example", "for", "all"), "Mail with firm.example is never logged")
	var list []crm.Exclusion
	if w.json(&list, "exclusion", "list"); len(list) != 1 || list[0].User != me {
		t.Errorf("the exclusion of a manager is %+v, want one for his own mail", list)
	}
	after := send(me, "boss@firm.example")
	eid := strconv.FormatInt(list[0].ID, 10)
	karl.get("/why/"+string(after), 200, "Log mail with firm.example again", `name="exclusion" value="`+eid+`"`)
	want("track again", after, crm.Ignored, karl.post("/why/"+string(after)+"/track", 200, "exclusion", eid), "Mail with firm.example is logged again")
	want("track again, twice", after, crm.Ignored, karl.post("/why/"+string(after)+"/track", 200, "exclusion", eid), "not on the never-log list any more")
	w.must("exclusion", "add", "whole.example")
	w.json(&list, "exclusion", "list")
	after = send(me, "x@whole.example")
	karl.get("/why/"+string(after), 200, "!Log mail with")
	karl.post("/why/"+string(after)+"/track", 200, "exclusion", strconv.FormatInt(list[0].ID, 10))
	if w.json(&list, "exclusion", "list"); len(list) != 1 {
		t.Errorf("a manager took back an exclusion of the company: %+v are left", list)
	}
	want("never log nonsense", id, crm.Ignored, karl.post("/review/"+string(id)+"/never", 200, "pattern", "non sense"), "is no exclusion")

	id2 := send("kk@acme.example", "ben@known.example")
	karl.get("/why/"+string(id2), 200, "kk@acme.example", "!Verify</button>")
	anna.get("/why/"+string(id2), 200, "Verify</button>")
	karl.post("/review/"+string(id2)+"/verify", 404, "user", me)
	want("a manager verifies nothing", id2, crm.Held, "", "")
	want("an alias", id2, crm.Filed, anna.post("/review/"+string(id2)+"/verify", 200, "user", me), "is Karl now.")

	a, b := send(me, "one@bulk.example"), send(me, "two@bulk2.example")
	page := karl.post("/review", 200, "act", "lead", "id", string(a), "id", string(b))
	want("many leads", a, crm.Filed, page, "2 mails decided.")
	want("many leads", b, crm.Filed, page, "2 mails decided.")
	a, b = send(me, "three@bulk3.example"), send(me, "four@bulk4.example")
	page = karl.post("/review", 200, "act", "dismiss", "id", string(a), "id", string(b), "id", "01JQ8V6Z3M0000000000000000")
	want("many dismissed", a, crm.Ignored, page, "2 mails decided, not all. One of them is gone.")
	want("many dismissed", b, crm.Ignored, page, "")
}

func TestTwoManagersDecideAboutTheirOwn(t *testing.T) {
	w, s, anna, karl := reviewWorld(t)
	w.must("user", "add", "eva@acme.example", "--name", "Eva")
	eva := w.browse(s, "eva@acme.example")
	held := s.send("karl@acme.example", w.bcc("karl@acme.example"), mail("karl@acme.example", "new@client.example", "Quiet matter", "q1"))
	private := s.send("karl@acme.example", w.bcc("karl@acme.example"), mail("karl@acme.example", "doc@clinic.example", "[private] Secret matter", "q2"))
	filed := s.send("karl@acme.example", w.bcc("karl@acme.example"), mail("karl@acme.example", "ben@known.example", "Open matter", "q3"))
	hidden := s.send("karl@acme.example", w.bcc("karl@acme.example"), mail("karl@acme.example", "ben@known.example", "[private] Hidden matter", "q4"))

	for _, id := range []crm.IntakeID{held, private, filed, hidden} {
		karl.get("/why/"+string(id), 200, "matter")
	}
	for id, status := range map[crm.IntakeID]int{held: 200, private: 404, filed: 200, hidden: 404} {
		anna.get("/why/"+string(id), status)
	}
	for id, status := range map[crm.IntakeID]int{held: 404, private: 404, filed: 200, hidden: 404} {
		eva.get("/why/"+string(id), status, "!"+w.bcc("karl@acme.example"), "!Secret matter", "!Hidden matter")
	}
	karl.get("/search?q=matter", 200, "Quiet matter", "Secret matter", "Open matter", "Hidden matter")
	anna.get("/search?q=matter", 200, "Quiet matter", "!Secret matter", "Open matter", "!Hidden matter")
	eva.get("/search?q=matter", 200, "!Quiet matter", "!Secret matter", "Open matter", "!Hidden matter")
	eva.get("/search?q=q4@acme.example", 200, "No such mail")
	eva.get("/search?q="+url.QueryEscape(w.bcc("karl@acme.example")), 200, "No such mail")
	karl.get("/search?q=%3CQ4@acme.example%3E", 200, "Hidden matter")
	karl.get("/search?q=ben@known.example", 200, "Open matter", "Hidden matter", "!Quiet matter")
	karl.get("/search?q=matter&verdict=held", 200, "Quiet matter", "!Open matter")
	eva.get("/review", 200, "Nothing waits for you")
	eva.get("/", 200, "!Quiet matter", "!Secret matter")
	anna.get("/review", 200, "Quiet matter", "!Secret matter")

	for _, b := range []*browser{eva, anna} {
		for _, act := range []string{"link", "create", "dismiss", "never"} {
			b.post("/review/"+string(private)+"/"+act, 404, "to", "contact:1", "kind", "lead", "pattern", "clinic.example")
		}
		b.post("/review", 200, "act", "dismiss", "id", string(private))
	}
	eva.post("/review/"+string(held)+"/dismiss", 404)
	eva.post("/review", 200, "act", "dismiss", "id", string(held))
	eva.get("/review/"+string(held)+"/find?q=ben", 404)
	for _, id := range []crm.IntakeID{held, private} {
		if got := w.verdict(id); got != crm.Held {
			t.Errorf("%s is %s after a stranger's forms, want held", id, got)
		}
	}
}

func TestHostileMailInThePages(t *testing.T) {
	w, s, anna, _ := reviewWorld(t)
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	w.must("contact", "add", "--name", evil, "--email", "evil@known.example")
	id := s.send("anna@acme.example", w.bcc("anna@acme.example"),
		mail(`"`+strings.ReplaceAll(evil, `"`, "")+`" <anna@acme.example>`, "new@client.example", evil+" =?utf-8?Q?=E2=80=AEexe?=", "evil"))
	for _, path := range []string{"/", "/review", "/why/" + string(id), "/search?q=" + url.QueryEscape(evil), "/search?q=alert", "/review/" + string(id) + "/find?q=evil"} {
		anna.get(path, 200, "!<script>alert", "!<img src=x")
	}
	page := anna.post("/review/"+string(id)+"/dismiss", 200, "back", "https://evil.example/")
	if !strings.Contains(page, "was dismissed") || strings.Contains(page, "<script>alert") {
		t.Errorf("after a hostile subject was dismissed:\n%s", page)
	}
}

// The office is what the pages act by.
var _ web.Office = (*office)(nil)
