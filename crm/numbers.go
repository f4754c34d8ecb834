package crm

import "time"

// Numbers is what became of the mail of some weeks, and who wrote it.
type Numbers struct {
	From  time.Time `json:"from"` // Monday, 0:00 UTC
	To    time.Time `json:"to"`
	Weeks []Week    `json:"weeks"` // oldest first, none left out
	// Reasons counts the codes of the traces, in no order.
	Reasons map[Code]int `json:"reasons"`
	// Partial tells that there was more mail than is counted, and From is where the counting began.
	Partial bool `json:"partial"`
}

// Week is one of them.
type Week struct {
	Monday   time.Time             `json:"monday"`
	Received int                   `json:"received"` // intakes, however they ended
	Verdicts map[Verdict]int       `json:"verdicts"`
	Created  int                   `json:"created"` // intakes that made a record
	Mails    int                   `json:"mails"`   // activities that occurred in the week
	Linked   int                   `json:"linked"`  // of those, on a timeline
	People   map[UserID]PersonWeek `json:"people"`
}

// PersonWeek is one user's part in a week.
type PersonWeek struct {
	Sent     int             `json:"sent"`
	Received int             `json:"received"`
	Answers  []time.Duration `json:"-"` // how long clients waited for an answer he wrote
}
