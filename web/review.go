package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// intakeStore is what reached us, and how it ended.
type intakeStore interface {
	Review(ctx context.Context, f crm.ReviewFilter) ([]crm.Intake, error)
	Intakes(ctx context.Context, f crm.IntakeFilter) ([]crm.Intake, error)
	Intake(ctx context.Context, id crm.IntakeID) (crm.Intake, error)
	IntakesByMessageID(ctx context.Context, messageID string) ([]crm.Intake, error)
	DismissIntake(ctx context.Context, id crm.IntakeID) (crm.Intake, error)
	Exclusions(ctx context.Context) ([]crm.Exclusion, error)
}

// reviewOffice carries out what a person decides about mail that waits. What cannot be done is crm.ErrInvalid.
type reviewOffice interface {
	LinkIntake(ctx context.Context, id crm.IntakeID, to crm.Ref) (crm.Intake, error)
	CreateFromIntake(ctx context.Context, id crm.IntakeID, kind crm.Kind) (crm.Intake, error)
	VerifyAuthor(ctx context.Context, id crm.IntakeID, user crm.UserID) (crm.Intake, crm.Later, error)
	// NeverLog takes an address, a domain or *.domain; for the mail of one user or, with "", of everybody.
	NeverLog(ctx context.Context, pattern string, user crm.Address) (crm.Exclusion, crm.Later, error)
	// TrackAgain takes an exclusion back.
	TrackAgain(ctx context.Context, idOrPattern string) (crm.Exclusion, crm.Later, error)
}

// question is one mail that asks a person, as a row shows it.
type question struct {
	crm.Intake
	Reasons []string   // why it asks, in words
	Who     bool       // somebody in it is unknown, or it is held: a record can be made of it
	Alias   bool       // an admin may say whose address the author's is
	Never   []string   // addresses and domains that one may never want to see again
	Back    string     // the page to come back to
	Users   []crm.User // for Alias
	Admin   bool
}

// reviewPage is the list of what waits.
type reviewPage struct {
	Questions []question
	More      int
}

// reviewAPage is how many stand on a page: what is decided makes room for what follows.
const reviewAPage = 30

func (s *Server) review(r *request) (answer, error) {
	list, err := s.Store.Review(r.Context(), crm.ReviewFilter{Limit: reviewAPage, Viewer: &r.viewer})
	if err != nil {
		return nil, err
	}
	all, err := s.Store.CountReview(r.Context(), r.viewer)
	if err != nil {
		return nil, err
	}
	users, err := s.colleagues(r)
	if err != nil {
		return nil, err
	}
	d := reviewPage{Questions: s.questions(r, list, "/review"), More: max(all-len(list), 0)}
	for i := range d.Questions {
		d.Questions[i].Users = users
	}
	return page{Template: "review", Title: "Review", Nav: "review", Data: d}, nil
}

// colleagues are whom an admin chooses from when an address is a colleague's; nobody for others.
func (s *Server) colleagues(r *request) ([]crm.User, error) {
	if !r.viewer.IsAdmin() {
		return nil, nil
	}
	users, err := s.Store.Users(r.Context())
	return slices.DeleteFunc(users, func(u crm.User) bool { return !u.Active }), err
}

func (s *Server) questions(r *request, list []crm.Intake, back string) []question {
	questions := make([]question, 0, len(list))
	for _, in := range list {
		q := question{Intake: in, Reasons: reasons(in), Back: back, Admin: r.viewer.IsAdmin(), Never: neverOf(in, r.user)}
		q.Who = in.Verdict == crm.Held || len(in.Unknown) > 0
		q.Alias = q.Admin && in.Verdict == crm.Held && slices.Contains(in.Codes, crm.SenderUnverified)
		questions = append(questions, q)
	}
	return questions
}

