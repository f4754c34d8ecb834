package store

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"blindcopy/crm"
)

// fromDatabase is what is gathered without the memory of conversations.
func (n *nouns) fromDatabase(q crm.Question) *crm.Facts {
	n.t.Helper()
	remembered := n.memory.conversations
	n.memory.conversations = newConversations()
	defer func() { n.memory.conversations = remembered }()
	return must(n.Gather(n.t.Context(), q))(n.t)
}

func TestConversationsAreRememberedAsTheyAre(t *testing.T) {
	n := newNouns(t)
	ben, dora := n.contact("Ben", "", "ben@client.example"), n.contact("Dora", "", "dora@client.example")
	deals := []int64{n.deal("Roof", ben), n.deal("Cellar", dora)}
	draw := rand.New(rand.NewPCG(1, 2))
	var ids []string
	var filed []crm.ActivityID
	remembered := 0
	for step := range 300 {
		id := fmt.Sprintf("%d@acme.example", step)
		l := letter{messageID: id, links: []crm.NewLink{auto(crm.KindContact, []int64{ben, dora}[draw.IntN(2)])}}
		what := "a mail"
		switch draw.IntN(10) {
		default: // a reply
			if len(ids) == 0 {
				break
			}
			what = "a reply"
			answered := ids[draw.IntN(len(ids))]
			facts := must(n.Gather(t.Context(), crm.Question{Messages: []string{answered}}))(t)
			l.thread = facts.ByMessage[answered]
			if draw.IntN(3) == 0 {
				l.links = append(l.links, auto(crm.KindDeal, deals[draw.IntN(2)]))
			}
		case 0:
			what = "two conversations become one"
			if len(ids) > 2 {
				facts := must(n.Gather(t.Context(), crm.Question{Messages: ids[:2]}))(t)
				l.thread = facts.ByMessage[ids[0]]
				other := facts.ByMessage[ids[1]]
				l.edit = func(r *crm.Record) { r.Plan.Results[0].New.Join = []crm.ThreadID{other} }
				ids = ids[2:]
			}
		case 1:
			what = "a person chooses a deal"
			if len(filed) > 0 {
				must(n.LinkActivity(t.Context(), filed[draw.IntN(len(filed))], crm.Ref{Kind: crm.KindDeal, ID: deals[draw.IntN(2)]}))(t)
			}
		case 2:
			what = "a person takes a link away"
			if len(filed) > 0 {
				a := must(n.Activity(t.Context(), filed[draw.IntN(len(filed))]))(t)
				if len(a.Links) > 0 {
					must(n.UnlinkActivity(t.Context(), a.ID, a.Links[0].Ref()))(t)
				}
			}
		case 3:
			what = "a mail that is held"
			l.verdict, l.codes, l.links = crm.Held, []crm.Code{crm.SenderAuthFailed}, nil
		}
		if _, activity := n.take(l); activity != 0 {
			ids, filed = append(ids, id), append(filed, activity)
		}
		q := crm.Question{Messages: ids[max(0, len(ids)-40):]}
		got, want := must(n.Gather(t.Context(), q))(t), n.fromDatabase(q)
		for message, thread := range want.ByMessage {
			if got.ByMessage[message] != thread {
				t.Fatalf("step %d, %s: %s is in conversation %d, remembered as %d", step, what, message, thread, got.ByMessage[message])
			}
			if n.memory.conversations.facts(thread) != nil {
				remembered++
			}
			if have, want := fmt.Sprintf("%+v", got.Threads[thread]), fmt.Sprintf("%+v", want.Threads[thread]); have != want {
				t.Fatalf("step %d, %s: remembered %s, it is %s", step, what, have, want)
			}
		}
	}
	if remembered < 200 {
		t.Errorf("only %d look-ups were answered from memory", remembered)
	}
}

func TestMailOfAnotherProcessMakesRepliesThinkAgain(t *testing.T) {
	n := newNouns(t)
	n.take(letter{messageID: "1@acme.example"})
	q := crm.Question{Messages: []string{"1@acme.example"}}
	facts := must(n.Gather(t.Context(), q))(t)
	other := &nouns{Store: must(Open(t.Context(), Options{DSN: n.DSN, Domain: n.Domain}))(t), t: t, mails: 100}
	defer other.Close()
	other.take(letter{messageID: "2@acme.example", thread: facts.ByMessage["1@acme.example"]})

	late := n.record(letter{messageID: "3@acme.example", thread: facts.ByMessage["1@acme.example"]})
	late.Question, late.Plan.Stamp = q, facts.Stamp
	_, err := n.Record(t.Context(), late)
	refused(t, "a reply that was decided before the other's mail was known", err, crm.ErrStale, "")
	same(t, "what is remembered of the conversation", n.memory.conversations.facts(facts.ByMessage["1@acme.example"]) == nil, true)
	late.Plan.Stamp = must(n.Gather(t.Context(), q))(t).Stamp
	if _, err := n.Record(t.Context(), late); err != nil {
		t.Errorf("the same, decided again: %v", err)
	}
}

func TestMailThatAnotherProcessClaimedIsFoundWithoutTheFilter(t *testing.T) {
	n := newNouns(t)
	if err := n.fillSeen(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.take(letter{messageID: "1@acme.example"})
	stamp := must(n.Gather(t.Context(), crm.Question{}))(t).Stamp
	other := &nouns{Store: must(Open(t.Context(), Options{DSN: n.DSN, Domain: n.Domain}))(t), t: t, mails: 100}
	defer other.Close()
	other.take(letter{messageID: "2@acme.example"})
	same(t, "the filter says that it may have been seen", n.seen.Load().perhaps(fingerprintOf(messageKey("2@acme.example")).hash), false)

	second := n.record(letter{messageID: "2@acme.example"})
	second.Plan.Stamp = stamp
	_, err := n.Record(t.Context(), second)
	refused(t, "the same mail once more", err, crm.ErrStale, "")
}
