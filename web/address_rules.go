package web

import (
	"fmt"
	"slices"
	"strconv"

	"blindcopy/crm"
)

// mostAsked bounds the addresses of one user that wait to be confirmed.
const mostAsked = 10

// senderAdd adds an address that the user writes from. An admin's word is enough; a manager's waits for a proof, or for an
// admin's, for mail from a verified address is believed to be his.
func (s *Server) senderAdd(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	a, ok := crm.ParseAddress(r.field("address"))
	if !ok {
		return s.addressAgain(r, invalid(fmt.Sprintf("%q is no e-mail address", r.field("address"))), "", crm.Later{})
	}
	if r.viewer.IsAdmin() {
		_, later, err := s.Office.ConfirmAddress(r.Context(), r.user.ID, a)
		return s.addressAgain(r, err, fmt.Sprintf("You write from %s, too.", a), later)
	}
	return s.addressAgain(r, s.askSender(r, a), fmt.Sprintf("Mail from %s counts as yours once you have proven it, or an admin has confirmed it: see below.", a), crm.Later{})
}

func (s *Server) askSender(r *request, a crm.Address) error {
	if slices.ContainsFunc(r.user.Addresses, func(have crm.UserAddress) bool { return have.Address == a && have.Verified }) {
		return invalid(fmt.Sprintf("%s is yours already", a))
	}
	asked, err := s.Store.AskedAddresses(r.Context(), r.user.ID)
	if err != nil {
		return err
	}
	if len(asked) >= mostAsked {
		return invalid(fmt.Sprintf("%d addresses wait to be confirmed already", len(asked)))
	}
	_, err = s.Store.AddTicket(r.Context(), crm.Ticket{Purpose: crm.TicketAddress, User: r.user.ID, Address: a})
	return err
}

// senderRemove takes an address away, or the wish for one back.
func (s *Server) senderRemove(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	a, _ := crm.ParseAddress(r.field("address"))
	done := fmt.Sprintf("%s was removed.", a)
	if !slices.ContainsFunc(r.user.Addresses, func(have crm.UserAddress) bool { return have.Address == a }) {
		return s.addressAgain(r, s.Store.ForgetAsked(r.Context(), r.user.ID, a), done, crm.Later{})
	}
	_, later, err := s.Office.DropAddress(r.Context(), r.user.ID, a)
	return s.addressAgain(r, err, done, later)
}

func (s *Server) ownExclusionAdd(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	e, later, err := s.Office.NeverLog(r.Context(), r.field("pattern"), r.user.Email)
	return s.addressAgain(r, err, fmt.Sprintf("Your mail with %s is not filed any more.", e.Pattern), later)
}

func (s *Server) ownExclusionRemove(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Exclusions(r.Context())
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(e crm.Exclusion) bool { return e.ID == id && e.User == r.user.Email }) {
		return nil, fmt.Errorf("exclusion %d is not one of %s: %w", id, r.user.Email, crm.ErrNotFound)
	}
	e, later, err := s.Office.TrackAgain(r.Context(), strconv.FormatInt(id, 10))
	return s.addressAgain(r, err, fmt.Sprintf("Your mail with %s is filed again.", e.Pattern), later)
}

// ownMailbox is the one behind the user's BCC address.
func (s *Server) ownMailbox(r *request) (crm.Mailbox, error) {
	boxes, err := s.Store.Mailboxes(r.Context())
	if err != nil {
		return crm.Mailbox{}, err
	}
	for _, m := range boxes {
		if m.Kind == crm.MailboxBCC && m.Owner == r.user.Email {
			return m, nil
		}
	}
	return crm.Mailbox{}, fmt.Errorf("no mailbox is behind the BCC address of %s", r.user.Email)
}

func (s *Server) ownPolicy(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	box, err := s.ownMailbox(r)
	if err != nil {
		return nil, err
	}
	edit, err := mailboxEdit(r)
	if err == nil {
		_, err = s.Store.EditMailbox(r.Context(), box.ID, edit)
	}
	return s.addressAgain(r, err, "Your rules are saved. They hold for mail from now on.", crm.Later{})
}
