package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"blindcopy/crm"
)

const (
	info = "info@acme.example"
	uwe  = "uwe@acme.example"
	vera = "vera@acme.example"
)

// sharedWorld is a company of three with the shared mailbox info@, whose flags are given.
func sharedWorld(t *testing.T, flags ...string) (*world, *running) {
	t.Helper()
	w := newWorld(t)
	w.must("user", "add", uwe)
	w.must("user", "add", vera)
	w.must(append([]string{"mailbox", "add", "--kind", "shared", "--address", info}, flags...)...)
	return w, w.serve()
}

// strangers has n of them write to info@, one after the other.
func (s *running) strangers(n int, first int) {
	s.t.Helper()
	for i := range n {
		s.stranger(first + i)
	}
}

// stranger n of a company of his own asks a question; the lines are more header fields.
func (s *running) stranger(n int, lines ...string) crm.IntakeID {
	s.t.Helper()
	from := fmt.Sprintf("person@new%d.example", n)
	return s.send(from, info, mail(from, info, fmt.Sprintf("Question %d", n), fmt.Sprintf("q%d", n), lines...))
}

// given counts the open leads of each user.
func (w *world) given() map[crm.Address]int {
	w.t.Helper()
	var leads []crm.Lead
	w.json(&leads, "lead", "list", "--limit", "0")
	count := map[crm.Address]int{}
	for _, l := range leads {
		count[l.Responsible]++
	}
	return count
}

func (w *world) wantGiven(rule string, want map[crm.Address]int) {
	w.t.Helper()
	if got := w.given(); !maps.Equal(got, want) {
		w.t.Errorf("%s: the leads went to %v, want %v", rule, got, want)
	}
}

const allThree = anna + "," + uwe + "," + vera

func TestLeadsGoInTurn(t *testing.T) {
	w, s := sharedWorld(t, "--queue", allThree)
	s.strangers(4, 0)
	w.wantGiven("in order", map[crm.Address]int{anna: 2, uwe: 1, vera: 1})
	s.send(anna, info, mail(anna, "person@new0.example", "Re: Question 0", "answer"))
	var answers []crm.Activity
	if w.json(&answers, "timeline", "person@new0.example"); len(answers) != 2 || answers[0].Direction != crm.Outgoing && answers[1].Direction != crm.Outgoing {
		t.Errorf("the answer of a user is not an outgoing mail on the lead's timeline: %+v", answers)
	}
	s.send(info, info, mail(info, "person@new1.example", "Re: Question 1", "answer-info"))
	if w.json(&answers, "timeline", "person@new1.example"); !slices.ContainsFunc(answers, func(a crm.Activity) bool { return a.Direction == crm.Outgoing && a.Author.Address == info }) {
		t.Errorf("the answer of info@ is not an outgoing mail on the lead's timeline: %+v", answers)
	}
	w.wantGiven("answers make no leads", map[crm.Address]int{anna: 2, uwe: 1, vera: 1})
}

func TestTwoLeadsAtOnceGoToTwoManagers(t *testing.T) {
	for _, order := range []string{"order", "fewest_open"} {
		t.Run(order, func(t *testing.T) {
			w, s := sharedWorld(t, "--queue", allThree, "--order", order)
			for round := 1; round <= 5; round++ {
				var group sync.WaitGroup
				for i := range 3 {
					group.Go(func() { s.stranger(10*round + i) })
				}
				group.Wait()
				w.wantGiven(fmt.Sprintf("after %d times three at once", round), map[crm.Address]int{anna: round, uwe: round, vera: round})
			}
		})
	}
}

func TestWeightsShareLeadsOut(t *testing.T) {
	w, s := sharedWorld(t, "--queue", anna+","+uwe+":3")
	s.strangers(8, 0)
	w.wantGiven("one to three", map[crm.Address]int{anna: 2, uwe: 6})
}

func TestWhoHasTheFewestOpenLeadsGetsTheNext(t *testing.T) {
	w, s := sharedWorld(t, "--queue", anna+","+uwe, "--order", "fewest_open")
	s.strangers(4, 0)
	w.wantGiven("evenly", map[crm.Address]int{anna: 2, uwe: 2})
	var leads []crm.Lead
	w.json(&leads, "lead", "list")
	for _, l := range leads {
		if l.Responsible == uwe {
			w.must("lead", "dismiss", fmt.Sprint(l.ID))
		}
	}
	s.strangers(2, 4)
	w.wantGiven("Uwe had none open", map[crm.Address]int{anna: 2, uwe: 4})
}

