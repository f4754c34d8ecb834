package linker

import (
	"fmt"
	"strings"

	"blindcopy/crm"
)

// counterparty is an external participant who decides links and creation: SEMANTICS §3.
type counterparty struct {
	crm.Party
	role  crm.ParticipantRole
	guest bool // of incoming mail: linked if known, never created
	links []crm.Ref
	match bool // an exact address is known
	byDom bool // only its domain is known
	dead  bool // the address of a dismissed lead
}

// known tells whether anything of ours answers to the address.
func (c *counterparty) known() bool { return c.match || c.byDom }

// meeting counts who else is in the mail.
type meeting struct {
	colleagues    int
	excluded      int
	excludedWords []string
	external      int
}

// sortParties tells the counterparties from colleagues and from those on the never-log list.
func (d *decision) sortParties() {
	seen := newSet[crm.Address]()
	add := func(role crm.ParticipantRole, guest bool, list []crm.Party) {
		for _, p := range list {
			if p.Address == "" || !seen.add(p.Address) {
				continue
			}
			switch c := d.classify(p.Address); c {
			case external:
				d.met.external++
				d.parties = append(d.parties, counterparty{Party: p, role: role, guest: guest})
			case excluded:
				d.met.leaveOut(p.Address, d.exclusion(p.Address).Pattern)
			case ofUser, ofDomain, ofMailbox:
				if p.Address != d.author.Address {
					d.met.colleagues++
				}
			}
		}
	}
	incoming := d.speaker.direction == crm.Incoming
	if incoming {
		add(crm.RoleFrom, false, []crm.Party{d.correspondent()})
	}
	add(crm.RoleTo, incoming, d.mail.To)
	add(crm.RoleCc, incoming, d.mail.Cc)
	add(crm.RoleBcc, incoming, d.mail.Bcc)
	if incoming {
		d.dropIfAuthorExcluded()
	}
	if d.met.excluded > 0 && len(d.parties) > 0 {
		d.say(crm.Excluded, "Left out, being on the never-log list: "+strings.Join(d.met.excludedWords, ", ")+".", nil)
	}
}

// correspondent is who an incoming mail is from: its author, or the first address of Reply-To where the author is a
// web form or relay that the company has listed, and it proves to be that.
func (d *decision) correspondent() crm.Party {
	if !d.trustedSender(d.author.Address) {
		return d.author
	}
	for _, p := range d.mail.ReplyTo {
		if d.classify(p.Address) == external && p.Address != "" {
			return p
		}
	}
	return d.author
}

// dropIfAuthorExcluded: a client who is never logged is not logged through the people he wrote to.
func (d *decision) dropIfAuthorExcluded() {
	if d.classify(d.author.Address) == excluded {
		d.parties = nil
	}
}

func (m *meeting) leaveOut(a crm.Address, pattern string) {
	m.excluded++
	if len(m.excludedWords) < 10 {
		word := string(a)
		if pattern != word {
			word += " (" + pattern + ")"
		}
		m.excludedWords = append(m.excludedWords, word)
	}
}

// explicit links what the tags and the subject name: also a closed deal.
func (d *decision) explicit() {
	refs := newSet[crm.Ref]()
	for _, ref := range d.tags.Records {
		refs.add(ref)
	}
	for _, deal := range namedDeals(d.mail) {
		// A client's own [D#42] is no instruction of ours; a forwarder's, above his mail, is.
		if d.speaker.owns() && (d.speaker.direction == crm.Outgoing || deal != d.mail.SubjectDeal) {
			refs.add(crm.Ref{Kind: crm.KindDeal, ID: deal})
		}
	}
	for _, ref := range refs.list {
		_, ok := d.title(ref)
		switch {
		case !ok:
			d.say(crm.TagNoRecord, fmt.Sprintf("The tag +%s%d names no %s there is; it was left aside.", ref.Kind, ref.ID, ref.Kind), map[string]any{"kind": ref.Kind, "id": ref.ID})
		case ref.Kind == crm.KindDeal:
			d.link(ref, crm.DealExplicit, crm.SourceManual, "the tag or the subject names it")
		default:
			d.link(ref, crm.LinkedByUser, crm.SourceManual, "the tag in the BCC address names it")
		}
	}
}

// namedDeals are those a subject names with [D#42]: the mail's own, and that of the message it was forwarded in.
func namedDeals(m *crm.Mail) []int64 {
	deals := newSet[int64]()
	deals.add(m.SubjectDeal)
	if m.Forwarded != nil {
		deals.add(m.Forwarded.Deal)
	}
	return deals.list
}

// chosen links what a person chose for a held mail.
func (d *decision) chosen() {
	if d.choice == nil {
		return
	}
	for _, ref := range d.choice.Link {
		if _, ok := d.title(ref); ok {
			if ref.Kind == crm.KindDeal {
				d.pinned = ref.ID
			}
			d.link(ref, crm.LinkedByUser, crm.SourceManual, "a person linked it by hand")
		}
	}
}

// link adds a link once; the first reason stays.
func (d *decision) link(ref crm.Ref, code crm.Code, source crm.Source, because string) {
	for _, l := range d.res.Links {
		if l.Ref == ref && l.Created == 0 {
			return
		}
	}
	title, _ := d.title(ref)
	d.res.Links = append(d.res.Links, crm.NewLink{Ref: ref, Title: d.name(ref, title), Code: code, Source: source})
	d.say(code, fmt.Sprintf("Filed to %s: %s.", refTitle(ref.Kind, title), because), map[string]any{"kind": ref.Kind, "id": ref.ID, "title": title, "because": because})
}

// name is the title of a record as a link shows it: of a contact without the company.
func (d *decision) name(ref crm.Ref, title string) string {
	if c := d.facts.Contacts[ref.ID]; ref.Kind == crm.KindContact && c != nil {
		return c.Name
	}
	return title
}

// refTitle names a record in a sentence: a contact by its name, the others with their kind.
func refTitle(kind crm.Kind, title string) string {
	if kind == crm.KindContact {
		return title
	}
	return fmt.Sprintf("the %s %q", kind, title)
}

// title names a record the facts know; false means there is no such record.
func (d *decision) title(ref crm.Ref) (string, bool) {
	switch ref.Kind {
	case crm.KindContact:
		if c := d.facts.Contacts[ref.ID]; c != nil {
			return d.contactTitle(c), true
		}
	case crm.KindCompany:
		if c := d.facts.Companies[ref.ID]; c != nil {
			return c.Name, true
		}
	case crm.KindLead:
		if l := d.facts.Leads[ref.ID]; l != nil {
			return leadTitle(l), true
		}
	case crm.KindDeal:
		if deal := d.facts.Deals[ref.ID]; deal != nil {
			return deal.Title, true
		}
	}
	return "", false
}

// contactTitle is "Ben Client (Acme GmbH)".
func (d *decision) contactTitle(c *crm.ContactFacts) string {
	name := c.Name
	if name == "" {
		name = fmt.Sprintf("contact %d", c.ID)
	}
	if company := d.facts.Companies[c.Company]; c.Company != 0 && company != nil {
		return name + " (" + company.Name + ")"
	}
	return name
}

func leadTitle(l *crm.LeadFacts) string {
	if l.Title != "" {
		return l.Title
	}
	return l.Name
}
