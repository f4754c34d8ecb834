package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"blindcopy/crm"
)

// whyOffice puts a trace into words.
type whyOffice interface {
	Sentences(in crm.Intake, activities []crm.Activity) string
}

// whyPage is what became of one message, and why.
type whyPage struct {
	crm.Intake
	Sentences  string
	Activities []crm.Activity
	Candidates []crm.Candidate // proposals first, each once
	Question   *question       // the buttons, for whoever may decide
	Remedies   []remedy
}

// visible is what whoever asks may see of a trace, and of the mail it became. A mail that was made private since takes
// its traces along.
func (s *Server) visible(r *request, in crm.Intake) (crm.Intake, []crm.Activity, error) {
	if _, ok := r.viewer.Intake(in); !ok {
		return in, nil, crm.ErrNotFound
	}
	var list []crm.Activity
	for _, id := range in.ActivityIDs {
		act, err := s.Store.Activity(r.Context(), id)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return in, nil, err
		}
		list = append(list, act)
	}
	shown, list, ok := seenBy(r.viewer, in, list)
	if !ok {
		return in, nil, crm.ErrNotFound
	}
	return shown, list, nil
}

// seenBy is what a viewer may see of a trace, and of the mail it became; false for nothing.
func seenBy(v crm.Viewer, in crm.Intake, acts []crm.Activity) (shown crm.Intake, list []crm.Activity, ok bool) {
	if shown, ok = v.Intake(in); !ok {
		return shown, nil, false
	}
	for _, act := range acts {
		seen, ok := v.Activity(act)
		hidden := !ok || act.Visibility == crm.VisibilityEnvelope && !v.Reads(act)
		if hidden && (v.Email() == "" || in.Owner != v.Email()) {
			return shown, nil, false
		}
		if ok {
			list = append(list, seen)
		}
	}
	return shown, list, true
}

func (s *Server) why(r *request) (answer, error) {
	in, err := s.Store.Intake(r.Context(), crm.IntakeID(strings.ToUpper(r.PathValue("intake"))))
	if err != nil {
		return nil, err
	}
	d := whyPage{}
	if d.Intake, d.Activities, err = s.visible(r, in); err != nil {
		return nil, err
	}
	in = d.Intake
	d.Sentences = s.Office.Sentences(in, d.Activities)
	for _, c := range slices.Concat(in.Proposals, in.Candidates) {
		same := func(o crm.Candidate) bool { return o.Kind == c.Kind && o.ID == c.ID }
		if !slices.ContainsFunc(d.Candidates, same) {
			d.Candidates = append(d.Candidates, c)
		}
	}
	if d.Question, err = s.whyQuestion(r, in); err != nil {
		return nil, err
	}
	c := cause{Intake: in, activities: d.Activities, me: r.user, isAdmin: r.viewer.IsAdmin(), decides: d.Question != nil}
	d.Remedies = c.remedies()
	for i := range d.Remedies {
		if d.Remedies[i].Code != crm.Excluded {
			continue
		}
		if d.Remedies[i].Undo, err = s.excluding(r, in); err != nil {
			return nil, err
		}
	}
	return page{Template: "why", Title: "Why: " + mailWords(in), Nav: "review", Data: d}, nil
}

// whyQuestion has the buttons for whoever may decide about a mail: while it waits, and after it was dismissed as long as its
// content is kept. Nil for others.
func (s *Server) whyQuestion(r *request, in crm.Intake) (*question, error) {
	dismissed := in.Kept && in.Verdict == crm.Ignored && slices.Contains(in.Codes, crm.Dismissed)
	if !in.Open && !dismissed || !decides(r, in) {
		return nil, nil
	}
	list, err := s.questions(r, []crm.Intake{in}, "/why/"+string(in.ID))
	if err != nil {
		return nil, err
	}
	q := &list[0]
	q.Users, err = s.colleagues(r)
	return q, err
}

func strangers(list []string) (addresses []crm.Address) {
	for _, text := range list {
		if a, ok := crm.ParseAddress(text); ok {
			addresses = append(addresses, a)
		}
	}
	return addresses
}

// excluding are the exclusions that hold for somebody in a mail: a user's own, and those of the company for admins.
func (s *Server) excluding(r *request, in crm.Intake) ([]crm.Exclusion, error) {
	all, err := s.Store.Exclusions(r.Context())
	people := strangers(neverOf(in, r.user))
	return slices.DeleteFunc(all, func(e crm.Exclusion) bool {
		return !mayTakeBack(r, e) || !slices.ContainsFunc(people, e.Matches)
	}), err
}

func mayTakeBack(r *request, e crm.Exclusion) bool {
	return e.User == r.user.Email || r.viewer.IsAdmin()
}

// trackAgain takes back what kept a mail out.
func (s *Server) trackAgain(r *request) (answer, error) {
	return s.decideOne(r, func(crm.Intake) (string, error) {
		all, err := s.Store.Exclusions(r.Context())
		if err != nil {
			return "", err
		}
		at := slices.IndexFunc(all, func(e crm.Exclusion) bool {
			return strconv.FormatInt(e.ID, 10) == r.field("exclusion") && mayTakeBack(r, e)
		})
		if at < 0 {
			return "", invalid("it is not on the never-log list any more")
		}
		e, later, err := s.Office.TrackAgain(r.Context(), r.field("exclusion"))
		return "Mail with " + e.Pattern + " is logged again from now on." + laterWords(later), err
	})
}
