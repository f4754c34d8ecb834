package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"blindcopy/crm"
)

// createdWindow is how far back records count that one external author made us create.
const createdWindow = 2 * time.Hour

// Gather answers all that one decision wants to know. What it returns is shared and must not be
// modified. The stamp is read first: whatever changes while the rest is read makes the facts stale.
func (s *Store) Gather(ctx context.Context, q crm.Question) (*crm.Facts, error) {
	lent := &lent{s: s, ctx: ctx}
	defer lent.giveBack()
	g, err := s.newGatherer(lent, &q)
	if err == nil {
		err = g.gather()
	}
	if err != nil {
		s.noteDamage(err)
		return nil, fmt.Errorf("gather facts: %w", classify(err))
	}
	return g.f, nil
}

func (s *Store) newGatherer(lent *lent, q *crm.Question) (*gatherer, error) {
	activity, err := s.newestActivity(lent)
	if err != nil {
		return nil, err
	}
	stamp, err := s.freshStamp(lent)
	if err != nil {
		return nil, err
	}
	stamp.Activity = activity
	rules, err := s.rulesAt(lent.ctx, stamp)
	if err != nil {
		return nil, err
	}
	return &gatherer{asker: lent, m: s.memory, seen: s.seen.Load(), q: q, f: newFacts(s.Now(), stamp, rules)}, nil
}

// newestActivity is one that was committed before anything is read now. An older one than there is does no harm: it lets the
// writer look closer.
func (s *Store) newestActivity(lent *lent) (crm.ActivityID, error) {
	if id := s.newest.Load(); id > 0 {
		return crm.ActivityID(id), nil
	}
	c, err := lent.conn()
	if err != nil {
		return 0, err
	}
	id, err := c.number(`SELECT coalesce(max(id), 0) FROM activity`)
	return crm.ActivityID(id), err
}

// freshStamp is that of facts which are read from now on.
func (s *Store) freshStamp(lent *lent) (crm.Stamp, error) {
	if stamp, ok := s.memory.fresh(); ok {
		return stamp, nil
	}
	c, err := lent.conn()
	if err != nil {
		return crm.Stamp{}, err
	}
	return s.memory.catchUp(c)
}

// gatherInside answers in the writer's open transaction, remembering nothing of it: it may yet be
// rolled back.
func (t *tx) gatherInside(q *crm.Question) (*crm.Facts, error) {
	rules, err := readRules(t.ctx, t.session, t.s.Domain, t.now)
	if err != nil {
		return nil, err
	}
	t.s.memory.mu.RLock()
	stamp := t.s.memory.stamp()
	t.s.memory.mu.RUnlock()
	stamp.Activity = crm.ActivityID(t.activity)
	nothing := newMemory()
	nothing.changes.begin(stamp.Seq)
	g := &gatherer{asker: t.c, m: nothing, q: q, f: newFacts(t.now, stamp, rules)}
	return g.f, g.gather()
}

func newFacts(now time.Time, stamp crm.Stamp, rules *crm.Rules) *crm.Facts {
	return &crm.Facts{
		Now: now, Stamp: stamp, Rules: rules,
		Holders: map[crm.Address][]crm.Holder{}, Domains: map[string]*crm.DomainFacts{},
		Contacts: map[int64]*crm.ContactFacts{}, Companies: map[int64]*crm.CompanyFacts{},
		Leads: map[int64]*crm.LeadFacts{}, Deals: map[int64]*crm.DealFacts{},
		Sightings: map[string][]crm.Sighting{}, ByMessage: map[string]crm.ThreadID{}, Waiting: map[string][]crm.ThreadID{},
		BySubject: map[string][]crm.SubjectHit{}, Forwarded: map[string][]crm.SubjectHit{}, Threads: map[crm.ThreadID]*crm.ThreadFacts{},
	}
}

// gatherer collects the facts of one question. Of most mail all is in memory.
type gatherer struct {
	asker
	m    *memory
	seen *seen // nil asks for everything
	q    *crm.Question
	f    *crm.Facts
}

