package linker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// responsible says who a new record is for, and why: the author if he is ours, else the
// owner of the way in; of a shared mailbox whoever its distribution names.
func (d *decision) responsible(c *counterparty) (crm.UserID, string) {
	if d.speaker.user != nil && d.mail.Forwarded == nil {
		return d.speaker.user.ID, ""
	}
	if f := d.mail.Forwarded; f != nil {
		if forwarder, _ := d.facts.Rules.UserAt(f.By.Address); forwarder != nil {
			return forwarder.ID, ""
		}
	}
	if d.recipient.Kind == crm.MailboxShared {
		return d.distribute(c)
	}
	return d.plan.Owner, ""
}

// distribute applies SEMANTICS §11: owner of a matched record, the first rule that fits,
// the queue, the fallback. Only users who are active and not absent are given anything.
func (d *decision) distribute(c *counterparty) (crm.UserID, string) {
	if owner := d.ownerOfLinked(); owner != 0 && d.available(owner) {
		return owner, "who has the record or the conversation it belongs to"
	}
	mb := d.facts.Rules.Mailboxes[d.recipient.Mailbox]
	if mb == nil || mb.Distribution == nil {
		return d.firstAdmin(), "the mailbox has no queue, so the first admin"
	}
	for i, rule := range mb.Distribution.Rules {
		if user := d.facts.Rules.ByAddress[rule.User]; d.ruleFits(rule, c) && d.available(user) {
			return user, fmt.Sprintf("rule %d of the mailbox fits", i+1)
		}
	}
	if user, why := d.nextInQueue(mb); user != 0 {
		return user, why
	}
	// An absent one will be back; to a disabled one a lead would be lost.
	if user := d.facts.Rules.Users[d.facts.Rules.ByAddress[mb.Distribution.Fallback]]; user != nil && user.Active {
		return user.ID, "nobody in the queue is there, so the fallback of the mailbox"
	}
	return d.firstAdmin(), "nobody in the queue is there, nor a fallback, so the first admin"
}

// firstAdmin is the last resort: a lead that belongs to nobody is in nobody's list.
func (d *decision) firstAdmin() (first crm.UserID) {
	for id, u := range d.facts.Rules.Users {
		if u.Active && u.Role == crm.RoleAdmin && (first == 0 || id < first) {
			first = id
		}
	}
	return first
}

// ownerOfLinked is the user who has a record this mail is linked to, else one of its conversation's.
func (d *decision) ownerOfLinked() crm.UserID {
	for _, l := range d.res.Links {
		if owner := d.ownerOf(l.Ref); l.Created == 0 && owner != 0 {
			return owner
		}
	}
	thread := d.facts.Threads[d.threadOf]
	if thread == nil {
		return 0
	}
	for _, of := range []struct {
		kind crm.Kind
		ids  []int64
	}{{crm.KindDeal, thread.Deals}, {crm.KindContact, thread.Contacts}, {crm.KindLead, thread.Leads}} {
		for _, id := range of.ids {
			if owner := d.ownerOf(crm.Ref{Kind: of.kind, ID: id}); owner != 0 {
				return owner
			}
		}
	}
	return 0
}

// ownerOf is the user who has a record, 0 for nobody.
func (d *decision) ownerOf(ref crm.Ref) crm.UserID {
	switch ref.Kind {
	case crm.KindContact:
		if c := d.facts.Contacts[ref.ID]; c != nil {
			return c.Owner
		}
	case crm.KindLead:
		if l := d.facts.Leads[ref.ID]; l != nil {
			return l.Responsible
		}
	case crm.KindDeal:
		if deal := d.facts.Deals[ref.ID]; deal != nil {
			return deal.Owner
		}
	case crm.KindCompany:
		if c := d.facts.Companies[ref.ID]; c != nil {
			return c.Owner
		}
	}
	return 0
}

