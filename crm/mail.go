package crm

import "time"

// Mail is one original in normal form: everything of a message that a rule may ask
// about, and nothing else. A held mail's Mail is stored, so that it can be decided again without
// reading the raw bytes.
type Mail struct {
	Original      int      `json:"original,omitempty"` // 0 the message itself, 1 the first forwarded original in it
	MessageID     string   `json:"message_id,omitempty"`
	InReplyTo     []string `json:"in_reply_to,omitempty"`
	References    []string `json:"references,omitempty"` // the last 32
	From          []Party  `json:"from,omitempty"`
	Sender        []Party  `json:"sender,omitempty"`
	ReplyTo       []Party  `json:"reply_to,omitempty"`
	To            []Party  `json:"to,omitempty"`
	Cc            []Party  `json:"cc,omitempty"`
	Bcc           []Party  `json:"bcc,omitempty"`
	RedirectedBy  []Party  `json:"redirected_by,omitempty"` // Resent-From, Resent-Sender, X-Forwarded-For ...
	Subject       string   `json:"subject,omitempty"`
	BaseSubject   string   `json:"base_subject,omitempty"` // without reply and forward prefixes, lower-case
	IsReply       bool     `json:"is_reply,omitempty"`     // a reply prefix stands in the subject
	IsForward     bool     `json:"is_forward,omitempty"`   // a forward prefix stands in the subject
	Date          Time     `json:"date,omitzero"`          // zero if missing or unreadable
	DateText      string   `json:"date_text,omitempty"`
	DateZoned     bool     `json:"date_zoned,omitempty"` // of an inline forward: a zone was written
	ContentHash   string   `json:"content_hash,omitempty"`
	Automatic     Code     `json:"automatic,omitempty"`      // AutoReply or Bulk, empty for a person's mail
	AutoWhy       string   `json:"auto_why,omitempty"`       // the sign it was recognised by
	AskedPrivate  string   `json:"asked_private,omitempty"`  // where private was asked for: "subject", "sensitivity"
	Mark          string   `json:"mark,omitempty"`           // the id in our own header, its signature checked
	MarkForged    bool     `json:"mark_forged,omitempty"`    // our own header is there, but we did not write it
	SubjectDeal   int64    `json:"subject_deal,omitempty"`   // [D#42]
	ListRewritten Address  `json:"list_rewritten,omitempty"` // X-Original-From of a list or group rewrite
	Report        *Report  `json:"report,omitempty"`         // a delivery report on another mail
	Forwarded     *Forward `json:"forwarded,omitempty"`      // set on an original that was found inside another mail

	NameOnly   string   `json:"name_only,omitempty"`  // an inline forward names its author without an address
	Quoted     string   `json:"-"`                    // text of an inline original
	BodyStart  string   `json:"body_start,omitempty"` // first 200 normalised characters, to know a forward of a mail we have
	Attached   int      `json:"attached,omitempty"`   // originals attached to this covering mail
	Truncated  bool     `json:"truncated,omitempty"`  // a limit cut the reading short
	Unreadable bool     `json:"unreadable,omitempty"` // it does not read as a mail
	Warnings   []string `json:"warnings,omitempty"`   // what was odd about its form
}

// Time is time.Time; the name keeps the struct above readable.
type Time = time.Time

// Forward says how an original came to us inside another mail.
type Forward struct {
	By       Party  `json:"by"`       // the forwarder
	Cover    string `json:"cover"`    // identity of the message it came in
	Attached bool   `json:"attached"` // as message/rfc822; otherwise inline
	Note     string `json:"note,omitempty"`
	Deal     int64  `json:"deal,omitempty"` // [D#42] or #deal 42, as the forwarder wrote it
}

// Report is a delivery report (RFC 3464) on a mail of ours.
type Report struct {
	Kind       string            `json:"kind"` // failed, delayed, delivered, relayed, receipt, abuse
	MessageID  string            `json:"message_id"`
	Recipients []ReportRecipient `json:"recipients"`
}

// ReportRecipient is the report's word on one recipient.
type ReportRecipient struct {
	Address Address `json:"address"`
	Status  string  `json:"status"` // RFC 3463
	Action  string  `json:"action"`
}

// Author is A of the rule book: the first address of From; from Sender, then from the
// reverse path, only where From is absent or has no address at all.
func (m *Mail) Author(reversePath string) Party {
	for _, list := range [][]Party{m.From, m.Sender} {
		for _, p := range list {
			if p.Address != "" {
				return p
			}
		}
	}
	if a, ok := ParseAddress(reversePath); ok {
		return Party{Address: a}
	}
	if len(m.From) > 0 {
		return m.From[0]
	}
	return Party{}
}
