//go:build unix

package main_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

const atOnce = 50

// sendAtOnce has as many connections as mails, all waiting with the last octet until all are there.
func (s *site) sendAtOnce(mails [][]byte, rcpt string) (verdicts map[string]int) {
	s.t.Helper()
	clients := make([]*client, len(mails))
	for i, raw := range mails {
		c, err := s.dial()
		if err != nil {
			s.t.Fatal(err)
		}
		defer c.conn.Close()
		if err := c.upToTheDot("anna@corp.example", raw, rcpt); err != nil {
			s.t.Fatal(err)
		}
		clients[i] = c
	}
	replies, errs := make([]string, len(mails)), make([]error, len(mails))
	var group sync.WaitGroup
	for i, c := range clients {
		group.Go(func() { replies[i], errs[i] = c.theDot() })
	}
	group.Wait()
	verdicts = map[string]int{}
	for i := range mails {
		if errs[i] != nil {
			s.t.Fatalf("mail %d: %v\n%s", i, errs[i], s.server.log)
		}
		_, verdict := readAccepted(s.t, replies[i])
		verdicts[verdict]++
	}
	return verdicts
}

// testSameMailAtOnce: one mail, sent fifty times at the same instant, is one activity with one capture a
// sighting.
func testSameMailAtOnce(t *testing.T, p program) {
	s := newSite(t, p)
	s.start()
	raw := written("same@corp.example", "ben@acme.example", "Once")
	verdicts := s.sendAtOnce(slices.Repeat([][]byte{raw}, atOnce), s.bcc("anna@corp.example"))
	if verdicts["filed"] != 1 || verdicts["duplicate"] != atOnce-1 {
		t.Errorf("verdicts %v, want 1 filed and %d duplicate", verdicts, atOnce-1)
	}
	if got := ask[[]activity](s, "activity", "list", "--limit", "0"); len(got) != 1 {
		t.Errorf("%d activities, want 1", len(got))
	}
}

// testUnknownPeopleAtOnce: fifty mails to one unknown address, or to fifty people at one unknown corporate domain, make one lead
// that all of them are on.
func testUnknownPeopleAtOnce(t *testing.T, p program) {
	for _, row := range []struct{ name, to string }{
		{"one address of free mail", "eva@gmail.com"},
		{"one address", "eva@new.example"},
		{"one corporate domain", "person%d@new.example"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newSite(t, p)
			s.start()
			mails := make([][]byte, atOnce)
			for i := range mails {
				to := row.to
				if to == "person%d@new.example" {
					to = fmt.Sprintf(to, i)
				}
				mails[i] = written(fmt.Sprintf("m%d@corp.example", i), to, fmt.Sprintf("Mail %d", i))
			}
			if verdicts := s.sendAtOnce(mails, s.bcc("anna@corp.example")); verdicts["filed"] != atOnce {
				t.Errorf("verdicts %v, want all filed", verdicts)
			}
			leads := ask[[]lead](s, "lead", "list", "--limit", "0")
			if len(leads) != 1 || leads[0].Responsible != "anna@corp.example" {
				t.Fatalf("leads %+v, want one, of Anna", leads)
			}
			if got := ask[[]activity](s, "activity", "list", "--lead", fmt.Sprint(leads[0].ID), "--limit", "0"); len(got) != atOnce {
				t.Errorf("%d activities on the lead, want %d", len(got), atOnce)
			}
		})
	}
}

// testVisibleAtOnce: at rest, a mail stands in `activity list` within 0.3 s of its last octet. The machine may be busy with other
// things: the best of several tries counts.
func testVisibleAtOnce(t *testing.T, p program) {
	const limit = 300 * time.Millisecond
	s := newSite(t, p)
	s.start()
	bcc := s.bcc("anna@corp.example")
	best := time.Hour
	for try := range 10 {
		c, err := s.dial()
		if err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("visible%d@corp.example", try)
		if err := c.upToTheDot("anna@corp.example", written(id, "ben@acme.example", "Visible"), bcc); err != nil {
			t.Fatal(err)
		}
		last := time.Now()
		if _, err := c.theDot(); err != nil {
			t.Fatal(err)
		}
		c.conn.Close()
		list := ask[[]activity](s, "activity", "list", "--limit", "1")
		took := time.Since(last)
		if len(list) != 1 || list[0].MessageID != id {
			t.Fatalf("after the 250 the list is %+v, want the mail %s", list, id)
		}
		if best = min(best, took); best < limit {
			t.Logf("visible after %s", best.Round(time.Millisecond))
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Errorf("visible after %s at best, want %s", best, limit)
}
