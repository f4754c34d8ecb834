package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

// office takes mail for one user, anna@acme.example, by rules that fit on a page: a mail is filed to whoever has
// the address in To; who is unknown becomes a lead.
type office struct {
	*store.Store
	anna   crm.User
	intake atomic.Int64
	stale  atomic.Int64 // how often facts had changed before they were used
}

func newOffice(t testing.TB, s *store.Store) *office {
	t.Helper()
	anna, err := s.User(t.Context(), "anna@acme.example")
	if errors.Is(err, crm.ErrNotFound) {
		anna, err = s.AddUser(t.Context(), store.NewUser{Email: "anna@acme.example", Name: "Anna"})
	}
	if err != nil {
		t.Fatal(err)
	}
	return &office{Store: s, anna: anna}
}

// letter is a mail in a few words.
type letter struct {
	id      string // Message-ID
	answers string // Message-ID
	to      crm.Address
	subject string
	raw     []byte
}

var received = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func (l letter) mail() *crm.Mail {
	m := &crm.Mail{MessageID: l.id, From: []crm.Party{{Name: "Anna", Address: "anna@acme.example"}}, To: []crm.Party{{Address: l.to}},
		Subject: l.subject, BaseSubject: l.subject, Date: received.Add(-time.Minute)}
	if l.answers != "" {
		m.InReplyTo = []string{l.answers}
	}
	return m
}

func (l letter) question() crm.Question {
	q := crm.Question{Addresses: []crm.Address{"anna@acme.example", l.to}, Keys: []string{"id:" + l.id}, Messages: []string{l.id}}
	if l.answers != "" {
		q.Messages = append(q.Messages, l.answers)
	}
	return q
}

// intakeID is unique for each process of a test.
func (o *office) intakeID(prefix string) crm.IntakeID {
	return crm.IntakeID(fmt.Sprintf("%s%0*d", prefix, 26-len(prefix), o.intake.Add(1)))
}

func (o *office) inbound(id crm.IntakeID, l letter) *crm.Inbound {
	raw := l.raw
	if raw == nil {
		raw = []byte("Message-ID: <" + l.id + ">\r\n\r\nHello.\r\n")
	}
	return &crm.Inbound{ID: id, ReceivedAt: received, Via: crm.ViaSMTP, MailFrom: "anna@acme.example",
		Recipients: []crm.Recipient{{Path: string(o.anna.BCCAddress), Address: o.anna.BCCAddress, Mailbox: 1, Kind: crm.MailboxBCC, User: o.anna.ID}},
		Raw:        crm.Raw{Bytes: raw, SHA256: sha256.Sum256(raw)}}
}

// decide is pure, like the real one.
func (o *office) decide(l letter, f *crm.Facts) *crm.Plan {
	m := l.mail()
	r := crm.Result{Mail: m, Verdict: crm.Filed, Keep: crm.KeepForever, People: []crm.Person{
		{Role: crm.RoleFrom, Party: m.From[0]}, {Role: crm.RoleTo, Party: m.To[0]}}}
	plan := &crm.Plan{Stamp: f.Stamp, Mailbox: 1, Owner: o.anna.ID, Capturers: []crm.Capturer{{Mailbox: 1, User: o.anna.ID}}, Visibility: crm.VisibilityLinked}
	if seen := f.Sightings["id:"+l.id]; len(seen) > 0 {
		r.Verdict, r.Keep, r.DuplicateOf, r.Activity = crm.Duplicate, crm.KeepAWhile, seen[0].Intake, seen[0].Activity
		r.Steps = []crm.Step{{Code: crm.DuplicateOf, Detail: "It was here."}}
		plan.Results = []crm.Result{r}
		return plan
	}
	r.Claims = []crm.Claim{{Key: "id:" + l.id, From: 1, BaseSubject: crm.Fingerprint(l.subject), Date: m.Date}}
	r.New = &crm.Draft{Direction: crm.Outgoing, Author: m.From[0], AuthorUser: o.anna.ID, Subject: l.subject, OccurredAt: m.Date, Thread: f.ByMessage[l.answers]}
	if l.answers != "" && r.New.Thread == 0 {
		r.New.Answers = []string{l.answers}
	}
	for _, waiting := range f.Waiting[l.id] {
		if r.New.Thread == 0 {
			r.New.Thread = waiting
		} else {
			r.New.Join = append(r.New.Join, waiting)
		}
	}
	if holders := f.Holders[l.to]; len(holders) > 0 {
		r.Links = []crm.NewLink{{Ref: crm.Ref{Kind: holders[0].Kind, ID: holders[0].ID}, Code: crm.ContactByAddress, Source: crm.SourceAuto}}
	} else {
		r.Creates = []crm.NewRecord{{Kind: crm.KindLead, Title: l.to.Domain(), Name: l.to.Local(), Emails: []crm.Address{l.to}, Domain: l.to.Domain(), Owner: o.anna.ID}}
		r.Links = []crm.NewLink{{Created: 1, Code: crm.LeadByAddress, Source: crm.SourceAuto}}
		r.Steps = []crm.Step{{Code: crm.LeadCreated, Detail: "It was unknown."}}
	}
	plan.Results = []crm.Result{r}
	return plan
}

// take is the life of a message: gather, decide, record, and again when somebody was faster.
func (o *office) take(ctx context.Context, id crm.IntakeID, l letter) (crm.Recorded, *crm.Plan, error) {
	const attempts = 3
	in := o.inbound(id, l)
	for attempt := 1; ; attempt++ {
		facts, err := o.Gather(ctx, l.question())
		if err != nil {
			return crm.Recorded{}, nil, err
		}
		r := &crm.Record{Inbound: in, Message: l.mail(), Plan: o.decide(l, facts), Question: l.question()}
		if attempt > attempts {
			r.Again = func(f *crm.Facts) (*crm.Plan, error) { return o.decide(l, f), nil }
		}
		done, err := o.Record(ctx, r)
		if errors.Is(err, crm.ErrStale) && attempt <= attempts {
			o.stale.Add(1)
			continue
		}
		return done, r.Plan, err
	}
}

// must takes a letter that has to be taken.
func (o *office) must(t testing.TB, l letter) (crm.IntakeID, crm.Recorded) {
	t.Helper()
	id := o.intakeID("A")
	done, _, err := o.take(t.Context(), id, l)
	if err != nil {
		t.Fatalf("take %+v: %v", l, err)
	}
	return id, done
}
