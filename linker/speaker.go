package linker

import (
	"fmt"
	"slices"

	"blindcopy/crm"
)

// class says whose an address is.
type class int

const (
	external  class = iota
	ofUser          // an active user's, verified or not
	ofMailbox       // a shared mailbox's
	ofDomain        // at an internal domain, but nobody's
	ofBCC           // at the domain of the BCC addresses
	excluded        // on the never-log list
)

func (c class) ours() bool { return c != external && c != excluded }

// classify says whose an address is. Ours comes before excluded: an exclusion of our own
// domain must not make colleagues look like clients.
func (d *decision) classify(a crm.Address) class {
	if c := d.policy.classify(d.facts.Rules, a); c != external || d.exclusion(a) == nil {
		return c
	}
	return excluded
}

// classify is what an address is before the never-log list is looked at.
func (p *Policy) classify(r *crm.Rules, a crm.Address) class {
	if u, _ := r.UserAt(a); u != nil {
		return ofUser
	}
	if _, ok := r.Shared[a]; ok {
		return ofMailbox
	}
	switch domain := a.Domain(); {
	case domain == p.Domain:
		return ofBCC
	case p.internal(r, domain):
		return ofDomain
	}
	return external
}

// exclusion finds the pattern that keeps an address out, of the company or of T.
func (d *decision) exclusion(a crm.Address) *crm.Exclusion {
	for i := range d.facts.Rules.Exclusions {
		e := &d.facts.Rules.Exclusions[i]
		if (e.UserID == 0 || e.UserID == d.plan.Owner) && e.Matches(a) {
			return e
		}
	}
	return nil
}

// internal tells whether a domain is the company's: configured, or the corporate domain of an active
// user's primary address.
func (p *Policy) internal(r *crm.Rules, domain string) bool {
	return slices.Contains(p.InternalDomains, domain) || r.UserDomain(domain) && !p.FreeMail.Has(domain)
}

// speaker is the answer to "who is speaking": SEMANTICS §2.
type speaker struct {
	row       string // S0 to S7, or "shared", "forwarded"
	direction crm.Direction
	user      *crm.User // the author, where he is ours
	held      crm.Code  // why the mail is held for its author alone; empty if it is not
	why       string
}

// owns tells whether the sighting is a user's own act, which may do what another sighting could not.
func (s speaker) owns() bool {
	return s.row == "S1" || s.row == "S2" || s.row == "S4" || s.row == "forwarded"
}

// speak finds the row of the table that fits, first S0 to S4: these speak for us.
func (d *decision) speak() speaker {
	a := d.author.Address
	if d.mail.Forwarded != nil {
		return d.speakForwarded(a)
	}
	if d.recipient.Kind != crm.MailboxBCC {
		return d.speakMailbox(a)
	}
	if d.mail.MarkForged || d.mail.Mark != "" && len(d.facts.Sightings[markPrefix+d.mail.Mark]) == 0 {
		return speaker{row: "S0", direction: crm.Outgoing, held: crm.Loop, why: "It carries our own mark, but is no mail that we know: it looks like our mail come back."}
	}
	if d.classify(a) == ofBCC {
		return speaker{row: "S0", direction: crm.Outgoing, held: crm.Loop, why: fmt.Sprintf("Its author %s is a BCC address, which nobody writes from.", a)}
	}
	if mailbox, ok := d.facts.Rules.Shared[a]; ok && mailbox != 0 {
		return speaker{row: "S0", direction: crm.Outgoing}
	}
	user, verified := d.facts.Rules.UserAt(a)
	switch {
	case user != nil && verified && user.ID == d.plan.Owner:
		return speaker{row: "S1", direction: crm.Outgoing, user: user}
	case user != nil && verified:
		return speaker{row: "S2", direction: crm.Outgoing, user: user}
	case user != nil, d.policy.internal(d.facts.Rules, a.Domain()):
		return speaker{row: "S3", direction: crm.Outgoing, held: crm.SenderUnverified,
			why: d.whyUnverified(a)}
	case d.trustedSender(a):
		return speaker{row: "S4", direction: crm.Outgoing, user: d.owner}
	}
	return d.speakExternal(a)
}

