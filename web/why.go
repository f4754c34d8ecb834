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
	Hints      []crm.Code      // that a person can do something about
	Question   *question       // the buttons, for whoever may decide
	Strangers  []crm.Address   // of mail that was ignored: adding them would have filed it
	Excluded   []crm.Exclusion // that kept somebody in it out, and that whoever asks may take back
}

// visible is what whoever asks may see of a trace, and of the mail it became. A mail that was made private since takes
// its traces along.
func (s *Server) visible(r *request, in crm.Intake) (crm.Intake, []crm.Activity, error) {
	in, ok := r.viewer.Intake(in)
	if !ok {
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
		shown, ok := r.viewer.Activity(act)
		hidden := !ok || act.Visibility == crm.VisibilityEnvelope && !r.viewer.Reads(act)
		if hidden && in.Owner != r.user.Email {
			return in, nil, crm.ErrNotFound
		}
		if ok {
			list = append(list, shown)
		}
	}
	return in, list, nil
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
	for _, code := range in.Codes {
		if !strings.HasPrefix(code.Meaning().Hint, "Nothing") && (in.Open || !code.IsQuestion()) {
			d.Hints = append(d.Hints, code)
		}
	}
	if slices.Contains(in.Codes, crm.UnknownIgnored) {
		d.Strangers = strangers(neverOf(in, r.user))
	}
	if slices.Contains(in.Codes, crm.Excluded) {
		if d.Excluded, err = s.excluding(r, in); err != nil {
			return nil, err
		}
	}
	if in.Open && decides(r, in) {
		q := s.questions(r, []crm.Intake{in}, "/why/"+string(in.ID))[0]
		if q.Users, err = s.colleagues(r); err != nil {
			return nil, err
		}
		d.Question = &q
	}
	return page{Template: "why", Title: "Why: " + mailWords(in), Nav: "review", Data: d}, nil
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
