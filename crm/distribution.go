package crm

import "time"

// QueueOrder is how a queue gives out leads.
type QueueOrder string

// order: one after the other; weighted: the same, some more often; fewest_open: whoever
// has the fewest open leads.
const (
	QueueInOrder    QueueOrder = "order"
	QueueWeighted   QueueOrder = "weighted"
	QueueFewestOpen QueueOrder = "fewest_open"
)

// Distribution says who becomes responsible for a lead from a shared mailbox: the first
// rule that fits, else the queue, else the fallback.
type Distribution struct {
	Rules    []DistributionRule `json:"rules"`
	Queue    []QueueMember      `json:"queue"`
	Order    QueueOrder         `json:"order"`
	Fallback Address            `json:"fallback"` // e-mail address of a user
}

// DistributionRule gives mail that fits all of its conditions to a user. An empty condition fits.
type DistributionRule struct {
	Recipient Address  `json:"recipient"` // the alias it was written to
	Words     []string `json:"words"`     // one of them stands in the subject, in any case
	Domain    string   `json:"domain"`    // of the author, or *.domain for all below it
	User      Address  `json:"user"`
}

// QueueMember is one user in a queue. A weight below 1 counts as 1.
type QueueMember struct {
	User   Address `json:"user"`
	Weight int     `json:"weight"`
}

// Absence is a time in which a user is given no leads. Until zero: until further notice.
type Absence struct {
	From, Until time.Time
}

// Covers tells whether the user is absent at t.
func (a *Absence) Covers(t time.Time) bool {
	return a != nil && !t.Before(a.From) && (a.Until.IsZero() || t.Before(a.Until))
}

// CursorMove takes the next place in a mailbox's queue. The store refuses it as stale
// where another mail has moved the cursor from From.
type CursorMove struct {
	Mailbox  MailboxID
	From, To int64
}
