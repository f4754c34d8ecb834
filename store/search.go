package store

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"strconv"
	"strings"

	"blindcopy/crm"
)

// searchSize is how many rows a page has unless it is said.
const searchSize = 50

// searchable says where records of a kind are searched, and by what index they are sorted.
type searchable struct {
	kind  crm.Kind
	table string   // with its words in <table>_words
	texts []string // the columns that these are of
	name  string   // what it is sorted by; there is an index of just this
	owner string   // column
}

var (
	contactSearch = searchable{crm.KindContact, "contact", []string{"name"}, "lower(r.name)", "owner"}
	companySearch = searchable{crm.KindCompany, "company", []string{"name"}, "r.name_key", "owner"}
	leadSearch    = searchable{crm.KindLead, "lead", []string{"title", "name"}, "lower(r.title)", "responsible"}
	dealSearch    = searchable{crm.KindDeal, "deal", []string{"title"}, "lower(r.title)", "owner"}
)

// FindContacts returns a page of contacts, within 50 ms of a hundred thousand.
func (s *Store) FindContacts(ctx context.Context, f crm.RecordSearch) (crm.Found[crm.Contact], error) {
	found, err := find(ctx, s.reading(), contactSearch, f, listContacts, func(c crm.Contact) int64 { return c.ID })
	return found, wrap(err, "search contacts")
}

// FindCompanies returns a page of companies.
func (s *Store) FindCompanies(ctx context.Context, f crm.RecordSearch) (crm.Found[crm.Company], error) {
	found, err := find(ctx, s.reading(), companySearch, f, listCompanies, func(c crm.Company) int64 { return c.ID })
	return found, wrap(err, "search companies")
}

// FindLeads returns a page of leads.
func (s *Store) FindLeads(ctx context.Context, f crm.RecordSearch) (crm.Found[crm.Lead], error) {
	found, err := find(ctx, s.reading(), leadSearch, f, listLeads, func(l crm.Lead) int64 { return l.ID })
	return found, wrap(err, "search leads")
}

// FindDeals returns a page of deals.
func (s *Store) FindDeals(ctx context.Context, f crm.RecordSearch) (crm.Found[crm.Deal], error) {
	found, err := find(ctx, s.reading(), dealSearch, f, listDeals, func(d crm.Deal) int64 { return d.ID })
	return found, wrap(err, "search deals")
}

// find finds the ids of a page by index alone, and reads just those records.
func find[T any](ctx context.Context, q session, in searchable, f crm.RecordSearch,
	read func(context.Context, session, where, int64, int) ([]T, error), id func(T) int64) (found crm.Found[T], err error) {
	found.Records = []T{}
	w, err := in.where(ctx, q, f)
	if err != nil {
		return found, err
	}
	if f.Size <= 0 {
		f.Size = searchSize
	}
	p := idPage{order: in.order(f.Sort), skip: f.Page * f.Size, size: f.Size}
	if text := strings.TrimSpace(f.Text); text != "" {
		hits, err := in.hits(ctx, q, text, false)
		if err != nil {
			return found, err
		}
		err = in.pageOfHits(ctx, q, w, hits, &p)
		if err != nil {
			return found, err
		}
	} else if err := in.pageOfAll(ctx, q, w, &p); err != nil {
		return found, err
	}
	if found.Total = p.total; len(p.ids) == 0 {
		return found, nil
	}
	var these where
	these.and("r.id IN (" + numbers(p.ids) + ")")
	rows, err := read(ctx, q, these, math.MaxInt64, len(p.ids))
	if err != nil {
		return found, err
	}
	byID := make(map[int64]T, len(rows))
	for _, row := range rows {
		byID[id(row)] = row
	}
	for _, n := range p.ids {
		if row, ok := byID[n]; ok { // else it went meanwhile
			found.Records = append(found.Records, row)
		}
	}
	return found, nil
}

// idPage is the page of a list: which it is, and then what stands on it.
type idPage struct {
	order      string
	skip, size int

	ids   []int64
	total int // of the whole list
}

