package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"blindcopy/crm"
)

// told is one event as it came.
type told struct{ name, id, data string }

// listener reads a stream as a program does, in the background.
type listener struct {
	t      testing.TB
	res    *http.Response
	events chan told // closed at the end of the stream
	stop   context.CancelFunc
}

// follow begins a stream. after is the id of an event, "" for from now on.
func (c *caller) follow(after string) *listener {
	c.w.t.Helper()
	l := c.listen(after)
	if l.res.StatusCode != 200 {
		c.w.t.Fatalf("a stream answers %d, want 200", l.res.StatusCode)
	}
	return l
}

// listen is follow for a stream that may be refused.
func (c *caller) listen(after string) *listener {
	t := c.w.t
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, "GET", c.w.http.URL+apiBase+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	res, err := c.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, res: res, events: make(chan told, 128), stop: stop}
	go func() {
		defer close(l.events)
		defer func() { _ = res.Body.Close() }()
		readEvents(res.Body, l.events)
	}()
	return l
}

func readEvents(r io.Reader, events chan<- told) {
	var e told
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		name, value, _ := strings.Cut(in.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				events <- e
			}
			e = told{}
		}
	}
}

// next is the next event; it has to come soon, under this name, with these texts in its data.
func (l *listener) next(name string, texts ...string) told {
	l.t.Helper()
	select {
	case e, open := <-l.events:
		if !open || e.name != name {
			l.t.Fatalf("the next event is %+v (the stream is open: %t), want %s", e, open, name)
		}
		for _, text := range texts {
			if !strings.Contains(e.data, text) {
				l.t.Errorf("the data of %s is %s, want %s in it", name, e.data, text)
			}
		}
		if e.id == "" || !json.Valid([]byte(e.data)) {
			l.t.Errorf("an event without an id, or whose data is no JSON: %+v", e)
		}
		return e
	case <-time.After(20 * time.Second):
		l.t.Fatalf("no event in 5 s, want %s", name)
		return told{}
	}
}

// silent checks that nothing comes, for as long as somebody else has heard of it several times over.
func (l *listener) silent() {
	l.t.Helper()
	select {
	case e, open := <-l.events:
		l.t.Fatalf("an event %+v (the stream is open: %t), want none", e, open)
	case <-time.After(3 * watchEvery):
	}
}

// over waits for the end of the stream.
func (l *listener) over(within time.Duration) {
	l.t.Helper()
	deadline := time.After(within)
	for {
		select {
		case e, open := <-l.events:
			if !open {
				return
			}
			l.t.Logf("before the end: %+v", e)
		case <-deadline:
			l.t.Fatalf("the stream is still open after %s", within)
		}
	}
}

// TestEventsTellEachWhatHeMaySee: of a mail of Anna's that all may see, both hear; of a private one Karl hears nothing, not
// even a number.
func TestEventsTellEachWhatHeMaySee(t *testing.T) {
	w := newWorld(t)
	anna, karl, root := w.user("anna@acme.example", false), w.user("karl@acme.example", false), w.user("root@acme.example", true)
	ben := w.contact("Ben", "ben@client.example")
	own, other, admin := w.program(anna).follow(""), w.program(karl).follow(""), w.program(root).follow("")
	all := []*listener{own, other, admin}
	for _, l := range all {
		l.next("review", `"count":0`)
	}
	w.file(letter{by: anna, subject: "HUSH", at: w.now, visibility: crm.VisibilityPrivate, links: []crm.Ref{ben}})
	own.next("intake", `"subject":"HUSH"`, `"new":true`, `"verdict":"filed"`, `"activity_ids":[1]`, `"kind":"contact","id":1`)
	other.silent()
	admin.silent()
	w.file(letter{by: anna, subject: "HUSH", at: w.now, visibility: crm.VisibilityEnvelope, links: []crm.Ref{ben}})
	own.next("intake", `"subject":"HUSH"`)
	for _, l := range []*listener{other, admin} { // that it was sent, when and with whom
		l.next("activity", `"subject":""`, `"kind":"contact","id":1`)
		l.silent()
	}
	open := w.file(letter{by: anna, subject: "Offer", at: w.now, links: []crm.Ref{ben}})
	for _, l := range all {
		l.next("intake", `"subject":"Offer"`, fmt.Sprintf(`"activity_ids":[%d]`, open))
	}
	if _, err := w.store.UnlinkActivity(t.Context(), open, ben); err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		l.next("intake", `"new":false`, `"links":[]`)
		l.next("activity", fmt.Sprintf(`"id":%d`, open), `"links":[]`)
	}
	if _, err := w.store.MakePrivate(t.Context(), open, "anna@acme.example"); err != nil {
		t.Fatal(err)
	}
	own.next("intake", `"new":false`) // his trace has one step more
	own.next("activity", `"visibility":"private"`)
	other.silent()
	admin.silent()
}

// TestEventsAreResumable: who comes back with the id of the last event hears what came meanwhile and what he may see of it,
// once, also of a server that was started anew; an id that nobody can read any more is answered with reset.
func TestEventsAreResumable(t *testing.T) {
	w := newWorld(t)
	anna, karl := w.user("anna@acme.example", false), w.user("karl@acme.example", false)
	ben := w.contact("Ben", "ben@client.example")
	c := w.program(karl)
	before := c.follow("")
	w.file(letter{by: anna, subject: "One", at: w.now, links: []crm.Ref{ben}})
	before.next("review")
	last := before.next("intake", "One").id
	before.stop()
	before.over(time.Second)
	w.file(letter{by: anna, subject: "HUSH", at: w.now, visibility: crm.VisibilityPrivate, links: []crm.Ref{ben}})
	two := w.file(letter{by: anna, subject: "Two", at: w.now, links: []crm.Ref{ben}})
	if _, err := w.store.UnlinkActivity(t.Context(), two, ben); err != nil {
		t.Fatal(err)
	}
	w.restart()
	for range 2 { // the id is good for more than once
		again := c.follow(last)
		again.next("intake", "Two", `"new":true`)
		again.next("activity", fmt.Sprintf(`"id":%d`, two))
		again.next("review")
		w.file(letter{by: anna, subject: "HUSH", at: w.now, visibility: crm.VisibilityPrivate, links: []crm.Ref{ben}})
		again.silent()
		again.stop()
		again.over(time.Second)
	}
	w.now = w.now.Add(placesKept)
	for _, id := range []string{last, "1", "no-id", strings.Repeat("A", 70)} {
		lost := c.follow(id)
		lost.next("reset")
		lost.next("review")
		lost.stop()
	}
}

// TestStreamsAreBounded: a user has a few, and a stream that ends makes room.
func TestStreamsAreBounded(t *testing.T) {
	w := newWorld(t)
	anna, karl := w.program(w.user("anna@acme.example", false)), w.program(w.user("karl@acme.example", false))
	var open []*listener
	for range mostStreamsEach {
		l := anna.follow("")
		l.next("review")
		open = append(open, l)
	}
	if got := anna.listen("").res.StatusCode; got != http.StatusTooManyRequests {
		t.Errorf("one stream too many answers %d, want 429", got)
	}
	karl.follow("").next("review")
	w.web.watch.most = mostStreamsEach + 1 // nobody else is there
	full := karl.listen("")
	if full.res.StatusCode != http.StatusServiceUnavailable || full.res.Header.Get("Retry-After") == "" {
		t.Errorf("a stream too many of all answers %d, want 503 with Retry-After", full.res.StatusCode)
	}
	open[0].stop()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if l := anna.listen(""); l.res.StatusCode == 200 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a stream that ended makes no room for another")
		}
	}
}

// TestSlowReadersAreLetGo: who takes nothing keeps nobody waiting, and not for ever a place.
func TestSlowReadersAreLetGo(t *testing.T) {
	w := newWorld(t)
	anna := w.user("anna@acme.example", false)
	slow := w.program(anna)
	w.web.watch.patience = 500 * time.Millisecond
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", w.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "GET %s/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", apiBase, slow.token); err != nil {
		t.Fatal(err)
	}
	w.streams(1)
	quick := slow.follow("")
	quick.next("review")
	const mails, size = 60, 200_000 // more than the kernel keeps for a connection
	begun := time.Now()
	for range mails {
		w.file(letter{by: anna, subject: strings.Repeat("x", size), at: w.now})
	}
	for range mails {
		quick.next("intake")
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the other reader had all after %s, want not to wait for the slow one", took)
	}
	w.streams(1)
	quick.stop()
	w.streams(0)
}

// TestFloodsAreCutShort: a stream tells of so many events at once, then that there were more; what is hidden is not among
// them.
func TestFloodsAreCutShort(t *testing.T) {
	w := newWorld(t)
	anna, karl := w.user("anna@acme.example", false), w.user("karl@acme.example", false)
	w.web.watch.burst, w.web.watch.pace = 5, 1 // a hundred mails outrun that on any machine
	l, other := w.program(anna).follow(""), w.program(karl).follow("")
	l.next("review")
	other.next("review")
	for range 100 {
		w.file(letter{by: anna, subject: "Flood", at: w.now, visibility: crm.VisibilityPrivate})
	}
	for range 5 {
		l.next("intake", "Flood")
	}
	for name, late := "", time.After(30*time.Second); name != "reset"; {
		select {
		case e := <-l.events:
			name = e.name
		case <-late:
			t.Fatal("nobody says that there was more")
		}
	}
	other.silent()
}

