package store

import (
	"context"
	"database/sql"
	"time"

	"blindcopy/crm"
)

// AddDeal adds an open deal.
func (s *Store) AddDeal(ctx context.Context, n NewDeal) (d crm.Deal, err error) {
	err = s.write(ctx, func(t *tx) error {
		title := oneLine(n.Title)
		if title == "" {
			return invalid("a deal needs a title")
		}
		owner, err := t.owner(n.Owner)
		if err != nil {
			return err
		}
		if err := t.checkCompany(n.Company); err != nil {
			return err
		}
		id, err := t.insert(`INSERT INTO deal (title, status, stage, owner, company, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
			title, string(crm.DealOpen), oneLine(n.Stage), nullable(owner), nullable(n.Company), millis(t.now))
		if err != nil {
			return err
		}
		if err := t.addToDeal(id, n.Contacts); err != nil {
			return err
		}
		t.changedEverything()
		if d, err = t.deal(id); err != nil {
			return err
		}
		return t.auditNew("deal.add", crm.Ref{Kind: crm.KindDeal, ID: id}, d)
	})
	return d, wrap(err, "add deal %s", n.Title)
}

// checkCompany tells whether a company is there; 0 is none.
func (t *tx) checkCompany(id int64) error {
	if id == 0 {
		return nil
	}
	_, err := t.company(id)
	return err
}

func (t *tx) addToDeal(id int64, contacts []int64) error {
	for _, contact := range contacts {
		if _, err := t.contact(contact); err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO deal_contact (deal, contact) VALUES (?, ?) ON CONFLICT (deal, contact) DO NOTHING`, id, contact); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) removeFromDeal(id int64, contacts []int64) error {
	for _, contact := range contacts {
		res, err := t.do(`DELETE FROM deal_contact WHERE deal = ? AND contact = ?`, id, contact)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); n == 0 || err != nil {
			return firstOf(err, notFound("contact", contact))
		}
	}
	return nil
}

// Deals lists deals, newest first.
func (s *Store) Deals(ctx context.Context, f Filter) ([]crm.Deal, error) {
	q, w := s.reading(), where{}
	if f.Company != 0 {
		w.and("r.company = ?", f.Company)
	}
	if f.Contact != 0 {
		w.and("r.id IN (SELECT deal FROM deal_contact WHERE contact = ?)", f.Contact)
	}
	if f.Status != "" {
		w.and("r.status = ?", string(f.Status))
	}
	if err := w.owned(ctx, q, f.Owner); err != nil {
		return nil, wrap(err, "list deals")
	}
	list, err := matching(ctx, q, dealSearch, w, f.Match, f.Before, f.Limit, listDeals, func(d crm.Deal) int64 { return d.ID })
	return list, wrap(err, "list deals")
}

// Deal returns one deal.
func (s *Store) Deal(ctx context.Context, id int64) (crm.Deal, error) {
	d, err := oneDeal(ctx, s.reading(), id)
	return d, wrap(err, "read deal %d", id)
}

// EditDeal changes a deal, open or closed.
func (s *Store) EditDeal(ctx context.Context, id int64, e DealEdit) (crm.Deal, error) {
	d, err := s.changeDeal(ctx, id, "deal.edit", func(t *tx, _ crm.Deal) error { return t.editDeal(id, e) })
	return d, wrap(err, "edit deal %d", id)
}

func (t *tx) editDeal(id int64, e DealEdit) error {
	var u set
	if e.Title != nil {
		title := oneLine(*e.Title)
		if title == "" {
			return invalid("a deal needs a title")
		}
		u.to("title", title)
	}
	if e.Stage != nil {
		u.to("stage", oneLine(*e.Stage))
	}
	if e.Company != nil {
		if err := t.checkCompany(*e.Company); err != nil {
			return err
		}
		u.to("company", nullable(*e.Company))
	}
	if e.Owner != nil {
		owner, err := t.owner(*e.Owner)
		if err != nil {
			return err
		}
		u.to("owner", nullable(owner))
	}
	if err := t.setColumns("deal", id, u); err != nil {
		return err
	}
	if err := t.addToDeal(id, e.AddContacts); err != nil {
		return err
	}
	return t.removeFromDeal(id, e.RemoveContacts)
}

// CloseDeal ends a deal, won or lost. One that ended so already keeps its date.
func (s *Store) CloseDeal(ctx context.Context, id int64, won bool) (crm.Deal, error) {
	status := crm.DealLost
	if won {
		status = crm.DealWon
	}
	d, err := s.changeDeal(ctx, id, "deal.close", func(t *tx, d crm.Deal) error {
		if d.Status == status {
			return nil
		}
		var u set
		u.to("status", string(status))
		u.to("closed_at", millis(t.now))
		return t.setColumns("deal", id, u)
	})
	return d, wrap(err, "close deal %d", id)
}

// ReopenDeal takes back that a deal ended: its conversations are filed on it again. One that is open stays as it is.
func (s *Store) ReopenDeal(ctx context.Context, id int64) (crm.Deal, error) {
	d, err := s.changeDeal(ctx, id, "deal.reopen", func(t *tx, d crm.Deal) error {
		if d.Status == crm.DealOpen {
			return nil
		}
		var u set
		u.to("status", string(crm.DealOpen))
		u.to("closed_at", nil)
		return t.setColumns("deal", id, u)
	})
	return d, wrap(err, "reopen deal %d", id)
}

// Unassigned lists the newest mail of each conversation that the contacts of a deal had since a time and that is on no
// deal, or was on this one and went on without it while it was closed: the newest first, at most limit.
func (s *Store) Unassigned(ctx context.Context, deal int64, since time.Time, limit int) ([]crm.ActivityID, error) {
	var list []crm.ActivityID
	err := s.reading().list(ctx, &list, `
		SELECT id FROM (
			SELECT a.id, a.thread, a.occurred_at, row_number() OVER (PARTITION BY a.thread ORDER BY a.occurred_at DESC, a.id DESC) AS place
			FROM deal_contact x JOIN link l ON l.kind = 1 AND l.record = x.contact AND l.at >= ? JOIN activity a ON a.id = l.activity
			WHERE x.deal = ?) newest
		WHERE place = 1
			AND NOT EXISTS (SELECT 1 FROM thread t WHERE t.id = newest.thread AND t.pinned_deal NOT IN (0, ?))
			AND NOT EXISTS (
				SELECT 1 FROM activity b JOIN link d ON d.activity = b.id AND d.kind = 4
				WHERE b.thread = newest.thread AND (d.record <> ? OR b.id = newest.id))
		ORDER BY occurred_at DESC, id DESC LIMIT ?`, millis(since), deal, deal, deal, limit)
	return list, wrap(err, "find mail for deal %d", deal)
}

func (s *Store) changeDeal(ctx context.Context, id int64, act string, change func(*tx, crm.Deal) error) (d crm.Deal, err error) {
	err = s.write(ctx, func(t *tx) error {
		d, err = changing(t, act, crm.Ref{Kind: crm.KindDeal, ID: id}, t.deal, func(was crm.Deal) error {
			t.changedEverything()
			return change(t, was)
		})
		return err
	})
	return d, err
}

func (t *tx) deal(id int64) (crm.Deal, error) { return oneDeal(t.ctx, t.session, id) }

func oneDeal(ctx context.Context, q session, id int64) (crm.Deal, error) {
	return one(ctx, q, crm.KindDeal, id, listDeals)
}

// listDeals reads the n newest deals before an id, with their contacts.
func listDeals(ctx context.Context, q session, w where, before int64, n int) ([]crm.Deal, error) {
	type row struct {
		ID          int64
		Title       string
		Status      crm.DealStatus
		Stage       string
		Owner       crm.Address
		Company     int64
		CompanyName string        `db:"company_name"`
		ClosedAt    sql.NullInt64 `db:"closed_at"`
		CreatedAt   int64         `db:"created_at"`
	}
	rows, err := selectPage[row](ctx, q, `
		SELECT r.id, r.title, r.status, r.stage, coalesce(u.email, '') AS owner, coalesce(r.company, 0) AS company,
		       coalesce(p.name, '') AS company_name, r.closed_at, r.created_at
		FROM deal r LEFT JOIN company p ON p.id = r.company LEFT JOIN crm_user u ON u.id = r.owner`, w, before, n)
	if err != nil {
		return nil, err
	}
	contacts, err := contactsOf(ctx, q, ids(rows, func(r row) int64 { return r.ID }))
	if err != nil {
		return nil, err
	}
	list := make([]crm.Deal, 0, len(rows))
	for _, r := range rows {
		list = append(list, crm.Deal{ID: r.ID, Title: r.Title, Status: r.Status, Stage: r.Stage, Owner: r.Owner,
			Company: namedOrNil(r.Company, r.CompanyName), Contacts: contacts[r.ID], ClosedAt: optionalMoment(r.ClosedAt), CreatedAt: moment(r.CreatedAt)})
	}
	return list, nil
}

// contactsOf reads the contacts of deals; one without a name goes by its address.
func contactsOf(ctx context.Context, q session, deals []int64) (map[int64][]crm.Named, error) {
	type row struct {
		Deal, Contact int64
		Name          string
	}
	rows, err := listIn[row](ctx, q, `
		SELECT x.deal, x.contact, coalesce(nullif(c.name, ''), (
			SELECT a.local || '@' || a.domain FROM holder h JOIN address a ON a.id = h.address
			WHERE h.kind = 1 AND h.record = c.id ORDER BY h.former, h.position LIMIT 1), '') AS name
		FROM deal_contact x JOIN contact c ON c.id = x.contact
		WHERE x.deal IN (?) ORDER BY x.deal, x.contact`, deals)
	if err != nil {
		return nil, err
	}
	contacts := make(map[int64][]crm.Named, len(deals))
	for _, id := range deals {
		contacts[id] = []crm.Named{}
	}
	for _, r := range rows {
		contacts[r.Deal] = append(contacts[r.Deal], crm.Named{ID: r.Contact, Name: r.Name})
	}
	return contacts, nil
}
