package crm

import "time"

// RecordFilter narrows a list of contacts, companies or deals. Zero fields do not narrow.
type RecordFilter struct {
	Match   string // text in the name or title, or in an address or domain
	Company int64
	Contact int64   // of deals
	Owner   Address // e-mail address of the user
	Status  DealStatus
	Limit   int   // 0 is all
	Before  int64 // only records with a smaller id: what follows a page; 0 is from the newest
}

// LeadFilter narrows a list of leads. Zero fields do not narrow.
type LeadFilter struct {
	Status LeadStatus
	Match  string // text in the title, the name or an address
	Limit  int    // 0 is all
	Before int64  // as in RecordFilter
}

// ActivityFilter narrows a list of activities. Zero fields do not narrow.
type ActivityFilter struct {
	Ref      *Ref       // on the timeline of one record
	Thread   ThreadID   // of one conversation, in place of Ref
	User     Address    // wrote or captured it; an address of a user
	Match    string     // text in the subject, the people, the preview or the note
	Limit    int        // 0 is all
	Before   time.Time  // only mail that occurred before
	BeforeID ActivityID // and of that moment, those with a smaller id: what follows a page; 0 is none of them
	Viewer   *Viewer    // only what he may see of it; nil is everything
}

// IntakeFilter narrows a list of intakes. Zero fields do not narrow.
type IntakeFilter struct {
	Verdict Verdict
	Since   time.Time // received then or later
	Match   string    // text in the author, a recipient, the subject or the Message-ID
	Before  IntakeID  // only what was recorded before that one: what follows a page; "" is from the newest
	Limit   int       // 0 is all
	Viewer  *Viewer   // only what he may see of it; nil is everything
}

// ReviewFilter narrows the review list.
type ReviewFilter struct {
	Limit  int     // 0 is all
	Viewer *Viewer // only what he may decide about; nil is everything
}
