package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"blindcopy/crm"
)

// Invite makes a link for a user to choose a first password; one who is not there yet is added.
func (o *office) Invite(ctx context.Context, n crm.NewUser) (crm.SignInLink, crm.Later, error) {
	u, link, err := o.inviteOne(ctx, n)
	if err != nil {
		return link, crm.Later{}, err
	}
	later, err := o.lookAgain(ctx, userAddresses(u), nil)
	return link, later, err
}

func (o *office) inviteOne(ctx context.Context, n crm.NewUser) (u crm.User, link crm.SignInLink, err error) {
	u, err = o.store.User(ctx, n.Email)
	if errors.Is(err, crm.ErrNotFound) {
		u, err = o.store.AddUser(ctx, n)
	}
	if err != nil {
		return u, link, err
	}
	link, err = o.SignInLink(ctx, crm.TicketInvitation, u.ID)
	return u, link, err
}

// PlanInvitations reads a list of people, and tells what inviting each would do. Who does not say which role he is to have
// gets role. It writes nothing. crm.ErrInvalid for a list that cannot be read.
func (o *office) PlanInvitations(ctx context.Context, list []byte, role crm.Role) ([]crm.InvitationRow, error) {
	people, err := invitees(list, role)
	if err != nil {
		return nil, unreadable{err}
	}
	plan, err := o.newInvitationPlan(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]crm.InvitationRow, len(people))
	for i, one := range people {
		rows[i] = crm.InvitationRow{Line: one.line, Person: one.NewUser}
		if rows[i].State, rows[i].Why, err = plan.state(ctx, one); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// invitationPlan is what a list is held against.
type invitationPlan struct {
	*office
	users map[crm.Address]crm.User
	boxes map[crm.Address]bool
	lines map[crm.Address]int // where an address stood first
}

func (o *office) newInvitationPlan(ctx context.Context) (invitationPlan, error) {
	p := invitationPlan{o, map[crm.Address]crm.User{}, map[crm.Address]bool{}, map[crm.Address]int{}}
	users, err := o.store.Users(ctx)
	if err != nil {
		return p, err
	}
	for _, u := range users {
		for _, a := range userAddresses(u) {
			p.users[a] = u
		}
	}
	boxes, err := o.store.Mailboxes(ctx)
	for _, m := range boxes {
		if m.Kind == crm.MailboxShared {
			p.boxes[m.Address] = true
		}
	}
	return p, err
}

// state is what inviting a person would do, and of one who cannot be invited why.
func (p invitationPlan) state(ctx context.Context, one invitee) (crm.InvitationState, string, error) {
	refused := func(format string, args ...any) (crm.InvitationState, string, error) {
		return crm.InviteInvalid, fmt.Sprintf(format, args...), nil
	}
	a := one.Email
	switch {
	case one.problem != "":
		return refused("%s", one.problem)
	case a.Domain() == crm.NormalDomain(p.cfg.Domain):
		return refused("%s is at the domain of the BCC addresses, which nobody writes from", a)
	case !strings.Contains(a.Domain(), "."):
		return refused("%q is no e-mail address", a)
	case p.boxes[a]:
		return refused("%s is a shared mailbox", a)
	case p.lines[a] > 0:
		return refused("%s stands in line %d already", a, p.lines[a])
	}
	p.lines[a] = one.line
	u, there := p.users[a]
	if !there {
		return crm.InviteNew, "", nil
	}
	if !u.Active {
		return refused("%s is disabled: enable the user first", u)
	}
	_, joined, err := p.store.PasswordHash(ctx, u.ID)
	if joined {
		return crm.InviteThere, fmt.Sprintf("%s signs in already", u), err
	}
	return crm.InviteAgain, "", err
}

// InviteAll invites people, each for himself: what cannot be is said beside the name, and the others get their links. A
// user who signs in already is left alone. Mail that was held for any of them is filed when all are there.
func (o *office) InviteAll(ctx context.Context, people []crm.NewUser) (done []crm.Invited, later crm.Later, err error) {
	addresses := map[crm.Address]bool{}
	for _, n := range people {
		one := crm.Invited{User: crm.User{Email: n.Email, Name: n.Name}}
		u, link, err := o.inviteStranger(ctx, n)
		switch {
		case errors.Is(err, crm.ErrInvalid), errors.Is(err, crm.ErrExists):
			one.Problem = err.Error()
		case err != nil:
			return done, later, err
		default:
			one.User, one.Link = u, link
			for _, a := range userAddresses(u) {
				addresses[a] = true
			}
		}
		done = append(done, one)
	}
	later, err = o.lookAgain(ctx, slices.Sorted(maps.Keys(addresses)), nil)
	return done, later, err
}

func (o *office) inviteStranger(ctx context.Context, n crm.NewUser) (crm.User, crm.SignInLink, error) {
	u, err := o.store.User(ctx, n.Email)
	joined := false
	if err == nil {
		_, joined, err = o.store.PasswordHash(ctx, u.ID)
	}
	if joined && err == nil {
		err = fmt.Errorf("%w: %s signs in already", crm.ErrExists, u)
	}
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return u, crm.SignInLink{}, err
	}
	return o.inviteOne(ctx, n)
}
