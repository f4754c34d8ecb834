package crm

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// Secret is what a link, a session cookie or an API token is known by: 32 random bytes, as 43 characters that may stand
// in a URL. We keep only its hash.
type Secret string

// NewSecret returns a fresh secret from the system's random source.
func NewSecret() Secret {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	return Secret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// Hash is what is kept of a secret: whoever reads a backup cannot use it. A fast hash will do, for nobody guesses 256
// random bits.
func (s Secret) Hash() SecretHash { return sha256.Sum256([]byte(s)) }

// SecretHash is the SHA-256 of a secret.
type SecretHash [sha256.Size]byte

// TicketPurpose is what a link that works once is for.
type TicketPurpose string

// The purposes.
const (
	TicketSetup      TicketPurpose = "setup"      // the first admin chooses his password
	TicketInvitation TicketPurpose = "invitation" // a user chooses his first one
	TicketReset      TicketPurpose = "reset"      // a user chooses another one
	TicketSignIn     TicketPurpose = "signin"     // signs in without a password: the demonstration's
	TicketAddress    TicketPurpose = "address"    // an address of a user is confirmed
)

// Lasts is how long a link of this purpose works.
func (p TicketPurpose) Lasts() time.Duration {
	const day = 24 * time.Hour
	switch p {
	case TicketInvitation, TicketAddress:
		return 7 * day
	case TicketReset:
		return time.Hour
	}
	return day
}

// Ticket is a link that works once.
type Ticket struct {
	Purpose TicketPurpose
	User    UserID  // 0 for setup where there is no admin yet
	Address Address // that is confirmed
	Expires time.Time
}

// SignInLink is a link that was made for somebody. Whoever has it can use it: it is shown once, and not kept.
type SignInLink struct {
	User    Address       `json:"user"`
	Purpose TicketPurpose `json:"purpose"`
	URL     string        `json:"url"`
	Expires time.Time     `json:"expires"`
}

// APIToken lets a program ask and act in the name of a user. The token itself is shown once, and not kept.
type APIToken struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"` // what it is for
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"` // to the minute
}
