//go:build unix

package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// compare holds what is there against what was promised.
func (s *soak) compare() {
	s.t.Helper()
	times := map[string]int{}
	for _, act := range ask[[]activity](s.site, "activity", "list", "--limit", "0") {
		times[act.MessageID]++
	}
	for id := range s.promised {
		switch n := times[id]; {
		case n == 0:
			s.lost = append(s.lost, id)
		case n > 1:
			s.doubled = append(s.doubled, id)
		}
		delete(times, id)
	}
	for id := range times {
		s.unknown = append(s.unknown, id)
	}
	intakes := map[string]bool{}
	for _, in := range ask[[]struct{ ID string }](s.site, "intake", "list", "--limit", "0") {
		intakes[in.ID] = true
	}
	for _, intake := range s.promised {
		if !intakes[intake] {
			s.broken = append(s.broken, intake)
		}
	}
	holders := map[string]int{}
	for _, l := range ask[[]lead](s.site, "lead", "list", "--limit", "0") {
		for _, e := range l.Emails {
			if holders[e.Address]++; holders[e.Address] > 1 {
				s.t.Errorf("%d leads of %s", holders[e.Address], e.Address)
			}
		}
	}
	s.check = ask[checkOutput](s.site, "check")
	entries, err := os.ReadDir(filepath.Join(s.dir, "crm.db.files"))
	if err != nil {
		s.t.Error(err)
	}
	s.files = len(entries)
}

// report prints the figures as a table, and fails on those that may not be.
func (s *soak) report() {
	s.t.Helper()
	slices.Sort(s.restarts)
	quantile := func(q float64) time.Duration {
		return s.restarts[int(q*float64(len(s.restarts)-1))].Round(time.Millisecond)
	}
	var text strings.Builder
	for _, row := range [...][2]any{
		{"kills", *soakKills},
		{"of these while starting", s.early},
		{"mails acknowledged", len(s.promised)},
		{"sent again, for want of a 250", s.resent},
		{"of these stored already, and answered as duplicates", s.stored},
		{"lost", len(s.lost)},
		{"doubled", len(s.doubled)},
		{"acknowledged intakes that are not there", len(s.broken)},
		{"restart, median", quantile(.5)},
		{"restart, 95 of 100 within", quantile(.95)},
		{"restart, longest", quantile(1)},
		{"processor time of a start, most", s.startCPU},
		{"mails a second under load", int(float64(len(s.promised)) / s.loading.Seconds())},
		{"backups under load, all whole", s.backups},
		{"commands beside the server", s.commands},
		{"messages read by check", s.check.Bodies},
		{"MB read by check", s.check.Bytes >> 20},
		{"findings of check", len(s.check.Findings)},
		{"body files", s.files},
		{"duration", time.Since(s.begun).Round(time.Second)},
	} {
		fmt.Fprintf(&text, "  %-52v %10v\n", row[0], row[1])
	}
	s.t.Logf("TestSoak\n%s", &text)
	if len(s.lost)+len(s.doubled)+len(s.unknown)+len(s.broken) > 0 {
		s.t.Errorf("lost %q, doubled %q, never sent %q, promised and not there %q", s.lost, s.doubled, s.unknown, s.broken)
	}
	if s.check.Activities != len(s.promised) || !s.check.OK {
		s.t.Errorf("check: %+v, want %d filed mails and nothing found", s.check, len(s.promised))
	}
	if len(s.promised) < *soakMails {
		s.t.Errorf("%d mails were acknowledged, want %d", len(s.promised), *soakMails)
	}
	if most := 2 * time.Second; quantile(1) > most && !overloaded() {
		s.t.Errorf("a restart took %s, want %s at most", quantile(1), most)
	}
}

// overloaded tells that others keep the processors busy: then a restart takes as long as they let it.
func overloaded() bool {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return false
	}
	var load float64
	_, err = fmt.Sscan(string(text), &load)
	return err == nil && load > float64(2*runtime.NumCPU())
}

// tail is the end of a log.
func tail(text string) string { return text[max(0, len(text)-4000):] }
