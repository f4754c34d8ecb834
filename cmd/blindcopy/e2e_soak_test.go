//go:build unix

package main_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	soakKills = flag.Int("soak.kills", 10, "how often TestSoak kills the server")
	soakMails = flag.Int("soak.mails", 600, "how many mails TestSoak has acknowledged at least")
)

const (
	soakSenders = 16
	// One kill in ten comes while the server is starting, one round in twenty has a backup taken under load.
	soakEarly  = 10
	soakBackup = 20
)

// TestSoak kills the server with SIGKILL under load, again and again. What it had promised is there, once; what it had not
// is sent again, and then is there once, too: also the mail that was committed while its 250 never left. `make soak` is the long
// form: 200 kills, 50,000 mails.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills the program: not with -short")
	}
	s := newSoak(t)
	for round := 1; round <= *soakKills; round++ {
		if round%soakEarly == soakEarly/2 && round < *soakKills {
			s.killEarly()
			continue
		}
		s.round(round)
	}
	s.finish()
	s.compare()
	s.report()
}

// soak is one run: a site, what its senders remember, and what was measured.
type soak struct {
	*site
	bcc   string
	begun time.Time

	mu       sync.Mutex
	promised map[string]string // by Message-ID: the intake that the 250 named
	again    []string          // what no 250 came for
	next     atomic.Int64      // number of the next mail
	resent   int
	stored   int // of the resent: those that had been stored, and were answered as duplicates

	restarts []time.Duration
	startCPU time.Duration // the most that a start took of the processors
	backups  int
	early    int
	commands int
	loading  time.Duration
	lost     []string
	doubled  []string
	unknown  []string // that nobody sent
	broken   []string // promised intakes that are not there
	files    int
	check    checkOutput
}

// checkOutput is what `check` prints.
type checkOutput struct {
	OK         bool
	Intakes    int
	Activities int
	Bodies     int
	Bytes      int64
	Findings   []struct{ Kind, Detail string }
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{site: newSite(t, build(t)), begun: time.Now(), promised: map[string]string{}}
	s.bcc = s.site.bcc("anna@corp.example")
	return s
}

// round starts the server, has it loaded until its share of mails is promised, and kills it somewhere in a batch.
func (s *soak) round(round int) {
	s.t.Helper()
	s.restart()
	s.mu.Lock()
	again := s.again
	s.again = nil
	share := (*soakMails - len(s.promised)) / (*soakKills - round + 1)
	enough := len(s.promised) + max(share, 20)
	s.resent += len(again)
	s.mu.Unlock()
	begun := time.Now()
	var group sync.WaitGroup
	for n := range soakSenders {
		group.Go(func() { s.send(every(again, n, soakSenders)) })
	}
	if round%soakBackup == 2 {
		s.backup(round)
	}
	if round%5 == 0 {
		s.must("contact", "add", "--name", "Somebody", "--email", fmt.Sprintf("somebody%d@acme.example", round))
		s.commands++
	}
	if !waitFor(2*time.Minute, func() bool { return s.count() >= enough }) {
		s.t.Errorf("round %d: only %d mails were promised within 2 minutes, want %d\n%s", round, s.count(), enough, tail(s.server.log.String()))
	}
	time.Sleep(time.Duration(rand.IntN(30_000)) * time.Microsecond)
	s.kill()
	s.loading += time.Since(begun)
	group.Wait() // each has met the end of its connection
}

// restart measures how long people, and senders, wait for the server.
func (s *soak) restart() {
	s.t.Helper()
	begun := time.Now()
	s.start()
	s.restarts = append(s.restarts, time.Since(begun))
	s.startCPU = max(s.startCPU, cpuTime(s.server.cmd.Process.Pid))
}

