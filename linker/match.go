package linker

import (
	"cmp"
	"fmt"
	"slices"

	"blindcopy/crm"
)

// matchAll links every counterparty that is known, the first Limits.Matched of them.
func (d *decision) matchAll() {
	linked, over := 0, []string{}
	for i := range d.parties {
		c := &d.parties[i]
		if linked >= d.policy.MatchedLimit {
			if len(d.holders(c.Address)) > 0 {
				c.match = true
				over = append(over, string(c.Address))
			}
			continue
		}
		d.match(c)
		if len(c.links) > 0 {
			linked++
		}
	}
	if len(over) > 0 {
		d.say(crm.RecipientsCapped, fmt.Sprintf("Only the first %d known people are linked; %d more were left out.", d.policy.MatchedLimit, len(over)), map[string]any{"left_out": lastOf(over, 200)})
	}
}

// holders are the records with an address: as it stands, else without its +tag.
func (d *decision) holders(a crm.Address) []crm.Holder {
	if h := d.facts.Holders[a]; len(h) > 0 {
		return h
	}
	return d.facts.Holders[a.WithoutTag()]
}

// match links one counterparty to the first of contact, company address, open lead, the
// contact a lead became, open lead by domain, company by domain: SEMANTICS §4.
func (d *decision) match(c *counterparty) {
	holders := d.holders(c.Address)
	for _, try := range []func(*counterparty, []crm.Holder) bool{
		d.matchContact, d.matchCompany, d.matchOpenLead, d.matchConvertedLead,
	} {
		if try(c, holders) {
			c.match = true
			return
		}
	}
	c.dead = slices.ContainsFunc(holders, func(h crm.Holder) bool { return h.Kind == crm.KindLead })
	d.matchDomain(c)
}

func (d *decision) matchContact(c *counterparty, holders []crm.Holder) bool {
	ids := d.contactsAmong(holders, false)
	if len(ids) == 0 {
		ids = d.contactsAmong(holders, true)
	}
	if len(ids) == 0 {
		return false
	}
	if len(ids) > 1 {
		d.rankContacts(ids)
		d.sayAmbiguous(c, ids)
	}
	d.linkContact(c, ids[0], crm.ContactByAddress, "is an address of this contact")
	return true
}

// contactsAmong are the contacts that have the address now, or had it.
func (d *decision) contactsAmong(holders []crm.Holder, former bool) (ids []int64) {
	for _, h := range holders {
		if h.Kind == crm.KindContact && h.Former == former && d.facts.Contacts[h.ID] != nil && !slices.Contains(ids, h.ID) {
			ids = append(ids, h.ID)
		}
	}
	return ids
}

// rankContacts puts the contact a shared address most likely means first: that of the thread, the author's
// own, one on an open deal, the one written with last, the oldest.
func (d *decision) rankContacts(ids []int64) {
	thread := d.facts.Threads[d.threadOf]
	score := func(id int64) int {
		f := d.facts.Contacts[id]
		switch {
		case thread != nil && slices.Contains(thread.Contacts, id):
			return 3
		case d.speaker.user != nil && f.Owner == d.speaker.user.ID:
			return 2
		case len(f.OpenDeals) > 0:
			return 1
		}
		return 0
	}
	slices.SortFunc(ids, func(a, b int64) int {
		return cmp.Or(score(b)-score(a), d.facts.Contacts[b].LastMail.Compare(d.facts.Contacts[a].LastMail), cmp.Compare(a, b))
	})
}

func (d *decision) sayAmbiguous(c *counterparty, ids []int64) {
	others := ""
	for _, id := range ids[1:] {
		title := d.contactTitle(d.facts.Contacts[id])
		others += fmt.Sprintf(", %s (contact %d)", title, id)
		d.res.Candidates = append(d.res.Candidates, crm.Candidate{Kind: crm.KindContact, ID: id, Title: title, Why: fmt.Sprintf("%s is an address of this contact too", c.Address)})
	}
	d.say(crm.ContactAmbiguous, fmt.Sprintf("%d contacts have the address %s; chosen: %s. The others: %s.", len(ids), c.Address, d.contactTitle(d.facts.Contacts[ids[0]]), others[2:]), map[string]any{"contacts": ids})
}

