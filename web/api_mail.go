package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"blindcopy/crm"
)

// apiExplained is a trace, and what it says in words.
type apiExplained struct {
	crm.Intake
	Sentences string `json:"sentences"`
}

// apiReviewed is a trace with its proposals, [] where there are none.
type apiReviewed struct {
	crm.Intake
	Proposals []crm.Candidate `json:"proposals"`
}

type apiLink struct {
	To       string `json:"to"`       // contact:7, company:7, lead:7 or deal:7
	Original *int   `json:"original"` // of a message that brought several mails, the number of the one that is meant
}

type apiCreate struct {
	Kind     crm.Kind `json:"kind"`     // lead or contact
	Original *int     `json:"original"` // as for a link; left out: all that wait
}

func originalsOf(original *int) []int {
	if original == nil {
		return nil
	}
	return []int{*original}
}

type apiExclusion struct {
	Pattern string `json:"pattern"` // an address, a domain or *.domain
	Company bool   `json:"company"` // for everybody: admins may; else for your own mail
}

func (s *Server) apiActivities(r *request) (_ answer, err error) {
	f := crm.ActivityFilter{Match: r.query("match"), Viewer: &r.viewer}
	if f.Limit, err = r.limit(); err != nil {
		return nil, err
	}
	if f.User, err = r.colleague("user", r.query("user")); err != nil {
		return nil, err
	}
	if f.Before, err = r.moment("before"); err != nil {
		return nil, err
	}
	before, err := r.whole("before_id")
	if err != nil {
		return nil, err
	}
	if f.BeforeID = crm.ActivityID(before); before > 0 && f.Before.IsZero() {
		return nil, invalid("before_id goes with before: occurred_at and id of the last one")
	}
	if text := r.query("ref"); text != "" {
		ref, ok := crm.ParseRef(text)
		if !ok {
			return nil, invalid("ref is a record such as contact:7")
		}
		f.Ref = &ref
	}
	return listed(s.Store.Activities(r.Context(), f))
}

func (s *Server) apiActivity(r *request) (answer, error) {
	act, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	c, err := s.contentOf(r, act)
	if err != nil {
		return nil, err
	}
	act.Text, act.HTML = c.Text, c.HTML
	if c.Attachments != nil {
		act.Attachments = c.Attachments
	}
	return document{v: act}, nil
}

func (s *Server) apiIntakes(r *request) (_ answer, err error) {
	f := crm.IntakeFilter{Verdict: crm.Verdict(r.query("verdict")), Match: strings.Trim(r.query("match"), "<>"), Viewer: &r.viewer}
	if f.Limit, err = r.limit(); err != nil {
		return nil, err
	}
	if f.Since, err = r.moment("since"); err != nil {
		return nil, err
	}
	if id := crm.IntakeID(strings.ToUpper(r.query("before"))); id != "" {
		if f.Before, err = s.knownIntake(r, id); err != nil {
			return nil, err
		}
	}
	return listed(s.visibleIntakes(r, f))
}

// knownIntake is an id that whoever asks has seen: another's is as good as none.
func (s *Server) knownIntake(r *request, id crm.IntakeID) (crm.IntakeID, error) {
	in, err := s.Store.Intake(r.Context(), id)
	if err == nil {
		_, _, err = s.visible(r, in)
	}
	if errors.Is(err, crm.ErrNotFound) {
		err = invalid(fmt.Sprintf("before is the id of an intake, the last one of the page before, and not %q", id))
	}
	return id, err
}

// visibleIntakes fills a page: what is hidden makes room for what follows, so that a short page is the last one.
func (s *Server) visibleIntakes(r *request, f crm.IntakeFilter) (seen []crm.Intake, err error) {
	for {
		list, err := s.Store.Intakes(r.Context(), f)
		if err != nil {
			return nil, err
		}
		more, err := s.allVisible(r, list)
		if err != nil {
			return nil, err
		}
		if seen = append(seen, more...); len(seen) >= f.Limit || len(list) < f.Limit {
			return seen[:min(len(seen), f.Limit)], nil
		}
		f.Before = list[len(list)-1].ID
	}
}

// allVisible leaves out what whoever asks may not see, also because of the mail that it became.
func (s *Server) allVisible(r *request, list []crm.Intake) (seen []crm.Intake, err error) {
	for _, in := range list {
		in, _, err := s.visible(r, in)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		seen = append(seen, in)
	}
	return seen, nil
}

