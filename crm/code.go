package crm

// Code is a reason. The set is closed: every code has a sentence and a hint in codeBook.
type Code string

// Reasons of a link.
const (
	ContactByAddress Code = "contact_by_address"
	CompanyByAddress Code = "company_by_address"
	CompanyByDomain  Code = "company_by_domain"
	LeadByAddress    Code = "lead_by_address"
	LeadByDomain     Code = "lead_by_domain"
	LeadWasConverted Code = "lead_converted"
	LinkedByUser     Code = "linked_by_user"
	DealExplicit     Code = "deal_explicit"
	DealByThread     Code = "deal_by_thread"
	DealUnique       Code = "deal_unique"
	DealByOverlap    Code = "deal_by_overlap"
	DealPinned       Code = "deal_pinned"
	DealByPolicy     Code = "deal_by_policy"
)

// Things said of a mail.
const (
	DealAmbiguous      Code = "deal_ambiguous"
	NoOpenDeal         Code = "no_open_deal"
	ThreadDealClosed   Code = "thread_deal_closed"
	ContactAmbiguous   Code = "contact_ambiguous"
	DomainAmbiguous    Code = "domain_ambiguous"
	LeadCreated        Code = "lead_created"
	ContactCreated     Code = "contact_created"
	LeadWasDismissed   Code = "lead_dismissed"
	UnknownReview      Code = "unknown_review"
	UnknownIgnored     Code = "unknown_ignored"
	RoleAddress        Code = "role_address"
	Bulk               Code = "bulk"
	Excluded           Code = "excluded"
	InternalOnly       Code = "internal_only"
	InternalInThread   Code = "internal_in_thread"
	NoVisibleRecipient Code = "no_visible_recipient"
	Stranger           Code = "stranger"
	SenderUnverified   Code = "sender_unverified_alias"
	SenderAuthFailed   Code = "sender_auth_failed"
	AddressExposed     Code = "address_exposed"
	Loop               Code = "loop"
	AutoReply          Code = "auto_reply"
	BounceReport       Code = "bounce"
	TagUnknown         Code = "tag_unknown"
	TagNoRecord        Code = "tag_no_record"
	ForwardParsed      Code = "forward_parsed"
	ForwardNoAddress   Code = "forward_no_address"
	DuplicateOf        Code = "duplicate_of"
	MsgidCollision     Code = "msgid_collision"
	Superseded         Code = "superseded"
	RecipientsCapped   Code = "recipients_capped"
	ParseTruncated     Code = "parse_truncated"
	Unparseable        Code = "unparseable"
	InternalError      Code = "internal_error"
	Dismissed          Code = "dismissed"
	Unlinked           Code = "unlinked_by_user"
	Undone             Code = "undone_by_user"
)

// Meaning is what a code says to a person, and what can be done about it.
type Meaning struct {
	Sentence string
	Hint     string
}

// Meaning returns the words of a code. An unknown code, which a newer version may have
// written, speaks for itself.
func (c Code) Meaning() Meaning {
	if m, ok := codeBook[c]; ok {
		return m
	}
	return Meaning{Sentence: string(c), Hint: "This reason is newer than this program: update it."}
}

// Codes returns the closed set, for tests and documentation.
func Codes() []Code {
	codes := make([]Code, 0, len(codeBook))
	for c := range codeBook {
		codes = append(codes, c)
	}
	return codes
}

// IsQuestion tells a reason to ask a person from one that needs no answer.
func (c Code) IsQuestion() bool {
	switch c {
	case DealAmbiguous, UnknownReview, Stranger, SenderUnverified, NoVisibleRecipient, ForwardNoAddress, InternalInThread, InternalError, Unparseable,
		LeadWasDismissed, RoleAddress:
		return true
	}
	return false
}

const nothingToDo = "Nothing to do."

