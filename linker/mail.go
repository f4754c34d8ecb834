package linker

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"blindcopy/crm"
	"blindcopy/message"
)

// maxReferences is how many of the References are asked for: a hundred are normal in a
// long conversation, and the last ones are the nearest.
const maxReferences = 32

// mailOf reads the facts a rule may ask about from a parsed message.
func mailOf(m *message.Message) crm.Mail {
	base, reply, forward := message.BaseSubject(m.Subject)
	mail := crm.Mail{
		MessageID:     m.MessageID,
		InReplyTo:     m.InReplyTo,
		References:    lastOf(m.References, maxReferences),
		From:          parties(m.From),
		Sender:        parties(m.Sender),
		ReplyTo:       parties(m.ReplyTo),
		To:            parties(m.To),
		Cc:            parties(m.Cc),
		Bcc:           parties(m.Bcc),
		RedirectedBy:  redirectors(m),
		Subject:       m.Subject,
		BaseSubject:   strings.ToLower(base),
		IsReply:       reply,
		IsForward:     forward,
		Date:          m.Date.UTC(),
		DateText:      m.DateText,
		DateZoned:     true,
		AskedPrivate:  askedPrivate(m),
		SubjectDeal:   subjectDeal(m.Subject),
		ListRewritten: listRewritten(m),
		Truncated:     m.Truncated,
		Unreadable:    m.Unreadable,
	}
	if m.Date.IsZero() {
		mail.Date = time.Time{}
	}
	for _, w := range m.Warnings {
		if len(mail.Warnings) < 20 {
			mail.Warnings = append(mail.Warnings, w.Detail)
		}
	}
	text := m.BodyText()
	mail.BodyStart = bodyStart(text)
	if mail.MessageID == "" {
		mail.ContentHash = contentHash(&mail, text)
	}
	return mail
}

// parties brings addresses into normal form. One without a readable address stays, for
// its name may be all there is.
func parties(list []message.Address) []crm.Party {
	out := make([]crm.Party, 0, len(list))
	for _, a := range list {
		address, ok := crm.ParseAddress(a.Addr)
		if !ok && a.Name == "" {
			continue
		}
		out = append(out, crm.Party{Name: cleanName(a.Name, address), Address: address})
	}
	return out
}

// cleanName removes what is no part of a name: quotes, the address repeated, and the
// "via List" that group rewrites append.
func cleanName(name string, address crm.Address) string {
	name = strings.TrimSpace(strings.Trim(strings.TrimSpace(name), `"'`))
	if i := strings.LastIndex(strings.ToLower(name), " via "); i > 0 {
		name = strings.Trim(strings.TrimSpace(name[:i]), `"'`)
	}
	if same, ok := crm.ParseAddress(name); ok && same == address {
		return ""
	}
	return name
}

// redirectors are those who, by the header, passed the mail on without changing it:
// RFC 5322 §3.6.6 Resent-*, and what Gmail and Exchange write when a rule redirects.
func redirectors(m *message.Message) []crm.Party {
	by := parties(m.ResentFrom)
	for _, field := range []string{"Resent-Sender", "X-Forwarded-For", "X-Forwarded-To", "X-MS-Exchange-Inbox-Rules-Loop", "X-Original-To", "Auto-Forwarded-By"} {
		for _, value := range m.Header.All(field) {
			// QUIRK: Gmail writes both addresses into X-Forwarded-For, a space between them.
			for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\t' }) {
				if a, ok := crm.ParseAddress(word); ok && len(by) < 16 {
					by = append(by, crm.Party{Address: a})
				}
			}
		}
	}
	return by
}

// askedPrivate tells where the sender asked for privacy: RFC 2156 §5.3.4 Sensitivity or a
// word in the subject.
func askedPrivate(m *message.Message) string {
	if strings.Contains(strings.ToLower(m.Subject), "[private]") {
		return "[private] in the subject"
	}
	switch s := strings.ToLower(strings.TrimSpace(m.Header.Get("Sensitivity"))); s {
	case "private", "personal", "company-confidential":
		return "the field Sensitivity: " + s
	}
	return ""
}

var subjectDealMark = regexp.MustCompile(`\[[Dd]#([0-9]{1,18})\]`)

