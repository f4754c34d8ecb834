package linker

import (
	"testing"
	"time"

	"blindcopy/crm"
)

// acme is the world most rules are told in: two companies with contacts and deals.
func acme() *world {
	w := newWorld()
	w.company(1, "Acme GmbH", "acme.example")
	w.company(2, "Globex", "globex.example")
	w.contact(1, "Ben Client", 1, "ben@acme.example")
	w.contact(2, "Carla Chef", 1, "carla@acme.example")
	w.contact(3, "Dora Dean", 2, "dora@globex.example", "dora.old@globex.example")
	return w
}

func TestOutgoingMailIsFiledToWhoIsKnown(t *testing.T) {
	t.Run("one known contact and its only open deal", func(t *testing.T) {
		w := acme()
		w.deal(7, 1, 1)
		check(t, w, letter{to: "ben@acme.example"}, "filed outgoing | contact:1 contact_by_address | deal:7 deal_unique")
	})
	t.Run("no deal is open", func(t *testing.T) {
		check(t, acme(), letter{to: "ben@acme.example"}, "filed outgoing no_open_deal | contact:1 contact_by_address")
	})
	t.Run("a former or tagged address still matches", func(t *testing.T) {
		check(t, acme(), letter{to: "dora.old+spam@globex.example"}, "filed outgoing no_open_deal | contact:3 contact_by_address")
	})
	t.Run("every known To and Cc is linked, an unknown Cc makes nothing", func(t *testing.T) {
		w := acme()
		plan := check(t, w, letter{to: "ben@acme.example, carla@acme.example", cc: "dora@globex.example, new@nowhere.example"},
			"filed outgoing no_open_deal unknown_review | contact:1 contact_by_address | contact:2 contact_by_address | contact:3 contact_by_address")
		if open := plan.Results[0].Open; len(open) != 1 || open[0].Address != "new@nowhere.example" {
			t.Errorf("open questions: %v, want the unknown Cc", open)
		}
	})
	t.Run("a colleague beside a contact is no counterparty", func(t *testing.T) {
		check(t, acme(), letter{to: "uwe@corp.example, ben@acme.example"}, "filed outgoing no_open_deal | contact:1 contact_by_address")
	})
	t.Run("a stranger at a company's domain counts as known", func(t *testing.T) {
		check(t, acme(), letter{to: "new@acme.example"}, "filed outgoing no_open_deal | company:1 company_by_domain")
	})
	t.Run("two companies with one domain match neither", func(t *testing.T) {
		w := acme()
		w.company(4, "Acme Holding", "acme.example")
		check(t, w, letter{to: "new@acme.example"}, `filed outgoing domain_ambiguous lead_created | new lead "New" [new@acme.example]`)
	})
	t.Run("a free-mail domain never means a company", func(t *testing.T) {
		w := acme()
		w.company(5, "Mistake", "gmail.com")
		check(t, w, letter{to: "Eva <eva@gmail.com>"}, `filed outgoing lead_created | new lead "Eva" [eva@gmail.com]`)
	})
	t.Run("only the first fifty known people are linked", func(t *testing.T) {
		w := newWorld()
		w.policy.MatchedLimit = 1
		w.contact(1, "A", 0, "a@x.example")
		w.contact(2, "B", 0, "b@x.example")
		check(t, w, letter{to: "a@x.example, b@x.example"}, "filed outgoing recipients_capped no_open_deal | contact:1 contact_by_address")
	})
}

