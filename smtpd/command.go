package smtpd

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of RFC 5321 §4.5.3.1, in bytes.
const (
	maxCommandLine = 2048 // 512, and what the extensions add to MAIL and RCPT
	maxPath        = 256  // with the <>
	maxDomain      = 255
	// QUIRK: the 64 bytes of a local part are a length everybody must take, not one that
	// everybody keeps to: VERP and SRS reverse paths run over it, and so does a BCC address
	// with a handful of +tags.
)

// command is one line of the client's.
type command struct {
	verb string // upper-case
	arg  string // trimmed
}

// parseCommand splits a line that came without its end.
func parseCommand(line string) (command, error) {
	if !isText(line) {
		return command{}, errControl
	}
	verb, arg, _ := strings.Cut(line, " ")
	if verb == "" {
		return command{}, errUnknown
	}
	return command{strings.ToUpper(verb), strings.Trim(arg, " ")}, nil
}

// isText refuses control characters, C1 ones too, and broken UTF-8: they would end up in
// the log, in the database, and in replies.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// helloName reads the argument of HELO, EHLO or LHLO.
// QUIRK: RFC 5321 §4.1.1.1 wants a domain or an address literal; desktop programs send
// whatever their machine is called, spaces included. The first word stands.
func helloName(arg string) (string, error) {
	name, _, _ := strings.Cut(arg, " ")
	if name == "" || len(name) > maxDomain {
		return "", errHello
	}
	return name, nil
}

// cutPath takes "FROM:<path>" or "TO:<path>" off the argument of MAIL or RCPT.
// QUIRK: a blank after the colon, and a path without its <>, are taken; both are seen. Nothing at
// all is not: the null reverse path is written <> (RFC 5321 §4.1.2).
func cutPath(arg, prefix string) (path, rest string, err error) {
	if len(arg) < len(prefix) || !strings.EqualFold(arg[:len(prefix)], prefix) {
		return "", "", errSyntax
	}
	arg = strings.TrimLeft(arg[len(prefix):], " ")
	if !strings.HasPrefix(arg, "<") {
		path, rest, _ = strings.Cut(arg, " ")
		if path == "" {
			return "", "", errPath
		}
		return path, rest, checkLength(path)
	}
	end := closingBracket(arg)
	if end < 0 {
		return "", "", errPath
	}
	path, rest = arg[1:end], arg[end+1:]
	if rest != "" && rest[0] != ' ' {
		return "", "", errSyntax
	}
	return withoutRoute(path), rest, checkLength(path)
}

func checkLength(path string) error {
	if len(path)+len("<>") > maxPath {
		return errPathTooLong
	}
	return nil
}

// closingBracket finds the > that is not inside a quoted local part.
func closingBracket(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return i
		}
	}
	return -1
}

// withoutRoute drops the source route of <@a,@b:user@c>, which RFC 5321 §4.1.1.3 asks
// servers to ignore.
func withoutRoute(path string) string {
	if strings.HasPrefix(path, "@") {
		if _, mailbox, ok := strings.Cut(path, ":"); ok {
			return mailbox
		}
	}
	return path
}

// checkMailbox accepts local@domain (RFC 5321 §4.1.2).
func checkMailbox(path string) error {
	at := strings.LastIndexByte(path, '@')
	if at <= 0 || at == len(path)-1 {
		return errPath
	}
	local, domain := path[:at], path[at+1:]
	if len(domain) > maxDomain {
		return errPathTooLong
	}
	if strings.ContainsAny(domain, " <>()\",;\\") {
		return errPath
	}
	if isQuoted(local) || !strings.ContainsAny(local, " <>()[]:;\\,\"@") {
		return nil
	}
	return errPath
}

// isASCII tells a path that every server can carry on from one that needs SMTPUTF8.
func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// isQuoted reports whether s is one whole quoted string, "like this".
func isQuoted(s string) bool {
	if len(s) < 3 || s[0] != '"' {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i == len(s)-1
		}
	}
	return false
}

// checkMailParameters reads what may follow the reverse path: the SIZE of RFC 1870, the
// BODY of RFC 6152 and the SMTPUTF8 of RFC 6531; utf8 tells whether the last is among them.
func checkMailParameters(rest string, maxBytes int64) (utf8 bool, err error) {
	seen := map[string]bool{}
	for _, field := range strings.Fields(rest) {
		key, value, _ := strings.Cut(field, "=")
		key = strings.ToUpper(key)
		if seen[key] {
			return false, errArguments
		}
		seen[key] = true
		if err := checkMailParameter(key, strings.ToUpper(value), maxBytes); err != nil {
			return false, err
		}
	}
	return seen["SMTPUTF8"], nil
}

func checkMailParameter(key, value string, maxBytes int64) error {
	switch key {
	case "SIZE":
		return checkSize(value, maxBytes)
	case "BODY":
		switch value {
		case "7BIT", "8BITMIME":
			return nil
		case "BINARYMIME":
			return errParameter // RFC 3030 §3: not offered
		}
		return errArguments
	case "SMTPUTF8":
		if value != "" {
			return errArguments
		}
		return nil
	}
	return errParameter
}

func checkSize(digits string, maxBytes int64) error {
	if digits == "" || len(digits) > 20 || strings.Trim(digits, "0123456789") != "" {
		return errArguments
	}
	// Twenty digits may not fit; then they are more than any limit.
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || size > maxBytes {
		return errTooBig
	}
	return nil
}

// parseChunk reads the argument of BDAT (RFC 3030 §2): a size in bytes, and LAST.
func parseChunk(arg string) (size int64, last bool, err error) {
	fields := strings.Fields(arg)
	if len(fields) == 0 || len(fields) > 2 || strings.Trim(fields[0], "0123456789") != "" {
		return 0, false, errArguments
	}
	if len(fields) == 2 {
		if !strings.EqualFold(fields[1], "LAST") {
			return 0, false, errArguments
		}
		last = true
	}
	size, err = strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0, false, errArguments
	}
	return size, last, nil
}
