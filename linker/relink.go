package linker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"blindcopy/crm"
)

// Choice is what a person decided about a held message.
type Choice struct {
	Link   []crm.Ref // file it there
	Create crm.Kind  // make a lead or a contact of who is unknown in it

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

// Archive is what second thoughts need of the database, besides what Take needs.
type Archive interface {
	Store
	// Intake returns a trace; crm.ErrNotFound where there is none.
	Intake(ctx context.Context, id crm.IntakeID) (crm.Intake, error)
	// Stored returns a message as it came in, raw bytes included; crm.ErrNotFound where those are not kept.
	Stored(ctx context.Context, id crm.IntakeID) (*crm.Inbound, error)
	// MailWith lists filed and held mail in which one of the addresses, or an address at one of the domains,
	// takes part, after a cursor.
	MailWith(ctx context.Context, addresses []crm.Address, domains []string, after crm.MailCursor, limit int) ([]crm.StoredMail, error)
	// ThreadMail lists filed mail of the same conversation as an activity, itself included.
	ThreadMail(ctx context.Context, activity crm.ActivityID) ([]crm.StoredMail, error)
	// AddLinks carries second thoughts out. Links made by hand stay.
	AddLinks(ctx context.Context, more []crm.Relinked) error
}

// Report counts what a re-run did.
type Report struct {
	Looked int `json:"looked"` // mails looked at
	Filed  int `json:"filed"`  // held mails that were filed
	Linked int `json:"linked"` // filed mails that got another link
}

// rerunPage is how many mails a re-run reads at once; rerunAtOnce how many it decides at
// once, so that the writer can commit them together. Up to rerunInOrder, which is what a person
// may watch, they are filed in the order they came in.
const (
	rerunPage    = 2048
	rerunAtOnce  = 512
	rerunInOrder = 32
)

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
// filed stays as it was, and the intake returned says why.
func (l *Linker) Relink(ctx context.Context, archive Archive, id crm.IntakeID, choice Choice) (crm.Intake, error) {
	was, err := archive.Intake(ctx, id)
	if err != nil {
		return was, err
	}
	if _, err := l.takeAgain(ctx, archive, &was, choice); err != nil {
		return crm.Intake{}, err
	}
	return archive.Intake(ctx, id)
}

// takeAgain decides on a stored message, and records it if it can be filed now or is held for another reason than
// those that were said; filed tells whether it was filed. Of the intake as it was it needs the verdict, codes, results
// and authentication.
func (l *Linker) takeAgain(ctx context.Context, archive Archive, was *crm.Intake, choice Choice) (filed bool, err error) {
	if choice.empty() && !slices.ContainsFunc(was.Results, func(r crm.ResultReport) bool { return r.Verdict == crm.Held }) {
		return false, nil
	}
	choice.filed = map[int]crm.ActivityID{}
	for _, r := range was.Results {
		if r.ActivityID != nil && !choice.empty() {
			choice.filed[r.Original] = *r.ActivityID
		}
	}
	in, err := archive.Stored(ctx, was.ID)
	if err != nil {
		return false, fmt.Errorf("take %s again: %w", was.ID, err)
	}
	if in.Raw.Release != nil {
		defer in.Raw.Release()
	}
	c, content := l.read(in, nil)
	c.Auth, c.Choice = was.Auth, &choice
	return l.retake(ctx, c, content, was)
}

// retake decides and records until nobody was faster.
func (l *Linker) retake(ctx context.Context, c Case, content *content, was *crm.Intake) (filed bool, err error) {
	q := question(c.Inbound, c.Mails)
	q.Tags = append(q.Tags, c.Choice.Link...)
	for attempt := 1; ; attempt++ {
		facts, err := l.gather(ctx, q)
		if err != nil {
			return false, fmt.Errorf("take %s again: gather: %w", c.Inbound.ID, err)
		}
		plan := l.decide(c, facts)
		if !tellsMore(plan, was, c.Choice) {
			return false, nil
		}
		content.fill(plan)
		r := &crm.Record{Inbound: c.Inbound, Message: &c.Mails[0], Plan: plan, Question: q, Rerun: true}
		if attempt > attempts {
			r.Again = l.again(c, content)
		}
		recorded, err := l.store.Record(ctx, r)
		switch {
		case errors.Is(err, crm.ErrStale) && attempt <= attempts:
			continue
		case err != nil:
			return false, err
		}
		l.secondThoughts(ctx, r.Plan, recorded)
		return r.Plan.Verdict() == crm.Filed, nil
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
		case choice.empty() && filedBefore(was, r.Mail.Original):
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

// Rerun has a second thought about all mail with these addresses or domains, after a person
// changed what is known of them: held mail is filed, filed mail gets the links it lacked. Nothing
// is created, nothing that a person did is undone.
func (l *Linker) Rerun(ctx context.Context, archive Archive, addresses []crm.Address, domains []string) (Report, error) {
	var report Report
	pages, changes := make(chan []crm.StoredMail), make(chan []crm.Relinked, 1)
	group, ctx := errgroup.WithContext(ctx) // while one page is decided on, the next is read and the last is written
	group.Go(func() error {
		defer close(pages)
		return mailPages(ctx, archive, addresses, domains, pages)
	})
	group.Go(func() error {
		defer close(changes)
		for page := range pages {
			more, err := l.rerunPage(ctx, archive, page, &report)
			if err != nil {
				return err
			}
			if err := pass(ctx, changes, more); err != nil {
				return err
			}
		}
		return nil
	})
	group.Go(func() error {
		for more := range changes {
			if err := archive.AddLinks(ctx, more); err != nil {
				return err
			}
		}
		return nil
	})
	err := group.Wait()
	return report, err
}

// mailPages reads the mail of a re-run.
func mailPages(ctx context.Context, archive Archive, addresses []crm.Address, domains []string, pages chan<- []crm.StoredMail) error {
	var cursor crm.MailCursor
	for {
		page, err := archive.MailWith(ctx, addresses, domains, cursor, rerunPage)
		if err != nil {
			return fmt.Errorf("run mail again: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		cursor = page[len(page)-1].Cursor
		if err := pass(ctx, pages, page); err != nil {
			return err
		}
	}
}

// pass hands a list on, unless there is nothing in it or the other side has given up.
func pass[T any](ctx context.Context, to chan<- []T, list []T) error {
	if len(list) == 0 {
		return nil
	}
	select {
	case to <- list:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// secondThoughts looks at the mail that waited for what this very mail brought: a record that it made, or itself,
// where answers to it were here first. The mail is on disk by then, so a failure here is no reason to refuse
// it: `relink` finds what was missed.
func (l *Linker) secondThoughts(ctx context.Context, plan *crm.Plan, recorded crm.Recorded) {
	archive, ok := l.store.(Archive)
	if !ok {
		return
	}
	var addresses []crm.Address
	var domains []string
	var err error
	for i := range plan.Results {
		r := &plan.Results[i]
		for _, made := range r.Creates {
			addresses = append(addresses, made.Emails...)
			if made.Domain != "" {
				domains = append(domains, made.Domain)
			}
		}
		if r.New != nil && (r.New.Awaited || len(r.New.Join) > 0) && len(dealsOn(r)) > 0 {
			err = errors.Join(err, l.rerunThread(ctx, archive, recorded.Activities[i]))
		}
	}
	if len(addresses) > 0 {
		_, rerun := l.Rerun(ctx, archive, addresses, domains)
		err = errors.Join(err, rerun)
	}
	if err != nil {
		l.log.Warn("mail that waited for this was not looked at", "err", err)
	}
}

// rerunThread gives the other mail of a conversation the deal that it lacks.
func (l *Linker) rerunThread(ctx context.Context, archive Archive, activity crm.ActivityID) error {
	mails, err := archive.ThreadMail(ctx, activity)
	if err != nil {
		return err
	}
	var report Report
	more, err := l.rerunPage(ctx, archive, mails, &report)
	if err != nil || len(more) == 0 {
		return err
	}
	return archive.AddLinks(ctx, more)
}

// rerunPage decides on the mails of a page, many at once. Held ones are filed; of filed ones it returns the links they
// get.
func (l *Linker) rerunPage(ctx context.Context, archive Archive, page []crm.StoredMail, report *Report) ([]crm.Relinked, error) {
	more := make([]*crm.Relinked, len(page))
	var held []*crm.Intake // each once, whatever number of its originals is here
	seen := newSet[crm.IntakeID]()
	group, deciding := errgroup.WithContext(ctx)
	if len(page) > rerunInOrder {
		group.SetLimit(rerunAtOnce)
	} else {
		group.SetLimit(1)
	}
	for i := range page {
		if page[i].Activity == 0 {
			if seen.add(page[i].Intake) {
				held = append(held, page[i].Held)
			}
			continue
		}
		group.Go(func() (err error) {
			more[i], err = l.secondThought(deciding, &page[i])
			return err
		})
	}
	filed := make([]bool, len(held))
	for i, was := range held {
		group.Go(func() error {
			done, err := l.takeAgain(deciding, archive, was, Choice{})
			if errors.Is(err, crm.ErrNotFound) {
				return nil // its content has expired meanwhile
			}
			filed[i] = done
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	report.Looked += len(page)
	for _, done := range filed {
		if done {
			report.Filed++
		}
	}
	var changes []crm.Relinked
	for _, m := range more {
		if m == nil {
			continue
		}
		changes = append(changes, *m)
		if len(m.Add) > 0 {
			report.Linked++
		}
	}
	return changes, nil
}

// secondThought decides on a filed mail from its stored facts. It returns nil where
// nothing is to be added.
func (l *Linker) secondThought(ctx context.Context, s *crm.StoredMail) (*crm.Relinked, error) {
	in := &crm.Inbound{ID: s.Intake, ReceivedAt: s.At, Via: crm.ViaImport, MailFrom: string(s.Mail.Author("").Address),
		Recipients: []crm.Recipient{{Mailbox: s.Mailbox, User: s.Owner, Kind: crm.MailboxBCC}}}
	facts, err := l.gather(ctx, question(in, []crm.Mail{*s.Mail}))
	if err != nil {
		return nil, fmt.Errorf("run activity %d again: gather: %w", s.Activity, err)
	}
	d := &decision{policy: &l.policy, facts: facts, in: in, choice: &Choice{}, plan: &crm.Plan{Owner: s.Owner, Mailbox: s.Mailbox, Visibility: s.Visibility}}
	d.recipient, d.owner = in.Recipients[0], facts.Rules.Users[s.Owner]
	d.mail, d.author, d.threadOf = s.Mail, s.Mail.Author(""), s.Thread
	d.res = &crm.Result{Mail: s.Mail}
	d.speaker = speaker{row: "S1", direction: s.Direction, user: facts.Rules.Users[s.AuthorUser]}
	for _, link := range s.Links {
		if link.Source == crm.SourceManual {
			d.res.Links = append(d.res.Links, crm.NewLink{Ref: link.Ref(), Title: link.Title, Code: link.Code, Source: link.Source})
		}
	}
	d.sortParties()
	d.matchAll()
	d.chooseDeals()
	return l.newLinks(s, d), nil
}

// newLinks are those the mail does not have yet.
func (l *Linker) newLinks(s *crm.StoredMail, d *decision) *crm.Relinked {
	change := &crm.Relinked{Activity: s.Activity, Answered: len(d.unknownParties()) == 0}
	hasDeal := slices.ContainsFunc(s.Links, func(link crm.Link) bool { return link.Kind == crm.KindDeal })
	for _, link := range d.res.Links {
		have := slices.ContainsFunc(s.Links, func(old crm.Link) bool { return old.Ref() == link.Ref })
		if !have && !(link.Ref.Kind == crm.KindDeal && hasDeal) {
			change.Add = append(change.Add, link)
		}
	}
	if len(change.Add) == 0 && !change.Answered {
		return nil
	}
	return change
}
