package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadyMeansThatMailCanBeWritten(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	if code, body := ask(t, "GET", "http://"+s.web+"/readyz"); code != 200 {
		t.Fatalf("/readyz = %d %s, want 200", code, body)
	}
	db := filepath.Join(w.dir, "blindcopy.db")
	if err := os.Rename(db, db+".away"); err != nil {
		t.Fatal(err)
	}
	code, body := ask(t, "GET", "http://"+s.web+"/readyz")
	if code != 503 || !strings.Contains(body, "the database does not take changes") || strings.Contains(body, w.dir) {
		t.Errorf("with its database taken away: /readyz = %d %s, want 503, the reason and no path", code, body)
	}
	if !strings.Contains(s.stderr.String(), `msg="not ready" err=`) {
		t.Errorf("the log does not say why:\n%s", s.stderr.String())
	}
	if code, body := ask(t, "GET", "http://"+s.web+"/healthz"); code != 200 {
		t.Errorf("/healthz = %d %s, want 200: a restart would not help", code, body)
	}
}

func TestHealthcheck(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.env = append(w.env, "BLINDCOPY_WEB_LISTEN="+s.web)
	test := func(rule string, code int, out, complaint string) {
		t.Helper()
		if r := w.run("healthcheck"); r.code != code || strings.TrimSpace(r.stdout) != out || !strings.Contains(r.stderr, complaint) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q, want %d, %q, %q", rule, r.code, r.stdout, r.stderr, code, out, complaint)
		}
	}
	test("a server that takes mail", exitDone, "ready", "")
	db := filepath.Join(w.dir, "blindcopy.db")
	if err := os.Rename(db, db+".away"); err != nil {
		t.Fatal(err)
	}
	test("one that does not", exitFailed, "", "the server is not ready: the database does not take changes")
	if err := os.Rename(db+".away", db); err != nil {
		t.Fatal(err)
	}
	s.stop()
	test("none", exitFailed, "", "no server answers")
	w.env = append(w.env, "BLINDCOPY_WEB_LISTEN=none")
	test("nowhere to ask", exitFailed, "", "web.listen is none")
}