// subjectDeal reads [D#42].
func subjectDeal(subject string) int64 {
	found := subjectDealMark.FindStringSubmatch(subject)
	if found == nil {
		return 0
	}
	id, _ := strconv.ParseInt(found[1], 10, 64)
	return id
}

// listRewritten is the author a list or group put aside when it rewrote From to pass
// DMARC (RFC 7960 §4.1.3.2).
func listRewritten(m *message.Message) crm.Address {
	if m.Header.Get("List-Id") == "" {
		return ""
	}
	for _, field := range []string{"X-Original-From", "X-Original-Sender"} {
		list, _ := message.ParseAddressList(m.Header.Get(field))
		for _, a := range list {
			if address, ok := crm.ParseAddress(a.Addr); ok {
				return address
			}
		}
	}
	return ""
}

// automatic recognises mail that no person wrote, and names the sign. X-Auto-Response-Suppress
// is none: Exchange puts it on ordinary mail.
func automatic(m *message.Message, author crm.Address, reversePath string, roles crm.WordList) (crm.Code, string) {
	get := func(field string) string { return strings.ToLower(strings.TrimSpace(m.Header.Get(field))) }
	precedence := get("Precedence")
	switch auto := get("Auto-Submitted"); {
	case auto != "" && auto != "no" && !strings.HasPrefix(auto, "no;"): // RFC 3834 §5
		return crm.AutoReply, "the field Auto-Submitted: " + auto
	case get("X-Autoreply") != "" && get("X-Autoreply") != "no":
		return crm.AutoReply, "the field X-Autoreply"
	case get("X-Autorespond") != "":
		return crm.AutoReply, "the field X-Autorespond"
	case precedence == "auto_reply":
		return crm.AutoReply, "the field Precedence: auto_reply"
	case slices.Contains([]string{"bulk", "junk", "list"}, precedence):
		return crm.Bulk, "the field Precedence: " + precedence
	case get("List-Id") != "":
		return crm.Bulk, "the field List-Id"
	case get("List-Unsubscribe") != "":
		return crm.Bulk, "the field List-Unsubscribe"
	case strings.HasPrefix(get("Content-Type"), "multipart/report"):
		return crm.AutoReply, "it is a report (multipart/report)"
	case reversePath == "":
		return crm.AutoReply, "the null reverse path"
	case isRobot(author):
		return crm.AutoReply, "its author " + string(author)
	}
	return "", ""
}

// wordBreaks are written or left out: no-reply, no_reply, noreply.
var wordBreaks = strings.NewReplacer("-", "", "_", "", ".", "")

// isRobot tells an author that never is a person. Narrower than a role: info@ is read
// and written by people.
func isRobot(a crm.Address) bool {
	local := wordBreaks.Replace(a.WithoutTag().Local())
	switch local {
	case "mailerdaemon", "postmaster", "noreply", "donotreply", "dontreply":
		return true
	}
	return strings.HasPrefix(local, "noreply") || strings.HasSuffix(local, "noreply")
}

// contentHash identifies a mail without Message-ID: SEMANTICS §7 (b). It is empty where
// the mail has neither author nor date; then the raw bytes are its identity.
func contentHash(m *crm.Mail, text string) string {
	if len(m.From) == 0 || m.Date.IsZero() {
		return ""
	}
	var people []string
	for _, p := range slices.Concat(m.To, m.Cc) {
		people = append(people, string(p.Address))
	}
	slices.Sort(people)
	h := sha256.New()
	for _, s := range []string{string(m.From[0].Address), m.Date.UTC().Format(time.RFC3339), m.BaseSubject, strings.Join(people, ","), firstNormal(text, 4096)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// bodyStart is the first 200 normalised characters, enough to know a forward of a mail we
// have.
func bodyStart(text string) string {
	return firstNormal(text, 200)
}

// firstNormal returns the first n letters and digits of a text, lower-case: what is left equal when a
// mail client rewraps, quotes or re-encodes it.
func firstNormal(text string, n int) string {
	var b strings.Builder
	b.Grow(min(n, len(text)))
	count := 0
	for _, r := range text {
		if !isWordRune(r) {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
		if count++; count == n {
			break
		}
	}
	return b.String()
}

func isWordRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0xBF && r != 0x2028 && r != 0xFEFF && !(r >= 0x2000 && r <= 0x206F)
}

func lastOf[T any](list []T, n int) []T {
	if len(list) > n {
		return list[len(list)-n:]
	}
	return list
}
