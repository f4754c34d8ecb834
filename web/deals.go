package web

import (
	"context"

	"blindcopy/crm"
)

// dealStore is what the pages of deals read and change.
type dealStore interface {
	FindDeals(ctx context.Context, f crm.RecordSearch) (crm.Found[crm.Deal], error)
	Deal(ctx context.Context, id int64) (crm.Deal, error)
	// Stages counts the deals of each stage, those in none too.
	Stages(ctx context.Context, status crm.DealStatus) ([]crm.Stage, error)
	AddDeal(ctx context.Context, n crm.NewDeal) (crm.Deal, error)
	EditDeal(ctx context.Context, id int64, e crm.DealEdit) (crm.Deal, error)
	CloseDeal(ctx context.Context, id int64, won bool) (crm.Deal, error)
}

// dealsPage is the board of the open deals, or a list of others.
type dealsPage struct {
	listing
	Board  []boardColumn // nil for a list
	Stages []crm.Stage
	Deals  []crm.Deal
}

// boardColumn is a stage of the board.
type boardColumn struct {
	crm.Stage
	Cards []crm.Deal // the newest
	More  int
}

// Bounds of the board: nobody looks through more at once; the list has all.
const (
	boardColumns = 12
	boardCards   = 25
)

func (s *Server) deals(r *request) (answer, error) {
	var d dealsPage
	var err error
	if d.listing, err = r.listing(); err != nil {
		return nil, err
	}
	if d.Stages, err = s.Store.Stages(r.Context(), crm.DealOpen); err != nil {
		return nil, err
	}
	if d.Status == "" {
		err = s.board(r, &d)
	} else {
		err = s.dealList(r, &d)
	}
	return page{Template: "deals", Title: "Deals", Nav: "deals", Data: d}, err
}

func (s *Server) board(r *request, d *dealsPage) error {
	d.Board = []boardColumn{}
	for _, stage := range d.Stages[:min(len(d.Stages), boardColumns)] {
		f := d.RecordSearch
		f.Status, f.Stage, f.Size, f.Page = string(crm.DealOpen), &stage.Name, boardCards, 0
		found, err := s.Store.FindDeals(r.Context(), f)
		if err != nil {
			return err
		}
		stage.Deals = found.Total
		d.Total += found.Total
		d.Board = append(d.Board, boardColumn{stage, found.Records, found.Total - len(found.Records)})
	}
	return nil
}

func (s *Server) dealList(r *request, d *dealsPage) error {
	f := d.RecordSearch
	if f.Status == "all" {
		f.Status = ""
	}
	found, err := s.Store.FindDeals(r.Context(), f)
	if err != nil {
		return err
	}
	d.Deals = found.Records
	d.found(found.Total, len(found.Records))
	return nil
}

// dealPage is one deal.
type dealPage struct {
	crm.Deal
	Stages []crm.Stage
}

func (s *Server) deal(r *request) (answer, error) {
	d, err := s.dealOf(r)
	if err != nil {
		return nil, err
	}
	stages, err := s.Store.Stages(r.Context(), crm.DealOpen)
	return page{Template: "deal", Title: d.Title, Nav: "deals", Data: dealPage{d, stages}}, err
}

func (s *Server) dealOf(r *request) (crm.Deal, error) {
	id, err := r.id()
	if err != nil {
		return crm.Deal{}, err
	}
	return s.Store.Deal(r.Context(), id)
}

// dealStage moves a deal on the board.
func (s *Server) dealStage(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	stage := r.field("stage")
	if _, err := s.Store.EditDeal(r.Context(), id, crm.DealEdit{Stage: &stage}); err != nil {
		return nil, err
	}
	return redirect("/deals"), nil
}

// dealClose ends a deal, won or lost.
func (s *Server) dealClose(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	how := r.field("how")
	if how != "won" && how != "lost" {
		return nil, invalid("a deal is won or lost")
	}
	d, err := s.Store.CloseDeal(r.Context(), id, how == "won")
	if err != nil {
		return nil, err
	}
	r.done("%s is %s. Mail of its conversations is still filed on it for 30 days.", d.Title, how)
	return redirect(recordPath(crm.KindDeal, d.ID)), nil
}
