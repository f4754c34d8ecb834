package crm

import "time"

// Email is one address of a contact, company or lead. A former one still matches mail.
type Email struct {
	Address   Address    `json:"address"`
	Former    bool       `json:"former"`
	BouncedAt *time.Time `json:"bounced_at"`
}

// Contact is a person at a client.
type Contact struct {
	ID              int64    `json:"id"`
	Name            string   `json:"name"`
	Emails          []Email  `json:"emails"`
	Company         *Named   `json:"company"`
	Owner           Address  `json:"owner"`       // e-mail address of the user
	NeedsCheck      bool     `json:"needs_check"` // made by us, not yet looked at by a person
	CreatedByIntake IntakeID `json:"created_by_intake"`
}

// Company is a client's organisation.
type Company struct {
	ID              int64    `json:"id"`
	Name            string   `json:"name"`
	Domains         []string `json:"domains"`
	Emails          []Email  `json:"emails"`
	Owner           Address  `json:"owner"`
	NeedsCheck      bool     `json:"needs_check"`
	CreatedByIntake IntakeID `json:"created_by_intake"`
}

// LeadStatus is where a lead stands.
type LeadStatus string

// A lead is open until a person converts it to a contact or dismisses it.
const (
	LeadOpen      LeadStatus = "open"
	LeadConverted LeadStatus = "converted"
	LeadDismissed LeadStatus = "dismissed"
)

// Lead is somebody we have begun to write with and do not know yet.
type Lead struct {
	ID              int64      `json:"id"`
	Title           string     `json:"title"`
	Name            string     `json:"name"`
	Emails          []Email    `json:"emails"`
	Status          LeadStatus `json:"status"`
	Responsible     Address    `json:"responsible"`
	NeedsCheck      bool       `json:"needs_check"`
	CreatedByIntake IntakeID   `json:"created_by_intake"`
	ContactID       *int64     `json:"contact_id"` // the contact a converted lead became
	CreatedAt       time.Time  `json:"created_at"`
}

// DealStatus is where a deal stands.
type DealStatus string

// A deal is open until it is won or lost.
const (
	DealOpen DealStatus = "open"
	DealWon  DealStatus = "won"
	DealLost DealStatus = "lost"
)

// Deal is a sale in progress, or one that ended.
type Deal struct {
	ID        int64      `json:"id"`
	Title     string     `json:"title"`
	Status    DealStatus `json:"status"`
	Stage     string     `json:"stage"`
	Owner     Address    `json:"owner"`
	Company   *Named     `json:"company"`
	Contacts  []Named    `json:"contacts"`
	ClosedAt  *time.Time `json:"closed_at"`
	CreatedAt time.Time  `json:"created_at"`
}