func (s *Server) apiIntake(r *request) (answer, error) {
	in, err := s.Store.Intake(r.Context(), crm.IntakeID(strings.ToUpper(r.PathValue("id"))))
	if err != nil {
		return nil, err
	}
	in, _, err = s.visible(r, in)
	return document{v: in}, err
}

// apiExplain finds a trace by its id, else the newest with a Message-ID that whoever asks may see.
func (s *Server) apiExplain(r *request) (answer, error) {
	of := r.query("of")
	if of == "" {
		return nil, invalid("of is the id of an intake, or a Message-ID")
	}
	var list []crm.Intake
	in, err := s.Store.Intake(r.Context(), crm.IntakeID(strings.ToUpper(of)))
	switch {
	case err == nil:
		list = append(list, in)
	case errors.Is(err, crm.ErrNotFound):
		list, err = s.Store.IntakesByMessageID(r.Context(), strings.ToLower(strings.Trim(of, "<>")))
	}
	if err != nil {
		return nil, err
	}
	for _, in := range list {
		in, activities, err := s.visible(r, in)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return document{v: apiExplained{in, s.Office.Sentences(in, activities)}}, nil
	}
	return nil, crm.ErrNotFound
}

func (s *Server) apiReview(r *request) (answer, error) {
	limit, err := r.limit()
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Review(r.Context(), crm.ReviewFilter{Limit: limit, Viewer: &r.viewer})
	items := []apiReviewed{}
	for _, in := range list {
		proposals := in.Proposals
		if proposals == nil {
			proposals = []crm.Candidate{}
		}
		items = append(items, apiReviewed{in, proposals})
	}
	return document{v: items}, err
}

// decideAPI carries one decision out, and answers with the mail as it is then.
func (s *Server) decideAPI(r *request, do func(in crm.Intake) (crm.Intake, error)) (answer, error) {
	in, err := s.deciding(r, strings.ToUpper(r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	after, err := do(in)
	if err != nil {
		return nil, err
	}
	shown, ok := r.viewer.Intake(after)
	if !ok {
		return nil, crm.ErrNotFound
	}
	return document{v: shown}, nil
}

func (s *Server) apiReviewLink(r *request) (answer, error) {
	return s.decideAPI(r, func(in crm.Intake) (crm.Intake, error) {
		var l apiLink
		if err := r.read(&l); err != nil {
			return in, err
		}
		ref, ok := crm.ParseRef(l.To)
		if !ok {
			return in, invalid("to is a record such as contact:7")
		}
		after, err := s.Office.LinkIntake(r.Context(), in.ID, ref, originalsOf(l.Original)...)
		if errors.Is(err, crm.ErrNotFound) {
			err = invalid("there is no " + ref.String())
		}
		return after, err
	})
}

func (s *Server) apiReviewCreate(r *request) (answer, error) {
	return s.decideAPI(r, func(in crm.Intake) (crm.Intake, error) {
		var c apiCreate
		if err := r.read(&c); err != nil {
			return in, err
		}
		if c.Kind != crm.KindLead && c.Kind != crm.KindContact {
			return in, invalid("kind is lead or contact")
		}
		return s.Office.CreateFromIntake(r.Context(), in.ID, c.Kind, originalsOf(c.Original)...)
	})
}

func (s *Server) apiReviewDismiss(r *request) (answer, error) {
	return s.decideAPI(r, func(in crm.Intake) (crm.Intake, error) { return s.Store.DismissIntake(r.Context(), in.ID) })
}

func (s *Server) apiExclusions(r *request) (answer, error) {
	all, err := s.Store.Exclusions(r.Context())
	return listed(exclusionsFor(all, r.user), err)
}

func (s *Server) apiExclude(r *request) (answer, error) {
	var x apiExclusion
	if err := r.read(&x); err != nil {
		return nil, err
	}
	whose := r.user.Email
	if x.Company {
		if !r.viewer.IsAdmin() {
			return nil, invalid("only admins exclude for the whole company")
		}
		whose = ""
	}
	e, _, err := s.Office.NeverLog(r.Context(), x.Pattern, whose)
	return document{v: e, status: http.StatusCreated}, err
}
