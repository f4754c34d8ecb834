package linker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// Choice is what a person decided about a held message.
type Choice struct {
	Link      []crm.Ref // file it there
	Create    crm.Kind  // make a lead or a contact of who is unknown in it
	Originals []int     // of a message with several mails in it: those it is about; none are all that wait for a person

	filed map[int]crm.ActivityID // by original: what is filed already, and only added to
}

// filedAs is the activity that an original has already; 0 for none, or where nobody chose anything.
func (c *Choice) filedAs(m *crm.Mail) crm.ActivityID {
	if c == nil {
		return 0
	}
	return c.filed[m.Original]
}

// empty tells that nobody chose anything: the message is only looked at again.
func (c *Choice) empty() bool { return len(c.Link) == 0 && c.Create == "" }

// names tells whether a person said whom the mail is about: then nobody in it is an open question.
func (c *Choice) names() bool {
	return c != nil && slices.ContainsFunc(c.Link, func(ref crm.Ref) bool { return ref.Kind != crm.KindDeal })
}

// of is what was chosen for one original: nothing, where the choice is about others. Nil stays nil.
func (c *Choice) of(original int) *Choice {
	if c == nil || len(c.Originals) == 0 || slices.Contains(c.Originals, original) {
		return c
	}
	return &Choice{}
}

// settle finds out which originals a choice is about. A record can be linked to one of them alone: that several
// mails in one message are of one person is not said by that.
func (c *Choice) settle(was *crm.Intake) error {
	if c.empty() {
		return nil
	}
	if len(c.Originals) == 0 {
		for _, r := range was.Results {
			if r.Open {
				c.Originals = append(c.Originals, r.Original)
			}
		}
	}
	if len(c.Link) > 0 && (len(c.Originals) > 1 || len(c.Originals) == 0 && len(was.Results) > 1) {
		return NothingDone{fmt.Sprintf("There are %d mails in it, and it was not said which one is meant.", len(was.Results))}
	}
	for _, n := range c.Originals {
		if !slices.ContainsFunc(was.Results, func(r crm.ResultReport) bool { return r.Original == n }) {
			return NothingDone{fmt.Sprintf("There is no mail %d in it.", n)}
		}
	}
	return nil
}

// act is what the audit log calls it, "" for no choice.
func (c *Choice) act() string {
	switch {
	case c.Create != "":
		return "review.create"
	case len(c.Link) > 0:
		return "review.link"
	}
	return ""
}

// Archive is what second thoughts need of the database, besides what Take needs.
type Archive interface {
	Store
	// Intake returns a trace; crm.ErrNotFound where there is none.
	Intake(ctx context.Context, id crm.IntakeID) (crm.Intake, error)
	// Stored returns a message as it came in, raw bytes included; crm.ErrNotFound where those are not kept.
	Stored(ctx context.Context, id crm.IntakeID) (*crm.Inbound, error)
	// MailWith lists filed and held mail in which one of the addresses, or an address at one of the domains or, of
	// *.domain, below it, takes part, after a cursor.
	MailWith(ctx context.Context, addresses []crm.Address, domains []string, after crm.MailCursor, limit int) ([]crm.StoredMail, error)
	// ThreadMail lists filed mail of the same conversation as an activity, itself included.
	ThreadMail(ctx context.Context, activity crm.ActivityID) ([]crm.StoredMail, error)
	// GatherAll is Gather for several mails.
	GatherAll(ctx context.Context, questions []crm.Question) ([]*crm.Facts, error)
	// RecordAgain records decisions on held mail, in their order. It returns the places of those that must be decided
	// anew, for the facts have changed; what has gone meanwhile is passed over.
	RecordAgain(ctx context.Context, records []*crm.Record) (done []crm.Recorded, stale []int, err error)
	// AddLinks carries second thoughts about filed mail out. Links made by hand stay.
	AddLinks(ctx context.Context, more []crm.Relinked) error
}

// Try says what would become of a message, and writes nothing.
func (l *Linker) Try(ctx context.Context, in *crm.Inbound) (crm.Intake, error) {
	c, content := l.read(in, nil)
	c.Auth = l.authenticate(ctx, in, &c.Mails[0])
	facts, err := l.gather(ctx, question(in, c.Mails))
	if err != nil {
		return crm.Intake{}, fmt.Errorf("try: gather: %w", err)
	}
	plan := l.decide(c, facts)
	content.fill(plan)
	l.propose(ctx, plan, in)
	return tried(in, &c.Mails[0], plan, facts), nil
}

// Relink takes a held message again, with what a person chose. A message that is still not
// filed stays as it was, and the intake returned says why. NothingDone where the choice came to nothing.
func (l *Linker) Relink(ctx context.Context, archive Archive, id crm.IntakeID, choice Choice) (crm.Intake, error) {
	was, err := archive.Intake(ctx, id)
	if err != nil {
		return was, err
	}
	plan, err := l.takeAgain(ctx, archive, &was, &choice)
	if err != nil {
		return was, err
	}
	after, err := archive.Intake(ctx, id)
	if why := choice.missed(plan); err == nil && why != "" {
		err = NothingDone{why}
	}
	return after, err
}

// NothingDone says, in a sentence, why what a person chose could not be done. It is crm.ErrInvalid.
type NothingDone struct{ Why string }

