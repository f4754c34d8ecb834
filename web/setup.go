package web

import (
	"context"

	"blindcopy/crm"
)

// tickets are links that work once; crm.ErrNotFound for one that does not work (any more).
type tickets interface {
	Ticket(ctx context.Context, secret crm.Secret) (crm.Ticket, error)
	UseTicket(ctx context.Context, secret crm.Secret, purpose crm.TicketPurpose) (crm.Ticket, error)
	// SetUp uses a set-up link: the first admin gets a password.
	SetUp(ctx context.Context, secret crm.Secret, n crm.NewUser, hash string) (crm.User, error)
	// AcceptTicket uses an invitation or reset link: its user gets a password, and his sessions end.
	AcceptTicket(ctx context.Context, secret crm.Secret, name, hash string) (crm.User, error)
}

// linkOffice makes such links.
type linkOffice interface {
	// SignInLink makes an invitation or reset link for a user; crm.ErrInvalid for one who is disabled.
	SignInLink(ctx context.Context, purpose crm.TicketPurpose, id crm.UserID) (crm.SignInLink, error)
}

// ticketPage is a form that a link leads to: who it is for, what was typed, what was wrong with it.
type ticketPage struct {
	Ticket  string // the secret
	Purpose crm.TicketPurpose
	User    crm.User // whom it is for; the zero User of a server without users
	Name    string
	Email   string
	Problem string
}

// ticketOf finds the link that stands in the address or the form, and whom it is for.
func (s *Server) ticketOf(r *request, purposes ...crm.TicketPurpose) (p ticketPage, err error) {
	// Guessing 256 bits is hopeless; this is for whoever asks the database thousands of times a second.
	if err := s.limits.attempt(r.address(), ""); err != nil {
		return p, err
	}
	p.Ticket = r.FormValue("ticket")
	t, err := s.Store.Ticket(r.Context(), crm.Secret(p.Ticket))
	if err != nil {
		return p, err
	}
	p.Purpose = t.Purpose
	fits := false
	for _, purpose := range purposes {
		fits = fits || purpose == t.Purpose
	}
	if !fits {
		return p, crm.ErrNotFound
	}
	if t.User != 0 {
		if p.User, err = s.Store.UserByID(r.Context(), t.User); err == nil && !p.User.Active {
			err = crm.ErrNotFound
		}
	}
	return p, err
}

// deadLink is the page of a link that does not work any more.
func deadLink(err error) (answer, error) {
	if f := failureOf(err); f.status != 404 {
		return nil, err
	}
	return page{Template: "deadlink", Title: "This link does not work any more", Status: 404}, nil
}

func (s *Server) setupForm(r *request) (answer, error) {
	p, err := s.ticketOf(r, crm.TicketSetup)
	if err != nil {
		return deadLink(err)
	}
	return page{Template: "setup", Title: "Set up Blindcopy", Data: p}, nil
}

func (s *Server) setup(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	p, err := s.ticketOf(r, crm.TicketSetup)
	if err != nil {
		return deadLink(err)
	}
	p.Name, p.Email = r.field("name"), r.field("email")
	u, err := s.setUp(r, p)
	if text, ok := problem(err); ok {
		p.Problem = text
		return page{Template: "setup", Title: "Set up Blindcopy", Status: 422, Data: p}, nil
	}
	if err != nil {
		return nil, err
	}
	r.done("Welcome, %s. You are all set.", u)
	return redirect("/"), r.enterAs(u)
}

func (s *Server) setUp(r *request, p ticketPage) (crm.User, error) {
	n := crm.NewUser{Name: p.Name, Admin: true}
	if p.User.ID == 0 {
		var ok bool
		if n.Email, ok = crm.ParseAddress(p.Email); !ok {
			return crm.User{}, invalid("please enter the e-mail address that you write from")
		}
	}
	hash, err := s.passwords.hash(r.Context(), r.PostFormValue("password"))
	if err != nil {
		return crm.User{}, err
	}
	return s.Store.SetUp(r.Context(), crm.Secret(p.Ticket), n, hash)
}
