package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
)

// Record carries out a plan in one transaction: when it returns, the intake, its raw bytes, activities,
// links, new records and trace are on disk together, or nothing is. Errors: crm.ErrStale when what the
// plan was decided from has changed since (gather and decide again), crm.ErrBusy, crm.ErrNoSpace. A caller
// that goes away after its turn has come changes nothing.
func (s *Store) Record(ctx context.Context, r *crm.Record) (Recorded, error) {
	if r.Inbound == nil || r.Plan == nil || len(r.Plan.Results) == 0 {
		return Recorded{}, errors.New("a record needs an inbound message and a plan with a result")
	}
	if !r.Rerun {
		if err := s.reserve.check(); err != nil {
			return Recorded{}, fmt.Errorf("record intake %s: %w", r.Inbound.ID, err)
		}
	}
	e, err := s.newEntry(r, r.Plan)
	if err != nil {
		return Recorded{}, fmt.Errorf("record intake %s: %w", r.Inbound.ID, err)
	}
	var done Recorded
	j := &job{plain: true, size: e.size(), run: func(t *tx) (err error) {
		if done, err = e.record(t); err == nil && r.Act != "" && r.Plan != nil {
			err = as(ctx, func(t *tx) error { return t.auditChoice(r, done) })(t)
		}
		return err
	}}
	if err := s.hand(ctx, j); err != nil {
		return Recorded{}, fmt.Errorf("record intake %s: %w", r.Inbound.ID, err)
	}
	return done, nil
}

// entry is a record made ready for the writer: whatever costs time is done before its turn.
type entry struct {
	s        *Store
	r        *crm.Record
	plan     *crm.Plan
	keys     []string // what a change of makes the plan stale
	messages []int64  // hashes of the Message-IDs of the question
	results  []resultEntry
	raw      *packed // nil if it is not kept
	keep     crm.Keep
	inside   bool // it was decided in the transaction that writes it: nothing can be stale

	open int // questions in the trace

	rcpts, auth, codes, trace string // JSON
	held                      string // JSON of what the held results are decided from again, or ""

	was  *intakeRow  // of a rerun: the intake as it was read before, if it is to be filed whole ...
	then *afterwards // ... and what it will be
}

// resultEntry is a result made ready.
type resultEntry struct {
	*crm.Result
	codes []crm.Code
	draft *draftEntry // nil unless there is a new activity
}

// visibility of an original: its own where it asks for one.
func (r *resultEntry) visibility(p *crm.Plan) crm.Visibility {
	if r.Visibility != "" {
		return r.Visibility
	}
	return p.Visibility
}

// draftEntry has the JSON of a new activity's row.
type draftEntry struct{ people, attachments, badges, bounces string }

func (s *Store) newEntry(r *crm.Record, plan *crm.Plan) (*entry, error) {
	e := &entry{s: s, r: r, plan: plan, keys: keysOf(&r.Question)}
	for _, id := range r.Question.Messages {
		e.messages = append(e.messages, fingerprintOf(messageKey(id)).hash)
	}
	trace := trace{Steps: []crm.Step{}, Candidates: []crm.Candidate{}, Proposals: []crm.Candidate{}}
	var held []storedHeld
	for i := range plan.Results {
		res := &plan.Results[i]
		if res.Mail == nil {
			return nil, fmt.Errorf("result %d is about no mail", i)
		}
		e.keep = max(e.keep, res.Keep)
		e.keys = append(e.keys, createdKeys(res.Creates)...)
		trace.add(res)
		if res.Verdict == crm.Held {
			held = append(held, storeHeld(res))
		}
		re := resultEntry{Result: res, codes: res.Codes()}
		if res.New != nil {
			re.draft = &draftEntry{jsonList(res.People), jsonList(storeAttachments(res.New.Attachments)), jsonList(res.New.Badges), jsonList(res.Bounces)}
		}
		e.results = append(e.results, re)
	}
	if e.keep != crm.KeepNothing && !r.Rerun {
		p := pack(r.Inbound.Raw)
		e.raw = &p
	}
	e.auth = jsonOf(plan.Auth)
	if r.Rerun {
		return e, e.prepareRerun()
	}
	e.open = trace.questions()
	if len(held) > 0 {
		e.held = jsonOf(held)
	}
	e.rcpts, e.codes, e.trace = jsonList(r.Inbound.Recipients), jsonList(plan.Codes()), jsonOf(trace)
	return e, nil
}

