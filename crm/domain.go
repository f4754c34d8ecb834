package crm

import (
	_ "embed"
	"strings"
)

//go:embed freemail.txt
var freeMailText string

//go:embed roles.txt
var roleText string

// WordList is a set of lower-case words: domains or local parts.
type WordList map[string]struct{}

// NewWordList makes a list from words in any case.
func NewWordList(words ...string) WordList {
	l := make(WordList, len(words))
	for _, w := range words {
		if w = strings.ToLower(strings.TrimSpace(w)); w != "" {
			l[w] = struct{}{}
		}
	}
	return l
}

// Has tells whether the whole word is in the list.
func (l WordList) Has(word string) bool {
	_, ok := l[word]
	return ok
}

// FreeMailDomains returns the bundled domains where a shared domain does not mean a
// shared company, plus those given.
func FreeMailDomains(more ...string) WordList {
	return NewWordList(append(listed(freeMailText), more...)...)
}

// RoleAddresses returns the bundled local parts behind which no person sits
// (noreply, mailer-daemon, info ...), plus those given. A given entry with an @ is a
// whole address.
func RoleAddresses(more ...string) WordList {
	return NewWordList(append(listed(roleText), more...)...)
}

// listed returns the words of an embedded list: one a line, # starts a comment.
func listed(text string) []string {
	var words []string
	for line := range strings.Lines(text) {
		if word, _, _ := strings.Cut(line, "#"); strings.TrimSpace(word) != "" {
			words = append(words, word)
		}
	}
	return words
}

// IsRole tells whether an address belongs to a role, a robot or a list rather than a person:
// its local part, or that up to a `+`, `-bounces` or `-request` ending, is listed.
func (l WordList) IsRole(a Address) bool {
	local := a.WithoutTag().Local()
	if l.Has(string(a)) || l.Has(local) {
		return true
	}
	// Mailing-list machinery (RFC 2142 §6, Mailman, ezmlm) appends its own endings.
	for _, end := range []string{"-request", "-bounces", "-bounce", "-owner", "-unsubscribe", "-subscribe", "-noreply", "-no-reply"} {
		if strings.HasSuffix(local, end) {
			return true
		}
	}
	return strings.HasPrefix(local, "owner-") || strings.HasPrefix(local, "bounce-") || strings.HasPrefix(local, "bounces-") ||
		strings.HasPrefix(local, "noreply-") || strings.HasPrefix(local, "no-reply-")
}
