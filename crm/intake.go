package crm

import (
	"slices"
	"time"
)

// Verdict is how an intake ended.
type Verdict string

// The verdicts. Refused stands only where the refusal came after DATA began.
const (
	Filed     Verdict = "filed"
	Held      Verdict = "held"
	Ignored   Verdict = "ignored"
	Duplicate Verdict = "duplicate"
	Refused   Verdict = "refused"
)

// Intake is one message handed to us, however it ended, with the trace that explains it.
type Intake struct {
	ID          IntakeID       `json:"id"`
	ReceivedAt  time.Time      `json:"received_at"`
	Via         Via            `json:"via"`
	Remote      string         `json:"remote"`
	Helo        string         `json:"helo"`
	TLS         string         `json:"tls"`
	MailFrom    string         `json:"mail_from"`
	Rcpts       []string       `json:"rcpts"`
	Size        int64          `json:"size"`
	MessageID   string         `json:"message_id"`
	From        string         `json:"from"`
	Subject     string         `json:"subject"`
	Verdict     Verdict        `json:"verdict"`
	Codes       []Code         `json:"codes"`
	Steps       []Step         `json:"steps"`
	ActivityIDs []ActivityID   `json:"activity_ids"`
	Created     []Ref          `json:"created"`
	DuplicateOf IntakeID       `json:"duplicate_of"`
	Candidates  []Candidate    `json:"candidates"`
	Results     []ResultReport `json:"results"`
	Auth        SenderAuth     `json:"auth"`
	Visibility  Visibility     `json:"visibility"`
	Owner       Address        `json:"owner"`   // e-mail address of the user whose mailbox it came through
	Open        bool           `json:"open"`    // it asks a person to decide: it is in the review list
	Kept        bool           `json:"kept"`    // the raw bytes are still here
	Expires     *time.Time     `json:"expires"` // when the raw bytes go, null while the activity lives

	WhichDeal   bool        `json:"which_deal,omitempty"`   // filed mail asks a person to choose among several open deals
	Unknown     []Party     `json:"unknown,omitempty"`      // addresses of filed mail that a person may say more of
	Proposals   []Candidate `json:"proposals,omitempty"`    // review list: records it may belong to
	WouldLink   []Link      `json:"would_link,omitempty"`   // try
	WouldCreate []Creation  `json:"would_create,omitempty"` // try
}

// ResultReport is what became of one original in an intake.
type ResultReport struct {
	Original    int         `json:"original"`
	Verdict     Verdict     `json:"verdict"`
	Codes       []Code      `json:"codes"`
	ActivityID  *ActivityID `json:"activity_id"`
	DuplicateOf IntakeID    `json:"duplicate_of"`
	FirstIn     int         `json:"first_in,omitempty"` // which original of duplicate_of it is; 0 the message itself
	Open        bool        `json:"open,omitempty"`     // it asks a person to decide

	// Of held mail: what a person has to know to decide. Of filed mail the activity tells it.
	From    string  `json:"from,omitempty"`
	To      []Party `json:"to,omitempty"` // and Cc
	Subject string  `json:"subject,omitempty"`
	Date    Time    `json:"date,omitzero"` // as it was written; zero where it was not
	Preview string  `json:"preview,omitempty"`
	Unknown []Party `json:"unknown,omitempty"` // of filed mail: addresses that a person may say more of
}

// IsAbout tells whether a candidate is one for this original. One that names none of the originals, as older traces do, is
// for each of them.
func (in *Intake) IsAbout(c Candidate, original int) bool {
	return c.Original == original || !slices.ContainsFunc(in.Results, func(r ResultReport) bool { return r.Original == c.Original })
}

// Asks tells whether a reason to ask a person, or to have one check what was made, still is one.
func (in *Intake) Asks(code Code) bool {
	switch {
	case in.Verdict == Held:
		return in.Open || !code.IsQuestion()
	case in.HeldFor(code):
		return true
	case code == DealAmbiguous:
		return in.WhichDeal
	case code == LeadCreated || code == ContactCreated:
		return !slices.Contains(in.Codes, Undone) // else there is nothing left to check
	}
	return !code.IsQuestion() || len(in.Unknown) > 0
}

// HeldFor tells whether a mail in it waits for a person for a reason.
func (in *Intake) HeldFor(code Code) bool {
	return slices.ContainsFunc(in.Results, func(r ResultReport) bool { return r.Open && r.Verdict == Held && slices.Contains(r.Codes, code) })
}

// hideHeld takes away what held mail says: it is for its owner, and for admins.
func (r *ResultReport) hideHeld() {
	r.From, r.To, r.Subject, r.Date, r.Preview = "", nil, "", Time{}, ""
}

// Step is one line of a trace: the code, a sentence for people, and the facts behind it.
type Step struct {
	Code   Code           `json:"code"`
	Detail string         `json:"detail"`
	Data   map[string]any `json:"data"`
}

// Candidate is a record that was, or may be, considered, and why.
type Candidate struct {
	Kind  Kind   `json:"kind"`
	ID    int64  `json:"id"`
	Title string `json:"title"`
	Why   string `json:"why"`

	Original int `json:"original,omitempty"` // which mail of the message it is about; 0 the message itself
}

// Creation is a record that a mail makes, or would make.
type Creation struct {
	Kind    Kind    `json:"kind"`
	Name    string  `json:"name"`
	Address Address `json:"address"`
}

// SenderAuth is what SPF, DKIM and DMARC say of an author.
type SenderAuth struct {
	SPF    string     `json:"spf"`
	DKIM   string     `json:"dkim"`
	DMARC  string     `json:"dmarc"`
	Result AuthResult `json:"result"`
}

// AuthResult condenses SenderAuth: may the author be believed?
type AuthResult string

// pass: an aligned SPF or DKIM pass, or a trusted network. fail: no pass, and the domain
// publishes DMARC or SPF says fail. none: everything else. off: not looked at.
const (
	AuthPass AuthResult = "pass"
	AuthFail AuthResult = "fail"
	AuthNone AuthResult = "none"
	AuthOff  AuthResult = "off"
)
