package linker

import (
	"time"

	"blindcopy/crm"
)

// subjectThreadAge is how old a conversation may be to be found by its subject alone.
const subjectThreadAge = 30 * 24 * time.Hour

// question lists everything a decision on these originals may want to know, so that the
// store is asked once.
func question(in *crm.Inbound, mails []crm.Mail) crm.Question {
	q := crm.Question{}
	addresses := newSet[crm.Address]()
	messages := newSet[string]()
	for _, r := range in.Recipients {
		q.Tags = append(q.Tags, r.Tags.Records...)
		addresses.add(r.Address)
		if r.Kind == crm.MailboxShared {
			q.Mailbox = r.Mailbox
		}
	}
	for i := range mails {
		m := &mails[i]
		author := m.Author(in.MailFrom)
		for _, p := range everybody(m, author) {
			addresses.add(p.Address)
		}
		addresses.add(m.ListRewritten)
		if m.Forwarded != nil {
			addresses.add(m.Forwarded.By.Address)
		}
		q.Keys = append(q.Keys, append(identityKeys(m, in), forwardKey(m))...)
		for _, id := range answered(m) {
			messages.add(id)
		}
		messages.add(m.MessageID)
		if m.Report != nil {
			q.Keys = append(q.Keys, idPrefix+m.Report.MessageID)
			for _, r := range m.Report.Recipients {
				addresses.add(r.Address)
			}
		}
		for _, deal := range namedDeals(m) {
			q.Tags = append(q.Tags, crm.Ref{Kind: crm.KindDeal, ID: deal})
		}
		if m.Forwarded != nil && !m.Date.IsZero() {
			q.Forwards = append(q.Forwards, crm.ForwardHint{Author: author.Address, BaseSubject: m.BaseSubject, At: m.Date})
		}
		q.Subjects = append(q.Subjects, subjectHints(m, author, in.ReceivedAt)...)
		q.Creator = author.Address
	}
	q.Addresses = addresses.list
	q.Messages = messages.list
	return q
}

// answered lists the Message-IDs that a mail answers, the nearest first: In-Reply-To, then
// References from last to first (RFC 5322 §3.6.4).
func answered(m *crm.Mail) []string {
	ids := newSet[string]()
	for _, id := range m.InReplyTo {
		ids.add(id)
	}
	for i := len(m.References) - 1; i >= 0 && len(ids.list) < maxReferences; i-- {
		ids.add(m.References[i])
	}
	return ids.list
}

// subjectHints ask for a conversation by subject: only for a mail that by its prefix continues one but
// lost the header fields that say which.
func subjectHints(m *crm.Mail, author crm.Party, now time.Time) []crm.SubjectHint {
	if len(m.InReplyTo)+len(m.References) > 0 || !m.IsReply && !m.IsForward || m.BaseSubject == "" {
		return nil
	}
	var hints []crm.SubjectHint
	for _, p := range everybody(m, author) {
		if len(hints) < 8 {
			hints = append(hints, crm.SubjectHint{BaseSubject: m.BaseSubject, Address: p.Address, Since: now.Add(-subjectThreadAge)})
		}
	}
	return hints
}

// everybody is each party of a mail once, the author first.
func everybody(m *crm.Mail, author crm.Party) []crm.Party {
	seen := newSet[crm.Address]()
	var all []crm.Party
	for _, list := range [][]crm.Party{{author}, m.From, m.ReplyTo, m.To, m.Cc, m.Bcc} {
		for _, p := range list {
			if p.Address != "" && seen.add(p.Address) {
				all = append(all, p)
			}
		}
	}
	return all
}