// streams waits until so many streams are open.
func (w *world) streams(want int) {
	w.t.Helper()
	got := -1
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		w.web.watch.mu.Lock()
		got = w.web.watch.streams
		w.web.watch.mu.Unlock()
		if got == want {
			return
		}
	}
	w.t.Fatalf("%d streams are open, want %d", got, want)
}

// TestNobodyWatchesForNobody: the goroutine that watches ends with the last stream, and no stream leaves one behind.
func TestNobodyWatchesForNobody(t *testing.T) {
	w := newWorld(t)
	anna := w.program(w.user("anna@acme.example", false))
	begin := goleak.IgnoreCurrent()
	for range 3 {
		var open []*listener
		for range 4 {
			l := anna.follow("")
			l.next("review")
			open = append(open, l)
		}
		for _, l := range open {
			l.stop()
			l.over(time.Second)
		}
		w.streams(0)
	}
	anna.client.CloseIdleConnections()
	goleak.VerifyNone(t, begin)
}

// TestStreamsEndWithTheRight: a token that was revoked, a session that ended and a user who was disabled hear no more.
func TestStreamsEndWithTheRight(t *testing.T) {
	for name, take := range map[string]func(w *world, u crm.User) error{
		"token revoked": func(w *world, u crm.User) error {
			list, err := w.store.APITokens(t.Context(), u.ID)
			if err == nil {
				err = w.store.RemoveAPIToken(t.Context(), u.ID, list[0].ID)
			}
			return err
		},
		"user disabled": func(w *world, u crm.User) error {
			_, err := w.store.SetUserActive(t.Context(), u.ID, false)
			return err
		},
		"session ended": func(w *world, u crm.User) error { return w.store.EndWebSessions(t.Context(), u.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			anna, root := w.user("anna@acme.example", false), w.user("root@acme.example", true)
			c := w.program(anna)
			if name == "session ended" {
				c = &caller{w.signedIn(anna.Email), ""}
			}
			l := c.follow("")
			l.next("review")
			if err := take(w, anna); err != nil {
				t.Fatal(err)
			}
			time.Sleep(streamTrust)
			w.file(letter{by: root, subject: "Offer", at: w.now})
			select {
			case e, open := <-l.events:
				if open {
					t.Errorf("an event %+v, want the end", e)
				}
			case <-time.After(20 * time.Second):
				t.Error("the stream is still open")
			}
		})
	}
}

// TestStreamsEndAtOnce: the server stops, and a stream does not keep it waiting; one that comes later is refused.
func TestStreamsEndAtOnce(t *testing.T) {
	w := newWorld(t)
	anna := w.program(w.user("anna@acme.example", false))
	var open []*listener
	for range 5 {
		l := anna.follow("")
		l.next("review")
		open = append(open, l)
	}
	begun := time.Now()
	w.web.Close()
	for _, l := range open {
		l.over(time.Second)
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("the streams ended after %s, want at once", took)
	}
	if got := anna.listen("").res.StatusCode; got != http.StatusServiceUnavailable {
		t.Errorf("a stream that comes too late answers %d, want 503", got)
	}
}

