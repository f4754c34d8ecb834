package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"blindcopy/crm"
)

// hitQuery finds ids of records that have a text.
type hitQuery struct {
	column, rest string // of the SELECT
	args         []any
}

// hits returns the ids of the records that have a text, in ascending order: by index, the words of the name by theirs,
// addresses and domains by how they begin. The pages ask so. anywhere is for commands and programs, which are promised a text
// within the name or an address: it reads all of these, too.
func (in searchable) hits(ctx context.Context, q session, text string, anywhere bool) (ids []int64, err error) {
	for _, hit := range in.hitQueries(text, anywhere) {
		// All in one text: a row costs the driver more than the database.
		var list sql.NullString
		if _, err := q.get(ctx, &list, "SELECT "+gathered(hit.column)+" FROM "+hit.rest, hit.args...); err != nil {
			return nil, err
		}
		if ids, err = appendNumbers(ids, list.String); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func appendNumbers(list []int64, text string) ([]int64, error) {
	list = slices.Grow(list, strings.Count(text, ",")+1)
	for number := range strings.SplitSeq(text, ",") {
		if number == "" {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read a list of ids: %w", err)
		}
		list = append(list, n)
	}
	return list, nil
}

func (in searchable) hitQueries(text string, anywhere bool) (queries []hitQuery) {
	if words := wordQuery(text); words != "" {
		queries = append(queries, hitQuery{"rowid", in.table + "_words WHERE " + in.table + "_words MATCH ?", []any{words}})
	}
	switch lower := strings.ToLower(text); {
	case anywhere:
		queries = append(queries, in.within(lower)...)
	case in.kind != crm.KindDeal && !strings.ContainsFunc(text, unicode.IsSpace):
		queries = append(queries, in.addressed(lower)...)
	}
	return queries
}

// addressed finds by the beginning of a local part, of a domain, or of the domain behind a whole local part.
func (in searchable) addressed(text string) (queries []hitQuery) {
	kind := kindNumber(in.kind)
	held := func(condition string, args ...any) {
		queries = append(queries, hitQuery{"h.record", "address a CROSS JOIN holder h ON h.address = a.id AND h.kind = ? WHERE " + condition, append([]any{kind}, args...)})
	}
	local, domain, at := strings.Cut(text, "@")
	switch {
	case !at:
		held("a.local >= ? AND a.local < ?", text, text+lastRune)
		domain = text
		fallthrough
	case local == "" && domain != "":
		held("a.domain >= ? AND a.domain < ?", domain, domain+lastRune)
		if in.kind == crm.KindCompany {
			queries = append(queries, hitQuery{"company", "company_domain WHERE domain >= ? AND domain < ?", []any{domain, domain + lastRune}})
		}
	case local != "":
		held("a.local = ? AND a.domain >= ? AND a.domain < ?", local, domain, domain+lastRune)
	}
	return queries
}

// lastRune sorts behind everything that follows a beginning.
const lastRune = "\U0010FFFF"

// within finds a text, in lower case, anywhere in what a record is called, in its addresses and domains. The database knows
// the case of ASCII alone: of other letters, names are found as they are usually written.
func (in searchable) within(lower string) (queries []hitQuery) {
	first, size := utf8.DecodeRuneInString(lower)
	capital := string(unicode.ToUpper(first)) + lower[size:]
	for _, column := range in.texts {
		queries = append(queries, hitQuery{"id", in.table + " WHERE instr(lower(" + column + "), ?) OR instr(" + column + ", ?) OR instr(" + column + ", ?)",
			[]any{lower, capital, strings.ToUpper(lower)}})
	}
	if in.kind == crm.KindDeal {
		return queries
	}
	queries = append(queries, hitQuery{"h.record", "holder h CROSS JOIN address a ON a.id = h.address WHERE h.kind = ? AND instr(a.local || '@' || a.domain, ?)",
		[]any{kindNumber(in.kind), lower}})
	if in.kind == crm.KindCompany {
		queries = append(queries, hitQuery{"company", "company_domain WHERE instr(domain, ?)", []any{lower}})
	}
	return queries
}

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

// matching reads the records that meet a condition and have a text, newest first, those before an id (0 the newest): limit
// of them, 0 is all.
func matching[T any](ctx context.Context, q session, in searchable, w where, text string, before int64, limit int,
	read func(context.Context, session, where, int64, int) ([]T, error), id func(T) int64) ([]T, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	if text == "" {
		return collect(before, limit, func(before int64, n int) ([]T, error) { return read(ctx, q, w, before, n) }, id)
	}
	hits, err := in.hits(ctx, q, text, true)
	if err != nil {
		return nil, err
	}
	end, _ := slices.BinarySearch(hits, before)
	list := []T{}
	for hits = hits[:end]; len(hits) > 0 && (limit == 0 || len(list) < limit); {
		from := max(len(hits)-pageSize, 0)
		these := where{w.conditions, slices.Clone(w.args)}
		these.and("r.id IN (" + numbers(hits[from:]) + ")")
		some, err := read(ctx, q, these, before, pageSize)
		if err != nil {
			return nil, err
		}
		list, hits = append(list, some...), hits[:from]
	}
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list, nil
}