// cpuTime is what a process has used of the processors so far; 0 where that cannot be learnt.
func cpuTime(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, fields, found := strings.Cut(string(text), ") ") // the name before it may hold anything
	if err != nil || !found {
		return 0
	}
	var user, system int64
	if words := strings.Fields(fields); len(words) > 12 { // proc(5): 14 and 15, in hundredths of a second
		_, _ = fmt.Sscan(words[11]+" "+words[12], &user, &system)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// killEarly kills a server while it starts: recovery can be cut off, too.
func (s *soak) killEarly() {
	s.t.Helper()
	s.launch()
	time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
	s.kill()
	s.early++
}

// every is each step-th of a list, from the nth on.
func every(list []string, n, step int) (part []string) {
	for i := n; i < len(list); i += step {
		part = append(part, list[i])
	}
	return part
}

func (s *soak) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.promised)
}

// send sends what has to be sent again, then more, on one connection until the server is gone.
func (s *soak) send(again []string) {
	c, err := s.dial()
	if err == nil {
		defer c.conn.Close()
	}
	for err == nil {
		id, repeated := "", len(again) > 0
		if repeated {
			id, again = again[0], again[1:]
		} else {
			id = fmt.Sprintf("soak-%d@corp.example", s.next.Add(1))
		}
		var reply string
		if err = c.upToTheDot("anna@corp.example", soakMail(id), s.bcc); err == nil {
			reply, err = c.theDot()
		}
		s.note(id, reply, repeated)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.again = append(s.again, again...)
}

// note remembers the answer to a mail; "" is none.
func (s *soak) note(id, reply string, repeated bool) {
	found := accepted.FindStringSubmatch(reply)
	s.mu.Lock()
	defer s.mu.Unlock()
	if found == nil {
		s.again = append(s.again, id)
		return
	}
	s.promised[id] = found[1]
	if found[2] == "duplicate" {
		s.stored++
		if !repeated {
			s.t.Errorf("%s was sent for the first time, and answered %q", id, reply)
		}
	}
}

// soakMail is known by its Message-ID. Some are large enough for a file of their own, some are to addresses that nobody
// knows yet, which become leads.
func soakMail(id string) []byte {
	var n int
	_, _ = fmt.Sscanf(id, "soak-%d@", &n)
	to := "ben@acme.example"
	if n%10 == 3 {
		to = fmt.Sprintf("eva%d@new%d.example", n%200, n%200)
	}
	raw := []byte("From: anna@corp.example\r\nTo: " + to + "\r\nSubject: " + id + "\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <" + id + ">\r\n\r\nHello.\r\n")
	if n%20 == 7 {
		raw = append(raw, strings.Repeat("A line of a larger mail.\r\n", 4000)...)
	}
	return raw
}

// backup takes one while mail pours in: what had been promised before it began is in it, and it is whole.
func (s *soak) backup(round int) {
	s.t.Helper()
	time.Sleep(50 * time.Millisecond)
	s.mu.Lock()
	before := make([]string, 0, len(s.promised))
	for _, intake := range s.promised {
		before = append(before, intake)
	}
	s.mu.Unlock()
	file := filepath.Join(s.dir, fmt.Sprintf("backup%d.db", round))
	s.must("backup", file)
	s.must("check", "--database", file)
	there := map[string]bool{}
	for _, in := range ask[[]struct{ ID string }](s.site, "intake", "list", "--limit", "0", "--database", file) {
		there[in.ID] = true
	}
	for _, intake := range before {
		if !there[intake] {
			s.t.Errorf("backup %d lacks %s, which was promised before it began", round, intake)
		}
	}
	s.backups++
	for _, path := range []string{file, file + ".files"} {
		if err := os.RemoveAll(path); err != nil {
			s.t.Error(err)
		}
	}
}

// finish sends what is left once more, to a server that nobody kills.
func (s *soak) finish() {
	s.t.Helper()
	s.restart()
	s.resent += len(s.again)
	for _, id := range s.again {
		reply, err := s.site.send("anna@corp.example", soakMail(id), s.bcc)
		if err != nil {
			s.t.Fatalf("%s: %v", id, err)
		}
		s.note(id, reply, true)
	}
	s.again = nil
	if code := s.stop(); code != 0 {
		s.t.Errorf("exit code %d after TERM, want 0", code)
	}
}
