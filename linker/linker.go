// Package linker finds out what a message is about and has it filed: who wrote to whom,
// whose timeline it belongs on, and why. It reads with package message, asks a Store what is
// known, decides by rules that are a pure function (Decide), and has the Store record the plan in
// one transaction. It knows no SMTP and no SQL.
package linker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"blindcopy/crm"
	"blindcopy/message"
)

// Store is what the linker needs of the database.
//
// Every method returns facts or an error, never an error dressed as "not found". ErrStale
// from Record means: gather and decide again. Facts are not modified after they were handed out.
type Store interface {
	// Rules is the snapshot of users, mailboxes and exclusions, as fresh as the last commit of any process.
	Rules(ctx context.Context) (*crm.Rules, error)
	// Token looks a BCC address up by its secret; false means there never was one.
	Token(ctx context.Context, token string) (crm.TokenInfo, bool, error)
	// Gather answers a question in one consistent read.
	Gather(ctx context.Context, q crm.Question) (*crm.Facts, error)
	// Record writes one intake and all that follows from it, durably, or nothing.
	Record(ctx context.Context, r *crm.Record) (crm.Recorded, error)
}

// Linker takes mail into custody. Its methods may be called from many goroutines.
type Linker struct {
	store  Store
	policy Policy
	log    *slog.Logger
	auth   Authenticator
	cpu    chan struct{} // bounds how many messages are parsed at once: each may need some MB
	large  chan struct{} // bounds how many large ones are

	// Now is the clock; InParse is a fault point. Tests set them.
	Now     func() time.Time
	InParse func()
}

// Authenticator says whether an author may be believed. Temporary failures are a result
// ("none"), not an error.
type Authenticator interface {
	Authenticate(ctx context.Context, in *crm.Inbound, author crm.Address) crm.SenderAuth
}

// attempts is how often a decision is made anew because the facts changed meanwhile,
// before it is made inside the writer, where they cannot.
const attempts = 3

// New builds a linker. A nil auth believes trusted networks and nobody else.
func New(store Store, policy Policy, auth Authenticator, log *slog.Logger) *Linker {
	if auth == nil {
		auth = networkOnly{}
	}
	return &Linker{store: store, policy: policy, log: log, auth: auth, cpu: make(chan struct{}, 2*runtime.GOMAXPROCS(0)), large: make(chan struct{}, 1), Now: time.Now}
}

// networkOnly believes the peers in smtp.trusted_networks: those are for submission.
type networkOnly struct{}

func (networkOnly) Authenticate(_ context.Context, in *crm.Inbound, _ crm.Address) crm.SenderAuth {
	if in.Trusted {
		return crm.SenderAuth{SPF: "none", DKIM: "none", DMARC: "none", Result: crm.AuthPass}
	}
	return crm.SenderAuth{SPF: "none", DKIM: "none", DMARC: "none", Result: crm.AuthNone}
}

// Take is the life of a message, from the moment it is whole (step 2) until it may be
// answered for (step 9). The numbers are those of docs/flow.md.
//
// It returns once the message, its links and its trace are on disk. Any error is ours and may heal:
// nothing was stored, and the sender keeps the mail. A client that went away meanwhile changes nothing.
func (l *Linker) Take(ctx context.Context, in *crm.Inbound) (crm.Receipt, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.policy.RecordTimeout)
	defer cancel()

	// 3 parse: whatever is broken, what could be read is kept.
	rules, err := l.store.Rules(ctx)
	if err != nil {
		return crm.Receipt{}, fmt.Errorf("take %s: %w", in.ID, err)
	}
	c, content := l.read(in, rules)

	// 4 authenticate the author.
	c.Auth = l.authenticate(ctx, in, &c.Mails[0])

	for attempt := 1; ; attempt++ {
		// 5 guard: what is automatic, a loop or excluded was marked in 3; its rules are in 7.
		// 6 gather: facts about every participant, the conversation, duplicates.
		q := question(in, c.Mails)
		facts, err := l.gather(ctx, q)
		if err != nil {
			return crm.Receipt{}, fmt.Errorf("take %s: gather: %w", in.ID, err)
		}
		if rules != nil && facts.Rules != rules { // who is ours has changed, and with it what may be a forward
			rules = nil
			c, content = l.reread(in, c.Auth)
			continue
		}

		// 7 decide: pure, and every rule leaves a step.
		plan := l.decide(c, facts)
		content.fill(plan)
		l.propose(ctx, plan, in)

		// 8 record: one transaction; who was faster is settled by deciding again.
		record := &crm.Record{Inbound: in, Message: &c.Mails[0], Plan: plan, Question: q}
		if attempt > attempts {
			record.Again = l.again(c, content)
		}
		recorded, err := l.store.Record(ctx, record)
		switch {
		case errors.Is(err, crm.ErrStale) && attempt <= attempts:
			continue
		case err != nil:
			return crm.Receipt{}, fmt.Errorf("take %s: record: %w", in.ID, err)
		}

		l.secondThoughts(ctx, record.Plan, recorded)

		// 9 answer.
		return l.receipt(in, record.Plan, recorded), nil
	}
}

// again decides once more inside the writer, where nothing can change meanwhile.
func (l *Linker) again(c Case, content *content) func(*crm.Facts) (*crm.Plan, error) {
	return func(f *crm.Facts) (*crm.Plan, error) {
		f.Now = l.Now().UTC()
		plan := l.decide(c, f)
		content.fill(plan)
		return plan, nil
	}
}

// largeBytes is the size from which on messages are parsed one at a time. Such a one is a view of a file: its memory
// is the system's, which GOMEMLIMIT does not bound.
const largeBytes = 4 << 20

