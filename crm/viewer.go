package crm

import (
	"slices"
	"strings"
)

// Viewer is whoever looks at mail, and decides what of it is shown (SEMANTICS §9, §13). The zero
// Viewer is nobody: it sees what is for the whole team.
type Viewer struct {
	email    Address
	admin    bool
	operator bool
}

// Operator is who runs the machine: nothing is kept from him.
func Operator() Viewer { return Viewer{operator: true} }

// ViewerOf is a user who looks.
func ViewerOf(u User) Viewer { return Viewer{email: u.Email, admin: u.Role == RoleAdmin} }

// Email of the user, "" for the operator and for nobody.
func (v Viewer) Email() Address { return v.email }

// IsOperator tells whether nothing is kept from the viewer.
func (v Viewer) IsOperator() bool { return v.operator }

// IsAdmin tells whether the viewer may change users and the company's rules.
func (v Viewer) IsAdmin() bool { return v.operator || v.admin }

// is tells whether the viewer is the user with this primary address. Nobody is no user.
func (v Viewer) is(user Address) bool { return v.email != "" && v.email == user }

// Reads tells whether nothing of a mail is kept from the viewer, whatever its visibility: those who
// captured it always see it.
func (v Viewer) Reads(act Activity) bool {
	return v.operator || slices.ContainsFunc(act.Captures, func(c Capture) bool { return v.is(c.User) })
}

// Activity returns what the viewer may see of a mail: private mail is for those who captured it; of
// envelope mail others see that, when and with whom.
func (v Viewer) Activity(act Activity) (Activity, bool) {
	switch {
	case v.Reads(act):
		return act, true
	case act.Visibility == VisibilityPrivate:
		return act, false
	case act.Visibility == VisibilityEnvelope:
		act.Subject, act.Preview, act.Note, act.Text, act.HTML = "", "", "", "", ""
		act.Attachments = []Attachment{}
	}
	return act, true
}

// Activities keeps what the viewer may see of a list that was searched for match. A mail whose content is hidden is
// found by its people alone: else a search would tell what stands in it, word for word.
func (v Viewer) Activities(list []Activity, match string) []Activity {
	seen := make([]Activity, 0, len(list))
	for _, act := range list {
		shown, ok := v.Activity(act)
		if ok && (v.Reads(act) || shown.Visibility != VisibilityEnvelope || hasPerson(shown, match)) {
			seen = append(seen, shown)
		}
	}
	return seen
}

// hasPerson tells whether a text is in the name or address of somebody in a mail.
func hasPerson(act Activity, text string) bool {
	text = strings.ToLower(text)
	return text == "" || slices.ContainsFunc(act.Participants, func(p Participant) bool {
		return strings.Contains(strings.ToLower(p.Name), text) || strings.Contains(string(p.Address), text)
	})
}

// User returns what the viewer may see of a user: the BCC address is a secret of its owner and the admins.
func (v Viewer) User(u User) User {
	if !v.IsAdmin() && !v.is(u.Email) {
		u.BCCAddress, u.BCCAddresses = "", []BCCAddress{}
	}
	return u
}

// Mailbox tells whether the viewer may see a way in: his own and the shared ones, admins all. Another's has a BCC
// address, which is a secret.
func (v Viewer) Mailbox(m Mailbox) bool {
	return v.IsAdmin() || v.is(m.Owner) || m.Kind == MailboxShared
}

// MayEdit tells whether the viewer may change the policies and the visibility of a mailbox.
func (v Viewer) MayEdit(m Mailbox) bool { return v.IsAdmin() || v.is(m.Owner) }

// Intake tells whether the viewer may see a trace, and what of it: its owner may, admins unless it is private,
// and everybody where it was filed for all to see.
func (v Viewer) Intake(in Intake) (Intake, bool) {
	if v.IsAdmin() || v.is(in.Owner) {
		if in.Visibility == VisibilityEnvelope && !v.operator && !v.is(in.Owner) {
			in.Results = slices.Clone(in.Results)
			for i := range in.Results {
				in.Results[i].Preview = ""
			}
		}
		return in, v.operator || v.is(in.Owner) || in.Visibility != VisibilityPrivate
	}
	in.Rcpts = []string{} // a BCC address is its owner's secret
	in.Results = slices.Clone(in.Results)
	for i := range in.Results {
		in.Results[i].hideHeld()
	}
	return in, in.Verdict == Filed && (in.Visibility == VisibilityLinked || in.Visibility == VisibilityTeam)
}

// Intakes keeps what the viewer may see of a list.
func (v Viewer) Intakes(list []Intake) []Intake {
	seen := make([]Intake, 0, len(list))
	for _, in := range list {
		if shown, ok := v.Intake(in); ok {
			seen = append(seen, shown)
		}
	}
	return seen
}
