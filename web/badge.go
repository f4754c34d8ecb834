package web

import "blindcopy/crm"

// badge is a mark in words: colour alone says nothing to many people.
type badge struct {
	Text  string
	Title string // the whole sentence
	Tone  string // "", "good", "warn", "bad", "info"
}

// badges of mail, and the states of records.
var badges = map[string]badge{
	string(crm.BadgeUnverified):      {"Unverified sender", "The sender could not prove that the mail is really theirs. It may be forged.", "bad"},
	string(crm.BadgeUnauthenticated): {"Unauthenticated", "The sender's domain publishes nothing to check the sender by.", ""},
	string(crm.BadgeAutomatic):       {"Automatic", "A machine wrote this: an out-of-office note, a newsletter, a notification.", ""},
	string(crm.BadgeForwarded):       {"Forwarded", "It was forwarded to us later; date and people are those of the original.", "info"},
	string(crm.BadgeBounced):         {"Bounced", "It could not be delivered to a recipient.", "bad"},
	string(crm.BadgePrivate):         {"Private", "Only those who captured this mail see it.", "info"},
	string(crm.BadgeExposed):         {"BCC address exposed", "The secret BCC address was visible to the recipients.", "warn"},

	string(crm.Filed):     {"Filed", "It is on the timelines.", "good"},
	string(crm.Held):      {"Held", "It waits for a person to decide.", "warn"},
	string(crm.Ignored):   {"Ignored", "Nothing was to be filed.", ""},
	string(crm.Duplicate): {"Duplicate", "We had this mail already.", ""},
	string(crm.Refused):   {"Refused", "It was not accepted.", "bad"},

	"open":      {"Open", "", "info"}, // leads and deals
	"converted": {"Converted", "The lead became a contact.", "good"},
	"dismissed": {"Dismissed", "", ""},
	"won":       {"Won", "", "good"},
	"lost":      {"Lost", "", ""},

	"needs_check": {"New, please check", "Made from a mail; nobody has looked at it yet.", "warn"},
	"former":      {"Former", "Mail with this address is still recognised.", ""},
	"active":      {"Active", "", "good"},
	"rotating":    {"Being replaced", "The old address still works for a while.", "warn"},
	"revoked":     {"Revoked", "Mail to it is refused.", "bad"},
	"admin":       {"Admin", "May change users and the company's rules.", "info"},
	"manager":     {"Manager", "", ""},
	"disabled":    {"Disabled", "Cannot sign in; mail to the BCC address is refused.", ""},
}

// badgeOf finds the badge of a crm.Badge, a verdict, a status or a word of ours.
func badgeOf(v any) badge {
	var word string
	switch v := v.(type) {
	case crm.Badge:
		word = string(v)
	case crm.Verdict:
		word = string(v)
	case crm.LeadStatus:
		word = string(v)
	case crm.DealStatus:
		word = string(v)
	case crm.BCCState:
		word = string(v)
	case crm.Role:
		word = string(v)
	case string:
		word = v
	}
	if b, ok := badges[word]; ok {
		return b
	}
	return badge{Text: word}
}
