package crm

import (
	"sync/atomic"
	"time"
)

// Question is everything one decision wants to know of the store, asked in one go.
type Question struct {
	Addresses []Address     // every participant of every original
	Keys      []string      // identities of the originals: see Claim
	Messages  []string      // Message-IDs this mail answers, nearest first, and its own
	Tags      []Ref         // records named in the BCC address or the subject
	Subjects  []SubjectHint // to find a conversation without threading headers
	Forwards  []ForwardHint // to find the mail that an inline forward shows
	Threads   []ThreadID    // conversations that are known already
	Creator   Address       // external author: how much was created from him lately
	Mailbox   MailboxID     // the shared mailbox whose queue may give out a lead; 0 for none
}

// SubjectHint finds mail of the same conversation by subject and people.
type SubjectHint struct {
	BaseSubject string
	Address     Address // an external participant
	Since       time.Time
}

// ForwardHint finds mail of the same author and base subject at about the same time.
type ForwardHint struct {
	Author      Address
	BaseSubject string
	At          time.Time // searched 14 h to either side
}

// Stamp says what state of the store facts were read in. The writer compares it before it
// records: see ErrStale.
type Stamp struct {
	Version  int64      // of users, mailboxes, exclusions, deals, names: bumped by each change a person makes
	Seq      int64      // of the address log: the last change of any address or domain that was seen
	Activity ActivityID // the newest activity that was there: a Message-ID filed since was not seen
}

// Facts is the answer to a Question. A missing map entry means "nothing known", never "could not ask".
type Facts struct {
	Now       time.Time
	Stamp     Stamp
	Rules     *Rules
	Holders   map[Address][]Holder // records that have the address; also asked without its +tag
	Domains   map[string]*DomainFacts
	Contacts  map[int64]*ContactFacts
	Companies map[int64]*CompanyFacts
	Leads     map[int64]*LeadFacts
	Deals     map[int64]*DealFacts
	Sightings map[string][]Sighting // by identity key, in order of n
	ByMessage map[string]ThreadID   // thread of a filed mail, by Message-ID
	Waiting   map[string][]ThreadID // threads in which a mail answers this Message-ID, which was not there yet
	BySubject map[string][]SubjectHit
	Forwarded map[string][]SubjectHit // by base subject: what a ForwardHint found
	Threads   map[ThreadID]*ThreadFacts
	Created   int            // records made from Question.Creator in the last two hours
	Cursor    int64          // place in the queue of Question.Mailbox
	OpenLeads map[UserID]int // open leads of each user; only read for Question.Mailbox
}

// Rules is the snapshot of what people have set: small, shared, never modified.
type Rules struct {
	Version    int64
	Users      map[UserID]*User
	ByAddress  map[Address]UserID // verified and not, of active and disabled users
	Mailboxes  map[MailboxID]*Mailbox
	Shared     map[Address]MailboxID
	Exclusions []Exclusion

	domains atomic.Pointer[map[string]struct{}] // see UserDomain
}

// UserDomain tells whether an active user's primary address is at a domain.
func (r *Rules) UserDomain(domain string) bool {
	domains := r.domains.Load()
	if domains == nil {
		domains = &map[string]struct{}{}
		for _, u := range r.Users {
			if u.Active {
				(*domains)[u.Email.Domain()] = struct{}{}
			}
		}
		r.domains.Store(domains)
	}
	_, ok := (*domains)[domain]
	return ok
}

// UserAt returns the active user who writes from a, and whether the address is verified.
func (r *Rules) UserAt(a Address) (user *User, verified bool) {
	u := r.Users[r.ByAddress[a]]
	if u == nil {
		u = r.Users[r.ByAddress[a.WithoutTag()]]
		a = a.WithoutTag()
	}
	if u == nil || !u.Active {
		return nil, false
	}
	for _, ua := range u.Addresses {
		if ua.Address == a {
			return u, ua.Verified
		}
	}
	return nil, false
}

