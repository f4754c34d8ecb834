package main

import (
	"fmt"
	"strings"

	"blindcopy/crm"
)

// How parts of a record look, whatever its kind.

// addresses returns the addresses of a record.
func addresses(emails []crm.Email) []crm.Address {
	var list []crm.Address
	for _, e := range emails {
		list = append(list, e.Address)
	}
	return list
}

// current joins the addresses in use; former ones only where there are no others.
func current(emails []crm.Email) string {
	var now, all []string
	for _, e := range emails {
		all = append(all, e.Address.Unicode())
		if !e.Former {
			now = append(now, e.Address.Unicode())
		}
	}
	if len(now) == 0 {
		now = all
	}
	return strings.Join(now, ", ")
}

func (s *screen) emails(emails []crm.Email) string {
	var texts []string
	for _, e := range emails {
		text := e.Address.Unicode()
		if e.Former {
			text += " (former)"
		}
		if e.BouncedAt != nil {
			text += " (bounced " + e.BouncedAt.In(s.zone).Format(dateLayout) + ")"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "\n")
}

// domainsOf lists domains, each in its own script.
func domainsOf(domains []string, separator string) string {
	texts := make([]string, len(domains))
	for i, d := range domains {
		texts[i] = crm.UnicodeDomain(d)
	}
	return strings.Join(texts, separator)
}

// title is a name, or else the first address.
func title(name string, emails []crm.Email) string {
	if name != "" || len(emails) == 0 {
		return name
	}
	return emails[0].Address.Unicode()
}

func named(n *crm.Named) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%s (%d)", n.Name, n.ID)
}

// mark stands behind the name of a record that we made and nobody looked at yet.
func mark(needsCheck bool) string {
	if needsCheck {
		return " *"
	}
	return ""
}

func made(needsCheck bool, by crm.IntakeID) string {
	if !needsCheck {
		return ""
	}
	return "made from mail, please check the name" + suffix(": blindcopy explain ", string(by))
}

// more says that a list was cut.
func (a *app) more(shown, limit int) {
	if limit > 0 && shown >= limit {
		a.hint("The newest %d; --limit 0 shows all.", limit)
	}
}

func namedList(list []crm.Named, separator string) string {
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = oneLine(named(&list[i]))
	}
	return strings.Join(texts, separator)
}

// subject is what people see of a mail that may have none.
func subject(s string) string {
	if strings.TrimSpace(s) == "" {
		return "(no subject)"
	}
	return s
}
