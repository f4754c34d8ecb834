package store

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
)

// letter is an intake in a few words. Zero: a mail by Anna to nobody, filed nowhere.
type letter struct {
	messageID string
	subject   string
	from      crm.Address // anna@acme.example if empty
	to, cc    string      // `Ben Client <ben@client.example>, ...`
	at        time.Time   // one minute after the last one's if zero
	verdict   crm.Verdict // filed if empty
	via       crm.Via
	codes     []crm.Code
	raw       []byte
	links     []crm.NewLink
	creates   []crm.NewRecord
	open      string // addresses left unknown
	thread    crm.ThreadID
	claims    []crm.Claim
	edit      func(*crm.Record)
}

func parties(text string) (list []crm.Party) {
	for part := range strings.SplitSeq(text, ",") {
		name, address, ok := strings.Cut(part, "<")
		if !ok {
			name, address = "", part
		}
		if a, ok := crm.ParseAddress(strings.TrimSuffix(strings.TrimSpace(address), ">")); ok {
			list = append(list, crm.Party{Name: strings.TrimSpace(name), Address: a})
		}
	}
	return list
}

func everybodyIn(m *crm.Mail) (list []crm.Person) {
	for _, l := range []struct {
		role  crm.ParticipantRole
		party []crm.Party
	}{{crm.RoleFrom, m.From}, {crm.RoleTo, m.To}, {crm.RoleCc, m.Cc}} {
		for _, p := range l.party {
			list = append(list, crm.Person{Role: l.role, Party: p})
		}
	}
	return list
}

// record is what a plan would have the store write.
func (n *nouns) record(l letter) *crm.Record {
	n.mails++
	if l.at.IsZero() {
		l.at = time.Date(2026, 5, 1, 9, n.mails, 0, 0, time.UTC)
	}
	if l.from == "" {
		l.from = "anna@acme.example"
	}
	if l.messageID == "" {
		l.messageID = fmt.Sprintf("%d@acme.example", n.mails)
	}
	if l.verdict == "" {
		l.verdict = crm.Filed
	}
	if l.raw == nil {
		l.raw = []byte("Subject: " + l.subject + "\r\n\r\nHello.\r\n")
	}
	if l.via == "" {
		l.via = crm.ViaSMTP
	}
	m := &crm.Mail{MessageID: l.messageID, Subject: l.subject, BaseSubject: l.subject, From: []crm.Party{{Address: l.from}}, To: parties(l.to), Cc: parties(l.cc), Date: l.at}
	in := &crm.Inbound{ID: crm.IntakeID(fmt.Sprintf("%026d", n.mails)), ReceivedAt: l.at, Via: l.via, MailFrom: string(l.from),
		Recipients: []crm.Recipient{{Path: "anna-secret@bcc.acme.example", Mailbox: 1, Kind: crm.MailboxBCC, User: 1}}, Raw: crm.Raw{Bytes: l.raw, SHA256: sha256.Sum256(l.raw)}}
	r := crm.Result{Mail: m, Verdict: l.verdict, People: everybodyIn(m), Links: slices.Clone(l.links), Creates: l.creates, Open: parties(l.open), Keep: crm.KeepAWhile,
		Claims: append([]crm.Claim{{Key: "id:" + l.messageID, Date: l.at}}, l.claims...)}
	for _, code := range l.codes {
		r.Steps = append(r.Steps, crm.Step{Code: code, Detail: "Because.", Data: map[string]any{}})
	}
	if l.verdict == crm.Filed {
		r.Keep = crm.KeepForever
		r.New = &crm.Draft{Direction: crm.Outgoing, Author: m.From[0], AuthorUser: 1, Subject: l.subject, OccurredAt: l.at, Thread: l.thread}
		if l.from != "anna@acme.example" {
			r.New.Direction, r.New.AuthorUser = crm.Incoming, 0
		}
	}
	if l.verdict == crm.Ignored {
		r.Keep = crm.KeepNothing
	}
	for i := range l.creates {
		r.Links = append(r.Links, crm.NewLink{Created: i + 1, Code: crm.LeadByAddress, Source: crm.SourceAuto})
	}
	rec := &crm.Record{Inbound: in, Message: m, Plan: &crm.Plan{Mailbox: 1, Owner: 1, Capturers: []crm.Capturer{{Mailbox: 1, User: 1}},
		Visibility: crm.VisibilityLinked, Results: []crm.Result{r}}}
	if l.edit != nil {
		l.edit(rec)
	}
	return rec
}

// take records a letter, and returns its intake and its activity, 0 if it is not filed.
func (n *nouns) take(l letter) (crm.IntakeID, crm.ActivityID) {
	n.t.Helper()
	r := n.record(l)
	r.Plan.Stamp = must(n.Gather(n.t.Context(), crm.Question{}))(n.t).Stamp
	done := must(n.Record(n.t.Context(), r))(n.t)
	return r.Inbound.ID, done.Activities[0]
}

// auto is a link that a rule made.
func auto(kind crm.Kind, id int64) crm.NewLink {
	codes := map[crm.Kind]crm.Code{crm.KindContact: crm.ContactByAddress, crm.KindCompany: crm.CompanyByDomain, crm.KindLead: crm.LeadByAddress, crm.KindDeal: crm.DealUnique}
	return crm.NewLink{Ref: crm.Ref{Kind: kind, ID: id}, Code: codes[kind], Source: crm.SourceAuto}
}

// manual is a link that a person made, with a tag for instance.
func manual(kind crm.Kind, id int64) crm.NewLink {
	return crm.NewLink{Ref: crm.Ref{Kind: kind, ID: id}, Code: crm.LinkedByUser, Source: crm.SourceManual}
}

// linksOf writes the links of an activity: `contact:1 contact_by_address auto`.
func linksOf(a crm.Activity) []string {
	texts := []string{}
	for _, l := range a.Links {
		texts = append(texts, fmt.Sprintf("%s %s %s", l.Ref(), l.Code, l.Source))
	}
	return texts
}

// contact adds one with an address.
func (n *nouns) contact(name string, company string, emails ...crm.Address) int64 {
	n.t.Helper()
	return must(n.AddContact(n.t.Context(), NewContact{Name: name, Company: company, Emails: emails}))(n.t).ID
}

// deal adds an open one.
func (n *nouns) deal(title string, contacts ...int64) int64 {
	n.t.Helper()
	return must(n.AddDeal(n.t.Context(), NewDeal{Title: title, Contacts: contacts}))(n.t).ID
}

func activityIDsOf(list []crm.Activity) (ids []crm.ActivityID) {
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}

func intakeIDsOf(list []crm.Intake) []crm.IntakeID {
	ids := []crm.IntakeID{}
	for _, in := range list {
		ids = append(ids, in.ID)
	}
	return ids
}

// words puts values into one line.
func words(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }
