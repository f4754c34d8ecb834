package web

import (
	"html/template"

	"blindcopy/crm"
)

// usersPage is the list, and the form to invite more.
type usersPage struct {
	Tabs    []tab
	Users   []userRow
	Asked   []askedAddress
	Pasted  string
	Problem string
}

// userRow is a user in the list.
type userRow struct {
	crm.User
	Joined bool // has chosen a password
}

// askedAddress is an address that a user says he writes from.
type askedAddress struct {
	crm.AskedAddress
	Who    crm.User
	Letter template.URL // opens the mail that proves it; for him alone
}

func (s *Server) settingsUsers(r *request) (answer, error) { return s.usersWith(r, "") }

func (s *Server) usersWith(r *request, problem string) (_ answer, err error) {
	d := usersPage{Tabs: settingsTabs("/settings"), Problem: problem}
	status := 0
	if problem != "" {
		d.Pasted, status = r.PostFormValue("people"), 422
	}
	users, err := s.Store.Users(r.Context())
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		_, joined, err := s.Store.PasswordHash(r.Context(), u.ID)
		if err != nil {
			return nil, err
		}
		d.Users = append(d.Users, userRow{u, joined})
	}
	d.Asked, err = s.asked(r, 0, users)
	return page{Template: "settings_users", Title: "Users", Nav: "settings", Data: d, Status: status}, err
}

// asked are the addresses that a user, 0 for everybody, waits to have confirmed.
func (s *Server) asked(r *request, user crm.UserID, users []crm.User) ([]askedAddress, error) {
	proofs, err := s.Office.Proofs(r.Context(), user)
	if err != nil {
		return nil, err
	}
	byID := map[crm.UserID]crm.User{}
	for _, u := range users {
		byID[u.ID] = u
	}
	var list []askedAddress
	for _, p := range proofs {
		a := askedAddress{AskedAddress: p, Who: byID[p.User]}
		if p.User == r.user.ID {
			a.Letter = mailto(r.user.BCCAddress, p.Subject, "")
		} else {
			a.Subject = "" // a secret of his
		}
		list = append(list, a)
	}
	return list, nil
}
