package store

import (
	"testing"

	"blindcopy/crm"
)

// again is a plan that files held mail to a contact, as a re-run decides it from what MailWith returned.
func (n *nouns) again(s crm.StoredMail, contact int64) *crm.Record {
	n.t.Helper()
	r := n.record(letter{messageID: s.Mail.MessageID, to: string(s.Mail.To[0].Address), subject: s.Mail.Subject, links: []crm.NewLink{auto(crm.KindContact, contact)}, codes: []crm.Code{crm.ContactByAddress}})
	r.Inbound, r.Rerun, r.Row = s.Inbound, true, s.Row
	r.Plan.Results[0].Claims[0].Replace = true
	r.Plan.Stamp = must(n.Gather(n.t.Context(), crm.Question{}))(n.t).Stamp
	return r
}

func (n *nouns) mailOfBen() []crm.StoredMail {
	n.t.Helper()
	return must(n.MailWith(n.t.Context(), []crm.Address{"ben@client.example"}, nil, 0, 0))(n.t)
}

func TestHeldMailIsStoredWithWhatItSays(t *testing.T) {
	n := newNouns(t)
	body := crm.Body{Preview: "Hello Ben", Attachments: []crm.Attachment{{ID: 1, Name: "offer.pdf", ContentType: "application/pdf", Size: ref(int64(7)), Stored: true, Part: "1.2"}}}
	n.take(letter{to: "ben@client.example", verdict: crm.Held, edit: func(r *crm.Record) { r.Plan.Results[0].Body = &body }})
	n.take(letter{to: "ben@client.example", verdict: crm.Held})
	list := n.mailOfBen()
	same(t, "what it says", *list[0].Body, body)
	same(t, "mail of which only the raw bytes tell", list[1].Body, (*crm.Body)(nil))
	same(t, "the envelope", words(list[0].Inbound.ID, list[0].Inbound.MailFrom, list[0].Inbound.Recipients[0].Path, list[0].Inbound.Via), words(list[0].Intake, "anna@acme.example", "anna-secret@bcc.acme.example", "smtp"))
}

func TestRecordAgainFilesWhatWasReadBefore(t *testing.T) {
	n := newNouns(t)
	n.take(letter{to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}})
	n.take(letter{to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}})
	dismissed, _ := n.take(letter{to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}})
	gone, _ := n.take(letter{to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}})
	ben := n.contact("Ben", "", "ben@client.example")
	list := n.mailOfBen()
	var records []*crm.Record
	for _, s := range list {
		records = append(records, n.again(s, ben))
	}
	records[1].Row = nil // read anew in the writer
	must(n.DismissIntake(t.Context(), dismissed))(t)
	if err := n.write(t.Context(), func(x *tx) error {
		_, err := x.do(`DELETE FROM intake WHERE id = ?`, string(gone))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	done, stale, err := n.RecordAgain(t.Context(), records)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "stale", stale, nil)
	same(t, "filed", words(done[0].Activities, done[1].Activities, len(done[2].Activities), len(done[3].Activities)), "[1] [2] 0 0")
	for _, s := range list[:2] {
		in := must(n.Intake(t.Context(), s.Intake))(t)
		same(t, "its intake", words(in.Verdict, in.Codes, len(in.Steps), in.Kept, in.Expires), words(crm.Filed, "[unknown_review contact_by_address]", 2, true, nil))
	}
	in := must(n.Intake(t.Context(), dismissed))(t)
	same(t, "the one that a person dismissed meanwhile", words(in.Verdict, in.Codes), "ignored [unknown_review dismissed]")
	same(t, "what waits for review", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 0)
	same(t, "captures", words(len(must(n.Activity(t.Context(), 1))(t).Captures), len(must(n.Activity(t.Context(), 2))(t).Captures)), "1 1")
}

func TestRecordAgainTellsWhatIsStale(t *testing.T) {
	n := newNouns(t)
	n.take(letter{to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}})
	ben := n.contact("Ben", "", "ben@client.example")
	s := n.mailOfBen()[0]
	first, second := n.again(s, ben), n.again(s, ben)
	n.contact("Carl", "", "carl@client.example") // people changed
	_, stale, err := n.RecordAgain(t.Context(), []*crm.Record{first})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "stale", stale, []int{0})
	second.Again = func(*crm.Facts) (*crm.Plan, error) { return nil, nil }
	done, stale, err := n.RecordAgain(t.Context(), []*crm.Record{second})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "decided in the writer that nothing is to be done", words(len(stale), len(done[0].Activities), second.Plan == nil), "0 0 true")
	same(t, "what waits for review", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 1)
}

func TestAddLinksToMailThatWasReadBefore(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	carl := n.contact("Carl", "", "carl@client.example")
	deal := n.deal("Deal")
	id, act := n.take(letter{to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben)}, open: "carl@client.example", codes: []crm.Code{crm.UnknownReview}})
	row := n.mailOfBen()[0].Row
	change := func(answered bool, links ...crm.NewLink) crm.Relinked {
		return crm.Relinked{Activity: act, Add: links, Row: row, Answered: answered}
	}
	// The first is as the row was read; the second finds it changed; the third has one new link of two.
	err := n.AddLinks(t.Context(), []crm.Relinked{change(false, auto(crm.KindContact, carl)), change(true, auto(crm.KindDeal, deal)), change(true, auto(crm.KindContact, carl))})
	if err != nil {
		t.Fatal(err)
	}
	in := must(n.Intake(t.Context(), id))(t)
	same(t, "codes", words(in.Codes, in.Results[0].Codes), "[unknown_review contact_by_address deal_unique] [unknown_review contact_by_address deal_unique]")
	same(t, "steps", words(in.Steps[len(in.Steps)-2].Code, in.Steps[len(in.Steps)-1].Code, len(in.Steps)), "contact_by_address deal_unique 3")
	same(t, "what waits", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 0)
	same(t, "links", linksOf(must(n.Activity(t.Context(), act))(t)), []string{"contact:1 contact_by_address auto", "contact:2 contact_by_address auto", "deal:1 deal_unique auto"})

	must(n.UnlinkActivity(t.Context(), act, crm.Ref{Kind: crm.KindDeal, ID: deal}))(t)
	if err := n.AddLinks(t.Context(), []crm.Relinked{{Activity: act, Add: []crm.NewLink{auto(crm.KindDeal, deal)}}}); err != nil {
		t.Fatal(err)
	}
	steps := must(n.Intake(t.Context(), id))(t).Steps
	same(t, "a link that a person took away is not said to be made", steps[len(steps)-1].Detail, "A person took it away from Deal (deal:1).")
}
