package linker

import (
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// meetUnknown applies SEMANTICS §6 to the counterparties nobody knows: ignore, ask, or
// make a lead or a contact, unless a guard stops it.
func (d *decision) meetUnknown() {
	unknown := d.unknownParties()
	if len(unknown) == 0 || d.choice.names() {
		return
	}
	policy, whose := d.unknownPolicy()
	switch {
	case policy == crm.PolicyIgnore:
		d.because(crm.Ignored, crm.UnknownIgnored, fmt.Sprintf("%s unknown, and %s ignores those.", areWords(unknown), whose))
	case policy == crm.PolicyReview:
		d.barred = true
		d.ask(unknown, crm.UnknownReview, fmt.Sprintf("%s unknown, and %s asks a person to decide.", areWords(unknown), whose))
	default:
		d.create(unknown, policy)
	}
}

// unknownParties are those who get a record under this policy: a domain match counts as
// known for all but the policy contact.
func (d *decision) unknownParties() []*counterparty {
	policy, _ := d.unknownPolicy()
	var unknown []*counterparty
	for i := range d.parties {
		c := &d.parties[i]
		if !c.guest && !c.match && (!c.byDom || policy == crm.PolicyContact) {
			unknown = append(unknown, c)
		}
	}
	return unknown
}

// unknownPolicy is the mailbox's, else the default of its kind; and whose it is, in words.
func (d *decision) unknownPolicy() (crm.Policy, string) {
	if d.choice != nil && d.choice.Create != "" {
		return crm.Policy(d.choice.Create), "a person"
	}
	mb := d.facts.Rules.Mailboxes[d.recipient.Mailbox]
	redirected := d.speaker.row == "S5"
	if mb != nil {
		if own := mb.Unknown; !redirected && own != nil {
			return *own, "the mailbox"
		}
		if own := mb.UnknownIncoming; redirected && own != nil {
			return *own, "the mailbox"
		}
	}
	switch {
	case d.recipient.Kind == crm.MailboxPersonal:
		return crm.PolicyIgnore, "a personal mailbox"
	case d.recipient.Kind == crm.MailboxShared:
		return crm.PolicyLead, "a shared mailbox"
	case redirected:
		return d.policy.UnknownIncoming, "the rule for redirected mail"
	}
	return d.policy.UnknownOutgoing, "the rule for unknown people"
}

// because keeps the reason why the mail is not filed, should nothing be linked. The first reason stays.
func (d *decision) because(v crm.Verdict, code crm.Code, why string) {
	if d.reason.code == "" {
		d.reason = verdictReason{v, code, why}
	}
}

// ask leaves unknown addresses to a person: the mail is held, or filed with an open question.
func (d *decision) ask(unknown []*counterparty, code crm.Code, why string) {
	for _, c := range unknown {
		d.res.Open = append(d.res.Open, c.Party)
	}
	if len(d.res.Links)+len(d.res.Creates) > 0 {
		d.say(code, why, nil)
		return
	}
	d.because(crm.Held, code, why)
}

// create makes records for those a guard does not stop.
func (d *decision) create(unknown []*counterparty, policy crm.Policy) {
	if code, verdict, why := d.guardMail(); code != "" {
		d.stop(unknown, verdict, code, why)
		return
	}
	var people, left, stopped []*counterparty
	for _, c := range unknown {
		switch code, _ := d.guardParty(c); {
		case code != "":
			stopped = append(stopped, c)
		case c.role == crm.RoleTo || c.role == crm.RoleFrom || d.policy.CreateFromCc && c.role == crm.RoleCc || d.choice != nil: // a person asked for it
			people = append(people, c)
		default:
			left = append(left, c)
		}
	}
	if policy == crm.PolicyContact {
		left = append(left, d.createContacts(people)...)
	} else {
		left = append(left, d.createLeads(people)...)
	}
	for _, c := range stopped {
		code, why := d.guardParty(c)
		d.stop([]*counterparty{c}, crm.Held, code, why)
	}
	left = slices.DeleteFunc(left, func(c *counterparty) bool { return c.known() || d.leadMadeFor(c) })
	if len(left) > 0 {
		d.ask(left, crm.UnknownReview, fmt.Sprintf("%s unknown, and nothing is made from there: a person can say who it is.", areWords(left)))
	}
}

// leadMadeFor tells whether this mail made a lead of the corporate domain of an address: it is
// found there from now on.
func (d *decision) leadMadeFor(c *counterparty) bool {
	return slices.ContainsFunc(d.res.Creates, func(r crm.NewRecord) bool { return r.Domain != "" && r.Domain == c.Address.Domain() })
}

// stop notes that a guard kept records from being made; the mail may still be filed for others.
func (d *decision) stop(unknown []*counterparty, v crm.Verdict, code crm.Code, why string) {
	strangers := slices.DeleteFunc(slices.Clone(unknown), (*counterparty).known)
	if len(strangers) == 0 {
		return // its company or lead is linked by the domain; nothing is left to decide
	}
	if v == crm.Held {
		d.ask(strangers, code, why)
		return
	}
	d.because(v, code, why)
}

// guardMail stops creation for a whole mail.
func (d *decision) guardMail() (crm.Code, crm.Verdict, string) {
	byPerson := d.choice != nil && d.choice.Create != ""
	switch {
	case byPerson:
		return "", "", ""
	case d.choice != nil:
		return crm.UnknownReview, crm.Held, "Taken again, a mail makes no records; somebody in it is still unknown."
	case d.tags.NoLead:
		return crm.UnknownIgnored, crm.Ignored, "The address is unknown, and the tag +nolead asks to make nothing."
	case d.plan.Auth.Result == crm.AuthFail:
		return crm.SenderAuthFailed, crm.Held, fmt.Sprintf("Nothing proves that %s sent it, so nothing was made of it.", d.author.Address)
	case d.speaker.row == "S6":
		return crm.AddressExposed, crm.Held, "The BCC address was in plain sight, so nothing is made from this mail."
	case d.mail.Automatic != "":
		return d.mail.Automatic, crm.Held, "No person wrote it, so nothing was made of it."
	case d.res.Visibility == crm.VisibilityPrivate:
		return crm.UnknownReview, crm.Held, "It is private, and private mail makes no records."
	case d.met.external > d.policy.BulkRecipients:
		return crm.Bulk, crm.Held, fmt.Sprintf("It has %d external recipients; over %d is a mailing, and makes no records.", d.met.external, d.policy.BulkRecipients)
	case d.speaker.direction == crm.Incoming && d.facts.Created >= d.policy.CreatedPerSender:
		return crm.Loop, crm.Held, fmt.Sprintf("%s caused %d records within two hours; it makes no more.", d.author.Address, d.facts.Created)
	}
	return d.guardTags()
}

// guardTags: who a mail is about was said with +contact, +lead or +company; making another
// record of the same person would undo that.
func (d *decision) guardTags() (crm.Code, crm.Verdict, string) {
	for _, l := range d.res.Links {
		if l.Code == crm.LinkedByUser && l.Ref.Kind != crm.KindDeal {
			return crm.UnknownReview, crm.Held, fmt.Sprintf("It was filed to %s %s by its tag, so no other record was made.", l.Ref.Kind, l.Title)
		}
	}
	return "", "", ""
}

// guardParty stops creation for one address.
func (d *decision) guardParty(c *counterparty) (crm.Code, string) {
	switch {
	case d.choice != nil:
		return "", ""
	case c.dead:
		return crm.LeadWasDismissed, fmt.Sprintf("%s belongs to a lead that was dismissed, so nothing new was made.", c.Address)
	case d.policy.Roles.IsRole(c.Address):
		return crm.RoleAddress, fmt.Sprintf("%s is the address of a role, not of a person, so nothing was made for it.", c.Address)
	}
	return "", ""
}

// createLeads makes one lead per corporate domain, one per address of free mail, and returns
// whom the limit left out.
func (d *decision) createLeads(people []*counterparty) (left []*counterparty) {
	byDomain := map[string]int{} // domain → 1-based place in Creates
	for _, c := range people {
		if c.known() {
			continue
		}
		domain := c.Address.Domain()
		if d.policy.FreeMail.Has(domain) {
			domain = ""
		}
		if at := byDomain[domain]; domain != "" && at > 0 {
			lead := &d.res.Creates[at-1]
			lead.Emails = append(lead.Emails, c.Address)
			continue
		}
		if len(d.res.Creates) >= d.policy.CreatedPerMail {
			left = append(left, c)
			continue
		}
		name, guessed := personName(c.Party)
		d.addRecord(c, crm.NewRecord{Kind: crm.KindLead, Title: leadName(name, domain), Name: name, Guessed: guessed, Emails: []crm.Address{c.Address}, Domain: domain}, crm.LeadCreated)
		byDomain[domain] = len(d.res.Creates)
	}
	return left
}

// createContacts makes one contact per address, at the single company of its domain.
func (d *decision) createContacts(people []*counterparty) (left []*counterparty) {
	for _, c := range people {
		if len(d.res.Creates) >= d.policy.CreatedPerMail {
			left = append(left, c)
			continue
		}
		r := crm.NewRecord{Kind: crm.KindContact, Emails: []crm.Address{c.Address}}
		r.Name, r.Guessed = personName(c.Party)
		r.Title = r.Name
		if f := d.facts.Domains[c.Address.Domain()]; f != nil && len(f.Companies) == 1 && !d.policy.FreeMail.Has(c.Address.Domain()) {
			r.Company = f.Companies[0]
		}
		d.addRecord(c, r, crm.ContactCreated)
	}
	return left
}

func (d *decision) addRecord(c *counterparty, r crm.NewRecord, code crm.Code) {
	why := ""
	if r.Owner, why = d.responsible(c); why != "" {
		why = " (" + why + ")"
	}
	d.res.Creates = append(d.res.Creates, r)
	d.res.Links = append(d.res.Links, crm.NewLink{Ref: crm.Ref{Kind: r.Kind}, Created: len(d.res.Creates), Title: r.Title, Code: code, Source: crm.SourceAuto})
	owner := ""
	if u := d.facts.Rules.Users[r.Owner]; u != nil {
		owner = ", for " + u.String() + why
	}
	because := fmt.Sprintf("nobody had the address %s, so it was made%s", c.Address, owner)
	d.say(code, fmt.Sprintf("Filed to %s: %s.", refTitle(r.Kind, r.Title), because), map[string]any{"kind": r.Kind, "created": len(d.res.Creates), "address": c.Address, "because": because})
}

// personName is the display name, else the local part in words.
func personName(p crm.Party) (name string, guessed bool) {
	if p.Name != "" && !strings.Contains(p.Name, "@") {
		return p.Name, false
	}
	words := strings.FieldsFunc(p.Address.WithoutTag().Local(), func(r rune) bool { return strings.ContainsRune(`._-+"' `, r) })
	for i, w := range words {
		r := []rune(w)
		words[i] = strings.ToUpper(string(r[0])) + string(r[1:])
	}
	if len(words) == 0 {
		return string(p.Address), true
	}
	return strings.Join(words, " "), true
}

// leadName is the title of a lead: its person, and the company he seems to be of.
func leadName(person, domain string) string {
	if domain == "" {
		return person
	}
	return person + ", " + domain
}

// areWords is "a@x is" or "a@x and b@y are".
func areWords(list []*counterparty) string {
	var words []string
	for _, c := range list {
		if len(words) < 5 {
			words = append(words, string(c.Address))
		}
	}
	if more := len(list) - len(words); more > 0 {
		return fmt.Sprintf("%s and %d more are", strings.Join(words, ", "), more)
	}
	if len(words) == 1 {
		return words[0] + " is"
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1] + " are"
}
