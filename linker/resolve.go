package linker

import (
	"context"
	"fmt"
	"strings"

	"blindcopy/crm"
)

// Resolve is the second half of step 1: which mailbox a forward path is (RFC 5321 §4.1.1.3).
//
// It returns crm.ErrForeignDomain, ErrUnknownRecipient or ErrRevokedRecipient where the
// path can never be taken; a disabled user's address is unknown. Any other error is ours.
func (l *Linker) Resolve(ctx context.Context, path string) (crm.Recipient, error) {
	address, ok := crm.ParseAddress(path)
	if !ok {
		return crm.Recipient{}, fmt.Errorf("recipient %q: %w", path, crm.ErrUnknownRecipient)
	}
	rules, err := l.store.Rules(ctx)
	if err != nil {
		return crm.Recipient{}, fmt.Errorf("recipient %q: %w", path, err)
	}
	if r, ok := sharedRecipient(rules, address); ok {
		r.Path = path
		return r, nil
	}
	if address.Domain() != l.policy.Domain {
		return crm.Recipient{}, fmt.Errorf("recipient %q: %w", path, crm.ErrForeignDomain)
	}
	if address.Local() == "postmaster" {
		return crm.Recipient{Path: path, Address: address, Kind: crm.MailboxPostmaster}, nil
	}
	r, err := l.bccRecipient(ctx, rules, address)
	r.Path = path
	if err != nil {
		return crm.Recipient{}, fmt.Errorf("recipient %q: %w", path, err)
	}
	return r, nil
}

// sharedRecipient finds a department's mailbox, with or without a tag in the address.
func sharedRecipient(rules *crm.Rules, a crm.Address) (crm.Recipient, bool) {
	id, ok := rules.Shared[a]
	if !ok {
		id, ok = rules.Shared[a.WithoutTag()]
	}
	if !ok {
		return crm.Recipient{}, false
	}
	return crm.Recipient{Address: a, Mailbox: id, Kind: crm.MailboxShared}, true
}

// bccRecipient finds a user's mailbox by the token of his BCC address.
func (l *Linker) bccRecipient(ctx context.Context, rules *crm.Rules, a crm.Address) (crm.Recipient, error) {
	token, tags := crm.ParseBCCLocal(a.Local())
	found, ok, err := l.store.Token(ctx, token)
	if err != nil {
		return crm.Recipient{}, err
	}
	user := rules.Users[found.User]
	if !ok || user == nil || !user.Active {
		return crm.Recipient{}, crm.ErrUnknownRecipient
	}
	if found.State == crm.BCCRevoked {
		return crm.Recipient{}, crm.ErrRevokedRecipient
	}
	return crm.Recipient{
		Address: crm.Address(strings.ToLower(string(a.WithoutTag()))), Mailbox: found.Mailbox, Kind: crm.MailboxBCC,
		User: found.User, State: found.State, Token: token, Tags: tags,
	}, nil
}
