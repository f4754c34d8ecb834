package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"blindcopy/crm"
	"blindcopy/smtpd"
)

// custody watches whether mail can be taken. While it cannot, every message is answered 4xx and has its line in the mail
// log; why is said once, and once that it is over: a thousand lines of one fault hide the second.
type custody struct {
	smtpd.Inbox
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	since  time.Time // of the trouble; zero for none
	failed int       // messages and recipients that met it
	told   bool      // it was worth a line
	last   time.Time // when a trouble was told: one that comes and goes is told once a minute
}

func (c *custody) Resolve(ctx context.Context, path string) (crm.Recipient, error) {
	r, err := c.Inbox.Resolve(ctx, path)
	if err != nil && !errors.Is(err, crm.ErrUnknownRecipient) && !errors.Is(err, crm.ErrRevokedRecipient) && !errors.Is(err, crm.ErrForeignDomain) {
		c.note(err)
	}
	return r, err // a recipient that is known says nothing of whether his mail can be written
}

func (c *custody) Take(ctx context.Context, in *crm.Inbound) (crm.Receipt, error) {
	r, err := c.Inbox.Take(ctx, in)
	c.note(err)
	return r, err
}

// watch has the spool of a message watched, too: its body may not find room.
func (c *custody) watch(s smtpd.Spool) smtpd.Spool { return watchedSpool{s, c} }

type watchedSpool struct {
	smtpd.Spool
	custody *custody
}

func (s watchedSpool) Write(p []byte) (int, error) {
	n, err := s.Spool.Write(p)
	if err != nil {
		s.custody.note(err)
	}
	return n, err
}

func (s watchedSpool) Finish() (crm.Raw, error) {
	raw, err := s.Spool.Finish()
	if err != nil {
		s.custody.note(err)
	}
	return raw, err
}

// tellAgain is how long a trouble that comes back is not told again.
const tellAgain = time.Minute

// note takes the outcome of one message.
func (c *custody) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if err == nil {
		c.over(now)
		return
	}
	c.failed++
	if c.since.IsZero() {
		c.since = now
	}
	if c.told || !c.last.IsZero() && now.Sub(c.last) < tellAgain {
		return
	}
	c.told, c.last = true, now
	c.log.Error("mail cannot be taken; its senders keep it and try again", "err", err, "hint", hintOf(err))
}

func (c *custody) over(now time.Time) {
	if c.told {
		c.log.Info("mail is taken again", "after", now.Sub(c.since).Round(time.Millisecond), "failures", c.failed)
	}
	c.since, c.failed, c.told = time.Time{}, 0, false
}
