package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestBackupOpensAndHasEverything(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	body := make([]byte, 200<<10)
	rand.New(rand.NewSource(1)).Read(body)
	spool := n.NewSpool()
	must(spool.Write(body))(t)
	raw := must(spool.Finish())(t)
	large, _ := n.take(letter{links: []crm.NewLink{auto(crm.KindContact, ben)}, edit: func(r *crm.Record) { r.Inbound.Raw = raw }})
	raw.Release()
	small, _ := n.take(letter{subject: "Small"})
	if err := os.WriteFile(filepath.Join(n.file+".files", "loose.eml"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(t.TempDir(), "copy.db")
	if err := n.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	n.take(letter{subject: "After the backup"})
	info := must(os.Stat(path))(t)
	same(t, "who may read it", info.Mode().Perm(), os.FileMode(0o600))
	same(t, "bodies beside it, without those of no intake", len(must(os.ReadDir(path+".files"))(t)), 1)

	copied := must(Open(t.Context(), Options{DSN: path}))(t)
	defer copied.Close()
	same(t, "mails", must(copied.Stats(t.Context()))(t).Activities, 2)
	got := must(copied.Raw(t.Context(), large))(t)
	if !bytes.Equal(got.Bytes, body) {
		t.Errorf("the large body is another: %d bytes of %d", len(got.Bytes), len(body))
	}
	got.Release()
	if _, err := copied.Raw(t.Context(), small); err != nil {
		t.Error(err)
	}
	must(copied.AddUser(t.Context(), NewUser{Email: "uwe@acme.example"}))(t)
	refused(t, "a backup over a backup", n.Backup(t.Context(), path), ErrExists, path)
	if err := n.Backup(t.Context(), filepath.Join(t.TempDir(), "none", "copy.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a backup into a folder that is not there: got %v", err)
	}
}

func TestBackupWhileMailComesIn(t *testing.T) {
	n := newNouns(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			spool := n.NewSpool()
			_, _ = spool.Write(make([]byte, 70<<10))
			raw, err := spool.Finish()
			if err != nil {
				t.Error(err)
				return
			}
			n.take(letter{edit: func(r *crm.Record) { r.Inbound.Raw = raw }})
			raw.Release()
		}
	}()
	for i := range 5 {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("copy%d.db", i))
		if err := n.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		copied := must(Open(t.Context(), Options{DSN: path, ReadOnly: true}))(t)
		for _, in := range must(copied.Intakes(t.Context(), IntakeFilter{}))(t) {
			raw, err := copied.Raw(t.Context(), in.ID)
			if err != nil {
				t.Fatalf("backup %d: %v", i, err)
			}
			raw.Release()
		}
		if err := copied.Close(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	<-stopped
}

func TestServerMovesItsLogIntoTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crm.db")
	old, long := filepath.Join(path+".files", "old.eml"), time.Now().Add(-2*orphanAge)
	err := errors.Join(must(Open(t.Context(), Options{DSN: path}))(t).Close(), os.WriteFile(old, nil, 0o600), os.Chtimes(old, long, long))
	if err != nil {
		t.Fatal(err)
	}
	s := must(Open(t.Context(), Options{DSN: path, Serve: true}))(t)
	defer s.Close()
	must(s.AddUser(t.Context(), NewUser{Email: "anna@acme.example"}))(t)
	same(t, "the log has what was committed", s.walBytes() > 0, true)
	before := must(os.Stat(path))(t)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		must(s.AddUser(t.Context(), NewUser{Email: crm.Address(fmt.Sprintf("u%d@acme.example", time.Now().UnixNano()))}))(t)
		if now := must(os.Stat(path))(t); now.ModTime().After(before.ModTime()) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no checkpoint within 5 s")
		}
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a body of no intake was not swept at the start: %v", err)
	}
	must(s.AddUser(t.Context(), NewUser{Email: "eve@acme.example"}))(t)
	full := s.walBytes()
	if err := s.restartLog(t.Context()); err != nil {
		t.Fatal(err)
	}
	must(s.AddUser(t.Context(), NewUser{Email: "uwe@acme.example"}))(t)
	if s.walBytes() > full {
		t.Errorf("the log grew from %d to %d bytes though it was to begin anew", full, s.walBytes())
	}
}