func createdKeys(creates []crm.NewRecord) (keys []string) {
	for _, c := range creates {
		for _, a := range c.Emails {
			keys = append(keys, string(a))
		}
		keys = append(keys, c.Domain)
	}
	return keys
}

func (e *entry) size() int {
	n := 2048 + len(e.trace)
	if e.raw != nil {
		n += len(e.raw.data)
	}
	return n
}

// record checks first and writes then, so that a stale plan leaves nothing to take back.
func (e *entry) record(t *tx) (Recorded, error) {
	rec, err := e.ready(t)
	if rec == nil {
		return Recorded{}, err
	}
	return rec.write()
}

// ready writes nothing yet. It returns nil where there is nothing to write, after all or for an error.
func (e *entry) ready(t *tx) (*recording, error) {
	rec, err := e.check(t)
	if !errors.Is(err, crm.ErrStale) || e.r.Again == nil {
		return rec, err
	}
	if e, err = e.again(t); e == nil {
		return nil, err
	}
	return e.claim(t)
}

// check compares what the plan was decided from with what is there now.
func (e *entry) check(t *tx) (*recording, error) {
	if t.isStale(e.plan.Stamp, e.keys) {
		return nil, fmt.Errorf("%w: people or records", crm.ErrStale)
	}
	stale, err := t.mailIsStale(int64(e.plan.Stamp.Activity), e.messages)
	if err != nil {
		return nil, err
	}
	if stale {
		return nil, fmt.Errorf("%w: the conversation", crm.ErrStale)
	}
	return e.claim(t)
}

// again decides once more, from what the open transaction sees: nothing can change under it. It returns nil
// where nothing is to be written after all.
func (e *entry) again(t *tx) (*entry, error) {
	facts, err := t.gatherInside(&e.r.Question)
	if err != nil {
		return nil, fmt.Errorf("gather once more: %w", err)
	}
	plan, err := e.r.Again(facts)
	if err != nil {
		return nil, fmt.Errorf("decide once more: %w", err)
	}
	if e.r.Plan = plan; plan == nil { // whoever waits for us answers from it
		return nil, nil
	}
	if len(plan.Results) == 0 {
		return nil, errors.New("decide once more: a plan without a result")
	}
	again, err := e.s.newEntry(e.r, plan)
	if err != nil {
		return nil, err
	}
	again.inside = true
	return again, nil
}

// mailIsStale tells whether one of the Message-IDs was filed, or answered, after the activity that was
// the newest when the facts were gathered.
func (b *batch) mailIsStale(newest int64, hashes []int64) (bool, error) {
	if newest < b.w.mail.alone && len(hashes) > 0 {
		return true, nil // conversations may have come from our memory, which did not hear of the others' mail
	}
	for _, hash := range hashes {
		if b.filed[hash] > newest || b.awaited[hash] > newest {
			return true, nil
		}
		if newest >= b.w.mail.floor {
			if b.w.mail.filed[hash] > newest || b.w.mail.awaited[hash] > newest {
				return true, nil
			}
			continue
		}
		n, err := b.c.number(`SELECT (SELECT count(*) FROM mail_key WHERE hash = ? AND activity > ?) + (SELECT count(*) FROM reply_wait WHERE hash = ? AND activity > ?)`,
			hash, newest, hash, newest)
		if n > 0 || err != nil {
			return n > 0, err
		}
	}
	return false, nil
}

// cover is the mail that the intake is listed as.
func (e *entry) cover() *crm.Mail {
	if e.r.Message != nil {
		return e.r.Message
	}
	for _, r := range e.results {
		if r.Mail.Original == 0 {
			return r.Mail
		}
	}
	return e.results[0].Mail
}

