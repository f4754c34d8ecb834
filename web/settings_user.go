package web

import (
	"fmt"
	"time"

	"blindcopy/crm"
)

// userPage is one user, as an admin sees him.
type userPage struct {
	Who     crm.User
	Away    *crm.Absence // nil where he is here and nothing is planned
	Asked   []askedAddress
	Link    *crm.SignInLink // just made, shown once
	Joined  bool            // has chosen a password
	Box     crm.MailboxID   // behind the BCC address; 0 for none
	Problem string
}

func (s *Server) settingsUser(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	return s.userWith(r, crm.UserID(id), userPage{})
}

func (s *Server) userWith(r *request, id crm.UserID, d userPage) (_ answer, err error) {
	if d.Who, err = s.Store.UserByID(r.Context(), id); err != nil {
		return nil, err
	}
	if away := d.Who.Absence; away != nil && (away.Until.IsZero() || away.Until.After(s.Now())) {
		d.Away = away
	}
	if _, d.Joined, err = s.Store.PasswordHash(r.Context(), id); err != nil {
		return nil, err
	}
	boxes, err := s.Store.Mailboxes(r.Context())
	if err != nil {
		return nil, err
	}
	for _, m := range boxes {
		if m.Kind == crm.MailboxBCC && m.Owner == d.Who.Email {
			d.Box = m.ID
		}
	}
	status := 0
	if d.Problem != "" {
		status = 422
	}
	d.Asked, err = s.asked(r, id, []crm.User{d.Who})
	return page{Template: "settings_user", Title: d.Who.String(), Nav: "settings", Data: d, Status: status}, err
}

// userAct is what an admin does to a user, and the sentence about it.
type userAct func(r *request, id crm.UserID) (done string, later crm.Later, err error)

// userForm makes the handler of a form on the page of a user.
func (s *Server) userForm(do userAct) handler {
	return func(r *request) (answer, error) {
		id, err := r.id()
		if err == nil {
			err = r.form()
		}
		if err != nil {
			return nil, err
		}
		done, later, err := do(r, crm.UserID(id))
		if text, ok := problem(err); ok {
			return s.userWith(r, crm.UserID(id), userPage{Problem: text})
		}
		if err != nil {
			return nil, err
		}
		r.done("%s%s", done, laterWords(later))
		return redirect(fmt.Sprintf("/settings/users/%d", id)), nil
	}
}

func (s *Server) userRole(r *request, id crm.UserID) (string, crm.Later, error) {
	u, err := s.Store.SetUserRole(r.Context(), id, crm.Role(r.field("role")))
	return fmt.Sprintf("%s is %s now.", u, map[crm.Role]string{crm.RoleAdmin: "an admin", crm.RoleManager: "a manager"}[u.Role]), crm.Later{}, err
}

func (s *Server) userActive(r *request, id crm.UserID) (string, crm.Later, error) {
	active := r.field("active") == "yes"
	u, later, err := s.Office.SetUserActive(r.Context(), id, active)
	if active {
		return fmt.Sprintf("%s may sign in again, and mail to the BCC address is taken.", u), later, err
	}
	return fmt.Sprintf("%s cannot sign in any more, and mail to the BCC address is refused. What is filed stays.", u), later, err
}

// userRotate gives a user another BCC address, which he has to be told.
func (s *Server) userRotate(r *request, id crm.UserID) (string, crm.Later, error) {
	compromised := r.field("compromised") != ""
	u, err := s.Store.RotateBCC(r.Context(), id, compromised)
	if compromised {
		return fmt.Sprintf("%s has a new BCC address, and mail to the old one is refused from now on. Pass the new one on.", u), crm.Later{}, err
	}
	return fmt.Sprintf("%s has a new BCC address; the old one still works for a while. Pass the new one on.", u), crm.Later{}, err
}

func (s *Server) userAbsent(r *request, id crm.UserID) (string, crm.Later, error) {
	if r.field("back") != "" {
		u, err := s.Store.SetUserAbsence(r.Context(), id, nil)
		return fmt.Sprintf("%s is back, and is given leads again.", u), crm.Later{}, err
	}
	away := crm.Absence{From: s.Now()}
	var err error
	if away.From, err = r.day("from", s.Now()); err != nil {
		return "", crm.Later{}, err
	}
	if away.Until, err = r.day("until", time.Time{}); err != nil {
		return "", crm.Later{}, err
	}
	if !away.Until.IsZero() && (!away.Until.After(away.From) || !away.Until.After(s.Now())) {
		return "", crm.Later{}, invalid("the day of the return comes after the first day, and is not past")
	}
	u, err := s.Store.SetUserAbsence(r.Context(), id, &away)
	return fmt.Sprintf("%s is given no leads meanwhile.", u), crm.Later{}, err
}

// day reads a date of a form: midnight where whoever typed it is; none is otherwise.
func (r *request) day(name string, otherwise time.Time) (time.Time, error) {
	text := r.field(name)
	if text == "" {
		return otherwise, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, r.zone)
	if err != nil {
		return t, invalid(fmt.Sprintf("%q is no day", text))
	}
	return t, nil
}

func (s *Server) userAddressAdd(r *request, id crm.UserID) (string, crm.Later, error) {
	a, ok := crm.ParseAddress(r.field("address"))
	if !ok {
		return "", crm.Later{}, invalid(fmt.Sprintf("%q is no e-mail address", r.field("address")))
	}
	u, later, err := s.Office.ConfirmAddress(r.Context(), id, a)
	return fmt.Sprintf("Mail from %s counts as %s's now.", a, u), later, err
}

func (s *Server) userAddressRemove(r *request, id crm.UserID) (string, crm.Later, error) {
	a, _ := crm.ParseAddress(r.field("address"))
	if r.field("asked") != "" {
		return fmt.Sprintf("%s was turned down.", a), crm.Later{}, s.Store.ForgetAsked(r.Context(), id, a)
	}
	_, later, err := s.Office.DropAddress(r.Context(), id, a)
	return fmt.Sprintf("Mail from %s does not count as theirs any more.", a), later, err
}

// userLink makes a link to choose a password. It is shown in the answer alone: it is not kept.
func (s *Server) userLink(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	purpose := crm.TicketInvitation
	if _, joined, err := s.Store.PasswordHash(r.Context(), crm.UserID(id)); err != nil {
		return nil, err
	} else if joined {
		purpose = crm.TicketReset
	}
	link, err := s.Office.SignInLink(r.Context(), purpose, crm.UserID(id))
	if text, ok := problem(err); ok {
		return s.userWith(r, crm.UserID(id), userPage{Problem: text})
	}
	if err != nil {
		return nil, err
	}
	return s.userWith(r, crm.UserID(id), userPage{Link: &link})
}
