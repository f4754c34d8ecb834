package store

import (
	"context"
	"strconv"
	"strings"

	"blindcopy/crm"
)

// AddCompany adds a company. Several may have one domain: then none is found by it.
func (s *Store) AddCompany(ctx context.Context, n NewCompany) (c crm.Company, err error) {
	err = s.write(ctx, func(t *tx) error {
		owner, err := t.owner(n.Owner)
		if err != nil {
			return err
		}
		id, err := t.addCompany(n.Name, owner)
		if err != nil {
			return err
		}
		if err := t.addDomains(id, n.Domains); err != nil {
			return err
		}
		if err := t.hold(crm.Ref{Kind: crm.KindCompany, ID: id}, n.Emails); err != nil {
			return err
		}
		if c, err = t.company(id); err != nil {
			return err
		}
		return t.auditNew("company.add", crm.Ref{Kind: crm.KindCompany, ID: id}, c)
	})
	return c, wrap(err, "add company %s", n.Name)
}

func (t *tx) addCompany(name string, owner crm.UserID) (int64, error) {
	name = oneLine(name)
	if name == "" {
		return 0, invalid("a company needs a name")
	}
	t.changedEverything()
	return t.insert(`INSERT INTO company (name, name_key, owner, created_at) VALUES (?, ?, ?, ?)`, name, nameKey(name), nullable(owner), millis(t.now))
}

// nameKey finds a company by its name in any case.
func nameKey(name string) string { return strings.ToLower(oneLine(name)) }

// companyFor finds the company that a person means by an id or a name, 0 for "". A new name makes one, with
// the domain unless another company has it: two would hide each other.
func (t *tx) companyFor(text, domain string) (id int64, err error) {
	text = oneLine(text)
	if text == "" {
		return 0, nil
	}
	number, failed := strconv.ParseInt(text, 10, 64)
	if failed == nil {
		if found, err := t.get(t.ctx, &id, `SELECT id FROM company WHERE id = ?`, number); found || err != nil {
			return id, err
		}
	}
	found, err := t.get(t.ctx, &id, `SELECT id FROM company WHERE name_key = ? ORDER BY id LIMIT 1`, nameKey(text))
	switch {
	case found || err != nil:
		return id, err
	case failed == nil:
		return 0, notFound("company", number)
	}
	if id, err = t.addCompany(text, 0); err != nil {
		return 0, err
	}
	return id, t.addFreeDomain(id, domain)
}

// addFreeDomain gives a company a domain that no other has.
func (t *tx) addFreeDomain(id int64, domain string) error {
	if domain = crm.NormalDomain(domain); domain == "" {
		return nil
	}
	n, err := t.c.number(`SELECT count(*) FROM company_domain WHERE domain = ?`, domain)
	if n > 0 || err != nil {
		return err
	}
	return t.addDomains(id, []string{domain})
}

func (t *tx) addDomains(id int64, domains []string) error {
	for _, d := range domains {
		normal := crm.NormalDomain(d)
		if normal == "" {
			return invalid("%q is no domain", d)
		}
		if err := t.exec(`INSERT INTO company_domain (domain, company) VALUES (?, ?) ON CONFLICT (domain, company) DO NOTHING`, normal, id); err != nil {
			return err
		}
		t.changed(normal)
	}
	return nil
}

func (t *tx) removeDomains(id int64, domains []string) error {
	for _, d := range domains {
		normal := crm.NormalDomain(d)
		res, err := t.do(`DELETE FROM company_domain WHERE domain = ? AND company = ?`, normal, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); n == 0 || err != nil {
			return firstOf(err, notFound("domain", d))
		}
		t.changed(normal)
	}
	return nil
}

// Companies lists companies, newest first.
func (s *Store) Companies(ctx context.Context, f Filter) ([]crm.Company, error) {
	q, w := s.reading(), where{}
	if err := w.owned(ctx, q, f.Owner); err != nil {
		return nil, wrap(err, "list companies")
	}
	list, err := matching(ctx, q, companySearch, w, f.Match, f.Before, f.Limit, listCompanies, func(c crm.Company) int64 { return c.ID })
	return list, wrap(err, "list companies")
}

