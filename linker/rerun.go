package linker

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"blindcopy/crm"
)

// Report counts what a re-run did.
type Report struct {
	Looked int `json:"looked"` // mails looked at
	Filed  int `json:"filed"`  // held mails that were filed
	Linked int `json:"linked"` // filed mails that got another link
}

// rerunPage is how many mails a re-run reads at once, and rerunChunk how many of them are decided on together.
const (
	rerunPage  = 1024
	rerunChunk = 64
)

// Rerun has a second thought about all mail with these addresses or domains, after a person
// changed what is known of them: held mail is filed, filed mail gets the links it lacked. Nothing
// is created, nothing that a person did is undone.
func (l *Linker) Rerun(ctx context.Context, archive Archive, addresses []crm.Address, domains []string) (Report, error) {
	var report Report
	pages, thoughts := make(chan []crm.StoredMail), make(chan *rethought, 1)
	group, ctx := errgroup.WithContext(ctx) // while one page is decided on, the next is read and the last is written
	group.Go(func() error {
		defer close(pages)
		return mailPages(ctx, archive, addresses, domains, pages)
	})
	group.Go(func() error {
		defer close(thoughts)
		for page := range pages {
			r, err := l.rethink(ctx, archive, page)
			if err != nil {
				return err
			}
			if err := pass(ctx, thoughts, r); err != nil {
				return err
			}
		}
		return nil
	})
	group.Go(func() error {
		done, err := l.carryOutAll(ctx, archive, thoughts)
		report = done
		return err
	})
	err := group.Wait()
	return report, err
}