// senderText is the From of a mail as people read it.
func senderText(m *crm.Mail, reversePath string) string {
	if len(m.From) == 0 {
		return m.Author(reversePath).String()
	}
	texts := make([]string, len(m.From))
	for i, p := range m.From {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}

// trace is the JSON that explains an intake.
type trace struct {
	Steps      []crm.Step      `json:"steps"`
	Candidates []crm.Candidate `json:"candidates"`
	Proposals  []crm.Candidate `json:"proposals"`
	Open       []openParty     `json:"open,omitempty"`
	Deals      []int           `json:"deals,omitempty"` // originals that ask which deal they belong to
}

// asks tells whether an original that is filed asks a person something.
func (t *trace) asks(original int) bool {
	return slices.Contains(t.Deals, original) || slices.ContainsFunc(t.Open, func(o openParty) bool { return o.Original == original })
}

// unknown are the addresses of an original that is filed which a person may say more of.
func (t *trace) unknown(original int) (people []crm.Party) {
	for _, o := range t.Open {
		if o.Original == original {
			people = append(people, o.Party)
		}
	}
	return people
}

// questions are those that a person has to answer about filed mail.
func (t *trace) questions() int { return len(t.Open) + len(t.Deals) }

// openParty is an address that was left unknown in a mail that was filed: a question for the review list.
type openParty struct {
	Original int `json:"original,omitempty"`
	crm.Party
}

func (t *trace) add(r *crm.Result) {
	t.Steps = append(t.Steps, r.Steps...)
	t.Candidates = append(t.Candidates, about(r.Mail.Original, r.Candidates)...)
	t.Proposals = append(t.Proposals, about(r.Mail.Original, r.Proposals)...)
	if r.Verdict != crm.Filed {
		return // what is held is a question as a whole
	}
	for _, p := range r.Open {
		t.Open = append(t.Open, openParty{r.Mail.Original, p})
	}
	if r.AskDeal {
		t.Deals = append(t.Deals, r.Mail.Original)
	}
}

// about are candidates for one original.
func about(original int, list []crm.Candidate) []crm.Candidate {
	list = slices.Clone(list)
	for i := range list {
		list[i].Original = original
	}
	return list
}

// storedResult is a ResultReport with what the store needs to undo or repeat it.
type storedResult struct {
	crm.ResultReport
	Claims [][2]int64 `json:"claims,omitempty"` // hash and n of rows in mail_key
}

// storedHeld is what a held result is decided from again.
type storedHeld struct {
	Mail   *crm.Mail    `json:"mail"`
	People []crm.Person `json:"people"`
	Body   *storedBody  `json:"body,omitempty"` // nil where the raw bytes must be asked

	Preview string `json:"preview,omitempty"` // where there is no body
}

// storedBody is what the timeline will show of held mail.
type storedBody struct {
	Preview     string             `json:"preview"`
	Attachments []storedAttachment `json:"attachments"`
}

func storeHeld(r *crm.Result) storedHeld {
	held := storedHeld{Mail: r.Mail, People: r.People, Preview: r.Preview}
	if r.Body != nil {
		held.Body = &storedBody{r.Body.Preview, storeAttachments(r.Body.Attachments)}
	}
	return held
}

// describe tells what the mail is, for a person to decide about it.
func (h *storedHeld) describe(r *crm.ResultReport) {
	r.From, r.Subject, r.Date = senderText(h.Mail, ""), h.Mail.Subject, h.Mail.Date
	r.To, r.Preview = slices.Concat(h.Mail.To, h.Mail.Cc), h.Preview
	if h.Body != nil {
		r.Preview = h.Body.Preview
	}
}

func (h *storedHeld) body() *crm.Body {
	if h.Body == nil {
		return nil
	}
	return &crm.Body{Preview: h.Body.Preview, Attachments: loadAttachments(h.Body.Attachments)}
}

// isOpen tells whether an intake asks a person to decide: some of it is held, or filed with an address
// left unknown.
func isOpen(results []storedResult, unknown int) bool {
	return unknown > 0 || slices.ContainsFunc(results, func(r storedResult) bool { return r.Verdict == crm.Held })
}

// expiry is when retention must look at an intake again, nil while its activity keeps it.
func (s *Store) expiry(verdict crm.Verdict, kept bool, received time.Time) any {
	switch {
	case verdict == crm.Filed:
		return nil
	case kept:
		return millis(received.Add(s.KeepUnfiled))
	}
	return millis(received.Add(s.KeepTraces))
}

// jsonOf is for values of our own, which always marshal.
func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: %T as JSON: %v", v, err))
	}
	return string(b)
}

func jsonList[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	return jsonOf(list)
}
