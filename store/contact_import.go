package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"iter"
	"slices"
	"time"

	"blindcopy/crm"
)

// Bounds of an import: rows that are read ahead, and how long one transaction may take rows. With its log and
// the commit it ends within 50 ms, and mail that waits comes next.
const (
	importAhead = 4096
	importPiece = 15 * time.Millisecond
)

// ImportContacts adds contacts, or completes those that have one of the addresses: what is there already is
// never overwritten, so that an import may be repeated. A row with an error, of its own or of whoever
// reads the file, is reported, and the others imported. progress may be nil; it is told how many rows are done.
// On any other error the report counts what is on disk.
func (s *Store) ImportContacts(ctx context.Context, rows iter.Seq2[ImportRow, error], progress func(done int)) (ImportReport, error) {
	i := &contactImport{s: s, progress: progress, companies: map[string]int64{}, owners: map[crm.Address]crm.UserID{}}
	err := i.read(ctx, rows)
	if err == nil && i.report.Added > 0 {
		// New ids: somebody may remember that they did not exist.
		err = s.write(ctx, func(t *tx) error {
			t.changedEverything()
			return nil
		})
	}
	i.report.Errors = append([]LineError{}, i.report.Errors...)
	slices.SortStableFunc(i.report.Errors, func(a, b LineError) int { return cmp.Compare(a.Line, b.Line) })
	return i.report, wrap(err, "import contacts")
}

// contactImport is an import under way.
type contactImport struct {
	s        *Store
	progress func(int)
	report   ImportReport
	ahead    []ImportRow
	done     int
	noted    int64 // the row of the audit log

	companies map[string]int64 // by name key
	owners    map[crm.Address]crm.UserID
}

func (i *contactImport) read(ctx context.Context, rows iter.Seq2[ImportRow, error]) error {
	for row, err := range rows {
		if err != nil {
			i.report.Errors = append(i.report.Errors, LineError{Line: row.Line, Error: err.Error()})
			continue
		}
		if i.ahead = append(i.ahead, row); len(i.ahead) < importAhead {
			continue
		}
		if err := i.flush(ctx); err != nil {
			return err
		}
	}
	return i.flush(ctx)
}

// flush imports what was read, piece by piece.
func (i *contactImport) flush(ctx context.Context) error {
	rest := i.ahead
	for len(rest) > 0 {
		var p *piece
		// The writer may run a change twice: what the first run thought is thrown away.
		err := i.s.write(ctx, func(t *tx) error {
			p = &piece{t: t, i: i, companies: map[string]int64{}, owners: map[crm.Address]crm.UserID{}}
			if err := p.take(rest); err != nil {
				return err
			}
			return p.audit()
		})
		if err != nil {
			return err
		}
		p.stands()
		rest = rest[p.done:]
		if i.progress != nil {
			i.progress(i.done)
		}
	}
	i.ahead = i.ahead[:0]
	return nil
}

// piece is one transaction of an import.
type piece struct {
	t      *tx
	i      *contactImport
	report ImportReport
	done   int   // rows
	noted  int64 // the row of the audit log

	companies map[string]int64 // that it found or made
	owners    map[crm.Address]crm.UserID
}

// stands adds a piece that was committed to what is known.
func (p *piece) stands() {
	r := &p.i.report
	r.Added, r.Updated, r.Unchanged = r.Added+p.report.Added, r.Updated+p.report.Updated, r.Unchanged+p.report.Unchanged
	r.Companies, r.Errors = r.Companies+p.report.Companies, append(r.Errors, p.report.Errors...)
	p.i.done, p.i.noted = p.i.done+p.done, p.noted
	for name, id := range p.companies {
		p.i.companies[name] = id
	}
	for a, id := range p.owners {
		p.i.owners[a] = id
	}
}

// audit keeps the one row of an import up with what is committed: it is true also of one that is cut off.
func (p *piece) audit() (err error) {
	was := p.i.report
	detail := auditDetail(map[string]any{"added": was.Added + p.report.Added, "updated": was.Updated + p.report.Updated,
		"unchanged": was.Unchanged + p.report.Unchanged, "companies": was.Companies + p.report.Companies, "errors": len(was.Errors) + len(p.report.Errors)})
	if p.noted = p.i.noted; p.noted != 0 {
		return p.t.exec(`UPDATE audit SET detail = ? WHERE id = ?`, detail, p.noted)
	}
	p.t.touched = true
	p.noted, err = p.t.c.lastID(insertAudit, millis(p.t.now), p.t.actor.Name, p.t.actor.Via, "contact.import", "contact", detail)
	return err
}

func (p *piece) take(rows []ImportRow) error {
	start := time.Now()
	for _, row := range rows {
		if p.done > 0 && time.Since(start) > importPiece {
			return nil
		}
		err := p.row(row)
		if errors.Is(err, ErrInvalid) {
			p.report.Errors = append(p.report.Errors, LineError{Line: row.Line, Error: err.Error()})
		} else if err != nil {
			return wrap(err, "line %d", row.Line)
		}
		p.done++
	}
	return nil
}

// row imports one row; ErrInvalid, before anything is written, if it cannot be.
func (p *piece) row(row ImportRow) error {
	if len(row.Emails) == 0 {
		return invalid("no e-mail address")
	}
	owner, err := p.owner(row.Owner)
	if err != nil {
		return err
	}
	contact, free, err := p.look(row.Emails)
	if err != nil {
		return err
	}
	if contact == 0 {
		return p.add(row, owner, free)
	}
	return p.complete(contact, row, free)
}