func TestWhoIsSpeaking(t *testing.T) {
	w := acme()
	for _, row := range []struct {
		name string
		l    letter
		want string
	}{
		{"S1 the owner, from his second address", letter{from: "anna.agent@gmail.com", to: "ben@acme.example"}, "filed outgoing no_open_deal | contact:1 contact_by_address"},
		{"S2 another user", letter{from: "uwe@corp.example", to: "ben@acme.example"}, "filed outgoing no_open_deal | contact:1 contact_by_address"},
		{"S3 a colleague without a user", letter{from: "temp@corp.example", to: "ben@acme.example"}, "held sender_unverified_alias"},
		{"S0 a BCC address as author", letter{from: "x-token1@bcc.example.com", to: "ben@acme.example"}, "held loop"},
		{"S5 redirected by the owner, author known", letter{from: "ben@acme.example", to: "anna@corp.example"}, "filed incoming no_open_deal | contact:1 contact_by_address"},
		{"S5 by a Resent field, author unknown", letter{from: "eva@new.example", to: "list@other.example", redirectedBy: "anna@corp.example"}, "held unknown_review"},
		{"S5 by +fw", letter{from: "ben@acme.example", to: "someone@else.example", tags: "fw"}, "filed incoming no_open_deal | contact:1 contact_by_address"},
		{"S6 the client replied to all", letter{from: "ben@acme.example", to: "anna@corp.example", cc: "x-token1@bcc.example.com"}, "filed incoming address_exposed no_open_deal | contact:1 contact_by_address"},
		{"S6 an unknown author", letter{from: "eva@new.example", to: "x-token1@bcc.example.com"}, "held address_exposed"},
		{"S7 a stranger", letter{from: "eva@new.example", to: "ben@acme.example"}, "held stranger"},
		{"S7 nobody named", letter{from: "-", to: "ben@acme.example", edit: func(m *crm.Mail) {}}, "held stranger"},
	} {
		t.Run(row.name, func(t *testing.T) { check(t, w, row.l, row.want) })
	}
	t.Run("S2 the author is the activity's, not the capturer", func(t *testing.T) {
		plan := w.decide(letter{from: "uwe@corp.example", to: "new@nowhere.example"})
		if got := plan.Results[0].Creates[0].Owner; got != uwe {
			t.Errorf("lead for user %d, want the author, %d", got, uwe)
		}
	})
	t.Run("the author's own address stands for him among several", func(t *testing.T) {
		plan := w.decide(letter{to: "ben@acme.example", rcpt: []crm.UserID{uwe, anna}})
		if plan.Owner != anna || len(plan.Capturers) != 2 {
			t.Errorf("owner %d with %d captures, want %d with 2", plan.Owner, len(plan.Capturers), anna)
		}
	})
	t.Run("S4 an application speaks for the owner only where it is proven", func(t *testing.T) {
		w := acme()
		w.policy.TrustedSenders = crm.NewWordList("billing@app.example")
		check(t, w, letter{from: "billing@app.example", to: "ben@acme.example"}, "filed outgoing no_open_deal | contact:1 contact_by_address")
		check(t, w, letter{from: "billing@app.example", to: "ben@acme.example", untrusted: true}, "held stranger")
	})
}

