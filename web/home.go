package web

import (
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
)

// homePage is what came in today, and what needs whoever looks.
type homePage struct {
	Me      crm.User
	Waiting []question
	More    int // what waits besides
	Today   []crm.Intake
	Exposed []crm.Intake // mail in which clients read the BCC address that is still in use
	Fresh   bool         // nothing ever came
}

// What home reads: recent mail for today and for exposed addresses, and the first few of what waits.
const (
	homeDays    = 7
	homeMails   = 500
	homeWaiting = 5
)

// home is the first page after signing in.
func (s *Server) home(r *request) (answer, error) {
	ctx := r.Context()
	d := homePage{Me: r.viewer.User(r.user)}
	recent, err := s.Store.Intakes(ctx, crm.IntakeFilter{Since: s.Now().AddDate(0, 0, -homeDays), Limit: homeMails, Viewer: &r.viewer})
	if err != nil {
		return nil, err
	}
	recent = slices.DeleteFunc(recent, func(in crm.Intake) bool { return in.Owner != r.user.Email })
	midnight := startOfDay(s.Now().In(r.zone))
	for _, in := range recent {
		if !in.ReceivedAt.Before(midnight) {
			d.Today = append(d.Today, in)
		}
		if exposes(in, r.user) {
			d.Exposed = append(d.Exposed, in)
		}
	}
	waiting, err := s.Store.Review(ctx, crm.ReviewFilter{Limit: homeWaiting, Viewer: &r.viewer})
	if err != nil {
		return nil, err
	}
	if d.Waiting, err = s.questions(r, waiting, "/"); err != nil {
		return nil, err
	}
	all, err := s.Store.CountReview(ctx, r.viewer)
	if err != nil {
		return nil, err
	}
	d.More = max(all-len(waiting), 0)
	if len(recent)+all == 0 {
		ever, err := s.Store.Intakes(ctx, crm.IntakeFilter{Limit: 1, Viewer: &r.viewer})
		if err != nil {
			return nil, err
		}
		d.Fresh = len(ever) == 0
	}
	users, err := s.colleagues(r)
	for i := range d.Waiting {
		d.Waiting[i].Users = users
	}
	if err != nil {
		return nil, err
	}
	return page{Template: "home", Title: "Home", Nav: "home", Data: d}, nil
}

func startOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// exposes tells whether clients could read a BCC address in a mail that its owner has not replaced since.
func exposes(in crm.Intake, u crm.User) bool {
	if a, ok := crm.ParseAddress(in.From[strings.LastIndexByte(in.From, '<')+1:]); ok && slices.ContainsFunc(u.Addresses, func(own crm.UserAddress) bool { return own.Address == a }) {
		return false // his own, which he had not confirmed yet
	}
	return slices.Contains(in.Codes, crm.AddressExposed) && slices.ContainsFunc(in.Rcpts, func(rcpt string) bool {
		a, ok := crm.ParseAddress(rcpt)
		return ok && a.WithoutTag() == u.BCCAddress
	})
}
