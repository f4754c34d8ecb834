package store

import (
	"context"
	"math"
	"strconv"
	"strings"
	"unicode"

	"blindcopy/crm"
)

// searchSize is how many rows a page has unless it is said.
const searchSize = 50

// searchable says where records of a kind are searched, and by what index they are sorted.
type searchable struct {
	kind  crm.Kind
	table string // with its words in <table>_words
	name  string // what it is sorted by; there is an index of just this
	owner string // column
}

var (
	contactSearch = searchable{crm.KindContact, "contact", "lower(r.name)", "owner"}
	companySearch = searchable{crm.KindCompany, "company", "r.name_key", "owner"}
	leadSearch    = searchable{crm.KindLead, "lead", "lower(r.title)", "responsible"}
	dealSearch    = searchable{crm.KindDeal, "deal", "lower(r.title)", "owner"}
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
	if _, err := q.get(ctx, &found.Total, "SELECT count(*) FROM "+in.table+" r WHERE 1 = 1"+w.conditions, w.args...); err != nil {
		return found, err
	}
	size := f.Size
	if size <= 0 {
		size = searchSize
	}
	var page []int64
	err = q.list(ctx, &page, "SELECT r.id FROM "+in.table+" r WHERE 1 = 1"+w.conditions+" ORDER BY "+in.order(f.Sort)+" LIMIT ? OFFSET ?",
		append(w.args, size, f.Page*size)...)
	if err != nil || len(page) == 0 {
		return found, err
	}
	var these where
	these.and("r.id IN (" + numbers(page) + ")")
	rows, err := read(ctx, q, these, math.MaxInt64, len(page))
	if err != nil {
		return found, err
	}
	byID := make(map[int64]T, len(rows))
	for _, row := range rows {
		byID[id(row)] = row
	}
	for _, n := range page {
		if row, ok := byID[n]; ok { // else it went meanwhile
			found.Records = append(found.Records, row)
		}
	}
	return found, nil
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
	if text := strings.TrimSpace(f.Text); text != "" {
		in.matching(&w, text)
	}
	return w, nil
}

// matching narrows to records that have the text, by index: the words of the name by theirs, addresses and domains by
// how they begin.
func (in searchable) matching(w *where, text string) {
	var hits []string
	var args []any
	hit := func(query string, more ...any) {
		hits = append(hits, query)
		args = append(args, more...)
	}
	if words := wordQuery(text); words != "" {
		hit("SELECT rowid FROM "+in.table+"_words WHERE "+in.table+"_words MATCH ?", words)
	}
	if in.kind != crm.KindDeal && !strings.ContainsFunc(text, unicode.IsSpace) {
		in.addressed(strings.ToLower(text), hit)
	}
	if len(hits) == 0 {
		w.and("1 = 0") // punctuation alone
		return
	}
	w.and("r.id IN ("+strings.Join(hits, " UNION ALL ")+")", args...)
}

// addressed finds by the beginning of a local part, of a domain, or of the domain behind a whole local part.
func (in searchable) addressed(text string, hit func(string, ...any)) {
	const held = "SELECT h.record FROM address a CROSS JOIN holder h ON h.address = a.id AND h.kind = ? WHERE "
	kind := kindNumber(in.kind)
	local, domain, at := strings.Cut(text, "@")
	switch {
	case !at:
		hit(held+"a.local >= ? AND a.local < ?", kind, text, text+lastRune)
		domain = text
		fallthrough
	case local == "" && domain != "":
		hit(held+"a.domain >= ? AND a.domain < ?", kind, domain, domain+lastRune)
		if in.kind == crm.KindCompany {
			hit("SELECT company FROM company_domain WHERE domain >= ? AND domain < ?", domain, domain+lastRune)
		}
	case local != "":
		hit(held+"a.local = ? AND a.domain >= ? AND a.domain < ?", kind, local, domain, domain+lastRune)
	}
}

// lastRune sorts behind everything that follows a beginning.
const lastRune = "\U0010FFFF"

// maxWords bounds the words of a search.
const maxWords = 8

// wordQuery asks the index for records that have, for each word of a text, one that begins so. Quoted, a word has no
// meaning of its own: nobody's search is a program.
func wordQuery(text string) string {
	words := strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) })
	var b strings.Builder
	for _, w := range words[:min(len(words), maxWords)] {
		b.WriteString(`"` + w + `"* `)
	}
	return b.String()
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