func TestUnknownCounterparties(t *testing.T) {
	policy := func(p crm.Policy) *world {
		w := acme()
		w.policy.UnknownOutgoing = p
		return w
	}
	for _, row := range []struct {
		name string
		w    *world
		l    letter
		want string
	}{
		{"a lead for the person", policy(crm.PolicyLead), letter{to: "Eva Ernst <eva@new.example>"}, `filed outgoing lead_created | new lead "Eva Ernst" [eva@new.example]`},
		{"one lead a corporate domain, one an address of free mail", policy(crm.PolicyLead), letter{to: "eva@new.example, fay@new.example, gil@gmail.com, hal@gmail.com"},
			`filed outgoing lead_created | new lead "Eva" [eva@new.example fay@new.example] | new lead "Gil" [gil@gmail.com] | new lead "Hal" [hal@gmail.com]`},
		{"a contact, named by its address", policy(crm.PolicyContact), letter{to: "eva.ernst@new.example"}, `filed outgoing contact_created | new contact "Eva Ernst" [eva.ernst@new.example]`},
		{"a contact at the company of its domain", policy(crm.PolicyContact), letter{to: "new@acme.example"}, `filed outgoing no_open_deal contact_created | company:1 company_by_domain | new contact "New" [new@acme.example]`},
		{"review", policy(crm.PolicyReview), letter{to: "eva@new.example"}, "held unknown_review"},
		{"review, another is known", policy(crm.PolicyReview), letter{to: "eva@new.example, ben@acme.example"}, "filed outgoing no_open_deal unknown_review | contact:1 contact_by_address"},
		{"ignore", policy(crm.PolicyIgnore), letter{to: "eva@new.example"}, "ignored unknown_ignored"},
		{"ignore, another is known", policy(crm.PolicyIgnore), letter{to: "eva@new.example, ben@acme.example"}, "filed outgoing no_open_deal | contact:1 contact_by_address"},
		{"nothing for a role", policy(crm.PolicyLead), letter{to: "info@new.example"}, "held role_address"},
		{"a role beside a person", policy(crm.PolicyLead), letter{to: "info@new.example, eva@gmail.com"}, `filed outgoing lead_created role_address | new lead "Eva" [eva@gmail.com]`},
		{"nothing for automatic mail", policy(crm.PolicyLead), letter{to: "eva@new.example", automatic: crm.Bulk}, "held bulk"},
		{"+nolead", policy(crm.PolicyLead), letter{to: "eva@new.example", tags: "nolead"}, "ignored unknown_ignored"},
		{"private mail makes nothing", policy(crm.PolicyLead), letter{to: "eva@new.example", tags: "private"}, "held unknown_review"},
		{"forged mail makes nothing", policy(crm.PolicyLead), letter{to: "eva@new.example", fails: true}, "held sender_auth_failed"},
		{"forged mail to a contact is filed", policy(crm.PolicyLead), letter{to: "ben@acme.example", fails: true}, "filed outgoing no_open_deal | contact:1 contact_by_address"},
		{"an unknown Cc alone asks", policy(crm.PolicyLead), letter{to: "uwe@corp.example", cc: "eva@new.example"}, "held unknown_review"},
		{"five records a mail, and no more", policy(crm.PolicyLead), letter{to: "a@a.example, b@b.example, c@c.example, d@d.example, e@e.example, f@f.example"},
			`filed outgoing lead_created unknown_review | new lead "A" [a@a.example] | new lead "B" [b@b.example] | new lead "C" [c@c.example] | new lead "D" [d@d.example] | new lead "E" [e@e.example]`},
	} {
		t.Run(row.name, func(t *testing.T) { check(t, row.w, row.l, row.want) })
	}
	t.Run("over twenty recipients are a mailing", func(t *testing.T) {
		to := ""
		for i := range 21 {
			to += string(rune('a'+i)) + "@many.example,"
		}
		check(t, acme(), letter{to: to}, "held bulk")
	})
	t.Run("the mailbox's own policy comes first", func(t *testing.T) {
		w, ignore := acme(), crm.PolicyIgnore
		w.facts.Rules.Mailboxes[1].Unknown = &ignore
		check(t, w, letter{to: "eva@new.example"}, "ignored unknown_ignored")
	})
	t.Run("a lead", func(t *testing.T) {
		w := acme()
		w.lead(1, crm.LeadOpen, "eva@new.example", 0)
		w.lead(2, crm.LeadDismissed, "gil@gone.example", 0)
		w.lead(3, crm.LeadConverted, "was@lead.example", 2)
		check(t, w, letter{to: "eva@new.example"}, "filed outgoing | lead:1 lead_by_address")
		check(t, w, letter{to: "fay@new.example"}, "filed outgoing | lead:1 lead_by_domain")
		check(t, w, letter{to: "gil@gone.example"}, "held lead_dismissed")
		check(t, w, letter{to: "was@lead.example"}, "filed outgoing no_open_deal | contact:2 lead_converted")
	})
}