func (e NothingDone) Error() string { return e.Why }
func (NothingDone) Unwrap() error   { return crm.ErrInvalid }

// missed says why a decision does not do what was chosen; "" where it does.
func (c *Choice) missed(plan *crm.Plan) (why string) {
	if c.empty() || plan == nil {
		return ""
	}
	for i := range plan.Results {
		r := &plan.Results[i]
		if c.of(r.Mail.Original).empty() {
			continue
		}
		switch {
		case c.Create != "" && len(r.Creates) > 0, c.Create == "" && len(r.Links) > 0:
			return ""
		case len(r.Links) > 0:
			why = "Everybody in it is known already: " + titles(r.Links) + "."
		case why == "" && len(r.Steps) > 0:
			why = r.Steps[len(r.Steps)-1].Detail
		}
	}
	return why
}

func titles(links []crm.NewLink) string {
	var names []string
	for _, l := range links {
		names = append(names, refTitle(l.Ref.Kind, l.Title))
	}
	return strings.Join(names, ", ")
}

// takeAgain decides on a stored message, and records it if it can be filed now or is held for another reason than
// those that were said. It returns what was decided, nil where there is nothing to decide.
func (l *Linker) takeAgain(ctx context.Context, archive Archive, was *crm.Intake, choice *Choice) (*crm.Plan, error) {
	if choice.empty() && !slices.ContainsFunc(was.Results, func(r crm.ResultReport) bool { return r.Verdict == crm.Held }) {
		return nil, nil
	}
	if err := choice.settle(was); err != nil {
		return nil, err
	}
	choice.filed = map[int]crm.ActivityID{}
	for _, r := range was.Results {
		if r.ActivityID != nil && !choice.empty() {
			choice.filed[r.Original] = *r.ActivityID
		}
	}
	c, content, err := l.readAgain(ctx, archive, was.ID)
	if err != nil {
		return nil, err
	}
	c.Auth, c.Choice, c.Visibility = was.Auth, choice, was.Visibility
	return l.retake(ctx, c, content, was)
}

// readAgain reads a stored message from its raw bytes.
func (l *Linker) readAgain(ctx context.Context, archive Archive, id crm.IntakeID) (Case, *content, error) {
	in, err := archive.Stored(ctx, id)
	if err != nil {
		return Case{}, nil, fmt.Errorf("take %s again: %w", id, err)
	}
	c, content := l.read(in, nil)
	if in.Raw.Release != nil {
		in.Raw.Release()
	}
	in.Raw = crm.Raw{SHA256: in.Raw.SHA256} // nothing of it is needed any more
	return c, content, nil
}

// retake decides and records until nobody was faster.
func (l *Linker) retake(ctx context.Context, c Case, content *content, was *crm.Intake) (*crm.Plan, error) {
	q := question(c.Inbound, c.Mails)
	q.Tags = append(q.Tags, c.Choice.Link...)
	for attempt := 1; ; attempt++ {
		facts, err := l.gather(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("take %s again: gather: %w", c.Inbound.ID, err)
		}
		plan := l.decide(c, facts)
		if !tellsMore(plan, was, c.Choice) {
			return plan, nil
		}
		content.fill(plan)
		l.propose(ctx, plan, c.Inbound)
		r := &crm.Record{Inbound: c.Inbound, Message: &c.Mails[0], Plan: plan, Question: q, Rerun: true, Act: c.Choice.act()}
		if attempt > attempts {
			r.Again = l.againIfMore(c, content, was)
		}
		recorded, err := l.store.Record(ctx, r)
		switch {
		case errors.Is(err, crm.ErrStale) && attempt <= attempts:
			continue
		case err != nil || r.Plan == nil:
			return plan, err
		}
		l.secondThoughts(ctx, r.Plan, recorded)
		return r.Plan, nil
	}
}

// againIfMore decides once more inside the writer; nothing is written where that tells nothing new.
func (l *Linker) againIfMore(c Case, content *content, was *crm.Intake) func(*crm.Facts) (*crm.Plan, error) {
	decide := l.again(c, content)
	return func(f *crm.Facts) (*crm.Plan, error) {
		plan, err := decide(f)
		if err != nil || !tellsMore(plan, was, c.Choice) {
			return nil, err
		}
		return plan, nil
	}
}

// tellsMore tells whether a second decision is worth recording: a mail can be filed now, or is held for a
// reason that was not said yet, or is on the never-log list now. No other reason to ignore takes held mail away, and
// what was filed before is added to by a person alone.
func tellsMore(plan *crm.Plan, was *crm.Intake, choice *Choice) bool {
	for i := range plan.Results {
		r := &plan.Results[i]
		codes := r.Codes()
		switch {
		case choice.of(r.Mail.Original).empty() && filedBefore(was, r.Mail.Original):
		case r.Verdict == crm.Held && (len(codes) == 0 || slices.Contains(was.Codes, codes[0])):
		case r.Verdict == crm.Ignored && !slices.Contains(codes, crm.Excluded):
		default:
			return true
		}
	}
	return false
}

func filedBefore(was *crm.Intake, original int) bool {
	return slices.ContainsFunc(was.Results, func(r crm.ResultReport) bool { return r.Original == original && r.ActivityID != nil })
}