// Company returns one company.
func (s *Store) Company(ctx context.Context, id int64) (crm.Company, error) {
	c, err := oneCompany(ctx, s.reading(), id)
	return c, wrap(err, "read company %d", id)
}

// EditCompany changes a company; from then on a person has checked it.
func (s *Store) EditCompany(ctx context.Context, id int64, e CompanyEdit) (c crm.Company, err error) {
	err = s.write(ctx, func(t *tx) error {
		c, err = changing(t, "company.edit", crm.Ref{Kind: crm.KindCompany, ID: id}, t.company, func(crm.Company) error { return t.editCompany(id, e) })
		return err
	})
	return c, wrap(err, "edit company %d", id)
}

func (t *tx) editCompany(id int64, e CompanyEdit) error {
	var u set
	u.to("needs_check", 0)
	if e.Name != nil {
		name := oneLine(*e.Name)
		if name == "" {
			return invalid("a company needs a name")
		}
		u.to("name", name)
		u.to("name_key", nameKey(name))
	}
	if e.Owner != nil {
		owner, err := t.owner(*e.Owner)
		if err != nil {
			return err
		}
		u.to("owner", nullable(owner))
	}
	t.changedEverything()
	if err := t.setColumns("company", id, u); err != nil {
		return err
	}
	if err := t.addDomains(id, e.AddDomains); err != nil {
		return err
	}
	if err := t.removeDomains(id, e.RemoveDomains); err != nil {
		return err
	}
	return t.editEmails(crm.Ref{Kind: crm.KindCompany, ID: id}, e.Add, e.Former, e.Remove)
}

func (t *tx) company(id int64) (crm.Company, error) { return oneCompany(t.ctx, t.session, id) }

func oneCompany(ctx context.Context, q session, id int64) (crm.Company, error) {
	return one(ctx, q, crm.KindCompany, id, listCompanies)
}

// listCompanies reads the n newest companies before an id, with their domains and addresses.
func listCompanies(ctx context.Context, q session, w where, before int64, n int) ([]crm.Company, error) {
	type row struct {
		ID         int64
		Name       string
		Owner      crm.Address
		NeedsCheck bool         `db:"needs_check"`
		CreatedBy  crm.IntakeID `db:"created_by_intake"`
	}
	rows, err := selectPage[row](ctx, q, `
		SELECT r.id, r.name, coalesce(u.email, '') AS owner, r.needs_check, r.created_by_intake
		FROM company r LEFT JOIN crm_user u ON u.id = r.owner`, w, before, n)
	if err != nil {
		return nil, err
	}
	all := ids(rows, func(r row) int64 { return r.ID })
	emails, err := emailsOf(ctx, q, crm.KindCompany, all)
	if err != nil {
		return nil, err
	}
	domains, err := domainsOf(ctx, q, all)
	if err != nil {
		return nil, err
	}
	list := make([]crm.Company, 0, len(rows))
	for _, r := range rows {
		list = append(list, crm.Company{ID: r.ID, Name: r.Name, Domains: domains[r.ID], Emails: emails[r.ID], Owner: r.Owner,
			NeedsCheck: r.NeedsCheck, CreatedByIntake: r.CreatedBy})
	}
	return list, nil
}

func domainsOf(ctx context.Context, q session, companies []int64) (map[int64][]string, error) {
	type row struct {
		Company int64
		Domain  string
	}
	rows, err := listIn[row](ctx, q, `SELECT company, domain FROM company_domain WHERE company IN (?) ORDER BY company, domain`, companies)
	if err != nil {
		return nil, err
	}
	domains := make(map[int64][]string, len(companies))
	for _, id := range companies {
		domains[id] = []string{}
	}
	for _, r := range rows {
		domains[r.Company] = append(domains[r.Company], r.Domain)
	}
	return domains, nil
}
