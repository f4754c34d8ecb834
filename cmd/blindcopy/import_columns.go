package main

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"blindcopy/crm"
)

// column is what the cells below a header hold.
type column int

const (
	columnOther column = iota
	columnName
	columnFirst
	columnMiddle
	columnLast
	columnEmail
	columnCompany
)

// layout says where in a record to look. A missing column is -1.
type layout struct {
	name, first, middle, last, company int
	emails                             []int
}

func newLayout(header []string) layout {
	l := layout{-1, -1, -1, -1, -1, nil}
	for i, title := range header {
		l.place(i, columnOf(title))
	}
	// "Name" beside "Vorname", "Nom" beside "Prénom" is the family name.
	if l.name >= 0 && l.first >= 0 && l.last < 0 && slices.Contains(familyAlone, joinWords(header[l.name])) {
		l.last, l.name = l.name, -1
	}
	return l
}

func (l *layout) place(i int, c column) {
	first := func(at *int) {
		if *at < 0 {
			*at = i
		}
	}
	switch c {
	case columnName:
		first(&l.name)
	case columnFirst:
		first(&l.first)
	case columnMiddle:
		first(&l.middle)
	case columnLast:
		first(&l.last)
	case columnCompany:
		first(&l.company)
	case columnEmail:
		l.emails = append(l.emails, i)
	}
}

// means says what we take a column for, "" for nothing.
func (l layout) means(at int) string {
	switch at {
	case l.name:
		return "name"
	case l.first:
		return "first name"
	case l.middle:
		return "middle name"
	case l.last:
		return "last name"
	case l.company:
		return "company"
	}
	if slices.Contains(l.emails, at) {
		return "e-mail"
	}
	return ""
}

// known counts the columns that mean something to us.
func (l layout) known() int {
	n := len(l.emails)
	for _, at := range []int{l.name, l.first, l.middle, l.last, l.company} {
		if at >= 0 {
			n++
		}
	}
	return n
}

// guessLayout is for a file without a header: the first cell with an address is the
// e-mail, the first with words in it the name, the next one the company.
func guessLayout(cells []string) layout {
	l := layout{-1, -1, -1, -1, -1, nil}
	for i, cell := range cells {
		if _, ok := crm.ParseAddress(cell); ok {
			l.emails = append(l.emails, i)
			continue
		}
		if !strings.ContainsFunc(cell, unicode.IsLetter) || strings.Contains(cell, "@") {
			continue
		}
		if l.name < 0 {
			l.name = i
		} else if l.company < 0 {
			l.company = i
		}
	}
	return l
}

// columnOf reads a header as HubSpot, Pipedrive, Bitrix24, Salesforce, Outlook, Google or a
// person writes it, in the languages their exports come in.
func columnOf(title string) column {
	entity, words := scoped(title)
	if isEmail(words) {
		if entity == "company" || entity == "deal" {
			return columnOther
		}
		return columnEmail
	}
	text := strings.Join(words, " ")
	switch entity {
	case "company":
		if titles[text] == columnName {
			return columnCompany
		}
		return columnOther
	case "deal":
		return columnOther
	}
	return titles[text]
}

// scoped splits "Person - Email - Work" or "Контакт: Имя" into the record it speaks of and
// the words of the field. Digits go: "E-mail 2 Address" is one more address.
func scoped(title string) (entity string, words []string) {
	for _, mark := range []string{" - ", " – ", ": ", " > "} {
		head, rest, found := strings.Cut(title, mark)
		if !found {
			continue
		}
		if entity = entities[joinWords(head)]; entity != "" {
			return entity, headerWords(rest)
		}
	}
	return "", headerWords(title)
}

func joinWords(title string) string { return strings.Join(headerWords(title), " ") }

func headerWords(title string) []string {
	title = strings.ToLower(norm.NFKC.String(title))
	title = emailSpellings.Replace(title)
	words := strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool { return strings.Trim(w, "0123456789") == "" })
}

// isEmail: an e-mail word, and beside it only words that say which one. "E-mail Type" or
// "Email opt-out" is something else.
func isEmail(words []string) bool {
	found := false
	for _, w := range words {
		switch {
		case w == "email", w == "emails", w == "mail":
			found = true
		case !emailQualifiers[w]:
			return false
		}
	}
	return found
}
