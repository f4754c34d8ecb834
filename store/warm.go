package store

import (
	"context"
	"database/sql/driver"

	"blindcopy/crm"
)

// Warm fills the memory, so that the first mails of the day find it. What does not fit is looked up when it is
// needed.
func (s *Store) Warm(ctx context.Context) error {
	err := s.read(ctx, func(c *conn) error {
		stamp, err := s.memory.refresh(c)
		if err != nil {
			return err
		}
		w := warmer{ctx: ctx, c: c, m: newMemory()}
		for _, step := range []func() error{w.addresses, w.domains, w.contacts, w.companies, w.deals} {
			if err := step(); err != nil {
				return err
			}
		}
		now, err := s.memory.refresh(c)
		if err == nil && now == stamp {
			s.memory.adopt(w.m, w.whole)
		}
		return err // what changed meanwhile would have to be told apart: nothing is remembered then
	})
	return wrap(err, "fill the memory")
}

// adopt takes over what was read while nothing changed.
func (m *memory) adopt(read *memory, whole bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.addresses, m.domains, m.whole = read.addresses, read.domains, whole
	m.records = read.records
}

// warmer reads everything of a kind in one go.
type warmer struct {
	ctx   context.Context
	c     *conn
	m     *memory
	whole bool
}

func (w *warmer) addresses() error {
	rows := 0
	err := w.c.query(`
		SELECT a.id, a.local || '@' || a.domain, h.kind, h.record, h.former
		FROM holder h JOIN address a ON a.id = h.address WHERE h.kind <= 3
		ORDER BY h.address, h.kind, h.record LIMIT ?`,
		func(row []driver.Value) error {
			rows++
			a := crm.Address(str(row[1]))
			h := w.m.addresses[a]
			h.id = integer(row[0])
			h.holders = append(h.holders, crm.Holder{Kind: kindOf(integer(row[2])), ID: integer(row[3]), Former: integer(row[4]) != 0})
			w.m.addresses[a] = h
			return w.ctx.Err()
		}, int64(rememberAddresses))
	w.whole = rows < rememberAddresses
	return err
}

func (w *warmer) domains() error {
	rows := 0
	err := w.c.query(`
		SELECT domain, 2, company FROM company_domain
		UNION ALL
		SELECT domain, 3, id FROM lead WHERE domain <> '' AND status = 'open'
		ORDER BY 1, 2, 3 LIMIT ?`,
		func(row []driver.Value) error {
			rows++
			name := str(row[0])
			d := w.m.domains[name]
			if d == nil {
				d = &crm.DomainFacts{}
				w.m.domains[name] = d
			}
			if kindOf(integer(row[1])) == crm.KindCompany {
				d.Companies = append(d.Companies, integer(row[2]))
			} else {
				d.OpenLeads = append(d.OpenLeads, integer(row[2]))
			}
			return w.ctx.Err()
		}, int64(rememberAddresses))
	w.whole = w.whole && rows < rememberAddresses
	return err
}

func (w *warmer) contacts() error {
	err := w.c.query(`SELECT id, `+contactColumns+` FROM contact ORDER BY id DESC LIMIT ?`, func(row []driver.Value) error {
		c := contactFacts(integer(row[0]), row[1:])
		w.m.contacts[c.ID] = c
		return w.ctx.Err()
	}, int64(rememberRecords))
	if err != nil {
		return err
	}
	return w.c.query(`
		SELECT x.contact, d.id FROM deal d JOIN deal_contact x ON x.deal = d.id
		WHERE d.status = 'open' ORDER BY d.id`, func(row []driver.Value) error {
		if c := w.m.contacts[integer(row[0])]; c != nil {
			c.OpenDeals = append(c.OpenDeals, integer(row[1]))
		}
		return w.ctx.Err()
	})
}

func (w *warmer) companies() error {
	err := w.c.query(`SELECT id, `+companyColumns+` FROM company ORDER BY id DESC LIMIT ?`, func(row []driver.Value) error {
		c := companyFacts(integer(row[0]), row[1:])
		w.m.companies[c.ID] = c
		return w.ctx.Err()
	}, int64(rememberRecords))
	if err != nil {
		return err
	}
	return w.c.query(`SELECT company, id FROM deal WHERE status = 'open' AND company IS NOT NULL ORDER BY id`, func(row []driver.Value) error {
		if c := w.m.companies[integer(row[0])]; c != nil {
			c.OpenDeals = append(c.OpenDeals, integer(row[1]))
		}
		return w.ctx.Err()
	})
}

// deals that are open: mail seldom goes to another.
func (w *warmer) deals() error {
	err := w.c.query(`SELECT id, `+dealColumns+` FROM deal WHERE status = 'open' ORDER BY id DESC LIMIT ?`, func(row []driver.Value) error {
		d := dealFacts(integer(row[0]), row[1:])
		w.m.deals[d.ID] = d
		return w.ctx.Err()
	}, int64(rememberRecords))
	if err != nil {
		return err
	}
	return w.c.query(`
		SELECT x.deal, x.contact FROM deal d JOIN deal_contact x ON x.deal = d.id
		WHERE d.status = 'open' ORDER BY x.deal, x.contact`, func(row []driver.Value) error {
		if d := w.m.deals[integer(row[0])]; d != nil {
			d.Contacts = append(d.Contacts, integer(row[1]))
		}
		return w.ctx.Err()
	})
}
