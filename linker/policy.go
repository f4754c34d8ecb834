package linker

import (
	"time"

	"blindcopy/crm"
	"blindcopy/message"
)

// Policy is what the configuration says about linking. It is read-only once the linker runs.
type Policy struct {
	Domain           string        // of the BCC addresses
	InternalDomains  []string      // the company's own, besides those of its users
	UnknownOutgoing  crm.Policy    // a user's own acts, where the mailbox does not say
	UnknownIncoming  crm.Policy    // redirected mail, where the mailbox does not say
	Deals            DealChoice    // when several open deals fit
	CreateFromCc     bool          // records are made from Cc too, not from To alone
	SenderAuth       AuthMode      // what becomes of an author that nothing proves
	IgnoreInternal   bool          // colleagues inside a client's thread: ignored, not held
	FreeMail         crm.WordList  // domains that are no company's
	Roles            crm.WordList  // local parts that are no person's
	TrustedSenders   crm.WordList  // applications that send for our users
	RotationGrace    time.Duration // how long a rotated BCC address is still taken
	MatchedLimit     int           // known counterparties linked per mail
	CreatedPerMail   int           // records made per mail
	BulkRecipients   int           // more external recipients than this are a mailing
	CreatedPerSender int           // records one external author may cause in two hours
	Reading          message.Limits
	MarkSecret       []byte        // signs the header field by which we know our own mail; empty: none is ours
	RecordTimeout    time.Duration // custody ends after this; the sender tries again
}

// DealChoice says what to do when several open deals fit and no rule chose one.
type DealChoice string

// ask leaves it to a person; the others choose.
const (
	DealsAsk                DealChoice = "ask"
	DealsLastCorrespondence DealChoice = "last_correspondence"
	DealsNewest             DealChoice = "newest"
	DealsAll                DealChoice = "all"
	DealsNone               DealChoice = "none"
)

// AuthMode says what an unproven author may do.
type AuthMode string

// off does not look; mark files with a badge and creates nothing for a failed one; require holds it.
const (
	AuthOff     AuthMode = "off"
	AuthMark    AuthMode = "mark"
	AuthRequire AuthMode = "require"
)

// Defaults returns the policy of SEMANTICS.md for a BCC domain.
func Defaults(domain string) Policy {
	return Policy{
		Domain:           crm.NormalDomain(domain),
		UnknownOutgoing:  crm.PolicyLead,
		UnknownIncoming:  crm.PolicyReview,
		Deals:            DealsAsk,
		SenderAuth:       AuthMark,
		FreeMail:         crm.FreeMailDomains(),
		Roles:            crm.RoleAddresses(),
		RotationGrace:    30 * 24 * time.Hour,
		MatchedLimit:     50,
		CreatedPerMail:   5,
		BulkRecipients:   20,
		CreatedPerSender: 20,
		RecordTimeout:    60 * time.Second,
	}
}
