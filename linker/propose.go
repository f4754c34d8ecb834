package linker

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"blindcopy/crm"
)

// Proposer is a Store that can look for records an unknown person may be.
type Proposer interface {
	// Near finds contacts, companies and leads whose address is one or two letters away, or that have the same name or
	// domain; at most limit, the nearest first.
	Near(ctx context.Context, people []crm.Party, limit int) ([]crm.Candidate, error)
}

// maxProposals shown with a held mail.
const maxProposals = 10

// propose adds to what a person has to decide the records it may be about. A wrong link is
// worse than a held mail: a near miss is proposed, never taken. Nothing is decided by it, so that a
// failure is no reason to refuse the mail.
func (l *Linker) propose(ctx context.Context, plan *crm.Plan, in *crm.Inbound) {
	proposer, ok := l.store.(Proposer)
	if !ok {
		return
	}
	for i := range plan.Results {
		r := &plan.Results[i]
		for _, p := range inQuestion(r, in) {
			near, err := proposer.Near(ctx, []crm.Party{p}, maxProposals)
			if err != nil {
				l.log.Warn("no proposals", "intake", in.ID, "err", err)
				return
			}
			for _, c := range near[:min(len(near), max(maxProposals-len(r.Proposals), 0))] {
				c.Why = fmt.Sprintf("for %s: %s", cmp.Or(string(p.Address), p.Name), c.Why)
				r.Proposals = append(r.Proposals, c)
			}
		}
	}
}

// inQuestion lists the people a person has to decide about.
func inQuestion(r *crm.Result, in *crm.Inbound) []crm.Party {
	switch {
	case len(r.Open) > 0:
		return r.Open[:min(len(r.Open), maxProposals)]
	case r.Verdict != crm.Held:
		return nil
	case r.Mail.NameOnly != "":
		return namedAuthors(r.Mail.NameOnly)
	}
	if author := r.Mail.Author(in.MailFrom); author != (crm.Party{}) {
		return []crm.Party{author}
	}
	return nil
}

// namedAuthors of a forward: one name, or several addresses of which one wrote it.
func namedAuthors(named string) (people []crm.Party) {
	if !strings.Contains(named, "@") {
		return []crm.Party{{Name: named}}
	}
	for text := range strings.SplitSeq(named, ", ") {
		if a, ok := crm.ParseAddress(text); ok {
			people = append(people, crm.Party{Address: a})
		}
	}
	return people
}