// reasons are what the trace says of the questions, each once; what a code means where the trace is silent.
func reasons(in crm.Intake) (list []string) {
	add := func(text string) {
		if text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	for _, step := range in.Steps {
		if asking(in, step.Code) {
			add(step.Detail)
		}
	}
	for _, code := range in.Codes {
		if len(list) == 0 && asking(in, code) {
			add(code.Meaning().Sentence)
		}
	}
	return list
}

// asking tells whether a code is a reason why a mail waits, or is not filed: of such mail any that a person can do something about, of
// filed mail the open questions.
func asking(in crm.Intake, code crm.Code) bool {
	if in.Verdict != crm.Filed {
		return !strings.HasPrefix(code.Meaning().Hint, "Nothing")
	}
	return code.IsQuestion() && (code != crm.DealAmbiguous && len(in.Unknown) > 0 || code == crm.DealAmbiguous && in.WhichDeal)
}

// neverOf proposes what to put on the never-log list: who is unknown, and the domain. In the trace of held mail people
// stand in its sentences alone.
func neverOf(in crm.Intake, me crm.User) (list []string) {
	add := func(text string) {
		a, ok := crm.ParseAddress(strings.Trim(text, ".,;:()<>\"'"))
		if !ok || a.Domain() == me.Email.Domain() || a.Domain() == me.BCCAddress.Domain() {
			return
		}
		for _, text := range []string{string(a), a.Domain()} {
			if !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	for _, p := range in.Unknown {
		add(string(p.Address))
	}
	add(in.From[strings.LastIndexByte(in.From, '<')+1:])
	for _, reason := range reasons(in) {
		for word := range strings.FieldsSeq(reason) {
			if strings.Contains(word, "@") {
				add(word)
			}
		}
	}
	return list[:min(len(list), 12)]
}

// deciding is the mail that a form is about, if whoever sent it may decide: the owner of the mailbox, and admins about
// all that is not private. To others it is not there.
func (s *Server) deciding(r *request, id string) (crm.Intake, error) {
	in, err := s.Store.Intake(r.Context(), crm.IntakeID(id))
	if err != nil {
		return in, err
	}
	in, ok := r.viewer.Intake(in)
	if !ok || !decides(r, in) {
		return in, fmt.Errorf("decide about %s: %w", id, crm.ErrNotFound)
	}
	return in, nil
}

func decides(r *request, in crm.Intake) bool { return r.viewer.IsAdmin() || in.Owner == r.user.Email }

// act is what a form does to one mail; said is for the person who sent it.
type act func(in crm.Intake) (said string, err error)

// decideOne carries one decision out, and goes back to where the form stood. What cannot be done is said there.
func (s *Server) decideOne(r *request, do act) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	in, err := s.deciding(r, r.PathValue("intake"))
	if err != nil {
		return nil, err
	}
	back := redirect("/review")
	if to := r.field("back"); to != "" {
		back = redirect(localPath(to))
	}
	said, err := do(in)
	if text, ok := problem(err); ok {
		r.sorry("%s", text)
		return back, nil
	}
	if err != nil {
		return nil, err
	}
	r.done("%s", said)
	return back, nil
}

func (s *Server) reviewLink(r *request) (answer, error) {
	return s.decideOne(r, func(in crm.Intake) (string, error) {
		ref, ok := crm.ParseRef(r.field("to"))
		if !ok {
			return "", invalid("choose a contact, company, lead or deal")
		}
		_, err := s.Office.LinkIntake(r.Context(), in.ID, ref)
		if errors.Is(err, crm.ErrNotFound) {
			err = invalid("that record is not there any more")
		}
		return mailWords(in) + " is filed.", err
	})
}

func (s *Server) reviewCreate(r *request) (answer, error) {
	return s.decideOne(r, func(in crm.Intake) (string, error) { return s.create(r, in, crm.Kind(r.field("kind"))) })
}

func (s *Server) create(r *request, in crm.Intake, kind crm.Kind) (string, error) {
	if kind != crm.KindLead && kind != crm.KindContact {
		return "", invalid("choose a lead or a contact")
	}
	_, err := s.Office.CreateFromIntake(r.Context(), in.ID, kind)
	return fmt.Sprintf("%s is filed with a new %s.", mailWords(in), kind), err
}

func (s *Server) reviewDismiss(r *request) (answer, error) {
	return s.decideOne(r, func(in crm.Intake) (string, error) {
		_, err := s.Store.DismissIntake(r.Context(), in.ID)
		return mailWords(in) + " was dismissed.", err
	})
}

func (s *Server) reviewVerify(r *request) (answer, error) {
	return s.decideOne(r, func(in crm.Intake) (string, error) {
		email, _ := crm.ParseAddress(r.field("user"))
		u, err := s.Store.User(r.Context(), email)
		if errors.Is(err, crm.ErrNotFound) {
			err = invalid("choose whose address it is")
		}
		if err != nil {
			return "", err
		}
		_, later, err := s.Office.VerifyAuthor(r.Context(), in.ID, u.ID)
		return fmt.Sprintf("%s is %s now.%s", in.From, u, laterWords(later)), err
	})
}

// reviewNever puts an address or domain on the never-log list: of the company if an admin wants it, else one's own.
func (s *Server) reviewNever(r *request) (answer, error) {
	return s.decideOne(r, func(in crm.Intake) (string, error) {
		whose := r.user.Email
		if r.viewer.IsAdmin() && r.field("for") == "all" {
			whose = ""
		}
		e, later, err := s.Office.NeverLog(r.Context(), r.field("pattern"), whose)
		if err != nil {
			return "", err
		}
		// A question about mail that is filed without him is answered by that.
		if after, err := s.Store.Intake(r.Context(), in.ID); err == nil && after.Open && after.Verdict == crm.Filed && only(after.Unknown, e) && !after.WhichDeal {
			if _, err := s.Store.DismissIntake(r.Context(), in.ID); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("Mail with %s is never logged from now on.%s", e.Pattern, laterWords(later)), nil
	})
}

// only tells whether an exclusion covers all of these.
func only(people []crm.Party, e crm.Exclusion) bool {
	return !slices.ContainsFunc(people, func(p crm.Party) bool { return !e.Matches(p.Address) })
}

// reviewMany dismisses, or makes leads of, all that was chosen.
func (s *Server) reviewMany(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	done, failed := 0, ""
	for _, id := range r.PostForm["id"] {
		in, err := s.deciding(r, id)
		if err == nil {
			if r.field("act") == "lead" {
				_, err = s.create(r, in, crm.KindLead)
			} else {
				_, err = s.Store.DismissIntake(r.Context(), in.ID)
			}
		}
		text, put := problem(err)
		switch {
		case put:
			failed = mailWords(in) + ": " + text
		case errors.Is(err, crm.ErrNotFound):
			failed = "One of them is gone."
		case err != nil:
			return nil, err
		default:
			done++
		}
	}
	switch {
	case failed != "":
		r.sorry("%s decided, not all. %s", count(done, "mail"), failed)
	case done == 0:
		r.sorry("Choose some mail first.")
	default:
		r.done("%s decided.", count(done, "mail"))
	}
	return redirect("/review"), nil
}

// mailWords names a mail in a sentence.
func mailWords(in crm.Intake) string {
	if in.Subject == "" {
		return "The mail without a subject"
	}
	return "“" + in.Subject + "”"
}
