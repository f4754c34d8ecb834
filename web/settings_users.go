package web

import (
	"blindcopy/crm"
)

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
