package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rsc.io/qr"

	"blindcopy/config"
	"blindcopy/crm"
	"blindcopy/web"
)

// What people do to users, their addresses and the never-log list, for the command line and the pages alike.

// SetUserActive enables or disables a user, and looks again at mail that was held because of it. The last admin
// cannot be disabled.
func (o *office) SetUserActive(ctx context.Context, id crm.UserID, active bool) (crm.User, crm.Later, error) {
	if err := o.mayDisable(ctx, id, active); err != nil {
		return crm.User{}, crm.Later{}, err
	}
	u, err := o.store.SetUserActive(ctx, id, active)
	if err != nil {
		return u, crm.Later{}, err
	}
	later, err := o.lookAgain(ctx, userAddresses(u), nil)
	return u, later, err
}

func (o *office) mayDisable(ctx context.Context, id crm.UserID, active bool) error {
	users, err := o.store.Users(ctx)
	if err != nil || active {
		return err
	}
	isAdmin := func(u crm.User) bool { return u.Active && u.Role == crm.RoleAdmin }
	if slices.ContainsFunc(users, func(u crm.User) bool { return isAdmin(u) && u.ID != id }) || !slices.ContainsFunc(users, isAdmin) {
		return nil
	}
	return lastAdmin{}
}

// lastAdmin refuses to leave the company without an admin.
type lastAdmin struct{}

func (lastAdmin) Error() string { return "somebody has to be an admin: make another one first" }
func (lastAdmin) Unwrap() error { return crm.ErrInvalid }

// ConfirmAddress lets a user write from an address; mail that was held for it is filed.
func (o *office) ConfirmAddress(ctx context.Context, id crm.UserID, a crm.Address) (u crm.User, later crm.Later, err error) {
	if u, err = o.store.AddUserAddress(ctx, id, a); err != nil {
		return u, later, err
	}
	if err := o.store.ForgetAsked(ctx, id, a); err != nil {
		return u, later, err
	}
	later, err = o.lookAgain(ctx, []crm.Address{a}, nil)
	return u, later, err
}

// DropAddress takes an address from a user; what was filed under it stays.
func (o *office) DropAddress(ctx context.Context, id crm.UserID, a crm.Address) (u crm.User, later crm.Later, err error) {
	if u, err = o.store.RemoveUserAddress(ctx, id, a); err != nil {
		return u, later, err
	}
	later, err = o.lookAgain(ctx, []crm.Address{a}, nil)
	return u, later, err
}

// Card is a user's BCC address as a vCard, and the QR code of it as a PNG.
func (o *office) Card(u crm.User) (web.Card, error) {
	report, err := userCard(u, "3.0") // what telephones' cameras and old programs know
	if err != nil {
		return web.Card{}, err
	}
	code, err := qr.Encode(report.VCard, qr.L)
	if err != nil {
		return web.Card{}, fmt.Errorf("draw the QR code: %w", err)
	}
	return web.Card{VCard: report.VCard, QR: code.PNG()}, nil
}

// Policies are what mailboxes inherit that say nothing themselves.
func (o *office) Policies(kind crm.MailboxKind) (own, incoming crm.Policy) {
	box := crm.Mailbox{Kind: kind}
	word := func(redirected bool) crm.Policy { return crm.Policy(strings.Trim(o.policy(box, redirected), "()")) }
	return word(false), word(true)
}

// Settings are the configuration in effect; secrets are masked.
func (o *office) Settings() []web.Setting {
	var list []web.Setting
	about := config.About()
	for _, s := range o.cfg.Effective() {
		list = append(list, web.Setting{Key: s.Key, Value: s.String(), Source: string(s.Source), About: about[s.Key]})
	}
	return list
}

// Examine is what the doctor finds.
func (o *office) Examine(ctx context.Context) []web.Finding {
	var list []web.Finding
	for _, f := range o.newDoctor(o.cfg).examine(ctx) {
		found := web.Finding{Area: f.Area, Check: f.Check, Status: string(f.Status), Detail: f.Detail}
		if f.Hint != nil {
			found.Hint = *f.Hint
		}
		list = append(list, found)
	}
	return list
}