func TestSharedMailboxGivesOutLeads(t *testing.T) {
	shared := func() *world {
		w := acme()
		w.user(3, "Vera Vogt", "vera@corp.example")
		w.facts.Rules.Shared["info@corp.example"] = 9
		w.facts.Rules.Mailboxes[9] = &crm.Mailbox{ID: 9, Kind: crm.MailboxShared, Distribution: &crm.Distribution{
			Rules:    []crm.DistributionRule{{Words: []string{"invoice"}, User: "vera@corp.example"}},
			Queue:    []crm.QueueMember{{User: "anna@corp.example"}, {User: "uwe@corp.example", Weight: 2}},
			Fallback: "vera@corp.example",
		}}
		w.shared = 9
		return w
	}
	owner := func(w *world, l letter) crm.UserID {
		t.Helper()
		plan := w.decide(l)
		if len(plan.Results[0].Creates) != 1 {
			t.Fatalf("got %s, want one lead", told(plan))
		}
		if move := plan.Results[0].Cursor; move != nil {
			w.facts.Cursor = move.To
		}
		return plan.Results[0].Creates[0].Owner
	}
	is := func(got, want crm.UserID) {
		t.Helper()
		if got != want {
			t.Errorf("given to user %d, want %d", got, want)
		}
	}
	letter := letter{from: "eva@new.example", to: "info@corp.example"}
	w := shared()
	is(owner(w, letter), anna)
	is(owner(w, letter), uwe)
	is(owner(w, letter), anna)

	w.facts.Rules.Mailboxes[9].Distribution.Order = crm.QueueWeighted
	given := map[crm.UserID]int{}
	for range 6 {
		given[owner(w, letter)]++
	}
	if given[anna] != 2 || given[uwe] != 4 {
		t.Errorf("weighted 1 to 2, six leads went %v", given)
	}

	w.facts.Rules.Mailboxes[9].Distribution.Order = crm.QueueFewestOpen
	w.facts.OpenLeads = map[crm.UserID]int{anna: 3, uwe: 5}
	is(owner(w, letter), anna)

	w = shared()
	w.facts.Rules.Users[anna].Absence = &crm.Absence{From: now.Add(-time.Hour)}
	is(owner(w, letter), uwe)
	w.facts.Rules.Users[uwe].Active = false
	is(owner(w, letter), 3)

	invoice := letter
	invoice.subject = "Your Invoice 7"
	is(owner(shared(), invoice), 3)

	bulk := letter
	bulk.automatic = crm.Bulk
	check(t, shared(), bulk, "held bulk")
	answer := letter
	answer.from, answer.to = "uwe@corp.example", "ben@acme.example"
	check(t, shared(), answer, "filed outgoing no_open_deal | contact:1 contact_by_address")
}

func TestNobodyOutside(t *testing.T) {
	w := acme()
	check(t, w, letter{to: "uwe@corp.example"}, "ignored internal_only")
	check(t, w, letter{to: "x-token1@bcc.example.com"}, "held no_visible_recipient")
	check(t, w, letter{}, "held no_visible_recipient")
	if plan := w.decide(letter{to: "uwe@corp.example"}); plan.Results[0].Keep != crm.KeepNothing {
		t.Error("the content of internal mail was kept")
	}
	w.facts.ByMessage["parent@x"] = 9
	w.facts.Threads[9] = &crm.ThreadFacts{ID: 9}
	check(t, w, letter{to: "uwe@corp.example", answers: "parent@x"}, "held internal_in_thread")
	w.policy.IgnoreInternal = true
	check(t, w, letter{to: "uwe@corp.example", answers: "parent@x"}, "ignored internal_only")
}

func TestExclusions(t *testing.T) {
	w := acme()
	w.exclude("acme.example", 0)
	check(t, w, letter{to: "ben@acme.example"}, "ignored excluded")
	check(t, w, letter{to: "ben@acme.example", cc: "dora@globex.example"}, "filed outgoing excluded no_open_deal | contact:3 contact_by_address")
	check(t, w, letter{from: "ben@acme.example", to: "anna@corp.example"}, "ignored excluded")
	w = acme()
	w.exclude("ben@acme.example", uwe)
	check(t, w, letter{to: "ben@acme.example"}, "filed outgoing no_open_deal | contact:1 contact_by_address")
	check(t, w, letter{from: "uwe@corp.example", to: "ben@acme.example", rcpt: []crm.UserID{uwe}}, "ignored excluded")
	w = acme()
	w.exclude("*.acme.example", 0)
	check(t, w, letter{to: "ben@acme.example"}, "filed outgoing no_open_deal | contact:1 contact_by_address")
}

