package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// viewer is who looks: --as EMAIL, or the machine's operator, who sees everything.
type viewer struct {
	email crm.Address // "" is the operator
	admin bool
}

// viewer finds out who looks.
func (o *office) viewer(ctx context.Context) (viewer, error) {
	if o.as == "" {
		return viewer{}, nil
	}
	u, err := o.user(ctx, o.as)
	if err != nil {
		return viewer{}, fmt.Errorf("--as %s: %w", o.as, err)
	}
	return viewer{u.Email, u.Role == crm.RoleAdmin}, nil
}

func (v viewer) operator() bool { return v.email == "" }

// limit is how much to ask the store for: all where some of it may be hidden.
func (v viewer) limit(limit int) int {
	if v.operator() {
		return limit
	}
	return 0
}

// activity returns what the viewer may see of a mail (SEMANTICS §9): private mail is for
// those who captured it; of envelope mail others see that, when and with whom.
func (v viewer) activity(act crm.Activity) (crm.Activity, bool) {
	switch {
	case v.reads(act):
		return act, true
	case act.Visibility == crm.VisibilityPrivate:
		return act, false
	case act.Visibility == crm.VisibilityEnvelope:
		act.Subject, act.Preview, act.Note, act.Text, act.HTML = "", "", "", "", ""
		act.Attachments = []crm.Attachment{}
	}
	return act, true
}

// reads tells whether nothing of a mail is kept from the viewer, whatever its visibility.
func (v viewer) reads(act crm.Activity) bool {
	return v.operator() || slices.ContainsFunc(act.Captures, func(c crm.Capture) bool { return c.User == v.email })
}

// activities keeps what the viewer may see of a list that was searched for match, at most limit.
func (v viewer) activities(list []crm.Activity, match string, limit int) []crm.Activity {
	seen := []crm.Activity{}
	for _, act := range list {
		shown, ok := v.activity(act)
		if ok && (v.reads(act) || shown.Visibility != crm.VisibilityEnvelope || hasPerson(shown, match)) {
			seen = append(seen, shown)
		}
	}
	return head(seen, limit)
}

// hidden tells that nothing but the envelope is left of a mail.
func hidden(act crm.Activity) bool {
	return act.Visibility == crm.VisibilityEnvelope && act.Subject+act.Preview+act.Note == ""
}

// hasPerson tells whether a text is in the name or address of somebody in a mail, all that may be found of
// one whose content is hidden: else a search would tell what stands there, word for word.
func hasPerson(act crm.Activity, text string) bool {
	text = strings.ToLower(text)
	return text == "" || slices.ContainsFunc(act.Participants, func(p crm.Participant) bool {
		return strings.Contains(strings.ToLower(p.Name), text) || strings.Contains(string(p.Address), text)
	})
}

// subjectOf is the subject of a mail as a list shows it.
func subjectOf(act crm.Activity) string {
	if hidden(act) {
		return "(not shown)"
	}
	return subject(act.Subject)
}

// user returns what the viewer may see of a user: the BCC address is a secret of its owner and the admins.
func (v viewer) user(u crm.User) crm.User {
	if !v.operator() && !v.admin && u.Email != v.email {
		u.BCCAddress, u.BCCAddresses = "", []crm.BCCAddress{}
	}
	return u
}

// intake tells whether the viewer may see a trace: its owner may, admins unless it is private,
// and everybody where it was filed for all to see (SEMANTICS §13).
func (v viewer) intake(in crm.Intake) bool {
	switch {
	case v.operator(), in.Owner == v.email:
		return true
	case in.Visibility == crm.VisibilityPrivate:
		return false
	case v.admin:
		return true
	}
	return in.Verdict == crm.Filed && in.Visibility != crm.VisibilityEnvelope
}

func (v viewer) intakes(list []crm.Intake, limit int) []crm.Intake {
	seen := head(slices.DeleteFunc(orEmpty(list), func(in crm.Intake) bool { return !v.intake(in) }), limit)
	for i := range seen {
		if !v.operator() && !v.admin && seen[i].Owner != v.email {
			seen[i].Rcpts = []string{} // a BCC address is its owner's secret
		}
	}
	return seen
}
