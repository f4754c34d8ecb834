package main

import (
	"context"
	"fmt"
	"net/url"

	"blindcopy/crm"
)

// SignInLink makes a link with which a user chooses a password.
func (o *office) SignInLink(ctx context.Context, purpose crm.TicketPurpose, id crm.UserID) (crm.SignInLink, error) {
	u, err := o.store.UserByID(ctx, id)
	if err != nil {
		return crm.SignInLink{}, err
	}
	if !u.Active {
		return crm.SignInLink{}, disabled{u.Email}
	}
	secret, err := o.store.AddTicket(ctx, crm.Ticket{Purpose: purpose, User: u.ID})
	return crm.SignInLink{User: u.Email, Purpose: purpose, URL: o.ticketURL(purpose, secret), Expires: o.now().Add(purpose.Lasts()).UTC()}, err
}

// disabled refuses a link for a user who may not sign in.
type disabled struct{ email crm.Address }

func (d disabled) Error() string {
	return fmt.Sprintf("%s is disabled: enable the user first", d.email)
}
func (disabled) Unwrap() error { return crm.ErrInvalid }

// ticketURL is the page that a ticket opens.
func (o *office) ticketURL(purpose crm.TicketPurpose, secret crm.Secret) string {
	page := map[crm.TicketPurpose]string{crm.TicketSetup: "/setup", crm.TicketInvitation: "/join", crm.TicketReset: "/join", crm.TicketSignIn: "/enter"}[purpose]
	base := o.publicURL
	if base == "" { // a command beside the server
		base = publicURL(o.cfg, o.cfg.Web.Listen)
	}
	link, err := url.JoinPath(base, page)
	if err != nil {
		link = page // the configuration took no address that cannot be read
	}
	return link + "?" + url.Values{"ticket": {string(secret)}}.Encode()
}