func TestDealsAreNeverGuessedSilently(t *testing.T) {
	two := func() *world {
		w := acme()
		w.deal(1, 1, 1)
		w.deal(2, 1, 1, 2)
		return w
	}
	thread := func(w *world, pinned int64, deals ...int64) {
		w.facts.ByMessage["parent@x"] = 9
		w.facts.Threads[9] = &crm.ThreadFacts{ID: 9, Pinned: pinned, Deals: deals}
	}
	t.Run("two open deals", func(t *testing.T) {
		plan := check(t, two(), letter{to: "ben@acme.example"}, "filed outgoing deal_ambiguous | contact:1 contact_by_address")
		if got := len(plan.Results[0].Candidates); got != 2 {
			t.Errorf("%d candidates, want both deals", got)
		}
	})
	t.Run("a second To is on one of them only", func(t *testing.T) {
		check(t, two(), letter{to: "ben@acme.example, carla@acme.example"},
			"filed outgoing | contact:1 contact_by_address | contact:2 contact_by_address | deal:2 deal_by_overlap")
	})
	t.Run("one is the author's", func(t *testing.T) {
		w := two()
		w.facts.Deals[1].Owner = anna
		check(t, w, letter{to: "ben@acme.example"}, "filed outgoing | contact:1 contact_by_address | deal:1 deal_by_overlap")
	})
	t.Run("the tag names one, even closed", func(t *testing.T) {
		w := two()
		w.closeDeal(2, 90)
		check(t, w, letter{to: "ben@acme.example", tags: "deal2"}, "filed outgoing | deal:2 deal_explicit | contact:1 contact_by_address")
	})
	t.Run("the tag names none there is", func(t *testing.T) {
		check(t, acme(), letter{to: "ben@acme.example", tags: "deal42"}, "filed outgoing tag_no_record no_open_deal | contact:1 contact_by_address")
	})
	t.Run("an unknown tag is left aside", func(t *testing.T) {
		check(t, acme(), letter{to: "ben@acme.example", tags: "urgent"}, "filed outgoing tag_unknown no_open_deal | contact:1 contact_by_address")
	})
	t.Run("the conversation's deal", func(t *testing.T) {
		w := two()
		thread(w, 0, 1)
		check(t, w, letter{to: "ben@acme.example", answers: "parent@x"}, "filed outgoing | contact:1 contact_by_address | deal:1 deal_by_thread")
	})
	t.Run("a choice pins the conversation", func(t *testing.T) {
		w := two()
		thread(w, 2, 1, 2)
		check(t, w, letter{to: "ben@acme.example", answers: "parent@x"}, "filed outgoing | contact:1 contact_by_address | deal:2 deal_pinned")
	})
	t.Run("won yesterday", func(t *testing.T) {
		w := two()
		w.closeDeal(1, 1)
		thread(w, 0, 1)
		check(t, w, letter{to: "ben@acme.example", answers: "parent@x"}, "filed outgoing thread_deal_closed | contact:1 contact_by_address | deal:1 deal_by_thread")
	})
	t.Run("won sixty days ago", func(t *testing.T) {
		w := two()
		w.closeDeal(1, 60)
		thread(w, 0, 1)
		check(t, w, letter{to: "ben@acme.example", answers: "parent@x"}, "filed outgoing | contact:1 contact_by_address | deal:2 deal_unique")
	})
	t.Run("the company's only one", func(t *testing.T) {
		w := acme()
		w.deal(3, 1)
		check(t, w, letter{to: "ben@acme.example"}, "filed outgoing | contact:1 contact_by_address | deal:3 deal_unique")
	})
	for choice, want := range map[DealChoice]string{
		DealsNone:   "filed outgoing deal_ambiguous | contact:1 contact_by_address",
		DealsNewest: "filed outgoing | contact:1 contact_by_address | deal:1 deal_by_policy",
		DealsAll:    "filed outgoing | contact:1 contact_by_address | deal:2 deal_by_policy | deal:1 deal_by_policy",
	} {
		t.Run("the setting "+string(choice), func(t *testing.T) {
			w := two()
			w.policy.Deals = choice
			check(t, w, letter{to: "ben@acme.example"}, want)
		})
	}
	t.Run("the setting last_correspondence", func(t *testing.T) {
		w := two()
		w.policy.Deals = DealsLastCorrespondence
		w.facts.Deals[2].LastMail = now.AddDate(0, 0, -3)
		check(t, w, letter{to: "ben@acme.example"}, "filed outgoing | contact:1 contact_by_address | deal:2 deal_by_policy")
	})
}

