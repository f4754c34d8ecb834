package main

import (
	"context"
	"fmt"
	"time"

	"blindcopy/crm"
)

// A new deal offers conversations of its contacts this far back (SEMANTICS §14), and no more
// of them than a person reads through.
const (
	offerAge  = 90 * day
	offerMost = 100
	offerSeen = 10 // on a screen
)

// dealWithOffers is a deal that was made just now, or has new contacts, and the conversations it could have.
type dealWithOffers struct {
	crm.Deal
	Offers []offer `json:"offers"`
}

// offer is a conversation of the deal's contacts that is on no deal, by its newest mail.
type offer struct {
	ActivityID crm.ActivityID `json:"activity_id"`
	Subject    string         `json:"subject"`
	OccurredAt time.Time      `json:"occurred_at"`
}

// showWithOffers prints a deal, and what a person may want to move to it: nothing moves by itself.
func (o *office) showWithOffers(ctx context.Context, d crm.Deal) error {
	offers, err := o.offers(ctx, d)
	if err != nil {
		return err
	}
	return o.show(dealWithOffers{d, offers}, func(s *screen) {
		writeDeal(s, d)
		o.writeOffers(s, d, offers)
	})
}

func (o *office) offers(ctx context.Context, d crm.Deal) ([]offer, error) {
	v, err := o.viewer(ctx)
	if err != nil {
		return nil, err
	}
	list, err := o.DealOffers(ctx, d.ID, v)
	offers := []offer{}
	for _, act := range list {
		offers = append(offers, offer{act.ID, act.Subject, act.OccurredAt})
	}
	return offers, err
}

// DealOffers are the conversations with the people of a deal that are on no deal, by the newest mail of each, newest first:
// those that the viewer may see.
func (o *office) DealOffers(ctx context.Context, deal int64, v crm.Viewer) (list []crm.Activity, err error) {
	ids, err := o.store.Unassigned(ctx, deal, o.now().Add(-offerAge), offerMost)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		act, err := o.store.Activity(ctx, id)
		if err != nil {
			return nil, err
		}
		if act, ok := v.Activity(act); ok {
			list = append(list, act)
		}
	}
	return list, nil
}

func (o *office) writeOffers(s *screen, d crm.Deal, offers []offer) {
	if len(offers) == 0 || o.quiet {
		return
	}
	are := "conversations with these people are"
	if len(offers) == 1 {
		are = "conversation with these people is"
	}
	s.linef("%d %s on no deal yet:", len(offers), are)
	for _, f := range head(offers, offerSeen) {
		s.linef("  %s  %s", f.OccurredAt.In(s.zone).Format(dateLayout), clip(oneLine(subject(f.Subject)), 60))
		s.line("    ", s.faint("→ "), "blindcopy activity link ", fmt.Sprint(f.ActivityID), " --deal ", fmt.Sprint(d.ID))
	}
	if more := len(offers) - offerSeen; more > 0 {
		s.linef("  and %d more", more)
	}
}