func TestAbsentUsersGetNoLeads(t *testing.T) {
	w, s := sharedWorld(t, "--queue", anna+","+uwe, "--fallback", vera)
	w.must("user", "absent", anna, "--until", time.Now().AddDate(0, 1, 0).Format(dateLayout))
	s.strangers(2, 0)
	w.wantGiven("Anna is away", map[crm.Address]int{uwe: 2})
	w.must("user", "absent", uwe, "--from", time.Now().AddDate(0, 0, 7).Format(dateLayout))
	s.stranger(2)
	w.wantGiven("Uwe is still here", map[crm.Address]int{uwe: 3})
	w.must("user", "absent", uwe)
	id := s.stranger(3)
	w.wantGiven("nobody is here", map[crm.Address]int{uwe: 3, vera: 1})
	if why := w.must("explain", string(id)); !strings.Contains(why, "fallback") {
		t.Errorf("the trace does not say why this person:\n%s", why)
	}
	w.must("user", "disable", vera)
	s.stranger(4)
	w.wantGiven("the fallback is disabled: the first admin, though away", map[crm.Address]int{anna: 1, uwe: 3, vera: 1})
	w.must("user", "present", anna)
	s.stranger(5)
	w.wantGiven("Anna is back", map[crm.Address]int{anna: 2, uwe: 3, vera: 1})
}

func TestTheFirstRuleThatFitsDecides(t *testing.T) {
	w, s := sharedWorld(t, "--queue", anna, "--rule", "words=rechnung|INVOICE,user="+uwe, "--rule", "domain=big.example,user="+vera, "--rule", "recipient=jobs@acme.example,user="+vera,
		"--rule", "domain=*.group.example,user="+vera)
	send := func(from, to, subject string) {
		t.Helper()
		s.send(from, info, mail(from, to, subject, subject+from))
	}
	send("a@one.example", info, "Your invoice 7")
	w.wantGiven("words", map[crm.Address]int{uwe: 1})
	send("a@big.example", info, "Hello")
	w.wantGiven("domain", map[crm.Address]int{uwe: 1, vera: 1})
	send("a@two.example", "jobs@acme.example", "Hello")
	w.wantGiven("recipient", map[crm.Address]int{uwe: 1, vera: 2})
	send("a@three.example", info, "Hello")
	w.wantGiven("none", map[crm.Address]int{uwe: 1, vera: 2, anna: 1})
	send("a@berlin.group.example", info, "Hello")
	w.wantGiven("below a domain", map[crm.Address]int{uwe: 1, vera: 3, anna: 1})
	send("a@group.example", info, "Hello")
	send("a@othergroup.example", info, "Hello")
	w.wantGiven("not below it", map[crm.Address]int{uwe: 1, vera: 3, anna: 3})
}

// TestMachinesMakeNoLeads, and take no place in the queue.
func TestMachinesMakeNoLeads(t *testing.T) {
	w, s := sharedWorld(t, "--queue", anna+","+uwe)
	var in crm.Intake
	w.json(&in, "explain", string(s.stranger(1, "List-Unsubscribe: <https://new1.example/u>", "Precedence: bulk")))
	if in.Verdict != crm.Held || !slices.Contains(in.Codes, crm.Bulk) {
		t.Errorf("a newsletter ends %s %v, want held, bulk", in.Verdict, in.Codes)
	}
	w.wantGiven("a newsletter", map[crm.Address]int{})
	s.stranger(2)
	w.wantGiven("a newsletter takes no turn", map[crm.Address]int{anna: 1})
}

func TestMailboxFlagsAreChecked(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", uwe)
	w.must("mailbox", "add", info, "--queue", anna+","+uwe+":2", "--fallback", uwe, "--rule", "words=x,user="+uwe)
	for _, row := range []struct {
		rule string
		code int
		args []string
	}{
		{"no such user in the queue", exitNone, []string{"--queue", "nobody@acme.example"}},
		{"no such fallback", exitNone, []string{"--fallback", "nobody@acme.example"}},
		{"no such user in a rule", exitNone, []string{"--rule", "words=x,user=nobody@acme.example"}},
		{"unknown order", exitUsage, []string{"--order", "random"}},
		{"a rule without a user", exitUsage, []string{"--rule", "words=x"}},
		{"an unknown condition", exitUsage, []string{"--rule", "colour=red,user=" + uwe}},
		{"a condition twice", exitUsage, []string{"--rule", "words=x,words=y,user=" + uwe}},
		{"a weight of nothing", exitUsage, []string{"--queue", uwe + ":0"}},
		{"weights without meaning", exitUsage, []string{"--queue", uwe + ":2", "--order", "fewest_open"}},
		{"twice in the queue", exitFailed, []string{"--queue", uwe + "," + uwe}},
		{"rules, and none", exitUsage, []string{"--rule", "words=x,user=" + uwe, "--no-rules"}},
	} {
		r := w.run(append([]string{"mailbox", "edit", info}, row.args...)...)
		if sentence := strings.TrimSpace(r.stderr); r.code != row.code || strings.Contains(sentence, "\n") || sentence == "" {
			t.Errorf("%s: exit %d, want %d; said %q", row.rule, r.code, row.code, r.stderr)
		}
	}
	if r := w.run("mailbox", "edit", anna, "--queue", uwe); r.code != exitFailed {
		t.Errorf("a queue for a BCC mailbox: exit %d, want %d", r.code, exitFailed)
	}
	var m crm.Mailbox
	w.json(&m, "mailbox", "edit", info, "--no-rules", "--visibility", "team")
	if d := m.Distribution; d == nil || len(d.Rules) != 0 || len(d.Queue) != 2 || d.Queue[1].Weight != 2 || d.Order != crm.QueueWeighted || d.Fallback != uwe {
		t.Errorf("after --no-rules: %+v, want the rest as it was", d)
	}
	if w.json(&m, "mailbox", "edit", info, "--queue", "", "--fallback", ""); m.Distribution != nil {
		t.Errorf("with nobody left: %+v, want null", m.Distribution)
	}
}