// Holder is a record that has an address.
type Holder struct {
	Kind   Kind // contact, company or lead
	ID     int64
	Former bool
}

// DomainFacts is what is known of one domain.
type DomainFacts struct {
	Companies []int64 // companies with this domain
	OpenLeads []int64 // open leads with an address at it, oldest first
}

// ContactFacts is a contact as a decision sees it.
type ContactFacts struct {
	ID        int64
	Name      string
	Company   int64 // 0 for none
	Owner     UserID
	OpenDeals []int64
	LastMail  time.Time // the newest mail on its timeline; only read where several contacts share an address
	NameKnown bool      // it has a name that was not guessed from its address
}

// CompanyFacts is a company as a decision sees it.
type CompanyFacts struct {
	ID        int64
	Name      string
	Owner     UserID
	OpenDeals []int64
}

// LeadFacts is a lead as a decision sees it.
type LeadFacts struct {
	ID          int64
	Title, Name string
	Status      LeadStatus
	Responsible UserID
	Contact     int64 // what a converted lead became
	NameKnown   bool
}

// DealFacts is a deal as a decision sees it.
type DealFacts struct {
	ID       int64
	Title    string
	Status   DealStatus
	Owner    UserID
	Company  int64
	Contacts []int64
	ClosedAt time.Time
	Created  time.Time
	LastMail time.Time // the newest mail on its timeline
}

// Sighting is an earlier result with the same identity key.
type Sighting struct {
	Key         string
	N           int // its place among those of the same key
	Intake      IntakeID
	Original    int
	Verdict     Verdict
	Activity    ActivityID // 0 unless filed
	From        uint64     // Fingerprint of the author's address
	BaseSubject uint64     // Fingerprint
	Date        time.Time  // the Date field; zero if it had none
	Barred      bool       // it was kept from creating: forged, or the policy
	BodyStart   string     // of a filed mail, for inline forwards
	Visibility  Visibility // what its sightings so far have asked for
}

// SubjectHit is a filed mail that may belong to the same conversation.
type SubjectHit struct {
	Thread    ThreadID
	Activity  ActivityID
	Intake    IntakeID
	At        time.Time
	People    []Address
	BodyStart string
}

// ThreadFacts is a conversation as a decision sees it.
type ThreadFacts struct {
	ID       ThreadID
	Pinned   int64   // the deal a person chose, or 0
	Deals    []int64 // deals its mail is on, the latest first
	Contacts []int64 // contacts its mail is on
	Leads    []int64
	LastAt   time.Time
}

// StoredMail is one original that is on record, filed or held, as a second thought about it wants to see
// it: see MailWith in package store.
type StoredMail struct {
	Cursor     MailCursor
	Intake     IntakeID
	Original   int
	Activity   ActivityID // 0 while it is held
	Thread     ThreadID
	Mail       *Mail // of an activity: From, To, Cc, Bcc, Message-ID, subject, date; of held mail: all of it
	Direction  Direction
	AuthorUser UserID // 0 for a client
	Owner      UserID // T; 0 on a shared mailbox
	Mailbox    MailboxID
	Visibility Visibility
	Automatic  bool
	Held       *Intake  // of held mail: its id, verdict, codes, results and authentication
	Inbound    *Inbound // of held mail: its envelope, without the raw bytes
	Body       *Body    // of held mail; nil where only the raw bytes tell what it says, or what else is in it
	Row        any      // what the store read of the intake, for Record.Row and Relinked.Row
	Links      []Link
	At         time.Time // occurred_at, or of held mail the receipt
}

// MailCursor is a place in the list of stored mail. Zero is before the first.
type MailCursor int64

// HeldMail is the place before the first held mail: after it there is nothing that is filed.
const HeldMail MailCursor = 1 << 62

// TokenInfo is what is known of the secret in a BCC address.
type TokenInfo struct {
	Token, Slug string
	State       BCCState  // revoked too once the grace of a rotating one is over
	Until       time.Time // end of the grace of a rotating one; else zero
	Mailbox     MailboxID
	User        UserID
}
