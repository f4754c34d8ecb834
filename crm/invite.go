package crm

// InvitationRow is one person of a list of people to invite.
type InvitationRow struct {
	Line   int             `json:"line"` // of the list
	Person NewUser         `json:"person"`
	State  InvitationState `json:"state"`
	Why    string          `json:"why"` // of a row that is left out: a sentence
}

// InvitationState is what inviting a person would do.
type InvitationState string

// The states. Only the first two make a link.
const (
	InviteNew     InvitationState = "new"     // he is added
	InviteAgain   InvitationState = "again"   // he is a user without a password, and gets a fresh link
	InviteThere   InvitationState = "there"   // he signs in already, and is left alone
	InviteInvalid InvitationState = "invalid" // no such user can be
)

// Makes tells whether a person in this state gets a link.
func (s InvitationState) Makes() bool { return s == InviteNew || s == InviteAgain }

// Invited is a user with the link of a first password. The link is shown once, and not kept.
type Invited struct {
	User User       `json:"user"`
	Link SignInLink `json:"link"` // the zero SignInLink where there is a Problem
	// Problem says why there is no link for a person who was to have one; of others of the list it changes nothing.
	Problem string `json:"problem"`
}
