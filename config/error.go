package config

import "strings"

// Error is one thing wrong with the configuration, in one sentence. Load joins
// several with errors.Join; errors.As finds the first.
type Error struct {
	Key    string // full dotted path, "" if the fault is no single key's
	Where  string // the file, the environment variable or "the command line"
	Reason string // what is wrong with it and what would be right
}

// Error names the key, the place and the reason. It never holds a secret.
func (e *Error) Error() string {
	switch {
	case e.Key == "":
		return e.Where + ": " + e.Reason
	case e.Where == "":
		return e.Key + ": " + e.Reason
	}
	return e.Key + " (" + e.Where + "): " + e.Reason
}

// unknownKey says that key means nothing, and which one may have been meant.
func unknownKey(key, where string, known []string) *Error {
	for _, name := range known {
		if strings.HasPrefix(name, key+".") {
			return &Error{key, where, "is a section; its settings stand below it, such as " + name}
		}
	}
	if near := nearest(key, known); near != "" {
		return &Error{key, where, "is an unknown key; did you mean " + near + "?"}
	}
	return &Error{key, where, "is an unknown key; `blindcopy config sample` lists all keys"}
}

// nearest returns the known name that name was probably meant to be: one a few
// letters away, or one that ends alike, because the usual mistakes are a typing
// error and a setting placed in the wrong section. It returns "" if none is.
func nearest(name string, known []string) string {
	const far = 4
	best, least := "", far
	for _, candidate := range known {
		if d := editDistance(name, candidate); d < least {
			best, least = candidate, d
		}
	}
	if best != "" {
		return best
	}
	last := lastName(name)
	for _, candidate := range known {
		if d := editDistance(last, lastName(candidate)); d < least && d <= len(last)/4 {
			best, least = candidate, d
		}
	}
	return best
}

func lastName(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// editDistance counts the letters to insert, delete or change to get from a to
// b (Levenshtein). Keys are short; a longer text is never near one.
func editDistance(a, b string) int {
	const longest = 64
	if len(a) > longest || len(b) > longest {
		return longest
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
