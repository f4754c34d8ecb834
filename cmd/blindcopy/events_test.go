package main

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listen opens a stream of events of a user's program. The lines end with the stream.
func (w *world) listen(s *running, email string) <-chan string {
	w.t.Helper()
	token := strings.Fields(w.must("user", "token", email, "--name", "events", "--quiet"))
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", "http://"+s.web+"/api/v1/events", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token[len(token)-1])
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "X-Accel-Buffering": "no", "Cache-Control": "no-store"} {
		if got := res.Header.Get(name); got != want {
			w.t.Errorf("a stream has %s %q, want %q", name, got, want)
		}
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer func() { _ = res.Body.Close() }()
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return lines
}

// hears waits for the data of the next event with a name, in which texts stand.
func (w *world) hears(lines <-chan string, name string, texts ...string) {
	w.t.Helper()
	deadline, at := time.After(5*time.Second), ""
	for {
		select {
		case line, open := <-lines:
			if !open {
				w.t.Fatalf("the stream ended, want %s", name)
			}
			if event, ok := strings.CutPrefix(line, "event: "); ok {
				at = event
			}
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok || at != name {
				continue
			}
			for _, text := range texts {
				if !strings.Contains(data, text) {
					w.t.Errorf("%s says %s, want %s in it", name, data, text)
				}
			}
			return
		case <-deadline:
			w.t.Fatalf("no event %s within 5 s", name)
		}
	}
}

// TestEventsOfOtherProcesses: mail that the server takes, and mail that a command files, is told of; and the server stops at
// once with streams that would never end.
func TestEventsOfOtherProcesses(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	anna := w.listen(s, "anna@acme.example")
	w.hears(anna, "review", `"count":0`)
	s.send("eva@client.example", w.bcc("anna@acme.example"), mail("eva@client.example", w.bcc("anna@acme.example"), "Hello", "1"))
	w.hears(anna, "arriving", `"stage":"recipient"`)
	w.hears(anna, "arriving", `"stage":"received"`)
	w.hears(anna, "intake", `"new":true`, `"subject":"Hello"`, `"verdict":"held"`, `"activity_ids":[]`)
	w.hears(anna, "review", `"count":1`)
	w.must("contact", "add", "--name", "Eva", "--email", "eva@client.example")
	w.hears(anna, "intake", `"new":false`, `"verdict":"filed"`, `"activity_ids":[1]`, `"kind":"contact","id":1,"title":"Eva"`)
	w.hears(anna, "review", `"count":0`)
	w.must("activity", "undo", "1")
	w.hears(anna, "activity", `"id":1`, `"links":[]`)

	begun := time.Now()
	if r := s.stop(); r.code != exitDone {
		t.Errorf("the server ended with %d\n%s", r.code, r.stderr)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("the server stopped after %s, want at once", took)
	}
	for range anna {
	}
}
