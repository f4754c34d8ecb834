package store

import (
	"path/filepath"
	"testing"
	"time"
)

// TestACommandThatEndsWaitsForNoReader: somebody reads for long, as a backup does, while a command comes and goes. One
// that waited for him would hold the lock that mail needs, for as long as the busy timeout: 10 s.
func TestACommandThatEndsWaitsForNoReader(t *testing.T) {
	opts := Options{DSN: filepath.Join(t.TempDir(), "crm.db"), Domain: "bcc.example.com"}
	server, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	reader, err := newConnector(server.file, true).dial()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.close()
	for _, query := range []string{"BEGIN DEFERRED", "SELECT count(*) FROM intake"} { // reads until the test ends
		if _, err := reader.text(query); err != nil {
			t.Fatal(err)
		}
	}
	command, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := command.AddExclusion(t.Context(), "spam.example", ""); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("closing took %s beside a reader, want well under 5 s", took)
	}
}

func TestClosingTwiceDoesNothing(t *testing.T) {
	s, err := Open(t.Context(), Options{DSN: filepath.Join(t.TempDir(), "crm.db"), Domain: "bcc.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
