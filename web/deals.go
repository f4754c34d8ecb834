package web

import (
	"context"
	"fmt"
	"slices"

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
	ReopenDeal(ctx context.Context, id int64) (crm.Deal, error)
}

// dealOffice finds what may belong to a deal.
type dealOffice interface {
	// DealOffers are the conversations with the people of a deal that are on no deal, by the newest mail of each, newest
	// first: those that the viewer may see.
	DealOffers(ctx context.Context, deal int64, v crm.Viewer) ([]crm.Activity, error)
}

// dealsPage is the board of the open deals, or a list of others.
type dealsPage struct {
	listing
	Here   string        // the address of the board as it is narrowed
	Board  []boardColumn // nil for a list
	Stages []crm.Stage
	Deals  []crm.Deal
}

// boardColumn is a stage of the board.
type boardColumn struct {
	crm.Stage
	Cards []crm.Deal // the newest
	More  int

	Shown          bool // also where nothing is in it
	Earlier, Later *string
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
	if d.Stages, err = s.stages(r.Context()); err != nil {
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
	d.Here = r.URL.RequestURI()
	for i, stage := range d.Stages[:min(len(d.Stages), boardColumns)] {
		f := d.RecordSearch
		f.Status, f.Stage, f.Size, f.Page = string(crm.DealOpen), &stage.Name, boardCards, 0
		found, err := s.Store.FindDeals(r.Context(), f)
		if err != nil {
			return err
		}
		stage.Deals = found.Total
		d.Total += found.Total
		column := boardColumn{Stage: stage, Cards: found.Records, More: found.Total - len(found.Records), Shown: found.Total > 0 || slices.Contains(s.DealStages, stage.Name)}
		if i > 0 {
			column.Earlier = &d.Stages[i-1].Name
		}
		if i+1 < len(d.Stages) {
			column.Later = &d.Stages[i+1].Name
		}
		d.Board = append(d.Board, column)
	}
	return nil
}

// stages are those of the open deals, in the order of the board: none, the configured ones, the others as they came up.
func (s *Server) stages(ctx context.Context) ([]crm.Stage, error) {
	used, err := s.Store.Stages(ctx, crm.DealOpen)
	if err != nil {
		return nil, err
	}
	var list []crm.Stage
	take := func(name string) (deals int) {
		at := slices.IndexFunc(used, func(stage crm.Stage) bool { return stage.Name == name })
		if at < 0 {
			return 0
		}
		deals = used[at].Deals
		used = slices.Delete(used, at, at+1)
		return deals
	}
	if n := take(""); n > 0 {
		list = append(list, crm.Stage{Deals: n})
	}
	for _, name := range s.DealStages {
		list = append(list, crm.Stage{Name: name, Deals: take(name)})
	}
	return append(list, used...), nil
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
	Offers int // conversations with its people that are on no deal
}

func (s *Server) deal(r *request) (answer, error) {
	d, err := s.dealOf(r)
	if err != nil {
		return nil, err
	}
	p := dealPage{Deal: d}
	if p.Stages, err = s.stages(r.Context()); err != nil {
		return nil, err
	}
	if d.Status == crm.DealOpen {
		offers, err := s.Office.DealOffers(r.Context(), d.ID, r.viewer)
		if err != nil {
			return nil, err
		}
		p.Offers = len(offers)
	}
	return page{Template: "deal", Title: d.Title, Nav: "deals", Data: p}, nil
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
	if r.PostForm.Has("move") { // by the button of a stage, whatever the list of them says
		stage = r.field("move")
	}
	if _, err := s.Store.EditDeal(r.Context(), id, crm.DealEdit{Stage: &stage}); err != nil {
		return nil, err
	}
	back := "/deals"
	if to := r.field("back"); to != "" {
		back = localPath(to)
	}
	return redirect(fmt.Sprintf("%s#deal-%d", back, id)), nil
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

// dealReopen takes back that a deal ended.
func (s *Server) dealReopen(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	d, err := s.Store.ReopenDeal(r.Context(), id)
	if err != nil {
		return nil, err
	}
	r.done("%s is open again. Mail of its conversations is filed on it.", d.Title)
	return s.toDeal(r, d)
}
