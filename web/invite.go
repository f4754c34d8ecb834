package web

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"blindcopy/crm"
)

// inviteOffice lets people in.
type inviteOffice interface {
	// PlanInvitations reads a CSV file, or lines with names and addresses, and tells what inviting each person would do. It
	// writes nothing. crm.ErrInvalid for a list that cannot be read.
	PlanInvitations(ctx context.Context, list []byte, role crm.Role) ([]crm.InvitationRow, error)
	// InviteAll adds those who are not there yet, and makes a link of a first password for each. What cannot be is said
	// beside the name.
	InviteAll(ctx context.Context, people []crm.NewUser) ([]crm.Invited, crm.Later, error)
}

// invitePlanPage is what inviting a list would do.
type invitePlanPage struct {
	People string // those who get a link, to be sent again
	Text   string // the list as it came, to be corrected; "" for a file that is no plain text
	Role   crm.Role
	Rows   []crm.InvitationRow
	New    int
	Again  int
	There  int
	Bad    []crm.InvitationRow
}

// Makes is how many links there would be.
func (p invitePlanPage) Makes() int { return p.New + p.Again }

// settingsInvite takes a list and shows what it would do.
func (s *Server) settingsInvite(r *request) (answer, error) {
	list, err := r.inviteList()
	if err == nil && strings.TrimSpace(string(list)) == "" {
		err = invalid("write an e-mail address a line, or choose a file")
	}
	var d invitePlanPage
	if err == nil {
		d, err = s.planInvitations(r, list)
	}
	if text, ok := problem(err); ok {
		return s.usersWith(r, text)
	}
	if utf8.Valid(list) {
		d.Text = strings.TrimPrefix(string(list), byteOrderMark)
	}
	return page{Template: "settings_invite", Title: "Invite people", Nav: "settings", Data: d}, err
}

