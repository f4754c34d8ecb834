package store

import (
	"database/sql/driver"
	"time"

	"blindcopy/crm"
)

// threads: the conversations that the mail may belong to.
func (g *gatherer) threads() error {
	for _, id := range g.q.Threads {
		if err := g.thread(id); err != nil {
			return err
		}
	}
	for _, id := range g.f.ByMessage {
		if err := g.thread(id); err != nil {
			return err
		}
	}
	for _, ids := range g.f.Waiting {
		for _, id := range ids {
			if err := g.thread(id); err != nil {
				return err
			}
		}
	}
	for _, found := range []map[string][]crm.SubjectHit{g.f.BySubject, g.f.Forwarded} {
		for _, hits := range found {
			for _, hit := range hits {
				if err := g.thread(hit.Thread); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// thread finds what the latest mails of a conversation are on.
func (g *gatherer) thread(id crm.ThreadID) error {
	if _, ok := g.f.Threads[id]; ok {
		return nil
	}
	if t := g.m.conversations.facts(id); t != nil {
		g.f.Threads[id] = t
		return nil
	}
	t := &crm.ThreadFacts{ID: id}
	err := g.query(`SELECT pinned_deal, last_at FROM thread WHERE id = ?`, func(row []driver.Value) error {
		t.Pinned, t.LastAt = integer(row[0]), moment(integer(row[1]))
		return nil
	}, int64(id))
	if err != nil {
		return err
	}
	g.f.Threads[id] = t
	return g.query(`
		SELECT l.kind, l.record, max(l.at)
		FROM (SELECT id FROM activity WHERE thread = ? ORDER BY id DESC LIMIT ?) a JOIN link l ON l.activity = a.id
		GROUP BY l.kind, l.record ORDER BY 3 DESC, 2 DESC`,
		func(row []driver.Value) error {
			addToThread(t, kindOf(integer(row[0])), integer(row[1]))
			return nil
		}, int64(id), int64(longestTopic))
}

func addToThread(t *crm.ThreadFacts, kind crm.Kind, record int64) {
	switch kind {
	case crm.KindDeal:
		t.Deals = append(t.Deals, record)
	case crm.KindContact:
		t.Contacts = append(t.Contacts, record)
	case crm.KindLead:
		t.Leads = append(t.Leads, record)
	}
}

// records: every contact, company, lead and deal that was named so far, and those they lead to.
func (g *gatherer) records() error {
	for a, holders := range g.f.Holders {
		if err := g.holdersRecords(a, holders); err != nil {
			return err
		}
	}
	for _, ref := range g.q.Tags {
		if err := g.record(ref); err != nil {
			return err
		}
	}
	for _, d := range g.f.Domains {
		if err := g.recordsOf(crm.KindCompany, d.Companies); err != nil {
			return err
		}
		if err := g.recordsOf(crm.KindLead, d.OpenLeads); err != nil {
			return err
		}
	}
	for _, t := range g.f.Threads {
		for kind, ids := range map[crm.Kind][]int64{crm.KindContact: t.Contacts, crm.KindLead: t.Leads, crm.KindDeal: append([]int64{t.Pinned}, t.Deals...)} {
			if err := g.recordsOf(kind, ids); err != nil {
				return err
			}
		}
	}
	return g.lastMail()
}

func (g *gatherer) recordsOf(kind crm.Kind, ids []int64) error {
	for _, id := range ids {
		if err := g.record(crm.Ref{Kind: kind, ID: id}); err != nil {
			return err
		}
	}
	return nil
}

// holdersRecords loads who holds an address. Where several contacts do, the newest mail of each
// decides between them.
func (g *gatherer) holdersRecords(_ crm.Address, holders []crm.Holder) error {
	var shared []int64
	for _, h := range holders {
		if err := g.record(crm.Ref{Kind: h.Kind, ID: h.ID}); err != nil {
			return err
		}
		if h.Kind == crm.KindContact {
			shared = append(shared, h.ID)
		}
	}
	if len(shared) < 2 {
		return nil
	}
	for _, id := range shared {
		c := g.f.Contacts[id]
		if c == nil {
			continue
		}
		at, err := g.newestMail(crm.KindContact, id)
		if err != nil {
			return err
		}
		own := *c // the one in memory is shared
		own.LastMail = at
		g.f.Contacts[id] = &own
	}
	return nil
}

// lastMail of the deals, where there are several to choose from.
func (g *gatherer) lastMail() error {
	if len(g.f.Deals) < 2 {
		return nil
	}
	for id, d := range g.f.Deals {
		at, err := g.newestMail(crm.KindDeal, id)
		if err != nil {
			return err
		}
		own := *d
		own.LastMail = at
		g.f.Deals[id] = &own
	}
	return nil
}

func (g *gatherer) newestMail(kind crm.Kind, id int64) (time.Time, error) {
	ms, err := g.number(`SELECT max(at) FROM link WHERE kind = ? AND record = ?`, kindNumber(kind), id)
	if ms == 0 || err != nil {
		return time.Time{}, err
	}
	return moment(ms), nil
}

func (g *gatherer) record(ref crm.Ref) error {
	switch ref.Kind {
	case crm.KindContact:
		return g.contact(ref.ID)
	case crm.KindCompany:
		return g.company(ref.ID)
	case crm.KindLead:
		return g.lead(ref.ID)
	case crm.KindDeal:
		return g.deal(ref.ID)
	}
	return nil
}

// known looks a record up in the facts, in memory, and in the database; absent records are remembered
// as nil and stay out of the facts.
func known[V any](g *gatherer, facts map[int64]*V, in func(*memory) map[int64]*V, kind crm.Kind, id int64, read func() (*V, error)) (*V, bool, error) {
	if v, ok := facts[id]; ok || id == 0 {
		return v, true, nil
	}
	v, ok := recall(g.m, in, id)
	if !ok {
		var err error
		if v, err = read(); err != nil {
			return nil, false, err
		}
		remember(g.m, g.f.Stamp.Seq, crm.Ref{Kind: kind, ID: id}.String(), in, id, v, rememberRecords)
	}
	if v != nil {
		facts[id] = v
	}
	return v, v == nil, nil
}

// Columns of the records as a decision sees them, and what is made of a row.
const (
	contactColumns = `name, company, owner, name_guessed`
	companyColumns = `name, owner`
	dealColumns    = `title, status, owner, company, closed_at, created_at`
)

func contactFacts(id int64, row []driver.Value) *crm.ContactFacts {
	name := str(row[0])
	return &crm.ContactFacts{ID: id, Name: name, Company: integer(row[1]), Owner: crm.UserID(integer(row[2])), NameKnown: name != "" && integer(row[3]) == 0}
}

func companyFacts(id int64, row []driver.Value) *crm.CompanyFacts {
	return &crm.CompanyFacts{ID: id, Name: str(row[0]), Owner: crm.UserID(integer(row[1]))}
}

func dealFacts(id int64, row []driver.Value) *crm.DealFacts {
	d := &crm.DealFacts{ID: id, Title: str(row[0]), Status: crm.DealStatus(str(row[1])), Owner: crm.UserID(integer(row[2])),
		Company: integer(row[3]), Created: moment(integer(row[5]))}
	if row[4] != nil {
		d.ClosedAt = moment(integer(row[4]))
	}
	return d
}

func (g *gatherer) contact(id int64) error {
	c, done, err := known(g, g.f.Contacts, inContacts, crm.KindContact, id, func() (c *crm.ContactFacts, err error) {
		err = g.query(`SELECT `+contactColumns+` FROM contact WHERE id = ?`, func(row []driver.Value) error {
			c = contactFacts(id, row)
			return nil
		}, id)
		if c == nil || err != nil {
			return nil, err
		}
		c.OpenDeals, err = g.numbers(`
			SELECT d.id FROM deal_contact x JOIN deal d ON d.id = x.deal
			WHERE x.contact = ? AND d.status = 'open' ORDER BY d.id`, id)
		return c, err
	})
	if done || err != nil {
		return err
	}
	if err := g.recordsOf(crm.KindDeal, c.OpenDeals); err != nil {
		return err
	}
	return g.company(c.Company)
}

func (g *gatherer) company(id int64) error {
	c, done, err := known(g, g.f.Companies, inCompanies, crm.KindCompany, id, func() (c *crm.CompanyFacts, err error) {
		err = g.query(`SELECT `+companyColumns+` FROM company WHERE id = ?`, func(row []driver.Value) error {
			c = companyFacts(id, row)
			return nil
		}, id)
		if c == nil || err != nil {
			return nil, err
		}
		c.OpenDeals, err = g.numbers(`SELECT id FROM deal WHERE company = ? AND status = 'open' ORDER BY id`, id)
		return c, err
	})
	if done || err != nil {
		return err
	}
	return g.recordsOf(crm.KindDeal, c.OpenDeals)
}

func (g *gatherer) lead(id int64) error {
	l, done, err := known(g, g.f.Leads, inLeads, crm.KindLead, id, func() (l *crm.LeadFacts, err error) {
		err = g.query(`SELECT title, name, status, responsible, contact, name_guessed FROM lead WHERE id = ?`, func(row []driver.Value) error {
			l = &crm.LeadFacts{ID: id, Title: str(row[0]), Name: str(row[1]), Status: crm.LeadStatus(str(row[2])),
				Responsible: crm.UserID(integer(row[3])), Contact: integer(row[4]), NameKnown: str(row[1]) != "" && integer(row[5]) == 0}
			return nil
		}, id)
		return l, err
	})
	if done || err != nil {
		return err
	}
	return g.contact(l.Contact)
}

func (g *gatherer) deal(id int64) error {
	_, _, err := known(g, g.f.Deals, inDeals, crm.KindDeal, id, func() (d *crm.DealFacts, err error) {
		err = g.query(`SELECT `+dealColumns+` FROM deal WHERE id = ?`, func(row []driver.Value) error {
			d = dealFacts(id, row)
			return nil
		}, id)
		if d == nil || err != nil {
			return nil, err
		}
		d.Contacts, err = g.numbers(`SELECT contact FROM deal_contact WHERE deal = ? ORDER BY contact`, id)
		return d, err
	})
	return err
}

func (g *gatherer) numbers(query string, args ...any) (ids []int64, err error) {
	err = g.query(query, func(row []driver.Value) error {
		ids = append(ids, integer(row[0]))
		return nil
	}, args...)
	return ids, err
}