func (d *decision) ruleFits(rule crm.DistributionRule, c *counterparty) bool {
	subject := strings.ToLower(d.mail.Subject)
	switch {
	case rule.Recipient != "" && !d.writtenTo(rule.Recipient):
		return false
	case len(rule.Words) > 0 && !slices.ContainsFunc(rule.Words, func(word string) bool { return strings.Contains(subject, strings.ToLower(word)) }):
		return false
	case rule.Domain != "" && !crm.DomainFits(c.Address.Domain(), rule.Domain):
		return false
	}
	return true
}

// writtenTo tells whether an alias is among the recipients, of the envelope or the header.
func (d *decision) writtenTo(alias crm.Address) bool {
	is := func(a crm.Address) bool { return a == alias || a.WithoutTag() == alias }
	return slices.ContainsFunc(d.in.Recipients, func(r crm.Recipient) bool { return is(r.Address) }) ||
		slices.ContainsFunc(slices.Concat(d.mail.To, d.mail.Cc), func(p crm.Party) bool { return is(p.Address) })
}

// available tells whether a user is active and not absent.
func (d *decision) available(id crm.UserID) bool {
	u := d.facts.Rules.Users[id]
	return u != nil && u.Active && !u.Absence.Covers(d.facts.Now)
}

// nextInQueue takes the next place. The cursor moves in the transaction that makes the lead; whoever
// comes second finds it moved and decides again.
func (d *decision) nextInQueue(mb *crm.Mailbox) (crm.UserID, string) {
	places := d.places(mb.Distribution)
	if len(places) == 0 {
		return 0, ""
	}
	if mb.Distribution.Order == crm.QueueFewestOpen {
		return d.fewestOpen(places)
	}
	from := d.facts.Cursor
	if d.res.Cursor != nil {
		from = d.res.Cursor.To // a second lead of the same mail
	}
	for step := range int64(len(places)) {
		user := places[(from+step)%int64(len(places))]
		if !d.available(user) {
			continue
		}
		d.res.Cursor = &crm.CursorMove{Mailbox: mb.ID, From: d.facts.Cursor, To: from + step + 1}
		return user, "next in the queue of the mailbox"
	}
	return 0, ""
}

// places is the queue written out: of a weighted one each member as often as he weighs,
// spread evenly.
func (d *decision) places(dist *crm.Distribution) []crm.UserID {
	type slot struct {
		at   float64
		user crm.UserID
	}
	var slots []slot
	for i, member := range dist.Queue {
		user := d.facts.Rules.ByAddress[member.User]
		if user == 0 {
			continue
		}
		weight := 1
		if dist.Order == crm.QueueWeighted {
			weight = min(max(member.Weight, 1), 100)
		}
		for n := range weight {
			slots = append(slots, slot{(float64(n) + 0.5 + float64(i)/1000) / float64(weight), user})
		}
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return cmp.Compare(a.at, b.at) })
	users := make([]crm.UserID, len(slots))
	for i, s := range slots {
		users[i] = s.user
	}
	return users
}

// fewestOpen gives to whoever has the fewest open leads; the cursor moves too, so that two leads at the same
// instant are told apart.
func (d *decision) fewestOpen(places []crm.UserID) (crm.UserID, string) {
	var best crm.UserID
	for _, user := range places {
		if d.available(user) && (best == 0 || d.openLeads(user) < d.openLeads(best)) {
			best = user
		}
	}
	if best != 0 {
		d.res.Cursor = &crm.CursorMove{Mailbox: d.recipient.Mailbox, From: d.facts.Cursor, To: d.facts.Cursor + 1}
	}
	return best, "who has the fewest open leads in the queue of the mailbox"
}

// openLeads counts those this very mail makes, too.
func (d *decision) openLeads(user crm.UserID) int {
	n := d.facts.OpenLeads[user]
	for _, r := range d.res.Creates {
		if r.Kind == crm.KindLead && r.Owner == user {
			n++
		}
	}
	return n
}
