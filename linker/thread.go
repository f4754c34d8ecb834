package linker

import (
	"slices"

	"blindcopy/crm"
)

// findThread finds the conversation of a mail: what it answers, what waited for it, and,
// only where it says neither, its subject and people.
func (d *decision) findThread() {
	for _, id := range answered(d.mail) {
		if t := d.facts.ByMessage[id]; t != 0 {
			d.threadOf = t
			return
		}
		if d.with = d.resultWith(id); d.with > 0 {
			d.threadOf = d.plan.Results[d.with-1].New.Thread
			return
		}
	}
	if waiting := d.facts.Waiting[d.mail.MessageID]; d.mail.MessageID != "" && len(waiting) > 0 {
		d.threadOf = waiting[0]
		return
	}
	d.threadOf = d.threadBySubject()
}

// resultWith finds the result of this very message that is about a Message-ID, counted from 1.
func (d *decision) resultWith(id string) int {
	for i := range d.plan.Results {
		if r := &d.plan.Results[i]; r.New != nil && r.Mail.MessageID == id {
			return i + 1
		}
	}
	return 0
}

// threadBySubject is for mail whose threading fields were lost on the way: same people,
// same base subject, under 30 days, and only if exactly one conversation fits.
func (d *decision) threadBySubject() crm.ThreadID {
	if len(d.mail.InReplyTo)+len(d.mail.References) > 0 || !d.mail.IsReply && !d.mail.IsForward {
		return 0
	}
	mine := d.threadPeople(addressesOf(everybody(d.mail, d.author)))
	var found crm.ThreadID
	for _, hit := range d.facts.BySubject[d.mail.BaseSubject] {
		if d.in.ReceivedAt.Sub(hit.At) > subjectThreadAge || !slices.Equal(mine, d.threadPeople(hit.People)) {
			continue
		}
		if found != 0 && found != hit.Thread {
			return 0
		}
		found = hit.Thread
	}
	return found
}

// threadPeople are the people of a mail without those who see every mail: BCC addresses.
func (d *decision) threadPeople(all []crm.Address) []crm.Address {
	out := make([]crm.Address, 0, len(all))
	for _, a := range all {
		if a.Domain() != d.policy.Domain {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unanswered are the Message-IDs this mail answers that are not here: when one comes late, it joins.
func (d *decision) unanswered() []string {
	var ids []string
	for _, id := range answered(d.mail) {
		if d.facts.ByMessage[id] == 0 && d.resultWith(id) == 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// joined are conversations that this mail shows to be one with its own.
func (d *decision) joined() []crm.ThreadID {
	joined := newSet[crm.ThreadID]()
	add := func(t crm.ThreadID) {
		if t != d.threadOf {
			joined.add(t)
		}
	}
	if d.mail.MessageID != "" {
		for _, t := range d.facts.Waiting[d.mail.MessageID] {
			add(t)
		}
	}
	for _, id := range d.mail.InReplyTo {
		add(d.facts.ByMessage[id])
	}
	return joined.list
}

func addressesOf(list []crm.Party) []crm.Address {
	out := make([]crm.Address, 0, len(list))
	for _, p := range list {
		out = append(out, p.Address)
	}
	return out
}