// pageOfAll fills a page with records that meet a condition.
func (in searchable) pageOfAll(ctx context.Context, q session, w where, p *idPage) error {
	if _, err := q.get(ctx, &p.total, "SELECT count(*) FROM "+in.table+" r WHERE 1 = 1"+w.conditions, w.args...); err != nil {
		return err
	}
	return q.list(ctx, &p.ids, "SELECT r.id FROM "+in.table+" r WHERE 1 = 1"+w.conditions+" ORDER BY "+p.order+" LIMIT ? OFFSET ?",
		append(slices.Clone(w.args), p.size, p.skip)...)
}

// fewHits are looked up one by one.
const fewHits = 1000

// pageOfHits fills a page with those of the hits that meet a condition. Many are met soon by whoever goes through all records
// in their order.
func (in searchable) pageOfHits(ctx context.Context, q session, w where, hits []int64, p *idPage) error {
	if len(hits) <= fewHits {
		w.and("r.id IN (" + numbers(hits) + ")")
		return in.pageOfAll(ctx, q, w, p)
	}
	query := "SELECT " + gathered("id") + " FROM (SELECT r.id AS id FROM " + in.table + " r WHERE 1 = 1" + w.conditions + " ORDER BY " + p.order + " LIMIT ? OFFSET ?)"
	// A first step that is short, for the first page; then long ones, for each passes over what was read.
	for from, step := 0, 2*fewHits; ; from, step = from+step, 4*step {
		var list sql.NullString
		if _, err := q.get(ctx, &list, query, append(slices.Clone(w.args), step, from)...); err != nil {
			return err
		}
		ids, err := appendNumbers(nil, list.String)
		if err != nil {
			return err
		}
		p.add(ids, hits)
		if w.conditions == "" && len(p.ids) == p.size {
			p.total = len(hits)
			return nil
		}
		if len(ids) < step {
			return nil
		}
	}
}

// add puts those of the next ids on a page that are hits, and whose place it is.
func (p *idPage) add(ids, hits []int64) {
	for _, id := range ids {
		if _, hit := slices.BinarySearch(hits, id); !hit {
			continue
		}
		if p.total++; p.total > p.skip && len(p.ids) < p.size {
			p.ids = append(p.ids, id)
		}
	}
}

func (in searchable) order(by crm.RecordOrder) string {
	switch by {
	case crm.OldestFirst:
		return "r.id"
	case crm.ByName:
		return in.name + ", r.id"
	case crm.ByNameDown:
		return in.name + " DESC, r.id DESC"
	}
	return "r.id DESC"
}

// where is what a search narrows to.
func (in searchable) where(ctx context.Context, q session, f crm.RecordSearch) (w where, err error) {
	if f.Owner != "" {
		user, err := userAt(ctx, q, f.Owner)
		if err != nil {
			return w, err
		}
		w.and("r."+in.owner+" = ?", int64(user))
	}
	if f.After != 0 {
		w.and("r.id > ?", f.After)
	}
	if f.Company != 0 {
		w.and("r.company = ?", f.Company)
	}
	if f.Contact != 0 {
		w.and("r.id IN (SELECT deal FROM deal_contact WHERE contact = ?)", f.Contact)
	}
	if f.Status != "" {
		w.and("r.status = ?", f.Status)
	}
	if f.Stage != nil {
		w.and("r.stage = ?", oneLine(*f.Stage))
	}
	return w, nil
}

func numbers(list []int64) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ",")
}

// Stages counts the deals of each stage with a status, those in no stage too, in the order in which stages were first
// used: that is about the order of the sale.
func (s *Store) Stages(ctx context.Context, status crm.DealStatus) ([]crm.Stage, error) {
	list := []crm.Stage{}
	err := s.reading().list(ctx, &list, `SELECT stage AS name, count(*) AS deals FROM deal WHERE status = ? GROUP BY stage ORDER BY min(id)`, string(status))
	return list, wrap(err, "count deals by stage")
}
