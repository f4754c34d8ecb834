package crm

import (
	"net/netip"
	"time"
)

// Via is the way a message came to us.
type Via string

// The ways in.
const (
	ViaSMTP   Via = "smtp"
	ViaLMTP   Via = "lmtp"
	ViaIMAP   Via = "imap"
	ViaImport Via = "import"
	ViaTry    Via = "try"
)

// Inbound is a message in our custody with its envelope (RFC 5321 §2.3.1): what every
// way in hands to the linker.
type Inbound struct {
	ID         IntakeID
	ReceivedAt time.Time
	Via        Via
	Remote     netip.Addr
	Helo       string
	TLS        string      // "TLS 1.3" and so on; empty in the clear
	Trusted    bool        // the peer is in smtp.trusted_networks: its author counts as aligned
	MailFrom   string      // reverse path as given, without <>; empty is the null reverse path
	Recipients []Recipient // never empty
	Raw        Raw
}

// Recipient is one RCPT TO that was resolved to a mailbox.
type Recipient struct {
	Path    string // the forward path as given, without <>
	Address Address
	Mailbox MailboxID
	Kind    MailboxKind
	User    UserID // owner; 0 for a shared mailbox
	State   BCCState
	Token   string // of a BCC address
	Tags    TagSet
}

// Raw is a message exactly as it was received. A small one lies in memory; a large one
// lies in a file of its own, synced, and Bytes is a view of that file.
type Raw struct {
	Bytes  []byte // never modified
	SHA256 [32]byte
	File   string // name within the store's folder of bodies; empty when in memory

	// Rest says that nobody looks at the bytes for a while: those of a view then take no memory until
	// somebody does. Nil for bytes in memory.
	Rest func()

	// Release gives the view and, unless an intake refers to it by then, the file back. Nil where there is
	// nothing to give back.
	Release func()
}

// Size in bytes.
func (r Raw) Size() int64 { return int64(len(r.Bytes)) }

// Receipt is what the way in tells the sender.
type Receipt struct {
	ID      IntakeID
	Verdict Verdict
	Why     string // the first words of why, for a peer we trust
	Codes   []Code
}
