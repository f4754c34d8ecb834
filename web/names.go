package web

import (
	"context"
	"html/template"
	"strings"

	"blindcopy/crm"
)

// directory are the names of our users, read when a page first shows one.
type directory struct {
	read  func(ctx context.Context) ([]crm.User, error)
	ctx   context.Context
	known map[crm.Address]string
}

// name is how people call a user: with the address beside it only where two have the same name. "" is nobody of ours.
func (d *directory) name(a crm.Address) (string, error) {
	if d.known != nil || a == "" {
		return d.known[a], nil
	}
	users, err := d.read(d.ctx)
	if err != nil {
		return "", err
	}
	d.known = make(map[crm.Address]string, len(users))
	called := map[string]int{}
	for _, u := range users {
		called[strings.ToLower(u.Name)]++
	}
	for _, u := range users {
		if u.Name == "" {
			continue
		}
		name := u.Name
		if called[strings.ToLower(name)] > 1 {
			name += " (" + u.Email.Unicode() + ")"
		}
		d.known[u.Email] = name
		for _, a := range u.Addresses {
			if a.Verified {
				d.known[a.Address] = name
			}
		}
	}
	return d.known[a], nil
}

// Name is the name of a user, and of anybody else his address. It takes what audit rows say, too: "operator".
func (v *view) Name(who any) (string, error) {
	a := addressIn(who)
	name, err := v.names.name(a)
	if name == "" {
		name = a.Unicode()
	}
	return name, err
}

// Person is the name of a user, with the address as its title.
func (v *view) Person(who any) (template.HTML, error) {
	a := addressIn(who)
	name, err := v.names.name(a)
	return called(name, a), err
}

// called is a name with the address as its title, or the address alone.
func called(name string, a crm.Address) template.HTML {
	address := template.HTMLEscapeString(a.Unicode())
	if name == "" {
		return template.HTML("<bdi>" + address + "</bdi>")
	}
	return template.HTML(`<bdi title="` + address + `">` + template.HTMLEscapeString(name) + `</bdi>`)
}

func addressIn(who any) crm.Address {
	switch w := who.(type) {
	case crm.Address:
		return w
	case string:
		return crm.Address(w)
	}
	return ""
}

// Author names who wrote a mail: as the mail does, else as we call him.
func (v *view) Author(act crm.Activity) (template.HTML, error) {
	a := act.Author
	name, err := a.Name, error(nil)
	if name == "" {
		name, err = v.names.name(a.Address)
	}
	if name == "" {
		for _, p := range act.Participants {
			if p.Role == crm.RoleFrom {
				name = linkedName(act, p)
			}
		}
	}
	return called(name, a.Address), err
}

// Sender names whom a trace has as its author, "Ben <ben@client.example>".
func (v *view) Sender(from string) (template.HTML, error) {
	name, rest, found := strings.Cut(from, "<")
	a, ok := crm.ParseAddress(strings.TrimSuffix(rest, ">"))
	if name = strings.Trim(name, ` "`); !found || !ok || name == "" {
		return v.Person(strings.Trim(from, "<> "))
	}
	return called(name, a), nil
}

// Recipients names the first few of whom a mail went to.
func (v *view) Recipients(act crm.Activity) (string, error) {
	const several = 3
	var names []string
	more := 0
	for _, p := range act.Participants {
		if p.Role != crm.RoleTo && p.Role != crm.RoleCc {
			continue
		}
		if len(names) == several {
			more++
			continue
		}
		name, err := p.Name, error(nil)
		if name == "" {
			name = linkedName(act, p)
		}
		if name == "" {
			name, err = v.Name(p.Address)
		}
		if err != nil {
			return "", err
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if more > 0 {
		text += " and " + number(more) + " more"
	}
	return text, nil
}

// linkedName is how the record is called that a participant is, where the mail itself does not say: "" for none.
func linkedName(act crm.Activity, p crm.Participant) string {
	for _, l := range act.Links {
		if p.ID != nil && l.Kind == p.Kind && l.ID == *p.ID {
			return l.Title
		}
	}
	return ""
}
