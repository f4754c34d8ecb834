package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"time"

	"blindcopy/crm"
)

// mailStore is what the pages of a mail read and change.
type mailStore interface {
	Activities(ctx context.Context, f crm.ActivityFilter) ([]crm.Activity, error)
	Activity(ctx context.Context, id crm.ActivityID) (crm.Activity, error)
	LinkActivity(ctx context.Context, id crm.ActivityID, to crm.Ref) (crm.Activity, error)
	UnlinkActivity(ctx context.Context, id crm.ActivityID, from crm.Ref) (crm.Activity, error)
	UndoActivity(ctx context.Context, id crm.ActivityID) (crm.Activity, error)
	MakePrivate(ctx context.Context, id crm.ActivityID, by crm.Address) (crm.Activity, error)
}

// mailOffice reads the raw message behind a mail. It does not ask who looks: pass it what Viewer.Activity let through.
type mailOffice interface {
	MailContent(ctx context.Context, act crm.Activity) (MailContent, error)
	// MailFile returns what writes an attachment, crm.ErrNotFound if it is not kept.
	MailFile(ctx context.Context, act crm.Activity, file crm.Attachment) (func(io.Writer) error, error)
	// MailRaw returns what writes the message as it was received, crm.ErrNotFound if it is not kept.
	MailRaw(ctx context.Context, act crm.Activity) (func(io.Writer) error, error)
}

// MailContent is what the raw message tells of a mail.
type MailContent struct {
	Kept        bool // false: the raw message is gone, and all below but the attachments' names with it
	Text        string
	HTML        string // sanitised: remote images are not in src but in data-remote-src
	Event       *Event // that it invites to, nil for other mail
	Attachments []crm.Attachment
}

// Event is what an invitation is to.
type Event struct {
	Method, Summary, Location string // as in RFC 5546: REQUEST, REPLY, CANCEL; "" is an invitation
	Start, End                time.Time
	AllDay                    bool
	Zoned                     bool // Start is a moment; else the clock of wherever it takes place
}

// mailPage is one mail with its content.
type mailPage struct {
	Mail        crm.Activity
	Content     MailContent
	Read        reading
	People      []peopleInRole
	Hidden      bool // only that, when and with whom is for the viewer
	MayRaw      bool
	Why         crm.IntakeID // whose trace the viewer may read; empty: none
	MayHide     bool         // make it private
	MayUndo     bool
	MoreOfIt    []crm.Activity // the conversation, newest first, this one left out
	Deals       []crm.Deal     // it can be pinned to
	Attachments []crm.Attachment
	Back        string // where an act on it leads back to, "" is its own page
}

// Captured tells who handed the mail in, and when, where that is not what the date and the people of it say: it was
// forwarded, or came several ways.
func (p mailPage) Captured() []crm.Capture {
	if len(p.Mail.Captures) < 2 && !slices.Contains(p.Mail.Badges, crm.BadgeForwarded) {
		return nil
	}
	return p.Mail.Captures
}

// mailsOfIt is how many mails of the conversation the page of a mail lists.
const mailsOfIt = 50

// mail is the page of one mail. Asked for by a row of a list, it is sent without the frame of a page.
func (s *Server) mail(r *request) (answer, error) {
	act, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	d := mailPage{Mail: act, Back: s.backOf(r), People: byRole(act.Participants), Hidden: hidden(r.viewer, act), MayRaw: mayRaw(r.viewer, act),
		Why:     whyOf(r.viewer, act),
		MayHide: act.Visibility != crm.VisibilityPrivate && r.viewer.Reads(act),
		MayUndo: slices.ContainsFunc(act.Links, func(l crm.Link) bool { return l.Source == crm.SourceAuto })}
	if d.Content, err = s.contentOf(r, act); err != nil {
		return nil, err
	}
	d.Read = newReading(string(mailPath(act.ID)), d.Content, r.zone)
	for _, f := range d.Content.Attachments {
		if !f.Inline && d.Content.Kept {
			d.Attachments = append(d.Attachments, f)
		}
	}
	if d.Deals, err = s.dealsFor(r, act); err != nil {
		return nil, err
	}
	if r.fromHTMX() {
		return page{Template: "mail_open", Data: d}, nil
	}
	list, err := s.Store.Activities(r.Context(), crm.ActivityFilter{Thread: act.ThreadID, Viewer: &r.viewer, Limit: mailsOfIt})
	if err != nil {
		return nil, err
	}
	d.MoreOfIt = slices.DeleteFunc(list, func(a crm.Activity) bool { return a.ID == act.ID })
	p := page{Template: "mail", Title: act.Subject, Data: d}
	if p.Title == "" {
		p.Title = "Mail"
	}
	if len(act.Links) > 0 {
		p.Nav = navOf(act.Links[0].Kind)
	}
	return p, nil
}

