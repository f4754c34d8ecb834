package crm

import "time"

// Role of a user. An admin may change other users and the company's rules.
type Role string

// The two roles.
const (
	RoleAdmin   Role = "admin"
	RoleManager Role = "manager"
)

// User is a manager of the company.
type User struct {
	ID           UserID        `json:"id"`
	Email        Address       `json:"email"`
	Name         string        `json:"name"`
	Role         Role          `json:"role"`
	Active       bool          `json:"active"`
	Addresses    []UserAddress `json:"addresses"`   // the primary first
	BCCAddress   Address       `json:"bcc_address"` // the current one
	BCCState     BCCState      `json:"bcc_state"`
	BCCAddresses []BCCAddress  `json:"bcc_addresses"` // newest first, past ones too

	Absence *Absence `json:"-"`
}

// UserAddress is an address a user writes from. Only verified ones identify him.
type UserAddress struct {
	Address  Address `json:"address"`
	Verified bool    `json:"verified"`
}

// String is the name people know the user by.
func (u User) String() string {
	if u.Name != "" {
		return u.Name
	}
	return string(u.Email)
}

// MailboxKind is the way a mailbox gets its mail.
type MailboxKind string

// The kinds of mailbox.
const (
	MailboxBCC      MailboxKind = "bcc"      // personal, one per user, with a secret address
	MailboxShared   MailboxKind = "shared"   // a department address such as info@
	MailboxPersonal MailboxKind = "personal" // a user's own mailbox, pulled

	// MailboxPostmaster is no mailbox of anybody's: mail to postmaster, which every domain must take
	// (RFC 5321 §4.5.1), is held for the admins.
	MailboxPostmaster MailboxKind = "postmaster"
)

// Policy says what becomes of an unknown counterparty. Empty inherits the default.
type Policy string

// The four policies.
const (
	PolicyIgnore  Policy = "ignore"
	PolicyReview  Policy = "review"
	PolicyLead    Policy = "lead"
	PolicyContact Policy = "contact"
)

// ParsePolicy reads a policy as people type it.
func ParsePolicy(s string) (Policy, bool) {
	switch p := Policy(s); p {
	case PolicyIgnore, PolicyReview, PolicyLead, PolicyContact:
		return p, true
	}
	return "", false
}

// Visibility says who sees a mail. The order of the constants is from strict to open.
type Visibility string

// private: those who captured it; envelope: others see that, when and with whom;
// linked: whoever may see a linked record; team: everybody.
const (
	VisibilityPrivate  Visibility = "private"
	VisibilityEnvelope Visibility = "envelope"
	VisibilityLinked   Visibility = "linked"
	VisibilityTeam     Visibility = "team"
)

// Stricter returns the stricter of two visibilities; empty counts as the default, linked.
func (v Visibility) Stricter(o Visibility) Visibility {
	if v.rank() <= o.rank() {
		return v
	}
	return o
}

func (v Visibility) rank() int {
	switch v {
	case VisibilityPrivate:
		return 0
	case VisibilityEnvelope:
		return 1
	case VisibilityTeam:
		return 3
	}
	return 2
}

// Mailbox is a way in.
type Mailbox struct {
	ID              MailboxID     `json:"id"`
	Kind            MailboxKind   `json:"kind"`
	Owner           Address       `json:"owner"`            // e-mail address of the user, null for a shared mailbox
	Address         Address       `json:"address"`          // the current BCC address, or the department's
	Unknown         *Policy       `json:"unknown"`          // the owner's own acts; null inherits the default of the kind
	UnknownIncoming *Policy       `json:"unknown_incoming"` // mail redirected by a rule; null inherits
	Visibility      Visibility    `json:"visibility"`
	Distribution    *Distribution `json:"distribution"` // of a shared mailbox

	OwnerID UserID `json:"-"`
}

// Exclusion keeps addresses out of the CRM: an address, a domain or *.domain.
type Exclusion struct {
	ID        int64     `json:"id"`
	Pattern   string    `json:"pattern"`
	User      Address   `json:"user"` // e-mail address; null for the whole company
	CreatedAt time.Time `json:"created_at"`

	UserID UserID `json:"-"`
}