// read is step 3. A failure of ours is no reason to refuse mail: it is taken as a message
// that cannot be understood, and held with internal_error. With rules, a message that goes to somebody outside is not
// searched for what it may pass on (SEMANTICS §8.3): that is most mail, and most of the work.
func (l *Linker) read(in *crm.Inbound, rules *crm.Rules) (c Case, content *content) {
	if in.Raw.Size() > largeBytes {
		l.large <- struct{}{}
		defer func() { <-l.large }()
		if in.Raw.Rest != nil {
			defer in.Raw.Rest()
		}
	}
	l.cpu <- struct{}{}
	defer func() { <-l.cpu }()
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("reading a message failed", "intake", in.ID, "err", p, "stack", string(debug.Stack()))
			c, content = brokenCase(in), nil
		}
	}()
	if l.InParse != nil {
		l.InParse()
	}
	m := message.Parse(in.Raw.Bytes, l.policy.Reading)
	cover := mailOf(m)
	cover.Automatic, cover.AutoWhy = automatic(m, cover.Author(in.MailFrom).Address, in.MailFrom, l.policy.Roles)
	cover.Mark, cover.MarkForged = readMark(l.policy.MarkSecret, m.Header.Get(MarkField))
	if cover.Automatic != "" {
		cover.Report = reportOf(m, cover.Author(in.MailFrom).Address, in.MailFrom)
	}
	mails, searched := []crm.Mail{cover}, rules == nil || !l.policy.goesOut(rules, &cover)
	if searched {
		mails = append(mails, l.originals(in, m, &cover)...)
		mails[0] = cover
	}
	return Case{Inbound: in, Mails: mails}, newContent(m, len(mails) == 1, searched)
}

// reread is read whatever the rules.
func (l *Linker) reread(in *crm.Inbound, auth crm.SenderAuth) (Case, *content) {
	c, content := l.read(in, nil)
	c.Auth = auth
	return c, content
}

// brokenCase stands for a message that a bug of ours keeps from being read.
func brokenCase(in *crm.Inbound) Case {
	return Case{Inbound: in, Mails: []crm.Mail{{}}, Broken: true}
}

// authenticate is step 4.
func (l *Linker) authenticate(ctx context.Context, in *crm.Inbound, m *crm.Mail) crm.SenderAuth {
	if l.policy.SenderAuth == AuthOff {
		return crm.SenderAuth{SPF: "off", DKIM: "off", DMARC: "off", Result: crm.AuthOff}
	}
	return l.auth.Authenticate(ctx, in, m.Author(in.MailFrom).Address)
}

// gather is step 6.
func (l *Linker) gather(ctx context.Context, q crm.Question) (*crm.Facts, error) {
	facts, err := l.store.Gather(ctx, q)
	if err != nil {
		return nil, err
	}
	facts.Now = l.Now().UTC()
	return facts, nil
}

// decide is step 7, and holds the message where a rule of ours fails.
func (l *Linker) decide(c Case, f *crm.Facts) (plan *crm.Plan) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("a rule failed", "intake", c.Inbound.ID, "err", p, "stack", string(debug.Stack()))
			plan = brokenPlan(c, f, &l.policy)
		}
	}()
	if c.Broken {
		return brokenPlan(c, f, &l.policy)
	}
	return Decide(c, f, &l.policy)
}

// brokenPlan keeps the raw bytes and says that the fault is ours.
func brokenPlan(c Case, f *crm.Facts, p *Policy) *crm.Plan {
	d := &decision{policy: p, facts: f, in: c.Inbound, plan: &crm.Plan{Stamp: f.Stamp, Auth: c.Auth, Visibility: crm.VisibilityLinked}}
	d.chooseOwner(&c.Mails[0])
	d.res = &crm.Result{Mail: &c.Mails[0], Verdict: crm.Held, Keep: crm.KeepAWhile}
	d.say(crm.InternalError, "A rule of ours failed on it. Nothing is lost: the raw bytes are kept.", nil)
	d.plan.Results = []crm.Result{*d.res}
	return d.plan
}

// receipt is step 9: what the sender is told.
func (l *Linker) receipt(in *crm.Inbound, plan *crm.Plan, _ crm.Recorded) crm.Receipt {
	return crm.Receipt{ID: in.ID, Verdict: plan.Verdict(), Why: why(plan), Codes: plan.Codes()}
}

// spoken names a link in an SMTP reply, which has ASCII alone (RFC 5321 §4.2): other names would be question marks.
func spoken(l crm.NewLink) string {
	if strings.IndexFunc(l.Title, func(r rune) bool { return r > 0x7e }) >= 0 && l.Created == 0 {
		return l.Ref.String()
	}
	return l.Title
}

// why is the first words of the reason, for the reply: the people it was filed to, or the
// first thing said against it.
func why(plan *crm.Plan) string {
	var titles []string
	for i := range plan.Results {
		for _, link := range plan.Results[i].Links {
			titles = append(titles, spoken(link))
		}
	}
	if plan.Verdict() == crm.Filed && len(titles) > 0 {
		return strings.Join(titles[:min(3, len(titles))], ", ")
	}
	for i := range plan.Results {
		r := &plan.Results[i]
		switch {
		case len(r.Steps) == 0:
		case r.Verdict == crm.Duplicate:
			return r.Steps[0].Code.Meaning().Sentence
		case r.Verdict != crm.Filed: // the reason was said last
			return r.Steps[len(r.Steps)-1].Code.Meaning().Sentence
		}
	}
	return ""
}