func TestOneMailIsOneActivity(t *testing.T) {
	date := now.Add(-time.Hour)
	seen := func(w *world, s crm.Sighting) {
		s.Key, s.Intake, s.From, s.BaseSubject, s.Date = "id:m1@corp.example", "OLD", crm.Fingerprint("anna@corp.example"), crm.Fingerprint("offer"), date
		w.facts.Sightings["id:m1@corp.example"] = []crm.Sighting{s}
	}
	mail := letter{to: "ben@acme.example", subject: "Offer", id: "m1@corp.example", date: date}
	filed := crm.Sighting{Verdict: crm.Filed, Activity: 5}

	t.Run("a second sighting", func(t *testing.T) {
		w := acme()
		seen(w, filed)
		plan := check(t, w, mail, "duplicate duplicate_of")
		if r := plan.Results[0]; r.Activity != 5 || r.DuplicateOf != "OLD" || len(r.Claims) != 0 {
			t.Errorf("a duplicate of %q on activity %d with claims %v, want OLD, 5 and none", r.DuplicateOf, r.Activity, r.Claims)
		}
	})
	t.Run("with another subject it is another mail", func(t *testing.T) {
		w := acme()
		seen(w, filed)
		other := mail
		other.subject = "Invoice"
		plan := check(t, w, other, "filed outgoing msgid_collision no_open_deal | contact:1 contact_by_address")
		if n := plan.Results[0].Claims[0].N; n != 1 {
			t.Errorf("claims place %d, want the next, 1", n)
		}
	})
	t.Run("two minutes apart it is the same, an hour apart another", func(t *testing.T) {
		w := acme()
		seen(w, filed)
		late := mail
		late.date = date.Add(2 * time.Minute)
		check(t, w, late, "duplicate duplicate_of")
		late.date = date.Add(time.Hour)
		check(t, w, late, "filed outgoing msgid_collision no_open_deal | contact:1 contact_by_address")
	})
	t.Run("what the first could not, a user's own sighting does", func(t *testing.T) {
		w := acme()
		seen(w, crm.Sighting{Verdict: crm.Held})
		plan := check(t, w, mail, "filed outgoing no_open_deal | contact:1 contact_by_address")
		if r := plan.Results[0]; r.Supersedes != "OLD" || !r.Claims[0].Replace {
			t.Errorf("supersedes %q, claims %+v; want OLD and its place", r.Supersedes, r.Claims)
		}
	})
	t.Run("a forged sighting does not", func(t *testing.T) {
		w := acme()
		seen(w, crm.Sighting{Verdict: crm.Held})
		forged := mail
		forged.fails = true
		check(t, w, forged, "duplicate duplicate_of")
	})
	t.Run("nor one that could not be filed either", func(t *testing.T) {
		w := acme()
		seen(w, crm.Sighting{Verdict: crm.Held})
		nobody := mail
		nobody.to = ""
		check(t, w, nobody, "duplicate duplicate_of")
	})
	t.Run("a lead the first was barred from is made once", func(t *testing.T) {
		w := acme()
		seen(w, crm.Sighting{Verdict: crm.Filed, Activity: 5, Barred: true})
		more := mail
		more.to = "ben@acme.example, eva@new.example"
		plan := check(t, w, more, `duplicate duplicate_of no_open_deal lead_created | contact:1 contact_by_address | new lead "Eva" [eva@new.example]`)
		if plan.Results[0].Activity != 5 {
			t.Errorf("on activity %d, want 5", plan.Results[0].Activity)
		}
	})
	t.Run("a stranger's sighting of a filed mail is a capture", func(t *testing.T) {
		w := acme()
		seen(w, filed)
		w.facts.Sightings["id:m1@corp.example"][0].From = crm.Fingerprint("eva@new.example")
		stranger := mail
		stranger.from = "eva@new.example"
		check(t, w, stranger, "duplicate duplicate_of")
	})
}

func TestOddMail(t *testing.T) {
	w := acme()
	check(t, w, letter{to: "ben@acme.example", edit: func(m *crm.Mail) { m.Unreadable = true }}, "held unparseable")
	check(t, w, letter{to: "ben@acme.example", edit: func(m *crm.Mail) { m.Truncated = true }}, "filed outgoing parse_truncated no_open_deal | contact:1 contact_by_address")
	check(t, w, letter{from: "ben@acme.example", to: "anna@corp.example", automatic: crm.AutoReply}, "filed incoming auto_reply no_open_deal | contact:1 contact_by_address")
	future := w.decide(letter{to: "ben@acme.example", date: now.AddDate(1, 0, 0)})
	if got := future.Results[0].New.OccurredAt; !got.Equal(now) {
		t.Errorf("a mail from the future occurred at %s, want the time of receipt", got)
	}
	w.policy.SenderAuth = AuthRequire
	check(t, w, letter{to: "ben@acme.example", untrusted: true}, "held sender_auth_failed")
}
