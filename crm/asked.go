package crm

// AskedAddress is an address that a user says he writes from, and how it stands with the proof.
//
// It counts as his once an admin says so, or once a mail from it came to his BCC address with Subject as its subject,
// which the domain of the address vouches for (SPF or DKIM, aligned).
type AskedAddress struct {
	Ticket
	Subject string   // of the mail that proves it; a secret of the user's
	Mail    IntakeID // that came with it, and proves nothing; "" for none
	Missing string   // why it does not, in words
	Taken   bool     // a contact, company or lead has the address: only an admin can confirm it
}