// whyUnverified says what is missing: the user may be known, but disabled.
func (d *decision) whyUnverified(a crm.Address) string {
	if u := d.facts.Rules.Users[d.facts.Rules.ByAddress[a]]; u != nil && !u.Active {
		return fmt.Sprintf("%s wrote it, who is disabled.", u)
	}
	return fmt.Sprintf("%s wrote it, and no user has this address verified.", nobodyIfEmpty(a))
}

// speakExternal is S5 to S7: the author is none of ours.
func (d *decision) speakExternal(a crm.Address) speaker {
	switch {
	case a == "":
		return speaker{row: "S7", direction: crm.Incoming, held: crm.Stranger, why: "It does not say who wrote it."}
	case d.bccVisible():
		return speaker{row: "S6", direction: crm.Incoming}
	case d.redirected():
		return speaker{row: "S5", direction: crm.Incoming}
	}
	return speaker{row: "S7", direction: crm.Incoming, held: crm.Stranger,
		why: fmt.Sprintf("%s is none of our users, and nothing in the mail shows that %s passed it on.", a, d.ownerName())}
}

// speakMailbox is the simpler rule of shared and personal mailboxes.
func (d *decision) speakMailbox(a crm.Address) speaker {
	user, verified := d.facts.Rules.UserAt(a)
	switch {
	case a == "":
		return speaker{row: "shared", direction: crm.Incoming, held: crm.Stranger, why: "It does not say who wrote it."}
	case user != nil && verified:
		return speaker{row: "shared", direction: crm.Outgoing, user: user}
	case d.classify(a).ours():
		return speaker{row: "shared", direction: crm.Outgoing}
	}
	return speaker{row: "shared", direction: crm.Incoming}
}

// speakForwarded: the forwarder vouches for the original, whoever its author is.
func (d *decision) speakForwarded(a crm.Address) speaker {
	s := speaker{row: "forwarded", direction: crm.Incoming}
	if d.classify(a).ours() {
		s.direction = crm.Outgoing
		s.user, _ = d.facts.Rules.UserAt(a)
	}
	return s
}

// trustedSender: an application that sends for our users, from where nobody else can.
func (d *decision) trustedSender(a crm.Address) bool {
	return d.plan.Auth.Result == crm.AuthPass && a != "" && (d.policy.TrustedSenders.Has(string(a)) || d.policy.TrustedSenders.Has(a.Domain()))
}

// bccVisible tells whether the BCC address that the mail came to stands where everybody can read it.
func (d *decision) bccVisible() bool {
	for _, list := range [][]crm.Party{d.mail.To, d.mail.Cc} {
		for _, p := range list {
			if p.Address.Domain() != d.policy.Domain {
				continue
			}
			token, _ := crm.ParseBCCLocal(p.Address.Local())
			for _, r := range d.in.Recipients {
				if r.Token != "" && r.Token == token {
					return true
				}
			}
		}
	}
	return false
}

// redirected tells whether T passed a client's mail on: by Resent or forwarding fields,
// because it was written to T, or because T says so with +fw.
func (d *decision) redirected() bool {
	if d.tags.Forward {
		return true
	}
	for _, list := range [][]crm.Party{d.mail.RedirectedBy, d.mail.To, d.mail.Cc} {
		for _, p := range list {
			if u, verified := d.facts.Rules.UserAt(p.Address); u != nil && verified && u.ID == d.plan.Owner {
				return true
			}
		}
	}
	return false
}

func (d *decision) ownerName() string {
	if d.owner == nil {
		return "a user of ours"
	}
	return d.owner.String()
}

func nobodyIfEmpty(a crm.Address) string {
	if a == "" {
		return "Nobody named"
	}
	return string(a)
}
