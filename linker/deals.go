package linker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
)

// closedDealFollows is how long a conversation still goes to its deal after that was won or lost.
const closedDealFollows = 30 * 24 * time.Hour

// chooseDeals applies SEMANTICS §5: the first rule with exactly one answer. A deal is
// never guessed silently.
func (d *decision) chooseDeals() {
	if d.hasDeal() || d.dealOfThread() {
		return
	}
	contacts, companies := d.linkedPeople()
	if len(contacts)+len(companies) == 0 {
		return // nobody known: there is no deal to speak of
	}
	open := d.openDealsOf(contacts)
	if len(open) == 0 {
		open = d.openDealsOfCompanies(companies)
	}
	switch len(open) {
	case 0:
		d.say(crm.NoOpenDeal, "Not to a deal: none is open for these people.", nil)
	case 1:
		d.linkDeal(open[0], crm.DealUnique, "it is the only open deal there")
	default:
		d.chooseAmong(open, contacts)
	}
}

func (d *decision) hasDeal() bool {
	return slices.ContainsFunc(d.res.Links, func(l crm.NewLink) bool { return l.Ref.Kind == crm.KindDeal })
}

// dealOfThread follows the conversation: to the deal a person chose for it, else to the one deal its mail is on.
func (d *decision) dealOfThread() bool {
	thread := d.wholeThread()
	if deal := d.facts.Deals[thread.Pinned]; thread.Pinned != 0 && deal != nil && d.follows(deal) {
		d.linkThreadDeal(deal, crm.DealPinned, "a person chose it for this conversation")
		return true
	}
	var open, closed []*crm.DealFacts
	for _, id := range thread.Deals {
		deal := d.facts.Deals[id]
		switch {
		case deal == nil || !d.follows(deal):
		case deal.Status == crm.DealOpen:
			open = append(open, deal)
		default:
			closed = append(closed, deal)
		}
	}
	for _, fit := range [][]*crm.DealFacts{open, closed} {
		if len(fit) == 1 {
			d.linkThreadDeal(fit[0], crm.DealByThread, "earlier mail of this conversation is on it")
			return true
		}
	}
	return false
}

// wholeThread is the conversation as it will be once this mail has joined its parts: what it answers comes first, and
// the others have a say only where that is on no deal.
func (d *decision) wholeThread() *crm.ThreadFacts {
	whole := &crm.ThreadFacts{}
	if d.with > 0 {
		whole.Deals = dealsOn(&d.plan.Results[d.with-1])
	}
	for _, id := range append([]crm.ThreadID{d.threadOf}, d.joined()...) {
		part := d.facts.Threads[id]
		if part == nil || len(whole.Deals) > 0 {
			continue
		}
		if whole.Pinned == 0 {
			whole.Pinned = part.Pinned
		}
		whole.Deals = append(whole.Deals, part.Deals...)
	}
	return whole
}

// dealsOn are the deals a result is linked to.
func dealsOn(r *crm.Result) (deals []int64) {
	for _, l := range r.Links {
		if l.Ref.Kind == crm.KindDeal {
			deals = append(deals, l.Ref.ID)
		}
	}
	return deals
}

// follows tells whether a conversation still goes to this deal.
func (d *decision) follows(deal *crm.DealFacts) bool {
	return deal.Status == crm.DealOpen || d.facts.Now.Sub(deal.ClosedAt) <= closedDealFollows
}

func (d *decision) linkThreadDeal(deal *crm.DealFacts, code crm.Code, because string) {
	d.linkDeal(deal.ID, code, because)
	if deal.Status != crm.DealOpen {
		d.say(crm.ThreadDealClosed, fmt.Sprintf("The deal %q was %s on %s; the conversation still goes there.", deal.Title, deal.Status, deal.ClosedAt.Format("2 January 2006")), map[string]any{"id": deal.ID})
	}
}

func (d *decision) linkDeal(id int64, code crm.Code, because string) {
	d.link(crm.Ref{Kind: crm.KindDeal, ID: id}, code, crm.SourceAuto, because)
}

// linkedPeople are the contacts and companies of this mail, a contact's company included.
func (d *decision) linkedPeople() (contacts, companies []int64) {
	for _, l := range d.res.Links {
		switch l.Ref.Kind {
		case crm.KindContact:
			contacts = append(contacts, l.Ref.ID)
			if f := d.facts.Contacts[l.Ref.ID]; f != nil && f.Company != 0 && !slices.Contains(companies, f.Company) {
				companies = append(companies, f.Company)
			}
		case crm.KindCompany:
			if !slices.Contains(companies, l.Ref.ID) {
				companies = append(companies, l.Ref.ID)
			}
		}
	}
	return contacts, companies
}

func (d *decision) openDealsOf(contacts []int64) []int64 {
	open := newSet[int64]()
	for _, id := range contacts {
		if f := d.facts.Contacts[id]; f != nil {
			for _, deal := range f.OpenDeals {
				open.add(deal)
			}
		}
	}
	return open.list
}

