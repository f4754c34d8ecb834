package main

import (
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scrape returns the samples by name and labels.
func scrape(t *testing.T, s *running) map[string]string {
	t.Helper()
	code, body := ask(t, "GET", "http://"+s.web+"/metrics")
	if code != 200 {
		t.Fatalf("/metrics = %d %s", code, body)
	}
	samples := map[string]string{}
	for line := range strings.Lines(body) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(line, "#") {
			samples[name] = value
		}
	}
	return samples
}

func TestMetricsCountWhatHappened(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	s.send(anna, w.bcc(anna), mail("Anna <anna@acme.example>", "Ben <ben@client.example>", "Offer", "one"))
	s.send(anna, w.bcc(anna), mail("Anna <anna@acme.example>", "Ben <ben@client.example>", "Offer", "one"))
	s.send("eve@elsewhere.example", w.bcc(anna), mail("Eve <eve@elsewhere.example>", "x@elsewhere.example", "Psst", "two"))

	c, err := smtp.Dial(s.smtp)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Mail(anna); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt("nobody-k3v9x2qdfh@" + bccDomain); err == nil {
		t.Fatal("an address of nobody is taken")
	}

	got := scrape(t, s)
	for name, want := range map[string]string{
		`blindcopy_smtp_accepted_total`:                 "3",
		`blindcopy_smtp_refused_total{code="550"}`:      "1",
		`blindcopy_smtp_sessions_total`:                 "4",
		`blindcopy_messages_total{verdict="filed"}`:     "1",
		`blindcopy_messages_total{verdict="duplicate"}`: "1",
		`blindcopy_messages_total{verdict="held"}`:      "1",
		`blindcopy_messages_total{verdict="ignored"}`:   "0",
		`blindcopy_message_failures_total`:              "0",
		`blindcopy_message_seconds_count`:               "3",
		`blindcopy_writer_queue`:                        "0",
		`blindcopy_database_up`:                         "1",
		`blindcopy_held_messages`:                       "1",
		`blindcopy_records{kind="activity"}`:            "1",
		`blindcopy_records{kind="intake"}`:              "3",
		fmt.Sprintf(`blindcopy_build_info{schema="%d",version="%s"}`, schemaOf(t, w), version): "1",
	} {
		if got[name] != want {
			t.Errorf("%s = %q, want %s", name, got[name], want)
		}
	}
	if got["blindcopy_smtp_open_connections"] == "0" {
		t.Error("our own connection is not counted among the open ones")
	}
	for _, name := range []string{"blindcopy_database_wal_bytes", "blindcopy_database_disk_free_bytes", "blindcopy_smtp_accepted_bytes_total",
		"go_goroutines", "process_cpu_seconds_total"} {
		if got[name] == "" || got[name] == "0" {
			t.Errorf("%s = %q, want more", name, got[name])
		}
	}
}

func schemaOf(t *testing.T, w *world) int {
	t.Helper()
	var v versionReport
	w.json(&v, "version")
	return v.Schema
}

// TestMetricsAreDocumented: docs/operations.md names each, and none that is not there.
func TestMetricsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, found := range regexp.MustCompile("(?m)^\\| `(blindcopy_[a-z_]+)").FindAllStringSubmatch(string(page), -1) {
		documented[found[1]] = true
	}
	w := newWorld(t)
	s := w.serve()
	exposed := map[string]bool{}
	suffix := regexp.MustCompile(`(_bucket|_sum|_count)?(\{.*)?$`)
	for name := range scrape(t, s) {
		if strings.HasPrefix(name, "blindcopy_") {
			exposed[suffix.ReplaceAllString(name, "")] = true
		}
	}
	if diff := cmp.Diff(documented, exposed); diff != "" {
		t.Errorf("docs/operations.md and /metrics differ (-documented +exposed):\n%s", diff)
	}
}

func TestMetricsBeginAtZero(t *testing.T) {
	got := scrape(t, newWorld(t).serve())
	for _, name := range []string{`blindcopy_smtp_refused_total{code="452"}`, `blindcopy_smtp_limits_total{limit="connections"}`, `blindcopy_messages_total{verdict="held"}`} {
		if got[name] != "0" {
			t.Errorf("%s = %q before anything happened, want 0", name, got[name])
		}
	}
	for _, name := range []string{"blindcopy_commit_seconds_count", "blindcopy_commit_changes_count", "blindcopy_database_disk_reserve_bytes"} {
		if got[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
}