// TestTimelineSaysWhatIsNew: a page that is open asks for what has come since, and gets its own mail, as far as its user may
// see it, and where to go on.
func TestTimelineSaysWhatIsNew(t *testing.T) {
	w := newWorld(t)
	anna, karl := w.user("anna@acme.example", false), w.user("karl@acme.example", false)
	company, err := w.store.AddCompany(t.Context(), crm.NewCompany{Name: "Client", Domains: []string{"client.example"}})
	if err != nil {
		t.Fatal(err)
	}
	ben := w.contact("Ben", "ben@client.example")
	if _, err := w.store.EditContact(t.Context(), ben.ID, crm.ContactEdit{Company: &company.Name}); err != nil {
		t.Fatal(err)
	}
	eva := w.contact("Eva", "eva@other.example")
	old := w.file(letter{by: anna, subject: "Old", at: w.now.Add(-time.Hour), links: []crm.Ref{ben}})
	b := w.signedIn(karl.Email)
	next := func(path string) string {
		t.Helper()
		b.header.Del("HX-Request")
		if strings.Contains(path, "since=") {
			b.header.Set("HX-Request", "true")
			b.header.Set("HX-Target", "timeline-new")
		}
		m := regexp.MustCompile(`data-live-url="([^"]+)"`).FindStringSubmatch(b.get(path).want(200).body)
		if m == nil {
			t.Fatalf("%s does not say where to go on", path)
		}
		return m[1]
	}
	contact, ofCompany := next("/timeline/contact/1"), next("/timeline/company/1")
	w.file(letter{by: anna, subject: "HUSH", at: w.now, visibility: crm.VisibilityPrivate, links: []crm.Ref{ben}})
	w.file(letter{by: anna, subject: "ELSEWHERE", at: w.now, links: []crm.Ref{eva}})
	quiet := next(contact)
	b.get(contact).want(200, `id="timeline-new"`, "!Just arrived", "!HUSH", "!ELSEWHERE", "!article")
	late := w.file(letter{by: anna, subject: "Late", at: w.now.Add(-48 * time.Hour), links: []crm.Ref{ben}})
	for _, path := range []string{contact, quiet, ofCompany} {
		next(path)
		b.get(path).want(200, "Just arrived", fmt.Sprintf(`id="mail-%d"`, late), "Late", "!Old", "!HUSH", "!ELSEWHERE", "!<html")
	}
	if _, err := w.store.LinkActivity(t.Context(), old, eva); err != nil {
		t.Fatal(err)
	}
	b.get(next(quiet)).want(200, "!Just arrived") // what was told is not told again
	b.get(quiet).want(200, fmt.Sprintf(`id="mail-%d"`, old), "Late")
	b.get("/timeline/contact/1?since=nonsense").want(200, "!Just arrived")
}

// TestPagesSayFromWhereTheyGoOn: each page that a browser opens begins where its content ends; parts of pages and strangers
// have no events.
func TestPagesSayFromWhereTheyGoOn(t *testing.T) {
	w := newWorld(t)
	anna := w.user("anna@acme.example", false)
	w.browser().get("/sign-in").want(200, "!data-events")
	b := w.signedIn(anna.Email)
	m := regexp.MustCompile(`data-events="/api/v1/events\?after=([^"]+)"`).FindStringSubmatch(b.get("/").want(200, `id="review-count" hidden`, `data-live="intake"`).body)
	if m == nil {
		t.Fatal("the page does not say from where its events go on")
	}
	w.file(letter{by: anna, subject: "Between", at: w.now})
	l := (&caller{b, ""}).follow(m[1])
	l.next("intake", "Between")
	l.next("review")
	b.get("/").want(200, "Came in today", "Between", `id="home-today" data-live="intake" data-live-owner="anna@acme.example"`)
	b.header.Set("HX-Request", "true")
	b.header.Set("HX-Target", "home-today")
	b.get("/").want(200, "Between", "!Needs you", "!data-events")
}

// TestEventsAreAsDescribed: each event is in the OpenAPI document under its name, with all that its data has.
func TestEventsAreAsDescribed(t *testing.T) {
	w := newWorld(t)
	anna := w.user("anna@acme.example", false)
	ben := w.contact("Ben", "ben@client.example")
	c := w.program(anna)
	var doc described
	c.get("/openapi.json").want(200, "Last-Event-ID").into(&doc)
	ref, _ := doc.Paths[apiBase+"/events"]["get"].Responses["200"].Content["text/event-stream"].Schema["$ref"].(string)
	events, ok := doc.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]["properties"].(map[string]any)
	if !ok {
		t.Fatalf("the document does not describe the events: %q", ref)
	}
	check := func(e told) {
		t.Helper()
		var data any
		if err := json.Unmarshal([]byte(e.data), &data); err != nil {
			t.Fatal(err)
		}
		schema, ok := events[e.name].(map[string]any)
		if !ok {
			t.Fatalf("the event %s is not in the document", e.name)
		}
		doc.check(t, e.name, data, schema)
		delete(events, e.name)
	}
	l := c.follow("an id that nobody can read")
	check(l.next("reset"))
	check(l.next("review"))
	act := w.file(letter{by: anna, subject: "Offer", at: w.now, links: []crm.Ref{ben}})
	check(l.next("intake"))
	if _, err := w.store.MakePrivate(t.Context(), act, anna.Email); err != nil {
		t.Fatal(err)
	}
	l.next("intake")
	check(l.next("activity"))
	w.web.Arriving(anna.ID, StageReceived, 1234)
	select {
	case e := <-l.events:
		if e.id != "" || !strings.Contains(e.data, `"size":1234`) {
			t.Errorf("a message on its way is told as %+v, want its size, and no id to come back with", e)
		}
		check(e)
	case <-time.After(20 * time.Second):
		t.Fatal("a message on its way is not told of")
	}
	if len(events) > 0 {
		t.Errorf("described, and never told: %v", events)
	}
}
