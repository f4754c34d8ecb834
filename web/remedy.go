package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"blindcopy/crm"
)

// remedy is what would change how a mail ended: the advice of one reason, and where to follow it.
type remedy struct {
	Code    crm.Code
	Advice  string
	Buttons []button
	Undo    []crm.Exclusion // that kept somebody in it out, and that whoever asks may take back
}

// button leads to where something can be done.
type button struct{ Text, Icon, Href string }

// cause is a mail and how it ended, as whoever asks may see them.
type cause struct {
	crm.Intake
	activities []crm.Activity
	me         crm.User
	isAdmin    bool
	decides    bool // the buttons that decide about it stand on the page
}

// remedies are what can be done about the reasons of a mail, each once; nothing about a question that was answered.
func (c *cause) remedies() (list []remedy) {
	for _, code := range c.Codes {
		advice := code.Meaning().Hint
		if strings.HasPrefix(advice, "Nothing") || !c.Asks(code) {
			continue
		}
		r := remedy{Code: code, Advice: advice}
		if buttons := remedyOf[code]; buttons != nil {
			r.Buttons = buttons(c, code)
		}
		list = append(list, r)
	}
	return list
}

// remedyOf has, for each reason that a person can do something about, where it is done.
var remedyOf = map[crm.Code]func(*cause, crm.Code) []button{
	crm.CompanyByDomain:  (*cause).addPeople,
	crm.DomainAmbiguous:  (*cause).addPeople,
	crm.LeadByAddress:    (*cause).openLinked,
	crm.LeadByDomain:     (*cause).openLinked,
	crm.BounceReport:     (*cause).mendContact,
	crm.LeadCreated:      (*cause).openCreated,
	crm.ContactCreated:   (*cause).openCreated,
	crm.ContactAmbiguous: (*cause).mergeContacts,
	crm.UnknownIgnored:   (*cause).notIgnore,
	crm.Excluded:         (*cause).exclusions,
	crm.AddressExposed:   (*cause).newAddress,
	crm.TagUnknown:       (*cause).link,
	crm.TagNoRecord:      (*cause).link,
	crm.ParseTruncated:   (*cause).original,

	crm.DealByOverlap:      (*cause).link,
	crm.DealByPolicy:       (*cause).link,
	crm.DealAmbiguous:      (*cause).link,
	crm.ThreadDealClosed:   (*cause).link,
	crm.RecipientsCapped:   (*cause).link,
	crm.Undone:             (*cause).link,
	crm.LeadWasDismissed:   (*cause).link,
	crm.UnknownReview:      (*cause).link,
	crm.RoleAddress:        (*cause).link,
	crm.Bulk:               (*cause).link,
	crm.InternalInThread:   (*cause).link,
	crm.NoVisibleRecipient: (*cause).link,
	crm.Stranger:           (*cause).link,
	crm.SenderUnverified:   (*cause).link,
	crm.SenderAuthFailed:   (*cause).link,
	crm.Loop:               (*cause).link,
	crm.ForwardNoAddress:   (*cause).link,
	crm.Unparseable:        (*cause).link,
	crm.InternalError:      (*cause).link,
}

// link leads to the choice of another record: to the buttons on the page where a question waits, else to those of the mail.
func (c *cause) link(code crm.Code) (list []button) {
	if c.decides && (code.IsQuestion() || len(c.activities) == 0) {
		return []button{{"Decide", "review", "#decide"}}
	}
	for _, act := range c.activities {
		list = append(list, button{c.which("Link it to another record", act), "link", string(mailPath(act.ID)) + "/link"})
	}
	return list
}

// which names the mail, where a message brought several.
func (c *cause) which(text string, act crm.Activity) string {
	if len(c.activities) > 1 && act.Subject != "" {
		text += ": " + act.Subject
	}
	return text
}

// addPeople leads to the form of a contact for everybody in it who is none.
func (c *cause) addPeople(crm.Code) (list []button) {
	for _, act := range c.activities {
		for _, p := range act.Participants {
			if p.Address != "" && (p.Kind == crm.KindUnknown || p.Kind == crm.KindCompany) {
				list = append(list, addContact(p.Address))
			}
		}
	}
	return c.orStrangers(list)
}

// orStrangers is what a trace alone tells, where no mail is there to tell more.
func (c *cause) orStrangers(list []button) []button {
	if len(list) > 0 {
		return onceEach(list)
	}
	for _, a := range strangers(neverOf(c.Intake, c.me)) {
		list = append(list, addContact(a))
	}
	return onceEach(list)
}

func addContact(a crm.Address) button {
	return button{"Add " + a.Unicode() + " as a contact", "plus", "/contacts/new?email=" + url.QueryEscape(string(a))}
}

// notIgnore leads to whoever was ignored, and to the rule by which.
func (c *cause) notIgnore(crm.Code) []button {
	return append(c.orStrangers(nil), button{"Change what your mail makes", "settings", "/address"})
}

func (c *cause) openLinked(code crm.Code) (list []button) {
	for _, act := range c.activities {
		for _, l := range act.Links {
			if l.Code == code {
				list = append(list, button{fmt.Sprintf("Open the %s %s", l.Kind, l.Title), navOf(l.Kind), recordPath(l.Kind, l.ID)})
			}
		}
	}
	return onceEach(list)
}

func (c *cause) openCreated(code crm.Code) (list []button) {
	kind := crm.KindLead
	if code == crm.ContactCreated {
		kind = crm.KindContact
	}
	for _, ref := range c.Created {
		if ref.Kind == kind {
			list = append(list, button{fmt.Sprintf("Open the %s", kind), navOf(kind), recordPath(kind, ref.ID)})
		}
	}
	return list
}

// mergeContacts leads to merging the contact that was chosen with those that were not.
func (c *cause) mergeContacts(crm.Code) (list []button) {
	for _, other := range c.Candidates {
		if other.Kind != crm.KindContact {
			continue
		}
		for _, act := range c.activities {
			for _, l := range act.Links {
				if l.Kind == crm.KindContact && l.ID != other.ID && l.Code == crm.ContactByAddress {
					list = append(list, button{fmt.Sprintf("Merge %s and %s", l.Title, other.Title), "contacts", fmt.Sprintf("/contacts/%d/merge?with=%d", l.ID, other.ID)})
				}
			}
		}
	}
	return onceEach(list)
}

func (c *cause) mendContact(crm.Code) (list []button) {
	for _, act := range c.activities {
		for _, l := range act.Links {
			if l.Kind == crm.KindContact {
				list = append(list, button{"Change the addresses of " + l.Title, "contacts", recordPath(l.Kind, l.ID) + "/edit"})
			}
		}
	}
	return onceEach(list)
}

// exclusions leads to the never-log lists.
func (c *cause) exclusions(crm.Code) []button {
	list := []button{{"Your never-log list", "address", "/address"}}
	if c.isAdmin {
		list = append(list, button{"The company's never-log list", "settings", "/settings/exclusions"})
	}
	return list
}

func (c *cause) newAddress(crm.Code) []button {
	return []button{{"Get a new address", "address", "/address"}}
}

func (c *cause) original(crm.Code) (list []button) {
	for _, act := range c.activities {
		list = append(list, button{c.which("Original message", act), "download", string(mailPath(act.ID)) + "/raw"})
	}
	return list
}

// onceEach leaves out what was said before.
func onceEach(list []button) (once []button) {
	for _, b := range list {
		if !slices.Contains(once, b) {
			once = append(once, b)
		}
	}
	return once
}