func (g *gatherer) gather() error {
	for _, step := range []func() error{g.people, g.sightings, g.waiting, g.subjects, g.forwards, g.threads, g.records, g.created, g.queue} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// people: who holds the addresses, and what is known of their domains.
func (g *gatherer) people() error {
	for _, a := range g.q.Addresses {
		for _, form := range []crm.Address{a, a.WithoutTag()} {
			if _, ok := g.f.Holders[form]; ok {
				continue
			}
			h, err := g.holders(form)
			if err != nil {
				return err
			}
			if len(h.holders) > 0 {
				g.f.Holders[form] = h.holders
			}
		}
		if err := g.domain(a.Domain()); err != nil {
			return err
		}
	}
	return nil
}

func (g *gatherer) holders(a crm.Address) (heldAddress, error) {
	if h, ok := g.m.address(a); ok {
		return h, nil
	}
	var h heldAddress
	err := g.query(`
		SELECT a.id, h.kind, h.record, h.former
		FROM address a LEFT JOIN holder h ON h.address = a.id AND h.kind <= 3
		WHERE a.domain = ? AND a.local = ?
		ORDER BY h.kind, h.record`,
		func(row []driver.Value) error {
			h.id = integer(row[0])
			if row[1] != nil {
				h.holders = append(h.holders, crm.Holder{Kind: kindOf(integer(row[1])), ID: integer(row[2]), Former: integer(row[3]) != 0})
			}
			return nil
		}, a.Domain(), a.Local())
	if err == nil {
		remember(g.m, g.f.Stamp.Seq, string(a), inAddresses, a, h, rememberAddresses)
	}
	return h, err
}

// row is the id of an address, 0 if it was never seen.
func (g *gatherer) row(a crm.Address) (int64, error) {
	h, err := g.holders(a)
	if h.id != 0 || err != nil {
		return h.id, err
	}
	id, err := g.number(`SELECT id FROM address WHERE domain = ? AND local = ?`, a.Domain(), a.Local())
	if id != 0 {
		g.m.setAddresses(map[crm.Address]int64{a: id})
	}
	return id, err
}

func (g *gatherer) domain(name string) error {
	if _, ok := g.f.Domains[name]; ok || name == "" {
		return nil
	}
	d, ok := g.m.domain(name)
	if !ok {
		var err error
		if d, err = g.readDomain(name); err != nil {
			return err
		}
		remember(g.m, g.f.Stamp.Seq, name, inDomains, name, d, rememberAddresses)
	}
	if d != nil {
		g.f.Domains[name] = d
	}
	return nil
}

// readDomain returns nil where nothing is known.
func (g *gatherer) readDomain(name string) (d *crm.DomainFacts, err error) {
	err = g.query(`
		SELECT 2, company FROM company_domain WHERE domain = ?
		UNION ALL
		SELECT 3, id FROM lead WHERE domain = ? AND domain <> '' AND status = 'open'
		ORDER BY 1, 2`,
		func(row []driver.Value) error {
			if d == nil {
				d = &crm.DomainFacts{}
			}
			if kindOf(integer(row[0])) == crm.KindCompany {
				d.Companies = append(d.Companies, integer(row[1]))
			} else {
				d.OpenLeads = append(d.OpenLeads, integer(row[1]))
			}
			return nil
		}, name, name)
	return d, err
}

// queue: the place in the queue of a shared mailbox, and where that counts, how much its members have to do.
func (g *gatherer) queue() (err error) {
	if g.q.Mailbox == 0 {
		return nil
	}
	if g.f.Cursor, err = g.number(`SELECT cursor FROM mailbox WHERE id = ?`, int64(g.q.Mailbox)); err != nil {
		return err
	}
	m := g.f.Rules.Mailboxes[g.q.Mailbox]
	if m == nil || m.Distribution == nil || m.Distribution.Order != crm.QueueFewestOpen {
		return nil
	}
	g.f.OpenLeads = map[crm.UserID]int{}
	for _, member := range m.Distribution.Queue {
		user := g.f.Rules.ByAddress[member.User]
		n, err := g.number(`SELECT count(*) FROM lead WHERE responsible = ? AND status = 'open'`, int64(user))
		if err != nil {
			return err
		}
		g.f.OpenLeads[user] = int(n)
	}
	return nil
}

// created counts what the external author made us create lately.
func (g *gatherer) created() error {
	if g.q.Creator == "" {
		return nil
	}
	if _, ours := g.f.Rules.ByAddress[g.q.Creator]; ours {
		return nil // bounds are for authors outside
	}
	author, err := g.row(g.q.Creator)
	if author == 0 || err != nil {
		return err
	}
	n, err := g.number(`SELECT count(*) FROM creation WHERE author = ? AND at >= ?`, author, millis(g.f.Now.Add(-createdWindow)))
	g.f.Created = int(n)
	return err
}
