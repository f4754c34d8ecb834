package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"blindcopy/crm"
)

// reading is the text of a mail on a page: HTML in a frame of its own, and what can be said of it.
type reading struct {
	MailContent
	Path   string // of the mail: its text is at Path/body
	Frame  string // a name for the frame
	Remote bool   // it has images that lie elsewhere
	Length string // of the frame: short, medium, long
	Event  *eventWords
}

// eventWords is an invitation in words.
type eventWords struct{ What, When, Location string }

func newReading(path string, c MailContent, zone *time.Location) reading {
	return reading{MailContent: c, Event: c.Event.words(zone), Path: path, Frame: "frame" + strings.ReplaceAll(path, "/", "-"), Remote: remoteImage.MatchString(c.HTML), Length: length(c)}
}

func (e *Event) words(zone *time.Location) *eventWords {
	if e == nil {
		return nil
	}
	w := eventWords{What: "Invitation", Location: e.Location}
	switch e.Method {
	case "REPLY":
		w.What = "Answer to an invitation"
	case "CANCEL":
		w.What = "Cancelled meeting"
	}
	if e.Summary != "" {
		w.What += ": " + e.Summary
	}
	w.When = e.when(zone)
	return &w
}

// when it is: by the clock of whoever looks, if it is known which moment that is.
func (e *Event) when(zone *time.Location) string {
	const day = "Mon 2 January 2006"
	if e.Start.IsZero() {
		return ""
	}
	start, end := e.Start.UTC(), e.End.UTC()
	if e.AllDay {
		return start.Format(day)
	}
	suffix := " local time"
	if e.Zoned && zone != nil {
		start, end = e.Start.In(zone), e.End.In(zone)
		suffix = " " + start.Format("MST")
	}
	text := start.Format(day + ", 15:04")
	switch {
	case e.End.IsZero() || !end.After(start):
	case sameDay(start, end):
		text += end.Format("–15:04")
	default:
		text += end.Format(" to " + day + ", 15:04")
	}
	return text + suffix
}

// length guesses how high a mail is: without a script in it, its frame cannot tell.
func length(c MailContent) string {
	lines := strings.Count(c.Text, "\n") + len(c.Text)/100 + 4*strings.Count(c.HTML, "<img")
	switch {
	case lines <= 6:
		return "short"
	case lines <= 15:
		return "medium"
	}
	return "long"
}

// heldPage is what a mail says that waits for a decision.
type heldPage struct {
	Intake crm.Intake
	Read   reading
}

// heldMail shows a mail to whoever decides about it. Asked for by its row, it is sent without the frame of a page.
func (s *Server) heldMail(r *request) (answer, error) {
	in, n, c, err := s.held(r)
	if err != nil {
		return nil, err
	}
	d := heldPage{Intake: in, Read: newReading(fmt.Sprintf("/review/%s/mail/%d", in.ID, n), c, r.zone)}
	return page{Template: "held", Title: mailWords(in, n), Nav: "review", Data: d}, nil
}

func (s *Server) heldBody(r *request) (answer, error) {
	_, _, c, err := s.held(r)
	if err != nil {
		return nil, err
	}
	return r.body(c), nil
}

// held reads one of the mails in a message, for whoever may decide about the message. The content of envelope mail is
// for those who captured it.
func (s *Server) held(r *request) (in crm.Intake, original int, c MailContent, err error) {
	if in, err = s.deciding(r, r.PathValue("intake")); err != nil {
		return in, 0, c, err
	}
	original, err = strconv.Atoi(r.PathValue("original"))
	has := slices.ContainsFunc(in.Results, func(result crm.ResultReport) bool { return result.Original == original })
	if err != nil || !has || in.Visibility == crm.VisibilityEnvelope && in.Owner != r.user.Email {
		return in, 0, c, fmt.Errorf("mail %q of %s: %w", r.PathValue("original"), in.ID, crm.ErrNotFound)
	}
	c, err = s.Office.MailContent(r.Context(), crm.Activity{IntakeID: in.ID, Original: original})
	return in, original, c, err
}