func (d *decision) linkContact(c *counterparty, id int64, code crm.Code, because string) {
	ref := crm.Ref{Kind: crm.KindContact, ID: id}
	f := d.facts.Contacts[id]
	c.links = append(c.links, ref)
	d.link(ref, code, crm.SourceAuto, fmt.Sprintf("%s %s", c.Address, because))
	d.learnName(ref, f.NameKnown, c.Name)
}

// learnName gives a record that was made without a name the display name of this mail.
func (d *decision) learnName(ref crm.Ref, known bool, name string) {
	if !known && name != "" {
		d.res.Names = append(d.res.Names, crm.NewName{Ref: ref, Name: name})
	}
}

func (d *decision) matchCompany(c *counterparty, holders []crm.Holder) bool {
	for _, h := range holders {
		if f := d.facts.Companies[h.ID]; h.Kind == crm.KindCompany && f != nil {
			d.linkRecord(c, crm.Ref{Kind: crm.KindCompany, ID: f.ID}, crm.CompanyByAddress, "is an address of this company")
			return true
		}
	}
	return false
}

func (d *decision) matchOpenLead(c *counterparty, holders []crm.Holder) bool {
	for _, h := range holders {
		if f := d.facts.Leads[h.ID]; h.Kind == crm.KindLead && f != nil && f.Status == crm.LeadOpen {
			ref := crm.Ref{Kind: crm.KindLead, ID: f.ID}
			d.linkRecord(c, ref, crm.LeadByAddress, "is an address of this lead")
			d.learnName(ref, f.NameKnown, c.Name)
			return true
		}
	}
	return false
}

func (d *decision) matchConvertedLead(c *counterparty, holders []crm.Holder) bool {
	for _, h := range holders {
		f := d.facts.Leads[h.ID]
		if h.Kind == crm.KindLead && f != nil && f.Status == crm.LeadConverted && d.facts.Contacts[f.Contact] != nil {
			d.linkContact(c, f.Contact, crm.LeadWasConverted, "was an address of a lead that became this contact")
			return true
		}
	}
	return false
}

// matchDomain links by the corporate domain alone, where it can mean one record only.
func (d *decision) matchDomain(c *counterparty) {
	domain := c.Address.Domain()
	f := d.facts.Domains[domain]
	if f == nil || d.policy.FreeMail.Has(domain) {
		return
	}
	if len(f.OpenLeads) > 0 {
		if lead := d.facts.Leads[f.OpenLeads[0]]; lead != nil && !c.dead {
			c.byDom = true
			d.linkRecord(c, crm.Ref{Kind: crm.KindLead, ID: lead.ID}, crm.LeadByDomain, "is new, but at the domain of this open lead")
			return
		}
	}
	switch len(f.Companies) {
	case 0:
	case 1:
		if company := d.facts.Companies[f.Companies[0]]; company != nil {
			c.byDom = true
			d.linkRecord(c, crm.Ref{Kind: crm.KindCompany, ID: company.ID}, crm.CompanyByDomain, "is at a domain of this company")
		}
	default:
		d.sayDomainAmbiguous(c, f.Companies)
	}
}

func (d *decision) sayDomainAmbiguous(c *counterparty, ids []int64) {
	for _, id := range ids {
		if f := d.facts.Companies[id]; f != nil && len(d.res.Candidates) < 20 {
			d.res.Candidates = append(d.res.Candidates, crm.Candidate{Kind: crm.KindCompany, ID: id, Title: f.Name, Why: "has the domain " + c.Address.Domain()})
		}
	}
	d.say(crm.DomainAmbiguous, fmt.Sprintf("%d companies have the domain %s, so %s says nothing about which.", len(ids), c.Address.Domain(), c.Address), map[string]any{"companies": ids})
}

func (d *decision) linkRecord(c *counterparty, ref crm.Ref, code crm.Code, because string) {
	c.links = append(c.links, ref)
	d.link(ref, code, crm.SourceAuto, fmt.Sprintf("%s %s", c.Address, because))
}
