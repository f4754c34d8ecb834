package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// What is true of SQLite alone: the contract that every dialect keeps is in storetest.

func opened(t *testing.T, o Options) *Store {
	t.Helper()
	if o.DSN == "" {
		o.DSN = filepath.Join(t.TempDir(), "crm.db")
	}
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// ignored is the smallest record there is.
func ignored(n int) *crm.Record {
	id := fmt.Sprintf("m%d@us.test", n)
	raw := []byte("Subject: " + id + "\r\n\r\n")
	return &crm.Record{
		Inbound: &crm.Inbound{ID: crm.IntakeID(fmt.Sprintf("%026d", n)), ReceivedAt: time.Unix(1_700_000_000, 0), Raw: crm.Raw{Bytes: raw, SHA256: sha256.Sum256(raw)}},
		Plan:    &crm.Plan{Results: []crm.Result{{Mail: &crm.Mail{MessageID: id}, Verdict: crm.Held, Keep: crm.KeepAWhile, Claims: []crm.Claim{{Key: "id:" + id}}}}},
	}
}

func record(s *Store, r *crm.Record) error {
	f, err := s.Gather(context.Background(), r.Question)
	if err != nil {
		return err
	}
	r.Plan.Stamp = f.Stamp
	_, err = s.Record(context.Background(), r)
	return err
}

func TestNewerSchemaRefuses(t *testing.T) {
	s := opened(t, Options{})
	dsn := s.DSN
	if _, err := s.writer.c.exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (7, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("this database was written by a newer blindcopy (schema 7, this program knows %d): update the program", SchemaVersion())
	for _, o := range []Options{{DSN: dsn}, {DSN: dsn, ReadOnly: true}, {DSN: dsn, Serve: true}} {
		_, err := Open(context.Background(), o)
		if !errors.Is(err, ErrNewerSchema) || err.Error() != want {
			t.Errorf("Open(%+v): got %v, want %s", o, err, want)
		}
	}
}

func TestForeignDatabaseRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "theirs.db")
	if err := createFile(file); err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(newConnector(file, false))
	if _, err := db.Exec(`CREATE TABLE theirs (x)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), Options{DSN: file}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("Open of another program's database: got %v, want a refusal", err)
	}
}

func TestUnwritableFolderSaysWhatToDo(t *testing.T) {
	_, err := Open(context.Background(), Options{DSN: filepath.Join(t.TempDir(), "none", "crm.db")})
	var hint HintError
	if !errors.As(err, &hint) || !strings.Contains(hint.Hint(), "none") {
		t.Errorf("Open in a missing folder: got %v, want an error with a hint", err)
	}
}

func TestOddPathsAreOneFile(t *testing.T) {
	for _, name := range []string{"a b.db", "what?.db", "100%.db", "#1.db", "ünï.db"} {
		file := filepath.Join(t.TempDir(), name)
		s := opened(t, Options{DSN: file})
		if err := record(s, ignored(1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		entries, err := os.ReadDir(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		// No -wal and -shm: the last connection took them away.
		if got, want := strings.Join(names, " "), name+" "+name+".files "+name+".lock"; got != want {
			t.Errorf("files after Close: got %q, want %q", got, want)
		}
	}
}

func TestFullDatabaseIsNoSpaceAndRecovers(t *testing.T) {
	s := opened(t, Options{})
	pages, err := s.writer.c.number(`PRAGMA page_count`)
	if err != nil {
		t.Fatal(err)
	}
	limit := func(n int64) {
		if _, err := s.writer.c.number(fmt.Sprintf(`PRAGMA max_page_count = %d`, n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 5)
	n := 0
	for ; n < 1000 && err == nil; n++ {
		r := ignored(n)
		r.Inbound.Helo = strings.Repeat("x", 2000)
		err = record(s, r)
	}
	if !errors.Is(err, crm.ErrNoSpace) {
		t.Fatalf("mail %d into a full database: got %v, want crm.ErrNoSpace", n, err)
	}
	limit(1 << 30)
	if err := record(s, ignored(n)); err != nil {
		t.Errorf("after there was space again: %v", err)
	}
	list, err := s.Intakes(context.Background(), IntakeFilter{})
	if err != nil || len(list) != n {
		t.Errorf("intakes: got %d (%v), want %d", len(list), err, n)
	}
}

func TestReserveOfTheDisk(t *testing.T) {
	s := opened(t, Options{MinFree: 1 << 20})
	s.reserve.least, s.bodies.reserve.least = 1<<60, 1<<60 // more than any disk has
	if err := record(s, ignored(1)); !errors.Is(err, crm.ErrNoSpace) {
		t.Errorf("got %v, want crm.ErrNoSpace", err)
	}
}

func TestDeletedDatabaseTakesNothing(t *testing.T) {
	s := opened(t, Options{})
	if err := record(s, ignored(0)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.DSN); err != nil {
		t.Fatal(err)
	}
	if err := record(s, ignored(1)); err == nil || !strings.Contains(err.Error(), "deleted or replaced") {
		t.Errorf("recording into a deleted file: got %v, want a refusal", err)
	}
	if _, found, err := s.Token(t.Context(), "zzzzzzzzzz"); err == nil || found {
		t.Errorf("an unknown address while the file is deleted: got %v, %v, want an error that may heal", found, err)
	}
}

func TestTrueCollisionOfHashesIsNotASighting(t *testing.T) {
	s := opened(t, Options{})
	print := fingerprintOf("id:mine@us.test")
	if _, err := s.writer.c.exec(`INSERT INTO mail_key VALUES (?, 0, ?, 1, 0, 'held', 0, 0, 0, NULL, 0)`, print.hash, print.hash2+1); err != nil {
		t.Fatal(err)
	}
	q := crm.Question{Keys: []string{"id:mine@us.test"}}
	for want := range 3 {
		f, err := s.Gather(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(f.Sightings["id:mine@us.test"]); got != want {
			t.Fatalf("sightings: got %d, want %d", got, want)
		}
		r := ignored(want)
		r.Plan.Results[0].Claims = []crm.Claim{{Key: "id:mine@us.test", N: want}}
		r.Plan.Stamp = f.Stamp
		if _, err := s.Record(context.Background(), r); err != nil {
			t.Fatalf("claim %d: %v", want, err)
		}
		r = ignored(100 + want)
		r.Plan.Results[0].Claims = []crm.Claim{{Key: "id:mine@us.test", N: want}}
		r.Plan.Stamp = f.Stamp
		if _, err := s.Record(context.Background(), r); !errors.Is(err, crm.ErrStale) {
			t.Fatalf("claim %d again: got %v, want crm.ErrStale", want, err)
		}
	}
}
