//go:build unix

package main_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"
)

// journal is what the senders remember: what they were promised, and what they have to send again.
type journal struct {
	mu       sync.Mutex
	promised map[string]bool // by Message-ID
	again    []string
	stop     bool
}

func (j *journal) note(id string, promised bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if promised {
		j.promised[id] = true
	} else {
		j.again = append(j.again, id)
	}
}

func (j *journal) stopped() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stop
}

// testKillAndResend kills the server with SIGKILL under load, again and again. What it had promised is there, once; what
// it had not is sent again, and then is there once, too: also the mail that was committed while its 250
// never left.
func testKillAndResend(t *testing.T, p program) {
	const kills, senders = 8, 8
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	j := &journal{promised: map[string]bool{}}
	for round := range kills {
		s.start()
		j.mu.Lock()
		again := j.again
		j.again, j.stop = nil, false
		j.mu.Unlock()
		var group sync.WaitGroup
		for n := range senders {
			group.Go(func() { s.sendUntilKilled(j, bcc, round, n, every(again, n, senders)) })
		}
		enough := len(j.snapshot()) + 40
		waitFor(10*time.Second, func() bool { return len(j.snapshot()) >= enough })
		time.Sleep(time.Duration(round*7) * time.Millisecond) // another place in the batch each time
		s.kill()
		j.mu.Lock()
		j.stop = true
		j.mu.Unlock()
		group.Wait()
	}
	s.start()
	for _, id := range j.again {
		s.mustSend("anna@corp.example", killMail(id), bcc)
		j.note(id, true)
	}
	times := map[string]int{}
	for _, act := range ask[[]activity](s, "activity", "list", "--limit", "0") {
		times[act.MessageID]++
	}
	lost, doubled := []string{}, []string{}
	for id := range j.promised {
		switch n := times[id]; {
		case n == 0:
			lost = append(lost, id)
		case n > 1:
			doubled = append(doubled, id)
		}
		delete(times, id)
	}
	t.Logf("%d mails through %d kills", len(j.promised), kills)
	if len(lost)+len(doubled)+len(times) > 0 {
		t.Errorf("lost %q, doubled %q, never sent %v", lost, doubled, times)
	}
	if leads := ask[[]lead](s, "lead", "list", "--limit", "0"); len(leads) > 1 {
		t.Errorf("%d leads of one address: %+v", len(leads), leads)
	}
}

func (j *journal) snapshot() map[string]bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.promised)
}

// every is each step-th of a list, from the nth on.
func every(list []string, n, step int) (part []string) {
	for i := n; i < len(list); i += step {
		part = append(part, list[i])
	}
	return part
}

// killMail is known by its Message-ID. Some are large enough for a file of their own, some are to an unknown address.
func killMail(id string) []byte {
	to := "ben@acme.example"
	if strings.HasSuffix(id, "3@corp.example") {
		to = "eva@new.example"
	}
	raw := []byte("From: anna@corp.example\r\nTo: " + to + "\r\nSubject: " + id + "\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <" + id + ">\r\n\r\nHello.\r\n")
	if strings.HasSuffix(id, "7@corp.example") {
		raw = append(raw, strings.Repeat("A line of a larger mail.\r\n", 4000)...)
	}
	return raw
}

// sendUntilKilled sends what has to be sent again, then more, until the server is gone.
func (s *site) sendUntilKilled(j *journal, bcc string, round, sender int, again []string) {
	c, err := s.dial()
	for n := 0; !j.stopped(); n++ {
		id := fmt.Sprintf("kill-%d-%d-%d@corp.example", round, sender, n)
		if len(again) > 0 {
			id, again = again[0], again[1:]
		}
		if err == nil {
			err = c.upToTheDot("anna@corp.example", killMail(id), bcc)
		}
		if err == nil {
			_, err = c.theDot()
		}
		j.note(id, err == nil)
		if err != nil {
			break
		}
	}
	for _, id := range again {
		j.note(id, false)
	}
	if c != nil {
		c.conn.Close()
	}
}

// testStop: TERM lets a mail inside DATA finish, takes no new one, and ends with 0.
func testStop(t *testing.T, p program) {
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	if err := c.upToTheDot("anna@corp.example", written("last@corp.example", "ben@acme.example", "The last one"), bcc); err != nil {
		t.Fatal(err)
	}
	code := make(chan int)
	go func() { code <- s.stop() }()
	if !waitFor(5*time.Second, func() bool { _, err := s.dial(); return err != nil }) {
		t.Error("5 s after TERM new connections are still taken")
	}
	reply, err := c.theDot()
	if err != nil {
		t.Errorf("the mail inside DATA: %q, %v; want it taken", reply, err)
	} else {
		readAccepted(t, reply)
	}
	if got := <-code; got != 0 {
		t.Errorf("exit code %d after TERM, want 0", got)
	}
	if got := ask[[]activity](s, "activity", "list"); len(got) != 1 {
		t.Errorf("%d activities, want the last mail", len(got))
	}
}
