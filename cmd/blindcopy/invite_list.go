package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// A list of people to invite: a CSV file with a header, or lines as people paste them from a spreadsheet or an address
// field.
//
//	Anna Weber <anna@example.com>; "Brandt, Karl" <karl@example.com>
//	eva@example.com, Eva Roth, admin

// Bounds of a list: more bytes are not one of names and addresses, and more people are no company that invites by hand.
const (
	maxInviteList = 256 << 10
	maxInvited    = 1000
)

// invitee is one person of a list, or what is wrong with a line of it.
type invitee struct {
	crm.NewUser
	line    int
	problem string
}

// invitees reads a list. The error is about the list as a whole.
func invitees(data []byte, role crm.Role) ([]invitee, error) {
	if len(data) > maxInviteList {
		return nil, fmt.Errorf("the list is larger than %s: is it a file of names and addresses?", size(maxInviteList))
	}
	text := decodeText(data)
	list := tableInvitees(text, role)
	if list == nil {
		list = lineInvitees(text, role)
	}
	switch {
	case len(list) == 0:
		return nil, errors.New("there is nobody in the list: write an e-mail address a line, or choose a file")
	case len(list) > maxInvited:
		return nil, fmt.Errorf("there are %d people in the list: invite at most %d at once", len(list), maxInvited)
	}
	return list, nil
}

// tableInvitees reads a CSV file whose header names a column of e-mail addresses; nil for any other text.
func tableInvitees(text string, role crm.Role) (list []invitee) {
	table, err := newCSVTable(text)
	if err != nil || len(newLayout(table.header).emails) == 0 {
		return nil
	}
	at := slices.IndexFunc(table.header, func(title string) bool { return slices.Contains(roleTitles, joinWords(title)) })
	for len(list) <= maxInvited {
		cells, line, err, ok := table.rows.next()
		if !ok {
			return list
		}
		if err == nil && strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		list = append(list, table.layout.invitee(cells, line, err, role))
		if one := &list[len(list)-1]; at >= 0 && at < len(cells) {
			one.takeRole(cells[at])
		}
	}
	return list
}

func (l layout) invitee(cells []string, line int, err error, role crm.Role) invitee {
	one := invitee{line: line, NewUser: crm.NewUser{Admin: role == crm.RoleAdmin}}
	var p person
	if err == nil {
		p, err = l.person(cells, line)
	}
	var in lineError
	if errors.As(err, &in) {
		one.problem = in.text
	}
	if one.Name = p.name; len(p.emails) > 0 {
		one.Email = p.emails[0]
	}
	return one
}

// roleTitles are headers of a column that says what people may do.
var roleTitles = []string{"role", "user role", "rolle", "benutzerrolle", "type", "user type", "permission", "permissions", "rechte", "роль", "права", "rôle", "rol", "ruolo", "função"}

// roleWords are what stands below.
var roleWords = map[crm.Role][]string{
	crm.RoleAdmin:   {"admin", "administrator", "administratorin", "админ", "администратор", "administrateur", "administrador", "amministratore"},
	crm.RoleManager: {"manager", "user", "member", "sales", "salesperson", "benutzer", "nutzer", "mitarbeiter", "vertrieb", "менеджер", "пользователь", "utilisateur", "usuario", "utente"},
}

// roleOf reads a role as people write it.
func roleOf(text string) (crm.Role, bool) {
	word := strings.ToLower(strings.TrimSpace(text))
	for role, words := range roleWords {
		if slices.Contains(words, word) {
			return role, true
		}
	}
	return "", false
}

// takeRole sets what a cell says. Whoever wrote something else meant something: nobody is made a manager by a spelling.
func (i *invitee) takeRole(cell string) {
	role, ok := roleOf(cell)
	switch {
	case strings.TrimSpace(cell) == "":
	case ok:
		i.Admin = role == crm.RoleAdmin
	case i.problem == "":
		i.problem = fmt.Sprintf("the role %q is neither admin nor manager", clip(oneLine(cell), 40))
	}
}

// lineInvitees reads a list without a header.
func lineInvitees(text string, role crm.Role) (list []invitee) {
	line := 0
	for one := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		line++
		l := inviteLine{line: line, admin: role == crm.RoleAdmin}
		for _, cell := range inviteCells(one) {
			l.take(cell)
		}
		if list = append(list, l.end(one)...); len(list) > maxInvited {
			return list
		}
	}
	return list
}

// inviteCells cuts a line at commas, semicolons, bars and tabs outside quotes.
func inviteCells(line string) []string {
	quoted := false
	if strings.Count(line, `"`)%2 == 1 {
		line = strings.ReplaceAll(line, `"`, " ") // one that is never closed
	}
	return strings.FieldsFunc(line, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return !quoted && strings.ContainsRune(",;|\t\r\n", c)
	})
}

// inviteLine is one line while it is read.
type inviteLine struct {
	line   int
	admin  bool // unless it says otherwise
	people []invitee
	names  []string // that stand before their address
	follow bool     // names stand behind it
	bad    string
}

// take reads a cell: a role, an address, `Name <address>`, or a part of a name.
func (l *inviteLine) take(cell string) {
	if role, ok := roleOf(strings.Trim(strings.TrimSpace(cell), `"`)); ok {
		l.admin = role == crm.RoleAdmin
		for i := range l.people {
			l.people[i].Admin = l.admin
		}
		return
	}
	var words []string
	found := false
	for _, word := range strings.Fields(strings.ReplaceAll(cell, "<", " <")) {
		if !strings.Contains(word, "@") {
			words = append(words, word)
			continue
		}
		a, ok := typedAddress(strings.TrimPrefix(strings.Trim(word, `<>()[]"':`), "mailto:"))
		if !ok {
			l.bad = word
			continue
		}
		// "Weber, Anna <anna@x>": what stood before the comma is the family name.
		name := listedName(strings.Join(append(words, l.names...), " "))
		l.follow = l.follow || len(l.people) == 0 && name == ""
		l.people = append(l.people, invitee{line: l.line, NewUser: crm.NewUser{Email: a, Name: name, Admin: l.admin}})
		words, l.names, found = nil, nil, true
	}
	switch {
	case len(words) == 0:
	case len(l.people) > 0 && l.follow:
		last := &l.people[len(l.people)-1]
		last.Name = listedName(last.Name + " " + strings.Join(words, " "))
	case !found: // else a remark behind an address
		l.names = append(l.names, strings.Join(words, " "))
	}
}

// end is who stands on the line.
func (l *inviteLine) end(text string) []invitee {
	switch {
	case l.bad != "":
		l.people = append(l.people, invitee{line: l.line, problem: fmt.Sprintf("%q is no e-mail address", clip(oneLine(l.bad), 80))})
	case len(l.people) == 0 && len(l.names) > 0:
		l.people = append(l.people, invitee{line: l.line, problem: fmt.Sprintf("%q has no e-mail address in it", clip(oneLine(text), 80))})
	}
	return l.people
}

// listedName is a name as a list has it: without quotes, and the family name last.
func listedName(text string) string {
	text = strings.Trim(strings.ReplaceAll(text, `""`, `"`), `" '`)
	if family, given, found := strings.Cut(text, ","); found && !strings.Contains(given, ",") {
		text = given + " " + family
	}
	return cleanName(strings.ReplaceAll(text, `"`, ""))
}