var codeBook = map[Code]Meaning{
	ContactByAddress: {"The address belongs to this contact.", nothingToDo},
	CompanyByAddress: {"The address belongs to this company.", nothingToDo},
	CompanyByDomain:  {"The address is at a domain of this company.", "Add the person as a contact of the company to see the mail there too."},
	LeadByAddress:    {"The address belongs to this open lead.", "Convert the lead once it is worth a deal."},
	LeadByDomain:     {"The address is new, but at the domain of this open lead.", "Convert the lead, or add the person as a contact."},
	LeadWasConverted: {"The address belonged to a lead that became this contact.", nothingToDo},
	LinkedByUser:     {"A person linked it by hand.", nothingToDo},
	DealExplicit:     {"The tag in the BCC address or the subject names this deal.", nothingToDo},
	DealByThread:     {"Earlier mail of this conversation is on this deal.", nothingToDo},
	DealUnique:       {"It is the only open deal there.", nothingToDo},
	DealByOverlap:    {"Of several open deals, this one has the most people of this mail.", "If it is the wrong one, link the right deal: the conversation will follow."},
	DealPinned:       {"A person chose this deal for the conversation.", nothingToDo},
	DealByPolicy:     {"Several open deals fit, and the company has set which of them to take (linking.deals).", "If it is the wrong one, link the right deal: the conversation will follow."},

	DealAmbiguous:      {"Several open deals fit, and none was named.", "Link the right deal once: the rest of the conversation will follow. Or add +deal and its number to the BCC address."},
	NoOpenDeal:         {"There is no open deal for these people.", nothingToDo},
	ThreadDealClosed:   {"The conversation's deal is closed, but only just.", "Link another deal if this one is done with."},
	ContactAmbiguous:   {"Several contacts have this address; one was chosen.", "Merge the contacts, or take the address from the wrong one."},
	DomainAmbiguous:    {"Several companies have this domain, so none was linked.", "Add the person as a contact of the right company."},
	LeadCreated:        {"The address was unknown, so a lead was made.", "Check the name, then convert or dismiss the lead."},
	ContactCreated:     {"The address was unknown, so a contact was made.", "Check the name and the company."},
	LeadWasDismissed:   {"The address belongs to a dismissed lead, so nothing new was made.", "Create a contact if the person matters after all."},
	UnknownReview:      {"Somebody in it is unknown, and a person is to decide.", "Link it, create a lead or contact, or dismiss it."},
	UnknownIgnored:     {"Nobody in it is known, and unknown people are ignored here; the content was not kept.", "Add the contact first, or change the mailbox's policy."},
	RoleAddress:        {"The address belongs to a role or a robot, so nothing was made for it.", "Create a contact by hand if it is one."},
	Bulk:               {"It is a mailing, or has too many recipients to be a conversation, so nothing was made.", "Link it by hand if it matters."},
	Excluded:           {"The address is on the never-log list.", "Remove the exclusion if the address should be tracked."},
	InternalOnly:       {"Only colleagues are in it; the content was not kept.", nothingToDo},
	InternalInThread:   {"Only colleagues are in it, but the conversation is a client's.", "Link it if it belongs on the client's timeline."},
	NoVisibleRecipient: {"No recipient can be seen, and no forwarded mail was found in it.", "Link it by hand, or write the client's address into To."},
	Stranger:           {"The author is none of our users, and nothing shows that one of them passed it on.", "If the author is a colleague, verify the address; if a client, link it by hand."},
	SenderUnverified:   {"The author is at a domain of ours, but no user has this address.", "Verify the address for the user it belongs to: one act, and it is filed."},
	SenderAuthFailed:   {"Nothing proves that the author sent it, so nothing was made of it.", "Send it through the company's own mail server, or link it by hand."},
	AddressExposed:     {"The BCC address stands in To or Cc, where the client can see it.", "Rotate the address if strangers may have it."},
	Loop:               {"It is our own mail come back, or one sender made too many records.", "Look for a rule that sends our mail back to us."},
	AutoReply:          {"It is an automatic answer, so nothing was made of it.", nothingToDo},
	BounceReport:       {"It is a delivery report on a mail of ours.", "Ask the client for a working address."},
	TagUnknown:         {"A tag in the BCC address is not one we know.", "Tags are +deal42 +lead7 +contact15 +company3 +private +nolead +fw."},
	TagNoRecord:        {"A tag in the BCC address names a record that does not exist.", "Check the number."},
	ForwardParsed:      {"The forwarded original was read from the text.", nothingToDo},
	ForwardNoAddress:   {"The forwarded original names its author, but not his address.", "Choose the contact, or forward it as an attachment."},
	DuplicateOf:        {"The same mail was already here.", nothingToDo},
	MsgidCollision:     {"Another mail has the same Message-ID but is not the same mail; both are kept.", nothingToDo},
	Superseded:         {"A later sighting of the same mail could be filed, and closed this one.", nothingToDo},
	RecipientsCapped:   {"It has more recipients than are linked; the rest were left out.", "Link the others by hand if they matter."},
	ParseTruncated:     {"It is larger or more nested than the limits, and was filed from what was read.", "The raw message is kept whole."},
	Unparseable:        {"It does not read as a mail; the raw bytes are kept.", "Look at it with `blindcopy intake raw`, then link or dismiss it."},
	InternalError:      {"A rule of ours failed on it; the raw bytes are kept.", "Run `blindcopy relink` after an update, and report it."},
	Dismissed:          {"A person dismissed it.", nothingToDo},
	Unlinked:           {"A person took it from a timeline; no rule puts it there again.", nothingToDo},
	Undone:             {"A person undid what the program did with it.", "Link it by hand if it belongs somewhere after all."},
}
