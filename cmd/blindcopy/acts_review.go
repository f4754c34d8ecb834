package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
	"blindcopy/linker"
)

// What a person decides about mail that waits, for the command line and the pages alike.

// LinkIntake files mail that waits on the timeline of a record, or adds the record to mail that is filed. Of a message
// that brought several mails, originals name those that are meant; none are all that wait.
func (o *office) LinkIntake(ctx context.Context, id crm.IntakeID, to crm.Ref, originals ...int) (crm.Intake, error) {
	return o.choose(ctx, id, linker.Choice{Link: []crm.Ref{to}, Originals: originals})
}

// CreateFromIntake makes a lead or contact of who is unknown in a mail, and files it there.
func (o *office) CreateFromIntake(ctx context.Context, id crm.IntakeID, kind crm.Kind, originals ...int) (crm.Intake, error) {
	return o.choose(ctx, id, linker.Choice{Create: kind, Originals: originals})
}

func (o *office) choose(ctx context.Context, id crm.IntakeID, c linker.Choice) (crm.Intake, error) {
	in, err := o.store.Intake(ctx, id)
	if err != nil {
		return in, err
	}
	return o.carryOut(ctx, in, c)
}

// carryOut does what a person chose. linker.NothingDone where it cannot be done, errContentGone where it is too late.
func (o *office) carryOut(ctx context.Context, in crm.Intake, c linker.Choice) (crm.Intake, error) {
	for _, ref := range c.Link {
		if err := o.exists(ctx, ref); err != nil {
			return in, err
		}
	}
	act, ok := filedAlready(in, c.Originals)
	if c.Create != "" || !ok {
		return o.decideAgain(ctx, in, c)
	}
	for _, ref := range c.Link {
		if _, err := o.store.LinkActivity(ctx, act, ref); err != nil {
			return in, err
		}
	}
	return o.store.Intake(ctx, in.ID)
}

// filedAlready finds the one activity that a choice is about: the only one in the message, the one that asks, or the one
// that was named. A record that is linked to it then is one act, and needs no second decision.
func filedAlready(in crm.Intake, originals []int) (crm.ActivityID, bool) {
	var found []crm.ActivityID
	for _, r := range in.Results {
		named := slices.Contains(originals, r.Original)
		asks := len(originals) == 0 && (r.Open || !in.Open)
		if !named && !asks {
			continue
		}
		if r.ActivityID == nil {
			return 0, false
		}
		found = append(found, *r.ActivityID)
	}
	if len(found) != 1 {
		return 0, false
	}
	return found[0], true
}

// exists fails with "no such record" for a record that is not there.
func (o *office) exists(ctx context.Context, ref crm.Ref) (err error) {
	switch ref.Kind {
	case crm.KindContact:
		_, err = o.store.Contact(ctx, ref.ID)
	case crm.KindCompany:
		_, err = o.store.Company(ctx, ref.ID)
	case crm.KindLead:
		_, err = o.store.Lead(ctx, ref.ID)
	case crm.KindDeal:
		_, err = o.store.Deal(ctx, ref.ID)
	}
	return err
}

// VerifyAuthor takes the author's address for one that a user writes from, and files all mail from it that waited.
func (o *office) VerifyAuthor(ctx context.Context, id crm.IntakeID, user crm.UserID) (in crm.Intake, later crm.Later, err error) {
	if in, err = o.store.Intake(ctx, id); err != nil {
		return in, later, err
	}
	author, ok := addressIn(in.From)
	if !ok {
		return in, later, noAuthor{in}
	}
	if _, err = o.store.AddUserAddress(ctx, user, author); err != nil {
		return in, later, err
	}
	if later, err = o.lookAgain(ctx, []crm.Address{author}, nil); err != nil {
		return in, later, err
	}
	in, err = o.store.Intake(ctx, id)
	return in, later, err
}

// noAuthor is crm.ErrInvalid for a mail that nobody's address stands in.
type noAuthor struct{ in crm.Intake }

func (e noAuthor) Error() string {
	return fmt.Sprintf("the author of %s has no e-mail address: %q", e.in.ID, e.in.From)
}
func (noAuthor) Unwrap() error { return crm.ErrInvalid }

// addressIn reads the address of `Name <address>`.
func addressIn(from string) (crm.Address, bool) {
	if open := strings.LastIndexByte(from, '<'); open >= 0 {
		from = strings.TrimSuffix(from[open+1:], ">")
	}
	return crm.ParseAddress(from)
}

// NeverLog puts an address or domain on the never-log list, for the mail of one user or, with "", of the company, and
// looks at the mail that waits with it.
func (o *office) NeverLog(ctx context.Context, pattern string, user crm.Address) (e crm.Exclusion, later crm.Later, err error) {
	if e, err = o.store.AddExclusion(ctx, pattern, user); err != nil {
		return e, later, err
	}
	later, err = o.withoutOrWith(ctx, e)
	return e, later, err
}

// TrackAgain takes an exclusion back, and looks at the mail that waits with it.
func (o *office) TrackAgain(ctx context.Context, idOrPattern string) (e crm.Exclusion, later crm.Later, err error) {
	if e, err = o.store.RemoveExclusion(ctx, idOrPattern); err != nil {
		return e, later, err
	}
	later, err = o.withoutOrWith(ctx, e)
	return e, later, err
}

// withoutOrWith looks again at mail that an exclusion is about, once it was made or taken away.
func (o *office) withoutOrWith(ctx context.Context, e crm.Exclusion) (crm.Later, error) {
	if strings.Contains(e.Pattern, "@") {
		return o.lookAgain(ctx, []crm.Address{crm.Address(e.Pattern)}, nil)
	}
	return o.lookAgain(ctx, nil, []string{e.Pattern})
}

// Sentences tell in words what became of a mail and why: the trace for whoever asks. The activities are those of the
// mail that he may see.
func (o *office) Sentences(in crm.Intake, activities []crm.Activity) string {
	return linker.Explain(&in, activities)
}
