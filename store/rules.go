package store

import (
	"context"
	"fmt"
	"time"

	"blindcopy/crm"
)

// Rules returns what people have set, fresh with respect to every committed change of any process. The
// snapshot is shared and must not be modified.
func (s *Store) Rules(ctx context.Context) (*crm.Rules, error) {
	lent := &lent{s: s, ctx: ctx}
	defer lent.giveBack()
	stamp, err := s.freshStamp(lent)
	var rules *crm.Rules
	if err == nil {
		rules, err = s.rulesAt(ctx, stamp)
	}
	if err != nil {
		s.noteDamage(err)
		return nil, fmt.Errorf("read the rules: %w", classify(err))
	}
	return rules, nil
}

// rulesAt returns the snapshot for facts that are read from stamp on.
func (s *Store) rulesAt(ctx context.Context, stamp crm.Stamp) (*crm.Rules, error) {
	s.memory.mu.RLock()
	rules := s.memory.rules
	s.memory.mu.RUnlock()
	if rules != nil && rules.Version >= stamp.Version {
		return rules, nil
	}
	rules, err := readRules(ctx, s.reading(), s.Domain, s.Now())
	if err != nil {
		return nil, err
	}
	rules.Version = stamp.Version
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	if s.memory.changes.version == stamp.Version {
		s.memory.rules = rules
	}
	return rules, nil
}

func readRules(ctx context.Context, q session, domain string, now time.Time) (*crm.Rules, error) {
	r := &crm.Rules{Users: map[crm.UserID]*crm.User{}, ByAddress: map[crm.Address]crm.UserID{},
		Mailboxes: map[crm.MailboxID]*crm.Mailbox{}, Shared: map[crm.Address]crm.MailboxID{}}
	users, err := listUsers(ctx, q, domain, now, 0)
	if err != nil {
		return nil, err
	}
	for i := range users {
		r.Users[users[i].ID] = &users[i]
		for _, a := range users[i].Addresses {
			r.ByAddress[a.Address] = users[i].ID
		}
	}
	mailboxes, err := listMailboxes(ctx, q, domain, 0)
	if err != nil {
		return nil, err
	}
	for i := range mailboxes {
		r.Mailboxes[mailboxes[i].ID] = &mailboxes[i]
		if mailboxes[i].Kind == crm.MailboxShared {
			r.Shared[mailboxes[i].Address] = mailboxes[i].ID
		}
	}
	r.Exclusions, err = listExclusions(ctx, q)
	return r, err
}
