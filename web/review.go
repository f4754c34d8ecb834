package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

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
	// Of a message that brought several mails, originals are those it is about; none are all that wait.
	LinkIntake(ctx context.Context, id crm.IntakeID, to crm.Ref, originals ...int) (crm.Intake, error)
	CreateFromIntake(ctx context.Context, id crm.IntakeID, kind crm.Kind, originals ...int) (crm.Intake, error)
	VerifyAuthor(ctx context.Context, id crm.IntakeID, user crm.UserID) (crm.Intake, crm.Later, error)
	// NeverLog takes an address, a domain or *.domain; for the mail of one user or, with "", of everybody.
	NeverLog(ctx context.Context, pattern string, user crm.Address) (crm.Exclusion, crm.Later, error)
	// TrackAgain takes an exclusion back.
	TrackAgain(ctx context.Context, idOrPattern string) (crm.Exclusion, crm.Later, error)
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
	d := reviewPage{More: max(all-len(list), 0)}
	if d.Questions, err = s.questions(r, list, "/review"); err != nil {
		return nil, err
	}
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
		originals, err := r.originals(in)
		if err != nil {
			return "", err
		}
		after, err := s.Office.LinkIntake(r.Context(), in.ID, ref, originals...)
		if errors.Is(err, crm.ErrNotFound) {
			err = invalid("that record is not there any more")
		}
		return mailWords(in, originals...) + " is filed." + stillOpen(after), err
	})
}

func (s *Server) reviewCreate(r *request) (answer, error) {
	return s.decideOne(r, func(in crm.Intake) (string, error) { return s.create(r, in, crm.Kind(r.field("kind"))) })
}

func (s *Server) create(r *request, in crm.Intake, kind crm.Kind) (string, error) {
	if kind != crm.KindLead && kind != crm.KindContact {
		return "", invalid("choose a lead or a contact")
	}
	originals, err := r.originals(in)
	if err != nil {
		return "", err
	}
	after, err := s.Office.CreateFromIntake(r.Context(), in.ID, kind, originals...)
	return fmt.Sprintf("%s is filed with a new %s.%s", mailWords(in, originals...), kind, stillOpen(after)), err
}

// originals are the mails of a message that a form names: none where it names none.
func (r *request) originals(in crm.Intake) ([]int, error) {
	if !r.PostForm.Has("original") {
		return nil, nil
	}
	n, err := strconv.Atoi(r.field("original"))
	if err != nil || !slices.ContainsFunc(in.Results, func(has crm.ResultReport) bool { return has.Original == n }) {
		return nil, invalid("that mail is not in the message")
	}
	return []int{n}, nil
}

// stillOpen reminds of the other mails that came in the same message.
func stillOpen(in crm.Intake) string {
	if !in.Open {
		return ""
	}
	waiting := 0
	for _, result := range in.Results {
		if result.Open {
			waiting++
		}
	}
	return fmt.Sprintf(" %s in the same message still to decide.", count(waiting, "mail"))
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

// mailWords names a mail in a sentence: the message, or of several mails in it the one that is meant.
func mailWords(in crm.Intake, originals ...int) string {
	subject := in.Subject
	for _, result := range in.Results {
		if slices.Contains(originals, result.Original) {
			subject = result.Subject
		}
	}
	if subject == "" {
		return "The mail without a subject"
	}
	return "“" + subject + "”"
}