// carryOutAll carries thoughts out, two pages at a time: what is written of one is made ready while the writer is busy
// with another.
func (l *Linker) carryOutAll(ctx context.Context, archive Archive, thoughts <-chan *rethought) (sum Report, err error) {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for r := range thoughts {
		group.Go(func() error {
			var report Report
			err := l.carryOut(ctx, archive, r, &report)
			mu.Lock()
			defer mu.Unlock()
			sum.Looked, sum.Filed, sum.Linked = sum.Looked+report.Looked, sum.Filed+report.Filed, sum.Linked+report.Linked
			return err
		})
	}
	err = group.Wait()
	return sum, err
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

// pass hands work on, unless the other side has given up.
func pass[T any](ctx context.Context, to chan<- T, work T) error {
	select {
	case to <- work:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rethought is what second thoughts about some mail came to.
type rethought struct {
	looked int
	held   []*heldMail     // to be recorded, in the order they came in
	links  []*crm.Relinked // of filed mail; nil where nothing is to be added
}

// heldMail is a held message that is decided on again.
type heldMail struct {
	Case
	content  *content
	was      *crm.Intake
	row      any // of the store
	question crm.Question
	record   *crm.Record // nil where there is nothing to record
}

// rethink decides on the mails of a page, many at once.
func (l *Linker) rethink(ctx context.Context, archive Archive, page []crm.StoredMail) (*rethought, error) {
	held := slices.IndexFunc(page, func(s crm.StoredMail) bool { return s.Activity == 0 })
	if held < 0 {
		held = len(page)
	}
	r := &rethought{looked: len(page), links: make([]*crm.Relinked, held)}
	firsts := firstOfEach(page[held:])
	r.held = make([]*heldMail, len(firsts))
	err := errors.Join(
		inChunks(ctx, held, func(ctx context.Context, from, to int) error {
			return l.rethinkFiled(ctx, archive, page[from:to], r.links[from:to])
		}),
		inChunks(ctx, len(firsts), func(ctx context.Context, from, to int) error {
			for i := from; i < to; i++ {
				var err error
				if r.held[i], err = l.heldAgain(ctx, archive, firsts[i]); err != nil {
					return err
				}
			}
			return l.rethinkHeld(ctx, archive, r.held[from:to])
		}))
	return r, err
}

// firstOfEach keeps one mail of each intake, whatever number of its originals is in the list.
func firstOfEach(held []crm.StoredMail) []*crm.StoredMail {
	var firsts []*crm.StoredMail
	seen := newSet[crm.IntakeID]()
	for i := range held {
		if seen.add(held[i].Intake) {
			firsts = append(firsts, &held[i])
		}
	}
	return firsts
}

// inChunks works on n things, some at a time and several such chunks at once.
func inChunks(ctx context.Context, n int, work func(ctx context.Context, from, to int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < n; from += rerunChunk {
		group.Go(func() error { return work(ctx, from, min(from+rerunChunk, n)) })
	}
	return group.Wait()
}

// heldAgain makes a held message ready to be decided on: from what is stored of it, else from its raw bytes. It
// returns nil where its content has expired meanwhile.
func (l *Linker) heldAgain(ctx context.Context, archive Archive, s *crm.StoredMail) (*heldMail, error) {
	h := &heldMail{was: s.Held, row: s.Row}
	whole, err := l.isWhole(ctx, s)
	if err != nil {
		return nil, err
	}
	if whole {
		h.Case = Case{Inbound: s.Inbound, Mails: []crm.Mail{*s.Mail}}
		h.content = &content{byOriginal: map[int]crm.Body{0: *s.Body}, alone: true, searched: s.Body.Searched}
	} else if h.Case, h.content, err = l.readAgain(ctx, archive, s.Intake); errors.Is(err, crm.ErrNotFound) {
		return nil, nil
	}
	h.Auth, h.Choice, h.Visibility = s.Held.Auth, &Choice{}, s.Visibility
	h.question = question(h.Inbound, h.Mails)
	return h, err
}

// isWhole tells whether what is stored of a held message is enough to decide on it anew. One that went to somebody outside was
// not searched for mail inside it: it must be read where the rules have made everybody ours.
func (l *Linker) isWhole(ctx context.Context, s *crm.StoredMail) (bool, error) {
	if s.Body == nil || !hasIdentity(s.Mail) {
		return false, nil
	}
	if s.Body.Searched {
		return true, nil
	}
	rules, err := l.store.Rules(ctx)
	return err == nil && l.policy.goesOut(rules, s.Mail), err
}

// rethinkHeld decides on held messages.
func (l *Linker) rethinkHeld(ctx context.Context, archive Archive, held []*heldMail) error {
	held = slices.DeleteFunc(slices.Clone(held), func(h *heldMail) bool { return h == nil }) // expired
	questions := make([]crm.Question, len(held))
	for i, h := range held {
		questions[i] = h.question
	}
	facts, err := l.gatherAll(ctx, archive, questions)
	if err != nil {
		return err
	}
	for i, h := range held {
		plan := l.decide(h.Case, facts[i])
		if h.record = nil; !tellsMore(plan, h.was, h.Choice) {
			continue
		}
		h.content.fill(plan)
		l.propose(ctx, plan, h.Inbound)
		h.record = &crm.Record{Inbound: h.Inbound, Message: &h.Mails[0], Plan: plan, Question: h.question, Rerun: true, Row: h.row}
	}
	return nil
}

func (l *Linker) gatherAll(ctx context.Context, archive Archive, questions []crm.Question) ([]*crm.Facts, error) {
	all, err := archive.GatherAll(ctx, questions)
	if err != nil {
		return nil, fmt.Errorf("run mail again: gather: %w", err)
	}
	for _, facts := range all {
		facts.Now = l.Now().UTC()
	}
	return all, nil
}

// carryOut records held mail and adds links to filed mail.
func (l *Linker) carryOut(ctx context.Context, archive Archive, r *rethought, report *Report) error {
	report.Looked += r.looked
	if err := l.recordHeld(ctx, archive, r.held, report); err != nil {
		return err
	}
	var changes []crm.Relinked
	for _, change := range r.links {
		if change == nil {
			continue
		}
		changes = append(changes, *change)
		if len(change.Add) > 0 {
			report.Linked++
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return archive.AddLinks(ctx, changes)
}

// recordHeld records what was decided on held mail. What has become stale, such as the answer to a mail that was
// filed just now, is decided once more here, and at last inside the writer.
func (l *Linker) recordHeld(ctx context.Context, archive Archive, held []*heldMail, report *Report) error {
	for attempt := 1; len(held) > 0 && attempt <= attempts; attempt++ {
		if attempt > 1 {
			if err := l.rethinkHeld(ctx, archive, held); err != nil {
				return err
			}
		}
		held = slices.DeleteFunc(held, func(h *heldMail) bool { return h == nil || h.record == nil })
		records := make([]*crm.Record, len(held))
		for i, h := range held {
			if records[i] = h.record; attempt > 1 {
				h.record.Again = l.againIfMore(h.Case, h.content, h.was)
			}
		}
		done, stale, err := archive.RecordAgain(ctx, records)
		if err != nil {
			return err
		}
		var again []*heldMail
		for i, h := range held {
			switch {
			case slices.Contains(stale, i):
				again = append(again, h)
			case h.record.Plan != nil:
				l.secondThoughts(ctx, h.record.Plan, done[i])
				report.filed(h.record.Plan)
			}
		}
		held = again
	}
	return nil
}

func (r *Report) filed(plan *crm.Plan) {
	if plan.Verdict() == crm.Filed {
		r.Filed++
	}
}

// rethinkFiled decides on filed mail from its stored facts, and leaves what is to be added to each in changes.
func (l *Linker) rethinkFiled(ctx context.Context, archive Archive, mails []crm.StoredMail, changes []*crm.Relinked) error {
	questions := make([]crm.Question, len(mails))
	for i := range mails {
		s := &mails[i]
		for _, p := range everybody(s.Mail, s.Mail.Author("")) {
			questions[i].Addresses = append(questions[i].Addresses, p.Address)
		}
		questions[i].Threads = []crm.ThreadID{s.Thread}
	}
	facts, err := l.gatherAll(ctx, archive, questions)
	if err != nil {
		return err
	}
	for i := range mails {
		changes[i] = l.secondThought(&mails[i], facts[i])
	}
	return nil
}

// secondThought decides on a filed mail. It returns nil where nothing is to be added.
func (l *Linker) secondThought(s *crm.StoredMail, facts *crm.Facts) *crm.Relinked {
	in := &crm.Inbound{ID: s.Intake, ReceivedAt: s.At, Via: crm.ViaImport, MailFrom: string(s.Mail.Author("").Address),
		Recipients: []crm.Recipient{{Mailbox: s.Mailbox, User: s.Owner, Kind: crm.MailboxBCC}}}
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
	return d.newLinks(s)
}

// newLinks are those the mail does not have yet.
func (d *decision) newLinks(s *crm.StoredMail) *crm.Relinked {
	change := &crm.Relinked{Activity: s.Activity, Row: s.Row, Answered: len(d.unknownParties()) == 0}
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
		if r.New != nil && (r.New.Awaited || len(r.New.Join) > 0) && len(dealsOn(r)) > 0 && i < len(recorded.Activities) {
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
	r, err := l.rethink(ctx, archive, mails)
	if err != nil {
		return err
	}
	return l.carryOut(ctx, archive, r, &Report{})
}