func (p *piece) owner(a crm.Address) (crm.UserID, error) {
	if a == "" {
		return 0, nil
	}
	for _, known := range []map[crm.Address]crm.UserID{p.owners, p.i.owners} {
		if id, ok := known[a]; ok {
			return id, nil
		}
	}
	id, err := p.t.owner(a)
	if errors.Is(err, crm.ErrNotFound) {
		return 0, invalid("no user has the address %s", a)
	}
	p.owners[a] = id
	return id, err
}

// look finds the first contact that has one of the addresses, and the rows of those that no contact has.
// It writes nothing but new rows of addresses.
func (p *piece) look(emails []crm.Address) (contact int64, free []heldBy, err error) {
	for n, a := range emails {
		if slices.Index(emails, a) < n {
			continue
		}
		var id, holder, user int64
		err := p.t.c.query(`
			SELECT id, (SELECT min(record) FROM holder WHERE address = address.id AND kind = 1),
				(SELECT min(record) FROM holder WHERE address = address.id AND kind = 5) FROM address WHERE domain = ? AND local = ?`,
			func(row []driver.Value) error {
				id, holder, user = integer(row[0]), integer(row[1]), integer(row[2])
				return nil
			}, a.Domain(), a.Local())
		if err != nil {
			return 0, nil, err
		}
		if user != 0 { // a colleague is nobody's contact, see noColleague
			u, err := p.t.user(crm.UserID(user))
			return 0, nil, firstOf(err, invalid("%s is an address of the user %s", a, u.Email))
		}
		if holder == 0 {
			free = append(free, heldBy{a, id})
		} else if contact == 0 {
			contact = holder
		}
	}
	return contact, free, nil
}

// heldBy is an address with its row, 0 if there is none yet.
type heldBy struct {
	crm.Address
	id int64
}

func (p *piece) add(row ImportRow, owner crm.UserID, emails []heldBy) error {
	company, err := p.company(row)
	if err != nil {
		return err
	}
	p.t.touched = true
	id, err := p.t.c.lastID(`INSERT INTO contact (name, company, owner, created_at) VALUES (?, ?, ?, ?)`,
		oneLine(row.Name), nullable(company), nullable(owner), millis(p.t.now))
	if err != nil {
		return err
	}
	p.report.Added++
	return p.hold(id, 0, emails)
}

// hold gives addresses to a contact, from a position on.
func (p *piece) hold(contact, position int64, emails []heldBy) (err error) {
	p.t.touched = true
	for _, e := range emails {
		if e.id == 0 {
			e.id, err = p.t.c.lastID(`INSERT INTO address (domain, local) VALUES (?, ?)`, e.Domain(), e.Local())
			if err != nil {
				return err
			}
		}
		if err := p.t.exec(`INSERT INTO holder (address, kind, record, position) VALUES (?, 1, ?, ?)`, e.id, contact, position); err != nil {
			return err
		}
		position++
		p.t.changed(string(e.Address))
	}
	return nil
}

// complete fills what a contact lacks.
func (p *piece) complete(id int64, row ImportRow, emails []heldBy) error {
	var nameless, lonely bool
	err := p.t.c.query(`SELECT name = '' OR name_guessed = 1, company IS NULL FROM contact WHERE id = ?`, func(r []driver.Value) error {
		nameless, lonely = integer(r[0]) != 0, integer(r[1]) != 0
		return nil
	}, id)
	if err != nil {
		return err
	}
	name := oneLine(row.Name)
	nameless, lonely = nameless && name != "", lonely && oneLine(row.Company) != ""
	if !nameless && !lonely && len(emails) == 0 {
		p.report.Unchanged++
		return nil
	}
	p.report.Updated++
	p.t.changedEverything()
	if nameless {
		if err := p.t.exec(`UPDATE contact SET name = ?, name_guessed = 0 WHERE id = ?`, name, id); err != nil {
			return err
		}
	}
	if lonely {
		company, err := p.company(row)
		if err != nil {
			return err
		}
		if err := p.t.exec(`UPDATE contact SET company = ? WHERE id = ?`, nullable(company), id); err != nil {
			return err
		}
	}
	next, err := p.t.c.number(`SELECT coalesce(max(position) + 1, 0) FROM holder WHERE kind = 1 AND record = ?`, id)
	if err != nil {
		return err
	}
	return p.hold(id, next, emails)
}

// company finds the company of a row by its name, or makes it with the domain; 0 for none.
func (p *piece) company(row ImportRow) (int64, error) {
	key := nameKey(row.Company)
	if key == "" {
		return 0, nil
	}
	for _, known := range []map[string]int64{p.companies, p.i.companies} {
		if id := known[key]; id != 0 {
			return id, nil
		}
	}
	id, err := p.t.c.number(`SELECT id FROM company WHERE name_key = ? ORDER BY id LIMIT 1`, key)
	if err != nil {
		return 0, err
	}
	if id == 0 {
		p.t.touched = true
		id, err = p.t.c.lastID(`INSERT INTO company (name, name_key, created_at) VALUES (?, ?, ?)`, oneLine(row.Company), key, millis(p.t.now))
		if err != nil {
			return 0, err
		}
		if err := p.t.addFreeDomain(id, row.Domain); err != nil {
			return 0, err
		}
		p.report.Companies++
	}
	p.companies[key] = id
	return id, nil
}

// lastID runs an INSERT and returns the id of the new row, in half the time that RETURNING takes.
func (c *conn) lastID(query string, args ...any) (int64, error) {
	res, err := c.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}
