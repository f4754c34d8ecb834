package linker

import (
	"testing"
	"time"

	"blindcopy/crm"
)

// Rules that a mutation of one word once passed by: each of these fails without its word.

func TestAnAddressThatIsNotVerifiedSpeaksForNobody(t *testing.T) {
	w := acme()
	u := w.facts.Rules.Users[anna]
	u.Addresses = append(u.Addresses, crm.UserAddress{Address: "anna@home.example"})
	w.facts.Rules.ByAddress["anna@home.example"] = anna
	check(t, w, letter{from: "anna@home.example", to: "ben@acme.example"}, "held sender_unverified_alias")
}

// TestAMailFromSomebodyExcludedIsIgnored, though a contact is among its recipients.
func TestAMailFromSomebodyExcludedIsIgnored(t *testing.T) {
	w := acme()
	w.exclude("lea@law.example", 0)
	check(t, w, letter{from: "lea@law.example", to: "anna@corp.example, ben@acme.example"}, "ignored excluded")
}

func TestADismissedLeadStaysDismissedBesideAnOpenOne(t *testing.T) {
	w := acme()
	w.lead(1, crm.LeadDismissed, "gil@new.example", 0)
	w.lead(2, crm.LeadOpen, "eva@new.example", 0)
	check(t, w, letter{to: "gil@new.example"}, "held lead_dismissed")
	check(t, w, letter{to: "fay@new.example"}, "filed outgoing | lead:2 lead_by_domain")
}

func TestALeadGoesToWhoHasTheConversation(t *testing.T) {
	w := acme()
	w.user(3, "Vera Vogt", "vera@corp.example")
	w.facts.Rules.Shared["info@corp.example"], w.shared = 9, 9
	w.facts.Rules.Mailboxes[9] = &crm.Mailbox{ID: 9, Kind: crm.MailboxShared, Distribution: &crm.Distribution{Queue: []crm.QueueMember{{User: "vera@corp.example"}}}}
	w.facts.Contacts[1].Owner = uwe
	w.facts.ByMessage["parent@x"] = 4
	w.facts.Threads[4] = &crm.ThreadFacts{ID: 4, Contacts: []int64{1}}
	given := func(rule string, l letter, want crm.UserID) {
		t.Helper()
		plan := w.decide(l)
		if len(plan.Results[0].Creates) != 1 || plan.Results[0].Creates[0].Owner != want {
			t.Errorf("%s: got %s %+v, want one lead for user %d", rule, told(plan), plan.Results[0].Creates, want)
		}
	}
	given("no conversation", letter{from: "eva@new.example", to: "info@corp.example"}, 3)
	given("the conversation is Uwe's", letter{from: "eva@new.example", to: "info@corp.example", answers: "parent@x"}, uwe)
	w.facts.Rules.Users[uwe].Absence = &crm.Absence{From: now.Add(-time.Hour)}
	given("who has it is away", letter{from: "eva@new.example", to: "info@corp.example", answers: "parent@x"}, 3)
}

// TestAConversationIsFoundByItsSubjectForThirtyDays, among the same people alone.
func TestAConversationIsFoundByItsSubjectForThirtyDays(t *testing.T) {
	people := []crm.Address{"anna@corp.example", "ben@acme.example"}
	found := func(rule string, age time.Duration, people []crm.Address, want crm.ThreadID) {
		t.Helper()
		w := acme()
		w.facts.BySubject["offer"] = []crm.SubjectHit{{Thread: 4, At: now.Add(-age), People: people}}
		w.facts.Threads[4] = &crm.ThreadFacts{ID: 4}
		if got := w.decide(letter{to: "ben@acme.example", subject: "Re: Offer"}).Results[0].New.Thread; got != want {
			t.Errorf("%s: in conversation %d, want %d", rule, got, want)
		}
	}
	found("under thirty days", subjectThreadAge-time.Hour, people, 4)
	found("over thirty days", subjectThreadAge+time.Hour, people, 0)
	found("other people", time.Hour, append(people, "carl@acme.example"), 0)
}

// TestWhatTheFirstSightingWasKeptFrom: it may have been ignored, or forged beside a known contact.
func TestWhatTheFirstSightingWasKeptFrom(t *testing.T) {
	w := acme()
	date := now.Add(-time.Hour)
	w.facts.Sightings["id:m1@corp.example"] = []crm.Sighting{{Key: "id:m1@corp.example", Intake: "OLD", Verdict: crm.Ignored,
		From: crm.Fingerprint("anna@corp.example"), BaseSubject: crm.Fingerprint("offer"), Date: date}}
	check(t, w, letter{to: "eva@new.example", subject: "Offer", id: "m1@corp.example", date: date}, `filed outgoing lead_created | new lead "Eva" [eva@new.example]`)

	forged := acme().decide(letter{to: "ben@acme.example, eva@new.example", id: "m2@corp.example", fails: true})
	if c := forged.Results[0].Claims; len(c) != 1 || !c[0].Barred {
		t.Errorf("a forged mail to a contact and to somebody unknown claims %+v, want it barred: a proven sighting makes the lead", c)
	}
}

// TestAForwardIsTheMailItShows compares what a forward's text says with a mail we have.
func TestAForwardIsTheMailItShows(t *testing.T) {
	at := time.Date(2026, 11, 20, 15, 5, 0, 0, time.UTC)
	for _, row := range []struct {
		rule  string
		off   time.Duration
		zoned bool
		start string
		want  bool
	}{
		{"the same minute", 30 * time.Second, true, "hellobenhere", true},
		{"the next minute, with a zone", time.Minute, true, "hellobenhere", false},
		{"an hour off, with a zone", time.Hour, true, "hellobenhere", false},
		{"an hour off, without one", time.Hour, false, "hellobenhere", true},
		{"three quarters of an hour off, without one", 45 * time.Minute, false, "hellobenhere", true},
		{"ten minutes off, without one", 10 * time.Minute, false, "hellobenhere", false},
		{"fifteen hours off", 15 * time.Hour, false, "hellobenhere", false},
		{"another text", 0, true, "quiteanothermail", false},
		{"a text cut short", 0, true, "helloben", true},
		{"no text", 0, true, "", false},
	} {
		m := &crm.Mail{Date: at.Truncate(time.Minute).Add(row.off), DateZoned: row.zoned, BodyStart: row.start, Forwarded: &crm.Forward{}}
		if got := sameForward(at, "hellobenhere", m); got != row.want {
			t.Errorf("%s: got %t, want %t (%s %q against %s %q)", row.rule, got, row.want, m.Date, m.BodyStart, at, "hellobenhere")
		}
	}
}

// TestAFreeMailDomainIsNobodysOwn, though a user has his primary address there.
func TestAFreeMailDomainIsNobodysOwn(t *testing.T) {
	w := acme()
	w.user(3, "Zoe", "zoe@gmail.com")
	check(t, w, letter{to: "client@gmail.com"}, `filed outgoing lead_created | new lead "Client" [client@gmail.com]`)
	check(t, w, letter{from: "client@gmail.com", to: "anna@corp.example"}, "held unknown_review")
}
