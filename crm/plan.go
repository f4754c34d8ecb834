package crm

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Plan is what a decision wants done, in words and in rows. The store carries it out
// in one transaction and decides nothing.
type Plan struct {
	Stamp      Stamp // what the facts stood on
	Mailbox    MailboxID
	Owner      UserID     // T, the capturer; 0 on a shared mailbox
	Capturers  []Capturer // T and every further BCC recipient of the same transaction
	Visibility Visibility
	Auth       SenderAuth
	Results    []Result // at least one
}

// Capturer is one mailbox a mail was seen through.
type Capturer struct {
	Mailbox MailboxID
	User    UserID
}

// Result is what becomes of one original.
type Result struct {
	Mail       *Mail
	Verdict    Verdict
	Steps      []Step
	Claims     []Claim
	Candidates []Candidate // considered, and why not
	Proposals  []Candidate // for the review list
	Keep       Keep
	Visibility Visibility // the plan's, or stricter where this original asks for it
	People     []Person   // every participant, for the timeline and for later re-runs

	Activity    ActivityID // a duplicate, or mail about a mail: the activity that is added to
	DuplicateOf IntakeID   // the first intake of this mail ...
	FirstIn     int        // ... and which original of that it is
	Supersedes  IntakeID   // a held intake that this sighting closes
	New         *Draft     // a new activity; nil unless filed
	Creates     []NewRecord
	Links       []NewLink
	Bounces     []Bounce
	Names       []NewName
	Cursor      *CursorMove
	Open        []Party // addresses left unknown in filed mail: questions for the review list
	AskDeal     bool    // which deal it belongs to is one, too: the proposals name them, the likeliest first
	Preview     string  // of held mail without a Body: how it begins
	Body        *Body   // of held mail: what a timeline will show of it; nil where the raw bytes must be asked
}

// Body is what a mail says, as far as its timeline shows it. The text itself stays in the raw bytes.
type Body struct {
	Preview     string
	Attachments []Attachment
	Searched    bool // for mail inside it, and there is none; else it is known only that it went to somebody outside
}

// Keep says what stays of the content: the raw bytes and the text.
type Keep int

// KeepNothing: the envelope, From, Message-ID and subject stay with the trace. KeepAWhile: for the
// retention time of unfiled mail. KeepForever: as long as the activity lives.
const (
	KeepNothing Keep = iota
	KeepAWhile
	KeepForever
)

// Claim reserves an identity of a mail, so that its second sighting is recognised. The
// unique key is (Key, N); N is the number of other mails that were found with the same key.
type Claim struct {
	Key         string // "id:" and the Message-ID, or "hash:" and a digest
	N           int
	From        uint64
	BaseSubject uint64
	Date        time.Time
	Barred      bool
	Replace     bool // (Key, N) is there: this result does what its first one could not, and takes its place
}

// Draft is an activity to be.
type Draft struct {
	Direction   Direction
	Author      Party
	AuthorUser  UserID // 0 for a client
	Subject     string
	OccurredAt  time.Time
	DateWritten string // where occurred_at is not the written date
	Badges      []Badge
	Automatic   bool
	Note        string
	Preview     string
	Attachments []Attachment
	BodyStart   string

	Thread  ThreadID   // 0 begins a conversation
	With    int        // 1 and up: that of an earlier result of this plan, counted from 1; then Thread is 0
	Join    []ThreadID // conversations that turn out to be the same one
	Awaited bool       // a mail that answers it was here first
	Answers []string   // Message-IDs this mail answers that are not here yet
	Pin     int64      // a deal that the conversation follows from now on
}

// Person is one participant row.
type Person struct {
	Role ParticipantRole `json:"role"`
	Party
}

// NewRecord is a lead or contact that a mail makes.
type NewRecord struct {
	Kind    Kind
	Title   string
	Name    string
	Guessed bool // the name was made from the address: a later mail's display name replaces it
	Emails  []Address
	Domain  string // the corporate domain a lead stands for; empty for free mail
	Company int64  // of a contact; 0 for none
	Owner   UserID
}

// NewLink puts the activity on a timeline.
type NewLink struct {
	Ref     Ref
	Created int // 1 is the first of Result.Creates, then Ref.ID is not known yet; 0: Ref is
	Title   string
	Code    Code
	Source  Source
}

// NewName gives a name to a record that has none.
type NewName struct {
	Ref  Ref
	Name string
}

// Record is one intake for the store to write: inbound, the plan and how to plan again.
type Record struct {
	Inbound *Inbound
	Message *Mail // the message itself: its Message-ID, From and subject stand in the intake, also where originals inside it are what is filed
	Plan    *Plan
	Rerun   bool   // the intake is there already: its trace goes on, and nothing is created
	Row     any    // of a rerun: StoredMail.Row, which spares the store to read it once more; nil makes it do so
	Act     string // what a person decided, for the audit log: review.link, review.create; "" where rules decide alone

	// Again decides once more from fresh facts, inside the writer, for the last of several
	// attempts; nil makes the writer answer ErrStale instead. A nil plan means that nothing is to be written after all.
	Again func(*Facts) (*Plan, error)
	// Question is what Plan was decided from. The store compares whatever it names with Plan.Stamp, and
	// asks it once more for Again.
	Question Question
}

// Recorded is what a Record became.
type Recorded struct {
	Activities []ActivityID // one for each result: the new one, the one it was added to, or 0
	Created    []Ref        // in the order of the results and their Creates
}

// Relinked is a second thought about one activity: links that are added or taken away. A link that a person
// made is never taken away, and one that a person took away is never added again.
type Relinked struct {
	Activity ActivityID
	Add      []NewLink
	Remove   []Ref
	Pin      int64 // a deal that the conversation follows from now on; 0 leaves it
	Answered bool  // nothing about it is an open question any more: it leaves the review list
	Row      any   // StoredMail.Row of the mail, as in Record; nil makes the store read it
}

// Verdict of the intake: the first present of filed, held, duplicate, ignored.
func (p *Plan) Verdict() Verdict {
	for _, v := range []Verdict{Filed, Held, Duplicate} {
		for i := range p.Results {
			if p.Results[i].Verdict == v {
				return v
			}
		}
	}
	return Ignored
}

// Codes are those of all results, each once, in the order they were said.
func (p *Plan) Codes() []Code {
	codes := []Code{}
	for i := range p.Results {
		codes = appendNew(codes, p.Results[i].Codes()...)
	}
	return codes
}

// Codes of a result: those of its steps and its links, each once.
func (r *Result) Codes() []Code {
	codes := []Code{}
	for _, s := range r.Steps {
		codes = appendNew(codes, s.Code)
	}
	for _, l := range r.Links {
		codes = appendNew(codes, l.Code)
	}
	return codes
}

func appendNew(codes []Code, more ...Code) []Code {
next:
	for _, c := range more {
		for _, have := range codes {
			if have == c {
				continue next
			}
		}
		codes = append(codes, c)
	}
	return codes
}

// Fingerprint is the first 8 bytes of the SHA-256 of s: an index key for texts that are too long
// to be one. Where two texts could meet by ill will, the text itself is compared too.
func Fingerprint(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:8])
}