// activity is the mail in the path as the viewer may see it. What he may not see is not there.
func (s *Server) activity(r *request) (crm.Activity, error) {
	id, err := r.id()
	if err != nil {
		return crm.Activity{}, err
	}
	act, err := s.Store.Activity(r.Context(), crm.ActivityID(id))
	if err != nil {
		return act, err
	}
	act, ok := r.viewer.Activity(act)
	if !ok {
		return crm.Activity{}, fmt.Errorf("activity %d is private: %w", id, crm.ErrNotFound)
	}
	return act, nil
}

// contentOf reads the content of a mail as far as the viewer may see it.
func (s *Server) contentOf(r *request, act crm.Activity) (MailContent, error) {
	if hidden(r.viewer, act) {
		return MailContent{}, nil
	}
	return s.Office.MailContent(r.Context(), act)
}

// hidden tells that the viewer may see nothing but the envelope.
func hidden(v crm.Viewer, act crm.Activity) bool {
	return act.Visibility == crm.VisibilityEnvelope && !v.Reads(act)
}

// whyOf returns the intake whose trace the viewer may read: the viewer's own, and for admins that of any mail that is
// not private.
func whyOf(v crm.Viewer, act crm.Activity) crm.IntakeID {
	for _, c := range act.Captures {
		if c.User == v.Email() && c.User != "" {
			return c.IntakeID
		}
	}
	if v.IsAdmin() && act.Visibility != crm.VisibilityPrivate {
		return act.IntakeID
	}
	return ""
}

// mayRaw tells who may have the message as it was received: its header may tell a BCC address, which is a secret of its
// owner and the admins; and around a forwarded mail stands what the forwarder wrote to us, and maybe other mail.
func mayRaw(v crm.Viewer, act crm.Activity) bool {
	if act.Original == 0 {
		return v.Reads(act) || v.IsAdmin() && !hidden(v, act)
	}
	return v.IsOperator() || slices.ContainsFunc(act.Captures, func(c crm.Capture) bool {
		return c.IntakeID == act.IntakeID && c.User == v.Email() && c.User != ""
	})
}

// mailRaw downloads the message.
func (s *Server) mailRaw(r *request) (answer, error) {
	act, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	if !mayRaw(r.viewer, act) {
		return nil, fmt.Errorf("the message of activity %d is not for %s: %w", act.ID, r.user.Email, crm.ErrNotFound)
	}
	write, err := s.Office.MailRaw(r.Context(), act)
	if err != nil {
		return nil, err
	}
	name := act.Subject
	if name == "" {
		name = "mail"
	}
	return download{name: name + ".eml", contentType: "message/rfc822", write: write}, nil
}

// mailFile downloads an attachment. Its type is told as octets: the one that the mail gives is anybody's.
func (s *Server) mailFile(r *request) (answer, error) {
	act, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	at := slices.IndexFunc(act.Attachments, func(f crm.Attachment) bool { return f.ID == n })
	if err != nil || at < 0 {
		return nil, fmt.Errorf("attachment %q of activity %d: %w", r.PathValue("n"), act.ID, crm.ErrNotFound)
	}
	write, err := s.Office.MailFile(r.Context(), act, act.Attachments[at])
	if err != nil {
		return nil, err
	}
	return download{name: act.Attachments[at].Name, write: write}, nil
}

// dealsFor are the open deals of the people of a mail that it is not on.
func (s *Server) dealsFor(r *request, act crm.Activity) (deals []crm.Deal, err error) {
	for _, l := range act.Links {
		f := crm.RecordFilter{Status: crm.DealOpen, Limit: 20}
		switch l.Kind {
		case crm.KindContact:
			f.Contact = l.ID
		case crm.KindCompany:
			f.Company = l.ID
		default:
			continue
		}
		some, err := s.Store.Deals(r.Context(), f)
		if err != nil {
			return nil, err
		}
		for _, d := range some {
			isOn := slices.ContainsFunc(act.Links, func(l crm.Link) bool { return l.Kind == crm.KindDeal && l.ID == d.ID })
			if !isOn && !slices.ContainsFunc(deals, func(have crm.Deal) bool { return have.ID == d.ID }) {
				deals = append(deals, d)
			}
		}
	}
	return deals, nil
}

// mailPath is the page of a mail.
func mailPath(id crm.ActivityID) redirect { return redirect(fmt.Sprintf("/mail/%d", id)) }

// backOf is the page that a mail was opened in, as htmx tells it: "" where it has a page of its own.
func (s *Server) backOf(r *request) string {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil || !r.fromHTMX() {
		return ""
	}
	return localPath((&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String())
}

// backToMail is where an act on a mail leads: to the row that it was opened in, else to its page.
func (r *request) backToMail(id crm.ActivityID) redirect {
	if back := r.field("back"); back != "" {
		return redirect(fmt.Sprintf("%s#mail-%d", localPath(back), id))
	}
	return mailPath(id)
}

// notThere tells whether something that a form named is gone.
func notThere(err error) bool { return errors.Is(err, crm.ErrNotFound) }
