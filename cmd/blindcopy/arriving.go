package main

import (
	"context"

	"blindcopy/crm"
	"blindcopy/smtpd"
	"blindcopy/web"
)

// arriving tells the pages how far a message is on its way to the inbox: whoever waits for his test mail sees that a mail
// server has named his address, also where nothing follows.
type arriving struct {
	smtpd.Inbox
	pages *web.Server // nil without pages; set before mail is taken
}

func (a *arriving) Resolve(ctx context.Context, path string) (crm.Recipient, error) {
	r, err := a.Inbox.Resolve(ctx, path)
	if err == nil && a.pages != nil && r.User != 0 {
		a.pages.Arriving(r.User, web.StageRecipient, 0)
	}
	return r, err
}

func (a *arriving) Take(ctx context.Context, in *crm.Inbound) (crm.Receipt, error) {
	if a.pages != nil {
		told := map[crm.UserID]bool{}
		for _, r := range in.Recipients {
			if r.User != 0 && !told[r.User] {
				told[r.User] = true
				a.pages.Arriving(r.User, web.StageReceived, in.Raw.Size())
			}
		}
	}
	return a.Inbox.Take(ctx, in)
}
