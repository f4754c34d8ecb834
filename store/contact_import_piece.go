package store

import (
	"database/sql/driver"
	"errors"
	"slices"

	"blindcopy/crm"
)

// importLog is how large the log of commits may grow, in pages of 4 KB, before an import stops to move it into the database:
// it touches the same pages again and again.
const importLog = largeWAL >> 12

// piece is one transaction of an import.
type piece struct {
	t      *tx
	i      *contactImport
	report ImportReport
	done   int   // rows
	noted  int64 // the row of the audit log

	companies map[string]int64 // that it found or made
	owners    map[crm.Address]crm.UserID

	// What is decided, and waits to be written.
	newCompanies, newDomains, newContacts, newAddresses, newHolders *bulk
	unwritten                                                       map[string]struct{} // addresses and domains of these
	company, contact, address                                       int64               // newest ids
}

func newPiece(t *tx, i *contactImport) (p *piece, err error) {
	p = &piece{t: t, i: i, companies: map[string]int64{}, owners: map[crm.Address]crm.UserID{}, unwritten: map[string]struct{}{},
		newCompanies: newBulk("company (id, name, name_key, created_at)"), newDomains: newBulk("company_domain (domain, company)"),
		newContacts: newBulk("contact (id, name, company, owner, created_at)"), newAddresses: newBulk("address (id, domain, local)"),
		newHolders: newBulk("holder (address, kind, record, position)")}
	if p.company, err = t.c.newestID("company"); err != nil {
		return nil, err
	}
	if p.contact, err = t.c.newestID("contact"); err != nil {
		return nil, err
	}
	p.address, err = t.c.number(`SELECT coalesce(max(id), 0) FROM address`)
	return p, err
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

// take imports rows until its time is over, or none is there: it does not wait for the reader.
func (p *piece) take(chunks <-chan importChunk, over func() bool) error {
	if err := p.t.c.patientLog(importLog); err != nil {
		return err
	}
	if err := p.t.wordsLater(); err != nil {
		return err
	}
	for p.done == 0 || !over() {
		if p.done == len(p.i.queue) && !p.more(chunks) {
			break
		}
		if err := p.chunk(p.i.queue[p.done:min(p.done+importChunkRows, len(p.i.queue))]); err != nil {
			return err
		}
	}
	if err := p.t.lateWords(); err != nil {
		return err
	}
	return p.audit()
}

func (p *piece) more(chunks <-chan importChunk) bool {
	select {
	case chunk, ok := <-chunks:
		p.i.add(chunk)
		return ok
	default:
		return false
	}
}

// chunk decides on some rows, and writes what they make.
func (p *piece) chunk(rows []ImportRow) error {
	for _, row := range rows {
		err := p.row(row)
		if errors.Is(err, ErrInvalid) {
			p.report.Errors = append(p.report.Errors, LineError{Line: row.Line, Error: err.Error()})
		} else if err != nil {
			return wrap(err, "line %d", row.Line)
		}
		p.done++
	}
	return p.write()
}

// write carries out what is decided: what others refer to comes first.
func (p *piece) write() error {
	for _, rows := range []*bulk{p.newCompanies, p.newDomains, p.newContacts, p.newAddresses, p.newHolders} {
		if err := rows.write(p.t); err != nil {
			return err
		}
	}
	clear(p.unwritten)
	return nil
}

// settle writes what is decided if it says anything of a key.
func (p *piece) settle(key string) error {
	if _, ok := p.unwritten[key]; !ok {
		return nil
	}
	return p.write()
}

// row imports one row; ErrInvalid, before anything is decided, if it cannot be.
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

const selectHolders = `
	SELECT id, (SELECT min(record) FROM holder WHERE address = address.id AND kind = 1),
		(SELECT min(record) FROM holder WHERE address = address.id AND kind = 5) FROM address WHERE domain = ? AND local = ?`

// look finds the first contact that has one of the addresses, and the rows of those that no contact has.
func (p *piece) look(emails []crm.Address) (contact int64, free []heldBy, err error) {
	for n, a := range emails {
		if slices.Index(emails, a) < n {
			continue
		}
		if err := p.settle(string(a)); err != nil {
			return 0, nil, err
		}
		var id, holder, user int64
		err := p.t.c.query(selectHolders, func(row []driver.Value) error {
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
	company, err := p.companyOf(row)
	if err != nil {
		return err
	}
	p.contact++
	p.newContacts.add(p.contact, oneLine(row.Name), nullable(company), nullable(owner), millis(p.t.now))
	p.report.Added++
	p.hold(p.contact, 0, emails)
	return nil
}

// hold gives addresses to a contact, from a position on.
func (p *piece) hold(contact, position int64, emails []heldBy) {
	for _, e := range emails {
		if e.id == 0 {
			p.address++
			e.id = p.address
			p.newAddresses.add(e.id, e.Domain(), e.Local())
		}
		p.newHolders.add(e.id, int64(1), contact, position)
		p.unwritten[string(e.Address)] = struct{}{}
		position++
		p.t.changed(string(e.Address))
	}
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
		if err := p.join(id, row); err != nil {
			return err
		}
	}
	next, err := p.t.c.number(`SELECT coalesce(max(position) + 1, 0) FROM holder WHERE kind = 1 AND record = ?`, id)
	if err != nil {
		return err
	}
	p.hold(id, next, emails)
	return p.write() // the next row may complete it further
}

// join makes a contact one of the company of a row.
func (p *piece) join(contact int64, row ImportRow) error {
	company, err := p.companyOf(row)
	if err != nil {
		return err
	}
	if err := p.write(); err != nil { // it may be new
		return err
	}
	return p.t.exec(`UPDATE contact SET company = ? WHERE id = ?`, nullable(company), contact)
}

// companyOf finds the company of a row by its name, or makes it with the domain; 0 for none.
func (p *piece) companyOf(row ImportRow) (int64, error) {
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
		p.company++
		id = p.company
		p.newCompanies.add(id, oneLine(row.Company), key, millis(p.t.now))
		p.report.Companies++
		if err := p.domain(id, row.Domain); err != nil {
			return 0, err
		}
	}
	p.companies[key] = id
	return id, nil
}

// domain gives a new company a domain that no other has.
func (p *piece) domain(company int64, domain string) error {
	if domain = crm.NormalDomain(domain); domain == "" {
		return nil
	}
	if err := p.settle(domain); err != nil {
		return err
	}
	n, err := p.t.c.number(`SELECT count(*) FROM company_domain WHERE domain = ?`, domain)
	if n > 0 || err != nil {
		return err
	}
	p.newDomains.add(domain, company)
	p.unwritten[domain] = struct{}{}
	p.t.changed(domain)
	return nil
}

// lastID runs an INSERT and returns the id of the new row, in half the time that RETURNING takes.
func (c *conn) lastID(query string, args ...any) (int64, error) {
	res, err := c.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}