func (d *decision) openDealsOfCompanies(companies []int64) []int64 {
	open := newSet[int64]()
	for _, id := range companies {
		if f := d.facts.Companies[id]; f != nil {
			for _, deal := range f.OpenDeals {
				open.add(deal)
			}
		}
	}
	return open.list
}

// rankedDeal is an open deal with what speaks for it.
type rankedDeal struct {
	*crm.DealFacts
	people int  // of this mail that are on it
	own    bool // its owner wrote the mail
}

// chooseAmong applies rules 5 and 6 to several open deals.
func (d *decision) chooseAmong(open, contacts []int64) {
	ranked := d.rankDeals(open, contacts)
	if len(ranked) == 0 {
		return
	}
	first := ranked[0]
	most := leading(ranked, func(r rankedDeal) bool { return r.people == first.people })
	switch {
	case most == 1:
		d.linkDeal(first.ID, crm.DealByOverlap, fmt.Sprintf("of %d open deals it has the most people of this mail (%d)", len(ranked), first.people))
		return
	case leading(ranked[:most], func(r rankedDeal) bool { return r.own }) == 1:
		d.linkDeal(first.ID, crm.DealByOverlap, fmt.Sprintf("of %d open deals it is the one whose owner wrote the mail", len(ranked)))
		return
	}
	d.dealsByPolicy(ranked[:most], ranked)
}

func (d *decision) rankDeals(open, contacts []int64) []rankedDeal {
	var ranked []rankedDeal
	for _, id := range open {
		f := d.facts.Deals[id]
		if f == nil {
			continue
		}
		r := rankedDeal{DealFacts: f, own: d.speaker.user != nil && f.Owner == d.speaker.user.ID}
		for _, c := range contacts {
			if slices.Contains(f.Contacts, c) {
				r.people++
			}
		}
		ranked = append(ranked, r)
	}
	slices.SortFunc(ranked, func(a, b rankedDeal) int {
		return cmp.Or(b.people-a.people, boolRank(b.own)-boolRank(a.own), b.LastMail.Compare(a.LastMail), cmp.Compare(b.ID, a.ID))
	})
	return ranked
}

// dealsByPolicy is rule 6: ask, or what the company set instead of asking.
func (d *decision) dealsByPolicy(tied, ranked []rankedDeal) {
	switch d.policy.Deals {
	case DealsNone:
		d.sayDealsAmbiguous(ranked, ", and this company files to none of several")
	case DealsAll:
		for _, r := range ranked[:min(5, len(ranked))] {
			d.linkDeal(r.ID, crm.DealByPolicy, "this company files to every open deal that fits")
		}
	case DealsNewest:
		newest := slices.MaxFunc(tied, func(a, b rankedDeal) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
		d.linkDeal(newest.ID, crm.DealByPolicy, fmt.Sprintf("of %d open deals it is the newest, as this company has set", len(ranked)))
	case DealsLastCorrespondence:
		last := slices.MaxFunc(tied, func(a, b rankedDeal) int { return a.LastMail.Compare(b.LastMail) })
		if !last.LastMail.IsZero() {
			d.linkDeal(last.ID, crm.DealByPolicy, fmt.Sprintf("of %d open deals it has the latest mail, as this company has set", len(ranked)))
			return
		}
		d.askForDeal(ranked)
	default:
		d.askForDeal(ranked)
	}
}

// askForDeal leaves the deal to a person.
func (d *decision) askForDeal(ranked []rankedDeal) {
	d.sayDealsAmbiguous(ranked, "")
	d.res.AskDeal = true
	d.res.Proposals = append(d.res.Proposals, d.dealCandidates(ranked)...)
}

func (d *decision) sayDealsAmbiguous(ranked []rankedDeal, policy string) {
	var names []string
	var ids []int64
	for _, r := range ranked {
		names = append(names, fmt.Sprintf("%q (deal %d)", r.Title, r.ID))
		ids = append(ids, r.ID)
	}
	d.res.Candidates = append(d.res.Candidates, d.dealCandidates(ranked)...)
	d.say(crm.DealAmbiguous, fmt.Sprintf("Not to a deal, because %d are open%s: %s.", len(ranked), policy, strings.Join(names, ", ")), map[string]any{"deals": ids})
}

func (d *decision) dealCandidates(ranked []rankedDeal) []crm.Candidate {
	list := make([]crm.Candidate, len(ranked))
	for i, r := range ranked {
		list[i] = crm.Candidate{Kind: crm.KindDeal, ID: r.ID, Title: r.Title, Why: fmt.Sprintf("open, with %s of this mail", peopleWords(r.people))}
	}
	return list
}

func peopleWords(n int) string {
	switch n {
	case 0:
		return "none of the people"
	case 1:
		return "one of the people"
	}
	return fmt.Sprintf("%d of the people", n)
}

// leading counts how many at the front share a property.
func leading(list []rankedDeal, same func(rankedDeal) bool) int {
	n := 0
	for n < len(list) && same(list[n]) {
		n++
	}
	return n
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}
