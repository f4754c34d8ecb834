package crm

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// AuditEntry is one act that changed the company's records or rules, and who did it. Mail is not among them: its trace
// explains it.
type AuditEntry struct {
	ID     int64          `json:"id"`
	At     time.Time      `json:"at"`
	Actor  string         `json:"actor"`  // e-mail address of a user, "operator", or "blindcopy" for the program itself
	Via    string         `json:"via"`    // as in Actor
	Act    string         `json:"act"`    // such as contact.edit
	Object string         `json:"object"` // kind:id, the address of a user, the pattern of an exclusion, or "database"
	Detail map[string]any `json:"detail"` // what was changed; never a secret
}

// DetailText says in words what an act changed: "name Ben → Benjamin, stage offer".
func (e AuditEntry) DetailText() string {
	names := make([]string, 0, len(e.Detail))
	for name := range e.Detail {
		names = append(names, name)
	}
	slices.Sort(names)
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = name + " " + plain(e.Detail[name])
	}
	return strings.Join(parts, ", ")
}

// plain is a JSON value as people write it: of a record its name, title or address.
func plain(value any) string {
	switch v := value.(type) {
	case nil:
		return "none"
	case map[string]any:
		if is, edited := v["is"]; edited {
			return plain(v["was"]) + " → " + plain(is)
		}
		for _, key := range []string{"name", "title", "address"} {
			if text, ok := v[key].(string); ok {
				return text
			}
		}
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			texts[i] = plain(item)
		}
		return "[" + strings.Join(texts, " ") + "]"
	case string:
		if v == "" {
			return "none"
		}
	}
	return fmt.Sprint(value)
}

// AuditFilter narrows the audit log. Zero fields do not narrow.
type AuditFilter struct {
	Object string    // exactly this, or all of a kind: contact
	Since  time.Time // then or later
	Limit  int       // 0 is all
	Before int64     // only acts with a smaller id: what follows a page; 0 is from the newest
}
