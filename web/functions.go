package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"blindcopy/crm"
)

// functions are what templates can call besides the methods of view.
func functions(a *assets) template.FuncMap {
	return template.FuncMap{
		"asset":    a.url,
		"icon":     icon,
		"in":       in,
		"dict":     dict,
		"list":     func(items ...any) []any { return items },
		"count":    count,
		"number":   number,
		"initials": initials,
		"badge":    badgeOf,
		"reason":   func(c crm.Code) string { return c.Meaning().Sentence },
		"advice":   func(c crm.Code) string { return c.Meaning().Hint },
		"size":     size,
		"join":     func(sep string, list []string) string { return strings.Join(list, sep) },
		"path":     recordPath,
		"current":  currentEmail,
		"actWords": actWords,
	}
}

// in gives a partial its thing beside the view: {{template "person" (in $ .Author)}}, where it is .Item.
func in(dot, item any) (scope, error) {
	switch d := dot.(type) {
	case *view:
		return scope{d, item}, nil
	case scope:
		return scope{d.view, item}, nil
	}
	return scope{}, fmt.Errorf("in: the first argument is a %T, and not the dot of a page", dot)
}

// dict makes a map for a partial that takes several values.
func dict(pairs ...any) (map[string]any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

// count is 1 mail, 2 mails, or 2 companies with a plural of its own.
func count(n any, one string, many ...string) string {
	word := one + "s"
	if len(many) > 0 {
		word = many[0]
	}
	if fmt.Sprint(n) == "1" {
		word = one
	}
	return number(n) + " " + word
}

// number writes 12,345.
func number(n any) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// initials of a name or an address, for the round mark beside it.
func initials(name any) string {
	words := strings.FieldsFunc(fmt.Sprint(name), func(c rune) bool { return strings.ContainsRune(" .-_@", c) })
	var b strings.Builder
	for i, w := range words {
		if i == 2 {
			break
		}
		for _, c := range w {
			b.WriteString(strings.ToUpper(string(c)))
			break
		}
	}
	return b.String()
}

// size writes 12 kB.
func size(n any) string {
	var bytes float64
	switch n := n.(type) {
	case int64:
		bytes = float64(n)
	case *int64:
		if n == nil {
			return ""
		}
		bytes = float64(*n)
	case int:
		bytes = float64(n)
	}
	for _, unit := range []string{"B", "kB", "MB"} {
		if bytes < 1000 {
			return fmt.Sprintf("%.0f %s", bytes, unit)
		}
		bytes /= 1000
	}
	return fmt.Sprintf("%.1f GB", bytes)
}

// recordPath is the page of a record: {{path .Kind .ID}}.
func recordPath(kind crm.Kind, id any) string {
	plural := map[crm.Kind]string{crm.KindContact: "contacts", crm.KindCompany: "companies", crm.KindLead: "leads", crm.KindDeal: "deals"}[kind]
	if p, ok := id.(*int64); ok && p != nil {
		id = *p
	}
	return fmt.Sprintf("/%s/%s", plural, url.PathEscape(fmt.Sprint(id)))
}

// currentEmail is the first address that is not a former one.
func currentEmail(list []crm.Email) string {
	for _, e := range list {
		if !e.Former {
			return e.Address.Unicode()
		}
	}
	return ""
}

// firstFew names some of many people.
func firstFew(people []crm.Party) string {
	const several = 3
	names := make([]string, len(people))
	for i, p := range people {
		if names[i] = p.Name; p.Name == "" {
			names[i] = p.Address.Unicode()
		}
	}
	if more := len(names) - several; more > 0 {
		names = append(names[:several], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

func ago(d time.Duration) string {
	switch {
	case d < 0:
		return "in the future"
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	case d < 60*24*time.Hour:
		return count(int(d.Hours()/24), "day") + " ago"
	case d < 2*365*24*time.Hour:
		return count(int(d.Hours()/24/30), "month") + " ago"
	}
	return count(int(d.Hours()/24/365), "year") + " ago"
}