// inviteList is the file that was chosen, else what was pasted.
func (r *request) inviteList() ([]byte, error) {
	if err := r.multipart(); err != nil {
		return nil, err
	}
	file, _, err := r.FormFile("file")
	if err != nil { // none was chosen
		return []byte(r.PostFormValue("people")), nil
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return data, nil
}

func (s *Server) planInvitations(r *request, list []byte) (d invitePlanPage, err error) {
	d.Role = crm.RoleManager
	if r.field("role") == string(crm.RoleAdmin) {
		d.Role = crm.RoleAdmin
	}
	if d.Rows, err = s.Office.PlanInvitations(r.Context(), list, d.Role); err != nil {
		return d, err
	}
	for _, row := range d.Rows {
		switch row.State {
		case crm.InviteNew:
			d.New++
		case crm.InviteAgain:
			d.Again++
		case crm.InviteThere:
			d.There++
		default:
			d.Bad = append(d.Bad, row)
		}
	}
	d.People, err = invitedText(d.Rows)
	return d, err
}

// invitedText writes those of a list who get a link as a list of its own: what was shown is what is done, whatever the
// file was.
func invitedText(rows []crm.InvitationRow) (string, error) {
	var b strings.Builder
	out := csv.NewWriter(&b)
	_ = out.Write([]string{"email", "role", "name"})
	for _, row := range rows {
		if !row.State.Makes() {
			continue
		}
		role := crm.RoleManager
		if row.Person.Admin {
			role = crm.RoleAdmin
		}
		_ = out.Write([]string{string(row.Person.Email), string(role), row.Person.Name})
	}
	out.Flush()
	return b.String(), out.Error()
}

// settingsInviteAll invites the people of a list that was shown.
func (s *Server) settingsInviteAll(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	d, err := s.planInvitations(r, []byte(r.PostFormValue("people")))
	if text, ok := problem(err); ok {
		return s.usersWith(r, text)
	}
	if err != nil {
		return nil, err
	}
	var people []crm.NewUser
	for _, row := range d.Rows {
		if row.State.Makes() {
			people = append(people, row.Person)
		}
	}
	// Half a list is worse than a browser that went away.
	done, later, err := s.Office.InviteAll(context.WithoutCancel(r.Context()), people)
	if err != nil {
		return nil, err
	}
	token := s.invitations.keep(r.user.ID, done)
	if text := laterWords(later); text != "" {
		r.done("%s", strings.TrimSpace(text))
	}
	return redirect("/settings/invited/" + token), nil
}

// invitations are links that were just made, in memory and for their admin alone: a link is not kept anywhere else, and
// a page that is loaded again must not make fifty others.
type invitations struct {
	now func() time.Time

	mu     sync.Mutex
	byUser map[crm.UserID]invitedList
}

// invitedKept is long enough to write fifty mails.
const invitedKept = 4 * time.Hour

type invitedList struct {
	token string
	since time.Time
	list  []crm.Invited
}

func newInvitations(now func() time.Time) *invitations {
	return &invitations{now: now, byUser: map[crm.UserID]invitedList{}}
}

// keep takes the place of what the admin made before.
func (i *invitations) keep(user crm.UserID, list []crm.Invited) (token string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for u, old := range i.byUser {
		if i.now().Sub(old.since) > invitedKept {
			delete(i.byUser, u)
		}
	}
	token = rand.Text()
	i.byUser[user] = invitedList{token, i.now(), list}
	return token
}

func (i *invitations) of(r *request) ([]crm.Invited, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	have := i.byUser[r.user.ID]
	if have.token == "" || have.token != r.PathValue("token") || i.now().Sub(have.since) > invitedKept {
		return nil, fmt.Errorf("these links are not shown any more: %w", crm.ErrNotFound)
	}
	return have.list, nil
}

// invitedPage shows links, with a mail for each that hands it over.
type invitedPage struct {
	Token   string
	Invited []invitedRow
	Links   int
	All     string // a line for each, to paste into a table
}

type invitedRow struct {
	crm.Invited
	Letter template.URL
}

func (s *Server) settingsInvited(r *request) (answer, error) {
	list, err := s.invitations.of(r)
	if err != nil {
		return nil, err
	}
	d := invitedPage{Token: r.PathValue("token")}
	for _, one := range list {
		row := invitedRow{Invited: one}
		if one.Problem == "" {
			d.Links++
			d.All += strings.Join([]string{one.User.Name, string(one.User.Email), string(one.User.BCCAddress), one.Link.URL}, "\t") + "\n"
			row.Letter = inviteLetter(one)
		}
		d.Invited = append(d.Invited, row)
	}
	return page{Template: "settings_invited", Title: "Invitations", Nav: "settings", Data: d}, nil
}

// inviteLetter is a link that opens a mail to the person in the admin's own program.
func inviteLetter(one crm.Invited) template.URL {
	body := fmt.Sprintf("Hello,\r\n\r\nyour mail with clients can be filed in our CRM: put a personal address into Bcc, and it is there.\r\n"+
		"Choose your password here; the page then shows you your address:\r\n\r\n%s\r\n\r\nThe link works once, until %s, and is for you alone.\r\n",
		one.Link.URL, one.Link.Expires.Format("2 January 2006"))
	return mailto(one.User.Email, "Your access to our CRM", body)
}

// settingsInvitedCSV is the same as a file.
func (s *Server) settingsInvitedCSV(r *request) (answer, error) {
	list, err := s.invitations.of(r)
	if err != nil {
		return nil, err
	}
	return download{name: "invitations.csv", contentType: "text/csv; charset=utf-8", write: func(w io.Writer) error {
		return writeTable(w, []string{"Name", "E-mail", "BCC address", "Link", "Works until", "Problem"}, func(row func(...string) error) error {
			for _, one := range list {
				until := ""
				if !one.Link.Expires.IsZero() {
					until = one.Link.Expires.In(r.zone).Format(time.DateTime)
				}
				if err := row(one.User.Name, string(one.User.Email), string(one.User.BCCAddress), one.Link.URL, until, one.Problem); err != nil {
					return err
				}
			}
			return nil
		})
	}}, nil
}
