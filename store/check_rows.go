package store

import (
	"context"
	"fmt"
	"strings"
)

// What one transaction writes refers to what the same one writes: a row that refers to nothing, or JSON that does not
// parse, was not written by us, or the file has suffered. SQLite knows nothing of it.

// rule is what no row may be. The query counts those that are.
type rule struct{ is, query string }

// missing is a rule about rows of a table whose column names no row of another.
func missing(table, column, parent, key, more string) rule {
	return rule{fmt.Sprintf("rows of %s refer to a row of %s that is not there", table, parent),
		fmt.Sprintf("SELECT count(*) FROM %s t WHERE NOT EXISTS (SELECT 1 FROM %s p WHERE p.%s = t.%s)%s", table, parent, key, column, more)}
}

// findable are rules about the index that records of a table are searched by.
func findable(table string) []rule {
	index := table + "_words_docsize" // a row for each that has words
	return []rule{
		{fmt.Sprintf("rows of %s are not in the index of words: a search does not find them", table),
			fmt.Sprintf("SELECT count(*) FROM %s r WHERE NOT EXISTS (SELECT 1 FROM %s w WHERE w.id = r.id)", table, index)},
		missing(index, "id", table, "id", ""),
	}
}

// recordTables are the tables of the kinds: see kindNumbers.
var recordTables = map[int]string{1: "contact", 2: "company", 3: "lead", 4: "deal", 5: "crm_user"}

func references() []rule {
	rules := []rule{
		missing("activity", "intake", "intake", "seq", ""),
		missing("activity", "thread", "thread", "id", ""),
		missing("link", "activity", "activity", "id", ""),
		missing("unlinked", "activity", "activity", "id", ""),
		missing("participant", "address", "address", "id", ""),
		missing("participant", "target", "activity", "id", " AND t.target > 0"),
		missing("participant", "target", "intake", "seq", " AND t.target < 0 AND NOT EXISTS (SELECT 1 FROM intake h WHERE h.seq = -t.target / 256)"),
		missing("capture", "target", "activity", "id", " AND t.target > 0"),
		missing("holder", "address", "address", "id", ""),
		missing("mail_key", "activity", "activity", "id", " AND t.activity <> 0"),
		missing("mail_key", "intake", "intake", "seq", " AND t.activity = 0"),
		missing("reply_wait", "activity", "activity", "id", ""),
		missing("thread", "joined_into", "thread", "id", " AND t.joined_into <> 0"),
		missing("thread", "pinned_deal", "deal", "id", " AND t.pinned_deal <> 0"),
		missing("lead", "contact", "contact", "id", " AND t.contact IS NOT NULL"),
		{"stored messages are kept of intakes that say they have none", `SELECT count(*) FROM raw r JOIN intake i ON i.seq = r.intake WHERE i.kept = 0`},
		{"intakes have a verdict that there is not", `SELECT count(*) FROM intake WHERE verdict NOT IN ('filed', 'held', 'ignored', 'duplicate', 'refused')`},
	}
	for _, table := range []string{"contact", "company", "lead", "deal"} {
		rules = append(rules, findable(table)...)
	}
	for kind, table := range recordTables {
		rules = append(rules, missing("holder", "record", table, "id", fmt.Sprintf(" AND t.kind = %d", kind)))
		if table != "crm_user" {
			rules = append(rules, missing("link", "record", table, "id", fmt.Sprintf(" AND t.kind = %d", kind)))
		}
	}
	return rules
}

// jsonColumns hold JSON, ” or NULL.
var jsonColumns = map[string][]string{
	"intake":   {"rcpts", "codes", "trace", "results", "created", "auth", "held"},
	"activity": {"people", "attachments", "badges", "bounces"},
	"mailbox":  {"distribution"},
	"audit":    {"detail"},
}

func brokenJSON() (rules []rule) {
	for table, columns := range jsonColumns {
		var bad []string
		for _, column := range columns {
			bad = append(bad, fmt.Sprintf("%s <> '' AND NOT json_valid(%s)", column, column))
		}
		rules = append(rules, rule{fmt.Sprintf("rows of %s hold JSON that does not parse", table),
			fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", table, strings.Join(bad, " OR "))})
	}
	return rules
}

// rows counts what no row may be.
func (c *checker) rows(ctx context.Context) error {
	for _, r := range append(references(), brokenJSON()...) {
		var n int64
		if _, err := c.reading().get(ctx, &n, r.query); err != nil {
			return err
		}
		if n > 0 {
			c.find(CheckFinding{Kind: CheckReference, Detail: fmt.Sprintf("%d %s", n, r.is)})
		}
	}
	_, err := c.reading().get(ctx, &c.report.Activities, `SELECT count(*) FROM activity`)
	return err
}
