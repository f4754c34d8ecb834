//go:build unix

package main_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// testPrivateMail: what is private is for those who captured it, whatever command asks, admins included; of envelope mail others
// see that, when and with whom. Zoe, who has nothing to do with it, must not find a word of it.
func testPrivateMail(t *testing.T, p program) {
	s := newSite(t, p)
	s.must("user", "add", "zoe@corp.example")
	uwe, anna := s.bcc("uwe@corp.example"), s.bcc("anna@corp.example")
	private := strings.Replace(uwe, "@", "+private@", 1)
	s.start()
	ids := []string{}
	send := func(rcpt string, raw []byte) {
		id, _ := s.mustSend("uwe@corp.example", raw, rcpt)
		ids = append(ids, id)
	}
	send(uwe, fromUwe("p1@corp.example", "ben@acme.example", "[private] Subject-secret", "Body-secret"))
	send(private, fromUwe("p2@corp.example", "eva@new.example", "Subject-secret to a stranger", "Body-secret"))
	send(anna, fromUwe("p3@corp.example", "ben@acme.example", "Subject-secret afterwards", "Body-secret")) // for all to see, until
	send(private, fromUwe("p3@corp.example", "ben@acme.example", "Subject-secret afterwards", "Body-secret"))
	send(uwe, fromUwe("p5@corp.example", "ben@acme.example", "For everybody", "Open words"))
	s.must("mailbox", "edit", "2", "--visibility", "envelope")
	send(uwe, fromUwe("p6@corp.example", "ben@acme.example", "Subject-secret of an envelope", "Body-secret"))

	asks := [][]string{{"activity", "list"}, {"activity", "list", "--match", "secret"}, {"activity", "list", "--contact", "1"}, {"timeline", "ben@acme.example"},
		{"timeline", "contact:1"}, {"intake", "list"}, {"intake", "list", "--match", "secret"}, {"review", "list"}}
	for _, id := range ids {
		asks = append(asks, []string{"explain", id}, []string{"intake", "raw", id})
	}
	for _, act := range ask[[]activity](s, "activity", "list", "--limit", "0") {
		asks = append(asks, []string{"activity", "show", fmt.Sprint(act.ID)})
	}
	for _, id := range []string{"p1", "p2", "p3", "p6"} {
		asks = append(asks, []string{"explain", id + "@corp.example"})
	}
	found := 0
	for _, args := range asks {
		for _, format := range []string{"--json", "--quiet"} {
			if out := s.run(append(args, "--as", "zoe@corp.example", format)...); strings.Contains(out.stdout+out.stderr, "secret") && !strings.Contains(strings.Join(args, " "), "secret") ||
				strings.Contains(out.stdout, "-secret") {
				t.Errorf("Zoe asks %q and reads:\n%s", args, out.stdout)
			}
			if out := s.run(append(args, "--as", "uwe@corp.example", format)...); strings.Contains(out.stdout, "-secret") {
				found++
			}
		}
	}
	if found < len(asks) {
		t.Errorf("Uwe finds his own mail in %d of %d answers", found, 2*len(asks))
	}
	for who, want := range map[string]int{"uwe@corp.example": 4, "anna@corp.example": 3, "zoe@corp.example": 2} {
		if got := ask[[]activity](s, "activity", "list", "--as", who); len(got) != want {
			t.Errorf("%s sees %d activities, want %d: %+v", who, len(got), want, got)
		}
	}
	if got := ask[[]activity](s, "activity", "list", "--match", "secret", "--as", "zoe@corp.example"); len(got) != 0 {
		t.Errorf("Zoe searches for a word she may not read, and finds where it stands: %+v", got)
	}
}

func fromUwe(id, to, subject, body string) []byte {
	return fmt.Appendf(nil, "From: uwe@corp.example\r\nTo: %s\r\nSubject: %s\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <%s>\r\n\r\n%s\r\n", to, subject, id, body)
}

// testCommandsWhileServing: people work on the same database while mail comes in; none of both waits for long, and what a command
// has committed holds for the next mail.
func testCommandsWhileServing(t *testing.T, p program) {
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	stop := make(chan struct{})
	var group sync.WaitGroup
	for n := range 4 {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := s.send("anna@corp.example", written(fmt.Sprintf("busy-%d-%d@corp.example", n, i), "ben@acme.example", "Busy"), bcc); err != nil {
					t.Errorf("send meanwhile: %v", err)
					return
				}
			}
		})
	}
	for i := range 5 {
		who := fmt.Sprintf("person%d@new.example", i)
		began := time.Now()
		s.must("contact", "add", "--name", "A Person", "--email", who)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("contact add took %s under load", took)
		}
		id, verdict := s.mustSend("anna@corp.example", written(fmt.Sprintf("new%d@corp.example", i), who, "New"), bcc)
		if in := ask[intake](s, "explain", id); verdict != "filed" || in.Codes[0] != "contact_by_address" {
			t.Errorf("a mail right after its contact was added: %s %q, want filed, contact_by_address", verdict, in.Codes)
		}
	}
	close(stop)
	group.Wait()
	if out := s.run("migrate"); out.code != 1 {
		t.Errorf("migrate while a server runs: exit code %d, want 1\n%s", out.code, out.stdout)
	}
}
