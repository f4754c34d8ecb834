package web

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"blindcopy/crm"
)

// settingsStore is what the pages of admins read and change besides addressStore.
type settingsStore interface {
	SetUserRole(ctx context.Context, id crm.UserID, role crm.Role) (crm.User, error)
	SetUserAbsence(ctx context.Context, id crm.UserID, away *crm.Absence) (crm.User, error)
	AddMailbox(ctx context.Context, n crm.NewMailbox) (crm.Mailbox, error)
}

// settingsOffice is what they do to mail, and what they look at outside the database.
type settingsOffice interface {
	// SetUserActive refuses to disable the last admin.
	SetUserActive(ctx context.Context, id crm.UserID, active bool) (crm.User, crm.Later, error)
	// Settings are the configuration in effect, secrets masked.
	Settings() []Setting
	// Examine looks at configuration, database, ports, TLS and DNS; it takes some seconds.
	Examine(ctx context.Context) []Finding
}

// Setting is one value of the configuration, and whether it comes from a file, the environment, a flag or the default. About
// says what it does.
type Setting struct{ Key, Value, Source, About string }

// Finding is one thing that was looked at. Status is ok, warning or problem.
type Finding struct{ Area, Check, Status, Detail, Hint string }

// tab is a part of the settings.
type tab struct {
	Href, Text string
	Here       bool
	Count      int
}

// settingsTabs are the parts; the one at here is marked.
func settingsTabs(here string) []tab {
	tabs := []tab{
		{Href: "/settings", Text: "Users"},
		{Href: "/settings/mailboxes", Text: "Mailboxes"},
		{Href: "/settings/exclusions", Text: "Never log"},
		{Href: "/settings/server", Text: "Server"},
		{Href: "/settings/checks", Text: "Checks"},
		{Href: "/settings/audit", Text: "Audit"},
	}
	for i := range tabs {
		tabs[i].Here = tabs[i].Href == here
	}
	return tabs
}

// serverPage is the configuration in effect.
type serverPage struct {
	Tabs   []tab
	Groups []settingGroup
}

// settingGroup is a section of the configuration.
type settingGroup struct {
	Key, Title string
	Settings   []Setting
}

// sectionTitles are what the sections of the configuration are about. One that is not here is called by its key.
var sectionTitles = map[string]string{
	"":          "The company and its data",
	"retention": "How long mail is kept",
	"linking":   "What becomes of mail",
	"bcc":       "BCC addresses",
	"smtp":      "Mail coming in (SMTP)",
	"smtp.tls":  "Encryption (TLS)",
	"lmtp":      "Mail from a server on this machine (LMTP)",
	"limits":    "Limits",
	"web":       "These pages",
	"log":       "The log",
}

func (s *Server) settingsServer(*request) (answer, error) {
	d := serverPage{Tabs: settingsTabs("/settings/server")}
	for _, setting := range s.Office.Settings() {
		key := setting.Key[:max(strings.LastIndexByte(setting.Key, '.'), 0)]
		at := slices.IndexFunc(d.Groups, func(g settingGroup) bool { return g.Key == key })
		if at < 0 {
			at = len(d.Groups)
			d.Groups = append(d.Groups, settingGroup{Key: key, Title: cmp.Or(sectionTitles[key], key)})
		}
		d.Groups[at].Settings = append(d.Groups[at].Settings, setting)
	}
	return page{Template: "settings_server", Title: "Server", Nav: "settings", Data: d}, nil
}

// checksPage is what the doctor found; nothing before he was asked.
type checksPage struct {
	Tabs     []tab
	Findings []Finding
	Problems int
	Warnings int
}

func (s *Server) settingsChecks(*request) (answer, error) { return checksAnswer(nil), nil }

// settingsCheck asks him. Two admins at once would look at the same; one after the other is soon enough.
func (s *Server) settingsCheck(r *request) (answer, error) {
	s.desk.examining.Lock()
	defer s.desk.examining.Unlock()
	return checksAnswer(s.Office.Examine(r.Context())), nil
}

func checksAnswer(found []Finding) page {
	d := checksPage{Tabs: settingsTabs("/settings/checks"), Findings: slices.Clone(found)}
	urgent := []string{"problem", "warning"}
	slices.SortStableFunc(d.Findings, func(a, b Finding) int { // what is well comes last: -1 is behind all
		return cmp.Compare(uint(slices.Index(urgent, a.Status)), uint(slices.Index(urgent, b.Status)))
	})
	for _, f := range found {
		switch f.Status {
		case "problem":
			d.Problems++
		case "warning":
			d.Warnings++
		}
	}
	return page{Template: "settings_checks", Title: "Checks", Nav: "settings", Data: d}
}

// neverPage is the never-log list of all.
type neverPage struct {
	Tabs       []tab
	Exclusions []crm.Exclusion
	Users      []crm.User
	Pattern    string
	Problem    string
}

func (s *Server) settingsExclusions(r *request) (answer, error) { return s.neverLog(r, "") }

func (s *Server) neverLog(r *request, problem string) (_ answer, err error) {
	d := neverPage{Tabs: settingsTabs("/settings/exclusions"), Problem: problem}
	status := 0
	if problem != "" {
		d.Pattern, status = r.field("pattern"), 422
	}
	if d.Exclusions, err = s.Store.Exclusions(r.Context()); err != nil {
		return nil, err
	}
	d.Users, err = s.Store.Users(r.Context())
	return page{Template: "settings_exclusions", Title: "Never log", Nav: "settings", Data: d, Status: status}, err
}

func (s *Server) settingsExclude(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	user, _ := crm.ParseAddress(r.field("user"))
	e, later, err := s.Office.NeverLog(r.Context(), r.field("pattern"), user)
	if text, ok := problem(err); ok {
		return s.neverLog(r, text)
	}
	if err != nil {
		return nil, err
	}
	r.done("Mail with %s is not filed any more.%s", e.Pattern, laterWords(later))
	return redirect("/settings/exclusions"), nil
}

func (s *Server) settingsInclude(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	e, later, err := s.Office.TrackAgain(r.Context(), strconv.FormatInt(id, 10))
	if err != nil {
		return nil, err
	}
	r.done("Mail with %s is filed again.%s", e.Pattern, laterWords(later))
	return redirect("/settings/exclusions"), nil
}
