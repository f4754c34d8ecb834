package crm

import "time"

// Direction of a mail: it belongs to the mail, not to the way in.
type Direction string

// Outgoing mail has an author of ours.
const (
	Outgoing Direction = "outgoing"
	Incoming Direction = "incoming"
)

// ParticipantRole is where an address stood in the mail.
type ParticipantRole string

// The roles of a participant.
const (
	RoleFrom     ParticipantRole = "from"
	RoleReplyTo  ParticipantRole = "reply_to"
	RoleTo       ParticipantRole = "to"
	RoleCc       ParticipantRole = "cc"
	RoleBcc      ParticipantRole = "bcc"
	RoleEnvelope ParticipantRole = "envelope" // in RCPT TO only
)

// Badge is a small mark on an activity that people should notice.
type Badge string

// The badges.
const (
	BadgeUnverified      Badge = "unverified_sender"
	BadgeUnauthenticated Badge = "unauthenticated_sender"
	BadgeAutomatic       Badge = "automatic"
	BadgeForwarded       Badge = "forwarded"
	BadgeBounced         Badge = "bounced"
	BadgePrivate         Badge = "private"
	BadgeExposed         Badge = "exposed"
)

// Source says who made a link.
type Source string

// A manual link is never changed by the program.
const (
	SourceAuto   Source = "auto"
	SourceManual Source = "manual"
)

// Activity is a mail on the timelines: exactly one per mail, however many ways it arrived.
type Activity struct {
	ID           ActivityID    `json:"id"`
	MessageID    string        `json:"message_id"`
	Direction    Direction     `json:"direction"`
	Subject      string        `json:"subject"`
	OccurredAt   time.Time     `json:"occurred_at"`
	CapturedAt   time.Time     `json:"captured_at"`
	Author       Author        `json:"author"`
	Participants []Participant `json:"participants"`
	Links        []Link        `json:"links"`
	Captures     []Capture     `json:"captures"`
	Badges       []Badge       `json:"badges"`
	Automatic    bool          `json:"automatic"`
	Visibility   Visibility    `json:"visibility"`
	ThreadID     ThreadID      `json:"thread_id"`
	ThreadPinned bool          `json:"thread_pinned"`
	Preview      string        `json:"preview"`
	Note         string        `json:"note"` // what the forwarder wrote above a forwarded mail
	Attachments  []Attachment  `json:"attachments"`
	Bounces      []Bounce      `json:"bounces"`
	DateWritten  string        `json:"date_written,omitempty"` // the Date field, where occurred_at is not it
	Text         string        `json:"text,omitempty"`         // filled by activity show
	HTML         string        `json:"html,omitempty"`         // sanitised; filled by activity show

	// IntakeID and Original say where the raw bytes are: original 0 is the message itself.
	IntakeID IntakeID `json:"-"`
	Original int      `json:"-"`
}

// Author of a mail. User is the e-mail address of the user who wrote it, null for a client.
type Author struct {
	Address Address `json:"address"`
	Name    string  `json:"name"`
	User    Address `json:"user"`
}

// Participant of a mail as its timeline shows it.
type Participant struct {
	Role    ParticipantRole `json:"role"`
	Address Address         `json:"address"`
	Name    string          `json:"name"`
	Kind    Kind            `json:"kind"`
	ID      *int64          `json:"id"`
}

// Link puts an activity on the timeline of one record, with the reason.
type Link struct {
	Kind   Kind   `json:"kind"`
	ID     int64  `json:"id"`
	Title  string `json:"title"`
	Code   Code   `json:"code"`
	Source Source `json:"source"`
}

// Ref is the record the link points at.
func (l Link) Ref() Ref { return Ref{l.Kind, l.ID} }

// Capture is one sighting of a mail.
type Capture struct {
	IntakeID   IntakeID  `json:"intake_id"`
	Mailbox    MailboxID `json:"mailbox"`
	User       Address   `json:"user"`
	Via        Via       `json:"via"`
	ReceivedAt time.Time `json:"received_at"`
}

// Attachment of a mail. Size and SHA256 are null where they were not worked out: the
// bytes stay encoded in the raw mail until somebody asks.
type Attachment struct {
	ID          int     `json:"id"` // 1 is the first
	Name        string  `json:"name"`
	ContentType string  `json:"content_type"`
	Size        *int64  `json:"size"`
	SHA256      *string `json:"sha256"`
	Inline      bool    `json:"inline"`
	Stored      bool    `json:"stored"`
	Part        string  `json:"-"` // path of the MIME part, as 1.2
}

// Bounce is a delivery report's word on one recipient.
type Bounce struct {
	Address Address   `json:"address"`
	Status  string    `json:"status"` // RFC 3463, as 5.1.1
	At      time.Time `json:"at"`
}
