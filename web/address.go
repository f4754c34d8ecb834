package web

import (
	"context"
	"encoding/base64"
	"html/template"
	"io"
	"net/url"
	"strings"

	"blindcopy/crm"
)

// addressStore is what a user's own page reads and changes.
type addressStore interface {
	RotateBCC(ctx context.Context, id crm.UserID, compromised bool) (crm.User, error)
	AddTicket(ctx context.Context, t crm.Ticket) (crm.Secret, error)
	AskedAddresses(ctx context.Context, user crm.UserID) ([]crm.Ticket, error)
	ForgetAsked(ctx context.Context, user crm.UserID, a crm.Address) error
	Exclusions(ctx context.Context) ([]crm.Exclusion, error)
	Mailboxes(ctx context.Context) ([]crm.Mailbox, error)
	Mailbox(ctx context.Context, id crm.MailboxID) (crm.Mailbox, error)
	EditMailbox(ctx context.Context, id crm.MailboxID, e crm.MailboxEdit) (crm.Mailbox, error)
	Intakes(ctx context.Context, f crm.IntakeFilter) ([]crm.Intake, error)
}

// addressOffice is what it does to mail.
type addressOffice interface {
	// Card is the BCC address of a user for his telephone and his address book.
	Card(u crm.User) (Card, error)
	// ConfirmAddress lets a user write from an address; mail that was held for it is filed.
	ConfirmAddress(ctx context.Context, id crm.UserID, a crm.Address) (crm.User, crm.Later, error)
	// DropAddress takes one away, but never the primary.
	DropAddress(ctx context.Context, id crm.UserID, a crm.Address) (crm.User, crm.Later, error)
	// Exclude puts an address, domain or *.domain on the never-log list of a user, or with "" of everybody.
	NeverLog(ctx context.Context, pattern string, user crm.Address) (crm.Exclusion, crm.Later, error)
	// Include takes an exclusion off the list, by its number or pattern.
	TrackAgain(ctx context.Context, idOrPattern string) (crm.Exclusion, crm.Later, error)
	// Proofs are the addresses that a user, 0 for everybody, waits to have confirmed.
	Proofs(ctx context.Context, user crm.UserID) ([]crm.AskedAddress, error)
	// Policies are those of a mailbox of a kind that says nothing itself.
	Policies(kind crm.MailboxKind) (own, incoming crm.Policy)
}

// Card is a vCard 3.0, and its QR code as a PNG.
type Card struct {
	VCard string
	QR    []byte
}

// addressPage is all about the user who looks.
type addressPage struct {
	QR         template.URL
	TestMail   template.URL
	Asked      []askedAddress
	Exclusions []crm.Exclusion // his own, then the company's
	Mailbox    mailboxForm
	Recipes    []recipe
	Tokens     []crm.APIToken
	Problem    string
}

func (s *Server) address(r *request) (answer, error) { return s.addressWith(r, "") }

// addressWith shows the page with what was wrong with a form of it.
func (s *Server) addressWith(r *request, problem string) (answer, error) {
	d := addressPage{Problem: problem, Recipes: recipes(r.user), TestMail: testMail(r.user)}
	card, err := s.Office.Card(r.user)
	if err != nil {
		return nil, err
	}
	d.QR = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(card.QR))
	if d.Asked, err = s.asked(r, r.user.ID, []crm.User{r.user}); err != nil {
		return nil, err
	}
	all, err := s.Store.Exclusions(r.Context())
	if err != nil {
		return nil, err
	}
	d.Exclusions = exclusionsFor(all, r.user)
	if d.Tokens, err = s.Store.APITokens(r.Context(), r.user.ID); err != nil {
		return nil, err
	}
	box, err := s.ownMailbox(r)
	if err != nil {
		return nil, err
	}
	d.Mailbox = s.mailboxForm(box)
	status := 0
	if problem != "" {
		status = 422
	}
	return page{Template: "address", Title: "My address", Nav: "address", Data: d, Status: status}, nil
}

// addressAgain ends an act of the page: back to it, or the page with what was wrong.
func (s *Server) addressAgain(r *request, err error, done string, later crm.Later) (answer, error) {
	if text, ok := problem(err); ok {
		return s.addressWith(r, text)
	}
	if err != nil {
		return nil, err
	}
	r.done("%s%s", done, laterWords(later))
	return redirect("/address"), nil
}

// exclusionsFor are those that hold for a user's mail; of others he sees none.
func exclusionsFor(all []crm.Exclusion, u crm.User) []crm.Exclusion {
	var own, company []crm.Exclusion
	for _, e := range all {
		switch e.User {
		case u.Email:
			own = append(own, e)
		case "":
			company = append(company, e)
		}
	}
	return append(own, company...)
}

// testMail is a link that opens a new mail to the BCC address in the user's own program.
func testMail(u crm.User) template.URL {
	return mailto(u.BCCAddress, "A test of my BCC address", "")
}

// mailto is a link that opens a new mail (RFC 6068). A plus sign is no space there, and lines end in CRLF.
func mailto(to crm.Address, subject, body string) template.URL {
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	link := "mailto:" + url.PathEscape(string(to)) + "?subject=" + escape(subject)
	if body != "" {
		link += "&body=" + escape(body)
	}
	return template.URL(link)
}

func (s *Server) addressCard(r *request) (answer, error) {
	card, err := s.Office.Card(r.user)
	return download{name: "blindcopy.vcf", contentType: "text/vcard; charset=utf-8", write: func(w io.Writer) error {
		_, err := io.WriteString(w, card.VCard)
		return err
	}}, err
}

// addressRotate gives a new BCC address. Whoever saw the old one is shut out at once if it is compromised.
func (s *Server) addressRotate(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	compromised := r.field("compromised") != ""
	_, err := s.Store.RotateBCC(r.Context(), r.user.ID, compromised)
	done := "Here is your new BCC address. The old one still works for a while: save the new one meanwhile."
	if compromised {
		done = "Here is your new BCC address. Mail to the old one is refused from now on."
	}
	return s.addressAgain(r, err, done, crm.Later{})
}