func TestANewDealOffersConversations(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	send := func(id, subject string, lines ...string) {
		t.Helper()
		s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", subject, id, lines...))
	}
	send("one", "Our offer")
	send("two", "Re: Our offer", "In-Reply-To: <one@acme.example>")
	send("three", "Another matter")
	type deal struct {
		ID     int64
		Offers []struct {
			ActivityID int64     `json:"activity_id"`
			Subject    string    `json:"subject"`
			OccurredAt time.Time `json:"occurred_at"`
		}
	}
	var first, second deal
	if w.json(&first, "deal", "add", "--title", "Relaunch", "--contact", "1"); len(first.Offers) != 2 {
		t.Fatalf("offered %+v, want the two conversations", first.Offers)
	}
	for _, offer := range first.Offers {
		if offer.Subject == "Our offer" || offer.OccurredAt.IsZero() {
			t.Errorf("offered %+v, want the newest mail of a conversation", offer)
		}
		if offer.Subject == "Re: Our offer" {
			w.must("activity", "link", fmt.Sprint(offer.ActivityID), "--deal", fmt.Sprint(first.ID))
		}
	}
	text := w.must("deal", "add", "--title", "Hosting", "--contact", "1")
	if !strings.Contains(text, "1 conversation with these people is on no deal yet") || !strings.Contains(text, "blindcopy activity link ") || strings.Contains(text, "Our offer") {
		t.Errorf("a conversation is on a deal as a whole:\n%s", text)
	}
	if w.json(&second, "deal", "add", "--title", "No people"); second.Offers == nil || len(second.Offers) != 0 {
		t.Errorf("offered %+v, want []", second.Offers)
	}
	if w.json(&second, "deal", "edit", fmt.Sprint(second.ID), "--contact", "1"); len(second.Offers) != 1 || second.Offers[0].Subject != "Another matter" {
		t.Errorf("with a contact added: offered %+v, want his conversation that is on no deal", second.Offers)
	}
	if text := w.must("deal", "edit", fmt.Sprint(second.ID), "--stage", "late"); strings.Contains(text, "on no deal yet") {
		t.Errorf("nobody was added, so nothing is offered:\n%s", text)
	}
}

// TestOneAuthorCausesTwentyRecords and no more within two hours (SEMANTICS §10): here each contact loses its address at once.
func TestOneAuthorCausesTwentyRecords(t *testing.T) {
	w, s := sharedWorld(t)
	w.must("mailbox", "edit", info, "--unknown", "contact")
	const most, author = 20, "tom@flood.example"
	send := func(n int) (in crm.Intake) {
		t.Helper()
		id := s.send(author, info, mail(author, info, fmt.Sprintf("Alarm %d", n), fmt.Sprintf("alarm%d", n)))
		w.json(&in, "explain", string(id))
		return in
	}
	for n := 1; n <= most; n++ {
		if in := send(n); len(in.Created) != 1 {
			t.Fatalf("mail %d ends %s %v, want a contact", n, in.Verdict, in.Codes)
		}
		w.must("contact", "edit", fmt.Sprint(n), "--remove-email", author)
	}
	if in := send(most + 1); in.Verdict != crm.Held || !slices.Contains(in.Codes, crm.Loop) || len(in.Created) != 0 {
		t.Errorf("mail %d ends %s %v and made %v, want held, loop", most+1, in.Verdict, in.Codes, in.Created)
	}
}
