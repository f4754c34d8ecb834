package web

import (
	"fmt"
	"strings"

	"blindcopy/crm"
)

// mailboxForm is the rules of a mailbox, as a form shows them.
type mailboxForm struct {
	crm.Mailbox
	OwnOptions, IncomingOptions, VisibilityOptions []option
	OwnValue, IncomingValue, VisibilityValue       string

	ownDefault, incomingDefault crm.Policy
}

// inEffect is a policy in words, and whether the mailbox says so itself.
type inEffect struct {
	Text, Title string
	Inherited   bool
}

// Own is what becomes of somebody unknown whom the owner writes to.
func (f mailboxForm) Own() inEffect { return policyInEffect(f.OwnValue, f.ownDefault) }

// Incoming is what becomes of somebody unknown who writes.
func (f mailboxForm) Incoming() inEffect { return policyInEffect(f.IncomingValue, f.incomingDefault) }

func policyInEffect(own string, inherited crm.Policy) inEffect {
	p := crm.Policy(own)
	if own == "" {
		p = inherited
	}
	text, means, _ := strings.Cut(policyWords[p], ": ")
	return inEffect{Text: text, Title: means, Inherited: own == ""}
}

// Seen is who sees the mail.
func (f mailboxForm) Seen() inEffect {
	for _, o := range f.VisibilityOptions {
		if o.Value == f.VisibilityValue {
			text, means, _ := strings.Cut(o.Text, ": ")
			return inEffect{Text: text, Title: means}
		}
	}
	return inEffect{Text: f.VisibilityValue}
}

// NoLastResort tells that leads of a shared mailbox may be nobody's.
func (f mailboxForm) NoLastResort() bool {
	return f.Kind == crm.MailboxShared && (f.Distribution == nil || f.Distribution.Fallback == "")
}

// option is one of a choice.
type option struct{ Value, Text string }

// policyWords say what becomes of an address that is nobody's yet (SEMANTICS §6).
var policyWords = map[crm.Policy]string{
	crm.PolicyIgnore:  "Ignore: make nothing, keep nothing",
	crm.PolicyReview:  "Review: hold the mail and ask",
	crm.PolicyLead:    "Lead: make a lead",
	crm.PolicyContact: "Contact: make a contact",
}

func (s *Server) mailboxForm(m crm.Mailbox) mailboxForm {
	f := mailboxForm{Mailbox: m, OwnValue: policyValue(m.Unknown), IncomingValue: policyValue(m.UnknownIncoming), VisibilityValue: string(m.Visibility)}
	own, incoming := s.Office.Policies(m.Kind)
	f.ownDefault, f.incomingDefault = own, incoming
	f.OwnOptions, f.IncomingOptions = policyOptions(own), policyOptions(incoming)
	f.VisibilityOptions = []option{
		{string(crm.VisibilityLinked), "Linked: everybody who sees the record"},
		{string(crm.VisibilityTeam), "Team: everybody"},
		{string(crm.VisibilityEnvelope), "Envelope: others see that, when and with whom"},
		{string(crm.VisibilityPrivate), "Private: only those who captured it"},
	}
	return f
}

func policyValue(p *crm.Policy) string {
	if p == nil {
		return ""
	}
	return string(*p)
}

func policyOptions(inherited crm.Policy) []option {
	list := []option{{"", "As everywhere (" + string(inherited) + ")"}}
	for _, p := range []crm.Policy{crm.PolicyIgnore, crm.PolicyReview, crm.PolicyLead, crm.PolicyContact} {
		list = append(list, option{string(p), policyWords[p]})
	}
	return list
}

// mailboxEdit reads the form. A field that was not sent stays as it is.
func mailboxEdit(r *request) (e crm.MailboxEdit, err error) {
	if e.Unknown, err = policyField(r, "unknown"); err != nil {
		return e, err
	}
	if e.UnknownIncoming, err = policyField(r, "unknown_incoming"); err != nil {
		return e, err
	}
	switch v := crm.Visibility(r.field("visibility")); v {
	case "":
	case crm.VisibilityPrivate, crm.VisibilityEnvelope, crm.VisibilityLinked, crm.VisibilityTeam:
		e.Visibility = &v
	default:
		return e, invalid(fmt.Sprintf("%q is none of the visibilities", v))
	}
	return e, nil
}

func policyField(r *request, name string) (*crm.Policy, error) {
	if !r.PostForm.Has(name) {
		return nil, nil
	}
	p := crm.Policy(r.field(name))
	if _, ok := crm.ParsePolicy(string(p)); !ok && p != "" {
		return nil, invalid(fmt.Sprintf("%q is none of ignore, review, lead, contact", p))
	}
	return &p, nil
}
