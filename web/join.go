package web

import "blindcopy/crm"

// joinForm is where an invitation or a reset link leads: choose a password.
func (s *Server) joinForm(r *request) (answer, error) {
	p, err := s.ticketOf(r, crm.TicketInvitation, crm.TicketReset)
	if err != nil {
		return deadLink(err)
	}
	return joinPage(p, 0), nil
}

func joinPage(p ticketPage, status int) page {
	title := "Welcome to Blindcopy"
	if p.Purpose == crm.TicketReset {
		title = "Choose a new password"
	}
	return page{Template: "join", Title: title, Status: status, Data: p}
}

func (s *Server) join(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	p, err := s.ticketOf(r, crm.TicketInvitation, crm.TicketReset)
	if err != nil {
		return deadLink(err)
	}
	p.Name = r.field("name")
	hash, err := s.passwords.hash(r.Context(), r.PostFormValue("password"))
	if text, ok := problem(err); ok {
		p.Problem = text
		return joinPage(p, 422), nil
	}
	if err != nil {
		return nil, err
	}
	u, err := s.Store.AcceptTicket(r.Context(), crm.Secret(p.Ticket), p.Name, hash)
	if err != nil {
		return deadLink(err)
	}
	s.limits.succeeded(string(u.Email))
	r.done("Your password is set.")
	return redirect("/"), r.enterAs(u)
}

// enterForm is where the demonstration's link leads: one button that signs in. A link alone must not: mail programs
// and chat windows open links to look at them, and would use it up.
func (s *Server) enterForm(r *request) (answer, error) {
	p, err := s.ticketOf(r, crm.TicketSignIn)
	if err != nil {
		return deadLink(err)
	}
	return page{Template: "enter", Title: "Sign in", Data: p}, nil
}

func (s *Server) enter(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	p, err := s.ticketOf(r, crm.TicketSignIn)
	if err == nil {
		_, err = s.Store.UseTicket(r.Context(), crm.Secret(p.Ticket), crm.TicketSignIn)
	}
	if err != nil {
		return deadLink(err)
	}
	return redirect("/"), r.enterAs(p.User)
}
