package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"blindcopy/crm"
)

// TestMain lets the test binary be the program that is killed.
func TestMain(m *testing.M) {
	if dsn := os.Getenv("STORE_TEST_VICTIM"); dsn != "" {
		victim(dsn)
	}
	os.Exit(m.Run())
}

// victim records mail from 16 sessions and names each one on stdout once Record has returned, until it is
// killed.
func victim(dsn string) {
	s, err := Open(context.Background(), Options{DSN: dsn, Serve: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for session := range 15 {
		go recordForEver(s, session)
	}
	recordForEver(s, 15)
}

func recordForEver(s *Store, session int) {
	for n := session; ; n += 16 {
		r := ignored(n)
		if n%7 == 0 { // some with a body in a file of its own
			p := s.NewSpool()
			_, err := p.Write(make([]byte, 70_000))
			if err == nil {
				r.Inbound.Raw, err = p.Finish()
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if err := record(s, r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if r.Inbound.Raw.Release != nil {
			r.Inbound.Raw.Release()
		}
		os.Stdout.WriteString(string(r.Inbound.ID) + "\n") // one write: lines of sessions do not mix
	}
}

func TestKilledServerKeepsWhatItAcknowledged(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dsn := filepath.Join(t.TempDir(), "crm.db")
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "STORE_TEST_VICTIM="+dsn)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := sync.OnceFunc(func() { time.AfterFunc(300*time.Millisecond, func() { _ = cmd.Process.Kill() }) })
	var acknowledged []crm.IntakeID
	for lines := bufio.NewScanner(out); lines.Scan(); {
		timer() // runs from the first mail on
		if id := strings.TrimSpace(lines.Text()); len(id) == 26 {
			acknowledged = append(acknowledged, crm.IntakeID(id))
		}
	}
	_ = cmd.Wait() // it was killed
	if len(acknowledged) < 16 {
		t.Fatalf("only %d mails were recorded before the kill", len(acknowledged))
	}
	s := opened(t, Options{DSN: dsn, Serve: true})
	for _, id := range acknowledged {
		raw, err := s.Raw(context.Background(), id)
		if err != nil {
			t.Fatalf("an acknowledged mail: %v", err)
		}
		if raw.Release != nil {
			raw.Release()
		}
	}
	result, err := s.writer.c.text(`PRAGMA integrity_check`)
	if err != nil || result != "ok" {
		t.Errorf("integrity: got %s (%v), want ok", result, err)
	}
	n, err := s.writer.c.number(`SELECT count(*) FROM mail_key k LEFT JOIN intake i ON i.seq = k.intake LEFT JOIN raw r ON r.intake = k.intake WHERE i.seq IS NULL OR r.intake IS NULL`)
	if err != nil || n != 0 {
		t.Errorf("claims without an intake or its bytes: got %d (%v), want 0", n, err)
	}
	files, err := s.writer.c.number(`SELECT count(*) FROM raw WHERE file <> ''`)
	entries, readErr := os.ReadDir(dsn + ".files")
	if err != nil || readErr != nil || int64(len(entries)) < files {
		t.Errorf("body files: got %d, want %d at least (%v, %v)", len(entries), files, err, readErr)
	}
}
