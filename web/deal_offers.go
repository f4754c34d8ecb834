package web

import (
	"fmt"
	"slices"

	"blindcopy/crm"
)

// dealOffersPage are conversations that may belong to a deal which is new, or open again, or has new people.
type dealOffersPage struct {
	crm.Deal
	Offers []crm.Activity // the newest mail of each
}

// toDeal goes to a deal, by way of what may belong to it if there is anything.
func (s *Server) toDeal(r *request, d crm.Deal) (answer, error) {
	offers, err := s.Office.DealOffers(r.Context(), d.ID, r.viewer)
	if err != nil {
		return nil, err
	}
	if len(offers) == 0 {
		return redirect(recordPath(crm.KindDeal, d.ID)), nil
	}
	return redirect(recordPath(crm.KindDeal, d.ID) + "/offers"), nil
}

func (s *Server) dealOffers(r *request) (answer, error) {
	d, err := s.dealOf(r)
	if err != nil {
		return nil, err
	}
	offers, err := s.Office.DealOffers(r.Context(), d.ID, r.viewer)
	return page{Template: "deal_offers", Title: "Mail for " + d.Title, Nav: "deals", Data: dealOffersPage{d, offers}}, err
}

// dealTake pins the conversations that were chosen. One that somebody else put on a deal meanwhile is left alone.
func (s *Server) dealTake(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	d, err := s.dealOf(r)
	if err != nil {
		return nil, err
	}
	offers, err := s.Office.DealOffers(r.Context(), d.ID, r.viewer)
	if err != nil {
		return nil, err
	}
	chosen, taken := r.ids("mail"), 0
	for _, act := range offers {
		if !slices.Contains(chosen, int64(act.ID)) {
			continue
		}
		if _, err := s.Store.LinkActivity(r.Context(), act.ID, crm.Ref{Kind: crm.KindDeal, ID: d.ID}); err != nil {
			return nil, fmt.Errorf("put a conversation on deal %d: %w", d.ID, err)
		}
		taken++
	}
	if taken < len(chosen) {
		r.sorry("%s on the deal; the others are on another one by now.", count(taken, "conversation is", "conversations are"))
	} else if taken > 0 {
		r.done("%s on the deal, with what follows in them.", count(taken, "conversation is", "conversations are"))
	}
	return redirect(recordPath(crm.KindDeal, d.ID)), nil
}
