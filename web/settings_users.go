package web

import (
	"fmt"
	"strings"

	"blindcopy/crm"
)

// mostInvited bounds what is pasted at once: each makes a user and a link.
const mostInvited = 200

// usersPage is the list, and the form to invite more.
type usersPage struct {
	Tabs    []tab
	Users   []crm.User
	Asked   []askedAddress
	Pasted  string
	Problem string
}

// askedAddress is an address that a user says he writes from.
type askedAddress struct {
	crm.Ticket
	Who crm.User
}

func (s *Server) settingsUsers(r *request) (answer, error) { return s.usersWith(r, "") }

func (s *Server) usersWith(r *request, problem string) (_ answer, err error) {
	d := usersPage{Tabs: settingsTabs("/settings"), Problem: problem}
	status := 0
	if problem != "" {
		d.Pasted, status = r.PostFormValue("people"), 422
	}
	if d.Users, err = s.Store.Users(r.Context()); err != nil {
		return nil, err
	}
	d.Asked, err = s.asked(r, d.Users)
	return page{Template: "settings_users", Title: "Users", Nav: "settings", Data: d, Status: status}, err
}

func (s *Server) asked(r *request, users []crm.User) ([]askedAddress, error) {
	tickets, err := s.Store.AskedAddresses(r.Context(), 0)
	if err != nil {
		return nil, err
	}
	byID := map[crm.UserID]crm.User{}
	for _, u := range users {
		byID[u.ID] = u
	}
	var list []askedAddress
	for _, t := range tickets {
		list = append(list, askedAddress{t, byID[t.User]})
	}
	return list, nil
}

// invitedPage shows the links once: they are not kept.
type invitedPage struct {
	Invited []invited
	All     string // the links, one a line with the address, to paste into a mail
}

type invited struct {
	Person crm.NewUser
	Link   crm.SignInLink
	Said   string // why there is no link
}

func (s *Server) settingsInvite(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	people, err := pastedPeople(r.PostFormValue("people"))
	if text, ok := problem(err); ok {
		return s.usersWith(r, text)
	}
	var d invitedPage
	for _, n := range people {
		n.Admin = r.field("role") == string(crm.RoleAdmin)
		one, err := s.invite(r, n)
		if err != nil {
			return nil, err
		}
		d.Invited = append(d.Invited, one)
		if one.Link.URL != "" {
			d.All += string(n.Email) + "\t" + one.Link.URL + "\n"
		}
	}
	return page{Template: "settings_invited", Title: "Invitations", Nav: "settings", Data: d}, nil
}

// invite makes one link. Who has a password needs none, and what cannot be is said beside the name, so that the others
// of a list get theirs.
func (s *Server) invite(r *request, n crm.NewUser) (one invited, err error) {
	one.Person = n
	if u, err := s.Store.User(r.Context(), n.Email); err == nil {
		_, has, err := s.Store.PasswordHash(r.Context(), u.ID)
		if err != nil {
			return one, err
		}
		if has {
			one.Said = "Signs in already."
			return one, nil
		}
	}
	one.Link, _, err = s.Office.Invite(r.Context(), n)
	if text, ok := problem(err); ok {
		one.Said, err = text, nil
	}
	return one, err
}

// pastedPeople reads one person a line, "Anna Weber <anna@example.com>" or "anna@example.com, Anna Weber" in any order,
// or nothing but addresses.
func pastedPeople(text string) ([]crm.NewUser, error) {
	var list []crm.NewUser
	seen := map[crm.Address]bool{}
	for line := range strings.Lines(text) {
		people, err := pastedLine(line)
		if err != nil {
			return nil, err
		}
		for _, n := range people {
			if !seen[n.Email] {
				seen[n.Email] = true
				list = append(list, n)
			}
		}
	}
	switch {
	case len(list) == 0:
		return nil, invalid("write an e-mail address a line")
	case len(list) > mostInvited:
		return nil, invalid(fmt.Sprintf("that are %d people: invite at most %d at once", len(list), mostInvited))
	}
	return list, nil
}

func pastedLine(line string) (list []crm.NewUser, err error) {
	var name []string
	for _, word := range strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t\r\n,;<>\"", c) }) {
		if !strings.Contains(word, "@") {
			name = append(name, word)
			continue
		}
		a, ok := crm.ParseAddress(word)
		if !ok || !strings.Contains(a.Domain(), ".") {
			return nil, invalid(fmt.Sprintf("%q is no e-mail address", word))
		}
		list = append(list, crm.NewUser{Email: a})
	}
	switch {
	case len(list) == 0 && len(name) > 0:
		return nil, invalid(fmt.Sprintf("%q has no e-mail address in it", strings.TrimSpace(line)))
	case len(list) == 1:
		list[0].Name = strings.Join(name, " ")
	}
	return list, nil
}
