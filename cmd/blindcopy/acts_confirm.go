package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"blindcopy/crm"
	"blindcopy/smtpd"
)

// A user proves that an address is his by a mail from it: to his BCC address, with a subject that only he was shown. We
// send no mail, so this is the one direction that a proof can take. Whoever writes a forged From knows the address, but
// cannot have its domain sign for it.

// confirmMark begins the subject, so that other mail is passed over without a look into the database.
const confirmMark = "Blindcopy-confirm"

// confirmSecret names the key that the codes are made with.
const confirmSecret = "confirm"

// confirmSubject is the subject that proves one ticket. It follows from the ticket, so that nothing but that is kept; asking
// again makes another one.
func (o *office) confirmSubject(ctx context.Context, t crm.Ticket) (string, error) {
	key, err := o.store.Secret(ctx, confirmSecret)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%d %s %d", t.User, t.Address, t.Expires.UnixMilli()) // a hash takes all
	return confirmMark + " " + crm.CodeOf(mac.Sum(nil)), nil
}

// Proofs are the addresses that a user, 0 for everybody, waits to have confirmed.
func (o *office) Proofs(ctx context.Context, user crm.UserID) ([]crm.AskedAddress, error) {
	tickets, err := o.store.AskedAddresses(ctx, user)
	if err != nil {
		return nil, err
	}
	list := make([]crm.AskedAddress, len(tickets))
	for i, t := range tickets {
		if list[i], _, err = o.asked(ctx, t); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// asked looks for the mail that proves an address. proof is "" while there is none.
func (o *office) asked(ctx context.Context, t crm.Ticket) (a crm.AskedAddress, proof crm.IntakeID, err error) {
	a.Ticket = t
	if a.Subject, err = o.confirmSubject(ctx, t); err != nil {
		return a, "", err
	}
	parties, err := o.store.FindParty(ctx, t.Address)
	if err != nil {
		return a, "", err
	}
	a.Taken = len(parties) > 0
	mails, err := o.store.MailWith(ctx, []crm.Address{t.Address}, nil, crm.HeldMail, 0)
	if err != nil {
		return a, "", err
	}
	for i := range mails {
		m := &mails[i]
		if m.Held == nil || m.Owner != t.User || !sentFrom(m.Mail, t.Address) || !strings.EqualFold(strings.TrimSpace(m.Mail.Subject), a.Subject) {
			continue
		}
		if a.Mail, a.Missing = m.Intake, missingProof(m); a.Missing == "" && !a.Taken {
			return a, m.Intake, nil
		}
	}
	return a, "", nil
}

func sentFrom(m *crm.Mail, a crm.Address) bool {
	return m != nil && len(m.From) == 1 && m.From[0].Address == a
}

// missingProof says what a mail with the right subject lacks, "" if nothing. An answer proves nothing, for whoever writes
// to somebody can have him answer with the same subject to any address; so does what a program wrote, a list passed
// on, or somebody else sent.
func missingProof(m *crm.StoredMail) string {
	auth, mail := m.Held.Auth, m.Mail
	const pass = "pass"
	switch {
	case mail.Automatic != "":
		return "it was written by a program (" + mail.AutoWhy + ")"
	case len(mail.InReplyTo)+len(mail.References) > 0 || mail.IsReply:
		return "it is an answer to another mail; write a new one"
	case len(mail.RedirectedBy) > 0 || mail.ListRewritten != "" || mail.Forwarded != nil:
		return "somebody passed it on"
	case len(mail.Sender) > 0 && mail.Sender[0].Address != mail.From[0].Address:
		return "it was sent by " + string(mail.Sender[0].Address)
	case auth.Result == crm.AuthPass && auth.SPF != pass && auth.DKIM != pass && auth.DMARC != pass:
		return "it came from a network of yours, where nobody checks who writes"
	case auth.Result != crm.AuthPass:
		return fmt.Sprintf("its sender is not proven (SPF %s, DKIM %s)", auth.SPF, auth.DKIM)
	}
	return ""
}

// confirmProven confirms the addresses of a user that a mail proves by now, and answers the mail's question. It is the
// user's own act: his name stands in the audit log.
func (o *office) confirmProven(ctx context.Context, user crm.UserID) (confirmed []crm.Address, err error) {
	tickets, err := o.store.AskedAddresses(ctx, user)
	if err != nil || len(tickets) == 0 {
		return nil, err
	}
	u, err := o.store.UserByID(ctx, user)
	if err != nil {
		return nil, err
	}
	ctx = crm.WithActor(ctx, crm.Actor{User: u.ID, Name: string(u.Email), Via: "mail"})
	for _, t := range tickets {
		_, proof, err := o.asked(ctx, t)
		if err != nil {
			return confirmed, err
		}
		if proof == "" {
			continue
		}
		if _, _, err := o.ConfirmAddress(ctx, t.User, t.Address); err != nil {
			return confirmed, err
		}
		confirmed = append(confirmed, t.Address)
		if _, err := o.store.DismissIntake(ctx, proof); err != nil && !errors.Is(err, crm.ErrInvalid) {
			return confirmed, err
		}
	}
	return confirmed, nil
}

// confirmingInbox looks whether a message proves an address, once it is stored.
type confirmingInbox struct {
	smtpd.Inbox
	office *office
	log    *slog.Logger
}

// confirmWithin bounds what a proof may delay the answer: the message is stored already.
const confirmWithin = 10 * time.Second

func (c confirmingInbox) Take(ctx context.Context, in *crm.Inbound) (crm.Receipt, error) {
	mayProve := marked(in.Raw.Bytes)
	r, err := c.Inbox.Take(ctx, in)
	if err != nil || !mayProve || r.Verdict != crm.Held {
		return r, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmWithin)
	defer cancel()
	for _, rcpt := range in.Recipients {
		if rcpt.User == 0 {
			continue
		}
		confirmed, err := c.office.confirmProven(ctx, rcpt.User)
		for _, a := range confirmed {
			c.log.Info("address confirmed", "intake", r.ID, "user", rcpt.User, "address", a)
		}
		if err != nil {
			c.log.Warn("an address could not be confirmed; an admin can", "intake", r.ID, "user", rcpt.User, "err", err)
		}
	}
	return r, nil
}

// marked tells whether the mark stands in the header, as far as one can be expected to reach.
func marked(raw []byte) bool {
	const enough = 64 << 10
	head := raw[:min(len(raw), enough)]
	if end := bytes.Index(head, []byte("\r\n\r\n")); end >= 0 {
		head = head[:end]
	}
	return bytes.Contains(head, []byte(confirmMark))
}
